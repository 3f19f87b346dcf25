// A document under review: its report, the page in view, and edits that are not saved yet.

import * as history from "./history.js";
import { groupBoxes, sameBoxes } from "./geometry.js";
import { patiently, pause, pollPause } from "./patience.js";

export const YES = "是",
  NO = "否",
  REVIEW = "复核";

/** Indices of the pages that a person must still judge, in order. */
export const pagesToReview = (report) =>
  report.status === "rejected" ? [] : report.pages.filter((page) => page.mask_required === REVIEW).map((page) => page.page_index);

/** Those to judge first, then the others: [[index…], [index…]]. */
export function orderPages(report) {
  const waiting = new Set(pagesToReview(report)),
    all = report.pages.map((page) => page.page_index);
  return [all.filter((index) => waiting.has(index)), all.filter((index) => !waiting.has(index))];
}

/** The next page to judge after `from`, from the beginning again after the last; null when there is none. */
export function nextToReview(report, from) {
  const waiting = pagesToReview(report).filter((index) => index !== from);
  return waiting.find((index) => index > from) ?? waiting[0] ?? null;
}

/** What screening found on a page, or, with null, about the file as a whole; the worst first. */
export function issuesOf(report, index) {
  const own = index === null ? [] : report.pages.find((page) => page.page_index === index).issues;
  const told = [...own, ...report.issues.filter((issue) => (issue.page_index ?? null) === index)];
  const unlike = new Map(told.map((issue) => [JSON.stringify([issue.code, issue.severity, issue.box]), issue]));
  return [...unlike.values()].sort((a, b) => (a.severity === b.severity ? 0 : a.severity === "reject" ? -1 : 1));
}

/** Asks until the work is over. `onProgress`: the answers on the way. Gives a report, or an answer with status "failed". */
export async function awaitReport(api, id, { onProgress = () => {}, onWait, signal } = {}) {
  for (let looks = 0; ; looks++) {
    const answer = await patiently(() => api.document(id, signal), { onWait, signal });
    if (answer.status !== "queued" && answer.status !== "running") return answer;
    onProgress(answer);
    await pause(pollPause(looks), signal);
  }
}

let made = 0;
/**
 * A place to mask under edit: what a person sees as one mask. Its boxes are one, or, where text is tilted, the upright slices
 * that follow it; its id stays the same while it is moved and resized.
 */
export const makePlace = (boxes) => ({ id: `place-${++made}`, boxes });

/** Places of boxes that came from the service: those that touch are one. */
export const placesOf = (boxes) => groupBoxes(boxes).map(makePlace);

/** The boxes of all places, as they are saved. */
export const masksOf = (places) => places.flatMap(({ boxes }) => boxes);

/**
 * Events: "report" (the service told something new), "page" (another page is in view), "edit" (places of a page changed).
 */
export class DocumentModel extends EventTarget {
  #edits = new Map();
  #versions = new Map();

  constructor(report) {
    super();
    this.report = report;
    this.index = nextToReview(report, -1) ?? report.pages[0]?.page_index ?? null;
  }

  page(index = this.index) {
    return this.report.pages.find((page) => page.page_index === index);
  }

  /** The page's places as they stand in the editor. */
  places(index = this.index) {
    return this.#history(index).now;
  }

  /** Their boxes. */
  masks(index = this.index) {
    return masksOf(this.places(index));
  }

  /** Grows whenever the masked picture of the page may have changed. */
  version(index) {
    return this.#versions.get(index) ?? 0;
  }

  isDirty(index) {
    return this.#edits.has(index) && !sameBoxes(this.masks(index), this.page(index).masks);
  }

  unsaved() {
    return [...this.#edits.keys()].filter((index) => this.isDirty(index));
  }

  go(index) {
    if (index === this.index) return;
    this.index = index;
    this.#tell("page");
  }

  edit(now, options = {}) {
    this.#step((past) => history.record(past, now, { ...options, at: performance.now() }));
  }
  undo() {
    this.#step(history.undo);
  }
  redo() {
    this.#step(history.redo);
  }
  canUndo() {
    return history.canUndo(this.#history(this.index));
  }
  canRedo() {
    return history.canRedo(this.#history(this.index));
  }

  /** Boxes as given, or those of the report, as one step that can be undone. */
  replace(masks) {
    this.edit(placesOf(masks));
  }

  /** A new report; `saved`: the page whose edits are in it. Edits of other pages stay. */
  accept(report, saved = null) {
    // Judged by the report that they were made on: a page that was only looked at follows the new one.
    const edited = new Set([...this.#edits.keys()].filter((index) => index !== saved && this.isDirty(index)));
    this.report = report;
    for (const { page_index: index } of report.pages) {
      if (this.#edits.has(index) && !edited.has(index)) {
        // What a person drew stays a place of its own once it is saved, although the service tells of boxes alone.
        if (this.isDirty(index)) this.#edits.delete(index);
        else this.#edits.set(index, history.begin(this.places(index).map(({ boxes }) => makePlace(boxes))));
      }
      if (saved === null || saved === index) this.#versions.set(index, this.version(index) + 1);
    }
    this.#tell("report");
  }

  /** The same report in other words. */
  reword(report) {
    this.report = report;
  }

  #history(index) {
    if (!this.#edits.has(index)) this.#edits.set(index, history.begin(placesOf(this.page(index).masks)));
    return this.#edits.get(index);
  }

  #step(change) {
    this.#edits.set(this.index, change(this.#history(this.index)));
    this.#tell("edit");
  }

  #tell(type) {
    this.dispatchEvent(new Event(type));
  }
}

// The view of one document: list of pages, the page, the answer, and a bar that says what is left and leads on.

import { h, button, icon } from "./elements.js";
import { AnswerPanel, stillFound } from "./answer.js";
import { issuesOf, nextToReview, pagesToReview } from "./document.js";
import { PageList } from "./pages.js";
import { Pictures } from "./pictures.js";
import { Viewer } from "./viewer.js";
import { patiently } from "./patience.js";
import { saveAnswer } from "./saving.js";
import { say, tell, tellError, waitNotice } from "./notices.js";
import { confirm } from "./dialogs.js";
import { t, tCode, when } from "./texts.js";

const HELD = 6; // large pictures: both layers of a page at two sizes, and a page before

export class Review {
  #found = [];
  #stop = new AbortController();

  /** `other()`: back to the start, for another file. */
  constructor({ api, id, model, other }) {
    Object.assign(this, { api, id, model, other });
    this.pictures = new Pictures(
      ({ layer, width, index }, signal) =>
        patiently(() => api.picture(id, index, { layer, width, signal }), { signal, onWait: waitNotice() }),
      HELD,
    );
    this.list = new PageList({
      thumb: (index, width, signal) =>
        api.picture(id, index, { layer: this.#hasOutput() ? "masked" : "original", width, signal }),
      go: (index) => model.go(index),
    });
    this.viewer = new Viewer({
      picture: (layer, width) =>
        this.pictures.get({ layer, width, index: model.index, version: layer === "masked" ? model.version(model.index) : 0 }),
      edit: (places, options) => model.edit(places, options),
      undo: () => this.#undo(),
      redo: () => this.#redo(),
      say,
      loaded: (img) => {
        this.img = img;
        this.panel.loaded(img, model.page());
      },
    });
    this.panel = new AnswerPanel({
      answer: (verdict) => this.#answer(verdict),
      look: (box) => this.viewer.look(box),
      restore: () => model.replace(model.page().proposal.masks),
      drop: () => model.replace(model.page().masks),
    });
    this.bar = h("div", { class: "bar" });
    this.element = h(
      "div",
      { class: "document" },
      this.#banner(),
      this.list.element,
      this.viewer.element,
      this.panel.element,
      this.#more("below"),
      this.bar,
    );
    this.element.classList.toggle("one-page", model.report.pages.length === 1);
    this.element.classList.toggle("rejected", model.report.status === "rejected");
    const { signal } = this.#stop;
    model.addEventListener("page", () => this.#page(), { signal });
    model.addEventListener("edit", () => this.#edited(), { signal });
    model.addEventListener("report", () => this.#reported(), { signal });
    document.addEventListener("keydown", (event) => this.#key(event), { signal });
    window.addEventListener(
      "beforeunload",
      (event) => {
        if (model.unsaved().length) event.preventDefault();
      },
      { signal },
    );
    this.#reported();
  }

  destroy() {
    this.#stop.abort();
    this.viewer.destroy();
    this.list.destroy();
    this.pictures.clear();
  }

  #hasOutput() {
    return this.model.report.output !== null && this.model.report.status !== "rejected";
  }

  /** What is wrong with the file as a whole, and for a rejected one with its pages. */
  #banner() {
    const { report } = this.model,
      rejected = report.status === "rejected",
      all = issuesOf(report, null).map((issue) => ({ issue, index: null }));
    if (rejected)
      for (const { page_index: index } of report.pages)
        all.push(
          ...issuesOf(report, index)
            .filter((issue) => issue.severity === "reject")
            .map((issue) => ({ issue, index })),
        );
    const general = report.leaks.filter((leak) => (leak.page_index ?? null) === null);
    if (!all.length && !rejected && !general.length) return null;
    const items = all.map(({ issue, index }) =>
      h(
        "li",
        {},
        h("strong", {}, issue.message),
        " ",
        issue.advice,
        index !== null && [
          " ",
          button(t("rejected.place", { page: index + 1 }), () => this.#see(index, issue.box), { icon: "eye", kind: "small" }),
        ],
      ),
    );
    const leaks = general.map((leak) => h("li", {}, t("answer.leak", { channel: tCode("channel", leak.channel) })));
    return h(
      "section",
      { class: `banner ${rejected ? "reject" : "warn"}`, "aria-label": t("rejected.what") },
      icon("warn"),
      h("div", {}, rejected && h("h2", {}, t("rejected.title")), h("ul", {}, items, leaks)),
      rejected && button(t("rejected.other"), this.other, { icon: "file", kind: "primary" }),
    );
  }

  #see(index, box) {
    this.model.go(index);
    this.viewer.element.scrollIntoView({ block: "nearest" });
    if (box) this.viewer.look(box);
    else this.panel.element.querySelector("h1").focus();
  }

  #page() {
    const { model } = this,
      page = model.page();
    this.#found = [];
    this.img = null;
    this.panel.forgetPicture();
    this.viewer.show(page, { masked: this.#hasOutput() });
    this.panel.show(model);
    this.#edited();
    say(t("answer.title", { page: page.page_index + 1, total: model.report.pages.length }));
  }

  #edited() {
    const { model } = this;
    this.viewer.showPlaces(model.places(), { canUndo: model.canUndo(), canRedo: model.canRedo() });
    this.viewer.showMarks(this.#marks());
    this.viewer.setStale(model.isDirty(model.index));
    this.panel.refresh(model);
    this.list.mark(model);
    this.#showBar();
  }

  #reported() {
    this.list.show(this.model);
    this.#page();
  }

  #marks() {
    const page = this.model.page(),
      at =
        (kind) =>
        ({ box }) => ({ box, kind });
    const placed = (list) => list.filter(({ box }) => box);
    return [
      ...placed(issuesOf(this.model.report, page.page_index)).map(at("issue")),
      ...placed(page.reasons).map(at("reason")),
      ...placed(stillFound(this.model.report, page)).map(at("found")),
      ...this.#found.map((box) => ({ box, kind: "found" })),
    ];
  }

  #showBar() {
    const { model } = this,
      left = pagesToReview(model.report).length,
      next = nextToReview(model.report, model.index),
      unsaved = model.unsaved().length;
    if (model.report.status === "rejected") {
      this.bar.replaceChildren(h("p", { class: "state" }, t("bar.rejected")), this.#more());
      return;
    }
    const state = left ? t("bar.left", { count: left }) : unsaved ? t("bar.unsaved", { count: unsaved }) : t("bar.done");
    const said = [left, model.unsaved(), model.index].join(" ");
    if (said === this.said) return; // the button in use stays the same one
    this.said = said;
    this.bar.replaceChildren(
      h(
        "p",
        { class: `state ${left || unsaved ? "open" : "done"}` },
        icon(left || unsaved ? "ask" : "check"),
        h("span", {}, state),
      ),
      this.#more(),
      this.#onward({ left, next, unsaved }),
    );
  }

  /** What to do next; the file is offered when nothing is open any more. */
  #onward({ left, next, unsaved }) {
    const { model } = this,
      elsewhere = model.unsaved().find((index) => index !== model.index);
    if (left) return next === null ? "" : button(t("bar.next"), () => this.#go(next), { icon: "right", kind: "primary next" });
    if (unsaved)
      return elsewhere === undefined
        ? ""
        : button(t("bar.next.unsaved"), () => this.#go(elsewhere), { icon: "right", kind: "primary next" });
    return button(t("bar.download"), () => this.#download(), { icon: "download", kind: "primary download" });
  }

  /** What concerns the document as a whole: in the bar, or, where that is narrow, below everything. */
  #more(place = "") {
    const { expires_at: expires } = this.model.report;
    return h(
      "div",
      { class: `more ${place}` },
      expires && h("span", { class: "quiet expires" }, t("bar.expires", { when: when(expires) })),
      this.other && button(t("bar.new"), this.other, { icon: "plus", kind: "plain" }),
      button(t("bar.delete"), () => this.#delete(), { icon: "trash", alone: true, kind: "plain" }),
    );
  }

  #go(index) {
    this.model.go(index);
    this.viewer.element.scrollIntoView({ block: "nearest" });
    this.panel.element.querySelector("h1").focus({ preventScroll: true });
  }

  async #answer(verdict) {
    const { model, api, id } = this,
      index = model.index;
    try {
      const saved = await saveAnswer(verdict, {
        api,
        id,
        model,
        go: (other) => model.go(other),
        picture: () => this.img,
        show: (boxes) => {
          this.#found = boxes;
          this.viewer.showMarks(this.#marks());
          this.viewer.fit();
        },
        draw: () => {
          this.viewer.setDrawing(true);
          say(t("view.draw.hint"));
        },
        busy: (busy) => this.panel.setBusy(busy),
      });
      if (!saved) return;
      const key = pagesToReview(model.report).length ? "answer.saved" : "answer.saved.all";
      tell(t(key, { page: index + 1, verdict: model.page(index).mask_required }), { kind: "success" });
      this.bar.querySelector(".next, .download")?.focus({ preventScroll: true });
    } catch (error) {
      tellError(error);
    }
  }

  async #download() {
    try {
      const { blob, name } = await patiently(() => this.api.file(this.id), { onWait: waitNotice() });
      const address = URL.createObjectURL(blob),
        link = h("a", { href: address, download: name ?? "masked" });
      link.click();
      setTimeout(() => URL.revokeObjectURL(address), 60_000);
      tell(t("bar.downloaded"), { kind: "success" });
    } catch (error) {
      tellError(error);
    }
  }

  async #delete() {
    if (!(await confirm(t("delete.title"), t("delete.text"), { yes: t("delete.yes") }))) return;
    try {
      await this.api.remove(this.id);
      this.deleted();
    } catch (error) {
      tellError(error);
    }
  }

  #undo() {
    if (!this.model.canUndo()) return;
    this.model.undo();
    say(t("box.undone", { count: this.model.places().length }));
  }

  #redo() {
    if (!this.model.canRedo()) return;
    this.model.redo();
    say(t("box.redone", { count: this.model.places().length }));
  }

  #key(event) {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.target.closest("input[type=text], textarea, dialog")) return;
    const key = event.key.toLowerCase();
    if (key === "z" && !event.shiftKey) this.#undo();
    else if ((key === "z" && event.shiftKey) || key === "y") this.#redo();
    else return;
    event.preventDefault();
  }
}

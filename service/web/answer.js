// 是 or 否 for the page in view, and what speaks for it: why a person is asked, where the name stands, how the scan is.

import { h, button, icon } from "./elements.js";
import { issuesOf, NO, REVIEW, YES } from "./document.js";
import { drawCrop } from "./pictures.js";
import { sameBoxes } from "./geometry.js";
import { t, tCode, when } from "./texts.js";

const CROP = { width: 220, height: 56 }; // canvas pixels; half of them on the screen

export class AnswerPanel {
  #crops = [];
  #img = null;

  /** `answer(verdict)`, `look(box)`, `restore()` the proposed boxes, `drop()` unsaved edits. */
  constructor({ answer, look, restore, drop }) {
    Object.assign(this, { answer, look, restore, drop });
    this.element = h("aside", { class: "answer", "aria-label": t("answer.question") });
  }

  /** Rebuilds the panel for the page in view. */
  show(model) {
    const { report } = model,
      page = model.page(),
      rejected = report.status === "rejected";
    this.#crops = [];
    const evidence = page.hits.length > 0 || page.mask_required === NO;
    this.element.replaceChildren(
      h("h1", { tabindex: "-1" }, t("answer.title", { page: page.page_index + 1, total: report.pages.length })),
      rejected ? h("p", { class: "now" }, t("answer.now.rejected")) : this.#question(page),
      ...[
        page.reasons.length > 0 &&
          section(
            "answer.reasons",
            page.reasons.map((reason) => this.#item({ box: reason.box, page, sign: "ask", tone: "ask", title: reason.message })),
          ),
        this.#leaks(report, page),
        evidence &&
          section(
            "answer.evidence",
            page.hits.length
              ? page.hits.flatMap((hit) => this.#hit(hit, page))
              : [h("li", { class: "quiet" }, t("answer.evidence.none"))],
          ),
        issuesOf(report, page.page_index).length > 0 &&
          section(
            "answer.issues",
            issuesOf(report, page.page_index).map((issue) =>
              this.#item({
                box: issue.box,
                page,
                sign: "warn",
                tone: issue.severity,
                title: issue.message,
                text: issue.advice,
                label: t(`answer.severity.${issue.severity}`),
              }),
            ),
          ),
      ].filter(Boolean),
    );
    this.refresh(model);
    if (this.#img) this.loaded(this.#img, page);
  }

  /** The parts that follow every edit. */
  refresh(model) {
    if (!this.yes) return;
    const page = model.page(),
      count = model.places().length,
      dirty = model.isDirty(page.page_index);
    this.yes.querySelector(".what").textContent = count ? t("answer.yes.what", { count }) : t("answer.yes.none");
    this.unsaved.hidden = !dirty;
    this.dropButton.hidden = !dirty;
    const proposed = page.proposal?.masks ?? [];
    this.restoreButton.hidden = !proposed.length || sameBoxes(proposed, model.masks());
  }

  /** The page's picture is there: small views of the places can be drawn. */
  loaded(img, page) {
    this.#img = img;
    for (const { canvas, box } of this.#crops) {
      drawCrop(canvas, img, box, page);
      canvas.hidden = false;
    }
  }

  /** Another page comes: its picture is not there yet. */
  forgetPicture() {
    this.#img = null;
  }

  setBusy(busy) {
    for (const one of [this.yes, this.no]) {
      one?.setAttribute("aria-disabled", String(busy));
      one?.classList.toggle("busy", busy);
    }
  }

  #question(page) {
    const choice = (verdict, key, sign) =>
      h(
        "button",
        {
          type: "button",
          class: `choice ${key}`,
          "aria-pressed": String(page.mask_required === verdict),
          on: { click: (event) => event.currentTarget.getAttribute("aria-disabled") !== "true" && this.answer(verdict) },
        },
        icon(sign),
        h("span", {}, h("strong", {}, t(`answer.${key}`)), h("span", { class: "what" }, key === "no" ? t("answer.no.what") : "")),
      );
    this.yes = choice(YES, "yes", "mask");
    this.no = choice(NO, "no", "clear");
    this.unsaved = h("p", { class: "unsaved-note", hidden: true }, t("answer.unsaved"));
    this.restoreButton = button(t("answer.proposal"), this.restore, { icon: "back", kind: "plain" });
    this.dropButton = button(t("answer.drop"), this.drop, { icon: "undo", kind: "plain" });
    return h(
      "div",
      { class: "question" },
      h("h2", { id: "question" }, t("answer.question")),
      now(page),
      h("div", { class: "choices", role: "group", "aria-labelledby": "question" }, this.yes, this.no),
      this.unsaved,
      h("div", { class: "row" }, this.restoreButton, this.dropButton),
    );
  }

  #hit(hit, page) {
    const percent = Math.round(hit.score * 100);
    return hit.boxes.map((box) =>
      this.#item({ box, page, tone: "hit", title: tCode("rule", hit.rule), label: t("answer.score", { percent }) }),
    );
  }

  /** Where the name still shows: what the last check found, and what a person saw and overruled. */
  #leaks(report, page) {
    const leaks = stillFound(report, page).map(({ channel, box, overridden }) =>
      this.#item({
        box,
        page,
        sign: "warn",
        tone: "reject",
        title: t("answer.leak", { channel: tCode("channel", channel) }),
        label: overridden ? t("answer.overridden") : null,
      }),
    );
    return leaks.length > 0 && section("answer.leaks", leaks);
  }

  #item({ box, page, sign = null, tone, title, text = null, label = null }) {
    const canvas = box && h("canvas", { ...CROP, hidden: true, "aria-hidden": "true" });
    if (box) this.#crops.push({ canvas, box });
    return h(
      "li",
      { class: `fact ${tone}` },
      sign && icon(sign),
      h(
        "div",
        {},
        h("p", { class: "fact-title" }, title, label && h("span", { class: "label" }, label)),
        text && h("p", { class: "quiet" }, text),
        box &&
          h(
            "div",
            { class: "place" },
            canvas,
            button(t("answer.look"), () => this.look(box), {
              icon: "eye",
              kind: "small",
              "aria-label": `${t("answer.look")} · ${title}`,
            }),
          ),
      ),
    );
  }
}

/** Places of a page where the name still stands: [{channel, box or null, overridden}], each once. */
export function stillFound(report, page) {
  const found = page.decided_by?.found ?? [];
  const leaks = report.leaks.filter((leak) => leak.page_index === page.page_index && !(leak.overridden && found.length));
  return [...leaks, ...found.map((box) => ({ channel: "pixels", box, overridden: true }))];
}

function section(key, items) {
  return h("section", { class: "facts" }, h("h2", {}, t(key)), h("ul", {}, items));
}

/** Who answered what so far. */
function now(page) {
  const by = page.decided_by,
    verdict = page.mask_required;
  if (!by) return h("p", { class: "now" }, verdict === REVIEW ? t("answer.now.review") : t("answer.now.machine", { verdict }));
  return h(
    "div",
    { class: "now" },
    h("p", {}, t("answer.now.person", { verdict, when: when(by.at) })),
    by.reason && h("p", {}, t("answer.overruled", { reason: by.reason })),
    by.found?.length > 0 && h("p", { class: "warned" }, icon("warn"), t("answer.overruled.found", { count: by.found.length })),
  );
}

// The list of pages: those that wait for an answer first, each with a small picture that is loaded when it comes near.

import { h, icon } from "./elements.js";
import { issuesOf, orderPages, REVIEW } from "./document.js";
import { Turns } from "./pictures.js";
import { t } from "./texts.js";

const THUMB_PX = 160;
const NEAR = "400px"; // so far around what is seen pictures are held
const AT_ONCE = 3;
const ICONS = { 是: "mask", 否: "clear", 复核: "ask" };

export class PageList {
  #items = new Map();
  #turns = new Turns(AT_ONCE);

  /** `thumb(index, width, signal)` gives a Blob; `go(index)`. */
  constructor({ thumb, go }) {
    Object.assign(this, { thumb, go });
    this.element = h("nav", { class: "pages", "aria-label": t("pages.title") });
    this.near = new IntersectionObserver(
      (seen) => seen.forEach(({ target, isIntersecting }) => this.#see(Number(target.dataset.page), isIntersecting)),
      { root: this.element, rootMargin: NEAR },
    );
  }

  /** Shows the order and state of all pages. `model`: a DocumentModel. */
  show(model) {
    const [waiting, answered] = orderPages(model.report),
      focused = document.activeElement?.closest?.(".page-entry")?.dataset.page;
    const group = (key, indices) =>
      indices.length > 0 &&
      h(
        "section",
        {},
        h("h2", {}, `${t(key)} `, h("span", { class: "count" }, String(indices.length))),
        h(
          "ol",
          {},
          indices.map((index) => h("li", {}, this.#item(index, model))),
        ),
      );
    this.element.replaceChildren(
      ...[
        group("pages.review", waiting),
        group(model.report.status === "rejected" ? "pages.title" : "pages.answered", answered),
      ].filter(Boolean),
    );
    if (focused) this.#items.get(Number(focused))?.element.focus({ preventScroll: true });
  }

  /** Marks the page in view and those with unsaved edits. */
  mark(model) {
    for (const [index, { element }] of this.#items) {
      const here = index === model.index,
        was = element.getAttribute("aria-current") === "page";
      element.toggleAttribute("data-unsaved", model.isDirty(index));
      element.querySelector(".unsaved").textContent = model.isDirty(index) ? t("pages.unsaved") : "";
      if (here) element.setAttribute("aria-current", "page");
      else element.removeAttribute("aria-current");
      if (here && !was) this.#scrollTo(element);
    }
  }

  destroy() {
    this.near.disconnect();
    for (const index of this.#items.keys()) this.#see(index, false);
  }

  #item(index, model) {
    const page = model.page(index),
      version = model.version(index);
    let item = this.#items.get(index);
    if (!item) {
      const img = h("img", { alt: "", width: THUMB_PX / 2, height: Math.round((THUMB_PX / 2) * (page.height / page.width)) });
      const element = h(
        "button",
        { type: "button", class: "page-entry", "data-page": index, on: { click: () => this.go(index) } },
        h("span", { class: "thumb" }, img),
        h(
          "span",
          { class: "page-words" },
          h("span", { class: "page-number" }),
          h("span", { class: "verdict" }),
          h("span", { class: "page-issues" }),
          h("span", { class: "unsaved" }),
        ),
      );
      item = { element, img, stop: null, version };
      this.#items.set(index, item);
      this.near.observe(element);
    }
    if (item.version !== version) {
      item.version = version;
      if (item.stop) {
        this.#see(index, false);
        this.#see(index, true);
      }
    }
    const verdict = model.report.status === "rejected" ? null : page.mask_required,
      issues = issuesOf(model.report, index).length;
    item.element.querySelector(".page-number").textContent = t("pages.page", { page: index + 1 });
    const shown = item.element.querySelector(".verdict");
    shown.dataset.verdict = verdict === REVIEW ? "review" : (verdict ?? "none");
    shown.replaceChildren(...(verdict ? [icon(ICONS[verdict]), t(`verdict.${verdict}`)] : []));
    item.element.querySelector(".page-issues").textContent = issues ? t("pages.issues", { count: issues }) : "";
    return item.element;
  }

  #see(index, near) {
    const item = this.#items.get(index);
    if (near && !item.stop) {
      item.stop = new AbortController();
      const { signal } = item.stop;
      this.#turns
        .run(() => this.thumb(index, THUMB_PX, signal), signal)
        .then((blob) => {
          if (signal.aborted) return;
          item.img.src = URL.createObjectURL(blob);
        })
        .catch(() => {
          if (item.stop?.signal === signal) item.stop = null;
        }); // asked again when it comes near again
    } else if (!near && item.stop) {
      item.stop.abort();
      item.stop = null;
      if (item.img.hasAttribute("src")) URL.revokeObjectURL(item.img.src);
      item.img.removeAttribute("src");
    }
  }

  #scrollTo(element) {
    const list = this.element.getBoundingClientRect(),
      item = element.getBoundingClientRect();
    this.element.scrollBy({
      left: item.left + item.width / 2 - list.left - list.width / 2,
      top: item.top + item.height / 2 - list.top - list.height / 2,
    });
  }
}

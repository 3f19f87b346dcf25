// A window onto one page: scrolls by the browser's own means, zooms around a point. Two panes can move as one.

import { h } from "./elements.js";

const MARGIN_PX = 16;
const WHEEL_ZOOM = 0.0022;

export class Pane {
  /** `zoomed(factor, x, y)`: the person asks to zoom around a point of the screen; `twice(x, y)`: clicked it twice; `scrolled()`. */
  constructor({ label, kind, zoomed, twice, scrolled, keydown = null }) {
    this.sheet = h("div", { class: "sheet" });
    this.element = h("div", { class: `pane ${kind}`, tabindex: "0", role: "group", "aria-label": label }, this.sheet);
    this.zoomed = zoomed;
    this.element.addEventListener("scroll", scrolled, { passive: true });
    this.element.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    this.element.addEventListener(
      "dblclick",
      (event) => event.target.closest(".box, .drawing") || twice(event.clientX, event.clientY),
    );
    this.element.addEventListener("pointerdown", (event) => this.#grab(event));
    for (const type of ["touchstart", "touchmove"])
      this.element.addEventListener(type, (event) => this.#pinch(event), { passive: false });
    this.element.addEventListener("touchend", () => {
      this.fingers = null;
    });
    if (keydown) this.element.addEventListener("keydown", keydown);
  }

  /** The scale at which the whole page is seen. */
  fit({ width, height }) {
    const { clientWidth, clientHeight } = this.element;
    return Math.max(0.02, Math.min((clientWidth - 2 * MARGIN_PX) / width, (clientHeight - 2 * MARGIN_PX) / height));
  }

  resize(page, scale) {
    Object.assign(this.sheet.style, { width: `${page.width * scale}px`, height: `${page.height * scale}px` });
  }

  middle() {
    const { left, top } = this.element.getBoundingClientRect();
    return [left + this.element.clientWidth / 2, top + this.element.clientHeight / 2];
  }

  /** Where a point of the screen lies on the page, as shares of its sides. */
  shareAt(x, y) {
    const { left, top, width, height } = this.sheet.getBoundingClientRect();
    return [(x - left) / width, (y - top) / height];
  }

  /** Scrolls so that this place of the page lies at that point of the screen. */
  bring([shareX, shareY], x, y) {
    const { left, top, width, height } = this.sheet.getBoundingClientRect();
    this.element.scrollLeft += left + shareX * width - x;
    this.element.scrollTop += top + shareY * height - y;
  }

  #wheel(event) {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    this.zoomed(Math.exp(-event.deltaY * WHEEL_ZOOM), event.clientX, event.clientY);
  }

  /** The mouse moves the page by dragging it; fingers do so by the browser's own scrolling. */
  #grab(event) {
    if (event.pointerType !== "mouse" || event.button !== 0 || event.target.closest(".box, .drawing, .divider")) return;
    const { scrollLeft, scrollTop } = this.element,
      { clientX, clientY } = event,
      stop = new AbortController();
    if (clientX > this.element.getBoundingClientRect().left + this.element.clientWidth) return; // the scroll bar
    const move = (moved) => {
      this.element.scrollLeft = scrollLeft - (moved.clientX - clientX);
      this.element.scrollTop = scrollTop - (moved.clientY - clientY);
    };
    this.element.classList.add("grabbed");
    stop.signal.addEventListener("abort", () => this.element.classList.remove("grabbed"));
    window.addEventListener("pointermove", move, { signal: stop.signal });
    for (const end of ["pointerup", "pointercancel"]) window.addEventListener(end, () => stop.abort(), { signal: stop.signal });
  }

  #pinch(event) {
    if (event.touches.length !== 2) return;
    event.preventDefault();
    const [a, b] = event.touches,
      apart = Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
    const at = [(a.clientX + b.clientX) / 2, (a.clientY + b.clientY) / 2];
    if (event.type === "touchmove" && this.fingers) {
      this.zoomed(apart / this.fingers.apart, ...this.fingers.at);
      this.element.scrollLeft -= at[0] - this.fingers.at[0];
      this.element.scrollTop -= at[1] - this.fingers.at[1];
    }
    this.fingers = { apart, at };
  }
}

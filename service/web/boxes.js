// Mask boxes on the page: drawn, moved, resized and deleted by mouse, touch and keyboard. Pointers and keys become new
// lists of boxes, which the owner keeps; nothing is decided here.

import { h } from "./elements.js";
import { boxBetween, moveBox, resizeBox } from "./geometry.js";
import { makeBox } from "./document.js";
import { t } from "./texts.js";

const EDGES = ["nw", "n", "ne", "e", "se", "s", "sw", "w"];
const HIT_PX = matchMedia("(pointer: coarse)").matches ? 40 : 28; // the least side of what can be pressed, on the screen
const SMALL_PX = 64; // below it there is room for handles at the corners alone
const STEP_PX = 6; // an arrow key's step on the screen; with Alt it is one pixel of the page
const SLIP_PX = 5; // a pointer that moved less was not dragged
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class BoxEditor {
  #elements = new Map();
  #drag = null;
  boxes = [];
  selected = null;
  drawing = false;
  scale = 1;

  /**
   * `change(boxes, {tag})`: the boxes are now these; equal tags belong to one step. `select(id or null)`: another one is chosen.
   * `say(text)`: for screen readers.
   */
  constructor({ change, select, say }) {
    Object.assign(this, { change, select, say });
    this.element = h("div", {
      class: "boxes",
      role: "application",
      "aria-label": t("box.layer"),
      on: {
        pointerdown: (event) => this.#press(event),
        pointermove: (event) => this.#pull(event),
        pointerup: (event) => this.#release(event),
        pointercancel: () => this.#cancel(),
      },
    });
  }

  /** Shows `boxes` of `page`; the chosen one stays chosen while it is there. */
  show(boxes, page) {
    Object.assign(this, { boxes, page });
    const kept = new Set(boxes.map(({ id }) => id));
    for (const [id, element] of this.#elements) {
      if (kept.has(id)) continue;
      element.remove();
      this.#elements.delete(id);
    }
    boxes.forEach(({ id, box }, at) => {
      const element = this.#elements.get(id) ?? this.#make(id);
      const [x0, y0, x1, y1] = box;
      const told = { number: at + 1, count: boxes.length, left: x0, top: y0, width: x1 - x0, height: y1 - y0 };
      element.setAttribute("aria-label", t("box.label", told));
      this.#place(id, box);
      // In the order of the list, which Tab follows; what stands right is not touched, or it would lose the focus.
      if (this.element.children[at] !== element) this.element.insertBefore(element, this.element.children[at]);
    });
    if (this.selected && !kept.has(this.selected)) this.choose(null);
  }

  /** `scale`: CSS pixels per pixel of the page. */
  zoom(scale) {
    this.scale = scale;
    for (const { id, box } of this.boxes) this.#place(id, box);
  }

  setDrawing(drawing) {
    this.drawing = drawing;
    this.element.classList.toggle("drawing", drawing);
  }

  choose(id) {
    if (id === this.selected) return;
    this.#elements.get(this.selected)?.setAttribute("aria-pressed", "false");
    this.selected = id;
    this.#elements.get(id)?.setAttribute("aria-pressed", "true");
    this.select(id);
  }

  focus(id) {
    this.#elements.get(id)?.focus({ preventScroll: true });
  }

  /** A new box of a usual size around a point of the page; it is chosen and has the focus. */
  add(x, y) {
    const sides = this.boxes.map(({ box: [x0, y0, x1, y1] }) => [x1 - x0, y1 - y0]);
    const [width, height] = sides[Math.floor(sides.length / 2)] ?? [this.page.width * 0.12, this.page.width * 0.03];
    this.#append(boxBetween(x - width / 2, y - height / 2, x + width / 2, y + height / 2, this.page));
  }

  delete(id) {
    const at = this.boxes.findIndex((one) => one.id === id);
    if (at < 0) return;
    const left = this.boxes.filter((one) => one.id !== id);
    this.change(left, {});
    this.say(t("box.deleted", { count: left.length }));
    const next = left[Math.min(at, left.length - 1)];
    if (next) this.focus(next.id);
    else this.element.closest(".pane")?.focus({ preventScroll: true });
  }

  /** One step in direction (dx, dy): moves the box, or its right and lower edges. */
  nudge(id, [dx, dy], { resize = false, fine = false } = {}) {
    const step = fine ? 1 : Math.max(1, Math.round(STEP_PX / this.scale));
    const changed = (box) =>
      resize ? resizeBox(box, "se", dx * step, dy * step, this.page) : moveBox(box, dx * step, dy * step, this.page);
    this.#set(id, changed(this.boxes.find((one) => one.id === id).box), { tag: `nudge ${id}` });
  }

  #make(id) {
    const handles = EDGES.map((edges) => h("span", { class: "handle", "data-edges": edges }));
    const element = h(
      "div",
      {
        class: "box",
        role: "button",
        tabindex: "0",
        "aria-pressed": "false",
        "aria-roledescription": t("box.kind"),
        "data-id": id,
        "aria-describedby": "box-help",
        on: { focus: () => this.choose(id), click: () => this.focus(id), keydown: (event) => this.#key(event, id) },
      },
      h("span", { class: "paint" }),
      handles,
    );
    this.#elements.set(id, element);
    this.element.append(element);
    return element;
  }

  #place(id, [x0, y0, x1, y1]) {
    const element = this.#elements.get(id),
      paint = element.firstChild;
    const width = (x1 - x0) * this.scale,
      height = (y1 - y0) * this.scale;
    const padX = Math.max(0, (HIT_PX - width) / 2),
      padY = Math.max(0, (HIT_PX - height) / 2);
    setPlace(element, x0 * this.scale - padX, y0 * this.scale - padY, width + 2 * padX, height + 2 * padY);
    setPlace(paint, padX, padY, width, height);
    element.classList.toggle("small", Math.min(width, height) < SMALL_PX);
  }

  #set(id, box, options = {}) {
    this.change(
      this.boxes.map((one) => (one.id === id ? { id, box } : one)),
      options,
    );
  }

  #append(box) {
    const added = makeBox(box);
    this.change([...this.boxes, added], {});
    this.say(t("box.added", { count: this.boxes.length }));
    this.choose(added.id);
    this.focus(added.id);
  }

  #key(event, id) {
    const direction = ARROWS[event.key];
    if (direction) this.nudge(id, direction, { resize: event.shiftKey, fine: event.altKey });
    else if (event.key === "Delete" || event.key === "Backspace") this.delete(id);
    else if (event.key === "Escape" && this.#drag) this.#cancel();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #point(event) {
    const { left, top } = this.element.getBoundingClientRect();
    return [(event.clientX - left) / this.scale, (event.clientY - top) / this.scale];
  }

  #press(event) {
    if (event.button !== 0 || this.#drag || !event.isPrimary) return;
    const element = event.target.closest(".box"),
      at = this.#point(event);
    if (element) {
      const { id } = element.dataset;
      // A finger that swipes over a box means the page; one that tapped it first means the box.
      if (event.pointerType === "touch" && this.selected !== id && !this.drawing) return;
      const { box } = this.boxes.find((one) => one.id === id);
      this.#drag = { id, box, at, edges: event.target.dataset.edges ?? null, now: box };
      this.choose(id);
    } else if (this.drawing) {
      const ghost = h("span", { class: "ghost" });
      this.element.append(ghost);
      this.#drag = { id: null, at, ghost, now: null };
    } else return;
    this.element.setPointerCapture(event.pointerId);
  }

  #pull(event) {
    const drag = this.#drag;
    if (!drag || !event.isPrimary) return;
    const [x, y] = this.#point(event),
      dx = x - drag.at[0],
      dy = y - drag.at[1];
    if (!drag.dragged && Math.hypot(dx, dy) * this.scale < SLIP_PX) return;
    drag.dragged = true;
    if (drag.id === null) {
      drag.now = boxBetween(...drag.at, x, y, this.page);
      const [x0, y0, x1, y1] = drag.now.map((side) => side * this.scale);
      setPlace(drag.ghost, x0, y0, x1 - x0, y1 - y0);
    } else {
      drag.now = drag.edges ? resizeBox(drag.box, drag.edges, dx, dy, this.page) : moveBox(drag.box, dx, dy, this.page);
      this.#place(drag.id, drag.now);
    }
  }

  #release(event) {
    const drag = this.#drag;
    if (!drag || !event.isPrimary) return;
    this.#end();
    if (drag.id === null) {
      if (drag.now) this.#append(drag.now);
      else this.add(...drag.at);
    } else {
      if (drag.dragged) this.#set(drag.id, drag.now);
      this.focus(drag.id);
    }
  }

  /** Another finger came down, or Escape: as if nothing had been dragged. */
  #cancel() {
    const drag = this.#drag;
    if (!drag) return;
    this.#end();
    if (drag.id !== null) this.#place(drag.id, drag.box);
  }

  #end() {
    this.#drag.ghost?.remove();
    this.#drag = null;
  }

  interrupt() {
    this.#cancel();
  }
}

/** Places an element in its parent, in CSS pixels; set from code, which a strict content security policy allows. */
export function setPlace(element, left, top, width, height) {
  Object.assign(element.style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
}

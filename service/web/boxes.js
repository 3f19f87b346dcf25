// Places to mask on the page: drawn, moved, resized and deleted by mouse, touch and keyboard. Pointers and keys become new
// lists of places, which the owner keeps; nothing is decided here.

import { h, s } from "./elements.js";
import { around, boxBetween, moveBoxes, resizeBox } from "./geometry.js";
import { outline, pathOf } from "./outline.js";
import { makePlace } from "./document.js";
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
  places = [];
  selected = null;
  drawing = false;
  scale = 1;

  /**
   * `change(places, {tag})`: the places are now these; equal tags belong to one step. `select(id or null)`: another one is chosen.
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

  /** Shows `places` of `page`; the chosen one stays chosen while it is there. */
  show(places, page) {
    Object.assign(this, { places, page });
    const kept = new Set(places.map(({ id }) => id));
    for (const [id, element] of this.#elements) {
      if (kept.has(id)) continue;
      element.remove();
      this.#elements.delete(id);
    }
    places.forEach(({ id, boxes }, at) => {
      const element = this.#elements.get(id) ?? this.#make(id);
      const [x0, y0, x1, y1] = around(boxes);
      const told = { number: at + 1, count: places.length, left: x0, top: y0, width: x1 - x0, height: y1 - y0 };
      element.setAttribute("aria-label", t("box.label", told));
      this.#place(id, boxes);
      // In the order of the list, which Tab follows; what stands right is not touched, or it would lose the focus.
      if (this.element.children[at] !== element) this.element.insertBefore(element, this.element.children[at]);
    });
    if (this.selected && !kept.has(this.selected)) this.choose(null);
  }

  /** `scale`: CSS pixels per pixel of the page. */
  zoom(scale) {
    this.scale = scale;
    for (const { id, boxes } of this.places) this.#place(id, boxes);
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
    const sides = this.places.map(({ boxes }) => around(boxes)).map(([x0, y0, x1, y1]) => [x1 - x0, y1 - y0]);
    const [width, height] = sides[Math.floor(sides.length / 2)] ?? [this.page.width * 0.12, this.page.width * 0.03];
    this.#append(boxBetween(x - width / 2, y - height / 2, x + width / 2, y + height / 2, this.page));
  }

  delete(id) {
    const at = this.places.findIndex((one) => one.id === id);
    if (at < 0) return;
    const left = this.places.filter((one) => one.id !== id);
    this.change(left, {});
    this.say(t("box.deleted", { count: left.length }));
    const next = left[Math.min(at, left.length - 1)];
    if (next) this.focus(next.id);
    else this.element.closest(".pane")?.focus({ preventScroll: true });
  }

  /** One step in direction (dx, dy): moves the place, or its right and lower edges. */
  nudge(id, [dx, dy], { resize = false, fine = false } = {}) {
    const step = fine ? 1 : Math.max(1, Math.round(STEP_PX / this.scale));
    this.#set(id, this.#changed(this.#boxesOf(id), resize ? "se" : null, dx * step, dy * step), { tag: `nudge ${id}` });
  }

  /** Boxes moved as they are, or, where `edges` are given, resized: that leaves one plain box. */
  #changed(boxes, edges, dx, dy) {
    return edges ? [resizeBox(around(boxes), edges, dx, dy, this.page)] : moveBoxes(boxes, dx, dy, this.page);
  }

  #boxesOf(id) {
    return this.places.find((one) => one.id === id).boxes;
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
      h("span", { class: "frame" }),
      s("svg", { class: "paint", preserveAspectRatio: "none", "aria-hidden": "true" }),
      handles,
    );
    this.#elements.set(id, element);
    this.element.append(element);
    return element;
  }

  #place(id, boxes) {
    const element = this.#elements.get(id),
      [frame, paint] = element.children,
      [x0, y0, x1, y1] = around(boxes);
    const width = (x1 - x0) * this.scale,
      height = (y1 - y0) * this.scale;
    const padX = Math.max(0, (HIT_PX - width) / 2),
      padY = Math.max(0, (HIT_PX - height) / 2);
    setPlace(element, x0 * this.scale - padX, y0 * this.scale - padY, width + 2 * padX, height + 2 * padY);
    setPlace(paint, padX, padY, width, height);
    setPlace(frame, padX, padY, width, height);
    draw(paint, id, boxes);
    element.classList.toggle("small", Math.min(width, height) < SMALL_PX);
    // Of what is cut to follow the text, the corners of its frame are empty: what lies there can be pressed.
    element.classList.toggle("sliced", boxes.length > 1);
  }

  #set(id, boxes, options = {}) {
    this.change(
      this.places.map((one) => (one.id === id ? { id, boxes } : one)),
      options,
    );
  }

  #append(box) {
    const added = makePlace([box]);
    this.change([...this.places, added], {});
    this.say(t("box.added", { count: this.places.length }));
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
      const boxes = this.#boxesOf(id);
      this.#drag = { id, boxes, at, edges: event.target.dataset.edges ?? null, now: boxes };
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
      drag.now = this.#changed(drag.boxes, drag.edges, dx, dy);
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
    if (drag.id !== null) this.#place(drag.id, drag.boxes);
  }

  #end() {
    this.#drag.ghost?.remove();
    this.#drag = null;
  }

  interrupt() {
    this.#cancel();
  }
}

/**
 * Draws the common outline of `boxes` into an `<svg>` that lies upon their enclosing box, in pixels of the page: it follows
 * every zoom by itself. Lines lie outside, so that they hide nothing of what the mask leaves.
 */
function draw(paint, id, boxes) {
  const [x0, y0, x1, y1] = around(boxes);
  const path = pathOf(outline(boxes.map((box) => [box[0] - x0, box[1] - y0, box[2] - x0, box[3] - y0])));
  if (paint.dataset.path === path) return;
  paint.dataset.path = path;
  paint.setAttribute("viewBox", `0 0 ${x1 - x0} ${y1 - y0}`);
  const far = 1e5, // beyond every page
    outside = `M${-far} ${-far}H${far}V${far}H${-far}Z${path}`;
  paint.replaceChildren(
    s("clipPath", { id: `around-${id}` }, s("path", { d: outside, "clip-rule": "evenodd" })),
    s("path", { class: "fill", d: path }),
    s("g", { "clip-path": `url(#around-${id})` }, ["rim", "gap", "line"].map((kind) => s("path", { class: kind, d: path }))),
  );
}

/** Places an element in its parent, in CSS pixels; set from code, which a strict content security policy allows. */
export function setPlace(element, left, top, width, height) {
  Object.assign(element.style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
}

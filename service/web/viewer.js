// The page as a picture: before and after masking, side by side or by a slider, with boxes and marks upon it.

import { h, button } from "./elements.js";
import { boxBar, modeSwitch, toolBar } from "./controls.js";
import { BoxEditor, setPlace } from "./boxes.js";
import { Pane } from "./pane.js";
import { padBox } from "./geometry.js";
import { widthFor } from "./pictures.js";
import { t } from "./texts.js";

const STEP = 1.3;
const CLOSER = 2.6; // times, by a double click
const MOST_SCALE = 4,
  CLOSE_UP = 1.6; // CSS pixels per pixel of the page

let mode = "edit"; // what the person chose last holds for the next page and document

export class Viewer {
  #page = null;
  #scale = 1;
  #fitted = true;
  #asked = 0;
  #spot = null;
  #marked = [];

  /**
   * `picture(layer, width)` gives a blob: address of the page that was shown last. `edit(places, options)`, `undo()`, `redo()`;
   * `say(text)`; `loaded(img)`: the picture of the upload is there.
   */
  constructor({ picture, edit, undo, redo, say, loaded }) {
    Object.assign(this, { picture, loaded });
    this.editor = new BoxEditor({ change: edit, select: (id) => this.#chosen(id), say });
    this.marks = h("div", { class: "marks" });
    this.images = {
      original: h("img", { alt: "", draggable: "false" }),
      masked: h("img", { alt: "", draggable: "false" }),
      over: h("img", { class: "over", alt: "", draggable: "false" }),
    };
    this.divider = h("div", { class: "divider", "aria-hidden": "true" }, h("span"));
    const zoomed = (factor, x, y) => this.zoom(factor, x, y);
    const twice = (x, y) => this.#closer(x, y);
    this.before = new Pane({
      label: "",
      kind: "before",
      zoomed,
      twice,
      scrolled: () => this.#follow(this.before, this.after),
      keydown: (event) => this.#key(event),
    });
    this.after = new Pane({
      label: "",
      kind: "after",
      zoomed,
      twice,
      scrolled: () => this.#follow(this.after, this.before),
      keydown: (event) => this.#key(event),
    });
    this.before.sheet.append(this.images.original, this.images.over, this.marks, this.editor.element);
    this.after.sheet.append(this.images.masked);
    this.message = h("div", { class: "picture-state", role: "status" });
    this.nothing = h("p", { class: "picture-none", hidden: true }, t("view.none"));
    this.stale = h("p", { class: "picture-stale", hidden: true }, t("view.stale"));
    this.after.element.append(this.nothing);
    this.split = h("input", {
      type: "range",
      class: "split",
      min: "0",
      max: "100",
      value: "50",
      "aria-label": t("view.split"),
      on: { input: () => this.#cut() },
    });
    this.#dragDivider();
    this.panes = h("div", { class: "panes" }, this.before.element, this.after.element, this.divider, this.stale, this.message);
    this.modes = modeSwitch((chosen) => this.setMode(chosen));
    this.tools = toolBar({
      draw: () => this.setDrawing(!this.editor.drawing),
      undo,
      redo,
      zoom: (direction) => this.zoom(STEP ** direction),
      fit: () => this.fit(),
    });
    this.bar = boxBar({
      nudge: (direction, how) => this.editor.nudge(this.editor.selected, direction, how),
      remove: () => this.editor.delete(this.editor.selected),
    });
    this.element = h(
      "section",
      { class: "viewer", "aria-label": t("view.label") },
      this.modes.element,
      this.tools.element,
      this.panes,
      this.split,
      this.bar,
      h("p", { id: "box-help", hidden: true }, t("box.help")),
    );
    this.resized = new ResizeObserver(() => {
      this.#refit();
      this.#load();
    });
    this.resized.observe(this.panes);
    this.setMode(mode);
  }

  destroy() {
    this.resized.disconnect();
  }

  /** Another page, or the same one after it changed. `masked`: whether there is a masked picture. */
  show(page, { masked }) {
    const same = this.#page?.page_index === page.page_index;
    this.#page = page;
    this.masked = masked;
    this.before.element.setAttribute("aria-label", t("view.original.label", { page: page.page_index + 1 }));
    this.after.element.setAttribute("aria-label", t("view.masked.label", { page: page.page_index + 1 }));
    this.images.original.alt = `${t("pages.page", { page: page.page_index + 1 })} · ${t("view.before")}`;
    this.images.masked.alt = `${t("pages.page", { page: page.page_index + 1 })} · ${t("view.after")}`;
    this.element.classList.toggle("no-output", !masked);
    this.nothing.hidden = masked;
    if (!same) {
      for (const img of Object.values(this.images)) img.removeAttribute("src");
      this.editor.choose(null);
      this.#spot = null;
      this.#fitted = true;
    }
    this.#refit(true);
    this.#load();
  }

  showPlaces(places, { canUndo, canRedo }) {
    this.editor.show(places, this.#page);
    this.tools.setSteps({ canUndo, canRedo });
  }

  /** Whether the masked picture lags behind the boxes. */
  setStale(stale) {
    this.stale.hidden = !stale;
  }

  /** Places to look at: [{box, kind: "issue" | "reason" | "found"}]; they replace the ones before. */
  showMarks(marks) {
    this.#marked = marks;
    this.#placeMarks();
  }

  /** Brings a place of the page close and rings it. */
  look(box) {
    this.element.scrollIntoView({ block: "nearest" });
    if (mode === "masked") this.setMode("edit");
    const [x0, y0, x1, y1] = padBox(box, 8, this.#page),
      { clientWidth, clientHeight } = this.before.element;
    const fits = Math.min((clientWidth * 0.6) / (x1 - x0), (clientHeight * 0.6) / (y1 - y0));
    this.#spot = box;
    this.#setScale(Math.min(Math.max(fits, this.before.fit(this.#page)), CLOSE_UP));
    const { width, height } = this.#page,
      at = [(x0 + x1) / 2 / width, (y0 + y1) / 2 / height];
    this.before.bring(at, ...this.before.middle());
    this.#placeMarks();
  }

  zoom(factor, x, y) {
    const pane = this.#active();
    const [atX, atY] = x === undefined ? pane.middle() : [x, y],
      share = pane.shareAt(atX, atY);
    this.#setScale(this.#scale * factor);
    pane.bring(share, atX, atY);
  }

  /** A double click or tap: close to that place, or back to the whole page. */
  #closer(x, y) {
    if (this.#fitted) this.zoom(CLOSER, x, y);
    else this.fit();
  }

  fit() {
    this.#fitted = true;
    this.#refit();
  }

  setMode(chosen) {
    mode = chosen;
    this.element.dataset.mode = mode;
    this.modes.show(mode);
    if (mode !== "edit" && mode !== "side") this.setDrawing(false);
    if (this.#page) {
      this.#refit();
      this.#load();
    }
  }

  setDrawing(drawing) {
    if (drawing && mode !== "edit" && mode !== "side") this.setMode("edit");
    this.editor.setDrawing(drawing);
    this.tools.setDrawing(drawing);
    this.element.classList.toggle("is-drawing", drawing);
    if (drawing) this.element.scrollIntoView({ block: "nearest" });
  }

  /** A new box in the middle of what is seen. */
  addInView() {
    if (mode !== "edit" && mode !== "side") this.setMode("edit");
    const [x, y] = this.before.shareAt(...this.before.middle()),
      { width, height } = this.#page;
    this.editor.add(Math.min(Math.max(x, 0), 1) * width, Math.min(Math.max(y, 0), 1) * height);
  }

  #active() {
    return mode === "masked" ? this.after : this.before;
  }

  #chosen(id) {
    this.bar.hidden = id === null;
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const acts = {
      "+": () => this.zoom(STEP),
      "=": () => this.zoom(STEP),
      "-": () => this.zoom(1 / STEP),
      0: () => this.fit(),
      n: () => this.addInView(),
      N: () => this.addInView(),
    };
    if (event.key === "Escape" && this.editor.drawing) this.setDrawing(false);
    else if (Object.hasOwn(acts, event.key)) acts[event.key]();
    else return;
    event.preventDefault();
  }

  #setScale(scale) {
    const fit = this.#active().fit(this.#page);
    this.#scale = Math.min(Math.max(scale, fit * 0.5), Math.max(MOST_SCALE, fit));
    this.#fitted = false;
    this.#layOut();
    this.#load();
  }

  #refit(always = false) {
    if (!this.#page || (!this.#fitted && !always)) {
      if (this.#page) this.#cut();
      return;
    }
    if (this.#fitted) this.#scale = this.#active().fit(this.#page);
    this.#layOut();
  }

  #layOut() {
    this.before.resize(this.#page, this.#scale);
    this.after.resize(this.#page, this.#scale);
    this.editor.zoom(this.#scale);
    this.#placeMarks();
    this.tools.setScale(this.#scale);
    this.#cut();
  }

  #placeMarks() {
    const spot = this.#spot ? [{ box: this.#spot, kind: "spot" }] : [];
    this.marks.replaceChildren(
      ...[...this.#marked, ...spot].map(({ box, kind }) => {
        const [x0, y0, x1, y1] = box.map((side) => side * this.#scale),
          mark = h("span", { class: `mark ${kind}` });
        setPlace(mark, x0, y0, x1 - x0, y1 - y0);
        return mark;
      }),
    );
  }

  #follow(from, to) {
    if (mode === "slider") this.#cut();
    if (mode !== "side") return;
    // Ends by itself: setting what is already so sends no further event.
    to.element.scrollLeft = from.element.scrollLeft;
    to.element.scrollTop = from.element.scrollTop;
  }

  /** The slider divides what is seen, not the page: it stays at hand when the page is zoomed. */
  #cut() {
    if (mode !== "slider") return;
    const { left: paneLeft } = this.before.element.getBoundingClientRect(),
      { left, width } = this.before.sheet.getBoundingClientRect();
    const x = (this.before.element.clientWidth * Number(this.split.value)) / 100;
    const share = Math.min(Math.max((paneLeft + x - left) / width, 0), 1) * 100;
    this.images.over.style.clipPath = `inset(0 ${100 - share}% 0 0)`;
    this.divider.style.left = `${x}px`;
  }

  #dragDivider() {
    this.divider.addEventListener("pointerdown", (event) => {
      this.divider.setPointerCapture(event.pointerId);
      event.preventDefault();
    });
    this.divider.addEventListener("pointermove", (event) => {
      if (!this.divider.hasPointerCapture(event.pointerId)) return;
      const { left, width } = this.panes.getBoundingClientRect();
      this.split.value = String(((event.clientX - left) / width) * 100);
      this.#cut();
    });
  }

  async #load() {
    if (!this.#page || !this.panes.clientWidth) return; // its size comes when it is on the screen
    const asked = ++this.#asked,
      page = this.#page,
      needed = page.width * this.#scale * devicePixelRatio;
    const width = widthFor(needed, page.width),
      { original, masked, over } = this.images;
    const wanted = [];
    if (mode !== "masked") wanted.push(["original", [original]]);
    if (mode !== "edit" && this.masked) wanted.push(["masked", mode === "slider" ? [over] : [masked]]);
    const missing = wanted.some(([, [img]]) => !img.hasAttribute("src"));
    this.#state(missing ? t("view.loading") : null);
    try {
      await Promise.all(
        wanted.map(async ([layer, [img]]) => {
          const address = await this.picture(layer, width);
          if (asked !== this.#asked || img.getAttribute("src") === address) return;
          img.src = address;
          await img.decode();
        }),
      );
      if (asked !== this.#asked) return;
      this.#state(null);
      if (original.hasAttribute("src")) this.loaded(original);
    } catch (error) {
      if (asked !== this.#asked || error.name === "AbortError") return;
      this.#state(
        t("view.failed"),
        button(t("view.again"), () => this.#load()),
      );
    }
  }

  #state(text, ...more) {
    this.message.replaceChildren(...(text ? [h("p", {}, text), ...more] : []));
    this.message.hidden = !text;
  }
}

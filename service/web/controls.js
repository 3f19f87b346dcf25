// The buttons around the picture: how it is shown, tools, and steps for the chosen box.

import { h, button } from "./elements.js";
import { t } from "./texts.js";

export const MODES = ["edit", "masked", "side", "slider"];

/** Radios for MODES: {element, show(mode)}. */
export function modeSwitch(choose) {
  const radio = (value) => h("input", { type: "radio", name: "view-mode", value, on: { change: () => choose(value) } });
  const radios = MODES.map(radio);
  const labels = radios.map((one) => h("label", {}, one, h("span", {}, t(`view.${one.value}`))));
  const legend = h("legend", { class: "visually-hidden" }, t("view.mode"));
  const show = (mode) => radios.forEach((one) => (one.checked = one.value === mode));
  return { element: h("fieldset", { class: "segments modes" }, legend, labels), show };
}

/**
 * Drawing, undo, redo and zoom: {element, setDrawing, setSteps, setScale}. `zoom(direction)`: 1 closer, -1 further away.
 */
export function toolBar({ draw, undo, redo, zoom, fit }) {
  const drawing = button(t("view.draw"), draw, { icon: "draw", "aria-pressed": "false" });
  const back = button(t("view.undo"), undo, { icon: "undo", alone: true, "aria-keyshortcuts": "Control+Z" });
  const forth = button(t("view.redo"), redo, { icon: "redo", alone: true, "aria-keyshortcuts": "Control+Shift+Z" });
  const percent = h("output", { class: "percent", "aria-live": "off" });
  const hint = h("p", { class: "draw-hint", role: "status", hidden: true }, t("view.draw.hint"));
  const element = h(
    "div",
    { class: "tools", role: "group", "aria-label": t("view.tools") },
    h("span", { class: "editing" }, drawing, back, forth),
    h("span", { class: "space" }),
    button(t("view.out"), () => zoom(-1), { icon: "minus", alone: true }),
    percent,
    button(t("view.in"), () => zoom(1), { icon: "plus", alone: true }),
    button(t("view.fit"), fit, { icon: "fit", alone: true }),
    hint,
  );
  return {
    element,
    setDrawing(on) {
      drawing.setAttribute("aria-pressed", String(on));
      hint.hidden = !on;
    },
    // Not by `disabled`: that would take the focus from who just undid the last step.
    setSteps({ canUndo, canRedo }) {
      back.setAttribute("aria-disabled", String(!canUndo));
      forth.setAttribute("aria-disabled", String(!canRedo));
    },
    setScale(scale) {
      percent.textContent = `${Math.round(scale * 100)}%`;
      percent.setAttribute("aria-label", t("view.zoom", { percent: Math.round(scale * 100) }));
    },
  };
}

const STEPS = [
  { icon: "left", direction: [-1, 0], move: "box.left", resize: "box.narrower" },
  { icon: "right", direction: [1, 0], move: "box.right", resize: "box.wider" },
  { icon: "up", direction: [0, -1], move: "box.up", resize: "box.lower" },
  { icon: "down", direction: [0, 1], move: "box.down", resize: "box.higher" },
];

/** Steps for the chosen box, for those who can press but not drag (WCAG 2.5.7). `nudge(direction, {resize})`, `remove()`. */
export function boxBar({ nudge, remove }) {
  let resize = false;
  const arrows = STEPS.map((step) =>
    button(t(step.move), () => nudge(step.direction, { resize }), { icon: step.icon, alone: true }),
  );
  const change = () => {
    resize = !resize;
    size.setAttribute("aria-pressed", String(resize));
    STEPS.forEach((step, at) => {
      arrows[at].title = t(resize ? step.resize : step.move);
      arrows[at].setAttribute("aria-label", arrows[at].title);
    });
  };
  const size = button(t("box.resize"), change, { icon: "size", "aria-pressed": "false" });
  const away = button(t("box.delete"), remove, { icon: "trash", alone: true, kind: "danger" });
  return h("div", { class: "box-bar", role: "group", "aria-label": t("box.bar"), hidden: true }, size, arrows, away);
}

// Elements without a library. Text is always set as text, never parsed as HTML, and no style attribute is written: the
// page's content security policy forbids both kinds of inline code.

const SVG = "http://www.w3.org/2000/svg";

/** An element of HTML. Properties become attributes; null and false are left out; `on` holds listeners; children may be nested lists. */
export function h(tag, properties = {}, ...children) {
  return fill(document.createElement(tag), properties, children);
}

/** The same for an element of SVG. */
export function s(tag, properties = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), properties, children);
}

function fill(element, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") for (const [type, listener] of Object.entries(value)) element.addEventListener(type, listener);
    else if (name === "value") element.value = value;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** A button with a text that is seen, or, where `icon` stands alone, only heard and shown as a tooltip. */
export function button(label, press, { icon: name = null, alone = false, kind = "", ...more } = {}) {
  const inside = [name && icon(name), alone ? null : h("span", {}, label)];
  const named = alone ? { "aria-label": label, title: label } : {};
  return h(
    "button",
    { type: "button", class: `button ${alone ? "alone" : ""} ${kind}`, ...named, ...more, on: { click: press } },
    inside,
  );
}

const PATHS = {
  upload: "M12 16V4M7 9l5-5 5 5M4 16v3a1 1 0 0 0 1 1h14a1 1 0 0 0 1-1v-3",
  download: "M12 4v12M7 11l5 5 5-5M4 16v3a1 1 0 0 0 1 1h14a1 1 0 0 0 1-1v-3",
  camera:
    "M4 8h3l2-3h6l2 3h3a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V9a1 1 0 0 1 1-1zM12 16.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7z",
  draw: "M4 8V5a1 1 0 0 1 1-1h3M16 4h3a1 1 0 0 1 1 1v3M20 16v3a1 1 0 0 1-1 1h-3M8 20H5a1 1 0 0 1-1-1v-3M12 8.5v7M8.5 12h7",
  undo: "M8 5 4 9l4 4M4 9h10a5 5 0 0 1 0 10h-3",
  redo: "M16 5l4 4-4 4M20 9H10a5 5 0 0 0 0 10h3",
  plus: "M12 5v14M5 12h14",
  minus: "M5 12h14",
  fit: "M9 4H4v5M15 4h5v5M20 15v5h-5M4 15v5h5",
  trash: "M5 7h14M10 4h4M7 7l1 13h8l1-13M10 11v5M14 11v5",
  left: "M14 6l-6 6 6 6M8 12h11",
  right: "M10 6l6 6-6 6M16 12H5",
  up: "M6 10l6-6 6 6M12 4v15",
  down: "M6 14l6 6 6-6M12 20V5",
  size: "M5 5h8v8H5zM17 10v7h-7M20 20l-3-3M20 15v5h-5",
  warn: "M12 4 2.8 20h18.4zM12 10v4.5M12 17.4v.1",
  ask: "M9 9.2a3 3 0 1 1 4.4 2.7c-1 .5-1.4 1.1-1.4 2.1M12 17.4v.1M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z",
  check: "M5 12.5l4.5 4.5L19 7.5",
  mask: "M4 9h16v6H4zM4 4h9M4 20h12",
  clear: "M4 8h16M4 12h16M4 16h10",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6z",
  close: "M6 6l12 12M18 6 6 18",
  file: "M6 3h8l5 5v12a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1zM14 3v5h5",
  key: "M14.5 13.5a5 5 0 1 0-4-4L4 16v4h4v-2.5h2.5V15l1.5-1.5zM15.5 8.5v.1",
  back: "M9 5 3.5 11 9 17M3.5 11H15a5 5 0 0 1 5 5v3",
};

/** A drawn sign, 24 units square, in the colour of the text; never read out. */
export function icon(name) {
  return s("svg", { viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true" }, s("path", { d: PATHS[name] }));
}

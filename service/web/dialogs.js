// Dialogs with the browser's own <dialog>: it keeps the focus inside and gives it back.

import { h, button } from "./elements.js";
import { t } from "./texts.js";

let dialogs = 0;

/**
 * Asks, and gives the value of the button that was pressed, null where it was closed otherwise. `actions`:
 * [{label, value, kind, icon, check}]; `check()` may hold the dialog open by giving false.
 */
export function ask({ title, body = [], actions, kind = "" }) {
  const id = `dialog-${++dialogs}`;
  return new Promise((resolve) => {
    let value = null;
    const close = (chosen) => {
      value = chosen;
      dialog.close();
    };
    const buttons = actions.map(({ label, value: chosen, check = () => true, ...look }) =>
      button(label, () => check() && close(chosen), look),
    );
    const dialog = h(
      "dialog",
      {
        class: `dialog ${kind}`,
        "aria-labelledby": id,
        on: {
          close: () => {
            dialog.remove();
            resolve(value);
          },
        },
      },
      h(
        "div",
        { class: "dialog-head" },
        h("h2", { id }, title),
        button(t("app.close"), () => close(null), { icon: "close", alone: true, kind: "plain" }),
      ),
      h("div", { class: "dialog-body" }, body),
      h("div", { class: "dialog-actions" }, buttons),
    );
    document.body.append(dialog);
    dialog.showModal();
  });
}

export const confirm = (title, text, { yes, no = t("app.cancel"), danger = true }) =>
  ask({
    title,
    body: h("p", {}, text),
    actions: [
      { label: no, value: false },
      { label: yes, value: true, kind: danger ? "danger" : "primary" },
    ],
  }).then(Boolean);

/** How the page is used, keys included. */
export function showHelp() {
  const key = (...keys) => keys.map((one, at) => [at > 0 && " ", h("kbd", {}, one)]);
  const rows = [
    [key("Tab"), "help.tab"],
    [key(t("help.arrow")), "help.arrows"],
    [key("Shift", t("help.arrow")), "help.shift"],
    [key("Alt", t("help.arrow")), "help.alt"],
    [key("Delete"), "help.delete"],
    [key("N"), "help.n"],
    [key("Ctrl", "Z").concat(" · ", key("Ctrl", "Shift", "Z")), "help.undo"],
    [key("+", "−", "0"), "help.zoom"],
    [key("Esc"), "help.escape"],
  ];
  return ask({
    title: t("help.title"),
    kind: "help",
    actions: [{ label: t("app.close"), value: null, kind: "primary" }],
    body: [
      h("p", {}, t("help.flow")),
      h("p", {}, t("help.touch")),
      h("h3", {}, t("help.keys")),
      h(
        "dl",
        { class: "keys" },
        rows.map(([keys, words]) => h("div", {}, h("dt", {}, keys), h("dd", {}, t(words)))),
      ),
    ],
  });
}

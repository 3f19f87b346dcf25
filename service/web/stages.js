// The views between a file and its pages: a key is asked for, work goes on, it was not accepted, or something went wrong.

import { h, button, icon } from "./elements.js";
import { explain, t } from "./texts.js";

/** `enter(key)` gives true where the key works. */
export function keyView({ enter }) {
  const wrong = h("p", { class: "wrong", id: "key-wrong", role: "alert" });
  const field = h("input", { id: "key", type: "password", autocomplete: "off", required: true, "aria-describedby": "key-wrong" });
  const submit = async (event) => {
    event.preventDefault();
    wrong.textContent = field.value.trim() ? "" : t("key.missing");
    if (field.value.trim() && !(await enter(field.value.trim()))) wrong.textContent = t("key.wrong");
    field.setAttribute("aria-invalid", String(Boolean(wrong.textContent)));
    if (wrong.textContent) field.focus();
  };
  return stage(
    "key",
    t("key.title"),
    h("p", { class: "lead" }, t("key.lead")),
    h(
      "form",
      { class: "card", novalidate: true, on: { submit } },
      h("div", { class: "field" }, h("label", { for: "key" }, t("key.label")), field, wrong),
      h("button", { type: "submit", class: "button primary large" }, h("span", {}, t("key.send"))),
    ),
  );
}

/** Returns {element, sending(share), working(answer)}. `stop()`: the person gives up. */
export function progressView({ stop }) {
  const bar = h("progress", { max: "1", value: "0", "aria-label": t("progress.label") }),
    words = h("p", { class: "progress-words", role: "status" });
  const set = (text, share) => {
    if (words.textContent !== text) words.textContent = text;
    if (share === null) bar.removeAttribute("value");
    else bar.value = share;
  };
  const percent = (share) => Math.floor(share * 100);
  return {
    element: stage(
      "progress",
      t("progress.title"),
      h(
        "div",
        { class: "card" },
        words,
        bar,
        h("p", { class: "hint" }, t("progress.leave")),
        button(t("progress.stop"), stop, { icon: "close" }),
      ),
    ),
    sending: (share) =>
      set(share ? `${t("progress.sending")} · ${t("progress.sent", { percent: percent(share) })}` : t("progress.sending"), share),
    working: ({ status, progress = 0, pages = null, pages_done: done = null }) => {
      if (status === "queued") set(t("progress.queued"), null);
      else
        set(
          pages ? t("progress.pages", { done, total: pages }) : t("progress.running", { percent: percent(progress) }),
          progress,
        );
    },
  };
}

/** `told`: [{message, advice, place}] in plain words; `other()`: choose another file. */
export function rejectedView({ told, other }) {
  const items = told.map(({ message, advice }) =>
    h(
      "li",
      { class: "fact reject" },
      icon("warn"),
      h(
        "div",
        {},
        h("p", { class: "fact-title" }, message),
        advice && h("p", {}, h("span", { class: "label" }, t("rejected.todo")), " ", advice),
      ),
    ),
  );
  return stage(
    "rejected",
    t("rejected.title"),
    h("p", { class: "lead" }, t("rejected.lead")),
    h(
      "div",
      { class: "card" },
      h("ul", { class: "facts" }, items),
      button(t("rejected.other"), other, { icon: "file", kind: "primary large" }),
    ),
  );
}

/** Something failed; `act`: {label, press}. */
export function troubleView({ title, message, advice = "", acts }) {
  return stage(
    "trouble",
    title,
    h(
      "div",
      { class: "card" },
      h("p", { class: "fact-title" }, message),
      advice && h("p", {}, advice),
      h(
        "div",
        { class: "row" },
        acts.map(({ label, press }, at) => button(label, press, { kind: at ? "" : "primary" })),
      ),
    ),
  );
}

export const troubleOf = (error, acts) => troubleView({ title: t("trouble.title"), ...explain(error), acts });

function stage(kind, title, ...children) {
  return h("div", { class: `stage ${kind}` }, h("h1", { tabindex: "-1" }, title), children);
}

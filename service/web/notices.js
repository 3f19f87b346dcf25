// Short messages: shown for a while, read out by screen readers, and a quiet one while something is tried again.

import { h, button, icon } from "./elements.js";
import { explain, t } from "./texts.js";

const SHOWN_MS = 7000;
const WAITS = { 0: "wait.offline", 429: "wait.busy" };

const shelf = () => document.getElementById("notices");

/** For screen readers alone. */
export function say(text) {
  const line = document.getElementById("announcer");
  line.textContent = "";
  // Another turn, or the same words twice would be read once.
  requestAnimationFrame(() => {
    line.textContent = text;
  });
}

/** Shows `text`; an error stays until it is closed. */
export function tell(text, { kind = "info" } = {}) {
  const notice = h(
    "div",
    { class: `notice ${kind}`, role: kind === "error" ? "alert" : "status" },
    icon(kind === "error" ? "warn" : "check"),
    h("p", {}, text),
    button(t("app.close"), () => notice.remove(), { icon: "close", alone: true, kind: "plain" }),
  );
  shelf().append(notice);
  if (kind !== "error") setTimeout(() => notice.remove(), SHOWN_MS);
  return notice;
}

export function tellError(error) {
  const { message, advice } = explain(error);
  return tell(`${message} ${advice}`.trim(), { kind: "error" });
}

export const clearNotices = () => shelf().replaceChildren();

/** For `patiently`: one notice that counts down while a request waits to be tried again. */
export function waitNotice() {
  let notice = null,
    timer = null;
  return (problem, seconds) => {
    clearInterval(timer);
    notice?.remove();
    notice = null;
    if (!problem) return;
    let left = Math.ceil(seconds);
    const count = h("span", { "aria-hidden": "true" }, t("wait.seconds", { seconds: left }));
    notice = h(
      "div",
      { class: "notice waiting", role: "status" },
      h("span", { class: "spinner" }),
      h("p", {}, t(WAITS[problem.status] ?? "wait.away"), count),
    );
    shelf().append(notice);
    timer = setInterval(() => {
      left = Math.max(0, left - 1);
      count.textContent = t("wait.seconds", { seconds: left });
    }, 1000);
  };
}

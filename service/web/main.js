// Which view is shown: by who asks, what the address says, and how far the document is.

import { Api } from "./api.js";
import { addressOf, makeIdempotencyKey, readAddress, Session } from "./session.js";
import { awaitReport, DocumentModel } from "./document.js";
import { Review } from "./review.js";
import { clearNotices, say, tell, tellError, waitNotice } from "./notices.js";
import { confirm, showHelp } from "./dialogs.js";
import { h, button } from "./elements.js";
import { keyView, progressView, rejectedView, troubleOf, troubleView } from "./stages.js";
import { patiently } from "./patience.js";
import { startView } from "./upload.js";
import { applyLang, explain, lang, setLang, t } from "./texts.js";

const session = new Session();
const api = new Api({ credential: () => session.credential(), lang });

/** What is known now: `known` of /v1/session, the open `model` with its `id`, and how to draw the view again in another language. */
const state = { known: null, id: null, model: null, review: null, redraw: () => {}, leave: new AbortController() };

function show(element, { redraw = () => {}, focus = true } = {}) {
  const main = document.getElementById("main");
  main.replaceChildren(element);
  state.redraw = redraw;
  if (focus) main.querySelector("h1")?.focus({ preventScroll: true });
  window.scrollTo(0, 0);
}

/** Ends what the view before was doing; gives the signal for what the next one does. */
function leave() {
  state.leave.abort();
  state.leave = new AbortController();
  state.review?.destroy();
  Object.assign(state, { review: null, model: null, id: null });
  return state.leave.signal;
}

function drawFrame() {
  applyLang();
  document.getElementById("skip").textContent = t("app.skip");
  document.getElementById("notices").setAttribute("aria-label", t("app.notices"));
  document
    .getElementById("top")
    .replaceChildren(
      h(
        "a",
        { class: "brand", href: "#/", "aria-label": t("app.home") },
        h("img", { src: "icon.svg", alt: "", width: 28, height: 28 }),
        h("span", {}, t("app.title")),
      ),
      h(
        "div",
        { class: "top-actions" },
        button(t("app.language"), switchLanguage, {
          kind: "plain",
          "aria-label": t("app.language.label"),
          lang: lang() === "zh" ? "en" : "zh-CN",
        }),
        button(t("app.help"), showHelp, { icon: "ask", kind: "plain help-button" }),
      ),
    );
}

async function switchLanguage() {
  setLang(lang() === "zh" ? "en" : "zh");
  clearNotices();
  drawFrame();
  document.querySelector(".top-actions button").focus();
  await state.redraw();
}

async function route() {
  session.adoptToken();
  const signal = leave();
  try {
    state.known = await patiently(() => api.session(signal), { signal, onWait: waitNotice() });
    const { access, document: linked } = state.known,
      wanted = readAddress(location.hash).document ?? linked;
    if (access === "none") showKey();
    else if (wanted) await openDocument(wanted, signal);
    else showStart();
  } catch (error) {
    if (!signal.aborted) showTrouble(error);
  }
}

function showKey() {
  const enter = async (key) => {
    session.useKey(key);
    try {
      const { access } = await api.session();
      if (access !== "none") {
        await route();
        return true;
      }
    } catch (error) {
      if (error.status !== 401 && error.status !== 403) {
        tellError(error);
      }
    }
    session.forgetKey();
    return false;
  };
  show(keyView({ enter }), { redraw: showKey });
}

function showStart() {
  const again = () => {
    leave();
    show(startView({ limit: state.known.max_upload_bytes, send }), { redraw: again, focus: false });
  };
  again();
  document.querySelector("#main h1").focus({ preventScroll: true });
}

function start() {
  if (readAddress(location.hash).document) location.hash = "#/";
  else showStart();
}

async function send(upload) {
  const signal = leave(),
    key = makeIdempotencyKey();
  const view = progressView({
    stop: () => {
      state.leave.abort();
      if (state.id) api.remove(state.id).catch(tellError);
      start();
    },
  });
  show(view.element, { redraw: () => {} });
  view.sending(0);
  try {
    const told = await patiently(() => api.upload({ ...upload, idempotencyKey: key }, { onSent: view.sending, signal }), {
      signal,
      onWait: waitNotice(),
    });
    // Not by location.hash: that would begin anew.
    history.pushState(null, "", addressOf(told.id));
    state.id = told.id;
    await follow(told.id, { told, view, signal, again: () => send(upload) });
  } catch (error) {
    if (signal.aborted) return;
    if (error.status === 422 || error.status === 413)
      showRejected([{ message: explain(error).message, advice: explain(error).advice }]);
    else showTrouble(error, () => send(upload));
  }
}

async function openDocument(id, signal) {
  const view = progressView({ stop: () => stopDocument(id) });
  const late = setTimeout(() => show(view.element), 400); // a finished document needs no progress
  state.id = id;
  try {
    await follow(id, {
      told: await patiently(() => api.document(id, signal), { signal, onWait: waitNotice() }),
      view,
      signal,
      onWork: () => {
        clearTimeout(late);
        if (!view.element.isConnected) show(view.element);
      },
    });
  } finally {
    clearTimeout(late);
  }
}

async function stopDocument(id) {
  state.leave.abort();
  await api.remove(id).catch(tellError);
  start();
}

/** From any answer about a document to its pages. `told`: the answer so far. */
async function follow(id, { told, view, signal, onWork = () => {}, again = null }) {
  let answer = told;
  if (answer.status === "queued" || answer.status === "running") {
    onWork();
    view.working(answer);
    answer = await awaitReport(api, id, { signal, onProgress: view.working, onWait: waitNotice() });
    say(t("progress.ready"));
  }
  if (signal.aborted) return;
  const other = state.known.access === "link" ? null : start;
  if (answer.status === "failed") showFailed(answer, again ?? other);
  else if (answer.status === "rejected" && !answer.pages.length) showRejected(answer.issues);
  else showReview(id, new DocumentModel(answer), other);
}

function showReview(id, model, other) {
  shown = location.hash;
  const draw = () => {
    state.review?.destroy();
    const review = new Review({ api, id, model, other });
    review.deleted = () => {
      state.model = null;
      tell(t("delete.done"), { kind: "success" });
      if (other) other();
      else showGone();
    };
    Object.assign(state, { id, model, review });
    return review;
  };
  const redraw = async () => {
    const focused = document.activeElement;
    model.reword(await patiently(() => api.document(id), { onWait: waitNotice() }));
    show(draw().element, { redraw, focus: false });
    focused?.focus();
  };
  show(draw().element, { redraw });
}

function showRejected(told) {
  show(rejectedView({ told, other: start }), { redraw: () => showRejected(told) });
}

function showFailed({ message, advice }, again) {
  show(
    troubleView({ title: t("failed.title"), message, advice, acts: again ? [{ label: t("failed.again"), press: again }] : [] }),
    { redraw: () => showFailed({ message, advice }, again) },
  );
}

function showGone() {
  const acts = state.known?.access === "link" ? [] : [{ label: t("gone.start"), press: start }];
  show(troubleView({ title: t("gone.title"), message: t("gone"), acts }), { redraw: showGone });
}

function showTrouble(error, again = route) {
  if (error.status === 404) showGone();
  else if (error.code === "link_expired")
    show(troubleView({ title: t("link.expired.title"), message: t("link.expired"), acts: [] }), {
      redraw: () => showTrouble(error),
    });
  else if (error.status === 401) showKey();
  else show(troubleOf(error, [{ label: t("trouble.again"), press: again }]), { redraw: () => showTrouble(error, again) });
}

let shown = location.hash;

/** Leaving a document by the address or the browser's back button asks first where edits would be lost. */
async function moved() {
  const wanted = location.hash;
  if (state.model?.unsaved().length) {
    history.replaceState(null, "", shown);
    if (
      !(await confirm(t("leave.unsaved"), t("bar.unsaved", { count: state.model.unsaved().length }), { yes: t("answer.drop") }))
    )
      return;
    history.replaceState(null, "", wanted);
  }
  shown = location.hash;
  await route();
}

window.addEventListener("hashchange", moved);
window.addEventListener("unhandledrejection", ({ reason }) => {
  if (reason?.name !== "AbortError") tellError(reason);
});
// A file that misses the zone must not replace the page.
for (const type of ["dragover", "drop"]) window.addEventListener(type, (event) => event.preventDefault());
drawFrame();
route();

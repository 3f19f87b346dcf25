// From a person's 是 or 否 to a saved page: what is asked back before and after, and what happens when the name still shows.

import { h, button, icon } from "./elements.js";
import { ask, confirm } from "./dialogs.js";
import { NO, placesOf, YES } from "./document.js";
import { drawCrop } from "./pictures.js";
import { padBox } from "./geometry.js";
import { patiently } from "./patience.js";
import { tell, waitNotice } from "./notices.js";
import { t } from "./texts.js";

const AROUND_PX = 3; // a box that covers what was found goes a little beyond it

/**
 * Saves `verdict` for the page in view. `show(boxes)` marks where the name still stands, `picture()` is the loaded `<img>` or
 * null, `go(index)` another page. Gives true when it was saved.
 */
export async function saveAnswer(verdict, { api, id, model, show, picture, go, draw, busy }) {
  const index = model.index,
    places = model.places(index);
  if (verdict === YES && !places.length) {
    draw();
    return false;
  }
  if (
    verdict === NO &&
    places.length &&
    !(await confirm(t("drop.title"), t("drop.text", { count: places.length }), { yes: t("drop.yes"), no: t("drop.no") }))
  )
    return false;
  let wanted = { verdict, masks: verdict === YES ? model.masks(index) : [], reason: null };
  for (;;) {
    busy(true);
    try {
      model.accept(await send(api, id, index, wanted, model), index);
      return true;
    } catch (error) {
      if (error.code === "stale_revision") {
        await reload(api, id, model);
        return false;
      }
      if (error.code !== "name_uncovered") throw error;
      busy(false);
      const next = await nameShows(error.body, { model, index, wanted, show, picture, go });
      if (!next) return false;
      wanted = next;
    } finally {
      busy(false);
    }
  }
}

function send(api, id, index, wanted, model) {
  return patiently(() => api.answer(id, index, { ...wanted, revision: model.report.revision }), { onWait: waitNotice() });
}

async function reload(api, id, model) {
  model.accept(await patiently(() => api.document(id), { onWait: waitNotice() }));
  tell(t("stale.text"), { kind: "warning" });
}

/** The name was found outside the boxes: cover it, edit, or overrule with a reason. Gives what to send next, or null. */
async function nameShows({ boxes, page_index: at = null }, { model, index, wanted, show, picture, go }) {
  const where = at ?? index,
    page = model.page(where),
    here = where === index;
  if (here) show(boxes);
  const field = h("textarea", {
    id: "reason",
    rows: "2",
    required: true,
    maxlength: "500",
    "aria-describedby": "reason-hint reason-wrong",
  });
  const wrong = h("p", { class: "wrong", id: "reason-wrong", role: "alert" });
  const override = h(
    "div",
    { class: "override", hidden: true },
    h("p", { class: "warned" }, icon("warn"), h("span", {}, t("found.warn"))),
    h("label", { for: "reason" }, t("found.reason")),
    field,
    h("p", { class: "hint", id: "reason-hint" }, t("found.reason.hint")),
    wrong,
    button(
      t("found.override"),
      (event) => {
        if (field.value.trim()) {
          decided = "override";
          event.currentTarget.closest("dialog").close();
          return;
        }
        wrong.textContent = t("found.missing");
        field.setAttribute("aria-invalid", "true");
        field.focus();
      },
      { kind: "danger" },
    ),
  );
  const more = button(
    t("found.more"),
    () => {
      override.hidden = !override.hidden;
      more.setAttribute("aria-expanded", String(!override.hidden));
      if (!override.hidden) field.focus();
    },
    { kind: "plain", "aria-expanded": "false" },
  );
  let decided = null;
  const chosen = await ask({
    title: t("found.title"),
    kind: "found",
    body: [
      h("p", {}, t("found.text", { page: where + 1, count: boxes.length })),
      here && crops(boxes, page, picture()),
      more,
      override,
    ],
    actions: [
      { label: here ? t("found.back") : t("found.other", { page: where + 1 }), value: "back" },
      ...(here
        ? [
            {
              label: t(wanted.verdict === YES ? "found.cover" : "found.cover.yes"),
              value: "cover",
              kind: "primary",
              icon: "mask",
            },
          ]
        : []),
    ],
  });
  decided ??= chosen;
  if (decided === "override") return { ...wanted, reason: field.value.trim() };
  if (decided === "cover") {
    const found = placesOf(boxes.map((box) => padBox(box, AROUND_PX, page)));
    model.edit([...(wanted.verdict === YES ? model.places(index) : []), ...found]);
    return { verdict: YES, masks: model.masks(index), reason: null };
  }
  if (!here && decided === "back") go(where);
  return null;
}

function crops(boxes, page, img) {
  if (!img) return null;
  return h(
    "ul",
    { class: "crops" },
    boxes.map((box, at) => {
      const canvas = h("canvas", { width: 440, height: 112, role: "img", "aria-label": t("found.place", { number: at + 1 }) });
      drawCrop(canvas, img, box, page);
      return h("li", {}, canvas);
    }),
  );
}

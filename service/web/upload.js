// The first view: a file, by choosing, dropping or taking a photo, and the name to mask. The name stays in this module's
// memory, for the next file, and nowhere else.

import { h, button, icon } from "./elements.js";
import { size, t } from "./texts.js";

const SHORTEST_NAME = 2;
const KINDS = "image/*,.heic,.heif,.tif,.tiff,.pdf,.ofd,application/pdf";

const draft = { name: "", aliases: "" };

/** `send({file, name, aliases})` when both are there. `limit`: bytes. */
export function startView({ limit, send }) {
  let file = null;
  const picked = h("div", { class: "picked", hidden: true });
  const wrongFile = h("p", { class: "wrong", id: "file-wrong", role: "alert" }),
    wrongName = h("p", { class: "wrong", id: "name-wrong", role: "alert" });
  const input = h("input", {
    type: "file",
    id: "file",
    accept: KINDS,
    class: "visually-hidden",
    "aria-describedby": "file-kinds file-wrong",
    on: { change: () => take(input.files) },
  });
  const photo = h("input", {
    type: "file",
    id: "photo",
    accept: "image/*",
    capture: "environment",
    class: "visually-hidden",
    on: { change: () => take(photo.files) },
  });
  const name = h("input", {
    id: "name",
    type: "text",
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: "false",
    required: true,
    maxlength: "100",
    value: draft.name,
    "aria-describedby": "name-hint name-wrong",
    on: {
      input: () => {
        draft.name = name.value;
      },
    },
  });
  const aliases = h("input", {
    id: "aliases",
    type: "text",
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: "false",
    maxlength: "400",
    value: draft.aliases,
    "aria-describedby": "aliases-hint",
    on: {
      input: () => {
        draft.aliases = aliases.value;
      },
    },
  });
  const choose = h("span", {}, t("start.choose"));

  const zone = h(
    "div",
    {
      class: "drop",
      on: {
        dragover: (event) => {
          event.preventDefault();
          zone.classList.add("over");
        },
        dragleave: () => zone.classList.remove("over"),
        drop: (event) => {
          event.preventDefault();
          zone.classList.remove("over");
          take(event.dataTransfer.files);
        },
      },
    },
    icon("upload"),
    h("p", { class: "drop-words" }, t("start.drop")),
    h(
      "div",
      { class: "row centre" },
      input,
      h("label", { for: "file", class: "button primary" }, icon("file"), choose),
      h(
        "span",
        { class: "photo" },
        photo,
        h("label", { for: "photo", class: "button" }, icon("camera"), h("span", {}, t("start.photo"))),
      ),
    ),
    picked,
    h("p", { class: "hint", id: "file-kinds" }, t("start.kinds", { size: size(limit) })),
    wrongFile,
  );

  function take(files) {
    if (!files?.length) return;
    file = files[0];
    picked.replaceChildren(icon("file"), h("span", {}, t("start.chosen", { name: file.name, size: size(file.size) })));
    picked.hidden = false;
    choose.textContent = t("start.other");
    wrongFile.textContent = checkFile() ?? (files.length > 1 ? t("start.one") : "");
    if (!name.value) name.focus();
  }

  function checkFile() {
    if (!file) return t("start.missing.file");
    if (!file.size) return t("start.empty");
    return file.size > limit ? t("start.large", { size: size(file.size), limit: size(limit) }) : null;
  }

  function submit(event) {
    event.preventDefault();
    wrongFile.textContent = checkFile() ?? "";
    wrongName.textContent = [...name.value.trim()].length < SHORTEST_NAME ? t("start.missing.name") : "";
    name.setAttribute("aria-invalid", String(Boolean(wrongName.textContent)));
    if (wrongFile.textContent) input.focus();
    else if (wrongName.textContent) name.focus();
    else
      send({
        file,
        name: name.value.trim(),
        aliases: aliases.value
          .split(/[;；,，、\n]/)
          .map((one) => one.trim())
          .filter(Boolean),
      });
  }

  return h(
    "div",
    { class: "start" },
    h("h1", { tabindex: "-1" }, t("start.title")),
    h("p", { class: "lead" }, t("start.lead")),
    h(
      "ol",
      { class: "steps" },
      ["start.step1", "start.step2", "start.step3"].map((key) => h("li", {}, t(key))),
    ),
    h(
      "form",
      { class: "card", novalidate: true, on: { submit } },
      h("div", { class: "field", role: "group", "aria-label": t("start.file") }, zone),
      h(
        "div",
        { class: "field" },
        h("label", { for: "name" }, t("start.name")),
        h("p", { class: "hint", id: "name-hint" }, t("start.name.hint")),
        name,
        wrongName,
      ),
      h(
        "div",
        { class: "field" },
        h("label", { for: "aliases" }, t("start.aliases")),
        aliases,
        h("p", { class: "hint", id: "aliases-hint" }, t("start.aliases.hint")),
      ),
      h(
        "div",
        { class: "send" },
        h("button", { type: "submit", class: "button primary large" }, h("span", {}, t("start.send"))),
        h("p", { class: "hint" }, t("start.privacy")),
      ),
    ),
  );
}

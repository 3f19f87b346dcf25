"use strict";
// Thousands of pages: their cards are made in groups, when a group comes near the screen, and let go when it is far.
const GROUP = 20, NEAR = "900px", CARD_PX = 230, MOST_PRINTED = 500, PICTURE_PX = [132, 200];
const data = JSON.parse(document.getElementById("data").textContent);
const KINDS = data.kinds, REVIEW = 2;
const files = data.files.map(([source, status, pages, output, original, name]) => ({ source, status, pages, output, original, name,
  searched: `${source}\n${name ?? ""}`.toLowerCase() }));
const rows = data.rows.map(([file, page, kind, aspect, boxes, hits, reasons, issues, leaks], number) => ({ number, file: files[file], page,
  kind, aspect, boxes, hits, reasons, issues, leaks }));
const $ = (id) => document.getElementById(id);
const fields = ["kind", "status", "problem", "text"].map($);
const [kindField, statusField, problemField, textField] = fields;
let lang = data.lang, found = [], groups = [], current = null;

// Words
function say(key, values = {}) {
  return data.texts[key][lang === "zh" ? 0 : 1].replace(/\{(\w+)\}/g, (_, field) => values[field]);
}
const told = (code) => data.codes[code][lang === "zh" ? 0 : 2];
const advised = (code) => data.codes[code][lang === "zh" ? 1 : 3];
const kindWord = (kind) => kind === 3 ? say("status.rejected") : say(`verdict.${KINDS[kind]}`);
const ruleWord = (rule) => data.texts[`rule.${rule}`] ? say(`rule.${rule}`) : rule;

function make(tag, { text, data: marks, ...properties } = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  Object.assign(element.dataset, marks);
  if (text !== undefined) element.textContent = text;
  element.append(...children.filter(Boolean));
  return element;
}

// Pictures: lines of text until a card shows them. All but the first come after this script, so that it need not wait for them.
const kept = new Map();
let early = false;
function pictures(number) {
  const chunk = Math.floor(number / data.chunk);
  if (!kept.has(chunk)) {
    const text = $(`pictures-${chunk}`)?.textContent;
    if (text === undefined && document.readyState === "loading") {
      early = true;
      return ["", ""];
    }
    if (kept.size > 7) kept.delete(kept.keys().next().value);
    kept.set(chunk, text?.split("\n") ?? []);
  }
  return (kept.get(chunk)[number % data.chunk] ?? ",").split(",");
}

function figure(row, caption, encoded, places) {
  const scale = Math.min(PICTURE_PX[0], PICTURE_PX[1] * row.aspect);
  const sheet = make("div", { className: "sheet" });
  sheet.style.width = `${scale}px`;
  sheet.style.height = `${scale / row.aspect}px`;
  sheet.append(make("img", { src: `data:image/webp;base64,${encoded}`, alt: `${caption}: ${title(row)}` }));
  for (const [x0, y0, x1, y1] of places) {
    const place = make("span", { className: "place" });
    // A little more than the mask, which the small picture rounds.
    place.style.left = `calc(${x0 * 100}% - 1px)`;
    place.style.top = `calc(${y0 * 100}% - 1px)`;
    place.style.width = `calc(${(x1 - x0) * 100}% + 2px)`;
    place.style.height = `calc(${(y1 - y0) * 100}% + 2px)`;
    sheet.append(place);
  }
  return make("figure", {}, make("figcaption", { text: caption }), sheet);
}

function pair(row) {
  const box = make("div", { className: `pictures${data.withNames ? " named" : ""}` }), [before, after] = pictures(row.number);
  if (before) box.append(figure(row, say("sheet.before"), before, row.boxes));
  else if (after) box.append(figure(row, say("sheet.places"), after, row.boxes));
  if (after) box.append(figure(row, say("sheet.after"), after, []));
  else {
    const why = row.file.output === null ? "sheet.no_output" : "sheet.no_picture";
    box.append(make("figure", {}, make("figcaption", { text: say("sheet.after") }), make("div", { className: "absent", text: say(why) })));
  }
  return box;
}

// Cards
function title(row) {
  if (row.page < 0) return row.file.source;
  const key = row.file.pages > 1 ? "sheet.page_of" : "sheet.page";
  return `${row.file.source} · ${say(key, { page: row.page + 1, pages: row.file.pages })}`;
}

function fact(words, advice, grave) {
  return make("p", { className: grave ? "fact reject" : "fact" }, make("strong", { text: words }), ` ${advice}`);
}

function evidence(row) {
  const rules = new Map();
  for (const [rule, score] of row.hits) rules.set(rule, [...(rules.get(rule) ?? []), score]);
  return [...rules].map(([rule, scores]) => {
    const [low, high] = [Math.min(...scores), Math.max(...scores)].map((score) => score.toFixed(2));
    return say(scores.length > 1 ? "sheet.hits" : "sheet.hit", { rule: ruleWord(rule), count: scores.length, score: low === high ? low : `${low}–${high}` });
  });
}

function card(row) {
  const { file } = row, words = make("div", { className: "words" });
  words.append(make("h3", { id: `page-${row.number}`, text: title(row) }));
  words.append(make("p", {}, make("span", { className: `label tone-${row.kind}`, text: kindWord(row.kind) }),
    file.status === "review" && row.kind !== REVIEW && make("span", { className: "label tone-review", text: `${say("sheet.path")}: ${say("status.review")}` }),
    file.name && `${say("sheet.name")}: ${file.name}`));
  for (const channel of row.leaks) words.append(fact(say("sheet.leak", { channel: data.texts[`channel.${channel}`] ? say(`channel.${channel}`) : channel }), "", true));
  for (const reason of row.reasons) words.append(fact(told(reason), advised(reason), false));
  for (const issue of row.issues) {
    const grave = issue.endsWith("|reject");
    words.append(fact(`${say(grave ? "severity.reject" : "severity.warn")}${lang === "zh" ? "" : " "}${told(issue)}`, advised(issue), grave));
  }
  if (!row.leaks.length && !row.reasons.length && !row.issues.length) words.append(make("p", { className: "quiet", text: say("sheet.nothing_wrong") }));
  const shown = [row.boxes.length && say("sheet.masks", { count: row.boxes.length }), ...evidence(row)].filter(Boolean);
  if (shown.length) words.append(make("p", { className: "quiet", text: `${say("sheet.evidence")}: ${shown.join("; ")}` }));
  const links = [["sheet.output", file.output], ["sheet.original", file.original]].filter(([, href]) => href !== null);
  if (links.length) words.append(make("p", { className: "links" }, ...links.map(([key, href]) => make("a", { href, target: "_blank", rel: "noopener", text: say(key) }))));
  const article = make("article", { className: `page tone-${row.kind}`, tabIndex: -1, "aria-labelledby": `page-${row.number}`, data: { row: row.number } }, pair(row), words);
  if (row === current) article.setAttribute("aria-current", "true");
  return article;
}

// The list
const watcher = new IntersectionObserver((seen) => {
  for (const { target, isIntersecting } of seen) {
    const group = groups[target.dataset.group];
    if (group?.element !== target) continue;
    if (isIntersecting) fill(group);
    else if (!target.contains(document.activeElement)) drain(group);
  }
}, { rootMargin: NEAR });

function fill(group) {
  if (group.element.firstChild) return;
  group.element.style.height = "";
  group.element.append(...group.rows.map(card));
}

function drain(group) {
  if (!group.element.firstChild) return;
  group.element.style.height = `${group.element.offsetHeight}px`;
  group.element.replaceChildren();
}

function show() {
  const [kind, status, problem] = [kindField, statusField, problemField].map((field) => field.value), text = textField.value.trim().toLowerCase();
  found = rows.filter((row) => (kind === "" || row.kind === +kind) && (!status || row.file.status === status)
    && (!problem || row.issues.includes(problem) || row.reasons.includes(problem)) && (!text || row.file.searched.includes(text)));
  watcher.disconnect();
  groups = [];
  for (let start = 0; start < found.length; start += GROUP) {
    const element = make("div", { data: { group: groups.length } }), members = found.slice(start, start + GROUP);
    element.style.height = `${members.length * CARD_PX}px`;
    groups.push({ element, rows: members });
  }
  if (!found.includes(current)) current = null;
  $("list").replaceChildren(...(found.length ? groups.map(({ element }) => element) : [make("p", { className: "quiet", text: say(rows.length ? "sheet.none" : "sheet.empty") })]));
  // At once, so that nothing flickers while the watcher looks.
  if (groups.length) fill(groups[0]);
  groups.forEach(({ element }) => watcher.observe(element));
  $("shown").textContent = say("sheet.shown", { shown: found.length, total: rows.length });
  $("only").setAttribute("aria-pressed", kind === String(REVIEW));
  for (const bar of document.querySelectorAll(".bar")) bar.setAttribute("aria-pressed", $(bar.dataset.field).value === bar.dataset.value);
  tellPlace();
}

const asked = () => found.filter((row) => row.kind === REVIEW);
function tellPlace() {
  const all = asked();
  $("at").textContent = say("sheet.step", { at: all.indexOf(current) + 1 || "–", total: all.length });
}

function step(by) {
  const place = found.indexOf(current), rest = by > 0 ? found.slice(place + 1) : found.slice(0, Math.max(place, 0)).reverse();
  const next = rest.find((row) => row.kind === REVIEW);
  if (!next) return;
  document.querySelector(".page[aria-current]")?.removeAttribute("aria-current");
  current = next;
  const at = Math.floor(found.indexOf(next) / GROUP);
  // Its neighbours too, so that nothing moves when they come.
  for (const group of groups.slice(Math.max(at - 1, 0), at + 2)) {
    fill(group);
    // Asked anew, the watcher tells where it is, and lets it go where the next step has left it far behind.
    watcher.unobserve(group.element);
    watcher.observe(group.element);
  }
  const article = document.querySelector(`[data-row="${next.number}"]`);
  article.setAttribute("aria-current", "true");
  article.focus({ preventScroll: true });
  article.scrollIntoView({ block: "start" });
  tellPlace();
}

// Charts, each bar a filter
function count(values) {
  const counts = new Map();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

function stack(parts, total) {
  const space = "http://www.w3.org/2000/svg", svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 100 10");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  let x = 0;
  for (const [tone, number] of parts) {
    const bar = document.createElementNS(space, "rect"), width = 100 * number / total;
    for (const [name, value] of Object.entries({ x, y: 0, width, height: 10, class: `tone-${tone}` })) bar.setAttribute(name, value);
    svg.append(bar);
    x += width;
  }
  return svg;
}

function chart(key, field, entries, total, stacked) {
  const box = make("section", { className: "chart" }, make("h2", { text: `${say(key)} · ${total}` }));
  if (stacked && total) box.append(stack(entries.map(([, , number, tone]) => [tone, number]), total));
  const most = Math.max(...entries.map(([, , number]) => number), 1);
  for (const [value, words, number, tone] of entries) {
    const bar = make("span", { className: `fill tone-${tone}`, hidden: !number });
    bar.style.width = `${100 * number / (stacked ? total || 1 : most)}%`;
    const button = make("button", { type: "button", className: "bar", "aria-pressed": "false", data: { field, value } },
      make("span", { text: words }), make("span", { className: "number", text: String(number) }), make("span", { className: "track" }, bar));
    button.addEventListener("click", () => {
      $(field).value = $(field).value === value ? "" : value;
      show();
    });
    box.append(button);
  }
  return box;
}

function drawCharts(problems) {
  const kinds = count(rows.map((row) => row.kind)), states = count(files.map((file) => file.status));
  const charts = [
    chart("sheet.by_verdict", "kind", KINDS.map((_, kind) => [String(kind), kindWord(kind), kinds.get(kind) ?? 0, kind]), rows.length, true),
    chart("sheet.by_status", "status", ["done", "review", "rejected"].map((status) => [status, say(`status.${status}`), states.get(status) ?? 0, status]), files.length, true),
  ];
  for (const [key, field] of [["sheet.by_issue", "issues"], ["sheet.by_reason", "reasons"]]) {
    const entries = problems[field].map(([code, number]) => [code, told(code), number, "issue"]);
    if (entries.length) charts.push(chart(key, "problem", entries, rows.filter((row) => row[field].length).length, false));
  }
  $("charts").replaceChildren(...charts);
  $("charts").setAttribute("aria-label", say("sheet.summary"));
}

function choices(field, entries) {
  const { value } = field;
  field.replaceChildren(make("option", { value: "", text: say("sheet.all") }), ...entries.map(([code, text]) => make("option", { value: code, text })));
  field.value = value;
}

function speak() {
  document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
  document.title = say("sheet.title");
  for (const element of document.querySelectorAll("[data-say]")) element.textContent = say(element.dataset.say);
  for (const element of document.querySelectorAll("[data-label]")) element.setAttribute("aria-label", say(element.dataset.label));
  $("language").lang = lang === "zh" ? "en" : "zh-CN";
  const problems = Object.fromEntries(["issues", "reasons"].map((field) => [field, [...count(rows.flatMap((row) => row[field]))].sort((a, b) => b[1] - a[1])]));
  choices(kindField, KINDS.map((_, kind) => [String(kind), kindWord(kind)]));
  choices(statusField, ["done", "review", "rejected"].map((status) => [status, say(`status.${status}`)]));
  choices(problemField, [...problems.issues, ...problems.reasons].map(([code]) => [code, told(code)]));
  const notes = [data.withNames && "sheet.with_names", data.fewPictures && "sheet.few_pictures", !data.withNames && rows.some((row) => row.kind === REVIEW) && "sheet.proposals"];
  $("notes").replaceChildren(...notes.filter(Boolean).map((key) => make("p", { className: "note", text: say(key) })));
  drawCharts(problems);
  show();
}

function onlyReview() {
  kindField.value = kindField.value === String(REVIEW) ? "" : String(REVIEW);
  show();
}

const KEYS = { j: () => step(1), ArrowRight: () => step(1), k: () => step(-1), ArrowLeft: () => step(-1), r: onlyReview, "?": () => $("help").showModal() };
document.addEventListener("keydown", (event) => {
  const act = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!act || event.ctrlKey || event.metaKey || event.altKey || $("help").open || !$("use-keys").checked) return;
  if (event.target.closest?.("input, select, textarea")) return;
  event.preventDefault();
  act();
});
fields.forEach((field) => field.addEventListener("input", show));
$("filters").addEventListener("submit", (event) => event.preventDefault());
$("reset").addEventListener("click", () => {
  for (const field of fields) field.value = "";
  show();
});
$("only").addEventListener("click", onlyReview);
$("next").addEventListener("click", () => step(1));
$("previous").addEventListener("click", () => step(-1));
$("help-button").addEventListener("click", () => $("help").showModal());
$("language").addEventListener("click", () => {
  lang = lang === "zh" ? "en" : "zh";
  kept.clear();
  speak();
});
document.addEventListener("DOMContentLoaded", () => {
  // Cards that were made before their pictures had come.
  if (early) groups.filter(({ element }) => element.firstChild).forEach((group) => group.element.replaceChildren(...group.rows.map(card)));
});
addEventListener("beforeprint", () => {
  const printed = Math.ceil(MOST_PRINTED / GROUP);
  groups.forEach((group, at) => at < printed ? fill(group) : (group.element.hidden = true));
  $("cut").hidden = found.length <= MOST_PRINTED;
  $("cut").textContent = say("sheet.print_cut", { shown: MOST_PRINTED });
});
addEventListener("afterprint", () => {
  $("cut").hidden = true;
  show();
});
speak();

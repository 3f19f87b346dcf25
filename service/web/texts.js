// Every word that the page shows, in zh-CN and English. What an issue or reason means comes from the service, in the same
// two languages. {x} is a place for a value.

const ZH = {
  "app.title": "姓名遮盖", "app.skip": "跳到正文", "app.notices": "提示", "app.language": "English",
  "app.language.label": "切换到英文 English", "app.help": "帮助", "app.home": "姓名遮盖，回到开始页", "app.close": "关闭", "app.cancel": "取消",

  "start.title": "遮盖材料里您自己的姓名", "start.lead": "上传一份申报材料，系统找出并遮盖您的姓名；您逐页确认“是否需要遮盖”，然后下载。",
  "start.file": "材料文件", "start.drop": "把文件拖到这里，或", "start.choose": "选择文件", "start.other": "换一个文件", "start.photo": "拍照",
  "start.kinds": "JPG、PNG、TIFF、HEIC、PDF、OFD 等，最大 {size}", "start.name": "申请人姓名", "start.name.hint": "要遮盖的姓名，写全名",
  "start.aliases": "姓名的其他写法（可不填）", "start.aliases.hint": "曾用名、英文名等，多个用分号“；”隔开。拼音和繁体会自动查找，不用填。",
  "start.privacy": "姓名只用于这次处理，浏览器不保存。", "start.send": "开始处理", "start.chosen": "已选择：{name}，{size}",
  "start.missing.file": "请先选择一个文件。", "start.missing.name": "请填写全名，至少两个字。", "start.empty": "这个文件是空的，请确认选对了文件。",
  "start.large": "文件有 {size}，超过 {limit} 的上限。请拆成几个文件，或降低扫描分辨率（200–300 dpi 足够）。", "start.one": "一次处理一个文件，已取第一个。",
  "start.step1": "选文件、填姓名", "start.step2": "系统查找并遮盖", "start.step3": "逐页确认，下载",

  "key.title": "请输入访问密钥", "key.lead": "此服务需要密钥。密钥由平台管理员发放，只保存在这个标签页里，关闭即清除。", "key.label": "访问密钥",
  "key.send": "继续", "key.missing": "请输入密钥。", "key.wrong": "密钥不对或已停用，请核对后重试。",
  "link.expired.title": "链接已失效", "link.expired": "这个链接已过期或已停用。请向发给您链接的人要一个新的。",

  "progress.title": "正在处理", "progress.sending": "正在上传", "progress.sent": "已上传 {percent}%", "progress.queued": "已收到，正在排队…",
  "progress.running": "正在逐页查找姓名：{percent}%", "progress.pages": "正在逐页查找姓名：已完成 {done} / {total} 页", "progress.leave": "可以留在此页，完成后自动显示结果；刷新页面也不会丢失。",
  "progress.stop": "取消并删除", "progress.label": "处理进度", "progress.ready": "处理完成。",

  "rejected.title": "这份文件没有被接收", "rejected.lead": "请按下面的办法处理后重新上传。您填的姓名还在，不用再填。", "rejected.other": "选择另一个文件",
  "rejected.what": "问题", "rejected.todo": "怎么办", "rejected.place": "在第 {page} 页",
  "failed.title": "没有处理完", "failed.again": "再试一次", "gone.title": "找不到这份文件", "gone": "它可能已到期自动删除，或地址不完整。", "gone.start": "上传一份文件",
  "trouble.title": "暂时打不开", "trouble.again": "重试",

  "bar.left": "还有 {count} 页等您确认", "bar.next": "下一个待确认页", "bar.next.unsaved": "去没保存的页", "bar.done": "每页都有答案，可以下载", "bar.download": "下载遮盖后的文件", "bar.rejected": "这份文件没有被接收",
  "bar.unsaved": "有 {count} 页的改动还没保存", "bar.delete": "删除这份文件", "bar.new": "另传一份", "bar.expires": "{when} 自动删除",
  "bar.downloaded": "已下载。请打开核对后再提交。",

  "pages.title": "页面", "pages.review": "待确认", "pages.answered": "已有答案", "pages.page": "第 {page} 页", "pages.unsaved": "改动未保存",
  "pages.issues": "{count} 个扫描问题",
  "verdict.是": "是", "verdict.否": "否", "verdict.复核": "待确认",

  "view.label": "页面画面", "view.mode": "显示方式", "view.edit": "遮盖前", "view.masked": "遮盖后", "view.side": "并排", "view.slider": "滑块",
  "view.original.label": "第 {page} 页，遮盖前，可编辑遮盖框", "view.masked.label": "第 {page} 页，遮盖后", "view.split": "滑块位置：左边遮盖后，右边遮盖前",
  "view.tools": "工具", "view.draw": "画框", "view.draw.hint": "在页面上拖出一个框，或点一下放一个；再按“画框”结束。", "view.undo": "撤销", "view.redo": "重做",
  "view.in": "放大", "view.out": "缩小", "view.fit": "适合窗口", "view.zoom": "缩放 {percent}%", "view.loading": "正在载入画面…", "view.failed": "画面没有载入。", "view.again": "重新载入",
  "view.none": "这一页还没有遮盖后的画面。", "view.stale": "改动保存后，遮盖后的画面才会更新。", "view.before": "遮盖前", "view.after": "遮盖后",
  "box.kind": "遮盖框", "box.label": "遮盖框 {number}，共 {count} 个；左 {left}，上 {top}，宽 {width}，高 {height} 像素", "box.layer": "遮盖框编辑区",
  "box.help": "方向键移动，Shift 加方向键改大小，同时按 Alt 更细，Delete 删除，N 新画一个。", "box.bar": "调整选中的遮盖框", "box.resize": "改大小", "box.delete": "删除此框",
  "box.left": "向左", "box.right": "向右", "box.up": "向上", "box.down": "向下", "box.narrower": "变窄", "box.wider": "变宽", "box.lower": "变矮", "box.higher": "变高",
  "box.added": "已加一个遮盖框，共 {count} 个。", "box.deleted": "已删除遮盖框，还有 {count} 个。", "box.undone": "已撤销，现有 {count} 个遮盖框。", "box.redone": "已重做，现有 {count} 个遮盖框。",

  "answer.title": "第 {page} 页，共 {total} 页", "answer.question": "这一页是否需要遮盖？", "answer.yes": "是", "answer.yes.what": "遮盖框里的 {count} 处", "answer.yes.none": "先画出要遮的地方",
  "answer.no": "否", "answer.no.what": "这一页没有我的姓名", "answer.now.machine": "系统判定为“{verdict}”，已复查。不对时可以改。", "answer.now.review": "系统不能确定，请您看过后回答。",
  "answer.now.person": "已由人工确认为“{verdict}”（{when}）。", "answer.now.rejected": "文件没有被接收，所以不用回答。", "answer.unsaved": "改动还没保存：回答“是”或“否”后保存。", "answer.proposal": "恢复系统建议的遮盖框",
  "answer.drop": "放弃改动", "answer.saved": "第 {page} 页已保存：{verdict}。", "answer.saved.all": "第 {page} 页已保存：{verdict}。每一页都已确认，可以下载。",
  "answer.reasons": "为什么要您看", "answer.evidence": "依据", "answer.evidence.none": "没有在这一页找到姓名。", "answer.issues": "扫描质量", "answer.leaks": "复查结果", "answer.look": "在页面上看",
  "answer.score": "相符 {percent}%", "answer.overruled": "您已说明理由保留：{reason}", "answer.overruled.found": "当时仍发现姓名 {count} 处。", "answer.overridden": "已由人工说明理由保留",
  "answer.severity.reject": "必须重传", "answer.severity.warn": "提醒", "answer.leak": "复查时在遮盖后的文件里仍发现姓名（{channel}）。",
  "channel.pixels": "画面", "channel.text_layer": "文字层", "channel.machine_code": "二维码、条形码", "channel.bytes": "文件字节", "channel.metadata": "元数据",
  "rule.line": "姓名，在一行里", "rule.split": "姓名，字间有空隙或分在几格", "rule.wrapped": "姓名，跨两行", "rule.alias": "填写的其他写法", "rule.first_part": "姓名的前一部分",
  "rule.surname_variant": "姓氏的另一种写法", "rule.pinyin": "姓名的拼音", "rule.pinyin_initials": "拼音缩写", "rule.signature": "签名", "rule.seal": "印章里的姓名", "rule.text_layer": "文件自带的文字",
  "rule.machine_code": "二维码或条形码", "rule.other": "姓名",

  "drop.title": "确定回答“否”吗？", "drop.text": "这一页有 {count} 个遮盖框。回答“否”会把它们全部去掉，这一页就不遮盖了。", "drop.yes": "去掉遮盖框，回答“否”", "drop.no": "再看看",
  "found.title": "还能看到姓名，没有保存", "found.text": "复查时在第 {page} 页仍发现姓名 {count} 处（红框）：", "found.cover": "遮住这些地方并保存", "found.cover.yes": "遮住这些地方，改答“是”", "found.back": "回去自己改",
  "found.more": "这些不是我的姓名…", "found.warn": "如果这里真是您的姓名，评审就能认出您。确实不是姓名时，写明理由可以保留；理由、时间和这些位置会记录在案。",
  "found.reason": "理由（必填）", "found.reason.hint": "例如：这是同名的另一位导师。不要写姓名或证件号。", "found.override": "说明理由并保存", "found.missing": "请写明理由。", "found.place": "仍能看到姓名的第 {number} 处",
  "found.other": "去第 {page} 页看",
  "stale.text": "这份文件刚在别处改过，已载入最新内容。请再看一遍后回答；您没保存的框还在。", "delete.title": "删除这份文件？", "delete.text": "原件、遮盖后的文件和记录都会立即删除，不能恢复。", "delete.yes": "删除",
  "delete.done": "文件已删除。", "leave.unsaved": "有改动还没保存。",
  "wait.busy": "服务正忙，稍后自动重试", "wait.away": "服务暂时不可用，稍后自动重试", "wait.offline": "网络连接不上，恢复后自动重试", "wait.seconds": "（{seconds} 秒）",

  "error.offline": "网络连接不上。", "error.offline.advice": "请检查网络后重试。", "error.unknown": "出了点问题（{code}）。", "error.unknown.advice": "请稍后再试；一直这样时请告诉管理员。",
  "error.crash": "页面出了点问题。", "error.crash.advice": "请刷新页面；已保存的答案不会丢失。",

  "help.title": "怎么用", "help.flow": "页面列表先列出等您确认的页。看一看画面，缺的框补上，多的框删掉，然后回答“是”或“否”，就保存了。每页都答完即可下载。", "help.keys": "键盘",
  "help.tab": "走到下一个遮盖框、按钮", "help.arrows": "移动选中的框", "help.shift": "改大小", "help.alt": "每次只动 1 个像素", "help.delete": "删除选中的框", "help.n": "在画面中间新画一个框（焦点在画面或框上时）",
  "help.undo": "撤销、重做", "help.zoom": "放大、缩小、适合窗口（焦点在画面或框上时）", "help.escape": "退出画框，关闭对话框", "help.touch": "触屏：点一下选中框，再拖动；两指缩放；滑动移动画面。", "help.arrow": "方向键",
};

const EN = {
  "app.title": "Mask my name", "app.skip": "Skip to content", "app.notices": "Notices", "app.language": "中文",
  "app.language.label": "Switch to Chinese 中文", "app.help": "Help", "app.home": "Mask my name, back to the start", "app.close": "Close", "app.cancel": "Cancel",

  "start.title": "Mask your own name in your documents", "start.lead": "Upload a document: your name is found and masked. You answer for each page whether it must be masked (是否需要遮盖), then download.",
  "start.file": "Document", "start.drop": "Drop a file here, or", "start.choose": "Choose a file", "start.other": "Choose another file", "start.photo": "Take a photo",
  "start.kinds": "JPG, PNG, TIFF, HEIC, PDF, OFD and others, up to {size}", "start.name": "Applicant's name", "start.name.hint": "The name to mask, in full",
  "start.aliases": "Other ways the name is written (optional)", "start.aliases.hint": "A former or an English name; separate several by semicolons. Pinyin and traditional characters are searched anyway.",
  "start.privacy": "The name is used for this document alone; the browser does not keep it.", "start.send": "Start", "start.chosen": "Chosen: {name}, {size}",
  "start.missing.file": "Choose a file first.", "start.missing.name": "Enter the full name, at least two characters.", "start.empty": "This file is empty. Check that it is the right one.",
  "start.large": "The file has {size}; the limit is {limit}. Split it, or scan at a lower resolution (200–300 dpi is enough).", "start.one": "One file at a time: the first one was taken.",
  "start.step1": "File and name", "start.step2": "Find and mask", "start.step3": "Answer, download",

  "key.title": "Enter an access key", "key.lead": "This service needs a key. The platform's administrator hands it out; it stays in this tab and is gone when you close it.", "key.label": "Access key",
  "key.send": "Continue", "key.missing": "Enter the key.", "key.wrong": "The key is wrong or no longer valid. Check it and try again.",
  "link.expired.title": "This link no longer works", "link.expired": "It has expired or was withdrawn. Ask whoever sent it for a new one.",

  "progress.title": "Working on it", "progress.sending": "Uploading", "progress.sent": "{percent}% uploaded", "progress.queued": "Received, waiting for its turn…",
  "progress.running": "Looking for the name, page by page: {percent}%", "progress.pages": "Looking for the name: {done} of {total} pages done", "progress.leave": "The result appears here when it is ready. Reloading the page loses nothing.",
  "progress.stop": "Cancel and delete", "progress.label": "Progress", "progress.ready": "Finished.",

  "rejected.title": "This file was not accepted", "rejected.lead": "Put it right as told below and upload it again. The name you entered is still here.", "rejected.other": "Choose another file",
  "rejected.what": "What is wrong", "rejected.todo": "What to do", "rejected.place": "on page {page}",
  "failed.title": "Not finished", "failed.again": "Try again", "gone.title": "This document cannot be found", "gone": "It may have been deleted when its time was up, or the address is incomplete.", "gone.start": "Upload a document",
  "trouble.title": "It cannot be opened just now", "trouble.again": "Try again",

  "bar.left": "Pages for you to answer: {count}", "bar.next": "Next page to answer", "bar.next.unsaved": "To the unsaved page", "bar.done": "Every page has its answer", "bar.download": "Download the masked file", "bar.rejected": "This file was not accepted",
  "bar.unsaved": "Pages with unsaved changes: {count}", "bar.delete": "Delete this document", "bar.new": "Another document", "bar.expires": "Deleted by itself on {when}",
  "bar.downloaded": "Downloaded. Open and check it before you hand it in.",

  "pages.title": "Pages", "pages.review": "To answer", "pages.answered": "Answered", "pages.page": "Page {page}", "pages.unsaved": "unsaved changes",
  "pages.issues": "scan issues: {count}",
  "verdict.是": "是 mask", "verdict.否": "否 none", "verdict.复核": "to answer",

  "view.label": "The page", "view.mode": "Show", "view.edit": "Before", "view.masked": "After", "view.side": "Both", "view.slider": "Slider",
  "view.original.label": "Page {page} before masking, with boxes to edit", "view.masked.label": "Page {page} after masking", "view.split": "Slider: after masking on the left, before on the right",
  "view.tools": "Tools", "view.draw": "Draw", "view.draw.hint": "Drag a box on the page, or tap to place one; press Draw again to end.", "view.undo": "Undo", "view.redo": "Redo",
  "view.in": "Zoom in", "view.out": "Zoom out", "view.fit": "Fit to window", "view.zoom": "Zoom {percent}%", "view.loading": "Loading the picture…", "view.failed": "The picture did not load.", "view.again": "Load again",
  "view.none": "There is no masked picture of this page yet.", "view.stale": "The masked picture follows when the changes are saved.", "view.before": "Before", "view.after": "After",
  "box.kind": "mask box", "box.label": "Mask box {number} of {count}; left {left}, top {top}, width {width}, height {height} pixels", "box.layer": "Mask boxes",
  "box.help": "Arrow keys move it, Shift and arrows resize it, Alt as well for fine steps, Delete removes it, N draws a new one.", "box.bar": "Adjust the chosen box", "box.resize": "Resize", "box.delete": "Delete this box",
  "box.left": "Left", "box.right": "Right", "box.up": "Up", "box.down": "Down", "box.narrower": "Narrower", "box.wider": "Wider", "box.lower": "Lower", "box.higher": "Higher",
  "box.added": "Box added; boxes now: {count}.", "box.deleted": "Box deleted; boxes left: {count}.", "box.undone": "Undone; boxes now: {count}.", "box.redone": "Redone; boxes now: {count}.",

  "answer.title": "Page {page} of {total}", "answer.question": "Must this page be masked? 是否需要遮盖", "answer.yes": "是 Yes", "answer.yes.what": "Mask what is boxed: {count}", "answer.yes.none": "First draw what to mask",
  "answer.no": "否 No", "answer.no.what": "My name is not on it", "answer.now.machine": "The program says {verdict}, and checked it. Change it if it is wrong.", "answer.now.review": "The program is not certain. Please look, then answer.",
  "answer.now.person": "A person answered {verdict} ({when}).", "answer.now.rejected": "The file was not accepted, so there is nothing to answer.", "answer.unsaved": "Not saved yet: answer 是 or 否 to save.", "answer.proposal": "Back to the proposed boxes",
  "answer.drop": "Discard changes", "answer.saved": "Page {page} saved: {verdict}.", "answer.saved.all": "Page {page} saved: {verdict}. Every page is answered; you can download.",
  "answer.reasons": "Why you are asked", "answer.evidence": "Evidence", "answer.evidence.none": "The name was not found on this page.", "answer.issues": "Scan quality", "answer.leaks": "Check of the masked file", "answer.look": "Show on the page",
  "answer.score": "{percent}% match", "answer.overruled": "Kept with a reason: {reason}", "answer.overruled.found": "Places where the name was still found: {count}.", "answer.overridden": "kept by a person with a reason",
  "answer.severity.reject": "must be redone", "answer.severity.warn": "note", "answer.leak": "The name was still found in the masked file ({channel}).",
  "channel.pixels": "picture", "channel.text_layer": "text layer", "channel.machine_code": "QR or bar code", "channel.bytes": "raw bytes", "channel.metadata": "metadata",
  "rule.line": "The name, in one line", "rule.split": "The name, spaced out or over several cells", "rule.wrapped": "The name, over two lines", "rule.alias": "Another way it is written, as entered", "rule.first_part": "The first part of the name",
  "rule.surname_variant": "The surname written otherwise", "rule.pinyin": "The name in pinyin", "rule.pinyin_initials": "Initials in pinyin", "rule.signature": "Signature", "rule.seal": "The name in a seal", "rule.text_layer": "Text inside the file",
  "rule.machine_code": "QR or bar code", "rule.other": "The name",

  "drop.title": "Answer 否?", "drop.text": "This page has mask boxes ({count}). 否 removes them all: nothing on the page will be masked.", "drop.yes": "Remove them, answer 否", "drop.no": "Look again",
  "found.title": "The name still shows: not saved", "found.text": "On page {page} the name was still found; places: {count} (red):", "found.cover": "Mask these places and save", "found.cover.yes": "Mask these places, answer 是", "found.back": "Go back and edit",
  "found.more": "This is not my name…", "found.warn": "If this is your name, reviewers will know who you are. If it really is not, it can stay with a reason; the reason, the time and these places are recorded.",
  "found.reason": "Reason (required)", "found.reason.hint": "For example: this is a supervisor of the same name. Write no name or ID number.", "found.override": "Save with this reason", "found.missing": "Please give a reason.", "found.place": "Place {number} where the name still shows",
  "found.other": "Go to page {page}",
  "stale.text": "The document was just changed elsewhere; the latest state is loaded. Look again, then answer. Your unsaved boxes are still there.", "delete.title": "Delete this document?", "delete.text": "The original, the masked file and the records are deleted at once and cannot be brought back.", "delete.yes": "Delete",
  "delete.done": "The document is deleted.", "leave.unsaved": "There are unsaved changes.",
  "wait.busy": "The service is busy; trying again shortly", "wait.away": "The service is away for a moment; trying again shortly", "wait.offline": "No connection; trying again when it is back", "wait.seconds": " ({seconds} s)",

  "error.offline": "No connection.", "error.offline.advice": "Check the network and try again.", "error.unknown": "Something went wrong ({code}).", "error.unknown.advice": "Try again later; if it goes on, tell the administrator.",
  "error.crash": "Something went wrong in the page.", "error.crash.advice": "Reload it; saved answers are not lost.",

  "help.title": "How it works", "help.flow": "Pages that wait for you come first. Look at each, add boxes that are missing, delete those that are not needed, then answer 是 or 否: that saves it. When all are answered you can download.", "help.keys": "Keyboard",
  "help.tab": "To the next box or button", "help.arrows": "Move the chosen box", "help.shift": "Resize it", "help.alt": "One pixel at a time", "help.delete": "Delete the chosen box", "help.n": "New box in the middle (focus on the page or a box)",
  "help.undo": "Undo, redo", "help.zoom": "Zoom in, out, fit (focus on the page or a box)", "help.escape": "Stop drawing, close a dialog", "help.touch": "Touch: tap a box to choose it, then drag it; two fingers zoom; swipe to move the page.", "help.arrow": "Arrows",
};

export const CATALOGUE = { zh: ZH, en: EN };
const STORED = "redact.language";
const TAGS = { zh: "zh-CN", en: "en" };

let language = localStorage.getItem(STORED) === "en" ? "en" : "zh";

/** "zh" or "en": Chinese until somebody chooses otherwise. */
export const lang = () => language;

export function setLang(chosen) {
  language = chosen;
  localStorage.setItem(STORED, chosen);
  applyLang();
}

/** Tells the browser and screen readers which language stands here. */
export function applyLang() {
  document.documentElement.lang = TAGS[language];
  document.title = t("app.title");
}

/** The words for `key`, its places filled. */
export function t(key, values = {}) {
  const words = CATALOGUE[language][key];
  if (words === undefined) throw new Error(`no words for ${key}`);
  return words.replace(/\{(\w+)\}/g, (place, name) => (name in values ? String(values[name]) : place));
}

/** The words for `prefix.code`, or for `prefix.other` where a newer service sends a code that is unknown here. */
export const tCode = (prefix, code, fallback = code) => {
  const key = `${prefix}.${code}`;
  if (key in CATALOGUE[language]) return t(key);
  return `${prefix}.other` in CATALOGUE[language] ? t(`${prefix}.other`) : fallback;
};

export function when(iso) {
  return new Intl.DateTimeFormat(TAGS[language], { dateStyle: "medium", timeStyle: "short" }).format(new Date(iso));
}

/** Bytes for people: "3.4 MB". */
export function size(bytes) {
  const [unit, by] = bytes >= 2 ** 20 ? ["MB", 2 ** 20] : bytes >= 1024 ? ["KB", 1024] : ["B", 1];
  return `${(bytes / by).toFixed(by > 1 && bytes / by < 10 ? 1 : 0)} ${unit}`;
}

/** Message and advice of a failed request: the service's own words where it sent some. */
export function explain(error) {
  if (error.name !== "Problem") return { message: t("error.crash"), advice: t("error.crash.advice") };
  if (error.told) return { message: error.told, advice: error.advice ?? "" };
  if (error.code === "offline") return { message: t("error.offline"), advice: t("error.offline.advice") };
  return { message: t("error.unknown", { code: error.code }), advice: t("error.unknown.advice") };
}

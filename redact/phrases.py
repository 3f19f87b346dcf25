"""The command line's own words in zh-CN and English; codes have theirs in :mod:`redact.texts`."""

from __future__ import annotations

from collections.abc import Mapping

from redact.texts import Lang

_PHRASES: dict[str, tuple[str, str]] = {
    # words of the contract
    "verdict.是": ("是", "是 mask"),
    "verdict.否": ("否", "否 no mask"),
    "verdict.复核": ("复核", "复核 review"),
    "status.done": ("完成", "done"),
    "status.review": ("待复核", "needs review"),
    "status.rejected": ("退回", "rejected"),
    "status.failed": ("失败", "failed"),
    # where a leak was found
    "channel.pixels": ("画面", "pixels"),
    "channel.text_layer": ("文字层", "text layer"),
    "channel.machine_code": ("二维码、条形码", "QR or bar code"),
    "channel.bytes": ("文件字节", "raw bytes"),
    "channel.metadata": ("元数据", "metadata"),
    # the table of results
    "table.title": ("处理结果", "Results"),
    "table.file": ("文件", "File"),
    "table.pages": ("页数", "Pages"),
    "table.verdict": ("是否需要遮盖", "To be masked?"),
    "table.masks": ("遮盖处", "Masks"),
    "table.reasons": ("说明", "Why"),
    "table.output": ("输出", "Output"),
    "table.page": ("第 {page} 页", "page {page}"),
    "summary": (
        "共 {total} 个文件：完成 {done}，待复核 {review}，退回 {rejected}，失败 {failed}；用时 {seconds:.1f} 秒",
        "{total} files: {done} done, {review} need review, {rejected} rejected, {failed} failed; {seconds:.1f} s",
    ),
    "where": ("输出文件夹：{folder}", "Outputs are in: {folder}"),
    "where.review": (
        "review/ 里的文件是待人工确认的建议稿，不能直接使用。",
        "What is in review/ is a proposal that a person must confirm; do not use it as it is.",
    ),
    "progress.load": ("载入模型", "Loading the models"),
    "progress.files": ("文件", "Files"),
    # serve
    "serve.open": ("已启动：{url}（Ctrl-C 停止）", "Running: {url} (Ctrl-C stops it)"),
    "serve.no_keys": (
        "没有密钥，只接受本机的访问；用 redact keys add 添加。",
        "There are no keys, so only this computer is answered; add one with redact keys add.",
    ),
    "serve.missing": (
        '没有安装服务所需的组件。请运行 pip install "redact-titles[service]"。',
        'The service is not installed. Run pip install "redact-titles[service]".',
    ),
    "serve.wrong_setting": ("设置不对：{fields}", "These settings are not valid: {fields}"),
    "serve.missing_extra": (
        '这样的设置还需要别的组件。请运行 pip install "redact-titles[{extra}]"。',
        'These settings need more packages. Run pip install "redact-titles[{extra}]".',
    ),
    "serve.data_dir": (
        "数据文件夹不能创建或写入；请用 --data 或 REDACT_DATA_DIR 另选一个。",
        "The folder of data cannot be made or written to; choose another with --data or REDACT_DATA_DIR.",
    ),
    "serve.no_database": ("数据库没有应答。", "The database does not answer."),
    "serve.database_too_new": (
        "数据库已由更新的版本升级，此版本不能使用。",
        "A newer version has upgraded the database; this one cannot use it.",
    ),
    "keys.added": ("已添加密钥 {id}，只显示这一次：", "Key {id} was added; it is shown this once:"),
    "keys.revoked": ("已停用。", "Revoked."),
    "keys.revoked_at": ("{at} 停用", "revoked {at}"),
    "keys.unknown": ("没有这个编号的可用密钥。", "There is no key in use with that id."),
    # batch
    "batch.roster": (
        "名册 {rows} 行，文件 {files} 个：{owned} 个有对应的姓名，{unowned} 个没有。",
        "{rows} rows in the roster, {files} files: {owned} belong to a row, {unowned} do not.",
    ),
    "batch.unowned": (
        "名册里没有的文件（不处理）：{count} 个",
        "Files without a row (they are not processed): {count}",
    ),
    "batch.unused": ("名册里有、但没有文件的行：{count} 行", "Rows without files: {count}"),
    "batch.duplicates": ("名册里重复的行：{numbers}", "Rows that repeat an earlier one: {numbers}"),
    "batch.ambiguous": (
        "名册里同一路径有不同的姓名或别名：第 {numbers} 行",
        "Rows that give one path different names or aliases: {numbers}",
    ),
    "batch.invalid": (
        "名册里没有路径、或姓名无法查找的行：{numbers}",
        "Rows without a path, or with a name that cannot be searched for: {numbers}",
    ),
    "batch.row": ("第 {number} 行：{path}", "row {number}: {path}"),
    "batch.more": ("……另有 {count} 个", "… and {count} more"),
    "batch.not_sound": ("请先改正名册，没有处理任何文件。", "Correct the roster first; no file was processed."),
    "batch.plan": (
        "要处理 {todo} 个文件（新 {new}，重做 {retry}，输出丢失 {lost}），内容相同的 {again} 个，移动 {moved} 个，"
        "已完成 {done} 个；移除旧输出 {gone} 个。",
        "To do: {todo} files (new {new}, again {retry}, output missing {lost}), the same bytes {again}, to move {moved}, "
        "done {done}; outdated outputs to remove {gone}.",
    ),
    "batch.line": (
        "{rate:.2f} 页/秒 · 剩余 {left} · 是 {yes} · 否 {no} · 复核 {review} · 退回 {rejected} · 失败 {failed}",
        "{rate:.2f} pages/s · left {left} · 是 {yes} · 否 {no} · 复核 {review} · rejected {rejected} · failed {failed}",
    ),
    "batch.time": ("{hours} 小时 {minutes:02d} 分", "{hours} h {minutes:02d} min"),
    "batch.summary": (
        "共 {total} 个文件、{pages} 页：是 {yes}，否 {no}，复核 {review}，退回 {rejected}，失败 {failed}，名册里没有 {unowned}；"
        "用时 {seconds:.1f} 秒",
        "{total} files, {pages} pages: 是 {yes}, 否 {no}, 复核 {review}, rejected {rejected}, failed {failed}, "
        "without a row {unowned}; {seconds:.1f} s",
    ),
    "batch.interrupted": (
        "已中断。已完成的都已保留；再次运行同一命令会从中断处继续。",
        "Interrupted. What was done is kept; the same command goes on where it stopped.",
    ),
    "batch.changed": ("处理期间文件有改动；请再次运行。", "The file changed while it was worked on; run the command again."),
    "batch.taken": (
        "输出位置已有别的文件，没有覆盖；请移走后再次运行。",
        "Another file stands where the output goes, and was not overwritten; move it away and run the command again.",
    ),
    "batch.altered": (
        "输出在完成后被改动过，没有覆盖；请移走后再次运行。",
        "The output was changed after it was made, and was not overwritten; move it away and run the command again.",
    ),
    "batch.failed": ("{file}：{why}", "{file}: {why}"),
    "batch.no_folder": ("FOLDER 不是文件夹。", "FOLDER is not a folder."),
    "batch.folder_unreadable": (
        "FOLDER 里有读不出的文件夹，没有处理任何文件。",
        "A folder in FOLDER cannot be read; no file was processed.",
    ),
    "batch.folder_in_out": ("FOLDER 不能在 --out 文件夹里。", "FOLDER must not lie in the folder of --out."),
    "batch.roster_unreadable": (
        "读不出名册：应为 UTF-8 或 GBK 的 CSV，或 XLSX。",
        "The roster cannot be read: it must be CSV in UTF-8 or GBK, or XLSX.",
    ),
    "batch.roster_columns": (
        "名册第一行要有 file 和 name（或 文件 和 姓名）两列，可另有 aliases（别名）。",
        "The roster's first row must have the columns file and name (or 文件 and 姓名), and may have aliases (别名).",
    ),
    "batch.missing": (
        '没有安装批处理所需的组件。请运行 pip install "redact-titles[batch]"。',
        'What batches need is not installed. Run pip install "redact-titles[batch]".',
    ),
    "batch.busy": ("另一个 redact batch 正在使用此输出文件夹。", "Another redact batch is using this folder of outputs."),
    "batch.not_ours": (
        "--out 文件夹里有别的东西。请给出新文件夹，或上次的输出文件夹。",
        "The folder of --out holds other things. Name a new one, or that of an earlier batch.",
    ),
    "batch.ledger": (
        "输出文件夹里的记录已损坏，或来自另一版本的程序。请换一个输出文件夹。",
        "The records in the folder of outputs are damaged, or of another version of the program. Name another folder.",
    ),
    "batch.ledger_write": (
        "写不进输出文件夹里的记录（磁盘已满或没有权限）。",
        "The records in the folder of outputs cannot be written (disk full, or no permission).",
    ),
    # verify
    "verify.clean": ("{file}：没有找到姓名。", "{file}: the name was not found."),
    "verify.leaks": ("{file}：仍有 {count} 处能找到姓名：", "{file}: the name can still be had in {count} places:"),
    "verify.unsure": (
        "{file}：没有找到姓名，但有的内容读不清，请人工查看。",
        "{file}: the name was not found, but some of it could not be read; a person should look.",
    ),
    "verify.rejected": (
        "{file}：打不开，无法检查。",
        "{file}: it cannot be opened, so it could not be searched.",
    ),
    "verify.place": ("{channel} · 第 {page} 页 · {box}", "{channel} · page {page} · {box}"),
    "verify.file": ("{channel} · 整个文件", "{channel} · whole file"),
    # screen
    "screen.title": ("检查结果", "Screening"),
    "screen.result": ("结果", "Result"),
    "screen.issues": ("问题与建议", "What is wrong, and what to do"),
    "screen.done": ("合格", "in order"),
    "screen.rejected": ("退回", "rejected"),
    "screen.summary": (
        "共 {total} 个文件：合格 {done}，退回 {rejected}，失败 {failed}；用时 {seconds:.1f} 秒",
        "{total} files: {done} in order, {rejected} rejected, {failed} failed; {seconds:.1f} s",
    ),
    "screen.upright": ("端正的副本：{output}", "Upright copy: {output}"),
    "screen.left": (
        "方向不能确定、保持原样的页面",
        "pages left as they are, since it is not certain which way up they are",
    ),
    "screen.not_upright": (
        "有页面打不开，没有制作端正的副本。",
        "No upright copy was made, since a page cannot be opened.",
    ),
    "severity.reject": ("退回：", "Rejected:"),
    "severity.warn": ("提示：", "Note:"),
    # asking for the name, and what can be wrong with the call
    "ask.name": ("申请人姓名", "The applicant's name"),
    "error": ("错误", "Error"),
    "error.name_missing": (
        "没有给出姓名。请用 --name 姓名，或 --name-file 文件（- 为标准输入）。",
        "No name was given. Use --name NAME, or --name-file FILE (- for standard input).",
    ),
    "error.name_twice": (
        "--name 与 --name-file 只能给一个。",
        "Give either --name or --name-file, not both.",
    ),
    "error.name_file": (
        "读不出 --name-file 指定的文件：应为 UTF-8 或 GBK 文本，第一行是姓名，其后每行一个别名。",
        "The file of --name-file cannot be read: it must be UTF-8 or GBK text, the name on its first line, an alias on "
        "each further line.",
    ),
    "error.out_not_folder": ("--out 不是文件夹，或无法写入。", "--out is not a folder, or cannot be written to."),
    "error.out_without_upright": ("--out 要与 --upright 一起使用。", "--out goes with --upright."),
    "error.unreadable": ("没有读取此文件的权限。", "There is no permission to read this file."),
    "error.write": (
        "写不出结果（磁盘已满或没有权限）。",
        "The result cannot be written (disk full, or no permission).",
    ),
    "error.internal": ("内部错误 {kind}，位置 {place}", "internal error {kind} at {place}"),
    "interrupted": (
        "已中断：{done} / {total} 个文件已完成，其输出保留；其余未处理。",
        "Interrupted: {done} of {total} files are finished and their outputs kept; the others were not processed.",
    ),
    # demo
    "demo.drawing": ("绘制样例材料", "Drawing sample documents"),
    "demo.redacting": ("查找并遮盖姓名", "Finding and masking the name"),
    "demo.person": ("虚构的申请人：{name}", "The made-up applicant: {name}"),
    "demo.before": ("遮盖前", "before"),
    "demo.after": ("遮盖后", "after"),
    "demo.no_output": ("没有输出", "no output"),
    "demo.look": ("先看这张对照图：{path}", "Look at this picture first: {path}"),
    "demo.folders": (
        "原件在 {originals}，结果和报告在 {masked}。",
        "The originals are in {originals}, the results and reports in {masked}.",
    ),
    "demo.score": (
        "画上去的姓名共 {total} 处，遮住 {covered} 处。",
        "Of {total} places where the name was drawn, {covered} are covered.",
    ),
    # the reports of a folder
    "sheet.title": ("姓名遮盖报告", "Name masking report"),
    "sheet.summary": ("汇总", "Summary"),
    "sheet.files": ("文件", "Files"),
    "sheet.pages": ("页", "Pages"),
    "sheet.path": ("文件", "File"),
    "sheet.number": ("页码", "Page"),
    "sheet.verdict": ("是否需要遮盖", "To be masked?"),
    "sheet.status": ("状态", "Status"),
    "sheet.reasons": ("待复核的原因", "Why a person must look"),
    "sheet.issues": ("问题", "Issues"),
    "sheet.advice": ("建议", "Advice"),
    "sheet.evidence": ("依据", "Evidence"),
    "sheet.name": ("姓名", "Name"),
    "sheet.picture": ("缩略图", "Picture"),
    "sheet.original": ("原件", "Original"),
    "sheet.output": ("遮盖后的文件", "Masked file"),
    "sheet.open": ("打开", "Open"),
    "sheet.no_pictures": (
        "超过 {limit} 页，表中不放缩略图；请点文件链接，或看 report.html。",
        "With more than {limit} pages this workbook holds no pictures; follow the links, or see report.html.",
    ),
    "sheet.no_links": (
        "超过 {limit} 行，其后的行没有链接（Excel 的上限）。",
        "Rows beyond the first {limit} have no links, which is as many as Excel takes.",
    ),
    "sheet.empty": ("没有页面。", "There are no pages."),
    "sheet.proposals": (
        "待复核的页面是建议稿，需要人工确认。缩略图中以色块盖住存疑处；整页存疑的，只显示大致样子。",
        "Pages under review are proposals that a person must confirm. In the pictures places in doubt are filled, and pages "
        "in doubt as a whole are only shown roughly.",
    ),
    "sheet.page": ("第 {page} 页", "page {page}"),
    "sheet.page_of": ("第 {page} 页，共 {pages} 页", "page {page} of {pages}"),
    "sheet.before": ("遮盖前", "Before"),
    "sheet.places": ("遮盖处（姓名不显示）", "Masks (name not shown)"),
    "sheet.after": ("遮盖后", "After"),
    "sheet.no_output": ("没有输出", "No output"),
    "sheet.no_picture": ("没有缩略图", "No picture"),
    "sheet.masks": ("遮盖 {count} 处", "Masks: {count}"),
    "sheet.hit": ("{rule}，相似度 {score}", "{rule}, score {score}"),
    "sheet.hits": ("{rule}，{count} 处，相似度 {score}", "{rule}, {count} places, score {score}"),
    "sheet.leak": ("复查时仍发现姓名：{channel}", "The name was still found: {channel}"),
    "sheet.by_verdict": ("按结论（页）", "By verdict (pages)"),
    "sheet.by_status": ("按状态（文件）", "By status (files)"),
    "sheet.by_issue": ("按问题（页）", "By issue (pages)"),
    "sheet.by_reason": ("按复核原因（页）", "By reason for review (pages)"),
    "sheet.count": ("数量", "Count"),
    "sheet.all": ("全部", "All"),
    "sheet.filters": ("筛选", "Filters"),
    "sheet.search": ("路径包含", "Path contains"),
    "sheet.problem": ("问题或原因", "Issue or reason"),
    "sheet.only_review": ("只看复核", "Only 复核"),
    "sheet.reset": ("清除筛选", "Clear filters"),
    "sheet.previous": ("上一个复核页", "Previous 复核 page"),
    "sheet.next": ("下一个复核页", "Next 复核 page"),
    "sheet.step": ("复核页 {at} / {total}", "复核 page {at} of {total}"),
    "sheet.shown": ("显示 {shown} / {total} 页", "{shown} of {total} pages shown"),
    "sheet.none": ("没有符合筛选条件的页面。", "No page matches the filters."),
    "sheet.list": ("页面", "Pages"),
    "sheet.nothing_wrong": ("没有问题", "Nothing to note"),
    "sheet.help": ("快捷键", "Keys"),
    "sheet.close": ("关闭", "Close"),
    "sheet.use_keys": ("使用单键快捷键", "Use single-key shortcuts"),
    "sheet.help_key": ("打开这个说明", "Open this list"),
    "sheet.skip": ("跳到页面列表", "Skip to the pages"),
    "sheet.language": ("English", "中文"),
    "sheet.few_pictures": (
        "页数很多，只有复核页有缩略图。",
        "There are many pages, so only those under review have pictures.",
    ),
    "sheet.with_names": (
        "此报告含有申请人的姓名，请勿外传。",
        "This report holds applicants' names: do not pass it on.",
    ),
    "sheet.print_cut": ("打印前 {shown} 页；请先筛选。", "The first {shown} pages are printed; filter before printing."),
    "rule.line": ("姓名在一行内", "name on one line"),
    "rule.split": ("姓名被拆成几段", "name in several pieces"),
    "rule.wrapped": ("姓名跨行", "name over two lines"),
    "rule.alias": ("别名", "alias"),
    "rule.first_part": ("姓名的一部分", "part of the name"),
    "rule.surname_variant": ("姓的异体写法", "variant of the surname"),
    "rule.pinyin": ("拼音", "pinyin"),
    "rule.pinyin_initials": ("拼音缩写", "pinyin initials"),
    "rule.signature": ("签名", "signature"),
    "rule.text_layer": ("PDF 文字层", "text layer of the PDF"),
    "rule.machine_code": ("二维码、条形码", "QR or bar code"),
    "demo.not_ours": (
        "此文件夹里有别的东西。请用 --out 指定一个新文件夹。",
        "This folder holds other things. Name a new folder with --out.",
    ),
}


def phrase(key: str, lang: Lang = "zh", **values: object) -> str:
    """The wording for ``key``, with ``values`` filled in.

    Raises:
        KeyError: no such phrase, or a value is missing.
    """
    zh, en = _PHRASES[key]
    return (zh if lang == "zh" else en).format(**values)


def phrase_templates() -> Mapping[str, tuple[str, str]]:
    """All wordings in zh-CN and English, with ``{fields}`` for values: for a page that fills them in itself."""
    return _PHRASES


def phrase_keys() -> tuple[str, ...]:
    return tuple(_PHRASES)

"""report.html: one page that needs nothing else, and asks nobody for anything.

The data stand in it as JSON, the pictures as text that becomes a picture when it comes into view (page.js). Its policy allows
the script and the style whose digests it names, and pictures that are in it.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Sequence
from importlib.resources import files
from string import Template
from typing import Any
from urllib.parse import quote

from redact.batch.reports.rows import KINDS, FileRow, PageRow
from redact.phrases import phrase_templates
from redact.texts import LANGS, Lang, advice, message
from redact.values import Severity, Verdict

# Pages whose pictures stand together in one piece of text.
_CHUNK = 50
# Beyond this many pages (about 100 MB of pictures) only those that a person must look at have one.
_MOST_PICTURES = 20_000


def make_html(rows: Sequence[PageRow], *, lang: Lang, with_names: bool) -> bytes:
    """The page, as UTF-8."""
    script, style = (_read(name) for name in ("page.js", "page.css"))
    few = len(rows) > _MOST_PICTURES
    page = Template(_read("page.html")).substitute(
        lang="zh-CN" if lang == "zh" else "en",
        policy=f"default-src 'none'; img-src data:; script-src '{_digest(script)}'; style-src '{_digest(style)}'; "
        "base-uri 'none'; form-action 'none'",
        style=style,
        script=script,
        data=_write_data({**_collect(rows), "lang": lang, "withNames": with_names, "chunk": _CHUNK, "fewPictures": few}),
        # These are looked at before the rest has come.
        first_pictures="\n".join(_write_pictures(rows[:_CHUNK], few=few)),
        pictures="\n".join(_write_pictures(rows, few=few, start=_CHUNK)),
    )
    return page.encode("utf-8", "replace")


def _read(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _write_data(data: dict[str, Any]) -> str:
    # No path may end the element that it stands in, nor open a comment there.
    return json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")


def _collect(rows: Sequence[PageRow]) -> dict[str, Any]:
    numbers: dict[int, int] = {}
    told: list[list[Any]] = []
    for row in rows:
        if id(row.file) not in numbers:
            numbers[id(row.file)] = len(told)
            told.append(_write_file(row.file))
    issues = sorted({issue for row in rows for issue in row.issues})
    reasons = sorted({reason for row in rows for reason in row.reasons})
    return {
        "kinds": KINDS,
        "texts": {key: list(words) for key, words in phrase_templates().items() if key.startswith(_SHOWN)},
        "codes": {
            **{f"{code}|{severity}": _explain(code, Severity(severity)) for code, severity in issues},
            **{code: _explain(code, None) for code in reasons},
        },
        "files": told,
        "rows": [_write_row(row, numbers[id(row.file)]) for row in rows],
    }


_SHOWN = ("sheet.", "verdict.", "status.", "channel.", "severity.", "rule.")


def _explain(code: str, severity: Severity | None) -> list[str]:
    return [words(code, lang, severity) for lang in LANGS for words in (message, advice)]


def _write_file(file: FileRow) -> list[Any]:
    """Read by page.js in this order."""
    links = (None if path is None else quote(path) for path in (file.output, file.original))
    return [file.source, file.status, file.pages, *links, file.name]


def _write_row(row: PageRow, file: int) -> list[Any]:
    """Read by page.js in this order."""
    return [
        file,
        -1 if row.page_index is None else row.page_index,
        KINDS.index(row.kind),
        round(row.aspect, 4),
        row.boxes,
        row.hits,
        row.reasons,
        [f"{code}|{severity}" for code, severity in row.issues],
        row.leaks,
    ]


def _write_pictures(rows: Sequence[PageRow], *, few: bool, start: int = 0) -> Iterator[str]:
    """For each page a line, ``before,after`` in base64, of which either may be empty."""
    for first in range(start, len(rows), _CHUNK):
        lines = [",".join(_encode(row, few=few)) for row in rows[first : first + _CHUNK]]
        if any(line != "," for line in lines):
            yield f'<script type="text/plain" id="pictures-{first // _CHUNK}">' + "\n".join(lines) + "</script>"


def _encode(row: PageRow, *, few: bool) -> Iterator[str]:
    made = row.thumbnails
    if made is None or (few and row.kind != Verdict.REVIEW):
        return iter(("", ""))
    return (base64.b64encode(picture or b"").decode() for picture in (made.before, made.after))

"""What a worker answers, written there and read here. Whatever is not as it should be is a :class:`BadFrame`."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from redact.errors import AttachmentError, Empty, Encrypted, RedactError, TooLarge, Truncated, Unopenable, WrongType
from redact.geometry import Box
from redact.processes.frames import BadFrame
from redact.values import Issue, KeptText, Leak, Page, Severity, TextRun

_ERRORS: dict[str, type[AttachmentError]] = {
    kind.code: kind for kind in (Unopenable, Encrypted, Empty, Truncated, WrongType, TooLarge)
}
# A developer's words, a class's name, numbers: nothing that could quote a file.
_PLAIN = re.compile(r"[\w .,:;()/<>+-]{0,120}", re.ASCII)
_CODE = re.compile("[a-z_]{1,40}")
_BOX_BYTES = 4 * 8

# What kind of worker it is, and how a child of a fork server ended, as :func:`os.waitstatus_to_exitcode` gives it.
FORK_SERVER, PLAIN = "fork", "plain"
STATUS = struct.Struct("<i")

Bytes = NDArray[np.uint8]


def write_json(**values: Any) -> bytes:
    return json.dumps(values).encode("ascii")


def read_json(head: bytes) -> dict[str, Any]:
    try:
        values = json.loads(head)
    except ValueError:
        raise BadFrame from None
    if not isinstance(values, dict):
        raise BadFrame
    return values


def write_error(error: AttachmentError) -> bytes:
    return write_json(error=error.code, detail=error.detail, page_index=error.page_index)


def raise_error(values: dict[str, Any], page_index: int | None) -> None:
    """Raises: the AttachmentError that the worker had; RedactError, where what it had was a fault of ours."""
    detail = values.get("detail")
    plain = detail if isinstance(detail, str) and _PLAIN.fullmatch(detail) else ""
    if "fault" in values:
        raise RedactError(plain, page_index=page_index)
    if "error" in values:
        kind, index = values["error"], values.get("page_index")
        if not isinstance(kind, str) or kind not in _ERRORS or not (index is None or type(index) is int):
            raise BadFrame
        raise _ERRORS[kind](plain, page_index=index)


def write_issues(issues: Sequence[Issue]) -> list[list[Any]]:
    """Of intake's warnings, which have a code, a severity and perhaps a page."""
    return [[issue.code, issue.severity.value, issue.page_index] for issue in issues]


def read_issues(rows: Any) -> tuple[Issue, ...]:
    try:
        issues = tuple(Issue(code, Severity(severity), index) for code, severity, index in rows)
    except (TypeError, ValueError):
        raise BadFrame from None
    for issue in issues:
        if issue.code not in _ERRORS or not (issue.page_index is None or type(issue.page_index) is int):
            raise BadFrame
    return issues


def write_kept(texts: Sequence[KeptText]) -> list[list[Any]]:
    return [[text.page_index, text.reason] for text in texts]


def read_kept(rows: Any, page_count: int) -> tuple[KeptText, ...]:
    try:
        kept = tuple(KeptText(index, reason) for index, reason in rows)
    except (TypeError, ValueError):
        raise BadFrame from None
    for text in kept:
        if type(text.page_index) is not int or not 0 <= text.page_index < page_count:
            raise BadFrame
        if not (text.reason is None or (isinstance(text.reason, str) and _CODE.fullmatch(text.reason))):
            raise BadFrame
    return kept


def write_leaks(leaks: Sequence[Leak]) -> list[str]:
    """Of a search in bytes, whose leaks have a channel and no place."""
    return [leak.channel for leak in leaks]


def read_leaks(channels: Any) -> list[Leak]:
    if not isinstance(channels, list) or not all(isinstance(c, str) and _CODE.fullmatch(c) for c in channels):
        raise BadFrame
    return [Leak(channel) for channel in channels]


def write_page(page: Page, warnings: Sequence[Issue]) -> tuple[bytes, Bytes, Bytes]:
    """Head, pixels, and the edges of the text's boxes: float64 in native order, four a character."""
    boxes = [box for run in page.runs for box in run.boxes]
    edges = np.array([(b.x0, b.y0, b.x1, b.y1) for b in boxes], np.float64).reshape(-1)
    runs = [[run.text, run.hidden] for run in page.runs]
    head = write_json(width=page.width, height=page.height, dpi=page.dpi, runs=runs, warnings=write_issues(warnings))
    return head, np.ascontiguousarray(page.pixels), edges.view(np.uint8)


def read_page(values: dict[str, Any], body: Bytes, index: int) -> Page:
    try:
        width, height, dpi = int(values["width"]), int(values["height"]), float(values["dpi"])
        runs = [(str(text), bool(hidden)) for text, hidden in values["runs"]]
    except (KeyError, TypeError, ValueError):
        raise BadFrame from None
    size = 3 * width * height
    if min(width, height) < 1 or len(body) != size + _BOX_BYTES * sum(len(text) for text, _ in runs):
        raise BadFrame
    pixels = body[:size].reshape(height, width, 3)
    return Page(index, pixels, dpi, _read_runs(runs, body[size:]))


def _read_runs(runs: Sequence[tuple[str, bool]], edges: Bytes) -> tuple[TextRun, ...]:
    boxes = np.frombuffer(edges.tobytes(), np.float64).reshape(-1, 4).tolist()
    made, at = [], 0
    try:
        for text, hidden in runs:
            made.append(TextRun(text, tuple(Box(*edge) for edge in boxes[at : at + len(text)]), hidden))
            at += len(text)
    except ValueError:
        raise BadFrame from None
    return tuple(made)

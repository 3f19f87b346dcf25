"""What is told about one attachment, and its JSON form (``redact.report/1``, ``redact.verify/1``).

A report never holds the name or text that was read, so that it may be logged and kept; :func:`redact.paths.hide_name`
takes the name out of the paths it shows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from redact.errors import AttachmentError
from redact.paths import find_secrets, hide_name, safe_name
from redact.texts import Lang, message
from redact.values import Hit, Issue, Leak, PageReport, Reason, Severity, Status, Verdict
from redact.wire import write_box, write_issue, write_json, write_path, write_seconds

__all__ = ["Report", "VerifyReport", "find_secrets", "hide_name", "reject", "safe_name"]

UNKNOWN_TYPE = "application/octet-stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The outcome for one attachment.

    ``source``: its path, the name hidden. ``source_sha256``: hex digest of its bytes. ``output``: where the masked file
    is, relative to the folder of outputs; a proposal while ``status`` is review.

    Raises:
        ValueError: a status that the rest contradicts, so that no file counts as done with a leak or an open question.
    """

    source: str
    source_sha256: str
    media_type: str
    status: Status
    verdict: Verdict
    pages: tuple[PageReport, ...] = ()
    issues: tuple[Issue, ...] = ()
    leaks: tuple[Leak, ...] = ()
    output: str | None = None
    timings_s: Mapping[str, float] = field(default_factory=dict)
    models: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.status is Status.DONE and (self.leaks or self.verdict is Verdict.REVIEW):
            raise ValueError("an attachment with a leak or a verdict of 复核 is not done")
        if self.status is Status.DONE and any(issue.severity is Severity.REJECT for issue in self._all_issues()):
            raise ValueError("an attachment with an issue to reject it for is not done")
        if self.leaks and self.output is not None:
            raise ValueError("an attachment with a leak has no output")
        if self.status is Status.REJECTED and (self.output is not None or self.verdict is not Verdict.REVIEW):
            raise ValueError("a rejected attachment has no output, and whether it holds the name is not known")

    @property
    def mask_required(self) -> Verdict:
        """是 / 否 / 复核, the contract's word for ``verdict``."""
        return self.verdict

    def _all_issues(self) -> tuple[Issue, ...]:
        return self.issues + tuple(issue for page in self.pages for issue in page.issues)

    def to_dict(self, lang: Lang = "zh") -> dict[str, Any]:
        """The contract's JSON as plain Python values; messages and advice in ``lang``."""
        return {
            "schema": "redact.report/1",
            "source": write_path(self.source),
            "source_sha256": self.source_sha256,
            "media_type": str(self.media_type),
            "status": str(self.status),
            "mask_required": str(self.verdict),
            "pages": [_page(p, lang) for p in self.pages],
            "issues": [write_issue(i, lang) for i in self.issues],
            "leaks": [_leak(leak) for leak in self.leaks],
            "output": None if self.output is None else write_path(self.output),
            "timings_s": write_seconds(self.timings_s),
            "models": dict(self.models),
        }

    def to_json(self, lang: Lang = "zh") -> str:
        """One line of JSON, encodable as UTF-8."""
        return write_json(self.to_dict(lang))


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyReport:
    """What ``redact verify`` found in a file. ``status``: done (no leak), review (leaks, or pages that could not be
    searched), rejected (could not be opened)."""

    source: str
    source_sha256: str
    status: Status
    leaks: tuple[Leak, ...] = ()

    def __post_init__(self) -> None:
        if self.status is Status.DONE and self.leaks:
            raise ValueError("a file with leaks is not done")

    def to_dict(self, lang: Lang = "zh") -> dict[str, Any]:
        """``lang`` changes nothing today: the report holds no wording."""
        return {
            "schema": "redact.verify/1",
            "source": write_path(self.source),
            "source_sha256": self.source_sha256,
            "status": str(self.status),
            "leaks": [_leak(leak) for leak in self.leaks],
        }

    def to_json(self, lang: Lang = "zh") -> str:
        """One line of JSON, encodable as UTF-8."""
        return write_json(self.to_dict(lang))


def reject(error: AttachmentError, *, source: str, source_sha256: str, media_type: str = UNKNOWN_TYPE) -> Report:
    """The report on an attachment that could not be opened; ``error`` becomes its issue."""
    return Report(
        source=source,
        source_sha256=source_sha256,
        media_type=media_type,
        status=Status.REJECTED,
        verdict=Verdict.REVIEW,
        issues=(Issue(error.code, Severity.REJECT, page_index=error.page_index),),
    )


def _page(page: PageReport, lang: Lang) -> dict[str, Any]:
    kept = page.kept_text
    asked = {} if kept is None else {"kept_text": kept.reason is None, "kept_text_reason": _code(kept.reason, lang)}
    return {
        "page_index": page.page_index,
        "width": page.width,
        "height": page.height,
        "rotation": page.rotation,
        "mask_required": str(page.verdict),
        "hits": [_hit(h) for h in page.hits],
        "masks": [write_box(m) for m in page.masks],
        "reasons": [_reason(r, lang) for r in page.reasons],
        "issues": [write_issue(i, lang) for i in page.issues],
        **asked,
    }


def _code(code: str | None, lang: Lang) -> dict[str, str] | None:
    return None if code is None else {"code": code, "message": message(code, lang)}


def _hit(hit: Hit) -> dict[str, Any]:
    return {"boxes": [write_box(b) for b in hit.boxes], "score": _score(hit.score), "rule": hit.rule}


def _reason(reason: Reason, lang: Lang) -> dict[str, Any]:
    return {"code": reason.code, "message": message(reason.code, lang), "box": write_box(reason.box)}


def _leak(leak: Leak) -> dict[str, Any]:
    return {
        "channel": leak.channel,
        "page_index": leak.page_index,
        "box": write_box(leak.box),
        "score": None if leak.score is None else _score(leak.score),
    }


def _score(log_ratio: float) -> float:
    """In the report a score runs from 0 to 1: the likelihood of the name per character against the best reading."""
    return round(math.exp(min(log_ratio, 0.0)), 4)

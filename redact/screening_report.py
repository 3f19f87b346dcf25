"""What screening tells about one attachment, and its JSON form (``redact.screening/1``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from redact.errors import AttachmentError
from redact.texts import Lang
from redact.values import Issue, PageScreening, Severity, Status
from redact.wire import write_issue, write_json, write_number, write_path, write_seconds

UNKNOWN_TYPE = "application/octet-stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreeningReport:
    """Whether one attachment is clear, complete and upright.

    ``source``: its path as given; no name was, so none is hidden. ``issues``: those of the file as a whole; pages have
    their own. A page that could not be decoded has no width and no height. ``output``: where its upright copy is, relative
    to the folder of copies; None where none was made.
    """

    source: str
    source_sha256: str
    media_type: str
    pages: tuple[PageScreening, ...] = ()
    issues: tuple[Issue, ...] = ()
    output: str | None = None
    timings_s: Mapping[str, float] = field(default_factory=dict)
    models: Mapping[str, str] = field(default_factory=dict)

    @property
    def all_issues(self) -> tuple[Issue, ...]:
        """Those of the file, then those of its pages in their order."""
        return self.issues + tuple(issue for page in self.pages for issue in page.issues)

    @property
    def status(self) -> Status:
        """Rejected where any issue is one to reject the upload for, else done: screening leaves no question open."""
        return Status.REJECTED if any(issue.severity is Severity.REJECT for issue in self.all_issues) else Status.DONE

    def to_dict(self, lang: Lang = "zh") -> dict[str, Any]:
        """The contract's JSON as plain Python values; messages and advice in ``lang``. Top-level ``issues`` has all."""
        return {
            "schema": "redact.screening/1",
            "source": write_path(self.source),
            "source_sha256": self.source_sha256,
            "media_type": str(self.media_type),
            "status": str(self.status),
            "pages": [_page(p, lang) for p in self.pages],
            "issues": [write_issue(i, lang) for i in self.all_issues],
            "output": None if self.output is None else write_path(self.output),
            "timings_s": write_seconds(self.timings_s),
            "models": dict(self.models),
        }

    def to_json(self, lang: Lang = "zh") -> str:
        """One line of JSON, encodable as UTF-8."""
        return write_json(self.to_dict(lang))


def reject_upload(error: AttachmentError, *, source: str, source_sha256: str) -> ScreeningReport:
    """The report on an attachment that could not be opened; ``error`` becomes its issue."""
    issue = Issue(error.code, Severity.REJECT, page_index=error.page_index)
    return ScreeningReport(source=source, source_sha256=source_sha256, media_type=UNKNOWN_TYPE, issues=(issue,))


def _page(page: PageScreening, lang: Lang) -> dict[str, Any]:
    corners = None if page.sheet is None else [[round(x, 1), round(y, 1)] for x, y in page.sheet.points]
    return {
        "page_index": page.page_index,
        "width": page.width,
        "height": page.height,
        "dpi": write_number(page.dpi) or None,
        "rotation": page.rotation,
        "rotation_confidence": write_number(page.rotation_confidence),
        "skew_deg": write_number(page.skew_deg),
        "mirrored": page.mirrored,
        "legibility": write_number(page.legibility),
        "text_height_px": write_number(page.text_px),
        "sheet": corners,
        "issues": [write_issue(i, lang) for i in page.issues],
    }

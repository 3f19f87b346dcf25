"""What the reports for people are made from: one attachment's report, and small pictures of its pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SCHEMA = "redact.report/1"


@dataclass(frozen=True, slots=True)
class PageThumbnails:
    """WebP bytes, at most :data:`redact.batch.reports.thumbnails.WIDTH_PX` wide, of one page.

    ``before``: the page as it was uploaded, only where names may be shown. ``after``: the page of the output; None where
    there is no output.
    """

    page_index: int
    before: bytes | None = field(default=None, repr=False)
    after: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Record:
    """One attachment.

    ``report``: ``redact.report/1`` as plain values; its ``source`` has the name hidden, its ``output`` is relative to the
    folder of outputs. ``original``: where the upload lies; None where the path must not be shown since the name stands in it.
    ``applicant``: the key of the applicant in the ``names`` of :func:`redact.batch.reports.write_reports`; it is written nowhere.

    Raises:
        ValueError: the report is of another schema.
    """

    report: Mapping[str, Any] = field(repr=False)
    thumbnails: tuple[PageThumbnails, ...] = ()
    original: Path | None = field(default=None, repr=False)
    applicant: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        if self.report.get("schema") != SCHEMA:
            raise ValueError(f"a record holds a report of {SCHEMA}")

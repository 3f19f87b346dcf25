"""One row for each page, as both reports show it: codes, no words yet."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from redact.batch.reports.record import PageThumbnails, Record
from redact.paths import HIDDEN
from redact.values import Status, Verdict

# What a page is sorted by: its verdict, or that its attachment counts as not uploaded.
REJECTED = "退回"
KINDS = (str(Verdict.REQUIRED), str(Verdict.NOT_REQUIRED), str(Verdict.REVIEW), REJECTED)


@dataclass(frozen=True, slots=True)
class FileRow:
    """``output``, ``original``: paths from the folder of the reports, with ``/``, of files that are there; else None."""

    source: str
    status: str
    pages: int
    output: str | None = None
    original: str | None = None
    name: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class PageRow:
    """``kind``: a page with a leak is 复核, whatever was found on it. ``page_index``: None for an attachment without pages.
    ``boxes``: masks as shares (x0, y0, x1, y1) of the page; ``aspect``: its width over its height. ``hits``: rule and score.
    ``issues``: code and severity; ``leaks``: channels."""

    file: FileRow
    kind: str
    page_index: int | None = None
    aspect: float = 1.0
    boxes: tuple[tuple[float, ...], ...] = ()
    hits: tuple[tuple[str, float], ...] = ()
    reasons: tuple[str, ...] = ()
    issues: tuple[tuple[str, str], ...] = ()
    leaks: tuple[str, ...] = ()
    thumbnails: PageThumbnails | None = field(default=None, repr=False)


def read_rows(folder: Path, records: Iterable[Record], names: Mapping[str, str] | None) -> tuple[PageRow, ...]:
    """In the order of ``records``, an attachment's pages one after another; see :func:`redact.batch.reports.write_reports`."""
    return tuple(row for record in records for row in _read_record(folder, record, names))


def _read_record(folder: Path, record: Record, names: Mapping[str, str] | None) -> Iterator[PageRow]:
    report = record.report
    pages: Sequence[Mapping[str, Any]] = report["pages"]
    file = FileRow(
        source=report["source"],
        status=report["status"],
        pages=len(pages),
        output=_find_output(folder, report["output"]),
        original=_find_original(folder, record, shown=names is not None),
        name=None if names is None else names.get(record.applicant or report["source"]),
    )
    rejected = report["status"] == Status.REJECTED
    pictures = {t.page_index: t for t in record.thumbnails}
    shown = {page["page_index"] for page in pages}
    for number, page in enumerate(pages or [{}]):
        index = page.get("page_index")
        # What is about no page, or about one that is not listed, stands with the first.
        here = [i for i in report["issues"] if i["page_index"] == index or (number == 0 and i["page_index"] not in shown)]
        leaks = [k for k in report["leaks"] if k["page_index"] == index or (number == 0 and k["page_index"] not in shown)]
        yield PageRow(
            file=file,
            kind=REJECTED if rejected else str(Verdict.REVIEW) if leaks else page.get("mask_required", report["mask_required"]),
            page_index=index,
            aspect=page["width"] / page["height"] if page else 1.0,
            boxes=tuple(_share(box, page) for box in page.get("masks", ())),
            hits=tuple((hit["rule"], hit["score"]) for hit in page.get("hits", ())),
            reasons=_once(reason["code"] for reason in page.get("reasons", ())),
            issues=_once((i["code"], i["severity"]) for i in [*page.get("issues", ()), *here]),
            leaks=_once(leak["channel"] for leak in leaks),
            thumbnails=pictures.get(index) if index is not None else None,
        )


def _share(box: Sequence[float], page: Mapping[str, Any]) -> tuple[float, ...]:
    sizes = (page["width"], page["height"]) * 2
    return tuple(round(min(max(edge / size, 0.0), 1.0), 4) for edge, size in zip(box, sizes, strict=True))


def _once(values: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(values))


def _find_output(folder: Path, output: str | None) -> str | None:
    if output is None:
        return None
    path = PurePosixPath(output)
    inside = not path.is_absolute() and ".." not in path.parts
    return str(path) if inside and (folder / path).is_file() else None


def _find_original(folder: Path, record: Record, *, shown: bool) -> str | None:
    """A path that holds the name differs from the ``source`` that hides it; it is linked only where names are shown."""
    original, source = record.original, record.report["source"]
    if original is None or not original.is_file():
        return None
    if not shown and (HIDDEN in source or not original.as_posix().endswith(f"/{source}")):
        return None
    try:
        return Path(os.path.relpath(original, folder)).as_posix()
    except ValueError:  # another drive
        return None

"""Reports for people on a whole folder: report.xlsx to work in, report.html to look through."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from redact.batch.reports.record import PageThumbnails, Record
from redact.texts import Lang

__all__ = ["PageThumbnails", "Record", "write_reports"]


def write_reports(folder: Path, records: Iterable[Record], *, names: Mapping[str, str] | None, lang: Lang) -> None:
    """Write ``folder``/report.xlsx and report.html in the order of ``records``, each in one step over one that is there.

    ``names``: from an attachment's ``applicant`` (its ``source`` where that is empty) to the name to show; None shows no name.
    ``lang``: of report.xlsx, and the one that report.html opens in. Only their owner may read the two, as with the folder
    ``review``: they hold pictures of proposals.

    Raises:
        ImportError: openpyxl is missing (the extra ``batch``).
        OSError: they cannot be written; what was there is as it was.
    """
    from redact.batch.reports.html import make_html
    from redact.batch.reports.rows import read_rows
    from redact.batch.reports.xlsx import make_xlsx
    from redact.outputs import replace_file

    rows = read_rows(folder, records, names)
    replace_file(folder / "report.xlsx", make_xlsx(rows, lang=lang, with_names=names is not None))
    replace_file(folder / "report.html", make_html(rows, lang=lang, with_names=names is not None))

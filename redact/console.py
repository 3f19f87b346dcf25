"""What people see: tables and messages, on stderr. What is shown of a file name has no control characters."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from redact.phrases import phrase
from redact.report import Report
from redact.screening_report import ScreeningReport
from redact.texts import Lang, message
from redact.values import Severity, Status, Verdict
from redact.wire import issue_words

_COLOURS = {Verdict.REQUIRED: "green", Verdict.NOT_REQUIRED: "cyan", Verdict.REVIEW: "yellow"}
_STATUS_COLOURS = {Status.DONE: "green", Status.REVIEW: "yellow", Status.REJECTED: "red"}
_WIDTH_WITHOUT_TERMINAL = 140
_PAGES_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Row:
    """One file in the table. ``report`` is None where it could not be handled at all; then ``failure`` says why."""

    file: str
    report: Report | None = None
    failure: str = ""


@dataclass(frozen=True, slots=True)
class ScreeningRow:
    """One file in the table of screening. ``report`` is None where it could not be handled at all; then ``failure`` says why.
    ``note``: what else there is to say, of its upright copy for instance."""

    file: str
    report: ScreeningReport | None = None
    failure: str = ""
    note: str = ""


def make_console() -> Console:
    """For people: on stderr, since stdout belongs to ``--json``."""
    width = None if sys.stderr.isatty() else _WIDTH_WITHOUT_TERMINAL
    return Console(stderr=True, width=width, highlight=False, soft_wrap=False)


def make_progress(console: Console) -> Progress:
    """Bars that vanish when done; nothing where stderr is no terminal."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


def use_utf8() -> None:
    """Chinese on any console and in any pipe, whatever the code page; an odd byte in a file name does no harm."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="backslashreplace")


def make_printable(text: str) -> str:
    """``text`` without control characters: a file name could otherwise steer the terminal."""
    return "".join(c if c.isprintable() else "?" for c in text)


def print_error(console: Console, text: str, lang: Lang) -> None:
    console.print(Text.assemble((phrase("error", lang) + ": ", "bold red"), make_printable(text)))


def print_line(console: Console, text: str, style: str = "") -> None:
    """One line, never wrapped, so that a path in it can be copied."""
    console.print(Text(make_printable(text), style=style), soft_wrap=True)


def print_results(console: Console, rows: Sequence[Row], *, seconds: float, lang: Lang) -> None:
    """A table with a row for each file, and the sums."""
    table = Table(title=phrase("table.title", lang), title_justify="left")
    table.add_column(phrase("table.file", lang), overflow="fold")
    table.add_column(phrase("table.pages", lang), justify="right")
    table.add_column(phrase("table.verdict", lang))
    table.add_column(phrase("table.masks", lang), justify="right")
    table.add_column(phrase("table.reasons", lang), overflow="fold", ratio=1)
    table.add_column(phrase("table.output", lang), overflow="fold")
    for row in rows:
        table.add_row(*_cells(row, lang))
    console.print(table)
    statuses = Counter("failed" if row.report is None else str(row.report.status) for row in rows)
    counts = {word: statuses[word] for word in ("done", "review", "rejected", "failed")}
    print_line(console, phrase("summary", lang, total=len(rows), seconds=seconds, **counts))


def _cells(row: Row, lang: Lang) -> tuple[Text, ...]:
    report = row.report
    file = Text(make_printable(row.file))
    if report is None:
        return file, Text("-"), Text(phrase("status.failed", lang), "red"), Text("-"), Text(row.failure), Text("-")
    if report.status is Status.REJECTED:
        verdict = Text(phrase("status.rejected", lang), _STATUS_COLOURS[report.status])
    else:
        verdict = Text(phrase(f"verdict.{report.verdict}", lang), _COLOURS[report.verdict])
    masks = sum(len(page.masks) for page in report.pages)
    return (
        file,
        Text(str(len(report.pages)) if report.pages else "-"),
        verdict,
        Text(str(masks)),
        Text("\n".join(_explanations(report, lang))),
        Text(make_printable(report.output) if report.output else "-"),
    )


def _explanations(report: Report, lang: Lang) -> list[str]:
    """Each reason and issue once, with the pages it concerns."""
    pages: dict[str, list[int]] = {}
    for issue in report.issues:
        pages.setdefault(issue_words(issue, lang)[0], []).extend([] if issue.page_index is None else [issue.page_index])
    for page in report.pages:
        for told in (*(message(r.code, lang) for r in page.reasons), *(issue_words(i, lang)[0] for i in page.issues)):
            pages.setdefault(told, []).append(page.page_index)
    if report.leaks:
        pages.setdefault(message("leak_found", lang), [])
    many = len(report.pages) > 1
    return [told + (list_pages(indices, lang) if many and indices else "") for told, indices in pages.items()]


def print_screenings(console: Console, rows: Sequence[ScreeningRow], *, seconds: float, lang: Lang) -> None:
    """A table with a row for each file: what is wrong, on which pages, and what to do about it; and the sums."""
    table = Table(title=phrase("screen.title", lang), title_justify="left")
    table.add_column(phrase("table.file", lang), overflow="fold")
    table.add_column(phrase("table.pages", lang), justify="right")
    table.add_column(phrase("screen.result", lang))
    table.add_column(phrase("screen.issues", lang), overflow="fold", ratio=1)
    for row in rows:
        table.add_row(*_screening_cells(row, lang))
    console.print(table)
    statuses = Counter("failed" if row.report is None else str(row.report.status) for row in rows)
    counts = {word: statuses[word] for word in ("done", "rejected", "failed")}
    print_line(console, phrase("screen.summary", lang, total=len(rows), seconds=seconds, **counts))


def _screening_cells(row: ScreeningRow, lang: Lang) -> tuple[Text, ...]:
    report = row.report
    file = Text(make_printable(row.file))
    if report is None:
        return file, Text("-"), Text(phrase("status.failed", lang), "red"), Text(row.failure)
    status = Text(phrase(f"screen.{report.status}", lang), _STATUS_COLOURS[report.status])
    told = _tell_issues(report, lang)
    if row.note:
        told.append(Text(make_printable(row.note), "dim"))
    return file, Text(str(len(report.pages)) if report.pages else "-"), status, Text("\n").join(told)


def _tell_issues(report: ScreeningReport, lang: Lang) -> list[Text]:
    """Each issue once, the grave ones first, with the pages it concerns and the advice."""
    pages: dict[tuple[Severity, str, str], list[int]] = {}
    for issue in sorted(report.all_issues, key=lambda i: i.severity is not Severity.REJECT):
        indices = pages.setdefault((issue.severity, *issue_words(issue, lang)), [])
        if issue.page_index is not None:
            indices.append(issue.page_index)
    many = len(report.pages) > 1
    gap = "" if lang == "zh" else " "
    return [
        Text.assemble(
            (phrase(f"severity.{severity}", lang), "red" if severity is Severity.REJECT else "yellow"),
            f"{gap}{told}{list_pages(indices, lang) if many and indices else ''}{gap}{advised}",
        )
        for (severity, told, advised), indices in pages.items()
    ]


def list_pages(indices: Sequence[int], lang: Lang) -> str:
    """Page numbers in brackets, to follow what is said of them."""
    numbers = sorted({i + 1 for i in indices})
    shown = ", ".join(map(str, numbers[:_PAGES_SHOWN])) + (" …" if len(numbers) > _PAGES_SHOWN else "")
    text = phrase("table.page", lang, page=shown)
    return f"（{text}）" if lang == "zh" else f" ({text})"

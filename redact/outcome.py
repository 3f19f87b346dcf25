"""What became of an attachment: pages, verification and clock put together into a report."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from redact.fitness import excuse_backs
from redact.intake import Converted, OpenAttachment
from redact.masking import fit_masks
from redact.report import Report
from redact.screening_report import ScreeningReport
from redact.values import PageReport, PageScreening, Reason, Status, Verdict
from redact.verify import Verification

Progress = Callable[[int, int], None]


class Clock:
    """Seconds spent by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def of(self, stage: str) -> Iterator[None]:
        started = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[stage] = self.seconds.get(stage, 0.0) + time.perf_counter() - started


class Steps:
    """Progress in ``total`` steps, such as one for each page read and one for each page verified."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress = progress
        self._total = total
        self._done = 0

    def done(self) -> None:
        self._done = min(self._done + 1, self._total)
        if self._progress is not None:
            self._progress(self._done, self._total)

    def finish(self) -> None:
        self._done = self._total - 1
        self.done()


def digest(source: Path | str | bytes) -> str:
    """sha256 of a source that could not be opened; of nothing where it cannot even be read."""
    if isinstance(source, bytes):
        return hashlib.sha256(source).hexdigest()
    try:
        with Path(source).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return hashlib.sha256(b"").hexdigest()


_Told = TypeVar("_Told", Report, ScreeningReport)


def tell_upload(report: _Told, office: Converted) -> _Told:
    """The report on a document's PDF as one on the document that was uploaded."""
    media_type, issues = str(office.media_type), office.warnings + report.issues
    return replace(report, media_type=media_type, source_sha256=office.sha256, issues=issues)


def find_named_text(pages: Sequence[PageReport], verification: Verification) -> frozenset[int]:
    """The pages whose kept text may hold the name: those that verification names, and all where it found it somewhere in the
    file."""
    kept = {page.page_index for page in pages if page.kept_text is not None and page.kept_text.reason is None}
    named = {leak.page_index for leak in verification.leaks if leak.channel != "pixels"}
    return frozenset(kept if None in named else kept & named)


def add_found(attachment: OpenAttachment, page: PageReport, verification: Verification) -> PageReport:
    """The page with the places that verification found in its output masked as well."""
    found = verification.found.get(page.page_index)
    if found is None:
        return page
    # The output of a PDF may be rendered at another resolution than the page was.
    hits = tuple(found.hits_in(page.width, page.height))
    pixels = attachment.page(page.page_index)
    verdict = Verdict.REVIEW if page.verdict is Verdict.REVIEW else Verdict.REQUIRED
    everything = page.hits + hits
    return replace(page, hits=everything, masks=fit_masks(pixels, everything), verdict=verdict)


def add_doubts(pages: Sequence[PageReport], verification: Verification) -> list[PageReport]:
    """Where the second look saw what may be the name and the first did not, a person decides."""
    return [
        replace(page, verdict=Verdict.REVIEW, reasons=page.reasons + doubts)
        if (doubts := (*verification.doubts.get(page.page_index, ()), *verification.codes.get(page.page_index, ())))
        else page
        for page in pages
    ]


def conclude(
    attachment: OpenAttachment,
    pages: Sequence[PageReport],
    verification: Verification | None,
    output: bytes | None,
    shown: str,
    clock: Clock,
    models: dict[str, str],
) -> tuple[Report, bytes | None]:
    """The report, and the bytes that may leave. ``verification`` is None where nothing was masked, since a page could not be
    decoded or screening rejected one: such an attachment counts as not uploaded."""
    leaks = verification.leaks if verification is not None else ()
    leaky = {leak.page_index for leak in leaks}
    pages = [
        replace(p, verdict=Verdict.REVIEW, reasons=(*p.reasons, Reason("leak_found"))) if p.page_index in leaky else p
        for p in pages
    ]
    # What could not be drawn of a page was not searched either.
    damaged = {w.page_index for w in attachment.warnings if w.code == "unopenable"}
    pages = [
        replace(p, verdict=Verdict.REVIEW, reasons=(*p.reasons, Reason("page_failed"))) if p.page_index in damaged else p
        for p in pages
    ]
    verdicts = {page.verdict for page in pages}
    if leaks or Verdict.REVIEW in verdicts or verification is None:
        verdict = Verdict.REVIEW
    else:
        verdict = Verdict.REQUIRED if Verdict.REQUIRED in verdicts else Verdict.NOT_REQUIRED
    issues = attachment.warnings + tuple(issue for page in pages for issue in page.issues)
    status = Status.REVIEW if verdict is Verdict.REVIEW else Status.DONE
    if verification is None:
        status = Status.REJECTED
    report = Report(
        source=shown,
        source_sha256=attachment.sha256,
        media_type=attachment.media_type,
        status=status,
        verdict=verdict,
        pages=tuple(pages),
        issues=issues,
        leaks=leaks,
        timings_s=clock.seconds,
        models=models,
    )
    return report, output if status is not Status.REJECTED else None


def conclude_screening(
    attachment: OpenAttachment, pages: Sequence[PageScreening], shown: str, clock: Clock, models: dict[str, str]
) -> ScreeningReport:
    """Pages judged beside each other; what intake said of a page is that page's issue, the rest the file's."""
    odd = attachment.warnings
    pages = [
        replace(page, issues=page.issues + tuple(issue for issue in odd if issue.page_index == page.page_index))
        for page in excuse_backs(pages)
    ]
    return ScreeningReport(
        source=shown,
        source_sha256=attachment.sha256,
        media_type=attachment.media_type,
        pages=tuple(pages),
        issues=tuple(issue for issue in odd if issue.page_index is None),
        timings_s=clock.seconds,
        models=models,
    )

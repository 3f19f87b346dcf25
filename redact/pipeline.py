"""Bytes and a name in; a masked file, a verdict and a report out. Bytes alone in; what is wrong with them out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from redact.codes import find_codes, judge_codes
from redact.errors import AttachmentError, UsageError
from redact.fitness import doubt_poor, excuse_backs, excuse_turns, may_be_masked
from redact.geometry import Box
from redact.intake import Converted, convert_upload
from redact.masking import fit_masks
from redact.ocr.reader import TextReader
from redact.options import IntakeLimits, RasterOptions
from redact.outcome import (
    Clock,
    Progress,
    Steps,
    add_doubts,
    add_found,
    conclude,
    conclude_screening,
    digest,
    find_named_text,
    tell_upload,
)
from redact.report import Report, VerifyReport, find_secrets, hide_name, reject
from redact.sandbox import DecodedAttachment, Decoder, choose_decoder
from redact.screening import load_clarity_thresholds, screen_page
from redact.screening_report import ScreeningReport, reject_upload
from redact.search import Query, search_page
from redact.values import Issue, Leak, PageMasks, PageReport, PageScreening, Reason, Severity, Status, Verdict
from redact.verify import Verification, verify_attachment

# One masking, and one more where the verification's own look found a place that the first look missed.
ROUNDS = 2


@dataclass(frozen=True, slots=True)
class RedactResult:
    """``output``: the masked file's bytes; a proposal while ``report.status`` is review; None when rejected, or on a leak."""

    report: Report
    output: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Corrected:
    """``output``: the file masked as a person decided. ``found``: where the name stands in it all the same, by page index, in the
    frames of the given pages; ``leaks``: the same and what is in no place (a text layer, the bytes)."""

    output: bytes = field(repr=False)
    found: Mapping[int, tuple[Box, ...]]
    leaks: tuple[Leak, ...]


class Redactor:
    """Masks names. Loads the models once; safe to share between threads.

    ``sandbox``: untrusted bytes are decoded in worker processes (see :mod:`redact.sandbox`), which all redactors share; False
    decodes them in this process, where none may be started; a decoder of one's own is taken as it is. ``threads``: that a page is
    read with; None for one of each core.

    Raises:
        SandboxError: no worker process can be started.
        ModelError: weights or engine are missing, or the weights are not what the manifest lists.
    """

    def __init__(
        self,
        *,
        models_dir: Path | None = None,
        reader: TextReader | None = None,
        limits: IntakeLimits = IntakeLimits(),
        raster: RasterOptions = RasterOptions(),
        sandbox: bool | Decoder = True,
        threads: int | None = None,
    ) -> None:
        self._decoder = choose_decoder(sandbox)
        # It loads its libraries while the models are loaded here.
        self._decoder.prepare()
        if reader is None:
            from redact.ocr.ppocr import PpOcrReader

            reader = PpOcrReader(models_dir=models_dir, threads=threads)
        self._reader = reader
        self._models_dir = models_dir
        self._clarity = load_clarity_thresholds(models_dir)
        self._limits = limits
        self._raster = raster

    def redact(
        self,
        source: Path | str | bytes,
        *,
        name: str,
        aliases: Sequence[str] = (),
        accept_poor: bool = False,
        keep_text: bool = False,
        progress: Progress | None = None,
    ) -> RedactResult:
        """Mask ``name`` in a file. ``progress(done, total)`` is called after each page, read or verified (two steps a page).

        A file that cannot be opened, or that screening rejects (unclear, incomplete), comes back as a report with status
        rejected, not as an exception. ``accept_poor``: mask what screening rejects as well; the result is a proposal, and its
        verdict 复核. ``keep_text``: pages of a PDF that were written and not scanned keep their text where it can be proved clean
        (see :func:`redact.masking.mask_file_keeping_text`), and the report says of each page whether it did.

        Raises:
            InvalidName: empty, one character, no letters.
            NotAFile: a folder, or nothing there.
        """
        query = Query.make(name, aliases, models_dir=self._models_dir)
        shown = "" if isinstance(source, bytes) else hide_name(str(source), find_secrets(name, aliases))
        try:
            office = convert_upload(source, self._limits)
            with self._open(source, office) as attachment:
                result = self._run(attachment, query, shown, accept_poor, keep_text, progress)
            return result if office is None else replace(result, report=tell_upload(result.report, office))
        except AttachmentError as error:
            return RedactResult(reject(error, source=shown, source_sha256=digest(source)), None)

    def correct(
        self,
        source: Path | str | bytes,
        pages: Sequence[PageMasks],
        *,
        name: str,
        aliases: Sequence[str] = (),
        check: Collection[int] | None = None,
    ) -> Corrected:
        """Mask what a person decided, and search the output for ``name``.

        ``pages``: every page of the file, also those without boxes, as reports have them. ``check``: the pages to search, by
        index, where the others were searched before; else all.

        Raises:
            InvalidName, NotAFile: as :meth:`redact`.
            AttachmentError: the file cannot be opened, or ``pages`` are not its own.
        """
        query = Query.make(name, aliases, models_dir=self._models_dir)
        office = convert_upload(source, self._limits)
        with self._open(source, office) as attachment:
            output = attachment.mask(pages)
        with self._open(output) as opened:
            verification = verify_attachment(opened, query, self._reader, only=check)
        found = {
            page.page_index: tuple(b for hit in seen.hits_in(page.width, page.height) for b in hit.boxes)
            for page in pages
            if (seen := verification.found.get(page.page_index)) is not None
        }
        return Corrected(output, found, verification.leaks)

    def verify(
        self, source: Path | str | bytes, *, name: str, aliases: Sequence[str] = (), progress: Progress | None = None
    ) -> VerifyReport:
        """Search any file for leaks of ``name``: pixels, text layers, metadata, bytes. Office documents are rejected: what a PDF
        made of one shows is not all that it holds.

        Raises:
            InvalidName, NotAFile: as :meth:`redact`.
        """
        query = Query.make(name, aliases, models_dir=self._models_dir)
        shown = "" if isinstance(source, bytes) else hide_name(str(source), find_secrets(name, aliases))
        try:
            with self._open(source) as attachment:
                sha256 = attachment.sha256
                found = verify_attachment(attachment, query, self._reader, progress=progress)
        except AttachmentError:
            return VerifyReport(source=shown, source_sha256=digest(source), status=Status.REJECTED)
        open_questions = found.doubts or found.unsearched or found.codes
        status = Status.REVIEW if found.leaks or open_questions else Status.DONE
        doubts = tuple(Leak("pixels", i, r.box) for i, reasons in found.doubts.items() for r in reasons)
        return VerifyReport(source=shown, source_sha256=sha256, status=status, leaks=found.leaks + doubts)

    def screen(self, source: Path | str | bytes, *, progress: Progress | None = None) -> ScreeningReport:
        """What is wrong with an upload: does it open, and is each page clear, complete and upright?

        ``progress(done, total)`` is called after each page. A file that cannot be opened comes back as a report with status
        rejected; one page that cannot be decoded does not hide what is wrong with the others.

        Raises:
            NotAFile: a folder, or nothing there.
        """
        shown = "" if isinstance(source, bytes) else str(source)
        clock = Clock()
        try:
            office = convert_upload(source, self._limits)
            with self._open(source, office) as attachment:
                steps = Steps(progress, attachment.page_count)
                pages = [self._screen_page(attachment, index, clock, steps) for index in range(attachment.page_count)]
                report = conclude_screening(attachment, pages, shown, clock, dict(self._reader.models))
            return report if office is None else tell_upload(report, office)
        except AttachmentError as error:
            return reject_upload(error, source=shown, source_sha256=digest(source))

    def upright(self, source: Path | str | bytes, screening: ScreeningReport) -> bytes:
        """The file with its pages turned, straightened and mirrored back, as ``screening`` of this very file found them.

        A page whose direction is not sure stays as it is; a file in which every page does comes back unchanged. See
        :func:`redact.upright.straighten_file` for what is kept.

        Raises:
            NotAFile: a folder, or nothing there.
            UsageError: ``screening`` is of another file.
            AttachmentError: the file, or a page of it, cannot be decoded.
        """
        office = convert_upload(source, self._limits)
        with self._open(source, office) as attachment:
            if (attachment.sha256 if office is None else office.sha256) != screening.source_sha256:
                raise UsageError("a screening of another file")
            return attachment.straighten(screening.pages)

    def _open(self, source: Path | str | bytes, office: Converted | None = None) -> DecodedAttachment:
        return self._decoder.open(source if office is None else office.pdf, limits=self._limits, raster=self._raster)

    def _run(
        self,
        attachment: DecodedAttachment,
        query: Query,
        shown: str,
        accept_poor: bool,
        keep_text: bool,
        progress: Progress | None,
    ) -> RedactResult:
        """The order of the stages, and nothing else."""
        clock = Clock()
        steps = Steps(progress, 2 * attachment.page_count)
        pages = [self._treat_page(attachment, index, query, clock, steps) for index in range(attachment.page_count)]
        pages = doubt_poor(excuse_backs(pages))
        output, verification = None, None
        if may_be_masked(pages, accept_poor=accept_poor):
            output, pages, verification = self._mask_and_verify(attachment, pages, query, keep_text, clock)
        steps.finish()
        models = dict(self._reader.models)
        return RedactResult(*conclude(attachment, pages, verification, output, shown, clock, models))

    def _treat_page(self, attachment: DecodedAttachment, index: int, query: Query, clock: Clock, steps: Steps) -> PageReport:
        """Read, spot, decide, screen, fit masks: one page's pixels are alive, and only here."""
        try:
            with clock.of("decode"):
                page = attachment.page(index)
        except AttachmentError as error:
            # The other pages are not lost, but nothing may be released while one is unknown.
            issue = Issue(error.code, Severity.REJECT, page_index=index)
            return PageReport(index, 0, 0, 0, Verdict.REVIEW, reasons=(Reason("page_failed"),), issues=(issue,))
        with clock.of("read"):
            finding = search_page(page, query, self._reader)
        decision = finding.decision
        with clock.of("screen"):
            screening = screen_page(page, finding.reading, self._reader, self._clarity)
        with clock.of("codes"):
            codes = judge_codes(find_codes(page.pixels), query.spellings, index)
        # Text that only shows in even light was not searched.
        hidden = tuple(Reason("unread_text", box) for box in screening.hidden)
        hits, reasons = decision.hits + codes.hits, decision.reasons + hidden + codes.reasons
        with clock.of("fit"):
            masks = fit_masks(page, hits)
        steps.done()
        return PageReport(
            page_index=index,
            width=page.width,
            height=page.height,
            rotation=finding.reading.rotation,
            verdict=Verdict.of(hits, reasons),
            skew_deg=finding.reading.skew_deg,
            hits=hits,
            masks=masks,
            reasons=reasons,
            issues=excuse_turns(screening.issues) + codes.issues,
        )

    def _screen_page(self, attachment: DecodedAttachment, index: int, clock: Clock, steps: Steps) -> PageScreening:
        """Read once, then judged by what was read.

        Codes are no fault of an upload, and whether one names the applicant cannot be said without the name: masking tells.
        """
        try:
            with clock.of("decode"):
                page = attachment.page(index)
        except AttachmentError as error:
            steps.done()
            issue = Issue(error.code, Severity.REJECT, page_index=index)
            return PageScreening(index, 0, 0, 0.0, 0, 0.0, 0.0, issues=(issue,))
        with clock.of("read"):
            reading = self._reader.read(page.pixels, charset=frozenset())
        with clock.of("screen"):
            screening = screen_page(page, reading, self._reader, self._clarity)
        steps.done()
        return screening

    def _mask_and_verify(
        self, attachment: DecodedAttachment, pages: list[PageReport], query: Query, keep_text: bool, clock: Clock
    ) -> tuple[bytes | None, list[PageReport], Verification]:
        """Mask, search the output, and where the second look found what the first did not, mask that too and search anew.

        Text that was kept and holds the name becomes pixels. What still stands after the last round is a leak, and nothing is
        released.
        """
        as_pixels: dict[int, str] = {}
        last = ROUNDS - 1 + keep_text
        for attempt in range(last + 1):
            with clock.of("mask"):
                output, pages = _mask(attachment, pages, as_pixels if keep_text else None)
            with clock.of("verify"), self._open(output) as opened:
                verification = verify_attachment(opened, query, self._reader)
            named = find_named_text(pages, verification)
            if verification.clean or attempt == last or not (verification.found or named):
                break
            as_pixels |= dict.fromkeys(named, "name_in_text")
            pages = [add_found(attachment, page, verification) for page in pages]
        return (output if verification.clean else None), add_doubts(pages, verification), verification


def _mask(
    attachment: DecodedAttachment, pages: list[PageReport], as_pixels: Mapping[int, str] | None
) -> tuple[bytes, list[PageReport]]:
    """The masked file. ``as_pixels``: None where no text is to be kept, else the pages that must not keep theirs, and why; then
    each page comes with what became of its text."""
    frames = [PageMasks(p.page_index, p.width, p.height, p.masks) for p in pages]
    if as_pixels is None:
        return attachment.mask(frames), pages
    output, texts = attachment.mask_keeping_text(frames, as_pixels)
    by_page = {text.page_index: text for text in texts}
    return output, [replace(page, kept_text=by_page.get(page.page_index)) for page in pages]

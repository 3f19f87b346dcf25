"""What a worker process does. Jobs are sent to it pickled; they hold ids and boxes, never a name: it reads that itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from secrets import randbits
from typing import Any

from redact import PageMasks, Redactor
from redact.errors import AttachmentError
from redact.geometry import Box
from redact.intake import Converted, convert_upload
from redact.outcome import Progress, tell_upload
from redact.paths import find_secrets, hide_name
from service.schemas import PageBody, Proposal, ReportBody, write_report
from service.storage import Files, Part

BoxPixels = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Given:
    """What came with an upload, kept beside it in the object store and nowhere else."""

    name: str = field(repr=False)
    aliases: tuple[str, ...] = field(repr=False)
    file_name: str = field(repr=False)

    def encode(self) -> bytes:
        return json.dumps([self.name, self.aliases, self.file_name]).encode()

    @classmethod
    def decode(cls, content: bytes) -> Given:
        name, aliases, file_name = json.loads(content)
        return cls(name, tuple(aliases), file_name)


@dataclass(frozen=True, slots=True)
class MaskDocument:
    """Masks a stored upload; gives the report as JSON values, whose ``output`` is the revision of the masked part."""

    files: Files
    id: str
    expires_at: datetime

    def __call__(self, redactor: Redactor, progress: Progress) -> dict[str, Any]:
        given = Given.decode(self.files.read(self.id, Part.QUERY))
        content = self.files.read(self.id, Part.ORIGINAL)
        shown = hide_name(given.file_name, find_secrets(given.name, given.aliases))
        office = _convert(content)
        if office is not None:
            # So that its pages can be shown without converting it again each time.
            self.files.write(self.id, Part.SHOWN, office.pdf)
            content = office.pdf
        result = redactor.redact(content, name=given.name, aliases=given.aliases, progress=progress)
        report = replace(result.report, source=shown)
        if office is not None:
            report = tell_upload(report, office)
        output = None
        if result.output is not None:
            output = new_revision()
            self.files.write(self.id, Part.MASKED, result.output, revision=output)
        return write_report(_keep(report.to_dict(), self.id, self.expires_at, output))


@dataclass(frozen=True, slots=True)
class Answered:
    """``found``: where the name stands on the page all the same; ``elsewhere``: and in how many places that are no pixels.
    ``revision``: of the masked part, None where it was not kept. ``who``, ``reason``: as given, but for the applicant's name."""

    found: tuple[BoxPixels, ...]
    elsewhere: int
    revision: int | None
    who: str
    reason: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class ApplyAnswer:
    """Masks a stored upload as a person decided, and searches the page that was answered.

    ``reason``: why the output is to be kept although the name is still found on that page; None: it is not.
    """

    files: Files
    id: str
    pages: tuple[PageMasks, ...]
    page_index: int
    who: str
    reason: str | None = field(repr=False)

    def __call__(self, redactor: Redactor, progress: Progress) -> Answered:
        given = Given.decode(self.files.read(self.id, Part.QUERY))
        content = read_shown(self.files, self.id)
        corrected = redactor.correct(content, self.pages, name=given.name, aliases=given.aliases, check={self.page_index})
        found = tuple(box.pixels() for box in corrected.found.get(self.page_index, ()))
        elsewhere = sum(leak.channel != "pixels" for leak in corrected.leaks)
        revision = None
        if not elsewhere and (self.reason is not None or not found):
            revision = new_revision()
            self.files.write(self.id, Part.MASKED, corrected.output, revision=revision)
        # They are kept in the database, where the name does not belong.
        secrets = find_secrets(given.name, given.aliases)
        reason = None if self.reason is None or not found else hide_name(self.reason, secrets)
        return Answered(found, elsewhere, revision, hide_name(self.who, secrets), reason)


@dataclass(frozen=True, slots=True)
class ScreenUpload:
    content: bytes = field(repr=False)
    file_name: str = field(repr=False)

    def __call__(self, redactor: Redactor, progress: Progress) -> dict[str, Any]:
        return replace(redactor.screen(self.content, progress=progress), source=self.file_name).to_dict()


def read_shown(files: Files, document_id: str) -> bytes:
    """The upload as pages: what a Word document was converted to, else the upload itself. Raises FileNotFoundError."""
    try:
        return files.read(document_id, Part.SHOWN)
    except FileNotFoundError:
        return files.read(document_id, Part.ORIGINAL)


def new_revision() -> int:
    """Of a masked part. Random, so that of two people who answer at once neither writes over the other's file."""
    return randbits(48)


def list_masks(pages: list[PageBody]) -> tuple[PageMasks, ...]:
    return tuple(PageMasks(p.page_index, p.width, p.height, tuple(Box(*mask) for mask in p.masks)) for p in pages)


def _convert(content: bytes) -> Converted | None:
    try:
        return convert_upload(content)
    except AttachmentError:
        # The report says why.
        return None


def _keep(report: Mapping[str, Any], document_id: str, expires_at: datetime, output: int | None) -> ReportBody:
    told = {**report, "output": None if output is None else str(output)}
    body = ReportBody.model_validate({**told, "id": document_id, "revision": 0, "expires_at": expires_at})
    return body.model_copy(update={"pages": [_keep_proposal(page) for page in body.pages]})


def _keep_proposal(page: PageBody) -> PageBody:
    return page.model_copy(update={"proposal": Proposal(mask_required=page.mask_required, masks=page.masks)})

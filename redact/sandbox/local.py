"""Decoding in the very process: what a worker does inside, and what is left where no process may be started."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from redact.intake import Attachment, open_attachment
from redact.masking import mask_file, mask_file_keeping_text
from redact.names.spellings import Spelling
from redact.options import IntakeLimits, RasterOptions
from redact.upright import straighten_file
from redact.values import Issue, KeptText, Leak, MediaType, Page, PageMasks, PageScreening
from redact.verify import find_in_bytes


class LocalAttachment:
    """A :class:`redact.sandbox.DecodedAttachment` whose bytes are decoded here."""

    def __init__(self, attachment: Attachment) -> None:
        self._attachment = attachment
        self.content: bytes = attachment.content
        self.media_type: MediaType = attachment.media_type
        self.page_count: int = attachment.page_count
        self.sha256: str = attachment.sha256

    @property
    def warnings(self) -> tuple[Issue, ...]:
        return self._attachment.warnings

    def page(self, index: int) -> Page:
        return self._attachment.page(index)

    def pages(self) -> Iterator[Page]:
        return self._attachment.pages()

    def mask(self, pages: Sequence[PageMasks]) -> bytes:
        return mask_file(self.content, self.media_type, pages)

    def mask_keeping_text(self, pages: Sequence[PageMasks], as_pixels: Mapping[int, str]) -> tuple[bytes, tuple[KeptText, ...]]:
        return mask_file_keeping_text(self.content, self.media_type, pages, as_pixels=as_pixels)

    def straighten(self, pages: Sequence[PageScreening]) -> bytes:
        return straighten_file(self.content, self.media_type, pages)

    def find_in_bytes(self, spellings: Sequence[Spelling]) -> list[Leak]:
        return find_in_bytes(self.content, self.media_type, spellings)

    def close(self) -> None:
        self._attachment.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self.close()


class LocalDecoder:
    """A :class:`redact.sandbox.Decoder` that starts no process: a decoder's crash is the program's, and nothing but
    :class:`redact.options.IntakeLimits` bounds what a file may cost."""

    def prepare(self) -> None:
        pass

    def open(self, source: Path | str | bytes, *, limits: IntakeLimits, raster: RasterOptions) -> LocalAttachment:
        return LocalAttachment(open_attachment(source, limits=limits, raster=raster))

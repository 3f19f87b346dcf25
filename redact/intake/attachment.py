"""One uploaded file, opened."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from redact.errors import Empty, NotAFile, TooLarge, UsageError, WrongType
from redact.intake.images import HeicSource, ImageSource
from redact.intake.ofd import OfdSource
from redact.intake.pdf import PdfSource
from redact.intake.sniffing import check_suffix, sniff
from redact.options import IntakeLimits, RasterOptions
from redact.values import OFFICE_TYPES, Issue, MediaType, Page

_LIMITS = IntakeLimits()
_RASTER = RasterOptions()
_HEAD_BYTES = 16


class PageSource(Protocol):
    """What a kind of file gives. ``read_page`` decodes anew each time and raises AttachmentError alone."""

    page_count: int

    @property
    def warnings(self) -> tuple[Issue, ...]: ...

    def read_page(self, index: int) -> Page: ...

    def close(self) -> None: ...


class OpenAttachment(Protocol):
    """What an :class:`Attachment` is to those who read it, wherever its bytes are decoded."""

    @property
    def content(self) -> bytes: ...

    @property
    def media_type(self) -> MediaType: ...

    @property
    def page_count(self) -> int: ...

    @property
    def sha256(self) -> str: ...

    @property
    def warnings(self) -> tuple[Issue, ...]: ...

    def page(self, index: int) -> Page: ...

    def pages(self) -> Iterator[Page]: ...

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...


class Attachment:
    """An open upload; a context manager. Pages are decoded when asked for and never kept.

    ``content``: the bytes as uploaded. ``sha256``: of them, in hex. ``page_count``: PDF pages, TIFF, GIF, WebP, APNG
    frames, or images of a HEIC; at least 1. Safe to share between threads.
    """

    def __init__(self, content: bytes, media_type: MediaType, source: PageSource, warnings: tuple[Issue, ...] = ()) -> None:
        self.content = content
        self.media_type = media_type
        self.page_count = source.page_count
        self.sha256 = hashlib.sha256(content).hexdigest()
        self._source = source
        self._warnings = warnings
        self._closed = False

    @property
    def warnings(self) -> tuple[Issue, ...]:
        """What is odd about the file but lets it be read.

        ``wrong_type`` for a misleading extension; ``unopenable`` without a page for a PDF that had to be repaired. Once a page
        was read: ``truncated`` for a JPEG that lacks only its end marker, and ``unopenable`` with the ``page_index`` where a
        part of a PDF page, not the scan on it, could not be drawn."""
        return self._warnings + self._source.warnings

    def page(self, index: int) -> Page:
        """Page ``index``, from 0, decoded now.

        Raises:
            IndexError: there is no such page.
            AttachmentError: this page cannot be decoded in full; ``page_index`` says which.
            UsageError: the attachment is closed.
        """
        if self._closed:
            raise UsageError("attachment is closed")
        if not 0 <= index < self.page_count:
            raise IndexError("page index out of range")
        return self._source.read_page(index)

    def pages(self) -> Iterator[Page]:
        """Each page in turn. Only the one handed out is alive, as long as the caller lets go of the one before."""
        for index in range(self.page_count):
            yield self.page(index)

    def close(self) -> None:
        """Idempotent; done by ``with``."""
        self._closed = True
        self._source.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Attachment({self.media_type.value}, {self.page_count} pages, sha256 {self.sha256[:12]})"


def open_attachment(source: Path | str | bytes, *, limits: IntakeLimits = _LIMITS, raster: RasterOptions = _RASTER) -> Attachment:
    """Open a path (``str`` too is a path) or the bytes of a file. Reads headers, decodes no page: damage inside shows
    in ``page``.

    Raises:
        NotAFile: a folder, nothing there, or not readable.
        AttachmentError: ``Empty``, ``WrongType``, ``Unopenable``, ``Encrypted``, ``Truncated`` or ``TooLarge``.
    """
    content = read_content(source, limits)
    media_type = sniff(content)
    warnings = () if isinstance(source, bytes) else check_suffix(Path(source), media_type)
    return Attachment(content, media_type, _open_source(content, media_type, limits, raster), warnings)


def read_content(source: Path | str | bytes, limits: IntakeLimits) -> bytes:
    """The bytes of an upload, not looked at.

    Raises:
        NotAFile: a folder, nothing there, or not readable.
        Empty, TooLarge: no bytes, or more than allowed.
    """
    content = source if isinstance(source, bytes) else _read_file(Path(source), limits.max_bytes)
    if not content:
        raise Empty("no bytes")
    if len(content) > limits.max_bytes:
        raise TooLarge("bytes")
    return content


def read_head(source: Path | str | bytes) -> bytes:
    """The first bytes of an upload, by which kinds of file are told apart.

    Raises:
        NotAFile: a folder, nothing there, or not readable.
        Empty: no bytes.
    """
    head = source[:_HEAD_BYTES] if isinstance(source, bytes) else _read_file(Path(source), _HEAD_BYTES - 1)
    if not head:
        raise Empty("no bytes")
    return head


def _read_file(path: Path, max_bytes: int) -> bytes:
    try:
        if not path.is_file():
            raise NotAFile("a folder, a device, or nothing")
        with path.open("rb") as file:
            # One byte more than allowed, whatever the size was said to be.
            return file.read(max_bytes + 1)
    except (OSError, ValueError) as error:
        # The error's own message holds the path.
        raise NotAFile(type(error).__name__) from None


def _open_source(content: bytes, media_type: MediaType, limits: IntakeLimits, raster: RasterOptions) -> PageSource:
    if media_type is MediaType.PDF:
        return PdfSource(content, limits, raster)
    if media_type is MediaType.OFD:
        return OfdSource(content, limits, raster)
    if media_type in OFFICE_TYPES:
        raise WrongType("an office document that was not converted")
    if media_type is MediaType.HEIC:
        return HeicSource(content, limits)
    return ImageSource(content, media_type, limits)

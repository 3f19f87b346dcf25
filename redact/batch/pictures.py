"""Small pictures of an attachment's pages, of what was uploaded and of what came out, made where the pages are decoded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from redact.batch.reports.record import PageThumbnails
from redact.batch.reports.thumbnails import make_thumbnails
from redact.errors import AttachmentError
from redact.intake import convert_upload
from redact.options import IntakeLimits, RasterOptions
from redact.sandbox import DecodedAttachment, choose_decoder
from redact.values import PageReport, Pixels

_LIMITS, _RASTER = IntakeLimits(), RasterOptions()


def picture_pages(source: Path | bytes | None, output: bytes, pages: Sequence[PageReport]) -> list[PageThumbnails]:
    """``source``: None where the upload must not be shown, since its pages hold the name."""
    with _open(source) as original, _open(output) as masked:
        return [
            make_thumbnails(
                _decode(original, page.page_index), _decode(masked, page.page_index), page, with_names=source is not None
            )
            for page in pages
        ]


@contextmanager
def _open(source: Path | bytes | None) -> Iterator[DecodedAttachment | None]:
    if source is None:
        yield None
        return
    office = convert_upload(source, _LIMITS)
    with choose_decoder(True).open(source if office is None else office.pdf, limits=_LIMITS, raster=_RASTER) as attachment:
        yield attachment


def _decode(attachment: DecodedAttachment | None, index: int) -> Pixels | None:
    """A page that cannot be decoded again has no picture: its report is what counts."""
    try:
        return None if attachment is None else attachment.page(index).pixels
    except AttachmentError:
        return None

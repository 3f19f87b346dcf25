"""One upright file from one attachment, whatever its kind."""

from __future__ import annotations

from collections.abc import Sequence

from redact.errors import Unopenable
from redact.masking.files import translated_errors
from redact.masking.rasters import rewrite_raster
from redact.ofd import draw_ofd
from redact.upright.pdf import straighten_pdf
from redact.upright.straightening import Straightening
from redact.values import MediaType, PageScreening


def straighten_file(content: bytes, media_type: MediaType, pages: Sequence[PageScreening]) -> bytes:
    """The attachment with each page put upright as ``pages``, one for each in their order, say.

    Where nothing is to be done, ``content`` itself comes back. Else pictures are written anew: the same kind, mode,
    resolution and compression, no metadata. A PDF keeps everything, its pages get another /Rotate; one that is tilted or
    mirrored becomes a picture at the resolution it was screened at, without its text layer. An OFD becomes a PDF.

    Raises:
        AttachmentError: the bytes are at fault, or a page could not be decoded when it was screened.
    """
    for page in pages:
        if not page.width:
            raise Unopenable("a page that could not be decoded", page_index=page.page_index)
    edits = [Straightening.of(page) for page in pages]
    if not edits:
        raise Unopenable("no page was screened")
    if all(edit.idle for edit in edits):
        return content
    with translated_errors():
        if media_type is MediaType.OFD:
            return straighten_pdf(draw_ofd(content).pdf, pages, edits)
        if media_type is MediaType.PDF:
            return straighten_pdf(content, pages, edits)
        return rewrite_raster(content, media_type, edits)

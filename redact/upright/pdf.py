"""PDF pages turned by their /Rotate, which changes nothing else; tilted and mirrored ones become pictures."""

# PyMuPDF has no types of its own.
# mypy: allow-untyped-calls

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
import pymupdf
from numpy.typing import NDArray
from PIL import Image

from redact.errors import Encrypted, Unopenable
from redact.masking.jpeg import encode_jpeg
from redact.masking.pdf_scan import pixmap_array
from redact.mupdf import MUPDF_LOCK
from redact.upright.straightening import Straightening
from redact.values import PageScreening

_KEEP_ENCRYPTION = 0  # PDF_ENCRYPT_KEEP: unlike most of PyMuPDF, its constants are not where its types say


def straighten_pdf(content: bytes, pages: Sequence[PageScreening], edits: Sequence[Straightening]) -> bytes:
    """``pages`` and ``edits`` in their order, one for each page of the document."""
    with MUPDF_LOCK:
        doc = pymupdf.open(stream=content, filetype="pdf")
    try:
        with MUPDF_LOCK:
            if doc.needs_pass and not doc.authenticate(""):
                raise Encrypted("the document needs a password")
            if doc.page_count != len(pages):
                raise Unopenable(f"edits for {len(pages)} of {doc.page_count} pages")
        for page, edit in zip(pages, edits, strict=True):
            if edit.turn_alone:
                _turn(doc, page.page_index, edit)
            else:
                _replace(doc, page, edit)
        # Pages that became pictures are dropped with what only they used.
        drop = any(not edit.turn_alone for edit in edits)
        with MUPDF_LOCK:
            saved: bytes = doc.tobytes(garbage=int(drop), no_new_id=True, encryption=_KEEP_ENCRYPTION)
        return saved
    finally:
        with MUPDF_LOCK:
            doc.close()


def _turn(doc: pymupdf.Document, index: int, edit: Straightening) -> None:
    with MUPDF_LOCK:
        shown = doc[index]
        if edit.rotation:
            shown.set_rotation((shown.rotation - edit.rotation) % 360)


def _replace(doc: pymupdf.Document, page: PageScreening, edit: Straightening) -> None:
    """A page with one picture, as large on paper as the page was, in place of the page. The lock is free while the picture is
    straightened and coded, which takes longest."""
    with MUPDF_LOCK:
        shown = doc[page.page_index]
        points_per_pixel = shown.rect.width / page.width
        matrix = pymupdf.Matrix(1 / points_per_pixel, 1 / points_per_pixel)
        drawn = pixmap_array(shown.get_pixmap(matrix=matrix, colorspace=pymupdf.csRGB, alpha=False))
    bilevel = bool(np.isin(drawn, (0, 255)).all())
    pixels = edit.array(drawn)
    coded = _encode(pixels, bilevel=bilevel)
    height, width = pixels.shape[:2]
    with MUPDF_LOCK:
        new = doc.new_page(pno=page.page_index, width=width * points_per_pixel, height=height * points_per_pixel)
        new.insert_image(new.rect, stream=coded, keep_proportion=False)
        doc.delete_page(page.page_index + 1)


def _encode(pixels: NDArray[np.uint8], *, bilevel: bool) -> bytes:
    """(H, W, 3) uint8 RGB as JPEG, grey where it has no colour; a page that was black and white stays so, as PNG: JPEG
    would make it many times as large."""
    red = pixels[..., 0]
    grey = bool((red == pixels[..., 1]).all() and (red == pixels[..., 2]).all())
    if grey and bilevel:
        out = io.BytesIO()
        ink = np.where(red > 127, np.uint8(255), np.uint8(0))
        Image.fromarray(ink).convert("1", dither=Image.Dither.NONE).save(out, "PNG")
        return out.getvalue()
    return encode_jpeg(Image.fromarray(np.ascontiguousarray(red) if grey else pixels))

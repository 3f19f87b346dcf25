"""PDF: a new document in which every page is one picture, so that nothing of the old one can come along; or, where that is
asked for and proved, one drawn anew.

MuPDF is not safe to call from two threads, also with different documents: all calls are made under ``MUPDF_LOCK``.
The pixels of one page are in memory at a time.
"""

# PyMuPDF has no types of its own.
# mypy: allow-untyped-calls

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np
import pymupdf
from numpy.typing import NDArray
from PIL import Image

from redact.errors import Empty, Encrypted, Unopenable
from redact.geometry import Box
from redact.masking.jpeg import encode_jpeg, encoder_settings
from redact.masking.kept import (
    NO_TEXT,
    NOT_PROVED,
    KeptPage,
    Numbering,
    keep_page,
    prove_document,
    reserve_fonts,
    write_fonts,
    write_kept,
)
from redact.masking.paint import PixelBox, bare, paint, paint_array, scale_boxes, swaps_axes
from redact.masking.pdf_render import render_page
from redact.masking.pdf_scan import Pictures, Scan, find_pictures, find_scan
from redact.masking.pdf_writer import CodedPicture, PdfWriter, code_bilevel, code_jpeg, code_pixels
from redact.mupdf import MUPDF_LOCK
from redact.values import KeptText, PageMasks

# Scans that came in a better code than JPEG are not to grow beyond this, down to a quality that keeps small print.
_GROWTH = 1.4
_QUALITIES = (92, 86, 80, 74)
# Scanners that write one bit go no further, and an A4 page is 35 million pixels.
_FINEST_BILEVEL_DPI = 600.0


def mask_pdf(content: bytes, pages: Sequence[PageMasks]) -> bytes:
    """``pages`` in their order, one for each page of the document."""
    writer = PdfWriter()
    with _opened(content, len(pages)) as doc:
        for masks in pages:
            _add_page(writer, doc, masks)
    return writer.finish()


def mask_pdf_keeping_text(
    content: bytes, pages: Sequence[PageMasks], as_pixels: Mapping[int, str]
) -> tuple[bytes, tuple[KeptText, ...]]:
    """As :func:`mask_pdf`, with the text of the pages that can be proved clean. ``as_pixels``: pages that are not to keep
    theirs, by index, and the reason's code."""
    reasons = dict(as_pixels)
    kept: dict[int, KeptPage] = {}
    with _opened(content, len(pages)) as doc:
        for masks in pages:
            if masks.page_index not in reasons:
                page = _keep_page(doc, masks)
                if isinstance(page, str):
                    reasons[masks.page_index] = page
                else:
                    kept[masks.page_index] = page
        while True:
            output = _write_pages(doc, pages, kept)
            with MUPDF_LOCK:
                failed = prove_document(output, kept)
            if not failed:
                return output, tuple(KeptText(masks.page_index, reasons.get(masks.page_index)) for masks in pages)
            reasons |= dict.fromkeys(failed, NOT_PROVED)
            kept = {index: page for index, page in kept.items() if index not in failed}


def _keep_page(doc: pymupdf.Document, masks: PageMasks) -> KeptPage | str:
    with MUPDF_LOCK:
        page = doc[masks.page_index]
        _check_frame(page, masks)
        if find_scan(doc, page) is not None:
            return NO_TEXT
        masked = render_page(page, masks.width, masks.height)
        paint_array(masked, scale_boxes(masks, masks.width, masks.height))
        return keep_page(page, masks, masked)


def _write_pages(doc: pymupdf.Document, pages: Sequence[PageMasks], kept: Mapping[int, KeptPage]) -> bytes:
    writer, numbering = PdfWriter(), Numbering(kept.values())
    fonts = reserve_fonts(writer, numbering)
    for masks in pages:
        if masks.page_index in kept:
            write_kept(writer, kept[masks.page_index], numbering, fonts)
        else:
            _add_page(writer, doc, masks)
    write_fonts(writer, numbering, fonts)
    return writer.finish()


@contextmanager
def _opened(content: bytes, page_count: int) -> Iterator[pymupdf.Document]:
    with MUPDF_LOCK:
        doc = pymupdf.open(stream=content, filetype="pdf")
    try:
        with MUPDF_LOCK:
            if doc.needs_pass:
                raise Encrypted("the document needs a password")
            if not doc.page_count:
                raise Empty("a document without pages")
            if doc.page_count != page_count:
                raise Unopenable(f"masks for {page_count} of {doc.page_count} pages")
        yield doc
    finally:
        with MUPDF_LOCK:
            doc.close()


def _check_frame(page: pymupdf.Page, masks: PageMasks) -> None:
    # Without it, a turn that the masks' maker missed would put the masks elsewhere.
    if abs(page.rect.width / page.rect.height * masks.height - masks.width) > max(2.0, 0.01 * masks.width):
        raise Unopenable("the masks' frame has other proportions than the page", page_index=masks.page_index)


def _add_page(writer: PdfWriter, doc: pymupdf.Document, masks: PageMasks) -> None:
    with MUPDF_LOCK:
        page = doc[masks.page_index]
        _check_frame(page, masks)
        width_pt, height_pt = page.rect.width, page.rect.height
        scan = find_scan(doc, page)
        if scan is not None and not _inside(masks, scan.place, width_pt, height_pt):
            scan = None
        pictures = find_pictures(doc, page) if scan is None else None
        rendered = render_page(page, *_grid(masks, pictures, width_pt, height_pt)) if scan is None else None
    if scan is not None:
        writer.add_page(width_pt, height_pt, scan.place, _mask_scan(scan, masks, width_pt, height_pt))
    elif rendered is not None:
        paint_array(rendered, scale_boxes(masks, rendered.shape[1], rendered.shape[0]))
        writer.add_page(width_pt, height_pt, Box(0, 0, width_pt, height_pt), _code_rendered(rendered, pictures))


def _grid(masks: PageMasks, pictures: Pictures | None, width_pt: float, height_pt: float) -> tuple[int, int]:
    """Columns and rows to render a page in: the pictures' own, where that is no finer than the masks' frame.

    Ink in one bit needs its own grid in any case: in a coarser one thin strokes break.
    """
    if pictures is None:
        return masks.width, masks.height
    finest = _FINEST_BILEVEL_DPI / 72 if pictures.bilevel else 1.02 * masks.width / width_pt
    x, y = pictures.px_per_pt
    share = min(finest / max(x, y), 1.0)
    return max(round(width_pt * x * share), 1), max(round(height_pt * y * share), 1)


def _code_rendered(pixels: NDArray[np.uint8], pictures: Pictures | None) -> CodedPicture:
    """As the page's pictures were coded, so that the file does not grow and no new losses come."""
    if pictures is None:
        return code_pixels(pixels)
    if pictures.bilevel and _is_bilevel(pixels):
        return code_bilevel(Image.fromarray(pixels[..., 0]).point(lambda v: 255 * (v > 127)).convert("1"))
    if pictures.jpeg is None:
        return _code_within(pixels, pictures.stored_bytes)
    with Image.open(io.BytesIO(pictures.jpeg), formats=["JPEG", "MPO"]) as source:
        settings = encoder_settings(source, transposed=False)
        image = Image.fromarray(pixels).convert("L" if source.mode == "L" else "RGB")
    # Rendering may have moved the pixels by a part of one, so that the same tables would lose once more what they lost before.
    finer = [{"quality": q, "subsampling": settings["subsampling"], "optimize": True} for q in _QUALITIES]
    codings = (code_jpeg(encode_jpeg(image, options), image) for options in (*finer, settings))
    return _first_within(codings, pictures.stored_bytes)


def _is_bilevel(pixels: NDArray[np.uint8]) -> bool:
    """Black ink without colour, with no more grey than the edges of strokes have."""
    grey = pixels[..., 1]
    if not ((pixels[..., 0] == grey).all() and (pixels[..., 2] == grey).all()):
        return False
    dark = int((grey < 64).sum())
    return int(((grey >= 64) & (grey < 192)).sum()) <= dark


def _code_within(pixels: NDArray[np.uint8], stored_bytes: int) -> CodedPicture:
    return _first_within((code_pixels(pixels, quality=quality) for quality in _QUALITIES), stored_bytes)


def _first_within(codings: Iterable[CodedPicture], stored_bytes: int) -> CodedPicture:
    """The first of ``codings``, from the best down, that keeps the growth within bounds, else the last."""
    for coded in codings:
        if len(coded.data) <= _GROWTH * stored_bytes:
            break
    return coded


def _inside(masks: PageMasks, place: Box, width_pt: float, height_pt: float) -> bool:
    """Whether all boxes lie on the picture; outside it there is nothing that they could be painted on."""
    sx, sy = masks.width / width_pt, masks.height / height_pt
    frame = place.scaled(sx, sy).grown(2.0)
    return all(box.clipped(masks.width, masks.height).intersection_area(frame) >= 0.999 * box.area for box in masks.boxes)


def _mask_scan(scan: Scan, masks: PageMasks, width_pt: float, height_pt: float) -> CodedPicture:
    """The scan's own pixels, painted and coded alike."""
    if scan.jpeg is not None:
        with Image.open(io.BytesIO(scan.jpeg), formats=["JPEG", "MPO"]) as source:
            settings = encoder_settings(source, transposed=swaps_axes(scan.turn))
            # In a PDF the colour space of the image dictionary holds, not the JPEG's own profile.
            source.info.pop("icc_profile", None)
            image = bare(source, scan.turn)
        image = paint(image, _boxes_on(scan.place, masks, image, width_pt, height_pt))
        return code_jpeg(encode_jpeg(image, settings), image)
    image = scan.image or Image.new("L", (1, 1), 255)
    if scan.turn is not None:
        image = image.transpose(scan.turn)
    image = paint(image, _boxes_on(scan.place, masks, image, width_pt, height_pt))
    if image.mode == "1":
        return code_bilevel(image)
    return _code_within(np.asarray(image.convert("RGB")), scan.stored_bytes)


def _boxes_on(place: Box, masks: PageMasks, image: Image.Image, width_pt: float, height_pt: float) -> list[PixelBox]:
    """Boxes of the page's frame as pixels of the picture that lies at ``place``, rounded outwards."""
    to_pt = width_pt / masks.width, height_pt / masks.height
    sx, sy = image.width / place.width, image.height / place.height
    boxes = []
    for box in masks.boxes:
        on_page = box.scaled(*to_pt)
        on_picture = Box(
            (on_page.x0 - place.x0) * sx,
            (on_page.y0 - place.y0) * sy,
            (on_page.x1 - place.x0) * sx,
            (on_page.y1 - place.y0) * sy,
        )
        # A hundredth of a pixel is rounding, and would blacken a whole further column.
        eps = 0.01
        shrunk = on_picture.grown(-eps) if min(on_picture.width, on_picture.height) > 1 else on_picture
        boxes.append(shrunk.clipped(image.width, image.height).pixels())
    return boxes

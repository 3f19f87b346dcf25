"""PDF -> pages, with MuPDF.

MuPDF's binding is not thread-safe, not even for different documents: every call into it, here and in any other
module, must hold :data:`MUPDF_LOCK`. Its warnings quote the file, so they are kept off stderr, and are only counted
here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pymupdf as _pymupdf

from redact.errors import Empty, Encrypted, TooLarge, Truncated, Unopenable
from redact.intake.edge import translating_errors
from redact.intake.pdf_cost import Layers, PdfCosts, check_object_streams
from redact.intake.pdf_text import read_runs
from redact.mupdf import MUPDF_LOCK
from redact.options import IntakeLimits, RasterOptions
from redact.values import Issue, Page, Pixels, Severity

pymupdf: Any = _pymupdf  # its functions carry no types
mupdf: Any = pymupdf.mupdf


_PLAIN_DPI = 200.0  # for pages that are no scan: what DA/T 31-2017 asks of scans
_SCAN_COVERAGE = 0.5
# A page longer than A3 made by a converter that took one pixel for one point is no sheet of paper.
_LONGEST_SHEET_IN = 17.5
_MIN_COLUMNS_TO_SNAP = 200
# Half a pixel for a point. The largest sheet of ISO 32000-1 (Annex C: 14,400 points a side) is drawn at 54 dpi.
_COARSEST_DPI = 36.0
_OBJECT_HEAD = re.compile(rb"\d+\s+\d+\s+obj\b")


@dataclass(frozen=True, slots=True)
class Raster:
    """``zoom``: pixels per point. ``dpi``: the same per inch, 0 where the page's size in inches is not to be
    believed."""

    zoom: float
    dpi: float


class PdfSource:
    """Pages of a PDF, rasterised one by one; safe to share between threads (they take turns)."""

    def __init__(self, content: bytes, limits: IntakeLimits, raster: RasterOptions) -> None:
        """Reads the cross-reference table and the page tree. Raises: any AttachmentError."""
        self._limits = limits
        self._raster = raster
        self._warnings: dict[int, Issue] = {}
        self._repaired = False
        check_object_streams(content)
        with MUPDF_LOCK, translating_errors("open PDF"):
            pymupdf.TOOLS.mupdf_display_errors(False)
            pymupdf.TOOLS.mupdf_display_warnings(False)
            pymupdf.TOOLS.reset_mupdf_warnings()
            self._document: Any = _open(content)
            try:
                self.page_count = self._check(content)
                self._costs = PdfCosts(self._document, limits)
            except BaseException:
                self._document.close()
                raise

    @property
    def warnings(self) -> tuple[Issue, ...]:
        """``unopenable`` (warn) without a page where MuPDF repaired the file, and for each page read so far of which it could
        not draw something."""
        repaired = (Issue("unopenable", Severity.WARN),) if self._repaired else ()
        return repaired + tuple(self._warnings[i] for i in sorted(self._warnings))

    def read_page(self, index: int) -> Page:
        with MUPDF_LOCK, translating_errors("rasterise PDF page", index):
            layers = self._costs.check_page(index)
            pymupdf.TOOLS.reset_mupdf_warnings()
            page = self._document.load_page(index)
            try:
                images = list(_list_images(page))
                if any(image.width * image.height > self._limits.max_pixels for image in images):
                    raise TooLarge("pixels of an image in the page", page_index=index)
                scale = choose_raster(page.rect.width, page.rect.height, images, self._raster, self._limits.max_pixels)
                if self._limits.is_too_long(page.rect.width * scale.zoom, page.rect.height * scale.zoom):
                    raise TooLarge("length of a PDF page", page_index=index)
                pixels = _draw(page, scale.zoom, layers)
                self._judge_messages(index, images)
                runs = read_runs(page, scale.zoom)
            finally:
                del page
                # Decoded images and glyphs stay in MuPDF's store (256 MB) otherwise.
                pymupdf.TOOLS.store_shrink(100)
            return Page(index, pixels, scale.dpi, runs)

    def close(self) -> None:
        with MUPDF_LOCK:
            if not self._document.is_closed:
                self._document.close()

    def _check(self, content: bytes) -> int:
        # An owner password alone restricts editing, and opens without asking; some files have an empty user password.
        if self._document.needs_pass and not self._document.authenticate(""):
            raise Encrypted("user password")
        count = int(self._document.page_count)
        if self._document.is_repaired and not _ends_whole(content):
            raise Truncated("PDF objects")
        self._repaired = bool(self._document.is_repaired)
        if count == 0:
            raise Empty("no pages")
        if count > self._limits.max_pages:
            raise TooLarge("pages")
        # This reads the page tree. Where it and its count do not agree MuPDF goes by the count, and pages beyond it, which
        # other programs may show, would never be looked at.
        self._document.page_xref(0)
        if _TREE_LOST in str(pymupdf.TOOLS.mupdf_warnings(reset=True)).lower():
            raise Unopenable("page tree")
        return count

    def _judge_messages(self, index: int, images: Iterable[PlacedImage]) -> None:
        """MuPDF draws what it can and leaves out what is damaged: a lost scan looks like a blank page."""
        messages = str(pymupdf.TOOLS.mupdf_warnings(reset=True)).lower()
        self._repaired = self._repaired or bool(self._document.is_repaired) or _MENDED in messages
        if not any(word in messages for word in _LOST):
            return
        if any(image.coverage >= _SCAN_COVERAGE for image in images):
            raise Unopenable("the scan on the page cannot be decoded", page_index=index)
        self._warnings[index] = Issue("unopenable", Severity.WARN, index)


# Of the wordings in MuPDF 1.28's sources, those that come with something not drawn. Others ("invalid marked content",
# "syntax error: unknown keyword") are harmless and common.
_LOST = (
    "cannot decode",
    "cannot draw",
    "cannot find object",
    "cannot load image",
    "corrupt",
    "decompress",
    "format error",
    "ignored error",
    "ignoring error",
    "inline image",
    "library error",
    "non-page object",
    "overrun",
    "premature end",
    "truncated",
)


# MuPDF goes on to the stream's end all the same.
_MENDED = "stream length incorrect"
_TREE_LOST = "page tree load failed"


def _open(content: bytes) -> Any:
    try:
        return pymupdf.open(stream=content, filetype="pdf")
    except Exception:
        # A security handler that MuPDF does not have: a certificate, or a product of its own.
        if _ENCRYPTED.search(content) and _ends_whole(content):
            raise Encrypted("security handler") from None
        raise


_ENCRYPTED = re.compile(rb"/Encrypt\b")


def _ends_whole(content: bytes) -> bool:
    """Whether a PDF with a broken cross-reference table still has its last object.

    After the last ``endobj`` there must be a trailer, or the cross-reference stream, and no object that was begun.
    """
    last = content.rfind(b"endobj")
    tail = content[last + 6 :] if last >= 0 else content
    begun = _OBJECT_HEAD.search(tail)
    if begun:
        return b"/XRef" in tail[begun.end() : begun.end() + 1024]
    return b"xref" in tail or b"%%EOF" in tail or b"trailer" in tail


@dataclass(frozen=True, slots=True)
class PlacedImage:
    """An image on a page. ``width``, ``height`` in its own pixels; ``dpi`` as placed; ``coverage``: of the page's area,
    0..1."""

    width: int
    height: int
    dpi: float
    coverage: float


def choose_raster(
    page_width_pt: float, page_height_pt: float, images: Iterable[PlacedImage], options: RasterOptions, max_pixels: int
) -> Raster:
    """The resolution of the scan on the page, else 200 dpi, within the options' bounds and ``max_pixels``.

    Among several images that cover the page (a background, and a mask of the text above it) the finest counts; of a
    scan in strips, the strip at the middle of the area. A page that has no size of a sheet of paper, of a coarse image,
    is drawn one to one.

    Raises:
        Unopenable: the page has no area.
        TooLarge: it has so much that at ``max_pixels`` nothing on it could be read.
    """
    width_in, height_in = page_width_pt / 72, page_height_pt / 72
    if not (math.isfinite(width_in * height_in) and width_in > 0 and height_in > 0):
        raise Unopenable("page without area")
    scan_dpi = _scan_dpi(tuple(images))
    dpi = min(max(scan_dpi or _PLAIN_DPI, options.min_dpi), options.max_dpi)
    credible = True
    if scan_dpi and scan_dpi < options.min_dpi and max(width_in, height_in) > _LONGEST_SHEET_IN:
        dpi, credible = scan_dpi, False
    # Half a pixel on each side for the rounding of the edges.
    fitting = (math.sqrt(max_pixels) - 1) / math.sqrt(width_in * height_in)
    if min(width_in, height_in) * fitting < 1:
        fitting = (max_pixels / 2) / max(width_in, height_in)
    if fitting < _COARSEST_DPI:
        raise TooLarge("size of a PDF page")
    dpi = min(dpi, fitting)
    columns = round(width_in * dpi)
    if dpi == scan_dpi and columns > _MIN_COLUMNS_TO_SNAP:
        # Sizes in points are rounded: without this a scan of 2550 columns is drawn, and blurred, over 2551.
        dpi = columns / width_in
    return Raster(dpi / 72, dpi if credible else 0.0)


def _scan_dpi(images: tuple[PlacedImage, ...]) -> float:
    covering = [image.dpi for image in images if image.coverage >= _SCAN_COVERAGE]
    if covering:
        return max(covering)
    total = sum(image.coverage for image in images)
    if total < _SCAN_COVERAGE:
        return 0.0
    seen = 0.0
    for image in sorted(images, key=lambda image: image.dpi):
        seen += image.coverage
        if seen >= total / 2:
            return image.dpi
    return 0.0


def _list_images(page: Any) -> Iterator[PlacedImage]:
    rect = (page.rect * page.derotation_matrix).normalize()
    for info in page.get_image_info():
        a, b, c, d = info["transform"][:4]
        across_pt, down_pt = math.hypot(a, b), math.hypot(c, d)
        if not (across_pt > 0 and down_pt > 0 and rect.get_area() > 0):
            continue
        dpi = 72 * max(info["width"] / across_pt, info["height"] / down_pt)
        shown = pymupdf.Rect(info["bbox"]) & rect
        coverage = 0.0 if shown.is_empty else shown.get_area() / rect.get_area()
        yield PlacedImage(info["width"], info["height"], dpi, coverage)


# Large pages are drawn in bands, which take so much: three bytes a pixel, and more for each layer (RGBA and a mask, or RGB and
# a mask; the first clips are mostly rectangles, which need none). Whatever is on the page is gone through for each band. A4 at
# 400 dpi with some transparency is drawn at once.
_DRAWN_BYTES = 160_000_000
_GROUP_BYTES = 5
_CLIP_BYTES = 4
_FREE_CLIPS = 8
_MAX_BANDS = 40


def _draw(page: Any, zoom: float, layers: Layers) -> Pixels:
    area = (page.rect * zoom).irect
    pixel_bytes = 3 + _GROUP_BYTES * layers.groups + _CLIP_BYTES * max(layers.clips - _FREE_CLIPS, 0)
    rows = max(_DRAWN_BYTES // pixel_bytes // max(area.width, 1), 1)
    if area.height > rows * _MAX_BANDS:
        raise TooLarge("transparency of a PDF page")
    if area.height <= rows:
        return _copy_pixels(
            page.get_pixmap(matrix=pymupdf.Matrix(zoom, zoom), colorspace=pymupdf.csRGB, alpha=False, annots=True)
        )
    pixels = np.empty((area.height, area.width, 3), np.uint8)
    drawing = page.get_displaylist(annots=True).this
    for top in range(0, area.height, rows):
        bottom = min(top + rows, area.height)
        band = mupdf.FzIrect(area.x0, area.y0 + top, area.x1, area.y0 + bottom)
        # As PyMuPDF does for a whole page. Its own Pixmap would draw pictures otherwise.
        pixmap = mupdf.fz_new_pixmap_with_bbox(mupdf.fz_device_rgb(), band, mupdf.FzSeparations(), 0)
        mupdf.fz_clear_pixmap_with_value(pixmap, 255)
        device = mupdf.fz_new_draw_device(mupdf.FzMatrix(zoom, 0, 0, zoom, 0, 0), pixmap)
        everything = mupdf.FzRect(mupdf.FzRect.Fixed_INFINITE)
        mupdf.fz_run_display_list(drawing, device, mupdf.FzMatrix(), everything, mupdf.FzCookie())
        mupdf.fz_close_device(device)
        pixels[top:bottom] = _copy_pixels(pymupdf.Pixmap("raw", pixmap))
        pymupdf.TOOLS.store_shrink(100)
    return pixels


def _copy_pixels(pixmap: Any) -> Pixels:
    rows = np.frombuffer(pixmap.samples_mv, dtype=np.uint8).reshape(pixmap.height, pixmap.stride)
    return rows[:, : pixmap.width * 3].reshape(pixmap.height, pixmap.width, 3).copy()

"""Which PDF pages are plain scans, and how their picture lies on the page."""

# PyMuPDF has no types of its own.
# mypy: allow-untyped-calls

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
import pymupdf
from numpy.typing import NDArray
from PIL import Image

from redact.geometry import Box

# The page and its picture, both this long at most, are compared in blocks; larger differences mean that the page shows
# something else than its picture (a clip, a blend, another colour space).
_COMPARE_PX, _BLOCK_PX = 1280, 16
_BLOCK_DIFFERENCE, _MEAN_DIFFERENCE = 24.0, 3.0
# Less of the page than this, and it is a picture on a page, not a scan of one.
_COVERS = 0.9
_TOLERANCE_PT = 0.75
_T = Image.Transpose
# By the signs of the placement matrix: (x along the picture's width, y along its height), then for a quarter turn.
_UPRIGHT: dict[tuple[bool, bool], Image.Transpose | None] = {
    (True, True): None,
    (False, True): _T.FLIP_LEFT_RIGHT,
    (True, False): _T.FLIP_TOP_BOTTOM,
    (False, False): _T.ROTATE_180,
}
_QUARTER: dict[tuple[bool, bool], Image.Transpose | None] = {
    (True, True): _T.TRANSPOSE,
    (True, False): _T.ROTATE_90,
    (False, True): _T.ROTATE_270,
    (False, False): _T.TRANSVERSE,
}


@dataclass(frozen=True, slots=True)
class Scan:
    """The picture of a plain scan. ``place``: points of the displayed page. ``turn``: makes the stored pixels upright.

    Either ``jpeg`` (grey or RGB, as stored) or ``image`` (mode 1, L or RGB, not yet turned). ``stored_bytes``: its
    size in the file.
    """

    place: Box
    turn: Image.Transpose | None
    stored_bytes: int
    jpeg: bytes | None = field(repr=False)
    image: Image.Image | None = field(repr=False)


def find_scan(doc: pymupdf.Document, page: pymupdf.Page) -> Scan | None:
    """The page's picture, if nothing else is to be seen on the page; the caller holds the lock."""
    if page.first_annot is not None or page.first_widget is not None:
        return None
    info = _sole_image(page)
    if info is None:
        return None
    matrix = pymupdf.Matrix(info["transform"]) * page.rotation_matrix
    turn_known, turn = _find_turn(matrix)
    placed = (pymupdf.Rect(0, 0, 1, 1) * matrix).normalize()
    place = Box(placed.x0, placed.y0, placed.x1, placed.y1)
    if not turn_known or not _lies_on_page(place, page.rect):
        return None
    xref = int(info["xref"])
    scan = _take_picture(doc, xref, place, turn)
    return scan if scan is not None and _shows_same(page, scan) else None


@dataclass(frozen=True, slots=True)
class Pictures:
    """A page on which nothing but pictures is to be seen, though not one that is a plain scan: in bands, at a slant, clipped.

    ``px_per_pt``: of the finest of them as placed, across the displayed page and down. ``bilevel``: all have one bit.
    ``stored_bytes``: their size in the file. ``jpeg``: the largest of them, if it is a JPEG, grey or RGB, as stored.
    """

    px_per_pt: tuple[float, float]
    bilevel: bool
    stored_bytes: int
    jpeg: bytes | None = field(repr=False)


def find_pictures(doc: pymupdf.Document, page: pymupdf.Page) -> Pictures | None:
    """What the page is made of, if of pictures alone; the caller holds the lock."""
    painted = _painted(page)
    infos = page.get_image_info(xrefs=True)
    if page.first_annot is not None or page.first_widget is not None or not infos or not all(i["xref"] for i in infos):
        return None
    if not all(kind in ("fill-image", "fill-imgmask") for kind in painted):
        return None
    stored = {int(info["xref"]): len(doc.xref_stream_raw(int(info["xref"])) or b"") for info in infos}
    largest = max(stored, key=lambda xref: stored[xref])
    extracted = doc.extract_image(largest)
    densities = [_density(info, page) for info in infos]
    is_jpeg = bool(extracted) and extracted["ext"] == "jpeg" and extracted["colorspace"] in (1, 3)
    return Pictures(
        px_per_pt=(max(x for x, _ in densities), max(y for _, y in densities)),
        bilevel=all(info["bpc"] == 1 and info["colorspace"] <= 1 for info in infos),
        stored_bytes=sum(stored.values()),
        jpeg=extracted["image"] if is_jpeg else None,
    )


def _density(info: dict[str, Any], page: pymupdf.Page) -> tuple[float, float]:
    """Pixels per point across and down the displayed page; of a picture at a slant its finest for both."""
    matrix = pymupdf.Matrix(info["transform"]) * page.rotation_matrix
    width_pt, height_pt = math.hypot(matrix.a, matrix.b), math.hypot(matrix.c, matrix.d)
    along, across = info["width"] / max(width_pt, 1e-3), info["height"] / max(height_pt, 1e-3)
    known, turn = _find_turn(matrix)
    if not known:
        return max(along, across), max(along, across)
    return (across, along) if turn in _QUARTER.values() else (along, across)


def _painted(page: pymupdf.Page) -> list[str]:
    """Kinds of what is painted; invisible text is no hindrance, it goes."""
    return [str(entry[0]) for entry in page.get_bboxlog() if not entry[0].startswith(("ignore-", "clip-"))]


def _sole_image(page: pymupdf.Page) -> dict[str, Any] | None:
    """The one picture that is painted, when no text, line or shade is."""
    painted = _painted(page)
    if len(painted) != 1 or painted[0] not in ("fill-image", "fill-imgmask"):
        return None
    infos = page.get_image_info(xrefs=True)
    if len(infos) != 1 or not infos[0].get("xref"):
        return None
    info: dict[str, Any] = infos[0]
    return info


def _find_turn(matrix: pymupdf.Matrix) -> tuple[bool, Image.Transpose | None]:
    size = max(abs(matrix.a), abs(matrix.b), abs(matrix.c), abs(matrix.d))
    if max(abs(matrix.b), abs(matrix.c)) < 1e-3 * size:
        return True, _UPRIGHT[matrix.a > 0, matrix.d > 0]
    if max(abs(matrix.a), abs(matrix.d)) < 1e-3 * size:
        # b: where the picture's x axis goes on the page's y axis; c: its y axis on the page's x axis.
        return True, _QUARTER[matrix.c > 0, matrix.b > 0]
    return False, None


def _lies_on_page(place: Box, rect: pymupdf.Rect) -> bool:
    """Pixels beyond the page's edge are seen by nobody, so nobody searched them: such a page is rendered."""
    page = Box(0, 0, rect.width, rect.height)
    inside = page.grown(_TOLERANCE_PT)
    beyond = place.area - place.intersection_area(inside)
    return beyond <= 0 and place.intersection_area(page) >= _COVERS * page.area


def _take_picture(doc: pymupdf.Document, xref: int, place: Box, turn: Image.Transpose | None) -> Scan | None:
    def has(key: str) -> bool:
        return bool(doc.xref_get_key(xref, key)[0] != "null")

    if has("SMask") or has("Mask") or has("OC"):
        return None
    stored = len(doc.xref_stream_raw(xref) or b"")
    # [0 1 0 1 ...] says what holds anyway.
    if doc.xref_get_key(xref, "Decode")[1].strip("[] ").replace("0 1", "").strip() in ("", "null"):
        extracted = doc.extract_image(xref)
        if extracted and extracted["ext"] == "jpeg" and extracted["colorspace"] in (1, 3):
            return Scan(place, turn, stored, extracted["image"], None)
    pixmap = pymupdf.Pixmap(doc, xref)
    bilevel = doc.xref_get_key(xref, "ImageMask")[1] == "true" or doc.xref_get_key(xref, "BitsPerComponent")[1] == "1"
    return Scan(place, turn, stored, None, _to_image(pixmap, bilevel))


def _to_image(pixmap: pymupdf.Pixmap, bilevel: bool) -> Image.Image:
    if pixmap.colorspace is None:
        # A stencil: its opacity is the ink.
        samples = np.frombuffer(pixmap.samples, dtype=np.uint8).reshape(pixmap.height, pixmap.stride)[:, : pixmap.width]
        return Image.fromarray(255 - samples).point(lambda v: 255 * (v > 127)).convert("1", dither=Image.Dither.NONE)
    if pixmap.alpha:
        pixmap = pymupdf.Pixmap(pixmap, 0)
    if pixmap.colorspace.n not in (1, 3) or pixmap.colorspace.name not in ("DeviceGray", "DeviceRGB"):
        pixmap = pymupdf.Pixmap(pymupdf.csGRAY if pixmap.colorspace.n == 1 else pymupdf.csRGB, pixmap)
    channels = pixmap.n
    rows = np.frombuffer(pixmap.samples, dtype=np.uint8).reshape(pixmap.height, pixmap.stride)
    pixels = rows[:, : pixmap.width * channels].reshape(pixmap.height, pixmap.width, channels)
    if channels == 3 and (pixels[..., 0] == pixels[..., 1]).all() and (pixels[..., 0] == pixels[..., 2]).all():
        pixels, channels = pixels[..., :1], 1
    image = Image.fromarray(np.ascontiguousarray(pixels[..., 0] if channels == 1 else pixels))
    if bilevel and channels == 1 and bool(np.isin(pixels, (0, 255)).all()):
        return image.convert("1", dither=Image.Dither.NONE)
    return image


def _shows_same(page: pymupdf.Page, scan: Scan) -> bool:
    """Whether the rendered page looks like the picture laid on white paper."""
    rect = page.rect
    scale = _COMPARE_PX / max(rect.width, rect.height)
    shown_pixmap = page.get_pixmap(matrix=pymupdf.Matrix(scale, scale), colorspace=pymupdf.csRGB, alpha=False)
    shown = pixmap_array(shown_pixmap)
    place = scan.place.scaled(scale).clipped(shown.shape[1], shown.shape[0])
    x0, y0, x1, y1 = (round(v) for v in (place.x0, place.y0, place.x1, place.y1))
    if x1 <= x0 or y1 <= y0:
        return False
    if scan.jpeg is not None:
        pixmap = pymupdf.Pixmap(scan.jpeg)
        source = pixmap_array(pymupdf.Pixmap(pymupdf.csRGB, pixmap) if pixmap.n != 3 else pixmap)
    else:
        source = np.asarray((scan.image or Image.new("L", (1, 1))).convert("RGB"))
    # Made small before it is turned: turning is cheap then.
    size = (y1 - y0, x1 - x0) if scan.turn in _QUARTER.values() else (x1 - x0, y1 - y0)
    small = Image.fromarray(np.asarray(cv2.resize(source, size, interpolation=cv2.INTER_AREA), dtype=np.uint8))
    if scan.turn is not None:
        small = small.transpose(scan.turn)
    expected = np.full_like(shown, 255)
    expected[y0:y1, x0:x1] = np.asarray(small)
    blocks = (max(shown.shape[1] // _BLOCK_PX, 1), max(shown.shape[0] // _BLOCK_PX, 1))
    coarse = [cv2.resize(p, blocks, interpolation=cv2.INTER_AREA).astype(np.int16) for p in (shown, expected)]
    difference = np.abs(coarse[0] - coarse[1])
    # The outermost blocks hold the rounding of the picture's edge.
    inner = difference[1:-1, 1:-1] if min(blocks) > 4 else difference
    return bool(inner.max(initial=0) <= _BLOCK_DIFFERENCE and difference.mean() <= _MEAN_DIFFERENCE)


def pixmap_array(pixmap: pymupdf.Pixmap) -> NDArray[np.uint8]:
    """(H, W, N) uint8 copy of a pixmap without alpha."""
    rows = np.frombuffer(pixmap.samples, dtype=np.uint8).reshape(pixmap.height, pixmap.stride)
    return np.ascontiguousarray(rows[:, : pixmap.width * pixmap.n].reshape(pixmap.height, pixmap.width, pixmap.n))

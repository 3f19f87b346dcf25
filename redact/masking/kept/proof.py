"""Whether a page that was drawn anew shows what the masked page shows, and says nothing that it does not show.

The page is opened from its bytes and read by other means than it was written with.
"""

# PyMuPDF has no types of its own.
# mypy: allow-untyped-calls

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import cv2
import numpy as np
import pymupdf as _pymupdf
from numpy.typing import NDArray

from redact.geometry import Box
from redact.masking.kept.drawing import read_marks
from redact.masking.kept.marks import Glyph
from redact.masking.kept.plan import Frame
from redact.masking.paint import PixelBox

pymupdf: Any = _pymupdf
mupdf: Any = _pymupdf.mupdf

Pixels = NDArray[np.uint8]
_BLOCK_PX = 8
# Two edges of a heavy stem, a quarter of a pixel off.
_BLOCK_DIFFERENCE = 40.0
_FAINT, _HALF = 32.0, 0.5
_SAME_PT = 0.5
_FLAGS: int = pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_PRESERVE_LIGATURES | pymupdf.TEXT_CID_FOR_UNKNOWN_UNICODE


def find_differences(shown: Pixels, expected: Pixels) -> list[PixelBox]:
    """Blocks of which the two pictures, (H, W, 3) uint8, show something else."""
    height, width = expected.shape[:2]
    blocks = max(width // _BLOCK_PX, 1), max(height // _BLOCK_PX, 1)
    coarse = [cv2.resize(p, blocks, interpolation=cv2.INTER_AREA).astype(np.int16) for p in (shown, expected)]
    differs = np.abs(coarse[0] - coarse[1]).max(axis=2) > _BLOCK_DIFFERENCE
    sx, sy = width / blocks[0], height / blocks[1]
    return [(int(x * sx), int(y * sy), int((x + 1) * sx) + 1, int((y + 1) * sy) + 1) for y, x in np.argwhere(differs).tolist()]


def find_unseen(
    glyphs: Sequence[Glyph], shown: Pixels, expected: Pixels, without: Pixels, ink: Pixels, frame: Frame
) -> list[PixelBox]:
    """Glyphs that hardly stand out from what they lie on, or that ``expected`` does not show.

    ``shown``: the page; ``without``: the same without its glyphs; ``ink``: the glyphs alone, black on white.
    """
    weight = _difference(ink, np.full_like(ink, 255)).astype(np.float32) / 255
    planes = (weight, _difference(shown, without) * weight, _difference(shown, expected) * weight)
    sums = [cv2.integral(plane, sdepth=cv2.CV_64F) for plane in planes]
    unseen = []
    for glyph in glyphs:
        if glyph.outline.is_blank:
            continue
        x0, y0, x1, y1 = box = frame.to_pixels(glyph.ink, 1)
        inked, contrast, off = (s[y1, x1] - s[y0, x1] - s[y1, x0] + s[y0, x0] for s in sums)
        if contrast < _FAINT * inked or inked <= 0 or off > _HALF * contrast:
            unseen.append(box)
    return unseen


def _difference(a: Pixels, b: Pixels) -> Pixels:
    """(H, W): of the channel that differs most."""
    red, green, blue = cv2.split(cv2.absdiff(a, b))
    return np.asarray(cv2.max(cv2.max(red, green), blue), dtype=np.uint8)


def tells_only(page: Any, glyphs: Sequence[Glyph], masks: Sequence[Box], pictures: Sequence[Box]) -> bool:
    """Whether ``page`` of the output says what ``glyphs`` say at their places and no more, with nothing under ``masks``, and is
    drawn with nothing else but bars and ``pictures``; the caller holds the lock.

    Text is taken from the page as any reader of PDF takes it, hidden text and text beside the page included.
    """
    meant = Counter((_cell(*g.origin), g.outline.text) for g in glyphs if not g.outline.is_blank)
    drawn = read_marks(page)
    inked = [g for g in drawn.glyphs if not g.outline.is_blank]
    if sum(meant.values()) != len(inked) or len(drawn.regions) != len(pictures):
        return False
    if any(not any(_same(region, place) for place in pictures) for region in drawn.regions):
        return False
    if any(mask.intersection_area(g.ink) > 0 for g in drawn.glyphs for mask in masks):
        return False
    return all(not _lies_in(x, y, masks) and (text.isspace() or _is_meant(x, y, text, meant)) for x, y, text in _read(page))


def _read(page: Any) -> Iterator[tuple[float, float, str]]:
    """Every character and where its glyph stands, hidden ones and those beside the page too."""
    found = page.get_text("rawdict", flags=_FLAGS, clip=pymupdf.INFINITE_RECT())
    for line in (line for block in found["blocks"] for line in block.get("lines", ())):
        for span in line["spans"]:
            # In columns MuPDF says where the glyph ends, an em further on.
            back = span["size"] if line["wmode"] else 0.0
            for char in span["chars"]:
                x, y = char["origin"]
                yield x - back * line["dir"][0], y - back * line["dir"][1], char["c"]


def _is_meant(x: float, y: float, text: str, meant: Counter[tuple[tuple[int, int], str]]) -> bool:
    column, row = _cell(x, y)
    near = ((column + i, row + j) for i in (-1, 0, 1) for j in (-1, 0, 1))
    return any((cell, text) in meant for cell in near) or any(
        text in said and abs(cell[1] - row) <= 1 for cell, said in meant if len(said) > 1
    )


def _cell(x: float, y: float) -> tuple[int, int]:
    return round(x / _SAME_PT), round(y / _SAME_PT)


def _lies_in(x: float, y: float, boxes: Sequence[Box]) -> bool:
    return any(box.x0 < x < box.x1 and box.y0 < y < box.y1 for box in boxes)


def _same(a: Box, b: Box) -> bool:
    return max(abs(a.x0 - b.x0), abs(a.y0 - b.y0), abs(a.x1 - b.x1), abs(a.y1 - b.y1)) < _SAME_PT


def count_used_glyphs(document: Any) -> tuple[int, int]:
    """Glyphs that the pages of an output draw, and glyphs that its font holds besides the empty first one."""
    used: set[int] = set()
    held = 0
    for page in document:
        # The further letters of a ligature come without a glyph.
        used |= {char[1] for span in page.get_texttrace() for char in span["chars"] if char[1] >= 0}
        for xref, *_ in page.get_fonts():
            program = document.extract_font(xref)[3]
            held = max(held, pymupdf.Font(fontbuffer=program).glyph_count - 1)
    return len(used), held

"""Which marks of a page are drawn anew, and which parts of it stay pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import cv2
import numpy as np
from numpy.typing import NDArray

from redact.geometry import Box
from redact.masking.kept.marks import Bar, Glyph, Marks
from redact.masking.paint import PixelBox

Flags = NDArray[np.bool_]
_MARGIN_PX = 2
# Regions this near to each other become one picture.
_JOIN_PX = 9
# A glyph that a picture hides more of than this is part of the picture.
_MOSTLY_HIDDEN = 0.3
# Glyphs on one another, of which one may hide the other; a glyph painted twice to look bold does not.
_ON_ANOTHER = 0.6
_BOLD_SHIFT_EM = 0.1
_PLACES_A_PIXEL = 4


@dataclass(frozen=True, slots=True)
class Frame:
    """The pixel grid of the masks: ``width`` x ``height`` pixels on a page of ``width_pt`` x ``height_pt``."""

    width: int
    height: int
    width_pt: float
    height_pt: float

    def to_pixels(self, box: Box, margin: int = 0) -> PixelBox:
        """Every pixel that the box touches, within the frame."""
        scaled = box.scaled(self.width / self.width_pt, self.height / self.height_pt)
        x0, y0, x1, y1 = scaled.grown(-1e-6 * (scaled.width > 1 and scaled.height > 1)).pixels()
        wide, high = self.width, self.height
        x0, y0 = min(max(x0 - margin, 0), wide), min(max(y0 - margin, 0), high)
        return x0, y0, max(min(x1 + margin, wide), x0), max(min(y1 + margin, high), y0)

    def to_points(self, box: PixelBox) -> Box:
        return Box(*box).scaled(self.width_pt / self.width, self.height_pt / self.height)


@dataclass(frozen=True, slots=True)
class Plan:
    """``pictures``: parts of the page that stay pixels, apart from each other; all else is drawn from glyphs and bars."""

    glyphs: tuple[Glyph, ...]
    bars: tuple[Bar, ...]
    pictures: tuple[PixelBox, ...]


def plan_page(marks: Marks, masks: Sequence[PixelBox], frame: Frame, forced: Sequence[PixelBox]) -> Plan:
    """``forced``: parts that must be pixels, with every glyph that touches them."""
    holes = [frame.to_points(mask) for mask in masks]
    glyphs = [glyph for glyph in marks.glyphs if _on_page(glyph, frame) and not _is_under(glyph, holes)]
    inks = np.array([frame.to_pixels(g.ink, 0 if g.outline.is_blank else 1) for g in glyphs], dtype=np.int64).reshape(-1, 4)
    partly = np.array([_touches(g, holes) for g in glyphs], dtype=np.bool_)
    hidden = partly | _lies_on_another(glyphs)
    pictures = np.zeros((frame.height, frame.width), dtype=np.uint8)
    must = np.zeros_like(pictures)
    for region in marks.regions:
        if not any(hole.intersection_area(region) >= region.area for hole in holes):
            _fill(pictures, frame.to_pixels(region, _MARGIN_PX))
    for box in forced:
        _fill(must, box)
    hidden |= _share(must, inks) > 0
    pictures |= must
    while True:
        for box in inks[hidden]:
            _fill(pictures, tuple(box))
        boxes = _join(pictures)
        share = _share(pictures, inks)
        more = (share > _MOSTLY_HIDDEN) & (share < 1) & ~hidden
        if not more.any():
            break
        hidden |= more
    stay = ~hidden & (share <= _MOSTLY_HIDDEN)
    kept = tuple(_round_place(glyph, holes, frame) for glyph, stays in zip(glyphs, stay, strict=True) if stays)
    bars = list(chain.from_iterable(bar.without(holes) for bar in marks.bars))
    return Plan(kept, _keep_seen(bars, [*boxes, *masks], frame), tuple(boxes))


def _on_page(glyph: Glyph, frame: Frame) -> bool:
    ink = glyph.ink
    return ink.x0 >= 0 and ink.y0 >= 0 and ink.x1 <= frame.width_pt and ink.y1 <= frame.height_pt


def _is_under(glyph: Glyph, holes: Sequence[Box]) -> bool:
    ink = glyph.ink
    return any(h.x0 <= ink.x0 and h.y0 <= ink.y0 and ink.x1 <= h.x1 and ink.y1 <= h.y1 for h in holes)


def _touches(glyph: Glyph, holes: Sequence[Box]) -> bool:
    x, y = glyph.origin
    return any(h.intersection_area(glyph.ink) > 0 or (h.x0 <= x <= h.x1 and h.y0 <= y <= h.y1) for h in holes)


def _round_place(glyph: Glyph, holes: Sequence[Box], frame: Frame) -> Glyph:
    """On a line with a mask, to the quarter of a pixel that MuPDF draws small glyphs at: the place of what follows a name tells
    how wide the name is set, and told to the thousandth of a point it tells names apart (Bland, Iyer, Levchenko 2022, Story
    Beyond the Eye)."""
    along_x = (abs(glyph.matrix[0]) >= abs(glyph.matrix[1])) != glyph.outline.down
    (x, y), em = glyph.origin, abs(glyph.matrix[0] * glyph.matrix[3] - glyph.matrix[1] * glyph.matrix[2]) ** 0.5
    if not any(h.y0 - em < y < h.y1 + em if along_x else h.x0 - em < x < h.x1 + em for h in holes):
        return glyph
    sx, sy = _PLACES_A_PIXEL * frame.width / frame.width_pt, _PLACES_A_PIXEL * frame.height / frame.height_pt
    return glyph.moved(round(x * sx) / sx - x, round(y * sy) / sy - y)


def _lies_on_another(glyphs: Sequence[Glyph]) -> Flags:
    """Glyphs that another one may hide, and those that may hide them."""
    marked = np.zeros(len(glyphs), dtype=np.bool_)
    places = [i for i, glyph in enumerate(glyphs) if not glyph.outline.is_blank]
    boxes = np.array([(g.ink.x0, g.ink.y0, g.ink.x1, g.ink.y1) for g in (glyphs[i] for i in places)]).reshape(-1, 4)
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    for at in range(len(places)):
        rest = boxes[at + 1 :]
        wide = np.minimum(rest[:, 2], boxes[at, 2]) - np.maximum(rest[:, 0], boxes[at, 0])
        high = np.minimum(rest[:, 3], boxes[at, 3]) - np.maximum(rest[:, 1], boxes[at, 1])
        shared = np.where((wide > 0) & (high > 0), wide * high, 0.0)
        for other in np.flatnonzero(shared > _ON_ANOTHER * np.minimum(areas[at + 1 :], areas[at])) + at + 1:
            if not _is_bold_pair(glyphs[places[at]], glyphs[places[other]]):
                marked[places[at]] = marked[places[other]] = True
    return marked


def _is_bold_pair(a: Glyph, b: Glyph) -> bool:
    size = max(a.ink.width, a.ink.height)
    near = abs(a.origin[0] - b.origin[0]) + abs(a.origin[1] - b.origin[1]) <= _BOLD_SHIFT_EM * size
    return a.outline == b.outline and near


def _join(pictures: NDArray[np.uint8]) -> list[PixelBox]:
    """Upright boxes around what is set in ``pictures``, which has them filled afterwards."""
    kernel = np.ones((_JOIN_PX, _JOIN_PX), dtype=np.uint8)
    boxes: list[PixelBox] = []
    while True:
        near = cv2.morphologyEx(pictures, cv2.MORPH_CLOSE, kernel, borderType=cv2.BORDER_CONSTANT, borderValue=0)
        count, _, stats, _ = cv2.connectedComponentsWithStats(cv2.bitwise_or(near, pictures), connectivity=8)
        found = [(int(x), int(y), int(x + w), int(y + h)) for x, y, w, h, _ in stats[1:count]]
        for box in found:
            _fill(pictures, box)
        if found == boxes:
            return boxes
        boxes = found


def _share(flags: NDArray[np.uint8], boxes: NDArray[np.int64]) -> NDArray[np.float64]:
    """The part of each box in which ``flags`` are set; for a box without area, whether its corner is."""
    sums = cv2.integral(flags)
    height, width = flags.shape
    x0, y0, x1, y1 = boxes.T
    x0, y0 = np.minimum(x0, width - 1), np.minimum(y0, height - 1)
    x1, y1 = np.maximum(x1, x0 + 1), np.maximum(y1, y0 + 1)
    total = sums[y1, x1] - sums[y0, x1] - sums[y1, x0] + sums[y0, x0]
    share: NDArray[np.float64] = total / ((x1 - x0) * (y1 - y0))
    return share


def _keep_seen(bars: Sequence[Bar], above: Sequence[PixelBox], frame: Frame) -> tuple[Bar, ...]:
    """The bars of which something is to be seen: not those under later ones, nor those of the colour that they lie on."""
    colours = {colour: i + 1 for i, colour in enumerate(dict.fromkeys([(1.0, 1.0, 1.0), *(bar.colour for bar in bars)]))}
    shown = np.full((frame.height, frame.width), colours[1.0, 1.0, 1.0], dtype=np.int32)
    top = np.full((frame.height, frame.width), -1, dtype=np.int32)
    for i, bar in enumerate(bars):
        x0, y0, x1, y1 = frame.to_pixels(bar.box)
        if (shown[y0:y1, x0:x1] != colours[bar.colour]).any():
            shown[y0:y1, x0:x1] = colours[bar.colour]
            top[y0:y1, x0:x1] = i
    for x0, y0, x1, y1 in above:
        top[y0:y1, x0:x1] = -1
    seen = set(np.unique(top).tolist())
    return tuple(bar for i, bar in enumerate(bars) if i in seen)


def _fill(flags: NDArray[np.uint8], box: PixelBox) -> None:
    x0, y0, x1, y1 = box
    flags[y0:y1, x0:x1] = 1

"""Hits to masks: as much as covers the name for certain, as little as leaves the words beside it alone."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from redact.geometry import Box
from redact.masking.ink import Mask, Strip, straighten
from redact.values import CODE_RULE, Hit, Page

# Padding, in line heights and in page pixels; 8 pixels are one JPEG block, in which a glyph leaves ringing.
_PAD, _PAD_PX = 0.3, 8.0
# What stays of it where the next line of text is nearer.
_TIGHT_PAD, _TIGHT_PAD_PX = 0.15, 4.0
# Where the end of the last glyph is looked for, in line heights from the quad's end (negative: inside the quad).
_LOOK_BACK, _LOOK_AHEAD = 0.15, 0.55
# A column gap under this many line heights parts strokes, not glyphs.
_CLEAR_GAP = 0.05
# What a gap loses as the name's end: for a broken number of ems (at most 0.5), for each line height from where frames
# point. On 220 drawn lines with ends cut by up to 0.3 ems, these left ink in 0.5 % and took neighbours' ink in 14 %;
# 0.15 and 0.15 gave 0.9 % and 26 %.
_UNEVEN, _AWAY = 0.3, 0.3
# Mask lengths are rounded up to an odd number of ems plus an allowance for measuring, so that names of two and three
# characters look alike. All extensions of a page together stay under this share of its area: the design allows 0.1 % of
# a page over the names grown by 30 %, and padding takes about 0.02 % a name at 11 pt on A4.
_STEPS_EM = (2.0, 1.0, 0.5)
_LENGTH_ALLOWANCE_EM = 0.2
_EXTENSION_BUDGET = 0.0007
# A tilted mask becomes upright slices, each stepping by at most this many line heights.
_SLICE_DRIFT = 0.12
_MAX_SLICES, _MAX_END_SLICES = 48, 6


@dataclass(frozen=True, slots=True)
class _Fit:
    """A mask in its strip's frame: extents, the ink's own length and height, and free room beyond both ends."""

    strip: Strip
    u0: float
    u1: float
    v0: float
    v1: float
    ink_length: float
    em: float
    room_before: float
    room_after: float

    def extended(self, step_em: float) -> _Fit:
        """Lengthened to the next length of the grid as far as the paper is free, after the name first."""
        step = step_em * self.em
        # Grid at 1, 1 + step, 1 + 2 steps ... ems plus the allowance.
        base = (1 + _LENGTH_ALLOWANCE_EM) * self.em
        steps = max(math.ceil((self.ink_length - base) / step), 0)
        wanted = base + steps * step - self.ink_length
        if wanted > self.room_after + self.room_before:
            half = wanted - step / 2
            wanted = half if 0 < half <= self.room_after + self.room_before else 0.0
        after = min(wanted, self.room_after)
        return replace(self, u0=self.u0 - (wanted - after), u1=self.u1 + after)

    @property
    def area_px(self) -> float:
        return (self.u1 - self.u0) * (self.v1 - self.v0) / self.strip.scale**2


def fit_masks(page: Page, hits: Sequence[Hit]) -> tuple[Box, ...]:
    """Boxes that cover the hits' glyphs: whole pixels of ``page``, clipped to it; upright, also where text is tilted.

    A box covers its quad, give or take 0.15 line heights where another glyph begins inside the quad's end; that of a machine code
    is covered whole, since what is left of a code can often be read.
    """
    fits = [_fit(straighten(page.pixels, quad)) for hit in hits if hit.rule != CODE_RULE for quad in hit.quads]
    fits = _hide_lengths(fits, _EXTENSION_BUDGET * page.width * page.height)
    boxes: list[Box] = []
    for fit in fits:
        polygon = fit.strip.corners(fit.u0, fit.u1, fit.v0, fit.v1)
        boxes.extend(_slice(polygon, fit.strip.thickness / fit.strip.scale, page.width, page.height))
    for quad in (quad for hit in hits if hit.rule == CODE_RULE for quad in hit.quads):
        boxes.extend(_slice(quad.array(), quad.thickness, page.width, page.height))
    return _without_covered(boxes)


def _hide_lengths(fits: list[_Fit], budget_px: float) -> list[_Fit]:
    """Round lengths up by the coarsest step that the page's budget of black allows, one step for all masks."""
    before = sum(f.area_px for f in fits)
    for step in _STEPS_EM:
        extended = [f.extended(step) for f in fits]
        if sum(f.area_px for f in extended) - before <= budget_px:
            return extended
    return fits


def _fit(strip: Strip) -> _Fit:
    thick = strip.thickness
    rows = slice(max(round(strip.v0), 0), round(strip.v1))
    count = strip.glyphs[rows].sum(axis=0)
    inked: Mask = count >= (2 if thick >= 40 else 1)
    top, bottom = _ink_rows(strip)
    em = _em(top, bottom, thick)
    # Of the type's own height: a detected line is a quarter higher than its characters.
    pad = max(_PAD * em, _PAD_PX * strip.scale)

    size = len(inked)
    end_ink, end_next = _glyph_end(inked, strip.u1, strip.u0, thick, em)
    back_ink, back_next = _glyph_end(inked[::-1], size - strip.u0, size - strip.u1, thick, em)
    rule_columns = _mostly(strip.rules[rows])
    u1 = _pad_end(strip.u1, end_ink, end_next, rule_columns, pad, thick)
    u0 = size - _pad_end(size - strip.u0, back_ink, back_next, rule_columns[::-1], pad, thick)

    tight = max(_TIGHT_PAD * thick, _TIGHT_PAD_PX * strip.scale)
    columns = slice(max(math.floor(u0), 0), math.ceil(u1))
    line_rows = _any((strip.glyphs | strip.rules)[:, columns], axis=1)
    v1 = _pad_side(line_rows, strip.v1, bottom, pad, tight)
    v0 = len(line_rows) - _pad_side(line_rows[::-1], len(line_rows) - strip.v0, len(line_rows) - top, pad, tight)

    taken = ~strip.inside | strip.glyphs | strip.rules
    used = _any(taken[max(math.floor(v0), 0) : math.ceil(v1)], axis=0)
    keep_off = max(0.15 * thick, 2.0)
    room_after = max(_free_run(used[math.ceil(u1) :]) - keep_off, 0.0)
    room_before = max(_free_run(used[: max(math.floor(u0), 0)][::-1]) - keep_off, 0.0)
    return _Fit(strip, u0, u1, v0, v1, max(end_ink - (size - back_ink), 1.0), em, room_before, room_after)


def _ink_rows(strip: Strip) -> tuple[float, float]:
    """First and last (exclusive) row of the name's ink, also a little over the quad's edges where it cuts strokes."""
    columns = slice(max(round(strip.u0), 0), round(strip.u1))
    inked = _any(strip.glyphs[:, columns], axis=1)
    inside = np.flatnonzero(inked[round(strip.v0) : round(strip.v1)])
    if not len(inside):
        return strip.v0, strip.v1
    first, last = int(inside[0]) + round(strip.v0), int(inside[-1]) + round(strip.v0) + 1
    reach = int(0.25 * strip.thickness)
    start, stop = first, last
    while start > 0 and inked[start - 1] and first - start < reach:
        start -= 1
    while stop < len(inked) and inked[stop] and stop - last < reach:
        stop += 1
    return float(start), float(stop)


def _em(top: float, bottom: float, thickness: float) -> float:
    """The type size: Chinese glyphs fill about 0.92 of it; flat ones (一, 三) would tell a size that is too small."""
    return min(max((bottom - top) / 0.92, 0.62 * thickness), 1.1 * thickness)


def _glyph_end(inked: Mask, end: float, start: float, thick: float, em: float) -> tuple[float, float | None]:
    """Where the last glyph's ink ends and the next glyph's begins (None: no clear gap, so nobody knows).

    ``inked``: columns with ink. The recogniser's frames end anywhere in the last glyph or soon behind it, so the gap is
    chosen among those near ``end``: a wide one, near, at a whole number of ems from the name's start.
    """
    low, high = end - _LOOK_BACK * thick, end + _LOOK_AHEAD * thick
    name_ink = np.flatnonzero(inked[max(int(start), 0) : max(math.ceil(end), 1)])
    first = start + float(name_ink[0]) if len(name_ink) else start
    best: tuple[float, float, float] | None = None
    for gap_start, gap_stop in _gaps(inked, max(_CLEAR_GAP * thick, 1.5)):
        # A gap inside the quad counts when the next glyph begins at the very end of the quad.
        if gap_stop < low or gap_start > high or gap_start <= first:
            continue
        width = min(gap_stop - gap_start, 0.25 * thick) / thick
        glyphs = (gap_start - first) / em + 0.08
        uneven = abs(glyphs - round(glyphs))
        away = abs(min(max(end + 0.08 * thick, gap_start), gap_stop) - (end + 0.08 * thick)) / thick
        # Farther is safer: with all else equal the name's own last stroke is not left out.
        score = width - _UNEVEN * uneven - _AWAY * away + 0.05 * (gap_start - end) / thick
        if best is None or score > best[0]:
            best = (score, gap_start, gap_stop)
    if best is None:
        return end, None
    return best[1], best[2]


def _gaps(inked: Mask, least: float) -> Iterator[tuple[float, float]]:
    """Runs of columns without ink, at least ``least`` long, as (first, one past the last)."""
    edges = np.flatnonzero(np.diff(np.concatenate([[1], inked.astype(np.int8), [1]])))
    for first, stop in edges.reshape(-1, 2):
        if stop - first >= least:
            yield float(first), float(stop)


def _pad_end(end: float, ink_end: float, next_ink: float | None, rules: Mask, pad: float, thick: float) -> float:
    """Where the mask ends along the line: padded, but not over the next glyph behind a gap, nor over a form's rule."""
    if next_ink is None:
        return end + pad
    wanted = max(ink_end + pad, end)
    behind = np.flatnonzero(rules[max(math.ceil(ink_end), 0) : math.ceil(wanted) + 1])
    limit = min(next_ink, ink_end + float(behind[0]) if len(behind) else next_ink)
    # One column is left to the glyph's soft edge.
    return max(min(wanted, limit - 1.0), ink_end + min(1.0, 0.03 * thick), end - _LOOK_BACK * thick)


def _pad_side(rows: Mask, edge: float, ink_edge: float, pad: float, tight: float) -> float:
    """Where the mask ends across the line: padded, less where the next line is near, never less than ``tight``."""
    least = max(edge, ink_edge + tight)
    wanted = max(edge, ink_edge + pad)
    behind = np.flatnonzero(rows[max(math.ceil(ink_edge), 0) : math.ceil(wanted) + 1])
    limit = ink_edge + float(behind[0]) - 1.0 if len(behind) else wanted
    return max(min(wanted, limit), least)


def _mostly(rules: Mask) -> Mask:
    """Columns that a rule crosses from top to bottom (an underline crosses none)."""
    result: Mask = rules.sum(axis=0) > 0.6 * max(len(rules), 1)
    return result


def _any(ink: Mask, *, axis: int) -> Mask:
    return np.asarray(ink.any(axis=axis), dtype=np.bool_)


def _free_run(used: Mask) -> float:
    taken = np.flatnonzero(used)
    return float(taken[0]) if len(taken) else float(len(used))


def _slice(polygon: NDArray[np.float64], thickness: float, width: int, height: int) -> list[Box]:
    """A turned rectangle as upright boxes: one where it is nearly straight, else slices that follow the tilt."""
    edge = polygon[1] - polygon[0]
    steep = bool(abs(edge[1]) > abs(edge[0]))
    points = polygon[:, ::-1] if steep else polygon
    run, rise = np.abs(edge[::-1] if steep else edge)
    slope = rise / max(run, 1e-9)
    low, high = float(points[:, 0].min()), float(points[:, 0].max())
    count = min(max(math.ceil((high - low) * slope / max(_SLICE_DRIFT * thickness, 1.5)), 1), _MAX_SLICES)
    if slope * (high - low) < 0.1 * thickness:
        count = 1
    cuts = _slice_edges(points, low, high, count)
    boxes = []
    for a, b in pairwise(cuts):
        span = _extent_between(points, a, b)
        if span is None:
            continue
        raw = Box(span[0], a, span[1], b) if steep else Box(a, span[0], b, span[1])
        box = Box(*map(float, raw.pixels())).clipped(width, height)
        if box.area:
            boxes.append(box)
    return boxes


def _slice_edges(points: NDArray[np.float64], low: float, high: float, count: int) -> list[float]:
    """Whole-pixel edges of slices: ``count`` of equal width, and narrow ones where a slanted end tapers off.

    A wide slice there would reach over the neighbour glyph that the slanted end leaves alone.
    """
    if count == 1:
        return [math.floor(low), math.ceil(high)]
    inner = np.sort(points[:, 0])[1:3]
    edges = np.linspace(low, high, count + 1)
    edges = edges[(edges > inner[0]) & (edges < inner[1])]
    ends = [
        np.linspace(a, b, min(max(math.ceil((b - a) / 2), 1), _MAX_END_SLICES) + 1)
        for a, b in ((low, inner[0]), (inner[1], high))
    ]
    whole = {round(float(v)) for v in np.concatenate([edges, *ends])}
    return sorted({v for v in whole if low < v < high} | {math.floor(low), math.ceil(high)})


def _extent_between(points: NDArray[np.float64], a: float, b: float) -> tuple[float, float] | None:
    """Least and greatest second coordinate of a convex polygon where its first lies in a..b."""
    values = [float(y) for x, y in points if a <= x <= b]
    for (xa, ya), (xb, yb) in zip(points, np.roll(points, -1, axis=0), strict=True):
        for cut in (a, b):
            if min(xa, xb) < cut < max(xa, xb):
                values.append(float(ya + (yb - ya) * (cut - xa) / (xb - xa)))
    return (min(values), max(values)) if values else None


def _without_covered(boxes: list[Box]) -> tuple[Box, ...]:
    """Boxes in their order, less those that lie inside another one (two rules may find the same name)."""
    kept: list[Box] = []
    for box in boxes:
        if any(k.intersection_area(box) >= box.area for k in kept):
            continue
        kept = [k for k in kept if k.intersection_area(box) < k.area]
        kept.append(box)
    return tuple(kept)

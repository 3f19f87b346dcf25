"""Text and frames that the picture's border cuts."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from redact.geometry import Box
from redact.screening.completeness.reduced import Reduced, Row, runs
from redact.values import Issue, Severity

SIDES = ("left", "top", "right", "bottom")
# Ink of a line: this share of its contrast.
INK_SHARE = 0.4
# A line whose ink comes this near to the border is cut; so are several that come as near as the second.
TOUCHING_EMS = 0.13
NO_MARGIN_EMS = 0.4
SEVERAL = 3
# A stroke that the border cuts is shorter than this along the border; a rule is longer.
STROKE_EMS = 1.2
# So many strokes of one line cut along the border.
STROKES = 3
# Ruled lines that run into the same border.
RULES = 2
RULE_EMS = 4.0


def find_cuts(page: Reduced, skew_deg: float, page_index: int | None) -> Iterator[Issue]:
    """One ``cut_off`` per side where text is cut. Its value: the text's margin there, in heights of its characters."""
    for side in range(4):
        margins = [(m, row) for row in page.rows if (m := _margin(page, row, side)) is not None]
        touching = [(m, row) for m, row in margins if m <= TOUCHING_EMS * row.em]
        near = [(m, row) for m, row in margins if m <= NO_MARGIN_EMS * row.em]
        chosen, threshold = (near, NO_MARGIN_EMS) if len(near) >= SEVERAL else (touching, TOUCHING_EMS)
        if not chosen:
            continue
        box = chosen[0][1].quad.box
        for _, row in chosen[1:]:
            box = box.union(row.quad.box)
        margin = min(m / row.em for m, row in chosen)
        yield Issue("cut_off", Severity.REJECT, page_index, page.to_page(box), round(margin, 2), threshold)


def _margin(page: Reduced, row: Row, side: int) -> float | None:
    """Between the line's ink and the picture's border at ``side``, in reduced pixels; None where the line is not near it."""
    if not row.contrast:
        return None
    box = row.quad.box
    near = (box.x0, box.y0, page.width - box.x1, page.height - box.y1)[side]
    if near > row.em or (not row.confident and row.quad.length < 3 * row.quad.thickness):
        return None
    along_x = box.width >= box.height
    ends = along_x == (side in (0, 2))
    strip = _strip(page.ink, row, side, ends) > INK_SHARE * row.contrast
    if strip.size == 0:
        return None
    if ends:
        depth = np.flatnonzero(strip.any(1))
        return float(depth[0]) if len(depth) else None
    touched = strip[:2].any(0)
    strokes = [b - a for a, b in runs(touched)]
    if len(strokes) >= STROKES and float(np.median(strokes)) <= STROKE_EMS * row.em:
        return 0.0
    return None


def _strip(ink: NDArray[np.uint8], row: Row, side: int, ends: bool) -> NDArray[np.uint8]:
    """(depth, along): the ink of the line from the border inwards. At an end only the line's middle band, so that an underline
    or a cell's rule is not taken for it."""
    box = row.quad.box
    height, width = ink.shape
    band = 0.15 * row.em if ends else -0.1 * row.em
    x0, y0, x1, y1 = (round(v) for v in (box.x0, box.y0, box.x1, box.y1))
    inset = round(band)
    deep = max(2, round(1.2 * row.em))
    if side in (0, 2):
        across = ink[max(0, y0 + inset) : max(0, y1 - inset)]
        part = across[:, :deep] if side == 0 else across[:, ::-1][:, :deep]
        return part.T
    across = ink[:, max(0, x0 + inset) : max(0, x1 - inset)]
    return across[:deep] if side == 1 else across[::-1][:deep]


def find_cut_frames(page: Reduced, skew_deg: float, page_index: int | None) -> Iterator[Issue]:
    """One warning per side into which rules run. Its value: how many do, as a negative margin would not say."""
    for side in range(4):
        at = [place for place in _rules_into(page, side, skew_deg)]
        if len(at) >= RULES:
            low, high = min(at), max(at)
            box = (
                Box(0, low, page.em, high),
                Box(low, 0, high, page.em),
                Box(page.width - page.em, low, page.width, high),
                Box(low, page.height - page.em, high, page.height),
            )[side]
            yield Issue("cut_off", Severity.WARN, page_index, page.to_page(box), float(len(at)), float(RULES))


def _rules_into(page: Reduced, side: int, skew_deg: float) -> Iterator[float]:
    """Where along the border a ruled line runs into it."""
    ink = (page.ink if side in (0, 2) else page.ink.T) > 24
    if side in (2, 3):
        ink = ink[:, ::-1]
    deep = round(RULE_EMS * page.em)
    part = ink[:, :deep]
    if part.shape[1] < deep:
        return
    starts = [(a + b - 1) / 2 for a, b in runs(part[:, :2].any(1)) if b - a <= 0.5 * page.em + 1]
    spread = part.copy()
    spread[1:] |= part[:-1]
    spread[:-1] |= part[1:]
    xs = np.arange(deep)
    for y in starts:
        for slope in np.tan(np.deg2rad(np.arange(-7, 7.1, 1.0))):
            ys = np.round(y + slope * xs).astype(int)
            if ys.min() < 0 or ys.max() >= len(spread):
                continue
            if spread[ys, xs].mean() > 0.95 and _is_thin(part, ys, xs, page.em):
                yield float(y)
                break


def _is_thin(part: NDArray[np.bool_], ys: NDArray[np.intp], xs: NDArray[np.intp], em: float) -> bool:
    """Little ink beside the rule: no row of text, no texture."""
    away = max(3, round(0.5 * em))
    shares = [part[(ys + d).clip(0, len(part) - 1), xs].mean() for d in (-away, away)]
    return max(shares) < 0.4

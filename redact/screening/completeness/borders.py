"""Text and frames that the picture's border cuts."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from redact.geometry import Box
from redact.screening.completeness.paper import Paper
from redact.screening.completeness.reduced import Reduced, Row, runs
from redact.values import Issue, Severity

# Sides of the picture: 0 left, 1 top, 2 right, 3 bottom.
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
RULE_INK = 24
# Of a line that was cut too low to be read, so many strokes are left side by side, no farther apart than this; a rule goes on
# inwards for longer than a character.
REMAINS = 5
APART_EMS = 1.6
REMAINS_EMS = 1.6
# Such a stroke reaches this share of the page's contrast, and between two of them the ink falls below the second.
FULL_SHARE = 0.75
CLEAR_SHARE = 0.25
LEAST_CONTRAST = 30.0

_Value = TypeVar("_Value", np.uint8, np.bool_)


def find_cuts(page: Reduced, paper: Paper, page_index: int | None) -> Iterator[Issue]:
    """One ``cut_off`` per side where text is cut. Its value: the text's margin there, in heights of its characters."""
    for side in range(4):
        margins = [(m, row) for row in page.rows if (m := _margin(page, row, side)) is not None]
        touching = [(m, row) for m, row in margins if m <= TOUCHING_EMS * row.em]
        near = [(m, row) for m, row in margins if m <= NO_MARGIN_EMS * row.em]
        chosen, threshold = (near, NO_MARGIN_EMS) if len(near) >= SEVERAL else (touching, TOUCHING_EMS)
        boxes = [row.quad.box for _, row in chosen]
        margin = min((m / row.em for m, row in chosen), default=0.0)
        if not chosen:
            boxes = list(_remains(page, paper, side))
        if boxes:
            box = Box.around_all(boxes)
            yield Issue("cut_off", Severity.REJECT, page_index, page.to_page(box), round(margin, 2), threshold)


def _margin(page: Reduced, row: Row, side: int) -> float | None:
    """Between the line's ink and the picture's border at ``side``, in reduced pixels; None where the line is not near it."""
    if not row.contrast:
        return None
    box = row.quad.box
    near = (box.x0, box.y0, page.width - box.x1, page.height - box.y1)[side]
    if near > row.em or not row.read:
        return None
    along_x = box.width >= box.height
    ends = along_x == (side in (0, 2))
    strip = _strip(page.ink, row, side, ends) > INK_SHARE * row.contrast
    if strip.size == 0:
        return None
    if ends:
        depth = np.flatnonzero(strip.any(1))
        return float(depth[0]) if len(depth) else None
    strokes = [b - a for a, b in runs(np.asarray(strip[:2].any(0)))]
    if len(strokes) >= STROKES and float(np.median(strokes)) <= STROKE_EMS * row.em:
        return 0.0
    return None


def _strip(ink: NDArray[np.uint8], row: Row, side: int, ends: bool) -> NDArray[np.uint8]:
    """(depth, along): the ink of the line from the border inwards. At an end only the line's middle band, so that an underline
    or a cell's rule is not taken for it."""
    box = row.quad.box
    x0, y0, x1, y1 = (round(v) for v in (box.x0, box.y0, box.x1, box.y1))
    inset = round(0.15 * row.em if ends else -0.1 * row.em)
    first, last = (y0, y1) if side in (0, 2) else (x0, x1)
    inwards = _inwards(ink, side)[: max(2, round(1.2 * row.em))]
    return inwards[:, max(0, first + inset) : max(0, last - inset)]


def _inwards(picture: NDArray[_Value], side: int) -> NDArray[_Value]:
    """(depth, along): seen from the border at ``side`` inwards."""
    turned = picture.T if side in (0, 2) else picture
    return turned if side in (0, 1) else turned[::-1]


def _remains(page: Reduced, paper: Paper, side: int) -> Iterator[Box]:
    """Rows of strokes at the border of which too little is left to be read: boxes in reduced pixels."""
    usual = [row.contrast for row in page.rows if row.read]
    if not usual:
        return
    ink = _inwards(page.ink, side) / max(float(np.median(usual)), LEAST_CONTRAST)
    ground = _inwards(paper.reached, side)[: max(2, round(page.em))] > 0
    deep = min(len(ink), round(REMAINS_EMS * page.em))
    edge = ink[:2].max(0)
    strokes = [
        (a, b)
        for a, b in runs(edge > INK_SHARE)
        if b - a <= STROKE_EMS * page.em
        and edge[a:b].max() > FULL_SHARE
        and ground[:, max(0, a - 2) : b + 2].mean() > 0.7
        and not _goes_inwards(ink[:deep] > INK_SHARE, a, b)
    ]
    group: list[tuple[int, int]] = []
    for stroke in [*strokes, (10**9, 10**9)]:
        if group and stroke[0] - group[-1][1] > APART_EMS * page.em:
            # Between strokes there is paper: the edge of a lid or of another sheet is grey all along.
            clear = [edge[x[1] : y[0]].min() < CLEAR_SHARE for x, y in pairwise(group)]
            if len(group) >= REMAINS and np.mean(clear) > 0.6:
                yield _at_border(page, side, group[0][0], group[-1][1])
            group = []
        group.append(stroke)


def _goes_inwards(ink: NDArray[np.bool_], first: int, last: int) -> bool:
    """Whether the stroke is the end of a rule: ink in every row of the strip."""
    spread = 1 + len(ink) // 8
    return bool(ink[:, max(0, first - spread) : last + spread].any(1).mean() > 0.9)


def _at_border(page: Reduced, side: int, first: float, last: float) -> Box:
    deep = page.em
    return (
        Box(0, first, deep, last),
        Box(first, 0, last, deep),
        Box(page.width - deep, first, page.width, last),
        Box(first, page.height - deep, last, page.height),
    )[side]


def find_cut_frames(page: Reduced, paper: Paper, page_index: int | None) -> Iterator[Issue]:
    """One warning per side into which ruled lines run: a table's, or a frame's. Its value: how many do."""
    for side in range(4):
        at = list(_rules_into(page, paper, side))
        if len(at) >= RULES:
            box = _at_border(page, side, min(at), max(at))
            yield Issue("cut_off", Severity.WARN, page_index, page.to_page(box), float(len(at)), float(RULES))


def _rules_into(page: Reduced, paper: Paper, side: int) -> Iterator[float]:
    """Where along the border a ruled line on paper runs into it."""
    deep = round(RULE_EMS * page.em)
    usual = [row.contrast for row in page.rows if row.read]
    ink = _inwards(page.ink, side)[:deep] > max(RULE_INK, INK_SHARE * float(np.median(usual)) if usual else 0.0)
    ground = _inwards(paper.reached, side)[:deep] > 0
    if len(ink) < deep:
        return
    starts = [(a + b - 1) / 2 for a, b in runs(np.asarray(ink[:2].any(0))) if b - a <= 0.5 * page.em + 1]
    spread = ink.copy()
    spread[:, 1:] |= ink[:, :-1]
    spread[:, :-1] |= ink[:, 1:]
    depth, away = np.arange(deep), max(3, round(0.5 * page.em))
    for start in starts:
        for slope in np.tan(np.deg2rad(np.arange(-7, 7.1, 1.0))):
            at = np.round(start + slope * depth).astype(np.intp)
            if at.min() < 0 or at.max() >= ink.shape[1] or spread[depth, at].mean() < 0.95:
                continue
            beside = [(at + d).clip(0, ink.shape[1] - 1) for d in (-away, away)]
            clear = max(float(ink[depth, b].mean()) for b in beside) < 0.4
            if clear and min(float(ground[depth, b].mean()) for b in beside) > 0.8:
                yield float(start)
                break

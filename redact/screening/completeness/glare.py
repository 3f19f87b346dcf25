"""Light that washes text out: a place brighter than the paper into which a line's ink fades."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from redact.geometry import Box
from redact.screening.completeness.paper import Paper
from redact.screening.completeness.reduced import Reduced, Row, runs, sample_along
from redact.values import Issue, Severity

# Blown out: no less than this in every channel but the weakest ...
BLOWN = 246
# ... and so many levels above the paper that the text stands on.
ABOVE_PAPER = 8
# A line goes on for this far beyond what was read of it, in characters.
BEYOND_EMS = 10.0
# Ink is gone below this share of a line's contrast, and fading below the next.
GONE = 0.25
FADING = 0.75
# The last ink is looked for this near to the place where it is gone, right at a highlight it is within
# the second, and its strength is taken over the third.
NEAR_EMS = 1.2
TOUCHING_EMS = 0.5
LAST_EMS = 0.6
# A line is unharmed whose contrast is above this share of the page's.
UNHARMED = 0.6
# A place of more than this share of the picture is large; a smaller one is paper where lines take up this share of it.
LARGE_SHARE = 0.15
WRITTEN_SHARE = 0.25
# A highlight that touches no line is worth a warning from so many squares of a character on.
LARGE_EMS = 16.0
# Characters' lengths washed out, all lines together.
WASHED_EMS = 1.2
STEPS_PER_EM = 8


def find_glare(page: Reduced, highlights: NDArray[np.int32], page_index: int | None) -> Iterator[Issue]:
    """One ``glare`` per highlight over text. Its value: characters' lengths washed out, all lines together."""
    if not highlights.any():
        return
    found: dict[int, list[tuple[float, Box]]] = {}
    for row in page.rows:
        if row.read and row.contrast > 0:
            for spot, ems, box in _washed(page, highlights, row):
                found.setdefault(spot, []).append((ems, box))
    for spot in range(1, int(highlights.max()) + 1):
        if spot not in found:
            yield from _beside_text(page, highlights == spot, page_index)
    for places in found.values():
        total = sum(ems for ems, _ in places)
        if total >= WASHED_EMS:
            box = places[0][1]
            for _, other in places[1:]:
                box = box.union(other)
            yield Issue("glare", Severity.REJECT, page_index, page.to_page(box), round(total, 2), WASHED_EMS)


def _beside_text(page: Reduced, spot: NDArray[np.bool_], page_index: int | None) -> Iterator[Issue]:
    """A warning for a highlight that is large enough to hide words of which nothing else is left. Its value: its area, in squares
    of a character."""
    ems = float(spot.sum()) / page.em**2
    if ems >= LARGE_EMS and (outline := _outline_of(page)) is not None:
        ys, xs = np.nonzero(spot)
        box = Box(float(xs.min()), float(ys.min()), float(xs.max()) + 1, float(ys.max()) + 1)
        if box.intersection_area(outline) > 0.5 * box.area:
            yield Issue("glare", Severity.WARN, page_index, page.to_page(box), round(ems, 1), LARGE_EMS)


def _outline_of(page: Reduced) -> Box | None:
    """Around all text that was read, and a line's height about it."""
    boxes = [row.quad.box for row in page.rows if row.read]
    return Box.around([p for b in boxes for p in ((b.x0, b.y0), (b.x1, b.y1))]).grown(2 * page.em) if boxes else None


def find_highlights(page: Reduced, paper: Paper) -> NDArray[np.int32]:
    """(h, w): 0, or the number of a place that is blown out while the paper is not."""
    light = np.asarray(cv2.cvtColor(page.ground, cv2.COLOR_RGB2GRAY), np.uint8)
    level = None if page.inverted else _level(light, page, paper)
    if level is None or level > BLOWN - ABOVE_PAPER:
        return np.zeros(light.shape, np.int32)
    side = max(3, round(page.em) | 1)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    blown = cv2.morphologyEx((light >= BLOWN).astype(np.uint8), cv2.MORPH_OPEN, disc)
    spots = np.asarray(cv2.connectedComponents(blown, connectivity=8)[1], np.int32)
    if spots.any():
        spots[np.isin(spots, list(_papers(page, spots)))] = 0
    return spots


def _papers(page: Reduced, spots: NDArray[np.int32]) -> Iterator[int]:
    """Which places are white paper and no highlight (beside them text stands on a tinted card): lines stand on them unharmed. One
    is enough on a large part of the page; in a small one a line that the light just misses must not be taken for it."""
    usual = float(np.median([row.contrast for row in page.rows if row.read]))
    area = np.bincount(spots.ravel())
    unharmed = np.zeros(len(area))
    for row in page.rows:
        if row.read and row.contrast > UNHARMED * usual:
            under = sample_along(spots, row.quad, 0, 1, max(8, round(row.quad.length)), reach=0.3)
            if (under > 0).mean() > 0.8:
                unharmed[int(under.max())] += row.quad.length * row.quad.thickness
    for spot in range(1, len(area)):
        large = area[spot] > LARGE_SHARE * spots.size
        if unharmed[spot] > (0 if large else WRITTEN_SHARE * area[spot]):
            yield spot


def _level(light: NDArray[np.uint8], page: Reduced, paper: Paper) -> float | None:
    """The paper's level: of most of it, or of the darker fifth of the lines, since the light may reach most of them."""
    levels = [float(np.median(sample_along(light, r.quad, 0, 1, 32, reach=0.3))) for r in page.rows if r.read]
    if not levels:
        return None
    whole = light[paper.reached > 0]
    return min(float(np.percentile(levels, 20)), float(np.median(whole)) if whole.size else 255.0)


def _washed(page: Reduced, spots: NDArray[np.int32], row: Row) -> Iterator[tuple[int, float, Box]]:
    """The stretches of a line inside a highlight where its ink is gone, if the ink beside them fades."""
    ems = row.quad.length / row.em
    beyond = BEYOND_EMS / ems
    count = round((ems + 2 * BEYOND_EMS) * STEPS_PER_EM)
    start, end = -beyond, 1 + beyond
    which = sample_along(spots, row.quad, start, end, count, reach=0.35)
    if not which.any():
        return
    own = np.arange(count) / STEPS_PER_EM - BEYOND_EMS
    in_line = (own >= -0.5) & (own <= ems + 0.5)
    ink = np.where(in_line, sample_along(page.ink, row.quad, start, end, count, reach=0.4).max(0) / row.contrast, 0)
    usual = float(ink[ink > GONE].mean()) if (ink > GONE).any() else 1.0
    inside = (which > 0).mean(0) > 0.5
    for first, last in runs(inside & ~_with_gaps_closed(ink > GONE)):
        if last - first < STEPS_PER_EM:
            continue
        sides = ((ink[:first][::-1], inside[:first][::-1]), (ink[last:], inside[last:]))
        if any(_fades(i / usual, w) for i, w in sides):
            a, b = (start + (end - start) * i / count for i in (first, last))
            yield int(which[:, first:last].max()), (last - first) / STEPS_PER_EM, row.quad.part(a, b).box


def _with_gaps_closed(ink: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The gaps between characters are not gone ink."""
    gap = np.ones(round(0.6 * STEPS_PER_EM) | 1, np.uint8)
    return np.asarray(cv2.morphologyEx(ink.astype(np.uint8)[None], cv2.MORPH_CLOSE, gap[None])[0] > 0)


def _fades(ink: NDArray[np.floating], inside: NDArray[np.bool_]) -> bool:
    """Whether ink ends near the place, and weaker than the line's is, or right at the highlight. Both outwards from the place:
    ``ink`` as a share of the line's, ``inside`` the highlight or not."""
    near = np.flatnonzero(ink[: round(NEAR_EMS * STEPS_PER_EM)] > GONE)
    if not len(near):
        return False
    at = int(near[0])
    if at < TOUCHING_EMS * STEPS_PER_EM and not inside[: at + 1].any():
        return True
    last = ink[at : at + round(LAST_EMS * STEPS_PER_EM)]
    return float(last[last > GONE].mean()) < FADING

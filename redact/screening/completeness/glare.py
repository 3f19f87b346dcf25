"""Light that washes text out: a place brighter than the paper that touches a line.

What the light takes away entirely leaves nothing to find, so the lines about it tell: a highlight over text reaches the next line
or the rest of its own, one on a blank place does not.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from redact.geometry import Box
from redact.screening.completeness.paper import Paper
from redact.screening.completeness.reduced import Reduced, sample_along
from redact.values import Issue, Severity

# Blown out: no less than this, and so many levels above the paper that the text stands on.
BLOWN = 246
ABOVE_PAPER = 8
# A highlight touches a line that it comes this near to, in characters, over half a character.
NEAR_EMS = 0.4
TOUCHED_EMS = 0.5
# Its area in squares of a character; on a blank place among the text, it is worth a warning from the second on.
WASHED_EMS = 1.5
LARGE_EMS = 30.0
# Light falls off at once around a highlight: by so many levels within this distance, on three quarters of its way round. Paper
# that a lamp on one side makes white to its edge gets darker by 1 to 2 levels in a character.
FALL_LEVELS = 10
FALL_EMS = 1.5
DARK_SHARE = 0.8
# Bright paper and no highlight: ink of this share of the page's contrast stands on so much of it, and on less where it goes
# on to the picture's border. On a place that takes up more than LARGE_SHARE of the picture it stands at all (so many squares of a
# character).
UNHARMED = 0.6
WRITTEN_SHARE = 0.2
BORDER_SHARE = 0.03
LARGE_SHARE = 0.25
WRITTEN_EMS = 4.0


def find_glare(page: Reduced, highlights: NDArray[np.int32], page_index: int | None) -> Iterator[Issue]:
    """One ``glare`` per highlight over text (reject), or on a large blank place among it (warn). Its value: its area, in squares
    of a character."""
    outline = _outline_of(page)
    if outline is None or not highlights.any():
        return
    reach = round(NEAR_EMS * page.em)
    near = cv2.dilate(highlights.astype(np.float32), np.ones((2 * reach + 1,) * 2, np.uint8)).astype(np.int32)
    touched = _touched(page, near)
    for spot in np.unique(highlights[highlights > 0]):
        ys, xs = np.nonzero(highlights == spot)
        ems = len(xs) / page.em**2
        box = Box(float(xs.min()), float(ys.min()), float(xs.max()) + 1, float(ys.max()) + 1)
        if spot in touched and ems >= WASHED_EMS:
            yield Issue("glare", Severity.REJECT, page_index, page.to_page(box), round(ems, 1), WASHED_EMS)
        elif ems >= LARGE_EMS and not _is_at_border(highlights == spot) and box.intersection_area(outline) > 0.5 * box.area:
            yield Issue("glare", Severity.WARN, page_index, page.to_page(box), round(ems, 1), LARGE_EMS)


def _touched(page: Reduced, near: NDArray[np.int32]) -> set[int]:
    """The highlights that touch a line, read or not: washed-out text is found and not read."""
    usual = _usual_contrast(page)
    touched = set()
    for row in page.rows:
        if row.contrast < 0.25 * usual:
            continue
        ems = row.quad.length / row.em
        at = sample_along(near, row.quad, -0.3 / ems, 1 + 0.3 / ems, max(4, round((ems + 0.6) * 8)), reach=0.5)
        along = at.max(0)
        for spot in np.unique(along[along > 0]):
            if (along == spot).sum() >= TOUCHED_EMS * 8:
                touched.add(int(spot))
    return touched


def _outline_of(page: Reduced) -> Box | None:
    """Around all text that was read, and two lines' height about it."""
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
        spots[np.isin(spots, [*_papers(page, spots), *_slopes(page, light, spots, level)])] = 0
    return spots


def _papers(page: Reduced, spots: NDArray[np.int32]) -> Iterator[int]:
    """Which places are white paper (beside them text stands on a tinted card, or in the shade)."""
    strength = UNHARMED * _usual_contrast(page)
    area = np.bincount(spots.ravel())
    written = np.zeros(len(area))
    for row in page.rows:
        if row.read:
            count = max(8, round(row.quad.length))
            under = sample_along(spots, row.quad, 0, 1, count, reach=0.3)
            strong = sample_along(page.ink, row.quad, 0, 1, count, reach=0.4).max(0) > strength
            kept = under[:, strong & (under > 0).all(0)].max(0, initial=0)
            written += np.bincount(kept, minlength=len(area)) * (row.quad.length / count * row.quad.thickness)
    for spot in range(1, len(area)):
        share = BORDER_SHARE if _is_at_border(spots == spot) else WRITTEN_SHARE
        large = area[spot] > LARGE_SHARE * spots.size
        if written[spot] > (WRITTEN_EMS * page.em**2 if large else share * area[spot]):
            yield spot


def _is_at_border(spot: NDArray[np.bool_]) -> bool:
    return bool(spot[0].any() or spot[-1].any() or spot[:, 0].any() or spot[:, -1].any())


def _slopes(page: Reduced, light: NDArray[np.uint8], spots: NDArray[np.int32], level: float) -> Iterator[int]:
    """Which places the paper brightens up to slowly: no highlights. What is darker than the paper's ``level``, a desk, does
    not tell."""
    square, near = np.ones((3, 3), np.uint8), round(FALL_EMS * page.em)
    for spot in range(1, int(spots.max()) + 1):
        inner = cv2.dilate((spots == spot).astype(np.uint8), square, iterations=near)
        ring = light[(cv2.dilate(inner, square) > 0) & (inner == 0) & (light > DARK_SHARE * level)]
        if ring.size == 0 or np.percentile(ring, 75) > BLOWN - FALL_LEVELS:
            yield spot


def _usual_contrast(page: Reduced) -> float:
    contrasts = [row.contrast for row in page.rows if row.read]
    return float(np.median(contrasts)) if contrasts else 0.0


def _level(light: NDArray[np.uint8], page: Reduced, paper: Paper) -> float | None:
    """The paper's level: of most of it, or of the darker fifth of the lines, since the light may reach most of them."""
    levels = [float(np.median(sample_along(light, r.quad, 0, 1, 32, reach=0.3))) for r in page.rows if r.read]
    if not levels:
        return None
    whole = light[paper.reached > 0]
    return min(float(np.percentile(levels, 20)), float(np.median(whole)) if whole.size else 255.0)

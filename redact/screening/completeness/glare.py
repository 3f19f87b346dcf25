"""Light that washes text out: a place brighter than the paper into which a line's ink fades."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from redact.geometry import Box
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
# Characters' lengths washed out, all lines together.
WASHED_EMS = 1.2
STEPS_PER_EM = 8


def find_glare(page: Reduced, page_index: int | None) -> Iterator[Issue]:
    """One ``glare`` per highlight over text. Its value: characters' lengths washed out, all lines together."""
    if page.inverted:
        return
    light = np.asarray(cv2.cvtColor(page.ground, cv2.COLOR_RGB2GRAY), np.uint8)
    paper = _level(light, page)
    if paper is None or paper > BLOWN - ABOVE_PAPER:
        return
    blown = ((light >= BLOWN) * 255).astype(np.uint8)
    side = max(3, round(page.em) | 1)
    blown = np.asarray(cv2.morphologyEx(blown, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))), np.uint8)
    count, spots = cv2.connectedComponents(blown, connectivity=8)
    if count == 1:
        return
    found: dict[int, list[tuple[float, Box]]] = {}
    for row in page.rows:
        if row.confident and row.contrast > 0:
            for spot, ems, box in _washed(page, np.asarray(spots, np.int32), row):
                found.setdefault(spot, []).append((ems, box))
    for places in found.values():
        total = sum(ems for ems, _ in places)
        if total >= WASHED_EMS:
            box = places[0][1]
            for _, other in places[1:]:
                box = box.union(other)
            yield Issue("glare", Severity.REJECT, page_index, page.to_page(box), round(total, 2), WASHED_EMS)


def _level(light: NDArray[np.uint8], page: Reduced) -> float | None:
    """The paper's level where the text stands: the median over lines."""
    levels = [float(np.median(sample_along(light, r.quad, 0, 1, 32, reach=0.3))) for r in page.rows if r.confident]
    return float(np.median(levels)) if levels else None


def _washed(page: Reduced, spots: NDArray[np.int32], row: Row) -> Iterator[tuple[int, float, Box]]:
    ems = row.quad.length / row.em
    beyond = BEYOND_EMS / ems
    count = round((ems + 2 * BEYOND_EMS) * STEPS_PER_EM)
    start, end = -beyond, 1 + beyond
    ink = sample_along(page.ink, row.quad, start, end, count, reach=0.4).max(0) / row.contrast
    inside = sample_along(spots, row.quad, start, end, count, reach=0.35)
    which = inside.max(0)
    own = np.arange(count) / STEPS_PER_EM - BEYOND_EMS
    in_line = (own >= -0.3) & (own <= ems + 0.3)
    for first, last in runs((inside > 0).mean(0) > 0.5):
        if (ink[first:last] > GONE).mean() > 0.3:
            continue
        before = _edge(np.where(in_line, ink, 0)[:first][::-1])
        after = _edge(np.where(in_line, ink, 0)[last:])
        if (before is not None and after is not None) or min(before or 1.0, after or 1.0) < FADING:
            a, b = (start + (end - start) * i / count for i in (first, last))
            yield int(which[first:last].max()), (last - first) / STEPS_PER_EM, row.quad.part(a, b).box


def _edge(ink: NDArray[np.floating]) -> float | None:
    """How strong the last ink is beside a highlight, as a share of the line's; None where there is none within a character.
    ``ink``: outwards from the highlight."""
    near = ink[: round(1.2 * STEPS_PER_EM)]
    if not (near > GONE).any():
        return None
    at = int(np.flatnonzero(near > GONE)[0])
    return float(ink[at : at + STEPS_PER_EM].max())

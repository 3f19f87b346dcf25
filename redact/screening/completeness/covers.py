"""Text under a finger or a thing: a line's ink runs into something that is not paper, and does not go on in it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from redact.geometry import Box, Quad
from redact.screening.completeness.paper import Paper
from redact.screening.completeness.reduced import Reduced, Row, runs, sample_along
from redact.values import Issue, Severity

# How far beyond a line's ends a cover is looked for, and counted, in characters.
BEYOND_EMS = 12.0
# Between the last ink and the cover. Characters stand 0.1 to 0.2 apart.
GAP_EMS = 0.3
# Ink of a line: this share of its contrast.
INK_SHARE = 0.35
# What shows more ink than this share of its length lets the text through: a seal, a shadow.
SEEN_THROUGH = 0.3
# A cover takes away this many characters, all lines together.
COVERED_EMS = 1.2
# A thing that is blown out over this share of it is a highlight.
LIGHT_SHARE = 0.25
STEPS_PER_EM = 8


def find_covers(page: Reduced, paper: Paper, highlights: NDArray[np.int32], page_index: int | None) -> Iterator[Issue]:
    """One ``obscured`` per thing over text. Its value: characters' lengths covered, all lines together. ``highlights``: (h, w), not
    0 where light is blown out: that hides text too, and is no thing."""
    if not paper.count:
        return
    places: dict[int, list[tuple[float, Box]]] = {}
    for row in page.rows:
        if row.read and row.contrast > 0 and row.quad.length > 1.2 * row.em:
            for thing, ems, box in _covered(page, paper, row):
                places.setdefault(thing, []).append((ems, box))
    area = np.bincount(paper.things.ravel(), minlength=paper.count + 1)
    blown = np.bincount(paper.things[highlights > 0], minlength=paper.count + 1)
    for thing, found in places.items():
        if blown[thing] > LIGHT_SHARE * area[thing]:
            continue
        total = sum(ems for ems, _ in found)
        if total >= COVERED_EMS:
            box = found[0][1]
            for _, other in found[1:]:
                box = box.union(other)
            yield Issue("obscured", Severity.REJECT, page_index, page.to_page(box), round(total, 2), COVERED_EMS)


def _covered(page: Reduced, paper: Paper, row: Row) -> Iterator[tuple[int, float, Box]]:
    ems = row.quad.length / row.em
    beyond = BEYOND_EMS / ems
    count = round((ems + 2 * BEYOND_EMS) * STEPS_PER_EM)
    start, end = -beyond, 1 + beyond
    ink = sample_along(page.ink, row.quad, start, end, count, reach=0.4).max(0) > INK_SHARE * row.contrast
    things = _things_along(paper, row.quad, start, end, count)
    own = np.arange(count) / STEPS_PER_EM - BEYOND_EMS  # ems from the line's start
    in_line = (own >= -0.2) & (own <= ems + 0.2)
    for first, last in runs(things > 0):
        thing = int(np.bincount(things[first:last]).argmax())
        length = (last - first) / STEPS_PER_EM
        if ink[first + 1 : last - 1].mean() > SEEN_THROUGH if last - first > 2 else True:
            continue
        gap = round(GAP_EMS * STEPS_PER_EM)
        before = bool((ink & in_line)[max(0, first - gap) : first].any())
        after = bool((ink & in_line)[last : last + gap].any())
        if before or after:
            a, b = (start + (end - start) * i / count for i in (first, last))
            yield thing, length, row.quad.part(a, b).box


def _things_along(paper: Paper, quad: Quad, start: float, end: float, count: int) -> NDArray[np.intp]:
    """(count,): the thing that takes up most of the characters' height there, or 0."""
    present = sample_along((paper.things > 0).astype(np.uint8), quad, start, end, count, reach=0.35)
    which = sample_along(paper.things, quad, start, end, count, reach=0.35).max(0)
    return np.where(present.mean(0) > 0.5, which, 0).astype(np.intp)

"""Text under a finger or a thing: a line's ink runs into something that is not paper, and does not go on in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from redact.geometry import Box, Quad
from redact.screening.completeness.paper import Paper
from redact.screening.completeness.reduced import Reduced, Row, runs, sample_along
from redact.statistics import weighted_quantile
from redact.values import Issue, Severity

# How far beyond a line's ends a cover is looked for, and counted, in characters.
BEYOND_EMS = 12.0
# Between the last ink and the cover. Characters stand 0.1 to 0.2 apart, and a stroke that nearly touches the cover is taken for a
# part of it.
GAP_EMS = 0.55
# How far red against blue, as a share of all light, spreads over the middle four fifths of a thing. On drawn pages: 58 pens,
# slips, coins and clips 0.02 (median) and 0.16 (nine in ten); 58 portraits 0.23 and 0.33.
MANY_HUES = 0.3
# A cover reaches beyond the line, this far from its axis; a bold character does not.
BESIDE_EMS = 0.75
# A line that runs more than this across the page's direction stands in a seal.
ASTRAY_DEG = 12.0
# Ink of a line: this share of its contrast.
INK_SHARE = 0.35
# What shows strong ink over more than this share of its length lets the text through: a seal, a shadow. A pen's gleam between its
# dark flanks looks like ink over less.
SEEN_THROUGH = 0.55
STRONG_SHARE = 0.6
DIMMEST = 0.5
# A cover takes away this many characters, all lines together.
COVERED_EMS = 1.2
# A thing that is blown out over this share of it is a highlight.
LIGHT_SHARE = 0.25
STEPS_PER_EM = 8


@dataclass(frozen=True, slots=True)
class _Meeting:
    """A line and a thing that it runs into. ``ems``: the characters' lengths that the thing takes up on the line, at ``box``."""

    thing: int
    ems: float
    box: Box


def find_covers(page: Reduced, paper: Paper, highlights: NDArray[np.int32], page_index: int | None) -> Iterator[Issue]:
    """One ``obscured`` per thing over text, as a warning: on 82 real pictures 13 that were leaflets, charts, hard shadows had one
    as well, and what is covered cannot leak. Its value: characters' lengths covered, all lines together. ``highlights``: (h, w),
    not 0 where light is blown out: that hides text too, and is no thing."""
    if not paper.count:
        return
    places: dict[int, list[_Meeting]] = {}
    direction = _direction_of(page)
    for row in page.rows:
        if row.read and row.contrast > 0 and row.quad.length > 1.2 * row.em and not _is_astray(row, direction):
            for meeting in _meetings(page, paper, row):
                places.setdefault(meeting.thing, []).append(meeting)
    area = np.bincount(paper.things.ravel(), minlength=paper.count + 1)
    blown = np.bincount(paper.things[highlights > 0], minlength=paper.count + 1)
    for thing, found in places.items():
        if blown[thing] > LIGHT_SHARE * area[thing] or _is_picture(page, paper.things == thing):
            continue
        total = sum(meeting.ems for meeting in found)
        if total >= COVERED_EMS:
            box = Box.around_all(meeting.box for meeting in found)
            yield Issue("obscured", Severity.WARN, page_index, page.to_page(box), round(total, 2), COVERED_EMS)


def _is_picture(page: Reduced, thing: NDArray[np.bool_]) -> bool:
    """Whether it is of many hues and lies within the page: what lies on a page is of one, or comes in from outside."""
    if thing[0].any() or thing[-1].any() or thing[:, 0].any() or thing[:, -1].any():
        return False
    colours = page.rgb[thing].astype(np.float32)
    hues = (colours[:, 0] - colours[:, 2]) / (colours.sum(1) + 30)
    low, high = np.percentile(hues, (10, 90))
    return bool(high - low > MANY_HUES)


def _meetings(page: Reduced, paper: Paper, row: Row) -> Iterator[_Meeting]:
    """Where the line runs into things that do not let it through."""
    ems = row.quad.length / row.em
    beyond = BEYOND_EMS / ems
    count = round((ems + 2 * BEYOND_EMS) * STEPS_PER_EM)
    start, end = -beyond, 1 + beyond
    things = _things_along(paper, row.quad, start, end, count)
    if not things.any():
        return
    dark = sample_along(page.ink, row.quad, start, end, count, reach=0.4).max(0) / row.contrast
    ink = dark > INK_SHARE
    bright = _brightness(page, row, start, end, count)
    own = np.arange(count) / STEPS_PER_EM - BEYOND_EMS  # ems from the line's start
    in_line = (own >= -0.2) & (own <= ems + 0.2)
    for first, last in runs(things > 0):
        thing = int(np.bincount(things[first:last]).argmax())
        length = (last - first) / STEPS_PER_EM
        if last - first < 3 or (dark[first + 1 : last - 1] > STRONG_SHARE * bright[first + 1 : last - 1]).mean() > SEEN_THROUGH:
            continue
        if not _reaches_beyond(paper, row, thing, (start + (end - start) * i / count for i in (first, last))):
            continue
        near = round(GAP_EMS * STEPS_PER_EM)
        beside = np.concatenate(((ink & in_line)[max(0, first - near) : first], (ink & in_line)[last : last + near]))
        if beside.any():
            a, b = (start + (end - start) * i / count for i in (first, last))
            yield _Meeting(thing, length, row.quad.part(a, b).box)


def _brightness(page: Reduced, row: Row, start: float, end: float, count: int) -> NDArray[np.floating]:
    """(count,): the ground's level along the line as a share of the line's own, from ``DIMMEST`` to 1: ink that shows through a
    stamp stands off by as much less."""
    level = np.median(sample_along(page.level, row.quad, start, end, count, reach=0.4), 0)
    own = float(np.median(sample_along(page.level, row.quad, 0, 1, 32, reach=0.3)))
    return np.asarray((level / max(own, 1.0)).clip(DIMMEST, 1.0))


def _reaches_beyond(paper: Paper, row: Row, thing: int, ends: Iterable[float]) -> bool:
    a, b = ends
    beside = sample_along(paper.things, row.quad, a, b, 9, reach=BESIDE_EMS, rows=2)
    return bool((beside == thing).mean(1).max() > 0.5)


def _direction_of(page: Reduced) -> float:
    """Degrees that most of the text is tilted by, in -45..45: long lines count for more."""
    rows = [row for row in page.rows if row.read]
    if not rows:
        return 0.0
    return weighted_quantile([(row.quad.direction_deg + 45) % 90 - 45 for row in rows], [row.quad.length for row in rows])


def _is_astray(row: Row, direction: float) -> bool:
    tilt = (row.quad.direction_deg - direction + 45) % 90 - 45
    return abs(tilt) > ASTRAY_DEG


def _things_along(paper: Paper, quad: Quad, start: float, end: float, count: int) -> NDArray[np.intp]:
    """(count,): the thing that takes up most of the characters' height there, or 0."""
    present = sample_along((paper.things > 0).astype(np.uint8), quad, start, end, count, reach=0.35)
    which = sample_along(paper.things, quad, start, end, count, reach=0.35).max(0)
    return np.where(present.mean(0) > 0.5, which, 0).astype(np.intp)

"""Whether a page is upright: turned by a quarter or a half, tilted, or mirrored.

How it is turned and tilted comes with the reading. A mirrored page is told by reading its lines the other way round: they then
make sense, which no other fault does.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from redact.geometry import Quad
from redact.lines import Line, Reading
from redact.ocr.reader import TextReader
from redact.values import Issue, Pixels, Severity

# A tilt that anyone sees, and one that a scan of a sheet never has. The reader itself stands 15 degrees and more
# (tests/bench/screening.py), so these follow what is asked of an upload (DA/T 31-2017: deskewed) and not what can be read.
TILT_WARN_DEG, TILT_REJECT_DEG = 3.0, 10.0
# Mirrored text reads at 0.64-0.75 on drawn pages of all kinds, text the right way round at 0.97 and more.
READS_WELL, BETTER_BY = 0.85, 0.12
LONGEST_LINES, LEAST_ASPECT = 8, 2.5


def flip(pixels: Pixels) -> Pixels:
    """The page with left and right swapped."""
    return np.ascontiguousarray(pixels[:, ::-1])


def flip_quad(quad: Quad, width: float) -> Quad:
    """Where a line lies on the flipped page, in the order in which it reads there."""
    a, b, c, d = ((width - x, y) for x, y in quad.points)
    return Quad((b, a, d, c))


def is_mirrored(pixels: Pixels, reading: Reading, reader: TextReader) -> bool:
    """Whether the page's longest lines, which read badly, read well once left and right are swapped."""
    lines = [x for x in reading.lines if x.quad.length >= LEAST_ASPECT * x.quad.thickness]
    lines = sorted(lines, key=lambda x: x.quad.length / x.quad.thickness, reverse=True)[:LONGEST_LINES]
    if not lines:
        return False
    now = _mean([line.confidence for line in lines], lines)
    if now >= READS_WELL:
        return False
    places = [flip_quad(line.quad, reading.width) for line in lines]
    flipped = flip(pixels)
    towards = reader.read_places(flipped, places, charset=frozenset())
    back = reader.read_places(flipped, [_turn(quad) for quad in places], charset=frozenset())
    best = _mean([max(a.confidence, b.confidence) for a, b in zip(towards, back, strict=True)], lines)
    return best >= READS_WELL and best >= now + BETTER_BY


def find_orientation_issues(reading: Reading, *, mirrored: bool, page_index: int) -> tuple[Issue, ...]:
    """``rotated``, ``skewed`` and ``mirrored``; a turn that the page's lines do not agree on is not reported as one."""
    issues = []
    if reading.rotation and reading.rotation_sure:
        issues.append(Issue("rotated", Severity.REJECT, page_index, None, float(reading.rotation), 0.0))
    tilt = abs(reading.skew_deg)
    if tilt > TILT_REJECT_DEG:
        issues.append(Issue("skewed", Severity.REJECT, page_index, None, tilt, TILT_REJECT_DEG))
    elif tilt > TILT_WARN_DEG:
        issues.append(Issue("skewed", Severity.WARN, page_index, None, tilt, TILT_WARN_DEG))
    if mirrored:
        issues.append(Issue("mirrored", Severity.REJECT, page_index))
    return tuple(issues)


def _turn(quad: Quad) -> Quad:
    a, b, c, d = quad.points
    return Quad((c, d, a, b))


def _mean(values: Sequence[float], lines: Sequence[Line]) -> float:
    return float(np.average(values, weights=[line.quad.length / line.quad.thickness for line in lines]))

"""Paths as plain points, and which of them are nothing but upright rectangles and straight lines along the page."""

# PyMuPDF has no types of its own.
# mypy: allow-untyped-calls

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pymupdf as _pymupdf

from redact.geometry import Box
from redact.masking.kept.marks import Affine, Bar, Rgb

mupdf: Any = _pymupdf.mupdf

Point = tuple[float, float]
# A twentieth of a pixel at 200 dpi.
_STRAIGHT_PT = 0.02
_HAIRLINE_PT = 0.36


@dataclass
class Contour:
    """``points``: with curves' control points. ``steps``: its start, then two numbers for a line and six for a curve."""

    points: list[Point]
    steps: list[tuple[float, ...]]
    curved: bool = False
    closed: bool = False


class _Walker(mupdf.FzPathWalker2):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self.use_virtual_moveto()
        self.use_virtual_lineto()
        self.use_virtual_curveto()
        self.use_virtual_closepath()
        self.contours: list[Contour] = []
        self.matrix: Affine = (1, 0, 0, 1, 0, 0)

    def moveto(self, context: Any, x: float, y: float) -> None:
        point = apply(self.matrix, x, y)
        self.contours.append(Contour([point], [point]))

    def lineto(self, context: Any, x: float, y: float) -> None:
        self._extend((x, y))

    def curveto(self, context: Any, x1: float, y1: float, x2: float, y2: float, x3: float, y3: float) -> None:
        self._extend((x1, y1), (x2, y2), (x3, y3))

    def closepath(self, context: Any) -> None:
        if self.contours:
            self.contours[-1].closed = True

    def _extend(self, *corners: Point) -> None:
        if not self.contours:
            self.contours.append(Contour([apply(self.matrix, *corners[0])], [apply(self.matrix, *corners[0])]))
        last = self.contours[-1]
        if last.closed:
            # Drawing goes on from where the closed contour began.
            last = Contour([last.points[0]], [last.points[0]])
            self.contours.append(last)
        points = [apply(self.matrix, *corner) for corner in corners]
        last.points += points
        last.steps.append(tuple(v for point in points for v in point))
        last.curved = last.curved or len(points) > 1


def apply(matrix: Affine, x: float, y: float) -> Point:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def walk(path: Any, matrix: Affine) -> list[Contour]:
    """The contours of an ``fz_path`` under ``matrix``; the caller holds the lock."""
    walker = _Walker()
    walker.matrix = matrix
    mupdf.fz_walk_path(path, walker, walker.m_internal)
    return walker.contours


def bounds(contours: list[Contour]) -> Box | None:
    points = [point for contour in contours for point in contour.points]
    return Box.around(points) if points else None


def as_rectangle(contour: Contour) -> Box | None:
    """The upright rectangle that the contour goes around once, or None."""
    points = [contour.points[0], *(b for a, b in pairwise(contour.points) if not _near(a, b))]
    if len(points) == 5 and _near(points[0], points[4]):
        points.pop()
    if contour.curved or len(points) != 4:
        return None
    level = [_is_level(a, b) for a, b in pairwise([*points, points[0]])]
    plumb = [_is_plumb(a, b) for a, b in pairwise([*points, points[0]])]
    turns = all(level[i] and plumb[(i + 1) % 4] for i in (0, 2)) or all(plumb[i] and level[(i + 1) % 4] for i in (0, 2))
    return Box.around(points) if turns else None


def fill_bars(contours: list[Contour], colour: Rgb) -> list[Bar] | None:
    """The filled path as bars, or None where it is more than upright rectangles."""
    bars = []
    for contour in contours:
        if len(contour.points) < 3:
            continue  # fills nothing
        box = as_rectangle(contour)
        if box is None:
            return None
        bars.append(Bar(box, colour))
    return bars


def stroke_bars(contours: list[Contour], width_pt: float, colour: Rgb, *, caps: bool) -> list[Bar] | None:
    """The stroked path as lines, or None where it is more than straight lines along the page. ``caps``: ends reach on by half
    the width."""
    bars: list[Bar] = []
    for contour in contours:
        if contour.curved:
            return None
        points = contour.points + contour.points[:1] * contour.closed
        lines = [(a, b) for a, b in pairwise(points) if not _near(a, b)]
        if not all(_is_level(a, b) or _is_plumb(a, b) for a, b in lines):
            return None
        # Joined ends are mitred: both lines reach to the outer corner.
        joined = len(lines) > 1
        for i, (a, b) in enumerate(lines):
            start = caps or (joined and (i > 0 or contour.closed))
            end = caps or (joined and (i < len(lines) - 1 or contour.closed))
            bars.append(_line(a, b, width_pt, colour, start, end))
    return bars


def stroke_boxes(contours: list[Contour], width_pt: float) -> Iterator[Box]:
    """Around what a stroked path paints: one box for each straight line along the page, else one for the contour."""
    reach = max(width_pt, _HAIRLINE_PT)
    for contour in contours:
        points = contour.points + contour.points[:1] * contour.closed
        lines = list(pairwise(points))
        if contour.curved or not all(_is_level(a, b) or _is_plumb(a, b) for a, b in lines):
            yield Box.around(contour.points).grown(reach)
        else:
            yield from (Box.around(line).grown(reach) for line in lines)


def _line(a: Point, b: Point, width_pt: float, colour: Rgb, start: bool, end: bool) -> Bar:
    if a > b:
        a, b, start, end = b, a, end, start
    half = max(width_pt, _HAIRLINE_PT) / 2
    before, after = half * start, half * end
    if _is_level(a, b):
        y = (a[1] + b[1]) / 2
        return Bar(Box(a[0] - before, y - half, b[0] + after, y + half), colour, width_pt)
    x = (a[0] + b[0]) / 2
    return Bar(Box(x - half, a[1] - before, x + half, b[1] + after), colour, width_pt)


def _near(a: Point, b: Point) -> bool:
    return abs(a[0] - b[0]) <= _STRAIGHT_PT and abs(a[1] - b[1]) <= _STRAIGHT_PT


def _is_level(a: Point, b: Point) -> bool:
    return abs(a[1] - b[1]) <= _STRAIGHT_PT


def _is_plumb(a: Point, b: Point) -> bool:
    return abs(a[0] - b[0]) <= _STRAIGHT_PT

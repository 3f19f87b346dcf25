"""Boxes and quads.

Coordinate frame of the whole library: pixels of the page as a viewer shows it (EXIF turns and PDF /Rotate applied,
before any turn of ours), origin at the top-left corner of the top-left pixel, x to the right, y down. A box that covers
pixel (0, 0) alone is ``Box(0, 0, 1, 1)``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Rotation = Literal[0, 90, 180, 270]
ROTATIONS: tuple[Rotation, ...] = (0, 90, 180, 270)


@dataclass(frozen=True, slots=True)
class Box:
    """An upright rectangle, ``x0 <= x1`` and ``y0 <= y1``; the right and lower edges are exclusive.

    Raises:
        ValueError: the edges are out of order or not finite.
    """

    x0: float
    y0: float
    x1: float
    y1: float

    def __post_init__(self) -> None:
        if not all(map(math.isfinite, (self.x0, self.y0, self.x1, self.y1))):
            raise ValueError("a box has finite edges")
        if self.x0 > self.x1 or self.y0 > self.y1:
            raise ValueError("a box has x0 <= x1 and y0 <= y1")

    @classmethod
    def around(cls, points: Iterable[Sequence[float]]) -> Box:
        """The smallest box around (x, y) points."""
        xs, ys = zip(*((float(p[0]), float(p[1])) for p in points), strict=True)
        return cls(min(xs), min(ys), max(xs), max(ys))

    @classmethod
    def around_all(cls, boxes: Iterable[Box]) -> Box:
        """The smallest box around other boxes, of which there is at least one."""
        x0, y0, x1, y1 = zip(*((b.x0, b.y0, b.x1, b.y1) for b in boxes), strict=True)
        return cls(min(x0), min(y0), max(x1), max(y1))

    @property
    def width(self) -> float:
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        return self.y1 - self.y0

    @property
    def area(self) -> float:
        return self.width * self.height

    @property
    def centre(self) -> tuple[float, float]:
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2

    def grown(self, dx: float, dy: float | None = None) -> Box:
        """Moved outwards by ``dx`` left and right and ``dy`` (default ``dx``) up and down."""
        dy = dx if dy is None else dy
        return Box(self.x0 - dx, self.y0 - dy, self.x1 + dx, self.y1 + dy)

    def clipped(self, width: float, height: float) -> Box:
        """The part inside a ``width`` x ``height`` page; of zero area where there is none."""
        x0, x1 = (min(max(v, 0.0), width) for v in (self.x0, self.x1))
        y0, y1 = (min(max(v, 0.0), height) for v in (self.y0, self.y1))
        return Box(x0, y0, x1, y1)

    def union(self, other: Box) -> Box:
        return Box(min(self.x0, other.x0), min(self.y0, other.y0), max(self.x1, other.x1), max(self.y1, other.y1))

    def intersection_area(self, other: Box) -> float:
        w = min(self.x1, other.x1) - max(self.x0, other.x0)
        h = min(self.y1, other.y1) - max(self.y0, other.y0)
        return w * h if w > 0 and h > 0 else 0.0

    def pixels(self) -> tuple[int, int, int, int]:
        """Whole-pixel edges, rounded outwards so that every touched pixel is inside."""
        return math.floor(self.x0), math.floor(self.y0), math.ceil(self.x1), math.ceil(self.y1)

    def scaled(self, sx: float, sy: float | None = None) -> Box:
        sy = sx if sy is None else sy
        return Box(self.x0 * sx, self.y0 * sy, self.x1 * sx, self.y1 * sy)


Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Quad:
    """Four corners in *reading* order: top-left, top-right, bottom-right, bottom-left of the text as it is read.

    On a line that reads upwards the first point is therefore at the lower left of the page.
    """

    points: tuple[Point, Point, Point, Point]

    @classmethod
    def from_array(cls, array: NDArray[np.floating]) -> Quad:
        """From a (4, 2) array of x, y."""
        tl, tr, br, bl = ((float(x), float(y)) for x, y in np.asarray(array).reshape(4, 2))
        return cls((tl, tr, br, bl))

    @classmethod
    def from_box(cls, box: Box, rotation: Rotation = 0) -> Quad:
        """The box as a line whose text is turned clockwise by ``rotation``."""
        corners = ((box.x0, box.y0), (box.x1, box.y0), (box.x1, box.y1), (box.x0, box.y1))
        k = rotation // 90
        a, b, c, d = corners[k:] + corners[:k]
        return cls((a, b, c, d))

    def array(self) -> NDArray[np.float64]:
        """(4, 2) float64, x then y."""
        return np.array(self.points, dtype=np.float64)

    @property
    def box(self) -> Box:
        return Box.around(self.points)

    @property
    def length(self) -> float:
        """Mean of the two edges along the reading direction."""
        a, b, c, d = self.points
        return (math.dist(a, b) + math.dist(d, c)) / 2

    @property
    def thickness(self) -> float:
        """Mean of the two edges across the reading direction."""
        a, b, c, d = self.points
        return (math.dist(a, d) + math.dist(b, c)) / 2

    @property
    def direction_deg(self) -> float:
        """Direction of reading, clockwise from the page's x axis, in (-180, 180]."""
        a, b, c, d = self.points
        return math.degrees(math.atan2((b[1] - a[1]) + (c[1] - d[1]), (b[0] - a[0]) + (c[0] - d[0])))

    def scaled(self, factor: float) -> Quad:
        """The same place on a page that was resized by ``factor``."""
        return Quad.from_array(self.array() * factor)

    def part(self, start: float, end: float) -> Quad:
        """The piece between two fractions of the length (0 = start of reading; values outside 0..1 extend the line)."""
        a, b, c, d = self.array()
        return Quad.from_array(np.array([a + (b - a) * start, a + (b - a) * end, d + (c - d) * end, d + (c - d) * start]))


def turn_points(points: NDArray[np.floating], rotation: Rotation, width: float, height: float) -> NDArray[np.float64]:
    """Where (N, 2) points of a ``width`` x ``height`` picture lie after it was turned *clockwise* by ``rotation``."""
    p = np.asarray(points, dtype=np.float64)
    x, y = p[..., 0], p[..., 1]
    if rotation == 0:
        return np.stack([x, y], axis=-1)
    if rotation == 90:
        return np.stack([height - y, x], axis=-1)
    if rotation == 180:
        return np.stack([width - x, height - y], axis=-1)
    return np.stack([y, width - x], axis=-1)

"""What a page is drawn with, as far as it may be drawn anew: glyphs, bars, and regions that only pixels show faithfully.

Coordinates are points of the page as it is displayed, origin top-left, y down.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from redact.geometry import Box

Rgb = tuple[float, float, float]
# a, b, c, d, e, f of a matrix that takes (x, y) to (a x + c y + e, b x + d y + f).
Affine = tuple[float, float, float, float, float, float]


@dataclass(frozen=True, slots=True)
class Outline:
    """One glyph's shape, and all that is taken over of a font.

    ``contours``: closed; each starts with its point, then come pairs for a line and six numbers for a curve, in thousandths of an
    em, y up. ``advance``: in thousandths of an em along the line. ``text``: what it stands for. ``down``: set in columns.
    """

    contours: tuple[tuple[tuple[int, ...], ...], ...] = field(repr=False)
    advance: int
    text: str = field(repr=False)
    down: bool = False

    @property
    def is_blank(self) -> bool:
        return not self.contours

    @property
    def bounds(self) -> tuple[int, int, int, int]:
        """x0, y0, x1, y1 around all points, control points too; zeros where there is nothing to see."""
        numbers = [step for contour in self.contours for step in contour]
        xs = [v for step in numbers for v in step[0::2]]
        ys = [v for step in numbers for v in step[1::2]]
        return (min(xs), min(ys), max(xs), max(ys)) if xs else (0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Pen:
    """The stroke around a filled glyph that makes it bold: ``width`` in points."""

    colour: Rgb
    width: float


@dataclass(frozen=True, slots=True)
class Glyph:
    """``matrix`` takes the em square to the page. ``ink``: around what it paints; of zero area at its origin for a blank."""

    outline: Outline
    matrix: Affine
    colour: Rgb
    ink: Box
    pen: Pen | None = None

    @property
    def origin(self) -> tuple[float, float]:
        return self.matrix[4], self.matrix[5]

    def moved(self, dx: float, dy: float) -> Glyph:
        a, b, c, d, e, f = self.matrix
        ink = self.ink
        box = Box(ink.x0 + dx, ink.y0 + dy, ink.x1 + dx, ink.y1 + dy)
        return replace(self, matrix=(a, b, c, d, e + dx, f + dy), ink=box)

    def with_pen(self, pen: Pen) -> Glyph:
        return replace(self, pen=pen, ink=self.ink.grown(pen.width / 2))


@dataclass(frozen=True, slots=True)
class Bar:
    """An upright filled rectangle, or with ``line_pt`` (its width; 0: hairline) a level or plumb line along its middle."""

    box: Box
    colour: Rgb
    line_pt: float | None = None

    def without(self, holes: Iterable[Box]) -> list[Bar]:
        """What is left of it beside ``holes``. One that reaches beyond a hole on all sides tells nothing of what lies in there,
        and stays whole."""
        parts = [self.box]
        for hole in holes:
            if self.box.intersection_area(hole) < hole.area * (1 - 1e-9):
                parts = [piece for part in parts for piece in _beside(part, hole)]
        return [replace(self, box=part) for part in parts]


@dataclass(frozen=True, slots=True)
class Marks:
    """All that a page shows, in the order of painting within each kind. ``regions``: pictures, shades, curves, odd text."""

    glyphs: tuple[Glyph, ...]
    bars: tuple[Bar, ...]
    regions: tuple[Box, ...]


def _beside(part: Box, hole: Box) -> list[Box]:
    if part.intersection_area(hole) <= 0:
        return [part]
    top, bottom = max(part.y0, hole.y0), min(part.y1, hole.y1)
    around = (
        (part.x0, part.y0, part.x1, top),
        (part.x0, bottom, part.x1, part.y1),
        (part.x0, top, min(max(part.x0, hole.x0), part.x1), bottom),
        (max(min(part.x1, hole.x1), part.x0), top, part.x1, bottom),
    )
    return [Box(*edges) for edges in around if edges[2] > edges[0] and edges[3] > edges[1]]

"""Lattices made by hand, and a reader that "reads" what it is told stands on the page, so that most tests need no model.

Geometry as the real recogniser's: six frames to a line height, and an em of five frames.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from redact.geometry import Quad, Rotation
from redact.lines import Glyph, Lattice, Line, Reading
from redact.values import Pixels

FRAMES_PER_HEIGHT = 6
WIDE, NARROW = 5, 3
IMPOSSIBLE = -11.5


@dataclass(frozen=True)
class Misread:
    """The recogniser prefers ``char``; what really stands there comes ``score`` (a log ratio, below 0) behind."""

    char: str = field(repr=False)
    score: float


@dataclass(frozen=True)
class Written:
    """A line as it stands on the page. ``misread``: by position in ``text``. ``read``: False where detection finds it and
    recognition makes nothing of it. ``in_light``: the probability of its characters in another light (see
    :mod:`redact.ocr.variants`)."""

    text: str = field(repr=False)
    quad: Quad
    probability: float = 0.99
    misread: Mapping[int, Misread] = field(default_factory=dict, repr=False)
    read: bool = True
    in_light: Mapping[str, float] = field(default_factory=dict)

    def cells(self) -> list[Quad]:
        """One quad per character of ``text``."""
        ends = np.cumsum([0, *map(frames_of, self.text)]) / sum(map(frames_of, self.text))
        return [self.quad.part(float(a), float(b)) for a, b in pairwise(ends)]


def frames_of(char: str) -> int:
    return NARROW if char.isascii() else WIDE


def write(text: str, x: float, y: float, height: float = 40.0, **how: object) -> Written:
    """A line from left to right whose quad has its top-left corner at (x, y)."""
    length = sum(map(frames_of, text)) / FRAMES_PER_HEIGHT * height
    quad = Quad(((x, y), (x + length, y), (x + length, y + height), (x, y + height)))
    return replace(Written(text, quad), **how)  # type: ignore[arg-type]


def write_down(text: str, x: float, y: float, height: float = 40.0, **how: object) -> Written:
    """A column of upright characters; (x, y): the top-left corner of the column on the page."""
    length = sum(map(frames_of, text)) / FRAMES_PER_HEIGHT * height
    quad = Quad(((x + height, y), (x + height, y + length), (x, y + length), (x, y)))
    return replace(Written(text, quad), **how)  # type: ignore[arg-type]


def make_lattice(
    text: str,
    charset: Iterable[str],
    *,
    probability: float = 0.99,
    misread: Mapping[int, Misread] | None = None,
    unseen: frozenset[int] = frozenset(),
    peak: int = 1,
) -> Lattice:
    """What the recogniser would give for ``text``: each character on the middle frame of its cell, as real ones
    nearly always do (or on ``peak`` frames), blanks around it.

    ``unseen``: positions under paint.
    """
    misread = misread or {}
    columns = {c: i for i, c in enumerate(sorted(set(charset) - {" "}))}
    total = sum(map(frames_of, text))
    scores = np.full((total, len(columns)), IMPOSSIBLE, np.float32)
    blank, space = np.zeros(total, np.float32), np.full(total, IMPOSSIBLE, np.float32)
    glyphs: list[Glyph] = []
    at = 0
    for i, char in enumerate(text):
        seen = misread[i].char if i in misread else char
        first = at + (frames_of(char) - peak) // 2
        frames = slice(first, first + peak)
        at += frames_of(char)
        if i in unseen:
            continue
        blank[frames] = 0.0 if seen == " " else IMPOSSIBLE
        space[frames] = 0.0 if seen == " " else IMPOSSIBLE
        for where, score in ((char, misread[i].score if i in misread else 0.0), (seen, 0.0)):
            if where in columns:
                scores[frames, columns[where]] = score
        glyphs.append(Glyph(seen, frames.start, frames.stop, probability))
    return Lattice(scores, blank, space, columns, tuple(glyphs))


def make_line(written: Written, charset: Iterable[str]) -> Line:
    if not written.read:
        return Line(written.quad, None)
    lattice = make_lattice(written.text, charset, probability=written.probability, misread=written.misread)
    return Line(written.quad, lattice)


class FakeReader:
    """A :class:`redact.ocr.reader.TextReader` that sees ``written`` on every page, as far as the page reaches and no black
    paint covers it. ``asked``: what it was asked for, in order: the zoom of a reading, the variant of a second look."""

    def __init__(
        self, *written: Written, rotation: Rotation = 0, rotation_sure: bool = True, unknown: frozenset[str] = frozenset()
    ) -> None:
        self.written = written
        self.asked: list[float | str] = []
        self._rotation: Rotation = rotation
        self._rotation_sure = rotation_sure
        self._unknown = unknown

    @property
    def models(self) -> Mapping[str, str]:
        return {"detection": "d" * 64, "recognition": "r" * 64}

    def read(self, pixels: Pixels, *, charset: frozenset[str], zoom: float = 1.0) -> Reading:
        self.asked.append(zoom)
        height, width = pixels.shape[:2]
        lines = [line for w in self.written if (line := self._look(pixels, w, charset, "plain")) is not None]
        return Reading(width, height, tuple(lines), self._rotation, self._rotation_sure)

    def read_places(
        self, pixels: Pixels, places: Sequence[Quad], *, charset: frozenset[str], variant: str = "plain"
    ) -> tuple[Line, ...]:
        self.asked.append(variant)
        return tuple(self._look_at(pixels, place, charset, variant) for place in places)

    def _look_at(self, pixels: Pixels, place: Quad, charset: frozenset[str], variant: str) -> Line:
        for written in self.written:
            if place.box.intersection_area(written.quad.box) > 0.5 * written.quad.box.area:
                line = self._look(pixels, written, charset, variant)
                if line is not None:
                    return replace(line, variant=variant)
        return Line(place, None, variant=variant)

    def _look(self, pixels: Pixels, written: Written, charset: frozenset[str], variant: str) -> Line | None:
        unseen = frozenset(i for i, cell in enumerate(written.cells()) if not _is_seen(pixels, cell))
        if len(unseen) == len(written.text):
            return None
        if not written.read and variant not in written.in_light:
            return Line(written.quad, None)
        probability = written.in_light.get(variant, written.probability)
        known = charset - self._unknown
        lattice = make_lattice(written.text, known, probability=probability, misread=written.misread, unseen=unseen)
        return Line(written.quad, lattice)


def _is_seen(pixels: Pixels, cell: Quad) -> bool:
    """Whether the cell lies on the page and is not all paint."""
    height, width = pixels.shape[:2]
    x0, y0, x1, y1 = cell.part(0.2, 0.8).box.pixels()
    inside = x0 >= 0 and y0 >= 0 and x1 <= width and y1 <= height
    return inside and float((pixels[y0:y1, x0:x1] < 64).mean()) < 0.9


def draw_written(width: int, height: int, *written: Written) -> Pixels:
    """Paper with grey strokes in each cell: (H, W, 3) uint8. Enough for what looks at ink and not at what it says."""
    pixels = np.full((height, width, 3), 255, np.uint8)
    for line in written:
        for char, cell in zip(line.text, line.cells(), strict=True):
            x0, y0, x1, y1 = cell.box.grown(-0.1 * cell.thickness).clipped(width, height).pixels()
            if char != " ":
                pixels[y0:y1:4, x0:x1] = 40
                pixels[y0:y1, x0:x1:6] = 40
    return pixels

"""Drawn pages whose text is known, spoilt in graded strengths, and how much of it a reading gets right.

    base = make_base(17, seed=1)             # a page that anyone can read, of any document, grade and turn
    page = spoil_base(base, "defocus", 3)    # the same page, made worse
    error_rate(page, reading)                # share of its characters that the reading has wrong or not at all

What stands on a page is taken from a reading of the clean drawing, of lines that were read with certainty there, and carried
through the scan's geometry.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from random import Random

import numpy as np
from drawn_text import edit_distance
from pages import faces, make_name

from redact.geometry import ROTATIONS, Quad
from redact.lines import Line, Reading
from redact.ocr.reader import TextReader
from redact.samples import DOCUMENTS, Occurrence, Person, Sample, draw, scan
from redact.samples.defects import CLARITY, spoil
from redact.values import Pixels

KINDS: tuple[str, ...] = tuple(CLARITY)
# Lines of the clean drawing that count: read with this confidence, of two characters or more.
CERTAIN, LEAST_GLYPHS = 0.93, 2
PHOTO = 3
_GRADES = (1, 2, 2, PHOTO, PHOTO, 4)


@dataclass(frozen=True)
class TextPage:
    """``lines``: (quad in reading order, text) in pixels of ``pixels``. ``em_px``: height of its usual character."""

    pixels: Pixels = field(repr=False)
    lines: tuple[tuple[Quad, str], ...] = field(repr=False)
    names: tuple[Occurrence, ...]
    em_px: float


@dataclass(frozen=True)
class Base:
    index: int
    document: str
    sample: Sample
    person: Person = field(repr=False)
    page: TextPage


def make_base(index: int, seed: int, reader: TextReader, *, upright: bool = False) -> Base:
    """Page ``index`` of ``seed``; documents take turns. ``reader`` reads the clean drawing."""
    rng = Random(f"legibility/{seed}/{index}")
    document = DOCUMENTS[index % len(DOCUMENTS)]
    grade = rng.choice(_GRADES)
    rotation = rng.choices(ROTATIONS, (70, 10, 10, 10))[0]
    _, person = make_name(rng)
    drawing = draw(document, person, seed=rng.getrandbits(31), faces=faces())
    clean = reader.read(drawing.pixels, charset=frozenset())
    known = [
        x for x in clean.lines if x.lattice is not None and x.confidence >= CERTAIN and len(x.lattice.glyphs) >= LEAST_GLYPHS
    ]
    texts = tuple(Occurrence((line.quad,), "line", text=_text(line)) for line in known)
    marked = replace(drawing, occurrences=drawing.occurrences + texts)
    sample = scan(marked, grade=grade, rotation=0 if upright else rotation, seed=rng.getrandbits(31))
    names, lines = sample.occurrences[: len(drawing.occurrences)], sample.occurrences[len(drawing.occurrences) :]
    page = TextPage(sample.pixels, tuple((o.quads[0], o.text) for o in lines), names, drawing.text_px * sample.dpi / drawing.dpi)
    return Base(index, document, replace(sample, occurrences=names), person, page)


def spoil_base(base: Base, kind: str, strength: int) -> TextPage:
    """``strength`` 0 is the page as it was."""
    if strength == 0:
        return base.page
    pixels = spoil(kind, strength, base.page.pixels, em_px=base.page.em_px, seed=base.index)
    return resized(base.page, pixels)


def resized(page: TextPage, pixels: Pixels) -> TextPage:
    """The page with other pixels, of another size perhaps."""
    scale = pixels.shape[1] / page.pixels.shape[1]
    return TextPage(
        pixels,
        tuple((quad.scaled(scale), text) for quad, text in page.lines),
        tuple(replace(o, quads=tuple(q.scaled(scale) for q in o.quads)) for o in page.names),
        page.em_px * scale,
    )


def error_rate(page: TextPage, reading: Reading) -> float:
    """Edit distance over the number of characters, over all known lines: what was read inside a line's quad, in its order."""
    glyphs = [
        (_place(line, (glyph.start + glyph.end) / 2), glyph.char)
        for line in reading.lines
        if line.lattice is not None
        for glyph in line.lattice.glyphs
        if not glyph.char.isspace()
    ]
    places = np.array([place for place, _ in glyphs]).reshape(-1, 2)
    wrong = total = 0
    for quad, text in page.lines:
        read = ""
        if glyphs:
            corners = quad.array()
            inverse = np.linalg.inv(np.stack([corners[1] - corners[0], corners[3] - corners[0]], axis=1))
            along, across = ((places - corners[0]) @ inverse.T).T
            inside = np.flatnonzero((along > -0.02) & (along < 1.02) & (across > 0.05) & (across < 0.95))
            read = "".join(glyphs[i][1] for i in inside[np.argsort(along[inside])])
        wrong += min(len(text), edit_distance(text, read))
        total += len(text)
    return wrong / max(1, total)


def characters(page: TextPage) -> int:
    return sum(len(text) for _, text in page.lines)


class OnceReader:
    """A reader that reads the same picture once, so that a page can be searched and screened on one reading."""

    def __init__(self, reader: TextReader) -> None:
        self._reader = reader
        # The pixels themselves, not their id: another page may be put where one that is gone was.
        self._last: tuple[Pixels, tuple[frozenset[str], float], Reading] | None = None

    @property
    def models(self) -> Mapping[str, str]:
        return self._reader.models

    def read(self, pixels: Pixels, *, charset: frozenset[str], zoom: float = 1.0) -> Reading:
        asked = (charset, zoom)
        if self._last is None or self._last[0] is not pixels or self._last[1] != asked:
            self._last = pixels, asked, self._reader.read(pixels, charset=charset, zoom=zoom)
        return self._last[2]

    def read_places(
        self, pixels: Pixels, places: list[Quad], *, charset: frozenset[str], variant: str = "plain"
    ) -> tuple[Line, ...]:
        return self._reader.read_places(pixels, places, charset=charset, variant=variant)


def _text(line: Line) -> str:
    assert line.lattice is not None
    return "".join(line.lattice.text.split())


def _place(line: Line, frame: float) -> np.ndarray:
    assert line.lattice is not None
    share = line.lattice.position(frame)
    a, b, c, d = line.quad.array()
    middle: np.ndarray = (a + (b - a) * share + d + (c - d) * share) / 2
    return middle

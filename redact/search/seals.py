"""Name seals: the name spotted in one of the orders in which seals are cut."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from redact.geometry import Box, Quad, Rotation
from redact.lines import Line, Reading
from redact.names.decide import is_other, leans_other
from redact.names.find import Candidate
from redact.ocr.reader import TextReader
from redact.ocr.seals import find_name_seals, lay_out
from redact.search.query import Query, find
from redact.values import Hit, Pixels

# A seal that reads this surely as something else is somebody else's.
SEAL_READ = 0.8
NEVER_SCORE = -1e9


def find_seals(pixels: Pixels, reading: Reading) -> list[Box]:
    heights = [line.quad.thickness for line in reading.lines if line.confidence >= SEAL_READ]
    seals = find_name_seals(pixels, float(np.median(heights)) if heights else max(pixels.shape[:2]) / 70)
    return [seal for seal in seals if not any(_is_part_of(seal, line) for line in reading.lines)]


def lies_in(candidate: Candidate, seals: Sequence[Box]) -> bool:
    """Rows of a seal are read as lines, too, in an order that says nothing."""
    return any(all(q.box.intersection_area(s) > 0.6 * q.box.area for q in candidate.quads) for s in seals)


def look_at_seals(pixels: Pixels, seals: Sequence[Box], reading: Reading, query: Query, reader: TextReader) -> list[Hit]:
    """Name seals: the name spotted in one of the orders in which seals are cut; one that nobody could read is for a person."""
    hits = []
    for seal in seals:
        lines = _read_seal(pixels, seal, reading.rotation, query, reader)
        if _holds_longer_name(lines, query):
            continue
        read_surely = any(line.confidence >= SEAL_READ and len(line.lattice.glyphs) >= 2 for line in lines if line.lattice)
        scores = [
            candidate.score
            for line in lines
            for candidate in find([line], query)
            if candidate.spelling.rule != "first_part" and not is_other(candidate, query.name, query.thresholds)
        ]
        best = max(scores, default=NEVER_SCORE)
        rows = tuple(Quad.from_box(half, reading.rotation) for half in _halves(seal, reading.rotation))
        if best >= query.thresholds.hand_mask:
            hits.append(Hit(rows, best, "seal"))
        elif best >= query.thresholds.review or not read_surely:
            score = max(best, query.thresholds.hand_review)
            hits.append(Hit(rows, score, "seal", sure=False, reason="seal_unread"))
    return hits


def _holds_longer_name(lines: Sequence[Line], query: Query) -> bool:
    """Whether the seal in the order of its four cells holds the name and more (薛波洪印): orders of three show a part of that."""
    whole = [line for line in lines if line.quad.length > 3.5 * line.quad.thickness]
    return any(
        c.score >= query.thresholds.mask and c.spelling.rule != "first_part" and leans_other(c, query.name)
        for line in whole
        for c in find([line], query)
    )


def _read_seal(pixels: Pixels, seal: Box, rotation: Rotation, query: Query, reader: TextReader) -> list[Line]:
    """The seal in each order of its cells; where some order gives a character for every cell, only such orders count."""
    lines, complete = [], []
    for strip in lay_out(pixels, seal, rotation):
        whole = Quad.from_box(Box(0, 0, strip.shape[1], strip.shape[0]))
        line = reader.read_places(strip, [whole], charset=query.charset)[0]
        lines.append(line)
        cells = strip.shape[1] // strip.shape[0]
        if cells > 2 and line.lattice is not None and len(line.lattice.glyphs) == cells and line.confidence >= SEAL_READ:
            complete.append(line)
    return complete or lines


def _halves(seal: Box, rotation: Rotation) -> tuple[Box, Box]:
    """The seal's two rows, so that masks are padded by a character's height and not by the seal's."""
    (x, y) = seal.centre
    if rotation in (0, 180):
        return Box(seal.x0, seal.y0, seal.x1, y), Box(seal.x0, y, seal.x1, seal.y1)
    return Box(seal.x0, seal.y0, x, seal.y1), Box(x, seal.y0, seal.x1, seal.y1)


def _is_part_of(seal: Box, line: Line) -> bool:
    """Whether what looks like a seal is a character of a longer line (a red heading, 国)."""
    longer = line.quad.length > 1.6 * max(seal.width, seal.height)
    return longer and line.confidence >= SEAL_READ and line.quad.box.intersection_area(seal) > 0.5 * seal.area

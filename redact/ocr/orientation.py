"""Which way text runs, and which way a page is turned.

The recogniser reads a strip whether its characters stand upright or lie on their left side (as the characters of
a vertical line do once the line is laid on its side). So a line's *direction* is found by reading it both ways and keeping the
more confident one; whether the characters stand or lie in that direction is found by turning each of them upright and reading
again. Together they say how the page is turned.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from redact.geometry import ROTATIONS, Quad, Rotation
from redact.lines import Lattice
from redact.ocr.detection import Region
from redact.ocr.recognition import FRAME_PX, HEIGHT_PX
from redact.values import Pixels

# A region longer than this many times its thickness is a line of two characters or more, so its shape tells its axis.
ELONGATED = 1.35
SAMPLES = 7
SAMPLE_ASPECT = 9.0
# A vote below this reading confidence says nothing: text read upside down comes to 0.4-0.65, the right way round to 0.9 and more.
VOTE_CONFIDENCE = 0.7
AGREEMENT = 0.5
SAME_WHEN_TURNED = frozenset("〇一二三十口日目田回中王工丰年月用")
TELLING_GLYPHS = 3
TURNED_CONFIDENCE = 0.6
SURE_SHARE = 0.7
SURE_GLYPHS = 5.0


@dataclass(frozen=True, slots=True)
class Orientation:
    """``rotation``: clockwise turn of the content; ``confidence``: its share of the votes, 0..1, less where few characters voted.
    ``wide``/``tall``: direction in which most wide and tall regions read."""

    rotation: Rotation
    confidence: float
    wide: Rotation
    tall: Rotation

    @property
    def sure(self) -> bool:
        return self.confidence >= SURE_SHARE


def axis_of(region: Region) -> str:
    """ "wide", "tall" or "square", by the region's shape as seen on the page."""
    length, thickness = region.quad.length, region.quad.thickness
    if length >= ELONGATED * thickness:
        return "wide"
    return "tall" if thickness >= ELONGATED * length else "square"


def read_towards(quad: Quad, direction: Rotation) -> Quad:
    """A quad in page order, put into reading order for text that runs right (0), down (90), left (180) or up (270)."""
    points = quad.points
    k = direction // 90
    a, b, c, d = points[k:] + points[:k]
    return Quad((a, b, c, d))


StripReader = Callable[[Pixels], Lattice | None]
StripCutter = Callable[[Quad], Pixels]


def find_orientation(regions: Sequence[Region], cut: StripCutter, read: StripReader) -> Orientation:
    """Votes of the longest, surest regions of each axis; ``cut`` straightens a quad, ``read`` reads a strip."""
    votes = dict.fromkeys(ROTATIONS, 0.0)
    directions = {"wide": dict.fromkeys(ROTATIONS, 0.0), "tall": dict.fromkeys(ROTATIONS, 0.0)}
    glyphs = 0.0
    for axis, pair in (("wide", (0, 180)), ("tall", (90, 270))):
        for region in _sample([r for r in regions if axis_of(r) == axis]):
            best: tuple[float, Rotation, Lattice, Pixels] | None = None
            for direction in ROTATIONS:
                if direction not in pair:
                    continue
                quad = read_towards(region.quad, direction)
                strip = cut(quad.part(0.0, min(1.0, SAMPLE_ASPECT * quad.thickness / max(quad.length, 1.0))))
                lattice = read(strip)
                if lattice is not None and (best is None or lattice.confidence > best[0]):
                    best = (lattice.confidence, direction, lattice, strip)
            if best is None or best[0] < VOTE_CONFIDENCE:
                continue
            confidence, direction, lattice, strip = best
            weight = len(lattice.glyphs) * (confidence - 0.5)
            glyphs += len(lattice.glyphs)
            directions[axis][direction] += weight
            lying = _characters_lie(lattice, strip, read)
            if lying is None:
                # Digits and letters stand upright in nearly every line, but say it in a low voice.
                weight *= 0.2
            votes[_rotation(direction - (90 if lying else 0))] += weight
    total = sum(votes.values())
    rotation = max(votes, key=lambda r: votes[r])
    share = votes[rotation] / total if total > 0 else 0.0
    return Orientation(
        rotation,
        share if glyphs >= SURE_GLYPHS else min(share, SURE_SHARE * glyphs / SURE_GLYPHS * 0.99),
        _direction(directions["wide"], {0: 0, 90: 180, 180: 180, 270: 0}[rotation]),
        _direction(directions["tall"], {0: 90, 90: 90, 180: 270, 270: 270}[rotation]),
    )


def _sample(regions: list[Region]) -> list[Region]:
    def worth(region: Region) -> float:
        long, short = sorted((region.quad.length, region.quad.thickness), reverse=True)
        return region.score * min(long / max(short, 1.0), SAMPLE_ASPECT)

    return sorted(regions, key=worth, reverse=True)[:SAMPLES]


def _direction(weights: dict[Rotation, float], fallback: int) -> Rotation:
    best = max(weights, key=lambda r: weights[r])
    return best if weights[best] > 0 else _rotation(fallback)


def _rotation(degrees: int) -> Rotation:
    return ROTATIONS[degrees % 360 // 90]


def _characters_lie(lattice: Lattice, strip: Pixels, read: StripReader) -> bool | None:
    """Whether the strip's characters lie on their left side: turned upright one by one, they still read the same.

    None where the line has too few characters that look different when turned: digits, letters, 一, 〇 tell nothing.
    """
    glyphs = [g for g in lattice.glyphs if "\u3400" <= g.char <= "\u9fff" and g.char not in SAME_WHEN_TURNED]
    if len({g.char for g in glyphs}) < TELLING_GLYPHS:
        return None
    cells = []
    half = HEIGHT_PX // 2
    for glyph in glyphs:
        centre = round((glyph.start + glyph.end) / 2 * FRAME_PX)
        x0 = int(np.clip(centre - half, 0, max(0, strip.shape[1] - HEIGHT_PX)))
        cell = strip[:, x0 : x0 + HEIGHT_PX]
        if cell.shape[1] < HEIGHT_PX:
            cell = np.pad(cell, ((0, 0), (0, HEIGHT_PX - cell.shape[1]), (0, 0)), mode="edge")
        cells.append(np.rot90(cell, -1))
    turned = read(np.ascontiguousarray(np.concatenate(cells, axis=1)))
    if turned is None or turned.confidence < TURNED_CONFIDENCE * lattice.confidence:
        return False
    common = {g.char for g in glyphs} & set(turned.text)
    return sum(g.char in common for g in glyphs) >= AGREEMENT * len(glyphs)

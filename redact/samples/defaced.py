"""Pages with something missing, drawn: what a defect's drawing hands back, and what the drawings share.

A drawing takes the page's pixels ((H, W, 3) uint8 RGB), the quads of its text lines as detection gives them (about 1.3
times as high as the characters), a strength 1..5 and a generator, and gives a :class:`Defaced`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from redact.geometry import Box, Quad
from redact.values import Pixels

# A detected line is this many times as high as its characters.
LINE_PER_EM = 1.3


class NoPlace(ValueError):
    """The page has no place for the defect (no line long enough, no frame to cut)."""


@dataclass(frozen=True)
class Defaced:
    """``quads``: the lines where they lie now, as far as they lie in the picture. ``hit``: the places on text that were lost.
    ``amount``: characters that were lost, in ems along the lines; 0 where no text is."""

    pixels: Pixels = field(repr=False)
    quads: tuple[Quad, ...]
    hit: tuple[Box, ...] = ()
    amount: float = 0.0


def em_of(quads: Sequence[Quad]) -> float:
    """Median height of a character in pixels.

    Raises:
        NoPlace: there are no lines.
    """
    if not quads:
        raise NoPlace("no lines")
    return float(np.median([min(q.thickness, q.length) for q in quads])) / LINE_PER_EM


def choose_line(quads: Sequence[Quad], ems: float, rng: np.random.Generator) -> Quad:
    """A line at least ``ems`` characters long.

    Raises:
        NoPlace: there is none.
    """
    long = [q for q in quads if q.length >= ems * q.thickness / LINE_PER_EM]
    if not long:
        raise NoPlace("no line is long enough")
    return long[int(rng.integers(len(long)))]


def lost_under(mask: NDArray[np.uint8], quads: Iterable[Quad]) -> tuple[tuple[Box, ...], float]:
    """The pieces of lines under ``mask`` ((H, W) uint8, 0..255), and their length in ems, all lines together."""
    height, width = mask.shape
    boxes, total = [], 0.0
    for quad in quads:
        em = quad.thickness / LINE_PER_EM
        n = max(2, round(quad.length / em * 4))
        a, b, c, d = quad.array()
        ts = ((np.arange(n) + 0.5) / n)[:, None]
        points = (a + d) / 2 * (1 - ts) + (b + c) / 2 * ts
        inside = (points >= 0).all(1) & (points[:, 0] < width) & (points[:, 1] < height)
        at = points[inside].astype(int)
        covered = np.zeros(n, bool)
        covered[inside] = mask[at[:, 1], at[:, 0]] > 127
        if covered.any():
            first, last = np.flatnonzero(covered)[[0, -1]]
            boxes.append(quad.part(first / n, (last + 1) / n).box)
            total += float(covered.mean()) * quad.length / em
    return tuple(boxes), total


def inside(quads: Iterable[Quad], width: int, height: int) -> tuple[Quad, ...]:
    """Those of which a third or more lies in the picture, their corners moved into it."""
    kept = []
    for quad in quads:
        box = quad.box
        if box.clipped(width, height).area > box.area / 3:
            points = quad.array().clip((0, 0), (width, height))
            kept.append(Quad.from_array(points))
    return tuple(kept)


def upload(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Through JPEG once more, as a page that was photographed with the defect on it."""
    quality = int(rng.integers(75, 93))
    done, data = cv2.imencode(".jpg", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise RuntimeError("JPEG encoding failed")
    return np.asarray(cv2.cvtColor(np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR)), cv2.COLOR_BGR2RGB), np.uint8)


def is_grey(pixels: Pixels) -> bool:
    few = pixels[::16, ::16].astype(np.int16)
    return bool((np.abs(few[..., 0] - few[..., 2]) <= 3).mean() > 0.99)

"""The page small enough to be looked at quickly: a character is eight pixels high, and what it is written on is known.

All measures of completeness are taken here. One reduced pixel is an eighth of a character, finer than any margin that is
judged.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass, field
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from redact.geometry import Box, Quad
from redact.lines import Line, Reading
from redact.values import Pixels

_Value = TypeVar("_Value", np.uint8, np.int32)
_Number = TypeVar("_Number", np.uint8, np.float32)

# A detected line is this many times as high as its characters.
LINE_PER_EM = 1.3
EM_PX = 8.0
# A page without text is looked at with this many pixels on its longer side, as if a character were 1/80 of it.
PLAIN_LONG_PX = 640
# What is read with less confidence than this, or as a single character, is a speck or a texture now and then.
CONFIDENT = 0.7
CHARACTERS = 2
# ... and what is higher than this share of the picture's shorter side.
HIGHEST = 0.2
# Strokes are narrower than this share of a character; what is wider is ground.
STROKE_EMS = 0.8


@dataclass(frozen=True, slots=True)
class Row:
    """A text line in reduced pixels. ``em``: height of its characters; ``contrast``: how far its ink stands off the ground, in
    levels. ``read``: what stands there is text, and as dark or light on its ground as the page's text is."""

    line: Line
    quad: Quad
    em: float
    contrast: float
    read: bool


@dataclass(frozen=True, slots=True)
class Reduced:
    """``size``: the page's width and height in its own pixels. ``rgb``: (h, w, 3) uint8, ``inverted`` where the page's text is
    lighter than its ground; ``ground``: the same without strokes; ``ink``: (h, w) uint8, how much darker than the ground a pixel
    is; ``level``: (h, w) uint8, the ground's darkest channel. ``em``: height of the page's characters, in reduced pixels."""

    size: tuple[int, int]
    rgb: Pixels = field(repr=False)
    ground: Pixels = field(repr=False)
    level: NDArray[np.uint8] = field(repr=False)
    ink: NDArray[np.uint8] = field(repr=False)
    em: float
    inverted: bool
    rows: tuple[Row, ...]

    @property
    def width(self) -> int:
        return int(self.ink.shape[1])

    @property
    def height(self) -> int:
        return int(self.ink.shape[0])

    @property
    def scales(self) -> tuple[float, float]:
        """Pixels of the page to a reduced pixel, along x and y."""
        return self.size[0] / self.width, self.size[1] / self.height

    def to_page(self, box: Box) -> Box:
        """From reduced pixels to the page's, inside the page."""
        x0, y0, x1, y1 = (round(v, 1) for v in astuple(box.scaled(*self.scales)))
        return Box(x0, y0, x1, y1).clipped(*self.size)


def reduce_page(pixels: Pixels, reading: Reading) -> Reduced:
    """``pixels``: (H, W, 3) uint8 RGB, the page that ``reading`` was read from."""
    height, width = pixels.shape[:2]
    lines = [line for line in reading.lines if min(line.quad.length, line.quad.thickness) > 2]
    sure = [line for line in lines if _is_text(line, min(height, width))]
    em_page = float(np.median([line.quad.thickness for line in sure])) / LINE_PER_EM if sure else 0.0
    scale = min(1.0, EM_PX / em_page) if sure else min(1.0, PLAIN_LONG_PX / max(height, width))
    size = (max(16, round(width * scale)), max(16, round(height * scale)))
    small = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA) if scale < 1 else pixels, np.uint8)
    em = em_page * scale if sure else EM_PX
    quads = [Quad.from_array(line.quad.array() * (small.shape[1] / width, small.shape[0] / height)) for line in lines]
    grey = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.uint8)
    votes = [_votes_for_light(grey, quad) for quad in quads]
    known = [line in sure for line in lines]
    inverted = sum(v for v, k in zip(votes, known, strict=True) if k) > 0
    if inverted:
        small = np.asarray(cv2.bitwise_not(small), np.uint8)
        grey = np.asarray(cv2.bitwise_not(grey), np.uint8)
    kernel = np.ones((2 * max(1, round(STROKE_EMS / 2 * em)) + 1,) * 2, np.uint8)
    ground = np.asarray(cv2.morphologyEx(small, cv2.MORPH_CLOSE, kernel), np.uint8)
    ink = np.asarray(cv2.subtract(cv2.morphologyEx(grey, cv2.MORPH_CLOSE, kernel), grey), np.uint8)
    rows = tuple(
        Row(line, quad, min(quad.thickness, quad.length) / LINE_PER_EM, _contrast(ink, quad), text and (vote > 0) == inverted)
        for line, quad, text, vote in zip(lines, quads, known, votes, strict=True)
    )
    return Reduced((width, height), small, ground, darkest(ground), ink, em, inverted, rows)


def _is_text(line: Line, shorter_px: int) -> bool:
    if line.lattice is None or line.confidence < CONFIDENT or line.quad.thickness > HIGHEST * shorter_px:
        return False
    return sum(not g.char.isspace() for g in line.lattice.glyphs) >= CHARACTERS


def _votes_for_light(grey: NDArray[np.uint8], quad: Quad) -> float:
    """Above 0 where the line is lighter than its ground; more for a longer line. Strokes take up less of a line than its ground
    does, so the mean lies on the ground's side."""
    patch = _cut(grey, quad.box)
    if not patch.size:
        return -1.0
    low, high = np.percentile(patch, (4, 96))
    return quad.length if patch.mean() < (low + high) / 2 else -quad.length


def _contrast(ink: NDArray[np.uint8], quad: Quad) -> float:
    profile = sample_along(ink, quad, 0.0, 1.0, max(2, round(quad.length)), reach=0.35).max(0)
    return float(np.percentile(profile, 70))


def _cut(picture: NDArray[np.uint8], box: Box) -> NDArray[np.uint8]:
    x0, y0, x1, y1 = box.clipped(picture.shape[1], picture.shape[0]).pixels()
    return picture[y0:y1, x0:x1]


def sample_along(
    picture: NDArray[_Value], quad: Quad, start: float, end: float, count: int, *, reach: float, rows: int = 7
) -> NDArray[_Value]:
    """(rows, count) values of ``picture`` along a line, from fraction ``start`` to ``end`` of its length, within ``reach`` times
    the height of its characters above and below its axis; 0 where the picture ends. Nearest pixels."""
    a, b, c, d = quad.array()
    ts = start + (np.arange(count) + 0.5) / count * (end - start)
    ss = 0.5 + np.linspace(-reach, reach, rows) / LINE_PER_EM
    upper = a + (b - a) * ts[:, None]
    lower = d + (c - d) * ts[:, None]
    points = upper[None] + (lower - upper)[None] * ss[:, None, None]
    x, y = np.floor(points[..., 0]).astype(np.intp), np.floor(points[..., 1]).astype(np.intp)
    height, width = picture.shape[:2]
    seen = (x >= 0) & (y >= 0) & (x < width) & (y < height)
    values = picture[y.clip(0, height - 1), x.clip(0, width - 1)]
    return np.asarray(values * seen.astype(picture.dtype))


def darkest(colours: Pixels) -> NDArray[np.uint8]:
    """(h, w): the least of the channels. NumPy takes far longer over an axis of three."""
    return np.minimum(np.minimum(colours[..., 0], colours[..., 1]), colours[..., 2])


def brightest(values: NDArray[_Number]) -> NDArray[_Number]:
    """(h, w): the greatest of the channels."""
    return np.maximum(np.maximum(values[..., 0], values[..., 1]), values[..., 2])


def runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and last + 1 of each stretch that is true."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], flags.astype(np.int8), [0]))))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]

"""Places as evenly dense as only codes are. Print has white between its lines; a code's modules or bars leave none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from redact.geometry import Quad

Grey = NDArray[np.uint8]

# Pages are looked at with their long side about so long: a code's modules are then 1 to 3 pixels. Those of a code that fills much
# of a picture are so on the second look.
_WORKING_PX = (1200.0, 600.0)
# Mean gradient (sum of both directions, a quarter of Sobel's) around every point of a code. Faint codes have 16, paper grain 6.
_DENSE = 14.0
_WINDOW_PX = 7
# What is narrower is print; a code of 9 mm on A4 at that size.
_NARROWEST_PX = 27
# A photograph is dense in places, and wider than any code on a page.
_LARGEST_SHARE = 0.4
_MOST_ELONGATED = 9.0
# Sampled so finely, the short side.
_SAMPLES = 96
_CONTRAST = 24.0
_AROUND = 25
# The quiet zone is looked for between these shares of the short side around a place; grain on it is less than so much of the
# contrast.
_QUIET_FROM, _QUIET_TO = 0.01, 0.05
_QUIET = 0.13


def find_dense_places(grey: Grey) -> Iterator[Quad]:
    """Quads of evenly dense, compact places at each of two scales, the largest first. ``grey``: (H, W) uint8."""
    reduced = grey
    for working_px in _WORKING_PX:
        part = working_px / max(reduced.shape)
        if part < 1:
            reduced = shrink(reduced, part)
        yield from _find_dense(reduced, max(reduced.shape) / max(grey.shape))


def shrink(grey: Grey, part: float) -> Grey:
    """``part``: below 1, of each side; a strip stays at least a pixel thick."""
    height, width = grey.shape
    size = (max(1, round(width * part)), max(1, round(height * part)))
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)


def _find_dense(reduced: Grey, scale: float) -> Iterator[Quad]:
    """``scale``: of ``reduced`` against the page, whose pixels the quads are in."""
    small = cv2.GaussianBlur(reduced, (3, 3), 0)
    across = cv2.convertScaleAbs(cv2.Sobel(small, cv2.CV_16S, 1, 0), alpha=0.25)
    down = cv2.convertScaleAbs(cv2.Sobel(small, cv2.CV_16S, 0, 1), alpha=0.25)
    energy = cv2.blur(cv2.add(across, down), (_WINDOW_PX, _WINDOW_PX))
    # Against the strongest nearby: beside black print, the blur of its edge is not dense.
    around = cv2.blur(cv2.dilate(energy, np.ones((_WINDOW_PX, _WINDOW_PX), np.uint8)), (_NARROWEST_PX, _NARROWEST_PX))
    marked = ((energy > _DENSE) & (energy > 0.45 * around.astype(np.float32))).astype(np.uint8)
    thinned = cv2.erode(marked, np.ones((_WINDOW_PX // 2, _WINDOW_PX // 2), np.uint8))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_NARROWEST_PX, _NARROWEST_PX))
    dense = cv2.morphologyEx(thinned, cv2.MORPH_OPEN, disc)
    contours, _ = cv2.findContours(dense, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    for contour in sorted(contours, key=cv2.contourArea, reverse=True):
        (cx, cy), (w, h), angle = cv2.minAreaRect(contour)
        w, h = w + _WINDOW_PX // 2, h + _WINDOW_PX // 2
        if max(w, h) > _MOST_ELONGATED * min(w, h) or w * h > _LARGEST_SHARE * small.size:
            continue
        yield Quad.from_array(cv2.boxPoints(((cx / scale, cy / scale), (w / scale, h / scale), angle)).astype(np.float64))


def cut_out(grey: Grey, quad: Quad, *, margin: float, long_side: int | None = None) -> tuple[Grey, NDArray[np.float64]]:
    """The place straightened, with ``margin`` (a share of its long side) around it; and the (3, 3) matrix from its pixels to the
    page's."""
    length, thick = max(quad.length, 1.0), max(quad.thickness, 1.0)
    pad = margin * max(length, thick)
    scale = 1.0 if long_side is None else long_side / (max(length, thick) + 2 * pad)
    width, height = round((length + 2 * pad) * scale), round((thick + 2 * pad) * scale)
    a, b, c, d = quad.array()
    along, across = (b - a) / length, (d - a) / thick
    out, back = pad * (along + across), pad * (along - across)
    corners = np.array([a - out, b + back, c + out, d - back])
    inside = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    to_page = np.asarray(cv2.getPerspectiveTransform(inside, corners.astype(np.float32)), np.float64)
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    cut = cv2.warpPerspective(grey, to_page, (max(width, 1), max(height, 1)), flags=flags, borderValue=(255,))
    return np.asarray(cut, np.uint8), to_page


@dataclass(frozen=True, slots=True)
class Structure:
    """How often rows and columns of a straightened place change between dark and light, and how alike its rows are.

    ``across``, ``down``: the quarter of all rows, of all columns, that change least have so many changes or fewer, and half of
    them ``across_usual``, ``down_usual``. ``alike``: the share of pixels that are as their column mostly is (or row, where that
    is more); ``bars``: changes across those. ``aspect``: long side against short.
    """

    across: float
    down: float
    across_usual: float
    down_usual: float
    alike: float
    bars: float
    aspect: float

    @property
    def may_be_matrix(self) -> bool:
        """Worth a closer look: blurred modules run together."""
        return min(self.across_usual, self.down_usual) >= 6 and min(self.across, self.down) >= 5 and self.aspect < 4

    @property
    def is_bars(self) -> bool:
        return self.alike > 0.94 and self.bars >= 12

    @property
    def may_be_bars(self) -> bool:
        return self.alike > 0.85 and self.bars >= 8


def has_quiet_zone(grey: Grey, quad: Quad) -> bool:
    """Whether the paper is free on three sides of a place: print and photographs run on."""
    short = min(quad.length, quad.thickness)
    cut, _ = cut_out(grey, quad, margin=_QUIET_TO * short / max(quad.length, quad.thickness, 1.0))
    outer, inner = round(_QUIET_TO * short), round(_QUIET_FROM * short)
    band = max(outer - inner, 1)
    whole = cut[outer:-outer, outer:-outer]
    if not whole.size:
        return False
    contrast = float(np.percentile(whole, 92)) - float(np.percentile(whole, 8))
    sides = (cut[:band, outer:-outer], cut[-band:, outer:-outer], cut[outer:-outer, :band], cut[outer:-outer, -band:])
    return sum(float(np.std(side)) < _QUIET * contrast for side in sides) >= 3


def count_finders(cut: Grey) -> int:
    """How many corners of a straightened place (its margin included) hold a finder pattern of a QR code: a dark square in a light
    ring in a dark ring, in the proportions 3 : 5 : 7, all of one size (ISO/IEC 18004, 6.3.3)."""
    side = min(cut.shape)
    scale = 320 / side
    even = cv2.resize(cut, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    best = 0
    for turned in (even, 255 - even):
        ink = cv2.adaptiveThreshold(turned, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 101, 5)
        contours, tree = cv2.findContours(ink, cv2.RETR_TREE, cv2.CHAIN_APPROX_SIMPLE)
        if tree is None:
            continue
        sizes = []
        for index, (_, _, child, _) in enumerate(tree[0]):
            grandchild = tree[0][child][2] if child >= 0 else -1
            if grandchild >= 0 and (size := _finder_size(contours[index], contours[grandchild], even.shape)):
                sizes.append(size)
        best = max([best, *(sum(0.7 < other / size < 1.4 for other in sizes) for size in sizes)])
    return best


def _finder_size(outer: Any, inner: Any, shape: tuple[int, ...]) -> float:
    """Its side; 0 where the two contours are no finder pattern in a corner."""
    (x, y), (w, h), _ = cv2.minAreaRect(outer)
    (u, v), (p, q), _ = cv2.minAreaRect(inner)
    if min(w, h, p, q) < 4 or max(w, h) > 1.4 * min(w, h) or max(p, q) > 1.5 * min(p, q):
        return 0.0
    ratio = (w * h) / (p * q)
    centred = abs(x - u) + abs(y - v) < 0.2 * (w + h) / 2
    full = cv2.contourArea(outer) > 0.75 * w * h and cv2.contourArea(inner) > 0.6 * p * q
    height, width = shape[:2]
    corner = abs(x / width - 0.5) > 0.16 and abs(y / height - 0.5) > 0.16
    share = max(w, h) / min(width, height)
    return float(w + h) / 2 if centred and full and corner and 3 < ratio < 10 and 0.06 < share < 0.5 else 0.0


def measure_structure(cut: Grey) -> Structure | None:
    """Of a straightened place, its edges left out; None where it has no contrast."""
    ink = _ink(cut)
    if ink is None:
        return None
    rows, columns = _changes(ink), _changes(ink.T)
    likeness = [float((turned == (turned.mean(axis=0) > 0.5)).mean()) for turned in (ink, ink.T)]
    across_usual, down_usual = float(np.median(rows)), float(np.median(columns))
    return Structure(
        across=float(np.percentile(rows, 25)),
        down=float(np.percentile(columns, 25)),
        across_usual=across_usual,
        down_usual=down_usual,
        alike=max(likeness),
        bars=across_usual if likeness[0] >= likeness[1] else down_usual,
        aspect=max(ink.shape) / min(ink.shape),
    )


def _ink(cut: Grey) -> NDArray[np.bool_] | None:
    """Dark or light against what surrounds each point (blurred modules hardly reach black or white), the short side sampled at 96
    points and a tenth left out at each edge; None where there is no contrast."""
    scale = _SAMPLES / min(cut.shape)
    even = cv2.resize(cut, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    contrast = float(np.percentile(even, 92)) - float(np.percentile(even, 8))
    if contrast < _CONTRAST:
        return None
    around = cv2.blur(even, (_AROUND, _AROUND)).astype(np.float32)
    level, _ = cv2.threshold(even, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    # Where it is even all around, the middle between dark and light decides.
    flat = cv2.absdiff(around, even.astype(np.float32)) < 0.06 * contrast
    ink = np.where(flat, even <= level, even < around)
    edge = _SAMPLES // 10
    return np.asarray(ink[edge:-edge, edge:-edge], np.bool_)


def _changes(ink: NDArray[np.bool_]) -> NDArray[np.int64]:
    return np.asarray((ink[:, 1:] != ink[:, :-1]).sum(axis=1), np.int64)

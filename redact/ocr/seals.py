"""Name seals: small red squares whose two to four characters stand in columns from right to left, or in rows.

The recogniser reads lines, so a seal's cells are cut out and laid side by side, in each order in which seals are cut.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from redact.geometry import Box, Rotation
from redact.values import Pixels

# Red ink against the other two channels, in levels: printed well, and faint or under a shadow.
REDDER_BY = (36, 16)
# A name seal is 1-2.5 cm: this many times the page's line height. A company's round seal is 4 cm and more.
SMALLEST, LARGEST = 0.9, 6.0
SQUARE = 1.8
# A filled or framed square fills its box; a ring, a star or a word of red text does not.
LEAST_EXTENT = 0.55
# A frame in a grey scan: nearly square, its four sides nearly whole.
FRAME_SMALLEST = 1.5
FRAME_SQUARE = 1.25
FRAMED = 0.85
# With that much red a seal is also read by its redness alone.
COLOURED = 30.0
CELL_PX = 48
# The frame itself stays out of the cells.
INSET = 0.06
# Up to three cells lie along a side.
LEAST_PX = 3


def find_name_seals(pixels: Pixels, line_height_px: float) -> list[Box]:
    """Boxes of red squares of a name seal's size on a (H, W, 3) RGB page."""
    height, width = pixels.shape[:2]
    reach = max(3, round(0.35 * line_height_px) | 1)
    found: list[Box] = []
    for levels in REDDER_BY:
        red = _red_mask(pixels, levels)
        closed = cv2.morphologyEx(red, cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8))
        contours, _ = cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        for contour in contours:
            x, y, w, h = cv2.boundingRect(contour)
            short, long = sorted((w, h))
            if not (SMALLEST * line_height_px <= short and long <= LARGEST * line_height_px and long <= SQUARE * short):
                continue
            if (
                long > 0.5 * min(height, width)
                or cv2.contourArea(contour) < LEAST_EXTENT * w * h
                or _is_round(np.asarray(contour, dtype=np.int32))
            ):
                continue
            if _is_framed(red[y : y + h, x : x + w]):
                found.append(Box(x, y, x + w, y + h))
    found += _find_frames(pixels, line_height_px)
    kept: list[Box] = []
    for box in found:
        if all(box.intersection_area(k) < 0.5 * min(box.area, k.area) for k in kept):
            kept.append(box)
    return kept


def _find_frames(pixels: Pixels, line_height_px: float) -> list[Box]:
    """Square frames that touch nothing else: what a framed seal looks like in a grey scan. A table's cells hang together."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    size = max(15, round(2 * line_height_px) | 1)
    ink = cv2.adaptiveThreshold(grey, 1, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, size, 12)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    found = []
    for i in range(1, count):
        x, y, w, h, _area = (int(v) for v in stats[i])
        short, long = sorted((w, h))
        if not (FRAME_SMALLEST * line_height_px <= short and long <= LARGEST * line_height_px and long <= FRAME_SQUARE * short):
            continue
        if _is_framed(np.asarray(labels[y : y + h, x : x + w] == i, dtype=np.uint8)):
            found.append(Box(x, y, x + w, y + h))
    return found


def _is_framed(ink: NDArray[np.uint8]) -> bool:
    """Whether ink runs along all four sides: a frame, or a filled square. A red character, a face in a portrait do not."""
    band = max(2, round(0.12 * min(ink.shape)))
    sides = (ink[:band].any(0), ink[-band:].any(0), ink[:, :band].any(1), ink[:, -band:].any(1))
    return min(float(side.mean()) for side in sides) > FRAMED


def lay_out(pixels: Pixels, seal: Box, rotation: Rotation) -> Iterator[Pixels]:
    """The seal's characters side by side, dark on light, (48, W, 3) uint8: columns from the right, rows, one column or row.

    ``rotation``: the page's content is turned clockwise by it.
    """
    x0, y0, x1, y1 = seal.grown(-INSET * min(seal.width, seal.height)).pixels()
    crop = pixels[max(y0, 0) : y1, max(x0, 0) : x1]
    if min(crop.shape[:2]) < LEAST_PX:
        return
    # Red ink is dark to the green and blue channels, as grey ink is; over black text, its redness tells it apart.
    dark = np.minimum(crop[:, :, 1], crop[:, :, 2])
    redness = np.asarray(cv2.subtract(crop[:, :, 0], np.maximum(crop[:, :, 1], crop[:, :, 2])), dtype=np.uint8)
    looks = [_stretched(dark)]
    if float(np.percentile(redness, 95)) >= COLOURED:
        looks.append(np.asarray(255 - _stretched(redness), dtype=np.uint8))
    for look in looks:
        upright = np.ascontiguousarray(np.rot90(look, rotation // 90))
        # White characters on red and red ones on white look alike from afar: both are tried, the likelier first.
        inverted = np.asarray(255 - upright, dtype=np.uint8)
        for ink in (upright, inverted) if float(upright.mean()) > 127 else (inverted, upright):
            for cells in _arrangements(ink):
                strip = np.concatenate([cv2.resize(c, (CELL_PX, CELL_PX), interpolation=cv2.INTER_AREA) for c in cells], axis=1)
                yield np.ascontiguousarray(np.repeat(strip[:, :, None], 3, axis=2))


def _stretched(channel: Pixels) -> Pixels:
    """Contrast to the full range, after a median that takes single noisy pixels out."""
    calm = cv2.medianBlur(np.ascontiguousarray(channel), 3)
    low, high = (float(v) for v in np.percentile(calm, (2, 90)))
    return np.asarray(np.clip((calm.astype(np.float32) - low) * (255.0 / max(high - low, 1.0)), 0, 255), dtype=np.uint8)


def _arrangements(ink: Pixels) -> Iterator[list[Pixels]]:
    height, width = ink.shape
    left, right = ink[:, : width // 2], ink[:, width // 2 :]

    def halves(column: Pixels) -> list[Pixels]:
        return [column[: height // 2], column[height // 2 :]]

    def thirds(column: Pixels) -> list[Pixels]:
        return [column[height * i // 3 : height * (i + 1) // 3] for i in range(3)]

    if max(height, width) < 1.5 * min(height, width):
        yield halves(right) + halves(left)
        yield [halves(left)[0], halves(right)[0], halves(left)[1], halves(right)[1]]
        yield [right, *halves(left)]  # the surname over the whole height, the given name beside it
        yield [*halves(right), left]
        yield thirds(right) + thirds(left)
        yield [right, left]
    elif height > width:
        yield halves(ink)
        yield thirds(ink)
    else:
        yield [left, right]
        yield [ink[:, width * i // 3 : width * (i + 1) // 3] for i in range(3)]


def _red_mask(pixels: Pixels, levels: int) -> NDArray[np.uint8]:
    strongest = cv2.max(pixels[:, :, 1], pixels[:, :, 2])
    return np.asarray(cv2.threshold(cv2.subtract(pixels[:, :, 0], strongest), levels, 1, cv2.THRESH_BINARY)[1], dtype=np.uint8)


def _is_round(contour: NDArray[np.int32]) -> bool:
    """A disc fills pi/4 of its smallest rectangle and nearly all of its smallest circle."""
    _, radius = cv2.minEnclosingCircle(contour)
    return bool(cv2.contourArea(contour) > 0.82 * np.pi * radius * radius)

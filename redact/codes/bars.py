"""The whole height of a bar code. A reader follows one line across the bars, and any strip of them that is left can be read."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from redact.geometry import Quad

# Bars are looked for so many lengths of the code above and below the line that was read, at most.
_REACH = 1.5
_COLUMNS = 400
# Rows that resemble the code's own by less are beyond the bars; a blot or a few noisy rows do not end them.
_ALIKE = 0.5
_GAP = 0.03
_ENDS = 0.03


def extend_bars(grey: NDArray[np.uint8], quad: Quad) -> Quad:
    """``quad`` (its length runs across the bars) made as high as the bars are. ``grey``: (H, W) uint8, the page."""
    length = quad.length
    if length < 8:
        return quad
    a, b, c, d = quad.array()
    left, right = (a + d) / 2, (b + c) / 2
    along = (right - left) / max(float(np.linalg.norm(right - left)), 1.0)
    up = np.array([along[1], -along[0]])
    scale = _COLUMNS / length
    rows = round(_COLUMNS * _REACH)
    # From strip pixels to page pixels: x along the code, y down across it, the line that was read in the middle.
    matrix = np.array([
        [along[0] / scale, -up[0] / scale, left[0] + up[0] * rows / scale],
        [along[1] / scale, -up[1] / scale, left[1] + up[1] * rows / scale],
    ])  # fmt: skip
    flags = cv2.INTER_AREA | cv2.WARP_INVERSE_MAP
    strip = cv2.warpAffine(grey, matrix, (_COLUMNS, 2 * rows), flags=flags, borderValue=(255,)).astype(np.float32)
    own = strip[rows - 2 : rows + 3].mean(axis=0)
    alike = _correlate(strip, own)
    above, below = _run(alike[rows::-1]), _run(alike[rows:])
    top, bottom = max(above / scale, quad.thickness / 2), max(below / scale, quad.thickness / 2)
    # On a slant the line that was read ends short of the last bars; beyond them the quiet zone is free.
    left, right = left - along * _ENDS * length, right + along * _ENDS * length
    return Quad.from_array(np.array([left + up * top, right + up * top, right - up * bottom, left - up * bottom]))


def _correlate(strip: NDArray[np.float32], own: NDArray[np.float32]) -> NDArray[np.float32]:
    """Correlation of each row of ``strip`` with ``own``, let alone a sideways shift of up to 6 of 400 columns (a slant)."""
    centred = strip - strip.mean(axis=1, keepdims=True)
    norms = np.linalg.norm(centred, axis=1) + 1e-3
    best = np.full(len(strip), -1.0, np.float32)
    for shift in range(-6, 7, 2):
        reference = np.roll(own, shift) - own.mean()
        best = np.maximum(best, centred @ reference / norms / (np.linalg.norm(reference) + 1e-3))
    return best


def _run(alike: NDArray[np.float32]) -> int:
    """How far rows stay alike, short gaps passed over."""
    last, gap = 0, round(_COLUMNS * _GAP)
    for row in np.flatnonzero(alike >= _ALIKE):
        if row - last > gap:
            break
        last = int(row)
    return last + 1

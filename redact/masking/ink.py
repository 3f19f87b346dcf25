"""The neighbourhood of a quad, straightened, with its ink told from its paper."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from redact.geometry import Quad
from redact.values import Pixels

Mask = NDArray[np.bool_]

# A line is looked at with 24..64 rows: fewer lose the gaps between glyphs, more cost time and bring nothing.
_MIN_ROWS, _MAX_ROWS = 24.0, 64.0
# How far around the quad is looked, in line heights: along it for the next glyphs and free paper, across it for the
# next lines.
MARGIN_ALONG, MARGIN_ACROSS = 3.6, 0.9
# Under this difference (of 255) between ink and paper there is nothing to refine by.
_MIN_CONTRAST = 24.0
# Strokes longer than this many line heights are rules of a form, not parts of a glyph.
_RULE_LENGTH = 1.5


@dataclass(frozen=True, slots=True)
class Strip:
    """A straightened cut-out: u runs along the reading direction, v across it, in strip pixels from its corner.

    ``glyphs``, ``rules``: (rows, columns) bool, ink of text and long rules. ``u0, u1, v0, v1``: the quad's extent.
    ``scale``: strip pixels per page pixel. ``inside``: (rows, columns) bool, what lies on the page.
    """

    glyphs: Mask
    rules: Mask
    inside: Mask
    u0: float
    u1: float
    v0: float
    v1: float
    scale: float
    to_page: NDArray[np.float64]

    @property
    def thickness(self) -> float:
        return self.v1 - self.v0

    def corners(self, u0: float, u1: float, v0: float, v1: float) -> NDArray[np.float64]:
        """A rectangle of the strip as a (4, 2) polygon in page pixels."""
        points = np.array([[u0, v0, 1.0], [u1, v0, 1.0], [u1, v1, 1.0], [u0, v1, 1.0]])
        result: NDArray[np.float64] = points @ self.to_page.T
        return result


def straighten(pixels: Pixels, quad: Quad) -> Strip:
    """Cut out the surroundings of ``quad`` and find ink in them.

    ``pixels``: (H, W, 3) uint8 RGB. A degenerate quad counts as one pixel thick and long.
    """
    height, width = pixels.shape[:2]
    angle = math.radians(quad.direction_deg)
    along = np.array([math.cos(angle), math.sin(angle)])
    # The quad may be mirrored (a wrong order of corners); the frame does not care, the rectangle is the same.
    across = np.array([-along[1], along[0]])
    points = quad.array()
    us, vs = points @ along, points @ across
    length, thick = max(float(np.ptp(us)), 1.0), max(float(np.ptp(vs)), 1.0)
    scale = min(max(thick, _MIN_ROWS), _MAX_ROWS) / thick
    margin_u, margin_v = MARGIN_ALONG * thick, MARGIN_ACROSS * thick
    origin = along * (us.min() - margin_u) + across * (vs.min() - margin_v)
    columns = math.ceil((length + 2 * margin_u) * scale)
    rows = math.ceil((thick + 2 * margin_v) * scale)
    to_page = np.column_stack([along / scale, across / scale, origin])

    ends = np.array([[0, 0, 1], [columns, 0, 1], [columns, rows, 1], [0, rows, 1]]) @ to_page.T
    x0, y0 = (max(math.floor(v) - 2, 0) for v in ends.min(axis=0))
    x1, y1 = (min(math.ceil(v) + 2, limit) for v, limit in zip(ends.max(axis=0), (width, height), strict=True))
    empty = np.zeros((rows, columns), dtype=np.bool_)
    box = (margin_u * scale, (margin_u + length) * scale, margin_v * scale, (margin_v + thick) * scale)
    if x1 - x0 < 2 or y1 - y0 < 2:
        return Strip(empty, empty, empty, *box, scale, to_page)

    patch = np.ascontiguousarray(pixels[y0:y1, x0:x1])
    shrink_x = shrink_y = 1.0
    if scale < 1:
        # warpAffine does not average, so large glyphs are made small before they are turned.
        small = (max(round((x1 - x0) * scale), 1), max(round((y1 - y0) * scale), 1))
        patch = np.asarray(cv2.resize(patch, small, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        shrink_x, shrink_y = small[0] / (x1 - x0), small[1] / (y1 - y0)
    # Strip pixel centres to patch pixel centres: both frames count from corners, OpenCV from centres.
    matrix = to_page.copy()
    matrix[:, 2] += to_page[:, :2] @ np.array([0.5, 0.5]) - np.array([x0, y0])
    matrix *= np.array([[shrink_x], [shrink_y]])
    matrix[:, 2] -= 0.5
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    strip = cv2.warpAffine(patch, matrix, (columns, rows), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    full = np.full(patch.shape[:2], 255, dtype=np.uint8)
    inside = cv2.warpAffine(full, matrix, (columns, rows), flags=flags, borderMode=cv2.BORDER_CONSTANT) > 127
    core = (slice(int(box[2]), math.ceil(box[3])), slice(int(box[0]), math.ceil(box[1])))
    glyphs, rules = _split_rules(_find_ink(np.asarray(strip, dtype=np.uint8), core) & inside, scale * thick)
    return Strip(glyphs, rules, inside, *box, scale, to_page)


def _find_ink(strip: Pixels, core: tuple[slice, slice]) -> Mask:
    """What differs from the paper around it, lighter or darker, in any colour channel."""
    rows, columns = strip.shape[:2]
    step = 4
    small = cv2.resize(strip, (max(columns // step, 1), max(rows // step, 1)), interpolation=cv2.INTER_AREA)
    # Text covers less than half of a line, so a median over two lines' height is paper, also under uneven light.
    paper = cv2.resize(cv2.medianBlur(small, 31), (columns, rows), interpolation=cv2.INTER_LINEAR)
    difference = np.asarray(cv2.absdiff(strip, paper)).max(axis=2)
    contrast = float(np.percentile(difference[core], 97))
    if contrast < _MIN_CONTRAST:
        return np.zeros((rows, columns), dtype=np.bool_)
    noise = 1.4826 * float(np.median(difference))
    ink: Mask = difference > max(0.38 * contrast, min(4 * noise, 0.6 * contrast), 16.0)
    return ink


def _split_rules(ink: Mask, thickness: float) -> tuple[Mask, Mask]:
    """Take lines of forms and underlines out of the ink: they would tie all glyphs of a line together."""
    raw = ink.astype(np.uint8)
    reach = max(int(_RULE_LENGTH * thickness), 8)
    # Scanned rules are a little tilted and broken: close small breaks first.
    flat = cv2.morphologyEx(
        cv2.morphologyEx(raw, cv2.MORPH_CLOSE, np.ones((2, 3), np.uint8)), cv2.MORPH_OPEN, np.ones((1, reach), np.uint8)
    )
    steep = cv2.morphologyEx(
        cv2.morphologyEx(raw, cv2.MORPH_CLOSE, np.ones((3, 2), np.uint8)), cv2.MORPH_OPEN, np.ones((reach, 1), np.uint8)
    )
    rules = np.asarray(cv2.dilate(cv2.bitwise_or(flat, steep), np.ones((3, 3), np.uint8)), dtype=np.bool_) & ink
    return ink & ~rules, rules

"""Line strips and their lattices."""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from redact.geometry import Quad
from redact.lines import Glyph, Lattice
from redact.ocr.engines import Network
from redact.values import Pixels

HEIGHT_PX = 48
FRAME_PX = 8
# Widths are rounded up to a few steps, since an engine compiles its kernels anew for each width it meets (60 ms).
# A strip wider than MAX_WIDTH_PX is squeezed: at 48 px high it would hold more than 80 characters.
STEP_PX = 32
MIN_WIDTH_PX = 64
MAX_WIDTH_PX = 3840
FLOOR = 1e-12


def cut_strip(pixels: Pixels, quad: Quad, *, height: int = HEIGHT_PX, margin: float = 0.0) -> Pixels:
    """The text inside ``quad`` (reading order), straightened: (height, W, 3) uint8. ``margin``: extra line heights all around."""
    length, thickness = max(quad.length, 1.0), max(quad.thickness, 1.0)
    if margin:
        quad = grow_quad(quad, margin * thickness, margin * thickness)
        length, thickness = length + 2 * margin * thickness, thickness * (1 + 2 * margin)
    width = int(np.clip(round(length * height / thickness), 8, MAX_WIDTH_PX))
    source = quad.array().astype(np.float32)
    # Shrinking by more than 2 aliases thin strokes under bilinear warping: shrink the neighbourhood by area first.
    shrink = thickness / height
    if shrink > 1.5:
        box = quad.box.grown(2).clipped(pixels.shape[1], pixels.shape[0])
        x0, y0, x1, y1 = box.pixels()
        if x1 - x0 < 2 or y1 - y0 < 2:
            return np.full((height, width, 3), 255, np.uint8)
        near = pixels[y0:y1, x0:x1]
        w, h = max(1, round((x1 - x0) / shrink)), max(1, round((y1 - y0) / shrink))
        pixels = np.asarray(cv2.resize(near, (w, h), interpolation=cv2.INTER_AREA), dtype=np.uint8)
        source = (source - (x0, y0)) * (w / (x1 - x0), h / (y1 - y0))
        source = source.astype(np.float32)
    target = np.array([[0, 0], [width, 0], [width, height]], np.float32)
    matrix = cv2.getAffineTransform(source[:3] - 0.5, target - 0.5)
    flags = cv2.INTER_CUBIC if shrink < 1.5 else cv2.INTER_LINEAR
    return np.asarray(
        cv2.warpAffine(pixels, matrix, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE), dtype=np.uint8
    )


def grow_quad(quad: Quad, along: float, across: float) -> Quad:
    """Moved outwards by ``along`` at both ends of reading and ``across`` on both sides, in pixels."""
    a, b, c, d = quad.array()
    u = (b - a) / max(float(np.hypot(*(b - a))), 1e-6)
    v = (d - a) / max(float(np.hypot(*(d - a))), 1e-6)
    return Quad.from_array(
        np.array([a - u * along - v * across, b + u * along - v * across, c + u * along + v * across, d - u * along + v * across])
    )


class Recogniser:
    """The recognition network with its alphabet."""

    def __init__(self, network: Network, alphabet: tuple[str, ...]) -> None:
        self._network = network
        self._alphabet = alphabet
        self._class_of = {c: i for i, c in enumerate(alphabet) if c}
        self._space = len(alphabet) - 1

    def knows(self, char: str) -> bool:
        return char in self._class_of

    def columns(self, charset: frozenset[str]) -> tuple[Mapping[str, int], NDArray[np.int64]]:
        """``charset`` reduced to what the network can read: character -> column, and the classes of the columns."""
        known = sorted(c for c in charset if c in self._class_of and not c.isspace())
        return {c: i for i, c in enumerate(known)}, np.array([self._class_of[c] for c in known], dtype=np.int64)

    def read(self, strip: Pixels, columns: tuple[Mapping[str, int], NDArray[np.int64]]) -> Lattice | None:
        """The lattice of a (48, W, 3) RGB strip; None where the network reads nothing at all."""
        charset, classes = columns
        height, width = strip.shape[:2]
        padded = max(MIN_WIDTH_PX, -(-width // STEP_PX) * STEP_PX)
        picture = np.zeros((height, padded, 3), np.float32)
        picture[:, :width] = strip[:, :, ::-1].astype(np.float32) / 127.5 - 1.0
        probabilities = self._network(np.ascontiguousarray(picture.transpose(2, 0, 1)[None]))[0]
        best = probabilities.argmax(1)
        top = np.log(np.maximum(probabilities[np.arange(len(best)), best], FLOOR))
        glyphs = self._decode(best, np.exp(top))
        if not glyphs:
            return None
        scores = np.asarray(np.log(np.maximum(probabilities[:, classes], FLOOR)) - top[:, None], dtype=np.float32)
        space = np.log(np.maximum(probabilities[:, self._space], FLOOR)) - top
        blank = np.maximum(np.log(np.maximum(probabilities[:, 0], FLOOR)) - top, space)
        return Lattice(scores, blank, space, charset, glyphs, length=padded / width)

    def _decode(self, best: NDArray[np.intp], peak: NDArray[np.float32]) -> tuple[Glyph, ...]:
        glyphs = []
        start = 0
        for t in range(1, len(best) + 1):
            if t == len(best) or best[t] != best[start]:
                if best[start] != 0:
                    glyphs.append(Glyph(self._alphabet[best[start]], start, t, float(peak[start:t].max())))
                start = t
        return tuple(glyphs)

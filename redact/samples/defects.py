"""Defects of a picture in graded strengths: what makes an upload hard to read.

Strength 1 is hardly seen, at 3 a person begins to guess, at 5 nobody reads it. Strengths follow the size of the characters
(``em_px``), so that a page of any resolution suffers alike.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from redact.values import Pixels

_Generator = np.random.Generator
STRENGTHS: tuple[int, ...] = (1, 2, 3, 4, 5)

# By strength 1..5. Radius of the disk, and length of the path, in characters.
_DEFOCUS = (0.05, 0.09, 0.14, 0.20, 0.30)
_MOTION = (0.12, 0.25, 0.42, 0.65, 1.0)
# Pixels that a character has left.
_SMALL = (16.0, 11.0, 8.0, 6.0, 4.0)
# Share of the contrast that is left.
_FAINT = (0.5, 0.25, 0.12, 0.06, 0.03)
_DARK = (0.5, 0.2, 0.08, 0.035, 0.018)
_SHADOW = (0.6, 0.3, 0.12, 0.05, 0.02)
# Levels of grain; JPEG quality.
_NOISE = (14.0, 32.0, 60.0, 95.0, 150.0)
_JPEG = (30, 14, 8, 4, 1)


def spoil(kind: str, strength: int, pixels: Pixels, *, em_px: float, seed: int) -> Pixels:
    """The (H, W, 3) uint8 RGB page with defect ``kind`` (one of :data:`CLARITY`) at ``strength`` 1..5.

    ``em_px``: height of its usual character. The same arguments give the same pixels; of one seed, only the strength differs
    (direction of a motion, edge of a shadow stay). Of the same size as the page, but for ``low_resolution``.

    Raises:
        ValueError: no such kind or strength.
    """
    if kind not in CLARITY or strength not in STRENGTHS:
        raise ValueError(f"no such defect: {kind} {strength}")
    return CLARITY[kind](pixels, strength - 1, em_px, np.random.default_rng([seed, len(kind)]))


def _defocus(pixels: Pixels, level: int, em: float, rng: _Generator) -> Pixels:
    radius = max(0.5, _DEFOCUS[level] * em)
    side = 2 * int(np.ceil(radius)) + 1
    at = np.arange(side) - side // 2
    kernel = np.clip(radius + 0.5 - np.hypot(at[:, None], at[None, :]), 0, 1).astype(np.float32)
    return _filter(pixels, kernel)


def _motion(pixels: Pixels, level: int, em: float, rng: _Generator) -> Pixels:
    length = max(1.0, _MOTION[level] * em)
    angle = rng.uniform(0, np.pi)
    side = 2 * int(np.ceil(length / 2)) + 3
    kernel = np.zeros((side * 8, side * 8), np.uint8)
    middle, dx, dy = side * 4, np.cos(angle) * length * 4, np.sin(angle) * length * 4
    cv2.line(kernel, (round(middle - dx), round(middle - dy)), (round(middle + dx), round(middle + dy)), 255, 8)
    small = cv2.resize(kernel, (side, side), interpolation=cv2.INTER_AREA).astype(np.float32)
    return _filter(pixels, small)


def _filter(pixels: Pixels, kernel: NDArray[np.float32]) -> Pixels:
    return np.asarray(cv2.filter2D(pixels, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REPLICATE), np.uint8)


def _shrink(pixels: Pixels, level: int, em: float, rng: _Generator) -> Pixels:
    scale = min(1.0, _SMALL[level] / em)
    return np.asarray(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def _enlarge(pixels: Pixels, level: int, em: float, rng: _Generator) -> Pixels:
    """Too small, and blown up again by whoever had to reach a number of pixels."""
    height, width = pixels.shape[:2]
    small = _shrink(pixels, level, em, rng)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


def _fade(pixels: Pixels, level: int, em: float, rng: _Generator) -> Pixels:
    paper = np.percentile(pixels[::8, ::8].reshape(-1, 3), 80, axis=0)
    faded = paper.astype(np.float32) + (pixels.astype(np.float32) - paper) * _FAINT[level]
    return _add_grain(faded, 1.2, rng)


def _bleach(pixels: Pixels, level: int, em: float, rng: _Generator) -> Pixels:
    """Overexposed: the paper is burnt out and the ink follows it."""
    return _add_grain(258 - (255 - pixels.astype(np.float32)) * _FAINT[level], 1.2, rng)


def _darken(pixels: Pixels, level: int, em: float, rng: _Generator) -> Pixels:
    return _add_grain(pixels.astype(np.float32) * _DARK[level] + 2, 1.5, rng)


def _shade(pixels: Pixels, level: int, em: float, rng: _Generator) -> Pixels:
    """A deep shadow over most of the page, its edge a few characters wide."""
    height, width = pixels.shape[:2]
    angle = rng.uniform(0, 2 * np.pi)
    ys, xs = np.mgrid[0:64, 0:64].astype(np.float32) / 63 - 0.5
    edge = xs * np.cos(angle) + ys * np.sin(angle) + 0.25
    light = _SHADOW[level] + (1 - _SHADOW[level]) / (1 + np.exp(edge * 40))
    light = cv2.resize(light.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    return _add_grain(pixels.astype(np.float32) * light[..., None], 2.0, rng)


def _sprinkle(pixels: Pixels, level: int, em: float, rng: _Generator) -> Pixels:
    return _add_grain(pixels.astype(np.float32), _NOISE[level], rng)


def _add_grain(pixels: NDArray[np.floating], sigma: float, rng: _Generator) -> Pixels:
    grain = rng.standard_normal(pixels.shape[:2], np.float32) * sigma
    return np.asarray((pixels + grain[..., None]).round().clip(0, 255), np.uint8)


def _press(pixels: Pixels, level: int, em: float, rng: _Generator) -> Pixels:
    """Blocks of 8 pixels weigh the more, the smaller the characters: as small as an e-mailed page has them."""
    scale = min(1.0, 20 / em)
    small = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    done, data = cv2.imencode(".jpg", np.ascontiguousarray(small[..., ::-1]), [cv2.IMWRITE_JPEG_QUALITY, _JPEG[level]])
    decoded = cv2.imdecode(data, cv2.IMREAD_COLOR) if done else None
    if decoded is None:
        raise RuntimeError("JPEG coding failed")
    return np.ascontiguousarray(decoded[..., ::-1])


CLARITY: dict[str, Callable[[Pixels, int, float, _Generator], Pixels]] = {
    "defocus": _defocus,
    "motion": _motion,
    "low_resolution": _shrink,
    "enlarged": _enlarge,
    "faint": _fade,
    "too_bright": _bleach,
    "too_dark": _darken,
    "shadow": _shade,
    "noise": _sprinkle,
    "jpeg": _press,
}

"""What of a page lies in the dark, and how much grain it has: what hides text from any reader."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from redact.screening.light import SHORT_SIDE_PX
from redact.screening.strokes import gradients

# The picture is reduced to so many pixels on its long side: light varies slowly.
LONG_SIDE_PX = 128
# Darker than this share of the paper is the dark.
DARK = 0.12
# A shadow's edge is soft: just outside it, this share of the paper's light at most. A dark desk begins at the sheet's edge.
RING_PX, SOFT = 2, 0.45
# Immerkaer's mask, "Fast Noise Variance Estimation", CVIU 64 (1996): the difference of two Laplacians, blind to edges and ramps.
_IMMERKAER = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
# Percentile of a picture's slopes that tells how sharp it can be: a photograph of a wide sky has few edges.
SHARPEST = 99.98
# Grain is measured on so many pixels, from the middle.
SAMPLE_PX = 1200


@dataclass(frozen=True, slots=True)
class Shade:
    """``dark``: (h, w) bool, reduced by ``scale`` (reduced pixels per page pixel); ``share``: of the page, 0 where the dark has a
    hard edge."""

    dark: NDArray[np.bool_]
    scale: float
    share: float


def find_shade(grey: NDArray[np.uint8]) -> Shade:
    """Parts of a (H, W) uint8 page that lie in a deep shadow."""
    height, width = grey.shape
    scale = min(1.0, LONG_SIDE_PX / max(height, width))
    size = (max(4, round(width * scale)), max(4, round(height * scale)))
    light = cv2.resize(grey, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    paper = float(np.percentile(light, 95))
    dark = light < DARK * paper
    wide = cv2.dilate(dark.astype(np.uint8), np.ones((2 * RING_PX + 1,) * 2, np.uint8)) > 0
    ring = light[wide & ~dark]
    soft = ring.size > 0 and float(np.median(ring)) < SOFT * paper
    return Shade(dark, scale, float(dark.mean()) if soft else 0.0)


def measure_grain(grey: NDArray[np.uint8]) -> float:
    """Standard deviation of the grain in a (H, W) uint8 page, in grey levels; the median over tiles, so that print and rules do
    not count."""
    height, width = grey.shape
    top, left = max(0, (height - SAMPLE_PX) // 2), max(0, (width - SAMPLE_PX) // 2)
    part = np.asarray(grey[top : top + SAMPLE_PX, left : left + SAMPLE_PX], np.float32)
    residual = np.abs(cv2.filter2D(part, -1, _IMMERKAER))
    tiles = cv2.resize(residual, (24, 24), interpolation=cv2.INTER_AREA)
    return float(np.sqrt(np.pi / 2) / 6 * np.median(tiles))


def measure_blocks(grey: NDArray[np.uint8]) -> float:
    """How much steeper a (H, W) uint8 page is at every eighth column and row than between them: 1 where it has no blocks of a
    JPEG. Of pages that were resized after compression it shows nothing."""
    part = np.asarray(grey[: SAMPLE_PX * 2, : SAMPLE_PX * 2], np.float32)
    ratios = []
    for steps in (np.abs(np.diff(part, axis=1)).mean(0), np.abs(np.diff(part, axis=0)).mean(1)):
        usable = steps[: len(steps) // 8 * 8].reshape(-1, 8)
        if not len(usable):
            return 1.0
        columns = usable.mean(0)
        ratios.append(float(columns[7] / max(np.delete(columns, 7).mean(), 1e-3)))
    return float(np.mean(ratios))


def measure_softness(grey: NDArray[np.uint8]) -> float:
    """Width of the sharpest edges of a (H, W) uint8 picture, in the direction in which they are widest: its range of levels over
    its steepest gradient, in pixels of a page whose short side is 1152."""
    height, width = grey.shape
    scale = min(1.0, SHORT_SIDE_PX / min(height, width))
    size = (max(8, round(width * scale)), max(8, round(height * scale)))
    small = cv2.GaussianBlur(cv2.resize(grey, size, interpolation=cv2.INTER_AREA).astype(np.float32), (0, 0), 1.0)
    low, high = np.percentile(small[::4, ::4], (1, 99))
    slopes = gradients(small)
    return float((high - low) / max(min(float(np.percentile(slope, SHARPEST)) for slope in slopes), 1e-3))

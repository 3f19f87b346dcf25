"""How clearly one line of text stands on its paper, measured on the strip that the recogniser gets.

The strip is what decides whether a line can be read: whatever was wrong with the picture (blur, too few pixels, noise, blocks of
a JPEG, bad light) is in it, at one height of characters, so that one scale of numbers fits all pages.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from redact.geometry import Quad
from redact.ocr.recognition import cut_strip

# A strip holds a line with some paper above and below (detection's offset): its characters fill about this share of its height.
CHARACTER_SHARE = 1 / 1.3
# Edges are taken at this scale, in strip pixels: finer than a stroke of the densest characters (2 px at 48), coarser than grain.
EDGE_SIGMA_PX = 1.0
# The steepest edges: this percentile of the gradient. Strokes cover about a fifth of a strip, half of that is edge.
STEEP = 96.0
INK, PAPER = 4.0, 90.0
# Longer lines are measured on their first part: a strip of so many heights.
LONGEST = 30.0
# A line is measured in parts of about so many strip pixels, five characters, so that the edge of a shadow across it is no stroke.
PART_PX = 200
MAD_TO_SIGMA = 1.4826
# A strip that is this much like itself some way on is a border's ornament: those came to 0.84-1.0 on 100 drawn certificates, text
# that was blurred beyond reading to 0.85 at most, sharp text to 0.66.
REPEATS = 0.87
# Shortest way on that counts, in strip pixels, and the most that is tried: a third of a character to five.
SHORTEST_PX, FARTHEST_PX = 16, 220


@dataclass(frozen=True, slots=True)
class Strokes:
    """``height_px``: of a character, in page pixels. ``paper``, ``ink``: grey levels 0..255 (light on dark: paper is darker);
    ``contrast``: levels between them. ``sharpness``: the steepest edges in the direction in which they are least steep, as a
    share of the contrast per strip pixel (a motion blurs one direction alone). ``noise``: gradient on bare paper, as a share of
    the contrast. ``weight``: the line's length in characters. ``repetition``: 0..1, how much the strip repeats itself.
    """

    height_px: float
    paper: float
    ink: float
    contrast: float
    sharpness: float
    noise: float
    weight: float
    repetition: float


def measure_strokes(grey: NDArray[np.uint8], quad: Quad) -> Strokes | None:
    """Measure the line in ``quad`` (page pixels) on a (H, W) uint8 page; None where the quad is too small to hold one."""
    if quad.thickness < 3 or quad.length < 3:
        return None
    share = min(1.0, LONGEST * quad.thickness / quad.length)
    strip = cut_strip(grey, quad.part(0.0, share))
    if strip.ndim != 2:  # nothing of it lies on the page
        return None
    inner = np.asarray(strip[4:-4], np.float32)
    parts = max(1, round(inner.shape[1] / PART_PX))
    measured = np.array([_measure_part(part) for part in np.array_split(inner, parts, axis=1)])
    paper, ink, contrast, sharpness, noise = (float(v) for v in np.median(measured, axis=0))
    return Strokes(
        height_px=quad.thickness * CHARACTER_SHARE,
        paper=paper,
        ink=ink,
        contrast=contrast,
        sharpness=sharpness,
        noise=noise,
        weight=quad.length / quad.thickness / CHARACTER_SHARE,
        repetition=_repetition(inner),
    )


def _measure_part(strip: NDArray[np.float32]) -> tuple[float, float, float, float, float]:
    """Paper, ink, contrast, sharpness and noise of a few characters."""
    smooth = cv2.GaussianBlur(strip, (0, 0), EDGE_SIGMA_PX)
    low, middle, high = (float(v) for v in np.percentile(smooth, (INK, 50.0, 100.0 - INK)))
    dark_ground = high - middle > middle - low
    paper = float(np.percentile(smooth, 100.0 - PAPER if dark_ground else PAPER))
    ink = high if dark_ground else low
    contrast = max(abs(paper - ink), 1e-3)
    ways = gradients(smooth)
    steep = min(float(np.percentile(way, STEEP)) for way in ways)
    flat = ways[0][np.abs(smooth - paper) < 0.25 * contrast]
    grain = MAD_TO_SIGMA * float(np.median(flat)) if flat.size > 50 else contrast
    return paper, ink, contrast, float(np.sqrt(max(steep**2 - grain**2, 0.0))) / contrast, grain / contrast


def gradients(smooth: NDArray[Any]) -> tuple[NDArray[np.float32], ...]:
    """Absolute slopes of a (h, w) picture, in levels per pixel: along x, along y, and along the two diagonals."""
    gx = np.asarray(cv2.Sobel(smooth, cv2.CV_32F, 1, 0, ksize=3, scale=1 / 8), np.float32)
    gy = np.asarray(cv2.Sobel(smooth, cv2.CV_32F, 0, 1, ksize=3, scale=1 / 8), np.float32)
    diagonal = np.float32(np.sqrt(0.5))
    return np.abs(gx), np.abs(gy), np.abs(gx + gy) * diagonal, np.abs(gx - gy) * diagonal


def _repetition(strip: NDArray[np.float32]) -> float:
    """The highest normalised autocorrelation of a (h, w) strip with itself moved along by a third of a character or more."""
    width = strip.shape[1]
    last = min(width // 2, FARTHEST_PX)
    if last <= SHORTEST_PX:
        return 0.0
    centred = strip - strip.mean()
    size = 1 << (2 * width - 1).bit_length()
    spectrum = np.fft.rfft(centred, size, axis=1)
    product = np.fft.irfft((np.abs(spectrum) ** 2).sum(0), size)[:width]
    energy = np.cumsum((centred * centred).sum(0))
    lags = np.arange(SHORTEST_PX, last)
    left, right = energy[width - 1 - lags], energy[-1] - energy[lags - 1]
    return float((product[lags] / np.maximum(np.sqrt(left * right), 1e-6)).max())

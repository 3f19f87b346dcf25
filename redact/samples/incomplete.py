"""The defects of completeness by name: ``apply("finger", 3, pixels, quads, seed)``.

Strength 1 is the weakest that a person would still reject (or be warned of), 5 the strongest:

cut             the outermost line loses 0.5 .. 8 characters, or 30 % of its height .. three lines and a half
frame           the outermost rule of a table or certificate is lost, then the space up to the text
corner_outside  a sheet on a desk, a corner 5 .. 20 % of the shorter side outside the picture
small_in_photo  a sheet on a desk, its longer side 66 .. 35 % of the picture's
finger, object  2 .. 11 characters of one line are covered, and what that takes of its neighbours
glare           a highlight with a radius of 1.6 .. 8 characters over text
blank, black    a sheet without ink; a picture without light
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence

import cv2
import numpy as np

from redact.geometry import Quad
from redact.samples.covers import draw_finger, draw_glare, draw_object
from redact.samples.crops import draw_corner_outside, draw_cut, draw_frame_cut, draw_small_in_photo
from redact.samples.defaced import Defaced, upload
from redact.values import Pixels

Draw = Callable[[Pixels, Sequence[Quad], int, np.random.Generator], Defaced]


def draw_blank(pixels: Pixels, quads: Sequence[Quad], strength: int, rng: np.random.Generator) -> Defaced:
    """A sheet of the page's size and paper without ink; the weaker the defect, the more shade and dust there is."""
    height, width = pixels.shape[:2]
    paper = np.median(pixels[::8, ::8].reshape(-1, 3), 0).clip(150, 255)
    depth = 0.25 * (5 - strength) / 4
    slope = np.linspace(1 - depth, 1, width)[None, :, None] * np.linspace(1, 1 - depth / 2, height)[:, None, None]
    made = (paper * slope + rng.normal(0, 6 - strength, (height, width, 1))).clip(0, 255).astype(np.uint8)
    for _ in range(2 * (5 - strength)):
        at = (int(rng.integers(width)), int(rng.integers(height)))
        cv2.circle(made, at, int(rng.integers(1, 3)), (90, 90, 90), -1, cv2.LINE_AA)
    return Defaced(upload(made, rng), ())


def draw_black(pixels: Pixels, quads: Sequence[Quad], strength: int, rng: np.random.Generator) -> Defaced:
    """A lens cap, a closed lid: levels from 26 down to 2, with noise."""
    level = (26, 18, 12, 6, 2)[strength - 1]
    made = rng.normal(level, 3, (*pixels.shape[:2], 1)).clip(0, 255).astype(np.uint8)
    return Defaced(upload(np.ascontiguousarray(np.repeat(made, 3, 2)), rng), ())


DEFECTS: Mapping[str, Draw] = {
    "cut": draw_cut,
    "frame": draw_frame_cut,
    "corner_outside": draw_corner_outside,
    "small_in_photo": draw_small_in_photo,
    "finger": draw_finger,
    "object": draw_object,
    "glare": draw_glare,
    "blank": draw_blank,
    "black": draw_black,
}


def apply(kind: str, strength: int, pixels: Pixels, quads: Sequence[Quad], seed: int) -> Defaced:
    """Draw one defect on a page; the same arguments give the same pixels. ``quads``: its lines as detection found them.

    Raises:
        KeyError: no such kind.
        ValueError: ``strength`` is not 1..5.
        NoPlace: the page has no place for it.
    """
    if not 1 <= strength <= 5:
        raise ValueError(f"no such strength: {strength}")
    rng = np.random.default_rng([seed, zlib.crc32(kind.encode())])
    return DEFECTS[kind](pixels, quads, strength, rng)

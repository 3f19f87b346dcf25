"""What lies under a photographed page."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from redact.values import Pixels


def draw_desk(width: int, height: int, rng: np.random.Generator) -> Pixels:
    """Wood, cloth or a plain top: streaks of low-frequency noise over a colour."""
    colours = ((150, 110, 72), (96, 70, 48), (188, 172, 150), (70, 74, 82), (206, 206, 202), (120, 132, 128))
    colour = np.array(colours[int(rng.integers(len(colours)))], np.float32)
    shape, rough = (((12, 160), 12.0), ((160, 12), 12.0), ((240, 200), 5.0))[int(rng.integers(3))]
    streaks = cv2.resize(rng.normal(0, 1, shape).astype(np.float32), (width // 2, height // 2), interpolation=cv2.INTER_CUBIC)
    streaks = cv2.resize((streaks * rng.uniform(0.3, 1.2) * rough + 128).clip(0, 255).astype(np.uint8), (width, height))
    table = np.stack([np.clip(c + np.arange(256) - 128, 0, 255) for c in colour], -1).astype(np.uint8)
    return np.asarray(cv2.LUT(cv2.merge([streaks] * 3), table[None]), np.uint8)


def cast_shadow(desk: Pixels, outline: NDArray[np.int32], rng: np.random.Generator) -> None:
    """The page's own shadow on the desk, drawn in place."""
    small = np.zeros((desk.shape[0] // 8 + 1, desk.shape[1] // 8 + 1), np.uint8)
    shift = rng.integers(-1, 3, 2)
    cv2.fillConvexPoly(small, (outline // 8 + shift).astype(np.int32), 120)
    soft = cv2.resize(cv2.GaussianBlur(small, (0, 0), 2.0), (desk.shape[1], desk.shape[0]))
    desk[:] = cv2.subtract(desk, cv2.merge([(soft // 2).astype(np.uint8)] * 3))

"""Other looks at the same place, for where reading is hard: white on dark, faint ink, ink under a seal, red ink."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from redact.values import Pixels


def _grey(channel: Pixels) -> Pixels:
    return np.ascontiguousarray(np.repeat(channel[:, :, None], 3, axis=2))


def _plain(pixels: Pixels) -> Pixels:
    return pixels


def _inverted(pixels: Pixels) -> Pixels:
    return np.asarray(255 - pixels, dtype=np.uint8)


def _red(pixels: Pixels) -> Pixels:
    """Red ink vanishes: what stands under a seal is left."""
    return _grey(pixels[:, :, 0])


def _red_ink(pixels: Pixels) -> Pixels:
    """Red ink turns dark, black and white turn light: the seal itself."""
    p = pixels.astype(np.int16)
    redness = np.clip(p[:, :, 0] - np.minimum(p[:, :, 1], p[:, :, 2]), 0, 255)
    top = max(40, int(np.percentile(redness, 99)))
    return _grey(np.asarray(255 - np.clip(redness * 255 // top, 0, 255), dtype=np.uint8))


def _contrast(pixels: Pixels) -> Pixels:
    """Faint text lifted: grey, local contrast (CLAHE), after a light smoothing that keeps noise from being lifted too."""
    grey = cv2.cvtColor(cv2.GaussianBlur(pixels, (3, 3), 0), cv2.COLOR_RGB2GRAY)
    return _grey(np.asarray(cv2.createCLAHE(3.0, (4, 4)).apply(grey), dtype=np.uint8))


def _smooth(pixels: Pixels) -> Pixels:
    """Salt-and-pepper noise and JPEG ringing taken out."""
    return np.asarray(cv2.medianBlur(pixels, 3), dtype=np.uint8)


VARIANTS: dict[str, Callable[[Pixels], Pixels]] = {
    "plain": _plain,
    "inverted": _inverted,
    "red": _red,
    "red_ink": _red_ink,
    "contrast": _contrast,
    "smooth": _smooth,
}

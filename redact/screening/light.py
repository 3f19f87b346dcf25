"""The page in even light: what a reader could find if the picture were better exposed.

Text that detection does not see leaves no trace in a reading: on a page half in shadow the lit half reads perfectly. So where a
page's light or grain makes that likely, it is read once more with its local contrast evened out, and what comes out then is text
that was lost.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from redact.values import Pixels

# Short side that the page is evened at, as detection works at; larger pages are averaged down, which also takes grain away.
SHORT_SIDE_PX = 1152
SMOOTH_SIGMA_PX = 0.8
# Side of the window over which contrast is evened: a few characters.
WINDOW_PX = 61
# Local contrast below so many times that of the page's emptiest parts is paper with grain on it.
EMPTY_PERCENTILE, ABOVE_GRAIN = 10.0, 4.0
LEAST_LEVELS = 0.6
MIDDLE, SPREAD = 190.0, 45.0


def even_out(grey: NDArray[np.uint8]) -> tuple[Pixels, float]:
    """(h, w, 3) uint8 with local mean and contrast made the same everywhere, and its scale against the (H, W) page."""
    height, width = grey.shape
    scale = min(1.0, SHORT_SIDE_PX / max(1, min(height, width)))
    size = (max(8, round(width * scale)), max(8, round(height * scale)))
    small = cv2.resize(grey.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), SMOOTH_SIGMA_PX)
    mean = cv2.blur(small, (WINDOW_PX, WINDOW_PX))
    spread = np.sqrt(np.maximum(cv2.blur(small * small, (WINDOW_PX, WINDOW_PX)) - mean * mean, 0))
    floor = max(LEAST_LEVELS, ABOVE_GRAIN * float(np.percentile(spread[::8, ::8], EMPTY_PERCENTILE)))
    even = MIDDLE + (small - mean) / np.maximum(spread, floor) * SPREAD
    levels = np.asarray(even.clip(0, 255), np.uint8)
    return np.asarray(cv2.merge([levels] * 3), np.uint8), size[0] / width

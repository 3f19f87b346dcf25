"""Whether the places of a name are covered by what was found."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from legibility import TextPage

from redact.masking import fit_masks
from redact.values import Hit, Page

# An occurrence is covered where so much of its characters' area is masked, as in tests/bench/names.py.
COVERED = 0.9


def find_covered(page: TextPage, hits: Sequence[Hit]) -> int:
    """How many of the page's occurrences the masks of ``hits`` cover."""
    height, width = page.pixels.shape[:2]
    masked = np.zeros((height, width), np.uint8)
    for box in fit_masks(Page(0, page.pixels), hits):
        x0, y0, x1, y1 = box.pixels()
        masked[max(0, y0) : y1, max(0, x0) : x1] = 1
    covered = 0
    for occurrence in page.names:
        shape = np.zeros_like(masked)
        for quad in occurrence.quads:
            cv2.fillPoly(shape, [np.round(quad.array()).astype(np.int32)], 1)
        covered += int((shape & masked).sum()) >= COVERED * int(shape.sum())
    return covered

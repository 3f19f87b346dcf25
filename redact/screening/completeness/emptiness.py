"""Pages with nothing on them: no ink, or no light."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

from redact.screening.completeness.reduced import Reduced
from redact.values import Issue, Pixels, Severity

# Below this a pixel is black; a page of which more than this share is black shows nothing.
BLACK = 48
MOSTLY = 0.9
# Ink stands off the paper by this many levels.
INK = 28
# A page with less ink than this share of its paper is blank. Two characters on 1240 x 1300 pixels are 0.0006; dust and noise on
# 60 blank sheets come to 0.00011 at most.
INKED = 0.00015
# One even surface over this share of the picture is a sheet of paper; a photograph is not.
EVEN = 0.5
STEP = 5
# Light and shade change a paper's level, not its hue: between its channels no more than this share.
HUE_SHARE = 0.15


def find_emptiness(page: Reduced, page_index: int | None) -> Iterator[Issue]:
    """``too_dark`` (value: the share that is black) or ``blank`` (value: the share of the paper that is ink)."""
    if any(row.read for row in page.rows):
        return
    grey = cv2.cvtColor(page.rgb, cv2.COLOR_RGB2GRAY)
    if page.inverted:
        grey = cv2.bitwise_not(grey)
    dark = float((grey < BLACK).mean())
    if dark > MOSTLY:
        yield Issue("too_dark", Severity.REJECT, page_index, None, round(dark, 4), MOSTLY)
        return
    soft = cv2.GaussianBlur(page.ground, (0, 0), 1.0)
    mask = np.zeros((page.height + 2, page.width + 2), np.uint8)
    best = np.zeros((page.height, page.width), np.uint8)
    for x, y in ((0.5, 0.5), (0.3, 0.3), (0.7, 0.7), (0.3, 0.7), (0.7, 0.3)):
        mask[:] = 0
        seed = (int(x * page.width), int(y * page.height))
        cv2.floodFill(soft, mask, seed, 0, (STEP,) * 3, (STEP,) * 3, 4 | cv2.FLOODFILL_MASK_ONLY | (255 << 8))
        if cv2.countNonZero(mask[1:-1, 1:-1]) > cv2.countNonZero(best):
            best = mask[1:-1, 1:-1].copy()
    if (best > 0).mean() < EVEN:
        return
    if not _is_one_colour(np.asarray(soft[best > 0], np.uint8)):
        return
    contours, _ = cv2.findContours(best, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    sheet = np.zeros_like(best)
    cv2.drawContours(sheet, [max(contours, key=cv2.contourArea)], -1, 255, -1)
    within = cv2.erode(sheet, np.ones((9, 9), np.uint8), borderValue=0) > 0
    things = within & (best == 0)
    inked = float(((page.ink > INK) & within).sum() + things.sum()) / max(1.0, float(within.sum()))
    if inked < INKED:
        yield Issue("blank", Severity.REJECT, page_index, None, round(inked, 6), INKED)


def _is_one_colour(colours: Pixels) -> bool:
    """Whether (N, 3) colours are one paper in changing light."""
    levels = colours[:: max(1, len(colours) // 20000)].astype(np.float32) + 8
    low, high = np.percentile(levels[:, (0, 2)] / levels[:, 1:2], (3, 97), axis=0)
    return bool(((high - low) < HUE_SHARE).all())

"""Words that stand alone on an empty page.

The detection network judges a place by all of its picture: on a page that is empty but for a word or two it sees no text at
all, while it finds the same word cut out, or beside others (tests/bench/sparse.py has the numbers).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from redact.geometry import Box
from redact.values import Pixels

# A picture of which less than this share is text is sparse: four words of 14 px on an A4 page, of which all but one in 24 were
# found, are 0.1 %.
SPARSE = 0.01
# Ink differs from the paper around it by so many levels, or by so many deviations of the paper's grain.
INK_LEVELS, INK_SIGMAS = 24.0, 6.0
# Paper is what a median over so many pixels leaves, of a picture reduced by PAPER_SHRINK.
PAPER_PX, PAPER_SHRINK = 31, 4
# Strokes this near each other are one word.
JOIN_PX = 13
MIN_SIDE_PX = 6
# What is larger than this share of the picture in both directions is no word: a portrait, a table, a frame.
LARGE = 0.5
# A word that was found is marked over most of its place; one that is about to be missed has a few marks.
FOUND = 0.25
# Paper left around a word: this share of its shorter side, and at least MARGIN_PX.
MARGIN, MARGIN_PX = 1.0, 12
# The paper around a word is plain. Leaves and stones lie among others.
PLAIN_LEVELS = 12.0


def find_sparse_ink(pixels: Pixels, text: NDArray[np.bool_]) -> list[Box]:
    """Cuts, in whole pixels, around ink that stands alone on plain paper and is not ``text`` yet, where the picture is sparse.

    ``pixels``: (H, W, 3) uint8 RGB at detection's scale; ``text``: (H, W), what detection took for text. The cuts together are
    not larger than the picture, so that looking at them costs no more than one look more.
    """
    if text.mean() >= SPARSE:
        return []
    ink = _find_ink(np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), dtype=np.uint8))
    joined = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((JOIN_PX, JOIN_PX), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(joined)
    height, width = ink.shape
    cuts = []
    for x, y, w, h in (tuple(int(v) for v in stats[i, :4]) for i in range(1, count)):
        if min(w, h) < MIN_SIDE_PX or (w > LARGE * width and h > LARGE * height) or text[y : y + h, x : x + w].mean() > FOUND:
            continue
        word = Box(x, y, x + w, y + h)
        cut = word.grown(max(MARGIN_PX, round(MARGIN * min(w, h)))).clipped(width, height)
        if _is_plain_around(pixels, cut, word):
            cuts.append(cut)
    return _affordable(cuts, height * width)


def _find_ink(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(H, W) uint8 0/1: darker or lighter than the paper around."""
    height, width = grey.shape
    size = (max(1, width // PAPER_SHRINK), max(1, height // PAPER_SHRINK))
    small = cv2.medianBlur(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), PAPER_PX)
    paper = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
    away = cv2.absdiff(grey, paper)
    # The median of absolute differences is 0.67 deviations of normal grain.
    grain = float(np.median(away)) / 0.6745
    return np.asarray(away > max(INK_LEVELS, INK_SIGMAS * grain), dtype=np.uint8)


def _is_plain_around(pixels: Pixels, cut: Box, word: Box) -> bool:
    x0, y0, x1, y1 = cut.pixels()
    # Two pixels of the word's own blur.
    a, b, c, d = word.grown(2).clipped(pixels.shape[1], pixels.shape[0]).pixels()
    ring = np.ones((y1 - y0, x1 - x0), np.bool_)
    ring[b - y0 : d - y0, a - x0 : c - x0] = False
    around = pixels[y0:y1, x0:x1][ring]
    return around.size > 0 and float(around.std(0).max()) < PLAIN_LEVELS


def _affordable(cuts: list[Box], area: int) -> list[Box]:
    """As many as ``area`` pixels hold, the largest last: specks are many and small, words are few."""
    chosen, used = [], 0.0
    for cut in sorted(cuts, key=lambda box: box.area):
        used += cut.area
        if used > area:
            break
        chosen.append(cut)
    return chosen

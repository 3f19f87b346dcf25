"""The pages that screening must let pass can be drawn: each kind, again the same, and not always the same."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import pytest
from hard_pages import HARD_KINDS, NEED_LINES, draw_hard

from redact.geometry import Box, Quad
from redact.values import Pixels


def find_lines(pixels: Pixels) -> Sequence[Quad]:
    """Dark strokes near each other along a line: enough to keep clear of, without a model."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    ink = (cv2.morphologyEx(grey, cv2.MORPH_BLACKHAT, np.ones((9, 9), np.uint8)) > 40).astype(np.uint8)
    joined = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((1, 41), np.uint8))
    boxes = cv2.connectedComponentsWithStats(joined)[2][1:, :4].astype(int)
    return [Quad.from_box(Box(x, y, x + w, y + h).grown(4)) for x, y, w, h in boxes if 10 < h < 80 and w > 2 * h]


@pytest.mark.parametrize("kind", HARD_KINDS)
def test_a_kind_draws_the_same_page_for_a_seed_and_another_for_another(kind: str) -> None:
    page = draw_hard(kind, 2, find_lines)
    assert page.dtype == np.uint8 and page.ndim == 3 and page.shape[2] == 3 and min(page.shape[:2]) > 500
    assert np.array_equal(page, draw_hard(kind, 2, find_lines))
    assert not np.array_equal(page, draw_hard(kind, 4, find_lines))


@pytest.mark.parametrize("kind", NEED_LINES)
def test_a_kind_that_keeps_clear_of_text_says_that_it_must_know_where_text_is(kind: str) -> None:
    with pytest.raises(ValueError, match="find_lines"):
        draw_hard(kind, 0)


def test_a_one_bit_page_is_black_and_white_alone() -> None:
    assert set(np.unique(draw_hard("one_bit", 1))) == {0, 255}


def test_a_big_photo_has_twelve_megapixels() -> None:
    assert sorted(draw_hard("big_photo", 1).shape) == [3, 3000, 4000]


def test_light_grey_print_is_about_60_levels_below_its_paper() -> None:
    # Grain moves single pixels: the 0.1 % darkest lie a little below the ink.
    page = draw_hard("light_grey", 1)
    assert 50 < np.median(page) - np.percentile(page, 0.1) < 75

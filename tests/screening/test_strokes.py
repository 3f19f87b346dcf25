"""How clearly a line stands on its paper: every defect moves its own number, and always the same way."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from drawn_text import SENTENCES, Sheet
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from redact.geometry import Box, Quad
from redact.screening.strokes import REPEATS, Strokes, measure_strokes

Grey = NDArray[np.uint8]
FINER = settings(max_examples=25, deadline=None)


def draw(text: str = SENTENCES[0], em: int = 32, paper: str = "white", ink: str = "black") -> tuple[Grey, Quad]:
    sheet = Sheet(round((len(text) + 2) * em), 3 * em, paper, ink)
    sheet.write(text, em, em, em)
    page = sheet.page()
    # As detection draws it: a little paper all around.
    return cv2.cvtColor(page.pixels, cv2.COLOR_RGB2GRAY), Quad.from_box(page.lines[0].quad.box.grown(0.1 * em))


def measure(grey: Grey, quad: Quad) -> Strokes:
    strokes = measure_strokes(grey, quad)
    assert strokes is not None
    return strokes


def blurred(grey: Grey, sigma: float) -> Grey:
    return np.asarray(cv2.GaussianBlur(grey, (0, 0), sigma), np.uint8)


def smeared(grey: Grey, length: int, *, down: bool) -> Grey:
    return np.asarray(cv2.blur(grey, (1, length) if down else (length, 1)), np.uint8)


def test_clean_print_is_sharp_dark_and_free_of_grain() -> None:
    strokes = measure(*draw())
    assert strokes.sharpness > 0.2
    assert strokes.contrast > 150
    assert strokes.noise < 0.02
    assert strokes.paper > 250 > 80 > strokes.ink
    assert strokes.height_px == pytest.approx(32, rel=0.15)
    assert strokes.weight == pytest.approx(len(SENTENCES[0]), rel=0.2)


@FINER
@given(st.sampled_from(SENTENCES), st.sampled_from((20, 32, 48)), st.floats(0.4, 6), st.floats(1.25, 2))
def test_the_more_blur_the_less_sharp(text: str, em: int, sigma: float, factor: float) -> None:
    grey, quad = draw(text, em)
    before, after = measure(blurred(grey, sigma * em / 32), quad), measure(blurred(grey, sigma * factor * em / 32), quad)
    assert after.sharpness < before.sharpness + 1e-3


@FINER
@given(st.sampled_from(SENTENCES), st.booleans(), st.integers(3, 20), st.integers(3, 20))
def test_a_smear_in_one_direction_is_seen(text: str, down: bool, length: int, more: int) -> None:
    grey, quad = draw(text)
    sharp, before = measure(grey, quad), measure(smeared(grey, length, down=down), quad)
    after = measure(smeared(grey, length + more, down=down), quad)
    assert after.sharpness < before.sharpness + 5e-3
    assert after.sharpness < 0.75 * sharp.sharpness


@FINER
@given(st.sampled_from(SENTENCES), st.floats(0.05, 0.9), st.floats(0.3, 0.9))
def test_the_fainter_the_less_contrast_and_no_less_sharp(text: str, left: float, share: float) -> None:
    grey, quad = draw(text)

    def fade(factor: float) -> Strokes:
        return measure(np.asarray((255 - (255 - grey.astype(np.float32)) * factor).round(), np.uint8), quad)

    before, after = fade(left), fade(left * share)
    assert after.contrast < before.contrast
    assert after.sharpness > 0.6 * before.sharpness


@FINER
@given(st.sampled_from(SENTENCES), st.floats(3, 25), st.integers(0, 2**31))
def test_the_more_grain_the_more_noise(text: str, sigma: float, seed: int) -> None:
    grey, quad = draw(text, paper="#c8c8c8", ink="#464646")
    grain = np.random.default_rng(seed).standard_normal(grey.shape)

    def sprinkle(level: float) -> Strokes:
        return measure(np.asarray((grey + level * grain).clip(0, 255), np.uint8), quad)

    assert sprinkle(0).noise < sprinkle(sigma).noise < sprinkle(2 * sigma).noise


def test_gold_on_red_is_measured_as_black_on_white_is() -> None:
    dark, light = measure(*draw(paper="#7a1016", ink="#e8c66a")), measure(*draw())
    assert dark.paper < dark.ink
    assert dark.sharpness == pytest.approx(light.sharpness, rel=0.2)


def test_the_edge_of_a_shadow_across_a_line_is_no_stroke() -> None:
    grey, quad = draw(SENTENCES[0] + SENTENCES[1])
    width = grey.shape[1]
    light = 1 - 0.6 / (1 + np.exp(-(np.arange(width) - width / 2) / 60))
    shaded = measure(np.asarray(grey * light[None], np.uint8), quad)
    assert shaded.sharpness == pytest.approx(measure(grey, quad).sharpness, rel=0.2)
    assert shaded.noise < 0.05


def test_a_border_repeats_itself_and_text_does_not() -> None:
    tile = np.full((32, 24), 255, np.uint8)
    cv2.circle(tile, (12, 16), 9, 40, 3)
    border = np.tile(tile, (1, 30))
    assert measure(border, Quad.from_box(Box(0, 0, border.shape[1], 32))).repetition > REPEATS
    grey, quad = draw()
    assert measure(grey, quad).repetition < 0.7


def test_nothing_is_measured_off_the_page_or_on_a_speck() -> None:
    grey, quad = draw()
    assert measure_strokes(grey, Quad.from_box(Box(5, 5, 7, 40))) is None
    far = replace(quad, points=tuple((x + 5000, y + 5000) for x, y in quad.points))  # type: ignore[arg-type]
    strokes = measure_strokes(grey, far)
    assert strokes is None or strokes.contrast < 1

"""Words that stand alone on an empty page."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from drawn_text import face
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from redact import Redactor, Verdict
from redact.geometry import Box
from redact.ocr.reader import TextReader
from redact.ocr.sparse import find_sparse_ink
from redact.values import Pixels

SIZE = (1654, 2339)


def draw(*words: tuple[str, int, tuple[int, int]], paper: int = 255, ink: int = 20, grain: float = 0.0) -> Pixels:
    picture = Image.new("L", SIZE, paper)
    for text, em, at in words:
        ImageDraw.Draw(picture).text(at, text, font=face(em), fill=ink)
    noise = np.random.default_rng(0).normal(0, grain, (SIZE[1], SIZE[0]))
    grey = (np.asarray(picture, np.float32) + noise).clip(0, 255).astype(np.uint8)
    return np.ascontiguousarray(np.repeat(grey[..., None], 3, 2))


def nothing(pixels: Pixels) -> NDArray[np.bool_]:
    return np.zeros(pixels.shape[:2], np.bool_)


@pytest.mark.parametrize(("paper", "ink", "grain"), [(255, 20, 0), (235, 60, 3), (200, 40, 8), (30, 220, 0)])
def test_a_word_alone_is_cut_out_whole(paper: int, ink: int, grain: float) -> None:
    pixels = draw(("张三", 36, (700, 1200)), paper=paper, ink=ink, grain=grain)
    (found,) = find_sparse_ink(pixels, nothing(pixels))
    cut = found.pixels()
    assert cut[0] < 700 and cut[1] < 1208 and cut[2] > 770 and cut[3] > 1236
    assert cut[2] - cut[0] < 250 and cut[3] - cut[1] < 200


def test_a_word_that_detection_marked_is_not_looked_at_again() -> None:
    pixels = draw(("张三", 36, (700, 1200)))
    text = nothing(pixels)
    text[1200:1240, 695:775] = True
    assert find_sparse_ink(pixels, text) == []


def test_a_page_with_text_is_left_alone() -> None:
    pixels = draw(("张三", 36, (700, 1200)))
    text = nothing(pixels)
    text[100:400] = True
    assert find_sparse_ink(pixels, text) == []


def test_an_empty_page_and_its_grain_have_no_words() -> None:
    for grain in (0, 3, 12, 40):
        pixels = draw(paper=200, grain=grain)
        assert find_sparse_ink(pixels, nothing(pixels)) == []


def test_a_photograph_has_no_words() -> None:
    rng = np.random.default_rng(0)
    coarse = rng.uniform(0, 255, (60, 80, 3)).astype(np.float32)
    photo = cv2.resize(coarse, (1600, 1200), interpolation=cv2.INTER_CUBIC) + rng.normal(0, 6, (1200, 1600, 1))
    pixels = photo.clip(0, 255).astype(np.uint8)
    assert find_sparse_ink(pixels, nothing(pixels)) == []


def test_specks_without_number_cost_no_more_than_another_look_and_leave_the_word() -> None:
    pixels = draw(("张三", 20, (700, 1200)))
    rng = np.random.default_rng(0)
    for x, y in zip(rng.integers(0, SIZE[0], 3000), rng.integers(0, SIZE[1], 3000), strict=True):
        cv2.circle(pixels, (int(x), int(y)), 4, (0, 0, 0), -1)
    cuts = find_sparse_ink(pixels, nothing(pixels))
    assert sum((x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in (cut.pixels() for cut in cuts)) <= pixels.shape[0] * pixels.shape[1]


@pytest.mark.parametrize(("em", "grain"), [(18, 0), (26, 3), (40, 0)])
def test_a_name_alone_on_the_page_is_masked(reader: TextReader, em: int, grain: float) -> None:
    """The whole way: without the cuts the network sees none of these, and the page would be called empty."""
    pixels = draw(("王小明", em, (620, 1500)), paper=245, grain=grain)
    done, coded = cv2.imencode(".png", pixels)
    assert done
    report = Redactor(reader=reader).redact(coded.tobytes(), name="王小明").report
    assert report.mask_required is Verdict.REQUIRED
    name = Box(620, 1500 + 0.15 * em, 620 + 3 * em, 1500 + 1.1 * em)
    assert sum(mask.intersection_area(name) for mask in report.pages[0].masks) > 0.95 * name.area

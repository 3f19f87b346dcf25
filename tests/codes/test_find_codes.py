"""Codes on a page: found whichever way they lie and whatever happened to them, and not where there are none."""

from __future__ import annotations

from random import Random

import cv2
import numpy as np
import pytest
from drawn_codes import CONDITIONS, KINDS, draw_code, place_code, recoloured, turned
from pages import case

from redact.codes import find_codes
from redact.codes.bars import extend_bars
from redact.codes.texture import count_finders, cut_out, find_dense_places
from redact.geometry import Box, Quad
from redact.values import Pixels

_SUFFERED = ("module 2-3 px", "aslant", "JPEG 15-30", "noise 25-45", "low contrast", "coloured", "phone photo")
CONTENT = {"Code128": "ZS20260731", "Code39": "ZS20260731", "EAN13": "978730000001", "MicroQRCode": "20260731"}


def paper(width: int = 1000, height: int = 1000) -> Pixels:
    return np.full((height, width, 3), 245, np.uint8)


def page_with(kind: str, module_px: float = 4.0) -> tuple[Pixels, Box, str]:
    content = CONTENT.get(kind, "https://www.example.org/cx/3f0a9c")
    page, code = paper(), draw_code(content, kind, module_px=module_px)
    return page, place_code(page, code, (1000 - code.shape[1]) // 2, 300), content


@pytest.mark.parametrize("kind", KINDS)
def test_a_code_of_each_kind_is_decoded_and_its_place_holds_all_of_it(kind: str) -> None:
    page, box, content = page_with(kind, 3.0)
    (code,) = find_codes(page)
    assert code.text.startswith(content)
    dark = np.argwhere(page.min(axis=2) < 128)
    ink = Box(float(dark[:, 1].min()), float(dark[:, 0].min()), float(dark[:, 1].max()), float(dark[:, 0].max()))
    assert code.quad.box.grown(6).intersection_area(ink) >= 0.999 * ink.area
    assert code.quad.box.intersection_area(box) >= 0.97 * code.quad.box.area, "and hardly more"


@pytest.mark.parametrize("angle_deg", [17, 45, 90, 133, 180, 270])
@pytest.mark.parametrize("kind", ["QRCode", "DataMatrix", "Code128"])
def test_a_turned_code_is_decoded(kind: str, angle_deg: int) -> None:
    page, box, content = page_with(kind, 3.0)
    page, _ = turned(page, box, angle_deg)
    assert [c.text for c in find_codes(page)] == [content]


@pytest.mark.parametrize("name", _SUFFERED)
def test_a_qr_code_that_suffered_is_decoded(name: str) -> None:
    condition = next(c for c in CONDITIONS if c.name == name)
    rng = Random(name)
    page, box, content = page_with("QRCode", rng.uniform(*condition.module_px))
    page, _ = condition.apply(page, box, rng)
    assert [c.text for c in find_codes(page)] == [content]


def test_white_bars_on_dark_are_read_on_the_closer_look() -> None:
    page, box, content = page_with("Code128", 3.0)
    assert content in [c.text for c in find_codes(recoloured(page, box, (255, 255, 255), (20, 30, 80)))]


def spoiled_qr() -> tuple[Pixels, Box]:
    """Three finder patterns, and between them modules that are no code."""
    page, box, _ = page_with("QRCode", 6.0)
    x0, y0, x1, y1 = (round(v) for v in (box.x0, box.y0, box.x1, box.y1))
    side, quiet, finder = x1 - x0, 24, 54
    noise = np.random.default_rng(3).integers(0, 2, (60, 60), np.uint8) * 255
    fill = cv2.resize(noise, (side, side), interpolation=cv2.INTER_NEAREST)[..., None].repeat(3, axis=2)
    keep = np.zeros((side, side), bool)
    keep[:quiet] = keep[-quiet:] = keep[:, :quiet] = keep[:, -quiet:] = True
    for top, left in ((quiet, quiet), (quiet, side - quiet - finder), (side - quiet - finder, quiet)):
        keep[top : top + finder, left : left + finder] = True
    part = page[y0:y1, x0:x1]
    part[~keep] = fill[~keep]
    return page, box


def test_a_qr_code_that_cannot_be_decoded_is_found_all_the_same() -> None:
    page, box = spoiled_qr()
    (code,) = find_codes(page)
    assert code.content is None and code.kind == "matrix"
    assert code.quad.box.intersection_area(box) > 0.6 * box.area


def test_a_bar_code_with_a_torn_middle_is_found_all_the_same() -> None:
    page, box, _ = page_with("Code128", 4.0)
    x = round(box.x0 + 0.4 * box.width)
    page[round(box.y0) : round(box.y1), x : x + 50] = 245
    codes = find_codes(page)
    assert codes and all(c.content is None and c.kind == "bars" for c in codes)


def test_finder_patterns_are_counted_whichever_way_the_code_lies() -> None:
    page, box, _ = page_with("QRCode", 5.0)
    for angle_deg in (0, 30, 200):
        grey = cv2.cvtColor(turned(page, box, angle_deg)[0], cv2.COLOR_RGB2GRAY)
        place = max(find_dense_places(grey), key=lambda quad: quad.box.area)
        assert count_finders(cut_out(grey, place, margin=0.08)[0]) == 3


@pytest.mark.parametrize("angle_deg", [0, 8])
def test_bars_are_followed_to_their_ends_from_any_one_line_across_them(angle_deg: int) -> None:
    page, box, _ = page_with("Code128", 3.0)
    x, y = box.centre
    middle = Box(box.x0 + 30, y - 2, box.x1 - 30, y + 2)
    page, _ = turned(page, box, angle_deg)
    line = cv2.transform(Quad.from_box(middle).array()[None], cv2.getRotationMatrix2D((x, y), angle_deg, 1.0))[0]
    found = extend_bars(np.asarray(cv2.cvtColor(page, cv2.COLOR_RGB2GRAY), np.uint8), Quad.from_array(line))
    assert 0.95 * box.height < found.thickness < 1.1 * box.height


def test_two_codes_on_a_page_are_two() -> None:
    page = paper()
    for y, content in ((100, "first of two"), (600, "second of two")):
        place_code(page, draw_code(content), 300, y)
    assert sorted(c.text for c in find_codes(page)) == ["first of two", "second of two"]


@pytest.mark.parametrize("module_px", [4.0, 9.0])
def test_on_a_large_scan_small_and_large_codes_are_decoded_in_their_place(module_px: float) -> None:
    page = paper(3300, 4600)
    box = place_code(page, draw_code("https://www.example.org/cx/3f0a9c", module_px=module_px), 2000, 3000)
    (code,) = find_codes(page)
    assert code.text == "https://www.example.org/cx/3f0a9c"
    assert code.quad.box.intersection_area(box) >= 0.97 * code.quad.box.area > 0.5 * box.area


@pytest.mark.parametrize("index", [0, 3, 6, 10])
def test_no_code_is_seen_on_a_drawn_document_without_one(index: int) -> None:
    assert find_codes(case(index, seed=41).sample.pixels) == ()


@pytest.mark.parametrize("pixels", [np.zeros((1, 1, 3), np.uint8), np.full((3, 4000, 3), 9, np.uint8), paper()])
def test_a_page_with_nothing_on_it_has_no_codes(pixels: Pixels) -> None:
    assert find_codes(pixels) == ()


def test_what_a_code_holds_stays_out_of_its_repr() -> None:
    page, _, content = page_with("QRCode")
    assert content not in repr(find_codes(page)) and "example" not in repr(find_codes(page))


def test_a_page_as_thin_as_a_thread_has_no_codes() -> None:
    # Shrunk to its working length it is less than half a pixel high.
    assert find_codes(paper(66_000, 40)) == ()

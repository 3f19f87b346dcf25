"""Turned, tilted, mirrored."""

from __future__ import annotations

import numpy as np
import pytest
from drawn_text import SENTENCES, DrawnPage, Sheet, paragraph

from redact.geometry import ROTATIONS, Quad, Rotation
from redact.lines import Reading
from redact.ocr.ppocr import PpOcrReader
from redact.screening import load_clarity_thresholds, screen_page
from redact.screening.orientation import find_orientation_issues, flip_quad
from redact.values import Page, PageScreening, Pixels, Severity

LIMITS = load_clarity_thresholds()


def page() -> DrawnPage:
    sheet = Sheet(900, 640)
    paragraph(sheet, SENTENCES[:8], 100, 100, 26)
    return sheet.page()


def screen(pixels: Pixels, reader: PpOcrReader) -> PageScreening:
    return screen_page(Page(0, pixels), reader.read(pixels, charset=frozenset()), reader, LIMITS)


def codes(screening: PageScreening) -> dict[str, Severity]:
    return {issue.code: issue.severity for issue in screening.issues}


@pytest.mark.parametrize("rotation", ROTATIONS)
def test_a_turned_page_is_told_with_confidence(rotation: Rotation, reader: PpOcrReader) -> None:
    found = screen(page().turned(rotation).pixels, reader)
    assert found.rotation == rotation
    assert found.rotation_confidence > 0.9
    assert ("rotated" in codes(found)) == (rotation != 0)


@pytest.mark.parametrize("tilt", [-14.0, -6.0, -0.4, 0.4, 6.0, 14.0])
def test_tilt_is_told_in_degrees(tilt: float, reader: PpOcrReader) -> None:
    found = screen(page().tilted(tilt).pixels, reader)
    assert found.skew_deg == pytest.approx(tilt, abs=0.5)
    wanted = None if abs(tilt) < 1 else Severity.REJECT if abs(tilt) > 10 else Severity.WARN
    assert codes(found).get("skewed") == wanted
    assert "rotated" not in codes(found)


@pytest.mark.parametrize("rotation", ROTATIONS)
def test_a_mirrored_page_is_told_and_where_it_is_up(rotation: Rotation, reader: PpOcrReader) -> None:
    turned = page().turned(rotation).pixels
    found = screen(np.ascontiguousarray(turned[:, ::-1]), reader)
    assert found.mirrored
    assert codes(found)["mirrored"] is Severity.REJECT
    assert found.rotation == rotation
    assert "blurred" not in codes(found)


def test_pages_the_right_way_round_are_not_mirrored(reader: PpOcrReader) -> None:
    assert not screen(page().pixels, reader).mirrored


def test_a_turn_that_the_lines_do_not_agree_on_is_not_reported() -> None:
    unsure = Reading(100, 100, (), rotation=180, rotation_sure=False)
    assert find_orientation_issues(unsure, mirrored=False, page_index=0) == ()
    sure = Reading(100, 100, (), rotation=180)
    assert [i.code for i in find_orientation_issues(sure, mirrored=False, page_index=0)] == ["rotated"]


def test_upright_columns_are_upright(reader: PpOcrReader) -> None:
    sheet = Sheet(500, 700)
    for i, text in enumerate(SENTENCES[:5]):
        sheet.write_down(text[:16], 400 - 80 * i, 60, 32)
    assert codes(screen(sheet.page().pixels, reader)) == {}


def test_a_line_flipped_twice_is_where_it_was() -> None:
    quad = Quad(((10, 20), (110, 25), (109, 55), (9, 50)))
    assert flip_quad(flip_quad(quad, 300), 300) == quad
    assert flip_quad(quad, 300).points[0] == (190, 25)

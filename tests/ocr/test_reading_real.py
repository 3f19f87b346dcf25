"""What the reader that ships makes of whole pages: every line read, the page's turn and tilt known."""

from __future__ import annotations

import numpy as np
import pytest
from drawn_text import SENTENCES, DrawnPage, Sheet, error_rates, paragraph

from redact.geometry import ROTATIONS, Quad, Rotation
from redact.lines import Reading
from redact.ocr.ppocr import PpOcrReader

CHARSET = frozenset("张伟")
WORST_LINE = 0.05


def check(page: DrawnPage, reading: Reading, rotation: Rotation) -> None:
    height, width = page.pixels.shape[:2]
    assert (reading.width, reading.height) == (width, height)
    rates = error_rates(page, reading)
    assert max(rates) <= WORST_LINE, [f"line {i}: {rate:.2f}" for i, rate in enumerate(rates) if rate > WORST_LINE]
    assert reading.rotation == rotation
    assert reading.rotation_sure


@pytest.fixture(scope="module")
def letter() -> DrawnPage:
    """Six lines at 16 pt on A4 at 150 dpi."""
    sheet = Sheet(1240, 1754)
    paragraph(sheet, SENTENCES[:6], 120, 200, 36, leading=2.5)
    return sheet.page()


@pytest.fixture(scope="module")
def column_page() -> DrawnPage:
    """Columns from right to left, characters upright, as in an old book or on an honour certificate."""
    sheet = Sheet(1240, 1240)
    for i, text in enumerate(SENTENCES[:5]):
        sheet.write_down(text, 1050 - i * 110, 120, 40)
    return sheet.page()


def test_an_a4_page_at_300_dpi_is_read_down_to_its_8_pt_footnotes(reader: PpOcrReader) -> None:
    sheet = Sheet(2480, 3508)
    below = paragraph(sheet, SENTENCES[:5], 300, 300, 50)
    sheet.rule(300, below + 1400, 1000, below + 1400)
    paragraph(sheet, SENTENCES[5:], 300, below + 1440, 33)  # 8 pt
    page = sheet.page()
    check(page, reader.read(page.pixels, charset=CHARSET), 0)


def test_small_print_on_most_of_a_page_is_read(reader: PpOcrReader) -> None:
    """At the usual scale such text would be 10 pixels high: the page is detected again at a finer one."""
    sheet = Sheet(2480, 3508)
    paragraph(sheet, SENTENCES[:8], 200, 200, 22)
    page = sheet.page()
    check(page, reader.read(page.pixels, charset=CHARSET), 0)


def test_a_photo_of_4000_pixels_with_a_shadow_and_noise_is_read(reader: PpOcrReader) -> None:
    sheet = Sheet(4000, 3000, paper="#e9e4d8", ink="#30302c")
    paragraph(sheet, SENTENCES[:7], 300, 300, 100, leading=3.2)
    page = sheet.page().tilted(1.5)
    shade = 1 - 0.35 * np.arange(4000) / 4000
    noise = np.random.default_rng(0).normal(0, 6, (3000, 4000, 1))
    photo = np.clip(page.pixels * shade[None, :, None] + noise, 0, 255).astype(np.uint8)
    check(page, reader.read(photo, charset=CHARSET), 0)


def test_a_long_screenshot_is_read_from_its_top_to_its_end(reader: PpOcrReader) -> None:
    sheet = Sheet(1080, 10_000)
    for i in range(11):
        sheet.write(SENTENCES[i % len(SENTENCES)], 40, 60 + i * 980, 40)
    page = sheet.page()
    check(page, reader.read(page.pixels, charset=CHARSET), 0)


@pytest.mark.parametrize("rotation", ROTATIONS)
def test_a_page_is_read_however_it_is_turned(letter: DrawnPage, rotation: Rotation, reader: PpOcrReader) -> None:
    page = letter.turned(rotation)
    check(page, reader.read(page.pixels, charset=CHARSET), rotation)


@pytest.mark.parametrize("tilt", [-10.0, -3.0, 6.0, 10.0])
def test_a_tilted_page_is_read_and_its_tilt_is_measured(letter: DrawnPage, tilt: float, reader: PpOcrReader) -> None:
    page = letter.tilted(tilt)
    reading = reader.read(page.pixels, charset=CHARSET)
    check(page, reading, 0)
    assert reading.skew_deg == pytest.approx(tilt, abs=0.3)


@pytest.mark.parametrize("rotation", ROTATIONS)
def test_upright_columns_are_read_and_do_not_pass_for_a_turned_page(
    column_page: DrawnPage, rotation: Rotation, reader: PpOcrReader
) -> None:
    page = column_page.turned(rotation)
    check(page, reader.read(page.pixels, charset=CHARSET), rotation)


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_an_upright_line_on_a_turned_page_is_read_too(rotation: Rotation, reader: PpOcrReader) -> None:
    """The scanner's own footer on a page that was laid on it sideways."""
    sheet = Sheet(1754, 1240)
    paragraph(sheet, SENTENCES[:5], 150, 150, 36, leading=3)
    turned = sheet.page().turned(rotation)
    height, width = turned.pixels.shape[:2]
    footer = Sheet(width, height)
    footer.write(SENTENCES[10], 80, height - 80, 34)
    page = footer.page().over(turned)
    check(page, reader.read(page.pixels, charset=CHARSET), rotation)


def test_white_text_on_dark_ground_is_read(reader: PpOcrReader) -> None:
    sheet = Sheet(1240, 1754, paper="#102040", ink="white")
    paragraph(sheet, SENTENCES[:6], 120, 200, 36, leading=2.5)
    page = sheet.page()
    check(page, reader.read(page.pixels, charset=CHARSET), 0)


def test_a_blank_page_has_no_lines_and_its_turn_is_not_known(reader: PpOcrReader) -> None:
    reading = reader.read(np.full((1754, 1240, 3), 255, np.uint8), charset=CHARSET)
    assert reading.lines == ()
    assert not reading.rotation_sure


def test_a_tiny_picture_is_no_error(reader: PpOcrReader) -> None:
    for height, width in ((1, 1), (3, 500), (500, 3)):
        reading = reader.read(np.full((height, width, 3), 255, np.uint8), charset=CHARSET)
        assert (reading.width, reading.height) == (width, height)


def test_a_place_is_read_without_detection_in_the_direction_that_is_asked_for(letter: DrawnPage, reader: PpOcrReader) -> None:
    line = letter.lines[2]
    a, b, c, d = line.quad.points
    forwards, backwards = reader.read_places(letter.pixels, [line.quad, Quad((c, d, a, b))], charset=CHARSET)
    assert forwards.lattice is not None and forwards.lattice.text == line.text
    assert forwards.quad == line.quad
    assert backwards.confidence < 0.8
    assert backwards.lattice is None or backwards.lattice.text != line.text


def test_a_place_without_text_comes_back_as_not_read(letter: DrawnPage, reader: PpOcrReader) -> None:
    empty = Quad(((100, 1500), (400, 1500), (400, 1540), (100, 1540)))
    (line,) = reader.read_places(letter.pixels, [empty], charset=CHARSET)
    assert line.lattice is None
    assert line.confidence == 0


@pytest.mark.parametrize(
    ("paper", "ink", "variant"), [("black", "white", "inverted"), ("white", "red", "red_ink"), ("#e8e8e8", "#cccccc", "contrast")]
)
def test_another_light_brings_out_what_is_hard_to_read(paper: str, ink: str, variant: str, reader: PpOcrReader) -> None:
    sheet = Sheet(700, 100, paper=paper, ink=ink)
    sheet.write(SENTENCES[7], 20, 20, 32)
    page = sheet.page()
    (line,) = reader.read_places(page.pixels, [page.lines[0].quad], charset=CHARSET, variant=variant)
    assert line.variant == variant
    assert line.lattice is not None and line.lattice.text == SENTENCES[7]


def test_frames_lie_over_their_characters(letter: DrawnPage, reader: PpOcrReader) -> None:
    """The place of a name is cut out of its line by frames alone."""
    line = letter.lines[0]
    (read,) = reader.read_places(letter.pixels, [line.quad], charset=CHARSET)
    assert read.lattice is not None and read.lattice.text == line.text
    for i, glyph in enumerate(read.lattice.glyphs):
        centre = read.lattice.position((glyph.start + glyph.end) / 2) * len(line.text)
        assert centre == pytest.approx(i + 0.5, abs=0.35)

"""Name seals: found among all that is red or framed, and laid out so that one of the strips reads as the name."""

# mypy: allow-untyped-calls

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from drawn_text import SENTENCES, face
from PIL import Image, ImageDraw

from redact.geometry import ROTATIONS, Box, Quad, Rotation, turn_points
from redact.ocr.ppocr import PpOcrReader
from redact.ocr.seals import find_name_seals, lay_out
from redact.search import Query, search_page
from redact.values import Page, Pixels, Verdict

LINE_HEIGHT = 40.0
RED = (200, 30, 40)
SIZE = 120
AT = Box(600, 400, 600 + SIZE, 400 + SIZE)
WIDTH, HEIGHT = 1000, 800

# Where each character of a name stands in its seal, as (column, row) of so many: from the right to the left, from above.
GRIDS: dict[str, tuple[tuple[int, int], list[tuple[int, int]]]] = {
    "columns of two": ((2, 2), [(1, 0), (1, 1), (0, 0), (0, 1)]),
    "rows of two": ((2, 2), [(0, 0), (1, 0), (0, 1), (1, 1)]),
    "side by side, from the right": ((2, 1), [(1, 0), (0, 0)]),
}


def draw_seal(name: str, layout: str, *, filled: bool = False, box: Box = AT, colour: tuple[int, int, int] = RED) -> Pixels:
    """``filled``: white characters on red; otherwise red ones in a frame."""
    image = Image.new("RGB", (WIDTH, HEIGHT), "white")
    pen = ImageDraw.Draw(image)
    pen.rectangle((box.x0, box.y0, box.x1, box.y1), outline=colour, width=5, fill=colour if filled else None)
    (columns, rows), places = GRIDS[layout]
    inner = box.grown(-9)
    w, h = inner.width / columns, inner.height / rows
    for char, (column, row) in zip(name, places, strict=True):
        font = face(round(min(w, h) * 0.95))
        cell = Image.new("L", (round(min(w, h)), round(min(w, h))), 0)
        ImageDraw.Draw(cell).text((0, -0.12 * min(w, h)), char, font=font, fill=255)
        stretched = cell.resize((round(w), round(h)), Image.Resampling.BICUBIC)
        ink = Image.new("RGB", stretched.size, "white" if filled else colour)
        image.paste(ink, (round(inner.x0 + column * w), round(inner.y0 + row * h)), stretched)
    return np.array(image)


def draw(paint: Callable[[ImageDraw.ImageDraw], object]) -> Pixels:
    image = Image.new("RGB", (WIDTH, HEIGHT), "white")
    paint(ImageDraw.Draw(image))
    return np.array(image)


def write_lines(pen: ImageDraw.ImageDraw, count: int = 6) -> None:
    for i, text in enumerate(SENTENCES[:count]):
        pen.text((80, 80 + 60 * i), text, font=face(34), fill="black")


def draw_table(pen: ImageDraw.ImageDraw) -> None:
    for i in range(1, 6):
        pen.rectangle((100 * i, 100, 100 * i + 100, 200), outline="black", width=3)


def read_layouts(pixels: Pixels, seal: Box, rotation: Rotation, reader: PpOcrReader) -> list[str]:
    texts = []
    for strip in lay_out(pixels, seal, rotation):
        assert strip.dtype == np.uint8 and strip.shape[0] == 48 and strip.shape[2] == 3
        whole = Quad.from_box(Box(0, 0, strip.shape[1], strip.shape[0]))
        (line,) = reader.read_places(strip, [whole], charset=frozenset())
        texts.append(line.lattice.text if line.lattice else "")
    return texts


def test_a_longer_name_on_a_seal_is_somebody_else(reader: PpOcrReader) -> None:
    """An order of three cells has the right column's two characters and the left column squeezed into one."""
    query = Query.make("薛波")
    assert search_page(Page(0, draw_seal("薛波洪印", "columns of two")), query, reader).decision.verdict is Verdict.NOT_REQUIRED
    own = search_page(Page(0, draw_seal("薛波之印", "columns of two")), query, reader).decision
    assert own.verdict is Verdict.REQUIRED and own.hits


# --- finding ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("filled", [False, True], ids=["framed", "filled"])
@pytest.mark.parametrize("size", [60, 120, 200])
def test_a_square_seal_is_found_where_it_stands(size: int, filled: bool) -> None:
    box = Box(500, 300, 500 + size, 300 + size)
    (found,) = find_name_seals(draw_seal("欧阳小鹏", "columns of two", filled=filled, box=box), LINE_HEIGHT)
    assert found.intersection_area(box) > 0.9 * box.area
    assert found.area < 1.2 * box.area


def test_a_faint_seal_is_found() -> None:
    pale = draw_seal("欧阳小鹏", "columns of two", colour=(255, 225, 228))
    assert len(find_name_seals(pale, LINE_HEIGHT)) == 1


def test_a_framed_seal_is_found_in_a_grey_scan() -> None:
    colour = draw_seal("欧阳小鹏", "columns of two")
    grey = np.ascontiguousarray(np.repeat(np.asarray(Image.fromarray(colour).convert("L"))[:, :, None], 3, axis=2))
    (found,) = find_name_seals(grey, LINE_HEIGHT)
    assert found.intersection_area(AT) > 0.9 * AT.area


def test_two_seals_are_two() -> None:
    other = Box(200, 200, 300, 300)
    both = np.minimum(draw_seal("欧阳小鹏", "columns of two"), draw_seal("司马相如", "columns of two", box=other))
    assert len(find_name_seals(both, LINE_HEIGHT)) == 2


NO_SEALS: dict[str, Callable[[ImageDraw.ImageDraw], object]] = {
    "a company's round seal": lambda pen: pen.ellipse((300, 200, 500, 400), outline=RED, width=8),
    "a red disc": lambda pen: pen.ellipse((300, 200, 400, 300), fill=RED),
    "a red heading": lambda pen: pen.text((100, 100), "职称评审委员会文件", font=face(60), fill=RED),
    "a red rule": lambda pen: pen.line((100, 200, 900, 200), fill=RED, width=6),
    "a red cover": lambda pen: pen.rectangle((50, 50, 950, 750), fill=RED),
    "a red dot": lambda pen: pen.rectangle((300, 300, 310, 310), fill=RED),
    "a table": draw_table,
    "a blank page": lambda pen: None,
    "text": write_lines,
}


@pytest.mark.parametrize("what", NO_SEALS)
def test_what_is_no_name_seal_is_not_taken_for_one(what: str) -> None:
    assert find_name_seals(draw(NO_SEALS[what]), LINE_HEIGHT) == []


# --- laying out ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("filled", [False, True], ids=["framed", "filled"])
@pytest.mark.parametrize(
    ("name", "layout"),
    [("欧阳小鹏", "columns of two"), ("司马相如", "rows of two"), ("王伟", "side by side, from the right")],
)
def test_one_of_the_strips_reads_as_the_name(name: str, layout: str, filled: bool, reader: PpOcrReader) -> None:
    assert name in read_layouts(draw_seal(name, layout, filled=filled), AT, 0, reader)


@pytest.mark.parametrize("rotation", ROTATIONS)
def test_a_seal_on_a_turned_page_is_laid_out_upright(rotation: Rotation, reader: PpOcrReader) -> None:
    pixels = np.ascontiguousarray(np.rot90(draw_seal("欧阳小鹏", "columns of two"), -(rotation // 90)))
    corners = turn_points(Quad.from_box(AT).array(), rotation, WIDTH, HEIGHT)
    (found,) = find_name_seals(pixels, LINE_HEIGHT)
    assert found.intersection_area(Box.around(corners)) > 0.9 * AT.area
    assert "欧阳小鹏" in read_layouts(pixels, found, rotation, reader)


# --- on a page ----------------------------------------------------------------------------------------------------------


def page_with_seal(name: str) -> Page:
    pixels = draw_seal(name, "columns of two")
    text = draw(lambda pen: write_lines(pen, 4))
    return Page(0, np.minimum(pixels, text))


def test_the_applicants_seal_is_a_hit_of_its_own(reader: PpOcrReader) -> None:
    decision = search_page(page_with_seal("欧阳小鹏"), Query.make("欧阳小鹏"), reader).decision
    assert decision.verdict is Verdict.REQUIRED
    (hit,) = decision.hits
    assert hit.rule == "seal" and hit.sure
    assert sum(box.intersection_area(AT) for box in hit.boxes) > 0.9 * AT.area


def test_another_persons_seal_is_not_the_applicants(reader: PpOcrReader) -> None:
    decision = search_page(page_with_seal("欧阳小鹏"), Query.make("司马相如"), reader).decision
    assert not [h for h in decision.hits if h.sure]


@pytest.mark.parametrize(("width", "height"), [(2, 2), (1, 40), (40, 2), (0, 9)])
def test_a_seal_too_small_for_its_cells_is_not_laid_out(width: int, height: int) -> None:
    # Lines of a few pixels make the size of a seal that is looked for as small.
    assert list(lay_out(draw(lambda pen: None), Box(10, 10, 10 + width, 10 + height), 0)) == []

"""Which way a page is turned, from which way its lines read and whether their characters stand or lie."""

from __future__ import annotations

import numpy as np
import pytest
from fake_reading import make_lattice

from redact.geometry import ROTATIONS, Box, Quad, Rotation, turn_points
from redact.lines import Lattice
from redact.ocr.detection import Region
from redact.ocr.orientation import Orientation, axis_of, find_orientation, read_towards
from redact.values import Pixels

PAGE = 1000.0
# Grey levels that stand for what a strip shows: above the middle, and below it; turning a strip's cells tells by the latter.
LYING, STANDING, UPSIDE_DOWN = 50, 100, 150
LOWER = 255


def region(box: Box, score: float = 0.9) -> Region:
    return Region(Quad.from_box(box), score)


def turned(regions: list[Region], rotation: Rotation) -> list[Region]:
    boxes = [Box.around(turn_points(r.quad.array(), rotation, PAGE, PAGE)) for r in regions]
    return [Region(Quad.from_box(b), r.score) for b, r in zip(boxes, regions, strict=True)]


class Paper:
    """Lines of ``text`` on a page that is turned by ``rotation``; ``vertical``: columns of upright characters.

    ``cut`` gives a picture of what the text looks like in that direction, ``read`` reads such a picture.
    """

    def __init__(self, rotation: Rotation, *, vertical: bool = False, text: str = "继续教育合格证书", sure: float = 0.95) -> None:
        self._rotation = rotation
        self._vertical = vertical
        self._text = text
        self._sure = sure

    def cut(self, quad: Quad) -> Pixels:
        direction = round(quad.direction_deg) % 360
        own = (self._rotation + (90 if self._vertical else 0)) % 360
        shows = (LYING if self._vertical else STANDING) if direction == own else UPSIDE_DOWN
        strip = np.full((48, 400, 3), shows, np.uint8)
        strip[24:] = LOWER
        return strip

    def read(self, strip: Pixels) -> Lattice | None:
        first = int(strip[0, 0, 0])
        cells_were_turned = first == LOWER
        shows = int(strip[0, -1, 0])
        if shows == UPSIDE_DOWN:
            return make_lattice("日二人", "", probability=0.5)
        if cells_were_turned and shows == STANDING:
            return make_lattice("日二人口", "", probability=0.5)
        return make_lattice(self._text, "", probability=self._sure)

    def find(self, regions: list[Region]) -> Orientation:
        return find_orientation(regions, self.cut, self.read)


ROWS = [region(Box(100, 100 + 80 * i, 700, 140 + 80 * i)) for i in range(6)]
COLUMNS = [region(Box(100 + 80 * i, 100, 140 + 80 * i, 700)) for i in range(6)]


@pytest.mark.parametrize("rotation", ROTATIONS)
def test_rows_tell_how_a_page_is_turned(rotation: Rotation) -> None:
    found = Paper(rotation).find(turned(ROWS, rotation))
    assert found.rotation == rotation
    assert found.sure
    assert (found.wide if rotation in (0, 180) else found.tall) == rotation


@pytest.mark.parametrize("rotation", ROTATIONS)
def test_columns_of_upright_characters_do_not_pass_for_rows_of_a_turned_page(rotation: Rotation) -> None:
    found = Paper(rotation, vertical=True).find(turned(COLUMNS, rotation))
    assert found.rotation == rotation
    assert found.sure
    assert (found.tall if rotation in (0, 180) else found.wide) == (rotation + 90) % 360


def test_a_page_on_which_nothing_was_detected_or_nothing_reads_is_not_sure() -> None:
    assert not Paper(0).find([]).sure
    assert not Paper(0, sure=0.5).find(ROWS).sure
    assert not find_orientation(ROWS, Paper(0).cut, lambda strip: None).sure


def test_a_few_characters_are_not_enough() -> None:
    assert not Paper(0, text="证书").find(ROWS[:1]).sure


def test_lines_that_disagree_make_it_unsure() -> None:
    papers = {True: Paper(0), False: Paper(180)}

    def cut(quad: Quad) -> Pixels:
        return papers[quad.box.centre[1] < 320].cut(quad)

    found = find_orientation(ROWS, cut, Paper(0).read)
    assert not found.sure


def test_digits_say_it_in_a_low_voice() -> None:
    """A column of digits reads the same whether it stands or lies: two lines of characters outvote five of digits."""
    digits, characters = Paper(0, text="20230115 20240630"), Paper(0, vertical=True)

    def cut(quad: Quad) -> Pixels:
        strip = digits.cut(quad) if quad.box.width > quad.box.height else characters.cut(quad)
        strip[0, 1] = 1 if quad.box.width > quad.box.height else 2
        return strip

    def read(strip: Pixels) -> Lattice | None:
        return (digits if int(strip[0, 1, 0]) == 1 else characters).read(strip)

    found = find_orientation([*ROWS[:5], *turned(COLUMNS[:2], 0)], cut, read)
    assert found.rotation == 0
    assert (found.wide, found.tall) == (0, 90)


@pytest.mark.parametrize(
    ("box", "axis"),
    [
        (Box(0, 0, 300, 40), "wide"),
        (Box(0, 0, 40, 300), "tall"),
        (Box(0, 0, 40, 40), "square"),
        (Box(0, 0, 50, 40), "square"),
        (Box(0, 0, 0, 0), "wide"),
    ],
)
def test_a_regions_axis_is_its_shape(box: Box, axis: str) -> None:
    assert axis_of(region(box)) == axis


@pytest.mark.parametrize("direction", ROTATIONS)
def test_a_quad_read_towards_a_direction_has_it(direction: Rotation) -> None:
    quad = read_towards(Quad.from_box(Box(10, 20, 110, 60)), direction)
    assert round(quad.direction_deg) % 360 == direction
    assert set(quad.points) == set(Quad.from_box(Box(10, 20, 110, 60)).points)

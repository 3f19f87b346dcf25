"""Which line goes on in which: on the same row, over a line's end, in columns, on turned and tilted pages."""

from __future__ import annotations

import math

import numpy as np
import pytest
from fake_reading import Written, make_line, write, write_down

from redact.geometry import ROTATIONS, Quad, Rotation, turn_points
from redact.lines import Line
from redact.names.pieces import Layout, Neighbour

PAGE = 1000.0


def lines_of(*written: Written) -> list[Line]:
    return [make_line(w, "") for w in written]


def turned(line: Line, rotation: Rotation) -> Line:
    return Line(Quad.from_array(turn_points(line.quad.array(), rotation, PAGE, PAGE)), line.lattice)


def tilted(line: Line, degrees: float) -> Line:
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    points = (line.quad.array() - PAGE / 2) @ np.array([[c, s], [-s, c]]) + PAGE / 2
    return Line(Quad.from_array(points), line.lattice)


def following(lines: list[Line], index: int) -> list[tuple[int, bool]]:
    return [(n.index, n.wrapped) for n in Layout(lines).following(index)]


ROW = (write("姓名", 100, 100), write("张", 250, 102), write("伟", 330, 99), write("性别", 800, 100))
PARAGRAPH = (write("兹证明本单位职工张", 100, 100), write("伟参加了全部课程", 100, 160), write("特此证明", 100, 220))
COLUMNS = (write_down("兹证明职工张", 600, 100), write_down("伟参加培训", 540, 100), write_down("特此证明", 480, 100))


def test_the_box_to_the_right_on_the_same_row_follows() -> None:
    lines = lines_of(*ROW)
    assert following(lines, 0) == [(1, False)]
    assert following(lines, 1) == [(2, False)]


def test_what_is_far_to_the_right_is_another_cell() -> None:
    assert following(lines_of(*ROW), 2) == []


def test_the_gap_is_told_in_line_heights() -> None:
    (neighbour,) = Layout(lines_of(write("张", 100, 100), write("伟", 300, 100))).following(0)
    width = 5 / 6 * 40
    assert neighbour == Neighbour(1, neighbour.gap, wrapped=False)
    assert neighbour.gap == pytest.approx((200 - width) / 40)


def test_the_line_below_follows_and_is_a_wrap() -> None:
    lines = lines_of(*PARAGRAPH)
    assert (1, True) in following(lines, 0)
    assert (2, True) in following(lines, 1)
    assert following(lines, 2) == []


def test_of_columns_the_one_to_the_left_follows() -> None:
    lines = lines_of(*COLUMNS)
    assert (1, True) in following(lines, 0)
    assert (2, True) in following(lines, 1)
    assert following(lines, 2) == []


def test_nothing_goes_on_upwards_or_to_the_left() -> None:
    lines = lines_of(*ROW[::-1], *PARAGRAPH[::-1])
    for index, line in enumerate(lines):
        for to, wrapped in following(lines, index):
            other = lines[to].quad.box
            assert other.y0 > line.quad.box.y0 if wrapped else other.x0 > line.quad.box.x0


@pytest.mark.parametrize(
    "other",
    [
        write("注", 150, 160, height=15.0),
        write("标题", 100, 160, height=120.0),
        write_down("伟参加", 300, 150),
        write("伟", 100, 260),
    ],
    ids=["a footnote", "a heading", "a column beside a row", "a line after a gap"],
)
def test_what_is_not_of_one_text_does_not_follow(other: Written) -> None:
    assert following(lines_of(write("兹证明职工张", 100, 100), other), 0) == []


@pytest.mark.parametrize("rotation", ROTATIONS)
@pytest.mark.parametrize("text", [ROW, PARAGRAPH, COLUMNS], ids=["row", "paragraph", "columns"])
def test_a_turned_page_has_the_same_neighbours(text: tuple[Written, ...], rotation: Rotation) -> None:
    lines = lines_of(*text)
    spun = [turned(line, rotation) for line in lines]
    for index in range(len(lines)):
        assert following(spun, index) == following(lines, index)


@pytest.mark.parametrize("degrees", [-10.0, 4.0, 10.0])
@pytest.mark.parametrize("text", [ROW, PARAGRAPH, COLUMNS], ids=["row", "paragraph", "columns"])
def test_a_tilted_page_has_the_same_neighbours(text: tuple[Written, ...], degrees: float) -> None:
    lines = lines_of(*text)
    spun = [tilted(line, degrees) for line in lines]
    for index in range(len(lines)):
        assert following(spun, index) == following(lines, index)


def test_chains_run_on_through_short_pieces_only() -> None:
    lines = lines_of(write("欧", 100, 100), write("阳", 180, 100), write("小明", 260, 100))
    short = [True, True, True]
    assert {chain for chain, _, _ in Layout(lines).chains(0, short)} == {(0, 1), (0, 1, 2)}
    assert {chain for chain, _, _ in Layout(lines).chains(0, [True, False, True])} == {(0, 1)}


def test_a_chain_knows_its_widest_gap_and_where_it_wraps() -> None:
    lines = lines_of(write("欧", 100, 100), write("阳", 180, 100), write("小明", 100, 160))
    chains = {chain: (gap, wraps) for chain, gap, wraps in Layout(lines).chains(0, [True] * 3)}
    gap = (80 - 5 / 6 * 40) / 40
    for chain, wraps in (((0, 1), (False, False)), ((0, 1, 2), (False, False, True))):
        assert chains[chain][0] == pytest.approx(gap)
        assert chains[chain][1] == wraps


def test_a_page_without_lines_and_lines_without_size_are_no_error() -> None:
    Layout([])
    point = Line(Quad(((5, 5), (5, 5), (5, 5), (5, 5))), None)
    assert following([point, point], 0) in ([], [(1, False)])

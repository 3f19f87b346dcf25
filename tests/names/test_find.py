"""Where a name stands on a page of lines: in one box, over two, over a line's end, however the page is turned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from fake_reading import Misread, Written, make_line, write, write_down

from redact.geometry import ROTATIONS, Box, Quad, Rotation, turn_points
from redact.lines import Line
from redact.names.find import Candidate, find_candidates
from redact.names.name import Name
from redact.names.spellings import charset, spell

PAGE = 1000.0
FLOOR = -2.6


def find(written: Sequence[Written], name: str, *aliases: str, rotation: Rotation = 0, floor: float = FLOOR) -> list[Candidate]:
    spellings = spell(Name.parse(name, aliases))
    lines = [turned(make_line(w, charset(spellings)), rotation) for w in written]
    return find_candidates(lines, spellings, floor)


def turned(line: Line, rotation: Rotation) -> Line:
    return replace(line, quad=Quad.from_array(turn_points(line.quad.array(), rotation, PAGE, PAGE)))


def cells_of(written: Sequence[Written], name: str) -> list[Box]:
    """The cells of the name's characters, taken from the pieces in order (the first of each that is still wanted)."""
    wanted = [c for c in name if c != "·"]
    cells = []
    for line in written:
        start = line.text.find(name) if name in line.text else 0
        for char, cell in list(zip(line.text, line.cells(), strict=True))[start:]:
            if wanted and char == wanted[0]:
                cells.append(cell.box)
                wanted.pop(0)
    assert not wanted
    return cells


def covered(candidate: Candidate, cell: Box) -> float:
    """The share of a cell's inner part, where the ink is, that the candidate's boxes cover."""
    ink = cell.grown(-0.1 * cell.width, -0.1 * cell.height)
    return max(q.box.intersection_area(ink) for q in candidate.quads) / ink.area


IN_A_LINE = (write("兹证明张伟同志参加培训", 100, 100),)
IN_TWO_BOXES = (write("欧阳小明", 100, 100), write("张", 100, 160), write("伟", 200, 160), write("李四光", 100, 220))
OVER_A_LINES_END = (write("兹证明本单位职工张", 100, 100), write("伟参加了全部课程", 100, 160))
IN_A_COLUMN = (write_down("证明张伟同志", 600, 100),)
OVER_A_COLUMNS_END = (write_down("兹证明职工张", 600, 100), write_down("伟参加培训", 540, 100))
LAYOUTS = {
    "in a line": (IN_A_LINE, 1),
    "in two boxes": (IN_TWO_BOXES, 1),
    "over a line's end": (OVER_A_LINES_END, 2),
    "in a column": (IN_A_COLUMN, 1),
    "over a column's end": (OVER_A_COLUMNS_END, 2),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_name_is_found_once_and_its_boxes_cover_its_characters(layout: str) -> None:
    written, pieces = LAYOUTS[layout]
    (candidate,) = find(written, "张伟")
    assert candidate.score == 0
    assert candidate.spelling.rule == "name"
    assert len(candidate.quads) == pieces
    for cell in cells_of(written, "张伟"):
        assert covered(candidate, cell) > 0.97


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_boxes_leave_the_neighbours_alone(layout: str) -> None:
    written, _ = LAYOUTS[layout]
    (candidate,) = find(written, "张伟")
    own = cells_of(written, "张伟")
    others = [cell.box for line in written for cell in line.cells() if cell.box not in own]
    assert all(covered(candidate, cell) < 0.2 for cell in others)


@pytest.mark.parametrize("rotation", ROTATIONS)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_turned_page_gives_the_same_candidates_turned(layout: str, rotation: Rotation) -> None:
    written, _ = LAYOUTS[layout]
    (upright,), (spun,) = find(written, "张伟"), find(written, "张伟", rotation=rotation)
    assert replace(spun, quads=(), gap=0) == replace(upright, quads=(), gap=0)
    assert spun.gap == pytest.approx(upright.gap)
    for quad, other in zip(upright.quads, spun.quads, strict=True):
        assert np.allclose(turn_points(quad.array(), rotation, PAGE, PAGE), other.array(), atol=1e-6)


def test_a_quad_reads_in_its_lines_direction() -> None:
    (across,), (down,) = find(IN_A_LINE, "张伟"), find(IN_A_COLUMN, "张伟")
    assert across.quads[0].direction_deg == pytest.approx(0)
    assert down.quads[0].direction_deg == pytest.approx(90)


def test_what_lies_between_two_boxes_is_part_of_the_place() -> None:
    """A mask with a hole would tell that the name has two characters."""
    (candidate,) = find(IN_TWO_BOXES, "张伟")
    (quad,) = candidate.quads
    assert quad.box.x0 < 105 and quad.box.x1 > 228
    assert not candidate.wrapped


def test_a_name_in_three_boxes_is_found() -> None:
    written = (write("买买提", 100, 100), write("艾", 260, 100), write("力", 340, 100))
    whole = [c for c in find(written, "买买提·艾力") if c.spelling.rule == "name"]
    assert [c.lines for c in whole] == [(0, 1, 2)]


def test_a_name_over_a_lines_end_is_told_from_one_in_a_line() -> None:
    (candidate,) = find(OVER_A_LINES_END, "张伟")
    assert candidate.wrapped
    assert candidate.lines == (0, 1)
    assert [round(q.box.y0) for q in candidate.quads] == [100, 160]


def test_the_ends_of_lines_that_are_no_neighbours_are_not_joined() -> None:
    far_below = (write("兹证明本单位职工张", 100, 100), write("伟参加了全部课程", 100, 400))
    far_right = (write("张", 100, 100), write("伟", 700, 100))
    reversed_order = (write("兹证明本单位职工伟", 100, 100), write("张参加了全部课程", 100, 160))
    for written in (far_below, far_right, reversed_order):
        assert find(written, "张伟") == []


def test_a_character_in_the_middle_of_a_line_does_not_join_the_line_below() -> None:
    assert find((write("兹证明张本单位职工", 100, 100), write("伟参加了全部课程", 100, 160)), "张伟") == []


def test_every_occurrence_on_a_page_is_found() -> None:
    written = (*IN_A_LINE, write("张伟、王芳、张伟", 100, 300))
    assert len(find(written, "张伟")) == 3


@pytest.mark.parametrize("surname", ["傅", "萧"])
def test_both_names_of_a_line_are_found_where_another_spelling_comes_up_too(surname: str) -> None:
    """Of 傅伟 … 傅伟 none may be taken by the weaker spelling 付伟."""
    name = Name.parse(surname + "伟")
    spellings = spell(name)
    line = make_line(write(f"{surname}伟和{surname}伟", 100, 100), charset(spellings))
    assert line.lattice is not None
    (variant,) = (s for s in spellings if s.rule == "surname_variant")
    look_alike = next(iter(c for c in variant.symbols[0].chars if c in line.lattice.charset and c != surname))
    line.lattice.scores[16:19, line.lattice.charset[look_alike]] = -5.0
    found = [c for c in find_candidates([line], spellings, -5.5) if c.spelling.rule == "name"]
    assert sorted(line.quad.length > 2 * (c.quads[0].box.x0 - 100) for c in found) == [False, True]


def test_a_misread_character_is_found_where_the_right_one_came_close() -> None:
    written = (write("兹证明张伟同志", 100, 100, misread={4: Misread("伪", -1.5)}),)
    (candidate,) = find(written, "张伟")
    assert candidate.score == pytest.approx(-0.75)
    assert covered(candidate, written[0].cells()[4].box) > 0.8


def test_a_misread_character_is_found_over_a_lines_end_too() -> None:
    written = (write("兹证明本单位职工张", 100, 100), write("伟参加了全部课程", 100, 160, misread={0: Misread("伪", -1.5)}))
    (candidate,) = find(written, "张伟")
    assert candidate.wrapped and candidate.score == pytest.approx(-0.75)


@pytest.mark.parametrize(("name", "known"), [("王䶮", "王"), ("䶮王", "王"), ("王䶮东", "王东")])
def test_a_character_that_the_recogniser_does_not_know_is_covered_with_the_rest(name: str, known: str) -> None:
    written = write(f"兹证明{name}同志", 100, 100, misread={3 + name.index("䶮"): Misread("龚", -9.0)})
    (candidate,) = find_candidates([make_line(written, known)], spell(Name.parse(name))[:1], FLOOR)
    assert candidate.score < 0
    for cell in cells_of([written], name):
        assert covered(candidate, cell) > 0.8


def test_of_two_spellings_on_the_same_ink_the_whole_name_stays() -> None:
    (candidate,) = find((write("买买提·艾力", 100, 100),), "买买提·艾力")
    assert candidate.spelling.rule == "name"


def test_a_name_in_one_line_wins_over_one_that_borrows_the_next_line() -> None:
    written = (write("职工张伟", 100, 100), write("伟大的祖国", 100, 160))
    found = find(written, "张伟")
    assert [c.lines for c in found] == [(0,)]


def test_a_line_that_could_not_be_read_and_a_page_without_lines_are_no_error() -> None:
    unread = write("张", 100, 100, read=False)
    assert find((unread, write("伟", 140, 100)), "张伟") == []
    assert find((unread,), "张伟") == []
    assert find((), "张伟") == []


def test_a_spaced_out_name_in_one_box_is_covered_from_end_to_end() -> None:
    written = (write("姓名：张    伟", 100, 100),)
    (candidate,) = find(written, "张伟")
    assert all(covered(candidate, cell) > 0.97 for cell in (written[0].cells()[3].box, written[0].cells()[-1].box))


def test_a_latin_name_is_found_and_covered() -> None:
    written = (write("This is to certify that ZHANG WEI has", 50, 100),)
    (candidate,) = [c for c in find(written, "张伟") if c.spelling.sure]
    start = written[0].text.index("ZHANG")
    for cell in written[0].cells()[start : start + 9]:
        if cell is not written[0].cells()[start + 5]:
            assert covered(candidate, cell.box) > 0.9


def test_no_name_is_in_a_repr() -> None:
    (candidate,) = find(IN_A_LINE, "张伟")
    assert not set("张伟证明同志") & set(repr(candidate))

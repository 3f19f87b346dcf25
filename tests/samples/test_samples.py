"""What the drawn pages promise: the name stands where they say, nowhere else, and the same page can be drawn again."""

from __future__ import annotations

from random import Random

import cv2
import numpy as np
import pages
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from redact.geometry import ROTATIONS, Quad, Rotation
from redact.samples import (
    DOCUMENTS,
    KINDS,
    TRAPS,
    Drawing,
    Faces,
    Person,
    Sample,
    draw,
    make_lookalike,
    make_person,
    scan,
)

ZHANG = Person(("张伟东",), 1, "zhang", ("wei", "dong"))
MINORITY = Person(("阿卜杜热西提", "买买提"), 0, "Memet", ("Abdureshit",))
VISIBLE = 48  # levels of difference that an eye sees


def both(document: str, person: Person, seed: int) -> tuple[Drawing, Drawing]:
    return draw(document, person, seed=seed), draw(document, person, seed=seed, hidden=True)


def difference(a: Sample, b: Sample) -> NDArray[np.uint8]:
    return np.asarray(cv2.absdiff(a.pixels, b.pixels).max(axis=2), np.uint8)


def area(shape: tuple[int, int], quads: list[Quad], grow: float) -> NDArray[np.uint8]:
    """255 inside the quads and up to ``grow`` pixels around them."""
    mask = np.zeros(shape, np.uint8)
    for quad in quads:
        cv2.fillConvexPoly(mask, np.round(quad.array()).astype(np.int32), 255)
    side = 2 * int(np.ceil(grow)) + 1
    return np.asarray(cv2.dilate(mask, np.ones((side, side), np.uint8)), np.uint8)


def every_quad(sample: Sample) -> list[Quad]:
    return [q for o in sample.occurrences for q in o.quads]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_taking_the_name_away_changes_the_page_inside_the_quads_and_nowhere_else(document: str) -> None:
    person = MINORITY if DOCUMENTS.index(document) % 3 == 2 else ZHANG
    full, empty = both(document, person, seed=DOCUMENTS.index(document))
    assert full.occurrences
    for rotation in ROTATIONS:
        a, b = scan(full, grade=1, rotation=rotation, seed=1), scan(empty, grade=1, rotation=rotation, seed=1)
        changed = difference(a, b) > VISIBLE
        quads = every_quad(a)
        assert not (changed & (area(changed.shape, quads, 1.0) == 0)).any()
        for quad in quads:
            x0, y0, x1, y1 = quad.box.pixels()
            ys, xs = np.nonzero(changed[y0:y1, x0:x1])
            # The ink reaches all four edges: a quad is not larger than what it is around.
            assert len(xs) > 20
            assert xs.min() <= 5 and ys.min() <= 5 and xs.max() >= x1 - x0 - 6 and ys.max() >= y1 - y0 - 6


@pytest.mark.parametrize(("document", "rotation"), [(d, ROTATIONS[i % 4]) for i, d in enumerate(DOCUMENTS)])
@pytest.mark.parametrize("grade", [2, 3, 4])
def test_quads_follow_the_ink_through_tilt_and_perspective(document: str, rotation: Rotation, grade: int) -> None:
    full, empty = both(document, ZHANG, seed=100 + DOCUMENTS.index(document))
    a, b = (scan(d, grade=grade, rotation=rotation, seed=grade) for d in (full, empty))
    changed = (difference(a, b) > VISIBLE).astype(np.uint8)
    quads = every_quad(a)
    total = int(changed.sum())
    assert total > 50
    # JPEG smears a little into the blocks around the name.
    assert int((changed & (area(changed.shape, quads, 3) > 0)).sum()) >= 0.97 * total
    assert int((changed & (area(changed.shape, quads, 16) == 0)).sum()) == 0
    for quad in quads:
        inside = changed & (area(changed.shape, [quad], 0) > 0)
        assert int(inside.sum()) > 0.04 * quad.box.area * (0.3 if grade == 4 else 0.6)


@pytest.mark.parametrize("rotation", ROTATIONS)
def test_the_first_edge_of_a_quad_runs_the_way_the_page_was_turned(rotation: Rotation) -> None:
    drawing = draw("work_resume", ZHANG, seed=4)
    for grade in (1, 2, 3, 4):
        sample = scan(drawing, grade=grade, rotation=rotation, seed=5)
        for quad in every_quad(sample):
            off = (quad.direction_deg - rotation - sample.skew_deg + 180) % 360 - 180
            assert abs(off) < 3.5


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_page_without_the_name_has_no_occurrence_and_says_which_lookalikes_it_has(document: str) -> None:
    traps: set[str] = set()
    for seed in range(3):
        drawing = draw(document, ZHANG, seed=seed, with_name=False)
        assert drawing.occurrences == () and not drawing.has_name
        traps |= set(drawing.traps)
    assert traps and traps <= {*TRAPS, "word"}


def test_the_same_arguments_draw_the_same_page() -> None:
    for document in DOCUMENTS[::4]:
        first, again = (draw(document, ZHANG, seed=9) for _ in range(2))
        assert np.array_equal(first.pixels, again.pixels) and first.occurrences == again.occurrences
        one, two = (scan(d, grade=3, rotation=90, seed=2) for d in (first, again))
        assert np.array_equal(one.pixels, two.pixels) and one.occurrences == two.occurrences
        assert not np.array_equal(first.pixels, draw(document, ZHANG, seed=10).pixels)


def test_no_repr_shows_the_name() -> None:
    drawing = draw("pledge", ZHANG, seed=0)
    sample = scan(drawing, grade=1, seed=0)
    for value in (ZHANG, drawing, sample, drawing.occurrences[0]):
        assert not set("张伟东") & set(repr(value)) and "zhang" not in repr(value).lower()


def test_a_list_name_of_two_characters_is_set_as_wide_as_three() -> None:
    drawing = draw("appointment", Person(("张伟",), 1, "zhang", ("wei",)), seed=2, spelling="list")
    (occurrence,) = drawing.occurrences
    assert occurrence.text.replace("　", "") == "张伟"
    assert sum(q.length for q in occurrence.quads) > 2.5 * occurrence.quads[0].thickness


@pytest.mark.parametrize("spelling", ["traditional", "split", "dotless"])
def test_a_spelling_can_be_asked_for(spelling: str) -> None:
    person = {"traditional": ZHANG, "split": Person(("王芳",), 1, "wang", ("fang",)), "dotless": MINORITY}[spelling]
    occurrence = draw("degree", person, seed=1, spelling=spelling).occurrences[0]
    assert occurrence.kind == spelling
    assert {"traditional": "張偉東", "split": "王芳", "dotless": "阿卜杜热西提买买提"}[spelling] == occurrence.text.replace(
        "　", ""
    )
    assert len(occurrence.quads) == (2 if spelling == "split" else 1)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(TRAPS))
def test_a_lookalike_is_somebody_else(seed: int, trap: str) -> None:
    rng = Random(seed)
    person = make_person(rng)
    other = make_lookalike(person, rng, trap)
    if other is not None:
        assert "".join(other.parts) != "".join(person.parts)
        if trap in ("longer", "doubled"):
            assert other.name.startswith(person.name) and len(other.name) == len(person.name) + 1
        if trap == "similar":
            assert sum(a != b for a, b in zip(other.name, person.name, strict=True)) == 1


def test_names_come_in_all_lengths_and_can_be_drawn_without_other_faces() -> None:
    rng, faces = Random(3), Faces.built_in()
    names = [make_person(rng) for _ in range(400)]
    assert {2, 3, 4} <= {len(p.name) for p in names} and any(len(p.name) >= 7 for p in names)
    assert sum(faces.has("".join(p.parts)) for p in names) > 380
    assert len({p.name for p in names}) > 330


def test_a_name_broken_over_a_line_end_has_a_quad_on_each_line() -> None:
    drawings = [draw("work_resume", ZHANG, seed=s) for s in range(12)]
    broken = [o for d in drawings for o in d.occurrences if o.kind == "wrapped"]
    assert broken
    for occurrence in broken:
        first, second = (q.box for q in occurrence.quads)
        assert second.y0 > first.y1 and second.x1 < first.x0


def test_unknown_documents_grades_and_spellings_are_refused() -> None:
    with pytest.raises(ValueError, match="document"):
        draw("passport", ZHANG, seed=0)
    with pytest.raises(ValueError, match="spelling"):
        draw("pledge", ZHANG, seed=0, spelling="backwards")
    with pytest.raises(ValueError, match="grade"):
        scan(draw("pledge", ZHANG, seed=0), grade=5, seed=0)


def test_any_page_of_the_corpus_can_be_drawn_alone() -> None:
    third = list(pages.corpus(3, seed=8, faces_folder="none"))[2]
    alone = pages.case(2, seed=8, faces_folder="none")
    assert np.array_equal(third.sample.pixels, alone.sample.pixels)
    assert third.sample.occurrences == alone.sample.occurrences and third.person == alone.person


def test_the_corpus_has_every_document_grade_and_turn_and_a_quarter_without_the_name() -> None:
    plans = [pages.plan(i, seed=1) for i in range(400)]
    assert {p.document for p in plans} == set(DOCUMENTS)
    assert {p.grade for p in plans} == {1, 2, 3, 4} and {p.rotation for p in plans} == set(ROTATIONS)
    assert 75 <= sum(not p.with_name for p in plans) <= 125


def test_kinds_of_occurrences_are_the_listed_ones() -> None:
    for document in DOCUMENTS:
        for occurrence in draw(document, ZHANG, seed=50).occurrences:
            assert occurrence.kind in KINDS

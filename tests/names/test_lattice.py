"""Spotting in a lattice: as good as trying every alignment, however many names, spellings and unknown characters there are."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pytest
from fake_reading import IMPOSSIBLE, Misread, make_lattice
from hypothesis import given, settings
from hypothesis import strategies as st

from redact.names.lattice import UNKNOWN, UNKNOWN_FRAME, Frames, Match, Spotter
from redact.names.name import Name
from redact.names.spellings import Spelling, Symbol, charset, spell

ANYTHING = -1000.0


def spelling(text: str, *, rule: str = "name", sure: bool = True) -> Spelling:
    """``·`` is a dot that may be absent, every other character stands for itself."""
    return Spelling(tuple(Symbol(frozenset(c), optional=c == "·") for c in text), rule, sure)


def frames(text: str, name: str, **how: Mapping[int, Misread]) -> Frames:
    return Frames.of(make_lattice(text, charset(spell(Name.parse(name))), misread=how.get("misread")))


def found(text: str, name: str, threshold: float = -1.6, peak: int = 1) -> list[tuple[str, int]]:
    """Rule and first character of each match, in order of place."""
    lattice = make_lattice(text, charset(spell(Name.parse(name))), peak=peak)
    spotter = Spotter(spell(Name.parse(name)), lattice.charset)
    starts = [g.start for g in lattice.glyphs]
    matches = sorted(spotter.spot(Frames.of(lattice), threshold), key=lambda m: m.start)
    return [(m.spelling.rule, starts.index(m.start)) for m in matches]


# --- every alignment, one by one ---------------------------------------------------------------------------------------

Step = tuple[int, bool]  # the symbol that stands here, or after which a gap stands


def alignments(symbols: Sequence[Symbol], total: int) -> Iterator[tuple[int, list[Step]]]:
    """Each (first frame, step of each frame from there) that CTC allows for the symbols in ``total`` frames."""
    last = len(symbols) - 1

    def go_on(path: list[Step], left: int) -> Iterator[list[Step]]:
        at, in_gap = path[-1]
        if at == last and not in_gap:
            yield path
        if not left:
            return
        ahead = [at + 1] if at < last else []
        if at + 2 <= last and symbols[at + 1].optional:
            ahead.append(at + 2)
        steps: list[Step] = [(at, in_gap), *([] if in_gap else [(at, True)])]
        # Two equal characters one right after the other would be read as one.
        steps += [(to, False) for to in ahead if in_gap or not symbols[to].chars & symbols[at].chars]
        for step in steps:
            yield from go_on([*path, step], left - 1)

    for start in range(total):
        for path in go_on([(0, False)], total - start - 1):
            yield start, path


def score_of(symbols: Sequence[Symbol], lattice: Frames, start: int, path: Sequence[Step]) -> float:
    total = 0.0
    for t, (at, in_gap) in enumerate(path, start):
        if in_gap:
            total += float(lattice.blank[t])
            continue
        columns = [lattice.charset[c] for c in symbols[at].chars if c in lattice.charset]
        if columns:
            total += float(lattice.scores[t, columns].max())
        else:
            goes_on = t > start and path[t - start - 1] == (at, False)
            total += float(UNKNOWN_FRAME if goes_on else UNKNOWN)
    return total / sum(not s.optional for s in symbols)


def best_score(symbols: Sequence[Symbol], lattice: Frames) -> float:
    scores = (score_of(symbols, lattice, start, path) for start, path in alignments(symbols, len(lattice.blank)))
    return max(scores, default=-math.inf)


@st.composite
def lattices(draw: st.DrawFn) -> Frames:
    """Random scores of 甲, 乙 and the dot; 丁 is not in the alphabet."""
    total = draw(st.integers(1, 6))
    numbers = st.floats(-6, 0, width=16)
    scores = draw(st.lists(st.lists(numbers, min_size=3, max_size=3), min_size=total, max_size=total))
    blank = draw(st.lists(numbers, min_size=total, max_size=total))
    blanks = np.array(blank, np.float32)
    space = np.minimum(blanks, np.float32(-1))
    return Frames(np.array(scores, np.float32), blanks, space, {"甲": 0, "乙": 1, "·": 2})


NAMES = st.sampled_from(
    ["甲乙", "甲甲", "乙甲乙", "甲甲乙", "甲·乙", "甲·甲", "乙甲·甲", "甲丁", "丁乙", "甲丁乙", "丁丁", "丁甲丁"]
)


@settings(max_examples=400, deadline=None)
@given(lattice=lattices(), name=NAMES)
def test_the_score_is_that_of_the_best_of_all_alignments(lattice: Frames, name: str) -> None:
    wanted = spelling(name)
    expected = best_score(wanted.symbols, lattice)
    matches = Spotter([wanted], lattice.charset).spot(lattice, ANYTHING)
    if expected == -math.inf:
        assert not matches
    else:
        # The order of matches at different places also goes by their length.
        assert max(m.score for m in matches) == pytest.approx(expected, abs=1e-4)


@settings(max_examples=300, deadline=None)
@given(lattice=lattices(), name=NAMES)
def test_the_spans_are_those_of_the_alignment_that_scored(lattice: Frames, name: str) -> None:
    wanted = spelling(name)
    for match in Spotter([wanted], lattice.charset).spot(lattice, ANYTHING)[:1]:
        flat = [frame for span in match.spans for frame in span]
        assert flat == sorted(flat) and 0 <= match.start < match.end <= len(lattice.blank)
        assert all(before[1] < after[0] for before, after in zip(match.spans, match.spans[1:], strict=False))
        with_and_without_dot = [range(len(name)), [i for i, s in enumerate(wanted.symbols) if not s.optional]]
        scores = []
        for positions in with_and_without_dot:
            if len(positions) == len(match.spans):
                scores.append(score_of(wanted.symbols, lattice, match.start, path_of(match, positions)))
        assert any(s == pytest.approx(match.score, abs=1e-4) for s in scores)


def path_of(match: Match, positions: Sequence[int]) -> list[Step]:
    path: list[Step] = []
    for at, (first, last) in zip(positions, match.spans, strict=True):
        path += [(path[-1][0], True)] * (first - match.start - len(path)) if path else []
        path += [(at, False)] * (last - first + 1)
    return path


@settings(max_examples=300, deadline=None)
@given(lattice=lattices(), name=NAMES, threshold=st.floats(-4, 0))
def test_pruning_by_the_upper_bound_loses_nothing(lattice: Frames, name: str, threshold: float) -> None:
    expected = best_score(spelling(name).symbols, lattice)
    matches = Spotter([spelling(name)], lattice.charset).spot(lattice, threshold)
    if abs(expected - threshold) > 1e-4:
        assert bool(matches) == (expected >= threshold)
    assert all(m.score >= threshold for m in matches)


@settings(max_examples=200, deadline=None)
@given(lattice=lattices(), names=st.lists(NAMES, min_size=2, max_size=4, unique=True))
def test_spellings_aligned_together_score_as_each_would_alone(lattice: Frames, names: list[str]) -> None:
    together = Spotter([spelling(n, sure=True) for n in names], lattice.charset).spot(lattice, ANYTHING)
    best = max((best_score(spelling(n).symbols, lattice) for n in names), default=-math.inf)
    for match in together:
        expected = best_score(match.spelling.symbols, lattice)
        assert match.score <= expected + 1e-4
    if best > -math.inf:
        assert together


# --- what stands on paper ----------------------------------------------------------------------------------------------


def test_a_name_that_greedy_reading_has_scores_zero() -> None:
    (match,) = Spotter(spell(Name.parse("王小明")), frames("", "王小明").charset).spot(frames("兹证明王小明同志", "王小明"), -1)
    assert match.score == 0
    assert len(match.spans) == 3


def test_a_name_that_greedy_reading_got_wrong_is_found_where_the_right_character_came_close() -> None:
    misread = {4: Misread("日", -1.2)}
    lattice = make_lattice("兹证明王明同志", charset(spell(Name.parse("王明"))), misread=misread)
    assert "王明" not in lattice.text
    (match,) = Spotter(spell(Name.parse("王明")), lattice.charset).spot(Frames.of(lattice), -2)
    assert match.score == pytest.approx(-1.2 / 2)


def test_spaces_and_blanks_between_the_characters_cost_nothing() -> None:
    assert found("姓名 张   伟 性别", "张伟") == [("name", 3)]


def test_another_character_between_parts_the_name() -> None:
    assert found("张小伟", "张伟") == []


@pytest.mark.parametrize(("text", "starts"), [("王伟王伟", [0, 2]), ("王伟、王伟和王伟", [0, 3, 6]), ("伟王伟王", [1])])
def test_every_occurrence_in_a_line_is_found(text: str, starts: list[int]) -> None:
    assert found(text, "王伟") == [("name", i) for i in starts]


@pytest.mark.parametrize("likelier", [0, 1])
def test_a_weak_look_alike_of_another_spelling_hides_no_occurrence(likelier: int) -> None:
    """傅伟 is also sought as 付伟, which comes up weakly at each 傅伟: it must not use up one of the places."""
    spellings = spell(Name.parse("傅伟"))
    lattice = make_lattice("傅伟和傅伟", charset(spellings))
    first, second = (g.start for g in lattice.glyphs if g.char == "傅")
    for place, start in enumerate((first, second)):
        lattice.scores[start, lattice.charset["付"]] = -5.0 if place == likelier else -8.0
    matches = Spotter(spellings, lattice.charset).spot(Frames.of(lattice), -5.5)
    assert sorted(m.start for m in matches if m.spelling.rule == "name") == [first, second]


def test_the_first_part_of_a_minority_name_hides_no_whole_one() -> None:
    assert found("买买提·艾力 买买提·艾力", "买买提·艾力") == [("name", 0), ("name", 7)]


def test_a_good_match_that_is_not_sure_is_not_pushed_aside_by_a_bad_sure_one() -> None:
    lattice = make_lattice("甲乙", "甲乙丙")
    weak, good = spelling("甲丙"), spelling("甲乙", rule="surname_variant", sure=False)
    lattice.scores[:, lattice.charset["丙"]] = -4.0
    (match,) = Spotter([weak, good], lattice.charset).spot(Frames.of(lattice), -5.5)
    assert match.spelling is good


@pytest.mark.parametrize("text", ["买买提·艾力", "买买提艾力", "买买提•艾力", "买买提 艾力", "买买提．艾力"])
def test_the_dot_of_a_minority_name_may_look_as_it_likes_or_be_absent(text: str) -> None:
    assert found(text, "买买提·艾力") == [("name", 0)]


def test_equal_neighbours_are_two_characters() -> None:
    """One long 丽 is one 丽: without a blank between, CTC merges equal neighbours."""
    assert found("马丽丽", "马丽丽") == [("name", 0)]
    assert found("马丽", "马丽丽", threshold=-3, peak=3) == []


def test_equal_neighbours_are_two_characters_also_where_the_dot_between_them_is_absent() -> None:
    assert ("name", 0) not in found("阿依明", "阿依·依明", threshold=-3, peak=3)
    assert found("阿依依明", "阿依·依明") == [("name", 0)]


@pytest.mark.parametrize(
    ("text", "name", "known"), [("王龚", "王䶮", "王"), ("龚王", "䶮王", "王"), ("王龚东", "王䶮东", "王东")]
)
def test_a_character_that_the_recogniser_does_not_know_costs_a_penalty_and_is_found(text: str, name: str, known: str) -> None:
    """It reads something else there, whatever that is."""
    lattice = make_lattice("兹证明" + text + "同志", known)
    matches = Spotter([spelling(name)], lattice.charset).spot(Frames.of(lattice), -2)
    assert len(matches) == 1
    assert float(UNKNOWN) * 2 / len(name) <= matches[0].score < 0
    for glyph, span in zip(lattice.glyphs[3:], matches[0].spans, strict=False):
        assert glyph.start <= span[1] and span[0] < glyph.end, "each character lies where its ink is"


def test_the_first_and_the_last_character_take_all_the_frames_that_show_them() -> None:
    """What is cut off here is cut off the mask."""
    lattice = make_lattice("证王伟明", "王伟", peak=3)
    (match,) = Spotter([spelling("王伟")], lattice.charset).spot(Frames.of(lattice), -1)
    assert match.spans == tuple((g.start, g.end - 1) for g in lattice.glyphs[1:3])


def test_a_name_of_unknown_characters_alone_and_an_empty_lattice_are_no_error() -> None:
    empty = Frames(np.zeros((0, 0), np.float32), np.zeros(0, np.float32), np.zeros(0, np.float32), {})
    assert Spotter(spell(Name.parse("张伟")), {}).spot(empty, -1) == []
    nothing_known = Frames(np.zeros((4, 0), np.float32), np.zeros(4, np.float32), np.zeros(4, np.float32), {})
    matches = Spotter([spelling("甲乙")], {}).spot(nothing_known, -3)
    assert matches and all(m.score == pytest.approx(float(UNKNOWN)) for m in matches)


def test_a_separator_of_latin_words_is_a_separator_and_no_letter() -> None:
    """Also where the alphabet has none of the marks that may part words: then only a space does."""
    letter_or_space = Spelling((Symbol(frozenset("A")), Symbol(frozenset(" -")), Symbol(frozenset("B"))), "alias", latin=True)
    spotter = Spotter([letter_or_space], {"A": 0, "B": 1})
    for text, seen in (("A B", True), ("AAB", False)):
        lattice = make_lattice(text, "AB")
        assert bool(spotter.spot(Frames.of(lattice), -2)) == seen


def test_matches_come_best_first_and_never_overlap() -> None:
    name = Name.parse("张伟", ["张伟强"])
    lattice = make_lattice("张伟强与张伟", charset(spell(name)), misread={4: Misread("弓", -0.8)})
    matches = Spotter(spell(name), lattice.charset).spot(Frames.of(lattice), -1.6)
    assert [m.spelling.rule for m in matches] == ["alias", "name"]
    ordered = sorted(matches, key=lambda m: m.start)
    assert ordered[0].end <= ordered[1].start


def test_no_name_is_in_a_repr() -> None:
    lattice = make_lattice("兹证明张伟同志", charset(spell(Name.parse("张伟"))))
    matches = Spotter(spell(Name.parse("张伟")), lattice.charset).spot(Frames.of(lattice), -1)
    assert matches
    for value in (lattice, Frames.of(lattice), matches[0], lattice.glyphs[0]):
        assert not set("张伟证") & set(repr(value))


def test_the_fake_lattice_is_one() -> None:
    """Never above 0, and 0 somewhere in each frame of a known character or of none."""
    lattice = make_lattice("王 伟", "王伟")
    best = np.maximum(lattice.scores.max(axis=1), lattice.blank)
    assert best.max() == 0 and best.min() == 0
    assert lattice.scores.min() == np.float32(IMPOSSIBLE)


def test_a_rare_character_that_was_read_as_a_common_one_is_a_question_and_not_a_no() -> None:
    # 槮 is printed, the recogniser reads 穆 with certainty: the rest of the name has to do.
    misreads = {"槮": float(IMPOSSIBLE)}
    name = spell(Name.parse("王小槮"), misreads)
    lattice = make_lattice("王小穆", charset(name) | {"穆"})
    best = max(m.score for m in Spotter(name, lattice.charset).spot(Frames.of(lattice), -2.8))
    assert -2.0 < best < -1.1
    # With one common character beside it there would be a question on every page with that surname.
    short = spell(Name.parse("王槮"), misreads)
    lattice = make_lattice("王穆", charset(short) | {"穆"})
    assert not [m for m in Spotter(short, lattice.charset).spot(Frames.of(lattice), -2.8) if not m.spelling.latin]


def test_a_character_that_is_never_misread_so_badly_is_not_excused() -> None:
    name = spell(Name.parse("王小翀"), {"翀": -1.0})
    lattice = make_lattice("王小泓", charset(name) | {"泓"})
    assert not [m for m in Spotter(name, lattice.charset).spot(Frames.of(lattice), -2.8) if not m.spelling.latin]

"""Legibility: what the numbers of a page mean, and real pages that get worse step by step."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from drawn_text import SENTENCES, DrawnPage, Sheet, paragraph
from hypothesis import given
from hypothesis import strategies as st

from redact.geometry import Box
from redact.lines import Reading
from redact.ocr.ppocr import PpOcrReader
from redact.samples.defects import CLARITY, STRENGTHS, spoil
from redact.screening import load_clarity_thresholds, screen_page
from redact.screening.clarity import find_clarity_issues, judge_clarity
from redact.screening.measures import MeasuredLine, PageMeasures
from redact.values import Issue, Page, PageScreening, Pixels, Severity

LIMITS = load_clarity_thresholds()
PLACE = Box(100, 100, 500, 140)
FINE = PageMeasures(
    lines=(MeasuredLine(PLACE, 0.995, 100.0, 0.25, 120.0, 0.01),),
    lost=(),
    text_px=30.0,
    sharpness=0.25,
    contrast=120.0,
    noise=0.01,
    paper=230.0,
    grain=1.0,
    shade=0.0,
    blocks=1.0,
    softness_px=0.0,
    brightest=250.0,
    range=200.0,
    text_like=0,
    looked_twice=False,
)
NO_TEXT = replace(FINE, lines=(), text_px=0.0, sharpness=0.0, contrast=0.0, softness_px=3.0, looked_twice=True)


def issues(measures: PageMeasures) -> tuple[Issue, ...]:
    return find_clarity_issues(judge_clarity(measures, LIMITS), LIMITS, 0)


def line(
    confidence: float,
    weight: float = 100.0,
    box: Box = PLACE,
    *,
    sharpness: float = 0.08,
    contrast: float = 120.0,
    noise: float = 0.01,
) -> MeasuredLine:
    """Soft unless said otherwise, so that it counts as illegible where it was not read."""
    return MeasuredLine(box, confidence, weight, sharpness, contrast, noise)


# ---- what the numbers mean ----


def test_a_page_that_reads_well_has_no_issue() -> None:
    assert judge_clarity(FINE, LIMITS).legibility == 1.0
    assert issues(FINE) == ()


def test_lines_that_read_badly_count_by_their_length() -> None:
    mostly = replace(FINE, lines=(line(0.995, 95), line(0.3, 5)), sharpness=0.1)
    half = replace(FINE, lines=(line(0.995, 50), line(0.3, 50)), sharpness=0.1)
    assert not any(i.severity is Severity.REJECT for i in issues(mostly))
    (issue,) = issues(half)
    assert (issue.code, issue.severity) == ("blurred", Severity.REJECT)
    assert issue.value is not None and issue.threshold is not None and issue.value < issue.threshold


@pytest.mark.parametrize(
    ("code", "changed"),
    [
        ("blurred", {"lines": (line(0.6), line(0.6)), "sharpness": 0.08}),
        ("low_resolution", {"lines": (line(0.6), line(0.6)), "sharpness": 0.08, "text_px": 6.0}),
        ("low_contrast", {"lost": (line(0.99),), "contrast": 5.0, "paper": 200.0}),
        ("too_bright", {"lost": (line(0.99),), "contrast": 5.0, "paper": 254.0}),
        ("too_dark", {"lost": (line(0.99),), "contrast": 5.0, "paper": 20.0}),
        ("too_dark", {"shade": 0.7}),
        ("noisy", {"grain": 90.0}),
        ("noisy", {"lines": (line(0.5), line(0.5)), "blocks": 6.0}),
    ],
)
def test_the_cause_is_what_is_farthest_beyond_its_limit(code: str, changed: dict[str, object]) -> None:
    (issue,) = issues(replace(FINE, **changed))  # type: ignore[arg-type]
    assert (issue.code, issue.severity) == (code, Severity.REJECT)


@pytest.mark.parametrize("visible", [{"sharpness": 0.1}, {"contrast": 5.0}, {"noise": 0.2}], ids=["soft", "faint", "noisy"])
def test_a_sharp_hand_that_is_not_read_is_no_fault_of_the_picture(visible: dict[str, float]) -> None:
    hand, label = line(0.4, sharpness=0.22), line(0.995, 20)
    assert issues(replace(FINE, lines=(hand, label))) == ()
    assert issues(replace(FINE, lines=(replace(hand, **visible), label)))[0].severity is Severity.REJECT
    assert issues(replace(FINE, lines=(hand, label), blocks=9.0))[0].severity is Severity.REJECT


def test_a_few_sharp_regions_that_are_not_read_are_a_picture_and_soft_ones_are_text() -> None:
    leaves = line(0.4, 4, sharpness=0.22)
    assert judge_clarity(replace(NO_TEXT, lines=(leaves, leaves)), LIMITS).legibility is None
    assert (
        issues(replace(NO_TEXT, lines=(line(0.4, 4), line(0.3, 4)), sharpness=0.08, contrast=90.0, text_px=30.0))[0].code
        == "blurred"
    )


def test_a_large_round_thing_that_reads_as_one_character_is_no_text() -> None:
    crown = line(0.94, 1.2, sharpness=0.1)
    assert judge_clarity(replace(NO_TEXT, lines=(crown, line(0.6, 1.5), line(0.5, 1.6))), LIMITS).legibility is None
    assert judge_clarity(replace(NO_TEXT, lines=(replace(crown, weight=2.2),)), LIMITS).legibility is not None


def test_lines_that_only_the_second_look_found_are_lost() -> None:
    assert issues(replace(FINE, lost=(line(0.99, 60),), contrast=6.0))[0].severity is Severity.REJECT


def test_the_place_is_shown_where_it_is_not_most_of_the_page() -> None:
    corner = Box(10, 10, 90, 30)
    (issue,) = issues(replace(FINE, lines=(line(0.995, 60), line(0.3, 40, corner))))
    assert issue.box == corner
    assert issues(replace(FINE, lines=(line(0.3), line(0.3))))[0].box is None


def test_a_photograph_without_text_is_no_matter_of_clarity() -> None:
    assert judge_clarity(NO_TEXT, LIMITS).legibility is None
    assert issues(NO_TEXT) == ()


@pytest.mark.parametrize(
    ("code", "changed"),
    [
        ("blurred", {"softness_px": 25.0}),
        ("too_dark", {"brightest": 12.0, "range": 10.0}),
        ("too_dark", {"shade": 0.75}),
        ("noisy", {"grain": 90.0}),
        ("low_contrast", {"range": 8.0}),
        ("low_contrast", {"text_like": 20}),
    ],
)
def test_a_page_on_which_nothing_can_be_seen_is_none(code: str, changed: dict[str, float]) -> None:
    (issue,) = issues(replace(NO_TEXT, **changed))  # type: ignore[arg-type]
    assert (issue.code, issue.severity, issue.value) == (code, Severity.REJECT, 0.0)


@given(
    st.floats(0, 1), st.floats(0, 1), st.floats(0.01, 0.3), st.floats(0, 120), st.floats(0, 1),
    st.sampled_from(("confidence", "lost", "sharpness", "grain", "shade")),
)  # fmt: skip
def test_no_measure_that_worsens_makes_a_page_more_legible(
    confidence: float, lost: float, sharpness: float, grain: float, shade: float, worse: str
) -> None:
    def legibility(confidence: float, lost: float, sharpness: float, grain: float, shade: float) -> float:
        gone = (line(0.9, lost * 100),) if lost else ()
        page = replace(FINE, lines=(line(confidence), line(0.995, 2)), lost=gone, sharpness=sharpness, grain=grain, shade=shade)
        value = judge_clarity(page, LIMITS).legibility
        assert value is not None
        return value

    now = {"confidence": confidence, "lost": lost, "sharpness": sharpness, "grain": grain, "shade": shade}
    steps = {"confidence": 0.7, "sharpness": 0.7}
    then = now | {worse: now[worse] * steps[worse] if worse in steps else now[worse] * 1.4 + 0.05}
    assert legibility(**then) <= legibility(**now) + 1e-9


# ---- real pages ----


@cache
def small_page() -> DrawnPage:
    sheet = Sheet(640, 330, paper="#d8d8d4", ink="#484848")
    paragraph(sheet, SENTENCES[:7], 40, 30, 22)
    return sheet.page()


def screen(pixels: Pixels, reader: PpOcrReader) -> PageScreening:
    reading = reader.read(pixels, charset=frozenset())
    return screen_page(Page(0, pixels), reading, reader, LIMITS)


def rank(screening: PageScreening) -> int:
    # The edge of a shadow may look like a thing that lies on the page: a warning that has nothing to do with clarity.
    severities = [issue.severity for issue in screening.issues if issue.code != "obscured"]
    return 2 if Severity.REJECT in severities else 1 if severities else 0


@pytest.mark.parametrize("kind", CLARITY)
def test_a_stronger_defect_never_gets_a_better_answer(kind: str, reader: PpOcrReader) -> None:
    page = small_page()
    results = [screen(spoil(kind, s, page.pixels, em_px=22, seed=3), reader) for s in STRENGTHS]
    ranks = [rank(result) for result in results]
    assert ranks == sorted(ranks)
    assert ranks[0] == 0
    # JPEG and grain leave large black print on white legible for long: a person reads it, too.
    assert ranks[-1] == 2 or kind in ("jpeg", "noise")
    values = [1.0 if r.legibility is None else r.legibility for r in results]
    assert all(later <= earlier + 0.05 for earlier, later in pairwise(values)), values


@pytest.mark.parametrize(
    ("kind", "codes"),
    [
        ("defocus", {"blurred"}),
        ("motion", {"blurred"}),
        ("low_resolution", {"low_resolution"}),
        ("enlarged", {"blurred"}),
        ("faint", {"too_bright", "low_contrast", "blank"}),
        ("too_bright", {"too_bright"}),
        ("too_dark", {"too_dark"}),
        ("shadow", {"too_dark"}),
    ],
)
def test_an_illegible_page_is_told_why(kind: str, codes: set[str], reader: PpOcrReader) -> None:
    found = screen(spoil(kind, 5, small_page().pixels, em_px=22, seed=3), reader)
    assert {issue.code for issue in found.issues if issue.severity is Severity.REJECT} <= codes
    assert rank(found) == 2


def test_one_sharp_line_on_a_white_page_is_clear(reader: PpOcrReader) -> None:
    sheet = Sheet(1654, 2339)
    sheet.write("此页无正文", 700, 1100, 40)
    assert screen(sheet.page().pixels, reader).issues == ()


def test_a_sharp_photograph_does_not_help_blurred_text(reader: PpOcrReader) -> None:
    pixels = spoil("defocus", 5, small_page().pixels, em_px=22, seed=1)
    rng = np.random.default_rng(0)
    picture = np.kron(rng.integers(0, 255, (30, 24, 3)), np.ones((6, 6, 1))).astype(np.uint8)
    both = np.concatenate([pixels, np.full((pixels.shape[0], 200, 3), 255, np.uint8)], axis=1)
    both[40:220, 660:804] = picture
    assert any(i.severity is Severity.REJECT for i in screen(both, reader).issues)


def test_a_page_in_order_is_read_once(reader: PpOcrReader) -> None:
    class Counting(PpOcrReader):
        def __init__(self) -> None:
            self.asked = 0

        def read(self, pixels: Pixels, *, charset: frozenset[str], zoom: float = 1.0) -> Reading:
            self.asked += 1
            return reader.read(pixels, charset=charset, zoom=zoom)

    counting = Counting()
    pixels = small_page().pixels
    screen_page(Page(0, pixels), counting.read(pixels, charset=frozenset()), counting, LIMITS)
    assert counting.asked == 1

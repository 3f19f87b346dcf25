"""The fit of the thresholds: what each of them promises, on sightings made up for the purpose and on the collected ones."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from redact.errors import ModelError
from redact.names.calibration import (
    Costs,
    Seen,
    SeenPage,
    Sighting,
    fit_thresholds,
    outcome,
    read_pages,
    read_sightings,
)
from redact.names.thresholds import Thresholds, load_thresholds
from redact.resources import models_dir

CALIBRATION = models_dir() / "calibration"
HERE = Thresholds(mask=-1.5, review=-3.0, hand_mask=-2.0, hand_review=-5.0, weak_line=0.6, weak_share=0.2, small_text_px=9.0)


def name_at(score: float | None, *, page: int = 0, **more: object) -> Sighting:
    made = Sighting(page, 2, "true", 0, "", "page", "alone", False, True, score, None, None, None)
    return replace(made, **more)  # type: ignore[arg-type]


def stranger_at(score: float, *, page: int = 0, **more: object) -> Sighting:
    return name_at(score, page=page, label="other", occurrence=None, **more)


def page_of(index: int, *, grade: int = 2, weak: float = 0.0, small: float = 0.0) -> SeenPage:
    return SeenPage(index, grade, True, dict.fromkeys((0.5, 0.6, 0.7), weak), {float(height): small for height in (7, 8, 9, 10)})


# ---- one sighting ----


@pytest.mark.parametrize(
    ("sighting", "end"),
    [
        (name_at(0.0), "mask"),
        (name_at(-1.5), "mask"),
        (name_at(-1.6), "review"),
        (name_at(-3.0), "review"),
        (name_at(-3.1), None),
        (name_at(None), None),
        # Part of another's name: never a hit. A neighbour that leaves it open: never sure.
        (name_at(0.0, surroundings="other"), None),
        (name_at(0.0, surroundings="unsure"), "review"),
        (name_at(0.0, surroundings="part"), "review"),
        # Greedy reading has something else there: the other looks decide.
        (name_at(-1.0, written=False, look_median=-0.5), "mask"),
        (name_at(-1.0, written=False, look_median=-2.0), "review"),
        (name_at(-2.0, look_best=-0.2), "mask"),
        (name_at(-2.0, look_best=-1.9), "review"),
        # Beside the applicant's own anchor the softer pair holds; beside one that does not say whose, half of it.
        (name_at(-2.0, hand="own"), "mask"),
        (name_at(-4.9, hand="own"), "review"),
        (name_at(-2.0, hand="any"), "review"),
        (name_at(-4.9, hand="any", look="signature"), None),
        (name_at(-2.0, hand="seal", look="seal"), "mask"),
        (name_at(-3.1, hand="seal", look="seal"), None),
        # Only weak lines are read again.
        (name_at(0.0, look="again", confidence=0.59), "mask"),
        (name_at(0.0, look="again", confidence=0.61), None),
    ],
)
def test_a_sighting_becomes_a_mask_a_review_or_nothing(sighting: Sighting, end: str | None) -> None:
    assert outcome(sighting, HERE) == end


def test_a_doubt_about_ink_that_another_look_is_sure_of_sends_no_page_to_a_person() -> None:
    seen = Seen([name_at(-2.0), name_at(0.0, look="again")], [page_of(0)])
    assert seen.tally(HERE).reviews == 0


def test_a_missed_name_on_a_page_that_somebody_looks_at_is_no_leak() -> None:
    sightings = [name_at(-8.0), stranger_at(-2.0)]
    tally = Seen(sightings, [page_of(0)]).tally(HERE)
    assert (tally.missed, tally.leaks, tally.reviews) == (1, 0, 1)
    assert Seen(sightings[:1], [page_of(0)]).tally(HERE).leaks == 1


@pytest.mark.parametrize("bad", [{"weak": 0.3}, {"small": 0.3}])
def test_a_page_that_can_hardly_be_read_goes_to_a_person(bad: dict[str, float]) -> None:
    assert Seen([], [page_of(0, **bad)]).tally(HERE).reviews == 1
    # That is what is wanted of a page that nobody can read, so it is not a cost there.
    assert Seen([], [page_of(0, grade=5, **bad)]).tally(HERE).reviews == 0


# ---- the fit ----

PAGES = [page_of(i) for i in range(400)]
NAMES = [name_at(0.0, page=i) for i in range(399)]


def test_no_name_that_was_seen_is_lost_for_the_sake_of_a_few_reviews() -> None:
    strangers = [stranger_at(-3.5, page=i) for i in range(15)]
    chosen = fit_thresholds([*NAMES, name_at(-4.2, page=399), *strangers], PAGES).thresholds
    assert chosen.review <= -4.2


def test_a_leak_is_weighed_against_reviews() -> None:
    strangers = [stranger_at(-3.5, page=i) for i in range(15)]
    sightings = [*NAMES, name_at(-4.2, page=399), *strangers]
    assert fit_thresholds(sightings, PAGES, Costs(leak=10)).thresholds.review > -3.5
    assert fit_thresholds(sightings, PAGES, Costs(leak=1000)).thresholds.review <= -4.2


def test_nobody_is_asked_about_every_fourth_page() -> None:
    strangers = [stranger_at(-3.5, page=i) for i in range(100)]
    assert fit_thresholds([*NAMES, name_at(-4.2, page=399), *strangers], PAGES).thresholds.review > -3.5


def test_the_margin_below_the_worst_name_goes_as_far_as_it_is_cheap() -> None:
    crowd = [stranger_at(-5.0, page=i) for i in range(300)]
    few = [stranger_at(-3.6, page=i) for i in range(2)]
    assert -5.0 < fit_thresholds([*NAMES, *few, *crowd], PAGES).thresholds.review < -3.6


def test_strangers_are_not_masked() -> None:
    strangers = [stranger_at(-1.0, page=i) for i in range(3)]
    assert fit_thresholds([*NAMES, *strangers], PAGES).thresholds.mask > -1.0


def test_unreadable_pages_move_no_score() -> None:
    beyond = page_of(1000, grade=5, weak=0.6)
    lost = name_at(-7.9, page=1000, grade=5)
    strangers = [stranger_at(-4.0, page=i) for i in range(100)]
    assert (
        fit_thresholds([*NAMES, *strangers, lost], [*PAGES, beyond]).thresholds.review
        == fit_thresholds([*NAMES, *strangers], PAGES).thresholds.review
    )


def test_weak_text_is_tolerated_only_as_long_as_no_name_is_missed_in_it() -> None:
    beyond = [page_of(1000 + i, grade=5, weak=0.12) for i in range(5)]
    lost = [name_at(None, page=page.page, grade=5, look="none") for page in beyond]
    readable = [page_of(2000 + i, weak=0.08) for i in range(50)]
    assert fit_thresholds([*NAMES, *lost], [*PAGES, *beyond, *readable]).thresholds.weak_share == 0.1


def test_with_nothing_to_go_by_there_is_no_fit() -> None:
    with pytest.raises(ValueError):
        fit_thresholds([], [])


def test_a_better_feature_lets_fewer_strangers_in() -> None:
    """Of four characters one wrong: the mean is that of a badly read name, the worst character is not."""
    sightings = [name_at(-2.5, worst=-4.0), stranger_at(-2.0, worst=-8.0, page=1)]
    seen = Seen(sightings, [page_of(0), page_of(1)])
    assert seen.count_overlap(lambda s: s.score) == (-2.5, 1)
    assert seen.count_overlap(lambda s: s.worst) == (-4.0, 0)


# ---- what is in the checkout ----


def test_the_collected_pages_hold_no_text() -> None:
    for name in ("candidates.csv", "pages.csv"):
        content = (CALIBRATION / name).read_bytes()
        assert content.isascii() and len(content) < 400_000


def test_the_collected_pages_are_enough_to_fit_on() -> None:
    pages = read_pages(CALIBRATION / "pages.csv")
    names = {(s.page, s.occurrence) for s in read_sightings(CALIBRATION / "candidates.csv") if s.label == "true"}
    assert len(pages) >= 400
    assert len(names) >= 300
    assert {page.grade for page in pages} == {1, 2, 3, 4, 5}
    assert 0.15 < sum(not page.has_name for page in pages) / len(pages) < 0.35


def test_thresholds_are_loaded_as_they_were_written(tmp_path: Path) -> None:
    (tmp_path / "calibration").mkdir()
    (tmp_path / "manifest.toml").touch()
    file = tmp_path / "calibration" / "thresholds.json"
    file.write_text(HERE.to_json(), encoding="utf-8")
    assert load_thresholds(tmp_path) == HERE
    incomplete = {k: v for k, v in json.loads(HERE.to_json()).items() if k != "review"}
    file.write_text(json.dumps(incomplete), encoding="utf-8")
    with pytest.raises(ModelError):
        load_thresholds(tmp_path)


def test_the_shipped_thresholds_are_in_order() -> None:
    shipped = load_thresholds()
    assert shipped.review < shipped.mask <= 0
    assert shipped.hand_review < shipped.hand_mask <= 0
    assert shipped.hand_review <= shipped.review

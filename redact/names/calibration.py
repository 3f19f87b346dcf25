"""Fitting the thresholds on drawn pages: what every candidate was, and what each choice would have done.

The costs are not equal: a leak cannot be taken back, a page sent to a person costs a minute. So each threshold is the *safest* of
the values that cost hardly more than the cheapest, and :func:`fit_thresholds` says which side is the safe one.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from redact.names.thresholds import Thresholds

# Pages of this grade are worse than any that must be read: they show where reading ends, and no score is fitted on them.
UNREADABLE_GRADE = 5
# Where the search starts; two rounds settle it, since the thresholds hardly depend on each other.
_START = Thresholds(mask=-1.5, review=-3.0, hand_mask=-1.5, hand_review=-5.0, weak_line=0.6, weak_share=0.2, small_text_px=9.0)
_ROUNDS = 2
_SCORES = tuple(round(-0.5 - 0.1 * i, 1) for i in range(66))
_SHARES = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)


@dataclass(frozen=True, slots=True)
class Sighting:
    """A row of candidates.csv (models/calibration/README.md has the columns): a candidate of a drawn page and what it really is.

    ``score`` is None for an occurrence of the name that no candidate covers.
    """

    page: int
    grade: int
    label: str
    occurrence: int | None
    hand: str
    look: str
    surroundings: str
    latin: bool
    written: bool
    score: float | None
    worst: float | None
    look_median: float | None
    look_best: float | None
    confidence: float = 0.0
    drawn_by_hand: bool = False

    @property
    def by_hand(self) -> bool:
        """Whether the softer thresholds hold: beside an anchor that says whose signature it is, in its ink, on a seal."""
        return self.hand in ("own", "seal") or self.look == "signature"


@dataclass(frozen=True, slots=True)
class SeenPage:
    """A row of pages.csv. ``weak_shares``: confidence limit -> share of the text's area in lines read with less;
    ``small_shares``: height in pixels -> share of the text's area in lines lower than it."""

    page: int
    grade: int
    has_name: bool
    weak_shares: Mapping[float, float]
    small_shares: Mapping[float, float]


def read_sightings(path: Path) -> tuple[Sighting, ...]:
    def number(value: str) -> float | None:
        return float(value) if value else None

    with path.open(encoding="utf-8", newline="") as file:
        return tuple(
            Sighting(
                page=int(row["page"]),
                grade=int(row["grade"]),
                label=row["label"],
                occurrence=int(row["occurrence"]) if row["occurrence"] else None,
                hand=row["hand"],
                look=row["look"],
                surroundings=row["surroundings"],
                latin=row["latin"] == "1",
                written=row["written"] == "1",
                score=number(row["score"]),
                worst=number(row["worst"]),
                look_median=number(row["look_median"]),
                look_best=number(row["look_best"]),
                confidence=number(row["confidence"]) or 0.0,
                drawn_by_hand=row["drawn_by_hand"] == "1",
            )
            for row in csv.DictReader(file)
        )


def read_pages(path: Path) -> tuple[SeenPage, ...]:
    def shares(row: Mapping[str, str], prefix: str, unit: float) -> dict[float, float]:
        return {round(int(key.removeprefix(prefix)) * unit, 2): float(v) for key, v in row.items() if key.startswith(prefix)}

    with path.open(encoding="utf-8", newline="") as file:
        return tuple(
            SeenPage(int(r["page"]), int(r["grade"]), r["has_name"] == "1", shares(r, "weak_", 0.01), shares(r, "small_", 1.0))
            for r in csv.DictReader(file)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """``leak``, ``stranger``: in pages that a person looks at; a stranger is a page on which somebody else's name is masked and
    nobody looks. Shares are of the pages. ``stranger_share``: at most so many such pages. ``review_share``: no threshold sends
    more pages than this to a person, beyond those that it cannot help sending. ``margin_share``: what a margin beyond the
    worst that was seen may cost in reviews."""

    leak: float = 1000.0
    stranger: float = 20.0
    stranger_share: float = 0.002
    review_share: float = 0.05
    margin_share: float = 0.005


@dataclass(frozen=True, slots=True)
class Tally:
    """What a set of thresholds would have done on the drawn pages. ``missed``: occurrences of the name that are neither masked
    nor pointed at; ``leaks``: those of them on pages that nobody looks at; ``reviews``, ``strangers``: pages."""

    missed: int
    leaks: int
    reviews: int
    strangers: int


@dataclass(frozen=True, slots=True)
class Curve:
    """What each value of one threshold would have done, the others being as chosen."""

    field: str
    values: tuple[float, ...]
    tallies: tuple[Tally, ...]
    chosen: float


@dataclass(frozen=True, slots=True)
class Fit:
    thresholds: Thresholds
    curves: Mapping[str, Curve]


def fit_thresholds(sightings: Iterable[Sighting], pages: Sequence[SeenPage], costs: Costs = Costs()) -> Fit:
    """The thresholds, and the curve of each. Within the limits of ``costs``, of the cheapest values the safest:

    - ``mask``, ``hand_mask``: the highest (what is below is reviewed);
    - ``review``, ``hand_review``: the lowest (more is seen by a person);
    - ``weak_line``: the highest, ``weak_share``: the lowest (fewer pages may say 否), with the unreadable pages in view, where
      names are missed;
    - ``small_text_px``: the lowest, not the safest: no readable page was drawn with text so small, so its price is not known.

    ``review``, ``hand_review``, ``weak_line`` and ``weak_share`` move on to the safe side as far as the margin allows.

    Raises:
        ValueError: no pages.
    """
    if not pages:
        raise ValueError("nothing to fit on")
    seen = Seen(sightings, pages)
    usual = seen.of(lambda page: page.grade < UNREADABLE_GRADE)
    count = len(usual.pages)
    limits = sorted(set.intersection(*(set(p.weak_shares) for p in pages)))
    heights = sorted(set.intersection(*(set(p.small_shares) for p in pages)))
    chosen = _START
    curves: dict[str, Curve] = {}

    def by_missed(tally: Tally) -> float:
        return costs.leak * tally.missed + costs.stranger * tally.strangers + tally.reviews

    def by_leaks(tally: Tally) -> float:
        return costs.leak * tally.leaks + tally.reviews

    def choose(field: str, values: Sequence[float], safest: Callable[..., float], *, margin: float = 0.0) -> None:
        nonlocal chosen
        # Names are missed for want of readability on the unreadable pages; there a review is what is wanted.
        whole_pages = field in ("weak_line", "weak_share", "small_text_px")
        on, cost = (seen, by_leaks) if whole_pages else (usual, by_missed)
        tallies = [on.tally(replace(chosen, **{field: value})) for value in values]
        options = list(zip(values, tallies, strict=True))
        if not whole_pages:
            fewest = max(costs.stranger_share * count, min(t.strangers for _, t in options))
            options = [(value, t) for value, t in options if t.strangers <= fewest]
        most = min(t.reviews for _, t in options) + costs.review_share * count
        options = [(value, t) for value, t in options if t.reviews <= most]
        limit = min(cost(t) for _, t in options) + margin * count
        best = safest(value for value, t in options if cost(t) <= limit)
        chosen = replace(chosen, **{field: best})
        curves[field] = Curve(field, tuple(values), tuple(tallies), best)

    for _ in range(_ROUNDS):
        choose("mask", [s for s in _SCORES if s >= chosen.review], max)
        choose("review", [s for s in _SCORES if s <= chosen.mask], min, margin=costs.margin_share)
        choose("hand_mask", [s for s in _SCORES if s >= chosen.hand_review], max)
        choose("hand_review", [s for s in _SCORES if s <= chosen.hand_mask], min, margin=costs.margin_share)
        choose("weak_line", limits, max, margin=costs.margin_share)
        choose("weak_share", _SHARES, min, margin=costs.margin_share)
        choose("small_text_px", heights, min)
    return Fit(chosen, curves)


class Seen:
    """Drawn pages with what was sighted on each."""

    def __init__(self, sightings: Iterable[Sighting], pages: Sequence[SeenPage]) -> None:
        self.pages = tuple(pages)
        self._sightings: dict[int, list[Sighting]] = defaultdict(list)
        for sighting in sightings:
            self._sightings[sighting.page].append(sighting)

    def of(self, wanted: Callable[[SeenPage], bool]) -> Seen:
        kept = [page for page in self.pages if wanted(page)]
        return Seen((s for page in kept for s in self._sightings[page.page]), kept)

    def tally(self, thresholds: Thresholds) -> Tally:
        """What ``thresholds`` would have done. Reviews of unreadable pages are not counted: they are what is wanted."""
        missed = leaks = reviews = strangers = 0
        for page in self.pages:
            ends = [(sighting, outcome(sighting, thresholds)) for sighting in self._sightings[page.page]]
            # A doubt about ink that another look is sure of is none.
            masked = {s.occurrence for s, end in ends if end == "mask" and s.occurrence is not None}
            reviewed = any(end == "review" and s.occurrence not in masked for s, end in ends) or _unreadable(page, thresholds)
            found = {s.occurrence for s, end in ends if end is not None and s.label == "true"}
            lost = len({s.occurrence for s, _ in ends if s.label == "true"} - found)
            missed += lost
            leaks += 0 if reviewed else lost
            reviews += reviewed and page.grade < UNREADABLE_GRADE
            strangers += any(end == "mask" and s.label == "other" for s, end in ends)
        return Tally(missed, leaks, reviews, strangers)

    def count_overlap(self, feature: Callable[[Sighting], float | None], lost: float = 0.0) -> tuple[float, int]:
        """How well ``feature`` parts the name, where no softer threshold holds, from strangers whose surroundings raise no doubt:
        its value for the worst occurrence, a share ``lost`` of them left aside, and how many pages have a stranger as good.

        Raises:
            ValueError: no occurrence has a value.
        """
        every = [sighting for sightings in self._sightings.values() for sighting in sightings]
        softer = {(s.page, s.occurrence) for s in every if s.by_hand and s.label == "true"}
        true: dict[tuple[int, int | None], float] = {}
        other: dict[int, float] = {}
        for sighting in every:
            value = feature(sighting)
            if value is None or sighting.by_hand or (sighting.page, sighting.occurrence) in softer:
                continue
            if sighting.label == "true":
                key = sighting.page, sighting.occurrence
                true[key] = max(value, true.get(key, value))
            elif sighting.label == "other" and sighting.surroundings == "alone":
                other[sighting.page] = max(value, other.get(sighting.page, value))
        if not true:
            raise ValueError("no occurrence has a value")
        lowest = sorted(true.values())[int(lost * len(true))]
        return lowest, sum(value >= lowest for value in other.values())


def outcome(sighting: Sighting, thresholds: Thresholds) -> str | None:
    """``mask``, ``review`` or None: what :func:`redact.search.search_page` would make of it."""
    score = sighting.score
    mask, review = (thresholds.hand_mask, thresholds.hand_review) if sighting.by_hand else (thresholds.mask, thresholds.review)
    if sighting.look == "seal" or (sighting.look == "signature" and sighting.hand == "any"):
        review = thresholds.review
    if sighting.look == "again" and sighting.confidence >= thresholds.weak_line:
        return None  # that line would not have been read again
    if score is None or score < min(review, mask) or sighting.surroundings == "other":
        return None
    if sighting.surroundings != "alone":
        return "review"
    if score >= mask:
        # Greedy reading has something else there: most looks must agree.
        doubted = not sighting.written and sighting.look_median is not None and sighting.look_median < thresholds.mask
        return "review" if doubted else "mask"
    return "mask" if sighting.look_best is not None and sighting.look_best >= mask else "review"


def _unreadable(page: SeenPage, thresholds: Thresholds) -> bool:
    weak, small = page.weak_shares[thresholds.weak_line], page.small_shares[thresholds.small_text_px]
    return max(weak, small) > thresholds.weak_share

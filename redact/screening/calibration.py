"""Fitting what legibility means, on drawn pages spoilt in graded strengths: what was measured of each, and how it was read.

The costs are not equal: a name that slips through cannot be taken back, a page that is sent back costs the applicant a minute.
So where there is room between the pages that read well and those on which names are missed, the limit is laid on the safe side
of the middle.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from redact.geometry import Box
from redact.screening.clarity import judge_clarity
from redact.screening.measures import MeasuredLine, PageMeasures
from redact.screening.thresholds import ClarityThresholds

# The issue's own terms: under GOOD the reader's error rate leaves a page legible, over BAD it does not; between is not scored.
GOOD, BAD = 0.03, 0.30
# An error rate at which one name of three characters in four is misread somewhere.
HURTS = 0.10
# A line read with less confidence is not read.
UNREAD = 0.8
SOFT_KINDS = frozenset({"defocus", "motion", "enlarged", "low_resolution"})
FAINT_KINDS = frozenset({"faint", "too_bright", "too_dark"})
# Where none of the pages tell: what a scanner or a screen shows as white, and a third of that.
BURNT_PAPER, DARK_PAPER = 245.0, 80.0
# Width of the sharpest edges of pictures without text: real photographs reach 6.6, drawn ones 8.2; a page so smeared that no
# line shows, on its desk, begins at 10.4.
SOFT_PICTURE_PX = 9.3
_NOWHERE = Box(0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class SpoiltPage:
    """A row of legibility.csv (models/calibration/README.md has the columns). ``names``: occurrences of the name on it;
    ``missed``: of these, not found, with nobody asked to look."""

    page: int
    grade: int
    kind: str
    strength: int
    error_rate: float
    names: int
    missed: int
    measures: PageMeasures


COLUMNS = (
    "page", "document", "grade", "kind", "strength", "characters", "error_rate", "names", "missed", "text_px", "sharpness",
    "contrast", "noise", "paper", "grain", "shade", "blocks", "softness_px", "brightest", "range", "text_like", "looked_twice",
    "lost", "lines",
)  # fmt: skip
_NUMBERS = ("text_px", "sharpness", "contrast", "noise", "paper", "grain", "shade", "blocks", "softness_px", "brightest", "range")
# Lines read with more confidence than this are kept as one.
WELL_READ = 0.99


def describe_measures(measures: PageMeasures) -> dict[str, str]:
    """A page's measures as cells of legibility.csv."""
    cells = {name: f"{getattr(measures, name):.5g}" for name in _NUMBERS}
    well = [line for line in measures.lines if line.confidence > WELL_READ]
    kept = [_write_line(line) for line in measures.lines if line.confidence <= WELL_READ]
    if well:
        together = MeasuredLine(_NOWHERE, 1.0, sum(line.weight for line in well), 1.0, 255.0, 0.0)
        kept.append(_write_line(together))
    return cells | {
        "text_like": str(measures.text_like),
        "looked_twice": str(int(measures.looked_twice)),
        "lost": f"{sum(line.weight for line in measures.lost):.4g}",
        "lines": " ".join(kept),
    }


def _write_line(line: MeasuredLine) -> str:
    return ":".join(f"{value:.3g}" for value in (line.confidence, line.weight, line.sharpness, line.contrast, line.noise))


def _read_line(cell: str) -> MeasuredLine:
    confidence, weight, sharpness, contrast, noise = map(float, cell.split(":"))
    return MeasuredLine(_NOWHERE, confidence, weight, sharpness, contrast, noise)


def read_pages(path: Path) -> list[SpoiltPage]:
    with path.open(encoding="utf-8", newline="") as file:
        return [_parse(row) for row in csv.DictReader(file)]


def _parse(row: dict[str, str]) -> SpoiltPage:
    lost = float(row["lost"])
    measures = PageMeasures(
        lines=tuple(map(_read_line, row["lines"].split())),
        lost=(MeasuredLine(_NOWHERE, 1.0, lost, 1.0, 255.0, 0.0),) if lost else (),
        text_like=int(row["text_like"]),
        looked_twice=row["looked_twice"] == "1",
        **{name: float(row[name]) for name in _NUMBERS},
    )
    return SpoiltPage(
        page=int(row["page"]),
        grade=int(row["grade"]),
        kind=row["kind"],
        strength=int(row["strength"]),
        error_rate=float(row["error_rate"]),
        names=int(row["names"]),
        missed=int(row["missed"]),
        measures=measures,
    )


def legibilities(pages: Iterable[SpoiltPage], limits: ClarityThresholds) -> NDArray[np.float64]:
    """Legibility of each page, 0..1; 1 where it shows no text and is taken for a photograph."""
    judged = (judge_clarity(page.measures, limits).legibility for page in pages)
    return np.array([1.0 if value is None else value for value in judged])


def fit_legibility(pages: Sequence[SpoiltPage]) -> ClarityThresholds:
    """All numbers of :class:`ClarityThresholds`, from the pages alone.

    ``read`` and ``lost``: least squares of the expected against the real error rate, on pages that lost no line.
    ``sharpness``: what nineteen in twenty unread lines of soft pages stay below; ``noise`` and ``blocks``: what nearly all
    legible pages stay below. Limits between two groups of pages (legible and not, of one cause) lie in the middle of what
    separates them best. ``reject``: in the gap between pages under GOOD and over BAD, as high as lets nearly all of the former
    pass, since names go with characters.
    """
    read, lost = _fit_line([p for p in pages if p.kind in SOFT_KINDS | {"jpeg"} and p.measures.lines])
    soft = [p for p in pages if p.kind in SOFT_KINDS and p.measures.lines]
    faint = [p for p in pages if p.kind in FAINT_KINDS and p.measures.sharpness]
    good = [p for p in pages if p.error_rate < GOOD]
    sharp_good = np.array([p.measures.sharpness for p in good if p.measures.lines])
    unread = [line for p in soft if p.error_rate > HURTS for line in p.measures.lines if line.confidence < UNREAD]
    sharpness = float(np.quantile([line.sharpness for line in unread], 0.95))
    noise = float(np.quantile([p.measures.noise for p in good if p.measures.lines], 0.98))
    blocks = float(np.quantile([p.measures.blocks for p in good if p.kind != "jpeg"], 0.98))
    contrast = _divide([(p.measures.contrast, p.error_rate < HURTS) for p in faint])
    noisy = [p for p in pages if p.kind == "noise"]
    grain = _divide([(-p.measures.grain, p.error_rate < BAD) for p in noisy])
    soft_bad = [p for p in soft if p.error_rate > HURTS]
    small = float(np.quantile([p.measures.text_px for p in soft_bad if p.kind == "low_resolution"], 0.95))
    shades = [p.measures.shade for p in pages if p.error_rate > BAD and p.measures.shade > 0]
    limits = ClarityThresholds(
        read=read,
        lost=lost,
        reject=0.0,
        warn=0.0,
        sharpness=round(sharpness, 3),
        contrast=round(contrast, 1),
        noise=round(noise, 3),
        # Softness alone, whatever confidence says, counts far below the softest legible page: it keeps order where hardly a line
        # is found any more.
        soft_begin=round(float(sharp_good.min()) * 0.6, 3),
        soft_end=round(float(sharp_good.min()) * 0.2, 3),
        soft_picture_px=SOFT_PICTURE_PX,
        small_px=round(small, 1),
        grain_begin=round(-grain * 0.8, 1),
        grain_reject=round(-grain * 1.2, 1),
        shade=round(float(np.quantile(shades, 0.25)) / 2, 2),
        shade_cause=round(float(np.median(shades)) / 2, 2),
        blocks=round(blocks, 2),
        grain_look=round(min(p.measures.grain for p in noisy if p.strength == 1) * 0.8, 1),
        contrast_look=round(2.5 * contrast, 1),
        text_like=8.0,
        burnt_paper=BURNT_PAPER,
        dark_paper=DARK_PAPER,
    )
    values = legibilities(pages, limits)
    rates = np.array([p.error_rate for p in pages])
    high, low = float(np.quantile(values[rates < GOOD], 0.005)), float(np.quantile(values[rates > BAD], 0.995))
    reject = round(low + 0.75 * (high - low), 2) if high > low else round(high, 2)
    return replace(limits, reject=reject, warn=round((reject + 1) / 2, 2))


def _fit_line(pages: Sequence[SpoiltPage]) -> tuple[float, float]:
    """READ and LOST with the least squared difference between expected and real error rate."""
    best = (float("inf"), 0.0, 0.0)
    for read in np.arange(0.95, 1.0001, 0.005):
        for lost in np.arange(0.30, 0.7001, 0.01):
            difference = 0.0
            for page in pages:
                weights = np.array([line.weight for line in page.measures.lines])
                confidences = np.array([line.confidence for line in page.measures.lines])
                expected = np.clip((read - confidences) / (read - lost), 0, 1) @ weights / weights.sum()
                difference += (float(expected) - page.error_rate) ** 2
            best = min(best, (difference, float(read), float(lost)))
    return round(best[1], 3), round(best[2], 3)


def _divide(cases: Sequence[tuple[float, bool]]) -> float:
    """The value that divides good cases (above) from the others best, each group counting alike; the middle of its gap."""
    values = np.array(sorted({value for value, _ in cases}))
    above = np.array([value for value, is_good in cases if is_good])
    below = np.array([value for value, is_good in cases if not is_good])
    middles = (values[1:] + values[:-1]) / 2
    scores = [float((above > m).mean() + (below <= m).mean()) for m in middles]
    best = np.flatnonzero(np.array(scores) >= max(scores) - 1e-9)
    return float(middles[best].mean())

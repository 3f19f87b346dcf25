"""Clarity as legibility: the share of a page's characters that the reader is expected to get right, and what takes the rest.

Characters are lost in three ways, and each is measured where it happens (:mod:`redact.screening.measures`):

- lines that are read without confidence (blur, too few pixels, blocks of a JPEG),
- lines that are not found at all (faint, dark, shaded), which a second look in even light shows,
- grain or darkness in which no look finds anything.

A line that stands sharp and dark on its paper and is read without confidence all the same is a hand, an ornament or a foreign
script: whoever scanned the page can do nothing about it, and masking has its own doubts there. Nothing is measured on the
picture as such: a sharp portrait does not help a blurred text, and a page that is white but for one sharp line is legible. Only
a picture without any text is judged as a picture.
"""

from __future__ import annotations

from dataclasses import dataclass

from redact.geometry import Box
from redact.screening.measures import SURE, MeasuredLine, PageMeasures
from redact.screening.thresholds import ClarityThresholds
from redact.values import Issue, Severity

# Lines whose expected error rate is above this are shown, where they are not most of the page.
BAD_LINE, MOST = 0.5, 0.6
# Length of a line of two characters, in its own characters; things in photographs that pass for one reach 1.8.
WORD = 1.9
# So many soft regions are text that nobody can read; a single one may be anything.
SOFT_LINES = 2
# Sharpness from which softness is no excuse, as a multiple of the limit: unread lines of sharp pages (hands, on real pages) begin
# at 0.187, on drawn ones at 0.21 in the median.
FROM_LIMIT_TO_FINE = 1.27


@dataclass(frozen=True, slots=True)
class Clarity:
    """``legibility``: 0..1, one minus the expected error rate; None where there is no text to measure. ``cause``: the issue code
    of what is farthest beyond its limit. ``box``: around the lines that cannot be read, where they are not most of the page."""

    legibility: float | None
    cause: str
    box: Box | None = None


def judge_clarity(measures: PageMeasures, limits: ClarityThresholds) -> Clarity:
    if not measures.lost and not _shows_text(measures, limits):
        return _judge_picture(measures, limits)
    total = sum(line.weight for line in measures.lines + measures.lost)
    errors = [(line, limits.expected_errors(line.confidence) * _blame(line, measures, limits)) for line in measures.lines]
    right = sum(line.weight * (1 - share) for line, share in errors)
    legibility = min(
        right / total,
        limits.soft_share(measures.sharpness),
        limits.grain_share(measures.grain),
        1.0 - measures.shade if measures.shade > limits.shade else 1.0,
    )
    bad = [*measures.lost, *(line for line, share in errors if share > BAD_LINE)]
    local = bad and sum(line.weight for line in bad) < MOST * total
    return Clarity(legibility, find_cause(measures, limits), Box.around_all(line.box for line in bad) if local else None)


def _shows_text(measures: PageMeasures, limits: ClarityThresholds) -> bool:
    """Whether the regions that were found are text: something of them was read, or they are soft as blurred text is, or many.
    Leaves and hair are taken for a line here and there, and are sharp; the crown of a tree, for one large character."""
    words = [line for line in measures.lines if line.weight >= WORD]
    if any(line.confidence >= SURE for line in words) or len(measures.lines) >= limits.text_like:
        return True
    return sum(line.sharpness < limits.sharpness for line in words) >= SOFT_LINES


def _blame(line: MeasuredLine, measures: PageMeasures, limits: ClarityThresholds) -> float:
    """How far the picture is to blame for what was not read in a line, 0..1: softness, faintness, grain, blocks."""
    return max(
        _ramp(limits.sharpness, line.sharpness, limits.sharpness * FROM_LIMIT_TO_FINE),
        _ramp(limits.contrast, line.contrast, limits.contrast * 2),
        _ramp(-limits.noise * 2, -line.noise, -limits.noise),
        _ramp(-limits.blocks * 1.5, -measures.blocks, -limits.blocks),
    )


def _ramp(bad: float, value: float, fine: float) -> float:
    """1 at ``bad`` and below, 0 at ``fine`` and above."""
    return min(1.0, max(0.0, (fine - value) / (fine - bad)))


def find_clarity_issues(clarity: Clarity, limits: ClarityThresholds, page_index: int) -> tuple[Issue, ...]:
    """One issue at most: the page is illegible, or close to it, and why."""
    if clarity.legibility is None or clarity.legibility >= limits.warn:
        return ()
    reject = clarity.legibility < limits.reject
    severity, threshold = (Severity.REJECT, limits.reject) if reject else (Severity.WARN, limits.warn)
    return (Issue(clarity.cause, severity, page_index, clarity.box, clarity.legibility, threshold),)


def find_cause(measures: PageMeasures, limits: ClarityThresholds) -> str:
    """The code of what is farthest beyond its limit, as a ratio to it."""
    if measures.paper >= limits.burnt_paper:
        faint = "too_bright"
    else:
        faint = "too_dark" if measures.paper < limits.dark_paper else "low_contrast"
    soft = "low_resolution" if measures.text_px < limits.small_px else "blurred"
    return max(
        (limits.sharpness / max(measures.sharpness, 1e-3), soft),
        (limits.contrast / max(measures.contrast, 1e-3), faint),
        (measures.shade / limits.shade_cause, "too_dark"),
        (measures.grain / limits.grain_reject, "noisy"),
        (measures.blocks / limits.blocks, "noisy"),
    )[1]


def _judge_picture(measures: PageMeasures, limits: ClarityThresholds) -> Clarity:
    """A page on which no look read anything, but for a few regions that may be leaves or hair: a photograph, unless it is so bad
    that there might be text."""
    causes = (
        ("too_dark", measures.brightest < limits.dark_paper / 2),
        ("noisy", limits.grain_share(measures.grain) < limits.reject),
        ("too_dark", measures.shade > 1 - limits.reject),
        ("low_contrast", measures.range < limits.contrast_look or measures.text_like >= limits.text_like),
        ("blurred", measures.softness_px > limits.soft_picture_px),
    )
    cause = next((code for code, holds in causes if holds), None)
    return Clarity(None, "blurred") if cause is None else Clarity(0.0, cause)

"""Clarity as legibility: the share of a page's characters that the reader is expected to get right, and what takes the rest.

Characters are lost in three ways, and each is measured where it happens:

- lines that are read without confidence (blur, too few pixels, blocks of a JPEG),
- lines that are not found at all (faint, dark, shaded), which a second look in even light shows,
- grain or darkness in which no look finds anything.

Nothing is measured on the picture as such: a sharp portrait does not help a blurred text, and a page that is white but for one
sharp line is legible.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from redact.geometry import Box
from redact.lines import Line, Reading
from redact.screening.light import even_out
from redact.screening.shade import Shade, find_shade, measure_blocks, measure_grain, measure_softness
from redact.screening.strokes import Strokes, measure_strokes
from redact.screening.thresholds import ClarityThresholds
from redact.values import Issue, Pixels, Severity

# A border's pattern is detected as a long line and read as nonsense. It repeats itself: see strokes.py for the numbers. Text that
# is blurred repeats itself as well, but has no sharp edges.
ORNAMENT_CONFIDENCE, ORNAMENT, SHARP_ORNAMENT, SHARP = 0.9, 0.87, 0.72, 0.14
# Higher than this share of the page's short side, a region is a picture.
TALLEST = 0.25
# What the second look reads with this confidence, of at least so many characters, where the first had nothing sure, was lost.
SURE, KNOWN, OVERLAP, LEAST_GLYPHS = 0.7, 0.6, 0.3, 2
# So many times as long as thick, a region is shaped like a line of text.
LINE_ASPECT = 4.0
# A page with less text than this many characters gets the second look whatever its light.
LITTLE_TEXT = 12.0
# Lines whose expected error rate is above this are shown, where they are not most of the page.
BAD_LINE, MOST = 0.5, 0.6


@dataclass(frozen=True, slots=True)
class Clarity:
    """``legibility``: 0..1, one minus the expected error rate; None where there is no text to measure. ``cause``: the issue code
    of what is farthest beyond its limit. ``text_px``: median height of a character, by the text's length. ``box``: around the
    lines that cannot be read, where they are not most of the page."""

    legibility: float | None
    cause: str
    text_px: float | None
    box: Box | None
    looked_twice: bool


@dataclass(frozen=True, slots=True)
class _Measured:
    line: Line
    strokes: Strokes
    right: float


def measure_clarity(
    pixels: Pixels, grey: NDArray[np.uint8], reading: Reading, read: Callable[[Pixels], Reading], limits: ClarityThresholds
) -> Clarity:
    """Measure the (H, W, 3) page and its (H, W) grey levels on the text that ``reading`` found.

    ``read`` reads another picture of the page; it is called only where the page's light or grain may hide text.
    """
    seen = _measure(grey, reading.lines, limits)
    shade, grain = find_shade(grey), measure_grain(grey)
    lost: list[_Measured] = []
    text_like = 0
    twice = _may_hide(seen, shade, grain, limits)
    if twice:
        even, scale = even_out(pixels)
        second = read(even)
        lost = _measure(grey, _find_lost(second, scale, reading), limits)
        text_like = sum(line.quad.length >= LINE_ASPECT * line.quad.thickness for line in second.lines)
    everything = seen + lost
    hidden = 1.0 - shade.share if shade.share > limits.shade and not _reads_in_dark(seen, shade) else 1.0
    at_most = min(hidden, limits.grain_share(grain))
    if not everything:
        return _judge_picture(grey, at_most, grain, text_like, limits)
    total = sum(m.strokes.weight for m in everything)
    right = sum(m.strokes.weight * m.right for m in seen)
    soft = limits.soft_share(_median(everything, lambda s: s.sharpness))
    legibility = min(right / total, soft, at_most)
    text_px = _median(everything, lambda s: s.height_px)
    bad = [m for m in everything if m in lost or m.right < 1 - BAD_LINE]
    local = sum(m.strokes.weight for m in bad) < MOST * total
    return Clarity(
        legibility,
        _find_cause(everything, grey, shade, grain, limits),
        text_px,
        _around([m.line.quad.box for m in bad], reading) if local else None,
        twice,
    )


def find_clarity_issues(clarity: Clarity, limits: ClarityThresholds, page_index: int) -> tuple[Issue, ...]:
    """One issue at most: the page is illegible, or close to it, and why."""
    if clarity.legibility is None or clarity.legibility >= limits.warn:
        return ()
    reject = clarity.legibility < limits.reject
    return (
        Issue(
            clarity.cause,
            Severity.REJECT if reject else Severity.WARN,
            page_index,
            clarity.box,
            clarity.legibility,
            limits.reject if reject else limits.warn,
        ),
    )


def _measure(grey: NDArray[np.uint8], lines: Sequence[Line], limits: ClarityThresholds) -> list[_Measured]:
    tallest = TALLEST * min(grey.shape)
    made = []
    for line in lines:
        strokes = measure_strokes(grey, line.quad)
        if strokes is None or line.quad.thickness > tallest or _is_ornament(strokes, line.confidence):
            continue
        made.append(_Measured(line, strokes, 1.0 - limits.expected_errors(line.confidence)))
    return made


def _judge_picture(grey: NDArray[np.uint8], at_most: float, grain: float, text_like: int, limits: ClarityThresholds) -> Clarity:
    """A page on which no look read anything: a photograph, unless it is so bad that there might be text."""
    low, high = (float(v) for v in np.percentile(grey[::4, ::4], (1, 99)))
    causes = (
        ("too_dark", high < limits.dark_paper / 2),
        ("noisy", limits.grain_share(grain) < limits.reject),
        ("too_dark", at_most < limits.reject),
        ("low_contrast", high - low < limits.contrast_look or text_like >= limits.text_like),
        ("blurred", measure_softness(grey) > limits.soft_picture_px),
    )
    cause = next((code for code, holds in causes if holds), None)
    return Clarity(None if cause is None else 0.0, cause or "blurred", None, None, True)


def _is_ornament(strokes: Strokes, confidence: float) -> bool:
    if confidence >= ORNAMENT_CONFIDENCE:
        return False
    return strokes.repetition >= (SHARP_ORNAMENT if strokes.sharpness >= SHARP else ORNAMENT)


def _may_hide(seen: Sequence[_Measured], shade: Shade, grain: float, limits: ClarityThresholds) -> bool:
    """Whether text may stand on the page that the reading has no trace of."""
    if grain > limits.grain_look or shade.share > limits.shade:
        return True
    if sum(m.strokes.weight for m in seen) < LITTLE_TEXT:
        return True
    return _median(seen, lambda s: s.contrast, 0.25) < limits.contrast_look


def _find_lost(even: Reading, scale: float, reading: Reading) -> list[Line]:
    """Lines of the second look, in the page's own pixels, that the first has nothing sure of."""
    known = [line.quad.box for line in reading.lines if line.confidence >= KNOWN]
    lost = []
    for line in even.lines:
        if line.lattice is None or line.confidence < SURE or len(line.lattice.glyphs) < LEAST_GLYPHS:
            continue
        quad = line.quad.scaled(1 / scale)
        box = quad.box
        if sum(box.intersection_area(k) for k in known) < OVERLAP * box.area:
            lost.append(Line(quad, line.lattice, line.detection))
    return lost


def _reads_in_dark(seen: Sequence[_Measured], shade: Shade) -> bool:
    """Whether the dark part of the page has its share of well-read text."""
    inside = total = 0.0
    height, width = shade.dark.shape
    for m in seen:
        x, y = m.line.quad.box.centre
        total += m.strokes.weight * m.right
        if shade.dark[min(height - 1, max(0, int(y * shade.scale))), min(width - 1, max(0, int(x * shade.scale)))]:
            inside += m.strokes.weight * m.right
    return inside > 0.25 * shade.share * total


def _find_cause(
    everything: Sequence[_Measured], grey: NDArray[np.uint8], shade: Shade, grain: float, limits: ClarityThresholds
) -> str:
    """The code of what is farthest beyond its limit, as a ratio to it."""
    contrast = _median(everything, lambda s: s.contrast)
    sharpness = _median(everything, lambda s: s.sharpness)
    paper = _median(everything, lambda s: s.paper)
    height = _median(everything, lambda s: s.height_px)
    faint = "too_bright" if paper >= limits.burnt_paper else "too_dark" if paper < limits.dark_paper else "low_contrast"
    soft = "low_resolution" if height < limits.small_px else "blurred"
    ratios = [
        (limits.sharpness / max(sharpness, 1e-3), soft),
        (limits.contrast / max(contrast, 1e-3), faint),
        (shade.share / limits.shade_cause, "too_dark"),
        (grain / limits.grain_reject, "noisy"),
        (measure_blocks(grey) / limits.blocks, "noisy"),
    ]
    return max(ratios)[1]


def _median(measured: Sequence[_Measured], value: Callable[[Strokes], float], share: float = 0.5) -> float:
    """The weighted quantile over lines, each counting by its length."""
    values = np.array([value(m.strokes) for m in measured])
    order = np.argsort(values)
    total = np.cumsum(np.array([m.strokes.weight for m in measured])[order])
    return float(values[order][min(len(values) - 1, int(np.searchsorted(total, total[-1] * share)))])


def _around(boxes: Sequence[Box], reading: Reading) -> Box | None:
    if not boxes:
        return None
    return Box.around([(x, y) for b in boxes for x, y in ((b.x0, b.y0), (b.x1, b.y1))]).clipped(reading.width, reading.height)

"""What is measured of a page's text before anything is judged: plain numbers, so that judging can be fitted on tables of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from redact.geometry import Box
from redact.lines import Line, Reading
from redact.screening.light import even_out
from redact.screening.shade import Shade, find_shade, measure_blocks, measure_grain, measure_softness
from redact.screening.strokes import REPEATS, Strokes, measure_strokes
from redact.statistics import weighted_quantile
from redact.values import Pixels

# A border's pattern is detected as a long line and read as nonsense. It repeats itself: see strokes.py for the numbers. Text that
# is blurred repeats itself as well, but has no sharp edges.
ORNAMENT_CONFIDENCE, SHARP_ORNAMENT, SHARP = 0.9, 0.72, 0.14
# Higher than this share of the page's short side, a region that is not read with this confidence is a picture.
TALLEST, TALL_READ = 0.25, 0.9
# What the second look reads with this confidence, of at least so many characters, where the first had nothing sure, was lost.
SURE, KNOWN, OVERLAP, LEAST_GLYPHS = 0.7, 0.6, 0.3, 2
# So many times as long as thick, a region is shaped like a line of text.
LINE_ASPECT = 4.0
# A page with less text than this many characters gets the second look whatever its light.
LITTLE_TEXT = 12.0
# A shadow over more of the page than this may hide a line.
SHADE_LOOK = 0.05
# The dark part of a page counts as read where it has this share of the well-read text that its area would have.
READ_IN_DARK = 0.25


@dataclass(frozen=True, slots=True)
class MeasuredLine:
    """``weight``: its length in characters. The rest: see :class:`redact.screening.strokes.Strokes`."""

    box: Box
    confidence: float
    weight: float
    sharpness: float
    contrast: float
    noise: float


@dataclass(frozen=True, slots=True)
class PageMeasures:
    """``lines``: with the confidence they were read with, weighted by their length in characters; ``lost``: those that the second
    look alone found. ``text_px``, ``sharpness``, ``contrast``, ``noise``, ``paper``: medians over both, by length, see
    :class:`redact.screening.strokes.Strokes`; 0 where there are none.

    ``grain``: grey levels. ``shade``: share of the page in a deep shadow where nothing was read. ``blocks``, ``brightest``,
    ``range`` (grey levels): of the whole picture; ``softness_px`` too, where it shows no text. ``text_like``: regions shaped like
    lines that the second look found, read or not. ``looked_twice``: whether there was one."""

    lines: tuple[MeasuredLine, ...]
    lost: tuple[MeasuredLine, ...]
    text_px: float
    sharpness: float
    contrast: float
    noise: float
    paper: float
    grain: float
    shade: float
    blocks: float
    softness_px: float
    brightest: float
    range: float
    text_like: int
    looked_twice: bool


def measure_page(
    grey: NDArray[np.uint8],
    reading: Reading,
    read: Callable[[Pixels], Reading],
    *,
    grain_look: float,
    contrast_look: float,
) -> PageMeasures:
    """Measure a page's (H, W) grey levels on the text that ``reading`` found.

    ``read`` reads another picture of the page; it is called only where grain above ``grain_look``, contrast below
    ``contrast_look`` (grey levels), a shadow or the want of text make it likely that there is text which the reading missed.
    """
    seen = _measure(grey, reading.lines)
    shade, grain = find_shade(grey), measure_grain(grey)
    lost: list[tuple[MeasuredLine, Strokes]] = []
    text_like = 0
    twice = (
        grain > grain_look
        or shade.share > SHADE_LOOK
        or sum(line.weight for line, _ in seen) < LITTLE_TEXT
        or _median(seen, lambda s: s.contrast, 0.25) < contrast_look
    )
    if twice:
        even, scale = even_out(grey)
        second = read(even)
        lost = _measure(grey, _find_lost(second, scale, reading))
        text_like = sum(line.quad.length >= LINE_ASPECT * line.quad.thickness for line in second.lines)
    low, high = (float(v) for v in np.percentile(grey[::4, ::4], (1, 99)))
    everything = seen + lost
    return PageMeasures(
        lines=tuple(line for line, _ in seen),
        lost=tuple(line for line, _ in lost),
        text_px=_median(everything, lambda s: s.height_px),
        sharpness=_median(everything, lambda s: s.sharpness),
        contrast=_median(everything, lambda s: s.contrast),
        noise=_median(everything, lambda s: s.noise),
        paper=_median(everything, lambda s: s.paper),
        grain=grain,
        shade=0.0 if _reads_in_dark([line for line, _ in seen], shade) else shade.share,
        blocks=measure_blocks(grey),
        softness_px=0.0 if any(line.confidence >= SURE for line, _ in everything) else measure_softness(grey),
        brightest=high,
        range=high - low,
        text_like=text_like,
        looked_twice=twice,
    )


def _measure(grey: NDArray[np.uint8], lines: Sequence[Line]) -> list[tuple[MeasuredLine, Strokes]]:
    tallest = TALLEST * min(grey.shape)
    made = []
    for line in lines:
        strokes = measure_strokes(grey, line.quad)
        picture = line.quad.thickness > tallest and not _reads_surely(line)
        if strokes is None or picture or _is_ornament(strokes, line.confidence):
            continue
        measured = MeasuredLine(
            line.quad.box, line.confidence, strokes.weight, strokes.sharpness, strokes.contrast, strokes.noise
        )
        made.append((measured, strokes))
    return made


def _reads_surely(line: Line) -> bool:
    """Whether a very tall region is a line all the same: a shape is now and then taken for one character, not for two."""
    return line.confidence >= TALL_READ and line.lattice is not None and len(line.lattice.glyphs) >= LEAST_GLYPHS


def _is_ornament(strokes: Strokes, confidence: float) -> bool:
    if confidence >= ORNAMENT_CONFIDENCE:
        return False
    return strokes.repetition >= (SHARP_ORNAMENT if strokes.sharpness >= SHARP else REPEATS)


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


def _reads_in_dark(seen: Sequence[MeasuredLine], shade: Shade) -> bool:
    """Whether the dark part of the page has its share of well-read text."""
    inside = total = 0.0
    height, width = shade.dark.shape
    for line in seen:
        x, y = line.box.centre
        well = line.weight * (line.confidence >= SURE)
        total += well
        if shade.dark[min(height - 1, max(0, int(y * shade.scale))), min(width - 1, max(0, int(x * shade.scale)))]:
            inside += well
    return inside > READ_IN_DARK * shade.share * total


def _median(measured: Sequence[tuple[MeasuredLine, Strokes]], value: Callable[[Strokes], float], share: float = 0.5) -> float:
    """The quantile over lines, each counting by its length; 0 where there are none."""
    if not measured:
        return 0.0
    return weighted_quantile([value(s) for _, s in measured], [s.weight for _, s in measured], share)

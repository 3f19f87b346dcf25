"""One page screened. The order of the checks, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from redact.geometry import Box
from redact.lines import Reading
from redact.ocr.reader import TextReader
from redact.screening.clarity import find_clarity_issues, judge_clarity
from redact.screening.completeness import find_incomplete
from redact.screening.measures import PageMeasures, measure_page
from redact.screening.orientation import find_orientation_issues, flip, flip_quad, is_mirrored
from redact.screening.thresholds import ClarityThresholds
from redact.values import Issue, Page, PageScreening, Pixels

# Codes of a page that has nothing on it.
_EMPTY = frozenset({"blank", "too_dark"})


def screen_page(page: Page, reading: Reading, reader: TextReader, limits: ClarityThresholds) -> PageScreening:
    """What is wrong with a page, measured on its text as ``reading`` found it.

    ``reader`` looks again where the reading alone does not tell (a mirrored page, text that bad light may hide); a page in order
    costs no second reading. Of a mirrored page, ``rotation`` and ``skew_deg`` hold once it is flipped back.
    """
    pixels = page.pixels

    def read(other: Pixels) -> Reading:
        return reader.read(other, charset=frozenset())

    mirrored = is_mirrored(pixels, reading, reader)
    if mirrored:
        pixels = flip(pixels)
        reading = read(pixels)
    grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)
    measures = measure_page(grey, reading, read, grain_look=limits.grain_look, contrast_look=limits.contrast_look)
    clarity = judge_clarity(measures, limits)
    incomplete = find_incomplete(pixels, reading, page.index)
    issues = find_orientation_issues(reading, mirrored=mirrored, page_index=page.index)
    issues += _without_doubles(incomplete.issues, find_clarity_issues(clarity, limits, page.index), measures, limits)
    return PageScreening(
        page_index=page.index,
        width=page.width,
        height=page.height,
        dpi=page.dpi,
        rotation=reading.rotation,
        rotation_confidence=reading.rotation_confidence,
        skew_deg=reading.skew_deg,
        mirrored=mirrored,
        legibility=clarity.legibility,
        text_px=measures.text_px or None,
        hidden=tuple(_flip_box(line.box, page.width) if mirrored else line.box for line in measures.lost),
        sheet=flip_quad(incomplete.sheet, page.width) if mirrored and incomplete.sheet is not None else incomplete.sheet,
        issues=tuple(_flip_back(issue, page.width) for issue in issues) if mirrored else issues,
    )


def _without_doubles(
    missing: tuple[Issue, ...], unclear: tuple[Issue, ...], measures: PageMeasures, limits: ClarityThresholds
) -> tuple[Issue, ...]:
    """A sheet without ink is blank and not also faint, unless a look in even light shows that there is text on it after all."""
    if not any(issue.code in _EMPTY for issue in missing):
        return missing + unclear
    if measures.lost or measures.text_like >= limits.text_like:
        return tuple(issue for issue in missing if issue.code != "blank") + unclear
    return missing


def _flip_back(issue: Issue, width: int) -> Issue:
    return issue if issue.box is None else replace(issue, box=_flip_box(issue.box, width))


def _flip_box(box: Box, width: int) -> Box:
    return replace(box, x0=width - box.x1, x1=width - box.x0)

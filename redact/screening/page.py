"""One page screened. The order of the checks, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from redact.lines import Reading
from redact.ocr.reader import TextReader
from redact.screening.clarity import find_clarity_issues, judge_clarity
from redact.screening.measures import measure_page
from redact.screening.orientation import find_orientation_issues, flip, is_mirrored
from redact.screening.thresholds import ClarityThresholds
from redact.values import Issue, Page, PageScreening, Pixels


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
    measures = measure_page(pixels, grey, reading, read, grain_look=limits.grain_look, contrast_look=limits.contrast_look)
    clarity = judge_clarity(measures, limits)
    issues = find_orientation_issues(reading, mirrored=mirrored, page_index=page.index)
    issues += find_clarity_issues(clarity, limits, page.index)
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
        issues=tuple(_flip_back(issue, page.width) for issue in issues) if mirrored else issues,
    )


def _flip_back(issue: Issue, width: int) -> Issue:
    box = issue.box
    return issue if box is None else replace(issue, box=replace(box, x0=width - box.x1, x1=width - box.x0))

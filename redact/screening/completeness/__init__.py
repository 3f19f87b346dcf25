"""Whether all of the page is in the picture and can be seen: cut off, covered, washed out, blank, dark; where the sheet is.

Each rule is geometry and brightness of what stands about the lines that were read; a line is what tells that text is hurt. The
thresholds in these modules were chosen on 312 drawn pages (tests/pages.py, seed 11), 128 further good ones (cards, red covers,
tables, pictures, black borders, fingers at margins, shadows) and 70 pages for each defect of :mod:`redact.samples.incomplete`.
There 69 of 70 cuts, 69 of 70 highlights, 65 of 70 fingers and 60 of 70 things were found, and none of the 312 was rejected.
Of new drawings of these defects, on the same pages, 17 of 17, 16 of 17, 17 of 17 and 13 of 17; of 100 pages of seed 12
one was rejected.

What is not found: a slip of the paper's own colour, a thing over words of which nothing else is left on their line.
"""

from __future__ import annotations

from dataclasses import dataclass

from redact.geometry import Quad
from redact.lines import Reading
from redact.screening.completeness.borders import find_cut_frames, find_cuts
from redact.screening.completeness.covers import find_covers
from redact.screening.completeness.emptiness import find_emptiness
from redact.screening.completeness.glare import find_glare, find_highlights
from redact.screening.completeness.paper import find_paper
from redact.screening.completeness.reduced import reduce_page
from redact.screening.completeness.sheet import crop_of, find_sheet, judge_corners
from redact.values import Issue, Pixels

__all__ = ["Incomplete", "find_incomplete"]


@dataclass(frozen=True, slots=True)
class Incomplete:
    """``issues``: in page pixels. ``sheet``: the document's corners (TL, TR, BR, BL as seen, page pixels) where it is a smaller
    part of the picture, for cropping."""

    issues: tuple[Issue, ...] = ()
    sheet: Quad | None = None


def find_incomplete(pixels: Pixels, reading: Reading, page_index: int | None = None) -> Incomplete:
    """What of a page is missing. ``pixels``: (H, W, 3) uint8 RGB, as ``reading`` was read from them."""
    page = reduce_page(pixels, reading)
    paper = find_paper(page)
    sheet = find_sheet(page, paper)
    issues = [*find_emptiness(page, page_index)]
    issues += find_cuts(page, paper, page_index)
    issues += find_cut_frames(page, paper, page_index)
    if sheet is not None:
        issues += judge_corners(page, sheet, reading, page_index)
    highlights = find_highlights(page, paper)
    issues += find_covers(page, paper, highlights, page_index)
    issues += find_glare(page, highlights, page_index)
    return Incomplete(tuple(issues), crop_of(page, sheet) if sheet is not None else None)

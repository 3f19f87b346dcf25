"""One page screened. The order of the checks, and nothing else."""

from __future__ import annotations

from redact.lines import Reading
from redact.ocr.reader import TextReader
from redact.values import Page, PageScreening


def screen_page(page: Page, reading: Reading, reader: TextReader) -> PageScreening:
    """What is wrong with a page, measured on its text as ``reading`` found it.

    ``reader`` looks again where the reading alone does not tell (a mirrored page); a page in order costs no second reading.
    """
    return PageScreening(
        page_index=page.index,
        width=page.width,
        height=page.height,
        dpi=page.dpi,
        rotation=reading.rotation,
        rotation_confidence=1.0 if reading.rotation_sure else 0.0,
        skew_deg=reading.skew_deg,
    )

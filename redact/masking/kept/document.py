"""One page after another: planned, written, and proved on what was written."""

# PyMuPDF has no types of its own.
# mypy: allow-untyped-calls

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pymupdf as _pymupdf
from numpy.typing import NDArray

from redact.masking.kept.drawing import UnknownDrawing, read_marks
from redact.masking.kept.marks import Marks
from redact.masking.kept.page import KeptPage, Numbering, reserve_fonts, write_fonts, write_kept
from redact.masking.kept.plan import Frame, Plan, plan_page
from redact.masking.kept.proof import count_used_glyphs, find_differences, find_unseen, tells_only
from redact.masking.paint import scale_boxes
from redact.masking.pdf_render import render_page
from redact.masking.pdf_writer import PdfWriter, code_pixels
from redact.values import PageMasks

pymupdf: Any = _pymupdf

# Why a page became one picture; codes of the catalogue.
NO_TEXT, PICTURES, NOT_PROVED = "no_text_to_keep", "mostly_pictures", "text_not_proved"
# MuPDF's own errors are RuntimeErrors; numbers that no font and no page can have.
_FAILURES = (UnknownDrawing, RuntimeError, ValueError, OverflowError, ZeroDivisionError, struct.error)
_ROUNDS = 3
_INSET_PX = 0.02
_MOST_PICTURE = 0.5
_MOST_PICTURES = 120
# Of bars on each other over the whole page: drawing them takes as long.
_MOST_LAYERS = 100


def keep_page(page: Any, masks: PageMasks, masked: NDArray[np.uint8]) -> KeptPage | str:
    """The page drawn anew, or the code that says why it cannot be; the caller holds the lock.

    ``masked``: (H, W, 3) uint8 RGB, the page in the masks' frame with the masks painted: what the new page must show, and
    where its pictures are cut from.
    """
    try:
        return _keep(page, masks, masked)
    except _FAILURES:
        # The masked page is there in pixels: for what only goes wrong here no file is refused.
        return NOT_PROVED


def _keep(page: Any, masks: PageMasks, masked: NDArray[np.uint8]) -> KeptPage | str:
    marks = read_marks(page)
    if all(glyph.outline.is_blank for glyph in marks.glyphs):
        return NO_TEXT
    if sum(bar.box.area for bar in marks.bars) > _MOST_LAYERS * page.rect.width * page.rect.height:
        return PICTURES
    frame = Frame(masks.width, masks.height, page.rect.width, page.rect.height)
    return _plan_until_proved(marks, masks, masked, frame)


def _plan_until_proved(marks: Marks, masks: PageMasks, masked: NDArray[np.uint8], frame: Frame) -> KeptPage | str:
    """What does not come out as it should becomes pixels, and the rest is proved anew."""
    forced: list[tuple[int, int, int, int]] = []
    boxes = scale_boxes(masks, masks.width, masks.height)
    for _ in range(_ROUNDS):
        plan = plan_page(marks, boxes, frame, forced)
        covered = sum((x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in plan.pictures)
        if covered > _MOST_PICTURE * frame.width * frame.height or len(plan.pictures) > _MOST_PICTURES:
            return PICTURES
        if all(glyph.outline.is_blank for glyph in plan.glyphs):
            return NO_TEXT
        kept = _cut_pictures(plan, boxes, masked, frame)
        wrong = _prove(kept, masks, masked, frame)
        if wrong is None:
            return NOT_PROVED
        if not wrong:
            return kept
        forced += wrong
    return NOT_PROVED


def _cut_pictures(plan: Plan, masks: Sequence[tuple[int, int, int, int]], masked: NDArray[np.uint8], frame: Frame) -> KeptPage:
    # A hair inside its pixels: where rounding takes it over their edge, MuPDF stretches it over a whole further row.
    inset_pt = _INSET_PX * frame.width_pt / frame.width
    cut = [
        (
            frame.to_points((x0, y0, x1, y1)).grown(-inset_pt),
            code_pixels(np.ascontiguousarray(masked[y0:y1, x0:x1])),
        )
        for x0, y0, x1, y1 in plan.pictures
    ]
    holes = tuple(frame.to_points(mask) for mask in masks)
    return KeptPage(frame.width_pt, frame.height_pt, plan.bars, tuple(cut), plan.glyphs, holes)


def _prove(kept: KeptPage, masks: PageMasks, masked: NDArray[np.uint8], frame: Frame) -> list[tuple[int, int, int, int]] | None:
    """Where it shows something else than the masked page, or has text that is not seen; None where it says more than that."""
    black = tuple(replace(glyph, colour=(0.0, 0.0, 0.0), pen=None) for glyph in kept.glyphs)
    variants = (
        kept,
        replace(kept, glyphs=()),
        replace(kept, glyphs=black, bars=(), pictures=(), masks=()),
    )
    shown, without, ink = (_render_alone(variant, masks) for variant in variants)
    with pymupdf.open(stream=_write_alone(kept), filetype="pdf") as document:
        if not tells_only(document[0], kept.glyphs, kept.masks, [place for place, _ in kept.pictures]):
            return None
    return find_differences(shown, masked) + find_unseen(kept.glyphs, shown, masked, without, ink, frame)


def _write_alone(kept: KeptPage) -> bytes:
    writer, numbering = PdfWriter(), Numbering([kept])
    fonts = reserve_fonts(writer, numbering)
    write_kept(writer, kept, numbering, fonts)
    write_fonts(writer, numbering, fonts)
    return writer.finish()


def _render_alone(kept: KeptPage, masks: PageMasks) -> NDArray[np.uint8]:
    with pymupdf.open(stream=_write_alone(kept), filetype="pdf") as document:
        return render_page(document[0], masks.width, masks.height)


def prove_document(content: bytes, kept: Mapping[int, KeptPage]) -> frozenset[int]:
    """Those of the ``kept`` pages, by index, that did not come out in the finished file as they were proved alone; all of them
    where the font holds a glyph that no page shows. The caller holds the lock."""
    with pymupdf.open(stream=content, filetype="pdf") as document:
        used, held = count_used_glyphs(document)
        if kept and used != held:
            return frozenset(kept)
        return frozenset(
            i
            for i, page in kept.items()
            if not tells_only(document[i], page.glyphs, page.masks, [place for place, _ in page.pictures])
        )

"""Pages that keep their text: drawn anew from glyphs, lines and boxes that are seen, and pixels for all else."""

from __future__ import annotations

from redact.masking.kept.document import NO_TEXT, NOT_PROVED, PICTURES, keep_page, prove_document
from redact.masking.kept.page import KeptPage, Numbering, reserve_fonts, write_fonts, write_kept

__all__ = [
    "NOT_PROVED",
    "NO_TEXT",
    "PICTURES",
    "KeptPage",
    "Numbering",
    "keep_page",
    "prove_document",
    "reserve_fonts",
    "write_fonts",
    "write_kept",
]

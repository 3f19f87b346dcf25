"""Hits to masks, and masks to files: what leaves here was painted and written fresh from pixels, and from glyphs where asked."""

from __future__ import annotations

from redact.masking.files import mask_file, mask_file_keeping_text
from redact.masking.fit import fit_masks

__all__ = ["fit_masks", "mask_file", "mask_file_keeping_text"]

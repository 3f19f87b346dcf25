"""Verification of bytes, opened in this very process: tests put readers of their own into it."""

from __future__ import annotations

from redact.ocr.reader import TextReader
from redact.options import IntakeLimits, RasterOptions
from redact.sandbox import LocalDecoder
from redact.search import Query
from redact.verify import Verification, verify_attachment


def verify_content(content: bytes, query: Query, reader: TextReader) -> Verification:
    with LocalDecoder().open(content, limits=IntakeLimits(), raster=RasterOptions()) as attachment:
        return verify_attachment(attachment, query, reader)

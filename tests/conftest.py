"""What many tests share: the real reader, loaded once."""

from __future__ import annotations

import pytest

from redact.ocr.ppocr import PpOcrReader


@pytest.fixture(scope="session")
def reader() -> PpOcrReader:
    """The reader that ships: the weights of the rapidocr wheel, with the engine that is installed."""
    return PpOcrReader()

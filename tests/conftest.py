"""What many tests share: the real reader, loaded once."""

from __future__ import annotations

import pytest
from hypothesis import settings

from redact.ocr.ppocr import PpOcrReader


@pytest.fixture(scope="session")
def reader() -> PpOcrReader:
    """The reader that ships: the weights of the rapidocr wheel, with the engine that is installed."""
    return PpOcrReader()


# The same examples in every run, so that a change is judged by what it changes; look for new ones with --hypothesis-seed=random.
settings.register_profile("steady", derandomize=True, print_blob=True)
settings.load_profile("steady")

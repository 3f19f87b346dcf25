"""Characters that the recogniser is known to take for others: models/calibration/misread_characters.tsv, measured by
tests/bench/measure_characters.py on print."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from redact.errors import ModelError
from redact.names.glyphs import printed_forms
from redact.resources import models_dir


def load_misreads(folder: Path | None = None) -> Mapping[str, float]:
    """Character -> the lowest score that it got where it was printed, below 0. A character that is not in it was read every time.

    Raises:
        ModelError: the calibration file is missing or not in its form.
    """
    path = models_dir(folder) / "calibration" / "misread_characters.tsv"
    try:
        rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
        return {char: float(score) for char, score in rows}
    except (OSError, ValueError) as error:
        raise ModelError("models/calibration/misread_characters.tsv is missing or incomplete") from error


def lowest_score(char: str, misreads: Mapping[str, float]) -> float:
    """Of the forms in which ``char`` is usually printed, the worst read one's."""
    return min((misreads.get(form, 0.0) for form in printed_forms(char)), default=0.0)

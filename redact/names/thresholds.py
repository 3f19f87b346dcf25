"""The numbers that decide: models/calibration/thresholds.json, written by notebooks/02_thresholds.ipynb with
:func:`redact.names.calibration.fit_thresholds`."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from redact.resources import load_numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """Scores are log-probability ratios per character (see :class:`redact.values.Hit`), shares are of 0..1.

    ``mask``: from here on a candidate is the name. ``review``: from here on a person looks. ``hand_mask``, ``hand_review``: the
    same beside an anchor of a signature. ``weak_line``: a line read with less confidence counts as weakly read. ``weak_share``:
    a page on which more of the text than this is weak or unread cannot say 否. ``small_text_px``: text lower than this cannot be
    trusted.
    """

    mask: float
    review: float
    hand_mask: float
    hand_review: float
    weak_line: float
    weak_share: float
    small_text_px: float

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=2) + "\n"


def load_thresholds(folder: Path | None = None) -> Thresholds:
    """Raises:
    ModelError: the calibration file is missing or lacks a number.
    """
    return load_numbers(Thresholds, "thresholds.json", folder)

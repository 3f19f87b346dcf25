"""The numbers that decide whether a page is clear: models/calibration/legibility.json, written by notebooks/03_legibility.ipynb
with :func:`redact.screening.calibration.fit_legibility`."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from redact.resources import load_numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class ClarityThresholds:
    """All but the levels of grey and pixels are shares of 0..1.

    ``read``, ``lost``: confidence of a line from which no character, and below which every one, is expected to be wrong; linear
    between. ``reject``, ``warn``: legibility below which a page is rejected, and is worth a warning.

    ``sharpness``, ``contrast`` (grey levels), ``noise``: of a line, beyond which they explain that it is not read.
    ``soft_begin``, ``soft_end``: sharpness from which text is lost, and at which all of it is. ``soft_picture_px``: width of the
    sharpest edges, in pixels of a page of short side 1152, of a picture in which text would not show. ``small_px``: height of a
    character below which it is soft for want of pixels. ``grain_begin``, ``grain_reject``: grain (grey levels) from which text is
    lost, and at which all of it may be. ``shade``: share of the page in deep shadow that matters; ``shade_cause``: that explains
    an illegible page by itself. ``blocks``: how much steeper every eighth column is in a picture that was compressed too hard.

    ``grain_look``, ``contrast_look``: beyond these a second look in even light is worth its time. ``text_like``: so many regions
    shaped like lines, of which none can be read, are text all the same. ``burnt_paper``, ``dark_paper``: grey level of the paper
    from which low contrast comes from too much light, or too little.
    """

    read: float
    lost: float
    reject: float
    warn: float
    sharpness: float
    contrast: float
    noise: float
    soft_begin: float
    soft_end: float
    soft_picture_px: float
    small_px: float
    grain_begin: float
    grain_reject: float
    shade: float
    shade_cause: float
    blocks: float
    grain_look: float
    contrast_look: float
    text_like: float
    burnt_paper: float
    dark_paper: float

    def expected_errors(self, confidence: float) -> float:
        """Share of wrong characters, 0..1, in a line that was read with ``confidence``."""
        return min(1.0, max(0.0, (self.read - confidence) / (self.read - self.lost)))

    def grain_share(self, grain: float) -> float:
        """The most that can be legible, 0..1, in so much grain."""
        return min(1.0, max(0.0, (self.grain_reject - grain) / (self.grain_reject - self.grain_begin)))

    def soft_share(self, sharpness: float) -> float:
        """The most that can be legible, 0..1, of text so soft."""
        return min(1.0, max(0.0, (sharpness - self.soft_end) / (self.soft_begin - self.soft_end)))

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=2) + "\n"


def load_clarity_thresholds(folder: Path | None = None) -> ClarityThresholds:
    """Raises:
    ModelError: the calibration file is missing or lacks a number.
    """
    return load_numbers(ClarityThresholds, "legibility.json", folder)

"""What a reader hands on: lines with their lattices, and the page's orientation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from redact.geometry import Quad, Rotation


@dataclass(frozen=True, slots=True)
class Glyph:
    """One character of the greedy reading: ``start``/``end`` in frames (end exclusive), ``probability`` at its peak."""

    char: str = field(repr=False)
    start: int
    end: int
    probability: float


@dataclass(frozen=True, slots=True)
class Lattice:
    """The recogniser's output for one line, before any decoding, reduced to the characters that matter to the caller.

    ``scores``: (T, K) float32, ``log P[t, c] - max_k log P[t, k]`` (never above 0) for the K characters of ``charset``;
    ``blank``: (T,) float32, the same for "no character here" (CTC blank or space, the likelier); ``space``: for a space alone.
    ``glyphs``: the greedy reading.
    Frame t stands over ``t / T .. (t + 1) / T`` of ``length`` times the line's length (``length`` > 1 where the strip
    was padded on the right).
    """

    scores: NDArray[np.float32] = field(repr=False)
    blank: NDArray[np.float32] = field(repr=False)
    space: NDArray[np.float32] = field(repr=False)
    charset: Mapping[str, int] = field(repr=False)
    glyphs: tuple[Glyph, ...] = field(repr=False)
    length: float = 1.0

    @property
    def frames(self) -> int:
        return int(self.blank.shape[0])

    @property
    def text(self) -> str:
        """The greedy reading. Private: never log it."""
        return "".join(g.char for g in self.glyphs)

    @property
    def confidence(self) -> float:
        """Mean peak probability of the greedy characters, spaces left out; 0 where nothing was read."""
        p = [g.probability for g in self.glyphs if not g.char.isspace()]
        return float(np.mean(p)) if p else 0.0

    def position(self, frame: float) -> float:
        """Where a frame's left edge stands, as a fraction of the line's length."""
        return frame / max(self.frames, 1) * self.length


@dataclass(frozen=True, slots=True)
class Line:
    """A text line that detection found. ``lattice`` is None where nothing could be read there (which is not "nothing there")."""

    quad: Quad
    lattice: Lattice | None
    detection: float = 1.0
    variant: str = "plain"

    @property
    def confidence(self) -> float:
        return self.lattice.confidence if self.lattice is not None else 0.0


@dataclass(frozen=True, slots=True)
class Reading:
    """A page as read. ``rotation``: clockwise degrees the content is turned; ``rotation_sure`` is False where the votes disagree
    or nothing could be read; ``rotation_confidence``: their share for it, 0..1. ``skew_deg``: clockwise tilt left after it."""

    width: int
    height: int
    lines: tuple[Line, ...]
    rotation: Rotation = 0
    rotation_sure: bool = True
    skew_deg: float = 0.0
    rotation_confidence: float = 1.0

"""What reads a page. :class:`TextReader` is the one Protocol; :class:`redact.ocr.ppocr.PpOcrReader` is the default."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from redact.geometry import Quad
from redact.lines import Line, Reading
from redact.values import Pixels


class TextReader(Protocol):
    """Finds and reads text. Implementations are safe to share between threads."""

    @property
    def models(self) -> Mapping[str, str]:
        """Role ("detection", "recognition") -> sha256 of the weights."""
        ...

    def read(self, pixels: Pixels, *, charset: frozenset[str], zoom: float = 1.0) -> Reading:
        """Read a page: (H, W, 3) uint8 RGB. ``charset``: the characters whose scores the lattices keep.

        ``zoom`` moves the scale that detection and the line strips work at, for a second look that does not repeat the first.
        """
        ...

    def read_places(
        self, pixels: Pixels, places: Sequence[Quad], *, charset: frozenset[str], variant: str = "plain"
    ) -> tuple[Line, ...]:
        """Read the given quads in their direction, without detection; one line each. ``variant``: see redact.ocr.variants."""
        ...

"""Each stage's own few options. A stage sees its own and no other's."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeLimits:
    """What an attachment may cost to open. Beyond it: :class:`redact.errors.TooLarge`.

    ``max_pixels`` holds a 1080 x 65,000 screenshot, an A2 sheet at 300 dpi, a 108-megapixel phone photo.
    """

    max_bytes: int = 512 * 2**20
    max_pixels: int = 120_000_000
    max_pages: int = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RasterOptions:
    """How PDF pages become pixels: at the resolution of the scan inside, within these bounds (DA/T 31-2017 asks for 200 dpi)."""

    min_dpi: float = 200.0
    max_dpi: float = 400.0

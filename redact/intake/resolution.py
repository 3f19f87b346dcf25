"""Resolution that a file states, where it can be believed."""

from __future__ import annotations

import math
from typing import Any

from PIL import ExifTags, Image

# Scanners make 75 to 1200 dpi. Phones and editors write 72 or 96 as a placeholder: believing it would make a
# 12-megapixel photo a sheet of over a metre. The longest side of A1 is 33.1 inches, the short side of a stamp-sized
# photo 0.4.
_MIN_DPI, _MAX_DPI = 50.0, 2500.0
_MAX_SIDE_IN, _MIN_SIDE_IN = 34.0, 0.4


def credible_dpi(x_dpi: float, y_dpi: float, width: int, height: int) -> float:
    """The lower of the two where both fit a ``width`` x ``height`` pixel sheet of paper; else 0."""
    if not (math.isfinite(x_dpi) and math.isfinite(y_dpi)):
        return 0.0
    low, high = min(x_dpi, y_dpi), max(x_dpi, y_dpi)
    if low < _MIN_DPI or high > _MAX_DPI:
        return 0.0
    if max(width, height) > low * _MAX_SIDE_IN or min(width, height) < high * _MIN_SIDE_IN:
        return 0.0
    return low


def stated_dpi(image: Image.Image, exif: dict[int, Any]) -> tuple[float, float]:
    """What JFIF, pHYs, the TIFF tags or EXIF say, in dots per inch; (0, 0) where nothing does."""
    try:
        if "dpi" in image.info:
            x, y = image.info["dpi"]
            return float(x), float(y)
        per_inch = 2.54 if exif.get(ExifTags.Base.ResolutionUnit, 2) == 3 else 1.0
        x, y = exif[ExifTags.Base.XResolution], exif[ExifTags.Base.YResolution]
        return float(x) * per_inch, float(y) * per_inch
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return 0.0, 0.0

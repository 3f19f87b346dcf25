"""The EXIF orientation: which way a camera or scanner says the picture is to be shown."""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import ExifTags, Image

from redact.values import Pixels

# Exif 2.32, tag 0x0112: where row 0 and column 0 of the stored picture are shown.
_TURNS: dict[int, tuple[bool, bool, bool]] = {  # transpose first, then flip rows, flip columns
    2: (False, False, True),
    3: (False, True, True),
    4: (False, True, False),
    5: (True, False, False),
    6: (True, False, True),
    7: (True, True, True),
    8: (True, True, False),
}


def turn_as_shown(pixels: Pixels, orientation: int) -> Pixels:
    """``pixels`` as stored -> as shown; values outside 2..8 change nothing. C-contiguous."""
    transpose, flip_rows, flip_columns = _TURNS.get(orientation, (False, False, False))
    view = pixels.transpose(1, 0, 2) if transpose else pixels
    view = view[:: -1 if flip_rows else 1, :: -1 if flip_columns else 1]
    return np.ascontiguousarray(view)


def read_exif(image: Image.Image) -> dict[int, Any]:
    """The main EXIF directory; empty where there is none or it is damaged, which viewers put up with too.

    Not ``Image.getexif()``: that also takes an orientation from XMP, which browsers and Windows do not.
    """
    block = image.info.get("exif")
    if not isinstance(block, bytes):
        return {}
    exif = Image.Exif()
    try:
        exif.load(block)
        return dict(exif)
    except Exception:  # damaged in one of many ways; there is no orientation to be had from it
        return {}


def orientation_of(exif: dict[int, Any]) -> int:
    value = exif.get(ExifTags.Base.Orientation, 1)
    return value if isinstance(value, int) else 1

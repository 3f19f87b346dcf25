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


def allocate_turned(width: int, height: int, orientation: int) -> tuple[Pixels, Pixels]:
    """An empty picture as shown, C-contiguous, and the same memory as stored: (``height``, ``width``, 3).

    What is written to the second stands turned in the first, and no copy is made. An orientation outside 2..8 turns
    nothing.
    """
    transpose, flip_rows, flip_columns = _TURNS.get(orientation, (False, False, False))
    shown = np.empty((width, height, 3) if transpose else (height, width, 3), np.uint8)
    view = shown[:: -1 if flip_rows else 1, :: -1 if flip_columns else 1]
    return shown, view.transpose(1, 0, 2) if transpose else view


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

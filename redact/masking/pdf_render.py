"""A PDF page as pixels, in exactly the grid that is asked for."""

# PyMuPDF has no types of its own.
# mypy: allow-untyped-calls

from __future__ import annotations

import numpy as np
import pymupdf
from numpy.typing import NDArray

from redact.errors import Unopenable
from redact.masking.pdf_scan import pixmap_array


def render_page(page: pymupdf.Page, columns: int, rows: int) -> NDArray[np.uint8]:
    """(rows, columns, 3) uint8 RGB; the caller holds the lock.

    Raises:
        Unopenable: the page has other proportions.
    """
    matrix = pymupdf.Matrix(columns / page.rect.width, rows / page.rect.height)
    pixels = pixmap_array(page.get_pixmap(matrix=matrix, colorspace=pymupdf.csRGB, alpha=False))
    height, width = pixels.shape[:2]
    if abs(height - rows) > 2 or abs(width - columns) > 2:
        raise Unopenable("the page renders in another size than was asked for", page_index=page.number)
    exact = np.full((rows, columns, 3), 255, dtype=np.uint8)
    exact[: min(height, rows), : min(width, columns)] = pixels[:rows, :columns]
    return exact

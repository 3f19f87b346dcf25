"""A PDF page as pixels, in the frame that its masks were made for."""

# PyMuPDF has no types of its own.
# mypy: allow-untyped-calls

from __future__ import annotations

import numpy as np
import pymupdf
from numpy.typing import NDArray

from redact.errors import Unopenable
from redact.masking.paint import PixelBox
from redact.masking.pdf_scan import pixmap_array
from redact.values import PageMasks


def render_page(page: pymupdf.Page, masks: PageMasks) -> NDArray[np.uint8]:
    """(H, W, 3) uint8 RGB in exactly the masks' pixel grid; the caller holds the lock.

    Raises:
        Unopenable: the masks are another page's.
    """
    matrix = pymupdf.Matrix(masks.width / page.rect.width, masks.height / page.rect.height)
    pixels = pixmap_array(page.get_pixmap(matrix=matrix, colorspace=pymupdf.csRGB, alpha=False))
    height, width = pixels.shape[:2]
    if abs(height - masks.height) > 2 or abs(width - masks.width) > 2:
        raise Unopenable("the page renders in another size than the masks' frame", page_index=masks.page_index)
    exact = np.full((masks.height, masks.width, 3), 255, dtype=np.uint8)
    rows, columns = min(height, masks.height), min(width, masks.width)
    exact[:rows, :columns] = pixels[:rows, :columns]
    return exact


def masks_on_frame(masks: PageMasks) -> list[PixelBox]:
    """The boxes in whole pixels of the masks' frame, rounded outwards."""
    return [box.clipped(masks.width, masks.height).pixels() for box in masks.boxes]

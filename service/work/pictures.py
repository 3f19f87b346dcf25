"""Pages as PNG, for people to look at. Decoded in the sandbox; the size is that of the report's pages."""

from __future__ import annotations

from enum import StrEnum

import cv2
import numpy as np

from redact.errors import AttachmentError
from redact.options import IntakeLimits, RasterOptions
from redact.sandbox import choose_decoder
from service.storage import Files, Part
from service.work.jobs import read_shown


class Layer(StrEnum):
    ORIGINAL = "original"
    MASKED = "masked"


def draw_page(files: Files, document_id: str, index: int, *, revision: int | None, width: int | None) -> bytes:
    """``revision``: of the masked part, None for the original. ``width``: at most so many pixels wide.

    Raises:
        FileNotFoundError: it is gone.
        AttachmentError: the page cannot be decoded.
    """
    content = read_shown(files, document_id) if revision is None else files.read(document_id, Part.MASKED, revision=revision)
    with choose_decoder(True).open(content, limits=IntakeLimits(), raster=RasterOptions()) as attachment:
        pixels = attachment.page(index).pixels
    if width is not None and width < pixels.shape[1]:
        height = max(1, round(pixels.shape[0] * width / pixels.shape[1]))
        pixels = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
    done, png = cv2.imencode(".png", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_PNG_COMPRESSION, 1])
    if not done:
        raise AttachmentError("a page that no PNG can hold")
    return bytes(png)

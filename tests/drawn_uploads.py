"""One small upload of every kind that is taken, drawn."""

from __future__ import annotations

import io
from functools import cache
from typing import Any

import numpy as np
import pymupdf
from PIL import Image, ImageDraw


def _picture(number: int, size: tuple[int, int]) -> Image.Image:
    noise = np.random.default_rng(number).integers(200, 255, (size[1], size[0], 3), np.uint8)
    image = Image.fromarray(noise)
    draw = ImageDraw.Draw(image)
    for line in range(6):
        draw.text((30 + 8 * number, 30 + 50 * line), f"page {number} line {line}: a scan of nothing in particular", fill=0)
    return image


def _saved(form: str, frames: int = 1, mode: str = "RGB", size: tuple[int, int] = (640, 420), **options: Any) -> bytes:
    out = io.BytesIO()
    first, *others = (_picture(number, size).convert(mode) for number in range(frames))
    many = {"save_all": True, "append_images": others} if others else {}
    first.save(out, form, **many, **options)
    return out.getvalue()


def _pdf() -> bytes:
    document: Any = pymupdf.open()
    page = document.new_page(width=400, height=300)
    page.insert_text((40, 60), "a text layer, 12345", fontsize=14)
    page.insert_image(pymupdf.Rect(40, 100, 360, 280), stream=_saved("JPEG"))
    document.new_page(width=300, height=400).insert_text((40, 60), "second page", fontsize=20)
    document[1].set_rotation(90)
    content: bytes = document.tobytes(no_new_id=True)
    return content


_EXIF_TURN = 0x0112


def _turned_jpeg() -> bytes:
    exif = Image.Exif()
    exif[_EXIF_TURN] = 6
    return _saved("JPEG", exif=exif)


@cache
def every_kind() -> dict[str, bytes]:
    import pillow_heif

    pillow_heif.register_heif_opener()
    return {
        "jpeg": _saved("JPEG", quality=80),
        "progressive jpeg": _saved("JPEG", progressive=True),
        "turned jpeg": _turned_jpeg(),
        "grey jpeg": _saved("JPEG", mode="L"),
        "jpeg without its end marker": _saved("JPEG")[:-2],
        "png": _saved("PNG"),
        "palette png": _saved("PNG", mode="P"),
        "tiff of 3": _saved("TIFF", 3, compression="tiff_lzw"),
        "bilevel tiff": _saved("TIFF", 2, mode="1", compression="group4"),
        "bmp": _saved("BMP"),
        "webp": _saved("WEBP", quality=70),
        "webp of 2": _saved("WEBP", 2, lossless=True),
        "gif of 2": _saved("GIF", 2, mode="P"),
        "heic": _saved("HEIF", size=(240, 160), quality=60),
        "pdf": _pdf(),
    }


@cache
def photo() -> bytes:
    """2 megapixels."""
    out = io.BytesIO()
    _picture(0, (1600, 1250)).save(out, "JPEG", quality=85)
    return out.getvalue()

"""JPEG to JPEG with the tables it came with, so that what is not painted hardly changes."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from PIL import Image, JpegImagePlugin

from redact.masking.edits import Edit, turn_dpi
from redact.masking.paint import bare, find_dpi, find_turn, swaps_axes

_SUBSAMPLING_444, _SUBSAMPLING_422 = 0, 1
_QUALITY = 92


def rewrite_jpeg(content: bytes, edit: Edit) -> bytes:
    """Edited and coded again with the same quantisation, subsampling and scan order; the first picture of an MPO."""
    with Image.open(io.BytesIO(content), formats=["JPEG", "MPO"]) as source:
        turn = find_turn(source)
        settings = encoder_settings(source, transposed=swaps_axes(turn) != edit.transposed)
        dpi = turn_dpi(find_dpi(source, turn), edit)
        image = bare(source, turn)
    image = edit.image(image)
    if dpi is not None:
        settings["dpi"] = (round(dpi[0]), round(dpi[1]))
    return encode_jpeg(image, settings)


def encode_jpeg(image: Image.Image, settings: dict[str, Any] | None = None) -> bytes:
    """By default quality 92 without subsampling, which keeps the coloured edges of seals."""
    out = io.BytesIO()
    image.save(out, "JPEG", **(settings or {"quality": _QUALITY, "subsampling": _SUBSAMPLING_444, "optimize": True}))
    return out.getvalue()


def encoder_settings(source: Image.Image, *, transposed: bool) -> dict[str, Any]:
    """Arguments of Pillow's writer that code a picture, its rows become columns or not, the way ``source`` was coded."""
    settings: dict[str, Any] = {"optimize": True, "progressive": bool(source.info.get("progressive"))}
    tables = getattr(source, "quantization", None)
    subsampling = JpegImagePlugin.get_sampling(source)
    if subsampling < 0 or (transposed and subsampling == _SUBSAMPLING_422):
        # 4:4:0, which 4:2:2 becomes when it is turned, cannot be written: keep all colour instead.
        subsampling = _SUBSAMPLING_444
    settings["subsampling"] = subsampling
    rgb = source.info.get("adobe_transform") == 0 or [row[0] for row in getattr(source, "layer", [])] == [82, 71, 66]
    if source.mode == "RGB" and rgb and "jfif" not in source.info and "dpi" not in source.info:
        # A JFIF header, which dpi needs, declares YCbCr whatever else the file says.
        settings["keep_rgb"] = True
        settings["subsampling"] = _SUBSAMPLING_444
    if not tables:
        return settings | {"quality": _QUALITY}
    # Decoders may number tables 0, 2 or 1, 3; encoders want them from 0.
    ordered = [np.array(tables[key]).reshape(8, 8) for key in sorted(tables)][:4]
    settings["qtables"] = [(t.T if transposed else t).ravel().tolist() for t in ordered]
    return settings

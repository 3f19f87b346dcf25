"""TIFF frame by frame: each keeps its mode and its compression."""

from __future__ import annotations

import io
from collections.abc import Sequence

import cv2
import numpy as np
from PIL import Image, ImageSequence, TiffImagePlugin, features

from redact.errors import Unopenable
from redact.masking.edits import Edit, turn_dpi
from redact.masking.paint import bare, find_dpi

_BITS_PER_SAMPLE, _COMPRESSION, _PHOTOMETRIC, _SAMPLES = 258, 259, 262, 277
_WHITE_IS_ZERO = 0
_JPEG_QUALITY = 92
# Old-style JPEG is written as today's; what nobody writes any more becomes Deflate.
_WRITABLE = {
    "raw": "raw",
    "group3": "group3",
    "group4": "group4",
    "tiff_ccitt": "tiff_ccitt",
    "tiff_lzw": "tiff_lzw",
    "jpeg": "jpeg",
    "tiff_jpeg": "jpeg",
    "packbits": "packbits",
    "tiff_adobe_deflate": "tiff_adobe_deflate",
    "tiff_deflate": "tiff_adobe_deflate",
    "zstd": "zstd",
    "lzma": "lzma",
}
_BILEVEL = ("group3", "group4", "tiff_ccitt")
_JPEG_MODES = ("L", "RGB", "CMYK", "YCbCr")


def rewrite_tiff(content: bytes, edits: Sequence[Edit]) -> bytes:
    """All frames, in their order."""
    out = io.BytesIO()
    with (
        Image.open(io.BytesIO(content), formats=["TIFF"]) as source,
        TiffImagePlugin.AppendingTiffWriter(out, new=True) as writer,
    ):
        for index, frame in enumerate(ImageSequence.Iterator(source)):
            writer.write(_rewrite_frame(content, index, frame, edits[index]))
            writer.newFrame()
    return out.getvalue()


def _rewrite_frame(content: bytes, index: int, frame: Image.Image, edit: Edit) -> bytes:
    """One frame as a little-endian TIFF file of its own."""
    tags = getattr(frame, "tag_v2", {})
    compression = _WRITABLE.get(str(frame.info.get("compression", "raw")), "tiff_adobe_deflate")
    # Pillow turns a frame upright itself, and its dpi not.
    turned = tags.get(274, 1) in (5, 6, 7, 8)
    dpi = turn_dpi(find_dpi(frame, Image.Transpose.TRANSPOSE if turned else None), edit)
    if tags.get(_SAMPLES, 1) >= 3 and max(tags.get(_BITS_PER_SAMPLE, (8,))) == 16:
        return _rewrite_deep_frame(content, index, edit, compression, dpi)
    image = bare(frame)
    if image.mode.startswith("I;16") and tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO:
        # Pillow inverts 8-bit frames of this kind and forgets the 16-bit ones.
        image = Image.fromarray(65535 - np.array(image).astype(np.uint16))
    image = edit.image(image)
    if (compression in _BILEVEL and image.mode != "1") or (compression == "jpeg" and image.mode not in _JPEG_MODES):
        compression = "tiff_adobe_deflate"
    if compression != "raw" and not features.check("libtiff"):
        compression = "raw"
    options: dict[str, object] = {"compression": compression}
    if compression == "jpeg":
        options["quality"] = _JPEG_QUALITY
    if dpi is not None:
        options["dpi"] = dpi
    out = io.BytesIO()
    image.save(out, "TIFF", **options)
    return out.getvalue()


def _rewrite_deep_frame(content: bytes, index: int, edit: Edit, compression: str, dpi: tuple[float, float] | None) -> bytes:
    """16-bit colour, which Pillow would read as 8 bits."""
    data = np.frombuffer(content, dtype=np.uint8)
    decoded, frames = cv2.imdecodemulti(data, cv2.IMREAD_UNCHANGED, range=(index, index + 1))
    if not decoded or not len(frames) or frames[0].dtype != np.uint16 or frames[0].ndim != 3:
        raise Unopenable("a 16-bit TIFF frame that cannot be decoded", page_index=index)
    pixels = np.ascontiguousarray(frames[0]).astype(np.uint16)
    if pixels.shape[2] == 4:
        pixels[pixels[..., 3] == 0, :3] = 65535
    pixels = edit.deep(pixels)
    code = TiffImagePlugin.COMPRESSION_INFO_REV.get(compression, 8)
    options = [cv2.IMWRITE_TIFF_COMPRESSION, 8 if compression == "jpeg" else int(code)]
    if dpi is not None:
        x_dpi, y_dpi = (round(v) for v in dpi)
        options += [cv2.IMWRITE_TIFF_RESUNIT, 2, cv2.IMWRITE_TIFF_XDPI, x_dpi, cv2.IMWRITE_TIFF_YDPI, y_dpi]
    encoded, coded = cv2.imencode(".tiff", pixels, options)
    if not encoded:
        raise Unopenable("a 16-bit TIFF frame that cannot be written", page_index=index)
    return bytes(coded)

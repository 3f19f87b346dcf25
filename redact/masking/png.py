"""PNG, with a writer of our own for the depths that Pillow does not write: 16-bit colour, 2- and 4-bit grey."""

from __future__ import annotations

import io
import struct
import zlib

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from redact.errors import Unopenable
from redact.masking.edits import Edit, turn_dpi
from redact.masking.paint import bare, find_dpi, find_turn

_COLOUR_TYPE = {1: 0, 2: 4, 3: 2, 4: 6}
_GREY_ALPHA = 4
_INCHES_PER_METRE = 39.3700787


def rewrite_png(content: bytes, edit: Edit) -> bytes:
    with Image.open(io.BytesIO(content), formats=["PNG"]) as source:
        turn = find_turn(source)
        dpi = turn_dpi(find_dpi(source, turn), edit)
        depth, colour_type = content[24], content[25]
        if depth == 16 and colour_type != 0:
            deep = _read_deep(content, grey=colour_type == _GREY_ALPHA)
            if turn is not None:
                deep = _turn(deep, turn)
            return encode_deep_png(edit.deep(deep), dpi)
        image = bare(source, turn)
    image = edit.image(image)
    if image.mode == "L" and depth in (2, 4):
        return encode_grey_png(np.array(image), depth, dpi)
    out = io.BytesIO()
    options: dict[str, object] = {} if dpi is None else {"dpi": dpi}
    if image.mode == "P" and depth < 8 and len(image.getpalette() or []) <= 3 << depth:
        options["bits"] = depth
    image.save(out, "PNG", **options)
    return out.getvalue()


def encode_deep_png(pixels: NDArray[np.uint16], dpi: tuple[float, float] | None) -> bytes:
    """(H, W, C) uint16, C = 1 grey, 2 grey + alpha, 3 RGB, 4 RGBA."""
    height, width, channels = pixels.shape
    rows = pixels.astype(">u2").view(np.uint8).reshape(height, -1)
    return _write_png(rows, width, 16, _COLOUR_TYPE[channels], dpi)


def encode_grey_png(pixels: NDArray[np.uint8], depth: int, dpi: tuple[float, float] | None) -> bytes:
    """(H, W) uint8, of which only the 2 or 4 uppermost bits count, as Pillow spreads so shallow a grey over 0..255."""
    height, width = pixels.shape
    each = 8 // depth
    levels = np.zeros((height, -(-width // each) * each), dtype=np.uint8)
    levels[:, :width] = pixels >> (8 - depth)
    rows = np.zeros((height, levels.shape[1] // each), dtype=np.uint8)
    for index in range(each):
        rows |= levels[:, index::each] << (8 - depth * (index + 1))
    return _write_png(rows, width, depth, 0, dpi)


def _write_png(rows: NDArray[np.uint8], width: int, depth: int, colour_type: int, dpi: tuple[float, float] | None) -> bytes:
    """Packed rows as a file; PNG specification, third edition, filter 2 (Up)."""
    height = len(rows)
    filtered = np.empty((height, rows.shape[1] + 1), dtype=np.uint8)
    filtered[:, 0] = 2
    filtered[0, 1:] = rows[0]
    np.subtract(rows[1:], rows[:-1], out=filtered[1:, 1:])
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, 0))]
    if dpi is not None:
        chunks.append((b"pHYs", struct.pack(">IIB", *(round(v * _INCHES_PER_METRE) for v in dpi), 1)))
    chunks += [(b"IDAT", zlib.compress(filtered.tobytes(), 6)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


def _read_deep(content: bytes, *, grey: bool) -> NDArray[np.uint16]:
    decoded = cv2.imdecode(np.frombuffer(content, dtype=np.uint8), cv2.IMREAD_UNCHANGED)
    if decoded is None or decoded.dtype != np.uint16 or decoded.ndim != 3:
        raise Unopenable("a 16-bit PNG that cannot be decoded")
    order = [2, 1, 0, 3][: decoded.shape[2]]
    pixels: NDArray[np.uint16] = np.ascontiguousarray(decoded[:, :, order]).astype(np.uint16)
    if pixels.shape[2] == 4:
        pixels[pixels[..., 3] == 0, :3] = 65535
        if grey:
            pixels = np.ascontiguousarray(pixels[:, :, [0, 3]])
    return pixels


def _turn(pixels: NDArray[np.uint16], turn: Image.Transpose) -> NDArray[np.uint16]:
    planes = [Image.fromarray(np.ascontiguousarray(pixels[..., c])).transpose(turn) for c in range(pixels.shape[2])]
    return np.stack([np.array(plane).astype(np.uint16) for plane in planes], axis=-1)

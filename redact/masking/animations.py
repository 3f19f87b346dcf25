"""GIF and WebP: every frame as a viewer shows it, written whole, in containers of our own.

Pillow's and libwebp's animation writers merge equal frames, and masks make frames equal: the page count would change.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator, Sequence

import numpy as np
from PIL import GifImagePlugin, Image, ImageSequence

from redact.masking.edits import Edit, lay_on_canvas
from redact.masking.paint import bare, find_turn, from_palette, swaps_axes

# Files do not tell the quality that they were written in: the first that does not let them grow beyond this, else the last.
_WEBP_QUALITIES = (90, 80, 70, 60)
_GROWTH = 1.4
_DO_NOT_BLEND = 0x02
_ANIMATION, _ALPHA = 0x02, 0x10


def rewrite_gif(content: bytes, edits: Sequence[Edit]) -> bytes:
    """Exact where a frame has at most 256 colours, which composed frames nearly always have."""
    with Image.open(io.BytesIO(content), formats=["GIF"]) as source:
        width, height = _canvas(source.size, edits)
        moves = getattr(source, "n_frames", 1) > 1
        loop = source.info.get("loop")
        blocks = [b"GIF89a", struct.pack("<HHBBB", width, height, 0x70, 0, 0)]
        if moves and loop is not None:
            blocks.append(b"!\xff\x0bNETSCAPE2.0\x03\x01" + struct.pack("<H", int(loop)) + b"\0")
        for index, frame in enumerate(ImageSequence.Iterator(source)):
            duration = int(frame.info.get("duration", 0) or 0)
            image = edits[index].image(bare(frame.convert("RGBA")))
            image = _to_palette(lay_on_canvas(image, width, height))
            options: dict[str, object] = {"duration": duration, "disposal": 2 if moves else 0}
            if "transparency" in image.info:
                options["transparency"] = image.info["transparency"]
            blocks += GifImagePlugin.getdata(image, (0, 0), include_color_table=True, **options)
    return b"".join([*blocks, b";"])


def rewrite_webp(content: bytes, edits: Sequence[Edit]) -> bytes:
    """Lossless stays lossless; lossy stays lossy, in a quality that keeps it about as large as it was."""
    if not any(kind == b"VP8 " for kind, _ in _webp_chunks(content)):
        return _write_webp(content, edits, None)
    for quality in _WEBP_QUALITIES:
        written = _write_webp(content, edits, quality)
        if len(written) <= _GROWTH * len(content):
            break
    return written


def _write_webp(content: bytes, edits: Sequence[Edit], quality: int | None) -> bytes:
    """``quality`` None: lossless."""
    with Image.open(io.BytesIO(content), formats=["WEBP"]) as source:
        turn = find_turn(source)
        frames = getattr(source, "n_frames", 1)
        if frames == 1:
            return _encode_webp(edits[0].image(bare(source, turn)), quality)
        loop = int(source.info.get("loop", 0))
        size = source.size[::-1] if swaps_axes(turn) else source.size
        width, height = _canvas(size, edits)
        parts: list[tuple[bytes, bytes]] = []
        alpha = 0
        for index in range(frames):
            source.seek(index)
            source.load()
            duration = int(source.info.get("duration", 0) or 0)
            image = lay_on_canvas(edits[index].image(bare(source, turn)), width, height)
            alpha |= _ALPHA if image.mode == "RGBA" else 0
            still = [c for c in _webp_chunks(_encode_webp(image, quality)) if c[0] in (b"ALPH", b"VP8 ", b"VP8L")]
            head = b"\0" * 6 + _u24(width - 1) + _u24(height - 1) + _u24(duration) + bytes([_DO_NOT_BLEND])
            parts.append((b"ANMF", head + b"".join(_chunk(*c) for c in still)))
        canvas = struct.pack("<I", _ANIMATION | alpha) + _u24(width - 1) + _u24(height - 1)
    body = b"".join(_chunk(*c) for c in [(b"VP8X", canvas), (b"ANIM", b"\xff\xff\xff\xff" + struct.pack("<H", loop)), *parts])
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def _canvas(size: tuple[int, int], edits: Sequence[Edit]) -> tuple[int, int]:
    """All frames of an animation have one size: that of the widest by that of the highest."""
    widths, heights = zip(*(edit.size(*size) for edit in edits), strict=True)
    return max(widths), max(heights)


def _encode_webp(image: Image.Image, quality: int | None) -> bytes:
    out, lossless = io.BytesIO(), quality is None
    if image.mode not in ("RGB", "RGBA"):
        image = image.convert("RGB")
    image.save(out, "WEBP", lossless=lossless, quality=quality or _WEBP_QUALITIES[0], exact=lossless, method=4)
    return out.getvalue()


def _webp_chunks(content: bytes, start: int = 12) -> Iterator[tuple[bytes, bytes]]:
    """(kind, data) of a WebP file; frames of an animation are opened (WebP container specification, RFC 9649)."""
    position = start
    while position + 8 <= len(content):
        kind, size = content[position : position + 4], struct.unpack_from("<I", content, position + 4)[0]
        data = content[position + 8 : position + 8 + size]
        yield kind, data
        if kind == b"ANMF":
            yield from _webp_chunks(data, 16)
        position += 8 + size + size % 2


def _chunk(kind: bytes, data: bytes) -> bytes:
    return kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def _u24(value: int) -> bytes:
    return struct.pack("<I", value)[:3]


def _to_palette(image: Image.Image) -> Image.Image:
    """Mode P with the very colours, or the nearest of 256 where there are more."""
    pixels = np.array(image)
    # GIF knows no half transparency.
    pixels[..., 3] = np.where(pixels[..., 3] < 128, 0, 255)
    pixels[pixels[..., 3] == 0] = (255, 255, 255, 0)
    colours, indices = np.unique(pixels.view(np.uint32).reshape(pixels.shape[:2]), return_inverse=True)
    if len(colours) <= 256:
        table = colours.astype(np.uint32).view(np.uint8).reshape(-1, 4)
        return from_palette(indices.reshape(pixels.shape[:2]).astype(np.uint8), table)
    few = Image.fromarray(pixels).convert("RGB").quantize(255, dither=Image.Dither.NONE)
    table = np.full((256, 4), 255, dtype=np.uint8)
    raw = np.array(few.getpalette(), dtype=np.uint8).reshape(-1, 3)[:255]
    table[: len(raw), :3] = raw
    table[255, 3] = 0
    nearest = np.array(few)
    black = np.flatnonzero((raw == 0).all(axis=1))
    solid = (pixels == (0, 0, 0, 255)).all(axis=2)
    # Quantising may lift black by a shade, and a mask is black.
    entry = int(black[0]) if len(black) else int(raw.astype(int).sum(axis=1).argmin())
    table[entry, :3] = 0
    nearest[solid] = entry
    nearest[pixels[..., 3] == 0] = 255
    return from_palette(nearest, table)

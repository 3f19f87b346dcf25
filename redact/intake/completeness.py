"""Whether a container's data go on to its end, where the decoder would not tell.

A decoder pads what is missing, or has fewer frames: the page looks readable and has lost its lower half. Interrupted
transfers leave files cut short, or of the full size with zeros for an end. Each check reads the container once, decodes
nothing, and raises :class:`redact.errors.Truncated`. Without a compression to go by (BMP, plain TIFF) zeros cannot be
told from black.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from redact.errors import TooLarge, Truncated, Unopenable

# More than the padding of sloppy writers. Compressed data do not end in so many, but for VP8, whose coder writes zeros
# for what it expects: 807 bytes of them for the blank rest of a page of 8.7 megapixels.
_ZEROS = bytes(1024)
_VP8_PIXELS_PER_ZERO = 2000


def ends_in_zeros(content: bytes, start: int, end: int) -> bool:
    """Whether compressed data in ``content[start:end]`` were filled up with zeros."""
    return end - start >= len(_ZEROS) and content[end - len(_ZEROS) : end] == _ZEROS


def count_gif_frames(content: bytes) -> int:
    """Frames of a GIF that goes on to its trailer.

    Raises:
        Truncated: the blocks end before the trailer, or were filled up with zeros.
        Unopenable: something that is no block.
    """
    if len(content) < 13:
        raise Truncated("GIF header")
    at = 13 + _colour_table(content[10])
    frames = 0
    while True:
        kind = content[at : at + 1]
        if kind == b"\x3b":
            return frames
        if kind == b"\x21":
            at += 2
        elif kind == b"\x2c" and at + 9 < len(content):
            frames += 1
            at += 10 + _colour_table(content[at + 9]) + 1
        elif not kind or kind == b"\x2c" or content.endswith(_ZEROS):
            raise Truncated("GIF blocks")
        else:
            raise Unopenable("GIF blocks")
        *_, at = _sub_blocks(content, at)


def _colour_table(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _sub_blocks(content: bytes, at: int) -> Iterator[int]:
    while True:
        if at >= len(content):
            raise Truncated("GIF blocks")
        length = content[at]
        at += 1 + length
        yield at
        if length == 0:
            return


def check_png(content: bytes) -> None:
    """The chunks go on to IEND, and those that the pixels depend on have their check sums (Pillow does not look at
    those of IDAT).

    Raises:
        Truncated: the chunks end before IEND.
        Unopenable: a check sum is wrong.
    """
    for kind, start, end in _png_chunks(content):
        if kind in (b"IHDR", b"PLTE", b"IDAT", b"fcTL", b"fdAT") and (
            zlib.crc32(memoryview(content)[start - 4 : end]) != int.from_bytes(content[end : end + 4], "big")
        ):
            raise Truncated("PNG filled with zeros") if content.endswith(_ZEROS) else Unopenable("PNG check sum")


def check_png_rows(content: bytes) -> None:
    """The first picture's data inflate to as many bytes as its rows take. Costs a second decompression.

    Raises:
        Truncated: they are fewer.
    """
    width, height = struct.unpack_from(">II", content, 16)
    bits, colour, interlaced = content[24], content[25], content[28] == 1
    bits *= {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}.get(colour, 1)
    missing = sum(
        (1 + (columns * bits + 7) // 8) * rows
        for columns, rows in (_adam7_passes(width, height) if interlaced else [(width, height)])
        if columns and rows
    )
    inflater = zlib.decompressobj()
    for kind, start, end in _png_chunks(content):
        data = content[start:end] if kind == b"IDAT" else b""
        while data and missing > 0 and not inflater.eof:
            missing -= len(inflater.decompress(data, 1 << 20))
            data = inflater.unconsumed_tail
    if missing > 0 and len(inflater.flush()) < missing:
        raise Truncated("PNG rows")


def _adam7_passes(width: int, height: int) -> list[tuple[int, int]]:
    """Columns and rows of the seven passes (PNG specification, 8.2)."""
    passes = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
    return [(-((x - width) // dx), -((y - height) // dy)) for x, y, dx, dy in passes]


def _png_chunks(content: bytes) -> Iterator[tuple[bytes, int, int]]:
    """(type, start and end of its data) of each chunk before IEND."""
    at = 8
    while (kind := content[at + 4 : at + 8]) != b"IEND":
        end = at + 8 + int.from_bytes(content[at : at + 4], "big")
        if end + 4 > len(content):
            raise Truncated("PNG chunks")
        yield kind, at + 8, end
        at = end + 4


def check_webp(content: bytes, max_pixels: int) -> None:
    """The RIFF size fits the bytes, and the canvas fits the limit: libwebp allocates it twice before it reads a pixel.

    Raises:
        Truncated, TooLarge.
    """
    if len(content) < 30 or 8 + int.from_bytes(content[4:8], "little") > len(content):
        raise Truncated("WebP container")
    chunk, width, height = content[12:16], 0, 0
    if chunk == b"VP8X":
        width = int.from_bytes(content[24:27], "little") + 1
        height = int.from_bytes(content[27:30], "little") + 1
    elif chunk == b"VP8L":
        bits = int.from_bytes(content[21:25], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif chunk == b"VP8 ":
        width, height = (int.from_bytes(content[i : i + 2], "little") & 0x3FFF for i in (26, 28))
    if width * height > max_pixels:
        raise TooLarge("WebP canvas")
    at = 12
    while at + 8 <= len(content):
        end = at + 8 + int.from_bytes(content[at + 4 : at + 8], "little")
        zeros = bytes(width * height // _VP8_PIXELS_PER_ZERO)
        if content[at : at + 4] in (b"VP8 ", b"ANMF") and content[at + 8 : end].endswith(_ZEROS + zeros):
            raise Truncated("WebP filled with zeros")
        at = end + (end & 1)


def check_iso_boxes(content: bytes) -> None:
    """The top-level boxes of an ISO base media file (HEIC) end within the bytes.

    Raises:
        Truncated: a box ends beyond them.
    """
    at = 0
    while at < len(content):
        size = int.from_bytes(content[at : at + 4], "big")
        if size == 1:
            size = int.from_bytes(content[at + 8 : at + 16], "big")
        if size == 0:
            return  # "to the end of the file"
        # Bytes after the last box (padding) are no box and no fault, unless they promise more than there is.
        if size < 8:
            return
        if at + size > len(content):
            raise Truncated("HEIC boxes")
        if content[at + 4 : at + 8] == b"mdat" and ends_in_zeros(content, at + 8, at + size):
            raise Truncated("HEIC filled with zeros")
        at += size

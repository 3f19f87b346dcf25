"""Pictures that declare more than they hold, or hold more than a picture should."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import numpy as np
import pillow_heif
from broken_case import Case
from PIL import Image, ImageDraw

pillow_heif.register_heif_opener()

# The side of a square of just under max_pixels.
_LARGEST = 10_900


def scan(seed: int = 0, width: int = 640, height: int = 480) -> Image.Image:
    """Strokes on noise: a picture that compresses to something, down to its last row."""
    noise = np.random.default_rng(seed).integers(180, 256, (height, width, 3), dtype=np.uint8)
    image = Image.fromarray(noise)
    pen = ImageDraw.Draw(image)
    for y in range(10, height, 20):
        pen.line((10, y, width - 10 - (y * 7 + seed * 50) % 300, y), fill="black", width=4)
    return image


def save(image: Image.Image, form: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def deflate(block: bytes, times: int) -> bytes:
    """zlib data of ``block`` repeated: deflated once, as it stands for itself after a full flush."""
    deflater = zlib.compressobj(9, zlib.DEFLATED, -15)
    piece = deflater.compress(block) + deflater.flush(zlib.Z_FULL_FLUSH)
    check = 1
    for _ in range(times):
        check = zlib.adler32(block, check)
    return b"\x78\xda" + piece * times + b"\x03\0" + struct.pack(">I", check)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, *, bits: int = 8, colour: int = 2, more: bytes = b"", rows: int | None = None) -> bytes:
    """One colour, black; ``rows`` of them, all where None."""
    row = b"\0" * (1 + (width * bits * {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour] + 7) // 8)
    head = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    data = deflate(row * 50, -(-(height if rows is None else rows) // 50))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + more + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def png_size(side: int) -> bytes:
    """The head of a square black-and-white PNG."""
    return chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0))


def text_bomb(kind: bytes) -> bytes:
    """A chunk of some KB that inflates to 200 MB."""
    packed = deflate(b" " * 2**20, 200)
    head = {b"zTXt": b"Comment\0\0", b"iTXt": b"Comment\0\1\0\0\0", b"iCCP": b"profile\0\0"}[kind]
    return png(64, 64, more=chunk(kind, head + packed))


def apng(width: int, height: int, frames: int) -> bytes:
    """Each frame changes one pixel."""
    control = chunk(b"acTL", struct.pack(">II", frames, 0))
    first = chunk(b"fcTL", struct.pack(">IIIIIHHBB", 0, width, height, 0, 0, 1, 10, 0, 0))
    content = png(width, height, colour=0, more=control + first)[:-12]
    pixel = zlib.compress(b"\0\xff")
    for i in range(1, frames):
        content += chunk(b"fcTL", struct.pack(">IIIIIHHBB", 2 * i - 1, 1, 1, i % width, 0, 1, 10, 0, 0))
        content += chunk(b"fdAT", struct.pack(">I", 2 * i) + pixel)
    return content + chunk(b"IEND", b"")


def tiff(entries: Iterable[tuple[int, int, int, int]], frames: int = 1, *, data: bytes = b"") -> bytes:
    """A TIFF whose ``frames`` directories are the same ``entries``: tag, type, count, value. ``data`` begins at 8."""
    entries = sorted(entries)
    body = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *entry) for entry in entries)
    start = 8 + len(data)
    ends = [start + (len(body) + 4) * i for i in range(1, frames)] + [0]
    return b"II*\0" + struct.pack("<I", start) + data + b"".join(body + struct.pack("<I", end) for end in ends)


def grey_tiff(width: int, height: int, frames: int = 1, *, compression: int = 1, data: bytes = b"") -> bytes:
    return tiff(
        [(256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (259, 3, 1, compression), (262, 3, 1, 1), (273, 4, 1, 8),
         (277, 3, 1, 1), (278, 4, 1, height), (279, 4, 1, len(data))],
        frames, data=data,
    )  # fmt: skip


def circular_tiff() -> bytes:
    content = grey_tiff(8, 8, 3, data=b"\x80" * 64)
    return content[:-4] + struct.pack("<I", 8 + 64)


def overlapping_directories() -> bytes:
    """4,000 directories, each of 65,535 entries that are the bytes of the next ones."""
    size = 65_535 * 12
    content = bytearray(b"II*\0" + struct.pack("<I", 8) + bytes(size + 4_000 * 16))
    for at, following in pairwise(range(8, 8 + 4_000 * 14, 14)):
        content[at : at + 2] = b"\xff\xff"
        content[at + 2 + size : at + 6 + size] = struct.pack("<I", following)
    return bytes(content)


def shared_tags() -> bytes:
    """Each of 200 private tags, in each of 300 frames, is the same 4 MB."""
    data = b"\x80" * (4 * 2**20)
    entries = [(256, 4, 1, 8), (257, 4, 1, 8), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, 8), (277, 3, 1, 1),
               (278, 4, 1, 8), (279, 4, 1, 64), *((50_000 + i, 7, len(data), 8) for i in range(200))]  # fmt: skip
    return tiff(entries, 300, data=data)


def huge_tiles() -> bytes:
    """One tile of 60,000 x 60,000, of which the picture takes a corner."""
    data = deflate(bytes(60_000), 1_000)
    entries = [(256, 4, 1, 8), (257, 4, 1, 8), (258, 3, 1, 8), (259, 3, 1, 8), (262, 3, 1, 1), (277, 3, 1, 1),
               (322, 4, 1, 60_000), (323, 4, 1, 60_000), (324, 4, 1, 8), (325, 4, 1, len(data))]  # fmt: skip
    return tiff(entries, data=data)


def many_strips() -> bytes:
    """300 frames that share tables of a million strips, 8 MB of them."""
    count = 1_000_000
    table = struct.pack("<I", 8) * count
    entries = [(256, 4, 1, 8), (257, 4, 1, count), (258, 3, 1, 8), (259, 3, 1, 5), (262, 3, 1, 1), (273, 4, count, 8),
               (277, 3, 1, 1), (278, 4, 1, 1), (279, 4, count, 8)]  # fmt: skip
    return tiff(entries, 300, data=table)


def gif(width: int, height: int, frames: int) -> bytes:
    """Each frame is one pixel."""
    head = b"GIF89a" + struct.pack("<HH", width, height) + b"\x80\0\0" + b"\0\0\0\xff\xff\xff"
    frame = b"\x2c" + struct.pack("<HHHH", 0, 0, 1, 1) + b"\0\x02\x02\x44\x01\0"
    return head + frame * frames + b"\x3b"


def bmp(width: int, height: int, *, bits: int = 24, compression: int = 0, data: bytes = b"") -> bytes:
    palette = bytes(1024) if bits == 8 else b""
    start = 54 + len(palette)
    head = struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, compression, len(data), 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", start + len(data), 0, 0, start) + head + palette + data


def webp(canvas: int, frames: bytes) -> bytes:
    side = (canvas - 1).to_bytes(3, "little")
    body = b"VP8X" + struct.pack("<II", 10, 2 if frames else 0) + side * 2 + frames
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body


def lossless_webp(width: int, height: int) -> bytes:
    """One colour: each of the five Huffman codes of VP8L has one symbol, and takes no bit for a pixel."""
    fields = ((width - 1, 14), (height - 1, 14), (0, 4), (0, 3))
    head = "".join(f"{value:0{size}b}"[::-1] for value, size in fields) + "1000" * 5
    head += "0" * (-len(head) % 8)
    data = b"\x2f" + bytes(int(head[i : i + 8][::-1], 2) for i in range(0, len(head), 8)) + bytes(8)
    data += bytes(len(data) % 2)
    return b"RIFF" + struct.pack("<I", 12 + len(data)) + b"WEBPVP8L" + struct.pack("<I", len(data)) + data


def many_frames_webp() -> bytes:
    still = save(Image.new("RGB", (16, 16)), "WEBP", lossless=True)[12:]
    frame = bytes(6) + (15).to_bytes(3, "little") * 2 + (100).to_bytes(3, "little") + b"\0" + still
    frame = b"ANMF" + struct.pack("<I", len(frame)) + frame
    return webp(16, b"ANIM" + struct.pack("<IIH", 6, 0, 0) + frame * 6_000)


def jpeg(width: int, height: int, *, scans: int = 0, components: int = 3) -> bytes:
    """One grey. With Huffman tables of one symbol each block of a scan takes a bit, so that all data are zeros.

    ``scans``: 0 for baseline; else progressive, with so many scans of one coefficient.
    """

    def segment(marker: int, data: bytes) -> bytes:
        return bytes((0xFF, marker)) + struct.pack(">H", len(data) + 2) + data

    def table(kind: int, symbol: int) -> bytes:
        return segment(0xC4, bytes((kind, 1)) + bytes(15) + bytes((symbol,)))

    ids = range(1, components + 1)
    blocks = -(-width // 8) * -(-height // 8)
    content = b"\xff\xd8" + segment(0xDB, b"\0" + b"\x10" * 64)
    frame = struct.pack(">BHHB", 8, height, width, components) + b"".join(bytes((i, 0x11, 0)) for i in ids)
    content += segment(0xC2 if scans else 0xC0, frame) + table(0x00, 0) + table(0x10, 0xE0 if scans else 0)
    selectors = bytes((components,)) + b"".join(bytes((i, 0)) for i in ids)
    if not scans:
        return content + segment(0xDA, selectors + b"\0\x3f\0") + bytes(blocks * components // 4 + 1) + b"\xff\xd9"
    content += segment(0xDA, selectors + b"\0\0\0") + bytes(blocks * components // 8 + 1)
    # A run of 2**14 blocks without coefficients is a symbol of one bit and fourteen bits of its length.
    run = bytes((blocks // 2**14 + 1) * 15 // 8 + 1)
    for i in range(scans):
        content += segment(0xDA, bytes((1, 1 + i % components, 0, 1 + i % 63, 1 + i % 63, 0))) + run
    return content + b"\xff\xd9"


def jpeg_without_rows() -> bytes:
    content = save(scan(width=5_000, height=5_000), "JPEG", quality=5)
    scan_data = content.index(b"\xff\xda") + 14
    return content[:scan_data] + b"\xff\xd9"


def turned_jpeg() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    block = exif.tobytes()
    return b"\xff\xd8\xff\xe1" + struct.pack(">H", len(block) + 2) + block + jpeg(_LARGEST, _LARGEST)[2:]


def huge_heic() -> bytes:
    content = bytearray(save(scan(), "HEIF"))
    at = content.index(b"ispe")
    content[at + 8 : at + 16] = struct.pack(">II", 60_000, 60_000)
    return bytes(content)


def large_tiff(**options: Any) -> bytes:
    return save(Image.new("1", (_LARGEST, _LARGEST)), "TIFF", **options)


PIXEL_BOMBS = (
    Case("png of 60,000 x 60,000", lambda: png(60_000, 60_000, bits=1, colour=0, rows=50), "too_large", suffix=".png"),
    Case("png of 2**31 x 2**31", lambda: png(9, 9, bits=1, colour=0).replace(png_size(9), png_size(2**31 - 1)), "too_large"),
    Case("tiff of 60,000 x 60,000", lambda: grey_tiff(60_000, 60_000, data=bytes(64)), "too_large"),
    Case("tiff of 2**32 x 2**32", lambda: grey_tiff(2**32 - 1, 2**32 - 1, data=bytes(64)), "too_large"),
    Case("gif of 65,535 x 65,535", lambda: gif(65_535, 65_535, 1), "too_large"),
    Case("bmp of 60,000 x 60,000", lambda: bmp(60_000, 60_000), "too_large"),
    Case("bmp of -2**31 rows", lambda: bmp(60_000, -(2**31)), "too_large"),
    Case("webp of 2**24 x 2**24", lambda: webp(2**24, save(Image.new("RGB", (16, 16)), "WEBP")[12:]), "too_large"),
    Case("jpeg of 65,535 x 65,535", lambda: jpeg(65_535, 65_535, scans=1)[:400] + b"\xff\xd9", "too_large"),
    Case("heic of 60,000 x 60,000", huge_heic, "too_large"),
)

# What is allowed, and must not cost more than it may.
LARGEST = (
    Case("largest png, rgb", lambda: png(_LARGEST, _LARGEST), long=True),
    Case("largest png, rgba", lambda: png(_LARGEST, _LARGEST, colour=6), long=True),
    Case("largest png, rgba of 16 bits", lambda: png(_LARGEST, _LARGEST, bits=16, colour=6)),
    Case("largest png, grey of 16 bits", lambda: png(_LARGEST, _LARGEST, bits=16, colour=0), long=True),
    Case("largest jpeg", lambda: jpeg(_LARGEST, _LARGEST), long=True),
    Case("largest jpeg, turned", turned_jpeg),
    Case("largest jpeg, progressive", lambda: jpeg(_LARGEST, _LARGEST, scans=9), "too_large"),
    Case("largest jpeg, progressive, grey", lambda: jpeg(_LARGEST, _LARGEST, scans=9, components=1)),
    Case("largest webp", lambda: lossless_webp(6_900, 6_900)),
    Case("webp of 118 megapixels", lambda: lossless_webp(_LARGEST, _LARGEST), "too_large"),
    Case("largest tiff, group 4", lambda: large_tiff(compression="group4")),
    Case("largest gif", lambda: gif(_LARGEST, _LARGEST, 1)),
)

FRAME_BOMBS = (
    Case("tiff of 5,001 frames", lambda: grey_tiff(8, 8, 5_001, data=b"\x80" * 64), "too_large"),
    Case("tiff of 3,000 frames", lambda: grey_tiff(8, 8, 3_000, data=b"\x80" * 64)),
    Case("tiff of 100,000 frames", lambda: grey_tiff(8, 8, 100_000, data=b"\x80" * 64), "too_large"),
    Case("tiff of 3,000 large frames",
         lambda: grey_tiff(8_000, 8_000, 3_000, compression=8, data=deflate(bytes(8_000) * 50, 160)), "too_large"),
    Case("tiff whose frames run in a circle", circular_tiff, "unopenable"),
    Case("tiff whose directories overlap", overlapping_directories, "too_large"),
    Case("tiff whose frames share large tags", shared_tags, "too_large"),
    Case("tiff whose frames share tables of strips", many_strips, "too_large"),
    Case("tiff with a tile of 60,000 x 60,000", huge_tiles, "too_large"),
    Case("gif of 100,000 frames", lambda: gif(16, 16, 100_000), "too_large"),
    Case("gif of 3,000 frames", lambda: gif(16, 16, 3_000)),
    Case("gif of 3,000 large frames", lambda: gif(8_000, 8_000, 3_000), "too_large"),
    Case("webp of 6,000 frames", many_frames_webp, "too_large"),
    Case("apng of 6,000 frames", lambda: apng(16, 16, 6_000), "too_large"),
    Case("apng of 1,000 frames", lambda: apng(16, 16, 1_000)),
    Case("apng of 1,000 large frames", lambda: apng(8_000, 8_000, 1_000), "too_large"),
    Case("gif of 60 frames, large in all", lambda: gif(6_000, 6_000, 60), "too_large"),
    Case("gif of 12 frames, as large as allowed", lambda: gif(6_300, 6_300, 12), long=True),
    Case("apng of 12 frames, as large as allowed", lambda: apng(6_300, 6_300, 12), long=True),
    Case("tiff of 4 frames, as large as allowed",
         lambda: grey_tiff(_LARGEST, _LARGEST, 4, compression=8, data=deflate(bytes(_LARGEST) * 50, 218)), long=True),
    Case("jpeg of 32 scans, as large as allowed", lambda: jpeg(_LARGEST, _LARGEST, scans=32, components=1)),
    Case("jpeg of 2,000 scans", lambda: jpeg(_LARGEST // 2, _LARGEST, scans=2_000, components=1), "too_large"),
)  # fmt: skip

CLAIMS = (
    Case("png with a zTXt bomb", lambda: text_bomb(b"zTXt"), "too_large"),
    Case("png with an iTXt bomb", lambda: text_bomb(b"iTXt"), "too_large"),
    Case("png with an iCCP bomb", lambda: text_bomb(b"iCCP"), "too_large"),
    Case("png of 10 rows that claims 5,000", lambda: png(5_000, 5_000, rows=10), "truncated"),
    Case("bmp of few bytes that claims 5,000 rows", lambda: bmp(5_000, 5_000, data=bytes(999)), "truncated"),
    Case("run-length bmp without runs", lambda: bmp(5_000, 5_000, bits=8, compression=1, data=b"\0\1"), "truncated"),
    Case("tiff of few bytes that claims 5,000 rows", lambda: grey_tiff(5_000, 5_000, data=b"\x80" * 64), "truncated"),
    Case("jpeg of no rows that claims 5,000", jpeg_without_rows, "truncated"),
)

"""What TIFF and WebP files hold besides pixels. Read by hand: decoders show only the tags and chunks that they know."""

from __future__ import annotations

import struct
from collections.abc import Iterator

# Bytes per value of a TIFF field type (TIFF 6.0, section 2; 13 and 16-18 from its supplements and BigTIFF).
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
# Where pixels lie, and how many of them.
_PIXEL_TAGS = frozenset({273, 279, 324, 325, 513, 514})
# Directories inside: SubIFDs, EXIF, GPS, interoperability.
_POINTERS = frozenset({330, 34665, 34853, 40965})
_MOST_DIRECTORIES = 10_000


def read_tiff_values(content: bytes) -> Iterator[bytes]:
    """The bytes of every tag's value, in all directories of a TIFF or BigTIFF; what lies beyond the end is passed over."""
    order = "<" if content[:2] == b"II" else ">"
    big = content[2:4] in (b"+\0", b"\0+")
    word, size = ("Q", 8) if big else ("I", 4)
    waiting, seen = [size], set[int]()
    # The first pointer stands in the header, each later one behind its directory's entries or in a tag.
    while waiting and len(seen) < _MOST_DIRECTORIES:
        at = _number(content, order + word, waiting.pop())
        if at is None or at == 0 or at in seen:
            continue
        seen.add(at)
        count = _number(content, order + ("Q" if big else "H"), at)
        first = at + (8 if big else 2)
        entry = 20 if big else 12
        for start in range(first, min(first + (count or 0) * entry, len(content) - entry + 1), entry):
            tag, kind = struct.unpack_from(order + "HH", content, start)
            number = _number(content, order + word, start + 4) or 0
            length = number * _SIZES.get(kind, 1)
            value = start + 4 + size
            if length > size:
                value = _number(content, order + word, value) or len(content)
            if tag in _POINTERS:
                waiting += range(value, min(value + length, len(content)), size)
            elif tag not in _PIXEL_TAGS:
                yield content[value : value + length]
        waiting.append(first + (count or 0) * entry)


def read_webp_chunks(content: bytes) -> Iterator[bytes]:
    """The chunks that hold no pixels: EXIF, XMP, a profile, and what nobody knows; and the bytes after the container."""
    at = 12
    while at + 8 <= len(content):
        kind, size = struct.unpack_from("<4sI", content, at)
        if kind not in (b"VP8 ", b"VP8L", b"ALPH", b"ANMF"):
            yield content[at + 8 : at + 8 + size]
        at += 8 + size + (size & 1)


def _number(content: bytes, code: str, at: int) -> int | None:
    if at + struct.calcsize(code) > len(content):
        return None
    (value,) = struct.unpack_from(code, content, at)
    return int(value)

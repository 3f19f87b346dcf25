"""The frames of a TIFF, and whether all their data are there: libtiff paints missing fax rows white."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from redact.errors import TooLarge, Truncated, Unopenable
from redact.intake.completeness import ends_in_zeros


@dataclass(frozen=True, slots=True)
class TiffFrame:
    """Size in pixels that one image file directory declares, as stored."""

    width: int
    height: int


def list_tiff_frames(content: bytes, max_frames: int) -> tuple[TiffFrame, ...]:
    """All directories of a TIFF or BigTIFF, in the order of their chain.

    Raises:
        Truncated: a directory, strip or tile lies beyond the end.
        TooLarge: more than ``max_frames``.
        Unopenable: the chain of directories runs in a circle.
    """
    order = "<" if content[:2] == b"II" else ">"
    big = content[2:4] in (b"+\0", b"\0+")
    frames: list[TiffFrame] = []
    seen: set[int] = set()
    (offset,) = _unpack(content, order + ("Q" if big else "I"), 8 if big else 4)
    while offset:
        if offset in seen:
            raise Unopenable("TIFF directories in a circle")
        if len(frames) >= max_frames:
            raise TooLarge("TIFF frames")
        seen.add(offset)
        tags, offset = _read_directory(content, order, big, offset)
        _check_strips(content, tags)
        width, height = (next(iter(tags.get(t, ())), 0) for t in (_WIDTH, _HEIGHT))
        frames.append(TiffFrame(width, height))
    return tuple(frames)


_WIDTH, _HEIGHT, _COMPRESSION = 256, 257, 259
_TYPES = {1: "B", 3: "H", 4: "I", 7: "B", 13: "I", 16: "Q", 18: "Q"}
# What the pixels depend on. Other tags may point anywhere: sloppy writers leave such in whole files.
_TAGS = frozenset({_WIDTH, _HEIGHT, 258, _COMPRESSION, 262, 273, 277, 278, 279, 320, 322, 323, 324, 325, 347})


def _read_directory(content: bytes, order: str, big: bool, offset: int) -> tuple[dict[int, tuple[int, ...]], int]:
    count_code, entry_size, word = ("Q", 20, "Q") if big else ("H", 12, "I")
    (count,) = _unpack(content, order + count_code, offset)
    first = offset + struct.calcsize(count_code)
    if first + count * entry_size > len(content):
        raise Truncated("TIFF directory")
    tags: dict[int, tuple[int, ...]] = {}
    for at in range(first, first + count * entry_size, entry_size):
        tag, kind, number = struct.unpack_from(order + "HH" + word, content, at)
        code = _TYPES.get(kind)
        if tag not in _TAGS or code is None:
            continue
        value_at = at + 4 + struct.calcsize(word)
        if number * struct.calcsize(code) > struct.calcsize(word):
            (value_at,) = _unpack(content, order + word, value_at)
        if value_at + number * struct.calcsize("=" + code) > len(content):
            raise Truncated("TIFF tag")
        tags[tag] = struct.unpack_from(f"{order}{number}{code}", content, value_at)
    (following,) = _unpack(content, order + word, first + count * entry_size)
    return tags, following


def _check_strips(content: bytes, tags: dict[int, tuple[int, ...]]) -> None:
    compressed = tags.get(_COMPRESSION, (1,)) != (1,)
    for offsets, counts in ((273, 279), (324, 325)):
        if any(start >= len(content) for start in tags.get(offsets, ())):
            raise Truncated("TIFF strips")
        for start, length in zip(tags.get(offsets, ()), tags.get(counts, ()), strict=False):
            if start + length > len(content):
                raise Truncated("TIFF strips")
            if compressed and ends_in_zeros(content, start, start + length):
                raise Truncated("TIFF strip filled with zeros")


def _unpack(content: bytes, code: str, offset: int) -> tuple[int, ...]:
    if offset + struct.calcsize(code) > len(content):
        raise Truncated("TIFF directory")
    values: tuple[int, ...] = struct.unpack_from(code, content, offset)
    return values

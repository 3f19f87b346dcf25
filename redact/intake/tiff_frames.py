"""The frames of a TIFF, and whether all their data are there: libtiff paints missing fax rows white.

Directories and their tables may overlap, so that some KB stand for gigabytes of tags to read: what a directory may hold
is limited here, before Pillow reads it.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from redact.errors import TooLarge, Truncated, Unopenable
from redact.intake.completeness import ends_in_zeros

# TIFF 6.0, EXIF, GeoTIFF and DNG together define some 300 tags.
_MAX_ENTRIES = 1_000
# Of all frames: a thousand pages of 3,500 rows, each a strip of its own.
_MAX_STRIPS = 4_000_000
# Of all directories, beyond what the file has itself: those of a file may share a colour profile or two.
_SHARED_TAG_BYTES = 64 * 2**20
_MAX_TILE_PIXELS = 2**26


@dataclass(frozen=True, slots=True)
class TiffFrame:
    """Size in pixels that one image file directory declares, as stored."""

    width: int
    height: int


def list_tiff_frames(content: bytes, max_frames: int) -> tuple[TiffFrame, ...]:
    """All directories of a TIFF or BigTIFF, in the order of their chain.

    Raises:
        Truncated: a directory, strip or tile lies beyond the end.
        TooLarge: more than ``max_frames``, or more tags, strips or bytes of them than documents have.
        Unopenable: the chain of directories runs in a circle, or one has no size.
    """
    order = "<" if content[:2] == b"II" else ">"
    big = content[2:4] in (b"+\0", b"\0+")
    frames: list[TiffFrame] = []
    seen: set[int] = set()
    tag_bytes = strips = 0
    (offset,) = _unpack(content, order + ("Q" if big else "I"), 8 if big else 4)
    while offset:
        if offset in seen:
            raise Unopenable("TIFF directories in a circle")
        if len(frames) >= max_frames:
            raise TooLarge("TIFF frames")
        seen.add(offset)
        directory = _read_directory(content, order, big, offset)
        tag_bytes, strips = tag_bytes + directory.tag_bytes, strips + directory.count_strips()
        if tag_bytes > len(content) + _SHARED_TAG_BYTES or strips > _MAX_STRIPS:
            raise TooLarge("TIFF tags")
        _check_strips(content, directory)
        frames.append(directory.frame())
        if not (frames[-1].width and frames[-1].height):
            raise Truncated("TIFF filled with zeros") if content.endswith(bytes(1024)) else Unopenable("TIFF without a size")
        offset = directory.following
    return tuple(frames)


_WIDTH, _HEIGHT, _COMPRESSION = 256, 257, 259
_TILE_WIDTH, _TILE_HEIGHT = 322, 323
_OFFSETS_AND_COUNTS = ((273, 279), (324, 325))
_CODES = {1: "u1", 3: "u2", 4: "u4", 7: "u1", 13: "u4", 16: "u8", 18: "u8"}
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
# What the pixels depend on. Other tags may point anywhere: sloppy writers leave such in whole files.
_TAGS = frozenset({_WIDTH, _HEIGHT, 258, _COMPRESSION, 262, 273, 277, 278, 279, 320, _TILE_WIDTH, _TILE_HEIGHT, 324, 325, 347})


@dataclass(frozen=True, slots=True)
class _Directory:
    """``tags``: the values of those in ``_TAGS``. ``tag_bytes``: that all values outside the directory take, as far as they
    lie in the file. ``following``: offset of the next directory, or 0."""

    tags: dict[int, NDArray[Any]]
    tag_bytes: int
    following: int

    def first(self, tag: int, default: int = 0) -> int:
        values = self.tags.get(tag)
        return default if values is None or not len(values) else int(values[0])

    def frame(self) -> TiffFrame:
        if self.first(_TILE_WIDTH) * self.first(_TILE_HEIGHT) > _MAX_TILE_PIXELS:
            raise TooLarge("TIFF tile")
        return TiffFrame(self.first(_WIDTH), self.first(_HEIGHT))

    def count_strips(self) -> int:
        return sum(len(self.tags.get(offsets, ())) for offsets, _ in _OFFSETS_AND_COUNTS)


def _read_directory(content: bytes, order: str, big: bool, offset: int) -> _Directory:
    count_code, entry_size, word = ("Q", 20, "Q") if big else ("H", 12, "I")
    (count,) = _unpack(content, order + count_code, offset)
    first = offset + struct.calcsize(count_code)
    if first + count * entry_size > len(content):
        raise Truncated("TIFF directory")
    if count > _MAX_ENTRIES:
        raise TooLarge("TIFF tags")
    tags: dict[int, NDArray[Any]] = {}
    tag_bytes = 0
    for at in range(first, first + count * entry_size, entry_size):
        tag, kind, number = struct.unpack_from(order + "HH" + word, content, at)
        value_at = at + 4 + struct.calcsize(word)
        size = number * _SIZES.get(kind, 0)
        if size > struct.calcsize(word):
            (value_at,) = _unpack(content, order + word, value_at)
            tag_bytes += max(min(size, len(content) - value_at), 0)
        if tag not in _TAGS or kind not in _CODES:
            continue
        if value_at + size > len(content):
            raise Truncated("TIFF tag")
        tags[tag] = np.frombuffer(content, order + _CODES[kind], number, value_at)
    (following,) = _unpack(content, order + word, first + count * entry_size)
    return _Directory(tags, tag_bytes, following)


def _check_strips(content: bytes, directory: _Directory) -> None:
    compressed = directory.first(_COMPRESSION, 1) != 1
    whole = np.frombuffer(content, np.uint8)
    for tags in _OFFSETS_AND_COUNTS:
        # Floating-point numbers, which cannot overflow: those above 2**53 are rounded, and beyond the end all the same.
        starts, lengths = (directory.tags.get(tag, np.empty(0)).astype(np.float64) for tag in tags)
        both = min(len(starts), len(lengths))
        ends = starts[:both] + lengths[:both]
        if (starts >= len(content)).any() or (ends > len(content)).any():
            raise Truncated("TIFF strips")
        if compressed:
            # A look at the last byte of each spares most of the longer ones.
            for i in np.flatnonzero(whole[ends.astype(np.int64) - 1] == 0):
                if ends_in_zeros(content, int(starts[i]), int(ends[i])):
                    raise Truncated("TIFF strip filled with zeros")


def _unpack(content: bytes, code: str, offset: int) -> tuple[int, ...]:
    if offset + struct.calcsize(code) > len(content):
        raise Truncated("TIFF directory")
    values: tuple[int, ...] = struct.unpack_from(code, content, offset)
    return values

"""A font program with the glyphs it is given and nothing else: no names, no tables, no glyph of the font they came from.

Adobe Technical Notes 5176 (Compact Font Format) and 5177 (Type 2 charstrings). CID-keyed, since that needs no glyph names:
glyph n has CID n.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

from redact.masking.kept.marks import Outline

FONT_NAME = "AAAAAA+Kept"
# Operators of DICTs (5176, tables 9, 10, 23).
_ROS, _CID_COUNT, _FD_ARRAY, _FD_SELECT = b"\x0c\x1e", b"\x0c\x22", b"\x0c\x24", b"\x0c\x25"
_FONT_BBOX, _CHARSET, _CHAR_STRINGS, _PRIVATE = b"\x05", b"\x0f", b"\x11", b"\x12"
# Operators of charstrings (5177, appendix A).
_RLINETO, _RRCURVETO, _ENDCHAR, _RMOVETO = 5, 8, 14, 21
# Strings after the 391 standard ones.
_REGISTRY, _ORDERING = 391, 392
MOST_GLYPHS = 65_000


def write_cff(outlines: Sequence[Outline]) -> bytes:
    """The font program: glyph 0 is empty (.notdef), glyph n + 1 is ``outlines[n]``."""
    count = len(outlines) + 1
    shapes = [bytes([_ENDCHAR]), *(_code_shape(o) for o in outlines)]
    boxes = [o.bounds for o in outlines] or [(0, 0, 0, 0)]
    bbox = (*(min(b[i] for b in boxes) for i in (0, 1)), *(max(b[i] for b in boxes) for i in (2, 3)))
    start = b"\x01\x00\x04\x04" + _index([FONT_NAME.encode("ascii")])
    between = _index([b"Adobe", b"Identity"]) + _index([])

    # Offsets are written at full width, so that the dictionary has its length before they are known.
    def top(charset: int, select: int, glyphs: int, array: int) -> bytes:
        entries = [_integer(_REGISTRY) + _integer(_ORDERING) + _integer(0) + _ROS]
        entries += [_numbers(bbox) + _FONT_BBOX, _integer(count) + _CID_COUNT]
        entries += [_offset(charset) + _CHARSET, _offset(select) + _FD_SELECT]
        entries += [_offset(glyphs) + _CHAR_STRINGS, _offset(array) + _FD_ARRAY]
        return _index([b"".join(entries)])

    # Format 2: one range from CID 1 on. Format 3: all glyphs from the first on have font dictionary 0.
    charset = b"\x02" + struct.pack(">HH", 1, max(count - 2, 0)) if count > 1 else b"\x00"
    select = b"\x03" + struct.pack(">HHBH", 1, 0, 0, count)
    glyphs = _index(shapes)
    at_charset = len(start) + len(top(0, 0, 0, 0)) + len(between)
    at_select = at_charset + len(charset)
    at_glyphs = at_select + len(select)
    at_array = at_glyphs + len(glyphs)
    # The private dictionary is empty, and lies where it would begin.
    array = _index([_integer(0) + _offset(at_array) + _PRIVATE])
    return start + top(at_charset, at_select, at_glyphs, at_array) + between + charset + select + glyphs + array


def _code_shape(outline: Outline) -> bytes:
    coded = bytearray()
    x, y = 0, 0
    for contour in outline.contours:
        for i, step in enumerate(contour):
            for at in range(0, len(step), 2):
                coded += _integer(step[at] - x) + _integer(step[at + 1] - y)
                x, y = step[at], step[at + 1]
            coded.append(_RMOVETO if i == 0 else _RLINETO if len(step) == 2 else _RRCURVETO)
    coded.append(_ENDCHAR)
    return bytes(coded)


def _index(parts: Sequence[bytes]) -> bytes:
    if not parts:
        return b"\x00\x00"
    offsets, at = [1], 1
    for part in parts:
        at += len(part)
        offsets.append(at)
    width = max(1, (at.bit_length() + 7) // 8)
    packed = b"".join(offset.to_bytes(width, "big") for offset in offsets)
    return struct.pack(">HB", len(parts), width) + packed + b"".join(parts)


def _integer(value: int) -> bytes:
    """As DICTs and charstrings both write it (5176, table 3; 5177, table 1).

    Raises:
        struct.error: beyond 16 bits, where no glyph reaches.
    """
    if -107 <= value <= 107:
        return bytes([value + 139])
    if 108 <= value <= 1131:
        return bytes([(value - 108) // 256 + 247, (value - 108) % 256])
    if -1131 <= value <= -108:
        return bytes([(-value - 108) // 256 + 251, (-value - 108) % 256])
    return b"\x1c" + struct.pack(">h", value)


def _numbers(values: Sequence[int]) -> bytes:
    return b"".join(map(_integer, values))


def _offset(value: int) -> bytes:
    return b"\x1d" + struct.pack(">i", value)

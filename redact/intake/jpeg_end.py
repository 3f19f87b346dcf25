"""Whether the scan data of a JPEG go on to its end: libjpeg paints what is missing grey, and says nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from redact.errors import Truncated, Unopenable

_MARKER_IN_SCAN = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]")
_PROGRESSIVE = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


@dataclass(frozen=True, slots=True)
class JpegEnd:
    """``scan_end``: offset of the EOI marker (or of the end of the bytes, where there is none); ``has_eoi``;
    ``progressive``."""

    scan_end: int
    has_eoi: bool
    progressive: bool


def find_jpeg_end(content: bytes) -> JpegEnd:
    """Where the first picture of a JPEG ends: previews, gain maps and films may follow it.

    Raises:
        Truncated: the bytes end before the first scan begins.
    """
    at, progressive, in_scan = 2, False, False
    while True:
        if in_scan:
            found = _MARKER_IN_SCAN.search(content, at)
            if found is None:
                return JpegEnd(len(content), False, progressive)
            at = found.end() - 2
        while content[at : at + 2] == b"\xff\xff":
            at += 1
        head = content[at : at + 4]
        if head[:2] == b"\xff\xd9":
            return JpegEnd(at, True, progressive)
        if len(head) < 4 or head[0] != 0xFF or at + 2 + int.from_bytes(head[2:4], "big") > len(content):
            if not in_scan:
                raise Truncated("JPEG header") if len(head) < 4 or head[0] == 0xFF else Unopenable("JPEG header")
            return JpegEnd(len(content), False, progressive)
        if head[1] in _FRAMES:
            progressive = head[1] in _PROGRESSIVE
        in_scan = in_scan or head[1] == 0xDA
        at += 2 + int.from_bytes(head[2:4], "big")


def check_jpeg(content: bytes, end: JpegEnd, decode: Callable[[bytes], NDArray[np.uint8]]) -> bytes:
    """``content`` up to and with its EOI (added where it is missing), once its scan data are known to be whole.

    The test: put other bytes between the last scan and the EOI. A decoder that had all its data never reads them, and
    gives the same pixels; one that ran out takes them for the missing rows. ``decode`` gives pixels, at a reduced size
    if it likes.

    Raises:
        Truncated: rows are missing.
    """
    whole = content[: end.scan_end]
    # Not zeros: libjpeg itself reads on with zero bits, until it gives up.
    filler = b"\x6e\x91\xb6\x2d\x55\xaa\x13\xc7" * 12
    try:
        same = np.array_equal(decode(whole + b"\xff\xd9"), decode(whole + filler + b"\xff\xd9"))
    except OSError:
        same = False  # the filler was read, and made no sense
    if not same:
        raise Truncated("JPEG scan data")
    return whole + b"\xff\xd9"

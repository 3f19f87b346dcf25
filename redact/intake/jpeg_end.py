"""Whether the scan data of a JPEG go on to its end: libjpeg paints what is missing grey, and says nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass

from redact.errors import TooLarge, Truncated, Unopenable

_MARKER_IN_SCAN = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]")
_PROGRESSIVE = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# Not zeros: libjpeg itself reads on with zero bits, until it gives up.
_FILLER = b"\x6e\x91\xb6\x2d\x55\xaa\x13\xc7" * 12
_EOI = b"\xff\xd9"


@dataclass(frozen=True, slots=True)
class JpegEnd:
    """``scan_end``: offset of the EOI marker (or of the end of the bytes, where there is none); ``has_eoi``;
    ``progressive``. ``scans``: so many passes go over the picture. ``samples``: of all its components."""

    scan_end: int
    has_eoi: bool
    progressive: bool
    scans: int
    samples: int


def find_jpeg_end(content: bytes) -> JpegEnd:
    """Where the first picture of a JPEG ends: previews, gain maps and films may follow it.

    Raises:
        Truncated: the bytes end before the first scan begins.
    """
    at, progressive, scans, samples = 2, False, 0, 0
    while True:
        if scans:
            found = _MARKER_IN_SCAN.search(content, at)
            if found is None:
                return JpegEnd(len(content), False, progressive, scans, samples)
            at = found.end() - 2
        while content[at : at + 2] == b"\xff\xff":
            at += 1
        head = content[at : at + 4]
        if head[:2] == _EOI:
            return JpegEnd(at, True, progressive, scans, samples)
        if len(head) < 4 or head[0] != 0xFF or at + 2 + int.from_bytes(head[2:4], "big") > len(content):
            if not scans:
                raise Truncated("JPEG header") if len(head) < 4 or head[0] == 0xFF else Unopenable("JPEG header")
            return JpegEnd(len(content), False, progressive, scans, samples)
        if head[1] in _FRAMES:
            progressive = head[1] in _PROGRESSIVE
            samples = _count_samples(content[at + 4 : at + 2 + int.from_bytes(head[2:4], "big")])
        scans += head[1] == 0xDA
        at += 2 + int.from_bytes(head[2:4], "big")


def _count_samples(frame: bytes) -> int:
    """From a frame header: precision, height, width, and for each component its number, sampling factors and table."""
    height, width = int.from_bytes(frame[1:3], "big"), int.from_bytes(frame[3:5], "big")
    factors = [(byte >> 4, byte & 15) for byte in frame[7::3]]
    across, down = max((f[0] for f in factors), default=1) or 1, max((f[1] for f in factors), default=1) or 1
    return sum(width * height * x * y // (across * down) for x, y in factors)


# libjpeg goes over all of a picture for each scan, of which a file of some KB may have thousands. Programs write 10 for a
# colour picture; the largest one comes to 3.6e9, in about 2 s.
_MAX_SCANNED_SAMPLES = 4_000_000_000


def check_jpeg_cost(end: JpegEnd, max_bytes: int) -> None:
    """
    Raises:
        TooLarge: decoding would go over the picture too often, or keep more than ``max_bytes`` of it from scan to scan.
    """
    if end.scans * end.samples > _MAX_SCANNED_SAMPLES:
        raise TooLarge("JPEG scans")
    # Coefficients of all samples, in two bytes each.
    if end.scans > 1 and 2 * end.samples > max_bytes:
        raise TooLarge("JPEG coefficients")


def close_jpeg(content: bytes, end: JpegEnd) -> bytes:
    """``content`` up to and with its EOI, added where it is missing."""
    return content[: end.scan_end] + _EOI


def fill_jpeg(content: bytes, end: JpegEnd) -> bytes:
    """``content`` with other bytes between the last scan and the EOI.

    A decoder that had all its data never reads them, and gives the same pixels as for :func:`close_jpeg`; one that ran out
    takes them for the missing rows, or cannot make sense of them.
    """
    return content[: end.scan_end] + _FILLER + _EOI

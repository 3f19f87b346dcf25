"""Codes on a page: one look at the whole page, and a closer one at each place that has the look of a code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

from redact.codes.bars import extend_bars
from redact.codes.texture import Structure, count_finders, cut_out, find_dense_places, has_quiet_zone, measure_structure, shrink
from redact.geometry import Quad
from redact.values import Pixels

Grey = NDArray[np.uint8]
_F = zxingcpp.BarcodeFormat

# Kinds that documents bear. DataBar, Telepen and film codes do not, and their weak checks find them in print: DataBar in one of
# 98 real pages without a code.
_MATRIX = (_F.QRCode, _F.MicroQRCode, _F.RMQRCode, _F.DataMatrix, _F.Aztec)
_STACKED = (_F.PDF417, _F.CompactPDF417, _F.MicroPDF417)
_RETAIL = (_F.EAN13, _F.EAN8, _F.UPCA, _F.UPCE)
_LINEAR = (_F.Code128, _F.Code39, _F.Code93, _F.ITF, _F.Codabar)
_FORMATS = zxingcpp.BarcodeFormats([*_MATRIX, *_STACKED, *_RETAIL, *_LINEAR])
_OF_RETAIL = frozenset(map(int, _RETAIL))
_OF_BARS = frozenset(map(int, (*_RETAIL, *_LINEAR)))
# What an unread symbol must measure to be one: print has hundreds of small places that resemble a corner of a code.
_SMALLEST_UNREAD_PX = 40.0
_SMALLEST_PAGE_PX = 16
# Larger pages are read whole at this long side, A4 at 205 dpi; a code with modules too small for that is read on the closer look.
_WHOLE_PX = 2400.0
# Closer looks a page: a page full of dense headings costs no more than these.
_MOST_LOOKS = 6
# Finder patterns that make an unread place a QR code: a blot may be on one of its three.
_FINDERS = 2
# Long sides to which a place is enlarged or reduced for the closer looks.
_LOOK_PX = (250, 500)


@dataclass(frozen=True, slots=True)
class Code:
    """A code on a page.

    ``quad``: all of its modules or bars, without the quiet zone, in page pixels. ``kind``: ``matrix`` (QR, Data Matrix, Aztec,
    stacked bars too), ``bars``, or ``retail`` (EAN, UPC). ``content``: as stored in the symbol; None where a code is seen and
    cannot be decoded. ``text``: the same by the encoding that the symbol states or that is likely.
    """

    quad: Quad
    kind: str
    content: bytes | None = field(repr=False)
    text: str = field(default="", repr=False)


def find_codes(pixels: Pixels) -> tuple[Code, ...]:
    """The codes on a page, each once. ``pixels``: (H, W, 3) uint8 RGB.

    The whole page is read at once, whichever way the codes lie. Then the places that are as evenly dense as only codes are, or
    where a symbol was recognised and not decoded, are cut out, straightened and read again, enlarged and sharpened. What is still
    not read is reported without content where it has two finder patterns of a QR code, or is bars from edge to edge. Other
    matrix codes that cannot be decoded are not told from print and photographs.
    """
    grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)
    if min(grey.shape) < _SMALLEST_PAGE_PX:
        return ()
    codes: list[Code] = []
    unread: list[Quad] = []
    scale = min(_WHOLE_PX / max(grey.shape), 1.0)
    for symbol in _read(shrink(grey, scale) if scale < 1 else grey):
        quad = _quad_of(symbol)
        if quad is None:
            continue
        quad = quad.scaled(1 / scale)
        if symbol.valid:
            codes.append(_code(symbol, quad, grey))
        elif min(quad.length, quad.thickness) >= _SMALLEST_UNREAD_PX:
            unread.append(quad)
    looks = 0
    for quad in [*unread, *find_dense_places(grey)]:
        if looks == _MOST_LOOKS:
            break
        if _is_known(quad, codes):
            continue
        structure = measure_structure(cut_out(grey, quad, margin=0.0)[0])
        # Nothing but bars is like bars; dense print and photographs are like modules, and run on at the sides.
        if structure is not None and (structure.may_be_bars or (structure.may_be_matrix and has_quiet_zone(grey, quad))):
            looks += 1
            codes += _look_closer(grey, quad, structure)
    return tuple(_distinct(codes))


def _read(grey: Grey) -> Sequence[Any]:
    found: Sequence[Any] = zxingcpp.read_barcodes(grey, _FORMATS, text_mode=zxingcpp.TextMode.Plain, return_errors=True)
    return found


def _look_closer(grey: Grey, quad: Quad, structure: Structure) -> list[Code]:
    # Of a bar code, wide bars and a blot part the dense places: the whole of it is longer than one.
    margin = 1.0 if structure.may_be_bars else 0.15
    for look, to_page in _looks(grey, quad, margin, inverted=structure.may_be_bars):
        read = [_code(s, q, grey, to_page) for s in _read(look) if s.valid and (q := _quad_of(s)) is not None]
        if read:
            return read
    if count_finders(cut_out(grey, quad, margin=0.08)[0]) >= _FINDERS:
        return [Code(quad, "matrix", None)]
    return [Code(extend_bars(grey, quad), "bars", None)] if structure.is_bars else []


def _looks(grey: Grey, quad: Quad, margin: float, *, inverted: bool) -> Iterator[tuple[Grey, NDArray[np.float64]]]:
    """The place straightened, as it is, sharpened and inverted, at two sizes; with the matrix that leads back to the page."""
    for long_side in _LOOK_PX:
        look, to_page = cut_out(grey, quad, margin=margin, long_side=round(long_side * (1 + 2 * margin)))
        yield look, to_page
        soft = cv2.GaussianBlur(look, (0, 0), long_side / 100)
        yield np.asarray(cv2.addWeighted(look, 3.0, soft, -2.0, 0), np.uint8), to_page
        if inverted:  # the reader's own inversion does not reach bars
            yield 255 - look, to_page


def _quad_of(symbol: Any) -> Quad | None:
    place = symbol.position
    corners = [(p.x, p.y) for p in (place.top_left, place.top_right, place.bottom_right, place.bottom_left)]
    quad = Quad.from_array(np.array(corners, np.float64))
    return quad if quad.box.width >= 1 or quad.box.height >= 1 else None


def _code(symbol: Any, quad: Quad, grey: Grey, to_page: NDArray[np.float64] | None = None) -> Code:
    """``quad`` is the symbol's in the look at it, from which ``to_page`` leads to the page."""
    if to_page is not None:
        quad = Quad.from_array(cv2.perspectiveTransform(quad.array()[None], to_page)[0])
    of = int(symbol.format)
    kind = "retail" if of in _OF_RETAIL else "bars" if of in _OF_BARS else "matrix"
    return Code(quad if kind == "matrix" else extend_bars(grey, quad), kind, bytes(symbol.bytes), str(symbol.text))


def _is_known(quad: Quad, codes: Sequence[Code]) -> bool:
    return any(quad.box.intersection_area(c.quad.box) > 0.3 * min(quad.box.area, c.quad.box.area) for c in codes)


def _distinct(codes: Sequence[Code]) -> list[Code]:
    """Decoded ones first: a part of a code that was seen again is the same code."""
    kept: list[Code] = []
    for code in sorted(codes, key=lambda c: (c.content is None, -c.quad.box.area)):
        same = [k for k in kept if _is_known(code.quad, [k])]
        if not same or (code.content is not None and all(k.content != code.content for k in same)):
            kept.append(code)
    return kept

"""A PDF of what is put into it and nothing else: one catalog, and page, content and image for each page.

Written by hand, so that no library's producer string, identifier or kept object gets in, and equal input gives equal
bytes (PDF 32000-1:2008, 7.5 file structure; no /Info, no /ID).
"""

from __future__ import annotations

import io
import zlib
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops

from redact.geometry import Box
from redact.masking.jpeg import encode_jpeg

_STRIP_OFFSETS, _ROWS_PER_STRIP, _STRIP_BYTES = 273, 278, 279


@dataclass(frozen=True, slots=True)
class CodedPicture:
    """An image XObject: ``data`` under ``filters``, whose dictionary entries ``keys`` complete."""

    width: int
    height: int
    keys: str
    data: bytes = field(repr=False)


class PdfWriter:
    """Collects pages; ``finish`` gives the file. Only coded data is held, never pixels."""

    def __init__(self) -> None:
        self._out = io.BytesIO()
        self._out.write(b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n")
        # Objects 1 and 2, catalog and page tree, are written last.
        self._offsets = [0, 0]
        self._pages: list[int] = []

    def add_page(self, width_pt: float, height_pt: float, place: Box, picture: CodedPicture) -> None:
        """A page of ``width_pt`` x ``height_pt`` with ``picture`` at ``place``: points, origin top-left, y down."""
        image = self.add_picture(picture)
        numbers = (place.width, place.height, place.x0, height_pt - place.y1)
        w, h, x, y = map(_number, numbers)
        content = self.add("<<", f"q {w} 0 0 {h} {x} {y} cm /I Do Q".encode("ascii"))
        self._add_page(width_pt, height_pt, f"/XObject<</I {image} 0 R>>", content)

    def add_drawn_page(self, width_pt: float, height_pt: float, drawn: bytes, resources: str) -> None:
        """A page with the deflated content stream ``drawn`` and the entries of its resource dictionary."""
        self._add_page(width_pt, height_pt, resources, self.add("<</Filter/FlateDecode", drawn))

    def add_picture(self, picture: CodedPicture) -> int:
        """The object number of the picture."""
        head = f"<</Type/XObject/Subtype/Image/Width {picture.width}/Height {picture.height}{picture.keys}"
        return self.add(head, picture.data)

    def finish(self) -> bytes:
        kids = " ".join(f"{number} 0 R" for number in self._pages)
        self._write(1, "<</Type/Catalog/Pages 2 0 R>>")
        self._write(2, f"<</Type/Pages/Count {len(self._pages)}/Kids[{kids}]>>")
        start = self._out.tell()
        rows = "".join(f"{offset:010d} 00000 n \n" for offset in self._offsets)
        size = len(self._offsets) + 1
        tail = f"xref\n0 {size}\n0000000000 65535 f \n{rows}trailer\n<</Size {size}/Root 1 0 R>>\n"
        tail += f"startxref\n{start}\n%%EOF\n"
        self._out.write(tail.encode("ascii"))
        return self._out.getvalue()

    def add(self, head: str, stream: bytes | None = None) -> int:
        """An object's number. ``head``: the whole object, or of a stream its dictionary without /Length and the end."""
        number = self.reserve()
        self._write(number, head, stream)
        return number

    def reserve(self) -> int:
        """The number of an object that is referred to before it is written, with :meth:`fill`."""
        self._offsets.append(0)
        return len(self._offsets)

    def fill(self, number: int, head: str) -> None:
        self._write(number, head)

    def _add_page(self, width_pt: float, height_pt: float, resources: str, content: int) -> None:
        page = self.add(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {_number(width_pt)} {_number(height_pt)}]"
            f"/Resources<<{resources}>>/Contents {content} 0 R>>"
        )
        self._pages.append(page)

    def _write(self, number: int, head: str, stream: bytes | None = None) -> None:
        self._offsets[number - 1] = self._out.tell()
        self._out.write(f"{number} 0 obj\n{head}".encode("ascii"))
        if stream is not None:
            self._out.write(f"/Length {len(stream)}>>\nstream\n".encode("ascii"))
            self._out.write(stream)
            self._out.write(b"\nendstream")
        self._out.write(b"\nendobj\n")


def code_jpeg(data: bytes, image: Image.Image) -> CodedPicture:
    """``data``: ``image`` as JPEG, grey or RGB."""
    space = "DeviceGray" if image.mode == "L" else "DeviceRGB"
    return CodedPicture(image.width, image.height, f"/ColorSpace/{space}/BitsPerComponent 8/Filter/DCTDecode", data)


def code_bilevel(image: Image.Image) -> CodedPicture:
    """CCITT group 4 of a picture of mode 1, ink as black runs."""
    out = io.BytesIO()
    ImageChops.invert(image).save(out, "TIFF", compression="group4", tiffinfo={_ROWS_PER_STRIP: image.height})
    data = out.getvalue()
    with Image.open(io.BytesIO(data)) as coded:
        tags = coded.tag_v2  # type: ignore[attr-defined]
        (offset,), (size,) = tags[_STRIP_OFFSETS], tags[_STRIP_BYTES]
    parms = f"/DecodeParms<</K -1/Columns {image.width}/Rows {image.height}>>"
    keys = f"/ColorSpace/DeviceGray/BitsPerComponent 1/Filter/CCITTFaxDecode{parms}"
    return CodedPicture(image.width, image.height, keys, data[offset : offset + size])


def code_pixels(pixels: NDArray[np.uint8], *, quality: int = 92) -> CodedPicture:
    """(H, W, 3) uint8 RGB: grey if without colour; lossless where colours are few and that is smaller, else JPEG."""
    red = pixels[..., 0]
    grey = bool((red == pixels[..., 1]).all() and (red == pixels[..., 2]).all())
    plane = np.ascontiguousarray(red) if grey else pixels
    image = Image.fromarray(plane)
    jpeg = code_jpeg(encode_jpeg(image, {"quality": quality, "subsampling": 0, "optimize": True}), image)
    lossless = _code_few_colours(plane)
    return lossless if lossless is not None and len(lossless.data) <= len(jpeg.data) else jpeg


def _code_few_colours(plane: NDArray[np.uint8]) -> CodedPicture | None:
    height, width = plane.shape[:2]
    if plane.ndim == 2:
        return CodedPicture(width, height, "/ColorSpace/DeviceGray/BitsPerComponent 8" + _predictor(width), _deflate(plane))
    packed = plane[..., 0].astype(np.uint32) << 16 | plane[..., 1].astype(np.uint32) << 8 | plane[..., 2]
    # A table of all colours: sorting 10 million pixels costs ten times as much.
    seen = np.zeros(1 << 24, dtype=np.bool_)
    seen[packed] = True
    colours = np.flatnonzero(seen)
    if len(colours) > 256:
        return None
    lookup = np.zeros(1 << 24, dtype=np.uint8)
    lookup[colours] = np.arange(len(colours))
    table = "".join(f"{int(colour):06x}" for colour in colours)
    keys = f"/ColorSpace[/Indexed/DeviceRGB {len(colours) - 1}<{table}>]/BitsPerComponent 8" + _predictor(width)
    return CodedPicture(width, height, keys, _deflate(lookup[packed]))


def _predictor(width: int) -> str:
    return f"/Filter/FlateDecode/DecodeParms<</Predictor 15/Colors 1/BitsPerComponent 8/Columns {width}>>"


def _deflate(plane: NDArray[np.uint8]) -> bytes:
    """PNG filter 2 (Up) on every row of (H, W): rows of a page mostly repeat the row above."""
    filtered = np.empty((plane.shape[0], plane.shape[1] + 1), dtype=np.uint8)
    filtered[:, 0] = 2
    filtered[0, 1:] = plane[0]
    np.subtract(plane[1:], plane[:-1], out=filtered[1:, 1:])
    return zlib.compress(filtered.tobytes(), 6)


def _number(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".") or "0"

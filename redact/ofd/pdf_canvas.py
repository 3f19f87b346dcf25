"""What an OFD's objects are drawn on: the pages of a PDF. Whoever draws holds the lock of MuPDF."""

# PyMuPDF has no types of its own.
# mypy: allow-untyped-calls

from __future__ import annotations

import io
from typing import Any

import pymupdf as _pymupdf
from PIL import Image

from redact.errors import TooLarge, Unopenable

pymupdf: Any = _pymupdf  # its functions carry no types

POINTS_PER_MM = 72 / 25.4


class PdfFont:
    """A face in the PDF, its glyphs by number; ``xref`` of its object."""

    def __init__(self, canvas: PdfCanvas, data: bytes) -> None:
        """Raises: Unopenable: no font that can be read."""
        try:
            self._font = pymupdf.Font(fontbuffer=data)
            self.glyphs = int(self._font.glyph_count)
            self.xref = canvas.add_font(self._font.buffer)
        except Exception as error:
            raise Unopenable(f"font of an OFD: {type(error).__name__}") from None

    def find(self, char: str) -> int:
        """The glyph for ``char``; 0 where there is none."""
        return int(self._font.has_glyph(ord(char)))

    def advance(self, char: str) -> float:
        """Width of ``char`` in ems."""
        return float(self._font.glyph_advance(ord(char)))


class PdfCanvas:
    """A PDF in the making. Fonts and pictures are put on a first page, which is dropped at the end."""

    def __init__(self, max_pixels: int) -> None:
        self._document = pymupdf.open()
        self._stock = self._document.new_page()
        self._max_pixels = max_pixels
        self._fallback: PdfFont | None = None
        self._count = 0

    @property
    def fallback(self) -> PdfFont:
        """For fonts that a file names and does not bring along: a face with Chinese and Latin."""
        if self._fallback is None:
            self._fallback = PdfFont(self, pymupdf.Font("cjk").buffer)
        return self._fallback

    def add_font(self, data: bytes) -> int:
        self._count += 1
        return int(self._stock.insert_font(fontname=f"S{self._count}", fontbuffer=data))

    def add_image(self, data: bytes) -> int:
        """Raises: Unopenable: no picture that can be decoded; TooLarge: more pixels than allowed."""
        try:
            with Image.open(io.BytesIO(data)) as image:
                pixels = image.width * image.height
        except Exception:
            # JBIG2, which only MuPDF reads.
            pixels = 0
        if pixels > self._max_pixels:
            raise TooLarge("pixels of a picture in an OFD")
        try:
            if not pixels:
                pixmap = pymupdf.Pixmap(data)
                if pixmap.width * pixmap.height > self._max_pixels:
                    raise TooLarge("pixels of a picture in an OFD")
            return int(self._stock.insert_image(pymupdf.Rect(0, 0, 10, 10), stream=data, keep_proportion=False))
        except TooLarge:
            raise
        except Exception as error:
            raise Unopenable(f"picture of an OFD: {type(error).__name__}") from None

    def add_page(self, width_mm: float, height_mm: float, content: str, names: dict[str, dict[str, str]]) -> None:
        """``names``: the page's resources by kind: ``{"Font": {"F7": "7 0 R"}, …}``."""
        document = self._document
        page = document.new_page(width=width_mm * POINTS_PER_MM, height=height_mm * POINTS_PER_MM)
        stream = document.get_new_xref()
        document.update_object(stream, "<<>>")
        document.update_stream(stream, content.encode("ascii"))
        document.xref_set_key(page.xref, "Contents", f"{stream} 0 R")
        listed = {kind: " ".join(f"/{name} {value}" for name, value in entries.items()) for kind, entries in names.items()}
        document.xref_set_key(page.xref, "Resources", "<<" + "".join(f"/{k}<<{v}>>" for k, v in listed.items()) + ">>")

    def finish(self) -> bytes:
        """Raises: Unopenable: there is no page."""
        if self._document.page_count < 2:
            raise Unopenable("OFD without pages")
        self._document.delete_page(0)
        return bytes(self._document.tobytes(no_new_id=True, deflate=True))

    def close(self) -> None:
        self._document.close()

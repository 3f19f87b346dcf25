"""Written (not scanned) PDF pages for the tests of kept text, and what is really in an output, read by pikepdf and fontTools."""

# mypy: allow-untyped-calls

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pikepdf
import pymupdf
from fontTools import subset
from fontTools.cffLib import CFFFontSet
from fontTools.pens.recordingPen import RecordingPen
from fontTools.ttLib import TTFont
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from redact.geometry import Box
from redact.masking import mask_file_keeping_text
from redact.values import KeptText, MediaType, PageMasks

NAME, LATIN_NAME = "欧阳晓", "Zhangwei"
WIDTH_PT, HEIGHT_PT, SCALE = 420, 300, 200 / 72
NAME_AT, OTHER_AT = (120, 80), (40, 140)
OTHER = "affiliated 考核成绩合格准予结业"


def write(page: Any, at: tuple[float, float], text: str, *, size: float = 14, **options: Any) -> None:
    """With an embedded CJK face, as word processors do."""
    writer = pymupdf.TextWriter(page.rect, **{k: options.pop(k) for k in ("color", "opacity") if k in options})
    writer.append(at, text, font=pymupdf.Font("cjk"), fontsize=size)
    writer.write_text(page, **options)


def draw_page(*, width: float = WIDTH_PT, height: float = HEIGHT_PT) -> Any:
    """A document of one page: a line with the name, a line without, and a table with the name in a cell."""
    document: Any = pymupdf.open()
    page = document.new_page(width=width, height=height)
    write(page, (40, 80), "兹证明")
    write(page, NAME_AT, NAME)
    write(page, (190, 80), "同志参加培训")
    write(page, OTHER_AT, OTHER, color=(0.1, 0.1, 0.6))
    page.insert_text((40, 170), f"Dear {LATIN_NAME}, your office file", fontname="tiro", fontsize=12)
    page.insert_text((40, 190), "bold heading", fontname="helv", fontsize=12, render_mode=2)
    page.draw_rect((40, 210, 300, 260), color=(0, 0, 0), fill=(0.93, 0.93, 1))
    page.draw_line((120, 210), (120, 260))
    page.draw_line((40, 235), (300, 235), width=0.5)
    write(page, (50, 227), "姓名", size=12)
    write(page, (130, 227), NAME, size=12)
    write(page, (130, 252), "市水利局", size=12)
    return document


Draw = Callable[[Any, Any], object]


def draw(extra: Draw | None = None, *, rotate: int = 0) -> bytes:
    """The page with what ``extra(document, page)`` adds."""
    document = draw_page()
    if extra is not None:
        extra(document, document[0])
    document[0].set_rotation(rotate)
    return save(document)


def save(document: Any) -> bytes:
    document.subset_fonts()
    content: bytes = document.tobytes(deflate=True, garbage=1)
    return content


def find_masks(content: bytes, *texts: str, grown_px: float = 4) -> PageMasks:
    """Boxes around every place where the first page's own text says one of ``texts``."""
    page = pymupdf.open(stream=content, filetype="pdf")[0]
    boxes = []
    for text in texts:
        for rect in page.search_for(text):
            seen = rect * page.rotation_matrix * SCALE
            # What a font reserves above and below its characters is no ink.
            x, y = (0, -0.1 * seen.height) if seen.width > seen.height else (-0.1 * seen.width, 0)
            boxes.append(Box(*seen).grown(grown_px + x, grown_px + y))
    return PageMasks(0, round(page.rect.width * SCALE), round(page.rect.height * SCALE), tuple(boxes))


@dataclass(frozen=True)
class Kept:
    output: bytes
    texts: tuple[KeptText, ...]
    masks: PageMasks

    @property
    def reason(self) -> str | None:
        return self.texts[0].reason

    @property
    def text(self) -> str:
        return re.sub(r"\s", "", pymupdf.open(stream=self.output, filetype="pdf")[0].get_text())


def keep(content: bytes, *texts: str, masks: PageMasks | None = None) -> Kept:
    masks = masks or find_masks(content, *(texts or (NAME, LATIN_NAME)))
    output, told = mask_file_keeping_text(content, MediaType.PDF, [masks])
    return Kept(output, told, masks)


def render(content: bytes, dpi: float = 144, index: int = 0) -> NDArray[np.uint8]:
    pixmap = pymupdf.open(stream=content, filetype="pdf")[index].get_pixmap(dpi=dpi, alpha=False, colorspace=pymupdf.csRGB)
    return np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.width, 3)


def origins(content: bytes) -> list[tuple[str, float, float]]:
    """Character and origin (displayed page, points) of all text that is no space."""
    page = pymupdf.open(stream=content, filetype="pdf")[0]
    flags = pymupdf.TEXT_PRESERVE_LIGATURES
    found = []
    for block in page.get_text("rawdict", flags=flags)["blocks"]:
        for line in block.get("lines", ()):
            for char in (c for span in line["spans"] for c in span["chars"] if not c["c"].isspace()):
                at = pymupdf.Point(char["origin"]) * page.rotation_matrix
                found.append((char["c"], at.x, at.y))
    return found


@cache
def cut_font(text: str) -> bytes:
    """A face of its own, with the glyphs of ``text``."""
    full = TTFont(io.BytesIO(pymupdf.Font("cjk").buffer))
    cutter = subset.Subsetter()
    cutter.populate(text=text)
    cutter.subset(full)
    out = io.BytesIO()
    full.save(out)
    return out.getvalue()


# --- what is in the file ------------------------------------------------------------------------------------------------


def shown_codes(page: Any) -> set[int]:
    """The glyph numbers in the page's content, of whatever text operator."""
    codes: set[int] = set()
    for operands, operator in pikepdf.parse_content_stream(page):
        if str(operator) in ("Tj", "TJ", "'", '"'):
            parts = operands[0] if isinstance(operands[0], pikepdf.Array) else [operands[0]]
            for part in parts:
                if isinstance(part, pikepdf.String):
                    raw = bytes(part)
                    codes |= {int.from_bytes(raw[i : i + 2], "big") for i in range(0, len(raw), 2)}
    return codes


def font_programs(document: pikepdf.Pdf) -> list[CFFFontSet]:
    programs = []
    for item in document.objects:
        if isinstance(item, pikepdf.Stream) and item.get("/Subtype") == "/CIDFontType0C":
            font = CFFFontSet()
            font.decompile(io.BytesIO(item.read_bytes()), None)
            programs.append(font)
    return programs


def outline_count(font: CFFFontSet) -> int:
    """Glyphs besides the first; each is drawn, so that a damaged one is found."""
    top = font.topDictIndex[0]
    names = list(top.CharStrings.keys())
    for name in names:
        top.CharStrings[name].draw(RecordingPen())
    return len(names) - 1


def unicode_map(document: pikepdf.Pdf) -> dict[int, str]:
    (stream,) = [s for s in document.objects if isinstance(s, pikepdf.Stream) and b"beginbfchar" in _bytes(s)]
    pairs = re.findall(rb"<([0-9A-F]{4})> <([0-9A-F]+)>", _bytes(stream).split(b"endcodespacerange")[1])
    return {int(code, 16): bytes.fromhex(text.decode()).decode("utf-16-be") for code, text in pairs}


def _bytes(stream: Any) -> bytes:
    try:
        return bytes(stream.read_bytes())
    except pikepdf.PdfError:
        return b""


def everything(content: bytes) -> bytes:
    """The file's bytes and all of its streams, unpacked, and every object written out."""
    with pikepdf.open(io.BytesIO(content)) as document:
        parts = [content]
        for item in document.objects:
            parts.append(item.unparse() if hasattr(item, "unparse") else repr(item).encode())
            if isinstance(item, pikepdf.Stream):
                parts.append(_bytes(item))
    return b"\n".join(parts)


def encodings(text: str) -> list[bytes]:
    raw = [text.encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be", "gb18030")]
    return raw + [r.hex().encode() for r in raw] + [r.hex().upper().encode() for r in raw]


def picture_with(text: str, size: tuple[int, int], *, background: str = "white") -> bytes:
    """A PNG with ``text``, the size of its letters half the picture's height."""
    image = Image.new("RGB", size, background)
    font = ImageFont.truetype(io.BytesIO(pymupdf.Font("cjk").buffer), size[1] // 2)
    ImageDraw.Draw(image).text((size[1] // 8, size[1] // 8), text, font=font, fill="black")
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()

"""A page drawn anew and the font for it, written into a :class:`redact.masking.pdf_writer.PdfWriter`.

Every object is made here from numbers and characters; none is copied.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from redact.geometry import Box
from redact.masking.kept.cff import FONT_NAME, write_cff
from redact.masking.kept.marks import Affine, Bar, Glyph, Outline, Rgb
from redact.masking.kept.paths import apply
from redact.masking.pdf_writer import CodedPicture, PdfWriter

# In points and ems: less than can be seen, and than a character's place in the file is rounded by.
_SAME_LINE_EM, _SAME_PLACE_EM = 2e-3, 2e-4
_RISE_EM = 0.88  # of the vertical origin above the horizontal one (DW2's default in ISO 32000-1, 9.7.4.3)


@dataclass(frozen=True, slots=True)
class KeptPage:
    """In points of the displayed page, origin top-left, y down. Painted in this order: bars, pictures, glyphs, masks."""

    width_pt: float
    height_pt: float
    bars: tuple[Bar, ...]
    pictures: tuple[tuple[Box, CodedPicture], ...] = field(repr=False)
    glyphs: tuple[Glyph, ...] = field(repr=False)
    masks: tuple[Box, ...]


class Numbering:
    """The glyphs of a document's kept pages: each shape with each meaning once, numbered from 1 by what it stands for, so that
    their order tells nothing of the text's."""

    def __init__(self, pages: Iterable[KeptPage]) -> None:
        outlines = {glyph.outline for page in pages for glyph in page.glyphs}
        self.outlines = sorted(outlines, key=lambda o: (o.text, o.down, o.advance, o.contours))
        self._numbers = {outline: i + 1 for i, outline in enumerate(self.outlines)}

    def __getitem__(self, outline: Outline) -> int:
        return self._numbers[outline]


def write_kept(writer: PdfWriter, page: KeptPage, numbering: Numbering, fonts: dict[str, int]) -> None:
    """``fonts``: the object numbers that :func:`write_fonts` will use."""
    drawn = _draw(page, numbering)
    images = [writer.add_picture(picture) for _, picture in page.pictures]
    resources = ""
    used = sorted({_font_of(glyph.outline) for glyph in page.glyphs})
    if used:
        resources += "/Font<<" + "".join(f"/{name} {fonts[name]} 0 R" for name in used) + ">>"
    if images:
        resources += "/XObject<<" + "".join(f"/I{i} {number} 0 R" for i, number in enumerate(images)) + ">>"
    writer.add_drawn_page(page.width_pt, page.height_pt, zlib.compress(drawn, 9), resources)


def reserve_fonts(writer: PdfWriter, numbering: Numbering) -> dict[str, int]:
    """Object numbers of the fonts that are needed: ``H`` for lines, ``V`` for columns."""
    return {name: writer.reserve() for name in sorted({_font_of(outline) for outline in numbering.outlines})}


def _font_of(outline: Outline) -> str:
    return "V" if outline.down else "H"


def write_fonts(writer: PdfWriter, numbering: Numbering, fonts: dict[str, int]) -> None:
    """One font program, in a font for lines or one for columns or both; nothing where no page has a glyph."""
    if not fonts:
        return
    outlines = numbering.outlines
    program = writer.add("<</Subtype/CIDFontType0C/Filter/FlateDecode", zlib.compress(write_cff(outlines), 9))
    unicode_map = writer.add("<</Filter/FlateDecode", zlib.compress(_map_to_unicode(outlines), 9))
    boxes = [o.bounds for o in outlines] or [(0, 0, 0, 0)]
    bbox = [*(min(b[i] for b in boxes) for i in (0, 1)), *(max(b[i] for b in boxes) for i in (2, 3))]
    descriptor = writer.add(
        f"<</Type/FontDescriptor/FontName/{FONT_NAME}/Flags 4/FontBBox[{' '.join(map(str, bbox))}]/ItalicAngle 0"
        f"/Ascent 880/Descent -220/CapHeight 700/StemV 80/FontFile3 {program} 0 R>>"
    )
    widths = " ".join(str(o.advance) for o in outlines)
    descendant = writer.add(
        f"<</Type/Font/Subtype/CIDFontType0/BaseFont/{FONT_NAME}"
        f"/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>"
        f"/FontDescriptor {descriptor} 0 R/DW 1000/W[1[{widths}]]>>"
    )
    for name, number in fonts.items():
        writer.fill(
            number,
            f"<</Type/Font/Subtype/Type0/BaseFont/{FONT_NAME}/Encoding/Identity-{name}"
            f"/DescendantFonts[{descendant} 0 R]/ToUnicode {unicode_map} 0 R>>",
        )


def _map_to_unicode(outlines: Sequence[Outline]) -> bytes:
    """A ToUnicode CMap (ISO 32000-1, 9.10.3)."""
    rows = [f"<{i + 1:04X}> <{o.text.encode('utf-16-be').hex().upper()}>" for i, o in enumerate(outlines)]
    blocks = [rows[i : i + 100] for i in range(0, len(rows), 100)]
    body = "".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar\n" for block in blocks)
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n"
        "/CMapName /Kept def\n/CMapType 2 def\n1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
        f"{body}endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
    ).encode("ascii")


def _draw(page: KeptPage, numbering: Numbering) -> bytes:
    out: list[str] = []
    for colour, bars in groupby(page.bars, key=lambda bar: bar.colour):
        out.append(_paint_in(colour))
        out += [_draw_bar(bar, page.height_pt) for bar in bars]
    for i, (place, _) in enumerate(page.pictures):
        numbers = _join(place.width, 0, 0, place.height, place.x0, page.height_pt - place.y1)
        out.append(f"q {numbers} cm /I{i} Do Q")
    out += _draw_text(page, numbering)
    if page.masks:
        out.append("0 g")
        out += [f"{_rectangle(box, page.height_pt)} f" for box in page.masks]
    return "\n".join(out).encode("ascii")


def _draw_bar(bar: Bar, height_pt: float) -> str:
    box = bar.box
    if bar.line_pt is None:
        return f"{_rectangle(box, height_pt)} f"
    (x, y), width = box.centre, _number(bar.line_pt)
    if box.width >= box.height:
        return f"{width} w {_join(box.x0, height_pt - y)} m {_join(box.x1, height_pt - y)} l S"
    return f"{width} w {_join(x, height_pt - box.y0)} m {_join(x, height_pt - box.y1)} l S"


def _draw_text(page: KeptPage, numbering: Numbering) -> list[str]:
    """Runs of glyphs of one size, slant and colour, in the order in which they were painted."""
    if not page.glyphs:
        return []
    out = ["BT"]

    def style(glyph: Glyph) -> tuple[object, ...]:
        return tuple(round(v, 5) for v in glyph.matrix[:4]), glyph.colour, glyph.pen, glyph.outline.down

    for _, run in groupby(page.glyphs, key=style):
        out += _draw_run(list(run), page.height_pt, numbering)
    return [*out, "ET"]


def _draw_run(run: list[Glyph], height_pt: float, numbering: Numbering) -> list[str]:
    first = run[0]
    a, b, c, d = first.matrix[:4]
    size = abs(a * d - b * c) ** 0.5
    # The page's y axis points up.
    turn = (a / size, -b / size, c / size, -d / size)
    out = [_paint_in(first.colour), f"/{_font_of(first.outline)} {_number(size)} Tf"]
    if first.pen is not None:
        r, g, b_ = first.pen.colour
        out.append(f"2 Tr {_join(r, g, b_)} RG {_number(first.pen.width)} w")
    else:
        out.append("0 Tr")
    inverse = _invert(first.matrix)
    line: list[str] = []
    start, cursor = (0.0, 0.0), 0.0
    for glyph in run:
        pen = _pen_place(glyph)
        x, y = apply((*inverse[:4], 0, 0), pen[0] - start[0], pen[1] - start[1])
        along, across = (y, x) if glyph.outline.down else (x, y)
        if not line or abs(across) > _SAME_LINE_EM or abs(along - cursor) > 4:
            if line:
                out.append(_show(line))
            out.append(f"{_join(*turn, pen[0], height_pt - pen[1])} Tm")
            line, start, cursor, along = [], pen, 0.0, 0.0
        if abs(along - cursor) > _SAME_PLACE_EM:
            shift = round((cursor - along) * 1000, 1)
            line.append(_number(shift))
            cursor -= shift / 1000
        line.append(f"<{numbering[glyph.outline]:04X}>")
        cursor += -1.0 if glyph.outline.down else glyph.outline.advance / 1000
    out.append(_show(line))
    return out


def _show(line: Sequence[str]) -> str:
    return f"[{''.join(line).replace('><', '')}] TJ"


def _pen_place(glyph: Glyph) -> tuple[float, float]:
    """Where the pen stands for the glyph to come to lie at its origin: in columns it stands above its middle."""
    if not glyph.outline.down:
        return glyph.origin
    return apply(glyph.matrix, glyph.outline.advance / 2000, _RISE_EM)


def _invert(m: Affine) -> Affine:
    a, b, c, d, e, f = m
    det = a * d - b * c
    return d / det, -b / det, -c / det, a / det, (c * f - d * e) / det, (b * e - a * f) / det


def _paint_in(colour: Rgb) -> str:
    numbers = _join(*colour)
    return f"{numbers} rg {numbers} RG"


def _rectangle(box: Box, height_pt: float) -> str:
    return f"{_join(box.x0, height_pt - box.y1, box.width, box.height)} re"


def _join(*values: float) -> str:
    return " ".join(map(_number, values))


def _number(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".") if abs(value) >= 5e-5 else "0"

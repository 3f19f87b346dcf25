"""An OFD's objects as PDF operators. What cannot be drawn as it is meant is counted as lost, not passed over."""

from __future__ import annotations

import math
import unicodedata
import xml.etree.ElementTree as ET
from collections.abc import Iterator

from redact.errors import AttachmentError, TooLarge, Unopenable
from redact.ofd.package import Package, expand_deltas, numbers
from redact.ofd.paths import write_path
from redact.ofd.pdf_canvas import POINTS_PER_MM, PdfCanvas, PdfFont
from redact.ofd.resources import Resources, Rgb

_DEEPEST = 16
_MOST_OBJECTS = 400_000
_USUAL_LINE_MM = 0.353  # GB/T 33190, table 18
_OBJECTS = frozenset({"TextObject", "PathObject", "ImageObject", "CompositeObject"})
_IGNORED = frozenset({"Actions", "Extends", "CustomTags"})
_UNSEEN = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
Matrix = tuple[float, float, float, float, float, float]


class Artist:
    """Draws for all pages of one file: fonts and pictures are put into the PDF once."""

    def __init__(self, package: Package, resources: Resources, canvas: PdfCanvas) -> None:
        self._package = package
        self._resources = resources
        self._canvas = canvas
        self._fonts: dict[str, PdfFont | None] = {}
        self._images: dict[str, int] = {}
        self._left = _MOST_OBJECTS
        self.start((0.0, 0.0, 210.0, 297.0))

    def start(self, box_mm: tuple[float, float, float, float]) -> None:
        """A new page; ``box_mm``: x, y, width, height of its physical box."""
        x, y, self.width_mm, self.height_mm = box_mm
        self.lost = 0
        self._names: dict[str, dict[str, str]] = {"Font": {}, "XObject": {}, "ExtGState": {}}
        k = POINTS_PER_MM
        self._out = [_matrix((k, 0, 0, -k, -x * k, (y + self.height_mm) * k))]

    def finish(self) -> None:
        self._canvas.add_page(self.width_mm, self.height_mm, "\n".join(self._out), self._names)

    def draw(self, holder: ET.Element, param: str | None = None, depth: int = 0) -> None:
        """All objects in ``holder``: a layer, a block, an appearance."""
        if depth > _DEEPEST:
            raise TooLarge("depth of an OFD's objects")
        for element in holder:
            if element.get("Visible", "true").lower() == "false":
                continue
            if element.tag in ("Layer", "PageBlock", "Content"):
                self.draw(element, element.get("DrawParam") or param, depth + 1)
            elif element.tag in _OBJECTS:
                self._guard(element, param, depth)
            elif element.tag not in _IGNORED:
                self.lost += 1

    def draw_appearance(self, appearance: ET.Element) -> None:
        """An annotation's, moved to its boundary."""
        try:
            box = _box(appearance) if appearance.get("Boundary") else [0.0] * 4
        except Unopenable:
            self.lost += 1
            return
        self._out.append("q " + _matrix(_moved(box)))
        self.draw(appearance)
        self._out.append("Q")

    def draw_picture(self, data: bytes, box_mm: list[float]) -> None:
        """A seal's picture in its box."""
        self._image(f"seal {len(self._images)}", data, box_mm, (box_mm[2], 0, 0, box_mm[3], 0, 0), 255)

    def _guard(self, element: ET.Element, param: str | None, depth: int) -> None:
        """One broken object loses itself and not the page."""
        self._left -= 1
        if self._left < 0:
            raise TooLarge("objects of an OFD")
        kept = len(self._out)
        try:
            self._out.append("q")
            self._object(element, param, depth)
            self._out.append("Q")
        except TooLarge:
            raise
        except AttachmentError:
            del self._out[kept:]
            self.lost += 1

    def _object(self, element: ET.Element, param: str | None, depth: int) -> None:
        box, ctm, alpha = _box(element), _ctm(element), _alpha(element)
        if alpha == 0:
            return
        self._out.append(_matrix((1, 0, 0, 1, box[0], box[1])))
        self._clip(element)
        if element.tag == "ImageObject":
            path = self._resources.images.get(element.get("ResourceID", ""))
            if path is None or element.get("ImageMask") is not None:
                raise Unopenable("picture of an OFD")
            self._image(path, None, [0, 0, *box[2:]], ctm or (box[2], 0, 0, box[3], 0, 0), alpha)
            return
        if ctm is not None:
            self._out.append(_matrix(ctm))
        self._opacity(alpha)
        if element.tag == "PathObject":
            self._path(element, param)
        elif element.tag == "TextObject":
            self._text(element, param)
        else:
            unit = self._resources.composites.get(element.get("ResourceID", ""))
            if unit is None:
                raise Unopenable("composite of an OFD")
            self.draw(unit, param, depth + 1)

    def _clip(self, element: ET.Element) -> None:
        for clip in element.iterfind("Clips/Clip"):
            areas = clip.findall("Area")
            if len(areas) != 1 or areas[0].find("Path") is None:
                raise Unopenable("clip of an OFD")
            path = areas[0].find("Path")
            assert path is not None
            # The path is made in the object's own system, moved there and back.
            matrices = [m for m in (_ctm(areas[0]), _moved(_box(path)), _ctm(path)) if m is not None]
            self._out += [_matrix(m) for m in matrices]
            self._out.append(write_path(path.findtext("AbbreviatedData")) + ("\nW* n" if _even_odd(path) else "\nW n"))
            self._out += [_matrix(_inverse(m)) for m in reversed(matrices)]

    def _opacity(self, alpha: int) -> None:
        if alpha < 255:
            self._names["ExtGState"][f"A{alpha}"] = f"<</ca {alpha / 255:.3f}/CA {alpha / 255:.3f}>>"
            self._out.append(f"/A{alpha} gs")

    def _image(self, key: str, data: bytes | None, box: list[float], ctm: Matrix, alpha: int) -> None:
        if key not in self._images:
            self._images[key] = self._canvas.add_image(self._package.read(key) if data is None else data)
        xref = self._images[key]
        self._names["XObject"][f"I{xref}"] = f"{xref} 0 R"
        self._out.append("q " + _matrix((1, 0, 0, 1, box[0], box[1])))
        self._opacity(alpha)
        # The unit square of a PDF's picture has its top at 1.
        self._out.append(f"{_matrix(ctm)} 1 0 0 -1 0 1 cm /I{xref} Do Q")

    def _path(self, element: ET.Element, param: str | None) -> None:
        fill = self._flag(element, "Fill", param, usual=False)
        stroke = self._flag(element, "Stroke", param, usual=True)
        if not fill and not stroke:
            return
        self._colours(element, param, fill=fill, stroke=stroke)
        width = numbers(self._resources.attribute(element, "LineWidth", param)) or [_USUAL_LINE_MM]
        self._out.append(f"{max(width[0], 0):.4f} w")
        operator = {(True, True): "B", (True, False): "f", (False, True): "S"}[fill, stroke]
        star = "*" if fill and _even_odd(element) else ""
        self._out.append(f"{write_path(element.findtext('AbbreviatedData'))}\n{operator}{star}")

    def _flag(self, element: ET.Element, name: str, param: str | None, *, usual: bool) -> bool:
        return (self._resources.attribute(element, name, param) or str(usual)).lower() == "true"

    def _colours(self, element: ET.Element, param: str | None, *, fill: bool, stroke: bool) -> None:
        for wanted, name, operator in ((fill, "FillColor", "rg"), (stroke, "StrokeColor", "RG")):
            if not wanted:
                continue
            colour: Rgb | None = self._resources.colour(element, name, param)
            if colour is None:
                raise Unopenable("pattern or shade of an OFD")
            # MuPDF rounds down: 200 / 255 must not become 199.
            red, green, blue = (min(channel + 1e-5, 1.0) for channel in colour)
            self._out.append(f"{red:.6f} {green:.6f} {blue:.6f} {operator}")

    def _text(self, element: ET.Element, param: str | None) -> None:
        fill = self._flag(element, "Fill", param, usual=True)
        stroke = self._flag(element, "Stroke", param, usual=False)
        size = (numbers(element.get("Size")) or [0.0])[0]
        if size <= 0 or not (fill or stroke):
            return
        self._colours(element, param, fill=fill, stroke=stroke)
        if stroke:
            self._out.append(f"{0.02 * size:.4f} w")
        scale = (numbers(element.get("HScale")) or [1.0])[0]
        turn = math.radians((numbers(element.get("CharDirection")) or [0.0])[0])
        mode = 2 if fill and stroke else 1 if stroke else 0
        across = (size * scale * math.cos(turn), size * scale * math.sin(turn))
        up = (size * math.sin(turn), -size * math.cos(turn))
        self._out.append(f"BT {mode} Tr")
        now = 0
        for font, glyph, x, y in self._place(element, size * scale):
            if font.xref != now:
                now = font.xref
                self._names["Font"][f"F{now}"] = f"{now} 0 R"
                self._out.append(f"/F{now} 1 Tf")
            place = f"{across[0]:.5f} {across[1]:.5f} {up[0]:.5f} {up[1]:.5f} {x:.5f} {y:.5f} Tm"
            self._out.append(f"{place} <{glyph:04x}> Tj")
        self._out.append("ET")

    def _place(self, element: ET.Element, width: float) -> Iterator[tuple[PdfFont, int, float, float]]:
        """Font, glyph and place of each character. ``width``: of an em."""
        font = self._font(element.get("Font", ""))
        given = _given_glyphs(element)
        down = (numbers(element.get("ReadDirection")) or [0.0])[0] % 180 == 90
        position = 0
        x = y = 0.0
        for code in element.iterfind("TextCode"):
            x, y = (numbers(code.get("X")) or [x])[0], (numbers(code.get("Y")) or [y])[0]
            steps_x, steps_y = expand_deltas(code.get("DeltaX")), expand_deltas(code.get("DeltaY"))
            for index, char in enumerate(code.text or ""):
                self._left -= 1
                if self._left < 0:
                    raise TooLarge("characters of an OFD")
                used, glyph = self._glyph(font, given.get(position), char)
                if used is not None:
                    yield used, glyph, x, y
                advance = 0.0 if steps_x or steps_y else width * (used or self._canvas.fallback).advance(char)
                x += steps_x[index] if index < len(steps_x) else 0.0 if down else advance
                y += steps_y[index] if index < len(steps_y) else advance if down else 0.0
                position += 1

    def _glyph(self, font: PdfFont | None, given: int | None, char: str) -> tuple[PdfFont | None, int]:
        if font is not None and given is not None and 0 < given < font.glyphs:
            return font, given
        if font is not None and (glyph := font.find(char)):
            return font, glyph
        if glyph := self._canvas.fallback.find(char):
            return self._canvas.fallback, glyph
        if unicodedata.category(char) not in _UNSEEN:
            self.lost += 1
        return None, 0

    def _font(self, number: str) -> PdfFont | None:
        """None where the file brings none along. One that it brings and that cannot be read is a loss on each page it is used."""
        path = self._resources.fonts.get(number)
        if path is None:
            return None
        if path not in self._fonts:
            try:
                self._fonts[path] = PdfFont(self._canvas, self._package.read(path))
            except Unopenable:
                self._fonts[path] = None
        if self._fonts[path] is None:
            self.lost += 1
        return self._fonts[path]


def _given_glyphs(element: ET.Element) -> dict[int, int]:
    """Glyph numbers by the character's place in the object's text; only where each character has one (GB/T 33190, 11.4)."""
    found: dict[int, int] = {}
    for change in element.iterfind("CGTransform"):
        glyphs = numbers(change.findtext("Glyphs"))
        first = int((numbers(change.get("CodePosition")) or [0.0])[0])
        if int((numbers(change.get("CodeCount")) or [1.0])[0]) != len(glyphs):
            raise Unopenable("ligatures of an OFD")
        found.update({first + i: int(glyph) for i, glyph in enumerate(glyphs)})
    return found


def _box(element: ET.Element) -> list[float]:
    box = numbers(element.get("Boundary"))
    if len(box) != 4:
        raise Unopenable("boundary of an OFD's object")
    return box


def _ctm(element: ET.Element) -> Matrix | None:
    values = numbers(element.get("CTM"))
    if not values:
        return None
    if len(values) != 6:
        raise Unopenable("matrix of an OFD's object")
    return (values[0], values[1], values[2], values[3], values[4], values[5])


def _alpha(element: ET.Element) -> int:
    return min(max(int((numbers(element.get("Alpha")) or [255.0])[0]), 0), 255)


def _even_odd(element: ET.Element) -> bool:
    return element.get("Rule", "").lower() == "even-odd"


def _moved(box: list[float]) -> Matrix:
    return (1, 0, 0, 1, box[0], box[1])


def _inverse(matrix: Matrix) -> Matrix:
    a, b, c, d, e, f = matrix
    over = a * d - b * c
    if abs(over) < 1e-12:
        raise Unopenable("matrix of an OFD's clip")
    return (d / over, -b / over, -c / over, a / over, (c * f - d * e) / over, (b * e - a * f) / over)


def _matrix(values: Matrix) -> str:
    return "{:.6f} {:.6f} {:.6f} {:.6f} {:.5f} {:.5f} cm".format(*values)

"""A sheet to print on: text, rules, cells, seals and handwriting, remembering where the name went.

Pixels of the clean sheet, origin top-left, y down. Sizes of text are in points, places in pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random

import cv2
import numpy as np
from numpy.typing import NDArray

from redact.geometry import Box, Quad
from redact.samples.faces import Face, Faces, Ink
from redact.samples.markup import Token, parse
from redact.values import Pixels

Colour = tuple[int, int, int]
BLACK: Colour = (24, 24, 26)
RED: Colour = (200, 32, 38)

_NOT_AT_START = set("，。、；：？！）》”’】％%·•．.,;:)!?")
_NOT_AT_END = set("（《“‘【(")


@dataclass(frozen=True)
class Occurrence:
    """A place where the applicant's name stands.

    ``quads``: one per piece, TL TR BR BL as the characters stand, around their ink, in pixels of the page. A
    vertical column of upright characters has its first corner at the column's top left.
    """

    quads: tuple[Quad, ...]
    kind: str
    hand: bool = False
    text: str = field(default="", repr=False)


@dataclass(frozen=True)
class Type:
    """How a run of text is set. ``spacing``: extra advance in em; ``jitter``: how unsteady the hand is, 0 for print."""

    face: Face
    size_pt: float
    colour: Colour = BLACK
    spacing: float = 0.0
    squeeze: float = 1.0
    jitter: float = 0.0
    fill: Face | None = None
    fill_jitter: float = 0.0
    fill_colour: Colour | None = None
    bold: Face | None = None
    underline: bool = True


class Sheet:
    """What documents draw on. ``hidden`` leaves the name's places empty: the same page without the name's ink."""

    def __init__(self, width: int, height: int, dpi: float, faces: Faces, rng: Random, *, hidden: bool = False) -> None:
        self.pixels: Pixels = np.full((height, width, 3), 255, np.uint8)
        self.dpi = dpi
        self.faces = faces
        self.rng = rng
        self.hidden = hidden
        self._pieces: dict[int, tuple[str, list[list[Quad]]]] = {}
        self._hands: set[int] = set()
        self._narrow: set[int] = set()
        self._texts: dict[int, str] = {}
        self._smallest = float("inf")

    @property
    def width(self) -> int:
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        return int(self.pixels.shape[0])

    def px(self, points: float) -> float:
        return points * self.dpi / 72

    def mm(self, millimetres: float) -> float:
        return millimetres * self.dpi / 25.4

    @property
    def name_px(self) -> float:
        """Em size of the smallest printed occurrence; infinite where there is none."""
        return self._smallest

    # ---- ink ----

    def blend(self, ink: NDArray[np.uint8], x: int, y: int, colour: Colour, opacity: float = 1.0) -> None:
        """Colour the page through ``ink`` (h, w), clipped at the edges."""
        h, w = ink.shape
        x0, y0, x1, y1 = max(x, 0), max(y, 0), min(x + w, self.width), min(y + h, self.height)
        if x0 >= x1 or y0 >= y1:
            return
        part = self.pixels[y0:y1, x0:x1]
        alpha = ink[y0 - y : y1 - y, x0 - x : x1 - x, None].astype(np.float32) * (opacity / 255)
        part[:] = (part + (np.array(colour, np.float32) - part) * alpha + 0.5).astype(np.uint8)

    def stamp(self, ink: NDArray[np.uint8], x: int, y: int, colour: Colour, opacity: float = 1.0) -> None:
        """As :meth:`blend`, but as stamping ink lies on print: what is dark stays dark."""
        h, w = ink.shape
        x0, y0, x1, y1 = max(x, 0), max(y, 0), min(x + w, self.width), min(y + h, self.height)
        if x0 >= x1 or y0 >= y1:
            return
        part = self.pixels[y0:y1, x0:x1]
        alpha = ink[y0 - y : y1 - y, x0 - x : x1 - x, None].astype(np.float32) * (opacity / 255)
        part[:] = (part * (1 - alpha * (1 - np.array(colour, np.float32) / 255))).astype(np.uint8)

    def line(self, x0: float, y0: float, x1: float, y1: float, width: int = 2, colour: Colour = BLACK) -> None:
        cv2.line(self.pixels, (round(x0), round(y0)), (round(x1), round(y1)), colour, width, cv2.LINE_AA)

    def rect(self, x0: float, y0: float, x1: float, y1: float, width: int = 2, colour: Colour = BLACK) -> None:
        """An outline, or a filled one where ``width`` is negative."""
        cv2.rectangle(self.pixels, (round(x0), round(y0)), (round(x1), round(y1)), colour, width)

    # ---- the name's places ----

    def note(self, token: Token, quad: Quad, size: float, *, new_piece: bool, hand: bool = False) -> None:
        """Remember where a character of the name went."""
        if token.name is None:
            raise ValueError("only characters of the name are noted")
        key, kind = token.name
        pieces = self._pieces.setdefault(key, (kind, []))[1]
        if new_piece or not pieces:
            pieces.append([])
        pieces[-1].append(quad)
        self._texts[key] = self._texts.get(key, "") + token.ch
        if hand:
            self._hands.add(key)
        self._smallest = min(self._smallest, size)

    def occurrences(self) -> tuple[Occurrence, ...]:
        out = []
        for key, (kind, pieces) in self._pieces.items():
            quads = tuple(_join(piece) for piece in pieces)
            kind = "narrow" if key in self._narrow else _settled(kind, len(quads))
            out.append(Occurrence(quads, kind, key in self._hands, self._texts[key]))
        return tuple(out)

    # ---- text ----

    def advance(self, token: Token, style: Type) -> float:
        face, size = self._set(token, style)
        return face.glyph(token.ch, size, style.squeeze).advance + style.spacing * size

    def _set(self, token: Token, style: Type) -> tuple[Face, float]:
        size = self.px(style.size_pt)
        if token.raised:
            size *= 0.62
        if token.fill and style.fill is not None:
            return style.fill, size
        if token.bold and style.bold is not None:
            return style.bold, size
        return style.face, size

    def measure(self, text: str, style: Type) -> float:
        return sum(self.advance(t, style) for t in parse(text))

    def text(self, x: float, y: float, text: str, style: Type, align: str = "left") -> float:
        """One line with the top of its em box at ``y``; ``x`` is its left, middle or right. Returns where the
        pen stops.
        """
        tokens = parse(text)
        if align != "left":
            width = sum(self.advance(t, style) for t in tokens)
            x -= width if align == "right" else width / 2
        return self._run(x, y, tokens, style, 0.0)

    def _run(self, x: float, y: float, tokens: Sequence[Token], style: Type, slack: float) -> float:
        size = self.px(style.size_pt)
        last: tuple[int, str] | None = None
        blank = 0.0
        underline: float | None = None
        for token in tokens:
            if token.fill and underline is None:
                underline = x
            if not token.fill and underline is not None:
                self._underline(underline, x, y, size, style)
                underline = None
            step = self._glyph(x, y, token, style, new_piece=token.name != last or blank > _APART * size)
            blank = blank + step if token.ch.isspace() else 0.0
            last = token.name
            x += step + slack
        if underline is not None:
            self._underline(underline, x, y, size, style)
        return x

    def _underline(self, x0: float, x1: float, y: float, size: float, style: Type) -> None:
        if style.underline:
            self.line(x0, y + size * 1.08, x1, y + size * 1.08, max(1, round(size / 22)))

    def _glyph(self, x: float, y: float, token: Token, style: Type, new_piece: bool) -> float:
        face, size = self._set(token, style)
        glyph = face.glyph(token.ch, size, style.squeeze)
        jitter = style.fill_jitter if token.fill and style.fill is not None else style.jitter
        step = glyph.advance + style.spacing * size
        if not glyph.ink.size:
            return step
        ink, dx, dy = glyph.ink, glyph.dx, glyph.dy
        if jitter:
            ink, dx, dy = self._unsteady(ink, dx, dy, size, jitter)
            step *= 1 + jitter * (self.rng.random() - 0.6)
        left, top = round(x) + dx, round(y) + dy
        if token.name is not None:
            self.note(token, tight(ink, left, top), size, new_piece=new_piece, hand=bool(jitter))
            if style.squeeze < _NARROW:
                self._narrow.add(token.name[0])
        if token.name is None or not self.hidden:
            colour = (style.fill_colour or style.colour) if token.fill else style.colour
            self.blend(ink, left, top, colour)
        return step

    def _unsteady(self, ink: Ink, dx: int, dy: int, size: float, jitter: float) -> tuple[Ink, int, int]:
        """A glyph as a hand would set it: turned, leaning, larger or smaller, off the line."""
        rng = self.rng
        h, w = ink.shape
        pad = int(np.ceil(size * 0.2))
        angle, grow = rng.gauss(0, 14 * jitter), 1 + rng.gauss(0, 0.25 * jitter)
        matrix = cv2.getRotationMatrix2D((w / 2, h / 2), angle, grow)
        matrix[0, 1] += rng.gauss(0, 0.2 * jitter)
        matrix[:, 2] += pad
        bent = cv2.warpAffine(ink, matrix, (w + 2 * pad, h + 2 * pad), flags=cv2.INTER_LINEAR)
        off = round(rng.gauss(0, 0.18 * jitter) * size)
        return np.asarray(bent, np.uint8), dx - pad, dy - pad + off

    def paragraph(
        self,
        x: float,
        y: float,
        width: float,
        text: str,
        style: Type,
        *,
        leading: float = 1.6,
        indent: float = 2.0,
        wrap_name: bool = False,
    ) -> float:
        """Justified text; returns the y below. ``wrap_name`` narrows the column until a line ends inside the
        name, if one can.
        """
        size = self.px(style.size_pt)
        tokens = parse(text)
        lines = self._lines(tokens, style, width, indent * size)
        if wrap_name:
            for k in range(64):
                tried = self._lines(tokens, style, width - k * size / 8, indent * size)
                if any(a and b and a[-1].name is not None and a[-1].name == b[0].name for a, b in pairwise(tried)):
                    lines, width = tried, width - k * size / 8
                    break
        for i, line in enumerate(lines):
            start = x + (indent * size if i == 0 else 0.0)
            used = sum(self.advance(t, style) for t in line)
            room = width - (start - x) - used
            slack = room / max(1, len(line) - 1) if i < len(lines) - 1 and room < 4 * size else 0.0
            self._run(start, y, line, style, slack)
            y += size * leading
        return y

    def _lines(self, tokens: Sequence[Token], style: Type, width: float, indent: float) -> list[list[Token]]:
        lines: list[list[Token]] = [[]]
        used = indent
        for i, token in enumerate(tokens):
            if token.ch == "\n":
                lines.append([])
                used = 0.0
                continue
            step = self.advance(token, style)
            line = lines[-1]
            if line and used + step > width + 0.01 and token.ch not in _NOT_AT_START and token.ch != " ":
                carried: list[Token] = []
                while line and (line[-1].ch in _NOT_AT_END or (_latin(line[-1]) and _latin(tokens[i - len(carried)]))):
                    if len(carried) > 24:
                        break
                    carried.insert(0, line.pop())
                if not line:
                    line.extend(carried)
                    carried = []
                lines.append(carried)
                used = sum(self.advance(t, style) for t in carried)
            lines[-1].append(token)
            used += step
        return lines

    def column(self, x: float, y: float, text: str, style: Type, *, leading: float = 1.12) -> float:
        """Upright characters down a column whose middle is ``x``; returns the y below."""
        size = self.px(style.size_pt)
        last: tuple[int, str] | None = None
        for token in parse(text):
            face, em = self._set(token, style)
            glyph = face.glyph(token.ch, em, style.squeeze)
            if token.ch in "·•．.":
                y -= em * 0.25
            if glyph.ink.size:
                left, top = round(x - glyph.advance / 2) + glyph.dx, round(y) + glyph.dy
                if token.ch in "，。、":  # stand at the upper right of their square in a column
                    left, top = left + round(em * 0.55), top - round(em * 0.6)
                if token.name is not None:
                    self.note(token, tight(glyph.ink, left, top), em, new_piece=token.name != last)
                if token.name is None or not self.hidden:
                    self.blend(glyph.ink, left, top, style.colour)
            last = token.name
            y += size * leading * (0.55 if token.ch in "·•．. " else 1.0)
        return y

    def cell(
        self,
        x0: float,
        y0: float,
        x1: float,
        y1: float,
        text: str,
        style: Type,
        *,
        align: str = "centre",
        leading: float = 1.3,
    ) -> None:
        """Text in a table cell: wrapped, in the middle of its height; squeezed where one line would only just
        not fit.
        """
        pad = self.px(style.size_pt) * 0.35
        room = x1 - x0 - 2 * pad
        size = self.px(style.size_pt)
        tokens = parse(text)
        lines = self._lines(tokens, style, room, 0.0)
        y = (y0 + y1) / 2 - (len(lines) * leading - (leading - 1)) * size / 2
        for line in lines:
            used = sum(self.advance(t, style) for t in line)
            x = x0 + pad + (max(0.0, room - used) / 2 if align == "centre" else 0.0)
            self._run(x, y, line, style, 0.0)
            y += size * leading


# A gap in a name, in em, beyond which its sides are two pieces: a reader boxes them separately.
_APART = 1.5
# Squeezed to fit a cell: narrower than any face is by itself.
_NARROW = 0.86
_MANY = {"split", "seal", "signature", "vertical", "pinyin", "author"}


def _settled(kind: str, pieces: int) -> str:
    if pieces < 2 or kind in _MANY:
        return "plain" if kind == "wrapped" else kind
    return "split" if kind == "list" else "wrapped"


def _latin(token: Token) -> bool:
    return token.ch.isascii() and token.ch != " "


def tight(ink: Ink, left: int, top: int) -> Quad:
    """Around the pixels that are more than a breath of ink."""
    ys, xs = np.nonzero(ink > 24)
    if not len(xs):
        return Quad.from_box(Box(left, top, left + ink.shape[1], top + ink.shape[0]))
    return Quad.from_box(Box(left + xs.min(), top + ys.min(), left + xs.max() + 1, top + ys.max() + 1))


def _join(quads: Sequence[Quad]) -> Quad:
    box = Box.around([p for q in quads for p in q.points])
    return Quad.from_box(box)

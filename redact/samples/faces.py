"""Faces to draw with: one that travels with PyMuPDF, its variations, and a folder of others where there is one.

Glyphs are rasterised once at :data:`MASTER_PX` and brought to size by area averaging, so a face costs one font
object and every size, slant and width is a cheap copy.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from random import Random

import cv2
import numpy as np
import pymupdf
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Ink = NDArray[np.uint8]

MASTER_PX = 112
ROLES = ("song", "hei", "kai", "hand", "wild")


@dataclass(frozen=True, slots=True)
class Glyph:
    """One character's ink: ``ink`` (h, w) uint8, 255 = full; ``dx``, ``dy`` from the pen (left edge, top of the
    em box) to its top-left pixel; ``advance`` to the next pen position. Pixels. ``ink`` is (0, 0) for a space.
    """

    ink: Ink = field(repr=False)
    dx: int
    dy: int
    advance: float


class _File:
    """A font file, rasterised at one size."""

    def __init__(self, data: bytes) -> None:
        self._font = ImageFont.truetype(io.BytesIO(data), MASTER_PX)
        # Ideographs sit on an em box whose top is 0.88 em above the baseline in nearly every CJK face.
        self._top = round(MASTER_PX * 0.88)
        self._missing = self._raster("\ufffe", 0)[0].tobytes()
        self._has: dict[str, bool] = {}
        self.master = lru_cache(maxsize=1500)(self._raster)

    def _raster(self, ch: str, stroke: int) -> tuple[Ink, int, int, float]:
        x0, y0, x1, y1 = self._font.getbbox(ch, anchor="ls", stroke_width=stroke)
        advance = float(self._font.getlength(ch))
        if x1 <= x0 or y1 <= y0:
            return np.zeros((0, 0), np.uint8), 0, 0, advance
        left, top = int(np.floor(x0)), int(np.floor(y0))
        image = Image.new("L", (int(np.ceil(x1)) - left, int(np.ceil(y1)) - top))
        ImageDraw.Draw(image).text((-left, -top), ch, fill=255, font=self._font, anchor="ls", stroke_width=stroke)
        return np.asarray(image), left, top + self._top, advance

    def has(self, ch: str) -> bool:
        """Whether the file draws this character, and not its sign for a missing one."""
        if ch not in self._has:
            ink = self.master(ch, 0)[0]
            self._has[ch] = ch.isspace() or (bool(ink.size) and ink.tobytes() != self._missing)
        return self._has[ch]


@lru_cache(maxsize=1)
def _base_file() -> _File:
    data: bytes = pymupdf.Font("cjk").buffer
    return _File(data)


@lru_cache(maxsize=16)
def _open_file(path: Path) -> _File:
    return _File(path.read_bytes())


@dataclass(frozen=True)
class Face:
    """A face: files tried in order for each character, and how they are bent.

    ``weight``: extra stroke in 1/112 em. ``squeeze``: factor on widths. ``shear``: x shift per unit of height.
    """

    name: str
    files: tuple[_File, ...] = field(repr=False)
    weight: int = 0
    squeeze: float = 1.0
    shear: float = 0.0

    def has(self, text: str) -> bool:
        return all(any(f.has(ch) for f in self.files) for ch in text)

    def glyph(self, ch: str, size_px: float, squeeze: float = 1.0) -> Glyph:
        return _bend(self, ch, round(size_px * 4) / 4, round(self.squeeze * squeeze, 3))

    def width(self, text: str, size_px: float) -> float:
        return sum(self.glyph(ch, size_px).advance for ch in text)

    def bent(self, *, weight: int = 0, squeeze: float = 1.0, shear: float = 0.0) -> Face:
        return Face(self.name, self.files, self.weight + weight, self.squeeze * squeeze, self.shear + shear)


@lru_cache(maxsize=6000)
def _bend(face: Face, ch: str, size_px: float, squeeze: float) -> Glyph:
    file = next((f for f in face.files if f.has(ch)), face.files[-1])
    ink, dx, dy, advance = file.master(ch, face.weight)
    scale = size_px / MASTER_PX
    sx = scale * squeeze
    if ch == "\u3000":
        return Glyph(ink[:0, :0], 0, 0, size_px * squeeze)
    if not ink.size:
        return Glyph(ink, 0, 0, advance * sx)
    h, w = ink.shape
    # Pad so that the ink starts on a whole pixel of the small raster: area averaging then stays in register.
    left, top = int(np.floor(dx * sx)), int(np.floor(dy * scale))
    right, bottom = int(np.ceil((dx + w) * sx)), int(np.ceil((dy + h) * scale))
    lean = face.shear * size_px
    pad = int(np.ceil(abs(lean)))
    out_w, out_h = right - left + 2 * pad, bottom - top
    small = cv2.resize(ink, (max(1, round(w * sx)), max(1, round(h * scale))), interpolation=cv2.INTER_AREA)
    shift_x, shift_y = dx * sx - left + pad, dy * scale - top
    # The em box leans about its middle.
    matrix = np.array([[1.0, -face.shear, shift_x + face.shear * (size_px / 2 - dy * scale)], [0.0, 1.0, shift_y]])
    made = cv2.warpAffine(small, matrix, (out_w, out_h), flags=cv2.INTER_LINEAR)
    return Glyph(np.asarray(made, np.uint8), left - pad, top, advance * sx)


@dataclass(frozen=True)
class Faces:
    """Faces by role: ``song`` (serif), ``hei`` (sans), ``kai``, ``hand`` (a clear hand), ``wild`` (cursive).

    Every role can be had: where no file stands for it, the base face is bent to stand in.
    """

    by_role: dict[str, tuple[Face, ...]]

    @classmethod
    def built_in(cls) -> Faces:
        base = (_base_file(),)
        return cls(
            {
                "song": (Face("base", base), Face("base-light-narrow", base, squeeze=0.94)),
                "hei": (Face("base-bold", base, weight=3), Face("base-medium", base, weight=1)),
                "kai": (Face("base-slanted", base, shear=0.06, squeeze=0.97),),
                "hand": (
                    Face("base-hand", base, weight=1, shear=0.2, squeeze=0.88),
                    Face("base-hand-upright", base, shear=-0.05, squeeze=0.82),
                ),
                "wild": (Face("base-wild", base, shear=0.34, squeeze=0.74, weight=1),),
            }
        )

    @classmethod
    def from_folder(cls, folder: Path) -> Faces:
        """Faces of ``<role>-<anything>.ttf`` in ``folder``; the built-in ones for roles without a file."""
        roles = dict(cls.built_in().by_role)
        # As printers do, a character that a face lacks comes from the next that has it.
        rest = (_base_file(), *(_open_file(p) for p in sorted(folder.glob("kai-*.ttf"))))
        for role in ROLES:
            found = tuple(Face(p.stem, (_open_file(p), *rest)) for p in sorted(folder.glob(f"{role}-*.ttf")))
            if role == "song":
                found += tuple(f.bent(squeeze=0.93) for f in found)
            elif role == "hei" and found:
                found += (Face("base-bold", rest, weight=3),)
            roles[role] = found or roles[role]
        return cls(roles)

    def pick(self, role: str, rng: Random, text: str = "") -> Face:
        """A face of that role; one that has all of ``text`` where there is one, or else one of any printed role
        that has.
        """
        of_role = self.by_role[role]
        able = [f for f in of_role if f.files[0].has(text) or f.has(text)] if text else list(of_role)
        if text and role in ("hand", "wild"):
            # A hand never falls back to print in mid-name.
            whole = [f for f in of_role if all(f.files[0].has(ch) for ch in text)]
            able = whole or list(self.built_in().by_role["hand"])
        if not able:
            able = [f for fs in self.by_role.values() for f in fs if f.has(text)] or list(of_role)
        return rng.choice(able)

    def has(self, text: str) -> bool:
        """Whether every role but the hands can draw ``text``."""
        return all(any(f.has(text) for f in self.by_role[r]) for r in ("song", "hei", "kai"))

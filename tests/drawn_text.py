"""Text drawn on pages with the place of every line, and how much of it a reader got right."""

# mypy: allow-untyped-calls

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

import cv2
import numpy as np
import pymupdf
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from redact.geometry import Quad, Rotation, turn_points
from redact.lines import Reading
from redact.values import Pixels

SENTENCES = (
    "兹证明申请人在本单位从事专业技术工作已满五年",
    "培训内容包括公需科目和专业科目共计九十学时",
    "考核成绩合格准予结业并颁发继续教育合格证书",
    "根据有关规定经评审委员会评审通过具备任职资格",
    "主要研究方向为水利工程建设管理与防洪减灾技术",
    "参加全省农业技术推广项目并获得科学技术进步奖",
    "所提交的材料真实有效如有虚假愿意承担全部责任",
    "该同志在校期间遵守纪律成绩优良准予毕业",
    "证书编号由发证机关统一登记并可在网上查询",
    "年度考核结果为优秀等次并予以通报表扬",
    "聘任期限自签订合同之日起至期满为止",
    "请将复印件与原件核对一致后加盖公章",
)


@cache
def face(em: int) -> ImageFont.FreeTypeFont:
    """PyMuPDF's own CJK face: tests need no font of the system."""
    return ImageFont.truetype(io.BytesIO(pymupdf.Font("cjk").buffer), em)


@dataclass(frozen=True)
class DrawnLine:
    """``quad``: around the line's cells, in reading order, page pixels."""

    text: str = field(repr=False)
    quad: Quad


@dataclass(frozen=True)
class DrawnPage:
    pixels: Pixels = field(repr=False)
    lines: tuple[DrawnLine, ...]

    def turned(self, rotation: Rotation) -> DrawnPage:
        """The content turned clockwise by ``rotation``."""
        height, width = self.pixels.shape[:2]
        pixels = np.ascontiguousarray(np.rot90(self.pixels, -(rotation // 90)))
        lines = [_moved(line, turn_points(line.quad.array(), rotation, width, height)) for line in self.lines]
        return DrawnPage(pixels, tuple(lines))

    def tilted(self, degrees: float) -> DrawnPage:
        """The content tilted clockwise about the centre, on paper that goes on in its corner's colour."""
        height, width = self.pixels.shape[:2]
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1.0)
        paper = tuple(int(v) for v in self.pixels[0, 0])
        pixels = cv2.warpAffine(self.pixels, matrix, (width, height), flags=cv2.INTER_CUBIC, borderValue=paper)
        lines = [_moved(line, line.quad.array() @ matrix[:, :2].T + matrix[:, 2]) for line in self.lines]
        return DrawnPage(np.asarray(pixels, dtype=np.uint8), tuple(lines))

    def over(self, other: DrawnPage) -> DrawnPage:
        """Both printed on one sheet."""
        return DrawnPage(np.minimum(self.pixels, other.pixels), other.lines + self.lines)


def _moved(line: DrawnLine, points: NDArray[np.float64]) -> DrawnLine:
    return DrawnLine(line.text, Quad.from_array(points))


class Sheet:
    """Paper to write on."""

    def __init__(self, width: int, height: int, paper: str = "white", ink: str = "black") -> None:
        self._image = Image.new("RGB", (width, height), paper)
        self._pen = ImageDraw.Draw(self._image)
        self._ink = ink
        self._lines: list[DrawnLine] = []

    def write(self, text: str, x: float, y: float, em: int) -> None:
        """One line from left to right; (x, y): the top-left corner of its first cell."""
        font = face(em)
        self._pen.text((x, y), text, font=font, fill=self._ink)
        end = x + font.getlength(text)
        self._lines.append(DrawnLine(text, Quad(((x, y), (end, y), (end, y + 1.2 * em), (x, y + 1.2 * em)))))

    def write_down(self, text: str, x: float, y: float, em: int) -> None:
        """One column of upright characters from top to bottom; (x, y): the top-left corner of its first cell."""
        font = face(em)
        for i, char in enumerate(text):
            self._pen.text((x, y + i * 1.08 * em), char, font=font, fill=self._ink)
        end = y + (len(text) * 1.08 + 0.2) * em
        self._lines.append(DrawnLine(text, Quad(((x + em, y), (x + em, end), (x, end), (x, y)))))

    def rule(self, x0: float, y0: float, x1: float, y1: float, width: int = 3) -> None:
        self._pen.line((x0, y0, x1, y1), fill=self._ink, width=width)

    def page(self) -> DrawnPage:
        return DrawnPage(np.array(self._image), tuple(self._lines))


def edit_distance(a: str, b: str) -> int:
    """Levenshtein's."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (x != y))
    return row[-1]


def error_rates(page: DrawnPage, reading: Reading) -> list[float]:
    """Wrong characters per character of each drawn line, spaces left out: what was read within its quad, in reading order."""
    return [_error_rate(line, reading) for line in page.lines]


def _error_rate(line: DrawnLine, reading: Reading) -> float:
    quad = line.quad
    start = np.array(quad.points).mean(axis=0)
    angle = math.radians(quad.direction_deg)
    along, across = np.array([math.cos(angle), math.sin(angle)]), np.array([-math.sin(angle), math.cos(angle)])
    pieces: list[tuple[float, str]] = []
    for read in reading.lines:
        offset = np.array(read.quad.points).mean(axis=0) - start
        u, v = float(offset @ along), float(offset @ across)
        if abs(u) <= quad.length / 2 and abs(v) <= quad.thickness / 2 and read.lattice is not None:
            pieces.append((u, read.lattice.text))
    found = "".join(text for _, text in sorted(pieces))
    return edit_distance(_solid(line.text), _solid(found)) / len(_solid(line.text))


def _solid(text: str) -> str:
    return "".join(text.split())


def paragraph(sheet: Sheet, sentences: Sequence[str], x: float, y: float, em: int, leading: float = 1.8) -> float:
    """Sentences below each other; the y below the last."""
    for sentence in sentences:
        sheet.write(sentence, x, y, em)
        y += leading * em
    return y

"""The page that the leak battery plants names beside: drawn with the same paper and noise whatever the name, so that two pages
differ in the name's ink alone, and the name as a picture to look for."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from functools import lru_cache

import cv2
import numpy as np
import pymupdf
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from redact.geometry import Box

NAMES = ("阿依古丽·买买提", "李晓明", "王伟")
WIDTH, HEIGHT, EM, DPI = 800, 560, 36, 144
BEFORE, AFTER = "兹证明", "同志参加培训"
NAME_AT = (60, 200)
OTHER_LINES = ((60, 60, "专业技术人员继续教育证书"), (60, 330, "本年度学习时间共计九十学时"), (60, 440, "发证单位：市人力资源局"))
# Where channels plant a second, visible or hidden, name: no text stands there.
FREE_AT = (60, 500)


@lru_cache(maxsize=4)
def font(em: int = EM) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(io.BytesIO(pymupdf.Font("cjk").buffer), em)


@dataclass(frozen=True)
class DrawnName:
    """``image``: RGB. ``ink``: the box around the name's ink, whole pixels."""

    image: Image.Image = field(repr=False)
    ink: Box


@lru_cache(maxsize=64)
def draw_page(name: str, *, printed: bool = True, noise: float = 3.0, colour: tuple[int, int, int] = (25, 25, 25)) -> DrawnName:
    """A page with ``name`` in its sentence; ``printed`` False leaves its place empty and changes nothing else."""
    image = Image.new("RGB", (WIDTH, HEIGHT), (250, 249, 246))
    draw = ImageDraw.Draw(image)
    for x, y, text in OTHER_LINES:
        draw.text((x, y), text, font=font(), fill=(25, 25, 25))
    x, y = NAME_AT
    draw.text((x, y), BEFORE, font=font(), fill=(25, 25, 25))
    # A quarter em of air on both sides, as forms leave: otherwise no mask could keep clear of its neighbours.
    x = round(x + font().getlength(BEFORE) + EM * 0.6)
    box = draw.textbbox((x, y), name, font=font())
    if printed:
        draw.text((x, y), name, font=font(), fill=colour)
    draw.text((round(x + font().getlength(name) + EM * 0.6), y), AFTER, font=font(), fill=(25, 25, 25))
    grain = np.random.default_rng(7).normal(0, noise, (HEIGHT, WIDTH, 1))
    pixels = np.clip(np.asarray(image) + grain, 0, 255).round().astype(np.uint8)
    return DrawnName(Image.fromarray(pixels), Box(*map(float, box)))


def ink_on(drawn: DrawnName, width: int, height: int) -> tuple[int, int, int, int]:
    """The ink's box on the page as it is shown in ``width`` x ``height``, a pixel within its edges."""
    return drawn.ink.scaled(width / WIDTH, height / HEIGHT).grown(-1).pixels()


def draw_with_second(name: str, *, scale: float = 1.0) -> Image.Image:
    """The page and, where nothing stands, the name once more at ``scale``."""
    image = draw_page(name).image.copy()
    ImageDraw.Draw(image).text(FREE_AT, name, font=font(round(EM * scale)), fill=(25, 25, 25))
    return image


@lru_cache(maxsize=64)
def picture_of(name: str, em: int) -> NDArray[np.float32]:
    """The name's ink, (H, W) float32, as it is to be looked for."""
    x0, y0, x1, y1 = font(em).getbbox(name)
    image = Image.new("L", (round(x1 - x0) + 4, round(y1 - y0) + 4), 255)
    ImageDraw.Draw(image).text((2 - x0, 2 - y0), name, font=font(em), fill=25)
    return np.asarray(image, np.float32)


def shows(image: Image.Image, name: str, *, em: int = EM, least: float = 0.6) -> bool:
    """Whether the name stands in a picture, at type size ``em``: normalised correlation with the drawn name.

    Other Chinese text of the page reaches 0.45, the name itself in a poor JPEG 0.9.
    """
    planes = _planes(image)
    wanted = picture_of(name, em)
    return any(_matches(plane, wanted, least) for plane in planes)


def _planes(image: Image.Image) -> list[NDArray[np.float32]]:
    """Every way to look at a picture: colours without their alpha, the alpha itself, palette indices."""
    planes = []
    if image.mode == "P":
        planes.append(np.asarray(image).astype(np.float32))
        image = image.convert("RGBA")
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        deep = np.asarray(image).astype(np.float32)
        return [deep * (255 / max(float(deep.max()), 1.0))]
    if image.mode == "CMYK":
        image = image.convert("RGB")
    pixels = np.asarray(image.convert("L") if image.mode == "1" else image)
    if pixels.ndim == 2:
        return [*planes, pixels.astype(np.float32)]
    return planes + [pixels[..., c].astype(np.float32) for c in range(pixels.shape[2])]


def _matches(plane: NDArray[np.float32], wanted: NDArray[np.float32], least: float) -> bool:
    height, width = wanted.shape
    if plane.shape[0] < height or plane.shape[1] < width:
        return False
    score = cv2.matchTemplate(plane, wanted, cv2.TM_CCOEFF_NORMED)
    # Where a window is even the correlation is nothing divided by nothing.
    mean = cv2.boxFilter(plane, -1, (width, height), anchor=(0, 0))
    square = cv2.boxFilter(plane * plane, -1, (width, height), anchor=(0, 0))
    spread = np.sqrt(np.maximum(square - mean * mean, 0))[: score.shape[0], : score.shape[1]]
    # Ink as dark as paper draws too (a palette's indices 0 and 1), so the least spread is small.
    score = np.where(np.isfinite(score) & (spread > 0.05), np.abs(score), 0)
    return bool(score.max(initial=0) >= least)

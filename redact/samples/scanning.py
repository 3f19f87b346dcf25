"""From a clean page to what was uploaded: four grades of scan, with the name's places carried through the same
geometry.

1  rendered: the page as it is
2  office scan: 150-300 dpi, grey paper, slight tilt, some in one bit
3  phone photo: perspective, shadow, a desk around the page
4  poor, though a person can still read it: few pixels per character, blur, noise, strong JPEG
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from redact.geometry import Quad, Rotation, turn_points
from redact.samples.desk import cast_shadow, draw_desk
from redact.samples.drawing import Drawing
from redact.samples.sheet import Occurrence
from redact.values import Pixels

_Generator = np.random.Generator
_Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Sample:
    """An uploaded page with known places of the name.

    ``pixels``: (H, W, 3) uint8 RGB. ``occurrences`` in these pixels. ``rotation``: the content is turned
    clockwise by it; ``skew_deg``: and tilted clockwise by this much more. ``dpi``: of the paper in the pixels
    (its middle, for photos).
    """

    document: str
    pixels: Pixels = field(repr=False)
    occurrences: tuple[Occurrence, ...]
    name: str = field(repr=False)
    rotation: Rotation
    skew_deg: float
    grade: int
    dpi: float
    has_name: bool
    traps: tuple[str, ...] = ()


def scan(drawing: Drawing, *, grade: int, rotation: Rotation = 0, seed: int) -> Sample:
    """Degrade ``drawing`` to ``grade`` 1..4 and turn it clockwise by ``rotation``; the same arguments give the
    same pixels.

    Raises:
        ValueError: no such grade.
    """
    rng = np.random.default_rng([seed, grade, zlib.crc32(drawing.document.encode())])
    if grade == 1:
        pixels, matrix, skew = drawing.pixels, np.eye(3), 0.0
    elif grade == 2:
        pixels, matrix, skew = _scan_in_office(drawing, rng)
    elif grade == 3:
        pixels, matrix, skew = _photograph(drawing, rng)
    elif grade == 4:
        pixels, matrix, skew = _scan_poorly(drawing, rng)
    else:
        raise ValueError(f"no such grade: {grade}")
    height, width = pixels.shape[:2]
    turned = np.ascontiguousarray(np.rot90(pixels, -rotation // 90))
    # JPEG after the turn: its 8 x 8 blocks lie on the pixels that were uploaded.
    if grade > 1:
        turned = _press(turned, rng, grade)

    def moved(quad: Quad) -> Quad:
        points = cv2.perspectiveTransform(quad.array()[None], matrix)[0]
        return Quad.from_array(turn_points(points, rotation, width, height))

    scale = _scale_at(matrix, drawing.pixels.shape[1] / 2, drawing.pixels.shape[0] / 2)
    return Sample(
        document=drawing.document,
        pixels=turned,
        occurrences=tuple(Occurrence(tuple(moved(q) for q in o.quads), o.kind, o.hand, o.text) for o in drawing.occurrences),
        name=drawing.name,
        rotation=rotation,
        skew_deg=skew,
        grade=grade,
        dpi=drawing.dpi * scale,
        has_name=drawing.has_name,
        traps=drawing.traps,
    )


def _scale_at(matrix: _Matrix, x: float, y: float) -> float:
    square = np.array([[[x, y], [x + 1, y], [x, y + 1]]], np.float64)
    a, b, c = cv2.perspectiveTransform(square, matrix)[0]
    return float(np.sqrt(abs(np.cross(np.append(b - a, 0), np.append(c - a, 0))[2])))


# ---- geometry ----


def _tilted(width: int, height: int, scale: float, tilt_deg: float) -> tuple[_Matrix, int, int]:
    """Scale, then tilt clockwise about the middle; pixel centres are kept in register."""
    w, h = round(width * scale), round(height * scale)
    turn = np.vstack([cv2.getRotationMatrix2D((w / 2, h / 2), -tilt_deg, 1.0), [0, 0, 1]])
    return turn @ np.diag([w / width, h / height, 1.0]), w, h


def _warp(pixels: Pixels, matrix: _Matrix, width: int, height: int, edge: tuple[int, int, int] | None, scale: float) -> Pixels:
    """Pixels through ``matrix`` (corner-of-pixel coordinates); shrunk by area first, so that nothing aliases."""
    if scale < 0.95:
        small = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        matrix = matrix @ np.diag([pixels.shape[1] / small.shape[1], pixels.shape[0] / small.shape[0], 1.0])
        pixels = np.asarray(small, np.uint8)
    half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1.0]])
    centred = np.linalg.inv(half) @ matrix @ half
    border = cv2.BORDER_REPLICATE if edge is None else cv2.BORDER_CONSTANT
    flags = cv2.INTER_CUBIC if scale > 1.05 else cv2.INTER_LINEAR
    made = cv2.warpPerspective(pixels, centred, (width, height), flags=flags, borderMode=border, borderValue=edge or 0)
    return np.asarray(made, np.uint8)


# ---- light, lens, sensor ----


@lru_cache(maxsize=1)
def _grain() -> NDArray[np.int16]:
    return np.random.default_rng(7).normal(0, 64, (701, 911)).astype(np.int16)


def add_noise(pixels: Pixels, rng: _Generator, sigma: float) -> Pixels:
    """Grain of ``sigma`` levels, the same on all channels; one sheet of it is laid at a random place and repeated."""
    height, width = pixels.shape[:2]
    grain = np.roll(_grain(), tuple(int(v) for v in rng.integers(0, 700, 2)), (0, 1))
    grain = (grain * (sigma / 64)).round().astype(np.int16)
    rows, columns = -(-height // grain.shape[0]), -(-width // grain.shape[1])
    full = np.tile(grain, (rows, columns))[:height, :width]
    up, down = np.clip(full, 0, 255).astype(np.uint8), np.clip(-full, 0, 255).astype(np.uint8)
    return np.asarray(cv2.subtract(cv2.add(pixels, cv2.merge([up] * 3)), cv2.merge([down] * 3)), np.uint8)


def _expose(pixels: Pixels, black: float, white: tuple[float, float, float], gamma: float = 1.0) -> Pixels:
    """Move 0..255 to black..white by channel."""
    ramp = np.linspace(0, 1, 256) ** gamma
    table = np.stack([black + ramp * (w - black) for w in white], -1).clip(0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(pixels, table[None]), np.uint8)


def _shade(pixels: Pixels, rng: _Generator, depth: float) -> Pixels:
    """Uneven light: a slope, a corner, and the soft edge of a hand's or phone's shadow."""
    height, width = pixels.shape[:2]
    small = (24, max(2, round(24 * width / height)))
    ys, xs = np.mgrid[0 : small[0], 0 : small[1]].astype(np.float32)
    ys, xs = ys / small[0] - 0.5, xs / small[1] - 0.5
    angle = rng.uniform(0, 2 * np.pi)
    light = 1 - depth * (0.5 + xs * np.cos(angle) + ys * np.sin(angle)).clip(0, 1)
    if rng.random() < 0.6:
        angle = rng.uniform(0, 2 * np.pi)
        edge = xs * np.cos(angle) + ys * np.sin(angle) - rng.uniform(-0.1, 0.4)
        light *= 1 - depth * 0.8 / (1 + np.exp(-edge * rng.uniform(12, 40)))
    light *= rng.uniform(0.9, 1.0) / light.max()  # phones expose for the paper
    full = cv2.resize(light.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.multiply(pixels, cv2.merge([full] * 3), dtype=cv2.CV_8U), np.uint8)


def _press(pixels: Pixels, rng: _Generator, grade: int) -> Pixels:
    """Through JPEG and back."""
    low, high = {2: (68, 85), 3: (60, 80), 4: (30, 42)}[grade]
    quality = int(rng.integers(low, high + 1))
    done, data = cv2.imencode(".jpg", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise RuntimeError("JPEG encoding failed")
    pressed = cv2.imdecode(data, cv2.IMREAD_COLOR)
    if pressed is None:
        raise RuntimeError("JPEG decoding failed")
    return np.asarray(cv2.cvtColor(pressed, cv2.COLOR_BGR2RGB), np.uint8)


# ---- the grades ----


def _scan_in_office(drawing: Drawing, rng: _Generator) -> tuple[Pixels, _Matrix, float]:
    one_bit = rng.random() < 0.14
    dpi = float(rng.choice((200, 200, 240, 300) if one_bit else (150, 150, 170, 200, 200, 200, 240, 300)))
    scale = dpi / drawing.dpi
    if drawing.text_px * scale < 18:
        scale = 18 / drawing.text_px
    tilt = float(np.clip(rng.normal(0, 0.8), -2, 2))
    height, width = drawing.pixels.shape[:2]
    matrix, w, h = _tilted(width, height, scale, tilt)
    lid = int(rng.integers(225, 255)) if rng.random() < 0.75 else int(rng.integers(20, 70))
    grey = rng.random() < 0.4
    page = _warp(drawing.pixels, matrix, w, h, (lid, lid, lid), scale)
    if grey or one_bit:
        page = np.asarray(cv2.cvtColor(cv2.cvtColor(page, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB), np.uint8)
    paper = rng.uniform(228, 252)
    white = (paper, paper, paper) if grey else (paper, paper - rng.uniform(0, 4), paper - rng.uniform(0, 10))
    page = _expose(page, rng.uniform(5, 40), white)
    page = np.asarray(cv2.GaussianBlur(page, (0, 0), rng.uniform(0.3, 0.6)), np.uint8)
    page = add_noise(page, rng, rng.uniform(1.5, 5))
    if one_bit:
        page = np.where(page > rng.uniform(150, 180), np.uint8(255), np.uint8(0))
    return page, matrix, tilt


def _photograph(drawing: Drawing, rng: _Generator) -> tuple[Pixels, _Matrix, float]:
    height, width = drawing.pixels.shape[:2]
    long_side = float(rng.choice((1500, 2000, 2000, 2400, 2400, 2800, 3264, 4000)))
    fill = rng.uniform(0.82, 0.96)
    scale = long_side * fill / max(width, height)
    scale = float(np.clip(scale, 15.5 / drawing.text_px, 2.2))
    tilt = float(np.clip(rng.normal(0, 2.2), -6, 6))
    w, h = width * scale, height * scale
    frame_w, frame_h = round(w / fill), round(h / fill)
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
    turn = np.deg2rad(tilt)
    spin = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    placed = (corners - [width / 2, height / 2]) * scale @ spin.T
    # A camera that is not square above the page: one edge is farther away.
    far = rng.uniform(0, 0.07, 4) * min(w, h)
    placed -= placed / np.linalg.norm(placed, axis=1, keepdims=True) * far[:, None]
    placed += [frame_w / 2, frame_h / 2]
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), placed.astype(np.float32)).astype(np.float64)
    page = _warp(drawing.pixels, matrix, frame_w, frame_h, (0, 0, 0), scale)
    outline = placed.round().astype(np.int32)
    mask = np.zeros((frame_h, frame_w), np.uint8)
    cv2.fillConvexPoly(mask, outline, 255, cv2.LINE_AA)
    desk = draw_desk(frame_w, frame_h, rng)
    cast_shadow(desk, outline, rng)
    warm = rng.uniform(-12, 12)
    page = _expose(page, rng.uniform(12, 46), (236 + warm, 234, 230 - warm), rng.uniform(0.85, 1.1))
    page = np.asarray(cv2.copyTo(page, mask, desk), np.uint8)
    page = _shade(page, rng, rng.uniform(0.1, 0.42))
    em = drawing.text_px * scale
    page = np.asarray(cv2.GaussianBlur(page, (0, 0), min(rng.uniform(0.5, 1.2), 0.04 * em)), np.uint8)
    page = add_noise(page, rng, rng.uniform(1.5, 6))
    # The direction the text really runs, at the page's middle: perspective adds to the tilt.
    middle = np.array([[[width / 2 - 50, height / 2], [width / 2 + 50, height / 2]]], np.float64)
    a, b = cv2.perspectiveTransform(middle, matrix)[0]
    return page, matrix, float(np.degrees(np.arctan2(b[1] - a[1], b[0] - a[0])))


def _scan_poorly(drawing: Drawing, rng: _Generator) -> tuple[Pixels, _Matrix, float]:
    """Readable by a person: the fewer pixels a character has, the less blur it gets."""
    # 伟 and 玮 need more pixels than reading does: where such a pair stands, a person must still be able to tell.
    em = rng.uniform(19 if "similar" in drawing.traps else 14.5, 22)
    scale = float(np.clip(em / drawing.text_px, 0.3, 1.0))
    em = drawing.text_px * scale
    tilt = float(np.clip(rng.normal(0, 1.5), -4, 4))
    height, width = drawing.pixels.shape[:2]
    matrix, w, h = _tilted(width, height, scale, tilt)
    lid = int(rng.integers(150, 240))
    page = _warp(drawing.pixels, matrix, w, h, (lid, lid, lid), scale)
    if rng.random() < 0.5:
        page = np.asarray(cv2.cvtColor(cv2.cvtColor(page, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB), np.uint8)
    # Blur of the optics, at most 1.2 px and never more than a fraction of a stroke's distance.
    sigma = min(1.2, rng.uniform(0.025, 0.048) * em)
    page = np.asarray(cv2.GaussianBlur(page, (0, 0), max(0.3, sigma)), np.uint8)
    black, paper = rng.uniform(40, 95), rng.uniform(185, 235)
    page = _expose(page, black, (paper, paper - rng.uniform(0, 5), paper - rng.uniform(0, 14)))
    page = _shade(page, rng, rng.uniform(0.0, 0.2))
    page = add_noise(page, rng, rng.uniform(3, 8))
    return page, matrix, tilt

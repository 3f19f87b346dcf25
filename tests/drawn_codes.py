"""Machine codes drawn on pages, for tests and the benchmark: printed whole, then turned, tilted, blurred, covered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

import cv2
import numpy as np
import zxingcpp

from redact.geometry import Box
from redact.values import Pixels

KINDS = ("QRCode", "MicroQRCode", "DataMatrix", "Aztec", "PDF417", "Code128", "Code39", "EAN13")
MATRIX_KINDS = ("QRCode", "MicroQRCode", "DataMatrix", "Aztec")
# Bars are drawn so many modules high.
_BAR_MODULES = 40


def draw_code(content: str | bytes, kind: str = "QRCode", *, module_px: float = 4.0) -> Pixels:
    """(H, W, 3) uint8 RGB, black on white; ``module_px`` pixels for the smallest element, quiet zone included."""
    symbol = zxingcpp.create_barcode(content, getattr(zxingcpp.BarcodeFormat, kind))
    plain = np.array(symbol.to_image(scale=1, add_quiet_zones=True))
    fine = max(round(module_px) + 1, 2) * 2
    drawn = np.kron(plain, np.ones((fine, fine), np.uint8))
    if kind in ("Code128", "Code39", "EAN13"):
        rows = _BAR_MODULES * fine
        drawn = np.repeat(drawn[drawn.shape[0] // 2][None], rows, axis=0)
    size = (round(drawn.shape[1] / fine * module_px), round(drawn.shape[0] / fine * module_px))
    return np.asarray(cv2.cvtColor(cv2.resize(drawn, size, interpolation=cv2.INTER_AREA), cv2.COLOR_GRAY2RGB), np.uint8)


def place_code(page: Pixels, code: Pixels, x: int, y: int) -> Box:
    """Print ``code`` on ``page`` with its top left corner at ``x``, ``y``, 2 mm of paper at 200 dpi around it; where it stands
    now, quiet zone included."""
    height, width = code.shape[:2]
    page[max(y - 16, 0) : y + height + 16, max(x - 16, 0) : x + width + 16] = 255
    page[y : y + height, x : x + width] = code
    return Box(x, y, x + width, y + height)


def _warp(page: Pixels, matrix: np.ndarray, box: Box) -> tuple[Pixels, Box]:
    height, width = page.shape[:2]
    warped = cv2.warpPerspective(page, matrix, (width, height), flags=cv2.INTER_AREA, borderValue=(255, 255, 255))
    corners = np.array([[[box.x0, box.y0], [box.x1, box.y0], [box.x1, box.y1], [box.x0, box.y1]]], np.float64)
    moved = cv2.perspectiveTransform(corners, matrix)[0]
    (x0, y0), (x1, y1) = moved.min(0), moved.max(0)
    return np.asarray(warped, np.uint8), Box(float(x0), float(y0), float(x1), float(y1))


def turned(page: Pixels, box: Box, angle_deg: float) -> tuple[Pixels, Box]:
    centre = ((box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2)
    return _warp(page, np.vstack([cv2.getRotationMatrix2D(centre, angle_deg, 1.0), [0, 0, 1]]), box)


def tilted(page: Pixels, box: Box, strength: float) -> tuple[Pixels, Box]:
    """As photographed aslant: the right side ``strength`` nearer or farther than the left."""
    height, width = page.shape[:2]
    d = strength * height / 2
    before = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    after = np.array([[0, 0], [width, d], [width, height - d], [0, height]], np.float32)
    return _warp(page, cv2.getPerspectiveTransform(before, after), box)


def blurred(page: Pixels, sigma_px: float) -> Pixels:
    return np.asarray(cv2.GaussianBlur(page, (0, 0), sigma_px), np.uint8)


def compressed(page: Pixels, quality: int) -> Pixels:
    coded = cv2.imencode(".jpg", page[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.ascontiguousarray(cv2.imdecode(coded, cv2.IMREAD_COLOR)[..., ::-1])


def noisy(page: Pixels, sigma: float, rng: Random) -> Pixels:
    grain = np.random.default_rng(rng.getrandbits(32)).normal(0, sigma, page.shape)
    return np.clip(page + grain, 0, 255).astype(np.uint8)


def recoloured(page: Pixels, box: Box, dark: tuple[int, int, int], light: tuple[int, int, int]) -> Pixels:
    """The code's black and white as other colours; ``dark`` brighter than ``light`` inverts it."""
    x0, y0, x1, y1 = box.pixels()
    part = page[y0:y1, x0:x1].astype(np.float32) / 255
    out = page.copy()
    out[y0:y1, x0:x1] = (np.array(dark) * (1 - part) + np.array(light) * part).astype(np.uint8)
    return out


def covered(page: Pixels, box: Box, share: float, rng: Random, colour: tuple[int, int, int] = (205, 40, 45)) -> Pixels:
    """A blot over ``share`` of the code's area, anywhere on it."""
    side = (share * box.area) ** 0.5
    x = rng.uniform(box.x0, max(box.x1 - side, box.x0))
    y = rng.uniform(box.y0, max(box.y1 - side, box.y0))
    out = page.copy()
    cv2.rectangle(out, (round(x), round(y)), (round(x + side), round(y + side)), colour, -1)
    return out


def photographed(page: Pixels, box: Box, rng: Random) -> tuple[Pixels, Box]:
    page, box = tilted(*turned(page, box, rng.uniform(-20, 20)), 0.2)
    return compressed(noisy(blurred(page, 1.2), 8, rng), 55), box


def faint(page: Pixels, box: Box, rng: Random) -> tuple[Pixels, Box]:
    grey = rng.randrange(150, 190)
    return recoloured(page, box, (grey, grey, grey), (225, 225, 222)), box


def coloured(page: Pixels, box: Box, rng: Random) -> tuple[Pixels, Box]:
    return recoloured(page, box, rng.choice(((200, 30, 36), (20, 60, 160), (0, 110, 60))), (250, 240, 220)), box


@dataclass(frozen=True)
class Condition:
    """How a code suffered, by name, and what does it to a page with a code on it."""

    name: str
    apply: Callable[[Pixels, Box, Random], tuple[Pixels, Box]]
    module_px: tuple[float, float] = (3.0, 5.0)


CONDITIONS = (
    Condition("clean", lambda p, b, r: (p, b)),
    Condition("module 6-10 px", lambda p, b, r: (p, b), (6.0, 10.0)),
    Condition("module 2-3 px", lambda p, b, r: (p, b), (2.0, 3.0)),
    Condition("module 1.5-2 px", lambda p, b, r: (p, b), (1.5, 2.0)),
    Condition("turned 90/180/270", lambda p, b, r: turned(p, b, r.choice((90, 180, 270)))),
    Condition("turned any angle", lambda p, b, r: turned(p, b, r.uniform(0, 360))),
    Condition("aslant", lambda p, b, r: tilted(p, b, r.uniform(0.15, 0.4))),
    Condition("blur 0.4-0.8 modules", lambda p, b, r: (blurred(p, r.uniform(0.4, 0.8) * 4), b), (4.0, 4.0)),
    Condition("blur 0.8-1.2 modules", lambda p, b, r: (blurred(p, r.uniform(0.8, 1.2) * 4), b), (4.0, 4.0)),
    Condition("JPEG 15-30", lambda p, b, r: (compressed(p, r.randrange(15, 30)), b)),
    Condition("noise 25-45", lambda p, b, r: (noisy(p, r.uniform(25, 45), r), b)),
    Condition("low contrast", faint),
    Condition("coloured", coloured),
    Condition("inverted", lambda p, b, r: (recoloured(p, b, (255, 255, 255), (25, 40, 90)), b)),
    Condition("covered 4-10 %", lambda p, b, r: (covered(p, b, r.uniform(0.04, 0.10), r), b)),
    Condition("covered 15-30 %", lambda p, b, r: (covered(p, b, r.uniform(0.15, 0.30), r), b)),
    Condition("phone photo", photographed),
)

"""Where text stands: DB detection (Liao et al., "Real-time Scene Text Detection with Differentiable Binarization", AAAI 2020).

The page is detected in tiles at one scale and the tiles' probability maps are put together before any box is drawn, so
that no line is cut at a tile's edge.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from redact.geometry import Quad
from redact.ocr.engines import Network
from redact.ocr.sparse import find_sparse_ink
from redact.values import Pixels

# A pixel is text above BITMAP; a region is kept above REGION (mean probability). PaddleOCR's own are 0.3 and 0.6; a region
# that is kept and cannot be read makes a page 复核, one that is dropped can hide a name, so REGION is lower here.
BITMAP = 0.3
REGION = 0.4
# Offset of the shrunk region's outline, D = area x ratio / perimeter (the paper's eq. 10).
UNCLIP = 1.6
MIN_SIDE_PX = 3
STRIDE = 32
# The second look: how strongly it is sharpened, its share of the first look's scale, how much of what it finds may be known.
SHARPEN, SHARPEN_SIGMA_PX = 1.2, 2.0
SECOND_SCALE = 0.8
OVERLAP = 0.3
# Short side that an A4 page is detected at: 8 pt stands 15 px high there, and the networks' cost is still near its floor.
SHORT_SIDE_PX = 1152
# Tiles keep the memory of one request bounded; their seams overlap so that every pixel is seen with its surroundings.
TILE_PX = 1664
SEAM_PX = 96


@dataclass(frozen=True, slots=True)
class Region:
    """A detected line. ``quad``: page pixels, page order (TL, TR, BR, BL as seen, not as read); ``score``: mean probability."""

    quad: Quad
    score: float


def choose_scale(width: int, height: int) -> float:
    """Detection pixels per page pixel: the short side brought down to SHORT_SIDE_PX; a page under half of that is doubled."""
    short = max(1, min(width, height))
    return 2.0 if short < SHORT_SIDE_PX / 2 else min(1.0, SHORT_SIDE_PX / short)


def detect_lines(network: Network, pixels: Pixels, scale: float) -> list[Region]:
    """Lines of a (H, W, 3) uint8 RGB page, detected at ``scale`` detection pixels per page pixel."""
    height, width = pixels.shape[:2]
    w, h = max(STRIDE, round(width * scale)), max(STRIDE, round(height * scale))
    return _draw_boxes(_map_of(network, _resized(pixels, w, h)), width / w, height / h)


def add_missed(network: Network, pixels: Pixels, scale: float, regions: list[Region]) -> list[Region]:
    """The regions, and what a second look at a sharpened, smaller picture finds where none of them stands.

    Characters that stand far apart (姓　名), and faint or blurred ones, fall below detection's threshold now and then;
    sharpened, they come out.
    """
    height, width = pixels.shape[:2]
    w, h = max(STRIDE, round(width * scale)), max(STRIDE, round(height * scale))
    small = _resized(pixels, w, h)
    soft = cv2.GaussianBlur(small, (0, 0), SHARPEN_SIGMA_PX)
    sharp = np.asarray(cv2.addWeighted(small, 1 + SHARPEN, soft, -SHARPEN, 0), dtype=np.uint8)
    boxes = [region.quad.box for region in regions]
    more = [
        region
        for region in _draw_boxes(_map_of(network, sharp), width / w, height / h)
        if sum(region.quad.box.intersection_area(box) for box in boxes) < OVERLAP * region.quad.box.area
    ]
    return regions + more


def _resized(pixels: Pixels, width: int, height: int) -> Pixels:
    interpolation = cv2.INTER_AREA if width < pixels.shape[1] else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(pixels, (width, height), interpolation=interpolation), dtype=np.uint8)


def _map_of(network: Network, pixels: Pixels) -> NDArray[np.float32]:
    height, width = pixels.shape[:2]
    whole = np.zeros((height, width), np.float32)
    for y0, y1 in _spans(height):
        for x0, x1 in _spans(width):
            tile = _look(network, pixels[y0:y1, x0:x1])
            # Keep a tile's inner part and, at the page's own edge, all of it.
            top = y0 + (SEAM_PX // 2 if y0 else 0)
            left = x0 + (SEAM_PX // 2 if x0 else 0)
            part = tile[top - y0 :, left - x0 :]
            whole[top:y1, left:x1] = part
    return whole


def _look(network: Network, tile: Pixels) -> NDArray[np.float32]:
    """The tile's map, and in it those of the words that stand alone in it."""
    whole = _infer(network, tile)
    for cut in find_sparse_ink(tile, whole > BITMAP):
        x0, y0, x1, y1 = cut.pixels()
        part = whole[y0:y1, x0:x1]
        np.maximum(part, _infer(network, tile[y0:y1, x0:x1]), out=part)
    return whole


def _spans(length: int) -> list[tuple[int, int]]:
    if length <= TILE_PX:
        return [(0, length)]
    count = int(np.ceil((length - SEAM_PX) / (TILE_PX - SEAM_PX)))
    step = (length - SEAM_PX) / count
    return [(round(i * step), min(length, round((i + 1) * step) + SEAM_PX)) for i in range(count)]


def _infer(network: Network, tile: Pixels) -> NDArray[np.float32]:
    h, w = tile.shape[:2]
    padded = np.full((-(-h // STRIDE) * STRIDE, -(-w // STRIDE) * STRIDE, 3), 255, np.uint8)
    padded[:h, :w] = tile
    batch = (padded[None, :, :, ::-1].astype(np.float32) / 127.5 - 1.0).transpose(0, 3, 1, 2)
    return network(np.ascontiguousarray(batch))[0, 0, :h, :w]


def _draw_boxes(probability: NDArray[np.float32], sx: float, sy: float) -> list[Region]:
    bitmap = (probability > BITMAP).astype(np.uint8)
    bitmap = np.asarray(cv2.dilate(bitmap, np.ones((2, 2), np.uint8)), dtype=np.uint8)
    contours, _ = cv2.findContours(bitmap, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    regions = []
    for contour in contours:
        (cx, cy), (a, b), angle = cv2.minAreaRect(contour)
        if min(a, b) < MIN_SIDE_PX:
            continue
        score = _mean_inside(probability, np.asarray(cv2.boxPoints(((cx, cy), (a, b), angle)), dtype=np.float32))
        if score < REGION:
            continue
        offset = a * b * UNCLIP / (2 * (a + b))
        corners = cv2.boxPoints(((cx, cy), (a + 2 * offset, b + 2 * offset), angle)).astype(np.float64)
        corners *= (sx, sy)
        regions.append(Region(Quad.from_array(_order_as_seen(corners)), score))
    return regions


def _mean_inside(probability: NDArray[np.float32], corners: NDArray[np.float32]) -> float:
    h, w = probability.shape
    x0, y0 = np.clip(np.floor(corners.min(0)).astype(int), 0, (w - 1, h - 1))
    x1, y1 = np.clip(np.ceil(corners.max(0)).astype(int), 0, (w - 1, h - 1))
    mask = np.zeros((y1 - y0 + 1, x1 - x0 + 1), np.uint8)
    cv2.fillPoly(mask, [np.round(corners - (x0, y0)).astype(np.int32)], 1)
    return float(cv2.mean(probability[y0 : y1 + 1, x0 : x1 + 1], mask)[0])


def _order_as_seen(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """Corners of a rectangle as TL, TR, BR, BL: the top edge is the one whose normal points up most."""
    centre = corners.mean(0)
    angles = np.arctan2(corners[:, 1] - centre[1], corners[:, 0] - centre[0])
    around = corners[np.argsort(angles)]  # clockwise as seen, since y points down
    edges = [(around[i] + around[(i + 1) % 4]) / 2 - centre for i in range(4)]
    lengths = [np.hypot(*e) or 1.0 for e in edges]
    top = int(np.argmin([e[1] / n for e, n in zip(edges, lengths, strict=True)]))
    return np.roll(around, -top, axis=0)

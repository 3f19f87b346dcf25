"""Pages of which a part lies outside the picture, and a page that is a small part of it."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from redact.geometry import ROTATIONS, Quad, turn_points
from redact.samples.defaced import LINE_PER_EM, Defaced, NoPlace, em_of, inside, lost_under, upload
from redact.samples.desk import cast_shadow, draw_desk
from redact.values import Pixels

# Characters that the outermost line loses where the cut runs across lines.
_CHARACTERS_LOST = (0.5, 1.2, 2.4, 4.5, 8.0)
# Share of a character's height that a line loses where the cut runs along it; from the fourth on, whole lines as well.
_HEIGHT_LOST = (0.3, 0.45, 0.6, 0.4, 0.55)
_WHOLE_LINES_LOST = (0, 0, 0, 1, 3)
# How far the corner lies outside, in the sheet's shorter side.
_CORNER_OUTSIDE = (0.05, 0.07, 0.1, 0.14, 0.2)
# The sheet's longer side in the picture's.
_FILL = (0.66, 0.57, 0.49, 0.42, 0.35)
_LONGEST_PX = 4600.0


def draw_cut(pixels: Pixels, quads: Sequence[Quad], strength: int, rng: np.random.Generator) -> Defaced:
    """Cropped through text at one of the four sides."""
    for turn in rng.permutation(4):
        turned, lines = _turned(pixels, quads, int(turn))
        at = _cut_at(lines, strength, rng)
        if at is not None and 0.05 * turned.shape[1] < at < 0.6 * turned.shape[1]:
            return _cropped_left(turned, lines, at, int(turn))
    raise NoPlace("no line to cut")


def _cut_at(lines: Sequence[Quad], strength: int, rng: np.random.Generator) -> int | None:
    """The x left of which all is lost. Lines that run along x lose characters, lines that run along y a part of their height."""
    em = em_of(lines)
    lines = sorted((q for q in lines if q.length >= 4 * q.thickness), key=lambda q: q.box.x0)
    if not lines:
        return None
    across = [q for q in lines if q.box.width > q.box.height]
    if len(across) * 2 >= len(lines):
        return round(across[0].box.x0 + 0.15 * em + (_CHARACTERS_LOST[strength - 1] + rng.uniform(-0.2, 0.2)) * em)
    skip = _WHOLE_LINES_LOST[strength - 1]
    if len(lines) <= skip + 2:
        return None
    target = lines[skip]
    middle = target.array()[:, 0].mean()
    high = target.thickness / LINE_PER_EM
    return round(float(middle) + (_HEIGHT_LOST[strength - 1] - 0.5) * high)


def draw_frame_cut(pixels: Pixels, quads: Sequence[Quad], strength: int, rng: np.random.Generator) -> Defaced:
    """Cropped between the text and the outermost rule of a table or a certificate's frame: the rule is lost."""
    for turn in rng.permutation(4):
        turned, lines = _turned(pixels, quads, int(turn))
        em = em_of(lines)
        text = min(q.box.x0 for q in lines)
        rules = _rules_left_of(turned, text - 0.3 * em, em)
        if len(rules) and text - rules.max() > 0.6 * em:
            room = text - 0.3 * em - rules.max()
            at = round(rules.max() + 0.15 * em + (room - 0.15 * em) * (strength - 1) / 4 * 0.8)
            return _cropped_left(turned, lines, at, int(turn))
    raise NoPlace("no frame to cut")


def _rules_left_of(pixels: Pixels, limit: float, em: float) -> NDArray[np.float64]:
    """The largest x of each long rule that stands left of ``limit``."""
    if limit < 8:
        return np.zeros(0)
    grey = cv2.cvtColor(pixels[:, : int(limit)], cv2.COLOR_RGB2GRAY)
    ink = cv2.subtract(cv2.morphologyEx(grey, cv2.MORPH_CLOSE, np.ones((1, max(3, round(0.5 * em))), np.uint8)), grey)
    length = pixels.shape[0] * 0.3
    found = cv2.HoughLinesP(
        (ink > 30).astype(np.uint8) * 255, 1, np.pi / 360, 80, minLineLength=length, maxLineGap=round(0.3 * em)
    )
    if found is None:
        return np.zeros(0)
    ends = found.reshape(-1, 4).astype(np.float64)
    upright = np.abs(ends[:, 0] - ends[:, 2]) < 0.09 * np.abs(ends[:, 1] - ends[:, 3])
    return np.asarray(ends[upright][:, [0, 2]].max(1))


def draw_corner_outside(pixels: Pixels, quads: Sequence[Quad], strength: int, rng: np.random.Generator) -> Defaced:
    """The flat page on a desk, askew, one of its corners outside the picture."""
    height, width = pixels.shape[:2]
    tilt = float(rng.uniform(3, 11) * rng.choice((-1, 1)))
    wide, high = width * rng.uniform(1.18, 1.35), height * rng.uniform(1.18, 1.35)
    placed = place_sheet(width, height, 1.0, tilt, rng)
    corner = int(rng.integers(4))
    out = _CORNER_OUTSIDE[strength - 1] * min(width, height)
    aim = np.array([(-out, -out), (wide + out, -out), (wide + out, high + out), (-out, high + out)][corner])
    if rng.random() < 0.6:  # over one side only
        axis = int(rng.integers(2))
        aim[axis] = placed[corner, axis] - placed[:, axis].mean() + (wide, high)[axis] / 2
    return put_on_desk(pixels, quads, placed + (aim - placed[corner]), round(wide), round(high), rng)


def draw_small_in_photo(pixels: Pixels, quads: Sequence[Quad], strength: int, rng: np.random.Generator) -> Defaced:
    """The flat page as a small part of a photo of a desk."""
    height, width = pixels.shape[:2]
    fill = _FILL[strength - 1] * rng.uniform(0.95, 1.05)
    scale = min(1.0, _LONGEST_PX * fill / max(height, width))
    placed = place_sheet(width, height, scale, float(rng.normal(0, 4)), rng)
    long = max(height, width) * scale / fill
    wide, high = (long * 0.75, long) if rng.random() < 0.5 else (long, long * 0.75)
    low, top = placed.min(0), placed.max(0)
    wide, high = max(wide, (top - low)[0] * 1.15), max(high, (top - low)[1] * 1.15)
    room = np.array([wide, high]) - (top - low)
    return put_on_desk(pixels, quads, placed - low + room * rng.uniform(0.1, 0.9, 2), round(wide), round(high), rng)


def place_sheet(width: int, height: int, scale: float, tilt_deg: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """The sheet's corners TL TR BR BL about the origin, tilted, one edge a little farther away."""
    corners = (np.array([[0, 0], [width, 0], [width, height], [0, height]]) - [width / 2, height / 2]) * scale
    turn = np.deg2rad(tilt_deg)
    placed = corners @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    far = rng.uniform(0, 0.05, 4)[:, None]
    return np.asarray(placed * (1 - far))


def put_on_desk(
    pixels: Pixels, quads: Sequence[Quad], placed: NDArray[np.float64], wide: int, high: int, rng: np.random.Generator
) -> Defaced:
    """A photo of ``wide`` x ``high`` pixels of the sheet on a desk, its corners TL TR BR BL at ``placed`` ((4, 2) x, y)."""
    height, width = pixels.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(corners, placed.astype(np.float32))
    desk = draw_desk(wide, high, rng)
    outline = placed.round().astype(np.int32)
    cast_shadow(desk, outline, rng)
    mask = np.zeros((high, wide), np.uint8)
    cv2.fillConvexPoly(mask, outline, 255, cv2.LINE_AA)
    page = cv2.warpPerspective(pixels, matrix, (wide, high), flags=cv2.INTER_AREA)
    slope = np.linspace(1.0, rng.uniform(0.75, 0.95), wide, dtype=np.float32)[None, :: int(rng.choice((-1, 1)))]
    photo = np.where(mask[..., None] > 127, page, desk).astype(np.float32) * slope[..., None]
    made = np.asarray(cv2.GaussianBlur(photo.astype(np.uint8), (0, 0), 0.6), np.uint8)
    moved = [Quad.from_array(cv2.perspectiveTransform(q.array()[None], matrix)[0]) for q in quads]
    return Defaced(upload(made, rng), inside(moved, wide, high))


def _cropped_left(pixels: Pixels, lines: Sequence[Quad], at: int, turn: int) -> Defaced:
    """Without what stands left of ``at``; then turned back."""
    height, width = pixels.shape[:2]
    mask = np.zeros((height, width), np.uint8)
    mask[:, :at] = 255
    hit, amount = lost_under(mask, lines)
    kept = np.ascontiguousarray(pixels[:, at:])
    moved = [Quad.from_array(q.array() - (at, 0)) for q in lines]
    back, quads = _turned(kept, inside(moved, width - at, height), -turn)
    # What was hit lies outside now: the place is where the line meets the border.
    places = [Quad.from_box(box).array() - (at, 0) for box in hit]
    boxes = tuple(
        q.box.grown(1).clipped(back.shape[1], back.shape[0])
        for q in _turned(kept, [Quad.from_array(p.clip((0, 0), (width - at, height))) for p in places], -turn)[1]
    )
    return Defaced(back, tuple(quads), boxes, amount)


def _turned(pixels: Pixels, quads: Sequence[Quad], turn: int) -> tuple[Pixels, list[Quad]]:
    """Turned clockwise by ``turn`` quarters; quads keep their reading order."""
    height, width = pixels.shape[:2]
    rotation = ROTATIONS[turn % 4]
    lines = [Quad.from_array(turn_points(q.array(), rotation, width, height)) for q in quads]
    return np.ascontiguousarray(np.rot90(pixels, -turn)), lines

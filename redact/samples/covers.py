"""Things that lie over text - a finger, a pen, a slip, a coin, a clip - and light that washes it out."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from redact.geometry import Quad
from redact.samples.defaced import LINE_PER_EM, Defaced, NoPlace, choose_line, em_of, is_grey, lost_under, upload
from redact.values import Pixels

_Generator = np.random.Generator
_Map = NDArray[np.float32]

# Characters of the line aimed at that are covered; with neighbouring lines it comes to more.
_CHARACTERS = (2.0, 3.0, 4.5, 7.0, 11.0)
_GLARE_EMS = (1.6, 2.4, 3.6, 5.5, 8.0)
_SKINS = ((224, 172, 140), (206, 150, 118), (236, 190, 164), (186, 128, 98), (160, 106, 80))
_SLIPS = ((250, 230, 110), (246, 170, 190), (160, 214, 240), (176, 226, 150), (196, 160, 112), (206, 208, 210))
_PENS = ((28, 28, 32), (30, 60, 150), (176, 30, 36), (150, 154, 160), (46, 110, 70))
_METALS = ((176, 176, 180), (196, 164, 92), (150, 150, 154))


def draw_finger(pixels: Pixels, quads: Sequence[Quad], strength: int, rng: _Generator) -> Defaced:
    """A fingertip that holds the page and reaches over text, from the side where the line ends or across the lines."""

    def attempt(line: Quad, em: float) -> tuple[Pixels, NDArray[np.uint8]]:
        reach = _CHARACTERS[strength - 1] * em
        r = em * rng.uniform(1.6, 2.3)
        axis, start, end = _axis(line)
        if _room(end, axis, pixels) > _room(start, -axis, pixels):
            start, end, axis = end, start, -axis
        # The finger's tip points against the axis, into the line.
        angle = np.deg2rad(rng.uniform(-25, 25))
        way = _rotated(-axis, angle)
        tip = end - axis * (reach - r)
        return _lay(pixels, _finger(pixels, tip, way, r, rng), rng)

    return _until_covered(pixels, quads, strength, rng, attempt)


def draw_object(pixels: Pixels, quads: Sequence[Quad], strength: int, rng: _Generator) -> Defaced:
    """A pen, a slip of paper, a coin or a clip on the text."""

    def attempt(line: Quad, em: float) -> tuple[Pixels, NDArray[np.uint8]]:
        reach = _CHARACTERS[strength - 1] * em
        axis, start, end = _axis(line)
        length = float(np.linalg.norm(end - start))
        at = start + axis * rng.uniform(min(reach, length / 2), max(length - reach / 2, length / 2 + 1))
        makers: list[Callable[[], tuple[_Map, _Map]]] = [
            lambda: _slip(pixels, at, axis, reach, em, rng),
            lambda: _slip(pixels, at, axis, reach, em, rng),
            lambda: _pen(pixels, at, axis, em, rng),
            lambda: _clip(pixels, end - axis * reach / 2, axis, reach, em, rng),
        ]
        if reach > 4 * em:
            makers.append(lambda: _coin(pixels, at, em * rng.uniform(2.4, 3.2), rng))
        return _lay(pixels, makers[int(rng.integers(len(makers)))](), rng)

    return _until_covered(pixels, quads, strength, rng, attempt)


def draw_glare(pixels: Pixels, quads: Sequence[Quad], strength: int, rng: _Generator) -> Defaced:
    """A lamp's reflection over text: a soft ellipse in which paper and ink both reach white."""
    half = _GLARE_EMS[strength - 1]
    for _ in range(20):
        line = choose_line(quads, half + 2, rng)
        em = line.thickness / LINE_PER_EM
        _, start, end = _axis(line)
        middle = start + (end - start) * rng.uniform(0.15, 0.85)
        made, lost = shine(pixels, (float(middle[0]), float(middle[1])), half * em, rng)
        hit, amount = lost_under(lost, quads)
        if amount >= 1.5:
            return Defaced(upload(made, rng), tuple(quads), hit, amount)
    raise NoPlace("no text under the light")


def shine(pixels: Pixels, middle: tuple[float, float], radius: float, rng: _Generator) -> tuple[Pixels, NDArray[np.uint8]]:
    """A highlight of about ``radius`` pixels at ``middle`` (x, y); and where all is lost in it, (H, W) uint8 0/255."""
    height, width = pixels.shape[:2]
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    turn = rng.uniform(0, math.pi)
    dx, dy = xs - middle[0], ys - middle[1]
    u = (dx * math.cos(turn) + dy * math.sin(turn)) / radius
    v = (dy * math.cos(turn) - dx * math.sin(turn)) / (radius * rng.uniform(0.6, 1.0))
    far = np.sqrt(u * u + v * v)
    # 1 up to the radius, then falling off over about half of it.
    light = 1 / (1 + np.exp(((far - 1.12) * rng.uniform(4.5, 13)).clip(-30, 30)))
    added = light * rng.uniform(280, 400)
    tint = np.array([1.0, rng.uniform(0.97, 1.0), rng.uniform(0.94, 1.0)], np.float32)
    made = np.clip(pixels.astype(np.float32) + added[..., None] * tint, 0, 255).astype(np.uint8)
    return made, np.where(added > 215, np.uint8(255), np.uint8(0))


def draw_margin_finger(pixels: Pixels, quads: Sequence[Quad], rng: _Generator) -> Defaced:
    """A finger that holds a blank margin: nothing is lost.

    Raises:
        NoPlace: no margin is wide enough.
    """
    height, width = pixels.shape[:2]
    em = em_of(quads)
    for _ in range(60):
        side = int(rng.integers(4))
        along = rng.uniform(0.15, 0.85)
        at, way = (
            (np.array([0.0, along * height]), np.array([1.0, 0.0])),
            (np.array([float(width), along * height]), np.array([-1.0, 0.0])),
            (np.array([along * width, 0.0]), np.array([0.0, 1.0])),
            (np.array([along * width, float(height)]), np.array([0.0, -1.0])),
        )[side]
        r = em * rng.uniform(1.4, 2.0)
        colour, alpha = _finger(pixels, at + way * em * rng.uniform(0.3, 2.5), way, r, rng)
        near = cv2.dilate((alpha > 0.02).astype(np.uint8) * 255, np.ones((3, 3), np.uint8), iterations=max(1, round(0.5 * em)))
        if lost_under(np.asarray(near, np.uint8), _thick(quads))[1] == 0 and (alpha > 0.5).sum() > 4 * em * em:
            return Defaced(upload(_lay(pixels, (colour, alpha), rng)[0], rng), tuple(quads))
    raise NoPlace("no blank margin")


def _thick(quads: Sequence[Quad]) -> list[Quad]:
    """Each line three times, at its upper edge, middle and lower edge, so that nothing beside its axis is missed."""
    made = list(quads)
    for q in quads:
        a, b, c, d = q.array()
        down = (d - a + c - b) / 4
        made += [Quad.from_array(q.array() + down), Quad.from_array(q.array() - down)]
    return made


def _until_covered(
    pixels: Pixels,
    quads: Sequence[Quad],
    strength: int,
    rng: _Generator,
    attempt: Callable[[Quad, float], tuple[Pixels, NDArray[np.uint8]]],
) -> Defaced:
    for _ in range(20):
        line = choose_line(quads, _CHARACTERS[strength - 1] + 2, rng)
        made, mask = attempt(line, line.thickness / LINE_PER_EM)
        hit, amount = lost_under(mask, quads)
        if amount >= min(2.0, _CHARACTERS[strength - 1] * 0.8):
            return Defaced(upload(made, rng), tuple(quads), hit, amount)
    raise NoPlace("nothing would be covered")


def _lay(pixels: Pixels, thing: tuple[_Map, _Map], rng: _Generator) -> tuple[Pixels, NDArray[np.uint8]]:
    """``thing``: (H, W, 3) colour and (H, W) alpha 0..1, laid on the page with its shadow."""
    colour, alpha = thing
    em = max(3.0, pixels.shape[1] / 200)
    away = rng.uniform(0.1, 0.7, 2) * em * rng.choice((-1, 1), 2)
    moved = cv2.warpAffine(alpha, np.array([[1, 0, away[0]], [0, 1, away[1]]]), (alpha.shape[1], alpha.shape[0]))
    shadow = 1 - cv2.GaussianBlur(moved, (0, 0), rng.uniform(0.25, 0.8) * em) * rng.uniform(0.15, 0.45)
    under = pixels.astype(np.float32) * shadow[..., None]
    if is_grey(pixels):
        colour = np.repeat(colour.mean(2, keepdims=True), 3, 2)
    made = under * (1 - alpha[..., None]) + colour * alpha[..., None]
    made += rng.normal(0, 1.5, made.shape[:2]).astype(np.float32)[..., None]
    return made.clip(0, 255).astype(np.uint8), (alpha > 0.5).astype(np.uint8) * np.uint8(255)


def _finger(pixels: Pixels, tip: NDArray[np.float64], way: NDArray[np.float64], r: float, rng: _Generator) -> tuple[_Map, _Map]:
    """Round tip about ``tip``, pointing along ``way``; the rest runs back out of the picture."""
    u, v = _local(pixels, tip, way)
    back = np.maximum(-u, 0)
    half = r * (1 + 0.06 * np.minimum(back / r, 6))
    across = np.where(u > 0, np.hypot(u * 0.92, v), np.abs(v)) / half
    alpha = ((1 - across) * half + 0.5).clip(0, 1)
    round_ = np.sqrt((1 - across**2).clip(0, 1))
    base = np.array(_SKINS[int(rng.integers(len(_SKINS)))], np.float32) * rng.uniform(0.75, 1.0)
    lines = 1 - 0.10 * np.exp(-(((back - 2.6 * r) / (0.10 * r)) ** 2)) - 0.08 * np.exp(-(((back - 2.9 * r) / (0.08 * r)) ** 2))
    shade = (0.55 + 0.45 * round_) * lines
    colour = base[None, None] * shade[..., None] * np.stack([np.ones_like(shade), shade**0.15, shade**0.25], -1)
    if rng.random() < 0.6:
        nail = (((u - 0.05 * r) / (0.75 * r)) ** 2 + (v / (0.62 * r)) ** 2) < 1
        colour[nail] = colour[nail] * 0.55 + np.array([238, 196, 186], np.float32) * 0.42
    grain = cv2.resize(rng.normal(0, 1, (160, 160)).astype(np.float32), (u.shape[1], u.shape[0]), interpolation=cv2.INTER_CUBIC)
    return np.asarray(colour + grain[..., None] * 2.5, np.float32), np.asarray(alpha, np.float32)


def _slip(
    pixels: Pixels, at: NDArray[np.float64], axis: NDArray[np.float64], reach: float, em: float, rng: _Generator
) -> tuple[_Map, _Map]:
    u, v = _local(pixels, at, _rotated(axis, np.deg2rad(rng.uniform(-20, 20))))
    half_v = max(0.8 * em, min(reach * rng.uniform(0.3, 0.7), 5 * em))
    out = np.maximum(np.abs(u) - reach / 2, np.abs(v) - half_v)
    colour = np.array(_SLIPS[int(rng.integers(len(_SLIPS)))], np.float32) * rng.uniform(0.85, 1.0)
    sheen = 1 + 0.06 * u / reach
    return _coloured(colour, sheen), np.asarray((0.5 - out).clip(0, 1), np.float32)


def _clip(
    pixels: Pixels, at: NDArray[np.float64], axis: NDArray[np.float64], reach: float, em: float, rng: _Generator
) -> tuple[_Map, _Map]:
    """A binder clip: a dark body with a bright edge."""
    u, v = _local(pixels, at, axis)
    half_v = em * rng.uniform(1.5, 3.0)
    out = np.maximum(np.abs(u) - reach / 2, np.abs(v) - half_v * (1 - 0.12 * u / reach))
    colour = np.array((36, 36, 40), np.float32) * rng.uniform(0.7, 2.4)
    gleam = 1 + 1.2 * np.exp(-(((v + half_v * 0.3) / (0.2 * em)) ** 2))
    return _coloured(colour, gleam), np.asarray((0.5 - out).clip(0, 1), np.float32)


def _pen(pixels: Pixels, at: NDArray[np.float64], axis: NDArray[np.float64], em: float, rng: _Generator) -> tuple[_Map, _Map]:
    u, v = _local(pixels, at, _rotated(axis, np.deg2rad(rng.uniform(25, 155))))
    r, half = em * rng.uniform(0.95, 1.3), em * rng.uniform(9, 16)
    tip = half * rng.uniform(0.8, 0.9)
    width = r * np.where(u > tip, ((half - u) / (half - tip)).clip(0.05, 1), 1.0)
    out = np.maximum(np.abs(v) - width, np.abs(u) - half)
    across = (v / r).clip(-1, 1)
    light = 0.5 + 0.5 * np.sqrt(1 - across**2) + 0.9 * np.exp(-(((across + 0.4) / 0.12) ** 2))
    colour = np.array(_PENS[int(rng.integers(len(_PENS)))], np.float32)
    return _coloured(colour, light), np.asarray((0.5 - out).clip(0, 1), np.float32)


def _coin(pixels: Pixels, at: NDArray[np.float64], r: float, rng: _Generator) -> tuple[_Map, _Map]:
    u, v = _local(pixels, at, np.array([1.0, 0.0]))
    far = np.hypot(u, v)
    relief = cv2.resize(rng.normal(0, 1, (60, 60)).astype(np.float32), (u.shape[1], u.shape[0]), interpolation=cv2.INTER_CUBIC)
    rim = np.where(np.abs(far - 0.9 * r) < 0.05 * r, 1.2, 1.0)
    colour = np.array(_METALS[int(rng.integers(len(_METALS)))], np.float32)
    light = (0.85 + 0.2 * (u + v) / r + 0.06 * relief) * rim
    return _coloured(colour, light), np.asarray((r - far + 0.5).clip(0, 1), np.float32)


def _coloured(colour: NDArray[np.float32], light: NDArray[np.floating]) -> _Map:
    return np.asarray((colour[None, None] * light[..., None]).clip(0, 255), np.float32)


def _local(pixels: Pixels, at: NDArray[np.float64], way: NDArray[np.float64]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Each pixel's place from ``at``: along ``way``, and across it."""
    ys, xs = np.mgrid[0 : pixels.shape[0], 0 : pixels.shape[1]].astype(np.float32)
    xs, ys = xs - np.float32(at[0]), ys - np.float32(at[1])
    x, y = np.float32(way[0]), np.float32(way[1])
    return xs * x + ys * y, ys * x - xs * y


def _axis(line: Quad) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Unit direction of the line, and the middles of its two ends."""
    a, b, c, d = line.array()
    start, end = (a + d) / 2, (b + c) / 2
    return (end - start) / max(float(np.linalg.norm(end - start)), 1e-6), start, end


def _room(at: NDArray[np.float64], way: NDArray[np.float64], pixels: Pixels) -> float:
    """Distance from a point to the picture's border along the stronger axis of ``way``."""
    i = int(np.argmax(np.abs(way)))
    size = float((pixels.shape[1], pixels.shape[0])[i])
    return float(size - at[i] if way[i] > 0 else at[i])


def _rotated(way: NDArray[np.float64], angle: float) -> NDArray[np.float64]:
    c, s = math.cos(angle), math.sin(angle)
    return np.array([way[0] * c - way[1] * s, way[0] * s + way[1] * c])

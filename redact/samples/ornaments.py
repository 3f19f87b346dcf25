"""What documents carry besides text: seals, signatures, portraits, guilloche, frames. All drawn; nothing real
is shown.
"""

from __future__ import annotations

import math
from random import Random

import cv2
import numpy as np
from numpy.typing import NDArray

from redact.samples.faces import Face
from redact.samples.markup import parse
from redact.samples.sheet import RED, Colour, Sheet, Type, tight

SEAL_RED: Colour = (206, 38, 44)


def draw_round_seal(
    sheet: Sheet, cx: float, cy: float, text: str, *, diameter_mm: float = 40.0, foot: str = "", opacity: float = 0.8
) -> None:
    """A company's round seal: ring, star, the name along the arc, a line below."""
    d = round(sheet.mm(diameter_mm))
    face = sheet.faces.pick("song", sheet.rng)
    ink = np.zeros((d, d), np.uint8)
    r = d / 2
    cv2.circle(ink, (d // 2, d // 2), round(r - d * 0.02), 255, max(2, round(d * 0.028)), cv2.LINE_AA)
    tips = [
        (r + r * k * math.sin(a), r - r * k * math.cos(a))
        for i in range(10)
        for a, k in [(math.pi * i / 5, 0.27 if i % 2 == 0 else 0.105)]
    ]
    cv2.fillPoly(ink, [np.round(np.array(tips)).astype(np.int32)], 255, cv2.LINE_AA)
    size = min(d * 0.135, d * 2.1 / max(len(text), 8))
    spread = min(math.radians(250), len(text) * size * 1.18 / (r * 0.72))
    for i, ch in enumerate(text):
        angle = (i / max(1, len(text) - 1) - 0.5) * spread
        _put_turned(ink, face, ch, size, r + r * 0.74 * math.sin(angle), r - r * 0.74 * math.cos(angle), math.degrees(angle))
    if foot:
        small = d * 0.09
        x = r - len(foot) * small / 2 + small / 2
        for ch in foot:
            _put_turned(ink, face, ch, small, x, r * 1.55, 0.0)
            x += small
    ink = worn(ink, sheet.rng, sheet.rng.uniform(0.05, 0.4))
    turn = cv2.getRotationMatrix2D((r, r), sheet.rng.uniform(-12, 12), 1.0)
    ink = np.asarray(cv2.warpAffine(ink, turn, (d, d)), np.uint8)
    sheet.stamp(ink, round(cx - r), round(cy - r), SEAL_RED, opacity)


def _put_turned(ink: NDArray[np.uint8], face: Face, ch: str, size: float, cx: float, cy: float, angle_deg: float) -> None:
    glyph = face.glyph(ch, size)
    if not glyph.ink.size:
        return
    side = int(size * 1.7)
    turn = cv2.getRotationMatrix2D((glyph.advance / 2 - glyph.dx, size / 2 - glyph.dy), -angle_deg, 1.0)
    turn[:, 2] += np.array([side / 2 - (glyph.advance / 2 - glyph.dx), side / 2 - (size / 2 - glyph.dy)])
    patch = np.asarray(cv2.warpAffine(glyph.ink, turn, (side, side)), np.uint8)
    x, y = round(cx - side / 2), round(cy - side / 2)
    x0, y0, x1, y1 = max(x, 0), max(y, 0), min(x + side, ink.shape[1]), min(y + side, ink.shape[0])
    if x0 < x1 and y0 < y1:
        np.maximum(ink[y0:y1, x0:x1], patch[y0 - y : y1 - y, x0 - x : x1 - x], out=ink[y0:y1, x0:x1])


def worn(ink: NDArray[np.uint8], rng: Random, much: float) -> NDArray[np.uint8]:
    """Ink that did not take everywhere: blotches of less; ``much`` 0..1."""
    h, w = ink.shape
    noise = np.random.default_rng(rng.getrandbits(32)).random((max(2, h // 9), max(2, w // 9)), np.float32)
    blotch = cv2.resize(noise, (w, h), interpolation=cv2.INTER_CUBIC)
    return np.asarray(ink * np.clip(1 - much * np.clip(blotch * 1.6 - 0.5, 0, 1), 0, 1), np.uint8)


def draw_name_seal(sheet: Sheet, x: float, y: float, name: str, *, side_mm: float = 14.0, carved: bool = False) -> None:
    """A private seal, red, read down the right column and then down the left: 2 x 2 with 印 or 之印 after a short name.

    ``name``: marked where it is the applicant's. ``carved``: white characters on red.
    """
    tokens = parse(name)
    while len(tokens) < 4:
        tokens += parse({3: "印", 2: "之"}[len(tokens)] if len(tokens) in (2, 3) else "印")
    rows = (len(tokens) + 1) // 2
    side = round(sheet.mm(side_mm))
    face = sheet.faces.pick("song", sheet.rng, "".join(t.ch for t in tokens)).bent(weight=1)
    ground = np.full((side, side), 255 if carved else 0, np.uint8)
    if not carved:
        cv2.rectangle(ground, (1, 1), (side - 2, side - 2), 255, max(2, side // 24))
    ink, bare = ground.copy(), ground.copy()
    pad = side * 0.1
    cell_w, cell_h = (side - 2 * pad) / 2, (side - 2 * pad) / rows
    size = min(cell_w, cell_h) * 0.97
    placed = []
    for i, token in enumerate(tokens):
        cx = side - pad - cell_w / 2 if i < rows else pad + cell_w / 2
        cy = pad + (i % rows + 0.5) * cell_h
        layer = np.zeros_like(ink)
        _put_turned(layer, face, token.ch, size, cx, cy, 0.0)
        if token.name is not None:
            placed.append((token, tight(layer, round(x), round(y)), i == 0 or i == rows, cell_w))
        for target in (ink,) if token.name is not None else (ink, bare):
            np.copyto(target, 255 - layer if carved else layer, where=layer > 24)
    for token, quad, first, em in placed:
        sheet.note(token, quad, em, new_piece=first)
    seed = sheet.rng.getrandbits(32)
    worn_ink = worn(bare if sheet.hidden else ink, Random(seed), 0.25)
    sheet.stamp(worn_ink, round(x), round(y), SEAL_RED, 0.88)


def draw_copy_stamp(sheet: Sheet, x: float, y: float, checker: str, day: str, colour: Colour) -> None:
    """The rubber stamp 此件与原件核对一致, with who checked it and when by hand."""
    w, h = sheet.mm(44), sheet.mm(19)
    style = Type(sheet.faces.pick("hei", sheet.rng), 11, colour)
    sheet.rect(x, y, x + w, y + h, 3, colour)
    sheet.text(x + w / 2, y + h * 0.1, "此件与原件核对一致", style, "centre")
    small = Type(style.face, 8, colour)
    hand = Type(sheet.faces.pick("hand", sheet.rng, checker), 11, (30, 34, 80), jitter=0.3)
    sheet.text(x + w * 0.05, y + h * 0.43, "核对人：", small)
    sheet.text(x + w * 0.36, y + h * 0.37, checker, hand)
    sheet.text(x + w * 0.05, y + h * 0.72, f"日期：{day}", small)


def draw_portrait(
    sheet: Sheet, x: float, y: float, w: float, h: float, *, ground: Colour = (230, 238, 246), woman: bool = False
) -> None:
    """Head and shoulders of nobody."""
    rng = sheet.rng
    W, H = round(w), round(h)
    k = 2
    art = np.full((H * k, W * k, 3), ground, np.uint8)
    cx, skin = W * k / 2, (232 - rng.randrange(20), 196 - rng.randrange(20), 172 - rng.randrange(20))
    hair, cloth = (36, 30, 30), rng.choice([(40, 46, 66), (80, 40, 44), (60, 64, 70), (240, 240, 240), (38, 70, 96)])

    def oval(x: float, y: float, a: float, b: float, colour: Colour, start: int = 0, end: int = 360) -> None:
        cv2.ellipse(art, (round(x), round(y)), (round(a), round(b)), 0, start, end, colour, -1, cv2.LINE_AA)

    u = W * k
    if woman:
        oval(cx, H * k * 0.45, u * 0.31, H * k * 0.33, hair)
    oval(cx, H * k * 1.02, u * 0.46, H * k * 0.26, cloth)
    cv2.rectangle(art, (round(cx - u * 0.09), round(H * k * 0.58)), (round(cx + u * 0.09), round(H * k * 0.8)), skin, -1)
    oval(cx, H * k * 0.8, u * 0.1, H * k * 0.05, skin)
    oval(cx, H * k * 0.40, u * 0.245, H * k * 0.27, hair)
    oval(cx, H * k * 0.45, u * 0.22, H * k * 0.235, skin)
    oval(cx, H * k * 0.27, u * 0.22, H * k * 0.09, hair)
    for side in (-1, 1):
        oval(cx + side * u * 0.085, H * k * 0.43, u * 0.03, H * k * 0.012, (50, 36, 34))
        cv2.line(
            art,
            (round(cx + side * u * 0.05), round(H * k * 0.395)),
            (round(cx + side * u * 0.125), round(H * k * 0.39)),
            hair,
            3 * k // 2,
        )
    cv2.line(art, (round(cx), round(H * k * 0.45)), (round(cx - u * 0.012), round(H * k * 0.51)), (200, 158, 138), k)
    cv2.ellipse(art, (round(cx), round(H * k * 0.565)), (round(u * 0.055), round(H * k * 0.012)), 0, 0, 180, (176, 96, 92), k)
    art = np.asarray(cv2.GaussianBlur(cv2.resize(art, (W, H), interpolation=cv2.INTER_AREA), (0, 0), max(0.4, W / 220)), np.uint8)
    x0, y0 = round(x), round(y)
    part = sheet.pixels[y0 : y0 + H, x0 : x0 + W]
    part[:] = art[: part.shape[0], : part.shape[1]]


def draw_guilloche(
    sheet: Sheet,
    x0: float,
    y0: float,
    x1: float,
    y1: float,
    colours: tuple[Colour, ...],
    *,
    lines: int = 26,
    opacity: float = 0.35,
) -> None:
    """Fine wavy lines over an area, as security printing has them."""
    w, h = round(x1 - x0), round(y1 - y0)
    xs = np.arange(0, w + 8, 6)
    for n, colour in enumerate(colours):
        ink = np.zeros((h, w), np.uint8)
        phase = sheet.rng.uniform(0, 6)
        for i in range(lines):
            middle = h * (i + 0.5) / lines
            ys = middle + h * 0.05 * np.sin(xs / w * (7 + 3 * n) + phase + i * 0.33) + h * 0.02 * np.sin(xs / w * 31 + i)
            cv2.polylines(ink, [np.stack([xs, ys], 1).round().astype(np.int32)], False, 255, 1, cv2.LINE_AA)
        sheet.blend(ink, round(x0), round(y0), colour, opacity)


def draw_frame(sheet: Sheet, margin_mm: float, colour: Colour = (176, 138, 70)) -> None:
    """A certificate's border: two rules with a chain of diamonds between them, corners set off."""
    m, g = sheet.mm(margin_mm), sheet.mm(4.5)
    w, h = sheet.width, sheet.height
    sheet.rect(m, m, w - m, h - m, 4, colour)
    sheet.rect(m + g, m + g, w - m - g, h - m - g, 2, colour)
    step = g * 0.9
    for edge, length, fixed in (
        ("h", w, m + g / 2),
        ("h", w, h - m - g / 2),
        ("v", h, m + g / 2),
        ("v", h, w - m - g / 2),
    ):
        n = int((length - 2 * m - 2 * g) / step)
        for i in range(n + 1):
            at = m + g + (length - 2 * m - 2 * g) * i / n
            cx, cy = (at, fixed) if edge == "h" else (fixed, at)
            d = g * 0.3
            diamond = np.array([[cx - d, cy], [cx, cy - d], [cx + d, cy], [cx, cy + d]]).round().astype(np.int32)
            cv2.polylines(sheet.pixels, [diamond], True, colour, 1, cv2.LINE_AA)


def sign(
    sheet: Sheet,
    x: float,
    y: float,
    name: str,
    *,
    size_pt: float = 22.0,
    wild: bool = False,
    colour: Colour = (28, 30, 52),
) -> float:
    """A signature; returns where it ends."""
    plain = "".join(t.ch for t in parse(name))
    face = sheet.faces.pick("wild" if wild else "hand", sheet.rng, plain)
    style = Type(face, size_pt, colour, spacing=-0.08 if wild else -0.02, jitter=0.45)
    return sheet.text(x, y, name, style)


def draw_star(sheet: Sheet, cx: float, cy: float, r: float, colour: Colour = RED) -> None:
    tips = [
        (cx + r * k * math.sin(a), cy - r * k * math.cos(a))
        for i in range(10)
        for a, k in [(math.pi * i / 5, 1.0 if i % 2 == 0 else 0.38)]
    ]
    cv2.fillPoly(sheet.pixels, [np.round(np.array(tips)).astype(np.int32)], colour, cv2.LINE_AA)

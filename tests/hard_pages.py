"""Pages that screening must let pass, though each looks a little like one that it rejects.

    draw_hard("red_cover", seed=3)                                        # (H, W, 3) uint8 RGB, upright
    draw_hard("margin_finger", seed=3, find_lines=find_lines)             # a finger that must know where text is

red_cover              gold print on red, flat or on a desk: dark, with hardly any text
id_card                one face of a card: cropped at its edges, with rounded corners, or on a desk
mostly_white           one or two lines on an empty sheet
landscape_table        a wide table with a coloured head, tinted rows and cells, flat or on a desk
landscape_certificate  a diploma, a degree or a training certificate
one_bit                black and white alone, with the black border of an open lid on some sides
margin_finger          a fingertip on a blank margin (needs ``find_lines``)
highlight_away         a lamp's reflection that touches no text (needs ``find_lines``)
photo                  a photograph of a site, without text
near_pictures          text beside and below pictures, as close as half a character
bright_half            a photographed page, over-exposed towards one side
hard_shadow            a shadow with a sharp edge across the text, the text in it still legible
light_grey             print some 60 levels below the paper
big_photo              a sheet on a desk in a photo of 12 megapixels, held as the sheet lies
vertical               columns read from the right: an honour, or a ruled letter

Documents are those of ``pages``, with its faces.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice

import cv2
import numpy as np
from hard_sheets import (
    BIG_PHOTO_PX,
    draw_column_letter,
    draw_id_card,
    draw_landscape_table,
    draw_light_grey,
    draw_mostly_white,
    draw_near_pictures,
    draw_photo,
    draw_red_cover,
    generator_of,
)
from numpy.typing import NDArray
from pages import Plan, case, plan

from redact.geometry import Quad
from redact.samples.covers import draw_margin_finger, shine
from redact.samples.crops import place_sheet, put_on_desk
from redact.samples.defaced import NoPlace, em_of, lost_under, upload
from redact.values import Pixels

FindLines = Callable[[Pixels], Sequence[Quad]]

# The pages of this corpus that a kind may pick from: other seeds are the tests' and the benchmark's own.
_CORPUS_SEED = 23
_CORPUS_PAGES = 10_000
# Pages to look at for one with a place for the finger or the highlight.
_TRIES = 40


def draw_hard(kind: str, seed: int, find_lines: FindLines | None = None) -> Pixels:
    """Draw one page of ``kind``; the same arguments give the same pixels. Seeds 0, 1, 2 … go through a kind's variants in turn.

    ``find_lines``: gives the quads of a page's text lines, about 1.3 times as high as the characters, as detection does;
    only the kinds in :data:`NEED_LINES` use it.

    Raises:
        KeyError: no such kind.
        ValueError: a kind that needs ``find_lines`` is drawn without it, or ``seed`` is negative.
        NoPlace: no page had a place for it.
    """
    return NEED_LINES[kind](seed, find_lines) if kind in NEED_LINES else HARD_KINDS[kind](seed)


def _draw_landscape_certificate(seed: int) -> Pixels:
    document = ("diploma", "degree", "training")[seed % 3]
    return next(_upright_pages(generator_of("landscape_certificate", seed), lambda p: p.document == document and p.grade < 4))


def _draw_one_bit(seed: int) -> Pixels:
    rng = generator_of("one_bit", seed)
    document = ("degree", "appointment", "assessment", "pledge")[seed % 4]
    page = next(_upright_pages(rng, lambda p: p.document == document and p.grade in (1, 2)))
    grey = cv2.cvtColor(page, cv2.COLOR_RGB2GRAY)
    ink = np.where(grey > max(100, np.percentile(grey, 60) * 0.72), np.uint8(255), np.uint8(0))
    wide = round(grey.shape[1] * (0.01 + 0.03 * (seed % 3)))
    sides = np.where(rng.random(4) < 0.6, wide, 0)
    sides[int(rng.integers(4))] = wide
    top, bottom, left, right = sides.tolist()
    framed = cv2.copyMakeBorder(ink, top, bottom, left, right, cv2.BORDER_CONSTANT, value=0)
    return np.asarray(cv2.cvtColor(framed, cv2.COLOR_GRAY2RGB), np.uint8)


def _draw_margin_finger(seed: int, find_lines: FindLines | None = None) -> Pixels:
    find = _needed(find_lines, "margin_finger")
    rng = generator_of("margin_finger", seed)
    # Grade 3 has a desk around the sheet, which would be held instead; a paper's columns and footers leave little margin.
    for page in islice(_upright_pages(rng, lambda p: p.document != "paper" and p.grade in (1, 2)), _TRIES):
        try:
            return draw_margin_finger(page, find(page), rng).pixels
        except NoPlace:
            continue
    raise NoPlace("no page has a blank margin")


def _draw_highlight_away(seed: int, find_lines: FindLines | None = None) -> Pixels:
    find = _needed(find_lines, "highlight_away")
    rng = generator_of("highlight_away", seed)
    for page in islice(_upright_pages(rng, lambda p: p.grade == 3), _TRIES):
        lines = find(page)
        if not lines:
            continue
        em = em_of(lines)
        for _ in range(20):
            at = (rng.uniform(0.1, 0.9) * page.shape[1], rng.uniform(0.1, 0.9) * page.shape[0])
            radius = em * rng.uniform(1.5, 5)
            core = np.zeros(page.shape[:2], np.uint8)
            cv2.circle(core, (round(at[0]), round(at[1])), round(radius), 255, -1)
            if lost_under(core, lines)[1]:  # most places: cheaper to tell than with the light itself
                continue
            lit = shine(page, at, radius, rng)[0]
            touched = (cv2.subtract(lit, page).max(2) > 25).astype(np.uint8) * np.uint8(255)
            near = cv2.dilate(touched, np.ones((3, 3), np.uint8), iterations=round(0.5 * em))
            if lost_under(np.asarray(near, np.uint8), lines)[1] == 0:
                return upload(lit, rng)
    raise NoPlace("no page has a place without text")


def _draw_bright_half(seed: int) -> Pixels:
    rng = generator_of("bright_half", seed)
    page = next(_upright_pages(rng, lambda p: p.grade == 3))
    height, width = page.shape[:2]
    light = np.linspace(1.0, 1.35, width, dtype=np.float32)[:: 1 if seed % 2 else -1]
    return upload(_lit(page, np.broadcast_to(light, (height, width))), rng)


def _draw_hard_shadow(seed: int) -> Pixels:
    rng = generator_of("hard_shadow", seed)
    page = next(_upright_pages(rng, lambda p: p.grade in (1, 2)))
    height, width = page.shape[:2]
    ys, xs = np.ogrid[0:height, 0:width]
    angle = rng.uniform(0, 2 * np.pi)
    across = ((xs - width / 2) * np.cos(angle)).astype(np.float32)
    down = ((ys - height / 2) * np.sin(angle) - rng.uniform(-0.2, 0.2) * width).astype(np.float32)
    edge = np.float32(width * rng.uniform(0.002, 0.02))
    light = 1 - np.float32(rng.uniform(0.15, 0.4)) / (1 + np.exp(-((across + down) / edge).clip(-30, 30)))
    return upload(_lit(page, light), rng)


def _lit(page: Pixels, light: NDArray[np.float32]) -> Pixels:
    """``light``: (H, W), a factor on each pixel."""
    return np.asarray(cv2.multiply(page, cv2.merge([light] * 3), dtype=cv2.CV_8U), np.uint8)


def _draw_big_photo(seed: int) -> Pixels:
    rng = generator_of("big_photo", seed)
    page = next(_upright_pages(rng, lambda p: p.document != "id_card" and p.grade == 1))
    long, short = BIG_PHOTO_PX
    wide, high = (long, short) if page.shape[1] > page.shape[0] else (short, long)
    scale = rng.uniform(0.78, 0.9) * min(wide / page.shape[1], high / page.shape[0])
    placed = place_sheet(page.shape[1], page.shape[0], scale, float(rng.normal(0, 1.5)), rng)
    low, size = placed.min(0), np.ptp(placed, 0)
    room = (np.array([wide, high]) - size) * rng.uniform(0.3, 0.7, 2)
    return put_on_desk(page, (), placed - low + room, wide, high, rng).pixels


def _draw_vertical(seed: int) -> Pixels:
    if seed % 2:
        return draw_column_letter(seed // 2)
    return next(_upright_pages(generator_of("vertical", seed), lambda p: p.document == "honour" and p.grade < 4))


def _needed(find_lines: FindLines | None, kind: str) -> FindLines:
    if find_lines is None:
        raise ValueError(f"{kind} keeps clear of text: pass find_lines, which gives the quads of a page's text lines")
    return find_lines


def _upright_pages(rng: np.random.Generator, fits: Callable[[Plan], bool]) -> Iterator[Pixels]:
    """Pages of the corpus that stand upright and whose plan fits, without end, each drawn as it is asked for."""
    while True:
        index = int(rng.integers(_CORPUS_PAGES))
        made = plan(index, _CORPUS_SEED)
        if made.rotation == 0 and fits(made):
            yield case(index, _CORPUS_SEED).sample.pixels


NEED_LINES: Mapping[str, Callable[[int, FindLines | None], Pixels]] = {
    "margin_finger": _draw_margin_finger,
    "highlight_away": _draw_highlight_away,
}
HARD_KINDS: Mapping[str, Callable[[int], Pixels]] = {
    "red_cover": draw_red_cover,
    "id_card": draw_id_card,
    "mostly_white": draw_mostly_white,
    "landscape_table": draw_landscape_table,
    "landscape_certificate": _draw_landscape_certificate,
    "one_bit": _draw_one_bit,
    "margin_finger": _draw_margin_finger,
    "highlight_away": _draw_highlight_away,
    "photo": draw_photo,
    "near_pictures": draw_near_pictures,
    "bright_half": _draw_bright_half,
    "hard_shadow": _draw_hard_shadow,
    "light_grey": draw_light_grey,
    "big_photo": _draw_big_photo,
    "vertical": _draw_vertical,
}

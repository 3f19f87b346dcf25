"""Outputs with one leak planted on purpose, and correct ones, of drawn documents: what verification is measured with.

    made = plant("unpainted", 17, seed=1)        # depends on nothing else but the faces
    made.content, made.name, made.aliases        # what verify_content gets
    made.page_index, made.quads                  # where the leak stands, in pixels of that page

Every other occurrence is painted, with the masks that the pipeline would paint, and written by the pipeline's own writers: the
one thing that is wrong is the leak. Documents are in ordinary scan grades: clean, office scan, phone photo.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import numpy as np
import pymupdf
from pages import faces, make_name
from PIL import Image

from redact.geometry import ROTATIONS, Box, Quad
from redact.masking import fit_masks, mask_file
from redact.samples import DOCUMENTS, Occurrence, Person, Sample, draw, scan
from redact.values import Hit, MediaType, Page, PageMasks

# The whole name is left: verification must refuse.
WHOLE = ("unpainted", "shifted", "text_layer", "frame_skipped")
# A part of it is left.
PARTIAL = ("one_character", "half_shifted")
CORRECT = "correct"
_GRADES = (1, 2, 2, 2, 3)
_TEXT_PX = 16  # under this em the leak would be no fair test: photos may show a small print that small


@dataclass(frozen=True)
class Planted:
    """``quads``: where the leak stands on page ``page_index`` (empty in a correct output). ``spelling``: how it is written
    there (one of :data:`redact.samples.KINDS`); ``hand``: handwritten."""

    leak: str
    index: int
    kind: str
    name: str = field(repr=False)
    aliases: tuple[str, ...] = field(repr=False)
    content: bytes = field(repr=False)
    page_index: int = 0
    quads: tuple[Quad, ...] = ()
    spelling: str = ""
    hand: bool = False
    grade: int = 0
    document: str = ""


@dataclass(frozen=True)
class _Leak:
    """On which page, and which occurrence; ``boxes``: what is painted there all the same."""

    page_index: int
    occurrence: Occurrence
    boxes: tuple[Box, ...] = ()


def plant(leak: str, index: int, seed: int = 0) -> Planted:
    """Output ``index`` of its kind. Draws pages until one has a place that the leak can be planted in."""
    for attempt in range(100):
        rng = Random(f"planted/{leak}/{seed}/{index}/{attempt}")
        made = _plant(leak, index, rng)
        if made is not None:
            return made
    raise AssertionError("a hundred pages without a place for the leak")


def _plant(leak: str, index: int, rng: Random) -> Planted | None:
    _, person = make_name(rng)
    kind = _choose_kind(leak, index)
    count = rng.choice((2, 2, 3)) if kind == "TIFF" else 1
    samples = [_draw_page(person, rng) for _ in range(count)]
    page_index = rng.randrange(count)
    sample = samples[page_index]
    if leak in (CORRECT, "text_layer"):
        planted = None
    else:
        planted = _choose(leak, sample, page_index, rng)
        if planted is None:
            return None
    boxes = [_boxes(s, None if planted is None or i != page_index else planted, leak) for i, s in enumerate(samples)]
    if planted is not None and leak in WHOLE and not _stands_free(planted.occurrence, boxes[page_index]):
        return None
    content = write_masked(samples, boxes, kind)
    if leak == "text_layer":
        content = _add_hidden_text(content, person.name, rng)
    shown = () if planted is None else planted.occurrence.quads
    spelling, hand = ("", False) if planted is None else (planted.occurrence.kind, planted.occurrence.hand)
    return Planted(
        leak, index, kind, person.name, (person.pinyin(),), content, page_index, shown, spelling, hand, sample.grade,
        sample.document,
    )  # fmt: skip


def _choose_kind(leak: str, index: int) -> str:
    if leak == "text_layer":
        return "PDF"
    if leak == "frame_skipped":
        return "TIFF"
    return ("JPEG", "PDF", "PNG", "TIFF")[index % 4]


def _draw_page(person: Person, rng: Random) -> Sample:
    drawing = draw(rng.choice(DOCUMENTS), person, seed=rng.getrandbits(31), faces=faces())
    rotation = rng.choices(ROTATIONS, (70, 10, 10, 10))[0]
    return scan(drawing, grade=rng.choice(_GRADES), rotation=rotation, seed=rng.getrandbits(31))


def _choose(leak: str, sample: Sample, page_index: int, rng: Random) -> _Leak | None:
    legible = [o for o in sample.occurrences if min(q.thickness for q in o.quads) >= _TEXT_PX]
    if leak in PARTIAL:
        legible = [o for o in legible if not o.hand and o.kind == "plain" and len(o.quads) == 1 and 2 <= len(o.text) <= 3]
    if leak == "frame_skipped":
        # All of the frame's names are left; what is printed among them is what verification must find.
        legible = [o for o in legible if not o.hand] or legible
    if not legible:
        return None
    occurrence = rng.choice(legible)
    if leak == "shifted":
        boxes = _shift(sample, occurrence, rng)
        return None if boxes is None else _Leak(page_index, occurrence, boxes)
    if leak == "one_character":
        (quad,) = occurrence.quads
        at, n = rng.randrange(len(occurrence.text)), len(occurrence.text)
        rest = [quad.part(a / n, b / n) for a, b in ((0, at), (at + 1, n)) if b > a]
        return _Leak(page_index, occurrence, tuple(q.box for q in rest))
    if leak == "half_shifted":
        (quad,) = occurrence.quads
        half = 0.5 / len(occurrence.text) * rng.choice((-1, 1))
        return _Leak(page_index, occurrence, (_moved(quad, half * quad.length, 0).box,))
    return _Leak(page_index, occurrence)


def _shift(sample: Sample, occurrence: Occurrence, rng: Random) -> tuple[Box, ...] | None:
    """The masks that should be there, moved off the name: along the line or across it, as far as they reach."""
    masks = fit_sample(sample, [occurrence])
    quad = occurrence.quads[0]
    angle = np.deg2rad(quad.direction_deg)
    along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    hull = Box.around([p for box in masks for p in ((box.x0, box.y0), (box.x1, box.y1))])
    reach_along = abs(along) @ [hull.width, hull.height]
    reach_across = abs(across) @ [hull.width, hull.height]
    for step in rng.sample([along * reach_along, -along * reach_along, across * reach_across, -across * reach_across], 4):
        height, width = sample.pixels.shape[:2]
        moved = [Box(b.x0 + step[0], b.y0 + step[1], b.x1 + step[0], b.y1 + step[1]) for b in masks]
        boxes = tuple(b.clipped(width, height) for b in moved)
        if all(b.area > 0.8 * m.area for b, m in zip(boxes, moved, strict=True)) and _stands_free(occurrence, boxes):
            return boxes
    return None


def _moved(quad: Quad, along: float, across: float) -> Quad:
    angle = np.deg2rad(quad.direction_deg)
    return Quad.from_array(
        quad.array() + along * np.array([np.cos(angle), np.sin(angle)]) + across * np.array([-np.sin(angle), np.cos(angle)])
    )


def _boxes(sample: Sample, leak: _Leak | None, kind: str) -> tuple[Box, ...]:
    if leak is None:
        return fit_sample(sample, sample.occurrences)
    if kind == "frame_skipped":
        return ()
    return (*fit_sample(sample, [o for o in sample.occurrences if o is not leak.occurrence]), *leak.boxes)


def fit_sample(sample: Sample, occurrences: Sequence[Occurrence]) -> tuple[Box, ...]:
    """The masks that the pipeline would paint for ``occurrences``."""
    return fit_masks(Page(0, sample.pixels), [Hit(o.quads, 0.0, "line") for o in occurrences])


def _stands_free(occurrence: Occurrence, boxes: Sequence[Box]) -> bool:
    return all(box.intersection_area(q.box) < 0.02 * q.box.area for q in occurrence.quads for box in boxes)


def write_masked(samples: Sequence[Sample], boxes: Sequence[tuple[Box, ...]], kind: str) -> bytes:
    """A file of ``kind`` with a page for each sample, masked by the pipeline's own writers; ``boxes`` in the samples' pixels."""
    images = [Image.fromarray(s.pixels) for s in samples]
    masks = [PageMasks(i, im.width, im.height, b) for i, (im, b) in enumerate(zip(images, boxes, strict=True))]
    dpi = samples[0].dpi or 150.0
    out = io.BytesIO()
    if kind == "TIFF":
        images[0].save(out, "TIFF", save_all=True, append_images=images[1:], compression="tiff_lzw", dpi=(dpi, dpi))
        return mask_file(out.getvalue(), MediaType.TIFF, masks)
    if kind == "PNG":
        images[0].save(out, "PNG", compress_level=1, dpi=(dpi, dpi))
        return mask_file(out.getvalue(), MediaType.PNG, masks)
    images[0].save(out, "JPEG", quality=85, dpi=(round(dpi), round(dpi)))
    if kind == "JPEG":
        return mask_file(out.getvalue(), MediaType.JPEG, masks)
    document: Any = pymupdf.open()
    page = document.new_page(width=images[0].width * 72 / dpi, height=images[0].height * 72 / dpi)
    page.insert_image(page.rect, stream=out.getvalue(), keep_proportion=False)
    return mask_file(document.tobytes(), MediaType.PDF, masks)


def _add_hidden_text(content: bytes, name: str, rng: Random) -> bytes:
    """What a recognition layer keeps: the name on a line of its own or inside a sentence, unseen (render mode 3)."""
    document: Any = pymupdf.open(stream=content, filetype="pdf")
    page = document[0]
    text = rng.choice(("{}", "姓名：{}", "兹证明{}同志参加培训", "承诺人 {} 2024年")).format(name)
    where = (rng.uniform(0.1, 0.6) * page.rect.width, rng.uniform(0.1, 0.9) * page.rect.height)
    page.insert_text(where, text, fontname="china-s", fontsize=11, render_mode=3)
    changed: bytes = document.tobytes(deflate=True)
    return changed

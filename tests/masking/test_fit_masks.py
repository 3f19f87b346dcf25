"""Where masks lie: over the whole name, and over nothing else where paper parts it from its neighbours."""

# mypy: allow-untyped-calls

from __future__ import annotations

import io
import math
import time
from dataclasses import dataclass
from functools import cache

import numpy as np
import pymupdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from redact.geometry import Box, Quad
from redact.masking import fit_masks
from redact.values import Hit, Page

PAGE_W, PAGE_H = 1654, 2339


@cache
def font(em: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(io.BytesIO(pymupdf.Font("cjk").buffer), em)


@dataclass
class Drawing:
    """A page with one line; ``name``, ``other``: (H, W) bool, whose ink is where; ``quad``: tight around the name."""

    page: Page
    name: NDArray[np.bool_]
    other: NDArray[np.bool_]
    quad: Quad
    em: int

    def masked(self, quad: Quad | None = None) -> tuple[tuple[Box, ...], NDArray[np.bool_]]:
        boxes = fit_masks(self.page, [Hit((quad or self.quad,), 0.0, "line")])
        covered = np.zeros(self.name.shape, dtype=np.bool_)
        for box in boxes:
            assert box.pixels() == (box.x0, box.y0, box.x1, box.y1), "whole pixels"
            assert 0 <= box.x0 < box.x1 <= self.page.width and 0 <= box.y0 < box.y1 <= self.page.height
            covered[int(box.y0) : int(box.y1), int(box.x0) : int(box.x1)] = True
        return boxes, covered


def draw(
    before: str,
    name: str,
    after: str,
    *,
    em: int = 32,
    tilt: float = 0,
    leading: float = 0,
    noise: float = 3,
    dark: bool = False,
) -> Drawing:
    """``leading``: distance of a line above and one below, in ems; ``tilt``: degrees clockwise."""
    size = (PAGE_W, 500)
    layers = {kind: Image.new("L", size, 0) for kind in ("name", "other")}
    face = font(em)
    y = 220.0
    x = 500.0
    left = x - face.getlength(before)
    ImageDraw.Draw(layers["other"]).text((left, y), before, font=face, fill=255)
    ImageDraw.Draw(layers["name"]).text((x, y), name, font=face, fill=255)
    end = x + face.getlength(name)
    ImageDraw.Draw(layers["other"]).text((end, y), after, font=face, fill=255)
    for shift in (-leading, leading) if leading else ():
        ImageDraw.Draw(layers["other"]).text((300, y + shift * em), "职称评审材料真实性承诺书申报人所在单位", font=face, fill=255)
    _, top, _, bottom = face.getbbox("国")
    corners = np.array([[x, y + top], [end, y + top], [end, y + bottom], [x, y + bottom]])
    if tilt:
        pivot = tuple(corners.mean(axis=0))
        layers = {k: v.rotate(-tilt, resample=Image.Resampling.BICUBIC, center=pivot) for k, v in layers.items()}
        angle = math.radians(tilt)
        turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
        corners = (corners - pivot) @ turn + pivot
    ink = np.maximum(*(np.asarray(layers[k], dtype=float) for k in ("name", "other")))
    strip = 30 + 200 * ink / 255 if dark else 240 - 215 * ink / 255
    strip = strip + np.random.default_rng(em).normal(0, noise, ink.shape)
    pixels = np.full((PAGE_H, PAGE_W, 3), 30 if dark else 240, dtype=np.uint8)
    pixels[:500] = np.clip(strip, 0, 255)[..., None].astype(np.uint8)
    masks = []
    for kind in ("name", "other"):
        full = np.zeros((PAGE_H, PAGE_W), dtype=np.bool_)
        full[:500] = np.asarray(layers[kind]) > 127
        masks.append(full)
    return Drawing(Page(0, pixels), masks[0], masks[1], Quad.from_array(corners), em)


# Frames cut glyphs at both ends, or reach a little into the space behind: fractions of an em at the start and the end.
CUTS = [(0.0, 0.0), (0.3, 0.3), (0.2, -0.1), (-0.1, 0.25)]


def cut(drawing: Drawing, start: float, end: float) -> Quad:
    length = drawing.quad.length / drawing.em
    return drawing.quad.part(start / length, 1 - end / length)


@pytest.mark.parametrize("ends", CUTS)
@pytest.mark.parametrize("em", [16, 24, 32, 60])
@pytest.mark.parametrize("name", ["张三", "李晓明", "欧阳国华", "陈卫北"])
def test_the_whole_name_is_covered_and_its_neighbours_are_not(name: str, em: int, ends: tuple[float, float]) -> None:
    drawing = draw("兹证明", name, "同志参加", em=em)
    _, covered = drawing.masked(cut(drawing, *ends))
    assert not (drawing.name & ~covered).any()
    assert (drawing.other & covered).sum() <= 0.01 * drawing.name.sum()


@pytest.mark.parametrize("ends", CUTS)
def test_split_glyphs_at_the_end_are_covered_to_their_last_stroke(ends: tuple[float, float]) -> None:
    for name in ("李小川", "王八", "孙晓儿", "赵小小"):
        drawing = draw("兹证明", name, "同志")
        _, covered = drawing.masked(cut(drawing, *ends))
        assert not (drawing.name & ~covered).any()


@pytest.mark.parametrize("leading", [1.15, 1.3, 1.6])
def test_lines_above_and_below_are_left_alone(leading: float) -> None:
    drawing = draw("兹证明", "李晓明", "同志参加", leading=leading)
    _, covered = drawing.masked(cut(drawing, 0.2, 0.2))
    assert not (drawing.name & ~covered).any()
    # At 1.15 ems, fewer than 4 pixels part the lines, and those the mask keeps.
    assert (drawing.other & covered).sum() <= (0.03 if leading < 1.2 else 0.005) * drawing.name.sum()


@pytest.mark.parametrize("tilt", [-8, -3, -1, 1, 3, 8, 30, -45, 89, 90, 180, -90])
def test_tilted_names_are_covered_and_their_neighbours_are_not(tilt: float) -> None:
    drawing = draw("意", "李明", "同", tilt=tilt, em=30)
    assert drawing.name.any() and drawing.other.any()
    boxes, covered = drawing.masked(cut(drawing, 0.2, 0.2))
    assert not (drawing.name & ~covered).any()
    # Upright slices of a line that is far from upright have teeth.
    allowed = 0.08 if 20 < abs(tilt) < 70 else 0.02
    assert (drawing.other & covered).sum() <= allowed * drawing.name.sum()
    assert covered.sum() < 3.2 * drawing.quad.length * drawing.quad.thickness * 1.2
    assert len(boxes) <= 64


def test_white_on_dark_is_fitted_as_well() -> None:
    drawing = draw("兹证明", "李晓明", "同志参加", dark=True)
    _, covered = drawing.masked(cut(drawing, 0.3, 0.3))
    assert not (drawing.name & ~covered).any()
    assert (drawing.other & covered).sum() <= 0.01 * drawing.name.sum()


def test_padding_is_a_jpeg_block_or_a_third_of_a_line_where_paper_is_free() -> None:
    for em in (16, 32, 60):
        drawing = draw("", "李晓明", "", em=em)
        (box,), _ = drawing.masked()
        rows, columns = np.nonzero(drawing.name)
        # Half-strength edges of glyphs lie a pixel off.
        pad = max(8, 0.3 * drawing.quad.thickness) - 2
        assert box.x0 <= columns.min() - pad and box.x1 >= columns.max() + 1 + pad
        assert box.y0 <= rows.min() - pad and box.y1 >= rows.max() + 1 + pad


def test_names_of_two_and_three_characters_have_masks_of_one_length() -> None:
    lengths = {}
    for name in ("张三", "王伟", "李晓明", "赵志刚", "欧阳国华", "司马相如"):
        drawing = draw("姓名：", name, "")
        boxes, _ = drawing.masked()
        lengths[name] = boxes[0].width / drawing.em
    short = [v for k, v in lengths.items() if len(k) < 4]
    assert max(short) - min(short) < 0.35
    assert min(v for k, v in lengths.items() if len(k) == 4) > max(short)


def test_a_mask_grows_into_paper_only() -> None:
    """Free paper on the left alone: the mask is as long as with free paper on the right, and the text is untouched."""
    right, left = draw("", "张三", ""), draw("", "张三", "同志参加会议")
    (a,), _ = right.masked()
    (b,), covered = left.masked()
    assert b.x0 < a.x0 and b.x1 < a.x1
    assert not (left.other & covered).any()


def test_what_is_blackened_beyond_names_is_under_a_thousandth_of_the_page() -> None:
    for name in ("张三", "李晓明", "欧阳国华"):
        drawing = draw("姓名：", name, "")
        boxes, _ = drawing.masked(cut(drawing, 0.15, 0.1))
        allowed = drawing.quad.box.grown(0.3 * drawing.quad.thickness)
        beyond = sum(box.area - box.intersection_area(allowed) for box in boxes)
        assert beyond <= 0.001 * PAGE_W * PAGE_H


def test_underlines_and_table_rules_do_not_stretch_a_mask() -> None:
    drawing = draw("", "李晓明", "")
    x0, _, x1, y1 = drawing.quad.box.pixels()
    drawing.page.pixels[y1 + 4 : y1 + 7, x0 - 60 : x1 + 900] = 20
    drawing.page.pixels[y1 - 80 : y1 + 60, x1 + 14 : x1 + 17] = 20
    (box,), covered = drawing.masked(cut(drawing, 0.2, 0.2))
    assert not (drawing.name & ~covered).any()
    assert box.x1 <= x1 + 15 and box.width < 6 * drawing.em


def test_a_name_under_a_seal_keeps_its_full_padding() -> None:
    """With ink everywhere nobody can say where the glyphs end."""
    drawing = draw("兹证明", "李晓明", "同志")
    box = drawing.quad.box
    area = drawing.page.pixels[int(box.y0) - 40 : int(box.y1) + 40, int(box.x0) - 80 : int(box.x1) + 80]
    area[(np.indices(area.shape[:2]).sum(axis=0) // 3) % 3 == 0] = (210, 40, 40)
    _, covered = drawing.masked(cut(drawing, 0.2, 0.2))
    assert not (drawing.name & ~covered).any()


def test_blank_paper_and_page_edges_give_plain_padding() -> None:
    page = Page(0, np.full((300, 400, 3), 250, dtype=np.uint8))
    (box,) = fit_masks(page, [Hit((Quad.from_box(Box(370, 280, 400, 300)),), 0.0, "line")])
    assert box.x0 <= 362 and box.y0 <= 272 and (box.x1, box.y1) == (400, 300)
    assert fit_masks(page, []) == ()


def test_equal_hits_give_one_mask_and_pieces_one_each() -> None:
    drawing = draw("", "李晓明", "")
    other = Quad.from_box(Box(300, 800, 400, 832))
    hits = [Hit((drawing.quad,), 0.0, "line"), Hit((drawing.quad, other), -0.1, "join")]
    assert len(fit_masks(drawing.page, hits)) == 2


def test_a_hit_takes_under_ten_milliseconds() -> None:
    for em in (16, 60, 130):
        drawing = draw("", "李晓明", "", em=em)
        drawing.masked()
        times = []
        for _ in range(9):
            start = time.thread_time()
            fit_masks(drawing.page, [Hit((drawing.quad,), 0.0, "line")])
            times.append(time.thread_time() - start)
        assert sorted(times)[4] < 0.010


@settings(max_examples=40, deadline=None)
@given(
    name=st.lists(st.sampled_from("张王李赵陈国华明志刚伟丽欧阳"), min_size=2, max_size=4).map("".join),
    gap=st.floats(0.15, 2.5),
    em=st.sampled_from([18, 28, 44]),
    start=st.floats(-0.1, 0.3),
    end=st.floats(-0.1, 0.3),
    leading=st.sampled_from([0.0, 1.4, 2.0]),
)
def test_any_cut_is_covered_and_nothing_beyond_a_clear_gap(
    name: str, gap: float, em: int, start: float, end: float, leading: float
) -> None:
    drawing = draw("同志", name, "", em=em, leading=leading)
    # The neighbour stands ``gap`` ems behind the name.
    after = Image.new("L", (PAGE_W, 500), 0)
    right = drawing.quad.box.x1 + gap * em
    ImageDraw.Draw(after).text((right, 220), "参加", font=font(em), fill=255)
    ink = np.asarray(after) > 127
    drawing.other[:500] |= ink
    drawing.page.pixels[:500][ink] = 25
    quad = cut(drawing, start, end)
    boxes, covered = drawing.masked(quad)
    assert not (drawing.name & ~covered).any()
    assert (drawing.other & covered).sum() <= 0.01 * drawing.name.sum()
    hull = Box.around([(b.x0, b.y0) for b in boxes] + [(b.x1, b.y1) for b in boxes])
    assert hull.x0 <= quad.box.x0 + 0.15 * quad.thickness and hull.x1 >= quad.box.x1 - 0.15 * quad.thickness
    assert hull.y0 <= quad.box.y0 and hull.y1 >= quad.box.y1


@settings(max_examples=80, deadline=None)
@given(points=st.lists(st.tuples(st.floats(-500, 900), st.floats(-500, 900)), min_size=4, max_size=4))
def test_any_quad_gives_boxes_on_the_page_or_none(points: list[tuple[float, float]]) -> None:
    page = Page(0, np.random.default_rng(0).integers(0, 256, (300, 400, 3)).astype(np.uint8))
    quad = Quad.from_array(np.array(points))
    for box in fit_masks(page, [Hit((quad,), 0.0, "line")]):
        assert 0 <= box.x0 < box.x1 <= 400 and 0 <= box.y0 < box.y1 <= 300

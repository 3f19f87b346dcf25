"""From a network's probability map to the quads of lines: at the right scale, across tiles, in page pixels."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redact.geometry import Box
from redact.ocr import detection
from redact.ocr.detection import Region, add_missed, choose_scale, detect_lines
from redact.ocr.engines import Tensor
from redact.values import Pixels


class InkNetwork:
    """A "network" that takes what is dark for text: black 1, white 0. ``tiles``: the sizes it was given."""

    def __init__(self, *, blind_edge: int = 0) -> None:
        self.tiles: list[tuple[int, int]] = []
        self._blind_edge = blind_edge

    def __call__(self, batch: Tensor) -> Tensor:
        count, channels, height, width = batch.shape
        assert (count, channels) == (1, 3) and batch.dtype == np.float32
        assert height % 32 == 0 and width % 32 == 0
        assert batch.min() >= -1 and batch.max() <= 1
        self.tiles.append((height, width))
        answer = np.asarray((1 - batch.mean(axis=1, keepdims=True)) / 2, dtype=np.float32)
        if self._blind_edge:
            inner = np.zeros_like(answer)
            e = self._blind_edge
            inner[:, :, e:-e, e:-e] = answer[:, :, e:-e, e:-e]
            return inner
        return answer


def paper(width: int, height: int, *bars: Box, grey: int = 0) -> Pixels:
    pixels = np.full((height, width, 3), 255, np.uint8)
    for bar in bars:
        x0, y0, x1, y1 = bar.pixels()
        pixels[y0:y1, x0:x1] = grey
    return pixels


def tilted_bar(width: int, height: int, degrees: float) -> Pixels:
    pixels = paper(width, height)
    corners = cv2.boxPoints(((width / 2, height / 2), (0.6 * width, 24), degrees))
    cv2.fillPoly(pixels, [np.round(corners).astype(np.int32)], (0, 0, 0))
    return pixels


def only(regions: list[Region]) -> Region:
    (region,) = regions
    return region


@pytest.mark.parametrize(
    ("size", "scale"),
    [
        ((2480, 3508), 1152 / 2480),
        ((3508, 2480), 1152 / 2480),
        ((1080, 10_000), 1.0),
        ((1152, 1700), 1.0),
        ((800, 1100), 1.0),
        ((400, 600), 2.0),
        ((20, 20), 2.0),
        ((0, 0), 2.0),
    ],
)
def test_the_scale_follows_the_short_side_and_enlarges_small_pictures_only(size: tuple[int, int], scale: float) -> None:
    assert choose_scale(*size) == pytest.approx(scale)


@given(width=st.integers(1, 20_000), height=st.integers(1, 20_000))
def test_no_page_is_enlarged_more_than_twice_nor_shrunk_below_what_is_readable(width: int, height: int) -> None:
    scale = choose_scale(width, height)
    assert 0 < scale <= 2
    assert scale * min(width, height) >= min(detection.SHORT_SIDE_PX, min(width, height)) - 1e-6


@pytest.mark.parametrize("scale", [0.5, 1.0, 2.0])
def test_a_line_is_found_in_page_pixels_at_any_scale(scale: float) -> None:
    bar = Box(120, 200, 520, 240)
    region = only(detect_lines(InkNetwork(), paper(700, 500, bar), scale))
    assert region.score > 0.9
    box = region.quad.box
    assert box.intersection_area(bar) == pytest.approx(bar.area), "all of it"
    # The network draws a line shrunk: the box is given back what it lost (D = area x 1.6 / perimeter).
    grown = 400 * 40 * 1.6 / (2 * 440)
    assert box.width == pytest.approx(bar.width + 2 * grown, abs=10)
    assert box.centre == pytest.approx(bar.centre, abs=3)


@settings(max_examples=25, deadline=None)
@given(degrees=st.floats(-44, 44))
def test_a_tilted_line_has_its_corners_in_order_and_its_direction(degrees: float) -> None:
    quad = only(detect_lines(InkNetwork(), tilted_bar(600, 600, degrees), 1.0)).quad
    assert quad.direction_deg == pytest.approx(degrees, abs=1.5)
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = quad.points
    assert ax < bx and dx < cx and ay < dy and by < cy


def test_an_upright_bar_is_taller_than_wide() -> None:
    quad = only(detect_lines(InkNetwork(), paper(500, 700, Box(200, 100, 240, 500)), 1.0)).quad
    assert quad.thickness > 3 * quad.length


def test_weak_regions_and_specks_are_no_lines() -> None:
    faint = paper(500, 300, Box(50, 50, 350, 90), grey=int(255 * (1 - detection.REGION + 0.05)))
    assert detect_lines(InkNetwork(), faint, 1.0) == []
    assert detect_lines(InkNetwork(), paper(500, 300, Box(50, 50, 51, 51)), 1.0) == []


def test_a_region_that_is_kept_says_how_sure_the_network_was() -> None:
    region = only(detect_lines(InkNetwork(), paper(500, 300, Box(50, 50, 350, 90), grey=77), 1.0))
    assert region.score == pytest.approx(1 - 77 / 255, abs=0.05)


def test_a_blank_page_has_no_lines_and_its_padding_is_none() -> None:
    for width, height in ((1000, 700), (33, 65), (1, 1), (5, 2000)):
        assert detect_lines(InkNetwork(), paper(width, height), 1.0) == []


@pytest.mark.parametrize("vertical", [False, True])
def test_a_line_that_runs_over_the_tiles_seams_is_one_line(vertical: bool) -> None:
    long = Box(100, 300, 4900, 340) if not vertical else Box(300, 100, 340, 4900)
    width, height = (5000, 640) if not vertical else (640, 5000)
    network = InkNetwork(blind_edge=40)
    region = only(detect_lines(network, paper(width, height, long), 1.0))
    assert len(network.tiles) > 2
    assert region.quad.box.intersection_area(long) == pytest.approx(long.area)


def test_tiles_stay_within_their_size_and_every_pixel_is_seen_away_from_a_tiles_edge() -> None:
    """A network sees badly at the edges of its picture: of a tile's own edges nothing is used, but for the page's."""
    bars = [Box(60, y, 900, y + 20) for y in range(60, 4940, 40)]
    network = InkNetwork(blind_edge=40)
    regions = detect_lines(network, paper(960, 5000, *bars), 1.0)
    assert len(regions) == len(bars)
    assert all(h <= detection.TILE_PX + 32 and w <= detection.TILE_PX + 32 for h, w in network.tiles)


def test_a_second_look_adds_what_the_first_missed_and_nothing_that_is_known() -> None:
    bars = [Box(60, 100, 700, 140), Box(60, 300, 700, 340)]
    page = paper(800, 500, *bars)
    first = detect_lines(InkNetwork(), paper(800, 500, bars[0]), 1.0)
    both = add_missed(InkNetwork(), page, 0.8, first)
    assert both[:1] == first
    assert both[1].quad.box.intersection_area(bars[1]) == pytest.approx(bars[1].area)
    assert len(both) == 2
    assert add_missed(InkNetwork(), page, 0.8, both) == both

"""Strips cut from a page, and what a network's probabilities become: lattices with their scores, glyphs and places."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from redact.geometry import ROTATIONS, Box, Quad, Rotation
from redact.ocr.engines import Tensor
from redact.ocr.orientation import read_towards
from redact.ocr.recognition import MAX_WIDTH_PX, Recogniser, cut_strip, grow_quad
from redact.values import Pixels

ALPHABET = ("", "张", "伟", "明", "A", " ")


def textured(width: int, height: int) -> Pixels:
    """No two places alike, and smooth enough to be resampled."""
    y, x = np.mgrid[0:height, 0:width]
    return np.stack([x * 200 / width, y * 200 / height, (x + y) % 64 + 100.0], axis=-1).astype(np.uint8)


class Scripted:
    """A "network" that gives the probabilities it was told; ``seen``: the batches it was given."""

    def __init__(self, probabilities: NDArray[np.float32]) -> None:
        self._answer = probabilities
        self.seen: list[Tensor] = []

    def __call__(self, batch: Tensor) -> Tensor:
        self.seen.append(batch)
        return self._answer[None]


def frames(*best: str, sure: float = 0.9) -> NDArray[np.float32]:
    """One frame for each entry: that character with ``sure``, the rest shared equally."""
    table = np.full((len(best), len(ALPHABET)), (1 - sure) / (len(ALPHABET) - 1), np.float32)
    for t, char in enumerate(best):
        table[t, ALPHABET.index(char)] = sure
    return table


def recogniser(probabilities: NDArray[np.float32]) -> Recogniser:
    return Recogniser(Scripted(probabilities), ALPHABET)


def strip(width: int = 64) -> Pixels:
    return np.full((48, width, 3), 200, np.uint8)


# --- strips -------------------------------------------------------------------------------------------------------------


def test_an_upright_line_of_the_strips_height_is_cut_as_it_is() -> None:
    page = textured(400, 200)
    cut = cut_strip(page, Quad.from_box(Box(30, 50, 230, 98)))
    assert cut.shape == (48, 200, 3)
    assert np.abs(cut.astype(int) - page[50:98, 30:230]).max() <= 1


@pytest.mark.parametrize("direction", ROTATIONS)
def test_a_line_is_laid_down_as_it_is_read(direction: Rotation) -> None:
    """Text that reads downwards is turned so that its first character is at the left."""
    page = textured(300, 300)
    box = Box(40, 50, 240, 98) if direction in (0, 180) else Box(40, 50, 88, 250)
    x0, y0, x1, y1 = box.pixels()
    cut = cut_strip(page, read_towards(Quad.from_box(box), direction))
    expected = np.rot90(page[y0:y1, x0:x1], direction // 90)
    assert cut.shape == expected.shape
    assert np.abs(cut.astype(int) - expected).max() <= 1


@pytest.mark.parametrize("thickness", [12, 24, 96, 400])
def test_every_line_becomes_48_pixels_high_and_keeps_its_shape(thickness: int) -> None:
    page = textured(1700, 500)
    cut = cut_strip(page, Quad.from_box(Box(10, 20, 10 + 4 * thickness, 20 + thickness)))
    assert cut.shape == (48, 192, 3)
    inner = page[20 : 20 + thickness, 10 : 10 + 4 * thickness].astype(float).mean(axis=(0, 1))
    assert np.abs(cut.astype(float).mean(axis=(0, 1)) - inner).max() < 3


def test_a_line_over_the_pages_edge_goes_on_in_the_edges_colour() -> None:
    page = np.full((100, 100, 3), 180, np.uint8)
    cut = cut_strip(page, Quad.from_box(Box(-50, 30, 150, 78)))
    assert (cut == 180).all()
    assert cut_strip(page, Quad.from_box(Box(500, 500, 700, 900))).shape[0] == 48


def test_a_very_long_line_is_squeezed_and_one_without_size_is_no_error() -> None:
    page = textured(6000, 60)
    assert cut_strip(page, Quad.from_box(Box(0, 0, 6000, 20))).shape == (48, MAX_WIDTH_PX, 3)
    assert cut_strip(page, Quad(((5, 5), (5, 5), (5, 5), (5, 5)))).shape[0] == 48


def test_fine_strokes_are_averaged_and_not_dropped_where_a_line_is_shrunk() -> None:
    """Every tenth column is ink: bilinear warping alone would keep some of them and lose the others."""
    page = np.full((480, 3000, 3), 255, np.uint8)
    page[:, ::10] = 0
    cut = cut_strip(page, Quad.from_box(Box(0, 0, 3000, 480)))
    assert float(cut.mean()) == pytest.approx(255 * 0.9, abs=3)
    assert float(cut.std()) < 10


@given(along=st.floats(0, 50), across=st.floats(0, 50), degrees=st.floats(-80, 80))
def test_a_quad_grows_by_so_many_pixels_on_each_side(along: float, across: float, degrees: float) -> None:
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    quad = Quad.from_array(np.array([[0, 0], [200, 0], [200, 40], [0, 40]]) @ np.array([[c, s], [-s, c]]))
    grown = grow_quad(quad, along, across)
    assert grown.length == pytest.approx(200 + 2 * along)
    assert grown.thickness == pytest.approx(40 + 2 * across)
    assert np.allclose(grown.array().mean(axis=0), quad.array().mean(axis=0))


# --- lattices -----------------------------------------------------------------------------------------------------------


def read(table: NDArray[np.float32], charset: str = "张伟", width: int = 64):  # type: ignore[no-untyped-def]
    made = recogniser(table)
    return made.read(strip(width), made.columns(frozenset(charset)))


def test_the_greedy_reading_merges_repeats_and_drops_blanks() -> None:
    lattice = read(frames("", "张", "张", "", "伟", "", "伟", " ", "A"))
    assert lattice.text == "张伟伟 A"
    assert [(g.start, g.end) for g in lattice.glyphs] == [(1, 3), (4, 5), (6, 7), (7, 8), (8, 9)]
    assert all(g.probability == pytest.approx(0.9) for g in lattice.glyphs)


def test_a_glyphs_probability_is_its_peak() -> None:
    table = np.concatenate([frames("张", sure=0.5), frames("张", sure=0.8), frames("")])
    assert read(table).glyphs[0].probability == pytest.approx(0.8)


def test_confidence_is_the_mean_over_the_characters_and_leaves_spaces_out() -> None:
    table = np.concatenate([frames("张", sure=0.6), frames(" ", sure=0.3), frames("伟", sure=1.0)])
    assert read(table).confidence == pytest.approx(0.8)


def test_nothing_but_blanks_is_nothing_read() -> None:
    assert read(frames("", "", "")) is None


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 12))
def test_scores_are_log_ratios_against_the_best_class_of_their_frame(seed: int, total: int) -> None:
    table = np.random.default_rng(seed).dirichlet(np.ones(len(ALPHABET)) * 0.3, total).astype(np.float32)
    table[0, :] = frames("明")[0]
    lattice = read(table)
    best = table.max(axis=1)
    for char, column in lattice.charset.items():
        expected = np.log(np.maximum(table[:, ALPHABET.index(char)], 1e-12)) - np.log(best)
        assert np.allclose(lattice.scores[:, column], expected, atol=1e-4)
    space = np.log(np.maximum(table[:, -1], 1e-12) / best)
    blank = np.log(np.maximum(table[:, 0], 1e-12) / best)
    assert np.allclose(lattice.space, space, atol=1e-4)
    assert np.allclose(lattice.blank, np.maximum(blank, space), atol=1e-4)
    assert max(lattice.scores.max(), lattice.blank.max()) <= 1e-6


def test_characters_that_the_network_does_not_know_have_no_column() -> None:
    made = recogniser(frames("张"))
    columns, classes = made.columns(frozenset("张䶮 伟"))
    assert set(columns) == {"张", "伟"}
    assert [ALPHABET[c] for c in classes] == sorted("张伟")
    assert made.knows("张") and not made.knows("䶮")


def test_no_character_that_was_asked_for_is_known() -> None:
    lattice = read(frames("明", "", "A"), charset="䶮")
    assert lattice.scores.shape == (3, 0)
    assert lattice.text == "明A"


@pytest.mark.parametrize("width", [10, 64, 65, 100, 3840])
def test_a_strip_is_padded_to_a_step_and_frames_still_tell_their_place(width: int) -> None:
    network = Scripted(frames(*["张"] * 4))
    made = Recogniser(network, ALPHABET)
    lattice = made.read(strip(width), made.columns(frozenset("张")))
    assert lattice is not None
    padded = network.seen[0].shape[-1]
    assert padded % 32 == 0 and padded >= 64 and width <= padded < max(width + 32, 65)
    assert lattice.position(4) == pytest.approx(padded / width)
    assert lattice.position(2 * width / padded) == pytest.approx(0.5)


def test_the_network_is_given_bgr_from_minus_one_to_one_and_grey_for_padding() -> None:
    network = Scripted(frames("张"))
    made = Recogniser(network, ALPHABET)
    picture = np.zeros((48, 50, 3), np.uint8)
    picture[:, :, 0] = 255  # red
    made.read(picture, made.columns(frozenset("张")))
    (batch,) = network.seen
    assert batch.shape == (1, 3, 48, 64) and batch.dtype == np.float32
    assert (batch[0, 2, :, :50] == 1).all() and (batch[0, :2, :, :50] == -1).all()
    assert (batch[0, :, :, 50:] == 0).all()


def test_no_text_is_in_a_repr() -> None:
    lattice = read(frames("张", "", "明"))
    assert not set("张伟明") & set(repr(lattice) + repr(lattice.glyphs))

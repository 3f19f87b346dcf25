"""The default reader: PP-OCRv6 small, detection and recognition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from redact.errors import ModelError
from redact.geometry import ROTATIONS, Quad, Rotation
from redact.lines import Lattice, Line, Reading
from redact.ocr.detection import SECOND_SCALE, Region, add_missed, choose_scale, detect_lines
from redact.ocr.engines import load_network, read_alphabet
from redact.ocr.models import find_weights
from redact.ocr.orientation import Orientation, axis_of, find_orientation, read_towards
from redact.ocr.recognition import Recogniser, cut_strip
from redact.ocr.variants import VARIANTS
from redact.statistics import weighted_quantile
from redact.values import Pixels

# Below this confidence a line is read the other way round as well: upside-down text reads at 0.4-0.65.
DOUBTFUL = 0.8
# Text lower than this in detection pixels is detected again at a finer scale. Below 11-12 px lines start to be lost.
SMALL_TEXT_PX = 13.0
SMALL_SHARE = 0.25
FINEST = 2.2
# A line counts for the tilt of the page when it is this many times as long as thick.
SKEW_ASPECT = 5.0


class PpOcrReader:
    """PP-OCRv6 small on OpenVINO, or ONNX Runtime. Loads its networks once; safe to share between threads.

    Raises:
        ModelError: weights or engine are missing, or the weights are not what the manifest lists.
    """

    def __init__(self, *, models_dir: Path | None = None, engine: str | None = None, threads: int | None = None) -> None:
        detection, recognition = (find_weights(role, models_dir) for role in ("detection", "recognition"))
        alphabet = read_alphabet(recognition.path)
        self._detection = load_network(detection.path, engine=engine, threads=threads)
        network = load_network(recognition.path, engine=engine, threads=threads)
        classes = network(np.zeros((1, 3, 48, 64), np.float32)).shape[-1]
        if classes != len(alphabet):
            raise ModelError("the recogniser's classes and its list of characters differ in number")
        self._recogniser = Recogniser(network, alphabet)
        self._models = {"detection": detection.sha256, "recognition": recognition.sha256}

    @property
    def models(self) -> Mapping[str, str]:
        return dict(self._models)

    def read(self, pixels: Pixels, *, charset: frozenset[str], zoom: float = 1.0) -> Reading:
        height, width = pixels.shape[:2]
        regions = self._detect(pixels, zoom)
        columns = self._recogniser.columns(charset)

        def read_strip(strip: Pixels) -> Lattice | None:
            return self._recogniser.read(strip, columns)

        orientation = find_orientation(regions, lambda quad: cut_strip(pixels, quad), read_strip)
        lines = tuple(self._read_region(pixels, region, orientation, columns) for region in regions)
        return Reading(width, height, lines, orientation.rotation, orientation.sure, _skew(lines), orientation.confidence)

    def read_places(
        self, pixels: Pixels, places: Sequence[Quad], *, charset: frozenset[str], variant: str = "plain"
    ) -> tuple[Line, ...]:
        columns = self._recogniser.columns(charset)
        lines = []
        for quad in places:
            strip = VARIANTS[variant](cut_strip(pixels, quad))
            lines.append(Line(quad, self._recogniser.read(strip, columns), variant=variant))
        return tuple(lines)

    def _detect(self, pixels: Pixels, zoom: float) -> list[Region]:
        height, width = pixels.shape[:2]
        scale = choose_scale(width, height) * zoom
        regions = detect_lines(self._detection, pixels, scale)
        heights = sorted(min(r.quad.length, r.quad.thickness) * scale for r in regions)
        if heights and scale < 1.0:
            small = heights[int(len(heights) * SMALL_SHARE)]
            # A region is drawn about 1.3 times as high as its characters.
            if small < SMALL_TEXT_PX * 1.3:
                finer = min(1.0, scale * min(FINEST, SMALL_TEXT_PX * 1.3 * 1.15 / small))
                if finer > scale * 1.1:
                    scale = finer
                    regions = detect_lines(self._detection, pixels, scale)
        return add_missed(self._detection, pixels, scale * SECOND_SCALE, regions)

    def _read_region(
        self, pixels: Pixels, region: Region, orientation: Orientation, columns: tuple[Mapping[str, int], np.ndarray]
    ) -> Line:
        best: Line | None = None
        for direction in _directions(region, orientation):
            quad = read_towards(region.quad, direction)
            lattice = self._recogniser.read(cut_strip(pixels, quad), columns)
            line = Line(quad, lattice, region.score)
            if best is None or _worth(line) > _worth(best):
                best = line
            if best.confidence >= DOUBTFUL:
                break
        assert best is not None  # _directions is never empty
        return best


def _worth(line: Line) -> float:
    """Confidence, with more characters preferred: an upside-down line often reads as one or two confident specks."""
    if line.lattice is None:
        return 0.0
    return line.confidence * min(1.0, 0.7 + 0.1 * len(line.lattice.glyphs))


def _directions(region: Region, orientation: Orientation) -> tuple[Rotation, ...]:
    """In which order to try: the page's own direction first."""
    axis = axis_of(region)
    if axis == "wide":
        first = orientation.wide
    elif axis == "tall":
        first = orientation.tall
    else:
        upright = orientation.rotation
        return (upright, *(r for r in ROTATIONS if r != upright))
    return (first, ROTATIONS[(first // 90 + 2) % 4])


def _skew(lines: Sequence[Line]) -> float:
    """Length-weighted median tilt of the long lines that read well, in (-45, 45]."""
    tilts, weights = [], []
    for line in lines:
        if line.confidence < DOUBTFUL or line.quad.length < SKEW_ASPECT * line.quad.thickness:
            continue
        tilt = (line.quad.direction_deg + 45.0) % 90.0 - 45.0
        tilts.append(tilt)
        weights.append(line.quad.length)
    if not tilts:
        return 0.0
    return weighted_quantile(tilts, weights)

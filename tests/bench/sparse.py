"""Words that stand alone on an empty page: ``python tests/bench/sparse.py`` (10 minutes on one core).

Names and short titles of 14 to 44 px, alone, in twos or in fours, on A4 pages of 1654 x 2339 px in three states: as rendered,
with the grain of an office scan, with that of a poor photo. Counts how many detection finds on the page as a whole, how many with
the cuts of ``redact/ocr/sparse.py``, and how many where each word is cut out with the knowledge of its place. Needs the faces of
``fetch_fonts.py``.
"""

from __future__ import annotations

import argparse
import io
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from redact.geometry import Box
from redact.ocr import detection
from redact.ocr.engines import load_network
from redact.ocr.models import find_weights
from redact.values import Pixels

FONTS = Path(__file__).parent / "fonts"
FACES = ("song-noto-serif-sc", "hei-noto-sans-sc", "kai-lxgw-wenkai", "hand-long-cang")
WORDS = ("张三", "附件说明", "王小明", "欧阳娜娜", "第一页")
WIDTH, HEIGHT = 1654, 2339
SIZES = (14, 18, 24, 32, 44)
STATES = (("rendered", 255, 0.0), ("office scan", 235, 3.0), ("poor photo", 200, 8.0))
NUMBERS = (1, 2, 4)


@dataclass(frozen=True)
class Sparse:
    pixels: Pixels
    places: tuple[Box, ...]


def draw(rng: np.random.Generator, size: int, number: int, paper: int, grain: float) -> Sparse:
    picture = Image.new("L", (WIDTH, HEIGHT), paper)
    pen = ImageDraw.Draw(picture)
    places = []
    for _ in range(number):
        face = ImageFont.truetype(str(FONTS / f"{rng.choice(FACES)}.ttf"), size)
        at = float(rng.uniform(0.1, 0.8) * WIDTH), float(rng.uniform(0.05, 0.95) * HEIGHT)
        word = str(rng.choice(WORDS))
        pen.text(at, word, font=face, fill=int(rng.uniform(0, 80)))
        places.append(Box(*pen.textbbox(at, word, font=face)))
    levels = np.asarray(picture, np.float32) + rng.normal(0, grain, (HEIGHT, WIDTH))
    buffer = io.BytesIO()
    Image.fromarray(levels.clip(0, 255).astype(np.uint8)).save(buffer, "JPEG", quality=60)
    return Sparse(np.asarray(Image.open(buffer).convert("RGB"), np.uint8), tuple(places))


def count_found(regions: list[detection.Region], places: tuple[Box, ...]) -> int:
    return sum(any(r.quad.box.intersection_area(place) > 0.7 * place.area for r in regions) for place in places)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=5, help="of each size, number of words and state")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    network = load_network(find_weights("detection").path, threads=1)
    scale = detection.choose_scale(WIDTH, HEIGHT)
    print("| page | words | in all | found on the whole page | with the cuts | cut out by hand |")
    print("|---|---|---|---|---|---|")
    for state, paper, grain in STATES:
        for number in NUMBERS:
            rng = np.random.default_rng(chosen.seed)
            whole = cuts = alone = total = 0
            for size in SIZES:
                for _ in range(chosen.pages):
                    page = draw(rng, size, number, paper, grain)
                    total += len(page.places)
                    with mock.patch.object(detection, "find_sparse_ink", lambda pixels, text: []):
                        whole += count_found(detection.detect_lines(network, page.pixels, scale), page.places)
                    cuts += count_found(detection.detect_lines(network, page.pixels, scale), page.places)
                    for place in page.places:
                        x0, y0, x1, y1 = place.grown(size).clipped(WIDTH, HEIGHT).pixels()
                        alone += bool(detection.detect_lines(network, page.pixels[y0:y1, x0:x1], scale))
            shares = (f"{n} = {100 * n / total:.0f} %" for n in (whole, cuts, alone))
            print(f"| {state} | {number} | {total} | {' | '.join(shares)} |", flush=True)


if __name__ == "__main__":
    main()

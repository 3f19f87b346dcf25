"""Recall of machine codes, found and decoded, on drawn pages; and what is taken for a code where there is none.

    python tests/bench/codes.py [--each 12] [--pages 130]

A code is *found* where a code is reported on at least half of its place, decoded or not; *decoded* where its content is right.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from drawn_codes import CONDITIONS, KINDS, draw_code, place_code
from pages import case, corpus

from redact.codes import find_codes
from redact.values import Pixels

WIDTH_PX, HEIGHT_PX = 1654, 2339  # A4 at 200 dpi


def make_content(kind: str, rng: Random) -> str:
    if kind == "EAN13":
        return f"978{rng.randrange(10**9):09d}"
    if kind in ("Code128", "Code39"):
        return f"ZS{rng.randrange(10**8):08d}"
    if kind == "MicroQRCode":
        return f"{rng.randrange(10**8):08d}"
    return f"https://www.example.org/cx/{rng.getrandbits(128):032x}"


def make_ground(index: int) -> Pixels:
    """A drawn page, so that the code stands among print."""
    whole = case(index, seed=9).sample.pixels
    return np.asarray(cv2.resize(whole, (WIDTH_PX, HEIGHT_PX), interpolation=cv2.INTER_AREA), np.uint8)


def measure_recall(each: int) -> None:
    grounds = [make_ground(index) for index in range(6)]
    print("| " + " | ".join(["found / decoded of " + str(each), *KINDS]) + " |")
    print("|---" * (len(KINDS) + 1) + "|")
    total: Counter[str] = Counter()
    for condition in CONDITIONS:
        cells = []
        for kind in KINDS:
            found = decoded = drawn = 0
            for index in range(each):
                rng = Random(f"{kind}/{condition.name}/{index}")
                page = rng.choice(grounds).copy()
                content = make_content(kind, rng)
                module_px = rng.uniform(*condition.module_px)
                code = draw_code(content, kind, module_px=module_px)
                if code.shape[1] > 0.7 * WIDTH_PX:
                    code = draw_code(content, kind, module_px=module_px * 0.7 * WIDTH_PX / code.shape[1])
                x = round((WIDTH_PX - code.shape[1]) * rng.uniform(0.3, 0.7))
                y = round((HEIGHT_PX - code.shape[0]) * rng.uniform(0.3, 0.7))
                page, box = condition.apply(page, place_code(page, code, x, y), rng)
                seen = [c for c in find_codes(page) if c.quad.box.intersection_area(box) > 0.4 * box.area]
                drawn += 1
                found += bool(seen)
                decoded += any(c.text.startswith(content) for c in seen)
            cells.append(f"{found} / {decoded}")
            total.update(drawn=drawn, found=found, decoded=decoded)
        print(f"| {condition.name} | " + " | ".join(cells) + " |", flush=True)
    print(f"\nof {total['drawn']}: found {total['found'] / total['drawn']:.1%}, decoded {total['decoded'] / total['drawn']:.1%}")


def measure_false_finds(pages: int) -> None:
    finds: Counter[str] = Counter()
    seconds = []
    for drawn in corpus(pages, seed=5):
        started = time.perf_counter()
        codes = find_codes(drawn.sample.pixels)
        seconds.append(time.perf_counter() - started)
        for code in codes:
            finds[f"{code.kind}, {'not decoded' if code.content is None else 'decoded'}"] += 1
            print(f"  page {drawn.index}: {code.kind} at {code.quad.box.pixels()}")
    print(f"\n{pages} drawn pages without codes: {dict(finds) or 'nothing'} found; ", end="")
    print(f"{1000 * float(np.mean(seconds)):.0f} ms a page, at most {1000 * max(seconds):.0f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--each", type=int, default=12, help="codes of each kind in each condition")
    parser.add_argument("--pages", type=int, default=130, help="drawn pages without codes")
    options = parser.parse_args()
    if options.each:
        measure_recall(options.each)
    if options.pages:
        measure_false_finds(options.pages)


if __name__ == "__main__":
    main()

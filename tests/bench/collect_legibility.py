"""Collect what models/calibration/legibility.json is fitted on: drawn pages spoilt in graded strengths, measured and read.

    python tests/bench/collect_legibility.py                  # 120 pages in six states each, 25 minutes on two cores
    python tests/bench/collect_legibility.py --pages 20 --out /tmp/try.csv

Writes a row per page and strength (models/calibration/README.md has the columns), without any text. Names are searched where the
page is not plainly illegible, without the verification that follows a masking.
"""

from __future__ import annotations

import argparse
import csv
import multiprocessing
import os
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

SEED = 200
# Where the reader has most characters wrong, the name is not searched: it is missed or a person is asked.
HOPELESS = 0.5
_TARGET = Path(__file__).resolve().parents[2] / "models" / "calibration" / "legibility.csv"
_STATE: dict[str, Any] = {}


def prepare() -> None:
    os.environ["OMP_NUM_THREADS"] = "1"
    import cv2

    cv2.setNumThreads(1)
    from redact.ocr.ppocr import PpOcrReader

    _STATE["reader"] = PpOcrReader(threads=1)


def collect(task: tuple[int, int]) -> list[dict[str, str]]:
    import cv2
    from legibility import KINDS, OnceReader, characters, error_rate, make_base, spoil_base
    from names_measured import find_covered

    from redact.samples.defects import STRENGTHS
    from redact.screening import load_clarity_thresholds
    from redact.screening.calibration import describe_measures
    from redact.screening.measures import measure_page
    from redact.search import Query, search_page
    from redact.values import Page, Verdict

    index, seed = task
    reader = OnceReader(_STATE["reader"])
    limits = load_clarity_thresholds()
    base = make_base(index, seed, reader)
    kind = KINDS[index % len(KINDS)]
    query = Query.make(base.sample.name, (base.person.pinyin(),))
    rows = []
    for strength in (0, *STRENGTHS):
        page = spoil_base(base, kind, strength)
        reading = reader.read(page.pixels, charset=query.charset)
        rate = error_rate(page, reading)
        missed = 0
        if rate < HOPELESS:
            decision = search_page(Page(0, page.pixels), query, reader).decision
            if decision.verdict is not Verdict.REVIEW:
                missed = len(page.names) - find_covered(page, decision.hits)
        measures = measure_page(
            cv2.cvtColor(page.pixels, cv2.COLOR_RGB2GRAY),
            reading,
            lambda pixels: reader.read(pixels, charset=frozenset()),
            grain_look=limits.grain_look,
            contrast_look=limits.contrast_look,
        )
        rows.append(
            {
                "page": str(index),
                "document": base.document,
                "grade": str(base.sample.grade),
                "kind": kind,
                "strength": str(strength),
                "characters": str(characters(page)),
                "error_rate": f"{rate:.4f}",
                "names": str(len(page.names)) if rate < HOPELESS else "0",
                "missed": str(missed),
                **describe_measures(measures),
            }
        )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=120)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--out", type=Path, default=_TARGET)
    chosen = parser.parse_args()
    from redact.screening.calibration import COLUMNS

    rows: list[dict[str, str]] = []
    with multiprocessing.get_context("spawn").Pool(chosen.workers, prepare) as pool:
        tasks = [(index, chosen.seed) for index in range(chosen.pages)]
        for done, made in enumerate(pool.imap(collect, tasks), 1):
            rows += made
            print(f"\r{done}/{chosen.pages}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    with chosen.out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()

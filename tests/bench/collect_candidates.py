"""What the calibration is fitted on: candidates of drawn pages with what they really are, and how well each page was read.

    python tests/bench/collect_candidates.py                    # 400 pages -> models/calibration/candidates.csv, pages.csv
    python tests/bench/collect_candidates.py --pages 20 --out /tmp/try

The pages are those of tests/pages.py with seed 100; the benchmark's are others (seed 1). Every sixth is made worse than any
grade, so that no person could read it: it shows where the signs of unreadability (weak lines, small text) begin. The steps are
those of :func:`redact.search.search_page`, with a floor far below every threshold. No name and no text is written;
models/calibration/README.md tells what the columns mean.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any

# Before numpy and OpenCV start their threads: other people work on this machine.
os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import cv2
import numpy as np
from pages import Case, case

from redact.geometry import Quad
from redact.lines import Line, Reading
from redact.names.decide import decide_candidate, find_weak_lines, is_other, reads_as_written
from redact.names.find import Candidate, find_candidates
from redact.names.lattice import NEVER, UNKNOWN, Frames, Spotter
from redact.names.signatures import (
    PRINTED,
    SignaturePlace,
    doubtful_lines,
    find_signature_places,
    measure_ink,
    reads_as_other,
)
from redact.names.spellings import Symbol
from redact.names.thresholds import Thresholds
from redact.ocr.ppocr import PpOcrReader
from redact.search import Query
from redact.search.looks import AROUND, SECOND_LOOKS, best_readings, read_weak_lines
from redact.search.seals import find_seals, lies_in, look_at_seals
from redact.search.signatures import is_in_place, towards
from redact.values import Pixels

SEED = 100
FLOOR = -8.0
# Candidates from here on are looked at in other lights as well; it costs five strips each.
LOOK_FLOOR = -6.0
# Lines below this confidence are read again in other lights: the highest value of weak_line that the fit may choose.
AGAIN_BELOW = 0.75
WEAK_LIMITS = (0.3, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75)
SMALL_LIMITS = (6, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20)
WORSE_EVERY = 6
WORSE_GRADE = 5
# Everything is a hit, and every hit is sure: what decide_candidate then says is what it thinks of the surroundings alone.
OPEN = Thresholds(
    mask=FLOOR, review=FLOOR, hand_mask=1.0, hand_review=FLOOR, weak_line=AGAIN_BELOW, weak_share=1.0, small_text_px=0.0
)


@dataclass
class CandidateRow:
    page: int
    grade: int
    label: str  # true, part (inside the name, covering less than half), other
    occurrence: int | None
    kind: str
    drawn_by_hand: int
    name_length: int
    rule: str
    latin: int
    hand: str  # own: beside an anchor that says whose signature; any: beside one that does not; empty: elsewhere
    look: str  # page, again (weak lines in other lights), signature, seal; none: an occurrence without a candidate
    surroundings: str  # alone, unsure, part, other
    edge_probability: float | None
    score: float | None
    worst: float | None
    written: int
    agreement: float | None
    look_median: float | None
    look_best: float | None
    confidence: float | None
    thickness_px: float | None
    pieces: int


@dataclass
class PageRow:
    page: int
    grade: int
    rotation: int
    has_name: int
    traps: int
    lines: int
    rotation_right: int
    rotation_sure: int
    occurrences: int
    weak_shares: dict[float, float]
    small_shares: dict[int, float]

    def flat(self) -> dict[str, Any]:
        row = asdict(self)
        for limit, share in row.pop("weak_shares").items():
            row[f"weak_{round(100 * limit):02d}"] = round(share, 4)
        for limit, share in row.pop("small_shares").items():
            row[f"small_{limit:02d}"] = round(share, 4)
        return row


def collect(made: Case, reader: PpOcrReader) -> tuple[PageRow, list[CandidateRow]]:
    """One page: the steps of search_page, each candidate with its truth."""
    sample = made.sample
    pixels = sample.pixels
    query = replace(Query.make(sample.name, made.aliases), thresholds=OPEN)
    reading = reader.read(pixels, charset=query.charset)
    again = read_weak_lines(pixels, reading, query, reader)
    places = find_signature_places(reading.lines)
    seals = find_seals(pixels, reading)
    truth = Truth(made)
    rows: list[CandidateRow] = []

    def add(
        candidate: Candidate, lines: Sequence[Line], look: str, place: SignaturePlace | None, first: float | None = None
    ) -> None:
        if not lies_in(candidate, seals):
            row = _row(candidate, lines, look, place, truth, pixels, query, reader)
            rows.append(row if first is None else replace(row, confidence=round(first, 3)))

    for candidate in find_candidates(reading.lines, query.spellings, FLOOR):
        add(candidate, reading.lines, "page", _place_of(candidate, places))
    first_reading = {line.quad: line.confidence for line in reading.lines}
    for lines in again.values():
        for candidate in find_candidates(lines, query.spellings, FLOOR):
            first = min(first_reading[lines[i].quad] for i in candidate.lines)
            add(candidate, lines, "again", _place_of(candidate, places), first)
    for place in places:
        if place.own:
            for line in _signature_looks(pixels, place, reading, query, reader):
                for candidate in find_candidates([line], query.spellings, FLOOR):
                    legible = reads_as_other(place, reading.lines, PRINTED)
                    if not (legible and is_other(candidate, query.name, OPEN)):
                        add(candidate, [line], "signature", place)
    for hit in look_at_seals(pixels, seals, reading, query, reader):
        if hit.score > FLOOR:
            rows.append(_seal_row(hit.quads, hit.score, truth))
    rows = _strongest(rows)
    found = {row.occurrence for row in rows if row.label == "true"}
    rows += [truth.missing(i, reading.lines) for i in range(len(sample.occurrences)) if i not in found]
    return _page_row(made, reading, best_readings(reading, again), query), rows


class Truth:
    """Where the name stands on a page."""

    def __init__(self, made: Case) -> None:
        self.page, self.grade = made.index, made.sample.grade
        self.occurrences = made.sample.occurrences
        self.length = len(made.sample.name.replace("·", ""))

    def label(self, quads: Sequence[Quad]) -> tuple[str, int | None]:
        """What ``quads`` cover, and of which occurrence."""
        area = sum(q.length * q.thickness for q in quads)
        for index, occurrence in enumerate(self.occurrences):
            common = sum(_common_area(a, b) for a in quads for b in occurrence.quads)
            if common > 0.5 * sum(q.length * q.thickness for q in occurrence.quads):
                return "true", index
            if common > 0.5 * area:
                return "part", index
        return "other", None

    def blank_row(self, label: str, index: int | None, look: str) -> CandidateRow:
        occurrence = self.occurrences[index] if index is not None else None
        return CandidateRow(
            page=self.page,
            grade=self.grade,
            label=label,
            occurrence=index,
            kind=occurrence.kind if occurrence else "",
            drawn_by_hand=int(occurrence.hand) if occurrence else 0,
            name_length=self.length,
            rule="",
            latin=0,
            hand="",
            look=look,
            surroundings="",
            edge_probability=None,
            score=None,
            worst=None,
            written=0,
            agreement=None,
            look_median=None,
            look_best=None,
            confidence=None,
            thickness_px=None,
            pieces=0,
        )

    def missing(self, index: int, lines: Sequence[Line]) -> CandidateRow:
        """An occurrence that no candidate covers; ``confidence``: of the line that holds most of it, empty where none does."""
        row = self.blank_row("true", index, "none")
        quads = self.occurrences[index].quads
        row.thickness_px = round(min(q.thickness for q in quads), 1)
        area = sum(q.length * q.thickness for q in quads)
        held = [(sum(_common_area(line.quad, q) for q in quads), line) for line in lines]
        most, line = max(held, key=lambda pair: pair[0], default=(0.0, None))
        if line is not None and most > 0.3 * area:
            row.confidence = round(line.confidence, 3)
        return row


def _row(
    candidate: Candidate,
    lines: Sequence[Line],
    look: str,
    place: SignaturePlace | None,
    truth: Truth,
    pixels: Pixels,
    query: Query,
    reader: PpOcrReader,
) -> CandidateRow:
    row = truth.blank_row(*truth.label(candidate.quads), look)
    hit = decide_candidate(candidate, query.name, query.thresholds)
    verdicts = {None: "alone", "maybe_other": "unsure", "part_of_name": "part"}
    row.rule = candidate.spelling.rule
    row.latin = int(candidate.spelling.latin)
    row.hand = "" if place is None else "own" if place.explicit else "any"
    row.surroundings = "other" if hit is None else verdicts.get(hit.reason, "unsure")
    row.edge_probability = round(candidate.edge_probability, 2)
    row.score = round(candidate.score, 3)
    row.written = int(reads_as_written(candidate))
    row.pieces = len(candidate.lines)
    row.confidence = round(min(lines[i].confidence for i in candidate.lines), 3)
    row.thickness_px = round(min(q.thickness for q in candidate.quads), 1)
    needed = [s for s in candidate.spelling.symbols if not s.optional]
    row.agreement = round(sum(any(c in s.chars for c in candidate.read) for s in needed) / len(needed), 2)
    if row.pieces == 1:
        row.worst = _worst(candidate, lines[candidate.lines[0]])
        if look in ("page", "again") and candidate.score >= LOOK_FLOOR and not (row.written and candidate.score > -0.5):
            scores = [candidate.score, *_look_again(candidate, pixels, query, reader)]
            row.look_median, row.look_best = round(float(np.median(scores)), 3), round(max(scores), 3)
    return row


def _worst(candidate: Candidate, line: Line) -> float | None:
    """The worst character's score, over its frames: in the name's mean, one wrong letter of ten hardly shows."""
    assert line.lattice is not None
    frames = Frames.of(line.lattice)
    matches = Spotter([candidate.spelling], line.lattice.charset).spot(frames, FLOOR)
    same = [m for m in matches if abs(m.score - candidate.score) < 1e-3]
    if not same:
        return None
    totals = []
    for symbols in _aligned(candidate.spelling.symbols, len(same[0].spans)):
        scores = [_score_of(s, frames, span) for s, span in zip(symbols, same[0].spans, strict=True)]
        totals.append((sum(scores), min(score for s, score in zip(symbols, scores, strict=True) if not s.optional)))
    return round(max(totals)[1], 3) if totals else None


def _aligned(symbols: Sequence[Symbol], count: int) -> Iterator[tuple[Symbol, ...]]:
    """The ways to leave out optional symbols so that ``count`` remain."""
    optional = [i for i, s in enumerate(symbols) if s.optional]
    for absent in combinations(optional, len(symbols) - count) if len(symbols) >= count else ():
        yield tuple(s for i, s in enumerate(symbols) if i not in absent)


def _score_of(symbol: Symbol, frames: Frames, span: tuple[int, int]) -> float:
    columns = [frames.charset[c] for c in symbol.chars if c in frames.charset]
    scores = frames.scores[span[0] : span[1] + 1, columns].max(axis=1) if columns else np.full(span[1] + 1 - span[0], NEVER)
    if " " in symbol.chars:
        scores = np.maximum(scores, frames.space[span[0] : span[1] + 1])
    return float(scores.sum()) if columns or " " in symbol.chars else float(UNKNOWN)


def _look_again(candidate: Candidate, pixels: Pixels, query: Query, reader: PpOcrReader) -> Iterator[float]:
    """The same spelling at the same place in every light; the floor where it is not found."""
    quad = candidate.quads[0]
    margin = AROUND * quad.thickness / max(quad.length, 1.0)
    for variant in ("plain", *SECOND_LOOKS):
        lines = reader.read_places(pixels, [quad.part(-margin, 1 + margin)], charset=query.charset, variant=variant)
        found = find_candidates(lines, [candidate.spelling], FLOOR)
        yield max((c.score for c in found), default=FLOOR)


def _signature_looks(
    pixels: Pixels, place: SignaturePlace, reading: Reading, query: Query, reader: PpOcrReader
) -> Iterator[Line]:
    ink = measure_ink(pixels, place, reading.lines)
    quads = [line.quad for line in doubtful_lines(place, reading.lines)] + [place.quad]
    if ink is not None:
        quads.insert(0, towards(place.quad, ink.grown(0.1 * place.quad.thickness)))
    for variant in ("plain", "contrast", "smooth"):
        yield from reader.read_places(pixels, quads, charset=query.charset, variant=variant)


def _place_of(candidate: Candidate, places: Sequence[SignaturePlace]) -> SignaturePlace | None:
    inside = [p for p in places if p.own and is_in_place(candidate.quads, p)]
    return max(inside, key=lambda p: p.explicit, default=None)


def _seal_row(quads: Sequence[Quad], score: float, truth: Truth) -> CandidateRow:
    row = truth.blank_row(*truth.label(quads), "seal")
    row.rule, row.hand, row.surroundings, row.score, row.pieces = "seal", "seal", "alone", round(score, 3), 1
    return row


def _strongest(rows: Sequence[CandidateRow]) -> list[CandidateRow]:
    """Of the looks at one occurrence, or of one page's strays of a kind, those that the decision would go by.

    Rows from the page's own reading all stay.
    """
    kept: dict[tuple[Any, ...], CandidateRow] = {}
    first = [row for row in rows if row.look == "page"]
    for row in rows:
        if row.look == "page":
            continue
        key = (row.label, row.occurrence, row.hand, row.look, row.surroundings)
        if key not in kept or (row.score or 0) > (kept[key].score or 0):
            kept[key] = row
    return first + list(kept.values())


def _page_row(made: Case, reading: Reading, best: Sequence[Line], query: Query) -> PageRow:
    sample = made.sample
    area = sum(line.quad.length * line.quad.thickness for line in reading.lines)

    def share(lines: Sequence[Line]) -> float:
        return sum(line.quad.length * line.quad.thickness for line in lines) / area if area else 0.0

    weak = {w: share(find_weak_lines(best, replace(query.thresholds, weak_line=w))) for w in WEAK_LIMITS}
    words = [line for line in reading.lines if line.lattice is not None and len(line.lattice.glyphs) >= 2]
    small = {s: share([line for line in words if min(line.quad.thickness, line.quad.length) < s]) for s in SMALL_LIMITS}
    return PageRow(
        page=made.index,
        grade=sample.grade,
        rotation=sample.rotation,
        has_name=int(sample.has_name),
        traps=len(sample.traps),
        lines=len(reading.lines),
        rotation_right=int(reading.rotation == sample.rotation),
        rotation_sure=int(reading.rotation_sure),
        occurrences=len(sample.occurrences),
        weak_shares=weak,
        small_shares=small,
    )


def _common_area(a: Quad, b: Quad) -> float:
    if a.box.intersection_area(b.box) <= 0:
        return 0.0
    area, _ = cv2.intersectConvexConvex(a.array().astype(np.float32), b.array().astype(np.float32))
    return float(area)


def make_worse(made: Case) -> Case:
    """The page with fewer pixels than any grade leaves a character, as a thumbnail has."""
    rng = Random(f"worse/{made.seed}/{made.index}")
    sample = made.sample
    factor = rng.uniform(0.3, 0.8) if sample.grade == 4 else rng.uniform(0.2, 0.6)
    small = cv2.resize(sample.pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    _, data = cv2.imencode(".jpg", small[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, rng.randint(30, 60)])
    pressed = cv2.imdecode(data, cv2.IMREAD_COLOR)
    assert pressed is not None
    pixels = np.ascontiguousarray(pressed[:, :, ::-1])
    scale = np.array([pixels.shape[1] / sample.pixels.shape[1], pixels.shape[0] / sample.pixels.shape[0]])
    moved = tuple(replace(o, quads=tuple(Quad.from_array(q.array() * scale) for q in o.quads)) for o in sample.occurrences)
    return replace(made, sample=replace(sample, pixels=pixels, occurrences=moved, grade=WORSE_GRADE, dpi=sample.dpi * factor))


def draw_page(index: int, seed: int) -> Case:
    made = case(index, seed)
    return make_worse(made) if index % WORSE_EVERY == WORSE_EVERY - 1 else made


def main() -> None:
    default = Path(__file__).resolve().parents[2] / "models" / "calibration"
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=400)
    parser.add_argument("--start", type=int, default=0)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--out", type=Path, default=default, help="folder of candidates.csv and pages.csv")
    chosen = parser.parse_args()
    if chosen.seed == 1:
        parser.error("seed 1 is the benchmark's: thresholds must not be fitted on its pages")
    chosen.out.mkdir(parents=True, exist_ok=True)
    cv2.setNumThreads(1)
    reader = PpOcrReader(threads=1)
    started, written = time.perf_counter(), 0
    with (
        (chosen.out / "candidates.csv").open("w", encoding="utf-8", newline="") as candidate_file,
        (chosen.out / "pages.csv").open("w", encoding="utf-8", newline="") as page_file,
    ):
        candidates = csv.DictWriter(candidate_file, [f.name for f in fields(CandidateRow)], lineterminator="\n")
        candidates.writeheader()
        pages: csv.DictWriter[str] | None = None
        for index in range(chosen.start, chosen.start + chosen.pages):
            page, rows = collect(draw_page(index, chosen.seed), reader)
            flat = page.flat()
            if pages is None:
                pages = csv.DictWriter(page_file, list(flat), lineterminator="\n")
                pages.writeheader()
            pages.writerow(flat)
            candidates.writerows(asdict(row) for row in rows)
            written += len(rows)
            page_file.flush()
            candidate_file.flush()
            each = (time.perf_counter() - started) / (index - chosen.start + 1)
            print(
                f"\r{index - chosen.start + 1}/{chosen.pages}  {written} rows  {each:.1f} s a page",
                end="",
                file=sys.stderr,
                flush=True,
            )
    print(file=sys.stderr)


if __name__ == "__main__":
    main()

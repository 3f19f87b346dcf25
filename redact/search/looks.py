"""Second looks: a doubtful place, or a line that was read weakly, read again on its own and in other lights."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from redact.geometry import Quad
from redact.lines import Line, Reading
from redact.names.decide import decide_candidate, find_weak_lines, is_other
from redact.names.find import Candidate
from redact.ocr.reader import TextReader
from redact.search.query import Query, find
from redact.values import Hit, Pixels

# Looks that are worth a try where plain reading is weak; each costs one strip.
SECOND_LOOKS = ("contrast", "smooth", "inverted", "red")
# At most this many weak lines are read again: beyond it the page is 复核 for its unread share anyway.
MOST_WEAK_LINES = 60
# How far around a doubtful candidate its line is cut again, in line heights.
AROUND = 2.0
LOOKS_AGREE = 2


def read_weak_lines(pixels: Pixels, reading: Reading, query: Query, reader: TextReader) -> dict[str, tuple[Line, ...]]:
    weak = find_weak_lines(reading.lines, query.thresholds)[:MOST_WEAK_LINES]
    if not weak:
        return {}
    quads = [line.quad for line in weak]
    return {v: reader.read_places(pixels, quads, charset=query.charset, variant=v) for v in SECOND_LOOKS}


def best_readings(reading: Reading, again: dict[str, tuple[Line, ...]]) -> tuple[Line, ...]:
    """Each line as it was read best."""
    better: dict[Quad, Line] = {}
    for lines in again.values():
        for line in lines:
            if line.quad not in better or line.confidence > better[line.quad].confidence:
                better[line.quad] = line
    return tuple(max(line, better.get(line.quad, line), key=lambda x: x.confidence) for line in reading.lines)


def look_again(pixels: Pixels, candidate: Candidate, hit: Hit, query: Query, reader: TextReader, *, hand: bool) -> Hit | None:
    """The place on its own, and in other lights.

    A weak hit counts as its best look does. One that is sure although greedy reading has something else there stays sure only
    where most looks agree. What may be part of another's name is so where two looks say it and none denies it.
    """
    quad = candidate.quads[0]
    margin = AROUND * quad.thickness / max(quad.length, 1.0)
    place = quad.part(-margin, 1 + margin)
    best, scores, other = hit, [hit.score], 0
    for variant in ("plain", *SECOND_LOOKS):
        lines = reader.read_places(pixels, [place], charset=query.charset, variant=variant)
        same = [c for c in find(lines, query) if c.spelling == candidate.spelling]
        scores.append(max((c.score for c in same), default=query.thresholds.hand_review))
        for again in same:
            second = decide_candidate(again, query.name, query.thresholds, hand=hand)
            other += is_other(again, query.name, query.thresholds)
            if second is not None and (second.sure, second.score) > (best.sure, best.score):
                best = second
    if hit.reason in ("maybe_other", "part_of_name"):
        return None if other >= LOOKS_AGREE and not best.sure else hit
    if hit.sure and float(np.median(scores)) < query.thresholds.mask:
        return replace(hit, sure=False, reason="uncertain_hit")
    return hit if hit.sure else best

"""One page searched for one name: read, spot, look again where it is hard, decide. Masking and verification both ask here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from redact.geometry import ROTATIONS, Box, Quad, Rotation
from redact.lines import Line, Reading
from redact.names.decide import PageDecision, decide_candidate, decide_page, find_weak_lines, is_other, reads_as_written
from redact.names.find import Candidate, Context, find_candidates
from redact.names.name import Name
from redact.names.signatures import (
    LEGIBLE,
    PRINTED,
    SignaturePlace,
    doubtful_lines,
    find_signature_places,
    measure_ink,
    reads_as_other,
)
from redact.names.spellings import Spelling, charset, spell
from redact.names.text_search import find_in_text
from redact.names.thresholds import Thresholds, load_thresholds
from redact.ocr.reader import TextReader
from redact.ocr.seals import find_name_seals, lay_out
from redact.values import Hit, Page, Pixels, Reason, TextRun

# Looks that are worth a try where plain reading is weak; each costs one strip.
SECOND_LOOKS = ("contrast", "smooth", "inverted", "red")
# At most this many weak lines are read again: beyond it the page is 复核 for its unread share anyway.
MOST_WEAK_LINES = 60
# How far around a doubtful candidate its line is cut again, in line heights.
AROUND = 2.0
BLANK_DEVIATION = 4.0
# A seal that reads this surely as something else is somebody else's.
SEAL_READ = 0.8
NEVER_SCORE = -1e9
LOOKS_AGREE = 2


@dataclass(frozen=True, slots=True)
class Query:
    """A name made ready to be searched for."""

    name: Name = field(repr=False)
    spellings: tuple[Spelling, ...] = field(repr=False)
    charset: frozenset[str] = field(repr=False)
    thresholds: Thresholds

    @classmethod
    def make(cls, name: str, aliases: Iterable[str] = (), *, models_dir: Path | None = None) -> Query:
        """Raises:
        InvalidName: see :meth:`redact.names.name.Name.parse`.
        """
        parsed = Name.parse(name, aliases)
        spellings = spell(parsed)
        return cls(parsed, spellings, charset(spellings), load_thresholds(models_dir))


@dataclass(frozen=True, slots=True)
class PageFinding:
    reading: Reading
    decision: PageDecision


def search_page(page: Page, query: Query, reader: TextReader, *, zoom: float = 1.0, signatures: bool = True) -> PageFinding:
    """``zoom``: the scale of the reading against the usual one (verification reads at another than masking did).

    ``signatures``: whether ink beside an anchor that cannot be read counts; on a masked page that ink is the mask.
    """
    reading = reader.read(page.pixels, charset=query.charset, zoom=zoom)
    again = _read_weak_lines(page.pixels, reading, query, reader)
    places = find_signature_places(reading.lines)
    seals = _find_seals(page.pixels, reading) if signatures else []
    candidates = _find(reading.lines, query)
    for lines in again.values():
        candidates += _find(lines, query)
    candidates = [c for c in candidates if not _lies_in(c, seals)]
    hits = [h for c in candidates if (h := _decide(page.pixels, c, reading, places, query, reader)) is not None]
    if signatures:
        hits += _look_at_signatures(page.pixels, places, hits, reading, query, reader)
        hits += _look_at_seals(page.pixels, seals, reading, query, reader)
    hits = _distinct(hits)
    hits += _search_runs(page, query, hits)
    best = _best_readings(reading, again)
    unread = find_weak_lines(best, query.thresholds)
    reasons = [Reason("no_text")] if not reading.lines and not _is_blank(page.pixels) else []
    return PageFinding(reading, decide_page(hits, reasons, replace(reading, lines=best), unread, query.thresholds))


def _find(lines: Sequence[Line], query: Query) -> list[Candidate]:
    floor = min(query.thresholds.review, query.thresholds.hand_review)
    return find_candidates(lines, query.spellings, floor)


def _read_weak_lines(pixels: Pixels, reading: Reading, query: Query, reader: TextReader) -> dict[str, tuple[Line, ...]]:
    weak = find_weak_lines(reading.lines, query.thresholds)[:MOST_WEAK_LINES]
    if not weak:
        return {}
    quads = [line.quad for line in weak]
    return {v: reader.read_places(pixels, quads, charset=query.charset, variant=v) for v in SECOND_LOOKS}


def _best_readings(reading: Reading, again: dict[str, tuple[Line, ...]]) -> tuple[Line, ...]:
    """Each line as it was read best."""
    better: dict[Quad, Line] = {}
    for lines in again.values():
        for line in lines:
            if line.quad not in better or line.confidence > better[line.quad].confidence:
                better[line.quad] = line
    return tuple(max(line, better.get(line.quad, line), key=lambda x: x.confidence) for line in reading.lines)


def _decide(
    pixels: Pixels, candidate: Candidate, reading: Reading, places: Sequence[SignaturePlace], query: Query, reader: TextReader
) -> Hit | None:
    hand = any(
        p.own and p.explicit and _mostly_inside(candidate.quads, p) and not reads_as_other(p, reading.lines, PRINTED)
        for p in places
    )
    hit = decide_candidate(candidate, query.name, query.thresholds, hand=hand)
    if hit is None or len(candidate.lines) > 1:
        return hit
    if hit.sure and reads_as_written(candidate):
        return hit
    return _look_again(pixels, candidate, hit, query, reader, hand=hand)


def _look_again(pixels: Pixels, candidate: Candidate, hit: Hit, query: Query, reader: TextReader, *, hand: bool) -> Hit | None:
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
        same = [c for c in _find(lines, query) if c.spelling == candidate.spelling]
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


def _look_at_signatures(
    pixels: Pixels, places: Sequence[SignaturePlace], hits: Sequence[Hit], reading: Reading, query: Query, reader: TextReader
) -> list[Hit]:
    """The applicant's signature, where the text alone did not give it. Places whose label does not say whose they are
    (签名：) come last: once the applicant's own is known, what nobody can read there is somebody else's."""
    found: list[Hit] = []
    for place in sorted((p for p in places if p.own), key=lambda p: not p.explicit):
        if _covered(place, [*hits, *found]):
            continue
        signed = any(p.own and p.explicit and _covered(p, [*hits, *found]) for p in places)
        more = _look_for_signature(pixels, place, reading, query, reader)
        found += [h for h in more if h.reason != "signature_unread" or place.explicit or not signed]
    return found


def _look_for_signature(pixels: Pixels, place: SignaturePlace, reading: Reading, query: Query, reader: TextReader) -> list[Hit]:
    """The applicant's own signature: spotted in the ink itself, else the ink as a proposal for a person."""
    ink = measure_ink(pixels, place, reading.lines)
    quads = [line.quad for line in doubtful_lines(place, reading.lines)] + [place.quad]
    if ink is not None:
        quads.insert(0, _towards(place.quad, ink.grown(0.1 * place.quad.thickness)))
    best: Hit | None = None
    longer = False
    for variant in ("plain", "contrast", "smooth"):
        for line in reader.read_places(pixels, quads, charset=query.charset, variant=variant):
            for candidate in _find([line], query):
                longer |= is_other(candidate, query.name, query.thresholds)
                hit = decide_candidate(candidate, query.name, query.thresholds, hand=True)
                if hit is not None and (best is None or (hit.sure, hit.score) > (best.sure, best.score)):
                    best = hit
    if longer and reads_as_other(place, reading.lines, PRINTED):
        return []
    if best is not None and best.sure and longer:
        best = replace(best, sure=False, reason="maybe_other")
    other = reads_as_other(place, reading.lines, PRINTED)
    if best is not None and (best.sure or (place.explicit and not other) or best.score >= query.thresholds.review):
        # The hand is less regular than its alignment: where the ink is known, the mask takes all of it.
        return [best if ink is None or best.reason == "maybe_other" else replace(best, quads=(_towards(place.quad, ink),))]
    if ink is None or reads_as_other(place, reading.lines, LEGIBLE):
        return []
    quad = _towards(place.quad, ink)
    return [Hit((quad,), query.thresholds.hand_review, "signature", sure=False, reason="signature_unread")]


def _find_seals(pixels: Pixels, reading: Reading) -> list[Box]:
    heights = [line.quad.thickness for line in reading.lines if line.confidence >= SEAL_READ]
    seals = find_name_seals(pixels, float(np.median(heights)) if heights else max(pixels.shape[:2]) / 70)
    return [seal for seal in seals if not any(_is_part_of(seal, line) for line in reading.lines)]


def _lies_in(candidate: Candidate, seals: Sequence[Box]) -> bool:
    """Rows of a seal are read as lines, too, in an order that says nothing."""
    return any(all(q.box.intersection_area(s) > 0.6 * q.box.area for q in candidate.quads) for s in seals)


def _look_at_seals(pixels: Pixels, seals: Sequence[Box], reading: Reading, query: Query, reader: TextReader) -> list[Hit]:
    """Name seals: the name spotted in one of the orders in which seals are cut; one that nobody could read is for a person."""
    hits = []
    for seal in seals:
        lines = _read_seal(pixels, seal, reading.rotation, query, reader)
        read_surely = any(line.confidence >= SEAL_READ and len(line.lattice.glyphs) >= 2 for line in lines if line.lattice)
        scores = [
            candidate.score
            for line in lines
            for candidate in _find([line], query)
            if candidate.spelling.rule != "first_part" and not is_other(candidate, query.name, query.thresholds)
        ]
        best = max(scores, default=NEVER_SCORE)
        rows = tuple(_towards_rotation(half, reading.rotation) for half in _halves(seal, reading.rotation))
        if best >= query.thresholds.hand_mask:
            hits.append(Hit(rows, best, "seal"))
        elif best >= query.thresholds.review or not read_surely:
            score = max(best, query.thresholds.hand_review)
            hits.append(Hit(rows, score, "seal", sure=False, reason="seal_unread"))
    return hits


def _read_seal(pixels: Pixels, seal: Box, rotation: Rotation, query: Query, reader: TextReader) -> list[Line]:
    """The seal in each order of its cells; where some order gives a character for every cell, only such orders count."""
    lines, complete = [], []
    for strip in lay_out(pixels, seal, rotation):
        whole = Quad.from_box(Box(0, 0, strip.shape[1], strip.shape[0]))
        line = reader.read_places(strip, [whole], charset=query.charset)[0]
        lines.append(line)
        cells = strip.shape[1] // strip.shape[0]
        if cells > 2 and line.lattice is not None and len(line.lattice.glyphs) == cells and line.confidence >= SEAL_READ:
            complete.append(line)
    return complete or lines


def _halves(seal: Box, rotation: Rotation) -> tuple[Box, Box]:
    """The seal's two rows, so that masks are padded by a character's height and not by the seal's."""
    (x, y) = seal.centre
    if rotation in (0, 180):
        return Box(seal.x0, seal.y0, seal.x1, y), Box(seal.x0, y, seal.x1, seal.y1)
    return Box(seal.x0, seal.y0, x, seal.y1), Box(x, seal.y0, seal.x1, seal.y1)


def _is_part_of(seal: Box, line: Line) -> bool:
    """Whether what looks like a seal is a character of a longer line (a red heading, 国)."""
    longer = line.quad.length > 1.6 * max(seal.width, seal.height)
    return longer and line.confidence >= SEAL_READ and line.quad.box.intersection_area(seal) > 0.5 * seal.area


def _towards_rotation(box: Box, rotation: Rotation) -> Quad:
    points = Quad.from_box(box).points
    k = rotation // 90
    a, b, c, d = points[k:] + points[:k]
    return Quad((a, b, c, d))


def _towards(like: Quad, box: Box) -> Quad:
    """``box`` as a quad that is read in the direction of ``like``."""
    return _towards_rotation(box, ROTATIONS[round(like.direction_deg / 90) % 4])


def _mostly_inside(quads: Sequence[Quad], place: SignaturePlace) -> bool:
    box = place.quad.box
    return all(q.box.intersection_area(box) > 0.5 * q.box.area for q in quads)


def _covered(place: SignaturePlace, hits: Sequence[Hit]) -> bool:
    return any(hit.sure and any(q.box.intersection_area(place.quad.box) > 0.3 * q.box.area for q in hit.quads) for hit in hits)


def _distinct(hits: Sequence[Hit]) -> list[Hit]:
    """Of hits on the same ink the surer; looks in several lights find the same name several times."""
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda h: (not h.sure, -h.score)):
        if not any(_same_ink(hit, other) for other in kept):
            kept.append(hit)
    return kept


def _same_ink(hit: Hit, other: Hit) -> bool:
    return all(any(a.intersection_area(b) > 0.6 * min(a.area, b.area) for b in other.boxes) for a in hit.boxes)


def _search_runs(page: Page, query: Query, hits: Sequence[Hit]) -> list[Hit]:
    """Names in the PDF's own text. Where pixels do not show what hidden text says, a person looks."""
    found = []
    for run in page.runs:
        for match in find_in_text(run.text, query.spellings):
            hit = _run_hit(run, match.start, match.end, match.spelling, query, page)
            if hit is not None and not any(_same_ink(hit, other) for other in hits):
                found.append(hit)
    return found


def _run_hit(run: TextRun, start: int, end: int, spelling: Spelling, query: Query, page: Page) -> Hit | None:
    boxes = [b for b, c in zip(run.boxes[start:end], run.text[start:end], strict=True) if not c.isspace()]
    if not boxes:
        return None
    box = boxes[0]
    for other in boxes[1:]:
        box = box.union(other)
    box = box.clipped(page.width, page.height)
    if box.area <= 0:
        return None  # off the page: it leaves with the text layer
    candidate = Candidate(
        spelling,
        0.0,
        (Quad.from_box(box),),
        (0,),
        before=Context(run.text[:start].rpartition(" ")[2], False),
        after=Context(run.text[end:].partition(" ")[0], False),
        read=run.text[start:end],
    )
    hit = decide_candidate(candidate, query.name, query.thresholds)
    if hit is None:
        return None
    if run.hidden and hit.sure:
        return replace(hit, rule="text_layer", sure=False, reason="text_layer_differs")
    return replace(hit, rule="text_layer")


def _is_blank(pixels: Pixels) -> bool:
    """A sheet without ink: even paper, apart from its edges."""
    height, width = pixels.shape[:2]
    inner = pixels[height // 20 : height - height // 20, width // 20 : width - width // 20]
    return bool(np.std(inner.astype(np.float32)) < BLANK_DEVIATION) if inner.size else True

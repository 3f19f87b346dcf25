"""One page searched for one name: read, spot, look again where it is hard, decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from redact.geometry import Box, Quad
from redact.lines import Reading
from redact.names.decide import PageDecision, decide_candidate, decide_page, find_weak_lines, may_be_misread, reads_as_written
from redact.names.find import Candidate, Context
from redact.names.signatures import PRINTED, SignaturePlace, find_signature_places, reads_as_other
from redact.names.spellings import Spelling
from redact.names.text_search import find_in_text
from redact.ocr.reader import TextReader
from redact.search.looks import best_readings, find_weak_names, look_again, read_weak_lines
from redact.search.query import Query, find
from redact.search.seals import find_seals, lies_in, look_at_seals
from redact.search.signatures import is_in_place, look_at_signatures
from redact.values import Hit, Page, Pixels, Reason, TextRun

BLANK_DEVIATION = 4.0
# Down to this score, what is read for a character that the recogniser is known to misread resembles it (溪 for 淏: -8.2).
NEAR = -9.0


@dataclass(frozen=True, slots=True)
class PageFinding:
    reading: Reading
    decision: PageDecision


def search_page(page: Page, query: Query, reader: TextReader, *, zoom: float = 1.0, signatures: bool = True) -> PageFinding:
    """``zoom``: the scale of the reading against the usual one (verification reads at another than masking did).

    ``signatures``: whether ink beside an anchor that cannot be read counts; on a masked page that ink is the mask.
    """
    reading = reader.read(page.pixels, charset=query.charset, zoom=zoom)
    again = read_weak_lines(page.pixels, reading, query, reader)
    places = find_signature_places(reading.lines)
    seals = find_seals(page.pixels, reading)
    candidates = find(reading.lines, query)
    for lines in again.values():
        candidates += find(lines, query)
    if signatures:
        candidates = [c for c in candidates if not lies_in(c, seals)]
    hits = [h for c in candidates if (h := _decide(page.pixels, c, reading, places, query, reader)) is not None]
    if signatures:
        hits = look_at_signatures(page.pixels, places, hits, reading, query, reader)
    # A masked seal cannot be read, and that is as it should be.
    hits += [h for h in look_at_seals(page.pixels, seals, reading, query, reader) if signatures or h.sure]
    hits = _distinct(hits)
    hits += [h for h in find_weak_names(reading.lines, query) if not any(_same_ink(h, other) for other in hits)]
    hits += _search_runs(page, query, hits)
    best = best_readings(reading, again)
    unread = find_weak_lines(best, query.thresholds)
    reasons = [Reason("no_text")] if not reading.lines and not _is_blank(page.pixels) else []
    return PageFinding(reading, decide_page(hits, reasons, replace(reading, lines=best), unread, query.thresholds))


def _decide(
    pixels: Pixels, candidate: Candidate, reading: Reading, places: Sequence[SignaturePlace], query: Query, reader: TextReader
) -> Hit | None:
    hand = any(
        p.own and p.explicit and is_in_place(candidate.quads, p) and not reads_as_other(p, reading.lines, PRINTED) for p in places
    )
    hit = decide_candidate(candidate, query.name, query.thresholds, hand=hand)
    expected = any(p.own and p.explicit and is_in_place(candidate.quads, p) for p in places)
    if hit is None and may_be_misread(candidate) and (expected or min(x.ratio for x in candidate.letters) > NEAR):
        return Hit(candidate.quads, candidate.score, "line", sure=False, reason="uncertain_hit")
    if hit is None or len(candidate.lines) > 1:
        return hit
    if hit.sure and reads_as_written(candidate):
        return hit
    return look_again(pixels, candidate, hit, query, reader, hand=hand)


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
    box = Box.around_all(boxes).clipped(page.width, page.height)
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

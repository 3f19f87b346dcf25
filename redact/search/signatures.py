"""The applicant's signature: the name spotted in the ink beside a label, else the ink as a proposal for a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from redact.geometry import ROTATIONS, Box, Quad
from redact.lines import Reading
from redact.names.decide import decide_candidate, is_other
from redact.names.signatures import LEGIBLE, PRINTED, SignaturePlace, doubtful_lines, measure_ink, reads_as_other
from redact.ocr.reader import TextReader
from redact.search.query import Query, find
from redact.values import Hit, Pixels


def look_at_signatures(
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
        quads.insert(0, towards(place.quad, ink.grown(0.1 * place.quad.thickness)))
    best: Hit | None = None
    longer = False
    for variant in ("plain", "contrast", "smooth"):
        for line in reader.read_places(pixels, quads, charset=query.charset, variant=variant):
            for candidate in find([line], query):
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
        return [best if ink is None or best.reason == "maybe_other" else replace(best, quads=(towards(place.quad, ink),))]
    if ink is None or reads_as_other(place, reading.lines, LEGIBLE):
        return []
    quad = towards(place.quad, ink)
    return [Hit((quad,), query.thresholds.hand_review, "signature", sure=False, reason="signature_unread")]


def is_in_place(quads: Sequence[Quad], place: SignaturePlace) -> bool:
    box = place.quad.box
    return all(q.box.intersection_area(box) > 0.5 * q.box.area for q in quads)


def _covered(place: SignaturePlace, hits: Sequence[Hit]) -> bool:
    return any(hit.sure and any(q.box.intersection_area(place.quad.box) > 0.3 * q.box.area for q in hit.quads) for hit in hits)


def towards(like: Quad, box: Box) -> Quad:
    """``box`` as a quad that is read in the direction of ``like``."""
    return Quad.from_box(box, ROTATIONS[round(like.direction_deg / 90) % 4])

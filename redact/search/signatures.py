"""The applicant's signature: the name spotted in the ink beside a label, else the ink as a proposal for a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from redact.geometry import ROTATIONS, Box, Quad
from redact.lines import Line, Reading
from redact.names.decide import decide_candidate, leans_other
from redact.names.find import Candidate, find_candidates
from redact.names.name import is_han
from redact.names.signatures import LEGIBLE, PRINTED, SignaturePlace, doubtful_lines, measure_ink, reads_as_other
from redact.ocr.reader import TextReader
from redact.search.looks import LOOK_FLOOR, Looks
from redact.search.query import Query
from redact.values import Hit, Pixels

# Ink in which some look reads two characters as surely as READ is somebody else's where the name's best look, summed over its
# characters, is this far off. On 400 drawn pages the applicant's own legible signatures reached -8.7 at worst.
ELSEWHERE, READ = -12.0, 0.7
LOOKS = ("plain", "contrast", "smooth")


def look_at_signatures(
    pixels: Pixels, places: Sequence[SignaturePlace], hits: Sequence[Hit], reading: Reading, query: Query, reader: TextReader
) -> list[Hit]:
    """The hits, with the applicant's signature where the text alone did not give it, and without those doubts that a look at
    the ink beside its label settles.

    Places whose label does not say whose they are (签名：) come last: once the applicant's own is known, what nobody can read
    there is somebody else's. The others come twice: one of them may tell whose page it is."""
    hits = list(hits)
    explicit = [p for p in places if p.own and p.explicit]
    was_known: dict[SignaturePlace, bool] = {}
    for place in [*explicit, *explicit, *(p for p in places if p.own and not p.explicit)]:
        # The page is the applicant's: then a weak likeness in the ink beside his own label is his hand.
        known = place.explicit and any(h.sure and not is_in_place(h.quads, place) for h in hits)
        if was_known.get(place) == known:
            continue
        was_known[place] = known
        # What is plainly read as something else was judged as any other text; but 冯权松 in a hand may read as 冯材松.
        if not is_covered(place, hits) and (known or not reads_as_other(place, reading.lines, PRINTED)):
            signed = any(p.own and p.explicit and is_covered(p, hits) for p in places)
            weak = [h for h in hits if h.reason == "uncertain_hit" and is_in_place(h.quads, place)]
            spotted = max(weak, key=lambda h: h.score, default=None)
            found = _look_for_signature(pixels, place, reading, query, reader, spotted=spotted, known=known)
            if found is None:
                hits = [h for h in hits if h.sure or not is_in_place(h.quads, place)]
            elif found.reason != "signature_unread" or place.explicit or not signed:
                hits.append(found)
        if place.explicit and is_covered(place, hits):
            hits = [h for h in hits if h.sure or not is_in_place(h.quads, place)]
    return hits


def _look_for_signature(
    pixels: Pixels,
    place: SignaturePlace,
    reading: Reading,
    query: Query,
    reader: TextReader,
    *,
    spotted: Hit | None,
    known: bool,
) -> Hit | None:
    """The applicant's own signature: spotted in the ink itself, else the ink as a proposal for a person; None where it is
    another's, or nothing.

    ``spotted``: what the page's own reading has there; ``known``: the page is known to be the applicant's.
    """
    # A hand that is plainly read as two characters of three leaves the third unread: nothing of it accounts for the ink.
    inside = {index for index, _ in place.lines} if known and place.signed else set()
    ink = measure_ink(pixels, place, [line for i, line in enumerate(reading.lines) if i not in inside or _has_digits(line)])
    quads = [line.quad for line in doubtful_lines(place, reading.lines)] + [place.quad]
    if ink is not None:
        quads.insert(0, towards(place.quad, ink.grown(0.1 * place.quad.thickness)))
    looks: list[Candidate | None] = []
    lines: list[Line] = []
    best = spotted
    for variant in LOOKS:
        seen = reader.read_places(pixels, quads, charset=query.charset, variant=variant)
        lines += seen
        candidates = [c for line in seen for c in find_candidates([line], query.spellings, LOOK_FLOOR)]
        # The whole name before a part of it, which has more of a name around it by its nature.
        han = [c for c in candidates if not c.spelling.latin]
        looks.append(max(han, key=lambda c: (c.spelling.sure and c.score > query.thresholds.hand_review, c.score), default=None))
        for candidate in candidates:
            hit = decide_candidate(candidate, query.name, query.thresholds, hand=True)
            if hit is not None and (best is None or (hit.sure, hit.score) > (best.sure, best.score)):
                best = hit
    place_looks = Looks(tuple(looks))
    far = all(c.total <= ELSEWHERE and c.score <= query.thresholds.hand_review for c in place_looks.seen)
    if (place_looks.is_other(query.name, hand=True) and not known) or (far and any(_is_read(line) for line in lines)):
        return None
    if best is not None and best.sure and any(leans_other(c, query.name) for c in place_looks.seen):
        best = replace(best, sure=False, reason="maybe_other")
    if best is not None and known and ink is not None and best.reason == "uncertain_hit":
        best = replace(best, sure=True, reason=None)
    if best is not None and (best.sure or place.explicit or best.score >= query.thresholds.review):
        # The hand is less regular than its alignment: where the ink is known, the mask takes all of it.
        return best if ink is None or best.reason == "maybe_other" else replace(best, quads=(towards(place.quad, ink),))
    if ink is None or any(_is_label(line) for line in lines):
        return None
    if reads_as_other(place, reading.lines, LEGIBLE) and not (known and place.signed):
        return None
    return Hit((towards(place.quad, ink),), query.thresholds.hand_review, "signature", sure=False, reason="signature_unread")


def _is_read(line: Line) -> bool:
    glyphs = line.lattice.glyphs if line.lattice is not None else ()
    return sum(g.probability >= READ for g in glyphs if is_han(g.char)) >= 2


def _has_digits(line: Line) -> bool:
    return line.lattice is not None and any(c.isdigit() for c in line.lattice.text)


def _is_label(line: Line) -> bool:
    """The end of a label (名：) that detection took for a line of its own."""
    text = line.lattice.text.strip() if line.lattice is not None else ""
    return text[-1:] in (":", "：") and line.confidence >= PRINTED


def is_in_place(quads: Sequence[Quad], place: SignaturePlace) -> bool:
    box = place.quad.box
    return all(q.box.intersection_area(box) > 0.5 * q.box.area for q in quads)


def is_covered(place: SignaturePlace, hits: Sequence[Hit]) -> bool:
    return any(hit.sure and any(q.box.intersection_area(place.quad.box) > 0.3 * q.box.area for q in hit.quads) for hit in hits)


def towards(like: Quad, box: Box) -> Quad:
    """``box`` as a quad that is read in the direction of ``like``."""
    return Quad.from_box(box, ROTATIONS[round(like.direction_deg / 90) % 4])

"""Second looks: a doubtful place, or a line that was read weakly, read again on its own and in other lights."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from redact.geometry import Box, Quad
from redact.lines import Line, Reading
from redact.names.decide import decide_candidate, find_weak_lines, is_other, leans_other
from redact.names.find import Candidate, find_candidates
from redact.names.glyphs import simplify
from redact.names.lattice import STRAYS_BY
from redact.names.name import Name, is_han
from redact.ocr.reader import TextReader
from redact.search.query import Query
from redact.values import Hit, Pixels

# Looks that are worth a try where plain reading is weak; each costs one strip.
SECOND_LOOKS = ("contrast", "smooth", "inverted", "red")
# At most this many weak lines are read again: beyond it the page is 复核 for its unread share anyway.
MOST_WEAK_LINES = 60
# How far around a doubtful candidate its line is cut again, in line heights.
AROUND = 2.0
# Of the looks at a place: this share must agree that more of a longer name stands around it, another character in it, or one
# more inside; two are enough where they see it surely.
MOST_LOOKS, LOOKS_AGREE = 0.8, 2
# Another character in the place of one of the name's (谣 for 瑶), as surely as the median look reads it, is what is printed
# where the name's best look, summed over its characters, is as far off as this; read as surely as DOUBTED, nobody can tell.
# On 400 drawn pages, true names in print reached -2.8 at their worst; a hand wrote 咏 and 斐 that read as 永 and 受 at -4.2
# and -4.6.
PRINTED_OTHER, PRINTED_FAR = 0.9, -6.0
WRITTEN_OTHER, WRITTEN_FAR = 0.97, -7.0
DOUBTED = 0.7
# One character of so many may be misread: names that differ by one are rare.
LONG_NAME = 5
# A character between two of the name's (王致和 for 王和), read as surely as this.
INSERTED = 0.8
# Far below every threshold: how much a look denies is evidence, too.
LOOK_FLOOR = -10.0
# A line of just as many characters as the name has, read with less confidence than WEAK_NAME, may be it unless the name's best
# alignment, summed over its characters, is further off than WITHIN. Of 600 drawn pages this sent one to a person, whose name read
# as 川溪 for 周淏 at -13.3; the nearest lines that were something else had -14.3 and -14.9.
WEAK_NAME, WITHIN = 0.85, -14.0
# Less long than this for each of its characters, in line heights, it is a seal's square.
LEAST_LENGTH = 0.7
# The margin around a place may hold the name once more.
SAME_PLACE = 0.5


@dataclass(frozen=True, slots=True)
class Looks:
    """One spelling at one place, as each look has it best; None where a look has it nowhere near."""

    candidates: tuple[Candidate | None, ...]

    @property
    def seen(self) -> tuple[Candidate, ...]:
        return tuple(c for c in self.candidates if c is not None)

    def most(self, count: int) -> bool:
        return count >= MOST_LOOKS * len(self.candidates)

    def is_other(self, name: Name, *, hand: bool) -> bool:
        """Whether most looks see somebody else's name: more around it, one more character in it, another in its place."""
        seen = self.seen
        if self.most(sum(leans_other(c, name) for c in seen)) or self.most(sum(c.inserted >= INSERTED for c in seen)):
            return True
        rival = self.find_rival()
        printed, far = (WRITTEN_OTHER, WRITTEN_FAR) if hand else (PRINTED_OTHER, PRINTED_FAR)
        return (
            rival is not None
            and len(seen[0].letters) < LONG_NAME
            and rival[1] >= printed
            and max(c.total for c in seen) <= far
            and max(c.letters[rival[0]].ratio for c in seen) < seen[0].spelling.needed[rival[0]].lowest - float(STRAYS_BY)
        )

    def find_rival(self) -> tuple[int, float] | None:
        """The character of the name in whose place most looks read one and the same other one: its index, and how surely the
        median look reads that."""
        seen = self.seen
        best: tuple[int, float] | None = None
        for index in range(min((len(c.letters) for c in seen), default=0)):
            letters = [c.letters[index] for c in seen if c.spelling == seen[0].spelling]
            wrong = Counter(simplify(letter.read) for letter in letters if not letter.right)
            char, count = next(iter(wrong.most_common(1)), ("", 0))
            if not self.most(count) or not is_han(char):
                continue
            sureness = [letter.probability if simplify(letter.read) == char else 0.0 for letter in letters]
            median = float(np.median(sureness + [0.0] * (len(self.candidates) - len(sureness))))
            if best is None or median > best[1]:
                best = index, median
        return best


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


def find_weak_names(lines: Sequence[Line], query: Query) -> list[Hit]:
    """Lines that are shaped like the name and read too weakly to say that they are not: a cell of a poor scan."""
    spelling = query.spellings[0]
    needed = len(spelling.needed)
    hits = []
    for line in lines:
        text = "".join(line.lattice.text.split()) if line.lattice is not None else ""
        if line.confidence >= WEAK_NAME or len(text) != needed or not all(map(is_han, text)):
            continue
        if line.quad.length < LEAST_LENGTH * needed * line.quad.thickness:
            continue
        found = find_candidates([line], [spelling], WITHIN / needed)
        if found:
            hits.append(Hit((line.quad,), max(c.score for c in found), "line", sure=False, reason="uncertain_hit"))
    return hits


def look_again(pixels: Pixels, candidate: Candidate, hit: Hit, query: Query, reader: TextReader, *, hand: bool) -> Hit | None:
    """What a doubtful hit is worth once its place was read on its own, and in other lights; None where it is somebody else's.

    A weak hit counts as its best look does. One that is sure although plain reading has something else there stays sure only
    where most looks agree. A longer name, or one with another character, is so where most looks say it and none denies it.
    """
    looks = Looks((candidate, *_take_looks(pixels, candidate, query, reader)))
    if looks.is_other(query.name, hand=hand):
        return None
    seen = looks.seen
    second = [decide_candidate(look, query.name, query.thresholds, hand=hand) for look in seen]
    best = max([hit, *(s for s in second if s is not None)], key=lambda h: (h.sure, h.score))
    if hit.reason in ("maybe_other", "part_of_name"):
        surely = sum(is_other(look, query.name, query.thresholds) for look in seen)
        return None if surely >= LOOKS_AGREE and not best.sure else hit
    rival = looks.find_rival()
    if rival is not None and rival[1] >= DOUBTED and len(candidate.letters) < LONG_NAME:
        return replace(best, sure=False, reason="uncertain_hit")
    scores = [look.score if look else query.thresholds.hand_review for look in looks.candidates]
    if hit.sure and float(np.median(scores)) < query.thresholds.mask:
        return replace(hit, sure=False, reason="uncertain_hit")
    doubts = sum(leans_other(look, query.name) or look.inserted >= INSERTED for look in seen)
    if best.sure and not hit.sure and doubts >= LOOKS_AGREE:
        return replace(best, sure=False, reason="maybe_other")
    return hit if hit.sure else best


def _take_looks(pixels: Pixels, candidate: Candidate, query: Query, reader: TextReader) -> list[Candidate | None]:
    quad = candidate.quads[0]
    margin = AROUND * quad.thickness / max(quad.length, 1.0)
    place = quad.part(-margin, 1 + margin)
    looks: list[Candidate | None] = []
    for variant in ("plain", *SECOND_LOOKS):
        lines = reader.read_places(pixels, [place], charset=query.charset, variant=variant)
        found = find_candidates(lines, [candidate.spelling], LOOK_FLOOR)
        here = [c for c in found if _same_place(c.quads[0].box, quad.box)]
        looks.append(max(here, key=lambda c: c.score, default=None))
    return looks


def _same_place(a: Box, b: Box) -> bool:
    return a.intersection_area(b) > SAME_PLACE * min(a.area, b.area)

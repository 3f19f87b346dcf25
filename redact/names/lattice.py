"""Spotting a spelling in a lattice: the best CTC alignment with free start and free end.

The score of an alignment is the sum of the lattice's ``r`` over the frames it uses, divided by the number of characters
(keyword spotting in the posteriors; the alignment is CTC's, Graves et al., ICML 2006). 0: greedy reading has the name as it
stands. A name is found that greedy reading got wrong, as long as the right characters came close.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from redact.lines import Lattice
from redact.names.spellings import Spelling

Floats = NDArray[np.float32]
NEVER = np.float32(-1e9)

# A character that the recogniser's dictionary lacks: it will read something else there, at any score. Paid once, and
# a little for each frame more, so that it stays about as wide as a character.
UNKNOWN = np.float32(-2.0)
UNKNOWN_FRAME = np.float32(-0.4)
# The recogniser reads 穆 for 槮, with certainty. So one character of a name of three or more that it is known to misread costs
# at most MISREAD, which sends the place to a person where the others stand as they should: as long as its score is not further
# below the lowest that it ever got than STRAYS_BY (on drawn pages, true names strayed by 2 at most).
MISREAD = np.float32(-4.0)
STRAYS_BY = np.float32(3.0)
# With one character beside it that would be a question wherever somebody has the surname: at this price it is one only where
# a form expects the applicant's name (redact.search.page).
MISREAD_SHORT = np.float32(-7.0)
LEAST_BESIDE_MISREAD = 2
MOST_MATCHES = 12
# From here on a score tells little about which of two spellings it is.
GOOD = -1.0


@dataclass(frozen=True, slots=True)
class Frames:
    """Scores as in :class:`Lattice`, of one line or of pieces of several stacked on each other."""

    scores: Floats = field(repr=False)
    blank: Floats = field(repr=False)
    space: Floats = field(repr=False)
    charset: Mapping[str, int] = field(repr=False)

    @classmethod
    def of(cls, lattice: Lattice) -> Frames:
        return cls(lattice.scores, lattice.blank, lattice.space, lattice.charset)


@dataclass(frozen=True, slots=True)
class Match:
    """Where a spelling was spotted. ``spans``: (first, last) frame of each of its characters, both inclusive; ``symbols``: which
    of the spelling's symbols each of them is (an optional one may be absent)."""

    spelling: Spelling
    score: float
    spans: tuple[tuple[int, int], ...]
    symbols: tuple[int, ...]

    @property
    def start(self) -> int:
        return self.spans[0][0]

    @property
    def end(self) -> int:
        """Exclusive."""
        return self.spans[-1][1] + 1


class Spotter:
    """Spellings made ready for one charset."""

    def __init__(self, spellings: Sequence[Spelling], charset: Mapping[str, int]) -> None:
        self._groups = [
            _Group(group, charset)
            for group in ([s for s in spellings if not s.latin], [s for s in spellings if s.latin])
            if group
        ]

    def spot(self, frames: Frames, threshold: float) -> list[Match]:
        """Matches at or above ``threshold``, best first, none overlapping another."""
        found: list[Match] = []
        for group in self._groups:
            found += group.spot(frames, threshold)
        found.sort(key=_rank)
        kept: list[Match] = []
        for match in found:
            if all(match.end <= k.start or match.start >= k.end for k in kept):
                kept.append(match)
        return kept


def _rank(match: Match) -> tuple[float, bool, int, float]:
    """Among good scores the sure spelling, then the longer one; a bad score comes after them all, however sure its spelling."""
    bad = -round(match.score, 1) if match.score < GOOD else 0.0
    return bad, not match.spelling.sure, -len(match.spans), -match.score


class _Group:
    """Spellings padded to one length and aligned together."""

    def __init__(self, spellings: Sequence[Spelling], charset: Mapping[str, int]) -> None:
        self.spellings = tuple(spellings)
        count, longest = len(spellings), max(len(s.symbols) for s in spellings)
        known = [[sorted(charset[c] for c in sym.chars if c in charset) for sym in s.symbols] for s in spellings]
        widest = max(1, max(len(cols) for row in known for cols in row))
        self._columns = np.zeros((count, longest, widest), np.int64)
        self._unknown = np.zeros((count, longest), bool)
        self._optional = np.zeros((count, longest), bool)
        self._spaced = np.zeros((count, longest), bool)
        self._excused = np.zeros(count, np.float32)
        # Down to where a misread character counts as one; 0 for those that are read as what they are.
        self._lowest = np.zeros((count, longest), np.float32)
        # A separator none of whose marks is in the alphabet: only a space can be it.
        self._nothing = np.zeros((count, longest), bool)
        # Equal neighbours need a blank between: the same as the symbol before; as the one before an optional that is absent.
        self._same = np.zeros((count, longest), bool)
        self._same_over = np.zeros((count, longest), bool)
        self._first = np.zeros((count, longest), bool)
        self._last = np.array([len(s.symbols) - 1 for s in spellings])
        self._weight = np.array([max(1, sum(not sym.optional for sym in s.symbols)) for s in spellings], np.float32)
        self._used = np.zeros((count, longest), bool)
        for i, spelling in enumerate(spellings):
            misread = [not s.optional and s.lowest < 0 for s in spelling.symbols]
            needed = sum(not s.optional for s in spelling.symbols)
            lone = sum(misread) == 1 and needed >= LEAST_BESIDE_MISREAD
            self._excused[i] = MISREAD if needed > LEAST_BESIDE_MISREAD else MISREAD_SHORT
            for j, symbol in enumerate(spelling.symbols):
                cols = known[i][j]
                self._used[i, j] = True
                self._spaced[i, j] = " " in symbol.chars
                self._unknown[i, j] = not cols and not self._spaced[i, j]
                self._lowest[i, j] = symbol.lowest - STRAYS_BY if lone and misread[j] else 0.0
                self._columns[i, j] = (cols + [cols[0]] * widest)[:widest] if cols else 0
                self._nothing[i, j] = not cols and self._spaced[i, j]
                self._optional[i, j] = symbol.optional
                self._same[i, j] = j > 0 and bool(symbol.chars & spelling.symbols[j - 1].chars)
                self._same_over[i, j] = j > 1 and bool(symbol.chars & spelling.symbols[j - 2].chars)
            self._first[i, 0] = True
        self._empty = not charset

    def spot(self, frames: Frames, threshold: float) -> list[Match]:
        total = frames.blank.shape[0]
        if total == 0:
            return []
        if self._empty:
            emissions = np.full((total, *self._unknown.shape), UNKNOWN, np.float32)
        else:
            emissions = frames.scores[:, self._columns].max(axis=3)
            emissions[:, self._unknown] = UNKNOWN
            emissions[:, self._nothing] = NEVER
            misread = (self._lowest < 0) & (emissions >= self._lowest)
            emissions = np.where(misread, np.maximum(emissions, self._excused[:, None]), emissions)
            emissions = np.where(self._spaced, np.maximum(emissions, frames.space[:, None, None]), emissions)
        # No alignment can be better than each character at its best frame.
        peaks = np.where(self._used & ~self._optional, emissions.max(axis=0), 0.0).sum(axis=1) / self._weight
        alive = np.flatnonzero(peaks >= threshold)
        if alive.size == 0:
            return []
        emissions = np.where(self._used[alive], emissions[:, alive], NEVER)
        matches: list[Match] = []
        rows = np.arange(alive.size)
        for _ in range(MOST_MATCHES):
            found = self._best(emissions[:, rows], frames.blank, alive[rows], threshold)
            if not found:
                break
            # A place is used up for the spelling that was found there and for no other: the caller chooses among those
            # that overlap, and a weak look-alike here must not hide the name itself.
            for row, match in found:
                matches.append(match)
                emissions[match.start : match.end, rows[row]] = NEVER
            rows = rows[[row for row, _ in found]]
        return matches

    def _best(self, emissions: Floats, blank: Floats, alive: NDArray[np.intp], threshold: float) -> list[tuple[int, Match]]:
        """The best alignment of each spelling that reaches the threshold, with its place in ``alive``."""
        total, count, longest = emissions.shape
        same, same_over, unknown = self._same[alive], self._same_over[alive], self._unknown[alive]
        optional = self._optional[alive]
        first, last, weight = self._first[alive], self._last[alive], self._weight[alive]
        sym = np.full((count, longest), NEVER, np.float32)
        gap = np.full((count, longest), NEVER, np.float32)
        # A state came from: 0 itself, 1 the start, 2 the gap before, 3 the symbol before; 4, 5: those before an absent optional.
        from_sym = np.zeros((total, count, longest), np.int8)
        from_gap = np.zeros((total, count, longest), np.int8)
        ends = np.full((total, count), NEVER, np.float32)
        rows = np.arange(count)
        skip = np.zeros_like(optional)
        skip[:, 2:] = optional[:, 1:-1]
        options = np.full((6, count, longest), NEVER, np.float32)
        options[1][first] = 0.0
        for t in range(total):
            here = emissions[t]
            options[0] = sym + np.where(unknown, UNKNOWN_FRAME - UNKNOWN, 0.0)
            options[2, :, 1:] = gap[:, :-1]
            options[3, :, 1:] = np.where(same[:, 1:], NEVER, sym[:, :-1])
            if longest > 2:
                options[4, :, 2:] = np.where(skip[:, 2:], gap[:, :-2], NEVER)
                options[5, :, 2:] = np.where(skip[:, 2:] & ~same_over[:, 2:], sym[:, :-2], NEVER)
            choice = options.argmax(axis=0)
            new_sym = np.maximum(np.take_along_axis(options, choice[None], 0)[0] + here, NEVER)
            stay = gap >= sym
            new_gap = np.maximum(np.where(stay, gap, sym) + blank[t], NEVER)
            from_sym[t], from_gap[t] = choice, stay
            sym, gap = new_sym, new_gap
            ends[t] = sym[rows, last]
        scores = ends / weight
        matches = []
        for i in range(count):
            # Of equal ends the last: the name's last character is as wide as the frames that show it.
            t = total - 1 - int(scores[::-1, i].argmax())
            score = float(scores[t, i])
            if score >= threshold:
                spelling = self.spellings[int(alive[i])]
                matches.append((i, Match(spelling, score, *_trace(from_sym[:, i], from_gap[:, i], t, int(last[i])))))
        return matches


def _trace(
    from_sym: NDArray[np.int8], from_gap: NDArray[np.int8], t: int, state: int
) -> tuple[tuple[tuple[int, int], ...], tuple[int, ...]]:
    """Backwards from the end: the spans, and the symbol of each."""
    spans: list[tuple[int, int]] = []
    symbols: list[int] = []
    end, in_gap = t, False
    while True:
        if in_gap:
            if not from_gap[t, state]:
                in_gap, end = False, t - 1
            t -= 1
            continue
        choice = int(from_sym[t, state])
        if choice != 0:
            spans.append((t, end))
            symbols.append(state)
        if choice == 1:
            return tuple(reversed(spans)), tuple(reversed(symbols))
        t -= 1
        if choice in (2, 4):
            state -= 1 if choice == 2 else 2
            in_gap = True
        elif choice in (3, 5):
            state -= 1 if choice == 3 else 2
            end = t

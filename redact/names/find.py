"""Lines and a name -> candidates: every place where the name may stand, with what speaks for and against it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

import numpy as np

from redact.geometry import Quad
from redact.lines import Glyph, Lattice, Line
from redact.names.lattice import UNKNOWN, Frames, Match, Spotter
from redact.names.name import DOTS, is_han
from redact.names.pieces import Layout
from redact.names.spellings import Spelling, Symbol

# The recogniser sees a line 48 px high at 8 px a frame; an em of CJK text fills 0.75-0.9 of the height of its detected line.
FRAMES_PER_HEIGHT = 6.0
EM_PER_HEIGHT = 0.8
# A glyph further than this many pitches from its neighbour does not touch it: a gap, a cell border or a space lies between.
TOUCHING = 1.85
RHYTHM = 1.3
# Half a name's first or last character reaches this far, in line heights, when its pitch is unknown or wider.
HALF_EM = 0.5
HALF_LATIN = 0.32
# As much of a long line as can hold the part of a name that goes over its end.
SHORT_GLYPHS = 4
# A line of this many characters is running text, which goes on in the next line; this much of it is borrowed for the context.
RUNNING_GLYPHS = 12
BORROWED = 4


@dataclass(frozen=True, slots=True)
class Context:
    """Text that touches a candidate. ``open``: it goes on beyond what is known (the running text's next line, cut after a few
    characters); otherwise a gap, a border or the end of the cell bounds it."""

    text: str = field(repr=False)
    open: bool


@dataclass(frozen=True, slots=True)
class Letter:
    """One character of a spelling where it was spotted. ``ratio``: its score at its best frame, at most 0; ``read``: what plain
    reading has there, "" for nothing, with its ``probability``; ``right``: whether that is the character."""

    ratio: float
    read: str = field(repr=False)
    probability: float
    right: bool


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place where a spelling was spotted.

    ``quads``: its pieces, in reading order. ``before``/``after``: what was read right before and after it, without a gap;
    ``edge_probability``: the least certain of the two characters that touch it (1 where none does). ``gap``: the widest space
    inside it, in line heights, beyond its own rhythm. ``whole``: its pieces are all that stands in their lines (a label before
    it left aside); ``opening``: so are all but its last piece, and that begins its line. ``lines``: the indices of its lines.
    ``unknown``: the reader's alphabet lacks one of its characters. ``letters``: its characters, separators left out.
    ``inserted``: how surely another Chinese character was read between them.
    """

    spelling: Spelling
    score: float
    quads: tuple[Quad, ...]
    lines: tuple[int, ...]
    before: Context = field(default=Context("", False), repr=False)
    after: Context = field(default=Context("", False), repr=False)
    edge_probability: float = 1.0
    gap: float = 0.0
    whole: bool = False
    opening: bool = False
    wrapped: bool = False
    unknown: bool = False
    read: str = field(default="", repr=False)
    letters: tuple[Letter, ...] = field(default=(), repr=False)
    inserted: float = 0.0

    @property
    def total(self) -> float:
        """The score, summed over the characters and not averaged."""
        return self.score * len(self.spelling.needed)


def find_candidates(lines: Sequence[Line], spellings: Sequence[Spelling], threshold: float) -> list[Candidate]:
    """Candidates at or above ``threshold`` in the lines and over their ends, the better where they overlap."""
    readable = [(i, line.lattice) for i, line in enumerate(lines) if line.lattice is not None]
    if not readable:
        return []
    spotter = Spotter(spellings, readable[0][1].charset)
    page = _Page(lines, readable[0][1].charset)
    found = []
    for index, lattice in readable:
        for match in spotter.spot(Frames.of(lattice), threshold):
            found.append(_candidate(match, [(index, lattice, 0, lattice.frames)], page, 0.0, (False,)))
    found += _over_ends(page, spellings, spotter, threshold)
    return _without_overlaps(found)


class _Page:
    """The lines, who stands beside whom, and which line of running text follows which (worked out when first asked for)."""

    def __init__(self, lines: Sequence[Line], charset: Mapping[str, int]) -> None:
        self.lines = lines
        self.charset = charset

    @cached_property
    def layout(self) -> Layout:
        return Layout(self.lines)

    @cached_property
    def _next(self) -> dict[int, int]:
        following = {}
        for index, line in enumerate(self.lines):
            if line.lattice is not None and len(line.lattice.glyphs) >= RUNNING_GLYPHS:
                below = [
                    n.index
                    for n in self.layout.following(index)
                    if n.wrapped and self.lines[n.index].lattice and self.layout.start_together(index, n.index)
                ]
                if below:
                    following[index] = below[0]
        return following

    @cached_property
    def _previous(self) -> dict[int, int]:
        return {after: before for before, after in reversed(self._next.items())}

    def text_before(self, index: int) -> str:
        """The end of the line of running text that line ``index`` goes on from."""
        return self._text(self._previous.get(index))[-BORROWED:]

    def text_after(self, index: int) -> str:
        return self._text(self._next.get(index))[:BORROWED]

    def _text(self, index: int | None) -> str:
        lattice = self.lines[index].lattice if index is not None else None
        return lattice.text.strip() if lattice is not None else ""


def _over_ends(page: _Page, spellings: Sequence[Spelling], spotter: Spotter, threshold: float) -> list[Candidate]:
    """Names that start in one line and go on in its neighbour to the right, or in the line below."""
    longest = max(len(s.symbols) for s in spellings)
    reach = int(longest * FRAMES_PER_HEIGHT * 1.5) + 12
    lines = page.lines
    short = [line.lattice is not None and len(line.lattice.glyphs) <= SHORT_GLYPHS for line in lines]
    found = []
    for index, line in enumerate(lines):
        if line.lattice is None or not _can_start(line.lattice, spellings, reach, threshold):
            continue
        for chain, gap, joints in page.layout.chains(index, short):
            stack: list[tuple[int, Lattice, int, int]] = []
            for place, member in enumerate(chain):
                lattice = lines[member].lattice
                if lattice is None:
                    break
                start = max(0, lattice.frames - reach) if place == 0 else 0
                end = min(lattice.frames, reach) if place == len(chain) - 1 else lattice.frames
                stack.append((member, lattice, start, end))
            if len(stack) != len(chain):
                continue
            frames = Frames(
                np.concatenate([lat.scores[a:b] for _, lat, a, b in stack]),
                np.concatenate([lat.blank[a:b] for _, lat, a, b in stack]),
                np.concatenate([lat.space[a:b] for _, lat, a, b in stack]),
                line.lattice.charset,
            )
            first, last = stack[0][3] - stack[0][2], len(frames.blank) - (stack[-1][3] - stack[-1][2])
            for match in spotter.spot(frames, threshold):
                if match.start < first and match.end > last:
                    found.append(_candidate(match, stack, page, gap, joints))
    return found


def _can_start(lattice: Lattice, spellings: Sequence[Spelling], reach: int, threshold: float) -> bool:
    """Whether some spelling's first character comes up near the end of the line at all (a bound that is cheap to take)."""
    tail = lattice.scores[max(0, lattice.frames - reach) :]
    if not tail.size:
        return False
    best = tail.max(axis=0)
    for spelling in spellings:
        columns = [lattice.charset[c] for c in spelling.symbols[0].chars if c in lattice.charset]
        weight = sum(not s.optional for s in spelling.symbols)
        if not columns or best[columns].max() >= threshold * weight:
            return True
    return False


def _candidate(
    match: Match, stack: Sequence[tuple[int, Lattice, int, int]], page: _Page, gap: float, joints: Sequence[bool]
) -> Candidate:
    """``stack``: (line, its lattice, first and last frame of it that were searched). ``joints``: which of them start a new line
    (False for the first, and for a neighbour to the right)."""
    quads: list[Quad] = []
    members: list[int] = []
    before = after = Context("", False)
    edge, inner_gap, offset, whole, opening, read = 1.0, 0.0, 0, True, True, ""
    letters: list[Letter] = []
    inserted = 0.0
    for place, (index, lattice, start, end) in enumerate(stack):
        here = [
            (match.spelling.symbols[s], (a - offset + start, b - offset + start))
            for s, (a, b) in zip(match.symbols, match.spans, strict=True)
            if offset <= (a + b) / 2 < offset + end - start
        ]
        spans = [span for _, span in here]
        offset += end - start
        if not spans:
            continue
        letters += [_letter(lattice, symbol, span) for symbol, span in here if not symbol.optional]
        inserted = max(inserted, _inserted(lattice, spans))
        line = page.lines[index]
        centres = [(a + b + 1) / 2 for a, b in spans]
        # A neighbour touches where it stands in the line's rhythm, or in that of the name itself (黄　金　浩).
        near = TOUCHING * _pitch(lattice, match.spelling.latin)
        own = RHYTHM * min((b - a for a, b in pairwise(centres)), default=0.0)
        reach, spaced = max(near, own), own > near
        half = _half(line, lattice, centres, match.spelling.latin)
        piece = line.quad.part(lattice.position(centres[0]) - half, lattice.position(centres[-1]) + half)
        if quads and not joints[place]:
            # Two boxes on one row: what is between them goes too, so that the mask does not tell how the name is made up.
            piece = _joined(quads.pop(), piece)
        quads.append(piece)
        members.append(index)
        ahead = [g for g in lattice.glyphs if g.end <= spans[0][0]]
        behind = [g for g in lattice.glyphs if g.start > spans[-1][1]]
        read += "".join(g.char for g in lattice.glyphs[len(ahead) : len(lattice.glyphs) - len(behind)])
        if place == 0:
            run = _touching(ahead, centres[0], reach, spaced, -1)
            borrowed = page.text_before(index) if len(run) == len(ahead) else ""
            before = Context(borrowed + "".join(g.char for g in run), bool(borrowed))
            edge = min(edge, _certainty(run[::-1]))
        if place == len(stack) - 1:
            run = _touching(behind, centres[-1], reach, spaced, 1)
            borrowed = page.text_after(index) if len(run) == len(behind) else ""
            after = Context("".join(g.char for g in run) + borrowed, bool(borrowed))
            edge = min(edge, _certainty(run))
        if len(centres) > 1:
            steps = np.diff(centres)
            inner_gap = max(inner_gap, float(steps.max() - steps.min()) / FRAMES_PER_HEIGHT)
        label = "".join(g.char for g in ahead).rstrip()
        begins = not label or (place == 0 and label[-1] in ":：)）、,，;；")
        opening = whole and begins
        whole = opening and not "".join(g.char for g in behind).strip()
    return Candidate(
        match.spelling,
        match.score,
        tuple(quads),
        tuple(members),
        before,
        after,
        edge,
        max(gap, inner_gap),
        whole,
        opening,
        any(joints),
        any(not s.optional and s.chars.isdisjoint(page.charset) for s in match.spelling.symbols),
        read,
        tuple(letters),
        inserted,
    )


def _inserted(lattice: Lattice, spans: Sequence[tuple[int, int]]) -> float:
    """The surest Chinese glyph that lies between two neighbouring spans and touches neither."""
    return max(
        (
            g.probability
            for g in lattice.glyphs
            if is_han(g.char) and any(a < g.start and g.end <= b for (_, a), (b, _) in pairwise(spans))
        ),
        default=0.0,
    )


def _letter(lattice: Lattice, symbol: Symbol, span: tuple[int, int]) -> Letter:
    first, last = max(0, span[0]), min(lattice.frames - 1, span[1])
    columns = [lattice.charset[c] for c in symbol.chars if c in lattice.charset]
    ratio = float(lattice.scores[first : last + 1][:, columns].max()) if columns and last >= first else float(UNKNOWN)
    # Where the name has to give way to what is plainly read, its span is squeezed into the frames beside that.
    glyphs = [g for g in lattice.glyphs if not g.char.isspace() and g.end > first - 1 and g.start <= last + 1]
    glyph = max(glyphs, key=lambda g: (min(g.end, last + 1) - max(g.start, first), g.probability), default=None)
    if glyph is None:
        return Letter(ratio, "", 0.0, False)
    return Letter(ratio, glyph.char, glyph.probability, glyph.char in symbol.chars)


def _certainty(run: Sequence[Glyph]) -> float:
    """Of the first character of a run that is no dot; a dot is small, and never read very surely."""
    return next((g.probability for g in run if g.char not in DOTS), 1.0)


def _joined(first: Quad, second: Quad) -> Quad:
    a, _, _, d = first.points
    _, b, c, _ = second.points
    return Quad((a, b, c, d))


def _pitch(lattice: Lattice, latin: bool) -> float:
    """Frames from one character to the next where nothing parts them: a low quantile of the line's steps, within bounds."""
    # Digits and letters stand closer than characters do.
    pairs = [(a, b) for a, b in pairwise(lattice.glyphs) if not (a.char.isspace() or b.char.isspace())]
    steps = [(b.start + b.end - a.start - a.end) / 2 for a, b in pairs if latin or (is_han(a.char) and is_han(b.char))]
    usual = EM_PER_HEIGHT * FRAMES_PER_HEIGHT * (0.55 if latin else 1.0)
    if len(steps) >= 3:
        usual = float(np.clip(np.quantile(steps, 0.3), 0.6 * usual, 1.5 * usual))
    return usual


def _half(line: Line, lattice: Lattice, centres: Sequence[float], latin: bool) -> float:
    """Half a character's width, as a fraction of the line's length."""
    most = (HALF_LATIN if latin else HALF_EM) * line.quad.thickness / max(line.quad.length, 1.0)
    if len(centres) < 2:
        return most
    own = lattice.position(min(b - a for a, b in pairwise(centres))) / 2
    return max(0.8 * most, min(own, 1.2 * most))


def _touching(glyphs: Sequence[Glyph], centre: float, reach: float, spaced: bool, side: int) -> list[Glyph]:
    """The run of glyphs that reaches the name without a gap, in reading order; where all is ``spaced``, a space is no gap."""
    run: list[Glyph] = []
    for glyph in reversed(glyphs) if side < 0 else glyphs:
        here = (glyph.start + glyph.end) / 2
        if glyph.char.isspace() and spaced:
            continue
        if glyph.char.isspace() or abs(here - centre) > reach:
            break
        run.append(glyph)
        centre = here
    return run[::-1] if side < 0 else run


def _without_overlaps(found: list[Candidate]) -> list[Candidate]:
    """Of candidates on the same ink the better: within one line before over its end, sure before unsure, longer, higher."""
    order = sorted(
        found,
        key=lambda c: (
            -round(c.score, 1) if c.score < -1 else 0,
            not c.spelling.sure,
            -len(c.spelling.symbols),
            len(c.lines),
            -c.score,
        ),
    )
    kept: list[Candidate] = []
    for candidate in order:
        if not any(_overlap(candidate, other) for other in kept):
            kept.append(candidate)
    return kept


def _overlap(a: Candidate, b: Candidate) -> bool:
    return any(p.box.intersection_area(q.box) > 0.4 * min(p.box.area, q.box.area) > 0 for p in a.quads for q in b.quads)

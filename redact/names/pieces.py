"""Lines in the order in which a reader's eye joins them: what stands to the right on the same row, and the line below.

All of it happens in the line's own frame: u along its reading direction, v across it, so that vertical text (whose "right" is
down and whose "below" is to the left) and turned pages need no case of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from redact.lines import Line

# A list pads a two-character name to the width of three or four, a table cell spreads it over its width: pieces of one name stand
# at most this many line heights apart.
WIDEST_GAP = 7.0
# The next line of a paragraph or cell follows within this many line heights, from centre to centre.
FURTHEST_BELOW = 2.6
SIMILAR_HEIGHT = 0.55
# The first line of a paragraph is set in by two characters.
INDENT = 3.0
MOST_PIECES = 5


@dataclass(frozen=True, slots=True)
class Neighbour:
    """``index`` of a line, and ``gap``: line heights between the end of the one and the start of the other; 0 for a wrap."""

    index: int
    gap: float
    wrapped: bool


class Layout:
    """Who stands beside whom on a page."""

    def __init__(self, lines: Sequence[Line]) -> None:
        if not lines:
            return
        quads = np.array([line.quad.array() for line in lines])
        self._starts = (quads[:, 0] + quads[:, 3]) / 2
        self._ends = (quads[:, 1] + quads[:, 2]) / 2
        along = self._ends - self._starts
        self._u = along / np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-6)[:, None]
        self._length = np.array([line.quad.length for line in lines])
        self._thickness = np.maximum(np.array([line.quad.thickness for line in lines]), 1.0)

    def following(self, index: int) -> tuple[Neighbour, ...]:
        """The lines in which a name that starts at the end of line ``index`` may go on."""
        high, length = self._thickness[index], self._length[index]
        parallel = (self._u @ self._u[index]) > 0.9
        ratio = np.minimum(self._thickness, high) / np.maximum(self._thickness, high)
        alike = parallel & (ratio > SIMILAR_HEIGHT)
        alike[index] = False
        found = []
        # From the end of this line to the start of the other, along the longer one: a short box says little about its tilt.
        u = np.where((self._length > length)[:, None], self._u, self._u[index])
        to_start = self._starts - self._ends[index]
        gap = (to_start * u).sum(axis=1)
        aside = np.abs(to_start[:, 1] * u[:, 0] - to_start[:, 0] * u[:, 1])
        row = alike & (aside < 0.5 * np.maximum(high, self._thickness)) & (gap > -0.6 * high) & (gap < WIDEST_GAP * high)
        if row.any():
            nearest = int(np.flatnonzero(row)[np.argmin(gap[row])])
            found.append(Neighbour(nearest, max(0.0, float(gap[nearest])) / float(high), wrapped=False))
        # The next line starts left of this one's end, and is among the nearest below.
        offset = self._starts - self._starts[index]
        du = offset @ self._u[index]
        dv = offset @ np.array([-self._u[index][1], self._u[index][0]])
        below = alike & (dv > 0.5 * high) & (dv < FURTHEST_BELOW * np.maximum(high, self._thickness))
        below &= (du < length) & (du + self._length > -2.0 * high)
        # Of the boxes that share a row the first one as read: a form's row may be cut into several.
        rows = np.round((dv - (dv[below].min() if below.any() else 0.0)) / (0.7 * high))
        order = np.lexsort((du, rows))
        for candidate in [i for i in order if below[i]][:2]:
            found.append(Neighbour(int(candidate), 0.0, wrapped=True))
        return tuple(found)

    def start_together(self, index: int, other: int) -> bool:
        """Whether two lines start at about the same place, an indent apart at most, as lines of one paragraph do."""
        start = float((self._starts[other] - self._starts[index]) @ self._u[index])
        return abs(start) <= INDENT * float(self._thickness[index])

    def chains(self, index: int, short: Sequence[bool]) -> list[tuple[tuple[int, ...], float, tuple[bool, ...]]]:
        """Chains of lines that start with ``index`` and along which a name may run: (indices, widest gap, which of them wrap).

        Goes on through a line only where ``short`` says that it may be a piece of a name as a whole.
        """
        done: list[tuple[tuple[int, ...], float, tuple[bool, ...]]] = []
        open_: list[tuple[tuple[int, ...], float, tuple[bool, ...]]] = [((index,), 0.0, (False,))]
        while open_:
            chain, widest, wraps = open_.pop()
            for neighbour in self.following(chain[-1]):
                if neighbour.index in chain:
                    continue
                longer = ((*chain, neighbour.index), max(widest, neighbour.gap), (*wraps, neighbour.wrapped))
                done.append(longer)
                if short[neighbour.index] and len(longer[0]) < MOST_PIECES:
                    open_.append(longer)
        return done

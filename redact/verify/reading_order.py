"""A page's text put together in several orders, since a file may hold it in any: line by line as it is stored, in rows from left
to right, and down columns of single characters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from redact.geometry import Box
from redact.values import TextRun

# Wider than the gap that forms leave inside a name, narrower than the one between most columns of a table.
_WIDEST_GAP_EM = 3.0
_APART = "|"

Cell = tuple[Box, str]


def join_runs(runs: Sequence[TextRun]) -> Iterator[str]:
    """The texts to search besides each run alone."""
    if len(runs) < 2:
        return
    text = runs[0].text
    for before, run in pairwise(runs):
        text += ("\n" if _may_follow(before, run) else _APART) + run.text
    yield text
    cells = [(box, c) for run in runs for box, c in zip(run.boxes, run.text, strict=True) if not c.isspace()]
    yield from _lines(cells)
    single = [(run.boxes[0], run.text.strip()) for run in runs if len(run.text.strip()) == 1]
    yield from _lines([(_swap(box), c) for box, c in single])


def _lines(cells: Iterable[Cell]) -> Iterator[str]:
    """Cells that stand beside each other, from left to right."""
    row: list[Cell] = []
    for cell in sorted(cells, key=lambda c: c[0].centre[1]):
        if row and cell[0].centre[1] - row[0][0].centre[1] > 0.5 * max(row[0][0].height, cell[0].height):
            yield from _parts(row)
            row = []
        row.append(cell)
    yield from _parts(row)


def _parts(row: Sequence[Cell]) -> Iterator[str]:
    ordered = sorted(row, key=lambda c: c[0].x0)
    text = "".join(c for _, c in ordered[:1])
    for (before, _), (box, c) in pairwise(ordered):
        gap = (box.x0 - before.x1) / max(box.height, before.height, 1e-6)
        # Words of Latin script end somewhere.
        text += (_APART if gap > _WIDEST_GAP_EM else " " if gap > 0.15 else "") + c
    yield from filter(None, text.split(_APART))


def _may_follow(before: TextRun, run: TextRun) -> bool:
    """Whether it goes on where the one before it ends, or on a line near it."""
    last, first = before.boxes[-1], run.boxes[0]
    em = max(min(last.width, last.height), min(first.width, first.height))
    apart_x = max(first.x0 - last.x1, last.x0 - first.x1)
    apart_y = max(first.y0 - last.y1, last.y0 - first.y1)
    beside = apart_y < 0 or apart_x < 0
    return min(apart_x, apart_y) <= _WIDEST_GAP_EM * em and (not beside or max(apart_x, apart_y) <= _WIDEST_GAP_EM * em)


def _swap(box: Box) -> Box:
    """Rows for columns."""
    return Box(box.y0, box.x0, box.y1, box.x1)

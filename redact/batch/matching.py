"""Whose each upload is, by the roster."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from redact.batch.roster import WHOLE_FOLDER, Roster, Row
from redact.batch.survey import Upload


@dataclass(frozen=True, slots=True)
class Matching:
    """``owned``: uploads with their row, in the order given. ``unowned``: those without. ``unused``: rows that no upload is of,
    in the roster's order."""

    owned: tuple[tuple[Upload, Row], ...] = field(repr=False)
    unowned: tuple[Upload, ...] = field(repr=False)
    unused: tuple[Row, ...] = field(repr=False)


def match(uploads: Iterable[Upload], roster: Roster) -> Matching:
    """An upload's row is its own, else that of the nearest folder (or archive) around it."""
    owned: list[tuple[Upload, Row]] = []
    unowned: list[Upload] = []
    used: set[str] = set()
    for upload in uploads:
        row = find_row(upload.key, roster)
        if row is None:
            unowned.append(upload)
        else:
            owned.append((upload, row))
            used.add(row.path)
    unused = sorted((row for row in roster.rows.values() if row.path not in used), key=lambda row: row.number)
    return Matching(tuple(owned), tuple(unowned), tuple(unused))


def find_row(key: str, roster: Roster) -> Row | None:
    while key not in roster.rows:
        if key == WHOLE_FOLDER:
            return None
        key = key.rpartition("/")[0]
    return roster.rows[key]

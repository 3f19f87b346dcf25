"""What was done in a folder of outputs, in a SQLite file that a halt at any moment leaves whole.

A row says where an output is only once its bytes are on the disk: first in a file of its own under ``held``, then, with the row
as it is, at their place. Nothing here tells whose the files are (see :mod:`redact.batch.applicants`).
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from redact.batch.refusal import Refused
from redact.batch.reports.record import PageThumbnails
from redact.values import MediaType, Status

_VERSION = 1
_SCHEMA = """
CREATE TABLE results (
    work TEXT PRIMARY KEY, content TEXT NOT NULL, status TEXT NOT NULL, verdict TEXT NOT NULL, pages INTEGER NOT NULL,
    kind TEXT, sha256 TEXT, report TEXT NOT NULL
) STRICT;
CREATE TABLE thumbnails (
    work TEXT NOT NULL REFERENCES results ON DELETE CASCADE, page_index INTEGER NOT NULL, before BLOB, after BLOB,
    PRIMARY KEY (work, page_index)
) STRICT;
CREATE TABLE files (
    key TEXT PRIMARY KEY, work TEXT NOT NULL, output TEXT, sha256 TEXT, size INTEGER, held TEXT
) STRICT;
CREATE INDEX files_of_work ON files (work);
CREATE INDEX files_of_output ON files (output);
CREATE TABLE stamps (stamp TEXT PRIMARY KEY, content TEXT NOT NULL) STRICT;
CREATE TABLE trash (output TEXT PRIMARY KEY, sha256 TEXT NOT NULL) STRICT;
CREATE TABLE salt (salt BLOB NOT NULL) STRICT;
"""


@dataclass(frozen=True, slots=True)
class Work:
    """What came of some bytes for a name. ``work``: see :func:`redact.batch.plan.name_work`. ``content``: sha256 of the bytes.
    ``kind``, ``sha256``: of the output; None where there is none. ``reports``: ``redact.report/1`` by language, without paths."""

    work: str
    content: str
    status: Status
    verdict: str
    pages: int
    kind: MediaType | None
    sha256: str | None
    reports: dict[str, Any] = field(repr=False)
    thumbnails: tuple[PageThumbnails, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Filed:
    """One upload's output. ``key``: its path, see :meth:`redact.batch.applicants.Applicant.hide_path`. ``output``: its place,
    relative to the folder of outputs, with the sha256 and size of what is there; None where there is none. ``held``: the file
    that it is in until it is at its place; None once it is."""

    key: str
    work: str
    output: str | None = None
    sha256: str | None = None
    size: int | None = None
    held: str | None = None

    def is_of(self, work: Work) -> bool:
        """Not where the work was done anew since."""
        return self.work == work.work and self.sha256 == work.sha256


class Ledger:
    """Made by :func:`open_ledger`; not to be used by two threads at a time."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self.salt = bytes(self._db.execute("SELECT salt FROM salt").fetchone()[0])

    def filed(self, key: str) -> Filed | None:
        row = self._db.execute("SELECT * FROM files WHERE key = ?", (key,)).fetchone()
        return None if row is None else Filed(*row)

    def all_filed(self) -> list[Filed]:
        return [Filed(*row) for row in self._db.execute("SELECT * FROM files ORDER BY key")]

    def filed_of(self, work: str) -> list[Filed]:
        return [Filed(*row) for row in self._db.execute("SELECT * FROM files WHERE work = ? ORDER BY key", (work,))]

    def is_placed(self, output: str) -> bool:
        """Whether a row says that its output is there."""
        return self._db.execute("SELECT 1 FROM files WHERE output = ? AND held IS NULL", (output,)).fetchone() is not None

    def work(self, work: str) -> Work | None:
        """Without its thumbnails."""
        row = self._db.execute("SELECT * FROM results WHERE work = ?", (work,)).fetchone()
        if row is None:
            return None
        name, content, status, verdict, pages, kind, sha256, report = row
        kind = None if kind is None else MediaType(kind)
        return Work(name, content, Status(status), verdict, pages, kind, sha256, json.loads(report))

    def thumbnails(self, work: str) -> tuple[PageThumbnails, ...]:
        rows = self._db.execute("SELECT page_index, before, after FROM thumbnails WHERE work = ? ORDER BY page_index", (work,))
        return tuple(PageThumbnails(*row) for row in rows)

    def contents(self) -> set[str]:
        """sha256 of all bytes that something came of."""
        return {row[0] for row in self._db.execute("SELECT content FROM results")}

    def content_of(self, stamp: str) -> str | None:
        row = self._db.execute("SELECT content FROM stamps WHERE stamp = ?", (stamp,)).fetchone()
        return None if row is None else str(row[0])

    def stamp(self, stamps: Sequence[tuple[str, str]]) -> None:
        """``stamps``: (stamp, sha256) of files as they are now; others are forgotten."""
        with self._transaction():
            self._db.execute("DELETE FROM stamps")
            self._db.executemany("INSERT OR REPLACE INTO stamps VALUES (?, ?)", stamps)

    def file(self, filed: Sequence[Filed], *, work: Work | None = None, gone: Sequence[Filed] = ()) -> None:
        """In one step: what came of ``work``, the rows of ``filed``, and no row of ``gone`` any more. Outputs
        that these rows told of before, and do no more, are in the trash then."""
        with self._transaction():
            if work is not None:
                self._put_work(work)
            for row in filed:
                self._discard(self.filed(row.key), keep=row if row.held is None else None)
                values = (row.key, row.work, row.output, row.sha256, row.size, row.held)
                self._db.execute("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?)", values)
            for row in gone:
                self._discard(row, keep=None)
                self._db.execute("DELETE FROM files WHERE key = ?", (row.key,))

    def mark_placed(self, key: str) -> None:
        with self._transaction():
            self._db.execute("UPDATE files SET held = NULL WHERE key = ?", (key,))

    def trash(self) -> list[tuple[str, str]]:
        """(output, sha256) of what is to be removed."""
        return [(str(output), str(sha256)) for output, sha256 in self._db.execute("SELECT * FROM trash ORDER BY output")]

    def forget_trash(self, output: str) -> None:
        with self._transaction():
            self._db.execute("DELETE FROM trash WHERE output = ?", (output,))

    def forget_unused(self) -> None:
        """What came of work that no row is of."""
        with self._transaction():
            self._db.execute("DELETE FROM results WHERE work NOT IN (SELECT work FROM files)")

    def _put_work(self, work: Work) -> None:
        report = json.dumps(work.reports, ensure_ascii=False)
        kind = None if work.kind is None else str(work.kind)
        values = (work.work, work.content, str(work.status), work.verdict, work.pages, kind, work.sha256, report)
        self._db.execute("DELETE FROM results WHERE work = ?", (work.work,))
        self._db.execute("INSERT INTO results VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)
        rows = [(work.work, t.page_index, t.before, t.after) for t in work.thumbnails]
        self._db.executemany("INSERT INTO thumbnails VALUES (?, ?, ?, ?)", rows)

    def _discard(self, row: Filed | None, *, keep: Filed | None) -> None:
        if row is None or row.output is None or row.held is not None or (keep is not None and keep.output == row.output):
            return
        self._db.execute("INSERT OR REPLACE INTO trash VALUES (?, ?)", (row.output, row.sha256))

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")


@contextmanager
def open_ledger(file: Path) -> Iterator[Ledger]:
    """``file`` is made where it is not there.

    Raises:
        Refused: it is damaged, or of another version of this program.
    """
    # check_same_thread: results come from the threads of the workers, one at a time.
    connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    try:
        try:
            _prepare(connection)
            ledger = Ledger(connection)
        except (sqlite3.DatabaseError, TypeError):
            raise Refused("batch.ledger") from None
        yield ledger
    finally:
        connection.close()


def _prepare(db: sqlite3.Connection) -> None:
    db.execute("PRAGMA journal_mode = WAL")
    # A row must not come before the file that it tells of is on the disk, nor be lost when the power goes.
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA foreign_keys = ON")
    # Pictures made with names are gone from the file when they are removed.
    db.execute("PRAGMA secure_delete = ON")
    db.execute("BEGIN IMMEDIATE")
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version == 0:
        for statement in _SCHEMA.split(";"):
            db.execute(statement)
        db.execute("INSERT INTO salt VALUES (?)", (secrets.token_bytes(16),))
        db.execute(f"PRAGMA user_version = {_VERSION}")
    db.execute("COMMIT")
    if version not in (0, _VERSION):
        raise Refused("batch.ledger")

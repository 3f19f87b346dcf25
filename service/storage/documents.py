"""The documents' rows: put in, claimed, finished, corrected, deleted."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Engine, delete, func, select, update

from service.storage import corrections, queue
from service.storage.database import read_clock, reading, writing
from service.storage.tables import DocumentRow
from service.storage.values import Correction, Document, State

_AT_ONCE = 500  # ids in one statement: databases bound the number of parameters


class Documents:
    """Safe to share between threads; each call is one transaction of its own.

    A *claimer* is a name that no other has at the same time, such as a new id for each start of a replica. What it has
    claimed is its own until the lease runs out *and* another claims it; every call that names a claimer does nothing to a
    document that is no longer its own. All raise DatabaseUnavailable.
    """

    def __init__(self, engine: Engine, *, most_attempts: int = 2) -> None:
        """``engine`` is from :func:`open_database`; a document is claimed ``most_attempts`` times at most."""
        self._engine = engine
        self._most_attempts = most_attempts

    def add(
        self,
        *,
        id: str,
        owner: str,
        sha256: str,
        fingerprint: str,
        expires_at: datetime,
        idempotency_key: str | None = None,
        most_queued: int | None = None,
    ) -> tuple[Document, bool]:
        """A new row, and True; the owner's earlier one with the same key, and False, also where the queue is full.

        Raises IdempotencyConflict where that one has another ``fingerprint``, and QueueFull where ``most_queued`` documents
        are waiting already. An expired document's key is free again.
        """
        new = DocumentRow(
            id=id, owner=owner, sha256=sha256, fingerprint=fingerprint, expires_at=expires_at, idempotency_key=idempotency_key,
            state=State.QUEUED, progress=0.0, attempts=0, revision=0,
        )  # fmt: skip
        with writing(self._engine) as session:
            row = queue.admit(session, new, most_queued=most_queued)
            session.flush()
            return _document(row), row is new

    def find(self, id: str) -> Document | None:
        """None where there is none, or it has expired."""
        with reading(self._engine) as session:
            row = session.scalar(select(DocumentRow).where(DocumentRow.id == id, DocumentRow.expires_at > datetime.now(UTC)))
            return None if row is None else _document(row)

    def claim(self, claimer: str, *, lease_s: float) -> Document | None:
        """The oldest that waits, or whose lease has run out, for ``lease_s`` seconds; None where there is none. Those that
        were claimed too often fail with ``worker_lost`` on the way."""
        with writing(self._engine) as session:
            row = queue.take_next(session, claimer, lease_s=lease_s, most_attempts=self._most_attempts)
            session.flush()
            return None if row is None else _document(row)

    def renew(self, ids: Collection[str], claimer: str, *, lease_s: float) -> set[str]:
        """Those that are still the claimer's, each with ``lease_s`` seconds from now."""
        renewed: set[str] = set()
        with writing(self._engine) as session:
            until = read_clock(session) + timedelta(seconds=lease_s)
            for some in _split(ids):
                query = update(DocumentRow).where(DocumentRow.id.in_(some), _held_by(claimer)).values(leased_until=until)
                renewed.update(session.scalars(query.returning(DocumentRow.id)))
        return renewed

    def set_progress(self, id: str, claimer: str, progress: float, *, pages: int | None = None) -> None:
        self._change(id, claimer, progress=min(max(progress, 0.0), 1.0), pages=pages)

    def finish(self, id: str, claimer: str, report: Mapping[str, Any]) -> bool:
        """False, and nothing written, where it is not the claimer's any more."""
        return self._change(id, claimer, state=State.FINISHED, report=dict(report), progress=1.0, **_NOBODYS)

    def fail(self, id: str, claimer: str, code: str) -> bool:
        return self._change(id, claimer, state=State.FAILED, failure=code, **_NOBODYS)

    def give_back(self, id: str, claimer: str, *, counted: bool) -> bool:
        """Queued again, at its old place. Not ``counted``: as if it had not been claimed, for a replica that stops."""
        attempts = DocumentRow.attempts if counted else DocumentRow.attempts - 1
        return self._change(id, claimer, state=State.QUEUED, attempts=attempts, progress=0.0, **_NOBODYS)

    def correct(self, id: str, *, revision: int, report: Mapping[str, Any], correction: Correction) -> Document | None:
        """The document with its new report and ``revision + 1``. None, and nothing written, where ``revision`` is not the
        document's any more, or it is gone or not finished."""
        with writing(self._engine) as session:
            row = session.scalar(
                update(DocumentRow)
                .where(DocumentRow.id == id, DocumentRow.revision == revision, DocumentRow.state == State.FINISHED)
                .where(DocumentRow.expires_at > datetime.now(UTC))
                .values(report=dict(report), revision=revision + 1)
                .returning(DocumentRow)
            )
            if row is None:
                return None
            session.add(corrections.row_of(correction, document_id=id, revision=row.revision))
            return _document(row)

    def list_corrections(self, id: str) -> list[Correction]:
        """Oldest first."""
        with reading(self._engine) as session:
            return corrections.read(session, id)

    def delete(self, id: str) -> bool:
        """The row and its corrections; False where there is none."""
        with writing(self._engine) as session:
            return session.scalar(delete(DocumentRow).where(DocumentRow.id == id).returning(DocumentRow.id)) is not None

    def list_expired(self, now: datetime, *, limit: int = 100) -> list[str]:
        """Longest expired first."""
        query = select(DocumentRow.id).where(DocumentRow.expires_at <= now).order_by(DocumentRow.expires_at).limit(limit)
        with reading(self._engine) as session:
            return list(session.scalars(query))

    def known(self, ids: Collection[str]) -> set[str]:
        """Those that have a row, expired ones too."""
        with reading(self._engine) as session:
            return {id for some in _split(ids) for id in session.scalars(select(DocumentRow.id).where(DocumentRow.id.in_(some)))}

    def count(self) -> Mapping[State, int]:
        """How many there are in each state, without expired ones."""
        query = select(DocumentRow.state, func.count()).where(DocumentRow.expires_at > datetime.now(UTC))
        with reading(self._engine) as session:
            return dict.fromkeys(State, 0) | {state: n for state, n in session.execute(query.group_by(DocumentRow.state))}

    def _change(self, id: str, claimer: str, **values: Any) -> bool:
        query = update(DocumentRow).where(DocumentRow.id == id, _held_by(claimer)).values(**values)
        with writing(self._engine) as session:
            return session.scalar(query.returning(DocumentRow.id)) is not None


_NOBODYS: Mapping[str, None] = {"claimed_by": None, "leased_until": None}


def _held_by(claimer: str) -> ColumnElement[bool]:
    # What is not running is nobody's.
    return DocumentRow.claimed_by == claimer


def _split(ids: Collection[str]) -> list[list[str]]:
    all_ids = list(ids)
    return [all_ids[start : start + _AT_ONCE] for start in range(0, len(all_ids), _AT_ONCE)]


def _document(row: DocumentRow) -> Document:
    return Document(
        id=row.id, owner=row.owner, state=row.state, progress=row.progress, pages=row.pages,
        attempts=row.attempts, revision=row.revision,
        created_at=row.created_at, expires_at=row.expires_at.astimezone(UTC), report=row.report, failure=row.failure,
        sha256=row.sha256, idempotency_key=row.idempotency_key, claimed_by=row.claimed_by,
    )  # fmt: skip

"""Who may enter the queue, and who gets the next document."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_, select, text
from sqlalchemy.orm import Session

from service.storage.database import read_clock
from service.storage.errors import IdempotencyConflict, QueueFull
from service.storage.tables import DocumentRow
from service.storage.values import State

# Any number that nothing else in the database uses for pg_advisory_lock.
_LOCK = 0x7265646163740002


def admit(session: Session, new: DocumentRow, *, most_queued: int | None) -> DocumentRow:
    """``new``, added to the session, or the row that the same request has made before."""
    _let_nobody_else_in(session)
    now = read_clock(session)
    earlier = _find_earlier(session, new, now)
    if earlier is not None:
        if earlier.fingerprint != new.fingerprint:
            raise IdempotencyConflict("the key belongs to another request")
        return earlier
    if most_queued is not None and _count_queued(session, now) >= most_queued:
        raise QueueFull(f"{most_queued} documents are waiting")
    new.created_at = now
    session.add(new)
    return new


def _let_nobody_else_in(session: Session) -> None:
    """Until the transaction's end; what is counted here would change otherwise. SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def _find_earlier(session: Session, new: DocumentRow, now: datetime) -> DocumentRow | None:
    if new.idempotency_key is None:
        return None
    row = session.scalar(
        select(DocumentRow).where(DocumentRow.owner == new.owner, DocumentRow.idempotency_key == new.idempotency_key)
    )
    if row is not None and (row.expires_at <= now or row.state is State.FAILED):
        # Of a request that came to nothing the key is free again. The row stays until the sweep has deleted its files.
        row.idempotency_key = None
        session.flush()
        return None
    return row


def _count_queued(session: Session, now: datetime) -> int:
    query = select(func.count()).where(DocumentRow.state == State.QUEUED, DocumentRow.expires_at > now)
    return session.scalars(query).one()


def take_next(session: Session, claimer: str, *, lease_s: float, most_attempts: int) -> DocumentRow | None:
    now = read_clock(session)
    free = or_(DocumentRow.state == State.QUEUED, and_(DocumentRow.state == State.RUNNING, DocumentRow.leased_until < now))
    oldest = select(DocumentRow).where(free, DocumentRow.expires_at > now).order_by(DocumentRow.number).limit(1)
    # PostgreSQL goes past rows that another claimer is taking; SQLite has one writer and no such words.
    while row := session.scalar(oldest.with_for_update(skip_locked=True)):
        row.progress = 0.0
        if row.attempts < most_attempts:
            row.state, row.attempts = State.RUNNING, row.attempts + 1
            row.claimed_by, row.leased_until = claimer, now + timedelta(seconds=lease_s)
            return row
        row.state, row.failure = State.FAILED, "worker_lost"
        row.claimed_by = row.leased_until = None
        session.flush()
    return None

"""API keys."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Engine, select, update

from service.storage.database import reading, writing
from service.storage.ids import new_id
from service.storage.tables import KeyRow

_PREFIX = "rk_"  # so that scanners for leaked secrets can know it
_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """``name`` is for people; the secret is not in here."""

    id: str
    name: str
    created_at: datetime
    revoked_at: datetime | None


class Keys:
    """The database has SHA-256 digests alone. A slow hash, as passwords need, would add nothing: nobody can try 2**256
    secrets, and every request would pay for it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, name: str) -> tuple[ApiKey, str]:
        """The key and its secret, which nothing can show again."""
        secret = _PREFIX + secrets.token_urlsafe(_SECRET_BYTES)
        row = KeyRow(id=new_id(), name=name, digest=_digest(secret), created_at=datetime.now(UTC))
        with writing(self._engine) as session:
            session.add(row)
            return _key(row), secret

    def list(self) -> list[ApiKey]:
        """Revoked ones too, oldest first."""
        with reading(self._engine) as session:
            return [_key(row) for row in session.scalars(select(KeyRow).order_by(KeyRow.created_at, KeyRow.id))]

    def revoke(self, id: str) -> bool:
        """False where there is no such key, or it was revoked before."""
        query = update(KeyRow).where(KeyRow.id == id, KeyRow.revoked_at.is_(None)).values(revoked_at=datetime.now(UTC))
        with writing(self._engine) as session:
            return session.scalar(query.returning(KeyRow.id)) is not None

    def find(self, secret: str) -> ApiKey | None:
        """The key that works with this secret."""
        digest = _digest(secret)
        with reading(self._engine) as session:
            row = session.scalar(select(KeyRow).where(KeyRow.digest == digest, KeyRow.revoked_at.is_(None)))
            # The index compares digests of what was sent, which nobody can steer byte by byte; this comparison tells nothing.
            return _key(row) if row is not None and hmac.compare_digest(row.digest, digest) else None

    def is_active(self, id: str) -> bool:
        """Whether that key works: what was made with it, such as links, does as long."""
        query = select(KeyRow.id).where(KeyRow.id == id, KeyRow.revoked_at.is_(None))
        with reading(self._engine) as session:
            return session.scalar(query) is not None

    def any(self) -> bool:
        """Whether a key exists that works."""
        with reading(self._engine) as session:
            return session.scalar(select(KeyRow.id).where(KeyRow.revoked_at.is_(None)).limit(1)) is not None


def _digest(secret: str) -> str:
    # A header may bring any bytes.
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _key(row: KeyRow) -> ApiKey:
    return ApiKey(id=row.id, name=row.name, created_at=row.created_at, revoked_at=row.revoked_at)

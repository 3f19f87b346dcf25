"""The service's own secrets, such as what signs links."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

from sqlalchemy import Engine, select
from sqlalchemy.exc import IntegrityError

from service.storage.database import reading, writing
from service.storage.tables import SecretRow

_BYTES = 32


class Secrets:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def get(self, name: str) -> bytes:
        """32 random bytes, made when first asked for; from then on the same for all replicas."""
        return self._read(name) or self._make(name)

    def _read(self, name: str) -> bytes | None:
        with reading(self._engine) as session:
            return session.scalar(select(SecretRow.value).where(SecretRow.name == name))

    def _make(self, name: str) -> bytes:
        made = secrets.token_bytes(_BYTES)
        try:
            with writing(self._engine) as session:
                session.add(SecretRow(name=name, value=made, created_at=datetime.now(UTC)))
        except IntegrityError:
            # Another replica was first.
            return self._read(name) or self._make(name)
        return made

"""The tables. A change here needs a migration; a test compares the two."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Double, Enum, ForeignKey, Index, Integer, MetaData, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from service.storage.values import Box, State


class Utc(TypeDecorator[datetime]):
    """Aware times, in UTC. SQLite has no time zones and keeps text whose order is the order of time."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# SQLite counts rows by itself only where the column is its own INTEGER.
_NUMBER = BigInteger().with_variant(Integer(), "sqlite")
_STATE = Enum(State, native_enum=False, length=16, values_callable=lambda states: [s.value for s in states])


# Strings have no lengths here: PostgreSQL alone would hold to them.
class Table(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: Utc()}  # noqa: RUF012  (SQLAlchemy reads it from the class)


class DocumentRow(Table):
    __tablename__ = "documents"
    __table_args__ = (UniqueConstraint("owner", "idempotency_key"), Index(None, "state", "number"))

    # The place in the queue.
    number: Mapped[int] = mapped_column(_NUMBER, primary_key=True)
    id: Mapped[str] = mapped_column(unique=True)
    owner: Mapped[str]
    sha256: Mapped[str]
    fingerprint: Mapped[str]
    idempotency_key: Mapped[str | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    state: Mapped[State] = mapped_column(_STATE)
    progress: Mapped[float] = mapped_column(Double)
    pages: Mapped[int | None]
    attempts: Mapped[int]
    claimed_by: Mapped[str | None]
    leased_until: Mapped[datetime | None]
    revision: Mapped[int]
    # JSON, not JSONB: that one sorts the keys anew.
    report: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    failure: Mapped[str | None]


class CorrectionRow(Table):
    """History: the report itself holds what counts now."""

    __tablename__ = "corrections"
    __table_args__ = (UniqueConstraint("document_id", "revision"),)

    number: Mapped[int] = mapped_column(_NUMBER, primary_key=True)
    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"))
    revision: Mapped[int]
    page_index: Mapped[int]
    who: Mapped[str]
    at: Mapped[datetime]
    mask_required: Mapped[str]
    masks: Mapped[list[Box]] = mapped_column(JSON)
    reason: Mapped[str | None]
    found: Mapped[list[Box]] = mapped_column(JSON)


class KeyRow(Table):
    __tablename__ = "api_keys"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    digest: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class SecretRow(Table):
    __tablename__ = "secrets"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[bytes]
    created_at: Mapped[datetime]

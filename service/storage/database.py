"""Opening SQLite or PostgreSQL, and transactions on either."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, func, make_url, select
from sqlalchemy.exc import ArgumentError, InterfaceError, OperationalError, TimeoutError
from sqlalchemy.orm import Session

from service.storage.errors import DatabaseUnavailable

_BUSY_S = 30.0  # how long a writer waits for SQLite's one write lock
_CONNECT_S = 10  # PostgreSQL
_BEGIN = "sqlite_begin"


def open_database(url: str) -> Engine:
    """For ``sqlite:///FILE`` (one machine) or ``postgresql://…`` (any number of replicas). Other kinds, what is no URL, and
    SQLite in memory, which threads cannot share, raise ValueError, which does not quote it. A new SQLite file is its owner's
    alone."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise ValueError("it is no URL") from None
    match parsed.get_backend_name():
        case "sqlite":
            return _open_sqlite(parsed)
        case "postgresql" | "postgres":
            return _open_postgres(parsed)
        case _:
            raise ValueError("a database is sqlite:///FILE or postgresql://HOST/NAME")


def _open_sqlite(url: URL) -> Engine:
    if not url.database or url.database.startswith((":", "file:")):
        raise ValueError("SQLite needs a file")
    path = Path(url.database)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # SQLite gives its -wal and -shm files the mode of this one.
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    engine = create_engine(url, connect_args={"timeout": _BUSY_S}, **_common())
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _open_postgres(url: URL) -> Engine:
    arguments = {} if "connect_timeout" in url.query else {"connect_timeout": _CONNECT_S}
    return create_engine(url.set(drivername="postgresql+psycopg"), connect_args=arguments, pool_pre_ping=True, **_common())


def _common() -> dict[str, Any]:
    # PostgreSQL's JSON has no NaN; refused on both, so that both behave alike. Parameters stay out of error messages.
    serializer = partial(json.dumps, ensure_ascii=False, allow_nan=False)
    return {"hide_parameters": True, "json_serializer": serializer}


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver's own transactions begin at the first write, too late to be IMMEDIATE: see _begin_sqlite.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    _set_wal(connection)


def _set_wal(connection: sqlite3.Connection) -> None:
    """Where another connection writes, the change to WAL fails at once instead of waiting; once made, it stays."""
    deadline = time.monotonic() + _BUSY_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(f"BEGIN {connection.get_execution_options().get(_BEGIN, 'DEFERRED')}")


def for_writing(engine: Engine) -> Engine:
    """The same pool; SQLite's transactions take the write lock at once. One that reads first and writes later fails where
    another has written in between, without waiting."""
    return engine.execution_options(**{_BEGIN: "IMMEDIATE"})


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    with translating_errors(), Session(engine) as session:
        yield session


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """One transaction: committed at the end, undone by an exception."""
    with translating_errors(), Session(for_writing(engine)) as session, session.begin():
        yield session


@contextmanager
def translating_errors() -> Iterator[None]:
    """The driver's complaint that the database is not there, or busy, as DatabaseUnavailable."""
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        raise DatabaseUnavailable(type(error.orig).__name__) from error
    except TimeoutError as error:
        raise DatabaseUnavailable("no connection is free") from error


def read_clock(session: Session) -> datetime:
    """Now, by the one clock that all replicas share, so that a lease means the same to each; aware, in UTC. (SQLite's
    replicas are on one machine.)"""
    if session.get_bind().dialect.name == "postgresql":
        now: datetime = session.scalars(select(func.clock_timestamp())).one()
        return now.astimezone(UTC)
    return datetime.now(UTC)

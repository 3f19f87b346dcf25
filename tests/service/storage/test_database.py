"""Opening and upgrading."""

from __future__ import annotations

import sqlite3
import stat
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import IntegrityError
from stored import put

from service.storage import DatabaseTooNew, DatabaseUnavailable, Documents, open_database, upgrade
from service.storage.database import reading, writing
from service.storage.tables import Table


def test_migrations_make_the_tables_that_the_code_knows(engine: Engine) -> None:
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Table.metadata) == []


def test_upgrading_again_changes_nothing(engine: Engine) -> None:
    id = put(Documents(engine)).id
    upgrade(engine)
    assert Documents(engine).find(id)


def test_an_upgrade_that_fails_leaves_nothing(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = open_database(empty_url)
    monkeypatch.setattr("alembic.operations.Operations.create_index", _fail)
    with pytest.raises(ZeroDivisionError):
        upgrade(engine)
    assert inspect(engine).get_table_names() == []
    monkeypatch.undo()
    upgrade(engine)
    assert "documents" in inspect(engine).get_table_names()
    engine.dispose()


def _fail(*_: object, **__: object) -> None:
    raise ZeroDivisionError


def test_a_newer_database_is_left_alone(empty_url: str) -> None:
    engine = open_database(empty_url)
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'newer'"))
    with pytest.raises(DatabaseTooNew):
        upgrade(engine)
    engine.dispose()


def test_sqlite_waits_checks_and_does_not_stop_readers(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path}/new/folder/service.db")
    upgrade(engine)
    with engine.connect() as connection:
        pragmas = {name: connection.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "busy_timeout", "foreign_keys")}
    assert pragmas == {"journal_mode": "wal", "busy_timeout": 30_000, "foreign_keys": 1}
    with writing(engine) as writer:
        writer.execute(text("INSERT INTO secrets VALUES ('a', x'00', '2026-01-01 00:00:00.000000')"))
        with reading(engine) as reader:
            assert reader.scalar(text("SELECT count(*) FROM secrets")) == 0
    files = list((tmp_path / "new/folder").iterdir())
    assert {f.name for f in files} == {"service.db", "service.db-wal", "service.db-shm"}
    assert {stat.S_IMODE(f.stat().st_mode) for f in files} == {0o600}
    assert stat.S_IMODE((tmp_path / "new/folder").stat().st_mode) == 0o700
    engine.dispose()


def test_a_sqlite_file_can_be_opened_while_somebody_writes(tmp_path: Path) -> None:
    """Before it is in WAL, SQLite refuses the change to it at once, however long it may wait."""
    writer = sqlite3.connect(tmp_path / "service.db", isolation_level=None, check_same_thread=False)
    writer.execute("BEGIN IMMEDIATE")
    done = threading.Timer(0.1, writer.commit)
    done.start()
    engine = open_database(f"sqlite:///{tmp_path}/service.db")
    with engine.connect() as connection:
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
    engine.dispose()
    done.join()
    writer.close()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "sqlite:///file:x?mode=memory&uri=true", "mysql://h/d"])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(ValueError):
        open_database(url)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_postgresql_is_spoken_with_psycopg_3(scheme: str) -> None:
    engine = open_database(f"{scheme}://user:word@localhost:1/name")
    assert engine.url.drivername == "postgresql+psycopg"
    for touch in (lambda: upgrade(engine), lambda: Documents(engine).find("x"), lambda: Documents(engine).delete("x")):
        with pytest.raises(DatabaseUnavailable) as caught:
            touch()
        assert "word" not in f"{caught.value!r} {caught.value.__cause__!r} {engine!r}"


def test_errors_do_not_quote_what_was_to_be_written(documents: Documents) -> None:
    with pytest.raises(IntegrityError) as caught:
        for _ in range(2):
            documents.add(id="same", owner="somebody", sha256="", fingerprint="", expires_at=datetime.now(UTC))
    assert "somebody" not in str(caught.value)

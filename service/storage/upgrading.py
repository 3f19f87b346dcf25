"""Bringing a database to the tables of this version."""

from __future__ import annotations

import threading
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from service.storage.database import for_writing, translating_errors
from service.storage.errors import DatabaseTooNew

_MIGRATIONS = Path(__file__).parent / "migrations"
# Any number that nothing else in the database uses for pg_advisory_lock.
_LOCK = 0x7265646163740001
# Alembic's context is one per process.
_one_at_a_time = threading.Lock()


def upgrade(engine: Engine) -> None:
    """All or nothing, in one transaction that holds a lock: replicas that start together do it one after the other, and
    only the first has something to do. Raises DatabaseTooNew where a newer version was here before,
    and DatabaseUnavailable."""
    with _one_at_a_time, translating_errors(), for_writing(engine).begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        config = Config()
        # A percent sign would be read as the config file's interpolation.
        config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
        _check_age(connection, ScriptDirectory.from_config(config))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _check_age(connection: Connection, scripts: ScriptDirectory) -> None:
    ours = {script.revision for script in scripts.walk_revisions()}
    if not ours.issuperset(MigrationContext.configure(connection).get_current_heads()):
        raise DatabaseTooNew("the database belongs to a newer version of this service")

"""Each test on SQLite and on PostgreSQL; files in a folder, in an S3, and in memory for all that fsspec has besides."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import s3fs
from moto.server import ThreadedMotoServer
from sqlalchemy import Engine

from service.storage import Documents, Files, open_database, upgrade
from service.storage.tables import Table

_numbers = itertools.count()


@pytest.fixture(scope="session")
def postgres_tables(postgres: str) -> str:
    """A database with all tables, emptied before each test: making one takes as long as most tests."""
    url = _create(postgres, "tables")
    _upgrade(url)
    return url


def _create(end: str, name: str) -> str:
    with psycopg.connect(f"postgresql://postgres@/postgres{end}", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return f"postgresql://postgres@/{name}{end}"


def _upgrade(url: str) -> None:
    engine = open_database(url)
    upgrade(engine)
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/service.db"
    return _create(request.getfixturevalue("postgres"), f"empty{next(_numbers)}")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with its tables, and nothing in them."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/service.db"
        _upgrade(url)
        return url
    url = request.getfixturevalue("postgres_tables")
    with psycopg.connect(url) as connection:
        connection.execute(f"TRUNCATE {', '.join(Table.metadata.tables)}".encode())
    return url


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = open_database(url)
    yield engine
    engine.dispose()


@pytest.fixture
def documents(engine: Engine) -> Documents:
    return Documents(engine)


@pytest.fixture(scope="session")
def s3_options() -> Iterator[dict[str, Any]]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    client = {"region_name": "eu-west-1"}
    yield {"key": "test", "secret": "test", "endpoint_url": f"http://{host}:{port}", "client_kwargs": client}
    server.stop()


@pytest.fixture
def s3_place(s3_options: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    bucket = f"bucket{next(_numbers)}"
    s3fs.S3FileSystem(**s3_options).mkdir(bucket)
    return f"s3://{bucket}/documents", s3_options


@pytest.fixture(params=["folder", "s3", "memory"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, dict[str, Any]]:
    """What ``Files`` is made from."""
    if request.param == "s3":
        where: tuple[str, dict[str, Any]] = request.getfixturevalue("s3_place")
        return where
    return (f"file://{tmp_path}/files", {}) if request.param == "folder" else (f"memory://files{next(_numbers)}", {})


@pytest.fixture
def files(place: tuple[str, dict[str, Any]]) -> Files:
    return Files(*place)

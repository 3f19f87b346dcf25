"""One service for the tests that do not change what it is made of."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import psycopg
import pytest
from postgres_server import run_postgres
from served import Served, serve

_numbers = itertools.count()


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serve(tmp_path_factory.mktemp("served"), keep_hours=1.0) as served:
        yield served


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The end of its databases' URLs."""
    with run_postgres() as end:
        yield end


@pytest.fixture
def postgres_url(postgres: str) -> str:
    """An empty database."""
    name = f"service{next(_numbers)}"
    with psycopg.connect(f"postgresql://postgres@/postgres{postgres}", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return f"postgresql://postgres@/{name}{postgres}"

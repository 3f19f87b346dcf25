"""One service for the tests that do not change what it is made of."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from served import Served, serve


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serve(tmp_path_factory.mktemp("served"), keep_hours=1.0) as served:
        yield served

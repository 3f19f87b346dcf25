"""The page in Chromium, at the size of a desk and of a phone, against the fake service."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from chromium import launch
from fake import Fake, serve
from playwright.sync_api import Browser
from visit import DESK, Screen, Visit


@pytest.fixture(scope="session")
def server() -> Iterator[Fake]:
    with serve() as fake:
        yield fake


@pytest.fixture
def fake(server: Fake) -> Fake:
    server.reset()
    return server


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with launch(tmp_path_factory.mktemp("fonts")) as browser:
        yield browser


@pytest.fixture
def visit(browser: Browser, fake: Fake, tmp_path: Path) -> Iterator[Callable[..., Visit]]:
    """Opens the page. After the test nothing may have been written to the console, no policy broken, no other host asked."""
    visits: list[Visit] = []

    def open_(path: str = "", screen: Screen = DESK, scheme: str = "light", *, expect: tuple[int, ...] = ()) -> Visit:
        visits.append(Visit(browser, fake.address, screen, scheme, expect))
        visits[-1].open(path)
        return visits[-1]

    yield open_
    for one in visits:
        one.close()
    for one in visits:
        assert one.complaints == []
        assert {address.split("/")[2] for address in one.asked if address.startswith("http")} <= {fake.address.split("/")[2]}

"""The page in Chromium, at the size of a desk and of a phone, against the fake service."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pymupdf
import pytest
from fake import Fake, serve
from playwright.sync_api import Browser, sync_playwright
from viewers import find_tool
from visit import DESK, Screen, Visit

# A container's root has no user namespaces, which Chromium's sandbox needs; the rest keeps it from calling home.
_OPTIONS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{0}</dir><cachedir>{0}</cachedir></fontconfig>"""


@pytest.fixture(scope="session")
def server() -> Iterator[Fake]:
    with serve() as fake:
        yield fake


@pytest.fixture
def fake(server: Fake) -> Fake:
    server.reset()
    return server


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """With one face that has Chinese characters, wherever the tests run: layouts are then those that people see."""
    chromium, fonts = find_tool("chromium"), tmp_path_factory.mktemp("fonts")
    (fonts / "han.ttf").write_bytes(pymupdf.Font("china-s").buffer)
    config = fonts / "fonts.conf"
    config.write_text(_FONTS.format(fonts))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=_OPTIONS, env={**os.environ, "FONTCONFIG_FILE": str(config)}
        )
        yield browser
        browser.close()


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

"""Chromium for tests of pages."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pymupdf
from playwright.sync_api import Browser, sync_playwright
from viewers import find_tool

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


@contextmanager
def launch(fonts: Path) -> Iterator[Browser]:
    """With one face that has Chinese characters, kept in the folder ``fonts``: layouts are then those that people see."""
    chromium = find_tool("chromium")
    (fonts / "han.ttf").write_bytes(pymupdf.Font("china-s").buffer)
    config = fonts / "fonts.conf"
    config.write_text(_FONTS.format(fonts))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=_OPTIONS, env={**os.environ, "FONTCONFIG_FILE": str(config)}
        )
        yield browser
        browser.close()

"""Chromium, and the reports of one of each kind of attachment."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import drawn_records
import pytest
from chromium import launch
from playwright.sync_api import Browser

from redact.batch.reports import write_reports


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with launch(tmp_path_factory.mktemp("fonts")) as browser:
        yield browser


@pytest.fixture(scope="session")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("batch") / "out"
    folder.mkdir()
    write_reports(folder, drawn_records.few(folder), names=None, lang="zh")
    return folder

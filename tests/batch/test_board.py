"""The line that tells how a batch goes."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest
from rich.console import Console

from redact.batch import board as board_module
from redact.batch.board import Board
from redact.batch.ledger import Work
from redact.batch.naming import Target
from redact.batch.plan import Item
from redact.batch.survey import Upload
from redact.names.name import Name
from redact.values import Status


def item(number: int) -> Item:
    return Item(Upload(f"{number}.png", Path("x")), Name.parse("张三"), "0" * 64, "x", Target(PurePosixPath("x")))


def work(verdict: str, pages: int, status: Status = Status.DONE) -> Work:
    return Work("w", "c", status, verdict, pages, None, None, {})


def test_it_tells_the_rate_the_time_left_and_what_came_of_the_files(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(board_module.time, "monotonic", lambda: now)
    board = Board(Console(), "en", total=100, known=[work("否", 1), work("复核", 0, Status.REJECTED)])
    assert "0.00 pages/s · left - · 是 0 · 否 1 · 复核 0 · rejected 1" in board.line()
    now += 10
    board.step(item(1), 4, 8)
    assert board.line().startswith("0.20 pages/s · left -"), "two steps a page; how many pages a file has is not known yet"
    now += 10
    board.end(item(1), work("是", 4))
    # 99 files of 4 pages at 0.2 pages a second.
    assert board.line().startswith("0.20 pages/s · left 0 h 33 min · 是 1 · 否 1"), board.line()
    board.end(item(2), None)
    assert board.line().endswith("failed 1")

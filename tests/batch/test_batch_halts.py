"""A halt between any two steps on the way of an output to its place, and the run after it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from batch_case import NAME, NOTES, OTHER, HereWorkers, call, picture, put, read_notes, read_report, read_tree, write_roster

from redact import pipeline
from redact.batch.ledger import Ledger


class Halted(BaseException):
    """As if the power went: nothing catches it."""


def halt(before: bool, turn: int, do: Callable[..., Any]) -> Callable[..., Any]:
    turns = iter(range(1000))

    def halted(*arguments: Any, **how: Any) -> Any:
        this = next(turns)
        if before and this == turn:
            raise Halted
        came = do(*arguments, **how)
        if not before and this == turn:
            raise Halted
        return came

    return halted


STEPS: dict[str, tuple[object, str]] = {
    "the row is written": (Ledger, "file"),
    "the trash is emptied": (Ledger, "forget_trash"),
    "the output is moved": (os, "rename"),
    "the row says so": (Ledger, "mark_placed"),
    "the reports are moved": (os, "replace"),
}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("redact.batch.run.Workers", HereWorkers)
    monkeypatch.setattr("redact.pipeline.screen_page", pipeline.screen_page)  # put back after make_fast_redactor
    monkeypatch.setattr("redact.batch.applicants._COST", {"n": 2**4, "r": 1, "p": 1, "dklen": 64})


def begin(folder: Path) -> None:
    files = {"a.png": picture(1), "b.png": picture(2, doubtful=True), "c.png": picture(1), "d.png": b"bad", "e.png": picture(3)}
    put(folder, files)
    write_roster(folder.parent / "roster.csv", [(".", NAME)])


def change(folder: Path) -> None:
    """Other bytes, another name, two that change places, one that is gone: outputs are removed, moved and made."""
    put(folder, {"b.png": picture(4)})
    (folder / "a.png").rename(folder / "x.png")
    (folder / "e.png").rename(folder / "a.png")
    (folder / "x.png").rename(folder / "e.png")
    (folder / "d.png").unlink()
    write_roster(folder.parent / "roster.csv", [(".", NAME), ("c.png", OTHER)])


def run(folder: Path) -> int:
    return call(folder, folder.parent / "roster.csv", folder.parent / "out")


def look(folder: Path) -> tuple[Any, Any, int]:
    out, notes = folder.parent / "out", folder.parent / "notes"
    return read_tree(out), read_report(out), len(read_notes(notes))


@pytest.fixture
def expected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, tuple[Any, Any, int]]]:
    """Without a halt; worked out once."""
    if not _EXPECTED:
        folder = tmp_path / "calm/in"
        with monkeypatch.context() as patch:
            patch.setenv(NOTES, str(tmp_path / "calm/notes"))
            for prepare in (begin, change):
                prepare(folder)
                _EXPECTED.append((run(folder), look(folder)))
    return _EXPECTED


_EXPECTED: list[tuple[int, tuple[Any, Any, int]]] = []


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("step", STEPS)
def test_the_next_run_ends_as_if_there_had_been_no_halt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expected: list[tuple[int, tuple[Any, Any, int]]], step: str, before: bool
) -> None:
    folder = tmp_path / "in"
    monkeypatch.setenv(NOTES, str(tmp_path / "notes"))
    halts = 0
    for prepare, (code, (tree, report, begun)) in zip((begin, change), expected, strict=True):
        prepare(folder)
        for turn in (0, 1, 2):
            with monkeypatch.context() as patch:
                patch.setattr(*STEPS[step], halt(before, turn, getattr(*STEPS[step])))
                try:
                    run(folder)
                except Halted:
                    halts += 1
        assert run(folder) == code
        found = look(folder)
        assert found[:2] == (tree, report)
        assert found[2] <= begun + halts
        assert not list((tmp_path / "out/.redact-batch/held").iterdir())
    assert halts

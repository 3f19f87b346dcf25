"""What is cut, empty, disguised, locked or made to exhaust the reader gets a typed answer, in bounded time and memory.

The files are those of ``broken_files``; each is opened, and every page of it read, in a process of its own.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("resource", reason="measures and limits processes as POSIX does")
import open_measured
from broken_files import CASES, Case
from open_measured import Measured, Server, serving

import redact.intake

_MAX_MB = 1000


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


def measure(server: Server, folder: Path, case: Case) -> Measured:
    path = folder / f"upload{case.suffix}"
    path.write_bytes(case.build())
    return server.measure(path)


@pytest.mark.parametrize("case", [case for case in CASES if not case.long], ids=str)
def test_it_is_typed_as_expected_and_costs_little(case: Case, server: Server, tmp_path: Path) -> None:
    found = measure(server, tmp_path, case)
    assert found.error == case.error, found.detail
    assert found.warnings == ((case.warning,) if case.warning else ())
    assert (found.pages > 0) or found.error
    assert found.peak_mb < _MAX_MB


def test_each_case_has_a_name_of_its_own() -> None:
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("while True: pass", "<signal 24>"),
        ("raise KeyError", "<KeyError>"),
        ("import os; os.kill(os.getpid(), 9)", "<signal 9>"),
    ],
)
@pytest.mark.skipif(sys.platform != "linux", reason="numbers of signals")
def test_what_never_ends_or_crashes_is_told(program: str, said: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(open_measured, "LIMIT_S", 1)
    monkeypatch.setattr(redact.intake, "open_attachment", lambda path: exec(program))
    assert open_measured.measure_in_a_child(tmp_path).error == said

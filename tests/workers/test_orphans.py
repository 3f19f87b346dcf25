"""However the program or a worker ends, nothing that it started lives on: no worker, and no process of a worker's sandbox."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from awaited import PATIENCE_S, family, is_gone, wait_for
from PIL import Image
from worker_jobs import make_with_sandbox, open_and_hang

from redact.errors import WorkerLost, WorkersClosed
from redact.workers import Workers

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="has a means for it beside the pipe")

make: Any = make_with_sandbox


@contextmanager
def doomed(*arguments: str | Path) -> Iterator[tuple[subprocess.Popen[str], list[int]]]:
    """The program of ``doomed.py``, and its workers with all that they started."""
    code = Path(__file__).with_name("doomed.py")
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, str(code), *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as program:
        assert program.stdout is not None
        pids = [int(word) for word in program.stdout.readline().split()]
        assert len(pids) == 2
        try:
            yield program, [one for pid in pids for one in family(pid)]
        finally:
            program.kill()


MAKERS = ["make_without_parents_death_signal", "make_with_sandbox"]


@pytest.mark.parametrize("make", [pytest.param(MAKERS[0], marks=on_linux), MAKERS[1]])
def test_nothing_outlives_a_program_that_is_killed(make: str, tmp_path: Path) -> None:
    with doomed(tmp_path / "flag", make) as (program, pids):
        assert len(pids) == 2 or ("sandbox" in make and len(pids) >= 4)
        program.kill()
        wait_for(lambda: all(map(is_gone, pids)))


@on_linux
def test_nor_one_whose_pipes_are_still_held_by_a_fork_of_it(tmp_path: Path) -> None:
    with doomed(tmp_path / "flag", "make_fake", "--keep-pipes") as (program, pids):
        program.kill()
        wait_for(lambda: all(map(is_gone, pids)))


@pytest.fixture
def one() -> Iterator[Workers]:
    with Workers(1, make_redactor=make) as workers:
        assert workers.wait_ready(PATIENCE_S)
        yield workers


def with_sandbox_at_work(workers: Workers, flag: Path) -> tuple[Any, list[int]]:
    image = io.BytesIO()
    Image.new("RGB", (64, 48), "white").save(image, "PNG")
    task = workers.submit(partial(open_and_hang, flag, image.getvalue()))
    wait_for(lambda: flag.exists() or task.done())
    assert not task.done()
    pids = family(workers.pids[0])
    assert len(pids) >= 2
    return task, pids


def test_nothing_outlives_a_worker_that_is_killed(one: Workers, tmp_path: Path) -> None:
    task, pids = with_sandbox_at_work(one, tmp_path / "flag")
    os.kill(pids[0], signal.SIGKILL)
    wait_for(lambda: all(map(is_gone, pids)))
    with pytest.raises(WorkerLost):
        task.result(PATIENCE_S)


def test_nor_one_that_closing_kills_at_its_work(one: Workers, tmp_path: Path) -> None:
    task, pids = with_sandbox_at_work(one, tmp_path / "flag")
    one.close()
    assert is_gone(pids[0])
    with pytest.raises(WorkersClosed):
        task.result(0)
    wait_for(lambda: all(map(is_gone, pids)))


def test_closing_ends_an_idle_workers_sandbox_with_it() -> None:
    with Workers(1, make_redactor=make) as workers:
        assert workers.wait_ready(PATIENCE_S)
        pids = family(workers.pids[0])
        assert len(pids) == 2
    assert all(map(is_gone, pids)), "in order: the worker waits for it"


def test_a_program_that_forgets_to_close_ends_all_the_same(tmp_path: Path) -> None:
    code = (
        "import worker_jobs as j, sys; from redact.workers import Workers; w = Workers(1, make_redactor=j.make_fake); w.start(); "
    )
    code += "w.wait_ready(60); print(*w.pids)"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    (pid,) = map(int, done.stdout.split())
    wait_for(lambda: is_gone(pid))
    assert done.stderr == ""

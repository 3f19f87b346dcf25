"""A worker may die at any moment, and stop at any: it takes at most the job with it that it had begun."""

from __future__ import annotations

import logging
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from awaited import PATIENCE_S, is_gone, wait_for
from worker_jobs import (
    SECRET,
    MakeLater,
    MakeSlowly,
    count_to,
    die,
    give_back,
    hang,
    leave,
    make_by_dying,
    make_by_hanging,
    make_fake,
    make_nonsense,
    make_that_dies_of_any_job,
    make_without_models,
    see_limits,
    send_slowly,
    tell_pid,
    work_while,
)

from redact.errors import JobFailed, ModelError, RedactError, WorkerLost
from redact.workers import Workers, messages
from redact.workers.line import Line
from redact.workers.messages import Kind, Message

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

make: Any = make_fake
dying: Any = make_by_dying


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("redact.workers.seat._PAUSE_S", 0.01)
    monkeypatch.setattr("redact.workers.seat._LOOK_S", 0.02)


@pytest.fixture
def one() -> Iterator[Workers]:
    with Workers(1, make_redactor=make) as workers:
        assert workers.wait_ready(PATIENCE_S)
        yield workers


def outcome(task: Any) -> Any:
    return task.result(PATIENCE_S)


def read(file: Path) -> str:
    return file.read_text() if file.exists() else ""


def rest_at_last(count: int, pauses: list[float]) -> Any:
    """In place of pauses: none, but from the ``count``-th on one without end."""

    def rest(line: Line, seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) >= count:
            line.wait(lambda: line.closed, PATIENCE_S)

    return rest


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


# --- killed -------------------------------------------------------------------------------------------------------------


def test_a_worker_killed_in_a_job_loses_that_job_alone(tmp_path: Path) -> None:
    with Workers(2, make_redactor=make) as workers:
        lost = workers.submit(partial(hang, tmp_path / "pid"))
        kept = workers.submit(partial(work_while, tmp_path / "flag"))
        waiting = workers.submit(partial(give_back, 7))
        wait_for(lambda: kept.running and read(tmp_path / "pid"))
        kill(int(read(tmp_path / "pid")))
        with pytest.raises(WorkerLost, match="SIGKILL"):
            outcome(lost)
        assert outcome(waiting) == 7 and kept.running
        (tmp_path / "flag").touch()
        assert outcome(kept) == "through"


@pytest.mark.parametrize(("job", "error", "said"), [(die, WorkerLost, "SIGKILL"), (leave, JobFailed, "SystemExit")])
def test_a_job_that_ends_its_process_is_told_and_the_next_one_runs(
    job: Any, error: type[RedactError], said: str, one: Workers
) -> None:
    with pytest.raises(error, match=said):
        outcome(one.submit(job))
    assert outcome(one.submit(partial(give_back, 7))) == 7


def test_a_worker_killed_while_it_sends_its_result_blocks_nobody(one: Workers, tmp_path: Path) -> None:
    goes_on = threading.Event()
    # While the parent hears of the progress it does not read; the worker fills the pipe, and stands in mid-message.
    task = one.submit(partial(send_slowly, tmp_path / "flag", 1 << 24), progress=lambda *_: goes_on.wait(PATIENCE_S))
    wait_for((tmp_path / "flag").exists)
    time.sleep(0.1)
    assert not task.done()
    kill(one.pids[0])
    goes_on.set()
    with pytest.raises(WorkerLost):
        outcome(task)
    assert outcome(one.submit(partial(give_back, 7))) == 7


def test_an_idle_worker_that_is_killed_is_replaced_and_no_job_is_lost(one: Workers) -> None:
    (pid,) = one.pids
    kill(pid)
    wait_for(lambda: one.pids not in ((pid,), ()))
    assert outcome(one.submit(tell_pid))[0] == one.pids[0] != pid


def test_a_job_handed_to_a_dying_worker_that_never_began_it_is_run_by_another(one: Workers) -> None:
    (pid,) = one.pids
    os.kill(pid, signal.SIGSTOP)
    task = one.submit(partial(give_back, 7))
    wait_for(lambda: one.waiting == 0)
    assert not task.running
    kill(pid)
    assert outcome(task) == 7


def test_a_worker_killed_while_it_starts_is_replaced(tmp_path: Path) -> None:
    slow: Any = MakeSlowly(tmp_path / "pids", tmp_path / "flag")
    with Workers(1, make_redactor=slow) as workers:
        task = workers.submit(tell_pid)
        wait_for(lambda: read(tmp_path / "pids").endswith("\n"))
        kill(int(read(tmp_path / "pids")))
        (tmp_path / "flag").touch()
        assert outcome(task)[0] == workers.pids[0]


def test_a_storm_of_kills_loses_no_more_than_what_ran_and_the_pool_outlives_it() -> None:
    chance = random.Random(5)
    kills = 0
    with Workers(2, make_redactor=make) as workers:
        assert workers.wait_ready(PATIENCE_S, count=2)
        tasks = [workers.submit(partial(give_back, bytes([n]) * 300_000)) for n in range(120)]
        while not all(task.done() for task in tasks) and kills < 12:
            time.sleep(chance.uniform(0, 0.02))
            for pid in chance.sample(workers.pids, min(1, len(workers.pids))):
                if not is_gone(pid):
                    kill(pid)
                    kills += 1
        lost = 0
        for number, task in enumerate(tasks):
            try:
                assert outcome(task) == bytes([number]) * 300_000
            except WorkerLost:
                lost += 1
        assert lost <= kills
        wait_for(lambda: workers.idle == 2)
        assert outcome(workers.submit(partial(count_to, 3))) == 3


def test_signals_meant_for_the_whole_group_do_not_end_a_worker(one: Workers) -> None:
    (pid,) = one.pids
    for number in (signal.SIGINT, signal.SIGTERM):
        os.kill(pid, number)
    assert outcome(one.submit(tell_pid))[0] == pid
    assert os.getpgid(pid) != os.getpgid(0)


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_worker_leaves_no_core_dump_and_goes_before_the_parent_when_memory_runs_out(one: Workers) -> None:
    assert outcome(one.submit(see_limits)) == ((0, 0), "500")


# --- stopped, and never ready -------------------------------------------------------------------------------------------


def test_a_worker_that_does_not_take_its_job_is_replaced_and_the_job_is_run(
    one: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("redact.workers.process.TAKES_S", 1.0)
    (pid,) = one.pids
    os.kill(pid, signal.SIGSTOP)
    assert outcome(one.submit(partial(give_back, 7))) == 7
    assert is_gone(pid)


def test_a_stopped_worker_is_killed_by_the_deadline_and_by_close(one: Workers, tmp_path: Path) -> None:
    task = one.submit(partial(hang, tmp_path / "flag"))
    wait_for((tmp_path / "flag").exists)
    (pid,) = one.pids
    os.kill(pid, signal.SIGSTOP)
    one.close()
    assert is_gone(pid) and task.done()


UNABLE = [
    (make_without_models, ModelError, "weights are missing"),
    (make_nonsense, JobFailed, "ValueError in worker_jobs.py"),
    (make_by_dying, WorkerLost, "exit code 3"),
]


@pytest.mark.parametrize(("make", "error", "said"), UNABLE)
def test_where_no_worker_starts_jobs_fail_and_do_not_wait_for_ever(
    make: Any, error: type[RedactError], said: str, caplog: pytest.LogCaptureFixture
) -> None:
    with Workers(2, make_redactor=make) as workers:
        before = workers.submit(tell_pid)
        with pytest.raises(WorkerLost):
            outcome(before)
        assert not workers.wait_ready(PATIENCE_S) and not workers.ready and workers.idle == 0
        with pytest.raises(WorkerLost):
            outcome(workers.submit(tell_pid))
        assert type(workers.start_error) is error and said in str(workers.start_error)
    assert said in caplog.text and SECRET not in caplog.text


def test_while_no_worker_can_be_had_a_new_job_does_not_wait_for_the_next_try(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("redact.workers.line.Line.rest", rest_at_last(3, []))
    with Workers(1, make_redactor=dying) as workers:
        assert not workers.wait_ready(PATIENCE_S)
        with pytest.raises(WorkerLost):
            workers.submit(tell_pid).result(5)


def test_a_start_that_hangs_is_ended_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("redact.workers.process.START_S", 0.3)
    hanging: Any = make_by_hanging
    with Workers(1, make_redactor=hanging) as workers:
        with pytest.raises(WorkerLost):
            outcome(workers.submit(tell_pid))
        assert workers.start_error is not None and "in time" in workers.start_error.detail


def test_without_an_interpreter_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    with Workers(1, make_redactor=make) as workers:
        assert not workers.wait_ready(PATIENCE_S)
        assert workers.start_error is not None and "no Python interpreter" in str(workers.start_error)


def test_a_result_for_which_there_is_no_memory_fails_its_job_and_the_pool_goes_on(
    one: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    def receive(reader: Any) -> Message:
        message = messages.receive(reader)
        if message.kind is Kind.RESULT and len(message.body) > 1000:
            raise MemoryError(SECRET)
        return message

    monkeypatch.setattr("redact.workers.process.receive", receive)
    with pytest.raises(JobFailed, match=r"MemoryError in test_losses\.py") as caught:
        outcome(one.submit(partial(give_back, bytes(2000))))
    assert SECRET not in str(caught.value)
    assert outcome(one.submit(partial(give_back, 7))) == 7


def test_a_start_for_which_there_is_no_thread_is_a_failed_start_and_no_end_of_the_pool(
    one: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr("redact.workers.process.deadline", fail)
        kill(one.pids[0])
        wait_for(lambda: one.start_error is not None)
        assert "RuntimeError" in str(one.start_error)
    wait_for(lambda: one.ready)
    assert outcome(one.submit(partial(give_back, 7))) == 7


def test_once_workers_can_start_again_they_do(tmp_path: Path) -> None:
    later: Any = MakeLater(tmp_path / "flag")
    with Workers(1, make_redactor=later) as workers:
        assert not workers.wait_ready(PATIENCE_S)
        (tmp_path / "flag").touch()
        wait_for(lambda: workers.ready)
        assert workers.start_error is None
        assert outcome(workers.submit(partial(give_back, 7))) == 7


def test_pauses_between_starts_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("redact.workers.line.Line.rest", rest_at_last(5, pauses))
    monkeypatch.setattr("redact.workers.seat._LONGEST_PAUSE_S", 0.05)
    with Workers(1, make_redactor=dying):
        wait_for(lambda: len(pauses) == 5)
    assert pauses == [0.01, 0.02, 0.04, 0.05, 0.05]


def test_a_job_of_which_every_worker_dies_is_given_up(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    mortal: Any = make_that_dies_of_any_job
    with Workers(1, make_redactor=mortal) as workers, pytest.raises(WorkerLost, match="exit code 9"):
        outcome(workers.submit(tell_pid))
    assert caplog.text.count("before it began") == 3

"""What other processes' timing would show only by chance."""

from __future__ import annotations

import io
import pickle
import threading
from collections.abc import Callable
from typing import Any

import pytest

from redact.errors import Cancelled, TooLarge, WorkersClosed
from redact.processes.frames import write_frame
from redact.processes.interpreter import deadline
from redact.workers.line import Line, Place, State
from redact.workers.messages import receive
from redact.workers.task import Task


class Alarm:
    """A timer that goes off when it is told to, even after it was cancelled: its thread may be past that."""

    last: Alarm

    def __init__(self, seconds: float, strike: Callable[[], None]) -> None:
        self.go_off = strike
        Alarm.last = self

    def start(self) -> None: ...

    def cancel(self) -> None: ...


def test_a_deadline_strikes_within_its_block_and_never_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading, "Timer", Alarm)
    killed: list[str] = []
    with deadline(lambda: killed.append("within"), 1.0) as passed:
        Alarm.last.go_off()
    assert killed == ["within"] and passed.is_set()
    with deadline(lambda: killed.append("after"), 1.0) as passed:
        pass
    Alarm.last.go_off()
    assert killed == ["within"] and not passed.is_set()


@pytest.fixture
def line() -> Line:
    return Line()


def task_of(line: Line, *, urgent: bool = False) -> Task[Any]:
    return Task(b"", progress=None, deadline_s=None, urgent=urgent, withdraw=line.withdraw)


def test_a_job_that_waits_takes_an_idle_worker_off_the_count_before_that_has_taken_it(line: Line) -> None:
    places = [Place(), Place()]
    for place in places:
        line.add(place)
        line.mark(place, State.IDLE, 0)
    counts = [line.idle]
    for _ in range(3):
        line.put(task_of(line))
        counts.append(line.idle)
    assert counts == [2, 1, 0, 0]
    assert line.take(places[0], 0) and (line.waiting, line.idle) == (2, 0)


def test_a_job_that_is_handed_back_goes_first_again(line: Line) -> None:
    line.add(place := Place())
    first, second = task_of(line), task_of(line)
    line.put(second)
    line.put(first, first=True)
    assert line.take(place, 0) is first


def test_a_job_cancelled_between_two_workers_is_not_run(line: Line) -> None:
    """It is on its way back from a worker that died: neither there nor waiting."""
    line.add(Place())
    task = task_of(line)
    task.cancel()
    assert not task.done()
    line.put(task, first=True)
    assert line.waiting == 0
    with pytest.raises(Cancelled):
        task.result(0)


def test_a_job_cancelled_as_it_is_handed_over_is_stopped(line: Line) -> None:
    stopped: list[str] = []
    task = task_of(line)
    task.cancel()
    task.attach(lambda: stopped.append("stopped"))
    assert stopped == ["stopped"]


def frame(head: bytes) -> io.BytesIO:
    out: Any = io.BytesIO()
    write_frame(out, head)
    return io.BytesIO(out.getvalue())


NONSENSE = [io.BytesIO(b""), io.BytesIO(b"\xff" * 20), frame(b"{"), frame(b"[]"), frame(b'["job", null]'), frame(b'["no", 1]')]


@pytest.mark.parametrize("stream", NONSENSE, ids=lambda stream: repr(stream.getvalue()))
def test_a_worker_that_makes_no_sense_is_as_good_as_gone(stream: io.BytesIO) -> None:
    with pytest.raises(EOFError):
        receive(stream)


def test_errors_survive_pickling_whole() -> None:
    error = pickle.loads(pickle.dumps(TooLarge("pages", page_index=2)))
    assert type(error) is TooLarge
    assert (error.detail, error.page_index, str(error)) == ("pages", 2, "too_large: pages")
    assert isinstance(pickle.loads(pickle.dumps(WorkersClosed())), Cancelled)

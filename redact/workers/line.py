"""The tasks that wait, and the state of each place that may take them: all that the pool's threads share, under one lock."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from enum import Enum
from typing import Any

from redact.errors import Cancelled, RedactError, WorkerLost, WorkersClosed
from redact.workers.task import Task

# So often in a row a worker must fail to start, or die before it has begun a job, until its place counts as down.
_FAILURES_DOWN = 3


class State(Enum):
    DOWN = "down"
    STARTING = "starting"
    IDLE = "idle"
    BUSY = "busy"


class Place:
    """What a seat shows of itself; changed by its own thread, through :class:`Line` alone."""

    def __init__(self) -> None:
        self.state = State.DOWN
        self.failures = 0

    @property
    def ready(self) -> bool:
        return self.state in (State.IDLE, State.BUSY)


class Line:
    def __init__(self) -> None:
        self._places: list[Place] = []
        self._changed = threading.Condition()
        self._urgent: deque[Task[Any]] = deque()
        self._usual: deque[Task[Any]] = deque()
        self._closed = False

    @property
    def closed(self) -> bool:
        return self._closed

    @property
    def waiting(self) -> int:
        return len(self._urgent) + len(self._usual)

    @property
    def idle(self) -> int:
        with self._changed:
            return max(0, sum(place.state is State.IDLE for place in self._places) - self.waiting)

    @property
    def ready(self) -> int:
        return sum(place.ready for place in self._places)

    def add(self, place: Place) -> None:
        """Before any is marked."""
        self._places.append(place)

    def put(self, task: Task[Any], *, first: bool = False) -> None:
        """``first``: it has waited before. Where no worker can be had it fails at once, or it would wait for ever."""
        with self._changed:
            refused: RedactError | None = None
            if self._closed:
                refused = WorkersClosed()
            elif self._broken():
                refused = WorkerLost("no worker can be started")
            else:
                tasks = self._urgent if task.urgent else self._usual
                tasks.appendleft(task) if first else tasks.append(task)
                self._changed.notify_all()
        if refused is not None:
            task.fail(refused)
        elif task.unwanted:
            self.withdraw(task)

    def take(self, place: Place, timeout: float) -> Task[Any] | None:
        """The next task, and the place is busy with it; None: there is none in this time, or the pool is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self.waiting, timeout)
            if self._closed or not self.waiting:
                return None
            place.state = State.BUSY
            self._changed.notify_all()
            return (self._urgent or self._usual).popleft()

    def withdraw(self, task: Task[Any]) -> None:
        """Cancels a task that waits; any other is left as it is."""
        with self._changed:
            tasks = self._urgent if task.urgent else self._usual
            if task not in tasks:
                return
            tasks.remove(task)
        task.fail(Cancelled())

    def mark(self, place: Place, state: State, failures: int) -> None:
        """If with this no worker is left, nor can be had, what waits is failed."""
        with self._changed:
            place.state, place.failures = state, failures
            self._changed.notify_all()
            lost = self._drain() if self._broken() else []
        for task in lost:
            task.fail(WorkerLost("no worker can be started"))

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            given_up = self._drain()
        for task in given_up:
            task.fail(WorkersClosed())

    def wait(self, come: Callable[[], bool], timeout: float | None) -> bool:
        """Until ``come()``, which is asked at each change; what it is at last."""
        with self._changed:
            return self._changed.wait_for(come, timeout)

    def rest(self, seconds: float) -> None:
        """Cut short when the pool is closed."""
        end = time.monotonic() + seconds
        self.wait(lambda: self._closed or time.monotonic() >= end, seconds)

    def broken(self) -> bool:
        """Whether no worker is ready, and each place has failed too often in a row. They go on trying."""
        with self._changed:
            return self._broken()

    def _broken(self) -> bool:
        return all(not place.ready and place.failures >= _FAILURES_DOWN for place in self._places)

    def _drain(self) -> list[Task[Any]]:
        tasks = [*self._urgent, *self._usual]
        self._urgent.clear()
        self._usual.clear()
        return tasks

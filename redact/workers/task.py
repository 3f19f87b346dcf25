"""What :meth:`redact.workers.Workers.submit` gives back."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Generic, TypeVar

from redact.errors import RedactError, describe

T = TypeVar("T")

_log = logging.getLogger("redact.workers")


class Task(Generic[T]):
    """A job that waits, runs or has ended; safe to share between threads. Its repr shows nothing of the job.

    Made by :class:`redact.workers.Workers` alone.
    """

    def __init__(
        self,
        body: bytes,
        *,
        progress: Callable[[int, int], None] | None,
        deadline_s: float | None,
        urgent: bool,
        withdraw: Callable[[Task[Any]], None],
    ) -> None:
        """``body``: the pickled job. ``withdraw``: takes it back while it waits."""
        self._body = body
        self._progress = progress
        self._withdraw = withdraw
        self._future: Future[T] = Future()
        self._lock = threading.Lock()
        self._stop: Callable[[], None] | None = None
        self._unwanted = False
        self.deadline_s = deadline_s
        self.urgent = urgent
        # Workers that died as it was handed to them, before it had begun.
        self.handed_in_vain = 0

    def result(self, timeout: float | None = None) -> T:
        """What the job returned; waits for it, at most ``timeout`` seconds.

        Raises:
            WorkerLost: its worker died while it ran, or none can be started. It is not tried again here.
            DeadlineExceeded: it ran for longer than ``deadline_s``.
            Cancelled: by :meth:`cancel`, or as :class:`redact.errors.WorkersClosed` since the pool was closed.
            RedactError: the job raised it.
            JobFailed: the job raised anything else, or its result cannot be pickled.
            TimeoutError: it has not ended yet; it goes on.
        """
        return self._future.result(timeout)

    def done(self) -> bool:
        return self._future.done()

    @property
    def running(self) -> bool:
        """Whether a worker has begun with it, and not ended."""
        return self._future.running()

    def cancel(self) -> None:
        """It will not be run; or, where it runs, its next ``progress`` call ends it, and if there is none in time its worker is
        killed. It is done only when it has really ended: whatever it writes is written by then. One that gets through all the
        same keeps its result."""
        with self._lock:
            self._unwanted = True
            stop = self._stop
        if stop is None:
            self._withdraw(self)
        else:
            stop()

    def add_done_callback(self, tell: Callable[[Task[T]], object]) -> None:
        """``tell(task)`` is called once it is done, from a thread of the pool, which does no other work meanwhile; at once if it
        is done. What it raises is logged, by class and place."""
        self._future.add_done_callback(lambda _: _call(tell, self))

    def __repr__(self) -> str:
        return f"Task({'done' if self.done() else 'running' if self.running else 'waiting'})"

    # For the pool.

    @property
    def body(self) -> bytes:
        return self._body

    @property
    def unwanted(self) -> bool:
        return self._unwanted

    def attach(self, stop: Callable[[], None]) -> None:
        """It is handed to a worker; from here on :meth:`cancel` calls ``stop``, and does now if it was called before."""
        with self._lock:
            self._stop = stop
        if self._unwanted:
            stop()

    def detach(self) -> None:
        with self._lock:
            self._stop = None

    def begin(self) -> None:
        """The job has begun; it will not be handed to another worker."""
        self._future.set_running_or_notify_cancel()
        self._body = b""

    def advance(self, done: int, total: int) -> None:
        if self._progress is not None:
            _call(self._progress, done, total)

    def end(self, result: T) -> None:
        self._body = b""
        self._future.set_result(result)

    def fail(self, error: RedactError) -> None:
        self._body = b""
        self._future.set_exception(error)


def _call(callback: Callable[..., object], *arguments: object) -> None:
    try:
        callback(*arguments)
    except Exception as error:  # the pool's thread must go on
        _log.error("a callback of a task failed: %s", describe(error))

"""The pool that a program uses."""

from __future__ import annotations

import io
import pickle
import threading
from collections.abc import Callable
from dataclasses import dataclass
from types import FunctionType, TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from redact.errors import RedactError, UsageError
from redact.workers.line import Line, State
from redact.workers.seat import Seat
from redact.workers.task import Task

if TYPE_CHECKING:
    # Only workers load it: a parent that has no use for the models' libraries stays small.
    from redact.pipeline import Redactor

T = TypeVar("T")
Progress = Callable[[int, int], None]
Job = Callable[["Redactor", Progress], T]

# A page takes 2.5 s, and progress is told after each; a new worker takes as long to load.
_GRACE_S = 5.0
_JOINS_S = 20.0


class Workers:
    """Worker processes, each with a redactor of its own that is loaded once; safe to share between threads.

    A worker that dies takes at most the job with it that it had begun, which ends as WorkerLost, and is replaced. All of them end
    with this process, however it ends. Nothing is shared between processes that a death could leave locked.

    Workers import what this process can import. They do not run its main module: jobs, and what they return, are to be found
    in modules that can be imported by name.

    ``make_redactor``: picklable; None makes a plain :class:`redact.Redactor` of ``threads`` threads. ``threads``: for OpenCV
    and linear algebra in each worker; None leaves them as they are. See :func:`redact.workers.plan_workers` for ``count``.
    ``cancel_grace_s``: how long a cancelled job may take to get to its next progress call before its worker is killed.
    """

    def __init__(
        self,
        count: int,
        *,
        make_redactor: Callable[[], Redactor] | None = None,
        threads: int | None = None,
        cancel_grace_s: float = _GRACE_S,
    ) -> None:
        """Raises UsageError: there is no worker in it, or ``make_redactor`` cannot be pickled."""
        if count < 1:
            raise UsageError("a pool of no workers")
        make = _pickle("make_redactor", make_redactor or PlainRedactor(threads))
        self._line = Line()
        self._seats = tuple(Seat(self._line, make, threads, cancel_grace_s) for _ in range(count))
        for seat in self._seats:
            self._line.add(seat)
        self._starting = threading.Lock()
        self._started = False

    def start(self) -> None:
        """Begin to start all workers, and do not wait for it. Once more does nothing."""
        with self._starting:
            if self._started or self._line.closed:
                return
            self._started = True
        for seat in self._seats:
            seat.start()

    def wait_ready(self, timeout_s: float | None = None, *, count: int = 1) -> bool:
        """Whether so many workers are ready, at last; False as soon as it is clear that none can be (see :attr:`start_error`)."""
        line = self._line
        line.wait(lambda: line.ready >= count or line.closed or line.broken(), timeout_s)
        return line.ready >= count

    @property
    def ready(self) -> bool:
        """Whether there is a worker, idle or not."""
        return self._line.ready > 0

    @property
    def start_error(self) -> RedactError | None:
        """Why a worker could not be started, when it was last tried; None where none has that trouble."""
        return next((seat.start_error for seat in self._seats if seat.start_error is not None), None)

    @property
    def count(self) -> int:
        return len(self._seats)

    @property
    def idle(self) -> int:
        """Ready workers that neither work nor are to take one of the waiting jobs: so many more would run at once."""
        return self._line.idle

    @property
    def waiting(self) -> int:
        """Jobs that no worker has taken yet."""
        return self._line.waiting

    @property
    def pids(self) -> tuple[int, ...]:
        """Of the workers that are ready."""
        return tuple(pid for seat in self._seats if (pid := seat.pid) is not None)

    def submit(
        self,
        job: Job[T],
        *,
        progress: Progress | None = None,
        deadline_s: float | None = None,
        urgent: bool = False,
    ) -> Task[T]:
        """Run ``job(redactor, progress)`` in a worker, in the order of submission; ``urgent`` ones before all others.

        ``progress``: is called as the job calls its own, in a thread of the pool, which reads no further meanwhile.
        ``deadline_s``: seconds that it may take, from when it begins; then its worker is killed. None: any time.
        A job that cannot be run ends as a failed task: after :meth:`close`, or where no worker can be started.

        Raises:
            UsageError: ``job`` cannot be pickled.
        """
        body = _pickle("the job", job)
        task: Task[T] = Task(body, progress=progress, deadline_s=deadline_s, urgent=urgent, withdraw=self._line.withdraw)
        self._line.put(task)
        return task

    def close(self, *, finish_s: float = 0.0) -> None:
        """End all workers. What waits fails as WorkersClosed; so does what runs, if it still does after ``finish_s`` seconds."""
        line = self._line
        line.close()
        line.wait(lambda: not any(seat.state is State.BUSY for seat in self._seats), finish_s)
        for seat in self._seats:
            seat.stop()
        for seat in self._seats:
            seat.join(_JOINS_S)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Workers({self.count}, {self._line.ready} ready, {self.waiting} jobs waiting)"


@dataclass(frozen=True, slots=True)
class PlainRedactor:
    """Makes a redactor in the worker, which alone loads the library."""

    threads: int | None

    def __call__(self) -> Redactor:
        from redact.pipeline import Redactor

        return Redactor(threads=self.threads)


class _Pickler(pickle.Pickler):
    """Tells early what a worker could not find."""

    def reducer_override(self, value: Any) -> Any:
        if isinstance(value, FunctionType | type) and value.__module__ == "__main__":
            raise UsageError("workers do not run the main module: put it into one that can be imported")
        return NotImplemented


def _pickle(what: str, value: object) -> bytes:
    """Raises UsageError."""
    out = io.BytesIO()
    try:
        _Pickler(out, protocol=pickle.HIGHEST_PROTOCOL).dump(value)
        return out.getvalue()
    except UsageError:
        raise
    except Exception as error:  # what the objects' own methods raise; its message may show them
        raise UsageError(f"{what} cannot be pickled: {type(error).__name__}") from None

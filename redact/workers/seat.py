"""One place of the pool: a thread, and the worker process that it starts, feeds and replaces.

The thread that starts a worker is the one that stays with it: Linux ends a worker with the thread that forked it.
"""

from __future__ import annotations

import logging
import pickle
import threading
import time
from typing import Any

from redact.errors import Cancelled, DeadlineExceeded, JobFailed, RedactError, WorkerLost, WorkersClosed, describe
from redact.workers.line import Line, Place, State
from redact.workers.messages import Kind, Message
from redact.workers.process import Ended, WorkerProcess, read_error
from redact.workers.task import Task

_log = logging.getLogger("redact.workers")

# How long after a failed start the next one comes: twice as long each time, so that a worker that cannot start does not take the
# processor from those that can.
_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 30.0
# How often an idle worker is looked at, whether it still lives.
_LOOK_S = 0.5
# One that was ready for so long had no trouble with starting, even if it never got a job.
_LIVED_S = 60.0
# A job that so many workers died of before they had begun it is not handed to a further one.
_MOST_IN_VAIN = 3


class Seat(Place):
    def __init__(self, line: Line, make: bytes, threads: int | None, grace_s: float) -> None:
        super().__init__()
        self._line = line
        self._make = make
        self._threads = threads
        self._grace_s = grace_s
        self._process: WorkerProcess | None = None
        self._thread = threading.Thread(target=self._keep_serving, name="redact-worker", daemon=True)
        self.start_error: RedactError | None = None

    @property
    def pid(self) -> int | None:
        """The worker's, while there is one that is ready."""
        process = self._process
        return process.pid if process is not None and self.ready else None

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Kills what starts or works; an idle worker ends by itself once the line is closed."""
        process = self._process
        if process is not None and self.state in (State.STARTING, State.BUSY):
            process.kill()

    def join(self, timeout: float) -> None:
        if self._thread.ident is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout)

    def _keep_serving(self) -> None:
        while not self._line.closed:
            process = self._start()
            if process is None:
                self._line.rest(min(_LONGEST_PAUSE_S, _PAUSE_S * 2 ** (self.failures - 1)))
                continue
            since = time.monotonic()
            self._feed(process)
            process.end(kill=not self._line.closed or self.state is not State.IDLE)
            self._process = None
            # One that has begun a job was able to: whatever ended it, the next one starts at once.
            useful = self.failures == 0 or time.monotonic() - since > _LIVED_S
            self._line.mark(self, State.DOWN, 0 if useful else self.failures)
            if not useful:
                self._line.rest(min(_LONGEST_PAUSE_S, _PAUSE_S * 2 ** (self.failures - 1)))
        self._line.mark(self, State.DOWN, self.failures)

    def _start(self) -> WorkerProcess | None:
        """A worker that is ready."""
        self._line.mark(self, State.STARTING, self.failures)
        try:
            self._process = WorkerProcess(self._threads)
            if self._line.closed:  # a moment ago, when there was no process to be killed
                raise WorkersClosed
            self._process.make_redactor(self._make)
        except Exception as error:  # such as no memory for a thread: the next try may find some
            self._fail_start(error)
            return None
        self.start_error = None
        return self._process

    def _fail_start(self, raised: Exception) -> None:
        if self._process is not None:
            self._process.end(kill=True)
            self._process = None
        self.start_error = error = raised if isinstance(raised, RedactError) else JobFailed(describe(raised))
        if not self._line.closed:
            _log.warning("a worker does not start: %s", error)
        self._line.mark(self, State.DOWN, self.failures + 1)

    def _feed(self, process: WorkerProcess) -> None:
        """Jobs, until the worker is lost or the line is closed. Until it has begun one it counts as a failure."""
        self._line.mark(self, State.IDLE, self.failures + 1)
        while not self._line.closed:
            task = self._line.take(self, _LOOK_S)
            if task is None:
                if not process.alive:
                    _log.warning("an idle worker is gone: %s", process.explain_end())
                    return
                continue
            if not self._work(process, task):
                return
            self._line.mark(self, State.IDLE, 0)

    def _work(self, process: WorkerProcess, task: Task[Any]) -> bool:
        """Whether the worker can take a further one."""
        try:
            ended = process.run(task, grace_s=self._grace_s)
        except Exception as error:  # such as no memory for its result, or for a thread: the pool goes on
            _log.error("handing a job to a worker failed: %s", describe(error))
            task.fail(JobFailed(describe(error)))
            return False
        if ended.begun:
            self.failures = 0
        if ended.answer is not None:
            _settle(task, ended.answer)
        else:
            self._settle_lost(task, ended, process)
        return not ended.lost

    def _settle_lost(self, task: Task[Any], ended: Ended, process: WorkerProcess) -> None:
        why = process.explain_end()
        if ended.stopped:
            task.fail(Cancelled("killed, since it did not end by itself"))
        elif ended.late:
            task.fail(DeadlineExceeded())
        elif self._line.closed:
            task.fail(WorkersClosed())
        elif ended.begun:
            _log.warning("a worker is lost, with its job: %s", why)
            task.fail(WorkerLost(why))
        else:
            _log.warning("a worker is lost, before it began its job: %s", why)
            self._hand_back(task, why)

    def _hand_back(self, task: Task[Any], why: str) -> None:
        task.handed_in_vain += 1
        if task.handed_in_vain < _MOST_IN_VAIN:
            self._line.put(task, first=True)
        else:
            task.fail(WorkerLost(why))


def _settle(task: Task[Any], answer: Message) -> None:
    if answer.kind is Kind.RESULT:
        try:
            result = pickle.loads(answer.body)
        except Exception as error:  # a class that only the worker can import
            task.fail(JobFailed(describe(error)))
        else:
            task.end(result)
    elif answer.kind is Kind.STOPPED:
        task.fail(Cancelled())
    else:
        task.fail(read_error(answer.body))

"""The parent's side of one worker process."""

from __future__ import annotations

import contextlib
import os
import pickle
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from redact.errors import JobFailed, RedactError, WorkerLost, describe
from redact.processes.interpreter import START_S, bury, deadline, introduce, name_signal, start_interpreter
from redact.workers.messages import Kind, Message, receive, send
from redact.workers.task import Task

# To take a job out of the pipe, a large one too; a worker that does not is stopped, or thrashes.
TAKES_S = 60.0
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True, slots=True)
class Ended:
    """``answer``: None where the worker was lost, and then ``begun``: whether the job had; ``late``: it was killed for that;
    ``stopped``: the job was cancelled and did not end by itself. ``lost``: the worker can take no further job."""

    answer: Message | None
    begun: bool
    late: bool
    stopped: bool

    @property
    def lost(self) -> bool:
        return self.answer is None or self.late or self.stopped


class WorkerProcess:
    """One worker. Belongs to the thread that made it, and ends with that thread; :meth:`kill` may be called from any."""

    def __init__(self, threads: int | None) -> None:
        """Raises SandboxError: no process can be started."""
        own = {} if threads is None else dict.fromkeys(_THREADS, str(threads))
        self._process = start_interpreter(
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=None, environment=os.environ | own
        )
        self._reader: Any = self._process.stdout
        self._writer: Any = self._process.stdin
        self._number = 0
        introduce(self._writer, "redact.workers.worker", os.getpid(), threads)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def make_redactor(self, make: bytes) -> None:
        """``make``: the pickled callable.

        Raises:
            RedactError: the callable raised it; JobFailed where it raised anything else.
            WorkerLost: the process ended, or took too long.
        """
        with deadline(self.kill, START_S) as passed:
            try:
                send(self._writer, Kind.MAKE, body=make)
                answer = receive(self._reader)
            except (EOFError, OSError):
                raise WorkerLost("does not get ready in time" if passed.is_set() else self.explain_end()) from None
        if answer.kind is Kind.FAILED:
            raise read_error(answer.body)

    def run(self, task: Task[Any], *, grace_s: float) -> Ended:
        """Hand over the job, and wait for its end. ``grace_s``: how long a cancelled one may take to end by itself."""
        self._number += 1
        turn = _Turn(self, self._number, grace_s)
        task.attach(turn.stop)
        try:
            with turn:
                return self._run(task, turn)
        finally:
            task.detach()

    def _run(self, task: Task[Any], turn: _Turn) -> Ended:
        answer, begun = None, False
        with deadline(self.kill, TAKES_S), _until_gone():
            send(self._writer, Kind.JOB, turn.number, task.body)
            begun = receive(self._reader).kind is Kind.BEGUN
        if not begun:
            return Ended(None, begun=False, late=False, stopped=turn.killed)
        task.begin()
        turn.begin()
        with deadline(self.kill, task.deadline_s) as passed, _until_gone():
            while (message := receive(self._reader)).kind is Kind.PROGRESS:
                task.advance(int(message.value), int(bytes(message.body)))
            answer = message
        return Ended(answer, begun=True, late=passed.is_set(), stopped=turn.killed)

    def stop_job(self, number: int) -> None:
        # Never waits: since the job was taken there is nothing else in this pipe.
        with contextlib.suppress(OSError):
            send(self._writer, Kind.STOP, number)

    def kill(self) -> None:
        self._process.kill()

    def end(self, *, kill: bool) -> None:
        """In order, with all it started, by hanging up; or at once. Returns when the process is gone."""
        with contextlib.suppress(OSError):
            self._writer.close()
        bury(self._process, kill=kill)
        self._reader.close()

    def explain_end(self) -> str:
        """For developers, of a process whose pipe broke."""
        bury(self._process, kill=True)
        code = self._process.returncode
        return name_signal(-code) if code < 0 else f"exit code {code}"


class _Turn:
    """A job's time in its worker: within it the job can be stopped, after it a late stop does no harm to the next job."""

    def __init__(self, process: WorkerProcess, number: int, grace_s: float) -> None:
        self.number = number
        self.killed = False
        self._process = process
        self._lock = threading.Lock()
        self._begun = self._over = False
        self._timer = threading.Timer(grace_s, self._kill)
        self._timer.daemon = True
        self._stopping = False

    def begin(self) -> None:
        with self._lock:
            self._begun = True
            if self._stopping:
                self._process.stop_job(self.number)

    def stop(self) -> None:
        with self._lock:
            if self._over or self._stopping:
                return
            self._stopping = True
            self._timer.start()
            if self._begun:
                self._process.stop_job(self.number)

    def _kill(self) -> None:
        with self._lock:
            if not self._over:
                self.killed = True
                self._process.kill()

    def __enter__(self) -> _Turn:
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._over = True
        self._timer.cancel()


@contextlib.contextmanager
def _until_gone() -> Iterator[None]:
    with contextlib.suppress(EOFError, OSError):
        yield


def read_error(body: memoryview) -> RedactError:
    try:
        error = pickle.loads(body)
    except Exception as unreadable:  # a class that only the job's process can import
        return JobFailed(describe(unreadable))
    return error if isinstance(error, RedactError) else JobFailed("no RedactError")

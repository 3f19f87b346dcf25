"""The worker's side: one redactor, and one job after another. Started by :mod:`redact.workers.process`, never by hand.

The main thread works; another listens, so that it is noticed at once when the parent stops the job or is gone.
"""

from __future__ import annotations

import os
import pickle
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

from redact.errors import JobFailed, RedactError, describe
from redact.processes.frames import RawReader, RawWriter
from redact.processes.interpreter import die_with_parent, offer_to_oom_killer
from redact.workers.messages import Kind, receive, send

if TYPE_CHECKING:
    from redact.pipeline import Redactor

# An idle worker whose parent has hung up ends in order, with its sandbox, within this time.
_ENDS_S = 3.0
# After the sandbox's processes (1000), before the parent (0).
_OOM_SCORE = 500


def main(parent: int, threads: int | None) -> None:
    """``parent``: the process that started this one. ``threads``: of OpenCV; None leaves it as it is."""
    _settle(parent)
    pipes = [os.dup(stream) for stream in (0, 1)]
    null = os.open(os.devnull, os.O_RDWR)
    # What a library prints must not get between the messages, nor into what the program prints.
    for stream in (0, 1):
        os.dup2(null, stream)
    os.close(null)
    with open(pipes[0], "rb", buffering=0) as reader, open(pipes[1], "wb", buffering=0) as writer:
        _Worker(reader, writer).run(threads)


def _settle(parent: int) -> None:
    die_with_parent()
    if sys.platform == "linux" and os.getppid() != parent:
        os._exit(0)
    # A terminal's Ctrl-C and a service manager's stop reach all processes of a group; when a worker ends, the parent decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if sys.platform != "win32":
        import resource

        # Pages and a name would stand in a core dump.
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    offer_to_oom_killer(_OOM_SCORE)
    # A traceback's last line may quote what was read.
    threading.excepthook = lambda thrown: _tell(thrown.exc_value)
    sys.unraisablehook = lambda thrown: _tell(thrown.exc_value)


def _tell(error: BaseException | None) -> None:
    if error is not None and sys.stderr is not None:
        sys.stderr.write(f"redact worker: {describe(error)}\n")


class _Stop(BaseException):
    """Raised out of a job's progress call; no ``except Exception`` on the way holds it."""


class _Worker:
    def __init__(self, reader: RawReader, writer: RawWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._sending = threading.Lock()
        self._orders: queue.SimpleQueue[tuple[int, bytes | memoryview] | None] = queue.SimpleQueue()
        self._working = False
        self._stopped = -1

    def run(self, threads: int | None) -> None:
        """Until the parent hangs up."""
        threading.Thread(target=self._listen, daemon=True).start()
        redactor = self._make_redactor(threads)
        while redactor is not None:
            order = self._orders.get()
            if order is None:
                return
            self._work(redactor, *order)
            del order

    def _listen(self) -> None:
        try:
            while True:
                kind, value, body = receive(self._reader)
                if kind is Kind.STOP:
                    self._stopped = int(value)
                else:
                    self._orders.put((int(value), body))
                del body
        except (EOFError, OSError):
            self._orders.put(None)
            if not self._working:
                time.sleep(_ENDS_S)
            os._exit(0)

    def _make_redactor(self, threads: int | None) -> Redactor | None:
        """None: there is none, and the parent was told why, or is gone."""
        order = self._orders.get()
        if order is None:
            return None
        try:
            if threads is not None:
                import cv2

                cv2.setNumThreads(threads)
            make: Callable[[], Redactor] = pickle.loads(order[1])
            redactor = make()
        except BaseException as error:
            self._say(Kind.FAILED, body=_pack(error))
            return None
        self._say(Kind.READY)
        return redactor

    def _work(self, redactor: Redactor, number: int, body: bytes | memoryview) -> None:
        def progress(done: int, total: int) -> None:
            if self._stopped == number:
                raise _Stop
            self._say(Kind.PROGRESS, done, str(total).encode("ascii"))

        # Before anything of the job is touched: what kills a worker from here on is laid to this job.
        self._working = True
        self._say(Kind.BEGUN, number)
        kind, answer = Kind.RESULT, b""
        try:
            job: Callable[[Redactor, Callable[[int, int], None]], Any] = pickle.loads(body)
            answer = pickle.dumps(job(redactor, progress), protocol=pickle.HIGHEST_PROTOCOL)
        except _Stop:
            kind = Kind.STOPPED
        except BaseException as error:
            kind, answer = Kind.FAILED, _pack(error)
        self._say(kind, number, answer)
        self._working = False

    def _say(self, kind: Kind, value: float = 0, body: bytes = b"") -> None:
        try:
            with self._sending:
                send(self._writer, kind, value, body)
        except OSError:
            _end_alone()


def _pack(error: BaseException) -> bytes:
    """A RedactError as it is; of all others class and place alone."""
    if isinstance(error, RedactError):
        try:
            return pickle.dumps(error)
        except Exception as unpicklable:  # a class of the job's own; whatever its fields raise
            error = unpicklable
    return pickle.dumps(JobFailed(describe(error)))


def _end_alone() -> NoReturn:
    """The parent is gone, and with it all that this process is for."""
    os._exit(0)

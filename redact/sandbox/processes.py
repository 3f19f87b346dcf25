"""The parent's side: worker processes, and the pipes to them.

They are started as :mod:`redact.processes.interpreter` says, with an environment of a few harmless variables, and end when
their pipes close, however the program ends.
"""

from __future__ import annotations

import contextlib
import os
import re
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Any, Protocol

from redact.errors import SandboxError
from redact.processes.frames import PIPE_BYTES, BadFrame, RawReader, RawWriter, read_frame
from redact.processes.interpreter import START_S, bury, deadline, introduce, start_interpreter
from redact.sandbox.answers import FORK_SERVER, PLAIN, STATUS, read_json
from redact.sandbox.windows_job import Job

_ENDS_S = 5.0
# A plain worker serves so many attachments, so that what the libraries leak does not add up.
_ATTACHMENTS_EACH = 50
_KEPT_IDLE = 2
_KEPT_VARIABLES = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONHOME", "SYSTEMROOT", "WINDIR")
# A fork server must have no thread; and a page is too little work to share. Pixels lie in huge pages (glibc 2.35): a new process
# gets all its memory anew, and 4 KiB at a time that took as long as decoding (12 megapixels: 172 ms, so 97; 87 without sandbox).
_OWN_VARIABLES = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
}


class Process(Protocol):
    """One worker, which opens one attachment at a time."""

    reader: RawReader
    writer: RawWriter
    reused: bool  # for other attachments, after this one

    def kill(self) -> None:
        """At once. Safe to call from another thread, and more than once."""
        ...

    def end(self) -> int | None:
        """How it ended, once its pipe broke: the exit code, a signal's number below zero, None where nobody knows."""
        ...

    def release(self) -> None:
        """The attachment is closed; the worker is of no more use to the caller."""
        ...

    def limit_memory(self, allowed_bytes: int) -> None:
        """Where that is done from outside."""
        ...


class Launcher(Protocol):
    def prepare(self) -> None: ...

    def start(self) -> Process: ...

    def close(self) -> None: ...


def make_launcher(worker: str, *, fork: bool) -> Launcher:
    """``worker``: the module whose ``main`` is run. ``fork``: see :mod:`redact.sandbox.worker`."""
    return _ForkServer(worker) if fork else _PlainWorkers(worker)


class _ForkServer:
    """Linux: one process that forks a child for each attachment."""

    def __init__(self, worker: str) -> None:
        self._worker = worker
        self._lock = threading.Lock()
        self._server: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._ready = False
        self._owner = os.getpid()

    def prepare(self) -> None:
        with self._lock:
            self._launch()

    def start(self) -> Process:
        with self._lock:
            self._launch()
            try:
                return self._fork()
            except OSError:
                # The server is gone: the system may have needed its memory. A second failure is not chance.
                self._drop()
                self._launch()
                try:
                    return self._fork()
                except OSError as error:
                    self._drop()
                    raise SandboxError(f"the fork server does not answer: {type(error).__name__}") from None

    def close(self) -> None:
        with self._lock:
            self._drop()

    def _launch(self) -> None:
        if self._owner != os.getpid():
            # In a fork of the program the server is its parent's: two would talk at a time.
            self._owner, self._server, self._ready = os.getpid(), None, False
            if self._control is not None:
                self._control.close()
                self._control = None
        if self._server is not None and self._server.poll() is None:
            return
        self._drop()
        ours, theirs = socket.socketpair()
        with theirs:
            self._server = _start(theirs.fileno(), subprocess.DEVNULL)
        self._control = ours
        with socket.SocketIO(ours, "w") as stream:
            introduce(stream, self._worker, FORK_SERVER)

    def _fork(self) -> Process:
        assert self._server is not None and self._control is not None
        if not self._ready:
            with socket.SocketIO(self._control, "r") as stream:
                _await_ready(self._server, stream)
            self._ready = True
        with contextlib.ExitStack() as theirs, contextlib.ExitStack() as ours:
            child_in, our_out = _open_pipe()
            theirs.callback(os.close, child_in)
            writer = ours.enter_context(open(our_out, "wb", buffering=0))
            our_in, child_out = _open_pipe()
            theirs.callback(os.close, child_out)
            reader = ours.enter_context(open(our_in, "rb", buffering=0))
            line, their_line = socket.socketpair()
            ours.enter_context(line)
            theirs.enter_context(their_line)
            socket.send_fds(self._control, [b"+"], [child_in, child_out, their_line.fileno()])
            ours.pop_all()
        return _Child(reader, writer, line)

    def _drop(self) -> None:
        if self._control is not None:
            self._control.close()  # on which it ends, with all its children
        if self._server is not None:
            _end(self._server)
        self._server, self._control, self._ready = None, None, False


class _Child:
    reused = False

    def __init__(self, reader: IO[bytes], writer: IO[bytes], line: socket.socket) -> None:
        self.reader: Any = reader
        self.writer: Any = writer
        self._line = line

    def kill(self) -> None:
        # The server sees the end of the line, and kills the child.
        with contextlib.suppress(OSError):
            self._line.shutdown(socket.SHUT_WR)

    def end(self) -> int | None:
        try:
            self._line.settimeout(_ENDS_S)
            said = self._line.recv(STATUS.size)
        except OSError:
            said = b""
        return STATUS.unpack(said)[0] if len(said) == STATUS.size else None

    def release(self) -> None:
        self.writer.close()
        self.reader.close()
        self._line.close()

    def limit_memory(self, allowed_bytes: int) -> None:
        pass


class _PlainWorkers:
    """Elsewhere: processes that each serve one attachment after another. Idle ones are kept for the next."""

    def __init__(self, worker: str) -> None:
        self._worker = worker
        self._lock = threading.Lock()
        self._idle: list[_PlainWorker] = []
        self._owner = os.getpid()

    def prepare(self) -> None:
        with self._lock:
            self._disown()
            if not self._idle:
                self._idle.append(self._launch())

    def start(self) -> Process:
        with self._lock:
            self._disown()
            idle = [worker for worker in self._idle if worker.alive]
            worker, self._idle = (idle[-1], idle[:-1]) if idle else (self._launch(), [])
        worker.await_ready()
        worker.served += 1
        return worker

    def take_back(self, worker: _PlainWorker) -> None:
        with self._lock:
            kept = worker.alive and worker.served < _ATTACHMENTS_EACH and len(self._idle) < _KEPT_IDLE
            if kept and self._owner == os.getpid():
                self._idle.append(worker)
                return
        worker.stop()

    def close(self) -> None:
        with self._lock:
            self._disown()
            for worker in self._idle:
                worker.stop()
            self._idle = []

    def _disown(self) -> None:
        if self._owner != os.getpid():
            self._owner, self._idle = os.getpid(), []

    def _launch(self) -> _PlainWorker:
        return _PlainWorker(self, self._worker)


class _PlainWorker:
    reused = True

    def __init__(self, home: _PlainWorkers, worker: str) -> None:
        self._home = home
        self._process = _start(subprocess.PIPE, subprocess.PIPE)
        # Before it gets a byte to work on.
        self._job = Job(self._process) if sys.platform == "win32" else None
        self.reader: Any = self._process.stdout
        self.writer: Any = self._process.stdin
        self.served = 0
        self._ready = False
        introduce(self.writer, worker, PLAIN)

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def await_ready(self) -> None:
        if not self._ready:
            _await_ready(self._process, self.reader)
            self._ready = True

    def kill(self) -> None:
        self._process.kill()

    def end(self) -> int | None:
        try:
            return self._process.wait(_ENDS_S)
        except subprocess.TimeoutExpired:
            return None

    def release(self) -> None:
        self._home.take_back(self)

    def stop(self) -> None:
        with contextlib.suppress(OSError):
            self.writer.close()
        _end(self._process)
        self.reader.close()

    def limit_memory(self, allowed_bytes: int) -> None:
        if self._job is not None:
            self._job.limit_memory(allowed_bytes)


def _start(stdin: int, stdout: int) -> subprocess.Popen[bytes]:
    """Raises SandboxError."""
    environment = {key: os.environ[key] for key in _KEPT_VARIABLES if key in os.environ} | _OWN_VARIABLES
    # The program's folder may be an applicant's.
    root = os.path.abspath(os.sep)
    return start_interpreter(stdin=stdin, stdout=stdout, stderr=subprocess.PIPE, environment=environment, cwd=root)


def _await_ready(process: subprocess.Popen[bytes], reader: RawReader) -> None:
    """Raises SandboxError."""
    with deadline(process.kill, START_S):
        try:
            ready = read_json(read_frame(reader, most_body=0)[0]).get("ready") is True
        except (EOFError, BadFrame, OSError):
            ready = False
    stderr = process.stderr
    assert stderr is not None
    if ready:
        stderr.close()
        return
    bury(process, kill=True)
    said = re.search(rb"[A-Za-z]{1,60}$", stderr.read()[-2000:].rstrip())
    stderr.close()
    why = said.group().decode("ascii") if said else f"exit code {process.returncode}"
    raise SandboxError(f"the worker does not start: {why}")


def _end(process: subprocess.Popen[bytes]) -> None:
    bury(process)
    if process.stderr is not None:
        process.stderr.close()


def _open_pipe() -> tuple[int, int]:
    """Reading end, writing end."""
    reading, writing = os.pipe()
    if sys.platform == "linux":
        import fcntl

        with contextlib.suppress(OSError):  # a user's pipes may not take more than so much altogether
            fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    return reading, writing


def default_forks() -> bool:
    """Whether a fork server is the way here."""
    return sys.platform == "linux" and hasattr(socket, "send_fds") and Path("/proc/self").exists()

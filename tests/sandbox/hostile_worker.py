"""A worker whose decoder does what the "file" says: ``pages=3;page1=segv;mask=hang`` crashes on page 1 and hangs in masking."""

# mypy: ignore-errors

from __future__ import annotations

import ctypes
import os
import socket
import sys
import threading
import time

import numpy as np

from redact.errors import Encrypted
from redact.sandbox import worker
from redact.values import Issue, Leak, MediaType, Page, Severity

# Longer than anything here is allowed, and short enough for a test to fail where nothing ends it.
FOR_EVER_S = 20.0


def _errno_of(attempt) -> float:
    """0 where the attempt succeeds."""
    try:
        attempt()
    except OSError as error:
        return float(error.errno)
    return 0.0


def _call(number: int, *arguments) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(ctypes.c_long(number), *arguments) < 0:
        raise OSError(ctypes.get_errno(), "syscall")


def _fork() -> None:
    if os.fork() == 0:
        os._exit(0)


def _start_thread() -> None:
    seen = []
    thread = threading.Thread(target=lambda: seen.append(1))
    thread.start()
    thread.join()
    assert seen


_PIDFD_OPEN, _IO_URING_SETUP, _CLONE3, _UNKNOWN = 434, 425, 435, 999


ATTEMPTS = {
    "socket": lambda: socket.socket(),
    "socketpair": lambda: socket.socketpair(),
    "fork": _fork,
    "spawn": lambda: os.posix_spawn("/bin/true", ["true"], {}),
    "exec": lambda: os.execv("/bin/true", ["true"]),
    "create": lambda: os.open("/tmp/redact-sandbox-test", os.O_WRONLY | os.O_CREAT),
    "append": lambda: os.open(__file__, os.O_WRONLY | os.O_APPEND),
    "unlink": lambda: os.unlink(__file__),
    "mkdir": lambda: os.mkdir("/tmp/redact-sandbox-test"),
    "read a file": lambda: os.close(os.open("/etc/passwd", os.O_RDONLY)),
    "signal another": lambda: os.kill(1, 0),
    "open a process": lambda: _call(_PIDFD_OPEN, 1, 0),
    "io_uring": lambda: _call(_IO_URING_SETUP, 1, 0),
    "clone3": lambda: _call(_CLONE3, 0, 0),
    "unknown call": lambda: _call(_UNKNOWN),
    "start a thread": _start_thread,
    "read a module": lambda: open(np.__file__, "rb").close(),
    "signal itself": lambda: os.kill(os.getpid(), 0),
}


def _act(action: str) -> float:
    if action == "segv":
        ctypes.string_at(0)
    elif action == "abort":
        os.abort()
    elif action == "exit":
        os._exit(7)
    elif action == "hang":
        time.sleep(FOR_EVER_S)
    elif action == "spin":
        ends = time.monotonic() + FOR_EVER_S
        while time.monotonic() < ends:
            pass
    elif action == "memory":
        np.full(1 << 36, 1, np.uint8)
    elif action == "creeping memory":
        kept = []
        while True:
            kept.append(np.empty(1 << 26, np.uint8))  # asked for is enough
    elif action == "encrypted":
        raise Encrypted("for a test", page_index=1)
    elif action == "bug":
        raise KeyError("张伟")
    elif action == "pid":
        return float(os.getpid())
    elif action == "shout":
        os.write(1, b"x" * 100)
        print("x" * 100, file=sys.stderr, flush=True)
    elif action in ATTEMPTS:
        return _errno_of(ATTEMPTS[action])
    return 0.0


class HostileAttachment:
    media_type = MediaType.PNG

    def __init__(self, script: dict[str, str]) -> None:
        self._script = script
        self.page_count = int(script.get("pages", 1))
        self.warnings = ()
        self._do("open")

    def _do(self, what: str) -> float:
        return _act(self._script.get(what, ""))

    def page(self, index: int) -> Page:
        dpi = self._do(f"page{index}")
        self.warnings += (Issue("unopenable", Severity.WARN, index),)
        return Page(index, np.full((4, 5, 3), index, np.uint8), dpi)

    def mask(self, pages) -> bytes:
        self._do("mask")
        return b"find=exit;" if self._script.get("output") == "hostile" else b"pages=1;"

    def straighten(self, pages) -> bytes:
        self._do("straighten")
        return b"straight"

    def find_in_bytes(self, spellings) -> list[Leak]:
        self._do("find")
        return [Leak("metadata")]

    def close(self) -> None:
        pass


class HostileDecoder:
    def prepare(self) -> None:
        pass

    def open(self, content: bytes, *, limits, raster) -> HostileAttachment:
        return HostileAttachment(dict(part.split("=") for part in content.decode().split(";") if part))


def main(mode: str) -> None:
    worker.main(mode, HostileDecoder())

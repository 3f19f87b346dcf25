"""Starting a Python interpreter that does one module's work, and ending it.

It is started as ``python -c`` with nothing else in its arguments: paths of modules go through the pipe, since a path may hold a
name. Nothing of the user's program is run again (so no ``if __name__ == "__main__"`` is needed), and it may be a notebook or a
thread that starts it. It is in a session of its own, so that Ctrl-C in a terminal reaches the program alone.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from redact.errors import SandboxError

# Loading the libraries takes a second; a busy machine may take many times as long.
START_S = 120.0
_ENDS_S = 5.0
_PDEATHSIG, _SIGKILL = 1, 9

# What the interpreter runs: it takes the paths of modules from its standard input, and then is the worker.
_BOOT = """
import sys, os, json
def read(size):
    data = b""
    while len(data) < size:
        part = os.read(0, size - len(data))
        if not part:
            os._exit(0)
        data += part
    return data
said = json.loads(read(int.from_bytes(read(4), "big")))
sys.path[:] = said["path"]
try:
    import importlib
    importlib.import_module(said["module"]).main(*said["arguments"])
except BaseException as error:
    os.write(2, type(error).__name__.encode("ascii", "replace") + b"\\n")
    os._exit(1)
"""


def start_interpreter(
    *, stdin: int, stdout: int, stderr: int | None, environment: Mapping[str, str], cwd: str | None = None
) -> subprocess.Popen[bytes]:
    """It waits for :func:`introduce`. Streams as for :class:`subprocess.Popen`, unbuffered; ``cwd``: None keeps the program's.

    Raises:
        SandboxError: it cannot be started.
    """
    # Windows: the interpreter of a virtual environment is a small program that starts the real one, and a Job holds one.
    executable = getattr(sys, "_base_executable", None) if sys.platform == "win32" else sys.executable
    if getattr(sys, "frozen", False) or not executable:
        raise SandboxError("no Python interpreter to start a worker with")
    options: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        options = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
    try:
        return subprocess.Popen(
            # Safe path: no module is taken from the folder that the program happens to be in.
            [executable, "-P", "-s", "-X", "utf8", "-c", _BOOT],
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            env=dict(environment),
            cwd=cwd,
            bufsize=0,
            **options,
        )
    except (OSError, ValueError) as error:
        raise SandboxError(f"starting a process: {type(error).__name__}") from None


def introduce(writer: Any, module: str, *arguments: str | int | None) -> None:
    """Say what the interpreter is to be: ``main(*arguments)`` of ``module``, which it finds where this program would."""
    path = [os.path.abspath(entry) for entry in sys.path if isinstance(entry, str)]
    said = json.dumps({"path": path, "module": module, "arguments": arguments}).encode("ascii")
    with contextlib.suppress(OSError):  # that it is gone shows when it does not become ready
        writer.write(len(said).to_bytes(4, "big") + said)


def bury(process: subprocess.Popen[bytes], *, kill: bool = False) -> None:
    """Wait for its end, which comes by itself or is made to come."""
    if kill:
        process.kill()
    try:
        process.wait(_ENDS_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextlib.contextmanager
def deadline(kill: Callable[[], object], seconds: float | None) -> Iterator[threading.Event]:
    """``kill`` is called if what is inside takes longer; then the event is set. After the end of the block it is not called:
    the process may be at other work by then. None: there is no limit."""
    passed, lock, over = threading.Event(), threading.Lock(), False

    def strike() -> None:
        with lock:
            if not over:
                passed.set()
                kill()

    if seconds is None:
        yield passed
        return
    timer = threading.Timer(seconds, strike)
    timer.daemon = True
    timer.start()
    try:
        yield passed
    finally:
        timer.cancel()
        with lock:
            over = True


def die_with_parent() -> None:
    """Linux: this process is killed when the thread that forked it ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PDEATHSIG, ctypes.c_ulong(_SIGKILL), ctypes.c_ulong(0), ctypes.c_ulong(0), ctypes.c_ulong(0))


def offer_to_oom_killer(score: int) -> None:
    """Linux: when memory runs out it is this process that goes, and not the program that waits for it. ``score``: up to 1000."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
            file.write(str(score))


def name_signal(number: int) -> str:
    """For developers."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"

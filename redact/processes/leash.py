"""A foreign program that must not outlive this one, nor leave its folder behind: even if this process is killed.

Linux can end a process with its parent, but not what that started in turn; so an interpreter stands between, as long as this
process holds its standard input. POSIX only: elsewhere the program is run as it is.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

_ENDS_S = 10.0
# The interpreter may need them to start; the program is not to see them.
_LIBRARIES = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")

_LEASH = """
import os, shutil, signal, subprocess, sys, threading, time
folder, command = sys.argv[1], sys.argv[2:]
environment = {key: value for key, value in os.environ.items() if not key.endswith("LD_LIBRARY_PATH")}
nothing = subprocess.DEVNULL
process = subprocess.Popen(command, stdin=nothing, stdout=nothing, stderr=nothing, env=environment, start_new_session=True)
def end():
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass
loose = False
def watch():
    global loose
    os.read(0, 1)
    loose = True
    end()
    for _ in range(20):
        shutil.rmtree(folder, ignore_errors=True)
        if not os.path.exists(folder):
            break
        time.sleep(0.1)
    os._exit(1)
watcher = threading.Thread(target=watch, daemon=True)
watcher.start()
process.wait()
if loose:
    watcher.join()
end()
os._exit(0)
"""


def run_on_leash(command: Sequence[str], *, folder: Path, environment: Mapping[str, str], seconds: float) -> None:
    """Runs it in ``folder``, where it sees ``environment`` alone; when it has ended, so have all processes that it started.

    If this process dies meanwhile they are killed, and ``folder`` is removed.

    Raises:
        TimeoutError: it took longer than ``seconds``, and was ended.
        OSError: it cannot be started.
    """
    if sys.platform == "win32":
        _run_plainly(command, folder, environment, seconds)
        return
    own = {key: os.environ[key] for key in _LIBRARIES if key in os.environ}
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", _LEASH, str(folder), *command],
        cwd=folder,
        env=dict(environment) | own,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        # Ctrl-C is for the program alone, which lets go of the leash.
        start_new_session=True,
    )
    with process:
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise TimeoutError from None
        finally:
            _let_go(process)


def _let_go(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    process.stdin.close()
    try:
        process.wait(_ENDS_S)
    except subprocess.TimeoutExpired:
        process.kill()


def _run_plainly(command: Sequence[str], folder: Path, environment: Mapping[str, str], seconds: float) -> None:
    stream = subprocess.DEVNULL
    with subprocess.Popen(command, cwd=folder, env=dict(environment), stdin=stream, stdout=stream, stderr=stream) as process:
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise TimeoutError from None
        finally:
            if process.poll() is None:
                with contextlib.suppress(OSError):
                    subprocess.run(["taskkill", "/F", "/T", "/PID", str(process.pid)], capture_output=True, check=False)

"""Opens files and reads every page, each in a process of its own, and says what came of it and what it cost.

``python open_measured.py`` reads paths from stdin, one a line, and answers each with one line of JSON (``Measured``).
The server imports the library once and forks for each file: a child's peak of memory is its own, and begins at the
little that the imports take. The limit is on processor time, which other work on the machine does not use up.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

LIMIT_S = 10
_HANGS_S = 60


@dataclass(frozen=True)
class Measured:
    """``error``: the code of the AttachmentError, "" where every page was read, the class's name in ``<>`` for another
    exception, ``<signal n>`` where the process died (24: over the time limit). ``detail``: for developers. ``warnings``: codes.
    ``pages``: read. ``seconds``: by the clock. ``peak_mb``: resident, in units of 2**20 bytes."""

    error: str = ""
    detail: str = ""
    warnings: tuple[str, ...] = ()
    pages: int = 0
    seconds: float = 0.0
    peak_mb: int = 0


class Server:
    """Talks to one serving process."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )

    def measure(self, path: Path) -> Measured:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(f"{path}\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        return Measured(**(answer | {"warnings": tuple(answer["warnings"])}))

    def close(self) -> None:
        self._process.communicate(timeout=LIMIT_S)


@contextmanager
def serving() -> Iterator[Server]:
    server = Server()
    try:
        yield server
    finally:
        server.close()


def _open_and_read(path: Path) -> Measured:
    from redact.errors import AttachmentError
    from redact.intake import open_attachment

    pages, error, detail = 0, "", ""
    warnings: tuple[str, ...] = ()
    started = time.perf_counter()
    try:
        with open_attachment(path) as attachment:
            for page in attachment.pages():
                assert page.width and page.height
                pages += 1
            warnings = tuple(issue.code for issue in attachment.warnings)
    except AttachmentError as caught:
        error, detail = caught.code, caught.detail
    except Exception as caught:
        error = f"<{type(caught).__name__}>"
    seconds = time.perf_counter() - started
    return Measured(error, detail, warnings, pages, round(seconds, 2), _mb(resource.getrusage(resource.RUSAGE_SELF)))


def _mb(used: resource.struct_rusage) -> int:
    # KiB on Linux, bytes on macOS.
    return round(used.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10))


def measure_in_a_child(path: Path) -> Measured:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        # The default action of their signals ends the process, whatever C code is running.
        resource.setrlimit(resource.RLIMIT_CPU, (LIMIT_S, LIMIT_S + 1))
        signal.setitimer(signal.ITIMER_REAL, _HANGS_S)
        os.write(writing, json.dumps(asdict(_open_and_read(path))).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read()
    _, status, used = os.wait4(child, 0)
    if os.WIFSIGNALED(status):
        return Measured(f"<signal {os.WTERMSIG(status)}>", seconds=round(used.ru_utime + used.ru_stime, 2), peak_mb=_mb(used))
    return Measured(**json.loads(said))


def _serve() -> None:
    import redact.intake  # noqa: F401

    for line in sys.stdin:
        print(json.dumps(asdict(measure_in_a_child(Path(line.rstrip("\n"))))), flush=True)


if __name__ == "__main__":
    _serve()

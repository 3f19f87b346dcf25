"""What workers are told to do in tests: a redactor without models, and jobs that behave and misbehave."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from redact.errors import Encrypted, ModelError
from redact.options import IntakeLimits, RasterOptions

Progress = Callable[[int, int], None]
SECRET = "张伟明"


class FakeRedactor:
    made = 0

    def __init__(self) -> None:
        FakeRedactor.made += 1


def make_fake() -> FakeRedactor:
    return FakeRedactor()


def make_without_models() -> NoReturn:
    raise ModelError("weights are missing")


def make_nonsense() -> NoReturn:
    raise ValueError(SECRET)


def make_by_dying() -> NoReturn:
    os._exit(3)


def make_by_hanging() -> NoReturn:
    time.sleep(600)
    raise AssertionError


@dataclass(frozen=True)
class MakeLater:
    """Cannot start until ``flag`` is a file."""

    flag: Path

    def __call__(self) -> FakeRedactor:
        if not self.flag.exists():
            raise ModelError("not yet")
        return FakeRedactor()


@dataclass(frozen=True)
class MakeSlowly:
    """Notes its process, and is not ready before ``flag`` is a file."""

    note: Path
    flag: Path

    def __call__(self) -> FakeRedactor:
        with self.note.open("a") as file:
            file.write(f"{os.getpid()}\n")
        while not self.flag.exists():
            time.sleep(0.005)
        return FakeRedactor()


def make_that_dies_of_any_job() -> FakeRedactor:
    from redact.workers import worker

    def die_before_it_begins(*_: object) -> None:
        os._exit(9)

    worker._Worker._work = die_before_it_begins  # type: ignore[method-assign]
    return FakeRedactor()


def make_without_parents_death_signal() -> FakeRedactor:
    """So that the end of the pipe alone tells of it, as everywhere but on Linux."""
    import ctypes

    ctypes.CDLL(None).prctl(1, ctypes.c_ulong(0), ctypes.c_ulong(0), ctypes.c_ulong(0), ctypes.c_ulong(0))
    return FakeRedactor()


def make_with_sandbox() -> FakeRedactor:
    """The real one, as a Redactor has it."""
    from redact.sandbox import choose_decoder

    redactor: Any = FakeRedactor()
    redactor.decoder = choose_decoder(True)
    redactor.decoder.prepare()
    return redactor


# --- jobs ---------------------------------------------------------------------------------------------------------------


def tell_pid(redactor: FakeRedactor, progress: Progress) -> tuple[int, int]:
    return os.getpid(), redactor.made


def count_to(total: int, redactor: FakeRedactor, progress: Progress) -> int:
    for done in range(1, total + 1):
        progress(done, total)
    return total


def give_back(value: Any, redactor: FakeRedactor, progress: Progress) -> Any:
    return value


def write_line(file: Path, text: str, redactor: FakeRedactor, progress: Progress) -> None:
    with file.open("a", encoding="utf-8") as lines:
        lines.write(f"{text}\n")


def die(redactor: FakeRedactor, progress: Progress) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def leave(redactor: FakeRedactor, progress: Progress) -> None:
    sys.exit(5)


def hang(flag: Path, redactor: FakeRedactor, progress: Progress) -> None:
    """Runs until it is killed: tells of no progress. ``flag``: written when it begins."""
    flag.write_text(str(os.getpid()))
    time.sleep(600)


def work_until_stopped(flag: Path, redactor: FakeRedactor, progress: Progress) -> None:
    """``flag``: written when it begins, and has a line added when it ends."""
    flag.write_text("began\n")
    try:
        while True:
            try:
                progress(1, 2)
                time.sleep(0.01)
            except Exception:  # a stop is not to be held up by what a job catches
                continue
    finally:
        with flag.open("a") as file:
            file.write("ended\n")


def work_while(flag: Path, redactor: FakeRedactor, progress: Progress) -> str:
    """Until ``flag`` is a file, and tells of no progress."""
    while not flag.exists():
        time.sleep(0.005)
    return "through"


class Announced:
    """Writes ``flag`` as it is pickled, which is just before it is sent."""

    def __init__(self, flag: Path, size: int) -> None:
        self.flag = flag
        self.size = size

    def __reduce__(self) -> tuple[Any, ...]:
        self.flag.write_text("sending")
        return bytes, (bytes(self.size),)


def send_slowly(flag: Path, size: int, redactor: FakeRedactor, progress: Progress) -> Any:
    """``size``: more than a pipe holds, so that it can only be sent while it is read."""
    progress(1, 1)
    return Announced(flag, size)


def raise_own(redactor: FakeRedactor, progress: Progress) -> NoReturn:
    raise Encrypted("user password", page_index=3)


def raise_quoting(argument: str, redactor: FakeRedactor, progress: Progress) -> NoReturn:
    raise ValueError(f"cannot make sense of {argument}")


def print_everything(argument: str, redactor: FakeRedactor, progress: Progress) -> str:
    """What a library may do; and a thread that fails with the argument in its message."""
    print(argument, flush=True)
    os.write(1, argument.encode())

    def fail() -> NoReturn:
        raise ValueError(argument)

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    return "printed"


def return_unpicklable(argument: str, redactor: FakeRedactor, progress: Progress) -> Any:
    return lambda: argument


class Unopenable:
    """Pickled well, and cannot be unpickled."""

    def __init__(self, argument: str) -> None:
        self.argument = argument

    def __reduce__(self) -> tuple[Any, ...]:
        return refuse, (self.argument,)


def refuse(argument: str) -> NoReturn:
    raise ValueError(argument)


def return_unopenable(argument: str, redactor: FakeRedactor, progress: Progress) -> Any:
    return Unopenable(argument)


def see(names: tuple[str, ...], redactor: FakeRedactor, progress: Progress) -> tuple[str | None, ...]:
    return tuple(os.environ.get(name) for name in names)


def see_limits(redactor: FakeRedactor, progress: Progress) -> tuple[Any, str]:
    import resource

    return resource.getrlimit(resource.RLIMIT_CORE), Path("/proc/self/oom_score_adj").read_text().strip()


def open_and_hang(flag: Path, content: bytes, redactor: Any, progress: Progress) -> None:
    """With an attachment open in the sandbox."""
    with redactor.decoder.open(content, limits=IntakeLimits(), raster=RasterOptions()) as attachment:
        attachment.page(0)
        flag.write_text("open")
        time.sleep(600)


def count_cv2_threads(redactor: FakeRedactor, progress: Progress) -> int:
    import cv2

    return cv2.getNumThreads()

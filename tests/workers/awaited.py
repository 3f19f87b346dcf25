"""Waiting for what other processes do. No test says how long it takes."""

from __future__ import annotations

import time
from collections.abc import Callable

import psutil

PATIENCE_S = 60.0


def wait_for(come: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not come():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.005)


def is_gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def family(pid: int) -> list[int]:
    """The process, and all that it and those started."""
    return [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]

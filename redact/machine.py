"""What of the machine this process may use."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

_SYSTEM = Path("/")
_UNLIMITED_BYTES = 2**60


def count_cores(system: Path = _SYSTEM) -> int:
    """Cores that this process may use: by its affinity, and by its container's or service's share, rounded up. At least 1."""
    if hasattr(os, "process_cpu_count"):  # 3.13; PYTHON_CPU_COUNT sets it
        count: int = os.process_cpu_count() or 1
    elif hasattr(os, "sched_getaffinity"):
        count = len(os.sched_getaffinity(0))
    else:
        count = os.cpu_count() or 1
    return max(1, min([count, *(math.ceil(share) for share in _read_shares(system))]))


def measure_memory(system: Path = _SYSTEM) -> int:
    """Bytes of memory of the machine, or of its container or service where that may use less."""
    limits = [
        word for file in _find_cgroup_files(system, "memory", "memory.max", "memory.limit_in_bytes") for word in _read(file)
    ]
    return min([_read_machine_bytes(), *(int(limit) for limit in limits if limit != "max")])


def _read_shares(system: Path) -> Iterator[float]:
    """Cores' worth of time that each group which this process is in may use; of those that are limited."""
    for file in _find_cgroup_files(system, "cpu", "cpu.max", "cpu.cfs_quota_us"):
        words = _read(file)
        if file.name == "cpu.cfs_quota_us":
            words += _read(file.with_name("cpu.cfs_period_us"))
        if len(words) == 2 and words[0] not in ("max", "-1"):
            yield int(words[0]) / int(words[1])


def _find_cgroup_files(system: Path, controller: str, name: str, old_name: str) -> Iterator[Path]:
    """Of the group that this process is in and all above it; ``old_name``: in cgroup v1, where each controller has a tree of its
    own. In a container the groups' paths may be the host's, and only the topmost is to be seen."""
    top = system / "sys/fs/cgroup"
    for line in _read(system / "proc/self/cgroup", lines=True):
        _, controllers, path = line.split(":", 2)
        if controllers and controller not in controllers.split(","):
            continue
        tree, file = (top / controller, old_name) if controllers else (top, name)
        group = PurePosixPath(path.lstrip("/"))
        for folder in (group, *group.parents):
            if ".." not in folder.parts:
                yield tree / folder / file


def _read(file: Path, *, lines: bool = False) -> list[str]:
    """Its words, or lines; none where there is no such file: no Linux, no limit, or not to be seen from here."""
    try:
        text = file.read_text("utf-8", "replace")
    except OSError:
        return []
    return text.splitlines() if lines else text.split()


def _read_machine_bytes() -> int:
    if sys.platform == "win32":
        return _read_windows_bytes()
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _read_windows_bytes() -> int:
    import ctypes

    kilobytes = ctypes.c_ulonglong()
    windll = ctypes.__dict__["WinDLL"]  # there on Windows alone
    if not windll("kernel32").GetPhysicallyInstalledSystemMemory(ctypes.byref(kilobytes)):
        return _UNLIMITED_BYTES
    return kilobytes.value * 1024

"""How many workers a machine is good for."""

from __future__ import annotations

import os
import sys
from pathlib import Path

# What a worker takes with its sandbox.
WORKER_BYTES = 700 * 2**20
# Left for the program itself and the system.
_SPARED_BYTES = 512 * 2**20
_CGROUPS = Path("/sys/fs/cgroup")
_UNLIMITED_BYTES = 2**60


def plan_workers(cores: int, memory_bytes: int) -> tuple[int, int]:
    """(workers, threads of each): a worker for each core, as far as memory goes, and the cores shared out among them."""
    count = max(1, min(cores, (memory_bytes - _SPARED_BYTES) // WORKER_BYTES))
    return count, max(1, cores // count)


def count_cores(cgroups: Path = _CGROUPS) -> int:
    """Cores that this process may use: of its affinity, and of its container's share, rounded up; at least 1."""
    if hasattr(os, "process_cpu_count"):  # 3.13; PYTHON_CPU_COUNT sets it
        count: int = os.process_cpu_count() or 1
    elif hasattr(os, "sched_getaffinity"):
        count = len(os.sched_getaffinity(0))
    else:
        count = os.cpu_count() or 1
    share = _read_share(cgroups)
    return count if share is None else max(1, min(count, -int(-share // 1)))


def measure_memory(cgroups: Path = _CGROUPS) -> int:
    """Bytes of memory of the machine, or of its container where that may use less."""
    return min(_read_machine_bytes(), *_read_limits(cgroups))


def _read_share(cgroups: Path) -> float | None:
    """Cores that the container may use on average, of cgroup v2 or v1; None: any."""
    quota, period = (*_read_words(cgroups / "cpu.max"), "max", "1")[:2]
    if quota == "max":
        quota = (*_read_words(cgroups / "cpu" / "cpu.cfs_quota_us"), "-1")[0]
        period = (*_read_words(cgroups / "cpu" / "cpu.cfs_period_us"), "1")[0]
    return int(quota) / int(period) if int(quota) > 0 and int(period) > 0 else None


def _read_limits(cgroups: Path) -> list[int]:
    files = (cgroups / "memory.max", cgroups / "memory" / "memory.limit_in_bytes")
    words = [word for file in files for word in _read_words(file)]
    return [int(word) for word in words if word != "max"] or [_UNLIMITED_BYTES]


def _read_words(file: Path) -> list[str]:
    """None where there is no such file: no Linux, no limit, or not to be seen from here."""
    try:
        return file.read_text("ascii").split()
    except OSError:
        return []


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

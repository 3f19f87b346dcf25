"""How many workers a machine is good for."""

from __future__ import annotations

# What a worker takes with its sandbox: 1.08 GB, resident, after 200 drawn scans (tests/bench/service_load.py).
WORKER_BYTES = 1100 * 2**20
# Left for the program itself and the system.
_SPARED_BYTES = 512 * 2**20


def plan_workers(cores: int, memory_bytes: int) -> tuple[int, int]:
    """(workers, threads of each): a worker for each core, as far as memory goes, and the cores shared out among them."""
    count = max(1, min(cores, (memory_bytes - _SPARED_BYTES) // WORKER_BYTES))
    return count, max(1, cores // count)

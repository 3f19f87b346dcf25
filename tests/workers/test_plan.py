"""How many workers a machine gets, and what of the machine is its to use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from redact.workers import count_cores, measure_memory, plan_workers

GIB = 2**30


@pytest.mark.parametrize(
    ("cores", "memory_gib", "planned"),
    [(1, 4, (1, 1)), (2, 8, (2, 1)), (8, 64, (8, 1)), (8, 3, (2, 4)), (8, 0.5, (1, 8)), (1, 0.2, (1, 1)), (6, 3.9, (3, 2))],
)
def test_a_worker_for_each_core_as_far_as_memory_goes(cores: int, memory_gib: float, planned: tuple[int, int]) -> None:
    assert plan_workers(cores, int(memory_gib * GIB)) == planned


def test_more_memory_or_cores_never_means_fewer_workers_and_no_core_is_used_twice() -> None:
    for cores in range(1, 20):
        counts = [plan_workers(cores, half * GIB // 2)[0] for half in range(1, 40)]
        assert counts == sorted(counts)
        assert all(count * threads <= cores for count, threads in (plan_workers(cores, half * GIB) for half in range(1, 20)))


def machine(folder: Path, groups: str, **files: str) -> Path:
    for name, text in {"proc/self/cgroup": groups, **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


@pytest.fixture(autouse=True)
def sixteen_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "process_cpu_count", lambda: 16, raising=False)
    monkeypatch.setattr("redact.machine._read_machine_bytes", lambda: 64 * GIB)


V2, V1 = "0::/system.slice/redact.service\n", "5:cpu,cpuacct:/docker/abc\n4:memory:/docker/abc\n1:name=systemd:/\n0::/\n"
SHARES = [
    (V2, {"sys/fs/cgroup/system.slice/redact.service/cpu.max": "250000 100000\n"}, 3),
    (V2, {"sys/fs/cgroup/system.slice/redact.service/cpu.max": "max 100000\n"}, 16),
    (V2, {"sys/fs/cgroup/system.slice/cpu.max": "50000 100000", "sys/fs/cgroup/cpu.max": "200000 100000"}, 1),
    ("0::/../other\n", {"sys/fs/cgroup/cpu.max": "400000 100000"}, 4),
    ("0::/\n", {"sys/fs/cgroup/cpu.max": "9900000 100000"}, 16),
    (V1, {"sys/fs/cgroup/cpu/cpu.cfs_quota_us": "150000\n", "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n"}, 2),
    (V1, {"sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n", "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n"}, 16),
]


@pytest.mark.parametrize(("groups", "files", "cores"), SHARES)
def test_a_containers_share_of_the_cores_counts(groups: str, files: dict[str, str], cores: int, tmp_path: Path) -> None:
    assert count_cores(machine(tmp_path, groups, **files)) == cores


LIMITS = [
    (V2, {"sys/fs/cgroup/system.slice/memory.max": str(3 * GIB), "sys/fs/cgroup/memory.max": "max"}, 3),
    (V1, {"sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes": f"{2 * GIB}\n"}, 2),
    (V1, {"sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n"}, 64),
    (V2, {}, 64),
]


@pytest.mark.parametrize(("groups", "files", "gib"), LIMITS)
def test_a_containers_share_of_the_memory_counts(groups: str, files: dict[str, str], gib: int, tmp_path: Path) -> None:
    assert measure_memory(machine(tmp_path, groups, **files)) == gib * GIB


def test_where_there_are_no_such_groups_the_machine_counts(tmp_path: Path) -> None:
    assert count_cores(tmp_path) == 16
    assert measure_memory(tmp_path) == 64 * GIB


def test_this_very_machine_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert 1 <= count_cores() <= (os.cpu_count() or 1)
    assert measure_memory() > 100 * 2**20

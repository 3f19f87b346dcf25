"""How many workers, and of how many threads: pages masked in a second, and the memory of a worker with its sandbox.

    python tests/bench/workers.py                # about 12 minutes on two calm cores
    python tests/bench/workers.py --pages 4 --rounds 1

All ways mask the same drawn pages, one upload each, round after round in changing order; each way is loaded anew in each round
and has masked a page with each worker before the clock runs, so that no way's memory or idle threads weigh on another. What
counts are ratios to the plain redactor of the same round, and their median. Prints tables; tests nothing.
"""

from __future__ import annotations

import argparse
import io
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import psutil
from PIL import Image

from redact import Redactor
from redact.samples import Person, draw, scan
from redact.workers import Workers, count_cores, measure_memory, plan_workers

_APPLICANT = Person(("陆雨晴",), 1, "lu", ("yu", "qing"), woman=True)
_DOCUMENTS = ("diploma", "degree", "title_certificate", "appointment", "training", "work_resume", "pledge")
_WAYS = {"plain redactor": (0, None), "1 x 2": (1, 2), "1 x 1": (1, 1), "2 x 1": (2, 1), "2 x 2": (2, 2)}

Masks = Callable[[list[bytes]], None]


def mask(content: bytes, redactor: Redactor, progress: Any) -> bytes | None:
    return redactor.redact(content, name=_APPLICANT.name).output


def draw_uploads(count: int) -> list[bytes]:
    uploads = []
    for number in range(count):
        sample = scan(draw(_DOCUMENTS[number % 7], _APPLICANT, seed=number), grade=1 + number % 3, seed=number)
        out = io.BytesIO()
        Image.fromarray(sample.pixels).save(out, "JPEG", dpi=(round(sample.dpi),) * 2)
        uploads.append(out.getvalue())
    return uploads


@contextmanager
def plainly() -> Iterator[tuple[Masks, list[int]]]:
    redactor = Redactor()

    def mask_all(uploads: list[bytes]) -> None:
        for content in uploads:
            mask(content, redactor, None)

    yield mask_all, [psutil.Process().pid]


@contextmanager
def by_workers(count: int, threads: int) -> Iterator[tuple[Masks, list[int]]]:
    with Workers(count, threads=threads) as workers:
        if not workers.wait_ready(300, count=count):
            raise SystemExit(f"no workers: {workers.start_error}")

        def mask_all(uploads: list[bytes]) -> None:
            # Workers know this file by its name, not as the main module.
            job = import_module(Path(__file__).stem).mask
            for task in [workers.submit(partial(job, content)) for content in uploads]:
                task.result()

        yield mask_all, list(workers.pids)


def measure(uploads: list[bytes], rounds: int) -> None:
    ways = list(_WAYS)
    rates: dict[str, list[float]] = {way: [] for way in ways}
    memory: dict[str, list[float]] = {way: [] for way in ways}
    cpu_s: dict[str, list[float]] = {way: [] for way in ways}
    for turn in range(rounds):
        for way in ways[turn % len(ways) :] + ways[: turn % len(ways)]:
            count, threads = _WAYS[way]
            with by_workers(count, threads) if count and threads else plainly() as (mask_all, pids):
                mask_all(uploads[: max(1, count)])
                started, used = time.perf_counter(), count_cpu_s(pids)
                mask_all(uploads)
                cpu_s[way].append((count_cpu_s(pids) - used) / len(uploads))
                rates[way].append(len(uploads) / (time.perf_counter() - started))
                memory[way].append(weigh_at_work(partial(mask_all, uploads[: 2 * len(pids)]), pids) / 2**20)
            print(f"round {turn + 1}, {way}: {rates[way][-1]:.3f} pages/s", file=sys.stderr, flush=True)
    print("| workers x threads | pages/s | against the plain redactor | processor s/page | MB each at most, with its sandbox |")
    print("|---|---|---|---|---|")
    for way in ways:
        ratio = statistics.median(a / b for a, b in zip(rates[way], rates[ways[0]], strict=True))
        rate, cpu, each = (statistics.median(values[way]) for values in (rates, cpu_s, memory))
        print(f"| {way} | {rate:.3f} | {ratio:.2f} | {cpu:.2f} | {each:.0f} |")


def count_cpu_s(pids: list[int]) -> float:
    """Of the processes, those that they started, and theirs that have ended: the machine's other work moves it less."""
    family = [one for pid in pids for one in (psutil.Process(pid), *psutil.Process(pid).children(recursive=True))]
    return sum(sum(one.cpu_times()[:4]) for one in family)


def weigh_at_work(work: Callable[[], None], pids: list[int]) -> float:
    """Bytes of each process with all it started, at the most, as seen every half second."""
    seen = [0.0]
    thread = threading.Thread(target=work)
    thread.start()
    while thread.is_alive():
        seen.append(sum(map(weigh, pids)) / len(pids))
        thread.join(0.5)
    return max(seen)


def weigh(pid: int) -> float:
    """Bytes of a process and all it started; memory that several share is counted in parts (Linux), or for each."""
    process, weight = psutil.Process(pid), 0.0
    for one in (process, *process.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):  # a file's sandbox, which ends with it
            weight += getattr(info := one.memory_full_info(), "pss", info.rss)
    return weight


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    cores, memory_bytes = count_cores(), measure_memory()
    print(f"{cores} cores, {memory_bytes / 2**30:.1f} GiB: planned {plan_workers(cores, memory_bytes)}", flush=True)
    measure(draw_uploads(given.pages), given.rounds)

"""How many workers, and of how many threads: pages masked in a second, and the memory of a worker with its sandbox.

    python tests/bench/workers.py                # about 8 minutes on two calm cores
    python tests/bench/workers.py --pages 2 --rounds 1

All ways mask the same drawn pages, one upload each, in turns of a few seconds whose order changes; they are all loaded before,
and those whose turn it is not sleep. A turn in which the machine had other work is made again. What counts are ratios to the
plain redactor of the same round, and their median. Prints tables; tests nothing.
"""

from __future__ import annotations

import argparse
import io
import os
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
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
PLAIN = "plain redactor"
_WAYS = {PLAIN: (0, 0), "1 x 2": (1, 2), "1 x 1": (1, 1), "2 x 1": (2, 1), "2 x 2": (2, 2)}
# So many cores the machine's other work may take.
_CALM = 0.15

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


def load(count: int, threads: int) -> AbstractContextManager[tuple[Masks, list[int]]]:
    """What masks pages, and its processes."""
    return by_workers(count, threads) if count else plainly()


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


def measure_speed(uploads: list[bytes], rounds: int, end: float) -> None:
    await_calm(end)
    with ExitStack() as stack:
        ways = {way: stack.enter_context(load(*of)) for way, of in _WAYS.items()}
        for mask_all, pids in ways.values():
            mask_all(uploads[: 2 * len(pids)])
        await_calm(end)
        turns: list[dict[str, Turn]] = []
        while len(turns) < rounds and time.monotonic() < end:
            first = len(turns) % len(ways)
            order = [*ways, *ways][first : first + len(ways)]
            turns.append({way: take_turn(*ways[way], uploads, end) for way in order})
            told = ", ".join(f"{way} {turns[-1][way].rate:.3f}" for way in ways)
            print(f"round {len(turns)}: {told} pages/s", file=sys.stderr, flush=True)
    most = max(turn.others for each in turns for turn in each.values())
    print(f"{len(turns)} rounds of {len(uploads)} pages; the machine's other work took {most:.2f} cores at most")
    print("| workers x threads | pages/s | against the plain redactor | processor s/page |\n|---|---|---|---|")
    for way in ways:
        ratio = statistics.median(each[way].rate / each[PLAIN].rate for each in turns)
        rate, cpu = (statistics.median(getattr(each[way], what) for each in turns) for what in ("rate", "cpu_s"))
        print(f"| {way} | {rate:.3f} | {ratio:.2f} | {cpu:.2f} |", flush=True)


@dataclass(frozen=True, slots=True)
class Turn:
    """Pages in a second; processor seconds for each; cores that the machine's other work took."""

    rate: float
    cpu_s: float
    others: float


def take_turn(mask_all: Masks, pids: list[int], uploads: list[bytes], end: float) -> Turn:
    while True:
        busy, ours = count_busy_s(), count_cpu_s([os.getpid()])
        started, used = time.perf_counter(), count_cpu_s(pids)
        mask_all(uploads)
        seconds, cpu_s = time.perf_counter() - started, count_cpu_s(pids) - used
        others = (count_busy_s() - busy - (count_cpu_s([os.getpid()]) - ours)) / seconds
        if others < _CALM or time.monotonic() > end:
            return Turn(len(uploads) / seconds, cpu_s / len(uploads), others)
        print(f"other work took {others:.2f} cores: again", file=sys.stderr, flush=True)
        await_calm(end)


def await_calm(end: float) -> None:
    others = _CALM
    while others >= _CALM and time.monotonic() < end:
        busy = count_busy_s()
        time.sleep(3)
        others = (count_busy_s() - busy) / 3


def count_busy_s() -> float:
    """Of all the machine's cores."""
    times = psutil.cpu_times()
    # Where a field is missing there is no such time; Linux counts guests' within user's.
    idle = sum(getattr(times, field, 0.0) for field in ("idle", "iowait", "guest", "guest_nice"))
    return float(sum(times) - idle)


def measure_weight(uploads: list[bytes]) -> None:
    """Each way by itself."""
    print("\n| workers x threads | MB each at most, with its sandbox |\n|---|---|")
    for way, of in _WAYS.items():
        with load(*of) as (mask_all, pids):
            each = weigh_at_work(partial(mask_all, len(pids) * uploads), pids) / 2**20
        print(f"| {way} | {each:.0f} |", flush=True)


def count_cpu_s(pids: list[int]) -> float:
    """Of the processes, those that they started, and theirs that have ended: the machine's other work moves it less."""
    seconds = 0.0
    for pid in pids:
        for one in (psutil.Process(pid), *psutil.Process(pid).children(recursive=True)):
            with suppress(psutil.NoSuchProcess):  # a file's sandbox, which ends with it
                seconds += sum(one.cpu_times()[:4])
    return seconds


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
    parser.add_argument("--pages", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--minutes", type=float, default=60.0, help="to wait for a calm machine at most")
    given = parser.parse_args()
    cores, memory_bytes = count_cores(), measure_memory()
    print(f"{cores} cores, {memory_bytes / 2**30:.1f} GiB: planned {plan_workers(cores, memory_bytes)}", flush=True)
    drawn = draw_uploads(given.pages)
    measure_speed(drawn, given.rounds, time.monotonic() + 60 * given.minutes)
    measure_weight(drawn)

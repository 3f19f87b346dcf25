"""The service under load: 200 uploads from 8 clients, against the library itself on the same cores.

python tests/bench/service_load.py                    # drawn scans through the real reader
python tests/bench/service_load.py --uploads 40 --library 10
"""

from __future__ import annotations

import argparse
import io
import os
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

import httpx
import psutil
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

_DISTINCT = 20
_HEALTH_EVERY_S = 0.02


def draw(seed: int) -> list[tuple[bytes, str]]:
    """Office scans and photos, and whose they are."""
    from pages import case

    drawn = []
    for index in range(_DISTINCT):
        page = case(index, seed)
        out = io.BytesIO()
        Image.fromarray(page.sample.pixels).save(out, "JPEG", quality=88)
        drawn.append((out.getvalue(), page.person.name))
    return drawn


def measure_library(scans: list[tuple[bytes, str]], count: int) -> float:
    """Documents a second of the library's own worker processes, as many and with as many threads as the service has."""
    from mask_job import Mask

    from redact.workers import Workers, count_cores, measure_memory, plan_workers

    planned, threads = plan_workers(count_cores(), measure_memory())
    with Workers(planned, threads=threads) as workers:
        workers.wait_ready(count=planned)
        jobs = [Mask(*scans[i % len(scans)]) for i in range(planned)]
        for task in [workers.submit(job) for job in jobs]:
            task.result()
        started = time.perf_counter()
        for task in [workers.submit(Mask(*scans[i % len(scans)])) for i in range(count)]:
            task.result()
        return count / (time.perf_counter() - started)


class Served:
    """``redact serve`` in a process of its own."""

    def __init__(self, folder: Path) -> None:
        from served import free_port, wait_for

        port = free_port()
        environment = {**os.environ, "REDACT_REQUESTS_PER_MINUTE": "1000000", "REDACT_LOG_LEVEL": "WARNING"}
        command = [sys.executable, "-m", "redact", "serve", "--port", str(port), "--data", str(folder)]
        self.process = psutil.Popen(command, env=environment, stderr=subprocess.DEVNULL)
        self.url = f"http://127.0.0.1:{port}"
        wait_for(self._ready, 120)

    def _ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/readyz").status_code == 200
        except httpx.TransportError:
            return False

    def rss(self) -> tuple[int, int]:
        """Resident bytes of the service's own process, and of all its processes."""
        own = self.process.memory_info().rss
        total = own
        for child in self.process.children(recursive=True):
            try:
                total += child.memory_info().rss
            except psutil.Error:
                continue
        return own, total

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(60)


def watch_health(url: str, until: threading.Event, seconds: list[float]) -> None:
    with httpx.Client(base_url=url, timeout=10) as client:
        while not until.wait(_HEALTH_EVERY_S):
            started = time.perf_counter()
            assert client.get("/healthz").status_code == 200
            seconds.append(time.perf_counter() - started)


def upload(url: str, scans: list[tuple[bytes, str]], count: int, clients: int) -> tuple[list[int], float]:
    """Statuses, and documents a second."""

    def one(index: int) -> int:
        content, name = scans[index % len(scans)]
        with httpx.Client(base_url=url, timeout=600) as client:
            response = client.post(
                "/v1/documents", params={"wait": 300}, files={"file": ("a.jpg", content)}, data={"name": name}
            )
            if response.status_code != 201:
                return response.status_code
            report = client.get(f"/v1/documents/{response.json()['id']}")
            return 201 if report.status_code == 200 and report.json()["source_sha256"] else report.status_code

    started = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        statuses = list(pool.map(one, range(count)))
    return statuses, count / (time.perf_counter() - started)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--uploads", type=int, default=200)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=5, help="of library and service in turns, for the ratio")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    scans = draw(args.seed)
    rounds: list[tuple[float, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        served = Served(Path(folder))
        try:
            upload(served.url, scans, _DISTINCT, args.clients)
            before = served.rss()
            done, health = threading.Event(), list[float]()
            watching = threading.Thread(target=watch_health, args=(served.url, done, health))
            watching.start()
            statuses, rate = upload(served.url, scans, args.uploads, args.clients)
            done.set()
            watching.join()
            after = served.rss()
            for _ in range(args.rounds):
                library = measure_library(scans, _DISTINCT)
                rounds.append((library, upload(served.url, scans, _DISTINCT, args.clients)[1]))
        finally:
            served.stop()
    health.sort()
    print("\n| | measured |\n|---|---|")
    print(f"| uploads answered with 201 | {statuses.count(201)}/{len(statuses)} |")
    print(f"| 5xx | {sum(s >= 500 for s in statuses)} |")
    print(f"| documents a second under load | {rate:.3f} |")
    if rounds:
        ratios = sorted(own / library for library, own in rounds)
        told = f"median {median(ratios):.2f} of {len(ratios)} rounds, {ratios[0]:.2f} to {ratios[-1]:.2f}"
        print(f"| throughput over the library's own, in turns | {told} |")
    at = [health[round(q * (len(health) - 1))] * 1000 for q in (0.5, 0.99, 1.0)]
    print(f"| /healthz, {len(health)} times | median {at[0]:.1f} ms, p99 {at[1]:.1f} ms, most {at[2]:.1f} ms |")
    grown = [f"{b / 2**20:.0f} → {a / 2**20:.0f} MiB ({a / b - 1:+.1%})" for b, a in zip(before, after, strict=True)]
    print(f"| memory of the service's process | {grown[0]} |\n| with its workers | {grown[1]} |")


if __name__ == "__main__":
    main()

"""Mutated files through intake, screening and masking, in the sandbox: what crashes, hangs, or raises what it should not?

    python tests/fuzz/run.py --files 20000 --masked 1000 --seed 1 --workers 2
    python tests/fuzz/run.py --seed 1 --only 4711        # one of them again, in every way

Each worker here is a program that takes files in (``treat.py``), and starts sandboxed processes of its own for them. A program
that dies, or that a file keeps busy for more than ``HANG_S`` of processor time, is a finding; it is started anew with the next
file. A file counts as opened where intake has nothing against it. Inputs of findings are kept in ``--out`` as <sha256>.bin, with
a line in findings.jsonl that says how to make them again. Prints the table of SECURITY.md; exit code 1 where anything was found.
"""

from __future__ import annotations

import argparse
import json
import queue
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[1]))

import psutil
from mutate import make_mutant
from seed_files import family, seed_files
from treat import Treated, Treatment, cpu_seconds

# Processor time of the program and its workers, which other work on the machine does not use up; the clock: for those that wait.
HANG_S, HANG_CLOCK_S = 20.0, 120.0
_START_S = 300.0
_LOOK_S = 1.0
# A program's memory is compared where it lived long enough for a first and a last quarter.
_LEAST_FILES = 40

Command = Callable[[int], Sequence[str]]


@dataclass(frozen=True)
class Finding:
    """``kind``: crash (the program died: its exit code), hang, untyped (an exception: class and place)."""

    kind: str
    index: int
    detail: str


@dataclass
class Outcome:
    """Of one worker or all. ``memory``: of each program that lived long: median MiB in its first and its last quarter."""

    treated: list[Treated] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    memory: list[tuple[float, float]] = field(default_factory=list)

    def add(self, other: Outcome) -> None:
        self.treated += other.treated
        self.findings += other.findings
        self.memory += other.memory


def supervise(command: Command, indices: Sequence[int], *, hang_s: float = HANG_S, until: float | None = None) -> Outcome:
    """Runs ``command(first)`` until it has told of all ``indices`` from ``first`` on, and anew behind each that it does not
    survive. ``until``: no further file is waited for after that (:func:`time.monotonic`)."""
    outcome, left = Outcome(), list(indices)
    while left and not _is_over(until):
        told = _Told()
        detail = told.listen(command(left[0]), hang_s, until)
        outcome.treated += told.treated
        outcome.findings += [Finding("untyped", t.index, t.untyped) for t in told.treated if t.untyped]
        outcome.findings += [Finding("hang", t.index, f"{t.cpu_s:.0f} s") for t in told.treated if t.cpu_s > hang_s]
        outcome.memory += _quarters([t.rss_mb for t in told.treated])
        if detail is None:
            break
        # Where it dies before its first file it would do so again: that is counted, and the file passed over.
        index = left[0] if told.begun is None else told.begun
        outcome.findings.append(Finding("hang" if detail.startswith("killed") else "crash", index, detail))
        left = [each for each in left if each > index]
    return outcome


class _Told:
    """What one program told. ``begun``: the file that it is at, or was last."""

    def __init__(self) -> None:
        self.treated: list[Treated] = []
        self.begun: int | None = None

    def listen(self, command: Sequence[str], hang_s: float, until: float | None) -> str | None:
        """How it ended where it should not have."""
        process = psutil.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        reader = threading.Thread(target=_read_lines, args=(process.stdout, lines), daemon=True)
        reader.start()
        try:
            why = self._follow(process, lines, hang_s, until)
        finally:
            if process.poll() is None:
                process.kill()
            code = process.wait()
            reader.join()
            process.stdout.close()
        if why is not None or _is_over(until):
            return why
        return f"exit code {code}" if code else None

    def _follow(self, process: Any, lines: queue.SimpleQueue[bytes], hang_s: float, until: float | None) -> str | None:
        used, since = 0.0, time.monotonic()
        while not _is_over(until):
            try:
                line = lines.get(timeout=_LOOK_S)
            except queue.Empty:
                waited = time.monotonic() - since
                if waited > (HANG_CLOCK_S if self.begun is not None else _START_S):
                    return f"killed after {waited:.0f} s by the clock"
                if self.begun is not None and cpu_seconds(process) - used > hang_s:
                    return f"killed after {hang_s:.0f} s of processor time"
                continue
            if not line:
                process.wait()
                return None
            self._take(json.loads(line))
            used, since = cpu_seconds(process), time.monotonic()
        return None

    def _take(self, said: dict[str, Any]) -> None:
        if "begun" in said:
            self.begun = said["begun"]
        else:
            self.treated.append(Treated(**(said | {"mutations": tuple(said["mutations"]), "lost": tuple(said["lost"])})))


def _read_lines(stream: Any, lines: queue.SimpleQueue[bytes]) -> None:
    """An empty one at the end."""
    for line in stream:
        lines.put(line)
    lines.put(b"")


def _is_over(until: float | None) -> bool:
    return until is not None and time.monotonic() > until


def _quarters(rss_mb: Sequence[float]) -> list[tuple[float, float]]:
    if len(rss_mb) < _LEAST_FILES:
        return []
    quarter = len(rss_mb) // 4
    return [(statistics.median(rss_mb[:quarter]), statistics.median(rss_mb[-quarter:]))]


def fuzz(seed: int, files: int, masked: int, workers: int, minutes: float | None = None) -> Outcome:
    until = None if minutes is None else time.monotonic() + 60 * minutes
    everything, lock = Outcome(), threading.Lock()

    def work(number: int) -> None:
        def command(first: int) -> list[str]:
            script = str(Path(__file__).with_name("treat.py"))
            options = {"seed": seed, "first": first, "step": workers, "files": files, "masked": masked}
            return [sys.executable, script, *(f"--{key}={value}" for key, value in options.items())]

        outcome = supervise(command, range(number, files, workers), until=until)
        with lock:
            everything.add(outcome)

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(work, range(workers)))
    return everything


def keep(findings: Iterable[Finding], seed: int, out: Path) -> Iterator[str]:
    """Writes the inputs; a line for each."""
    for finding in findings:
        mutant = make_mutant(seed, finding.index)
        out.mkdir(parents=True, exist_ok=True)
        (out / f"{mutant.sha256}.bin").write_bytes(mutant.content)
        line = json.dumps(
            {
                "finding": finding.kind,
                "detail": finding.detail,
                "kind": mutant.kind,
                "mutations": mutant.mutations,
                "sha256": mutant.sha256,
                "again": f"python tests/fuzz/run.py --seed {seed} --only {finding.index}",
            }
        )
        with (out / "findings.jsonl").open("a", encoding="utf-8") as file:
            file.write(line + "\n")
        yield line


def write_table(outcome: Outcome, seed: int) -> Iterator[str]:
    """As it stands in SECURITY.md."""
    codes = ("opened", "unopenable", "truncated", "empty", "wrong_type", "too_large", "encrypted")
    found = Counter((finding.kind, family(make_mutant(seed, finding.index).kind)) for finding in outcome.findings)
    yield "| valid file | mutants | masked | " + " | ".join(codes) + " | workers lost | untyped | hangs | crashes |"
    yield "|---" * (len(codes) + 7) + "|"
    families = list(dict.fromkeys(family(kind) for kind in seed_files()))
    for name in (*families, "all"):
        rows = [t for t in outcome.treated if name in ("all", family(t.kind))]
        counts = Counter(t.outcome for t in rows)
        lost = sum(len(t.lost) for t in rows)
        by_kind = [
            sum(n for (k, f), n in found.items() if k == kind and name in ("all", f)) for kind in ("untyped", "hang", "crash")
        ]
        cells = [len(rows), sum(t.masked for t in rows), *(counts[code] for code in codes), lost, *by_kind]
        bold = "**" if name == "all" else ""
        yield f"| {bold}{name}{bold} | " + " | ".join(f"{bold}{cell:,}{bold}" for cell in cells) + " |"


def write_summary(outcome: Outcome) -> Iterator[str]:
    treated = outcome.treated
    masked, real = sum(t.masked for t in treated), sum(t.real for t in treated)
    yield f"files: {len(treated)}, of which masked: {masked}, read by the shipped OCR: {real}"
    yield f"pages decoded: {sum(t.pages for t in treated)}"
    yield f"workers lost: {dict(Counter(name for t in treated for name in t.lost)) or 'none'}"
    slowest = max(treated, key=lambda t: t.cpu_s, default=None)
    if slowest is not None:
        yield f"slowest: {slowest.cpu_s:.1f} s of processor time ({slowest.kind}, index {slowest.index})"
    for first, last in outcome.memory:
        yield f"memory of a program, MiB, median of its first and last quarter of files: {first:.0f}, {last:.0f}"


def again(seed: int, index: int) -> None:
    mutant = make_mutant(seed, index)
    print(mutant.kind, mutant.mutations, mutant.sha256, len(mutant.content), "bytes")
    treatment = Treatment()
    for masked in (False, True):
        for real in (False, True):
            print(treatment.treat(mutant, index, masked=masked, real=real), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--masked", type=int, default=100, help="of the files; the others are screened")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--minutes", type=float, help="stop after that, wherever it is; the table has what was done")
    parser.add_argument("--only", type=int, metavar="INDEX")
    parser.add_argument("--records", type=Path, help="a line of JSON for each file")
    parser.add_argument("--out", type=Path, default=Path("fuzz-findings"))
    given = parser.parse_args()
    if given.only is not None:
        again(given.seed, given.only)
        sys.exit()
    began = time.monotonic()
    result = fuzz(given.seed, given.files, given.masked, given.workers, given.minutes)
    print("\n".join((*write_table(result, given.seed), "", *write_summary(result))))
    print(f"{time.monotonic() - began:.0f} s, {given.workers} workers, seed {given.seed}\n")
    if given.records is not None:
        lines = (json.dumps(asdict(treated)) + "\n" for treated in result.treated)
        given.records.write_text("".join(lines), encoding="utf-8")
    for kept in keep(result.findings, given.seed, given.out):
        print(kept)
    sys.exit(bool(result.findings))

"""A batch at the size that it is made for. Prints; tests nothing but what it is for.

python tests/bench/batch.py roster                # 50,000 rows matched to as many files
python tests/bench/batch.py kills                 # 500 files, killed at 10 random moments; a fast reader stands for OCR
python tests/bench/batch.py throughput --pages 16 # drawn pages with the reader that ships: workers against one worker, memory
"""

from __future__ import annotations

import argparse
import io
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "batch"))

import psutil
from batch_case import put, read_notes, read_report, read_tree, start, write_roster
from PIL import Image
from test_batch_kills import WORKERS, make_folder, run_through, run_with_kills

from redact.batch.matching import match
from redact.batch.plan import Options
from redact.batch.roster import read_roster
from redact.batch.survey import survey
from redact.cli_batch import Call, run_batch
from redact.samples import Person, draw, scan
from redact.workers import count_cores

_APPLICANT = Person(("陆雨晴",), 1, "lu", ("yu", "qing"), woman=True)
_DOCUMENTS = ("diploma", "degree", "title_certificate", "appointment", "training", "work_resume", "pledge")


def measure_roster(top: Path, rows: int) -> None:
    folder = top / "in"
    for number in range(rows):
        (folder / f"{number // 50:05d}").mkdir(parents=True, exist_ok=True)
        (folder / f"{number // 50:05d}" / f"{number}.jpg").write_bytes(b"x")
    roster = write_roster(top / "roster.csv", [(f"{n // 50:05d}/{n}.jpg", "张伟", "Zhang Wei") for n in range(rows)])
    began, started = time.process_time(), time.perf_counter()
    read = read_roster(roster)
    between = time.perf_counter()
    uploads = list(survey(folder))
    found = time.perf_counter()
    matching = match(uploads, read)
    ended, took = time.perf_counter(), time.process_time() - began
    assert len(matching.owned) == rows
    print(f"{rows} rows: roster {between - started:.2f} s, survey {found - between:.2f} s, matching {ended - found:.2f} s")
    print(f"all: {ended - started:.2f} s, of which {took:.2f} s of processor time")


def measure_kills(top: Path, files: int, kills: int, seed: int) -> None:
    folder, out, notes = top / "in", top / "out", top / "notes"
    roster = make_folder(folder, files)
    run_through(start(folder, roster, top / "calm", top / "calm.notes", workers=WORKERS))
    killed, code = run_with_kills(folder, roster, out, notes, files=files, kills=kills, seed=seed)
    calm, begun = (Counter(read_notes(n)) for n in (top / "calm.notes", notes))
    print(f"{files} files, killed {killed} times, exit code {code}")
    print(f"tree the same: {read_tree(out) == read_tree(top / 'calm')} ({len(read_tree(out))} files)")
    print(f"report the same: {read_report(out) == read_report(top / 'calm')} ({len(read_report(out))} lines)")
    print(f"begun once: {calm.total()}; begun with kills: {begun.total()}, of which in flight at most {killed * WORKERS}")


def measure_throughput(top: Path, pages: int, rounds: int) -> None:
    folder = top / "in"
    for number in range(pages):
        sample = scan(draw(_DOCUMENTS[number % 7], _APPLICANT, seed=number), grade=1 + number % 3, seed=number)
        content = io.BytesIO()
        Image.fromarray(sample.pixels).save(content, "JPEG", dpi=(round(sample.dpi),) * 2)
        put(folder, {f"{number}.jpg": content.getvalue()})
    roster = write_roster(top / "roster.csv", [(".", _APPLICANT.name, "LU YUQING")])
    for turn in range(rounds):
        seconds = {}
        for count in (1, count_cores()):
            out = top / f"out-{turn}-{count}"

            def run(count: int = count, out: Path = out) -> None:
                assert run_batch(Call(folder, roster, out, count, (), False, Options(), None, "en")) != 1

            started = time.perf_counter()
            memory = watch(run)
            seconds[count] = time.perf_counter() - started
            shutil.rmtree(out)
            print(f"{count} workers: {pages / seconds[count]:.3f} pages/s with loading; MB of all at each quarter: {memory}")
        gain = seconds[1] / seconds[count_cores()]
        print(f"gain {gain:.2f} of {count_cores()} ({gain / count_cores():.2f} each)")


def watch(work: Callable[[], None]) -> list[int]:
    """MB of this process and all it started, at most, in each quarter of the time."""
    seen: list[float] = []
    thread = threading.Thread(target=work)
    thread.start()
    while thread.is_alive():
        seen.append(sum(map(weigh, [psutil.Process(), *psutil.Process().children(recursive=True)])))
        thread.join(0.5)
    quarter = max(1, len(seen) // 4)
    return [round(max(seen[i : i + quarter]) / 2**20) for i in range(0, quarter * 4, quarter) if seen[i : i + quarter]]


def weigh(process: psutil.Process) -> float:
    try:
        info = process.memory_full_info()
    except psutil.NoSuchProcess:
        return 0.0
    return float(getattr(info, "pss", info.rss))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("roster", "kills", "throughput"))
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--files", type=int, default=500)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pages", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if given.what == "roster":
            measure_roster(Path(folder), given.rows)
        elif given.what == "kills":
            measure_kills(Path(folder), given.files, given.kills, given.seed)
        else:
            measure_throughput(Path(folder), given.pages, given.rounds)

"""Killed at any moment, and started again: nothing is lost, nothing done twice, nothing half."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from batch_case import NAME, OTHER, pages, picture, put, read_notes, read_report, read_tree, start, write_roster

WORKERS = 2
FILES = 36
KILLS = 4
DELAY_S = 0.05
PATIENCE_S = 240


def make_folder(folder: Path, files: int) -> Path:
    """Applicants with five files each: pictures, some in doubt, a TIFF, a broken one, one twice."""
    rows = []
    for number in range(files):
        applicant = f"{number // 5:03d}"
        content, suffix = picture(number, doubtful=number % 7 == 3), "png"
        if number % 15 == 4:
            content, suffix = pages(number, number + 20_000), "tif"
        elif number % 15 == 9:
            content = b"broken %d" % number
        elif number % 15 == 14:
            content = picture(number - 1, doubtful=(number - 1) % 7 == 3)
        put(folder, {f"{applicant}/{NAME if number % 2 else ''}{number}.{suffix}": content})
        if number % 5 == 0:
            rows.append((applicant, OTHER if number % 3 == 0 else NAME))
    return write_roster(folder.parent / "roster.csv", rows)


def run_through(process: subprocess.Popen[bytes]) -> int:
    process.communicate(timeout=PATIENCE_S)
    return process.returncode


def wait_for_notes(notes: Path, count: int, process: subprocess.Popen[bytes]) -> bool:
    """False where it ended before."""
    until = time.monotonic() + PATIENCE_S
    while len(read_notes(notes)) < count:
        if process.poll() is not None:
            return False
        assert time.monotonic() < until
        time.sleep(0.005)
    return True


def run_with_kills(folder: Path, roster: Path, out: Path, notes: Path, *, files: int, kills: int, seed: int) -> tuple[int, int]:
    """How often it was killed, and its exit code at last."""
    chance = random.Random(seed)
    killed = 0
    moments = sorted(chance.sample(range(1, files * 9 // 10), kills))
    for moment in moments:
        process = start(folder, roster, out, notes, workers=WORKERS, delay_s=DELAY_S)
        # The notes of what is repeated come on top.
        if not wait_for_notes(notes, moment + killed * WORKERS, process):
            return killed, run_through(process)
        time.sleep(chance.uniform(0, 4 * DELAY_S))
        process.kill()
        process.communicate(timeout=PATIENCE_S)
        killed += 1
    return killed, run_through(start(folder, roster, out, notes, workers=WORKERS, delay_s=DELAY_S))


def test_killed_at_random_moments_it_ends_as_if_it_had_not_been(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    roster = make_folder(folder, FILES)
    code = run_through(start(folder, roster, tmp_path / "calm", tmp_path / "calm.notes", workers=WORKERS))
    out, notes = tmp_path / "out", tmp_path / "notes"
    killed, last = run_with_kills(folder, roster, out, notes, files=FILES, kills=KILLS, seed=1)
    assert killed == KILLS
    assert code == last == 4
    assert read_tree(out) == read_tree(tmp_path / "calm")
    assert read_report(out) == read_report(tmp_path / "calm")
    assert len(read_report(out)) == FILES
    assert not list((out / ".redact-batch/held").iterdir()), "nothing is left over"
    calm, begun = (Counter(read_notes(n)) for n in (tmp_path / "calm.notes", notes))
    assert max(calm.values()) == 1
    assert set(begun) == set(calm)
    assert begun.total() - calm.total() <= killed * WORKERS, "what was in flight, and no more, is done twice"


@pytest.mark.skipif(sys.platform == "win32", reason="sends the signal of Ctrl-C")
def test_ctrl_c_keeps_what_was_done_and_the_next_run_goes_on(tmp_path: Path) -> None:
    folder, out, notes = tmp_path / "in", tmp_path / "out", tmp_path / "notes"
    roster = make_folder(folder, 12)
    process = start(folder, roster, out, notes, workers=1, delay_s=DELAY_S)
    assert wait_for_notes(notes, 5, process)
    process.send_signal(signal.SIGINT)
    told = process.communicate(timeout=PATIENCE_S)[1].decode()
    assert process.returncode == 130
    assert "Interrupted" in told
    assert 4 <= len(read_report(out)) < 12
    assert not list((out / ".redact-batch/held").iterdir())
    run_through(start(folder, roster, out, notes, workers=1))
    assert len(read_report(out)) == 12
    repeated = Counter(read_notes(notes))
    assert repeated.total() - len(repeated) <= 1


def test_a_kill_releases_the_folder(tmp_path: Path) -> None:
    folder, out, notes = tmp_path / "in", tmp_path / "out", tmp_path / "notes"
    roster = make_folder(folder, 5)
    process = start(folder, roster, out, notes, workers=1, delay_s=30.0)
    assert wait_for_notes(notes, 1, process)
    second = start(folder, roster, out, notes, workers=1)
    assert "Another redact batch" in second.communicate(timeout=PATIENCE_S)[1].decode()
    assert second.returncode == 2
    process.kill()
    process.communicate(timeout=PATIENCE_S)
    assert run_through(start(folder, roster, out, notes, workers=1)) in (0, 3, 4)

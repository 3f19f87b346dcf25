"""A short run of the fuzzer, the same in every run, and that it sees what it is there to see."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from mutate import GENERIC, STRUCTURED, Mutant, make_mutant
from run import Finding, Outcome, fuzz, keep, supervise, write_table
from seed_files import seed_files
from treat import INTAKE_CODES, Treated, Treatment

from redact.errors import TooLarge, Unopenable
from redact.intake import open_attachment
from redact.sandbox import LocalDecoder

SEED, FILES, MASKED = 20, 250, 30


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    return fuzz(SEED, FILES, MASKED, workers=1)


def test_no_mutant_crashes_hangs_or_raises_what_it_should_not(outcome: Outcome) -> None:
    assert outcome.findings == []
    assert [t.index for t in outcome.treated] == list(range(FILES))


def test_mutants_reach_masking_the_ocr_and_each_outcome(outcome: Outcome) -> None:
    counts = Counter(t.outcome for t in outcome.treated)
    assert set(counts) <= {"opened", *INTAKE_CODES}
    assert counts["opened"] > FILES // 10 and counts["unopenable"] > FILES // 10 and counts["truncated"] > FILES // 20
    assert sum(t.masked for t in outcome.treated) == MASKED
    assert any(t.masked and t.outcome == "opened" for t in outcome.treated)
    assert any(t.real and t.pages for t in outcome.treated)


@pytest.mark.parametrize("kind", [kind for kind in seed_files() if kind != "zip"])
def test_the_files_that_mutants_grow_from_are_valid(kind: str) -> None:
    with open_attachment(seed_files()[kind]) as attachment:
        assert all(page.width and page.height for page in attachment.pages())
        assert attachment.warnings == ()


def test_a_mutant_is_made_again_from_its_seed_and_index() -> None:
    first = [make_mutant(SEED, index) for index in range(50)]
    assert [make_mutant(SEED, index) for index in reversed(range(50))] == first[::-1]
    assert len({mutant.content for mutant in first}) > 45


def test_each_mutator_is_used_and_changes_files() -> None:
    used: set[str] = set()
    changed = 0
    for index in range(1500):
        mutant = make_mutant(SEED, index)
        used |= set(mutant.mutations)
        changed += mutant.content != seed_files()[mutant.kind]
    assert used == {mutator.__name__ for mutators in (GENERIC, *STRUCTURED.values()) for mutator in mutators}
    assert changed > 1400


# A program that dies at file 3, is busy for ever at 5, and raised something at 7.
_ILL = """
import json, os, sys
base = dict(kind="png", mutations=[], sha256="", masked=False, real=False, outcome="opened", lost=[])
for index in range(int(sys.argv[1]), 10):
    print(json.dumps({"begun": index}), flush=True)
    if index == 3:
        os.abort()
    while index == 5:
        pass
    print(json.dumps(base | dict(index=index, untyped="KeyError" if index == 7 else "")), flush=True)
"""


def test_a_program_that_dies_or_hangs_is_seen_and_goes_on_behind_the_file() -> None:
    outcome = supervise(lambda first: [sys.executable, "-c", _ILL, str(first)], range(10), hang_s=0.5)
    assert [(f.kind, f.index) for f in outcome.findings] == [("crash", 3), ("hang", 5), ("untyped", 7)]
    assert [t.index for t in outcome.treated] == [0, 1, 2, 4, 6, 7, 8, 9]


class _Failing(LocalDecoder):
    def __init__(self, error: Exception) -> None:
        self._error = error

    def open(self, *_: Any, **__: Any) -> Any:
        raise self._error


@pytest.mark.parametrize(
    ("error", "outcome", "untyped", "lost"),
    [
        (Unopenable("no picture"), "unopenable", "", ()),
        (TooLarge("worker: over its time by the clock"), "too_large", "", ("worker: over its time by the clock",)),
        (ZeroDivisionError(), "untyped", "ZeroDivisionError in test_fuzz.py", ()),
    ],
)
def test_what_a_decoder_raises_is_told_apart(error: Exception, outcome: str, untyped: str, lost: tuple[str, ...]) -> None:
    treated = Treatment(_Failing(error), real=False).treat(Mutant("png", (), b"\x89PNG"), 0, masked=False, real=False)
    assert (treated.outcome, treated.untyped.partition(":")[0], treated.lost) == (outcome, untyped, lost)


def test_inputs_of_findings_are_kept_with_how_to_make_them_again(tmp_path: Path) -> None:
    mutant = make_mutant(SEED, 4)
    (line,) = keep([Finding("crash", 4, "exit code -6")], SEED, tmp_path)
    assert (tmp_path / f"{mutant.sha256}.bin").read_bytes() == mutant.content
    assert f"--seed {SEED} --only 4" in line and line in (tmp_path / "findings.jsonl").read_text("utf-8")


def test_the_table_counts_findings_by_the_file_that_they_grew_from() -> None:
    mutant = make_mutant(SEED, 4)
    treated = Treated(4, mutant.kind, mutant.mutations, mutant.sha256, True, False, "untyped", untyped="KeyError")
    *_, last = write_table(Outcome([treated], [Finding("untyped", 4, "KeyError")]), SEED)
    cells = last.replace("**", "").replace(" ", "").split("|")
    assert cells[2:4] == ["1", "1"] and cells[-4:-1] == ["1", "0", "0"]

"""A folder by a roster: what comes out where, what is done again, and what is not."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path
from urllib.parse import quote

import pytest
from batch_case import (
    NAME,
    NOTES,
    OTHER,
    HereWorkers,
    call,
    list_statuses,
    pages,
    picture,
    put,
    read_notes,
    read_report,
    read_tree,
    write_roster,
)

from redact import pipeline
from redact.batch.lock import lock
from redact.values import Status

DONE, REVIEW, REJECTED = Status.DONE, Status.REVIEW, Status.REJECTED


def pack(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return out.getvalue()


class Case:
    """One folder, roster and folder of outputs."""

    def __init__(self, top: Path) -> None:
        self.folder, self.out, self.notes = top / "in", top / "out", top / "notes"
        self.roster = top / "roster.csv"
        self.folder.mkdir()

    def run(self, **how: object) -> tuple[int, int]:
        """The exit code, and how many files were begun."""
        before = len(read_notes(self.notes))
        code = call(self.folder, self.roster, self.out, **how)
        return code, len(read_notes(self.notes)) - before


@pytest.fixture
def case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Case:
    case = Case(tmp_path)
    monkeypatch.setenv(NOTES, str(case.notes))
    monkeypatch.setattr("redact.batch.run.Workers", HereWorkers)
    monkeypatch.setattr("redact.batch.applicants._COST", {"n": 2**4, "r": 1, "p": 1, "dklen": 64})
    monkeypatch.setattr("redact.pipeline.screen_page", pipeline.screen_page)  # put back after make_fast_redactor
    return case


def test_a_folder_is_mirrored_each_file_by_its_applicant(case: Case, capfd: pytest.CaptureFixture[str]) -> None:
    put(
        case.folder,
        {
            "甲/证书.png": picture(1),
            "甲/存疑.png": picture(2, doubtful=True),
            "乙/证书.tif": pages(3, 4),
            "乙/坏.png": b"\x89PNG\r\n\x1a\n broken",
            "无主.png": picture(5),
            "丙.zip": pack({"内/a.png": picture(6), "b.png": b"nothing known"}),
        },
    )
    rows = [("甲", NAME), ("乙", OTHER), ("丙.zip", NAME), ("丁", "王五")]
    write_roster(case.roster, rows)
    code, begun = case.run()
    assert (code, begun) == (4, 6)
    assert list_statuses(case.out) == {
        "丙.zip/b.png": REJECTED,
        "丙.zip/内/a.png": DONE,
        "乙/坏.png": REJECTED,
        "乙/证书.tif": DONE,
        "甲/存疑.png": REVIEW,
        "甲/证书.png": DONE,
    }
    assert set(read_tree(case.out)) == {"丙.zip/内/a.png", "乙/证书.tif", "review/甲/存疑.png", "甲/证书.png"}
    by_source = {line["source"]: line for line in read_report(case.out)}
    assert [by_source[s]["mask_required"] for s in ("甲/证书.png", "乙/证书.tif", "甲/存疑.png")] == ["是", "否", "复核"]
    assert by_source["甲/存疑.png"]["output"] == "review/甲/存疑.png"
    assert [*by_source] == sorted(by_source), "sorted by source"
    told = capfd.readouterr().err
    assert "无主.png" in told, "files without a row are listed"
    assert "row 5: 丁" in told, "rows without files are listed"


def test_a_file_without_a_row_asks_for_a_person(case: Case) -> None:
    put(case.folder, {"a.png": picture(1), "b.png": picture(2)})
    write_roster(case.roster, [("a.png", NAME)])
    assert case.run() == (3, 1)
    put(case.folder, {})
    write_roster(case.roster, [("a.png", NAME), ("b.png", NAME)])
    assert case.run() == (0, 1)


@pytest.mark.parametrize("rows", [[("a.png", NAME), ("./a.png", OTHER)], [("a.png", "王")], [("", NAME)]])
def test_nothing_is_begun_while_the_roster_is_not_sound(case: Case, rows: list[tuple[str, str]]) -> None:
    put(case.folder, {"a.png": picture(1)})
    write_roster(case.roster, rows)
    assert case.run() == (2, 0)
    assert not case.out.exists()


def test_what_is_done_is_not_done_again(case: Case) -> None:
    put(case.folder, {"a.png": picture(1), "b.png": picture(2, doubtful=True), "c.png": b"bad"})
    write_roster(case.roster, [(".", NAME)])
    assert case.run() == (4, 3)
    tree, report = read_tree(case.out), read_report(case.out)
    assert case.run() == (4, 0)
    os.utime(case.folder / "a.png")
    assert case.run() == (4, 0), "a new time and the same bytes"
    assert (read_tree(case.out), read_report(case.out)) == (tree, report)


def test_what_has_changed_is_done_again(case: Case) -> None:
    put(case.folder, {"a.png": picture(1), "b.png": picture(2)})
    write_roster(case.roster, [(".", NAME)])
    assert case.run() == (0, 2)
    first = read_tree(case.out)
    put(case.folder, {"a.png": picture(3)})
    assert case.run() == (0, 1), "other bytes"
    assert read_tree(case.out)["a.png"] != first["a.png"]
    write_roster(case.roster, [(".", NAME), ("b.png", OTHER)])
    assert case.run() == (0, 1), "another name"
    assert [line["mask_required"] for line in read_report(case.out)] == ["是", "否"]
    write_roster(case.roster, [(".", NAME, "Zhang Wei"), ("b.png", OTHER)])
    assert case.run() == (0, 1), "an alias"
    assert case.run(accept_poor=True) == (0, 2), "other options"
    assert case.run(with_names=True) == (0, 2)


def test_other_models_do_it_again(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    put(case.folder, {"a.png": picture(1)})
    write_roster(case.roster, [(".", NAME)])
    assert case.run() == (0, 1)
    monkeypatch.setattr("redact.batch.run.name_models", lambda folder: "others")
    assert case.run() == (0, 1)


def test_the_same_bytes_for_the_same_name_are_done_once(case: Case) -> None:
    same = picture(1)
    put(case.folder, {"a.png": same, "b/c.png": same, "d.zip": pack({"e.png": same, "f.png": same}), "g.png": same})
    write_roster(case.roster, [(".", NAME), ("g.png", OTHER)])
    assert case.run() == (0, 3), (
        "once for files, once for an archive's members (whose extension counts for nothing), once for OTHER"
    )
    tree = read_tree(case.out)
    assert len({tree[p] for p in ("a.png", "b/c.png", "d.zip/e.png", "d.zip/f.png")}) == 1
    assert len(read_report(case.out)) == len(tree) == 5
    put(case.folder, {"h.png": same})
    assert case.run() == (0, 0)
    assert read_tree(case.out)["h.png"] == tree["a.png"]


def test_outputs_of_files_that_are_gone_or_renamed_follow(case: Case) -> None:
    put(case.folder, {"a.png": picture(1), "x/b.png": picture(2)})
    write_roster(case.roster, [(".", NAME)])
    case.run()
    before = read_tree(case.out)
    (case.folder / "a.png").rename(case.folder / "c.png")
    (case.folder / "x/b.png").unlink()
    assert case.run() == (0, 0)
    assert read_tree(case.out) == {"c.png": before["a.png"]}
    assert not (case.out / "x").exists()


def test_a_lost_output_is_made_again_and_a_changed_one_is_left_alone(case: Case) -> None:
    put(case.folder, {"a.png": picture(1), "b.png": picture(2)})
    write_roster(case.roster, [(".", NAME)])
    case.run()
    before = read_tree(case.out)
    (case.out / "a.png").unlink()
    assert case.run() == (0, 1)
    assert read_tree(case.out) == before
    (case.out / "b.png").write_bytes(b"by hand")
    assert case.run() == (2, 0)
    assert (case.out / "b.png").read_bytes() == b"by hand"


def test_nothing_that_is_not_ours_is_overwritten(case: Case) -> None:
    put(case.folder, {"a.png": picture(1), "b.png": picture(2)})
    write_roster(case.roster, [("a.png", NAME)])
    case.run()
    (case.out / "b.png").write_bytes(b"somebody's")
    write_roster(case.roster, [(".", NAME)])
    assert case.run() == (2, 1)
    assert (case.out / "b.png").read_bytes() == b"somebody's"
    (case.out / "b.png").unlink()
    assert case.run() == (0, 0), "it was kept for this run"
    assert "b.png" in read_tree(case.out)


def test_a_folder_of_other_things_is_refused(case: Case) -> None:
    put(case.folder, {"a.png": picture(1)})
    write_roster(case.roster, [(".", NAME)])
    put(case.out, {"mine.txt": b"1"})
    assert case.run() == (2, 0)
    assert [p.name for p in case.out.iterdir()] == ["mine.txt"]
    assert call(case.folder, case.roster, case.folder) == 2


def test_retry_does_again_what_was_rejected_or_is_for_review(case: Case) -> None:
    put(case.folder, {"a.png": picture(1), "b.png": picture(2, doubtful=True), "c.png": b"bad"})
    write_roster(case.roster, [(".", NAME)])
    case.run()
    before = read_tree(case.out)
    assert case.run(retry=(REJECTED,)) == (4, 1)
    assert case.run(retry=(REVIEW, REJECTED)) == (4, 2)
    assert read_tree(case.out) == before


def test_a_dry_run_does_nothing(case: Case, capfd: pytest.CaptureFixture[str]) -> None:
    put(case.folder, {"a.png": picture(1)})
    write_roster(case.roster, [(".", NAME)])
    assert case.run(dry_run=True) == (0, 0)
    assert "To do: 1 files (new 1" in capfd.readouterr().err
    assert not case.out.exists()


def test_two_runs_on_one_folder_are_refused(case: Case, capfd: pytest.CaptureFixture[str]) -> None:
    put(case.folder, {"a.png": picture(1)})
    write_roster(case.roster, [(".", NAME)])
    case.run()
    with lock(case.out / ".redact-batch/lock"):
        assert case.run() == (2, 0)
    assert "Another redact batch" in capfd.readouterr().err
    assert case.run() == (0, 0)


@pytest.mark.parametrize("with_names", [False, True])
def test_the_name_is_nowhere_but_where_it_was_asked_for(case: Case, with_names: bool) -> None:
    put(case.folder, {f"{NAME}/{NAME}证书.png": picture(1), f"{OTHER}/{OTHER}证书.png": picture(2), "review/a.png": picture(3)})
    write_roster(case.roster, [(NAME, NAME), (OTHER, OTHER), ("review", NAME)])
    assert case.run(with_names=with_names)[0] == 0
    for path in case.out.rglob("*"):
        assert NAME not in str(path.relative_to(case.out)) and OTHER not in str(path.relative_to(case.out))
        if path.is_file() and path.name not in ("report.xlsx", "report.html"):
            assert NAME.encode() not in path.read_bytes(), path.name
    assert (NAME in (case.out / "report.html").read_text("utf-8")) is with_names
    assert len({Path(path).parent for path in read_tree(case.out)}) == 3, "a folder for each applicant"
    assert "_review/a.png" in read_tree(case.out), "no released file lies where proposals do"


def test_no_link_leads_through_a_folder_that_is_called_by_the_name(case: Case, tmp_path: Path) -> None:
    """The folder itself may be: its path is not in the reports, but a link to an original would go along it."""
    case.folder = tmp_path / f"{NAME}的材料"
    put(case.folder, {"a.png": picture(1)})
    write_roster(case.roster, [("a.png", NAME)])
    assert case.run()[0] == 0
    page = (case.out / "report.html").read_text("utf-8")
    assert NAME not in page and quote(NAME) not in page

"""Rosters as people save them, and whose each file is by them."""

from __future__ import annotations

import io
import os
import time
from pathlib import Path

import openpyxl
import pytest

from redact.batch.matching import match
from redact.batch.refusal import Refused
from redact.batch.roster import Roster, check_rows, clean_key, read_roster
from redact.batch.survey import Upload, survey

CSV = "文件,姓名,别名\n甲/,张三,Zhang San；张叁;\n\n乙/证书.jpg,欧阳小明,\n"


def save(folder: Path, content: bytes) -> Path:
    (folder / "roster").write_bytes(content)
    return folder / "roster"


def tell(roster: Roster) -> list[tuple[int, str, str, tuple[str, ...]]]:
    return [(row.number, path, row.name.text, row.name.aliases) for path, row in roster.rows.items()]


EXPECTED = [(2, "甲", "张三", ("Zhang San", "张叁")), (4, "乙/证书.jpg", "欧阳小明", ())]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_csv_is_read_in_each_encoding(tmp_path: Path, encoding: str, line_end: str) -> None:
    roster = read_roster(save(tmp_path, CSV.replace("\n", line_end).encode(encoding)))
    assert tell(roster) == EXPECTED
    assert roster.is_sound


def test_tabs_columns_in_any_order_and_further_columns(tmp_path: Path) -> None:
    content = "编号\t别名\t姓名\t文件\n1\tZhang San；张叁\t张三\t.\\甲\n\t\t\t\n2\t\t欧阳小明\t乙\\证书.jpg\n"
    assert tell(read_roster(save(tmp_path, content.encode()))) == EXPECTED


def test_quoted_fields_hold_commas_and_line_ends(tmp_path: Path) -> None:
    roster = read_roster(save(tmp_path, 'file,name\n"a, b\n.jpg",张三\n'.encode()))
    assert [*roster.rows] == ["a, b\n.jpg"]


def test_xlsx_is_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in [
        ("File", "Name", "Aliases"),
        ("甲", "张三", "Zhang San；张叁"),
        (None, None, None),
        ("乙/证书.jpg", "欧阳小明", None),
    ]:
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    assert tell(read_roster(save(tmp_path, content.getvalue()))) == EXPECTED


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (b"", "batch.roster_columns"),
        ("姓名,别名\n张三,\n".encode(), "batch.roster_columns"),
        (b"\xff\xfe\x81\xff\xff", "batch.roster_unreadable"),
        (b"PK\x03\x04 and no more", "batch.roster_unreadable"),
    ],
)
def test_what_is_no_roster_is_refused(tmp_path: Path, content: bytes, key: str) -> None:
    with pytest.raises(Refused) as refused:
        read_roster(save(tmp_path, content))
    assert refused.value.phrase_key == key


def test_a_missing_roster_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused):
        read_roster(tmp_path / "none.csv")


def test_rows_that_repeat_contradict_or_cannot_be_used() -> None:
    rows = [
        (2, "a", "张三", "x y；甲乙"),
        (3, "a/", "张 三", "甲乙;x y"),
        (4, "b", "张三", ""),
        (5, "./b", "李四", ""),
        (6, "b", "王五", ""),
        (7, "c", "王", ""),
        (8, "", "张三", ""),
        (9, "a", "张三", ""),
    ]
    roster = check_rows(rows)
    assert roster.duplicates == (3,)
    assert set(roster.ambiguous) == {(4, 5, 6), (2, 9)}, "other aliases are another search"
    assert roster.invalid == (7, 8)
    assert not roster.is_sound
    assert "张三" not in repr(roster)


@pytest.mark.parametrize("path", ["a/b.jpg", "a\\b.jpg", "./a//b.jpg", " a/./b.jpg ", ".\\a/b.jpg/"])
def test_paths_compare_equal_however_they_are_written(path: str) -> None:
    assert clean_key(path) == "a/b.jpg"


def test_accents_of_one_character_or_two_compare_equal() -> None:
    assert clean_key("e\u0301.jpg") == clean_key("\u00e9.jpg")


def test_the_nearest_row_counts() -> None:
    roster = check_rows([(2, "a", "张三", ""), (3, "a/b", "李四", ""), (4, "a/b/c.jpg", "王五", ""), (5, "ab", "赵六", "")])
    paths = ["a/1.jpg", "a/b/2.jpg", "a/b/c.jpg", "a/bc/3.jpg", "x.jpg", "c.jpg"]
    matching = match([Upload(path, Path(path)) for path in paths], roster)
    assert [row.name.text for _, row in matching.owned] == ["张三", "李四", "王五", "张三"]
    assert [upload.path for upload in matching.unowned] == ["x.jpg", "c.jpg"]
    assert [row.number for row in matching.unused] == [5]


def test_a_row_can_be_the_whole_folder() -> None:
    matching = match([Upload("a/b.jpg", Path("b"))], check_rows([(2, ".", "张三", "")]))
    assert len(matching.owned) == 1


def test_a_survey_leaves_out_clutter_the_roster_and_the_outputs(tmp_path: Path) -> None:
    for path in (
        "a/b.jpg",
        "a/._b.jpg",
        "Thumbs.db",
        "a/.DS_Store",
        "__MACOSX/c.jpg",
        "out/a.jpg",
        "roster.csv",
        "~$d.docx",
        "B.jpg",
    ):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(b"x")
    found = survey(tmp_path, leave=(tmp_path / "roster.csv", tmp_path / "out"))
    assert [upload.path for upload in found] == ["B.jpg", "a/b.jpg"]


def test_a_folder_that_cannot_be_read_is_not_taken_for_an_empty_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "shut").mkdir()
    scandir = os.scandir

    def refuse(path: str) -> object:
        if Path(path).name == "shut":
            raise PermissionError
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(Refused):
        list(survey(tmp_path))


def test_the_work_grows_with_the_rows_and_not_with_their_square() -> None:
    def measure(count: int) -> float:
        rows = [(n, f"f{n // 100}/a{n}", "张三", "") for n in range(count)]
        uploads = [Upload(f"f{n // 100}/a{n}/{n}.jpg", Path("x")) for n in range(count)]
        started = time.process_time()
        assert len(match(uploads, check_rows(rows)).owned) == count
        return time.process_time() - started

    measure(100)
    assert measure(8000) < 40 * measure(1000) + 0.5

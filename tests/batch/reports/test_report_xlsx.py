"""report.xlsx as a spreadsheet program reads it."""

from __future__ import annotations

import dataclasses
import zipfile
from pathlib import Path
from typing import Any

import drawn_records
import openpyxl
import pytest

from redact.batch.reports import xlsx
from redact.batch.reports.rows import read_rows


@pytest.fixture
def book(reports: Path) -> Any:
    return openpyxl.load_workbook(reports / "report.xlsx")


def column(sheet: Any, title: str) -> list[Any]:
    heads = [cell.value for cell in sheet[1]]
    return [row[heads.index(title)].value for row in sheet.iter_rows(min_row=2)]


def test_there_is_a_sheet_for_each_verdict_and_a_row_for_each_page(book: Any) -> None:
    assert book.sheetnames == ["汇总", "是", "否", "复核", "退回"]
    assert column(book["是"], "文件") == ["甲/身份证.pdf", "=HYPERLINK(1).pdf"]
    assert column(book["是"], "页码") == [1, 2]
    assert column(book["否"], "文件") == ["甲/身份证.pdf", "甲/a&b #1.pdf"]
    assert column(book["退回"], "文件") == ["丙/坏了.pdf", "丙/暗.pdf"]
    assert column(book["退回"], "页码") == [None, 1]


def test_the_answer_is_ready_to_paste_and_empty_where_a_person_must_decide(book: Any) -> None:
    answers = {name: column(book[name], "是否需要遮盖") for name in book.sheetnames[1:]}
    assert answers == {"是": ["是"] * 2, "否": ["否"] * 2, "复核": [None] * 3, "退回": [None] * 2}
    assert column(book["是"], "状态") == ["完成", "待复核"]


def test_reasons_issues_leaks_and_advice_stand_in_words(book: Any) -> None:
    review = book["复核"]
    assert column(review, "待复核的原因")[0] == "此处单独出现了姓名的一部分。"
    assert column(review, "待复核的原因")[2] == "复查时仍发现姓名：文字层"
    assert column(review, "问题")[0] == "提示：页面有些模糊，个别文字可能看不清。"
    assert column(book["退回"], "问题")[0] == "退回：文件设有打开密码。"
    assert column(book["退回"], "建议")[0] == "请去掉密码，另存后再上传。"


def test_a_path_that_looks_like_a_formula_is_text(book: Any, tmp_path: Path) -> None:
    cell = next(c for c in book["复核"]["B"] if c.value == "=HYPERLINK(1).pdf")
    assert cell.data_type == "s"
    assert cell.quotePrefix
    for first in "=+-@\t":
        told = drawn_records.report(
            f"{first}1+cmd|' /C calc'!A0.pdf", drawn_records.Status.DONE, drawn_records.Verdict.NOT_REQUIRED, drawn_records.NO
        )
        made = _open(tmp_path, [drawn_records.record(told)])["否"]["B2"]
        assert (made.data_type, made.quotePrefix) == ("s", True), first
    archive = zipfile.ZipFile(tmp_path / "made.xlsx")
    assert not [n for n in archive.namelist() if n.startswith("xl/worksheets/sheet") and b"<f>" in archive.read(n)]


def test_a_path_with_characters_that_a_workbook_cannot_hold_does_not_stop_it(tmp_path: Path) -> None:
    told = drawn_records.report("a\x00\x07b.pdf", drawn_records.Status.DONE, drawn_records.Verdict.NOT_REQUIRED, drawn_records.NO)
    assert _open(tmp_path, [drawn_records.record(told)])["否"]["B2"].value == "a��b.pdf"


def test_links_are_relative_and_lead_to_files_that_are_there(book: Any, reports: Path) -> None:
    linked = [cell.hyperlink.target for sheet in book.worksheets[1:] for row in sheet for cell in row if cell.hyperlink]
    assert "甲/身份证.pdf" in linked
    assert "甲/a%26b%20%231.pdf" in linked
    assert len(linked) > 8
    for target in linked:
        assert ":" not in target and not target.startswith("/")
        assert (
            reports
            / target.replace("%26", "&")
            .replace("%20", " ")
            .replace("%23", "#")
            .replace("%3D", "=")
            .replace("%28", "(")
            .replace("%29", ")")
        ).is_file(), target


def test_sheets_are_ready_to_filter(book: Any) -> None:
    for sheet in book.worksheets[1:]:
        assert sheet.freeze_panes == "C2"
        assert sheet.auto_filter.ref == f"A1:I{sheet.max_row}"
        assert sheet.column_dimensions["B"].width > 40


def test_the_summary_counts_and_draws(book: Any) -> None:
    summary = book["汇总"]
    told = {row[0].value: row[1].value for row in summary.iter_rows() if row[1].value is not None}
    assert (told["是"], told["否"], told["复核"]) == (2, 2, 3)
    assert told["页面有些歪斜。"] == 2
    assert len(summary._charts) == 4


def test_each_page_with_an_output_has_its_picture_beside_it(book: Any) -> None:
    assert [len(sheet._images) for sheet in book.worksheets] == [0, 2, 2, 2, 0]
    assert [image.anchor._from.row for image in book["复核"]._images] == [1, 2]
    assert book["复核"].row_dimensions[2].height > 100


def test_large_workbooks_hold_links_and_no_pictures_and_say_so(tmp_path: Path) -> None:
    made = _open(tmp_path, drawn_records.few(tmp_path / "out"), most_pictures=8, most_linked=1)
    assert not any(sheet._images for sheet in made.worksheets)
    notes = [row[0].value for row in made["汇总"].iter_rows(max_row=5)]
    assert any("超过 8 页，表中不放缩略图" in (note or "") for note in notes)
    assert any("超过 1 行" in (note or "") for note in notes)
    assert [bool(cell.hyperlink) for cell in made["否"]["B"]] == [False, True, False]


def test_names_have_a_column_only_where_they_were_asked_for(tmp_path: Path, reports: Path) -> None:
    for name in (archive := zipfile.ZipFile(reports / "report.xlsx")).namelist():
        assert "张三".encode() not in archive.read(name), name
    assert "姓名" not in [cell.value for cell in openpyxl.load_workbook(reports / "report.xlsx")["是"][1]]
    folder = tmp_path / "out"
    folder.mkdir()
    made = _open(folder, drawn_records.few(folder, with_names=True), names={"0": "张三"})
    assert column(made["是"], "姓名") == ["张三", None]


def test_originals_and_outputs_that_are_not_there_have_no_link(tmp_path: Path) -> None:
    told = drawn_records.report(
        "a.pdf", drawn_records.Status.DONE, drawn_records.Verdict.NOT_REQUIRED, drawn_records.NO, output="../a.pdf"
    )
    (tmp_path / "a.pdf").write_bytes(b"outside of the outputs")
    record = dataclasses.replace(drawn_records.record(told), original=tmp_path / "gone.pdf")
    (tmp_path / "out").mkdir()
    (row,) = read_rows(tmp_path / "out", [record], None)
    assert (row.file.output, row.file.original) == (None, None)


def _open(folder: Path, records: Any, *, names: Any = None, **limits: int) -> Any:
    rows = read_rows(folder / "out" if (folder / "out").is_dir() else folder, records, names)
    (folder / "made.xlsx").write_bytes(xlsx.make_xlsx(rows, lang="zh", with_names=names is not None, **limits))
    return openpyxl.load_workbook(folder / "made.xlsx")

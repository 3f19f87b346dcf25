"""Text that a PDF keeps is searched in whatever order and way the file holds it, and goes where it holds the name."""

# mypy: allow-untyped-calls

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pikepdf
import pymupdf
import pytest
from fake_reading import FakeReader, write
from verified import verify_content

from redact import Redactor, pipeline
from redact.geometry import Box
from redact.lines import Reading
from redact.ocr.ppocr import PpOcrReader
from redact.ocr.reader import TextReader
from redact.outcome import find_named_text
from redact.screening import ClarityThresholds
from redact.search import Query
from redact.values import KeptText, Leak, MediaType, Page, PageReport, PageScreening, Status, TextRun, Verdict
from redact.verify import Verification
from redact.verify.reading_order import join_runs

NAME, ALIAS = "欧阳小鹏", "Sofia Delfin"
Draw = Callable[[Any], object]


def put(page: Any, x: float, y: float, text: str, *, font: str = "cjk", **options: Any) -> None:
    writer = pymupdf.TextWriter(page.rect)
    writer.append((x, y), text, font=pymupdf.Font(font), fontsize=14)
    writer.write_text(page, **options)


def draw(*drawn: Draw) -> bytes:
    document: Any = pymupdf.open()
    page = document.new_page(width=420, height=300)
    put(page, 40, 60, "兹证明以下同志参加继续教育培训")
    for paint in drawn:
        paint(page)
    document.subset_fonts()
    content: bytes = document.tobytes(deflate=True)
    return content


def one_by_one(page: Any, order: str = NAME) -> None:
    for char in order:
        put(page, 60 + 14 * NAME.index(char), 120, char)


def wrapped(page: Any) -> None:
    put(page, 340, 120, "鉴于欧阳")
    put(page, 40, 140, "小鹏同志表现优秀")


LEAKS: dict[str, Draw] = {
    "in a line": lambda p: put(p, 60, 120, f"同志{NAME}优秀"),
    "one character at a time": one_by_one,
    "one character at a time, last to first": lambda p: one_by_one(p, NAME[::-1]),
    "one character at a time, in disorder": lambda p: one_by_one(p, "小欧鹏阳"),
    "spaced out": lambda p: put(p, 60, 120, "　".join(NAME)),
    "broken over two lines": wrapped,
    "in two parts that were written with others between": lambda p: (
        put(p, 60, 120, "欧阳"),
        put(p, 60, 200, "别的内容在这里"),
        put(p, 90, 120, "小鹏"),
    ),
    "down a column": lambda p: [put(p, 300, 80 + 18 * i, c) for i, c in enumerate(NAME)],
    "down a column, in disorder": lambda p: [put(p, 300, 80 + 18 * NAME.index(c), c) for c in "小欧鹏阳"],
    "turned by a right angle": lambda p: p.insert_text((300, 250), NAME, fontname="china-s", rotate=90),
    "tilted": lambda p: put(p, 60, 200, NAME, morph=(pymupdf.Point(60, 200), pymupdf.Matrix(30))),
    "with ligatures": lambda p: put(p, 60, 120, "Soﬁa Delﬁn", font="tiro"),
    "invisible": lambda p: put(p, 60, 120, NAME, render_mode=3),
    "beside the paper": lambda p: p.insert_text((440, 120), NAME, fontname="china-s"),
}
CLEAN: dict[str, Draw] = {
    "somebody else": lambda p: put(p, 60, 120, "欧阳大鹏"),
    "its characters in columns far apart": lambda p: [put(p, 60 + 90 * i, 120, c) for i, c in enumerate(NAME)],
    "its characters in another order": lambda p: put(p, 60, 120, "小鹏欧阳"),
}


def search(content: bytes) -> Verification:
    """By a reader that sees nothing: all that is found is found in the file."""
    return verify_content(content, Query.make(NAME, [ALIAS]), FakeReader())


@pytest.mark.parametrize("how", list(LEAKS))
def test_the_name_is_found_however_the_text_is_put(how: str) -> None:
    leaks = search(draw(LEAKS[how])).leaks
    assert ("text_layer", 0) in {(leak.channel, leak.page_index) for leak in leaks}


@pytest.mark.parametrize("how", list(CLEAN))
def test_other_text_is_no_leak(how: str) -> None:
    assert search(draw(CLEAN[how])).clean


def run(text: str, x: float, y: float, em: float = 10) -> TextRun:
    return TextRun(text, tuple(Box(x + em * i, y, x + em * (i + 1), y + em) for i in range(len(text))))


def test_runs_are_joined_as_they_come_in_rows_and_down_columns() -> None:
    texts = list(join_runs([run("丙", 30, 0), run("甲", 10, 0), run("乙", 20, 1), run("远", 90, 0), run("丁", 10, 12)]))
    assert "丙\n甲\n乙|远\n丁" in texts, "as they come, but for what stands apart"
    assert "甲乙丙" in texts and "远" in texts, "a wide gap parts a row"
    assert "甲 丁" in texts
    assert list(join_runs([run("甲乙", 0, 0)])) == []


# --- what becomes of it -------------------------------------------------------------------------------------------------


@pytest.fixture
def unscreened(monkeypatch: pytest.MonkeyPatch) -> None:
    def screen_page(page: Page, reading: Reading, reader: TextReader, limits: ClarityThresholds) -> PageScreening:
        return PageScreening(page.index, page.width, page.height, page.dpi, 0, 0.9, 0.0)

    monkeypatch.setattr(pipeline, "screen_page", screen_page)


@pytest.mark.usefixtures("unscreened")
def test_a_page_whose_kept_text_turns_out_to_hold_the_name_becomes_pixels_and_the_others_do_not() -> None:
    """The first look misses a name whose characters are stored in disorder; the last one does not."""
    document = pymupdf.open(stream=draw(LEAKS["one character at a time, in disorder"]), filetype="pdf")
    document.insert_pdf(pymupdf.open(stream=draw(), filetype="pdf"))
    other = write("兹证明以下同志参加继续教育培训", 100, 130)
    result = Redactor(reader=FakeReader(other)).redact(document.tobytes(), name=NAME, keep_text=True)
    assert result.report.status is Status.DONE and not result.report.leaks
    assert [page.kept_text for page in result.report.pages] == [KeptText(0, "name_in_text"), KeptText(1, None)]
    assert result.output is not None
    output = pymupdf.open(stream=result.output, filetype="pdf")
    assert [bool(page.get_text().strip()) for page in output] == [False, True]


@pytest.mark.usefixtures("unscreened")
def test_without_being_asked_nothing_is_kept_and_nothing_said_of_it() -> None:
    result = Redactor(reader=FakeReader(write("兹证明以下同志参加继续教育培训", 100, 130))).redact(draw(), name=NAME)
    assert result.output is not None and not pymupdf.open(stream=result.output, filetype="pdf")[0].get_text()
    assert [page.kept_text for page in result.report.pages] == [None]
    assert "kept_text" not in result.report.to_json()


def test_a_name_found_somewhere_in_the_file_costs_all_pages_their_text() -> None:
    pages = [
        PageReport(0, 10, 10, 0, Verdict.REQUIRED, kept_text=KeptText(0)),
        PageReport(1, 10, 10, 0, Verdict.REQUIRED, kept_text=KeptText(1, "mostly_pictures")),
        PageReport(2, 10, 10, 0, Verdict.REQUIRED, kept_text=KeptText(2)),
    ]

    def found(*leaks: Leak) -> frozenset[int]:
        return find_named_text(pages, Verification(leaks, {}, {}))

    assert found(Leak("pdf_stream")) == {0, 2}
    assert found(Leak("text_layer", 2), Leak("text_layer", 1)) == {2}
    assert found(Leak("pixels", 0)) == found() == frozenset()


def test_a_written_document_comes_out_searchable_without_the_name(reader: PpOcrReader) -> None:
    """Broken over two lines, in a table, in pinyin; read by the real reader."""

    def certificate(page: Any) -> None:
        put(page, 200, 90, "，经单位推荐，学员欧阳")
        put(page, 40, 115, "小鹏同志按期完成全部课程，成绩合格。")
        page.draw_rect((40, 140, 380, 200))
        page.draw_line((120, 140), (120, 200))
        page.draw_line((40, 170), (380, 170))
        put(page, 50, 161, "学员姓名")
        put(page, 150, 161, NAME)
        put(page, 50, 191, "工作单位")
        put(page, 150, 191, "市水利工程建设管理局")
        put(page, 40, 240, "This is to certify that Ouyang Xiaopeng took part.", font="tiro")

    content = draw(certificate)
    result = Redactor(reader=reader).redact(content, name=NAME, keep_text=True)
    report = result.report
    assert (report.status, report.mask_required) == (Status.DONE, Verdict.REQUIRED)
    assert report.media_type == MediaType.PDF and report.pages[0].kept_text == KeptText(0, None)
    assert result.output is not None and len(result.output) <= 1.5 * len(content)
    page = pymupdf.open(stream=result.output, filetype="pdf")[0]
    said = re.sub(r"\s", "", page.get_text())
    for text in ("兹证明以下同志参加继续教育培训", "按期完成全部课程", "学员姓名", "市水利工程建设管理局", "Thisistocertify"):
        assert text in said
    for part in ("欧阳", "小鹏", "鹏", "Ouyang", "Xiaopeng"):
        assert part not in said
    before = pymupdf.open(stream=content, filetype="pdf")[0].search_for("工作单位")[0]
    assert tuple(page.search_for("工作单位")[0].tl) == pytest.approx(tuple(before.tl), abs=3)
    with pikepdf.open(io.BytesIO(result.output)) as document:
        streams = b"".join(s.read_bytes() for s in document.objects if isinstance(s, pikepdf.Stream) and "/Width" not in s)
    assert "鹏".encode("utf-16-be").hex().upper().encode() not in streams

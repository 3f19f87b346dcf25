"""report.xlsx: a sheet for each verdict, a row for each page, to filter and to copy from."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.chart import BarChart, Reference
from openpyxl.chart.label import DataLabelList
from openpyxl.drawing.image import Image as SheetImage
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from PIL import Image

from redact.batch.reports.rows import KINDS, REJECTED, PageRow
from redact.phrases import phrase
from redact.texts import Lang, advice, message
from redact.values import Severity, Status, Verdict

# Beyond this many pages a workbook opens slowly and is too large to send.
MOST_PICTURES = 2_000
# Excel takes 65,530 links in a sheet; a row has two.
MOST_LINKED_ROWS = 32_000
_PICTURE_PX = (110, 150)
_ROW_POINTS = 118  # of a row with a picture; 0.75 points are a pixel
_LINE_POINTS = 16
_SUMMARY_WIDTH = 58  # in characters
_LONGEST_CELL = 32_767
_HEAD = PatternFill("solid", fgColor="14566B")
_TONES = {"是": "E0EEF2", "否": "E2F2E6", "复核": "FDF0D8", REJECTED: "FCE8E5"}
_LINK = Font(color="14566B", underline="single")
_TEXT = Alignment(wrap_text=True, vertical="top")


@dataclass(frozen=True, slots=True)
class _Column:
    key: str
    width: float  # in characters


_COLUMNS = (
    _Column("picture", 17),
    _Column("path", 46),
    _Column("number", 8),
    _Column("verdict", 14),
    _Column("status", 11),
    _Column("reasons", 40),
    _Column("issues", 40),
    _Column("advice", 46),
    _Column("original", 10),
)
_NAME = _Column("name", 14)


def make_xlsx(
    rows: Sequence[PageRow],
    *,
    lang: Lang,
    with_names: bool,
    most_pictures: int = MOST_PICTURES,
    most_linked: int = MOST_LINKED_ROWS,
) -> bytes:
    """The workbook: beyond ``most_pictures`` pages it holds none, beyond ``most_linked`` rows no links, and says so."""
    book = Workbook()
    book.properties.creator = "redact"
    pictured = len(rows) <= most_pictures
    notes = [phrase("sheet.proposals", lang)] if any(row.kind == Verdict.REVIEW for row in rows) and not with_names else []
    if with_names:
        notes.append(phrase("sheet.with_names", lang))
    if not pictured:
        notes.append(phrase("sheet.no_pictures", lang, limit=most_pictures))
    if max(Counter(row.kind for row in rows).values(), default=0) > most_linked:
        notes.append(phrase("sheet.no_links", lang, limit=most_linked))
    columns = (*_COLUMNS, _NAME) if with_names else _COLUMNS
    for kind in KINDS:
        sheet = book.create_sheet(_kind_words(kind, lang))
        sheet.sheet_properties.tabColor = _TONES[kind]
        _fill(sheet, columns, [row for row in rows if row.kind == kind], lang, pictured=pictured, most_linked=most_linked)
    _summarise(book.worksheets[0], rows, notes, lang)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _kind_words(kind: str, lang: Lang) -> str:
    return phrase("status.rejected" if kind == REJECTED else f"verdict.{kind}", lang)


def _fill(
    sheet: Worksheet, columns: Sequence[_Column], rows: Sequence[PageRow], lang: Lang, *, pictured: bool, most_linked: int
) -> None:
    for number, column in enumerate(columns, 1):
        _head(sheet.cell(1, number), phrase(f"sheet.{column.key}", lang))
        sheet.column_dimensions[get_column_letter(number)].width = column.width
    sheet.freeze_panes = "C2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{len(rows) + 1}"
    sheet.print_title_rows = "1:1"
    _fit_to_width(sheet)
    for line, row in enumerate(rows, 2):
        values = _values(row, lang)
        for number, column in enumerate(columns, 1):
            _write(sheet.cell(line, number), values[column.key])
        if line - 1 <= most_linked:
            links = {"path": row.file.output, "original": row.file.original}
            for number, column in enumerate(columns, 1):
                if path := links.get(column.key):
                    _link(sheet.cell(line, number), path)
        if pictured and (picture := _draw(row)):
            sheet.add_image(picture, f"A{line}")
            sheet.row_dimensions[line].height = _ROW_POINTS


def _fit_to_width(sheet: Worksheet) -> None:
    """Of the paper, when it is printed."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def _values(row: PageRow, lang: Lang) -> dict[str, str | int | None]:
    # Read as written: only a verdict that stands may be pasted into the platform.
    answered = row.kind in (Verdict.REQUIRED, Verdict.NOT_REQUIRED)
    leaks = [phrase("sheet.leak", lang, channel=phrase(f"channel.{channel}", lang)) for channel in row.leaks]
    found = [(code, Severity(severity)) for code, severity in row.issues]
    grave = {severity: phrase(f"severity.{severity}", lang) for severity in Severity}
    gap = "" if lang == "zh" else " "
    advised = [advice(code, lang) for code in row.reasons] + [advice(code, lang, severity) for code, severity in found]
    return {
        "picture": None,
        "path": row.file.source,
        "number": None if row.page_index is None else row.page_index + 1,
        "verdict": row.kind if answered else None,
        "status": phrase(f"status.{row.file.status}", lang),
        "reasons": "\n".join([*leaks, *(message(code, lang) for code in row.reasons)]),
        "issues": "\n".join(f"{grave[severity]}{gap}{message(code, lang, severity)}" for code, severity in found),
        "advice": "\n".join(dict.fromkeys(advised)),
        "original": None if row.file.original is None else phrase("sheet.open", lang),
        "name": row.file.name,
    }


def _write(cell: Cell, value: str | int | None) -> None:
    cell.alignment = _TEXT
    if not isinstance(value, str):
        cell.value = value
        return
    if not value:
        return
    cell.value = ILLEGAL_CHARACTERS_RE.sub("\ufffd", value)[:_LONGEST_CELL]
    # A path that begins with = + - @ is a path: as text that stays text when somebody edits the cell or saves it as CSV.
    cell.data_type = "s"
    if value[0] in "=+-@\t\r":
        cell.quotePrefix = True


def _link(cell: Cell, path: str) -> None:
    # Excel reads Chinese as it is, but not where it is percent-encoded.
    cell.hyperlink = "".join(c if ord(c) > 127 else quote(c) for c in path)
    cell.data_type = "s"
    cell.font = _LINK


def _draw(row: PageRow) -> SheetImage | None:
    made = row.thumbnails
    encoded = made.after or made.before if made else None
    if encoded is None:
        return None
    picture = Image.open(io.BytesIO(encoded)).convert("RGB")
    picture.thumbnail(_PICTURE_PX, Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=75)  # spreadsheets show no WebP
    return SheetImage(buffer)


def _head(cell: Cell, words: str) -> None:
    cell.value = words
    cell.font = Font(bold=True, color="FFFFFF")
    cell.fill = _HEAD
    cell.alignment = Alignment(vertical="center", wrap_text=True)


def _summarise(sheet: Worksheet, rows: Sequence[PageRow], notes: Sequence[str], lang: Lang) -> None:
    sheet.title = phrase("sheet.summary", lang)
    sheet.column_dimensions["A"].width = _SUMMARY_WIDTH
    _fit_to_width(sheet)
    sheet.cell(1, 1, phrase("sheet.title", lang)).font = Font(bold=True, size=16)
    for line, note in enumerate(notes, 2):
        _write(sheet.cell(line, 1), note)
        sheet.row_dimensions[line].height = _LINE_POINTS * -(-_measure(note) // (_SUMMARY_WIDTH - 4))
    files = {id(row.file): row.file for row in rows}.values()
    issues = Counter(f"{message(c, lang, Severity(s))}" for row in rows for c, s in row.issues)
    reasons = Counter(message(code, lang) for row in rows for code in row.reasons)
    kinds, states = Counter(row.kind for row in rows), Counter(file.status for file in files)
    tables = (
        ("by_verdict", [(_kind_words(kind, lang), kinds[kind]) for kind in KINDS]),
        ("by_status", [(phrase(f"status.{status}", lang), states[status]) for status in Status]),
        ("by_issue", _most_first(issues)),
        ("by_reason", _most_first(reasons)),
    )
    line, beside = len(notes) + 3, 1
    for key, table in tables:
        if table:
            line, beside = _table(sheet, line, beside, phrase(f"sheet.{key}", lang), table, lang)


def _measure(words: str) -> int:
    """In characters of a column's width: Chinese ones are two wide."""
    return sum(1 if ord(c) < 0x2E80 else 2 for c in words)


def _most_first(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def _table(sheet: Worksheet, line: int, beside: int, title: str, table: Iterable[tuple[str, int]], lang: Lang) -> tuple[int, int]:
    """A table at ``line`` and its chart at the row ``beside``; the next free row for each."""
    _head(sheet.cell(line, 1), title)
    _head(sheet.cell(line, 2), phrase("sheet.count", lang))
    first = last = line
    for last, (words, number) in enumerate(table, line + 1):
        _write(sheet.cell(last, 1), words)
        sheet.cell(last, 2, number)
    chart: Any = BarChart()
    chart.type, chart.style, chart.title, chart.legend, chart.gapWidth = "bar", 10, title, None, 60
    chart.add_data(Reference(sheet, min_col=2, min_row=first + 1, max_row=last))
    chart.set_categories(Reference(sheet, min_col=1, min_row=first + 1, max_row=last))
    chart.series[0].graphicalProperties.solidFill = "14566B"
    # What is not refused here, LibreOffice shows.
    chart.dataLabels = DataLabelList(showVal=True, showSerName=False, showCatName=False, showLegendKey=False, showPercent=False)
    chart.y_axis.scaling.min = 0
    chart.x_axis.scaling.orientation = "maxMin"  # as in the table, the first on top
    chart.x_axis.delete = False
    chart.y_axis.delete = True
    chart.y_axis.majorGridlines = None
    chart.width, chart.height = 20, 3 + 0.9 * (last - first)
    sheet.add_chart(chart, f"D{beside}")
    return last + 2, beside + int(chart.height / 0.5) + 2

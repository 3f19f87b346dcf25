"""The roster: whose each file is. CSV (UTF-8, GBK) or XLSX with ``file,name[,aliases]``, in Chinese ``文件,姓名[,别名]``."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from redact.batch.refusal import Refused
from redact.errors import InvalidName
from redact.names.name import Name

WHOLE_FOLDER = ""

_COLUMNS = {
    "file": ("file", "path", "folder", "文件", "文件名", "文件夹", "路径"),
    "name": ("name", "姓名"),
    "aliases": ("aliases", "alias", "别名", "曾用名"),
}
_LONGEST_FIELD = 1_000_000


@dataclass(frozen=True, slots=True)
class Row:
    """``number``: as a spreadsheet counts, the header being 1. ``path``: see :func:`clean_key`."""

    number: int
    path: str = field(repr=False)
    name: Name = field(repr=False)


@dataclass(frozen=True, slots=True)
class Roster:
    """``rows``: one a path, by path. ``duplicates``: numbers of rows that say again what an earlier one said.
    ``ambiguous``: numbers of rows that name different people for one path. ``invalid``: rows without a path, or whose name
    cannot be searched for."""

    rows: dict[str, Row] = field(repr=False)
    duplicates: tuple[int, ...] = ()
    ambiguous: tuple[tuple[int, ...], ...] = ()
    invalid: tuple[int, ...] = ()

    @property
    def is_sound(self) -> bool:
        return not self.ambiguous and not self.invalid


def read_roster(file: Path) -> Roster:
    """Rows that are empty are left out.

    Raises:
        Refused: it cannot be read, or has no columns ``file`` and ``name``.
    """
    try:
        content = file.read_bytes()
    except OSError:
        raise Refused("batch.roster_unreadable") from None
    table = _read_xlsx(content) if content.startswith(b"PK\x03\x04") else _read_csv(content)
    return check_rows(_pick_columns(table))


def check_rows(rows: Iterable[tuple[int, str, str, str]]) -> Roster:
    """``rows``: number, path, name, aliases as they were written."""
    found: dict[str, Row] = {}
    duplicates: list[int] = []
    invalid: list[int] = []
    conflicts: dict[str, list[int]] = {}
    for number, path, name, aliases in rows:
        try:
            row = Row(number, clean_key(path), Name.parse(name, re.split(r"[;；]", aliases)))
        except InvalidName:
            invalid.append(number)
            continue
        if not path.strip():
            invalid.append(number)
            continue
        first = found.setdefault(row.path, row)
        if first is row:
            continue
        if _is_same(first.name, row.name):
            duplicates.append(number)
        else:
            conflicts.setdefault(row.path, [first.number]).append(number)
    return Roster(found, tuple(duplicates), tuple(map(tuple, conflicts.values())), tuple(invalid))


def clean_key(path: str) -> str:
    """A path below the folder of uploads, ``/`` between its parts, so that what different systems write of it compares equal:
    separators, ``./``, and accents made of one character or two. ``.`` is the whole folder."""
    parts = re.split(r"[/\\]+", unicodedata.normalize("NFC", path.strip()))
    return "/".join(p for p in parts if p not in ("", "."))


def _is_same(one: Name, other: Name) -> bool:
    return one.text == other.text and set(one.aliases) == set(other.aliases)


def _pick_columns(table: Iterator[Sequence[str]]) -> Iterator[tuple[int, str, str, str]]:
    header = [cell.strip().casefold() for cell in next(table, [])]
    places = {column: next((header.index(w) for w in words if w in header), None) for column, words in _COLUMNS.items()}
    if places["file"] is None or places["name"] is None:
        raise Refused("batch.roster_columns")
    for number, cells in enumerate(table, 2):
        if any(cell.strip() for cell in cells):
            path, name, aliases = (
                cells[at] if at is not None and at < len(cells) else "" for at in (places[c] for c in ("file", "name", "aliases"))
            )
            yield number, path, name, aliases


def _read_csv(content: bytes) -> Iterator[Sequence[str]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise Refused("batch.roster_unreadable")
    first = text.partition("\n")[0]
    # Excel saves "Unicode text" with tabs.
    delimiter = "\t" if "\t" in first and "," not in first else ","
    csv.field_size_limit(_LONGEST_FIELD)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    except csv.Error:
        raise Refused("batch.roster_unreadable") from None


def _read_xlsx(content: bytes) -> Iterator[Sequence[str]]:
    import openpyxl

    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        for cells in book.worksheets[0].iter_rows(values_only=True):
            yield ["" if cell is None else str(cell) for cell in cells]
    except Exception:  # whatever openpyxl makes of a damaged file
        raise Refused("batch.roster_unreadable") from None

"""The text layer of a PDF page, with a box for each character. Callers hold the MuPDF lock."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any

import pymupdf as _pymupdf

from redact.geometry import Box
from redact.values import TextRun

pymupdf: Any = _pymupdf

# MuPDF's own splitting of ligatures gives the later letters no width: they are kept, and split here.
_FLAGS: int = pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_PRESERVE_LIGATURES | pymupdf.TEXT_CID_FOR_UNKNOWN_UNICODE
_PAINTED = 16 | 32  # FZ_STEXT_FILLED, FZ_STEXT_STROKED
_LIGATURES = {chr(c): unicodedata.normalize("NFKC", chr(c)) for c in range(0xFB00, 0xFB07)}


def read_runs(page: Any, zoom: float) -> tuple[TextRun, ...]:
    """One run per text line, in pixels of the page drawn at ``zoom`` pixels per point (/Rotate and crop applied).

    Listed too, as hidden: text outside the page, replacement text (/ActualText), and what annotations and form fields
    hold beside what they paint (the text of a note, its author, the value of a hidden field), at the annotation's
    place.
    """
    painted = tuple(_read_lines(page, zoom, _FLAGS | pymupdf.TEXT_IGNORE_ACTUALTEXT))
    texts = {run.text for run in painted}
    replaced = tuple(
        TextRun(run.text, run.boxes, hidden=True) for run in _read_lines(page, zoom, _FLAGS) if run.text not in texts
    )
    return painted + replaced + tuple(_read_annotations(page, zoom, painted))


def _read_lines(page: Any, zoom: float, flags: int) -> Iterator[TextRun]:
    # Without the infinite clip, text outside the crop box would be left out.
    found = page.get_text("rawdict", flags=flags, clip=pymupdf.INFINITE_RECT())
    matrix = page.rotation_matrix * pymupdf.Matrix(zoom, zoom)
    sheet = page.rect * zoom
    for block in found["blocks"]:
        for line in block.get("lines", ()):
            run = _join_line(line, matrix, sheet)
            if run is not None:
                yield run


def _join_line(line: dict[str, Any], matrix: Any, sheet: Any) -> TextRun | None:
    text: list[str] = []
    boxes: list[Box] = []
    hidden = True
    for span in line["spans"]:
        painted = span["char_flags"] & _PAINTED and span["alpha"] > 0
        for char in span["chars"]:
            rect = (pymupdf.Rect(char["bbox"]) * matrix).normalize()
            letters = _clean(char["c"])
            text.append(letters)
            boxes.extend(_divide(rect, len(letters), line["dir"], matrix))
            if painted and not letters.isspace() and rect.intersects(sheet):
                hidden = False
    joined = "".join(text)
    return TextRun(joined, tuple(boxes), hidden) if joined.strip() else None


def _clean(letter: str) -> str:
    """A character as it can be searched and encoded: ligatures split, lone surrogates and NUL replaced."""
    return "".join(
        _LIGATURES.get(c, "\N{REPLACEMENT CHARACTER}" if c == "\0" or "\ud800" <= c <= "\udfff" else c) for c in letter
    )


def _divide(rect: Any, parts: int, direction: tuple[float, float], matrix: Any) -> Iterator[Box]:
    """``rect`` cut into equal parts, first to last along ``direction`` (of the unturned page)."""
    if parts == 0:
        return
    dx = direction[0] * matrix.a + direction[1] * matrix.c
    dy = direction[0] * matrix.b + direction[1] * matrix.d
    for i in range(parts):
        start, end = i / parts, (i + 1) / parts
        if (dx if abs(dx) >= abs(dy) else dy) < 0:
            start, end = 1 - end, 1 - start
        if abs(dx) >= abs(dy):
            yield Box(rect.x0 + rect.width * start, rect.y0, rect.x0 + rect.width * end, rect.y1)
        else:
            yield Box(rect.x0, rect.y0 + rect.height * start, rect.x1, rect.y0 + rect.height * end)


def _read_annotations(page: Any, zoom: float, painted: tuple[TextRun, ...]) -> Iterator[TextRun]:
    """What annotations and fields say beyond the lines that are painted at their place."""
    for rect, texts in _list_annotation_texts(page):
        place = (rect * page.rotation_matrix * zoom).normalize()
        here = "".join(run.text for run in painted if _centre_inside(run, place.x0, place.y0, place.x1, place.y1))
        for text in texts:
            for line in map(_clean_line, text.splitlines()):
                if line and "".join(line.split()) not in "".join(here.split()):
                    yield TextRun(line, tuple(_divide(place, len(line), (1.0, 0.0), pymupdf.Matrix(1, 1))), hidden=True)


def _clean_line(line: str) -> str:
    return "".join(map(_clean, line.strip()))


def _list_annotation_texts(page: Any) -> Iterator[tuple[Any, tuple[str, ...]]]:
    for annotation in page.annots() or ():
        info = annotation.info
        yield annotation.rect, tuple(str(info.get(key) or "") for key in ("content", "title", "subject"))
    for widget in page.widgets() or ():
        texts = (widget.field_value, widget.field_name, widget.field_label)
        yield (
            widget.rect,
            tuple("\n".join(t) if isinstance(t, list) else t for t in texts if isinstance(t, (str, list))),
        )


def _centre_inside(run: TextRun, x0: float, y0: float, x1: float, y1: float) -> bool:
    x, y = Box.around([(b.x0, b.y0) for b in run.boxes] + [(b.x1, b.y1) for b in run.boxes]).centre
    return x0 <= x <= x1 and y0 <= y <= y1

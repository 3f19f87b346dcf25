"""Whose name it is: from an option, a file, standard input, or a question."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import typer

from redact.console import make_console, print_error
from redact.errors import InvalidName
from redact.names.name import Name
from redact.phrases import phrase
from redact.texts import Lang, explain


def read_name(name: str | None, aliases: Sequence[str], name_file: str | None, *, lang: Lang) -> Name:
    """The name to search for. What is wrong with it is said on stderr, without repeating it.

    Raises:
        typer.Exit: with 2, where there is no name, two of them, or none that can be searched for.
    """
    if name is not None and name_file is not None:
        raise _refuse(phrase("error.name_twice", lang), lang)
    if name_file is not None:
        lines = _read_lines(name_file, lang)
        name, aliases = (lines[0] if lines else ""), [*lines[1:], *aliases]
    elif name is None:
        if not sys.stdin.isatty():
            raise _refuse(phrase("error.name_missing", lang), lang)
        name = str(typer.prompt(phrase("ask.name", lang), err=True))
    try:
        return Name.parse(name, aliases)
    except InvalidName as error:
        raise _refuse(explain(error, lang), lang) from None


def _read_lines(name_file: str, lang: Lang) -> list[str]:
    try:
        content = sys.stdin.buffer.read() if name_file == "-" else Path(name_file).read_bytes()
    except OSError:
        raise _refuse(phrase("error.name_file", lang), lang) from None
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return [line.strip() for line in text.splitlines() if line.strip()]
    raise _refuse(phrase("error.name_file", lang), lang)


def _refuse(text: str, lang: Lang) -> typer.Exit:
    print_error(make_console(), text, lang)
    return typer.Exit(2)

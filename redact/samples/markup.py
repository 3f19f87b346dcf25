"""Marks inside a text that say which characters are the name, which are filled in, which are raised.

They are private-use characters, so that documents can be written as plain f-strings and the layout still knows exactly
where each occurrence went.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

KINDS = (
    "plain", "spaced", "wrapped", "split", "vertical", "traditional", "pinyin", "hand", "seal", "signature", "list",
    "minority", "dotless", "narrow", "author", "header", "light",
)  # fmt: skip
_NAME = 0xE100
_END = "\ue0ff"
_FILL, _FILL_END = "\ue0f0", "\ue0f1"
_RAISE, _RAISE_END = "\ue0f2", "\ue0f3"
_BOLD, _BOLD_END = "\ue0f4", "\ue0f5"


def mark_name(text: str, kind: str) -> str:
    """``text`` is one occurrence of the name, of ``kind``."""
    return f"{chr(_NAME + KINDS.index(kind))}{text}{_END}"


def fill_in(text: str) -> str:
    """``text`` stands on a blank: underlined, in the filling hand or face."""
    return f"{_FILL}{text}{_FILL_END}"


def raise_up(text: str) -> str:
    """``text`` is superscript."""
    return f"{_RAISE}{text}{_RAISE_END}"


def make_bold(text: str) -> str:
    """``text`` is in the label's face (sans)."""
    return f"{_BOLD}{text}{_BOLD_END}"


@dataclass(frozen=True, slots=True)
class Token:
    """One character; ``name``: which occurrence it belongs to (``id``, ``kind``), or None."""

    ch: str
    name: tuple[int, str] | None = None
    fill: bool = False
    raised: bool = False
    bold: bool = False


_ids = count()


def parse(text: str) -> list[Token]:
    """The characters of a marked text, in order."""
    return list(_parse(text))


def _parse(text: str) -> Iterator[Token]:
    name: tuple[int, str] | None = None
    fill = raised = bold = False
    for ch in text:
        code = ord(ch) - _NAME
        if 0 <= code < len(KINDS):
            name = next(_ids), KINDS[code]
        elif ch == _END:
            name = None
        elif ch in (_FILL, _FILL_END):
            fill = ch == _FILL
        elif ch in (_RAISE, _RAISE_END):
            raised = ch == _RAISE
        elif ch in (_BOLD, _BOLD_END):
            bold = ch == _BOLD
        else:
            yield Token(ch, name, fill, raised, bold)

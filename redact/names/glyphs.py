"""Forms in which one Chinese character is printed: simplified, traditional, of Taiwan and Hong Kong, variants."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from redact.names.tables import read_table

# From -> to, one or more to a line, tab between, as OpenCC (Apache-2.0) ships them.
_TABLES = ("STCharacters", "TSCharacters", "TWVariants", "TWVariantsRev", "HKVariants", "HKVariantsRev")


@cache
def _neighbours() -> dict[str, frozenset[str]]:
    """Character -> those that a table or a group puts beside it, in either direction."""
    beside: dict[str, set[str]] = {}

    def join(a: str, b: str) -> None:
        if a != b and len(a) == len(b) == 1:
            beside.setdefault(a, set()).add(b)
            beside.setdefault(b, set()).add(a)

    for table in _TABLES:
        text = (files("opencc") / "dictionary" / f"{table}.txt").read_text(encoding="utf-8-sig")
        for line in text.splitlines():
            source, _, targets = line.partition("\t")
            for target in targets.split():
                join(source, target)
    for group in read_table("variants")["groups"]:
        for a in group:
            for b in group:
                join(a, b)
    return {char: frozenset(others) for char, others in beside.items()}


@cache
def forms_of(char: str) -> frozenset[str]:
    """``char`` and its other forms.

    One step through the tables, and from a traditional form a second one over its simplified form (裡 -> 里 -> 裏). No
    farther, or characters that only share a simplification with a sharer would run together.
    """
    first = _neighbours().get(char, frozenset())
    second = frozenset().union(*(_neighbours()[c] for c in first)) if len(first) == 1 else frozenset()
    return frozenset({char}) | first | second


@cache
def _traditional() -> dict[str, tuple[str, ...]]:
    text = (files("opencc") / "dictionary" / "STCharacters.txt").read_text(encoding="utf-8-sig")
    pairs = (line.partition("\t") for line in text.splitlines())
    return {source: tuple(t for t in targets.split() if len(t) == 1) for source, _, targets in pairs}


def printed_forms(char: str) -> frozenset[str]:
    """``char`` and its traditional forms: what papers have, without the variants of dictionaries."""
    return frozenset({char, *_traditional().get(char, ())})


@cache
def _simplified() -> dict[str, str]:
    text = (files("opencc") / "dictionary" / "TSCharacters.txt").read_text(encoding="utf-8-sig")
    pairs = (line.partition("\t") for line in text.splitlines())
    return {source: targets.split()[0] for source, _, targets in pairs if targets}


def simplify(text: str) -> str:
    """``text`` in simplified characters, one for one."""
    return "".join(_simplified().get(c, c) for c in text)

"""The word lists beside this package, in ``data/``."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def read_table(name: str) -> dict[str, tuple[str, ...]]:
    """Section -> its words, each once, in order.

    ``[section]`` begins a section, ``#`` a comment; white space separates words.
    """
    sections: dict[str, dict[str, None]] = {}
    current: dict[str, None] = {}
    for line in (files("redact.names") / "data" / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            current = sections.setdefault(line.strip("[] "), {})
        elif not line.startswith("#"):
            current.update(dict.fromkeys(line.split()))
    return {section: tuple(words) for section, words in sections.items()}

"""How a Chinese name reads in pinyin: surnames have readings of their own, and many characters have several."""

from __future__ import annotations

from functools import cache
from itertools import product

from pypinyin import Style, lazy_pinyin, pinyin

from redact.names.glyphs import simplify
from redact.names.surnames import split_surname
from redact.names.tables import read_table

# More readings than this of one name are left out: the first of pypinyin's come first, the last are archaic.
MOST_READINGS = 4


@cache
def _surname_readings() -> dict[str, list[str]]:
    """pypinyin has no table of surnames."""
    pairs = (entry.partition("=") for entry in read_table("surname_readings")["readings"])
    return {surname: readings.split(",") for surname, _, readings in pairs}


@cache
def _polyphones() -> frozenset[str]:
    """pypinyin lists second readings for many more, but archaic ones make a name into somebody else's (于 as wei)."""
    return frozenset(read_table("surname_readings")["polyphones"])


def _readings_of_given(given: str) -> list[list[str]]:
    """One or two readings of each character, the likelier first."""
    found = []
    for char, likely in zip(given, lazy_pinyin(given), strict=True):
        all_readings = pinyin(char, style=Style.NORMAL, heteronym=True)[0] if char in _polyphones() else []
        found.append(list(dict.fromkeys([likely, *all_readings]))[:2])
    return found


def readings_of(name: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """(surname, syllables of the given name), the likeliest reading first; ``v`` stands for ü.

    Empty for names that no known surname begins: minority names are spelled after their own language, not in pinyin.
    """
    parts = split_surname(simplify(name))
    if parts is None:
        return ()
    surname, given = parts
    surnames = _surname_readings().get(surname) or ["".join(lazy_pinyin(surname))]
    choices = [list(enumerate(c)) for c in (surnames, *_readings_of_given(given))]
    # Fewest departures from the likeliest reading first.
    combined = sorted(product(*choices), key=lambda combo: sum(i for i, _ in combo))
    result = []
    for combo in combined[:MOST_READINGS]:
        first, *rest = (syllable for _, syllable in combo)
        if all(s.isascii() and s.isalpha() for s in (first, *rest)):
            result.append((first, tuple(rest)))
    return tuple(result)

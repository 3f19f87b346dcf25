"""Which surname a Chinese name begins with, and how usual its characters are in names."""

from __future__ import annotations

from functools import cache

from redact.names.tables import read_table


@cache
def single_surnames() -> dict[str, int]:
    """Surname of one character -> rank, 0 for the most frequent."""
    return {s: rank for rank, s in enumerate(read_table("surnames")["single"])}


@cache
def compound_surnames() -> frozenset[str]:
    return frozenset(read_table("surnames")["compound"])


@cache
def given_characters() -> dict[str, int]:
    """Character of given names -> rank, 0 for the most frequent."""
    return {c: rank for rank, c in enumerate(read_table("given_characters")["characters"])}


def split_surname(text: str) -> tuple[str, str] | None:
    """(surname, given) of a Han name of 2 to 4 characters; None where no known surname begins it.

    Four characters count only with a compound surname or with two surnames (a mother's behind a father's): other
    names of four are most often those of minorities, which have no surname.
    """
    if not 2 <= len(text) <= 4:
        return None
    if len(text) > 2 and text[:2] in compound_surnames():
        return text[:2], text[2:]
    if text[0] not in single_surnames() or (len(text) == 4 and single_surnames().get(text[1], 999) > 200):
        return None
    return text[0], text[1:]

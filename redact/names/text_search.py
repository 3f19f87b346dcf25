"""Searching plain text (a PDF's own text, metadata, an output's bytes once decoded) for the spellings of a name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from redact.names.name import DOTS, fold, is_latin
from redact.names.spellings import Spelling, Symbol

# What may stand between two characters of a name without parting them: all white space, marks that nobody sees, dots.
_INVISIBLE = "\u00ad\u034f\u061c\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef"
_BLANK = rf"\s{_INVISIBLE}"
_COMBINING = "\u0300-\u036f"

# Possessive, so that no text makes the search slow; bounded, so that a page of blanks joins nothing.
_GAP = rf"[{_BLANK}{re.escape(DOTS)}]{{0,64}}+"
_LATIN_GAP = rf"[{_INVISIBLE}{_COMBINING}]{{0,8}}+"


@dataclass(frozen=True, slots=True)
class TextMatch:
    """``text[start:end]`` is a spelling of the name, gaps inside included."""

    start: int
    end: int
    spelling: Spelling


def find_in_text(text: str, spellings: Sequence[Spelling]) -> tuple[TextMatch, ...]:
    """Where the spellings stand, in order; time linear in ``len(text)``.

    White space (line breaks too), invisible characters and dots between the characters are passed over, compatibility
    forms (full width, Kangxi radicals) count as the plain ones. Latin spellings match in either case and end at word
    boundaries. A match inside a longer one is left out.
    """
    folded = fold(text)
    found: list[TextMatch] = []
    for spelling in spellings:
        found += (TextMatch(start, end, spelling) for start, end in _find(folded, spelling))
    found.sort(key=lambda m: (m.start, -m.end, not m.spelling.sure))
    kept: list[TextMatch] = []
    reach = -1
    for match in found:
        if match.end > reach:
            kept.append(match)
            reach = match.end
    return tuple(kept)


def _find(folded: str, spelling: Spelling) -> Iterator[tuple[int, int]]:
    pattern = _compile(spelling.symbols, spelling.latin)
    at = 0
    # From the next character on each time: 张三张 stands twice in 张三张三张.
    while match := pattern.search(folded, at):
        start, end = match.span()
        if not spelling.latin or (_bounded_before(folded, start) and _bounded_after(folded, end)):
            yield start, end
        at = start + 1


@lru_cache(maxsize=256)
def _compile(symbols: tuple[Symbol, ...], latin: bool) -> re.Pattern[str]:
    parts: list[str] = []
    for i, symbol in enumerate(symbols):
        some = "".join(re.escape(c) for c in sorted(symbol.chars))
        if latin and " " in symbol.chars:
            # One separator of the spelling is any run of separators in text: "Zhang,  San".
            parts.append(rf"[{some}{_BLANK}]{{{0 if symbol.optional else 1},64}}+")
        elif not latin and symbol.optional:
            parts.append(rf"[{some}]?+{_GAP}")
        else:
            gap = "" if i + 1 == len(symbols) else _LATIN_GAP if latin else _GAP
            parts.append(rf"[{some}]{'?' if symbol.optional else ''}{gap}")
    return re.compile("".join(parts))


def _bounded_before(text: str, start: int) -> bool:
    """A capital after a small letter begins a word, too: OCR and user names lose the space (authorZhangSan)."""
    before, first = text[start - 1 : start], text[start]
    return not before or not is_latin(before) or (before.islower() and first.isupper())


def _bounded_after(text: str, end: int) -> bool:
    last, after = text[end - 1], text[end : end + 1]
    if after and "\u0300" <= after <= "\u036f":
        after = text[end : end + 9].lstrip("".join(map(chr, range(0x300, 0x370))))[:1]
    return not after or not is_latin(after) or (last.islower() and after.isupper())

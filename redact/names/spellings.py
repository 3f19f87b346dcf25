"""All the ways in which a name may be written, as sequences of character sets.

Spaces between Chinese characters belong to no spelling: the lattice and the text search both pass over them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType

from redact.names.glyphs import forms_of
from redact.names.misreads import lowest_score
from redact.names.name import DOTS, Name, is_han, is_latin
from redact.names.romanisation import readings_of

MOST_SPELLINGS = 40

# Latin spellings of fewer letters are words of other languages too often to be sure of when nothing parts them (Mali).
_SURE_LETTERS = 6

_SEPARATORS = frozenset(" -‐‑‒–—'’‘`,，.．·_/")

# Surnames that the simplification of 1977 merged and later registries took apart again: one person's papers have both.
_MERGED = ("傅付", "萧肖", "戴代", "阎闫", "蓝兰", "邱丘")
_MERGED_SURNAMES = {pair[i]: pair[1 - i] for pair in _MERGED for i in (0, 1)}


@dataclass(frozen=True, slots=True)
class Symbol:
    """What may stand at one position; an optional symbol may also be absent.

    ``lowest``: the lowest score that the recogniser gave to the character where it was printed, 0 where it always reads it.
    """

    chars: frozenset[str] = field(repr=False)
    optional: bool = False
    lowest: float = 0.0


@dataclass(frozen=True, slots=True)
class Spelling:
    """The first and the last symbol are never optional, nor are two neighbours.

    ``rule``: ``name``, ``surname_variant``, ``first_part``, ``alias``, ``pinyin`` or ``pinyin_initials``. ``sure``: a
    match is the name; otherwise a person has to look. ``latin``: spaces count, as separators, and matches end at word
    boundaries.
    """

    symbols: tuple[Symbol, ...] = field(repr=False)
    rule: str
    sure: bool = True
    latin: bool = False

    @property
    def needed(self) -> tuple[Symbol, ...]:
        return tuple(s for s in self.symbols if not s.optional)


def spell(name: Name, misreads: Mapping[str, float] = MappingProxyType({})) -> tuple[Spelling, ...]:
    """At most 40 spellings, no two alike, in a fixed order: the name itself first, initials last.

    ``misreads``: see :func:`redact.names.misreads.load_misreads`.
    """
    written: list[Spelling] = []
    for text in (name.text, *name.aliases):
        written += _write(text, "name" if text == name.text else "alias", misreads)
        if all(map(is_han, text)):
            written += _romanise(text)
    for text in (name.text, *name.aliases):
        if all(map(is_han, text)):
            written += _abbreviate(text)
    unique: dict[tuple[Symbol, ...], Spelling] = {}
    for spelling in written:
        unique.setdefault(spelling.symbols, spelling)
    return tuple(unique.values())[:MOST_SPELLINGS]


def charset(spellings: Iterable[Spelling]) -> frozenset[str]:
    """Every character that some spelling has somewhere."""
    return frozenset(c for spelling in spellings for symbol in spelling.symbols for c in symbol.chars)


def _write(text: str, rule: str, misreads: Mapping[str, float]) -> Iterator[Spelling]:
    if any(map(is_han, text)):
        yield Spelling(_han_symbols(text, misreads), rule)
        first, dot, _ = text.partition("·")
        if dot and len(first) >= 2:
            yield Spelling(_han_symbols(first, misreads), "first_part", sure=False)
        if text[0] in _MERGED_SURNAMES and 2 <= len(text) <= 3:
            yield Spelling(_han_symbols(_MERGED_SURNAMES[text[0]] + text[1:], misreads), "surname_variant", sure=False)
    elif any(map(is_latin, text)):
        yield from _write_latin(text, rule)
    else:
        yield Spelling(tuple(_letter(c) for c in text if c.isalnum()), rule)


def _han_symbols(text: str, misreads: Mapping[str, float]) -> tuple[Symbol, ...]:
    """Marks and spaces inside become one optional symbol each; those at the ends are left out."""
    symbols: list[Symbol] = []
    for char in text:
        if is_han(char):
            symbols.append(Symbol(forms_of(char), lowest=lowest_score(char, misreads)))
        elif char.isalnum():
            symbols.append(_letter(char))
        elif symbols and not symbols[-1].optional:
            symbols.append(Symbol(frozenset(DOTS) if char in DOTS else frozenset(char), optional=True))
    while symbols[-1].optional:
        symbols.pop()
    return tuple(symbols)


def _write_latin(text: str, rule: str) -> Iterator[Spelling]:
    spaced = "".join(c if c.isalnum() or unicodedata.combining(c) else " " for c in text)
    words = [tuple(_letter(c) for c in unicodedata.normalize("NFC", w) if c.isalnum()) for w in spaced.split()]
    words = [w for w in words if w]
    letters = sum(map(len, words))
    # Western order, Chinese order, and the family name of a longer name in front.
    orders = [words, [*words[1:], words[0]], [words[-1], *words[:-1]]]
    for order in orders[: len(words)] if words else []:
        yield from _join(order, rule, sure=letters >= 3 and max(map(len, words)) > 1)


def _romanise(text: str) -> Iterator[Spelling]:
    for surname, given in readings_of(text):
        first = _syllable(surname)
        rest = _with_separators([_syllable(s) for s in given], optional=True)
        yield from _join([first, rest], "pinyin", sure=True)
        yield from _join([rest, first], "pinyin", sure=True)


def _abbreviate(text: str) -> Iterator[Spelling]:
    """``Zhang W. D.``, ``W.D. Zhang``, ``W. Zhang``: shared by many people, so never sure."""
    for surname, given in readings_of(text):
        first, *others = _syllable(surname)
        # In capitals, or "Ma I" would be found in any English page.
        whole = (_capital(first), *others)
        initials = [(_capital(_letter(s[0])),) for s in given]
        for kept in [initials, initials[:1]]:
            short = _with_separators(kept, optional=True)
            yield Spelling(_with_separators([whole, short], optional=False), "pinyin_initials", sure=False, latin=True)
            yield Spelling(_with_separators([short, whole], optional=False), "pinyin_initials", sure=False, latin=True)


def _join(words: Sequence[tuple[Symbol, ...]], rule: str, *, sure: bool) -> Iterator[Spelling]:
    """The words with anything or nothing between; a short name without anything between is not sure."""
    letters = sum(not s.optional for w in words for s in w)
    if len(words) == 1 or letters >= _SURE_LETTERS:
        yield Spelling(_with_separators(words, optional=True), rule, sure=sure, latin=True)
        return
    yield Spelling(_with_separators(words, optional=False), rule, sure=sure, latin=True)
    yield Spelling(tuple(s for w in words for s in w), rule, sure=False, latin=True)


def _with_separators(words: Sequence[tuple[Symbol, ...]], *, optional: bool) -> tuple[Symbol, ...]:
    symbols: list[Symbol] = []
    for word in words:
        if symbols:
            symbols.append(Symbol(_SEPARATORS, optional=optional))
        symbols += word
    return tuple(symbols)


def _syllable(pinyin: str) -> tuple[Symbol, ...]:
    """``lv`` is written lü, lv, lu and (on passports) lyu."""
    symbols: list[Symbol] = []
    for char in pinyin:
        if char == "v":
            symbols.append(Symbol(_letter("y").chars, optional=True))
            symbols.append(Symbol(_letter("u").chars | _letter("v").chars))
        else:
            symbols.append(_letter(char))
    return tuple(symbols)


@cache
def _letter(char: str) -> Symbol:
    """Both cases, full width too, and with the tone marks; an accented letter is also written without its accent."""
    plain = unicodedata.normalize("NFD", char)[0]
    chars = {char, plain, *_TONED.get(plain.lower(), "")}
    chars |= {c.upper() for c in chars} | {c.lower() for c in chars}
    chars |= {chr(ord(c) + 0xFEE0) for c in chars if "!" <= c <= "~"}
    return Symbol(frozenset(c for c in chars if len(c) == 1))


_TONED = {
    "a": "āáǎàɑăâ", "e": "ēéěèĕêế", "i": "īíǐìĭîı", "o": "ōóǒòŏô", "u": "ūúǔùŭûüǖǘǚǜ", "n": "ńňǹ", "m": "ḿ", "g": "ɡ",
}  # fmt: skip


def _capital(symbol: Symbol) -> Symbol:
    return Symbol(frozenset(c for c in symbol.chars if c.isupper()))

"""Words of Chinese and what they cost: -log probability in nats, from jieba's dictionary by way of rjieba."""

from __future__ import annotations

from functools import cache, lru_cache
from math import log
from typing import TYPE_CHECKING, Literal

from redact.names.anchors import ANCHORS
from redact.names.surnames import given_characters, single_surnames, split_surname
from redact.names.tables import read_table

if TYPE_CHECKING:
    from rjieba import Jieba

WordClass = Literal["label", "function", "deed", "verb", "noun", "thing", "place", "number", "stray", "other"]

# Word counts of jieba's dictionary sum up to this.
_TOTAL = 60_101_967
LONGEST_WORD = 8
# A character that nobody uses as a word by itself: the dictionary counts many, mostly pieces of names it did not know.
STRAY = 5.0
_UNKNOWN = 14.0


@cache
def _words(section: str) -> frozenset[str]:
    own = {a.text for a in ANCHORS if not a.text.isascii()} if section == "labels" else set()
    return frozenset(read_table("words")[section]) | own


def is_label(word: str) -> bool:
    return word in _words("labels")


@cache
def _jieba() -> Jieba:
    # A tenth of a second and 60 MB, so only where somebody asks.
    import rjieba

    return rjieba.Jieba()


@lru_cache(maxsize=1 << 16)
def word_cost(word: str) -> float | None:
    """None where ``word`` is no word; single characters always are, at a price."""
    count = _jieba().suggest_freq(word) if _jieba().has_word(word) else 0
    if len(word) == 1:
        cost = log(_TOTAL / count) if count else _UNKNOWN
        return cost if word in _words("function") | _words("numerals") | _words("units") else cost + STRAY
    if word in _words("labels") or word in _words("deeds"):
        return min(9.0, log(_TOTAL / count) if count else 9.0)
    return log(_TOTAL / count) if count else None


@lru_cache(maxsize=1 << 14)
def word_class(word: str) -> WordClass:
    """What ``word`` tells about a name beside it."""
    if word in _words("things"):
        return "thing"
    if word in _words("labels"):
        return "label"
    if word in _words("deeds"):
        return "deed"
    if len(word) == 1:
        return "function" if word in _words("function") else "number" if word in _words("numerals") else "stray"
    tagged = _jieba().tag(word, False)
    tag = tagged[0][1] if len(tagged) == 1 else "n"
    if tag[:1] in "pcudrf":
        return "function"
    if tag in ("ns", "nt"):
        return "place"
    return "verb" if tag[:1] == "v" else "number" if tag[:1] in "mt" else "noun" if tag[:1] == "n" else "other"


# Of 200 words in such papers about one is a person's name other than the applicant's.
_ANOTHER_NAME = log(200)


@lru_cache(maxsize=1 << 16)
def name_cost(text: str) -> float | None:
    """Cost of ``text`` as the name of some other person; None where it cannot be one.

    The slopes follow the name reports of the Ministry of Public Security: 7 % for the first surname, about 1 % for the
    twentieth; 2 % for the first given character.
    """
    parts = split_surname(text)
    if parts is None:
        return None
    surname, given = parts
    rank = single_surnames().get(surname[0], 300) if len(surname) == 1 else 150
    cost = _ANOTHER_NAME + 2.6 + 1.5 * log(1 + rank / 10) + {1: 1.5, 2: 0.3}.get(len(given), 4.0)
    for char in given:
        known = given_characters().get(char)
        cost += 10.0 if known is None else 4.0 + log(1 + known / 30)
        if known is None and char in _words("function"):
            cost += 2.0
    return cost


def foreign_name_cost(text: str) -> float | None:
    """Cost of ``text`` as a name, or part of one, that Chinese characters only sound out."""
    if not 3 <= len(text) <= LONGEST_WORD or not all(c in _words("sounds") for c in text):
        return None
    return _ANOTHER_NAME + 4.0 + 2.6 * len(text)

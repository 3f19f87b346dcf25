"""Whether a name that was found stands there as a name, or as part of a longer name or of a word.

Two readings of the line are weighed against each other: the cheapest one in which the hit is the applicant's name, a
token of its own, and the cheapest one in which it is not. Costs are -log probabilities of a unigram model of words and
names (:mod:`redact.names.lexicon`), plus what the tokens beside a name say about it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import Enum
from math import inf

from redact.names.glyphs import simplify
from redact.names.lexicon import LONGEST_WORD, WordClass, foreign_name_cost, is_label, name_cost, word_class, word_cost
from redact.names.name import DOTS, Name, fold, is_han, is_latin
from redact.names.surnames import split_surname


class Surroundings(Enum):
    ALONE = "alone"
    OTHER = "other"
    UNSURE = "unsure"


# In nats, on drawn cases (tests/names/test_context.py). Calling a name a part of something else leaks it, so that asks
# for more than calling it a name.
_SURELY_OTHER = -3.0
_SURELY_ALONE = 1.5

# The applicant's name is the most frequent name of his papers: about one word in 400.
_OWN_NAME = 6.0
# Two to four characters that make up a name, and nothing else: in a cell; between marks; between a mark and the end of
# a line, which may also have broken a word.
_WHOLE_CELL, _BETWEEN_MARKS, _MARK_AND_END = 6.0, 5.0, 3.0
_REACH = 8

_Side = dict[WordClass | None, float]
# What a token beside a person's name costs; None is the end of the text, a mark, a digit. Unlisted: no cost.
_BEFORE_NAME: _Side = {
    "label": -2.0, "deed": 0.5, "verb": 2.5, "noun": 3.5,
    "thing": 3.0, "place": 0.5, "number": 2.0, "stray": 1.0, "other": 4.0,
}  # fmt: skip
_AFTER_NAME: _Side = {
    "label": -1.0, "verb": 3.0, "noun": 3.0, "thing": 9.0,
    "place": 2.0, "number": 1.0, "stray": 2.0, "other": 3.0,
}  # fmt: skip
_BEFORE_WORD: _Side = {"label": 5.0}
_AFTER_WORD: _Side = {"label": 4.0, "deed": 2.0}


def judge(left: str, hit: str, right: str, *, name: Name, cell_is_whole: bool) -> Surroundings:
    """How the name ``hit`` stands between what was recognised to its ``left`` and ``right``.

    ``left`` and ``right`` touch the hit at the pitch of the line; where there is a gap they are empty, or a space parts
    them from the hit.
    ``cell_is_whole``: the three together are all that a line or cell holds. ``OTHER`` only on strong evidence.
    """
    left, right = simplify(fold(left)), simplify(fold(right))
    core = _core(simplify(fold(hit)), name)
    if not any(map(is_han, core)):
        return _judge_latin(left, hit.strip(), right)
    dotted = _judge_dots(left, core, right, name)
    if dotted is not None:
        return dotted
    before, after = _touching(left[::-1])[::-1], _touching(right)
    if not before and not after:
        return Surroundings.ALONE
    core = "".join(c for c in core if c not in DOTS)
    marks = (len(left.strip()) > len(before)) + (len(right.strip()) > len(after))
    parted = _BETWEEN_MARKS if marks == 2 else 0.0
    if cell_is_whole and marks < 2:
        parted = _MARK_AND_END if marks else _WHOLE_CELL
    return _weigh(before[-_REACH:], core, after[:_REACH], parted=parted)


def _core(hit: str, name: Name) -> str:
    """The form of the name that stands here, in its own characters: the recogniser may have misread the hit."""
    solid = "".join(c for c in hit if not c.isspace())
    if not any(map(is_han, solid)):
        return solid
    forms = [text for text in (name.text, *name.aliases) if any(map(is_han, text))]
    forms += [form.partition("·")[0] for form in forms if "·" in form]
    return simplify(max(forms, key=lambda form: SequenceMatcher(None, form, solid).ratio(), default=solid))


def _touching(text: str) -> str:
    """The Chinese characters that ``text`` begins with."""
    end = next((i for i, c in enumerate(text) if not is_han(c)), len(text))
    return text[:end]


def _judge_dots(left: str, core: str, right: str, name: Name) -> Surroundings | None:
    """A dot that joins the hit to more of a name; None where there is none."""
    if left[-1:] and left[-1] in "·•・･∙⋅‧" and any(map(is_han, left[-2:-1])):
        return Surroundings.UNSURE
    if not right or right[0] not in "·•・･∙⋅‧" or not any(map(is_han, right[1:2])):
        return None
    own = simplify(name.text).partition("·")
    tail = _touching(right[1:])
    if core == own[0] and own[2] and not set(tail[: len(own[2]) + 1]) & set(own[2]):
        # The first name is the same, the father's another: another person.
        return Surroundings.OTHER
    return Surroundings.UNSURE


def _weigh(before: str, core: str, after: str, *, parted: float) -> Surroundings:
    """``parted``: how much the three together are set apart from other text, in nats."""
    text = before + core + after
    start, end = len(before), len(before) + len(core)
    left = [(t, t.cost + _BEFORE_NAME.get(t.kind, 0.0)) for t in _last_tokens(before)]
    right = [(t, t.cost + _AFTER_NAME.get(t.kind, 0.0)) for t in _first_tokens(after)]
    (best_left, left_cost), (best_right, right_cost) = (min(side, key=lambda pair: pair[1]) for side in (left, right))
    alone = left_cost + _OWN_NAME + right_cost

    other = _cost_of(text, (start, end))
    as_word = word_cost(core) if len(core) > 1 else None
    if as_word is not None:
        word_left = min(t.cost + _BEFORE_WORD.get(t.kind, 0.0) for t, _ in left)
        word_right = min(t.cost + _AFTER_WORD.get(t.kind, 0.0) for t, _ in right)
        other = min(other, word_left + as_word + word_right)
    as_name = name_cost(text) if parted else None
    if as_name is not None and after not in ("男", "女"):
        function = "function" in (best_left.kind, best_right.kind)
        other = min(other, as_name - (parted / 2 if function else parted))

    odds = other - alone
    if odds < _SURELY_OTHER:
        return Surroundings.OTHER
    strays = "stray" in (best_left.kind, best_right.kind)
    return Surroundings.ALONE if odds > _SURELY_ALONE and not strays else Surroundings.UNSURE


def _cost_of(text: str, own: tuple[int, int] | None = None) -> float:
    """Cost of the best segmentation of ``text``; no token of it is the span ``own`` and nothing else."""
    best = [0.0] + [inf] * len(text)
    for start in range(len(text)):
        for end in range(start + 1, min(len(text), start + LONGEST_WORD) + 1):
            if (start, end) != own:
                best[end] = min(best[end], best[start] + _token_cost(text, start, end, own))
    return best[-1]


def _token_cost(text: str, start: int, end: int, own: tuple[int, int] | None) -> float:
    token = text[start:end]
    as_word, as_name = word_cost(token), name_cost(token)
    core = text[own[0] : own[1]] if own else ""
    surnamed = split_surname(core) is not None
    if as_word is not None and surnamed and word_cost(core) is None and len(token) > len(core):
        # 张三李四 is an idiom of the dictionary, and two people here.
        rest = token.removeprefix(core) if token.startswith(core) else token.removesuffix(core)
        if rest != token and split_surname(rest):
            as_word = None
    if as_name is not None:
        # What stands after 姓名 or before 同志 is a name, be it this one or another.
        if any(is_label(text[max(0, start - n) : start]) for n in range(2, 7)):
            as_name += _BEFORE_NAME["label"]
        if any(is_label(text[end : end + n]) for n in range(2, 7)):
            as_name += _AFTER_NAME["label"]
    as_foreign = None if surnamed else foreign_name_cost(token)
    return min((c for c in (as_word, as_name, as_foreign) if c is not None), default=inf)


@dataclass(frozen=True, slots=True)
class _Token:
    """A token beside the name, and the cost of everything on its side."""

    kind: WordClass | None
    cost: float


def _last_tokens(text: str) -> Iterator[_Token]:
    if not text:
        yield _Token(None, 0.0)
    for start in range(max(0, len(text) - LONGEST_WORD), len(text)):
        yield from _readings(text[start:], _cost_of(text[:start]))


def _first_tokens(text: str) -> Iterator[_Token]:
    if not text:
        yield _Token(None, 0.0)
    for end in range(1, min(len(text), LONGEST_WORD) + 1):
        yield from _readings(text[:end], _cost_of(text[end:]))


def _readings(token: str, rest: float) -> Iterator[_Token]:
    as_word = word_cost(token)
    if as_word is not None:
        yield _Token(word_class(token), as_word + rest)
    as_name = name_cost(token)
    if as_name is not None:
        # Names of a list that stand without anything between.
        yield _Token(None, as_name + 0.5 + rest)


def _judge_latin(left: str, hit: str, right: str) -> Surroundings:
    before, after = left[-1:], right[:1]
    first, last = hit[:1], hit[-1:]
    joined_left = bool(before) and is_latin(before)
    joined_right = bool(after) and is_latin(after)
    if joined_left and not (before.islower() and first.isupper()):
        return Surroundings.OTHER if before.islower() == first.islower() and first.islower() else Surroundings.UNSURE
    if joined_right and not (last.islower() and after.isupper()):
        return Surroundings.OTHER if last.islower() and after.islower() else Surroundings.UNSURE
    if re.match(r"[-'’][A-Za-z]", right) or re.search(r"[A-Za-z][-'’]$", left):
        return Surroundings.UNSURE
    # "Zhang Wei" in "Zhang Wei Dong": one more capitalised syllable, and no more of a sentence.
    if re.match(r" ?[A-Z][a-z]{1,5}(?: *$| *[,;.])", right) or re.search(r"(?:^|[,;]) ?[A-Z][a-z]{1,5} ?$", left):
        return Surroundings.UNSURE
    return Surroundings.ALONE

"""Candidates -> hits, and hits with the page's readability -> the page's verdict.

A name that slips through cannot be taken back; a page sent to a person costs a minute. So nothing here drops a candidate on
weak evidence: what cannot be told becomes 复核 with the place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from math import inf

import numpy as np

from redact.geometry import Box
from redact.lines import Line, Reading
from redact.names.context import Surroundings, judge
from redact.names.find import Candidate, Context
from redact.names.lexicon import is_label, word_cost
from redact.names.name import DOTS, Name, is_han, is_latin
from redact.names.surnames import single_surnames, split_surname
from redact.names.thresholds import Thresholds
from redact.values import Hit, Reason, Verdict

# The character that makes a longer name of ours (王伟东) must itself be read this surely before one look at it clears the place.
# Where most looks agree that something is there, it need not be known what.
SURE_NEIGHBOUR = 0.85
SEEN_NEIGHBOUR = 0.15
_AFTER_NAMES = frozenset(
    "男女汉回满壮苗藏蒙彝侗瑶白印章著编译摄绘校审等的于在任为系是自从至由被已现曾将并也均又把对与及同之一二三四五六七八九十"
)
# What a seal has after the name.
_SEAL_ENDS = frozenset({"印", "之印", "印章", "章"})
# A Latin spelling of which plain reading has less than this share of the letters is a coincidence of a few.
LATIN_AGREES = 0.6
LIKE_OWN_PART = 0.7
# In a line of text this many times as long as high the reader always finds some character, right or wrong.
ORNAMENT_ASPECT = 6.0
BORDER = 0.12
# A portrait, a round seal: higher than this, in heights of the page's readable text, and no longer than two of its characters.
TALLEST, PICTURE_ASPECT = 4.0, 2.0
_DASH = re.compile(r"[-—－–~](?P<tail>[\u3400-\u9fff].*)", re.DOTALL)
# On less than this many lines nobody can say how a page is turned, and each of them was read in every direction.
FEW_LINES = 3
# A Latin spelling is made of a few letters that stand in every English line, and print of it is read nearly exactly: its scores
# count this many times.
LATIN_STRICTER = 1.8
# Inside a name, beyond its rhythm: more than this many line heights apart, with other text in its lines, pieces are two things.
WIDE_GAP = 1.6


@dataclass(frozen=True, slots=True)
class PageDecision:
    verdict: Verdict
    hits: tuple[Hit, ...]
    reasons: tuple[Reason, ...]


def decide_candidate(candidate: Candidate, name: Name, thresholds: Thresholds, *, hand: bool = False) -> Hit | None:
    """The hit that a candidate is, sure or not; None where it is not the name. ``hand``: beside an anchor of a signature."""
    mask, review = (thresholds.hand_mask, thresholds.hand_review) if hand else (thresholds.mask, thresholds.review)
    score = candidate.score * (LATIN_STRICTER if candidate.spelling.latin else 1.0)
    if score < review:
        return None
    rule = "signature" if hand else _rule(candidate)
    reason: str | None = None
    clear = candidate.edge_probability >= SURE_NEIGHBOUR
    if candidate.spelling.latin:
        if (_inside_word(candidate) and clear) or not _agrees(candidate):
            return None
        if re.search(r"[A-Za-z][-'’]$", candidate.before.text) or re.match(r"[-'’][A-Za-z]", candidate.after.text):
            reason = "maybe_other"
    else:
        around = _judge(candidate, name)
        if around is Surroundings.OTHER and clear:
            return None
        if around is not Surroundings.ALONE:
            reason = "maybe_other"
    # 王　　珍，女 begins a sentence spread out; 李强　王　　珍珠 does not.
    together = candidate.whole or (candidate.opening and not _cut_after(candidate.after)[0])
    if candidate.gap > WIDE_GAP and len(candidate.lines) > 1 and not together:
        reason = "maybe_other"
    if not candidate.spelling.sure:
        reason = "part_of_name"
    if score < mask or candidate.unknown:
        # What stands for a character that the reader does not know may be any other one.
        reason = "uncertain_hit"
    return Hit(candidate.quads, min(candidate.score, 0.0), rule, sure=reason is None, reason=reason)


def is_other(candidate: Candidate, name: Name, thresholds: Thresholds) -> bool:
    """Whether the spelling stands there as it is written, but as a part of something else."""
    return candidate.score >= thresholds.mask and decide_candidate(candidate, name, thresholds) is None


def leans_other(candidate: Candidate, name: Name) -> bool:
    """Whether the surroundings make the place a part of something else, however weakly they were read."""
    if candidate.edge_probability < SEEN_NEIGHBOUR:
        return False
    if candidate.spelling.latin:
        return _inside_word(candidate)
    return _judge(candidate, name) is Surroundings.OTHER


def may_be_misread(candidate: Candidate) -> bool:
    """Whether the name is all that a line or cell holds, but for characters that the recogniser is known to misread (溪 for 淏):
    worth a question."""
    if candidate.spelling.latin or candidate.whole is False:
        return False
    pairs = list(zip(candidate.letters, candidate.spelling.needed, strict=True))
    wrong = [symbol for letter, symbol in pairs if not letter.right]
    return 0 < len(wrong) < len(pairs) and candidate.inserted == 0 and all(symbol.lowest < 0 for symbol in wrong)


def _agrees(candidate: Candidate) -> bool:
    right = sum(letter.right for letter in candidate.letters)
    return not candidate.letters or right >= LATIN_AGREES * len(candidate.letters)


def reads_as_written(candidate: Candidate) -> bool:
    """Whether greedy reading has the spelling as it stands. Where it has not, a lookalike may be what is printed."""
    needed = candidate.spelling.needed
    if candidate.spelling.latin:
        return True
    read = [c for c in candidate.read if is_han(c) or c.isalnum()]
    return len(read) == len(needed) and all(c in s.chars for c, s in zip(read, needed, strict=True))


def _rule(candidate: Candidate) -> str:
    if candidate.spelling.rule != "name":
        return candidate.spelling.rule
    if candidate.wrapped:
        return "wrapped"
    return "line" if len(candidate.lines) == 1 else "split"


def _judge(candidate: Candidate, name: Name) -> Surroundings:
    left, left_bounded = _cut_before(candidate.before)
    right, right_bounded = _cut_after(candidate.after)
    if candidate.spelling.rule == "first_part" and (dash := _DASH.match(candidate.after.text)):
        # A dot that was read as a dash.
        right, right_bounded = _cut_after(Context(DOTS[0] + dash["tail"], candidate.after.open))
    if candidate.spelling.rule == "first_part" and _goes_on_otherwise(left, right, name):
        return Surroundings.OTHER
    if right_bounded and _is_longer_name(right, name):
        return Surroundings.OTHER
    # The name as it is written stands for what was read: the recogniser may have misread the hit.
    around = judge(left, name.text, right, name=name, cell_is_whole=left_bounded and right_bounded)
    if around is Surroundings.ALONE and left and not right and not _label_follows(candidate) and word_cost(name.text) is not None:
        # A name that is also a word, at the end of a phrase (身心康健，): nobody can tell from the line.
        return Surroundings.UNSURE
    if around is Surroundings.UNSURE and _label_follows(candidate) and word_cost(name.text) is not None:
        # 温和同志: a word, but no word stands before that. 江安宁同志 may be another.
        return Surroundings.UNSURE if left[-1:] in single_surnames() else Surroundings.ALONE
    return around


def _label_follows(candidate: Candidate) -> bool:
    text = candidate.after.text
    return any(is_label(text[:n]) for n in range(2, 7))


def _is_longer_name(right: str, name: Name) -> bool:
    """王伟 and one more character, then a mark, a label or the end: 王伟东. With a given name of two it says nothing.

    Not where forms print that character right after a name: sex, nationality, a particle. 和 before a mark joins nothing.
    """
    split = split_surname(name.text)
    if len(name.text) != 2 and (split is None or len(split[1]) != 1):
        return False
    solid = right[:1] if len(right) == 2 and right[1] in "等印" else right
    # 皇甫之之: a name doubled at its end, whatever its last character may be otherwise.
    return len(solid) == 1 and (solid not in _AFTER_NAMES or solid == name.text[-1])


def _cut_before(context: Context) -> tuple[str, bool]:
    """What touches the name on its left, back to the last mark, digit, letter or label, and whether that bounds it."""
    text = context.text
    start = next((i + 1 for i in range(len(text) - 1, -1, -1) if not is_han(text[i]) and text[i] not in DOTS), None)
    run = text if start is None else text[start:]
    if all(c in DOTS for c in run):
        return "", True  # the dot of a list's number: 7. 金星
    for i in range(len(run), 0, -1):
        # A label right before the name bounds it as a colon would; one character may lie between (王 in 学生王张三).
        if len(run) - i <= 1 and any(is_label(run[max(0, i - n) : i]) for n in range(2, 7)):
            return run[i:], True
    return run, start is not None or not context.open


def _cut_after(context: Context) -> tuple[str, bool]:
    text = context.text
    end = next((i for i, c in enumerate(text) if not is_han(c) and c not in DOTS), None)
    run = text if end is None else text[:end]
    if run in _SEAL_ENDS:
        return "", True
    for i in range(min(2, len(run))):
        if any(is_label(run[i : i + n]) for n in range(2, 7)):
            return run[:i], True
    return run, end is not None or not context.open


def _goes_on_otherwise(left: str, right: str, name: Name) -> bool:
    """Whether the first part of a minority name is followed by another second part than ours, or itself follows a dot."""
    own = name.text.partition("·")[2]
    tail = "".join(c for c in right if is_han(c))[: len(own) + 1]
    if any(c in DOTS for c in left):
        return len(left) > 1
    # Second parts share endings (尔, 江, 提), so one character in common says little.
    return bool(own and tail) and SequenceMatcher(None, own, tail).ratio() < LIKE_OWN_PART


def _inside_word(candidate: Candidate) -> bool:
    """A Latin spelling is a word of its own: letters on either side make it part of another."""
    before, after = candidate.before.text[-1:], candidate.after.text[:1]
    first, last = candidate.read[:1], candidate.read[-1:]
    glued_left = bool(before) and is_latin(before) and not (before.islower() and first.isupper())
    glued_right = bool(after) and is_latin(after) and not (last.islower() and after.isupper())
    return glued_left or glued_right


def find_weak_lines(lines: Iterable[Line], thresholds: Thresholds) -> list[Line]:
    """Lines that were detected and not read, or read so weakly that a name in them could be missed."""
    return [line for line in lines if (line.lattice is None or line.confidence < thresholds.weak_line)]


def _is_ornament(line: Line, reading: Reading) -> bool:
    """A border of a certificate, detected as text: nothing but shapes is read, or, in the page's margin, nothing at all in all
    its length. (Text that cannot be read gives some characters, wrong ones.)"""
    if line.lattice is not None:
        return not any(c.isalnum() for c in line.lattice.text)
    box = line.quad.box
    x, y = BORDER * reading.width, BORDER * reading.height
    if not (box.x1 < x or box.x0 > reading.width - x or box.y1 < y or box.y0 > reading.height - y):
        return False
    return line.quad.length > ORNAMENT_ASPECT * line.quad.thickness


def decide_page(
    hits: Sequence[Hit], extra: Sequence[Reason], reading: Reading, unread: Sequence[Line], thresholds: Thresholds
) -> PageDecision:
    """The verdict of one page. ``extra``: reasons found elsewhere (a signature that cannot be read, …); ``unread``: lines that
    stayed weak after every second look."""
    reasons = [Reason(hit.reason or "uncertain_hit", _around(hit)) for hit in hits if not hit.sure]
    reasons += extra
    if not reading.rotation_sure and len(reading.lines) >= FEW_LINES:
        reasons.append(Reason("orientation_unsure"))
    lines = [line for line in reading.lines if not _is_ornament(line, reading)]
    unread = [line for line in unread if not _is_ornament(line, reading)]
    # A portrait, a round seal, the desk beside the page are detected as text now and then, and are large.
    heights = [_height(line) for line in lines if line.confidence >= thresholds.weak_line]
    usual = float(np.median(heights)) if heights else inf
    read_area = sum(_area(line, usual) for line in lines)
    weak_area = sum(_area(line, usual) for line in unread)
    if read_area > 0 and weak_area > thresholds.weak_share * read_area:
        reasons += [Reason("unread_text" if line.lattice is None else "weak_text", line.quad.box) for line in unread[:8]]
    small = [line for line in lines if _height(line) < thresholds.small_text_px and len(_text(line)) >= 2]
    if sum(_area(line, usual) for line in small) > thresholds.weak_share * max(read_area, 1.0):
        reasons.append(Reason("small_text", small[0].quad.box))
    return PageDecision(Verdict.of(hits, reasons), tuple(hits), tuple(reasons))


def _around(hit: Hit) -> Box:
    return Box.around(point for quad in hit.quads for point in quad.points)


def _area(line: Line, usual: float) -> float:
    """What a line counts for: its box, or where that is a picture, one character of the ``usual`` height."""
    if _height(line) > TALLEST * usual and max(line.quad.length, line.quad.thickness) < PICTURE_ASPECT * _height(line):
        return usual * usual
    return line.quad.length * line.quad.thickness


def _height(line: Line) -> float:
    return min(line.quad.thickness, line.quad.length)


def _text(line: Line) -> str:
    return line.lattice.text if line.lattice is not None else ""

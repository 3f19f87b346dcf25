"""Candidates -> hits, and hits with the page's readability -> the page's verdict.

A name that slips through cannot be taken back; a page sent to a person costs a minute. So nothing here drops a candidate on
weak evidence: what cannot be told becomes 复核 with the place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from redact.geometry import Box
from redact.lines import Line, Reading
from redact.names.context import Surroundings, judge
from redact.names.find import Candidate
from redact.names.name import Name, is_latin
from redact.names.thresholds import Thresholds
from redact.values import Hit, Reason, Verdict

# The character that makes a longer name of ours (王伟东) must itself be read this surely before it clears the place.
SURE_NEIGHBOUR = 0.85
# Inside a name, beyond its rhythm: more than this many line heights apart, and with other text in its lines, pieces are two things.
WIDE_GAP = 1.6


@dataclass(frozen=True, slots=True)
class PageDecision:
    verdict: Verdict
    hits: tuple[Hit, ...]
    reasons: tuple[Reason, ...]


def decide_candidate(candidate: Candidate, name: Name, thresholds: Thresholds, *, hand: bool = False) -> Hit | None:
    """The hit that a candidate is, sure or not; None where it is not the name. ``hand``: beside an anchor of a signature."""
    mask, review = (
        (thresholds.hand_mask, thresholds.hand_review) if hand else (thresholds.mask, thresholds.review)
    )
    if candidate.score < review:
        return None
    rule = "signature" if hand else _rule(candidate)
    reason: str | None = None
    clear = candidate.edge_probability >= SURE_NEIGHBOUR
    if candidate.spelling.latin:
        if _inside_word(candidate) and clear:
            return None
    elif not candidate.wrapped or candidate.left or candidate.right:
        around = judge(candidate.left, name.text, candidate.right, name=name, cell_is_whole=True)
        if around is Surroundings.OTHER:
            if clear:
                return None
            reason = "maybe_other"
        elif around is Surroundings.UNSURE:
            reason = "maybe_other"
    if not candidate.whole and candidate.gap > WIDE_GAP and len(candidate.lines) > 1:
        reason = "maybe_other"
    if not candidate.spelling.sure:
        reason = "part_of_name"
    if candidate.score < mask:
        reason = "uncertain_hit"
    return Hit(candidate.quads, min(candidate.score, 0.0), rule, sure=reason is None, reason=reason)


def _rule(candidate: Candidate) -> str:
    if candidate.spelling.rule != "name":
        return candidate.spelling.rule
    if candidate.wrapped:
        return "wrapped"
    return "line" if len(candidate.lines) == 1 else "split"


def _inside_word(candidate: Candidate) -> bool:
    """A Latin spelling is a word of its own: letters on either side make it part of another."""
    before, after = candidate.left[-1:], candidate.right[:1]
    first, last = candidate.read[:1], candidate.read[-1:]
    glued_left = bool(before) and is_latin(before) and not (before.islower() and first.isupper())
    glued_right = bool(after) and is_latin(after) and not (last.islower() and after.isupper())
    return glued_left or glued_right


def find_weak_lines(lines: Iterable[Line], thresholds: Thresholds) -> list[Line]:
    """Lines that were detected and not read, or read so weakly that a name in them could be missed."""
    return [line for line in lines if line.lattice is None or line.confidence < thresholds.weak_line]


def decide_page(
    hits: Sequence[Hit], extra: Sequence[Reason], reading: Reading, unread: Sequence[Line], thresholds: Thresholds
) -> PageDecision:
    """The verdict of one page. ``extra``: reasons found elsewhere (a signature that cannot be read, …); ``unread``: lines that
    stayed weak after every second look."""
    reasons = [Reason(hit.reason or "uncertain_hit", _around(hit)) for hit in hits if not hit.sure]
    reasons += extra
    # Orientation matters only where there is text that could be read the wrong way round.
    if not reading.rotation_sure and any(line.confidence < thresholds.weak_line for line in reading.lines):
        reasons.append(Reason("orientation_unsure"))
    read_area = sum(_area(line) for line in reading.lines)
    weak_area = sum(_area(line) for line in unread)
    if read_area > 0 and weak_area > thresholds.weak_share * read_area:
        reasons += [Reason("unread_text" if line.lattice is None else "weak_text", line.quad.box) for line in unread[:8]]
    small = [line for line in reading.lines if _height(line) < thresholds.small_text_px and len(_text(line)) >= 2]
    if sum(_area(line) for line in small) > thresholds.weak_share * max(read_area, 1.0):
        reasons.append(Reason("small_text", small[0].quad.box))
    if reasons:
        verdict = Verdict.REVIEW
    else:
        verdict = Verdict.REQUIRED if hits else Verdict.NOT_REQUIRED
    return PageDecision(verdict, tuple(hits), tuple(reasons))


def _around(hit: Hit) -> Box:
    return Box.around(point for quad in hit.quads for point in quad.points)


def _area(line: Line) -> float:
    return line.quad.length * line.quad.thickness


def _height(line: Line) -> float:
    return min(line.quad.thickness, line.quad.length)


def _text(line: Line) -> str:
    return line.lattice.text if line.lattice is not None else ""

"""Places where a form expects the applicant's hand: beside 承诺人：, 本人签字：, 学员签名：.

There a softer threshold holds, and ink that cannot be read as anything sends the page to a person with a proposed mask.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from redact.geometry import Box, Quad
from redact.lines import Line
from redact.names.anchors import AnchorMatch, find_anchors
from redact.names.lexicon import is_label
from redact.names.name import is_han
from redact.names.pieces import Layout
from redact.values import Pixels

# How far a signature reaches from its label, and how much higher than print it stands, in line heights of the label.
REACH = 7.0
EM_PER_HEIGHT = 0.8
RISE = 0.45
# Ink under a line that is read at least this surely is accounted for.
PRINTED = 0.9
# Characters beside an anchor that are each read at least this surely are what they look like: another's signature.
LEGIBLE = 0.6
LONG_NAME = 5
# Labels that ask for a signature and do not say whose.
# Sentences with a blank for the applicant's name, by what stands before and after it.
_BLANK = re.compile(
    r"(?:本人|兹证明|兹有|学生|授予|同意|聘任|聘请)(?P<name>[^，,。；;:：（(]{0,10}?)"
    r"(?=[，,（(]?(?:身份证|公民身份|证件号|性别|男[，,]|女[，,]|同志|老师|现申报|现申请|系我|一年来|本年度|郑重))"
)
_ANYBODY = frozenset({"签名", "签字", "签章", "Signature", "Signed"})
# Ink of a signature: at least this share of a square of the label's height. A speck, or a rule to sign on, is less.
LEAST_INK = 0.10
INK_DARKER_THAN_PAPER = 38
# Ink lower than this, in heights of the label's type, is a rule that leans.
LEAST_HEIGHT = 0.3
_ANSWERS = frozenset("男女汉无是否")


@dataclass(frozen=True, slots=True)
class SignaturePlace:
    """Where a signature is expected. ``quad``: in reading direction; ``own``: the applicant's, ``explicit`` where the
    label says so (承诺人, not 签名 alone). ``lines``: (index, first glyph that is not the label's) of lines that reach in,
    ``until``: the first glyph of its line behind it. ``signed``: the label asks for a signature, not for a name."""

    quad: Quad
    own: bool
    explicit: bool
    lines: tuple[tuple[int, int], ...]
    until: int | None = None
    signed: bool = False


def find_signature_places(lines: Sequence[Line]) -> list[SignaturePlace]:
    """One place for each label of a signature or of the applicant's name, from the label's end to the next sure text on its row,
    and one for each blank that a form leaves for the name (本人____，身份证号)."""
    layout = Layout(lines)
    places = []
    for index, line in enumerate(lines):
        if line.lattice is None:
            continue
        anchors = [
            a for a in find_anchors(line.lattice.text) if "作者" not in a.anchor.text and a.end <= len(line.lattice.glyphs)
        ]
        for at, match in enumerate(anchors):
            place = _beside(lines, layout, index, match, anchors[at + 1].start if at + 1 < len(anchors) else None)
            if place is not None:
                places.append(place)
        places += _blanks(index, line)
    return places


def _beside(
    lines: Sequence[Line], layout: Layout, index: int, match: AnchorMatch, next_start: int | None
) -> SignaturePlace | None:
    line = lines[index]
    lattice = line.lattice
    assert lattice is not None
    length, high = max(line.quad.length, 1.0), line.quad.thickness
    start = lattice.position(lattice.glyphs[match.end - 1].end)
    stop = start + REACH * high / length
    rest = [g for g in lattice.glyphs[match.end :] if not g.char.isspace()]
    touched = [(index, match.end)] if rest else []
    if match.anchor.kind == "name" and rest:
        stop = min(stop, max(1.0, start))
    if next_start is not None:
        stop = min(stop, lattice.position(lattice.glyphs[next_start].start))
    else:
        for neighbour in layout.following(index):
            if neighbour.wrapped or (match.anchor.kind == "name" and rest):
                continue
            other = lines[neighbour.index]
            text = other.lattice.text if other.lattice else ""
            begins = 1.0 + neighbour.gap * high / length
            if find_anchors(text) or is_label("".join(text.split()).rstrip(":：")):
                stop = min(stop, begins)
            elif begins < stop:
                touched.append((neighbour.index, 0))
                if match.anchor.kind == "name":
                    # A form's cell: the name is all of it, and the next cell is another matter.
                    stop = min(stop, begins + other.quad.length / length)
    if stop - start < 0.8 * high / length:
        return None
    own = match.anchor.own
    explicit = match.anchor.text not in _ANYBODY
    return SignaturePlace(
        _taller(line.quad.part(start, stop), RISE), own, explicit, tuple(touched), signed=match.anchor.kind == "signature"
    )


def _blanks(index: int, line: Line) -> list[SignaturePlace]:
    """Blanks in running text that are filled in by hand. What the reader makes of a hand may be one character or none."""
    lattice = line.lattice
    assert lattice is not None
    places = []
    for match in _BLANK.finditer(lattice.text):
        first, last = match.span("name")
        start = lattice.position(lattice.glyphs[first - 1].end)
        stop = lattice.position(lattice.glyphs[last].start)
        if (stop - start) * line.quad.length < 1.2 * EM_PER_HEIGHT * line.quad.thickness:
            continue
        shown = tuple([(index, first)] if last > first else [])
        places.append(SignaturePlace(_taller(line.quad.part(start, stop), RISE / 2), True, True, shown, until=last))
    return places


def reads_as_other(place: SignaturePlace, lines: Sequence[Line], legible: float) -> bool:
    """Whether what stands beside the label is Chinese of two characters or more, each read at least as surely as ``legible``."""
    for index, first in _lines_inside(place, lines):
        lattice = lines[index].lattice
        if lattice is None:
            continue
        shown = [g for g in lattice.glyphs[first : place.until] if is_han(g.char) and g.char not in "年月日"]
        sureness = [g.probability for g in shown]
        if [g.char for g in shown] == ["无"] or (len(shown) >= 2 and min(sureness) >= legible):
            return True
        # One blurred character of many does not hide what the others say.
        if len(shown) >= LONG_NAME and min(sureness) >= legible / 2 and float(np.median(sureness)) >= PRINTED:
            return True
    return False


def doubtful_lines(place: SignaturePlace, lines: Sequence[Line]) -> list[Line]:
    """Lines in the place that deserve another look: those of it alone, without the label."""
    return [lines[index] for index, first in _lines_inside(place, lines) if first == 0]


def _lines_inside(place: SignaturePlace, lines: Sequence[Line]) -> list[tuple[int, int]]:
    """Lines that start beside the label, and those of which a good part lies in the place, whichever row detection gave them."""
    box = place.quad.box
    found = dict(place.lines)
    for index, line in enumerate(lines):
        if line.quad.box.intersection_area(box) > 0.5 * line.quad.box.area:
            found.setdefault(index, 0)
    return sorted(found.items())


def measure_ink(pixels: Pixels, place: SignaturePlace, lines: Sequence[Line]) -> Box | None:
    """The box of ink in the place that no surely read line accounts for; None where there is none to speak of.

    Rules to sign on (long thin strokes along the place) and table borders are not ink.
    """
    height, width = pixels.shape[:2]
    x0, y0, x1, y1 = place.quad.box.clipped(width, height).pixels()
    if x1 - x0 < 4 or y1 - y0 < 4:
        return None
    region = pixels[y0:y1, x0:x1]
    ink = _ink(region)
    for line in lines:
        if line.confidence >= PRINTED and line.lattice is not None and _accounts_for_ink(line.lattice.text.strip()):
            points = np.round(line.quad.array() - (x0, y0)).astype(np.int32)
            cv2.fillPoly(ink, [points], 0)
    unit = min(place.quad.thickness / (1 + 2 * RISE), min(ink.shape))
    long_x = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, max(3, int(1.6 * unit))), np.uint8))
    long_y = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((max(3, int(1.6 * unit)), 1), np.uint8))
    rules = cv2.max(cv2.dilate(long_x, np.ones((3, 1), np.uint8)), cv2.dilate(long_y, np.ones((1, 3), np.uint8)))
    ink[rules > 0] = 0
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    kept = [i for i in range(1, count) if stats[i, cv2.CC_STAT_AREA] >= max(4.0, 0.004 * unit * unit)]
    if sum(int(stats[i, cv2.CC_STAT_AREA]) for i in kept) < LEAST_INK * unit * unit:
        return None
    ys, xs = np.nonzero(np.isin(labels, kept))
    if min(np.ptp(ys), np.ptp(xs)) < LEAST_HEIGHT * unit:
        return None
    return Box(x0 + float(xs.min()), y0 + float(ys.min()), x0 + float(xs.max()) + 1, y0 + float(ys.max()) + 1)


def _accounts_for_ink(text: str) -> bool:
    """One character that is read surely may be a whole signature; not the answers of a form's next row."""
    return len(text) > 1 or text in _ANSWERS


def _ink(region: Pixels) -> NDArray[np.uint8]:
    """1 where darker than the paper around by a clear step; the paper is what is brightest nearby, so shadows do not count.

    Seen on the red channel: a seal over the place is not a signature (name seals are looked for on their own).
    """
    grey = np.ascontiguousarray(region[:, :, 0])
    size = max(15, (min(grey.shape) // 2) | 1)
    paper = cv2.dilate(cv2.medianBlur(grey, 5), np.ones((size, size), np.uint8))
    paper = cv2.blur(paper, (size, size))
    return np.asarray((paper.astype(np.int16) - grey > INK_DARKER_THAN_PAPER), dtype=np.uint8)


def _taller(quad: Quad, rise: float) -> Quad:
    a, b, c, d = quad.array()
    return Quad.from_array(np.array([a + (a - d) * rise, b + (b - c) * rise, c + (c - b) * rise, d + (d - a) * rise]))

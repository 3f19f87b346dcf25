"""Words in forms beside which a name or a signature stands: 承诺人：, 本人签字：, 姓名."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from redact.names.name import fold
from redact.names.tables import read_table

Kind = Literal["signature", "name"]


@dataclass(frozen=True, slots=True)
class Anchor:
    """``own``: what is expected here is the applicant's own; otherwise an official's."""

    text: str
    own: bool
    kind: Kind = "signature"


@dataclass(frozen=True, slots=True)
class AnchorMatch:
    """``text[start:end]`` is the whole label, with its 签名 and colon: what is signed begins at ``end``."""

    start: int
    end: int
    anchor: Anchor


def _load() -> Iterator[Anchor]:
    table = read_table("anchors")
    for section, own, kind in _SECTIONS:
        yield from (Anchor(text, own, kind) for text in table[section])


_SECTIONS: tuple[tuple[str, bool, Kind], ...] = (
    ("own signature", True, "signature"),
    ("bare signature", True, "signature"),
    ("other signature", False, "signature"),
    ("own name", True, "name"),
    ("other name", False, "name"),
)
ANCHORS: tuple[Anchor, ...] = tuple(_load())
_BY_TEXT = {anchor.text.casefold(): anchor for anchor in ANCHORS}
_BARE_TEXTS = frozenset(text.casefold() for text in (*read_table("anchors")["bare signature"], "姓名", "名字", "Name"))

_SIGN = (
    r"(?:亲笔|手写|本人)?(?:签名|签字|签章|盖章|手签|签署|印章|章)"
    r"(?:(?:或|/|、|并|及)?(?:签名|签字|盖章|签章|手印))?(?:处|栏)?"
)
_LABEL = re.compile(
    "(?P<role>" + "|".join(re.escape(t) for t in sorted(_BY_TEXT, key=len, reverse=True)) + ")"
    rf"(?P<note>[(](?!{_SIGN})[^()]{{1,8}}[)]|[)])?(?P<sign>[(]{_SIGN}[^()]{{0,8}}[)]|{_SIGN}[)]?)?(?P<colon>[:_]+)?"
)
# What follows a label that has no colon: a date, a rule to sign on, or no more than a name and what follows names.
_SIGNED = re.compile(r"(?:[\u3400-\u9fff·]{2,4}?)?(?:$|[\d_()/:,;]|年|日期|签|性别|民族|出生)|[\u3400-\u9fff]{1,8}·")
_PROSE = re.compile(r"[应须需必可不将已未在所对是为的并后前与和或及以签提填负进证单方资信情意身承本职同]")
# 个人, 学生, 主任 begin many words; 承诺人, 申报者, 姓名 stand as labels.
_ROLE_ENDINGS = ("人", "者", "名", "签字", "签章", "signed", "signature", "name")
_COMMON_NOUNS = frozenset({"本人", "个人", "作者", "劳动者"})


def find_anchors(text: str) -> tuple[AnchorMatch, ...]:
    """Labels in one line of text, in order; spaces inside them do not count, half and full width are alike.

    A word counts as a label only before a colon, a rule, a gap, the end of the line, a date, or what looks like the
    signature itself: not in 申请人应当如实填写. Where labels overlap the longest wins. 签名 and 姓名 alone are the
    applicant's, unless the last role before them in the line is an official's.
    """
    places = [i for i, c in enumerate(text) if not c.isspace()]
    solid = "".join(low if len(low := c.lower()) == 1 else c for c in fold("".join(text[i] for i in places)))
    matches: list[AnchorMatch] = []
    at, role_is_own = 0, True
    while found := _LABEL.search(solid, at):
        anchor = _BY_TEXT[found["role"]]
        bare = found["role"] in _BARE_TEXTS
        if not bare:
            role_is_own = anchor.own
        start, end = places[found.start()], places[found.end() - 1] + 1
        if _is_label(found, solid, gap_before=text[:start][-1:].isspace(), gap_after=text[end : end + 1].isspace()):
            own = anchor.own and (role_is_own or not bare)
            matches.append(AnchorMatch(start, end, Anchor(anchor.text, own, anchor.kind)))
            at = found.end()
        else:
            at = found.end("role")
    return tuple(matches)


def _is_label(found: re.Match[str], solid: str, *, gap_before: bool, gap_after: bool) -> bool:
    role, before, rest = found["role"], solid[: found.start()][-1:], solid[found.end() :]
    if role.isascii() and ((before.isascii() and before.isalpha()) or (rest[:1].isascii() and rest[:1].isalpha())):
        return False
    if found["colon"]:
        return True
    if _PROSE.match(rest):
        return False
    if found["sign"]:
        return len(rest) <= 12
    noun = role in _COMMON_NOUNS or not role.endswith(_ROLE_ENDINGS)
    if not rest:
        return not noun and (gap_before or not before.isalnum())
    if gap_after and not noun:
        return True
    return (gap_after or not noun) and _SIGNED.match(rest) is not None

"""The name that is searched for, cleaned of the accidents of how it was typed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache

from redact.errors import InvalidName

# What stands for the dot of a minority name in rosters, prints and OCR output. The first is the one we keep.
DOTS = "·•・･∙⋅.．‧᛫●⸱ꞏ"
MAX_LENGTH = 60

_HAN = "〇㐀-䶿一-鿿豈-\ufaff𠀀-𳑿"
_DOT_IN_HAN = re.compile(rf"(?<=[{_HAN}])\s*[{DOTS}][\s{DOTS}]*(?=[{_HAN}])")
_SPACE_IN_HAN = re.compile(rf"(?<=[{_HAN}]) (?=[{_HAN}])")

# PDF text layers carry these for the plain characters; NFKC leaves most of the block alone.
_RADICALS = dict(
    zip(
        "⺟⺠⺨⺮⺼⻁⻄⻅⻆⻉⻋⻓⻔⻘⻙⻚⻛⻜⻝⻢⻤⻥⻦⻧⻨⻩⻬⻮⻰⻳",
        "母民犬竹肉虎西见角贝车长门青韦页风飞食马鬼鱼鸟卤麦黄齐齿龙龟",
        strict=True,
    )
)


@dataclass(frozen=True, slots=True)
class Name:
    """One person's name. Han characters stand without spaces, parts of a minority name are joined by ``·``.

    Make it with :meth:`parse`.
    """

    text: str = field(repr=False)
    aliases: tuple[str, ...] = field(default=(), repr=False)

    @classmethod
    def parse(cls, text: str, aliases: Iterable[str] = ()) -> Name:
        """Blank aliases, and those that repeat the name, are dropped.

        Raises:
            InvalidName: a name or alias of fewer than two characters (dots and spaces not counted), without letters,
                or longer than 60.
        """
        name = _clean(text)
        others = dict.fromkeys(_clean(a) for a in aliases if a.strip())
        others.pop(name, None)
        return cls(name, tuple(others))


@cache
def _folding() -> dict[int, str]:
    """Compatibility forms that stand for one other character: full width, Kangxi radicals, compatibility ideographs."""
    table: dict[int, str] = {}
    for code in (*range(0xA0, 0xD800), *range(0xF900, 0x10000), *range(0x2F800, 0x2FA20)):
        normal = unicodedata.normalize("NFKC", chr(code))
        if len(normal) == 1 and normal != chr(code):
            table[code] = normal
    table.update({ord(c): plain for c, plain in _RADICALS.items()})
    return table


def fold(text: str) -> str:
    """``text`` with compatibility forms replaced one for one, so that positions stay what they were."""
    return text.translate(_folding())


def is_han(char: str) -> bool:
    """Whether ``char`` is a Chinese character (the ideographic zero included)."""
    return re.fullmatch(f"[{_HAN}]", char) is not None


def is_latin(char: str) -> bool:
    """Whether ``char`` is a letter of the Latin script, with or without marks."""
    char = fold(char)
    return char.isalpha() and (char < "\u0250" or char in "ɑɡ" or "\u1e00" <= char <= "\u1eff")


def _clean(text: str) -> str:
    visible = "".join(c for c in fold(text) if c.isspace() or unicodedata.category(c) not in ("Cf", "Cc"))
    clean = " ".join(unicodedata.normalize("NFC", visible).split())
    clean = _DOT_IN_HAN.sub("·", clean)
    # A roster pads names with spaces to line them up (张　三), or has a space for the dot of a long minority name.
    parts = clean.split(" ")
    long_parts = len(clean) > 5 and all(len(p) > 1 for p in parts)
    clean = _SPACE_IN_HAN.sub("·" if long_parts else "", clean).strip(" ·•、,;")
    solid = [c for c in clean if c != " " and c not in DOTS]
    if len(solid) < 2 or len(clean) > MAX_LENGTH or not any(c.isalpha() for c in solid):
        raise InvalidName("a name has 2 to 60 characters, letters among them")
    return clean

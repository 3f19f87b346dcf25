"""Keeping the applicant's name out of paths: uploads are often called 姓名_身份证号_材料名.

A path is compared with the name after folding both: width, case, tones and accents, traditional characters, and
whatever stands between two characters (spaces, dots, underscores, digits). It is better to hide too much here than too
little: ``source_sha256`` tells which file was meant.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice, product
from pathlib import PurePath

HIDDEN = "***"

# Shorter Latin spellings stand inside ordinary words (mali in "normalise"), so they count only as a word of their own.
_SHORTEST_ANYWHERE = 5
_SHORTEST_SPELLING = 3
_MOST_READINGS = 64  # of a name with many polyphones

_SUFFIX = re.compile(r"\.(jpe?g?|jfif|a?png|tiff?|bmp|dib|webp|gif|hei[cf]|hif|avif|pdf|ofd|docx?|wps|odt|rtf)", re.IGNORECASE)
# Windows keeps these for devices, with any extension.
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_LONGEST_STEM_BYTES = 180  # file systems stop at 255; a suffix, "-12" and ".report.json" come after it


def find_secrets(name: str, aliases: Iterable[str] = ()) -> tuple[str, ...]:
    """Spellings of a name as file names have them: as given, each part of a minority name, pinyin in both orders (the
    readings of polyphones too), surname with initials."""
    found: dict[str, None] = {}
    for given in (name, *aliases):
        found[given] = None
        parts = [p for p in re.split(r"[\s·•・･∙⋅.．]+", given) if p]
        if _is_latin(given):
            spelled = ["".join(reversed(parts)), "".join([*parts[1:], *parts[:1]])]
        elif len(parts) > 1:
            readings = [r for p in parts for r in islice(_read_pinyin(p), 1)]
            spelled = [p for p in parts if len(p) > 1]
            spelled += ["".join(s for r in order for s in r) for order in (readings, readings[::-1])]
        else:
            spelled = [s for syllables in _read_pinyin(given) for s in _spell(syllables)]
        found.update(dict.fromkeys(spelled))
    return tuple(s for s in found if s.strip())


def hide_name(path: str, secrets: Sequence[str]) -> str:
    """``path`` with ``***`` wherever one of ``secrets`` stands in one of its components; separators stay."""
    return "".join(
        component if component in ("/", "\\") else _replace(component, secrets, HIDDEN)
        for component in re.split(r"([/\\])", path)
    )


def safe_name(path: str | PurePath, secrets: Sequence[str], *, content_sha256: str = "") -> str:
    """A file name for an output made from ``path``: its last component without the name, fit for any file system.

    Where little but the name was there, the first 12 digits of ``content_sha256`` take its place (the digest of the
    file's bytes: a digest of the name could be guessed back).
    """
    last = re.split(r"[/\\]", str(path).rstrip("/\\"))[-1]
    stem, suffix = split_suffix(unicodedata.normalize("NFC", last))
    hidden = _replace(stem, secrets, "_")
    kept = "".join(c if c.isprintable() and c not in '<>:"|?*' and not _is_surrogate(c) else "_" for c in hidden)
    if kept != stem:
        kept = re.sub(r"(?<=_)[\s_\-]+|[\s\-]+(?=_)", "", kept)
        kept = kept.strip("_")
    kept = kept.encode()[:_LONGEST_STEM_BYTES].decode(errors="ignore").strip(" .")
    if not any(c.isalnum() for c in kept):
        kept = content_sha256[:12] or "attachment"
    if kept.startswith("-") or _RESERVED.fullmatch(kept):
        kept = f"_{kept}"
    return kept + suffix


def split_suffix(file_name: str) -> tuple[str, str]:
    """Stem and suffix; what is no suffix of a picture or PDF belongs to the stem (``证.张三`` has none)."""
    suffix = PurePath(file_name).suffix
    suffix = suffix if _SUFFIX.fullmatch(suffix) else ""
    return file_name.removesuffix(suffix), suffix


def _read_pinyin(han: str) -> Iterator[tuple[str, ...]]:
    """Readings of ``han``, a syllable for each character; none where a character has no reading."""
    from pypinyin import Style, pinyin

    choices: list[list[str]] = pinyin(han, style=Style.NORMAL, heteronym=True, errors="ignore", v_to_u=True)
    if len(choices) != len(han):
        return
    for syllables in islice(product(*choices), _MOST_READINGS):
        # lü is written lu, lv or lyu.
        for u in ("u", "v", "yu") if any("ü" in s for s in syllables) else ("u",):
            yield tuple(s.replace("ü", u) for s in syllables)


def _spell(syllables: Sequence[str]) -> Iterator[str]:
    for surname_length in (1, 2) if len(syllables) > 2 else (1,):
        surname, given = "".join(syllables[:surname_length]), syllables[surname_length:]
        initials = "".join(s[0] for s in given)
        yield surname + "".join(given)
        yield "".join(given) + surname
        # Shorter ones are common words: map, lin, fan.
        yield from (s for s in (surname + initials, initials + surname) if len(s) >= _SHORTEST_ANYWHERE)


def _replace(text: str, secrets: Sequence[str], mark: str) -> str:
    """``text`` with ``mark`` for every stretch that folds to a secret. Again until none is left: taking one occurrence
    out can bring the halves of another together."""
    wanted = sorted({f for s in secrets if (f := "".join(c for c, _ in _fold(s)))}, key=len, reverse=True)
    while True:
        covered = _find(text, wanted)
        if not any(covered):
            return text
        out: list[str] = []
        for i, char in enumerate(text):
            if not covered[i]:
                out.append(char)
            elif i == 0 or not covered[i - 1]:
                out.append(mark)
        text = "".join(out)


def _find(text: str, wanted: Sequence[str]) -> list[bool]:
    folded = _fold(text)
    letters = "".join(c for c, _ in folded)
    covered = [False] * len(text)
    for secret in wanted:
        latin = secret.isascii()
        if len(secret) < (_SHORTEST_SPELLING if latin else 2):
            continue
        at = letters.find(secret)
        while at >= 0:
            first, last = folded[at][1], folded[at + len(secret) - 1][1]
            while last + 1 < len(text) and unicodedata.combining(text[last + 1]):
                last += 1
            if not latin or len(secret) >= _SHORTEST_ANYWHERE or _stands_alone(text, first, last):
                covered[first : last + 1] = [True] * (last + 1 - first)
            at = letters.find(secret, at + 1)
    return covered


def _stands_alone(text: str, first: int, last: int) -> bool:
    """Whether no Latin word runs on over the ends of ``text[first:last + 1]``; a capital begins a word (MaLiScan)."""
    before, after = text[first - 1 : first], text[last + 1 : last + 2]
    starts = not _is_letter(before) or (text[first].isupper() and before.islower())
    ends = not _is_letter(after) or (after.isupper() and text[last].islower())
    return starts and ends


def _fold(text: str) -> list[tuple[str, int]]:
    """The letters of ``text`` with their index in it; marks, digits and what separates are left out."""
    return [(c, i) for i, char in enumerate(text) for c in _fold_char(char)]


@lru_cache(maxsize=4096)
def _fold_char(char: str) -> str:
    plain = unicodedata.normalize("NFKD", char).casefold()
    return "".join(_simplified(c) for c in plain if c.isalpha())


def _simplified(char: str) -> str:
    return char if char.isascii() else _simplify()(char)


@lru_cache(maxsize=1)
def _simplify() -> Callable[[str], str]:
    from opencc import OpenCC

    convert: Callable[[str], str] = OpenCC("t2s").convert
    return convert


def _is_latin(text: str) -> bool:
    return "".join(c for c, _ in _fold(text)).isascii()


def _is_letter(char: str) -> bool:
    return bool(char) and _fold_char(char).isascii() and _fold_char(char) != ""


def _is_surrogate(char: str) -> bool:
    return "\ud800" <= char <= "\udfff"

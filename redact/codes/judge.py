"""What a page's codes say about the person whose name is known."""

from __future__ import annotations

import base64
import binascii
import quopri
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

import numpy as np

from redact.codes.scan import Code
from redact.geometry import Quad
from redact.names.decodings import decodings
from redact.names.spellings import Spelling
from redact.names.text_search import find_in_text
from redact.values import CODE_RULE, Hit, Issue, Reason, Severity

# Modules at the edge are covered whole, and the ringing that JPEG leaves of them.
_PAD_PX = 8.0
# Registers that lead to one person have longer numbers: students 8 digits and more, certificates 10, identity cards 18.
_HARMLESS_DIGITS = 6
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{8,}={0,2}")
# Layers of wrapping that are taken off: base64 in a percent form in an address, and one more.
_DEPTH = 3


@dataclass(frozen=True, slots=True)
class PageCodes:
    """``hits``: codes that hold the name (sure), and codes that a person must judge (not sure, so that their masks are a
    proposal). ``issues`` and ``reasons``: one for each that a person must judge."""

    hits: tuple[Hit, ...] = ()
    issues: tuple[Issue, ...] = ()
    reasons: tuple[Reason, ...] = ()


def judge_codes(codes: Sequence[Code], spellings: Sequence[Spelling], page_index: int) -> PageCodes:
    """Each code holds the name, or is harmless, or is for a person.

    It *holds the name* where its content does, in a spelling that is sure: in UTF-8, GB 18030 or UTF-16, percent, hex,
    quoted-printable or base64 form, in a vCard or MECARD as well.

    It is *harmless* where it cannot lead to anybody: EAN and UPC codes, which number products (an ISBN or ISSN says which book
    this is, to everybody), and at most six digits, such as the number of a form or of a page.

    Everything else is for a person: an address (the verification pages of certificates, such as 学信网's, show the name to
    whoever follows it), a longer number (identity card, certificate, student), content that means nothing here, and a code that
    is seen but cannot be decoded: another program may do better.

    A mask is proposed for what a person must judge: leaving the code is the decision that cannot be taken back.
    """
    sure = tuple(s for s in spellings if s.sure)
    hits, issues, reasons = [], [], []
    for code in codes:
        if code.content is not None and _holds(code.content, code.text, sure):
            hits.append(Hit((_grow(code.quad),), 0.0, CODE_RULE))
        elif not _is_harmless(code):
            told = "machine_code" if code.content is not None else "machine_code_unread"
            hits.append(Hit((_grow(code.quad),), 0.0, CODE_RULE, sure=False, reason=told))
            issues.append(Issue("machine_code", Severity.WARN, page_index, code.quad.box))
            reasons.append(Reason(told, code.quad.box))
    return PageCodes(tuple(hits), tuple(issues), tuple(reasons))


def _holds(content: bytes, text: str, spellings: Sequence[Spelling]) -> bool:
    if find_in_text(text, spellings):
        return True
    return any(find_in_text(said, spellings) for raw in _unwrap(content, _DEPTH) for said in decodings(raw))


def _unwrap(raw: bytes, depth: int) -> Iterator[bytes]:
    """``raw`` itself, and what it is once percent signs, quoted-printable and base64 are taken off, one inside the other."""
    yield raw
    if depth == 0:
        return
    plain = raw.decode("latin-1")
    inside = {unquote_to_bytes(plain)} if "%" in plain else set()
    if b"=" in raw:
        inside.add(quopri.decodestring(raw))
    for run in _BASE64.findall(plain):
        inside |= _decode_base64(run)
    for other in inside - {raw, b""}:
        yield from _unwrap(other, depth - 1)


def _decode_base64(run: str) -> set[bytes]:
    """Plain and URL-safe, padded or not. A run after a slash may begin with the path, so its last part is tried as well."""
    found = set()
    for part in {run, run.rpartition("/")[2]}:
        bare = part.rstrip("=").replace("-", "+").replace("_", "/")
        try:
            found.add(base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True))
        except (binascii.Error, ValueError):
            continue  # not base64 after all: read as it stands
    return found


def _is_harmless(code: Code) -> bool:
    if code.content is None:
        return False
    digits = code.text.strip()
    return code.kind == "retail" or (len(digits) <= _HARMLESS_DIGITS and all(c in "0123456789" for c in digits))


def _grow(quad: Quad) -> Quad:
    """Outwards by the padding, along both of its directions."""
    a, b, c, d = quad.array()
    along, across = (b - a) * (_PAD_PX / max(quad.length, 1.0)), (d - a) * (_PAD_PX / max(quad.thickness, 1.0))
    return Quad.from_array(np.array([a - along - across, b + along - across, c + along + across, d - along + across]))

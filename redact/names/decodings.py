"""What bytes may say: the texts that they are in the encodings which metadata, streams and machine codes use."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

_ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "gb18030")


def decodings(part: bytes) -> Iterator[str]:
    """``part`` as UTF-8, UTF-16 and GB 18030, and what hex digits and percent signs in it stand for; some of it is noise."""
    for encoding in _ENCODINGS:
        yield part.decode(encoding, "replace")
        if encoding.startswith("utf-16") and len(part) > 1:
            yield part[1:].decode(encoding, "replace")
    # Hex and percent forms are ASCII, and stand among ASCII.
    ascii_text = part.decode("latin-1")
    for run in _hex_runs(ascii_text):
        raw = binascii.unhexlify(run)
        for encoding in _ENCODINGS:
            yield raw.decode(encoding, "replace")
    if "%" in ascii_text:
        raw = unquote_to_bytes(ascii_text)
        yield raw.decode("utf-8", "replace")
        yield raw.decode("gb18030", "replace")


def _hex_runs(text: str) -> Iterator[str]:
    for match in re.finditer(r"[0-9A-Fa-f][0-9A-Fa-f\s]{7,}", text):
        run = "".join(match.group().split())
        yield run[: len(run) // 2 * 2]

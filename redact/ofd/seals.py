"""The picture of an electronic seal, out of the ASN.1 that it is signed in (GB/T 38540-2020, GM/T 0031-2014)."""

from __future__ import annotations

from collections.abc import Iterator

_TYPES = frozenset({b"png", b"jpg", b"jpeg", b"bmp", b"gif", b"ofd"})
_IA5STRING, _UTF8STRING, _OCTETSTRING, _CONSTRUCTED = 0x16, 0x0C, 0x04, 0x20
_DEEPEST = 24


def find_picture(signed: bytes) -> tuple[str, bytes] | None:
    """Kind and bytes of the first picture: SES_ESPictureInfo is a kind (IA5String) followed by data (OCTET STRING).

    Seals lie in signatures as OCTET STRINGs of their own, so those are looked into as well.
    """
    return next(_walk(signed, 0), None)


def _walk(data: bytes, depth: int) -> Iterator[tuple[str, bytes]]:
    if depth > _DEEPEST:
        return
    kind: str | None = None
    for tag, value in _read(data):
        if tag == _OCTETSTRING and kind is not None:
            yield kind, value
        kind = None
        if tag in (_IA5STRING, _UTF8STRING) and value.strip().lower() in _TYPES:
            kind = value.strip().lower().decode("ascii")
        elif tag & _CONSTRUCTED or (tag == _OCTETSTRING and value[:1] == b"\x30"):
            yield from _walk(value, depth + 1)


def _read(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Tag and value of each element (X.690, 8.1); ends where the bytes are no more such."""
    at = 0
    while at + 2 <= len(data):
        tag, length = data[at], data[at + 1]
        at += 2
        if length & 0x80:
            count = length & 0x7F
            if not 0 < count <= 4:
                return
            length = int.from_bytes(data[at : at + count], "big")
            at += count
        if at + length > len(data):
            return
        yield tag, data[at : at + length]
        at += length

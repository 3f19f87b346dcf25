"""What an attachment is, from its first bytes; file names are only compared with it afterwards."""

from __future__ import annotations

import codecs
from pathlib import PurePath

from redact.errors import Empty, Encrypted, Unopenable, WrongType
from redact.intake.zip_kinds import name_zip
from redact.values import Issue, MediaType, Severity

_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"})

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

# Kinds that people do upload by mistake; naming them gives a better advice than "cannot be opened".
_NOT_TAKEN: tuple[tuple[int, bytes, str], ...] = (
    (0, b"PK\x05\x06", "zip"),
    (0, _OLE, "ole"),  # xls, ppt, msg
    (0, b"Rar!\x1a\x07", "rar"),
    (0, b"7z\xbc\xaf\x27\x1c", "7z"),
    (0, b"\x1f\x8b", "gzip"),
    (0, b"BZh", "bzip2"),
    (0, b"\xfd7zXZ\x00", "xz"),
    (0, b"8BPS", "psd"),
    (0, b"\x00\x00\x01\x00", "ico"),
    (0, b"\x00\x00\x00\x0cjP  ", "jpeg2000"),
    (0, b"\xff\x4f\xff\x51", "jpeg2000"),
    (0, b"\x00\x00\x00\x0cJXL ", "jpeg-xl"),
    (0, b"\xff\x0a", "jpeg-xl"),
    (0, b"AT&TFORM", "djvu"),
    (0, b"%!PS", "postscript"),
    (0, b"\xd7\xcd\xc6\x9a", "wmf"),
    (0, b"OggS", "ogg"),
    (0, b"ID3", "mp3"),
    (0, b"fLaC", "flac"),
    (0, b"\x1a\x45\xdf\xa3", "matroska"),
    (0, b"MZ", "executable"),
    (0, b"\x7fELF", "executable"),
    (0, b"SQLite format 3\x00", "sqlite"),
    (8, b"WAVE", "wav"),
    (8, b"AVI ", "avi"),
)

_SUFFIXES: dict[str, MediaType | None] = {
    **dict.fromkeys((".jpg", ".jpeg", ".jpe", ".jfif"), MediaType.JPEG),
    **dict.fromkeys((".png", ".apng"), MediaType.PNG),
    **dict.fromkeys((".tif", ".tiff"), MediaType.TIFF),
    **dict.fromkeys((".bmp", ".dib"), MediaType.BMP),
    ".webp": MediaType.WEBP,
    ".gif": MediaType.GIF,
    **dict.fromkeys((".heic", ".heif", ".hif"), MediaType.HEIC),
    ".pdf": MediaType.PDF,
    ".ofd": MediaType.OFD,
    ".docx": MediaType.DOCX,
    **dict.fromkeys((".doc", ".wps"), MediaType.DOC),
    ".odt": MediaType.ODT,
    ".rtf": MediaType.RTF,
    **dict.fromkeys((".xls", ".xlsx", ".ppt", ".pptx", ".txt", ".csv"), None),
    **dict.fromkeys((".zip", ".rar", ".7z", ".gz", ".html", ".htm", ".xml", ".mp4", ".mov", ".psd", ".avif"), None),
}


def sniff(content: bytes) -> MediaType:
    """The kind of file, from magic bytes and a container's directory; nothing is decoded.

    Raises:
        Empty: there are no bytes.
        Encrypted: an office document with a password.
        WrongType: a kind that is known and not taken (office documents, archives, text, video ...).
        Unopenable: no kind that is known.
    """
    if not content:
        raise Empty("no bytes")
    if (kind := _sniff_taken(content)) is not None:
        return kind
    if content.startswith(b"PK\x03\x04"):
        kind_of_zip = name_zip(content)
        if isinstance(kind_of_zip, MediaType):
            return kind_of_zip
        raise WrongType(kind_of_zip)
    # A DOCX or XLSX with a password lies in an OLE file (MS-OFFCRYPTO 1.3.1).
    if content.startswith(_OLE) and "EncryptedPackage".encode("utf-16-le") in content:
        raise Encrypted("office document")
    if (other := _sniff_not_taken(content)) is not None:
        raise WrongType(other)
    raise Unopenable("no known kind of file")


def check_suffix(path: PurePath, kind: MediaType) -> tuple[Issue, ...]:
    """A warning where the extension promises another kind; an extension that says nothing is no fault."""
    promised = _SUFFIXES.get(path.suffix.lower(), kind)
    return () if promised is kind else (Issue("wrong_type", Severity.WARN),)


def _sniff_taken(content: bytes) -> MediaType | None:
    head = content[:32]
    if head.startswith(b"\xff\xd8\xff"):
        return MediaType.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return MediaType.PNG
    if head[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        return MediaType.TIFF
    if head.startswith((b"GIF87a", b"GIF89a")):
        return MediaType.GIF
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return MediaType.WEBP
    if head[4:8] == b"ftyp" and _heic_brands(content):
        return MediaType.HEIC
    # "BM" alone would take text that begins with BM: the size of the info header makes it sure.
    if head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in (12, 16, 40, 52, 56, 64, 108, 124):
        return MediaType.BMP
    # ISO 32000-1 H.3.4.1: readers take a header anywhere in the first 1024 bytes.
    if b"%PDF-" in content[:1029] and not head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return MediaType.PDF
    if head.startswith(b"{\\rtf"):
        return MediaType.RTF
    # Word's and WPS Writer's main stream; names in an OLE directory are UTF-16 (MS-CFB 2.6.1).
    if head.startswith(_OLE) and "WordDocument".encode("utf-16-le") in content:
        return MediaType.DOC
    return None


def _heic_brands(content: bytes) -> bool:
    """The major brand, or a compatible one, is HEVC's; AVIF also lists ``mif1`` and is not meant."""
    length = min(int.from_bytes(content[:4], "big"), 256)
    major, others = content[8:12], {content[i : i + 4] for i in range(16, length, 4)}
    brands = {major, *others}
    return bool(brands & _HEIC_BRANDS) and not brands & {b"avif", b"avis"}


def _sniff_not_taken(content: bytes) -> str | None:
    for offset, magic, name in _NOT_TAKEN:
        if content.startswith(magic, offset):
            return name
    if content[4:8] == b"ftyp":
        return "iso-media"
    return "text" if _is_text(content[:4096]) else None


def _is_text(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    for encoding in ("utf-8", "gb18030"):
        try:
            # Not final: the cut at 4096 may fall inside a character.
            text = codecs.getincrementaldecoder(encoding)().decode(head, final=False)
        except UnicodeDecodeError:
            continue
        odd = sum(c < " " and c not in "\t\n\r\f\x1b" for c in text)
        if odd == 0 and text.strip():
            return True
    return False

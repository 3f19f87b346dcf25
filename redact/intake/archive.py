"""ZIP archives as folders of attachments. Nothing is written to disk, so that no member can be placed anywhere."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from redact.errors import AttachmentError, Empty, TooLarge, Truncated, Unopenable, WrongType
from redact.intake.attachment import read_content
from redact.intake.zip_kinds import name_zip
from redact.options import IntakeLimits
from redact.zips import has_directory, open_zip, unpack

_LIMITS = IntakeLimits()
_FREE_BYTES = 1 << 20  # blank pictures compress well
# What systems add to archives by themselves.
_CLUTTER = re.compile(r"(^|/)(__MACOSX/|\._|\.DS_Store$|Thumbs\.db$|desktop\.ini$|~\$)", re.IGNORECASE)
_UTF8_FLAG = 0x800
_UNICODE_PATH = 0x7075


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive. ``path``: for people and for the outputs' folders, ``/`` between its parts, never leading out
    (``inner.zip/a.jpg`` for one of an archive inside). Either ``content`` or ``error`` is there."""

    path: str = field(repr=False)
    content: bytes | None = field(default=None, repr=False)
    error: AttachmentError | None = None


def is_archive(content: bytes) -> bool:
    """Whether these are the bytes of a ZIP of files; a DOCX or OFD is a document."""
    return content.startswith((b"PK\x03\x04", b"PK\x05\x06")) and name_zip(content) == "zip"


def expand(source: Path | str | bytes, limits: IntakeLimits = _LIMITS) -> Iterator[Member]:
    """The files in a ZIP archive, in its order, archives inside it opened too; one is in memory at a time.

    A member that cannot be unpacked is given with its error, so that none is missing silently. Names without the UTF-8 flag
    are GBK where they can be (Windows in China), else what the ZIP standard says. Folders, links to other files and what
    systems add by themselves (``__MACOSX``, ``Thumbs.db``) are left out.

    Raises:
        NotAFile: see :func:`redact.intake.open_attachment`.
        WrongType: not a ZIP archive.
        Unopenable, Truncated, Empty, TooLarge: the archive itself is damaged, has no files, or too many.
    """
    content = read_content(source, limits)
    if not is_archive(content):
        raise WrongType("no archive of files")
    yield from _Expansion(limits).expand(content, "", 1)


class _Expansion:
    """Counts what one archive takes, with all that is inside it."""

    def __init__(self, limits: IntakeLimits) -> None:
        self._limits = limits
        self._members = 0
        self._bytes = 0

    def expand(self, content: bytes, prefix: str, depth: int) -> Iterator[Member]:
        archive = open_zip(content)
        if archive is None:
            raise Unopenable("archive") if has_directory(content) else Truncated("no directory at the archive's end")
        with archive:
            entries = [entry for entry in archive.infolist() if _is_file(entry)]
            if not entries:
                raise Empty("no files in the archive")
            self._members += len(entries)
            if self._members > self._limits.max_members:
                raise TooLarge("files in an archive")
            for entry in entries:
                yield from self._open(archive, entry, prefix, depth)

    def _open(self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, prefix: str, depth: int) -> Iterator[Member]:
        path = prefix + clean_path(read_name(entry))
        try:
            content = self._unpack(archive, entry)
            if not is_archive(content):
                yield Member(path, content)
                return
            if depth >= self._limits.max_depth:
                raise TooLarge("archives inside archives")
            yield from self.expand(content, path + "/", depth + 1)
        except AttachmentError as error:
            yield Member(path, error=error)

    def _unpack(self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
        by_ratio = _FREE_BYTES + self._limits.max_member_ratio * entry.compress_size
        content = unpack(archive, entry, min(self._limits.max_bytes, by_ratio, self._limits.max_unpacked_bytes - self._bytes))
        self._bytes += len(content)
        return content


def read_name(entry: zipfile.ZipInfo) -> str:
    """The member's path as the archive's maker wrote it."""
    if entry.flag_bits & _UTF8_FLAG:
        return entry.filename
    # Python decodes names without the flag as code page 437, and puts / for the separator of its own system.
    raw = entry.orig_filename.encode("cp437", "replace")
    stated = _unicode_path(entry.extra, raw)
    if stated is not None:
        return stated
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return entry.filename


def _unicode_path(extra: bytes, raw: bytes) -> str | None:
    """The Info-ZIP Unicode Path field (APPNOTE 4.6.9), where it belongs to this name."""
    at = 0
    while at + 4 <= len(extra):
        kind, size = int.from_bytes(extra[at : at + 2], "little"), int.from_bytes(extra[at + 2 : at + 4], "little")
        body = extra[at + 4 : at + 4 + size]
        if kind == _UNICODE_PATH and len(body) > 5 and body[0] == 1 and int.from_bytes(body[1:5], "little") == zlib.crc32(raw):
            return body[5:].decode("utf-8", "replace")
        at += 4 + size
    return None


def clean_path(path: str) -> str:
    """Only names of folders and a file, ``/`` between them: no drive, no ``..``, nothing absolute, no control characters."""
    parts = re.split(r"[/\\]+", path)
    kept = ["".join(c if c.isprintable() else "_" for c in part).strip() for part in parts]
    kept = [part for part in kept if part not in ("", ".", "..") and not re.fullmatch(r"[A-Za-z]:", part)]
    return "/".join(kept[-8:]) or "unnamed"


def _is_file(entry: zipfile.ZipInfo) -> bool:
    link = entry.create_system == 3 and (entry.external_attr >> 16) & 0o170000 == 0o120000
    return not entry.is_dir() and not link and not _CLUTTER.search(entry.filename)

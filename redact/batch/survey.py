"""What a folder of uploads holds; archives are folders."""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from redact.batch.refusal import Refused
from redact.batch.roster import clean_key
from redact.errors import AttachmentError
from redact.inputs import list_inputs

# What systems add to folders by themselves; archives are rid of it by redact.intake.
_CLUTTER = re.compile(r"(\._.*|\.DS_Store|Thumbs\.db|desktop\.ini|~\$.*|__MACOSX)", re.IGNORECASE)
# A file changed in the same instant as it was read could look unchanged.
_SETTLED_S = 2.0


@dataclass(frozen=True, slots=True)
class Stamp:
    """By which a file is taken to be unchanged without reading it, as Git does: size, times of change, number on the disk."""

    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int

    @classmethod
    def of(cls, file: Path) -> Stamp | None:
        """None where the file was changed too recently to be told by it, or is gone."""
        try:
            stat = file.stat()
        except OSError:
            return None
        if stat.st_mtime_ns > time.time_ns() - int(_SETTLED_S * 1e9):
            return None
        return cls(stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino)

    def __str__(self) -> str:
        return f"{self.size}-{self.mtime_ns}-{self.ctime_ns}-{self.inode}"


@dataclass(frozen=True, slots=True)
class Upload:
    """One attachment. ``path``: below the folder, ``/`` between its parts, ``x.zip/inside/a.jpg`` for a member of an archive,
    as it is written there. ``file``: the one on disk. ``member``: its place in the archive's order, from 0; None for a plain
    file. ``sha256``: of its bytes, where they have been read already (members); of the archive's where ``error`` says why the
    member cannot be had. ``copy``: how many members of the same path come before it."""

    path: str = field(repr=False)
    file: Path = field(repr=False)
    member: int | None = None
    sha256: str | None = None
    error: AttachmentError | None = None
    copy: int = 0

    @property
    def key(self) -> str:
        """As rosters have it."""
        return clean_key(self.path)


def survey(folder: Path, *, leave: tuple[Path, ...] = ()) -> Iterator[Upload]:
    """All attachments below ``folder``, in the order of their paths. Links to folders are not followed.

    ``leave``: files and folders that are none of it: the roster, the folder of outputs.

    Raises:
        Refused: a folder cannot be read.
    """
    left = {os.path.realpath(path) for path in leave}
    for path, file in sorted(_walk(folder, left)):
        yield from _expand(Path(file), path)


def hash_file(file: Path) -> str:
    """Raises OSError."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _walk(folder: Path, left: set[str]) -> Iterator[tuple[str, str]]:
    """(path below ``folder``, path to open). Strings: tens of thousands of Path objects take seconds."""
    for place, folders, files in os.walk(folder, onerror=_refuse):
        real = os.path.realpath(place)
        below = Path(place).relative_to(folder).as_posix()
        folders[:] = [f for f in folders if not _CLUTTER.fullmatch(f) and os.path.join(real, f) not in left]
        for name in files:
            file = os.path.join(place, name)
            if not _CLUTTER.fullmatch(name) and os.path.join(real, name) not in left and os.path.isfile(file):
                yield name if below == "." else f"{below}/{name}", file


def _refuse(error: OSError) -> NoReturn:
    # To go on without it would look like files that are gone, whose outputs are removed.
    raise Refused("batch.folder_unreadable") from None


def _expand(file: Path, path: str) -> Iterator[Upload]:
    if not _is_zip(file):
        yield Upload(path, file)
        return
    copies: Counter[str] = Counter()
    for number, given in enumerate(list_inputs(file)):
        if given.path == file and given.error is None:
            yield Upload(path, file)  # a document that is a ZIP inside
            return
        inside = path if given.path == file else f"{path}/{given.path.relative_to(file).as_posix()}"
        sha256 = hashlib.sha256(given.source).hexdigest() if isinstance(given.source, bytes) else hash_file(file)
        yield Upload(inside, file, number, sha256, given.error, copies[inside])
        copies[inside] += 1


def _is_zip(file: Path) -> bool:
    try:
        with file.open("rb") as stream:
            return stream.read(2) == b"PK"
    except OSError:
        return False

"""What a command is given: files, and in archives the files inside them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePath, PurePosixPath

from redact.errors import AttachmentError, NotAFile
from redact.intake import expand, is_archive
from redact.options import IntakeLimits


@dataclass(frozen=True, slots=True)
class Input:
    """One upload.

    ``path``: for people, ``x.zip/inside/a.jpg`` for a member of an archive. ``file``: the one on disk. ``source``: what to open,
    unless ``error`` says why it cannot be. ``below``: the folder that its outputs go to, inside that of all outputs; it may hold
    the name.
    """

    path: PurePath = field(repr=False)
    file: Path = field(repr=False)
    source: Path | bytes = field(repr=False)
    below: PurePath = field(default=PurePath(), repr=False)
    error: AttachmentError | None = None


def list_inputs(file: Path, limits: IntakeLimits = IntakeLimits()) -> Iterator[Input]:
    """``file`` itself, or the members of the archive that it is, one in memory at a time. Never raises for what is in it."""
    if not _may_be_archive(file):
        yield Input(file, file, file)
        return
    try:
        content = file.read_bytes() if file.stat().st_size <= limits.max_bytes else b""
    except OSError:
        content = b""
    if not is_archive(content):
        yield Input(file, file, file)
        return
    folder = PurePath(PurePath(file.name).stem)
    try:
        for member in expand(content, limits):
            inside = PurePosixPath(member.path)
            source = file if member.content is None else member.content
            yield Input(PurePath(file) / inside, file, source, folder / inside.parent, member.error)
    except NotAFile:
        yield Input(file, file, file)
    except AttachmentError as error:
        yield Input(file, file, file, error=error)


def _may_be_archive(file: Path) -> bool:
    try:
        with file.open("rb") as stream:
            return file.is_file() and stream.read(2) == b"PK"
    except OSError:
        return False

"""What a command is given: files, and in archives the files inside them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePath, PurePosixPath

from redact.errors import AttachmentError, NotAFile
from redact.intake import expand, is_archive, read_content, read_head
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
    content = _read_archive(file, limits)
    if content is None:
        yield Input(file, file, file)
        return
    folder = PurePath(PurePath(file.name).stem)
    try:
        for member in expand(content, limits):
            inside = PurePosixPath(member.path)
            source = file if member.content is None else member.content
            yield Input(PurePath(file) / inside, file, source, folder / inside.parent, member.error)
    except AttachmentError as error:
        yield Input(file, file, file, error=error)


def _read_archive(file: Path, limits: IntakeLimits) -> bytes | None:
    """None for what is no archive, or cannot be read: opening it will say why."""
    try:
        content = read_content(file, limits) if read_head(file).startswith(b"PK") else b""
    except (AttachmentError, NotAFile):
        return None
    return content if is_archive(content) else None

"""Outputs on disk: they appear whole or not at all, overwrite nothing, and carry no name.

DIR/b.pdf                    verified, may be used
DIR/b.pdf.report.json
DIR/review/c.jpg             a proposal that a person must confirm: apart, so that nobody takes it for released
DIR/review/c.jpg.report.json
DIR/d.jpg.report.json        rejected: a report alone
"""

from __future__ import annotations

import dataclasses
import os
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path, PurePath
from typing import IO

from redact.intake import sniff
from redact.paths import hide_name, safe_name, split_suffix
from redact.report import Report
from redact.texts import Lang
from redact.values import MediaType, Status

REVIEW_FOLDER = "review"
REPORT_SUFFIX = ".report.json"

# The first is used where the upload's extension says something else.
_SUFFIXES: dict[MediaType, tuple[str, ...]] = {
    MediaType.JPEG: (".jpg", ".jpeg", ".jpe", ".jfif"),
    MediaType.PNG: (".png", ".apng"),
    MediaType.TIFF: (".tif", ".tiff"),
    MediaType.BMP: (".bmp", ".dib"),
    MediaType.WEBP: (".webp",),
    MediaType.GIF: (".gif",),
    MediaType.HEIC: (".heic", ".heif", ".hif"),
    MediaType.PDF: (".pdf",),
    # A copy that was upright already stays what it was.
    MediaType.OFD: (".ofd",),
}


@dataclass(frozen=True, slots=True)
class Saved:
    """What was written for one attachment; ``report.output`` is relative to the folder of outputs."""

    report: Report
    report_path: Path
    output_path: Path | None


def save_result(
    report: Report,
    output: bytes | None,
    *,
    source: PurePath,
    folder: Path,
    secrets: Sequence[str],
    lang: Lang = "zh",
    below: PurePath = PurePath(),
) -> Saved:
    """Write a masked file and its report into ``folder``; a name that is taken gets ``-2``, ``-3`` …

    ``below``: the folder inside it (and inside the one for review) that the file goes to; see :func:`safe_folder`.

    The report appears first, so that an output that can be seen always has one. ``secrets``: spellings of the name, see
    :func:`redact.paths.find_secrets`.

    Raises:
        OSError: it cannot be written; then neither of the two is left behind.
    """
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / below
    if report.status is Status.REVIEW:
        # Until a person has confirmed them, proposals are for the one who made them.
        (folder / REVIEW_FOLDER).mkdir(mode=0o700, exist_ok=True)
        target = folder / REVIEW_FOLDER / below
    target.mkdir(parents=True, exist_ok=True)
    stem, suffix = split_suffix(safe_name(source, secrets, content_sha256=report.source_sha256))
    suffix = suffix if output is None else _choose_suffix(suffix, output)
    for number in count(1):
        name = f"{stem}{'' if number == 1 else f'-{number}'}{suffix}"
        output_path, report_path = target / name, target / (name + REPORT_SUFFIX)
        if os.path.lexists(output_path) or os.path.lexists(report_path):
            continue
        final = dataclasses.replace(
            report,
            source=hide_name(report.source, secrets),
            output=None if output is None else output_path.relative_to(folder).as_posix(),
        )
        try:
            write_new(report_path, (final.to_json(lang) + "\n").encode("utf-8"))
        except FileExistsError:
            continue
        if output is None:
            return Saved(final, report_path, None)
        try:
            write_new(output_path, output, private=report.status is not Status.DONE)
        except FileExistsError:
            report_path.unlink()
            continue
        except BaseException:
            # An interruption can also come just after the output appeared.
            if not os.path.lexists(output_path):
                report_path.unlink()
            raise
        return Saved(final, report_path, output_path)
    raise AssertionError("count never ends")


def safe_folder(source: PurePath, secrets: Sequence[str]) -> PurePath:
    """``source``, a relative path of folders, without the name in any of them."""
    return PurePath(*(safe_name(part, secrets) for part in source.parts))


def save_upright(output: bytes, *, source: PurePath, source_sha256: str, folder: Path, below: PurePath = PurePath()) -> str:
    """Write an upright copy into ``folder``, under the upload's own name; where that is taken it gets ``-2``, ``-3`` …

    Returns its path relative to ``folder``.

    Raises:
        OSError: it cannot be written.
    """
    (folder / below).mkdir(parents=True, exist_ok=True)
    stem, suffix = split_suffix(safe_name(source, (), content_sha256=source_sha256))
    suffix = _choose_suffix(suffix, output)
    for number in count(1):
        path = folder / below / f"{stem}{'' if number == 1 else f'-{number}'}{suffix}"
        if not os.path.lexists(path):
            with suppress(FileExistsError):
                write_new(path, output)
                return path.relative_to(folder).as_posix()
    raise AssertionError("count never ends")


def write_new(path: Path, content: bytes, *, private: bool = False) -> None:
    """Write ``path`` in one step: it appears complete, or not at all. ``private``: only its owner may read it.

    Raises:
        FileExistsError: something is there already; it stays as it was.
        OSError: it cannot be written.
    """
    # Made with mode 0600. The name says nothing about the file it will become.
    file, temporary = _make_temporary(path.parent)
    try:
        with file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            if not private and os.name == "posix":
                os.chmod(temporary, 0o666 & ~read_umask())
            if os.name == "posix":
                # Locked as long as it is open: so it is there, and not taken for a leftover, until it has its name.
                _move_to_new(temporary, path)
        if os.name != "posix":
            _move_to_new(temporary, path)
    except BaseException:
        if os.path.lexists(temporary):
            os.unlink(temporary)
        raise


def replace_file(path: Path, content: bytes) -> None:
    """Write ``path`` in one step, over what is there; only its owner may read it.

    Raises:
        OSError: it cannot be written; what was there is as it was.
    """
    file, temporary = _make_temporary(path.parent)
    try:
        with file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            if os.name == "posix":
                os.replace(temporary, path)
        if os.name != "posix":
            os.replace(temporary, path)
    except BaseException:
        if os.path.lexists(temporary):
            os.unlink(temporary)
        raise


def clear_leftovers(folder: Path) -> int:
    """Remove what runs that were killed while they wrote left in ``folder`` and its folder for review; how many files.

    Whether the maker of a file is dead is told by its lock, which dies with it: process numbers are given anew, and mean
    nothing on a folder that two machines share. What cannot be removed stays.
    """
    removed = 0
    for place in (folder, folder / REVIEW_FOLDER):
        with suppress(OSError):
            for path in sorted(place.glob(f"{_TEMPORARY_PREFIX}*{_TEMPORARY_SUFFIX}")):
                removed += _remove_leftover(path)
    return removed


_TEMPORARY_PREFIX, _TEMPORARY_SUFFIX = ".redact-", ".tmp"


def _make_temporary(folder: Path) -> tuple[IO[bytes], str]:
    while True:
        handle, temporary = tempfile.mkstemp(prefix=_TEMPORARY_PREFIX, suffix=_TEMPORARY_SUFFIX, dir=folder)
        file = os.fdopen(handle, "wb")
        # Another run may have found it before it was locked.
        if not _lock(file) or os.path.lexists(temporary):
            return file, temporary
        file.close()


def _remove_leftover(path: Path) -> bool:
    try:
        if os.name == "posix":
            # Without following a link that somebody put there, nor waiting for a pipe.
            handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            with os.fdopen(handle, "rb") as file:
                if not _lock(file):
                    return False
                path.unlink()
        else:
            path.unlink()  # refused as long as anybody has it open
    except OSError:
        return False
    return True


def _lock(file: IO[bytes]) -> bool:
    """False where another process has it, or where there are no locks."""
    if sys.platform == "win32":
        return False
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _move_to_new(temporary: str, path: Path) -> None:
    """os.replace would overwrite what another program put there in the meantime; a hard link refuses to."""
    if os.name == "nt":
        os.rename(temporary, path)  # refuses to overwrite on Windows
        return
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise
    except OSError:
        # FAT and some network shares have no hard links.
        if os.path.lexists(path):
            raise FileExistsError(path) from None
        os.replace(temporary, path)
    else:
        os.unlink(temporary)


def suffix_of(kind: MediaType) -> str:
    """The usual extension of files of that kind."""
    return _SUFFIXES[kind][0]


def fits(suffix: str, kind: MediaType) -> bool:
    """Whether files of that kind may have that extension."""
    return suffix.lower() in _SUFFIXES[kind]


def _choose_suffix(suffix: str, output: bytes) -> str:
    kind = sniff(output)
    return suffix if fits(suffix, kind) else suffix_of(kind)


def read_umask() -> int:
    # The mask can only be read by setting it.
    mask = os.umask(0o077)
    os.umask(mask)
    return mask

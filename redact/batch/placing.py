"""Outputs on their way to their places, so that no halt leaves half a file, or one that nothing tells of."""

from __future__ import annotations

import hashlib
import os
import uuid
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from redact.batch.ledger import Filed, Ledger
from redact.batch.naming import STATE_FOLDER
from redact.batch.survey import hash_file
from redact.outputs import REVIEW_FOLDER, read_umask

_HELD = "held"
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Places:
    """``out``: the folder of outputs. Files are made in a folder inside it, and then moved: so they appear whole."""

    out: Path

    @property
    def state(self) -> Path:
        return self.out / STATE_FOLDER

    @property
    def held(self) -> Path:
        return self.state / _HELD

    def prepare(self) -> None:
        """Raises OSError."""
        self.out.mkdir(parents=True, exist_ok=True)
        # For the one who made it: it tells what is in the uploads.
        self.state.mkdir(mode=0o700, exist_ok=True)
        self.held.mkdir(mode=0o700, exist_ok=True)

    def hold(self) -> Path:
        """A new file's path."""
        return self.held / uuid.uuid4().hex

    def is_intact(self, filed: Filed) -> bool:
        """Whether what the row tells of is there: at its place, or held."""
        if filed.output is None:
            return True
        path = self.find(filed)
        try:
            return path.stat().st_size == filed.size
        except OSError:
            return False

    def find(self, filed: Filed) -> Path:
        return self.held / filed.held if filed.held is not None else self.out / str(filed.output)

    def copy(self, filed: Filed) -> Path:
        """Its bytes in a new held file, on the disk.

        Raises:
            OSError: it cannot be read or written, or is not what the row says.
        """
        held = self.hold()
        digest = hashlib.sha256()
        with self.find(filed).open("rb") as source, create_private(held) as target:
            while chunk := source.read(_CHUNK_BYTES):
                digest.update(chunk)
                target.write(chunk)
            target.flush()
            os.fsync(target.fileno())
        if digest.hexdigest() != filed.sha256:
            held.unlink()
            raise OSError("an output is not what it was")
        return held


def create_private(file: Path) -> BinaryIO:
    """Raises OSError: it is there, or cannot be made."""
    return os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600), "wb")


def settle(ledger: Ledger, places: Places) -> None:
    """After a halt: what was on its way gets there, what nothing tells of is removed."""
    empty_trash(ledger, places)
    for filed in ledger.all_filed():
        if filed.held is not None and not _settle(filed, ledger, places):
            ledger.file([], gone=[filed])
    known = {filed.held for filed in ledger.all_filed()}
    for path in places.held.iterdir():
        if path.name not in known:
            with suppress(OSError):  # Windows: a worker of a run that was killed may have it open for another moment
                path.unlink()


def _settle(filed: Filed, ledger: Ledger, places: Places) -> bool:
    """False where its bytes are lost, and the work is to be done again."""
    if (places.held / str(filed.held)).exists():
        with suppress(OSError):  # somebody put a file there: the run will say so
            place(filed, ledger, places)
        return True
    # It was moved, and the halt came before the row said so.
    path = places.out / str(filed.output)
    if path.is_file() and hash_file(path) == filed.sha256:
        ledger.mark_placed(filed.key)
        return True
    return False


def place(filed: Filed, ledger: Ledger, places: Places) -> None:
    """Move a held output to its place, and have the row say so.

    Raises:
        FileExistsError: something is there that is none of ours.
        OSError: it cannot be moved.
    """
    if filed.output is None or filed.held is None:
        return
    path, held = places.out / filed.output, places.held / filed.held
    private = Path(filed.output).parts[0] == REVIEW_FOLDER
    if private:
        # Until a person has confirmed them, proposals are for the one who made them.
        (places.out / REVIEW_FOLDER).mkdir(mode=0o700, exist_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    if os.path.lexists(path):
        raise FileExistsError("an output's place is taken")
    if not private:
        _publish(held)
    os.rename(held, path)
    sync_folder(path.parent)
    ledger.mark_placed(filed.key)


def empty_trash(ledger: Ledger, places: Places) -> None:
    """Remove outputs that no row says any more, as far as they are still what was written, and folders that are empty then."""
    for output, sha256 in ledger.trash():
        path = places.out / output
        if not ledger.is_placed(output) and path.is_file() and hash_file(path) == sha256:
            path.unlink()
            _remove_empty(path.parent, places.out)
        ledger.forget_trash(output)


def sync_folder(folder: Path) -> None:
    """A file's name is on the disk too (POSIX; elsewhere the file system sees to it)."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _publish(file: Path) -> None:
    """As readable as any file that its owner makes; held files are made in a folder that is closed to others."""
    if os.name == "posix":
        file.chmod(0o666 & ~read_umask())


def _remove_empty(folder: Path, top: Path) -> None:
    with suppress(OSError):  # not empty
        while folder != top:
            folder.rmdir()
            folder = folder.parent

"""Folders on this machine's own file system, or one that is mounted."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

_DELETIONS = 10  # tries, while somebody goes on writing into the folder


@dataclass(frozen=True, slots=True)
class LocalFolders:
    """Its folders are for the owner's eyes alone (0700, files 0600)."""

    root: Path

    def write(self, folder: str, name: str, content: bytes | BinaryIO) -> None:
        where = self.root / folder
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        where.mkdir(mode=0o700, exist_ok=True)
        # In the same folder: a rename is atomic within one file system only, and what a crash leaves goes with the document.
        unfinished = where / f".{name}.{secrets.token_hex(8)}"
        try:
            _write_through(unfinished, BytesIO(content) if isinstance(content, bytes) else content)
            os.replace(unfinished, where / name)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise
        for changed in (where, self.root):
            _sync_folder(changed)

    def read(self, folder: str, name: str) -> bytes:
        return (self.root / folder / name).read_bytes()

    def delete(self, folder: str) -> None:
        where = self.root / folder
        for last in [False] * (_DELETIONS - 1) + [True]:
            try:
                shutil.rmtree(where)
            except FileNotFoundError:
                # The folder itself, or a file of it that another has deleted first.
                if not where.exists():
                    return
            except OSError:
                if last:
                    raise

    def delete_file(self, folder: str, name: str) -> None:
        (self.root / folder / name).unlink(missing_ok=True)

    def list(self) -> Iterator[tuple[str, datetime]]:
        """Each folder, empty ones too, with the time of its last change."""
        with suppress(FileNotFoundError), os.scandir(self.root) as folders:
            for folder in folders:
                with suppress(FileNotFoundError):
                    if folder.is_dir(follow_symlinks=False):
                        # Files come into a folder by a rename, which changes the folder's own time.
                        yield folder.name, datetime.fromtimestamp(folder.stat().st_mtime, UTC)


def _write_through(path: Path, content: BinaryIO) -> None:
    """To the disk itself: a document that was taken must outlive a power cut."""
    with open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        shutil.copyfileobj(content, file, 1 << 20)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(path: Path) -> None:
    if os.name != "posix":
        return
    with suppress(FileNotFoundError):  # deleted meanwhile
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

"""Folders in an object store, by fsspec. A file appears there when its upload is complete, not before.

What a process that was killed had uploaded in parts stays invisible until the bucket's own rule for incomplete uploads takes
it away; a bucket should have one.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any, BinaryIO

from fsspec import AbstractFileSystem

# What listings call the time of the last change: S3, Azure.
_CHANGED = ("LastModified", "last_modified")


@dataclass(frozen=True, slots=True)
class RemoteFolders:
    # Its options hold credentials.
    system: AbstractFileSystem = field(repr=False)
    root: str

    def write(self, folder: str, name: str, content: bytes | BinaryIO) -> None:
        path = f"{self.root}/{folder}/{name}"
        if not isinstance(content, bytes) and "s3" in self.system.protocol:
            self._upload(path, content)
        else:
            # Other file systems may take no notice of ``autocommit``: all of it in memory, but whole or not at all.
            self.system.pipe_file(path, content if isinstance(content, bytes) else content.read())

    def _upload(self, path: str, content: BinaryIO) -> None:
        """In parts. Without ``autocommit``, closing the file does not complete it: a ``with`` block would keep the half that
        was read before ``content`` failed."""
        file = self.system.open(path, "wb", autocommit=False)
        try:
            shutil.copyfileobj(content, file, 1 << 20)
            file.close()
        except BaseException:
            file.discard()
            file.closed = True  # or the garbage collector would try to close it
            raise
        file.commit()

    def read(self, folder: str, name: str) -> bytes:
        content: bytes = self.system.cat_file(f"{self.root}/{folder}/{name}")
        return content

    def delete(self, folder: str) -> None:
        with suppress(FileNotFoundError):
            self.system.rm(f"{self.root}/{folder}", recursive=True)

    def delete_file(self, folder: str, name: str) -> None:
        with suppress(FileNotFoundError):
            self.system.rm_file(f"{self.root}/{folder}/{name}")

    def list(self) -> Iterator[tuple[str, datetime]]:
        """Each folder with the time of its last change: object stores have it for files only."""
        newest: dict[str, datetime] = {}
        for path, about in self.system.find(self.root, detail=True).items():
            folder, changed_at = PurePosixPath(path).parent.name, self._changed_at(path, about)
            newest[folder] = max(newest.get(folder, changed_at), changed_at)
        yield from newest.items()

    def _changed_at(self, path: str, about: Mapping[str, Any]) -> datetime:
        given: datetime | None = next((about[key] for key in _CHANGED if key in about), None)
        # Where the listing does not say, it is a request for each file.
        changed_at: datetime = given or self.system.modified(path)
        return changed_at if changed_at.tzinfo else changed_at.replace(tzinfo=UTC)

"""The files of each document, in a folder of its own: the upload, what was asked, what came out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from fsspec.core import url_to_fs
from fsspec.implementations.local import LocalFileSystem

from service.storage.ids import check_id, is_id
from service.storage.local_files import LocalFolders
from service.storage.remote_files import RemoteFolders


class Part(StrEnum):
    """QUERY is what was asked: the applicant's name stands there and nowhere else. SHOWN is what an upload that has no pages of
    its own, such as a Word document, was converted to."""

    ORIGINAL = "original"
    QUERY = "query"
    SHOWN = "shown"
    MASKED = "masked"


class _Folders(Protocol):
    """Files in named folders, one level deep."""

    def write(self, folder: str, name: str, content: bytes | BinaryIO) -> None: ...
    def read(self, folder: str, name: str) -> bytes: ...
    def delete(self, folder: str) -> None: ...
    def delete_file(self, folder: str, name: str) -> None: ...
    def list(self) -> Iterator[tuple[str, datetime]]: ...


class Files:
    """Safe to share between threads, and can be pickled: another process makes connections of its own.

    ``url`` is a folder (a path or ``file://``) or a place in an object store (``s3://BUCKET/PREFIX`` with extra ``s3``, or
    what else fsspec has a file system for, where one write is atomic); ``options`` are the file system's own, such as
    ``endpoint_url``. An id that :func:`new_id` cannot have made raises ValueError before anything is touched. Masked files
    are kept per revision of the document, so that a correction that comes too late overwrites nothing.
    """

    def __init__(self, url: str, options: Mapping[str, Any] | None = None) -> None:
        # Some file systems remember listings, which would not show what other replicas have written.
        system, root = url_to_fs(url, **{"use_listings_cache": False, **(options or {})})
        self._folders: _Folders = (
            LocalFolders(Path(root)) if isinstance(system, LocalFileSystem) else RemoteFolders(system, root.rstrip("/"))
        )

    def write(self, id: str, part: Part, content: bytes | BinaryIO, *, revision: int = 0) -> None:
        """Takes the place of what was there; a reader sees the old or the new, never half of one, and where reading
        ``content`` (from where it stands) fails, the old stays. FileNotFoundError: the document was deleted meanwhile."""
        self._folders.write(check_id(id), _name(part, revision), content)

    def read(self, id: str, part: Part, *, revision: int = 0) -> bytes:
        """Raises FileNotFoundError."""
        return self._folders.read(check_id(id), _name(part, revision))

    def delete(self, id: str) -> None:
        """All its parts; no error where there are none."""
        self._folders.delete(check_id(id))

    def delete_part(self, id: str, part: Part, *, revision: int) -> None:
        """No error where it is not there."""
        self._folders.delete_file(check_id(id), _name(part, revision))

    def list_ids(self, *, older_than: datetime) -> Iterator[str]:
        """Documents of which no part was written since (an aware time), whether the database knows them or not."""
        return (folder for folder, changed_at in self._folders.list() if is_id(folder) and changed_at < older_than)


def _name(part: Part, revision: int) -> str:
    return f"{part}-{int(revision)}" if part is Part.MASKED else str(part)

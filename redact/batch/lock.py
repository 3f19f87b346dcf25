"""One run at a time on a folder of outputs, by a lock that the system releases when its holder ends, however it ends."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from redact.batch.refusal import Refused


@contextmanager
def lock(file: Path) -> Iterator[None]:
    """Raises Refused: another run holds it."""
    with file.open("ab") as held:
        if not _lock(held):
            raise Refused("batch.busy")
        # Released as the file is closed. It stays: removing it would let two runs lock two files of one name.
        yield


def _lock(file: IO[bytes]) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True

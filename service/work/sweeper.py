"""Deletes what has expired, and files that no document has any more."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

from service.observe import get_logger
from service.storage import Documents, Files

# An upload is stored before its row is written, and no request takes so long.
_ORPHAN_AGE = timedelta(hours=1)
_BATCH = 100
_log = get_logger("sweep")


class Sweeper:
    """Several replicas may sweep at once: to delete what is gone is no error."""

    def __init__(self, documents: Documents, files: Files, *, every_s: float) -> None:
        self._documents = documents
        self._files = files
        self._every_s = every_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sweeper", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def sweep(self, now: datetime | None = None) -> int:
        """How many documents were deleted. Files go first: a row without files is found again by the next sweep."""
        now = now or datetime.now(UTC)
        deleted = 0
        while expired := self._documents.list_expired(now, limit=_BATCH):
            for document_id in expired:
                self._files.delete(document_id)
                deleted += self._documents.delete(document_id)
        stored = list(self._files.list_ids(older_than=now - _ORPHAN_AGE))
        for start in range(0, len(stored), _BATCH):
            ids = stored[start : start + _BATCH]
            for orphan in set(ids) - self._documents.known(ids):
                self._files.delete(orphan)
                deleted += 1
        return deleted

    def _run(self) -> None:
        while not self._stop.wait(self._every_s):
            try:
                deleted = self.sweep()
                if deleted:
                    _log.info("expired documents deleted", extra={"deleted": deleted})
            except Exception as error:  # the database or the store may be away for a while; the next sweep tries again
                _log.error("sweep failed", extra={"kind": type(error).__name__})

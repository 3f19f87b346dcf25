"""Takes waiting documents from the database, gives them to worker processes, and writes what became of them.

A document that is taken is leased: a replica that dies stops renewing, and another takes its documents, or it does itself after
it was started again. The database alone says whose a document is, so that what a worker made for a replica that lost it, or for
a document that was deleted meanwhile, is thrown away.
"""

from __future__ import annotations

import os
import secrets
import socket
import threading
import time
from collections import Counter
from functools import partial
from typing import Any

from redact.errors import Cancelled, DeadlineExceeded, RedactError, WorkerLost, describe
from redact.workers import Task, Workers
from service.observe import Metrics, get_logger
from service.storage import Document, Documents, Files, Part, StorageError
from service.work.jobs import MaskDocument

_log = get_logger("work")
# How long a document that another replica took in may wait here for an idle worker to notice it.
_POLL_S = 0.5
_PROGRESS_S = 0.5


class Runner:
    def __init__(
        self, documents: Documents, files: Files, workers: Workers, metrics: Metrics, *, lease_s: float, deadline_s: float
    ) -> None:
        self._documents = documents
        self._files = files
        self._workers = workers
        self._metrics = metrics
        self._lease_s = lease_s
        self._deadline_s = deadline_s
        # Not the same after a start, so that what was left behind is taken up by its lease and by nothing else.
        self.name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
        self._lock = threading.Lock()
        self._tasks: dict[str, Task[dict[str, Any]]] = {}
        self._told: dict[str, float] = {}
        self._renewed = 0.0
        self._stopping = threading.Event()
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name="runner", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """There is a new document, or an idle worker."""
        self._wake.set()

    def cancel(self, document_id: str) -> None:
        """Stop working on it, if it is worked on here; elsewhere the lease tells that it is gone."""
        with self._lock:
            task = self._tasks.get(document_id)
        if task is not None:
            task.cancel()

    def stop(self, finish_s: float) -> None:
        """Takes nothing new; what runs may finish within ``finish_s``, and is queued again where it does not."""
        self._stopping.set()
        self._wake.set()
        self._thread.join()
        until = time.monotonic() + finish_s
        while self._tasks and time.monotonic() < until:
            self._renew()
            time.sleep(0.05)
        with self._lock:
            left = list(self._tasks)
        for document_id in left:
            self._documents.give_back(document_id, self.name, counted=False)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._renew()
                while len(self._tasks) < self._workers.count and not self._stopping.is_set():
                    document = self._documents.claim(self.name, lease_s=self._lease_s)
                    if document is None:
                        break
                    self._begin(document)
            except StorageError as error:
                # It may be away for a while; leases run on, and others may take what is ours.
                _log.error("database failed", extra={"kind": type(error).__name__})
                self._stopping.wait(1.0)
            except Exception as error:  # without this thread nothing would be done any more, and nobody would know
                _log.error("runner failed", extra={"kind": describe(error)})
                self._stopping.wait(1.0)
            self._wake.wait(_POLL_S)
            self._wake.clear()

    def _begin(self, document: Document) -> None:
        job = MaskDocument(self._files, document.id, document.expires_at)
        with self._lock:
            task = self._workers.submit(job, progress=partial(self._tell, document.id), deadline_s=self._deadline_s)
            self._tasks[document.id] = task
        task.add_done_callback(partial(self._end, document.id))

    def _renew(self) -> None:
        now = time.monotonic()
        if now - self._renewed < self._lease_s / 3:
            return
        self._renewed = now
        with self._lock:
            running = dict(self._tasks)
        if not running:
            return
        ours = self._documents.renew(list(running), self.name, lease_s=self._lease_s)
        for document_id, task in running.items():
            if document_id not in ours:
                task.cancel()

    def _tell(self, document_id: str, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self._told.get(document_id, 0.0) < _PROGRESS_S:
            return
        self._told[document_id] = now
        try:
            # Two steps a page: see Redactor.redact.
            self._documents.set_progress(document_id, self.name, done / total if total else 0.0, pages=total // 2)
        except StorageError as error:
            _log.warning("progress was not kept", extra={"kind": type(error).__name__})

    def _end(self, document_id: str, task: Task[dict[str, Any]]) -> None:
        try:
            self._conclude(document_id, task)
        except StorageError as error:
            # Its lease runs out, and it is done again.
            _log.error("result was not kept", extra={"kind": type(error).__name__})
        finally:
            with self._lock:
                self._tasks.pop(document_id, None)
                self._told.pop(document_id, None)
            self._wake.set()

    def _conclude(self, document_id: str, task: Task[dict[str, Any]]) -> None:
        try:
            report = task.result(timeout=0)
        except Cancelled:
            # Deleted, or taken by another: whose it is now decides. Else it was stopped with the service.
            self._documents.give_back(document_id, self.name, counted=False)
            return
        except WorkerLost:
            _log.error("worker lost", extra={"kind": "WorkerLost"})
            self._documents.give_back(document_id, self.name, counted=True)
            return
        except DeadlineExceeded:
            self._fail(document_id, "deadline_exceeded")
            return
        except RedactError as error:
            # Or it was deleted while it ran: its files are gone, and so is the row.
            _log.error("job failed", extra={"kind": str(error)})
            self._fail(document_id, "internal")
            return
        if self._documents.finish(document_id, self.name, report):
            pages = Counter(page["mask_required"] for page in report["pages"])
            self._metrics.document(report["status"], report["mask_required"], pages, report["timings_s"])
        else:
            self._throw_away(document_id, report["output"])

    def _fail(self, document_id: str, code: str) -> None:
        if self._documents.fail(document_id, self.name, code):
            self._metrics.fail(code)

    def _throw_away(self, document_id: str, output: str | None) -> None:
        if self._documents.find(document_id) is None:
            self._files.delete(document_id)
        elif output is not None:
            self._files.delete_part(document_id, Part.MASKED, revision=int(output))

"""The workers at work on all that is to be done."""

from __future__ import annotations

import hashlib
import queue
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Protocol

from redact.batch.job import Mask, Masked
from redact.batch.ledger import Work
from redact.batch.placing import Places
from redact.batch.plan import Item, Options
from redact.batch.record import Recorder
from redact.errors import ModelError, RedactError, SandboxError, WorkerLost
from redact.inputs import list_inputs
from redact.report import reject
from redact.workers import Task, Workers

# Jobs that wait for a worker, for each: an archive's members wait in memory.
_WAITING = 1
_LOOK_S = 0.2


@dataclass(frozen=True, slots=True)
class Failed:
    """An upload that nothing came of; the next run tries it again. ``error``: None where its bytes changed meanwhile."""

    item: Item = field(repr=False)
    error: Exception | None


class Watcher(Protocol):
    """Is told how it goes, from any thread."""

    def step(self, item: Item, done: int, total: int) -> None:
        """Of its pages, in steps (see :meth:`redact.Redactor.redact`)."""

    def end(self, item: Item, work: Work | None) -> None:
        """None: it failed."""


class Crew:
    """Gives the items to the workers, and what comes of them to the recorder."""

    def __init__(self, workers: Workers, recorder: Recorder, places: Places, options: Options, watcher: Watcher) -> None:
        self._workers = workers
        self._recorder = recorder
        self._places = places
        self._options = options
        self._watcher = watcher
        self._ended: queue.SimpleQueue[tuple[Item, Work | Exception | None]] = queue.SimpleQueue()
        self._at_work = 0

    def work_off(self, items: Sequence[Item]) -> list[Failed]:
        """In any order.

        Raises:
            ModelError, SandboxError: the next item would fare no better.
            sqlite3.Error: the ledger cannot be written.
            KeyboardInterrupt: what is recorded stays.
        """
        failed: list[Failed] = []
        for item, source in _open_sources(items):
            self._at_work += 1
            if item.upload.error is not None:
                self._record(item, Masked(reject(item.upload.error, source="", source_sha256=item.sha256)), self._places.hold())
            elif source is None:
                self._ended.put((item, None))
            else:
                self._submit(item, source)
            self._wait(failed, most=self._workers.count * (1 + _WAITING) - 1)
        self._wait(failed, most=0)
        return failed

    def _submit(self, item: Item, source: Path | bytes) -> None:
        hold = self._places.hold()
        options = self._options
        how = {"accept_poor": options.accept_poor, "keep_text": options.keep_text, "with_names": options.with_names}
        job = Mask(source, item.name.text, item.name.aliases, hold, **how)
        task = self._workers.submit(job, progress=partial(self._watcher.step, item))
        task.add_done_callback(partial(self._settle, item, hold))

    def _settle(self, item: Item, hold: Path, task: Task[Masked]) -> None:
        """In a thread of the pool, whose worker gets its next job after it."""
        try:
            masked = task.result(0)
        except RedactError as error:
            self._ended.put((item, error))
        else:
            self._record(item, masked, hold)

    def _record(self, item: Item, masked: Masked, hold: Path) -> None:
        try:
            if masked.report.source_sha256 != item.sha256:
                with suppress(OSError):
                    hold.unlink()
                self._ended.put((item, None))
            else:
                self._ended.put((item, self._recorder.record(item, masked, hold)))
        except Exception as error:  # raised again, or told, by the main thread
            self._ended.put((item, error))

    def _wait(self, failed: list[Failed], *, most: int) -> None:
        while self._at_work > most:
            with suppress(queue.Empty):
                self._take(failed)

    def _take(self, failed: list[Failed]) -> None:
        # On Windows no Ctrl-C ends a wait without a limit.
        item, came = self._ended.get(timeout=_LOOK_S)
        self._at_work -= 1
        if isinstance(came, ModelError | SandboxError | sqlite3.Error):
            raise came
        if isinstance(came, WorkerLost) and not self._workers.ready and self._workers.start_error is not None:
            raise self._workers.start_error
        if isinstance(came, Work):
            self._watcher.end(item, came)
        else:
            self._watcher.end(item, None)
            failed.append(Failed(item, came))


def _open_sources(items: Sequence[Item]) -> Iterator[tuple[Item, Path | bytes | None]]:
    """What to open of each: its file, or as the member of an archive its bytes, one archive at a time; None where the archive was
    changed meanwhile."""
    for file, group in groupby(items, key=lambda item: item.upload.file):
        members: dict[int, Item] = {}
        for item in group:
            if item.upload.member is None:
                yield item, file
            elif item.upload.error is not None:
                yield item, None
            else:
                members[item.upload.member] = item
        if members:
            yield from _open_members(file, members)


def _open_members(file: Path, members: dict[int, Item]) -> Iterator[tuple[Item, bytes | None]]:
    for number, given in enumerate(list_inputs(file)):
        item = members.pop(number, None)
        if item is not None:
            same = isinstance(given.source, bytes) and hashlib.sha256(given.source).hexdigest() == item.sha256
            yield item, given.source if same and isinstance(given.source, bytes) else None
    for item in members.values():
        yield item, None

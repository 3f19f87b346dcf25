"""What came of an upload, into the ledger and to its place."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

from redact.batch.job import Masked
from redact.batch.ledger import Filed, Ledger, Work
from redact.batch.placing import Places, empty_trash, place, sync_folder
from redact.batch.plan import Item, Keys, Plan, find_intact, place_of
from redact.texts import LANGS


class Recorder:
    """Safe to share between threads: a worker's next job waits until what came of the last one is on the disk, so that a halt
    loses no more than the jobs that run."""

    def __init__(self, ledger: Ledger, places: Places, keys: Keys) -> None:
        self._ledger = ledger
        self._places = places
        self._keys = keys
        self._lock = threading.Lock()

    def record(self, item: Item, masked: Masked, hold: Path) -> Work:
        """``hold``: the file that the output is in, where there is one.

        Raises:
            FileExistsError: the output's place is taken; the output is kept for the next run.
            OSError: it cannot be placed.
        """
        report = masked.report
        work = Work(
            work=self._keys.work(item),
            content=item.sha256,
            status=report.status,
            verdict=str(report.verdict),
            pages=len(report.pages),
            kind=masked.kind,
            sha256=masked.sha256,
            reports={lang: {**report.to_dict(lang), "source": None, "output": None} for lang in LANGS},
            thumbnails=masked.thumbnails,
        )
        held = hold.name if masked.kind is not None else None
        filed = Filed(self._keys.key(item), work.work, place_of(item, work), masked.sha256, masked.size, held)
        sync_folder(hold.parent)
        with self._lock:
            self._ledger.file([filed], work=work)
            empty_trash(self._ledger, self._places)
            place(filed, self._ledger, self._places)
        return work

    def repeat(self, item: Item) -> Work | None:
        """The same for a second upload of the same bytes and name; None where nothing came of the first.

        Raises:
            OSError: as :meth:`record`.
        """
        with self._lock:
            work, filed = self._copy(item)
            if work is None or filed is None:
                return None
            self._ledger.file([filed])
            empty_trash(self._ledger, self._places)
            place(filed, self._ledger, self._places)
        return work

    def arrange(self, plan: Plan) -> list[Item]:
        """Outputs that are to stand elsewhere get there, those of uploads that are no more are removed. Gives the items whose
        outputs could not be placed.

        All are copied before any is removed, since places may be swapped.
        """
        filed: list[tuple[Item, Filed]] = []
        stuck: list[Item] = []
        for item, row in plan.moved:
            moved = self._move(item, row)
            if moved is None:
                stuck.append(item)
            else:
                filed.append((item, moved))
        filed += [(item, copied) for item in plan.again if (copied := self._copy(item)[1]) is not None]
        self._ledger.file([row for _, row in filed], gone=plan.gone)
        empty_trash(self._ledger, self._places)
        return stuck + [item for item, row in filed if not self._try_place(row)]

    def _move(self, item: Item, row: Filed) -> Filed | None:
        """None where its output is not what it was."""
        work = self._ledger.work(row.work)
        try:
            held = None if row.output is None else row.held or self._places.copy(row).name
        except OSError:
            return None
        return None if work is None else replace(row, output=place_of(item, work), held=held)

    def _copy(self, item: Item) -> tuple[Work | None, Filed | None]:
        work = self._ledger.work(self._keys.work(item))
        row = None if work is None else find_intact(self._ledger, self._places, work)
        if work is None or row is None:
            return None, None
        held = None if row.output is None else self._places.copy(row).name
        return work, Filed(self._keys.key(item), work.work, place_of(item, work), row.sha256, row.size, held)

    def _try_place(self, row: Filed) -> bool:
        try:
            place(row, self._ledger, self._places)
        except FileExistsError:
            return False
        return True

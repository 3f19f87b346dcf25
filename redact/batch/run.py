"""The order of a batch: roster, survey, plan, work, reports."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from redact.batch.applicants import Applicants
from redact.batch.ledger import Ledger, open_ledger
from redact.batch.lock import lock
from redact.batch.matching import Matching, match
from redact.batch.naming import STATE_FOLDER
from redact.batch.placing import Places, settle
from redact.batch.plan import Item, Keys, Options, Plan, make_items, make_plan, name_models
from redact.batch.record import Recorder
from redact.batch.refusal import Refused
from redact.batch.reporting import Entry, list_entries, write_all
from redact.batch.roster import Roster, Row, read_roster
from redact.batch.survey import Stamp, Upload, hash_file, survey
from redact.batch.work import Crew, Failed, Watcher
from redact.errors import JobFailed
from redact.texts import Lang
from redact.values import Status
from redact.workers import Workers

if TYPE_CHECKING:
    from redact.pipeline import Redactor


@dataclass(frozen=True, slots=True)
class Matched:
    """What is to be known before anything is begun."""

    roster: Roster = field(repr=False)
    matching: Matching = field(repr=False)


@dataclass(frozen=True, slots=True)
class Planned:
    """``unreadable``: uploads that cannot be read."""

    plan: Plan
    items: tuple[Item, ...]
    unreadable: tuple[Upload, ...]


@dataclass(frozen=True, slots=True)
class Ended:
    """``taken``: items whose output's place holds what is none of ours."""

    entries: tuple[Entry, ...]
    failed: tuple[Failed, ...]
    taken: tuple[Item, ...]


def read_and_match(folder: Path, roster: Path, out: Path) -> Matched:
    """Raises Refused: the roster or ``folder`` cannot be read, or what the reports need is not installed."""
    if find_spec("openpyxl") is None:
        raise Refused("batch.missing")
    if not folder.is_dir():
        raise Refused("batch.no_folder")
    if Path(os.path.realpath(folder)).is_relative_to(os.path.realpath(out)):
        raise Refused("batch.folder_in_out")
    read = read_roster(roster)
    return Matched(read, match(survey(folder, leave=(roster, out)), read))


class Batch:
    """One run on a folder of outputs, which no other run may use meanwhile; made by :func:`run_on`."""

    def __init__(
        self,
        ledger: Ledger,
        places: Places,
        options: Options,
        *,
        models: str,
        models_dir: Path | None,
        make_redactor: Callable[[], Redactor] | None,
    ) -> None:
        self._ledger = ledger
        self._places = places
        self._options = options
        self._keys = Keys(Applicants(ledger.salt), options, models)
        self._recorder = Recorder(ledger, places, self._keys)
        self._models_dir = models_dir
        self._make_redactor = make_redactor

    def plan(self, owned: Sequence[tuple[Upload, Row]], retry: Collection[Status]) -> Planned:
        settle(self._ledger, self._places)
        readable, sha256s, unreadable = self._hash(owned)
        items = make_items(readable, sha256s)
        plan = make_plan(items, self._ledger, self._places, self._keys, retry=retry)
        if unreadable:
            # What they were, and which rows are theirs, is not known.
            plan = Plan(plan.todo, plan.again, plan.moved, plan.done, plan.altered, ())
        return Planned(plan, tuple(items), tuple(unreadable))

    def list_known(self, items: Sequence[Item]) -> list[Entry]:
        return list_entries(items, self._ledger, self._keys)

    def arrange(self, planned: Planned) -> list[Item]:
        """What needs no worker. Gives the items whose outputs' places are taken."""
        return self._recorder.arrange(planned.plan)

    def work(self, planned: Planned, watcher: Watcher, *, count: int, threads: int | None) -> list[Failed]:
        """Raises what :meth:`redact.batch.work.Crew.work_off` does."""
        todo = [item for item, _ in planned.plan.todo]
        make = self._make_redactor or partial(_make_redactor, self._models_dir, threads)
        pool = Workers(count, make_redactor=make, threads=threads) if todo else None
        failed: list[Failed] = []
        with pool or nullcontext():
            if pool is not None:
                failed += Crew(pool, self._recorder, self._places, self._options, watcher).work_off(todo)
        return failed + self._repeat(planned.plan.again, watcher)

    def end(self, planned: Planned, failed: Sequence[Failed], taken: Sequence[Item], lang: Lang) -> Ended:
        """The reports, on all that was done by now.

        Raises:
            OSError: they cannot be written.
        """
        settle(self._ledger, self._places)
        self._ledger.forget_unused()
        entries = self.list_known(planned.items)
        write_all(entries, self._ledger, self._places, with_names=self._options.with_names, lang=lang)
        return Ended(tuple(entries), tuple(failed), tuple(taken))

    def _repeat(self, again: Sequence[Item], watcher: Watcher) -> list[Failed]:
        failed: list[Failed] = []
        done = {(entry.item.upload.path, entry.item.upload.copy) for entry in self.list_known(again)}
        for item in again:
            if (item.upload.path, item.upload.copy) in done:
                continue
            try:
                work = self._recorder.repeat(item)
            except OSError as error:
                failed.append(Failed(item, error))
                continue
            watcher.end(item, work)
            if work is None:
                failed.append(Failed(item, JobFailed("the same bytes failed")))
        return failed

    def _hash(self, owned: Sequence[tuple[Upload, Row]]) -> tuple[list[tuple[Upload, Row]], list[str], list[Upload]]:
        readable: list[tuple[Upload, Row]] = []
        sha256s: list[str] = []
        unreadable: list[Upload] = []
        stamps: list[tuple[str, str]] = []
        for upload, row in owned:
            stamp = None if upload.sha256 is not None else Stamp.of(upload.file)
            known = upload.sha256 or (None if stamp is None else self._ledger.content_of(str(stamp)))
            try:
                sha256 = known or hash_file(upload.file)
            except OSError:
                unreadable.append(upload)
                continue
            if stamp is not None:
                stamps.append((str(stamp), sha256))
            readable.append((upload, row))
            sha256s.append(sha256)
        self._ledger.stamp(stamps)
        return readable, sha256s, unreadable


def run_on(
    out: Path,
    work: Callable[[Batch], int],
    *,
    options: Options,
    models_dir: Path | None = None,
    make_redactor: Callable[[], Redactor] | None = None,
) -> int:
    """``work`` on a batch of the folder of outputs ``out``, and what it gives. ``make_redactor``: as for
    :class:`redact.workers.Workers`.

    Raises:
        Refused: another run uses the folder, or it holds other things.
        ModelError: there are no models.
        OSError: the folder cannot be made or written.
    """
    if out.exists() and not out.is_dir():
        raise Refused("error.out_not_folder")
    if out.is_dir() and not (out / STATE_FOLDER).is_dir() and any(out.iterdir()):
        raise Refused("batch.not_ours")
    places = Places(out)
    models = name_models(models_dir)
    places.prepare()
    with lock(places.state / "lock"), open_ledger(places.state / "ledger.sqlite") as ledger:
        return work(Batch(ledger, places, options, models=models, models_dir=models_dir, make_redactor=make_redactor))


def _make_redactor(models_dir: Path | None, threads: int | None) -> Redactor:
    from redact.pipeline import Redactor

    return Redactor(models_dir=models_dir, threads=threads)

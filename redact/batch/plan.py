"""What is to be done, and why: each upload compared with what the ledger and the folder of outputs say."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

from redact.batch.applicants import Applicants
from redact.batch.ledger import Filed, Ledger, Work
from redact.batch.naming import Named, Target, name_targets
from redact.batch.placing import Places
from redact.batch.roster import Row
from redact.batch.survey import Upload
from redact.names.name import Name
from redact.paths import find_secrets, hide_name
from redact.resources import models_dir
from redact.values import Status


@dataclass(frozen=True, slots=True)
class Options:
    """What an output depends on, apart from the bytes and the name."""

    accept_poor: bool = False
    keep_text: bool = False
    with_names: bool = False


class Why(StrEnum):
    """``new``: nothing is known of these bytes for this name with these options and models. ``retry``: asked for again.
    ``lost``: its output is not there any more."""

    NEW = "new"
    RETRY = "retry"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Item:
    """An upload with all that is known before it is begun. ``source``: its path with the name hidden."""

    upload: Upload
    name: Name = field(repr=False)
    sha256: str
    source: str
    target: Target

    @property
    def content(self) -> tuple[str, str, str]:
        """What is the same of uploads that are worked on once: the bytes, and what else a report tells of an upload: that its
        extension is a wrong one, or why a member of an archive cannot be had."""
        error = self.upload.error
        fault = "" if error is None else f"{error.code} {error.page_index}"
        return self.sha256, fault, "" if self.upload.member is not None else Path(self.upload.path).suffix.lower()


@dataclass(frozen=True, slots=True)
class Plan:
    """``todo``: by the worker, with the reason. ``again``: uploads of the same bytes and name as one that is done or to be
    done. ``moved``: done, and their output is to stand elsewhere. ``done``: nothing is left to do. ``altered``: done, and
    somebody changed the output since. ``gone``: rows of uploads that are no more, or are another's now."""

    todo: tuple[tuple[Item, Why], ...]
    again: tuple[Item, ...]
    moved: tuple[tuple[Item, Filed], ...]
    done: tuple[Item, ...]
    altered: tuple[Item, ...]
    gone: tuple[Filed, ...]


class Keys:
    """The ledger's words for an item."""

    def __init__(self, applicants: Applicants, options: Options, models: str) -> None:
        self._applicants = applicants
        self._recipe = json.dumps([options.accept_poor, options.keep_text, options.with_names, models])

    def key(self, item: Item) -> str:
        return self._applicants.of(item.name).hide_path(f"{item.upload.path}\0{item.upload.copy}")

    def fingerprint(self, item: Item) -> str:
        return self._applicants.of(item.name).fingerprint

    def work(self, item: Item) -> str:
        """One for the same bytes, name, options and models, wherever the bytes lie."""
        said = json.dumps([*item.content, self.fingerprint(item), self._recipe])
        return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()


def make_items(owned: Sequence[tuple[Upload, Row]], sha256s: Sequence[str]) -> list[Item]:
    named = [
        Named(upload.path, _find_secrets(row.name), sha256, upload.copy)
        for (upload, row), sha256 in zip(owned, sha256s, strict=True)
    ]
    return [
        Item(upload, row.name, sha256, hide_name(upload.path, _find_secrets(row.name)), target)
        for (upload, row), sha256, target in zip(owned, sha256s, name_targets(named), strict=True)
    ]


def make_plan(items: Sequence[Item], ledger: Ledger, places: Places, keys: Keys, *, retry: Collection[Status] = ()) -> Plan:
    known = ledger.contents()
    todo: list[tuple[Item, Why]] = []
    again: list[Item] = []
    moved: list[tuple[Item, Filed]] = []
    done: list[Item] = []
    altered: list[Item] = []
    kept: set[str] = set()
    begun: set[tuple[tuple[str, str, str], Name]] = set()
    for item in items:
        same = (item.content, item.name)
        # Without this a name's fingerprint would be worked out for each applicant before the first file is begun.
        work = ledger.work(keys.work(item)) if item.sha256 in known else None
        row = ledger.filed(keys.key(item)) if item.sha256 in known else None
        if row is not None:
            kept.add(row.key)
        if work is not None and work.status in retry:
            why = Why.RETRY
        elif work is None:
            why = Why.NEW
        elif row is not None and row.is_of(work) and _is_changed(row, places):
            altered.append(item)
            continue
        elif row is not None and row.is_of(work) and places.is_intact(row):
            if row.held is None and row.output == place_of(item, work):
                done.append(item)
            else:
                moved.append((item, row))
            continue
        elif find_intact(ledger, places, work) is not None:
            again.append(item)
            continue
        else:
            why = Why.LOST
        if same in begun:
            again.append(item)
        else:
            begun.add(same)
            todo.append((item, why))
    gone = tuple(row for row in ledger.all_filed() if row.key not in kept)
    return Plan(tuple(todo), tuple(again), tuple(moved), tuple(done), tuple(altered), gone)


def place_of(item: Item, work: Work) -> str | None:
    return None if work.kind is None else item.target.place(work.status, work.kind)


def find_intact(ledger: Ledger, places: Places, work: Work) -> Filed | None:
    return next((row for row in ledger.filed_of(work.work) if row.is_of(work) and places.is_intact(row)), None)


def name_models(folder: Path | None) -> str:
    """Changes with whatever may change an outcome: this program, the weights that the manifest lists, what was calibrated.

    Raises:
        ModelError: there are none.
    """
    root = models_dir(folder)
    digest = hashlib.sha256(version("redact-titles").encode())
    for file in [root / "manifest.toml", *sorted((root / "calibration").glob("*"))]:
        if file.is_file():
            digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def count_reasons(plan: Plan) -> Counter[Why]:
    return Counter(why for _, why in plan.todo)


def _is_changed(row: Filed, places: Places) -> bool:
    path = places.find(row)
    return row.output is not None and row.held is None and path.exists() and not places.is_intact(row)


@lru_cache(maxsize=1024)
def _find_secrets(name: Name) -> tuple[str, ...]:
    return find_secrets(name.text, name.aliases)

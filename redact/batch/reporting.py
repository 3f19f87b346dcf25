"""The reports of a batch: ``report.jsonl`` for programs, and those for people."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from redact.batch.ledger import Ledger, Work
from redact.batch.naming import REPORT_FILES
from redact.batch.placing import Places, create_private, sync_folder
from redact.batch.plan import Item, Keys
from redact.batch.reports import write_reports
from redact.batch.reports.record import Record
from redact.paths import find_secrets, hide_name
from redact.texts import Lang
from redact.wire import write_json, write_path


@dataclass(frozen=True, slots=True)
class Entry:
    """An upload and what came of it. ``output``: its place below the folder of outputs."""

    item: Item = field(repr=False)
    work: Work = field(repr=False)
    output: str | None
    applicant: str


def list_entries(items: Sequence[Item], ledger: Ledger, keys: Keys) -> list[Entry]:
    """Of those that something came of, in the order of what is shown of their paths."""
    entries: list[Entry] = []
    known = ledger.contents()
    for item in items:
        if item.sha256 not in known:
            continue
        work, row = ledger.work(keys.work(item)), ledger.filed(keys.key(item))
        if work is not None and row is not None and row.is_of(work) and row.held is None:
            entries.append(Entry(item, work, row.output, keys.fingerprint(item)))
    return sorted(entries, key=lambda entry: (entry.item.source, entry.output or "", entry.work.content))


def write_all(entries: Sequence[Entry], ledger: Ledger, places: Places, *, with_names: bool, lang: Lang) -> None:
    """Each appears whole, in place of an earlier one.

    Raises:
        OSError: they cannot be written.
    """
    held = places.hold()
    with create_private(held) as file:
        for entry in entries:
            file.write((write_json(_tell(entry, lang)) + "\n").encode("utf-8"))
        file.flush()
        os.fsync(file.fileno())
    os.replace(held, places.out / REPORT_FILES[0])
    sync_folder(places.out)
    names = {entry.applicant: entry.item.name.text for entry in entries} if with_names else None
    write_reports(places.out, _records(entries, ledger, with_names, lang), names=names, lang=lang)


def _records(entries: Sequence[Entry], ledger: Ledger, with_names: bool, lang: Lang) -> Iterator[Record]:
    for entry in entries:
        yield Record(
            _tell(entry, lang), ledger.thumbnails(entry.work.work), _find_original(entry.item, with_names), entry.applicant
        )


def _tell(entry: Entry, lang: Lang) -> dict[str, object]:
    output = None if entry.output is None else write_path(entry.output)
    return {**entry.work.reports[lang], "source": write_path(entry.item.source), "output": output}


def _find_original(item: Item, with_names: bool) -> Path | None:
    """None where its path holds the name, also above the folder (a link may lead through it), and for what lies in an archive."""
    file = item.upload.file.resolve()
    secrets = find_secrets(item.name.text, item.name.aliases)
    if item.upload.member is not None or not (with_names or hide_name(str(file), secrets) == str(file)):
        return None
    return item.upload.file

"""What ``redact batch`` says and asks for: the lists before it begins, its progress, and how it ended."""

from __future__ import annotations

import dataclasses
import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from redact.batch.board import Board, tell_work
from redact.batch.naming import STATE_FOLDER
from redact.batch.plan import Item, Options, Plan, Why, count_reasons
from redact.batch.refusal import Refused
from redact.batch.run import Batch, Ended, Matched, Planned, read_and_match, run_on
from redact.batch.work import Failed
from redact.cli_run import INTERRUPTED, OUR_FAULT, STATUS_CODES, WRONG_USAGE, describe_fault, worst
from redact.console import make_console, print_error, print_line
from redact.errors import RedactError
from redact.paths import find_secrets, hide_name
from redact.phrases import phrase
from redact.texts import Lang, explain
from redact.values import Status
from redact.workers import count_cores, measure_memory, plan_workers

if TYPE_CHECKING:
    from redact.pipeline import Redactor

_SHOWN = 20
_NEEDS_REVIEW = STATUS_CODES[Status.REVIEW]


@dataclass(frozen=True, slots=True)
class Call:
    """What the command was given. ``workers``: None for as many as the machine is good for."""

    folder: Path
    roster: Path
    out: Path
    workers: int | None
    retry: tuple[Status, ...]
    dry_run: bool
    options: Options
    models_dir: Path | None
    lang: Lang


def run_batch(call: Call, *, make_redactor: Callable[[], Redactor] | None = None) -> int:
    """Do it, and return the exit code. ``make_redactor``: see :class:`redact.workers.Workers`."""
    console = make_console()
    lang = call.lang
    try:
        matched = read_and_match(call.folder, call.roster, call.out)
        _print_matched(console, matched, lang)
        if not matched.roster.is_sound:
            print_error(console, phrase("batch.not_sound", lang), lang)
            return WRONG_USAGE
        return _run(call, matched, console, make_redactor)
    except KeyboardInterrupt:
        return INTERRUPTED
    except Refused as error:
        print_error(console, phrase(error.phrase_key, lang, **error.values), lang)
    except RedactError as error:
        print_error(console, f"{explain(error, lang)} [{error.detail}]", lang)
        return error.exit_code
    except sqlite3.Error:
        print_error(console, phrase("batch.ledger_write", lang), lang)
        return OUR_FAULT
    except OSError:
        print_error(console, phrase("error.out_not_folder", lang), lang)
    return WRONG_USAGE


def _run(call: Call, matched: Matched, console: Console, make_redactor: Callable[[], Redactor] | None) -> int:
    def work(batch: Batch) -> int:
        planned = batch.plan(matched.matching.owned, call.retry)
        _print_plan(console, planned.plan, call.lang)
        return 0 if call.dry_run else _work(batch, planned, call, matched, console)

    with tempfile.TemporaryDirectory() as nowhere:
        # Nothing is made where nothing is to be done.
        empty = call.dry_run and not (call.out / STATE_FOLDER).is_dir()
        out = Path(nowhere) if empty else call.out
        return run_on(out, work, options=call.options, models_dir=call.models_dir, make_redactor=make_redactor)


def _work(batch: Batch, planned: Planned, call: Call, matched: Matched, console: Console) -> int:
    started = time.perf_counter()
    planned_count, threads = plan_workers(count_cores(), measure_memory())
    count = call.workers or planned_count
    threads = threads if call.workers is None else max(1, count_cores() // count)
    taken: list[Item] = []
    failed: list[Failed] = []
    interrupted = False
    try:
        taken += batch.arrange(planned)
        known = [entry.work for entry in batch.list_known(planned.plan.done)]
        todo = len(planned.plan.todo) + len(planned.plan.again)
        with Board(console, call.lang, total=todo, known=known) as board:
            failed += batch.work(planned, board, count=count, threads=threads)
    except KeyboardInterrupt:
        interrupted = True
    ended = batch.end(planned, failed, taken, call.lang)
    _print_ended(console, ended, planned, matched, call, time.perf_counter() - started)
    if interrupted:
        print_line(console, phrase("batch.interrupted", call.lang), "yellow")
        return INTERRUPTED
    return worst(_list_codes(ended, planned, matched))


def _list_codes(ended: Ended, planned: Planned, matched: Matched) -> Iterator[int]:
    yield from (STATUS_CODES[entry.work.status] for entry in ended.entries)
    yield from (_explain(failure, "zh")[1] for failure in ended.failed)
    yield from (WRONG_USAGE for _ in (*ended.taken, *planned.plan.altered, *planned.unreadable))
    yield from (_NEEDS_REVIEW for _ in matched.matching.unowned)


def _explain(failure: Failed, lang: Lang) -> tuple[str, int]:
    """Wording, and the exit code that it asks for."""
    error = failure.error
    if error is None:
        return phrase("batch.changed", lang), OUR_FAULT
    if isinstance(error, FileExistsError):
        return phrase("batch.taken", lang), WRONG_USAGE
    if isinstance(error, RedactError):
        return explain(error, lang), error.exit_code
    if isinstance(error, OSError):
        return phrase("error.write", lang), OUR_FAULT
    return describe_fault(error, lang), OUR_FAULT


def _print_matched(console: Console, matched: Matched, lang: Lang) -> None:
    roster, matching = matched.roster, matched.matching
    owned, unowned = len(matching.owned), len(matching.unowned)
    counts = {"rows": len(roster.rows), "files": owned + unowned, "owned": owned, "unowned": unowned}
    print_line(console, phrase("batch.roster", lang, **counts))
    if roster.duplicates:
        print_line(console, phrase("batch.duplicates", lang, numbers=_list_numbers(roster.duplicates)), "yellow")
    if roster.invalid:
        print_line(console, phrase("batch.invalid", lang, numbers=_list_numbers(roster.invalid)), "red")
    for numbers in islice(roster.ambiguous, _SHOWN):
        print_line(console, phrase("batch.ambiguous", lang, numbers=_list_numbers(numbers)), "red")
    if matching.unused:
        shown = [
            phrase("batch.row", lang, number=row.number, path=hide_name(row.path, find_secrets(row.name.text, row.name.aliases)))
            for row in matching.unused[:_SHOWN]
        ]
        _print_list(console, phrase("batch.unused", lang, count=len(matching.unused)), shown, len(matching.unused), lang)
    if unowned:
        _print_unowned(console, matched, lang)


def _list_numbers(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers[:_SHOWN])) + (" …" if len(numbers) > _SHOWN else "")


def _print_unowned(console: Console, matched: Matched, lang: Lang) -> None:
    unowned = matched.matching.unowned
    shown = [upload.path for upload in unowned[:_SHOWN]]
    _print_list(console, phrase("batch.unowned", lang, count=len(unowned)), shown, len(unowned), lang)


def _print_list(console: Console, title: str, shown: Sequence[str], count: int, lang: Lang) -> None:
    print_line(console, title, "yellow")
    for line in shown:
        print_line(console, "  " + line)
    if count > len(shown):
        print_line(console, "  " + phrase("batch.more", lang, count=count - len(shown)))


def _print_plan(console: Console, plan: Plan, lang: Lang) -> None:
    reasons = count_reasons(plan)
    counts = {field.name: len(getattr(plan, field.name)) for field in dataclasses.fields(plan)}
    print_line(console, phrase("batch.plan", lang, **counts, **{str(why): reasons[why] for why in Why}))


def _print_ended(
    console: Console,
    ended: Ended,
    planned: Planned,
    matched: Matched,
    call: Call,
    seconds: float,
) -> None:
    lang = call.lang
    lost = [(f.item.source, _explain(f, lang)[0]) for f in ended.failed]
    lost += [(item.source, phrase("batch.taken", lang)) for item in ended.taken]
    lost += [(item.source, phrase("batch.altered", lang)) for item in planned.plan.altered]
    lost += [(upload.path, phrase("error.unreadable", lang)) for upload in planned.unreadable]
    for source, why in islice(lost, _SHOWN):
        print_line(console, phrase("batch.failed", lang, file=source, why=why), "red")
    if len(lost) > _SHOWN:
        print_line(console, phrase("batch.more", lang, count=len(lost) - _SHOWN))
    if matched.matching.unowned:
        _print_unowned(console, matched, lang)
    counts = Counter(tell_work(entry.work) for entry in ended.entries)
    print_line(
        console,
        phrase(
            "batch.summary",
            lang,
            total=len(planned.items) + len(planned.unreadable) + len(matched.matching.unowned),
            pages=sum(entry.work.pages for entry in ended.entries),
            yes=counts["是"],
            no=counts["否"],
            review=counts["复核"],
            rejected=counts["rejected"],
            failed=len(lost),
            unowned=len(matched.matching.unowned),
            seconds=seconds,
        ),
    )
    print_line(console, phrase("where", lang, folder=str(call.out)))

"""What ``redact mask`` and ``redact verify`` do: file after file, so that one that fails does not lose the others."""

from __future__ import annotations

import dataclasses
import hashlib
import time
import traceback
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from rich.console import Console
from rich.progress import Progress

from redact.console import Row, make_console, make_printable, make_progress, print_error, print_line, print_results
from redact.errors import AttachmentError, ModelError, NotAFile, RedactError, SandboxError
from redact.inputs import Input, list_inputs
from redact.names.name import Name
from redact.outputs import clear_leftovers, safe_folder, save_result
from redact.paths import find_secrets, hide_name
from redact.phrases import phrase, phrase_keys
from redact.report import Report, VerifyReport, reject
from redact.texts import Lang, explain, message
from redact.values import Leak, Status

if TYPE_CHECKING:
    from redact.pipeline import Redactor

INTERRUPTED = 130
OUR_FAULT, WRONG_USAGE = 1, 2
STATUS_CODES = {Status.DONE: 0, Status.REVIEW: 3, Status.REJECTED: 4}
_WORST_FIRST = (1, 2, 4, 3, 0)


ShowPage = Callable[[int, int], None]
Done = TypeVar("Done")


@dataclass(frozen=True, slots=True)
class Failure:
    """Why one file could not be handled at all: wording for people, and the exit code that it asks for."""

    text: str
    exit_code: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file: a row for people and the exit code that it asks for."""

    row: Row
    exit_code: int


def mask_files(
    files: Sequence[Path],
    name: Name,
    *,
    accept_poor: bool,
    keep_text: bool,
    out: Path,
    json: bool,
    models_dir: Path | None,
    lang: Lang,
) -> int:
    """Mask every file and return the exit code; the name stays out of everything that is written or shown."""
    console = make_console()
    secrets = find_secrets(name.text, name.aliases)
    started = time.perf_counter()
    outcomes: list[Outcome] = []
    interrupted = False
    try:
        out.mkdir(parents=True, exist_ok=True)
        clear_leftovers(out)
        redactor = load_redactor(models_dir, console=console, lang=lang)
        with make_progress(console) as progress:
            overall = progress.add_task(phrase("progress.files", lang), total=len(files))
            for file in files:
                for given in list_inputs(file):
                    redact = partial(_redact, redactor, given, name, accept_poor, keep_text)
                    outcomes.append(_mask_file(redact, given, secrets, out=out, progress=progress, lang=lang))
                    if json and (report := outcomes[-1].row.report) is not None:
                        print(report.to_json(lang), flush=True)
                progress.advance(overall)
    except KeyboardInterrupt:
        interrupted = True
    except (ModelError, SandboxError) as error:
        print_error(console, f"{explain(error, lang)} [{error.detail}]", lang)
        return error.exit_code
    except OSError:
        # Only from making the folder: what concerns one file is caught with that file.
        print_error(console, phrase("error.out_not_folder", lang), lang)
        return WRONG_USAGE

    if outcomes:
        print_results(console, [o.row for o in outcomes], seconds=time.perf_counter() - started, lang=lang)
        print_line(console, phrase("where", lang, folder=hide_name(str(out), secrets)))
        if any(o.row.report is not None and o.row.report.status is Status.REVIEW for o in outcomes):
            print_line(console, phrase("where.review", lang), "yellow")
    if interrupted:
        print_line(console, phrase("interrupted", lang, done=len(outcomes), total=max(len(files), len(outcomes))), "yellow")
        return INTERRUPTED
    return worst(o.exit_code for o in outcomes)


def verify_file(file: Path, name: Name, *, json: bool, models_dir: Path | None, lang: Lang) -> int:
    """Search one file for the name and return the exit code."""
    console = make_console()
    shown = hide_name(str(file), find_secrets(name.text, name.aliases))
    try:
        check_readable(file)
        redactor = load_redactor(models_dir, console=console, lang=lang)
        try:
            report = redactor.verify(file, name=name.text, aliases=name.aliases)
        except AttachmentError:
            report = VerifyReport(source=shown, source_sha256=hash_file(file), status=Status.REJECTED)
    except KeyboardInterrupt:
        return INTERRUPTED
    except RedactError as error:
        print_error(console, f"{shown}: {explain(error, lang)}", lang)
        return error.exit_code
    except PermissionError:
        print_error(console, f"{shown}: {phrase('error.unreadable', lang)}", lang)
        return WRONG_USAGE
    except Exception as error:  # our fault, and told so; a traceback could show the name
        print_error(console, f"{shown}: {describe_fault(error, lang)}", lang)
        return OUR_FAULT
    report = dataclasses.replace(report, source=hide_name(file.as_posix(), find_secrets(name.text, name.aliases)))
    if json:
        print(report.to_json(lang), flush=True)
    if report.leaks:
        print_line(console, phrase("verify.leaks", lang, file=shown, count=len(report.leaks)), "bold yellow")
        for leak in report.leaks:
            print_line(console, "  " + _describe_leak(leak, lang))
    elif report.status is Status.DONE:
        print_line(console, phrase("verify.clean", lang, file=shown), "green")
    elif report.status is Status.REVIEW:
        print_line(console, phrase("verify.unsure", lang, file=shown), "yellow")
    else:
        print_line(console, phrase("verify.rejected", lang, file=shown), "red")
    return STATUS_CODES[report.status]


def worst(codes: Iterable[int]) -> int:
    """The exit code of a run over many files."""
    return min(codes, key=_WORST_FIRST.index, default=0)


def load_redactor(models_dir: Path | None, *, console: Console, lang: Lang) -> Redactor:
    status = console.status(phrase("progress.load", lang)) if console.is_terminal else nullcontext()
    with status:
        # Loading the models' libraries is the slow part: a wrong call is answered before it.
        from redact.pipeline import Redactor

        return Redactor(models_dir=models_dir)


def _mask_file(
    redact: Callable[[ShowPage], tuple[Report, bytes | None]],
    given: Input,
    secrets: Sequence[str],
    *,
    out: Path,
    progress: Progress,
    lang: Lang,
) -> Outcome:
    shown = hide_name(str(given.path), secrets)
    below = safe_folder(given.below, secrets)

    def mask(show_page: ShowPage) -> Report | Failure:
        report, output = redact(show_page)
        report = dataclasses.replace(report, source=hide_name(given.path.as_posix(), secrets))
        try:
            return save_result(report, output, source=given.path, folder=out, secrets=secrets, lang=lang, below=below).report
        except OSError:
            return Failure(phrase("error.write", lang), OUR_FAULT)

    done = attempt(mask, given.file, shown=shown, progress=progress, lang=lang)
    if isinstance(done, Failure):
        return Outcome(Row(shown, failure=done.text), done.exit_code)
    return Outcome(Row(shown, done), STATUS_CODES[done.status])


def attempt(
    work: Callable[[ShowPage], Done | Failure], file: Path, *, shown: str, progress: Progress, lang: Lang
) -> Done | Failure:
    """``work`` on one file, with a bar for its pages; what goes wrong is told as a failure, so that the next file gets its turn.

    Raises:
        ModelError, SandboxError: the next file would fare no better.
    """
    pages = progress.add_task(make_printable(shown)[-40:], total=None)

    def show_page(done: int, total: int) -> None:
        progress.update(pages, completed=done, total=total)

    try:
        check_readable(file)
        return work(show_page)
    except (ModelError, SandboxError):
        raise
    except RedactError as error:
        return Failure(explain(error, lang), error.exit_code)
    except PermissionError:
        return Failure(phrase("error.unreadable", lang), WRONG_USAGE)
    except Exception as error:  # our fault: told with its kind and place
        return Failure(describe_fault(error, lang), OUR_FAULT)
    finally:
        progress.remove_task(pages)


def _redact(
    redactor: Redactor, given: Input, name: Name, accept_poor: bool, keep_text: bool, show_page: ShowPage
) -> tuple[Report, bytes | None]:
    try:
        if given.error is not None:
            raise given.error
        result = redactor.redact(
            given.source, name=name.text, aliases=name.aliases, accept_poor=accept_poor, keep_text=keep_text, progress=show_page
        )
    except AttachmentError as error:
        return reject(error, source=str(given.path), source_sha256=hash_file(given.file)), None
    return result.report, result.output


def check_readable(file: Path) -> None:
    """Raises NotAFile for a folder, a device or nothing at all, PermissionError for what may not be read."""
    if not file.is_file():
        raise NotAFile("a folder, or nothing, where a file is meant")
    with file.open("rb"):
        pass


def hash_file(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def describe_fault(error: Exception, lang: Lang) -> str:
    """Kind and place of an unexpected exception; its message is left out, since it may quote what was read."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "redact" in Path(f.filename).parts]
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    gap = "" if lang == "zh" else " "
    return message("internal", lang) + gap + phrase("error.internal", lang, kind=type(error).__name__, place=place)


def _describe_leak(leak: Leak, lang: Lang) -> str:
    key = f"channel.{leak.channel}"
    channel = phrase(key, lang) if key in phrase_keys() else leak.channel
    if leak.page_index is None:
        return phrase("verify.file", lang, channel=channel)
    box = "-" if leak.box is None else "{}, {}, {}, {}".format(*leak.box.pixels())
    return phrase("verify.place", lang, channel=channel, page=leak.page_index + 1, box=box)

"""What ``redact screen`` does: file after file, so that one that fails does not lose the others."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.progress import Progress

from redact.cli_run import (
    INTERRUPTED,
    OUR_FAULT,
    STATUS_CODES,
    WRONG_USAGE,
    Failure,
    ShowPage,
    attempt,
    hash_file,
    load_redactor,
    worst,
)
from redact.console import (
    ScreeningRow,
    list_pages,
    make_console,
    make_progress,
    print_error,
    print_line,
    print_screenings,
)
from redact.errors import AttachmentError, ModelError, SandboxError
from redact.inputs import Input, list_inputs
from redact.outputs import clear_leftovers, safe_folder, save_upright
from redact.phrases import phrase
from redact.screening_report import ScreeningReport, reject_upload
from redact.texts import Lang, explain
from redact.values import SURE_ROTATION

if TYPE_CHECKING:
    from redact.pipeline import Redactor

_DEFAULT_FOLDER = Path("upright")


def screen_files(
    files: Sequence[Path], *, upright: bool, out: Path | None, json: bool, models_dir: Path | None, lang: Lang
) -> int:
    """Screen every file and return the exit code; with ``upright``, a copy that is upright goes into ``out``."""
    console = make_console()
    if out is not None and not upright:
        print_error(console, phrase("error.out_without_upright", lang), lang)
        return WRONG_USAGE
    folder = (out or _DEFAULT_FOLDER) if upright else None
    started = time.perf_counter()
    rows: list[ScreeningRow] = []
    codes: list[int] = []
    interrupted = False
    try:
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            clear_leftovers(folder)
        redactor = load_redactor(models_dir, console=console, lang=lang)
        with make_progress(console) as progress:
            overall = progress.add_task(phrase("progress.files", lang), total=len(files))
            for file in files:
                for given in list_inputs(file):
                    row, code = _screen_file(redactor, given, folder=folder, progress=progress, lang=lang)
                    rows.append(row)
                    codes.append(code)
                    if json and row.report is not None:
                        print(row.report.to_json(lang), flush=True)
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

    if rows:
        print_screenings(console, rows, seconds=time.perf_counter() - started, lang=lang)
        if folder is not None:
            print_line(console, phrase("where", lang, folder=folder))
    if interrupted:
        print_line(console, phrase("interrupted", lang, done=len(rows), total=max(len(files), len(rows))), "yellow")
        return INTERRUPTED
    return worst(codes)


def _screen_file(
    redactor: Redactor, given: Input, *, folder: Path | None, progress: Progress, lang: Lang
) -> tuple[ScreeningRow, int]:
    """The file's row, and the exit code that it asks for."""
    shown = str(given.path)

    def screen(show_page: ShowPage) -> ScreeningReport | Failure:
        if given.error is not None:
            return reject_upload(given.error, source=given.path.as_posix(), source_sha256=hash_file(given.file))
        report = dataclasses.replace(redactor.screen(given.source, progress=show_page), source=given.path.as_posix())
        try:
            return report if folder is None else _save_upright(redactor, given, report, folder)
        except OSError:
            return Failure(phrase("error.write", lang), OUR_FAULT)

    done = attempt(screen, given.file, shown=shown, progress=progress, lang=lang)
    if isinstance(done, Failure):
        return ScreeningRow(shown, failure=done.text), done.exit_code
    note = "" if folder is None else _describe_copy(done, lang)
    return ScreeningRow(shown, done, note=note), STATUS_CODES[done.status]


def _describe_copy(report: ScreeningReport, lang: Lang) -> str:
    if report.output is None:
        return phrase("screen.not_upright", lang) if report.pages else ""
    told = phrase("screen.upright", lang, output=report.output)
    left = [page.page_index for page in report.pages if page.rotation_confidence < SURE_ROTATION]
    gap = "；" if lang == "zh" else "; "
    return told + (gap + phrase("screen.left", lang) + list_pages(left, lang) if left else "")


def _save_upright(redactor: Redactor, given: Input, report: ScreeningReport, folder: Path) -> ScreeningReport:
    """The report with the place of the copy, which a file without pages, or with one that cannot be decoded, does not get."""
    try:
        output = redactor.upright(given.source, report)
    except AttachmentError:
        return report
    below = safe_folder(given.below, ())
    saved = save_upright(output, source=given.path, source_sha256=report.source_sha256, folder=folder, below=below)
    return dataclasses.replace(report, output=saved)

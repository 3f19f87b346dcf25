"""Folders of many applicants' files, and a whole ``redact batch`` in a process of its own that reads them at once and can be
killed. Workers import this by name.

Each file that is begun is noted in a file, by its sha256, so that it shows what was done twice.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from fake_reading import FakeReader, Misread, draw_written, write
from PIL import Image

from redact import Redactor, pipeline
from redact.batch.plan import Options
from redact.cli_batch import Call, run_batch
from redact.errors import RedactError
from redact.lines import Reading
from redact.ocr.reader import TextReader
from redact.pipeline import RedactResult
from redact.screening import ClarityThresholds
from redact.values import Page, PageScreening, Pixels, Status
from redact.workers import Task

NAME, OTHER = "张伟", "李芳"
NOTES, DELAY_S = "REDACT_TEST_NOTES", "REDACT_TEST_DELAY_S"
HEIGHT, DOUBTFUL_HEIGHT = 300, 304
TEXT = (write("兹证明张伟同志参加继续教育培训", 40, 40), write("考核成绩合格准予结业特此证明", 40, 120))
# The reader takes another character for the second: a person must look.
DOUBTFUL = (replace(TEXT[0], misread={4: Misread("伪", -4.0)}), TEXT[1])


class BatchReader(FakeReader):
    def read(self, pixels: Pixels, *, charset: frozenset[str], zoom: float = 1.0) -> Reading:
        if pixels.shape[0] == DOUBTFUL_HEIGHT:
            return FakeReader(*DOUBTFUL).read(pixels, charset=charset, zoom=zoom)
        return super().read(pixels, charset=charset, zoom=zoom)


class NotingRedactor(Redactor):
    def redact(self, source: Path | str | bytes, **how: Any) -> RedactResult:
        content = source if isinstance(source, bytes) else Path(source).read_bytes()
        note = f"{hashlib.sha256(content).hexdigest()} {how['name']}\n".encode()
        handle = os.open(os.environ[NOTES], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(handle, note)
        os.close(handle)
        time.sleep(float(os.environ.get(DELAY_S, "0")))
        return super().redact(source, **how)


def make_fast_redactor() -> Redactor:
    def screen_page(page: Page, reading: Reading, reader: TextReader, limits: ClarityThresholds) -> PageScreening:
        return PageScreening(page.index, page.width, page.height, page.dpi, reading.rotation, 0.9, 0.0)

    pipeline.screen_page = screen_page
    return NotingRedactor(reader=BatchReader(*TEXT))


class HereWorkers:
    """For :class:`redact.workers.Workers`, in this process and at once: what is tested is what the batch makes of it."""

    count, ready, start_error = 1, True, None

    def __init__(self, count: int, *, make_redactor: Callable[[], Redactor], threads: int | None) -> None:
        self._redactor = make_redactor()

    def submit(self, job: Callable[..., Any], *, progress: Callable[[int, int], None]) -> Task[Any]:
        task: Task[Any] = Task(b"", progress=progress, deadline_s=None, urgent=False, withdraw=lambda _: None)
        try:
            came = job(self._redactor, progress)
        except RedactError as error:
            task.fail(error)
        else:
            task.end(came)
        return task

    def __enter__(self) -> HereWorkers:
        return self

    def __exit__(self, *_: object) -> None:
        pass


def picture(number: int, *, doubtful: bool = False) -> bytes:
    """Different bytes for each ``number``."""
    out = io.BytesIO()
    pixels = draw_written(700, DOUBTFUL_HEIGHT if doubtful else HEIGHT, *TEXT)
    pixels[-8:, -32:] = [[(255 * (number >> bit & 1),) * 3 for bit in range(16) for _ in range(2)]] * 8
    Image.fromarray(pixels).save(out, "PNG", compress_level=1)
    return out.getvalue()


def pages(*numbers: int) -> bytes:
    """A TIFF."""
    frames = [Image.open(io.BytesIO(picture(number))) for number in numbers]
    out = io.BytesIO()
    frames[0].save(out, "TIFF", save_all=True, append_images=frames[1:], compression="tiff_deflate")
    return out.getvalue()


def put(folder: Path, files: Mapping[str, bytes]) -> None:
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)


def write_roster(file: Path, rows: Sequence[tuple[str, ...]]) -> Path:
    file.write_text("file,name,aliases\n" + "".join(",".join((*row, "")[:3]) + "\n" for row in rows), encoding="utf-8")
    return file


def call(folder: Path, roster: Path, out: Path, **how: Any) -> int:
    """The command, in this process."""
    options = Options(**{key: how.pop(key) for key in ("accept_poor", "keep_text", "with_names") if key in how})
    usual = {"workers": 1, "retry": (), "dry_run": False, "models_dir": None, "lang": "en"}
    return run_batch(Call(folder, roster, out, options=options, **{**usual, **how}), make_redactor=make_fast_redactor)


def start(
    folder: Path, roster: Path, out: Path, notes: Path, *, workers: int = 2, delay_s: float = 0.0
) -> subprocess.Popen[bytes]:
    """The command, in a process of its own."""
    environment = {**os.environ, NOTES: str(notes), DELAY_S: str(delay_s), "PYTHONPATH": os.pathsep.join(sys.path)}
    command = "import sys, batch_case; sys.exit(batch_case.main(*sys.argv[1:]))"
    arguments = [str(folder), str(roster), str(out), str(workers)]
    return subprocess.Popen([sys.executable, "-c", command, *arguments], env=environment, stderr=subprocess.PIPE)


def main(folder: str, roster: str, out: str, workers: str) -> int:
    return call(Path(folder), Path(roster), Path(out), workers=int(workers))


def read_notes(notes: Path) -> list[str]:
    return notes.read_text(encoding="utf-8").splitlines() if notes.exists() else []


def read_report(out: Path) -> list[dict[str, Any]]:
    """Without times."""
    lines = (out / "report.jsonl").read_text(encoding="utf-8").splitlines()
    return [{**json.loads(line), "timings_s": None} for line in lines]


def read_tree(out: Path) -> dict[str, str]:
    """sha256 of each file below ``out`` by its path; reports and what the program keeps for itself apart."""
    files = {p.relative_to(out).as_posix(): p for p in sorted(out.rglob("*")) if p.is_file()}
    own = (".redact-batch/", "report.")
    return {path: hashlib.sha256(file.read_bytes()).hexdigest() for path, file in files.items() if not path.startswith(own)}


def list_statuses(out: Path) -> dict[str, Status]:
    return {line["source"]: Status(line["status"]) for line in read_report(out)}

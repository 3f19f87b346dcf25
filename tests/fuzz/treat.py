"""One program that takes mutants in as a service would: through :class:`redact.Redactor`, with its sandbox on.

Run as a process of its own by ``run.py``, so that its death is seen and belongs to a file. For each file it prints a line of
JSON before (``{"begun": index}``) and one after (``Treated``).
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.append(str(Path(__file__).parents[1]))

import psutil
from fake_reading import FakeReader, write
from mutate import Mutant, make_mutant

from redact import Redactor
from redact.errors import AttachmentError, RedactError
from redact.intake import expand, is_archive
from redact.sandbox import DecodedAttachment, Decoder, choose_decoder
from redact.values import Severity, Status

NAME = "张三"
# The share of files that the shipped OCR reads; the others a reader that "sees" one line where the drawn word stands.
REAL_SHARE = 0.05
INTAKE_CODES = ("unopenable", "encrypted", "empty", "truncated", "wrong_type", "too_large")


@dataclass(frozen=True)
class Treated:
    """What came of one mutant.

    ``outcome``: the code of the first thing that intake rejects it for, "opened" where it has nothing against it. ``lost``: how
    each worker was lost that was. ``untyped``: class and place of an exception that is no AttachmentError, else "". ``pages``:
    that were decoded. ``cpu_s``: of this process and its workers. ``rss_mb``: of this process, afterwards.
    """

    index: int
    kind: str
    mutations: tuple[str, ...]
    sha256: str
    masked: bool
    real: bool
    outcome: str
    lost: tuple[str, ...] = ()
    untyped: str = ""
    pages: int = 0
    seconds: float = 0.0
    cpu_s: float = 0.0
    rss_mb: float = 0.0


class WatchedDecoder:
    """A :class:`redact.sandbox.Decoder` that notes which workers its decoder loses: reports tell the code alone."""

    def __init__(self, decoder: Decoder) -> None:
        self._decoder = decoder
        self.lost: list[str] = []
        self.pages = 0

    def prepare(self) -> None:
        self._decoder.prepare()

    def open(self, source: Any, **options: Any) -> DecodedAttachment:
        opened: Any = _WatchedAttachment(self, self.noting(self._decoder.open, source, **options))
        return opened

    def noting(self, do: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        try:
            return do(*arguments, **options)
        except AttachmentError as error:
            if error.detail.startswith("worker:") or error.detail == "memory":
                self.lost.append(error.detail)
            raise


class _WatchedAttachment:
    """Passes everything on."""

    def __init__(self, home: WatchedDecoder, opened: Any) -> None:
        self._home = home
        self._opened = opened

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._opened, name)
        if not callable(value):
            return value
        if name == "page":
            self._home.pages += 1
        return lambda *arguments, **options: self._home.noting(value, *arguments, **options)

    def __enter__(self) -> _WatchedAttachment:
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()


class Treatment:
    """``decoder``: the shared sandbox unless a test brings another. ``real``: whether the OCR is loaded; else none reads."""

    def __init__(self, decoder: Decoder | None = None, *, real: bool = True) -> None:
        self._watched = WatchedDecoder(choose_decoder(True) if decoder is None else decoder)
        self._fake = FakeReader(write(NAME, 10, 10, 24.0))
        self._redactors = {False: Redactor(reader=self._fake, sandbox=self._watched)}
        if real:
            self._redactors[True] = Redactor(sandbox=self._watched)
        self._me = psutil.Process()

    def treat(self, mutant: Mutant, index: int, *, masked: bool, real: bool) -> Treated:
        self._watched.lost.clear()
        self._watched.pages = 0
        started, used = time.perf_counter(), cpu_seconds(self._me)
        outcome, untyped = "untyped", ""
        try:
            outcome = self._take_in(mutant.content, masked=masked, real=real)
        except AttachmentError as error:
            outcome = error.code
        except Exception as error:
            untyped = describe(error)
        # Else the fake's memory of what it was asked would look like a leak.
        self._fake.asked.clear()
        return Treated(
            index=index,
            kind=mutant.kind,
            mutations=mutant.mutations,
            sha256=mutant.sha256,
            masked=masked,
            real=real,
            outcome=outcome,
            lost=tuple(self._watched.lost),
            untyped=untyped,
            pages=self._watched.pages,
            seconds=round(time.perf_counter() - started, 3),
            cpu_s=round(cpu_seconds(self._me) - used, 3),
            rss_mb=round(self._me.memory_info().rss / 2**20, 1),
        )

    def _take_in(self, content: bytes, *, masked: bool, real: bool) -> str:
        """As the commands do: archives file by file, each report written out. The first code that speaks against the upload."""
        redactor, codes = self._redactors[real], []
        for source in list_sources(content):
            if isinstance(source, AttachmentError):
                codes.append(source.code)
                continue
            if masked:
                screening = redactor.screen(source)
                redactor.verify(source, name=NAME)
                redactor.upright(source, screening) if screening.status is Status.DONE else None
                for keep_text in (False, True):
                    result = redactor.redact(source, name=NAME, accept_poor=True, keep_text=keep_text)
                    codes += rejected(json.loads(result.report.to_json()))
                continue
            codes += rejected(json.loads(redactor.screen(source).to_json()))
        return codes[0] if codes else "opened"


def list_sources(content: bytes) -> Iterator[bytes | AttachmentError]:
    if not is_archive(content):
        yield content
        return
    for member in expand(content):
        if member.error is not None:
            yield member.error
        elif member.content is not None:
            yield member.content


def rejected(report: Mapping[str, Any]) -> list[str]:
    """What intake has against it; what screening says of the pages' looks is not asked here."""
    found = [i["code"] for i in report["issues"] if i["severity"] == Severity.REJECT.value]
    found += [i["code"] for page in report["pages"] for i in page["issues"] if i["severity"] == Severity.REJECT.value]
    return [code for code in found if code in INTAKE_CODES]


def describe(error: Exception) -> str:
    """A fault in a worker comes as a plain RedactError whose detail is the place."""
    if isinstance(error, RedactError):
        return f"{type(error).__name__}: {error.detail}"
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {Path(frame.filename).name}:{frame.lineno}"


def cpu_seconds(process: psutil.Process) -> float:
    """Of a process, its children, and theirs that have ended."""
    total = 0.0
    with suppress(psutil.Error):  # one that has ended meanwhile
        total += sum(process.cpu_times()[:4])
        for child in process.children(recursive=True):
            with suppress(psutil.Error):
                total += sum(child.cpu_times()[:4])
    return total


def is_masked(index: int, files: int, masked: int) -> bool:
    """``masked`` of ``files``, evenly."""
    return (index + 1) * masked // files > index * masked // files


def is_real(seed: int, index: int) -> bool:
    return Random(f"{seed}:{index}:reader").random() < REAL_SHARE


def serve(seed: int, indices: Sequence[int], files: int, masked: int) -> None:
    # What numpy warns of is a result without sense.
    warnings.simplefilter("error", RuntimeWarning)
    treatment = Treatment()
    for index in indices:
        mutant = make_mutant(seed, index)
        print(json.dumps({"begun": index}), flush=True)
        treated = treatment.treat(mutant, index, masked=is_masked(index, files, masked), real=is_real(seed, index))
        print(json.dumps(asdict(treated)), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    for option in ("--seed", "--first", "--step", "--files", "--masked"):
        parser.add_argument(option, type=int, required=True)
    given = parser.parse_args()
    serve(given.seed, range(given.first, given.files, given.step), given.files, given.masked)

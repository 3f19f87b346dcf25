"""What the sandbox costs: the same uploads with and without it, in turn, in one process.

    python tests/bench/sandbox.py                # about 8 minutes on a calm core
    python tests/bench/sandbox.py --pages 6 --rounds 1

The machine's other work moves both sides alike, so ratios of pairs are taken, and their median; processor time, of the workers
too, is moved less by it. Prints tables; tests nothing.
"""

from __future__ import annotations

import argparse
import io
import os
import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import psutil
from PIL import Image, ImageFilter

from redact import Redactor
from redact.ocr.ppocr import PpOcrReader
from redact.options import IntakeLimits, RasterOptions
from redact.samples import Person, draw, scan
from redact.sandbox import Decoder, LocalDecoder, Sandbox

_APPLICANT = Person(("陆雨晴",), 1, "lu", ("yu", "qing"), woman=True)
_DOCUMENTS = ("diploma", "degree", "title_certificate", "appointment", "training", "work_resume", "pledge")
_FORMS = ("JPEG", "PNG", "PDF")


def draw_uploads(count: int) -> Iterator[tuple[str, bytes]]:
    for number in range(count):
        document, form, grade = _DOCUMENTS[number % 7], _FORMS[number % 3], 1 + number % 3
        sample = scan(draw(document, _APPLICANT, seed=number), grade=grade, seed=number)
        out = io.BytesIO()
        options = {"resolution": sample.dpi} if form == "PDF" else {"dpi": (round(sample.dpi),) * 2}
        Image.fromarray(sample.pixels).save(out, form, **options)
        yield f"{document}, grade {grade}, {form}, {sample.pixels.shape[1]} x {sample.pixels.shape[0]}", out.getvalue()


def measure_redacting(count: int, rounds: int) -> None:
    reader = PpOcrReader()
    redactors = {on: Redactor(reader=reader, sandbox=on) for on in (True, False)}
    ratios, totals, cpu_s = [], {True: 0.0, False: 0.0}, {True: 0.0, False: 0.0}
    uploads = list(draw_uploads(count))
    for redactor in redactors.values():
        redactor.redact(uploads[0][1], name=_APPLICANT.name)
    print("\n| upload | without, s | with, s | ratio |\n|---|---|---|---|")
    for number, (name, content) in enumerate(uploads):
        seconds: dict[bool, list[float]] = {True: [], False: []}
        for turn in range(rounds):
            # Who goes first changes: the second finds warmer caches.
            for on in (True, False) if (number + turn) % 2 else (False, True):
                used = cpu_seconds()
                seconds[on].append(timed(partial(redactors[on].redact, content, name=_APPLICANT.name)))
                cpu_s[on] += cpu_seconds() - used
        ratios += [a / b for a, b in zip(seconds[True], seconds[False], strict=True)]
        medians = {on: statistics.median(values) for on, values in seconds.items()}
        for on, value in medians.items():
            totals[on] += value
        print(f"| {name} | {medians[False]:.2f} | {medians[True]:.2f} | {medians[True] / medians[False]:.3f} |", flush=True)
    print(f"| all, in sum | {totals[False]:.1f} | {totals[True]:.1f} | {totals[True] / totals[False]:.3f} |")
    print(f"\nmedian of {len(ratios)} pairs: {statistics.median(ratios):.3f}")
    print(f"processor time: {cpu_s[False]:.1f} s without, {cpu_s[True]:.1f} s with, ratio {cpu_s[True] / cpu_s[False]:.3f}\n")


def cpu_seconds() -> float:
    """Of this process, its workers, and theirs that have ended."""
    me = psutil.Process()
    return sum(sum(process.cpu_times()[:4]) for process in (me, *me.children(recursive=True)))


def large_pages() -> Iterator[tuple[str, bytes]]:
    generator = np.random.default_rng(1)

    def encode(width: int, height: int, form: str, **options: object) -> bytes:
        paper = generator.normal(235, 6, (height, width, 3)).clip(0, 255).astype(np.uint8)
        for y in range(100, height - 100, 60):
            paper[y : y + 28, 150:-150:9] = 40
        out = io.BytesIO()
        Image.fromarray(paper).filter(ImageFilter.GaussianBlur(1)).save(out, form, **options)
        return out.getvalue()

    yield "A4 at 300 dpi, JPEG", encode(2480, 3508, "JPEG", quality=85)
    yield "A4 at 300 dpi, PDF", encode(2480, 3508, "PDF", resolution=300)
    yield "A4 at 300 dpi, PNG", encode(2480, 3508, "PNG")
    yield "12-megapixel photo, JPEG", encode(4000, 3000, "JPEG", quality=90)


def measure_decoding(rounds: int) -> None:
    decoders: dict[str, Decoder] = {"here": LocalDecoder(), "forked": Sandbox(fork=True), "plain": Sandbox(fork=False)}
    print("| open, decode one page, close; ms | here | in a fork server's child | in a plain worker |\n|---|---|---|---|")
    for name, content in large_pages():
        taken: dict[str, list[float]] = {kind: [] for kind in decoders}
        for turn in range(rounds + 1):
            for kind, decoder in decoders.items():
                seconds = timed(partial(decode, decoder, content))
                if turn:
                    taken[kind].append(1000 * seconds)
        print(f"| {name} | " + " | ".join(f"{statistics.median(values):.0f}" for values in taken.values()) + " |", flush=True)


def measure_starting() -> None:
    content = next(draw_uploads(1))[1]
    for fork in (True, False):
        sandbox = Sandbox(fork=fork)
        asked = timed(sandbox.prepare)
        ready = timed(partial(decode, sandbox, content))
        sandbox.close()
        print(f"{'fork server' if fork else 'plain worker'}: asked for in {1000 * asked:.0f} ms, first page after {ready:.2f} s")


def decode(decoder: Decoder, content: bytes) -> None:
    with decoder.open(content, limits=IntakeLimits(), raster=RasterOptions()) as attachment:
        attachment.page(0)


def timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    measure_starting()
    measure_decoding(max(5 * given.rounds, 5))
    measure_redacting(given.pages, given.rounds)

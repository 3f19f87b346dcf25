"""Peak memory of one whole run over a long scan: read, mask, verify.

python tests/bench/memory.py                      # 300 A4 pages at 300 dpi; takes as long as masking them does
python tests/bench/memory.py --pages 20
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
import threading
import time
from multiprocessing import get_context
from pathlib import Path

import psutil
import pymupdf
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

_A4_300_DPI = (2480, 3508)
_A4_POINTS = (595, 842)
# Pages that differ; the file repeats them.
_DISTINCT = 10
_LOOK_S = 0.1


def draw_scan(target: Path, count: int, seed: int) -> None:
    """A PDF of A4 scans, and beside it the name that they hold."""
    from pages import case, plan

    wanted = [i for i in range(100) if plan(i, seed).grade == 2 and plan(i, seed).with_name and not plan(i, seed).rotation]
    cases = [case(index, seed) for index in wanted[:_DISTINCT]]
    pictures = []
    for drawn in cases:
        out = io.BytesIO()
        Image.fromarray(drawn.sample.pixels).resize(_A4_300_DPI).save(out, "JPEG", quality=85, dpi=(300, 300))
        pictures.append(out.getvalue())
    pdf = pymupdf.open()
    for index in range(count):
        page = pdf.new_page(width=_A4_POINTS[0], height=_A4_POINTS[1])
        page.insert_image((0, 0, *_A4_POINTS), stream=pictures[index % len(pictures)])
    pdf.save(target)
    target.with_suffix(".txt").write_text(cases[0].person.name, "utf-8")


class Peak:
    """The most that this process, and it with all its workers, held at a time: resident bytes, shared ones counted in each."""

    def __init__(self) -> None:
        self.own = self.all = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Peak:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        own = psutil.Process()
        while not self._done.wait(_LOOK_S):
            held = own.memory_info().rss
            self.own = max(self.own, held)
            self.all = max(self.all, held + sum(_rss(child) for child in own.children(recursive=True)))


def _rss(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        scan = Path(folder) / "scan.pdf"
        # In a process of its own: what drawing takes is not what masking takes.
        drawing = get_context("spawn").Process(target=draw_scan, args=(scan, args.pages, args.seed))
        drawing.start()
        drawing.join()
        measure(scan, args.pages)


def measure(scan: Path, pages: int) -> None:
    from redact import Redactor

    name = scan.with_suffix(".txt").read_text("utf-8")
    started = time.perf_counter()
    with Peak() as peak:
        result = Redactor().redact(scan, name=name, accept_poor=True, progress=_tell)
    seconds = time.perf_counter() - started
    print("\n| pages | file | process | with its workers | output | seconds a page |")
    print("|---|---|---|---|---|---|")
    output = 0 if result.output is None else len(result.output)
    sizes = [f"{n / 2**20:.0f} MiB" for n in (scan.stat().st_size, peak.own, peak.all, output)]
    print(f"| {pages} | {sizes[0]} | {sizes[1]} | {sizes[2]} | {sizes[3]} | {seconds / pages:.2f} |")


def _tell(done: int, total: int) -> None:
    print(f"\r{done}/{total}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()

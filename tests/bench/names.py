"""The accuracy benchmark: drawn pages in, a table of what was covered, leaked, sent to a person.

    python tests/bench/names.py                        # 416 pages through the whole pipeline, and RapidOCR with string search
    python tests/bench/names.py --pages 100 --no-baseline --keep failures/

Read the columns as: ``covered`` occurrences of which at least 90 % of the glyphs' box is masked; ``leaky`` pages with one that
is not; ``unsafe`` leaky pages that no person will see (verdict not 复核); ``false`` pages without the name that were masked
and released; ``复核`` pages sent to a person; ``outside`` masked area outside the names grown by 30 % of their height.
"""

from __future__ import annotations

import argparse
import io
import json
import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

COVERED = 0.9
GROWN = 0.3


@dataclass
class Result:
    """What became of one page. ``kinds``: (kind of spelling, handwritten, covered) of each occurrence."""

    index: int
    document: str
    grade: int
    rotation: int
    name_kind: str
    has_name: bool
    kinds: list[tuple[str, bool, bool]]
    verdict: str
    reasons: list[str]
    masks: int
    outside: float
    turned: str
    seconds: float
    traps: list[str] = field(default_factory=list)

    @property
    def leaky(self) -> bool:
        return any(not covered for _, _, covered in self.kinds)

    @property
    def unsafe(self) -> bool:
        return self.leaky and self.verdict != "复核"


def measure(sample: Any, boxes: Iterable[tuple[float, float, float, float]]) -> tuple[list[bool], float]:
    """Which occurrences are covered by the boxes, and the share of the page masked outside the grown names."""
    import cv2
    import numpy as np

    height, width = sample.pixels.shape[:2]
    masked = np.zeros((height, width), np.uint8)
    for x0, y0, x1, y1 in boxes:
        masked[max(0, int(y0)) : int(y1), max(0, int(x0)) : int(x1)] = 1
    allowed = np.zeros_like(masked)
    covered = []
    for occurrence in sample.occurrences:
        inside = total = 0
        for quad in occurrence.quads:
            shape = np.zeros_like(masked)
            cv2.fillPoly(shape, [np.round(quad.array()).astype(np.int32)], 1)
            total += int(shape.sum())
            inside += int((shape & masked).sum())
            grow = max(1, round(GROWN * quad.thickness))
            allowed |= cv2.dilate(shape, np.ones((2 * grow + 1, 2 * grow + 1), np.uint8))
        covered.append(inside >= COVERED * total)
    return covered, float((masked & ~allowed & 1).sum()) / (height * width)


def encode(sample: Any) -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    image = Image.fromarray(sample.pixels)
    # The defects of a JPEG are in the pixels already; PNG adds none.
    image.save(buffer, "PNG", compress_level=1, dpi=(sample.dpi, sample.dpi) if sample.dpi else None)
    return buffer.getvalue()


_STATE: dict[str, Any] = {}


def prepare(threads: int, baseline: bool) -> None:
    os.environ["OMP_NUM_THREADS"] = str(threads)
    import cv2

    cv2.setNumThreads(threads)
    if baseline:
        from rapidocr import RapidOCR

        _STATE["rapidocr"] = RapidOCR(params={"Global.log_level": "critical"})
    else:
        from redact.ocr.ppocr import PpOcrReader
        from redact.pipeline import Redactor

        _STATE["redactor"] = Redactor(reader=PpOcrReader(threads=threads))


def run_ours(task: tuple[int, int, str | None]) -> Result:
    from pages import case

    index, seed, keep = task
    page = case(index, seed)
    started = time.perf_counter()
    result = _STATE["redactor"].redact(encode(page.sample), name=page.sample.name, aliases=page.aliases)
    seconds = time.perf_counter() - started
    report = result.report
    first = report.pages[0]
    masks = [(m.x0, m.y0, m.x1, m.y1) for m in first.masks]
    covered, outside = measure(page.sample, masks)
    unsure = any(r.code == "orientation_unsure" for r in first.reasons)
    turned = (
        "right" if first.rotation == page.sample.rotation else "unsure" if unsure or report.verdict.value == "复核" else "wrong"
    )
    made = Result(
        index,
        page.sample.document,
        page.sample.grade,
        page.sample.rotation,
        page.name_kind,
        page.sample.has_name,
        [(o.kind, o.hand, c) for o, c in zip(page.sample.occurrences, covered, strict=True)],
        report.verdict.value,
        [r.code for r in first.reasons],
        len(masks),
        outside,
        turned,
        seconds,
        list(page.sample.traps),
    )
    if keep and (
        made.leaky or made.turned == "wrong" or (made.verdict == "复核") or (masks and not made.has_name) or outside > 0.002
    ):
        _draw(page, first, made, Path(keep))
    return made


def run_baseline(task: tuple[int, int, str | None]) -> Result:
    """RapidOCR as it comes, and a search for the name as a string in each line; the characters' share of the line's box."""
    from pages import case

    index, seed, _ = task
    page = case(index, seed)
    started = time.perf_counter()
    found = _STATE["rapidocr"](page.sample.pixels[:, :, ::-1])
    seconds = time.perf_counter() - started
    boxes = []
    for quad, text in zip(found.boxes if found.boxes is not None else [], found.txts or (), strict=False):
        at = text.find(page.sample.name)
        while at >= 0 and text:
            a, b, c, d = quad
            start, end = at / len(text), (at + len(page.sample.name)) / len(text)
            piece = [a + (b - a) * start, a + (b - a) * end, d + (c - d) * end, d + (c - d) * start]
            xs, ys = [p[0] for p in piece], [p[1] for p in piece]
            pad = 0.3 * (max(ys) - min(ys))
            boxes.append((min(xs) - pad, min(ys) - pad, max(xs) + pad, max(ys) + pad))
            at = text.find(page.sample.name, at + 1)
    covered, outside = measure(page.sample, boxes)
    return Result(
        index,
        page.sample.document,
        page.sample.grade,
        page.sample.rotation,
        page.name_kind,
        page.sample.has_name,
        [(o.kind, o.hand, c) for o, c in zip(page.sample.occurrences, covered, strict=True)],
        "是" if boxes else "否",
        [],
        len(boxes),
        outside,
        "right",
        seconds,
    )


def _draw(page: Any, report: Any, made: Result, folder: Path) -> None:
    """A picture of a page that went wrong: truth green (red where uncovered), masks blue, reasons orange."""
    import cv2

    picture = page.sample.pixels[:, :, ::-1].copy()
    import numpy as np

    thick = max(2, picture.shape[1] // 600)
    for (_, _, ok), occurrence in zip(made.kinds, page.sample.occurrences, strict=True):
        for quad in occurrence.quads:
            cv2.polylines(picture, [quad.array().astype(np.int32)], True, (0, 180, 0) if ok else (0, 0, 255), thick)
    for m in report.masks:
        cv2.rectangle(picture, (int(m.x0), int(m.y0)), (int(m.x1), int(m.y1)), (255, 80, 0), thick)
    for r in report.reasons:
        if r.box is not None:
            cv2.rectangle(
                picture, (int(r.box.x0) - 3, int(r.box.y0) - 3), (int(r.box.x1) + 3, int(r.box.y1) + 3), (0, 140, 255), thick
            )
    folder.mkdir(parents=True, exist_ok=True)
    tag = (
        "leak" if made.leaky else "false" if not made.has_name and made.masks else "turn" if made.turned == "wrong" else "review"
    )
    cv2.imwrite(str(folder / f"{tag}-{made.index:04d}-{made.document}-g{made.grade}-r{made.rotation}.png"), picture)


def row(label: str, results: list[Result], occurrences: list[tuple[str, bool, bool]] | None = None) -> str:
    named = [r for r in results if r.has_name]
    bare = [r for r in results if not r.has_name]
    marks = occurrences if occurrences is not None else [k for r in results for k in r.kinds]

    def share(part: int, whole: int, digits: int = 1) -> str:
        return f"{100 * part / whole:.{digits}f} %" if whole else "–"

    covered = sum(c for _, _, c in marks)
    cells = [
        label,
        f"{covered}/{len(marks)}",
        share(covered, len(marks), 2),
        f"{sum(r.leaky for r in named)}/{len(named)}",
        str(sum(r.unsafe for r in results)),
        f"{sum(r.masks > 0 and r.verdict == '是' for r in bare)}/{len(bare)}",
        share(sum(r.verdict == "复核" for r in bare), len(bare)),
        share(sum(r.verdict == "复核" for r in named), len(named)),
        f"{100 * sum(r.outside for r in results) / max(1, len(results)):.3f} %",
        share(sum(r.turned == "right" for r in results), len(results)) + f" ({sum(r.turned == 'wrong' for r in results)} wrong)",
    ]
    return "| " + " | ".join(cells) + " |"


HEAD = (
    "| pages | occurrences covered | share | leaky pages | unsafe | false | 复核 without name | 复核 with name | outside "
    "| orientation |"
)


def table(results: list[Result], title: str) -> Iterator[str]:
    yield f"\n### {title}: {len(results)} pages, median {sorted(r.seconds for r in results)[len(results) // 2]:.2f} s a page\n"
    yield HEAD
    yield "|" + "---|" * 10
    yield row("all", results)
    yield row("grades 1-3", [r for r in results if r.grade < 4])
    for name, key in (
        ("grade", lambda r: r.grade),
        ("rotation", lambda r: r.rotation),
        ("document", lambda r: r.document),
        ("name", lambda r: r.name_kind),
    ):
        for value in sorted({key(r) for r in results}, key=str):
            yield row(f"{name} {value}", [r for r in results if key(r) == value])
    for kind in sorted({k for r in results for k, _, _ in r.kinds}):
        chosen = [r for r in results if any(k == kind for k, _, _ in r.kinds)]
        yield row(f"spelling {kind}", chosen, [m for r in chosen for m in r.kinds if m[0] == kind])
    hands = [r for r in results if any(h for _, h, _ in r.kinds)]
    yield row("handwriting", hands, [m for r in hands for m in r.kinds if m[1]])


def run(function: Callable[[Any], Result], tasks: list[Any], workers: int, threads: int, baseline: bool) -> list[Result]:
    context = multiprocessing.get_context("spawn")
    results = []
    with context.Pool(workers, prepare, (threads, baseline)) as pool:
        for done, result in enumerate(pool.imap_unordered(function, tasks), 1):
            results.append(result)
            print(f"\r{done}/{len(tasks)}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return sorted(results, key=lambda r: r.index)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=416, help="how many pages to draw")
    parser.add_argument("--start", type=int, default=0, help="index of the first page")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", help="indices, comma-separated, instead of a range")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--keep", help="folder for pictures of the pages that went wrong")
    parser.add_argument("--no-baseline", action="store_true", help="leave out RapidOCR with string search")
    parser.add_argument("--out", type=Path, help="write each page's result as a JSON line")
    chosen = parser.parse_args()
    indices = [int(i) for i in chosen.only.split(",")] if chosen.only else range(chosen.start, chosen.start + chosen.pages)
    tasks = [(i, chosen.seed, chosen.keep) for i in indices]
    ours = run(run_ours, tasks, chosen.workers, 1, baseline=False)
    print("\n".join(table(ours, "redact")))
    if chosen.out:
        chosen.out.write_text("".join(json.dumps(asdict(r), ensure_ascii=False) + "\n" for r in ours), encoding="utf-8")
    if not chosen.no_baseline:
        theirs = run(run_baseline, tasks, chosen.workers, 1, baseline=True)
        print("\n".join(table(theirs, "RapidOCR with string search")))


if __name__ == "__main__":
    main()

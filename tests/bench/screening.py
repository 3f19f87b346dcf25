"""The screening benchmark: drawn pages, good ones and ones with a known defect, read and screened as uploads are.

    python tests/bench/screening.py                         # about 1,000 pages, the table of README.md; 25 minutes on two cores
    python tests/bench/screening.py --share 0.1 --keep out  # a tenth of them, with pictures of what went wrong

What a page ought to get is known from how it was drawn; whether it is *legible* from how it is read (error rate of the reader
under 3 %: good, over 30 %: bad, between: not scored). Files that do not open have a benchmark of their own: openability.py.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

GOOD, BAD = 0.03, 0.30
# How many pages of each set; a spoilt page comes in five strengths.
SIZES = {"good": 150, "hard": 150, "spoilt": 60, "tilt": 60, "mirrored": 40, "incomplete": 270}
# What each drawn defect of completeness must be called, and how gravely.
EXPECTED = {
    "cut": ("cut_off", "reject"),
    "frame": ("cut_off", "any"),
    "corner_outside": ("cut_off", "any"),
    "finger": ("obscured", "any"),
    "object": ("obscured", "any"),
    "glare": ("glare", "reject"),
    "blank": ("blank", "reject"),
    "black": ("too_dark", "reject"),
}
# Grades of scan on which a defect makes sense: a lamp shines on photographs, a sheet on a desk is drawn from a flat one.
_GRADES = {"glare": (3,), "corner_outside": (1, 2), "small_in_photo": (1, 2), "frame": (1, 2, 4)}
PLACED = ("cut_off", "obscured", "glare")


@dataclass
class Result:
    """``errors``: the reader's error rate, -1 where it is not known. ``codes``: code -> severity of what was reported."""

    group: str
    kind: str
    strength: int
    codes: dict[str, str]
    errors: float = -1.0
    legibility: float | None = None
    rotation: str = ""
    tilt_error: float = 0.0
    mirrored: bool = False
    names: int = 0
    missed: int = 0
    unsafe: int = 0
    cropped: bool = False
    read_s: float = 0.0
    screen_s: float = 0.0
    turned: int = 0
    label: str = field(default="")

    @property
    def rejected(self) -> bool:
        """For any other reason than its turn, which is told apart."""
        return any(severity == "reject" and code != "rotated" for code, severity in self.codes.items())


_STATE: dict[str, Any] = {}


def prepare(keep: str | None) -> None:
    os.environ["OMP_NUM_THREADS"] = "1"
    import cv2

    cv2.setNumThreads(1)
    from legibility import OnceReader

    from redact.ocr.ppocr import PpOcrReader
    from redact.screening import load_clarity_thresholds

    _STATE.update(reader=OnceReader(PpOcrReader(threads=1)), limits=load_clarity_thresholds(), keep=keep)


def judge(pixels: Any, group: str, kind: str, strength: int, label: str, charset: frozenset[str] = frozenset()) -> Any:
    """Read and screen one page: (Result, Reading, PageScreening)."""
    from redact.screening import screen_page
    from redact.values import Page

    started = time.perf_counter()
    reading = _STATE["reader"].read(pixels, charset=charset)
    read = time.perf_counter()
    screening = screen_page(Page(0, pixels), reading, _STATE["reader"], _STATE["limits"])
    done = time.perf_counter()
    codes: dict[str, str] = {}
    for issue in screening.issues:
        if codes.get(issue.code) != "reject":
            codes[issue.code] = str(issue.severity)
    result = Result(
        group, kind, strength, codes, legibility=screening.legibility, mirrored=screening.mirrored,
        cropped=screening.sheet is not None, read_s=read - started, screen_s=done - read, label=label,
    )  # fmt: skip
    return result, reading, screening


def search(result: Result, page: Any, query: Any) -> None:
    """On a page that passed: are the names found, or is a person asked to look? Where the page's own search says neither, the
    whole of masking and verification is run."""
    from names_measured import find_covered

    from redact.search import search_page
    from redact.values import Page, Verdict

    decision = search_page(Page(0, page.pixels), query, _STATE["reader"]).decision
    result.names = len(page.names)
    result.missed = result.names - find_covered(page, decision.hits)
    if not result.missed or decision.verdict is Verdict.REVIEW:
        return
    from redact.pipeline import Redactor

    whole = Redactor(reader=_STATE["reader"]).redact(
        encode(page.pixels), name=query.name.text, aliases=query.name.aliases, accept_poor=True
    )
    result.missed = result.names - find_covered(page, whole.report.pages[0].hits)
    result.unsafe = result.missed if whole.report.verdict is not Verdict.REVIEW else 0


def encode(pixels: Any) -> bytes:
    import io

    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def run_spoilt(task: tuple[str, int, int]) -> list[Result]:
    """One page as it was, and in five strengths of one defect."""
    from legibility import KINDS, error_rate, make_base, spoil_base

    from redact.search import Query

    _, index, seed = task
    base = make_base(index, seed, _STATE["reader"])
    kind = KINDS[index % len(KINDS)]
    query = Query.make(base.sample.name, (base.person.pinyin(),))
    results = []
    for strength in range(6):
        page = spoil_base(base, kind, strength)
        result, reading, screening = judge(page.pixels, "spoilt", kind, strength, f"{index}-{strength}", query.charset)
        result.errors = error_rate(page, reading)
        result.turned = base.sample.rotation
        if result.errors < GOOD:
            result.rotation = "right" if screening.rotation == base.sample.rotation else "wrong"
        if not result.rejected:
            search(result, page, query)
        keep_if(result, page.pixels, (result.errors < GOOD and result.rejected) or (result.errors > BAD and not result.rejected))
        results.append(result)
    return results


def run_good(task: tuple[str, int, int]) -> list[Result]:
    """A page of any document, grade and turn."""
    from legibility import error_rate, make_base

    from redact.search import Query

    _, index, seed = task
    base = make_base(index, seed + 1000, _STATE["reader"])
    query = Query.make(base.sample.name, (base.person.pinyin(),))
    result, reading, screening = judge(base.page.pixels, "good", base.document, 0, str(index), query.charset)
    result.errors = error_rate(base.page, reading)
    result.turned = base.sample.rotation
    result.rotation = "right" if screening.rotation == base.sample.rotation else "wrong"
    result.tilt_error = abs(screening.skew_deg - base.sample.skew_deg)
    if not result.rejected:
        search(result, base.page, query)
    keep_if(result, base.page.pixels, result.rejected or result.rotation == "wrong")
    return [result]


def run_hard(task: tuple[str, int, int]) -> list[Result]:
    """A page that looks odd, and is fine."""
    from hard_pages import HARD_KINDS, draw_hard

    _, index, seed = task
    kind = list(HARD_KINDS)[index % len(HARD_KINDS)]
    pixels = draw_hard(kind, seed * 1000 + index, find_lines=find_lines)
    result, _, _ = judge(pixels, "hard", kind, 0, str(index))
    result.rotation = "right" if "rotated" not in result.codes else "wrong"
    keep_if(result, pixels, result.rejected or result.rotation == "wrong")
    return [result]


def run_tilt(task: tuple[str, int, int]) -> list[Result]:
    """A flat page, tilted by up to 15 degrees; seen in perspective, as on a photograph, lines have no common tilt."""
    import cv2
    import numpy as np
    from legibility import PHOTO, make_base

    _, index, seed = task
    bases = (make_base(index + 1000 * attempt, seed + 2000, _STATE["reader"], upright=True) for attempt in range(20))
    base = next(b for b in bases if b.sample.grade != PHOTO)
    tilt = Random(f"tilt/{seed}/{index}").uniform(-15, 15) - base.sample.skew_deg
    height, width = base.page.pixels.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -tilt, 1.0)
    cos, sin = abs(matrix[0, 0]), abs(matrix[0, 1])
    w, h = round(width * cos + height * sin), round(width * sin + height * cos)
    matrix[:, 2] += (w - width) / 2, (h - height) / 2
    edge = [float(v) for v in np.median(base.page.pixels[:4].reshape(-1, 3), axis=0)]
    pixels = np.asarray(cv2.warpAffine(base.page.pixels, matrix, (w, h), flags=cv2.INTER_CUBIC, borderValue=edge), np.uint8)
    result, _, screening = judge(pixels, "tilt", base.document, 0, str(index))
    result.tilt_error = abs(screening.skew_deg - tilt - base.sample.skew_deg)
    result.rotation = "right" if screening.rotation == 0 else "wrong"
    keep_if(result, pixels, result.tilt_error > 0.5)
    return [result]


def run_mirrored(task: tuple[str, int, int]) -> list[Result]:
    import numpy as np
    from legibility import make_base

    _, index, seed = task
    base = make_base(index, seed + 3000, _STATE["reader"])
    pixels = np.ascontiguousarray(base.page.pixels[:, ::-1])
    result, _, screening = judge(pixels, "mirrored", base.document, 0, str(index))
    result.rotation = "right" if screening.rotation == base.sample.rotation else "wrong"
    keep_if(result, pixels, not result.mirrored)
    return [result]


def run_incomplete(task: tuple[str, int, int]) -> list[Result]:
    """A page with one defect of completeness, in one strength."""
    from pages import case, plan

    from redact.samples.defaced import NoPlace
    from redact.samples.incomplete import DEFECTS, apply

    _, index, seed = task
    kinds = list(DEFECTS)
    kind, strength = kinds[index % len(kinds)], index // len(kinds) % 5 + 1
    for attempt in range(60):
        if plan(index + 1000 * attempt, seed + 4000).grade not in _GRADES.get(kind, (1, 2, 3, 4)):
            continue
        sample = case(index + 1000 * attempt, seed + 4000).sample
        try:
            made = apply(kind, strength, sample.pixels, find_lines(sample.pixels), index)
        except NoPlace:
            continue
        break
    else:
        return []
    result, _, _ = judge(made.pixels, "incomplete", kind, strength, str(index))
    keep_if(result, made.pixels, not found(result))
    return [result]


def find_lines(pixels: Any) -> Sequence[Any]:
    """Places of text that was surely read: defects belong on text, not on frames and seals."""
    lines = _STATE["reader"].read(pixels, charset=frozenset()).lines
    return [x.quad for x in lines if x.confidence > 0.8 and x.lattice is not None and len(x.lattice.glyphs) > 1]


def found(result: Result) -> bool:
    """Whether a page with a drawn defect was given its code (or its crop)."""
    if result.kind == "small_in_photo":
        return result.cropped
    code, severity = EXPECTED[result.kind]
    return result.codes.get(code) in (("reject",) if severity == "reject" else ("reject", "warn"))


def keep_if(result: Result, pixels: Any, wrong: bool) -> None:
    if wrong and _STATE["keep"]:
        from PIL import Image

        folder = Path(_STATE["keep"])
        folder.mkdir(parents=True, exist_ok=True)
        codes = "+".join(f"{code}.{severity}" for code, severity in result.codes.items()) or "nothing"
        Image.fromarray(pixels).save(folder / f"{result.group}-{result.kind}-{result.strength}-{result.label}-{codes}.png")


RUNNERS: dict[str, Callable[[tuple[str, int, int]], list[Result]]] = {
    "good": run_good, "hard": run_hard, "spoilt": run_spoilt, "tilt": run_tilt, "mirrored": run_mirrored,
    "incomplete": run_incomplete,
}  # fmt: skip


def run(task: tuple[str, int, int]) -> list[Result]:
    return RUNNERS[task[0]](task)


# ---- the table ----


def share(part: int, whole: int) -> str:
    return f"{part}/{whole} = {100 * part / whole:.2f} %" if whole else "–"


def table(results: Sequence[Result]) -> Iterator[str]:
    scored = [r for r in results if r.errors >= 0]
    good = [r for r in scored if r.errors < GOOD]
    bad = [r for r in scored if r.errors > BAD]
    hard = [r for r in results if r.group == "hard"]
    passed = [r for r in scored if not r.rejected]
    plain = [r for r in [*good, *hard] if r.group in ("good", "hard")]
    turned = [r for r in results if r.rotation and r.group != "mirrored"]
    tilted = [r for r in results if r.group == "tilt"]
    mirrored = [r for r in results if r.group == "mirrored"]
    upright = [r for r in results if r.group in ("good", "hard", "spoilt") and not r.turned]
    names = sum(r.names for r in passed)
    usual = [r for r in results if r.group in ("good", "hard")]
    ratios = sorted(r.screen_s / r.read_s for r in usual)
    yield f"\n### {len(results)} pages\n"
    yield "| asked | measured |"
    yield "|---|---|"
    yield f"| good pages rejected | {share(sum(r.rejected for r in [*good, *hard]), len(good) + len(hard))} |"
    yield f"| – of these, hard good ones | {share(sum(r.rejected for r in hard), len(hard))} |"
    yield f"| illegible pages passed | {share(sum(not r.rejected for r in bad), len(bad))} |"
    yield f"| names missed on pages that passed, nobody asked | {share(sum(r.unsafe for r in passed), names)} |"
    yield f"| names missed on pages that passed, in all | {share(sum(r.missed for r in passed), names)} |"
    yield f"| rotation right, legible pages | {share(sum(r.rotation == 'right' for r in turned), len(turned))} |"
    yield f"| upright pages called turned | {share(sum('rotated' in r.codes for r in upright), len(upright))} |"
    yield f"| tilt within 0.5 degrees, to 15 | {share(sum(r.tilt_error <= 0.5 for r in tilted), len(tilted))} |"
    yield f"| mirrored found | {share(sum(r.mirrored for r in mirrored), len(mirrored))} |"
    others = [r for r in results if r.group != "mirrored"]
    yield f"| others called mirrored | {share(sum(r.mirrored for r in others), len(others))} |"
    for kind in ("cut", "finger", "object", "glare", "frame", "corner_outside", "small_in_photo", "blank", "black"):
        chosen = [r for r in results if r.group == "incomplete" and r.kind == kind]
        yield f"| {kind.replace('_', ' ')} found | {share(sum(map(found, chosen)), len(chosen))} |"
    for code in PLACED:
        worst = "any" if code == "obscured" else "reject"
        wrong = sum(code in r.codes and worst in ("any", r.codes[code]) for r in plain)
        yield f"| false {code} ({'warning' if worst == 'any' else 'reject'}) | {share(wrong, len(plain))} |"
    time_all = sum(r.screen_s for r in usual) / sum(r.read_s for r in usual)
    half = ratios[len(ratios) // 2]
    yield f"| screening time over reading time, good pages | median {100 * half:.1f} %, in all {100 * time_all:.1f} % |"
    yield "\n### Rejected, by defect and strength (error rate of the reader)\n"
    yield "| defect | as it was | 1 | 2 | 3 | 4 | 5 | called |"
    yield "|---|---|---|---|---|---|---|---|"
    for kind in sorted({r.kind for r in results if r.group == "spoilt"}):
        chosen = [r for r in results if r.group == "spoilt" and r.kind == kind]
        cells = []
        for strength in range(6):
            some = [r for r in chosen if r.strength == strength]
            mean = sum(r.errors for r in some) / len(some)
            cells.append(f"{sum(r.rejected for r in some)}/{len(some)} ({100 * mean:.0f} %)")
        counts: dict[str, int] = {}
        for r in chosen:
            for code, severity in r.codes.items():
                if severity == "reject" and code != "rotated":
                    counts[code] = counts.get(code, 0) + 1
        called = ", ".join(f"{code} {n}" for code, n in sorted(counts.items(), key=lambda item: -item[1]))
        yield f"| {kind} | {' | '.join(cells)} | {called} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--share", type=float, default=1.0, help="of the usual number of pages")
    parser.add_argument("--only", choices=tuple(RUNNERS), action="append", help="sets of pages; all where missing")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--keep", help="folder for pictures of the pages that went wrong")
    parser.add_argument("--out", type=Path, help="write each page's result as a JSON line")
    chosen = parser.parse_args()
    tasks = [
        (group, index, chosen.seed)
        for group, size in SIZES.items()
        if not chosen.only or group in chosen.only
        for index in range(max(1, round(size * chosen.share)))
    ]
    Random(0).shuffle(tasks)
    results: list[Result] = []
    with multiprocessing.get_context("spawn").Pool(chosen.workers, prepare, (chosen.keep,)) as pool:
        for done, made in enumerate(pool.imap_unordered(run, tasks), 1):
            results += made
            print(f"\r{done}/{len(tasks)}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    if chosen.out:
        chosen.out.write_text("".join(json.dumps(asdict(r), ensure_ascii=False) + "\n" for r in results), encoding="utf-8")
    print("\n".join(table(results)))


if __name__ == "__main__":
    main()

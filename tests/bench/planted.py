"""Does verification catch what masking leaves? Outputs with one planted leak each, and correct ones that must pass.

    python tests/bench/planted.py                                      # 200 with a leak, 100 correct, 60 with a part of a name
    python tests/bench/planted.py --leaks 40 --correct 20 --partial 0 --keep missed/

Read the columns as: ``leak`` verification says that the name is there, and nothing leaves; ``doubt`` it asks for a person, and
the output is a proposal; ``passed`` the output would have been released: a miss where a leak was planted, as it should where the
output is correct. ``refused`` is leak and doubt together.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

_STATE: dict[str, Any] = {}


def prepare(threads: int) -> None:
    os.environ["OMP_NUM_THREADS"] = str(threads)
    import cv2

    cv2.setNumThreads(threads)
    from redact.ocr.ppocr import PpOcrReader

    _STATE["reader"] = PpOcrReader(threads=threads)


def judge(task: tuple[str, int, int, str | None]) -> dict[str, Any]:
    from planted import plant
    from verified import verify_content

    from redact.search import Query

    leak, index, seed, keep = task
    made = plant(leak, index, seed)
    found = verify_content(made.content, Query.make(made.name, made.aliases), _STATE["reader"])
    outcome = "leak" if found.leaks else "doubt" if found.doubts or found.unsearched else "passed"
    row = {
        "leak": leak,
        "index": index,
        "kind": made.kind,
        "spelling": made.spelling,
        "hand": made.hand,
        "grade": made.grade,
        "document": made.document,
        "outcome": outcome,
        "channels": sorted({x.channel for x in found.leaks}),
        "doubts": sorted({r.code for reasons in found.doubts.values() for r in reasons}),
        "unsearched": sorted(found.unsearched),
    }
    if keep and (outcome == "passed") != (leak == "correct"):
        _keep(made, found, Path(keep))
    return row


def _keep(made: Any, found: Any, folder: Path) -> None:
    """The page as a picture, the planted place in red, what verification found in blue."""
    from PIL import Image, ImageDraw

    from redact.intake import open_attachment

    folder.mkdir(parents=True, exist_ok=True)
    with open_attachment(made.content) as attachment:
        shown = sorted({made.page_index, *found.found, *found.doubts, *found.unsearched})
        for page_index in shown:
            image = Image.fromarray(attachment.page(page_index).pixels)
            draw = ImageDraw.Draw(image)
            if page_index == made.page_index:
                for quad in made.quads:
                    draw.polygon([tuple(p) for p in quad.points], outline=(230, 0, 0), width=3)
            hits = [b for h in (found.found[page_index].hits if page_index in found.found else ()) for b in h.boxes]
            hits += [r.box for r in found.doubts.get(page_index, ()) if r.box is not None]
            for box in hits:
                draw.rectangle((box.x0, box.y0, box.x1, box.y1), outline=(0, 60, 230), width=3)
            image.save(folder / f"{made.leak}-{made.index:03d}-{page_index}.png")


def tabulate(rows: list[dict[str, Any]]) -> Iterator[str]:
    yield "| planted | outputs | leak | doubt | passed | refused |"
    yield "|---|---|---|---|---|---|"
    groups = _groups(rows)
    for title, members in groups.items():
        if not members:
            continue
        count = {o: sum(r["outcome"] == o for r in members) for o in ("leak", "doubt", "passed")}
        refused = 1 - count["passed"] / len(members)
        yield f"| {title} | {len(members)} | {count['leak']} | {count['doubt']} | {count['passed']} | {refused:.1%} |"


def _groups(rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    from planted import PARTIAL, WHOLE

    printed = [r for r in rows if r["leak"] in WHOLE and not r["hand"]]
    groups = {f"{leak}": [r for r in printed if r["leak"] == leak] for leak in WHOLE}
    groups |= {f"in {kind}": [r for r in printed if r["kind"] == kind] for kind in ("JPEG", "PNG", "PDF", "TIFF")}
    groups["**print and text layers, together**"] = printed
    groups["handwriting left"] = [r for r in rows if r["leak"] in WHOLE and r["hand"]]
    groups |= {f"{leak} (part of a name)": [r for r in rows if r["leak"] == leak] for leak in PARTIAL}
    groups["none: correct outputs"] = [r for r in rows if r["leak"] == "correct"]
    return groups


def parse(argv: Iterable[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--leaks", type=int, default=200)
    parser.add_argument("--correct", type=int, default=100)
    parser.add_argument("--partial", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--keep", help="folder for pictures of what was judged wrongly")
    parser.add_argument("--rows", help="JSON lines, one for each output")
    return parser.parse_args(None if argv is None else list(argv))


def main() -> None:
    from planted import CORRECT, PARTIAL, WHOLE

    args = parse()
    tasks = [(WHOLE[i % len(WHOLE)], i // len(WHOLE), args.seed, args.keep) for i in range(args.leaks)]
    tasks += [(CORRECT, i, args.seed, args.keep) for i in range(args.correct)]
    tasks += [(PARTIAL[i % 2], i // 2, args.seed, args.keep) for i in range(args.partial)]
    rows: list[dict[str, Any]] = []
    with multiprocessing.get_context("spawn").Pool(args.workers, prepare, (args.threads,)) as pool:
        for row in pool.imap(judge, tasks):
            rows.append(row)
            if args.rows:
                with Path(args.rows).open("a", encoding="utf-8") as sink:
                    sink.write(json.dumps(row) + "\n")
            print(f"\r{len(rows)}/{len(tasks)}", end="", file=sys.stderr)
    print(file=sys.stderr)
    print("\n".join(tabulate(rows)))
    missed = [r for r in rows if r["outcome"] == "passed" and r["leak"] in WHOLE]
    for row in missed:
        print(f"missed: {json.dumps(row)}")


if __name__ == "__main__":
    main()

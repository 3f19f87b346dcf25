"""The accuracy table on pages of your own: real images with the boxes of a name.

    python tests/bench/labelled.py FOLDER [--keep pictures/]

FOLDER holds ``names.jsonl``, one line per (file, page, name): ``{"file": "a.jpg", "page": 0, "name": "…",
"boxes": [[x0, y0, x1, y1]], "kinds": ["print"]}``. Boxes are pixels of the stored image (EXIF ignored), of a PDF pixels at
``render_dpi`` (150). ``kinds`` runs parallel; ``split`` is one occurrence over two boxes. A line without boxes is a trap: nothing
of the page may be masked.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pymupdf

COVERED = 0.9


def content_of(folder: Path, entry: dict[str, Any]) -> bytes:
    """The file, or of a PDF the one page as a PDF of its own."""
    path = folder / entry["file"]
    if path.suffix.lower() != ".pdf":
        return path.read_bytes()
    with pymupdf.open(path) as whole, pymupdf.open() as single:
        single.insert_pdf(whole, from_page=entry["page"], to_page=entry["page"])
        return bytes(single.tobytes())


def cover(report: Any, entry: dict[str, Any], stored: tuple[int, int] | None) -> list[bool]:
    """For each box whether at least 90 % of it is masked. ``stored``: width and height of the stored image."""
    page = report.pages[0]
    scale = 1.0
    if stored is None:
        scale = 1.0 / (entry.get("render_dpi", 150) / (page.width / entry["width_in"]))
    masked = np.zeros((page.height, page.width), np.uint8)
    for m in page.masks:
        masked[int(m.y0) : int(m.y1), int(m.x0) : int(m.x1)] = 1
    result = []
    for box in entry["boxes"]:
        x0, y0, x1, y1 = (round(v * scale) for v in box)
        part = masked[y0:y1, x0:x1]
        result.append(bool(part.size) and float(part.mean()) >= COVERED)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--keep", type=Path, help="folder for a picture of every page")
    chosen = parser.parse_args()
    from redact.intake import open_attachment
    from redact.pipeline import Redactor

    redactor = Redactor()
    kinds: dict[str, list[bool]] = defaultdict(list)
    verdicts: dict[str, list[str]] = defaultdict(list)
    unsafe, rows = 0, []
    for number, line in enumerate((chosen.folder / "names.jsonl").read_text(encoding="utf-8").splitlines()):
        entry = json.loads(line)
        content = content_of(chosen.folder, entry)
        with open_attachment(content) as attachment:
            pixels = attachment.page(0).pixels
            is_pdf = attachment.media_type.value == "application/pdf"
        if is_pdf:
            with pymupdf.open(stream=content, filetype="pdf") as document:
                entry["width_in"] = document[0].rect.width / 72
        report = redactor.redact(content, name=entry["name"]).report
        covered = cover(report, entry, None if is_pdf else (pixels.shape[1], pixels.shape[0]))
        trap = not entry["boxes"]
        verdict = report.mask_required.value
        for kind, ok in zip(entry["kinds"], covered, strict=True):
            kinds[kind].append(ok)
        verdicts["trap" if trap else "named"].append(verdict)
        leaky = not all(covered)
        unsafe += leaky and verdict != "复核"
        reasons = sorted({r.code for r in report.pages[0].reasons})
        rows.append((number, Path(entry["file"]).name[-40:], trap, f"{sum(covered)}/{len(covered)}", verdict, reasons))
        if chosen.keep:
            chosen.keep.mkdir(parents=True, exist_ok=True)
            picture = pixels[:, :, ::-1].copy()
            thick = max(1, picture.shape[1] // 700)
            scale = 1.0 if not is_pdf else picture.shape[1] / (entry["width_in"] * entry.get("render_dpi", 150))
            for box, ok in zip(entry["boxes"], covered, strict=True):
                x0, y0, x1, y1 = (round(v * scale) for v in box)
                cv2.rectangle(picture, (x0, y0), (x1, y1), (0, 180, 0) if ok else (0, 0, 255), thick)
            for m in report.pages[0].masks:
                cv2.rectangle(picture, (int(m.x0), int(m.y0)), (int(m.x1), int(m.y1)), (255, 80, 0), thick)
            cv2.imwrite(str(chosen.keep / f"{number:03d}-{'trap' if trap else 'leak' if leaky else 'ok'}-{verdict}.png"), picture)
    print("| line | file | trap | covered | verdict | reasons |\n|---|---|---|---|---|---|")
    for row in rows:
        print("| " + " | ".join(str(cell) for cell in row) + " |")
    print("\n| kind | covered |\n|---|---|")
    for kind, marks in sorted(kinds.items()):
        print(f"| {kind} | {sum(marks)}/{len(marks)} |")
    every = [m for marks in kinds.values() for m in marks]
    print(f"| all | {sum(every)}/{len(every)} |\n")
    for group, given in verdicts.items():
        print(f"{group}: " + ", ".join(f"{v} {given.count(v)}" for v in ("是", "否", "复核")))
    print(f"unsafe pages: {unsafe}")


if __name__ == "__main__":
    main()

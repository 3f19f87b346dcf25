"""A contact sheet: every defect in its five strengths, framed by what screening says of it, to be looked at.

    python tests/bench/contact_sheet.py contact.png            # green: in order; yellow: a warning; red: rejected

A crop of each page is shown at the size of the screen, with the code and its value against its threshold below.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

TILE = (300, 190)
_COLOURS = {None: (40, 150, 70), "warn": (230, 170, 0), "reject": (200, 30, 40)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", type=Path)
    parser.add_argument("--page", type=int, default=3, help="which drawn page")
    parser.add_argument("--seed", type=int, default=7)
    chosen = parser.parse_args()

    from legibility import OnceReader, make_base
    from PIL import Image, ImageDraw

    from redact.ocr.ppocr import PpOcrReader
    from redact.samples.defaced import NoPlace
    from redact.samples.defects import CLARITY, STRENGTHS, spoil
    from redact.samples.incomplete import DEFECTS, apply
    from redact.screening import load_clarity_thresholds, screen_page
    from redact.values import Page

    reader, limits = OnceReader(PpOcrReader()), load_clarity_thresholds()
    base = make_base(chosen.page, chosen.seed, reader, upright=True)
    quads = [quad for quad, _ in base.page.lines]

    def screen(pixels: Any) -> Any:
        return screen_page(Page(0, pixels), reader.read(pixels, charset=frozenset()), reader, limits)

    kinds = [*CLARITY, *DEFECTS]
    width, height = TILE[0] + 12, TILE[1] + 34
    sheet = Image.new("RGB", (110 + width * len(STRENGTHS), height * len(kinds)), "white")
    pen = ImageDraw.Draw(sheet)
    for row, kind in enumerate(kinds):
        pen.text((6, row * height + 80), kind, fill="black")
        for strength in STRENGTHS:
            try:
                if kind in CLARITY:
                    pixels = spoil(kind, strength, base.page.pixels, em_px=base.page.em_px, seed=chosen.page)
                    box, whole = None, False
                else:
                    made = apply(kind, strength, base.page.pixels, quads, chosen.page)
                    pixels, box, whole = made.pixels, made.hit[0] if made.hit else None, not made.hit
            except NoPlace:
                continue
            found = screen(pixels)
            x, y = 110 + (strength - 1) * width, row * height
            worst = min(found.issues, key=lambda i: (i.severity != "reject", i.code), default=None)
            colour = _COLOURS[None if worst is None else str(worst.severity)]
            sheet.paste(_crop(pixels, box, whole), (x + 6, y + 6))
            pen.rectangle((x + 3, y + 3, x + TILE[0] + 8, y + TILE[1] + 8), outline=colour, width=4)
            told = f"legibility {found.legibility:.2f}" if found.legibility is not None else "no text"
            if worst is not None:
                told = worst.code + ("" if worst.value is None else f" {worst.value:.2f} ({worst.threshold:.2f})") + ", " + told
            pen.text((x + 6, y + TILE[1] + 12), told, fill=colour)
    sheet.save(chosen.target)


def _crop(pixels: Any, box: Any, whole: bool) -> Any:
    """The whole page, or a part of it at about the size of the screen around ``box``."""
    from PIL import Image

    image = Image.fromarray(pixels)
    if whole:
        image.thumbnail(TILE)
        return image
    scale = min(1.0, image.width / 1400)
    w, h = TILE[0] * max(scale, 0.15), TILE[1] * max(scale, 0.15)
    cx, cy = box.centre if box is not None else (image.width / 2, image.height * 0.42)
    left, top = min(max(cx - w / 2, 0), image.width - w), min(max(cy - h / 2, 0), image.height - h)
    return image.crop((round(left), round(top), round(left + w), round(top + h))).resize(TILE, Image.Resampling.BICUBIC)


if __name__ == "__main__":
    main()

"""Which characters the recogniser takes for others: ``python tests/bench/measure_characters.py`` (12 minutes on one core).

Every Chinese character of the recogniser's alphabet is printed as the middle one of a name of three, in a song, a hei and a kai
face, once cleanly and once as a poor scan (18 px high, blurred, noisy, JPEG 45). The lowest score that it gets where it stands
goes into ``models/calibration/misread_characters.tsv``, where that is below KEPT_BELOW: for these, "it plainly reads as something
else" proves nothing. Needs the faces of ``fetch_fonts.py``.
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFont

from redact.geometry import Box, Quad
from redact.names.name import is_han
from redact.ocr.engines import read_alphabet
from redact.ocr.models import find_weights
from redact.ocr.ppocr import PpOcrReader
from redact.values import Pixels

FONTS = Path(__file__).parent / "fonts"
TARGET = Path(__file__).resolve().parents[2] / "models" / "calibration" / "misread_characters.tsv"
FACES = ("song-noto-serif-sc", "hei-noto-sans-sc", "kai-lxgw-wenkai")
SURNAMES, GIVEN = "王李张刘陈杨赵黄周吴", "伟芳敏静丽强磊军洋勇"
EM_PX, MARGIN_PX, NAMES_A_LINE = 44, 12, 4
POOR_SCALE = 0.42
KEPT_BELOW = -0.5
# How far from its middle a character's peak may lie, in frames of 8 px at a line height of 48 px.
REACH = 3


def print_line(text: str, face: ImageFont.FreeTypeFont, rng: np.random.Generator, *, poor: bool) -> Pixels:
    picture = Image.new("L", (int(face.getlength(text)) + 2 * MARGIN_PX, EM_PX + 16), 255)
    ImageDraw.Draw(picture).text((MARGIN_PX, 6), text, font=face, fill=0)
    grey = np.array(picture)
    if poor:
        small = cv2.resize(grey, None, fx=POOR_SCALE, fy=POOR_SCALE, interpolation=cv2.INTER_AREA)
        soft = cv2.GaussianBlur(small, (0, 0), 0.6)
        noisy = np.clip(60 + soft * (150 / 255) + rng.normal(0, 5, soft.shape), 0, 255).astype(np.uint8)
        grey = cv2.imdecode(cv2.imencode(".jpg", noisy, [cv2.IMWRITE_JPEG_QUALITY, 45])[1], cv2.IMREAD_GRAYSCALE)
    return np.ascontiguousarray(np.repeat(grey[:, :, None], 3, axis=2))


def score_line(reader: PpOcrReader, chars: list[str], pixels: Pixels, em_px: float) -> list[float]:
    """The best score of each of ``chars`` around where it was printed."""
    height, width = pixels.shape[:2]
    lattice = reader.read_places(pixels, [Quad.from_box(Box(0, 0, width, height))], charset=frozenset(chars))[0].lattice
    scores = []
    for i, char in enumerate(chars):
        if lattice is None:
            scores.append(-99.0)
            continue
        # A surname, the character, a given one, and a mark: four ems a name.
        middle = (em_px * MARGIN_PX / EM_PX + (4 * i + 1.5) * em_px) / width
        frame = int(middle / lattice.length * lattice.frames)
        scores.append(float(lattice.scores[max(0, frame - REACH) : frame + REACH + 1, lattice.charset[char]].max()))
    return scores


def main() -> None:
    alphabet = [c for c in read_alphabet(find_weights("recognition").path) if len(c) == 1 and is_han(c)]
    reader, rng = PpOcrReader(), np.random.default_rng(0)
    lowest: dict[str, float] = {}
    for name in FACES:
        path = FONTS / f"{name}.ttf"
        face, drawn = ImageFont.truetype(str(path), EM_PX), TTFont(path).getBestCmap()
        chars = [c for c in alphabet if ord(c) in drawn]
        for poor in (False, True):
            for at in range(0, len(chars), NAMES_A_LINE):
                part = chars[at : at + NAMES_A_LINE]
                text = "、".join(f"{rng.choice(list(SURNAMES))}{c}{rng.choice(list(GIVEN))}" for c in part)
                pixels = print_line(text, face, rng, poor=poor)
                for char, score in zip(part, score_line(reader, part, pixels, EM_PX * (POOR_SCALE if poor else 1)), strict=True):
                    lowest[char] = min(score, lowest.get(char, 0.0))
            print(f"{name}, {'poor' if poor else 'clean'}: {len(chars)} characters", file=sys.stderr)
    kept = {c: lowest.get(c, -99.0) for c in alphabet if lowest.get(c, -99.0) < KEPT_BELOW}
    TARGET.write_text("".join(f"{c}\t{score:.1f}\n" for c, score in kept.items()), encoding="utf-8")
    print(f"{len(kept)} of {len(alphabet)} characters are misread now and then", file=sys.stderr)


if __name__ == "__main__":
    main()

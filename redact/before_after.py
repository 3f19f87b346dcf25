"""One picture of many pages, each before and after, to judge a run at a glance."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

from redact.values import Verdict

_COLUMNS = 3
_THUMB = (420, 420)
_GAP = 14
_TITLE_HEIGHT = 56
_MARGIN = 24
_INK, _FAINT, _PAPER, _CARD = (32, 32, 36), (120, 120, 128), (233, 234, 238), (255, 255, 255)
_COLOURS = {Verdict.REQUIRED: (22, 120, 60), Verdict.NOT_REQUIRED: (0, 105, 140), Verdict.REVIEW: (190, 110, 0)}


@dataclass(frozen=True, slots=True)
class Pair:
    """One page: RGB pictures of the upload and of the output, None where nothing was released."""

    title: str
    verdict: Verdict
    before: Image.Image = field(repr=False)
    after: Image.Image | None = field(repr=False)


def draw_before_after(pairs: Sequence[Pair], *, before: str, after: str, missing: str) -> bytes:
    """PNG bytes: a card for each pair, headed by its title and verdict.

    ``before``, ``after``: labels of the two pictures; ``missing``: what stands where nothing was released.
    """
    card_width = 2 * _THUMB[0] + 3 * _GAP
    card_height = _THUMB[1] + _TITLE_HEIGHT + 2 * _GAP
    rows = -(-len(pairs) // _COLUMNS)
    columns = min(_COLUMNS, max(len(pairs), 1))
    sheet = Image.new(
        "RGB",
        (
            columns * card_width + (columns - 1) * _GAP + 2 * _MARGIN,
            rows * card_height + (rows - 1) * _GAP + 2 * _MARGIN,
        ),
        _PAPER,
    )
    pen = ImageDraw.Draw(sheet)
    for i, pair in enumerate(pairs):
        x = _MARGIN + i % _COLUMNS * (card_width + _GAP)
        y = _MARGIN + i // _COLUMNS * (card_height + _GAP)
        pen.rounded_rectangle((x, y, x + card_width, y + card_height), 10, fill=_CARD)
        pen.text((x + _GAP, y + 6), pair.title, font=_font(19), fill=_INK)
        pen.text((x + card_width - _GAP, y + 6), pair.verdict.value, font=_font(19), fill=_COLOURS[pair.verdict], anchor="ra")
        for side, (label, picture) in enumerate(((before, pair.before), (after, pair.after))):
            left, top = x + _GAP + side * (_THUMB[0] + _GAP), y + _TITLE_HEIGHT
            pen.text((left, top - 24), label, font=_font(15), fill=_FAINT)
            _place(sheet, pen, picture, left, top, missing)
    buffer = io.BytesIO()
    sheet.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _place(sheet: Image.Image, pen: ImageDraw.ImageDraw, picture: Image.Image | None, left: int, top: int, missing: str) -> None:
    width, height = _THUMB
    if picture is None:
        pen.rectangle((left, top, left + width, top + height), outline=_FAINT)
        pen.text((left + width / 2, top + height / 2), missing, font=_font(19), fill=_FAINT, anchor="mm")
        return
    small = picture.convert("RGB")
    small.thumbnail(_THUMB, Image.Resampling.LANCZOS, reducing_gap=3.0)
    at = left + (width - small.width) // 2, top + (height - small.height) // 2
    sheet.paste(small, at)
    pen.rectangle((at[0] - 1, at[1] - 1, at[0] + small.width, at[1] + small.height), outline=(200, 200, 206))


@lru_cache(maxsize=8)
def _font(size: int) -> ImageFont.FreeTypeFont:
    # PyMuPDF carries a CJK face, so that no system font is needed.
    import pymupdf

    return ImageFont.truetype(io.BytesIO(pymupdf.Font("cjk").buffer), size)

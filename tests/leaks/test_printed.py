"""The printed name itself: one even black where it stood, no trace of it beside, and a mask that does not tell its length."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from leak_battery import masks_of
from leak_pages import EM, HEIGHT, NAMES, WIDTH, draw_page, font, ink_on
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from redact.geometry import Box, Quad
from redact.masking import fit_masks, mask_file
from redact.values import Hit, MediaType, Page, PageMasks

DARK, RED = (25, 25, 25), (200, 30, 40)
LOSSLESS: list[tuple[str, MediaType, str, dict[str, Any]]] = [
    ("PNG", MediaType.PNG, "RGB", {}),
    ("PNG", MediaType.PNG, "L", {}),
    ("TIFF", MediaType.TIFF, "1", {"compression": "group4"}),
    ("TIFF", MediaType.TIFF, "RGB", {"compression": "tiff_lzw"}),
    ("WEBP", MediaType.WEBP, "RGB", {"lossless": True}),
    ("BMP", MediaType.BMP, "RGB", {}),
]
# Grey levels by which the output may differ from that of a page on which the name was never printed.
RESIDUE = 3


def _encode(name: str, kind: str, mode: str, *, printed: bool, colour: Any = DARK, **options: Any) -> bytes:
    out = io.BytesIO()
    image = draw_page(name, printed=printed, colour=colour).image
    image.convert(mode, **({"dither": Image.Dither.NONE} if mode == "1" else {})).save(out, kind, **options)
    return out.getvalue()


def _decode(content: bytes) -> NDArray[np.uint8]:
    with Image.open(io.BytesIO(content)) as image:
        return np.asarray(image.convert("RGB"))


def _masked(content: bytes, media_type: MediaType, name: str) -> NDArray[np.uint8]:
    return _decode(mask_file(content, media_type, [PageMasks(0, WIDTH, HEIGHT, masks_of(name))]))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("kind", "media_type", "mode", "options"), LOSSLESS)
def test_the_output_is_that_of_a_page_without_the_name(
    name: str, kind: str, media_type: MediaType, mode: str, options: dict[str, Any]
) -> None:
    named, blank = (_encode(name, kind, mode, printed=p, **options) for p in (True, False))
    assert (_decode(named) != _decode(blank)).any()
    masked = _masked(named, media_type, name)
    assert (masked == _masked(blank, media_type, name)).all()
    x0, y0, x1, y1 = ink_on(draw_page(name), WIDTH, HEIGHT)
    assert not masked[y0:y1, x0:x1].any()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("quality", [30, 60, 85])
@pytest.mark.parametrize("subsampling", [0, 2])
def test_jpeg_leaves_no_residue_of_the_name_beside_the_mask(name: str, quality: int, subsampling: int) -> None:
    """Blocks of 8 pixels, or of 16 where colour is coarser, carry ink over the name's edge: the mask reaches beyond them."""
    options = {"quality": quality, "subsampling": subsampling}
    named, blank = (_encode(name, "JPEG", "RGB", printed=p, **options) for p in (True, False))
    residue = np.abs(_masked(named, MediaType.JPEG, name).astype(int) - _masked(blank, MediaType.JPEG, name))
    assert residue.max() <= RESIDUE
    assert _residue_of_a_tight_rectangle(named, blank, name) > 4 * RESIDUE, "what this test would see"


@pytest.mark.parametrize("quality", [30, 60, 85])
def test_red_ink_leaves_no_readable_colour_beside_the_mask(quality: int) -> None:
    """Coarser colour reaches up to 16 pixels: of a red name a tinge may be left, in the shape of blocks and not of strokes."""
    name = NAMES[1]
    options = {"quality": quality, "subsampling": 2, "colour": RED}
    named, blank = (_encode(name, "JPEG", "RGB", printed=p, **options) for p in (True, False))
    residue = np.abs(_masked(named, MediaType.JPEG, name).astype(int) - _masked(blank, MediaType.JPEG, name)).max(axis=2)
    x0, y0, x1, y1 = ink_on(draw_page(name), WIDTH, HEIGHT)
    outside = residue.copy()
    outside[max(y0 - 18, 0) : y1 + 18, max(x0 - 18, 0) : x1 + 18] = 0
    assert outside.max() == 0
    assert residue.max() <= 40


def _residue_of_a_tight_rectangle(named: bytes, blank: bytes, name: str) -> int:
    pictures = []
    x0, y0, x1, y1 = draw_page(name).ink.pixels()
    for content in (named, blank):
        image = Image.fromarray(_decode(content))
        ImageDraw.Draw(image).rectangle((x0, y0, x1 - 1, y1 - 1), fill=(0, 0, 0))
        pictures.append(np.asarray(image).astype(int))
    return int(np.abs(pictures[0] - pictures[1]).max())


def test_a_mask_does_not_tell_how_long_the_name_is() -> None:
    """Where paper is free behind the name; a rectangle around the ink tells it to the pixel."""
    widths, inks = {}, {}
    wide, high = 1654, 2339  # A4 at 200 dpi: what is blackened beyond names must stay a small share of the page
    for name in ("王伟", "李晓明", "赵志刚", "张三"):
        image = Image.new("RGB", (wide, high), (250, 249, 246))
        draw = ImageDraw.Draw(image)
        draw.text((60, 200), f"姓名：{name}", font=font(), fill=DARK)
        x0, y0, x1, y1 = draw.textbbox((60 + font().getlength("姓名："), 200), name, font=font())
        quad = Quad.from_box(Box(x0, y0, x1, y1))
        (mask,) = fit_masks(Page(0, np.asarray(image)), [Hit((quad,), 0.0, "line")])
        widths[name], inks[name] = mask.width / EM, (x1 - x0) / EM
    assert max(widths.values()) - min(widths.values()) < 0.35
    assert max(inks.values()) - min(inks.values()) > 0.8

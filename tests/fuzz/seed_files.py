"""Tiny valid files of every format that is taken, from which mutants are grown.

Each page is about 128 x 80 pixels with one drawn word, so that a mutant that still opens costs little. The bytes are the same
in every run with the same encoders (no dates, no random ids).
"""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import pymupdf as _pymupdf
from drawn_ofd import Ofd, image, path, png, text
from PIL import Image, ImageDraw, ImageFont

pymupdf: Any = _pymupdf

WIDTH, HEIGHT = 128, 80
_THEN = time.gmtime(0)


def _picture(number: int = 0, mode: str = "RGB") -> Image.Image:
    noise = np.random.default_rng(number).integers(220, 250, (HEIGHT, WIDTH, 1), np.uint8)
    drawn = Image.fromarray(np.repeat(noise, 3, 2))
    ImageDraw.Draw(drawn).text((8, 8 + 4 * number), "Zhang", fill=(20, 20, 60), font=ImageFont.load_default(24))
    return drawn.convert(mode)


def _saved(form: str, frames: int = 1, mode: str = "RGB", **options: Any) -> bytes:
    out = io.BytesIO()
    first, *others = (_picture(number, mode) for number in range(frames))
    many = {"save_all": True, "append_images": others} if others else {}
    first.save(out, form, **many, **options)
    return out.getvalue()


def _png_of_16_bits() -> bytes:
    out = io.BytesIO()
    Image.fromarray(np.asarray(_picture(mode="L")).astype(np.uint16) * 257).save(out, "PNG")
    return out.getvalue()


def _exif_jpeg() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return _saved("JPEG", exif=exif, dpi=(200, 200), comment=b"made for tests")


def _scan_pdf(mode: str) -> bytes:
    return _saved("PDF", 2, mode, resolution=72.0, creationDate=_THEN, modDate=_THEN)


def _jpx_pdf() -> bytes:
    document = pymupdf.open()
    page = document.new_page(width=WIDTH, height=HEIGHT)
    page.insert_image(page.rect, stream=_saved("JPEG2000"))
    content: bytes = document.tobytes(no_new_id=True)
    return content


def _text_pdf(**options: Any) -> bytes:
    document = pymupdf.open()
    page = document.new_page(width=WIDTH, height=HEIGHT)
    page.insert_text((8, 30), "Zhang 123", fontsize=20)
    page.insert_text((8, 60), "张三", fontsize=20, fontname="china-s")
    page.draw_rect(pymupdf.Rect(90, 10, 120, 30), color=(1, 0, 0), fill=(0, 1, 0))
    page.add_freetext_annot(pymupdf.Rect(60, 60, 120, 75), "note")
    page.insert_link({"kind": pymupdf.LINK_URI, "from": pymupdf.Rect(0, 0, 9, 9), "uri": "https://example.org"})
    turned = document.new_page(width=HEIGHT, height=WIDTH)
    turned.insert_text((8, 30), "second", fontsize=14)
    turned.set_rotation(90)
    document.set_toc([[1, "first", 1], [1, "second", 2]])
    document.del_xml_metadata()
    document.set_metadata({})
    content: bytes = document.tobytes(no_new_id=True, **options)
    return content


def _font_pdf() -> bytes:
    document = pymupdf.open()
    page = document.new_page(width=WIDTH, height=HEIGHT)
    page.insert_font("F0", fontbuffer=pymupdf.Font("helv").buffer)
    page.insert_text((8, 30), "Zhang", fontsize=20, fontname="F0")
    document.subset_fonts()
    content: bytes = document.tobytes(no_new_id=True, garbage=3)
    return content


def zip_of(parts: Mapping[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """The same bytes whenever it is made."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, data in parts.items():
            archive.writestr(zipfile.ZipInfo(name), data, compression)
    return out.getvalue()


def unzipped(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _ofd() -> bytes:
    area = path("M 0 0 L 30 0 L 30 20 L 0 20 C").replace("PathObject", "Path")
    clip = f"<ofd:Clips><ofd:Clip><ofd:Area>{area}</ofd:Area></ofd:Clip></ofd:Clips>"
    page = text("Zhang 12", 2, 8, size=5) + path("M 1 1 L 30 1 Q 31 9 30 12 B 1 2 3 4 5 6 C", fill="255 0 0", inside=clip)
    made = Ofd(
        [page + image("20 10 10 5", "10 0 0 5 0 0"), text("second", 2, 8, Rotate="90")],
        resources='<ofd:Fonts><ofd:Font ID="1" FontName="SimSun"/></ofd:Fonts><ofd:MultiMedias><ofd:MultiMedia ID="20" '
        'Type="Image"><ofd:MediaFile>a.png</ofd:MediaFile></ofd:MultiMedia></ofd:MultiMedias>',
        files={"a.png": png(20, 10)},
        template=path("M 1 1 L 2 2"),
        annotation=text("stamp", 1, 1),
        box="0 0 40 25",
    )
    return zip_of(unzipped(made.build()))


def _zip() -> bytes:
    inner = zip_of({"b.png": _saved("PNG", mode="L")})
    return zip_of({"a.jpg": _saved("JPEG"), "材料/c.pdf": _scan_pdf("L"), "inner.zip": inner})


@cache
def seed_files() -> dict[str, bytes]:
    """By kind; the first word of a kind is its family."""
    import pillow_heif

    pillow_heif.register_heif_opener()
    return {
        "jpeg": _saved("JPEG", quality=80),
        "jpeg, grey": _saved("JPEG", mode="L"),
        "jpeg, CMYK": _saved("JPEG", mode="CMYK"),
        "jpeg, EXIF": _exif_jpeg(),
        "jpeg, progressive": _saved("JPEG", progressive=True),
        "png": _saved("PNG"),
        "png, palette": _saved("PNG", mode="P"),
        "png, 16 bits": _png_of_16_bits(),
        "png, animated": _saved("PNG", 3, duration=100),
        "tiff, pages": _saved("TIFF", 3),
        "tiff, LZW": _saved("TIFF", 2, compression="tiff_lzw"),
        "tiff, G4": _saved("TIFF", 2, mode="1", compression="group4"),
        "tiff, JPEG": _saved("TIFF", compression="jpeg"),
        "tiff, deflate": _saved("TIFF", compression="tiff_adobe_deflate"),
        "bmp": _saved("BMP"),
        "bmp, palette": _saved("BMP", mode="P"),
        "gif": _saved("GIF", mode="P"),
        "gif, animated": _saved("GIF", 3, mode="P", duration=100),
        "webp": _saved("WEBP", quality=70),
        "webp, lossless": _saved("WEBP", lossless=True),
        "webp, animated": _saved("WEBP", 2),
        "heic": _saved("HEIF", quality=60),
        "pdf, scan": _scan_pdf("RGB"),
        "pdf, G4 scan": _scan_pdf("1"),
        "pdf, JPEG 2000": _jpx_pdf(),
        "pdf, text": _text_pdf(),
        "pdf, object streams": _text_pdf(garbage=3, deflate=True, use_objstms=1),
        "pdf, font": _font_pdf(),
        "ofd": _ofd(),
        "zip": _zip(),
    }


def family(kind: str) -> str:
    return kind.partition(",")[0]

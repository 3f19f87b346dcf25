"""A drawn scan in every kind of file that people upload, and how much of it masking leaves as it was.

for kind in SCAN_FILES: measure(kind, page(5))
"""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from random import Random
from typing import Any

import numpy as np
import pymupdf
from numpy.typing import NDArray
from PIL import Image, TiffImagePlugin
from skimage.metrics import structural_similarity

from redact.geometry import Box
from redact.intake import open_attachment
from redact.masking import fit_masks, mask_file
from redact.samples import Sample, draw, make_person, scan
from redact.values import Hit, Page, PageMasks

# A mask's own edge, and the blocks of a lossy code that it runs through, are not "outside".
_EDGE_PX = 16


@lru_cache(maxsize=4)
def page(seed: int, *, document: str = "appointment", grade: int = 2) -> Sample:
    """An office scan of a drawn document that holds the name."""
    drawing = draw(document, make_person(Random(seed), "three"), seed=seed)
    return scan(drawing, grade=grade, seed=seed)


def cut_out(sample: Sample, *, width: int = 1000, height: int = 700) -> Sample:
    """A part of the page with its first occurrence in the middle, for tests that need no more."""
    x, y = (round(v) for v in sample.occurrences[0].quads[0].box.centre)
    x0 = min(max(x - width // 2, 0), sample.pixels.shape[1] - width)
    y0 = min(max(y - height // 2, 0), sample.pixels.shape[0] - height)
    shift = np.array([x0, y0])
    moved = [
        replace(o, quads=tuple(type(q).from_array(q.array() - shift) for q in o.quads))
        for o in sample.occurrences
    ]  # fmt: skip
    frame = Box(0, 0, width, height)
    kept = tuple(o for o in moved if all(q.box.intersection_area(frame) > 0.99 * q.box.area for q in o.quads))
    pixels = np.ascontiguousarray(sample.pixels[y0 : y0 + height, x0 : x0 + width])
    return replace(sample, pixels=pixels, occurrences=kept)


@dataclass(frozen=True)
class Fidelity:
    """``growth``: bytes of the output per byte of the input. ``ssim``: structural similarity of the pages outside the masks,
    the least of all pages. ``kept``: what changed of pages, modes, dpi; empty where nothing did."""

    growth: float
    ssim: float
    changed: tuple[str, ...]
    output: bytes = field(repr=False)


def measure(content: bytes, sample: Sample) -> Fidelity:
    """Mask the name's places on every page of ``content``, which shows ``sample`` on each."""
    with open_attachment(content) as attachment:
        pages = [attachment.page(i) for i in range(attachment.page_count)]
        media_type = attachment.media_type
    masks = [_masks(p, sample) for p in pages]
    output = mask_file(content, media_type, masks)
    with open_attachment(output) as attachment:
        after = [attachment.page(i) for i in range(attachment.page_count)]
    changed = _changes(content, output, pages, after)
    scores = [_ssim(a.pixels, b.pixels, m.boxes) for a, b, m in zip(pages, after, masks, strict=True)]
    return Fidelity(len(output) / len(content), min(scores), changed, output)


def _masks(shown: Page, sample: Sample) -> PageMasks:
    """Fitted to the name's places, on a page that may have been rendered in another resolution."""
    height, width = sample.pixels.shape[:2]
    scale = np.array([shown.width / width, shown.height / height])
    hits = [Hit(tuple(type(q).from_array(q.array() * scale) for q in o.quads), 0.0, "line") for o in sample.occurrences]
    return PageMasks(shown.index, shown.width, shown.height, fit_masks(shown, hits))


def _ssim(before: NDArray[np.uint8], after: NDArray[np.uint8], boxes: Sequence[Box]) -> float:
    if before.shape != after.shape:
        return 0.0
    grey = [np.asarray(Image.fromarray(p).convert("L")) for p in (before, after)]
    _, similar = structural_similarity(*grey, full=True, data_range=255)
    outside = np.ones(similar.shape, dtype=np.bool_)
    for box in boxes:
        x0, y0, x1, y1 = box.grown(_EDGE_PX).clipped(outside.shape[1], outside.shape[0]).pixels()
        outside[y0:y1, x0:x1] = False
    return float(similar[outside].mean())


def _changes(before: bytes, after: bytes, old: Sequence[Page], new: Sequence[Page]) -> tuple[str, ...]:
    changed = []
    if [(p.width, p.height) for p in old] != [(p.width, p.height) for p in new]:
        changed.append("size")
    if any(abs(a.dpi - b.dpi) > 1 for a, b in zip(old, new, strict=False)):
        changed.append("dpi")
    if before.startswith(b"%PDF"):
        documents: list[Any] = [pymupdf.open(stream=c, filetype="pdf") for c in (before, after)]
        rects = [np.array([tuple(p.rect) for p in d]) for d in documents]
        if np.abs(rects[0] - rects[1]).max() > 0.01:
            changed.append("page size")
        spaces = [{(i["colorspace"], i["bpc"]) for p in d for i in p.get_image_info()} for d in documents]
        if spaces[0] != spaces[1]:
            changed.append(f"colour {sorted(spaces[0])} {sorted(spaces[1])}")
        return tuple(changed)
    with Image.open(io.BytesIO(before)) as a, Image.open(io.BytesIO(after)) as b:
        for frame in range(getattr(a, "n_frames", 1)):
            a.seek(frame)
            b.seek(frame)
            for what, x, y in (
                ("mode", a.mode, b.mode),
                ("compression", a.info.get("compression"), b.info.get("compression")),
                ("format", a.format, b.format),
            ):
                if x != y:
                    changed.append(f"{what} {x} {y}")
    return tuple(changed)


# --- the files ----------------------------------------------------------------------------------------------------------


def _image(sample: Sample, mode: str = "RGB") -> Image.Image:
    image = Image.fromarray(sample.pixels)
    if mode == "1":
        return image.convert("L").point(lambda v: 255 * (v > 150)).convert("1", dither=Image.Dither.NONE)
    return image.convert(mode)


def _save(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def _picture(kind: str, mode: str = "RGB", **options: Any) -> Callable[[Sample], bytes]:
    def build(sample: Sample) -> bytes:
        dpi = {} if kind in ("WEBP", "HEIF", "GIF") else {"dpi": (round(sample.dpi), round(sample.dpi))}
        return _save(_image(sample, mode), kind, **dpi, **options)

    return build


def _pages(**options: Any) -> Callable[[Sample], bytes]:
    def build(sample: Sample) -> bytes:
        image = _image(sample, "1" if options.get("compression") == "group4" else "RGB")
        dpi = (round(sample.dpi), round(sample.dpi))
        return _save(image, "TIFF", save_all=True, append_images=[image.copy()], dpi=dpi, **options)

    return build


def _pdf(*streams: bytes, size: tuple[int, int], dpi: float) -> bytes:
    """One page with the pictures below each other."""
    document: Any = pymupdf.open()
    new = document.new_page(width=size[0] * 72 / dpi, height=size[1] * 72 / dpi)
    each = new.rect.height / len(streams)
    for i, stream in enumerate(streams):
        new.insert_image(pymupdf.Rect(0, i * each, new.rect.width, (i + 1) * each), stream=stream, keep_proportion=False)
    content: bytes = document.tobytes(deflate=True)
    return content


def _scanned(kind: str, mode: str = "RGB", **options: Any) -> Callable[[Sample], bytes]:
    return lambda sample: _pdf(_save(_image(sample, mode), kind, **options), size=_size(sample), dpi=sample.dpi)


def _size(sample: Sample) -> tuple[int, int]:
    return sample.pixels.shape[1], sample.pixels.shape[0]


def _strips(kind: str, mode: str = "RGB", **options: Any) -> Callable[[Sample], bytes]:
    """A scan in bands, as scanners with little memory write them."""

    def build(sample: Sample) -> bytes:
        image = _image(sample, mode)
        high = image.height // 4
        image = image.crop((0, 0, image.width, 4 * high))
        bands = [_save(image.crop((0, i * high, image.width, (i + 1) * high)), kind, **options) for i in range(4)]
        return _pdf(*bands, size=image.size, dpi=sample.dpi)

    return build


def _slanted(sample: Sample) -> bytes:
    """Straightened by its placement: the picture lies at a slant on the page."""
    stream = _save(_image(sample, "1"), "TIFF", compression="group4")
    content = _pdf(stream, size=_size(sample), dpi=sample.dpi)
    document: Any = pymupdf.open(stream=content, filetype="pdf")
    xref = document[0].get_contents()[0]
    w, h = document[0].rect.width, document[0].rect.height
    turned = f"q 0.99985 0.01745 -0.01745 0.99985 {0.009 * h:.2f} {-0.009 * w:.2f} cm ".encode()
    document.update_stream(xref, turned + document.xref_stream(xref) + b" Q")
    changed: bytes = document.tobytes(deflate=True)
    return changed


def _jbig2(sample: Sample) -> bytes:
    """A JBIG2 scan: one generic region in MMR code, which is what group 4 is (ITU-T T.88, 6.2.6, 7.4.6, 7.4.8)."""
    image = _image(sample, "1")
    tiff = _save(Image.fromarray(~np.asarray(image)), "TIFF", compression="group4", tiffinfo={278: image.height})
    with Image.open(io.BytesIO(tiff)) as coded:
        tags: TiffImagePlugin.ImageFileDirectory_v2 = coded.tag_v2  # type: ignore[attr-defined]
        data = tiff[tags[273][0] : tags[273][0] + tags[279][0]]
    width, height = image.size
    information = struct.pack(">IIIIBH", width, height, 0, 0, 0, 0)
    region = struct.pack(">IIIIBB", width, height, 0, 0, 0, 1) + data
    segments = b"".join(
        struct.pack(">IBBBI", number, kind, 0, 1, len(body)) + body
        for number, (kind, body) in enumerate([(48, information), (38, region)])
    )
    document: Any = pymupdf.open()
    new = document.new_page(width=width * 72 / sample.dpi, height=height * 72 / sample.dpi)
    xref = document.get_new_xref()
    keys = f"/Width {width}/Height {height}/ColorSpace/DeviceGray/BitsPerComponent 1"
    document.update_object(xref, f"<</Type/XObject/Subtype/Image{keys}>>")
    document.update_stream(xref, segments, compress=False)
    document.xref_set_key(xref, "Filter", "/JBIG2Decode")
    new.insert_image(new.rect, xref=xref)
    content: bytes = document.tobytes()
    return content


SCAN_FILES: dict[str, Callable[[Sample], bytes]] = {
    "JPEG, grey, quality 50": _picture("JPEG", "L", quality=50),
    "JPEG, colour, quality 60, 4:2:0": _picture("JPEG", quality=60),
    "JPEG, colour, quality 75, 4:2:0": _picture("JPEG", quality=75),
    "JPEG, colour, quality 90, 4:4:4": _picture("JPEG", quality=90, subsampling=0),
    "JPEG, colour, quality 95, progressive": _picture("JPEG", quality=95, progressive=True),
    "JPEG, CMYK, quality 80": _picture("JPEG", "CMYK", quality=80),
    "PNG, colour": _picture("PNG"),
    "PNG, grey": _picture("PNG", "L"),
    "PNG, 1 bit": _picture("PNG", "1"),
    "TIFF, group 4": _picture("TIFF", "1", compression="group4"),
    "TIFF, group 4, two pages": _pages(compression="group4"),
    "TIFF, LZW": _picture("TIFF", compression="tiff_lzw"),
    "TIFF, LZW, two pages": _pages(compression="tiff_lzw"),
    "TIFF, JPEG": _picture("TIFF", compression="jpeg", quality=75),
    "TIFF, Deflate, CMYK": _picture("TIFF", "CMYK", compression="tiff_adobe_deflate"),
    "BMP": _picture("BMP"),
    "WebP, quality 50": _picture("WEBP", quality=50),
    "WebP, quality 80": _picture("WEBP", quality=80),
    "HEIC, quality 40": _picture("HEIF", quality=40, enc_params={"preset": "ultrafast"}),
    "HEIC, quality 70": _picture("HEIF", quality=70, enc_params={"preset": "ultrafast"}),
    "PDF, grey JPEG, quality 50": _scanned("JPEG", "L", quality=50),
    "PDF, colour JPEG, quality 75": _scanned("JPEG", quality=75),
    "PDF, CMYK JPEG, quality 80": _scanned("JPEG", "CMYK", quality=80),
    "PDF, JPEG 2000, 1:20": _scanned("JPEG2000", quality_mode="rates", quality_layers=[20]),
    "PDF, JPEG 2000, 1:40": _scanned("JPEG2000", quality_mode="rates", quality_layers=[40]),
    "PDF, grey, Flate": _scanned("PNG", "L"),
    "PDF, colour, Flate": _scanned("PNG"),
    "PDF, group 4": _scanned("TIFF", "1", compression="group4"),
    "PDF, JBIG2": _jbig2,
    "PDF, group 4, at a slant": _slanted,
    "PDF, JPEG, quality 60, in four bands": _strips("JPEG", quality=60),
    "PDF, JPEG, quality 85, in four bands": _strips("JPEG", quality=85),
    "PDF, group 4, in four bands": _strips("TIFF", "1", compression="group4"),
}

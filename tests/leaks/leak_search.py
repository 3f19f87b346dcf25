"""Looking for a name in a file by means that have nothing to do with how the file was masked or verified: pikepdf, Pillow,
tifffile, libheif, MuPDF's renderer, and the raw bytes.

A finding is a word for the place; the same place found twice counts twice, so that what a plant adds can be told from what was
there. Neither :mod:`redact.masking` nor :mod:`redact.verify` is used here.
"""

from __future__ import annotations

import io
import re
import warnings
import zlib
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pikepdf
import pillow_heif
import pymupdf
import tifffile
from fontTools.ttLib import TTFont, TTLibError
from leak_pages import DPI, EM, shows
from PIL import ExifTags, Image, ImageSequence

_ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "gb18030")
# Thumbnails are planted at half size.
_SCALES = (1.0, 0.5)
# Fewer glyphs than this, and a font was cut down to the text that it was used for.
_SUBSET_GLYPHS = 400
Findings = Counter[str]


def search_file(content: bytes, kind: str, name: str) -> Findings:
    """All findings of ``name`` in a file of ``kind`` (``PDF``, or what Pillow calls it)."""
    return search_pdf(content, name) if kind == "PDF" else search_picture(content, kind, name)


# --- text in bytes ------------------------------------------------------------------------------------------------------


def forms(name: str) -> Iterator[tuple[str, bytes]]:
    """The name, and each part of a name with a dot, in the encodings and escapes that files keep text in."""
    for part in dict.fromkeys([name, name.replace("·", ""), *name.split("·")]):
        for encoding in _ENCODINGS:
            raw = part.encode(encoding)
            yield encoding, raw
            yield f"{encoding} hex", raw.hex().encode()
            yield f"{encoding} hex", raw.hex().upper().encode()
            yield f"{encoding} octal", "".join(f"\\{b:03o}" for b in raw).encode()
        for encoding in ("utf-8", "gb18030"):
            yield f"{encoding} percent", quote(part, encoding=encoding).encode()
        yield "escaped", "".join(f"\\u{ord(c):04x}" for c in part).encode()
        yield "entities", "".join(f"&#x{ord(c):X};" for c in part).encode()
        yield "entities", "".join(f"&#{ord(c)};" for c in part).encode()


def find_in_bytes(data: bytes, name: str) -> list[str]:
    flat = re.sub(rb"(?<=[0-9A-Fa-f])\s+(?=[0-9A-Fa-f])", b"", data)
    return sorted({form for form, raw in forms(name) if raw in data or ("hex" in form and raw in flat)})


def _note(found: Findings, place: str, data: bytes, name: str) -> None:
    for form in find_in_bytes(data, name):
        found[f"{place} ({form})"] += 1


def unpack(data: bytes) -> Iterator[bytes]:
    """Whatever stands compressed by zlib in the bytes, wherever it starts."""
    for match in re.finditer(rb"\x78[\x01\x5e\x9c\xda]", data):
        try:
            yield zlib.decompressobj().decompress(data[match.start() :], 1 << 22)
        except zlib.error:
            continue


# --- pictures -----------------------------------------------------------------------------------------------------------


def _look(found: Findings, place: str, image: Image.Image, name: str) -> None:
    if any(shows(image, name, em=round(EM * scale)) for scale in _SCALES):
        found[place] += 1


def search_picture(content: bytes, kind: str, name: str) -> Findings:
    found: Findings = Counter()
    _note(found, "bytes", content, name)
    for data in unpack(content):
        _note(found, "compressed bytes", data, name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _search_decoded(found, content, kind, name)
    for match in re.finditer(rb"\xff\xd8\xff", content[1:]):
        image = _decode(content[match.start() + 1 :])
        if image is not None:
            _look(found, "a picture inside", image, name)
    return found


def _search_decoded(found: Findings, content: bytes, kind: str, name: str) -> None:
    with Image.open(io.BytesIO(content)) as image:
        for key, value in image.info.items():
            _note(found, f"Pillow's info {key}", _as_bytes(value), name)
        exif = image.getexif()
        directories = {"": dict(exif)} | {str(d): dict(exif.get_ifd(d)) for d in ExifTags.IFD}
        for directory, tags in directories.items():
            for tag, value in tags.items():
                _note(found, f"EXIF {directory} {tag}", _as_bytes(value), name)
        for index, frame in enumerate(_frames(image)):
            _look(found, f"frame {index}", frame, name)
    if kind == "TIFF":
        with tifffile.TiffFile(io.BytesIO(content)) as tiff:
            for number, page in enumerate(_directories(tiff)):
                _look(found, f"directory {number}", Image.fromarray(page.asarray()), name)
                for tag in page.tags.values():
                    _note(found, f"TIFF tag {tag.code}", _as_bytes(tag.value), name)
    if kind == "HEIF":
        for number, item in enumerate(pillow_heif.open_heif(io.BytesIO(content), convert_hdr_to_8bit=True)):
            _look(found, f"item {number}", item.to_pillow(), name)


def _frames(image: Image.Image) -> Iterator[Image.Image]:
    try:
        for frame in ImageSequence.Iterator(image):
            yield frame.copy()
    except (SyntaxError, EOFError):
        return  # a list of frames that leads nowhere: what it meant is looked for in the bytes


def _directories(tiff: Any) -> Iterator[Any]:
    waiting = list(tiff.pages)
    while waiting:
        page = waiting.pop(0)
        yield page
        waiting += list(page.pages or ())


def _as_bytes(value: object) -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        # Pillow shows bytes that are no ASCII as Latin-1.
        return value.encode("utf-8", "surrogateescape") + b"\n" + value.encode("latin-1", "ignore")
    if isinstance(value, dict):
        return b"\n".join(_as_bytes(v) for pair in value.items() for v in pair)
    if isinstance(value, (tuple, list)):
        numbers = bytes(v for v in value if isinstance(v, int) and 0 <= v < 256)
        return numbers + b"\n".join(_as_bytes(v) for v in value if not isinstance(v, int))
    return str(value).encode("utf-8", "surrogateescape")


def _decode(data: bytes) -> Image.Image | None:
    try:
        with Image.open(io.BytesIO(data)) as image:
            image.load()
            return image.copy()
    except (OSError, SyntaxError, ValueError):
        return None


# --- PDF ----------------------------------------------------------------------------------------------------------------


def search_pdf(content: bytes, name: str) -> Findings:
    """The file as it is and each of its earlier revisions: cut behind every %%EOF."""
    found: Findings = Counter()
    ends = [m.end() for m in re.finditer(rb"%%EOF", content)]
    _note(found, "raw bytes", content, name)
    for data in unpack(content):
        _note(found, "compressed bytes", data, name)
    for number, end in enumerate(ends[:-1]):
        # What opens is a document of its own; what does not is in the raw bytes.
        try:
            earlier = _search_revision(content[:end] + b"\n", name)
        except (pikepdf.PdfError, pymupdf.FileDataError):
            continue
        found.update({f"revision {number}: {place}": count for place, count in earlier.items()})
    found.update(_search_revision(content, name))
    return found


def _search_revision(content: bytes, name: str) -> Findings:
    found: Findings = Counter()
    with pikepdf.open(io.BytesIO(content)) as document:
        for item in document.objects:
            _search_object(found, item, name)
        _search_object(found, document.trailer, name)
    _search_shown(found, content, name)
    return found


def _search_object(found: Findings, item: Any, name: str, key: str = "") -> None:
    """``item`` without what it refers to: every object of the file is looked at on its own."""
    if isinstance(item, pikepdf.Stream):
        _search_stream(found, item, name)
    if isinstance(item, (pikepdf.Dictionary, pikepdf.Stream)):
        for inner, value in item.items():
            _note(found, "a key", inner.encode("utf-8", "surrogateescape"), name)
            if not getattr(value, "is_indirect", False):
                _search_object(found, value, name, inner)
    elif isinstance(item, pikepdf.Array):
        for value in item:
            if not getattr(value, "is_indirect", False):
                _search_object(found, value, name, key)
    elif isinstance(item, pikepdf.String):
        _note(found, f"string {key}", bytes(item), name)
        _note(found, f"string {key}, decoded", str(item).encode("utf-8", "surrogateescape"), name)
    elif isinstance(item, pikepdf.Name):
        _note(found, f"name {key}", str(item).encode("utf-8", "surrogateescape"), name)


def _search_stream(found: Findings, stream: Any, name: str) -> None:
    what = str(stream.get("/Subtype", stream.get("/Type", "")))
    if what == "/Image":
        image = _as_picture(stream)
        if image is not None:
            _look(found, "an image", image, name)
        return
    try:
        data = stream.read_bytes()
    except pikepdf.PdfError:
        data = stream.read_raw_bytes()
    _note(found, f"stream {what}", data, name)
    if _holds_glyphs(data, name):
        found["a subset font"] += 1


def _as_picture(stream: Any) -> Image.Image | None:
    try:
        picture: Image.Image = pikepdf.PdfImage(stream).as_pil_image()
        return picture
    except (pikepdf.PdfError, NotImplementedError, ValueError, OSError):
        return _decode(stream.read_raw_bytes())


def _holds_glyphs(data: bytes, name: str) -> bool:
    """A font program cut down to few glyphs, with all of the name's among them."""
    if data[:4] not in (b"\0\1\0\0", b"true", b"OTTO"):
        return False
    try:
        font = TTFont(io.BytesIO(data))
        characters = set(font.getBestCmap() or {}) if "cmap" in font else set()
        outlines = sum(_has_outline(font, glyph) for glyph in font.getGlyphOrder())
    except (TTLibError, KeyError, AssertionError):
        return False
    return outlines < _SUBSET_GLYPHS and {ord(c) for c in name if c != "·"} <= characters


def _has_outline(font: Any, glyph: str) -> bool:
    return "glyf" not in font or font["glyf"][glyph].numberOfContours != 0


def _search_shown(found: Findings, content: bytes, name: str) -> None:
    """What MuPDF reads and paints, with the crop box off and every layer on."""
    document: Any = pymupdf.open(stream=_uncovered(content), filetype="pdf")
    for number in range(document.page_count):
        page = document[number]
        for block in page.get_text("rawdict", flags=0)["blocks"]:
            text = "".join(c["c"] for line in block.get("lines", ()) for span in line["spans"] for c in span["chars"])
            _note(found, "text", re.sub(r"\s", "", text).encode(), name)
        shown = page.get_pixmap(dpi=DPI, alpha=False)
        _look(found, f"page {number}", Image.frombytes("RGB", (shown.width, shown.height), shown.samples), name)
    document.close()


def _uncovered(content: bytes) -> bytes:
    """The document without crop boxes, and with all of its layers on."""
    with pikepdf.open(io.BytesIO(content)) as document:
        layers = document.Root.get("/OCProperties")
        if layers is not None:
            layers["/D"] = pikepdf.Dictionary(BaseState=pikepdf.Name.ON, OFF=[])
        for page in document.pages:
            if "/CropBox" in page.obj:
                del page.obj["/CropBox"]
        out = io.BytesIO()
        document.save(out)
        return out.getvalue()

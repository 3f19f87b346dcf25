"""The name in a file's bytes: metadata, comments, strings, streams, in any of the encodings that such places use."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator, Sequence

import pymupdf

from redact.errors import Unopenable
from redact.mupdf import MUPDF_LOCK
from redact.names.decodings import decodings
from redact.names.spellings import Spelling
from redact.names.text_search import find_in_text
from redact.values import Leak, MediaType
from redact.verify.containers import read_tiff_values, read_webp_chunks
from redact.zips import open_zip, unpack

# PDF images are pixels, and are read as such; their compressed data matches short byte strings by chance.
_IMAGE_FILTERS = ("/DCTDecode", "/JPXDecode", "/CCITTFaxDecode", "/JBIG2Decode")


def find_in_bytes(content: bytes, media_type: MediaType, spellings: Sequence[Spelling]) -> list[Leak]:
    """A leak for each channel that holds a spelling. Compressed pixels are left out: they are searched as pixels."""
    if media_type is MediaType.PDF:
        parts = _pdf_parts(content)
    else:
        parts = _ofd_parts(content) if media_type is MediaType.OFD else _image_parts(content, media_type)
    sure = tuple(s for s in spellings if s.sure)
    found: dict[str, None] = {}
    for channel, part in parts:
        if channel not in found and _holds(part, sure):
            found[channel] = None
    return [Leak(channel) for channel in found]


def _holds(part: bytes, spellings: Sequence[Spelling]) -> bool:
    return any(find_in_text(text, spellings) for text in decodings(part))


def _pdf_parts(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Every object's own text and every stream that is not a picture, decompressed; and the bytes between objects."""
    with MUPDF_LOCK:
        yield from _pdf_objects(content)
    yield "bytes", _outside_streams(content)
    end = content.rfind(b"%%EOF")
    if end >= 0:
        yield "trailing_bytes", content[end + 5 :]


def _pdf_objects(content: bytes) -> Iterator[tuple[str, bytes]]:
    document = pymupdf.open(stream=content, filetype="pdf")
    try:
        for xref in range(1, document.xref_length()):
            try:
                text = document.xref_object(xref, compressed=True)
            except RuntimeError:
                continue  # a free entry of the table: nothing to hold a name
            yield "pdf_object", text.encode("utf-8", "surrogateescape")
            if document.xref_is_stream(xref):
                if any(f in text for f in _IMAGE_FILTERS) or ("/Subtype/Image" in text.replace(" ", "")):
                    continue
                stream = document.xref_stream(xref)
                if stream:
                    yield "pdf_stream", stream
    finally:
        document.close()


def _outside_streams(content: bytes) -> bytes:
    kept, at = [], 0
    while True:
        start = content.find(b"stream", at)
        if start < 0:
            kept.append(content[at:])
            return b"\n".join(kept)
        kept.append(content[at:start])
        end = content.find(b"endstream", start)
        if end < 0:
            return b"\n".join(kept)
        at = end + len(b"endstream")


def _ofd_parts(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Every part that is no picture and no font, and the names of all."""
    archive = open_zip(content)
    if archive is None:
        raise Unopenable("OFD package")
    with archive:
        for entry in archive.infolist():
            yield "metadata", entry.filename.encode() + b"\n" + entry.comment
            if not entry.is_dir() and not entry.filename.lower().endswith(_BINARY_PARTS):
                yield "metadata", unpack(archive, entry, _MOST_PART_BYTES)


_BINARY_PARTS = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".jb2", ".ttf", ".otf", ".ttc", ".cff")
_MOST_PART_BYTES = 64 * 2**20


def _image_parts(content: bytes, media_type: MediaType) -> Iterator[tuple[str, bytes]]:
    if media_type is MediaType.JPEG:
        yield from _jpeg_parts(content)
    elif media_type is MediaType.PNG:
        yield from _png_parts(content)
    else:
        if media_type is MediaType.TIFF:
            yield from (("metadata", value) for value in read_tiff_values(content))
        elif media_type is MediaType.WEBP:
            yield from (("metadata", chunk) for chunk in read_webp_chunks(content))
        # Elsewhere strings stand among compressed pixels, so only runs that look like text are taken.
        yield "bytes", _text_runs(content)


def _jpeg_parts(content: bytes) -> Iterator[tuple[str, bytes]]:
    at = 2
    while at + 4 <= len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if marker == 0xD9:
            break
        if marker in (0x01, *range(0xD0, 0xD8)):
            at += 2
            continue
        size = struct.unpack(">H", content[at + 2 : at + 4])[0]
        if 0xE0 <= marker <= 0xEF or marker == 0xFE:
            yield "metadata", content[at + 4 : at + 2 + size]
        at += 2 + size
        if marker == 0xDA:
            # Entropy-coded data: on to the next marker that is neither stuffing nor a restart.
            while at + 1 < len(content) and not (content[at] == 0xFF and content[at + 1] not in (0, *range(0xD0, 0xD8))):
                at = content.find(b"\xff", at + 1)
                if at < 0:
                    return
    yield "trailing_bytes", content[at + 2 :]


def _png_parts(content: bytes) -> Iterator[tuple[str, bytes]]:
    at = 8
    while at + 8 <= len(content):
        size, kind = struct.unpack(">I4s", content[at : at + 8])
        body = content[at + 8 : at + 8 + size]
        at += 12 + size
        if kind in (b"IDAT", b"fdAT", b"PLTE", b"tRNS", b"IHDR"):
            continue
        if kind == b"IEND":
            break
        yield "metadata", body
        start = _compressed_start(kind, body)
        if start is not None:
            try:
                yield "metadata", zlib.decompressobj().decompress(body[start:], 1 << 20)
            except zlib.error:
                continue  # damaged: there is no text to be had from it
    yield "trailing_bytes", content[at:]


def _compressed_start(kind: bytes, body: bytes) -> int | None:
    """Where the zlib stream of a PNG chunk starts (PNG specification, 11.3.3); None where it has none."""
    keyword = body.find(b"\0")
    if keyword < 0:
        return None
    if kind in (b"zTXt", b"iCCP"):
        return keyword + 2
    if kind != b"iTXt" or body[keyword + 1 : keyword + 2] != b"\1":
        return None
    # Flag and method, then the language and the translated keyword, each up to a zero.
    language = body.find(b"\0", keyword + 3)
    translated = body.find(b"\0", language + 1)
    return translated + 1 if language >= 0 and translated >= 0 else None


def _text_runs(content: bytes) -> bytes:
    """Stretches of at least 6 bytes without control characters, in UTF-8 or 8-bit text; UTF-16 is tried on the rest as well."""
    runs = re.findall(rb"[\x20-\x7e\x80-\xff]{6,}", content)
    texts = [r for r in runs if _looks_like_text(r)]
    wide = re.findall(rb"(?:[\x00-\xff][\x4e-\x9f]){2,}", content) if len(content) < 1 << 16 else []
    return b"\n".join([*texts, *wide])


def _looks_like_text(run: bytes) -> bool:
    """UTF-8 is no chance, whatever it says (XMP is mostly marks); nearly any bytes are GBK, so of that letters are asked for."""
    try:
        run.decode("utf-8")
        return True
    except UnicodeDecodeError:
        pass
    try:
        text = run.decode("gb18030")
    except UnicodeDecodeError:
        return False
    letters = sum(c.isalnum() or c in " ·.,:;-_/()" for c in text)
    return letters >= 0.9 * len(text)

"""Mutants of valid files: ``make_mutant(seed, index)`` is the same file in every run.

Plain seeded mutation, and neither hypothesis nor atheris: hypothesis is for generating values that shrink, which compressed
formats do not; atheris steers by coverage of Python code, and the decoders here are C programs in another process. What finds
faults in them is knowing where their lengths, counts and checksums lie.
"""

from __future__ import annotations

import hashlib
import re
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from seed_files import family, seed_files, unzipped, zip_of

Mutator = Callable[[bytes, Random], bytes]

# No mutant is larger: what a format's compression may blow up is for tests/broken_files.py.
MOST_BYTES = 1 << 20
# PDF has the most to go wrong.
_FAMILIES = ("jpeg", "png", "tiff", "bmp", "gif", "webp", "heic", "ofd", "zip", "pdf", "pdf", "pdf")
_EDGES = (0, 1, 2, 3, 7, 0x10, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
_NUMBERS = (
    b"0", b"-1", b"1", b"2", b"3", b"65535", b"65536", b"2147483647", b"-2147483648", b"4294967296", b"99999999999999999999",
    b"1e9", b"0.00001", b"-0.5", b"1e308", b"NaN", b".", b"-", b"1000000", b"7",
)  # fmt: skip
_TOKENS = (
    b"null", b"true", b"<<>>", b"[]", b"()", b"<", b">>", b"endobj", b"stream\n", b"endstream", b"%%EOF",
    b"/Filter/JBIG2Decode", b"/Filter[/FlateDecode/FlateDecode]", b"/Filter/LZWDecode", b"/Filter/CCITTFaxDecode",
    b"/Filter/JPXDecode", b"/Filter/DCTDecode", b"/DecodeParms<</Predictor 15/Columns 99999>>", b"/Type/Pages", b"/Type/Page",
    b"/Kids[2 0 R]", b"/Parent 3 0 R", b"/Rotate 45", b"/MediaBox[0 0 1e9 1e9]", b"/MediaBox[0 0 0 0]", b"/CropBox[9 9 1 1]",
    b"/UserUnit 100", b"/SMask 1 0 R", b"/Decode[1 0]", b"/ColorSpace/Pattern", b"/ColorSpace[/Indexed/DeviceRGB 255 ()]",
    b"/ImageMask true", b"/Encrypt 1 0 R", b"/Prev 0", b"/Matrix[0 0 0 0 0 0]", b"/OC 1 0 R", b"/BitsPerComponent 16", b" q ",
    b" Q ", b" Do ", b" sh ", b" BI /W 9 /H 9 ID x EI ",
)  # fmt: skip
_OPERATORS = (b" q ", b" Q ", b" cm ", b" Do ", b" Tj ", b" W n ", b" BT ")
_TEXTS = (*_NUMBERS, b"", b"M", b"M 1", b"Z Z Z", b"\xe5", b"&#0;", b"g 9 9")
_ATTRIBUTES = (*_NUMBERS, b"", b"../../x", b"/", b"\xff", b"a" * 5000)
_ELEMENTS = (b"Page", b"Layer", b"TextObject", b"PageBlock", b"Clip")
_PATHS = ("../x", "/etc/x", "a" * 300, "\u202e.jpg", "OFD.xml", "Doc_0/Document.xml", "word/document.xml")
# In a ZIP's heads: sizes, offsets, flags, method, date, checksum, lengths of names.
_ZIP_FIELDS = (
    (4, 2), (6, 2), (8, 2), (10, 2), (10, 4), (12, 4), (16, 4), (18, 4), (20, 4), (22, 4), (24, 4), (28, 2), (42, 4),
)  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """``kind``: of the valid file that it was. ``mutations``: the names of what was done to it, in order."""

    kind: str
    mutations: tuple[str, ...]
    content: bytes = field(repr=False)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def make_mutant(seed: int, index: int) -> Mutant:
    rng = Random(f"{seed}:{index}")
    files = seed_files()
    chosen = rng.choice(_FAMILIES)
    kind = rng.choice([each for each in sorted(files) if family(each) == chosen])
    content, done = files[kind], []
    known = [*GENERIC, *STRUCTURED.get(family(kind), ())] + 2 * [*STRUCTURED.get(family(kind), ())]
    for _ in range(rng.choice((1, 1, 1, 1, 2, 2, 3))):
        mutator = rng.choice(known)
        changed = mutator(content, rng)
        if len(changed) <= MOST_BYTES:
            content = changed
            done.append(mutator.__name__)
    return Mutant(kind, tuple(done), content)


# Bytes


def flip_bits(content: bytes, rng: Random) -> bytes:
    data = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 8, 64))):
        if data:
            data[_place(data, rng)] ^= 1 << rng.randrange(8)
    return bytes(data)


def replace_run(content: bytes, rng: Random) -> bytes:
    at, end = _run(content, rng)
    fill = rng.choice((b"\0", b"\xff", b""))
    return content[:at] + (fill * (end - at) if fill else rng.randbytes(end - at)) + content[end:]


def delete_run(content: bytes, rng: Random) -> bytes:
    at, end = _run(content, rng)
    return content[:at] + content[end:]


def duplicate_run(content: bytes, rng: Random) -> bytes:
    at, end = _run(content, rng)
    return content[:end] + content[at:end] * rng.choice((1, 1, 2, 50)) + content[end:]


def swap_runs(content: bytes, rng: Random) -> bytes:
    a, b, c, d = sorted(_place(content, rng) for _ in range(4))
    return content[:a] + content[c:d] + content[b:c] + content[a:b] + content[d:]


def truncate(content: bytes, rng: Random) -> bytes:
    return content[: _place(content, rng)]


def append(content: bytes, rng: Random) -> bytes:
    return content + rng.choice((rng.randbytes(rng.randrange(1, 200)), bytes(1000), content))


def put_integer(content: bytes, rng: Random) -> bytes:
    data = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 4))):
        size = rng.choice((1, 2, 4, 8))
        at = _place(data, rng)
        value = (rng.choice(_EDGES) - rng.randrange(2)) % (1 << 8 * size)
        data[at : at + size] = value.to_bytes(size, rng.choice(("big", "little")))
    return bytes(data)


def splice(content: bytes, rng: Random) -> bytes:
    """The beginning of one file and the end of another."""
    other = seed_files()[rng.choice(sorted(seed_files()))]
    return content[: _place(content, rng)] + other[_place(other, rng) :]


def _place(data: bytes | bytearray, rng: Random) -> int:
    """Heads are where the structure is: half of all places lie in the first 512 bytes."""
    size = min(len(data), 512) if rng.random() < 0.5 else len(data)
    return rng.randrange(size) if size else 0


def _run(data: bytes, rng: Random) -> tuple[int, int]:
    at = _place(data, rng)
    return at, min(len(data), at + rng.choice((1, 2, 4, 16, 100, 1000, 10000)))


# PNG: chunks whose checksums are right, so that decoders look at what is in them


def change_png_chunk(content: bytes, rng: Random) -> bytes:
    chunks = _png_chunks(content)
    if not chunks:
        return content
    number = rng.randrange(len(chunks))
    kind, data = chunks[number]
    what = rng.randrange(6)
    if what == 0:
        chunks.pop(number)
    elif what == 1:
        chunks.insert(rng.randrange(len(chunks) + 1), (kind, data))
    elif what == 2:
        rng.shuffle(chunks)
    elif what == 3 and kind in (b"IDAT", b"fdAT"):
        head = 4 if kind == b"fdAT" else 0
        chunks[number] = (kind, data[:head] + _recompress(data[head:], rng))
    elif what == 4:
        chunks[number] = (rng.choice((b"IDAT", b"PLTE", b"tRNS", b"acTL", b"fcTL", b"fdAT", b"iCCP", b"eXIf", b"zTXt")), data)
    else:
        chunks[number] = (kind, _mutate_bytes(data, rng))
    return content[:8] + b"".join(_png_chunk(kind, data) for kind, data in chunks)


def change_png_length(content: bytes, rng: Random) -> bytes:
    at = 8
    starts = []
    for _, data in _png_chunks(content):
        starts.append(at)
        at += 12 + len(data)
    return _put(content, rng.choice(starts), 4, "big", rng) if starts else content


def _png_chunks(content: bytes) -> list[tuple[bytes, bytes]]:
    chunks, at = [], 8
    while at + 12 <= len(content):
        size = int.from_bytes(content[at : at + 4], "big")
        chunks.append((content[at + 4 : at + 8], content[at + 8 : at + 8 + size]))
        at += 12 + size
    return chunks


def _png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _recompress(data: bytes, rng: Random) -> bytes:
    """What was deflated, changed and deflated anew; as it was where it cannot be inflated."""
    try:
        plain = zlib.decompress(data)
    except zlib.error:
        return data
    return zlib.compress(_mutate_bytes(plain, rng))


def _mutate_bytes(data: bytes, rng: Random) -> bytes:
    mutators: tuple[Mutator, ...] = (flip_bits, replace_run, delete_run, duplicate_run, put_integer, truncate)
    return rng.choice(mutators)(data, rng)


def _put(content: bytes, at: int, size: int, order: str, rng: Random) -> bytes:
    """An odd number, or one a little off, instead of the one that stands there."""
    old = int.from_bytes(content[at : at + size], "big" if order == "big" else "little")
    value = rng.choice((rng.choice(_EDGES), old + 1, old - 1, 2 * old, old // 2, old + 256)) % (1 << 8 * size)
    return content[:at] + value.to_bytes(size, "big" if order == "big" else "little") + content[at + size :]


# JPEG: segments and their lengths


def change_jpeg_segment(content: bytes, rng: Random) -> bytes:
    segments = _jpeg_segments(content)
    if not segments:
        return content
    at, end = rng.choice(segments)
    what = rng.randrange(6)
    if what == 0:
        return _put(content, at + 2, 2, "big", rng)
    if what == 1:
        return content[:at] + content[end:]
    if what == 2:
        to = rng.choice(segments)[0]
        return content[:to] + content[at:end] + content[to:]
    if what == 3:
        return content[: at + 1] + bytes([rng.randrange(0xC0, 0x100)]) + content[at + 2 :]
    body = _mutate_bytes(content[at + 4 : end], rng)[:65000]
    return content[: at + 2] + struct.pack(">H", len(body) + 2) + body + content[end:]


def put_jpeg_marker(content: bytes, rng: Random) -> bytes:
    at = _place(content, rng)
    return content[:at] + bytes([0xFF, rng.randrange(0xC0, 0x100)]) + content[at + rng.choice((0, 2)) :]


def _jpeg_segments(content: bytes) -> list[tuple[int, int]]:
    found, at = [], 2
    while at + 4 <= len(content) and content[at] == 0xFF and content[at + 1] >= 0xC0:
        end = at + 2 + int.from_bytes(content[at + 2 : at + 4], "big")
        found.append((at, min(end, len(content))))
        if content[at + 1] == 0xDA:
            break
        at = end
    return found


# TIFF: directories


def change_tiff_entry(content: bytes, rng: Random) -> bytes:
    order = "little" if content[:2] == b"II" else "big"
    entries = _tiff_entries(content, order)
    if not entries:
        return content
    for _ in range(rng.choice((1, 1, 2, 3))):
        at = rng.choice(entries)
        offset, size = rng.choice(((0, 2), (2, 2), (4, 4), (8, 4), (8, 4), (8, 2)))
        content = _put(content, at + offset, size, order, rng)
    return content


def change_tiff_chain(content: bytes, rng: Random) -> bytes:
    """Where the next directory is, or how many entries one has: loops among them."""
    order = "little" if content[:2] == b"II" else "big"
    directories = _tiff_directories(content, order)
    if not directories:
        return content
    at, count = rng.choice(directories)
    following = at + 2 + 12 * count
    what = rng.randrange(3)
    if what == 0:
        return _put(content, at, 2, order, rng)
    if what == 1:
        return _put(content, following, 4, order, rng)
    target = rng.choice(directories)[0] + rng.choice((0, 0, 12))
    return content[:following] + target.to_bytes(4, "little" if order == "little" else "big") + content[following + 4 :]


def _tiff_directories(content: bytes, order: str) -> list[tuple[int, int]]:
    def number(at: int, size: int) -> int:
        return int.from_bytes(content[at : at + size], "little" if order == "little" else "big")

    found: list[tuple[int, int]] = []
    at = number(4, 4)
    while 8 <= at < len(content) - 2 and len(found) < 16 and at not in [start for start, _ in found]:
        count = number(at, 2)
        found.append((at, count))
        at = number(at + 2 + 12 * count, 4)
    return found


def _tiff_entries(content: bytes, order: str) -> list[int]:
    places = [at + 2 + 12 * n for at, count in _tiff_directories(content, order) for n in range(min(count, 64))]
    return [at for at in places if at + 12 <= len(content)]


# RIFF (WebP), ISO boxes (HEIC), BMP, GIF


def change_riff_chunk(content: bytes, rng: Random) -> bytes:
    places, at = [4], 12
    while at + 8 <= len(content):
        places.append(at + 4)
        size = int.from_bytes(content[at + 4 : at + 8], "little")
        if content[at : at + 4] == b"ANMF":
            places.append(at + 8 + 16 + 4)
        at += 8 + size + size % 2
    at = rng.choice(places)
    if rng.random() < 0.5:
        return _put(content, at, 4, "little", rng)
    body = at + 4 + rng.randrange(24)
    return content[:body] + rng.randbytes(rng.choice((1, 2, 4))) + content[body + 4 :]


_PARENTS = (b"meta", b"iprp", b"ipco", b"iinf", b"iref", b"dinf")


def change_iso_box(content: bytes, rng: Random) -> bytes:
    boxes = _iso_boxes(content, 0, len(content))
    if not boxes:
        return content
    at, end = rng.choice(boxes)
    what = rng.randrange(5)
    if what == 0:
        return _put(content, at, 4, "big", rng)
    if what == 1:
        return content[:at] + content[end:]
    if what == 2:
        to = rng.choice(boxes)[0]
        return content[:to] + content[at:end] + content[to:]
    if what == 3:
        return content[: at + 4] + content[rng.choice(boxes)[0] + 4 :][:4] + content[at + 8 :]
    if end <= at + 8:
        return content
    place = rng.randrange(at + 8, end)
    return _put(content, place, rng.choice((1, 2, 4)), "big", rng)


def _iso_boxes(content: bytes, at: int, end: int) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    while at + 8 <= end and len(found) < 200:
        size = int.from_bytes(content[at : at + 4], "big")
        if size < 8:
            break
        stop = min(at + size, end)
        found.append((at, stop))
        kind = content[at + 4 : at + 8]
        if kind in _PARENTS:
            skipped = {b"meta": 4, b"iinf": 6, b"iref": 4}.get(kind, 0)
            found += _iso_boxes(content, at + 8 + skipped, stop)
        at = stop
    return found


def change_bmp_head(content: bytes, rng: Random) -> bytes:
    at, size = rng.choice(((2, 4), (10, 4), (14, 4), (18, 4), (22, 4), (26, 2), (28, 2), (30, 4), (34, 4), (46, 4), (50, 4)))
    return _put(content, at, size, "little", rng)


def change_gif_block(content: bytes, rng: Random) -> bytes:
    places = [6, 8, 10] + [m.start() + 1 for m in re.finditer(rb",|!\xf9\x04|!\xff\x0b", content)]
    at = rng.choice(places) + rng.choice((0, 0, 2, 4, 6, 8, 9))
    return _put(content, at, rng.choice((1, 2)), "little", rng)


# PDF


def change_pdf_number(content: bytes, rng: Random) -> bytes:
    """Lengths, counts, offsets, object numbers, boxes: all are numbers."""
    return _replace_match(rb"-?\d+\.?\d*", rng.choice(_NUMBERS), content, rng)


def change_pdf_key(content: bytes, rng: Random) -> bytes:
    key = rng.choice((rb"/Length", rb"/Count", rb"/First", rb"/N", rb"/W \[", rb"/Width", rb"/Height", rb"/Size", rb"/Prev",
                      rb"/BitsPerComponent", rb"/K", rb"/Columns", rb"/Rows", rb"/Rotate", rb"startxref\s"))  # fmt: skip
    return _replace_match(rb"(?<=" + key + rb")\s*-?\d+", b" " + rng.choice(_NUMBERS), content, rng)


def point_pdf_elsewhere(content: bytes, rng: Random) -> bytes:
    """A reference to any other object: loops in /Kids, /Parent and /Resources among them."""
    return fix_pdf_xref(_replace_match(rb"\d+ 0 R", b"%d 0 R" % rng.randrange(1, 20), content, rng), rng)


def put_pdf_token(content: bytes, rng: Random) -> bytes:
    token = rng.choice(_TOKENS)
    if rng.random() < 0.5:
        return fix_pdf_xref(_replace_match(rb"<<", b"<<" + token + b" ", content, rng), rng)
    at = _place(content, rng)
    return content[:at] + token + content[at:]


def swap_pdf_names(content: bytes, rng: Random) -> bytes:
    names = re.findall(rb"/[A-Za-z0-9]+", content)
    return fix_pdf_xref(_replace_match(rb"/[A-Za-z0-9]+", rng.choice(names), content, rng), rng) if names else content


def change_pdf_stream(content: bytes, rng: Random) -> bytes:
    """What a stream holds: numbers, operators and bytes behind its compression, with a fitting /Length."""
    found = list(re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL))
    if not found:
        return content
    chosen = rng.choice(found)
    data = chosen.group(1)
    try:
        plain, packed = zlib.decompress(data), True
    except zlib.error:
        plain, packed = data, False
    for _ in range(rng.choice((1, 1, 3))):
        way = rng.randrange(4)
        if way == 0:
            plain = _mutate_bytes(plain, rng)
        elif way == 1:
            plain = _replace_match(rb"-?\d+\.?\d*", rng.choice(_NUMBERS), plain, rng)
        elif way == 2:
            plain = _replace_match(rb"\s[A-Za-z*]{1,2}\s", rng.choice(_OPERATORS), plain, rng)
        else:
            at = _place(plain, rng)
            plain = plain[:at] + rng.choice(_TOKENS) + plain[at:]
    new = zlib.compress(plain) if packed else plain
    changed = content[: chosen.start(1)] + new + content[chosen.end(1) :]
    head = content.rfind(b"/Length", 0, chosen.start())
    if head >= 0 and rng.random() < 0.8:
        changed = changed[:head] + re.sub(rb"^/Length\s*\d+(?! \d+ R)", b"/Length %d" % len(new), changed[head:], count=1)
    return fix_pdf_xref(changed, rng)


def fix_pdf_xref(content: bytes, rng: Random) -> bytes:
    """Mostly: a table that fits the objects again, so that nothing is repaired and all is looked at as it stands."""
    trailer = re.search(rb"trailer\s*(<<.*?>>)\s*startxref", content, re.DOTALL)
    if trailer is None or rng.random() < 0.2:
        return content
    offsets = {int(m.group(1)): m.start() for m in re.finditer(rb"(?<![0-9])(\d{1,4}) 0 obj", content)}
    start = content.rfind(b"\nxref", 0, trailer.start())
    if not offsets or start < 0:
        return content
    body, size = content[: start + 1], max(offsets) + 1
    rows = [b"%010d 00000 n \n" % offsets[n] if n in offsets else b"0000000000 65535 f \n" for n in range(size)]
    table = b"xref\n0 %d\n" % size + b"".join(rows)
    return body + table + b"trailer\n" + trailer.group(1) + b"\nstartxref\n%d\n%%%%EOF\n" % len(body)


def _replace_match(pattern: bytes, new: bytes, content: bytes, rng: Random) -> bytes:
    found = list(re.finditer(pattern, content))
    if not found:
        return content
    chosen = rng.choice(found)
    return content[: chosen.start()] + new + content[chosen.end() :]


# OFD and ZIP


def change_ofd_xml(content: bytes, rng: Random) -> bytes:
    """An edit of one part, and the archive rebuilt."""
    parts = _parts(content)
    written = sorted(name for name in parts if name.endswith(".xml"))
    if not written:
        return content
    name = rng.choice(written)
    parts[name] = _edit_xml(parts[name], rng)
    return zip_of(parts)


def _edit_xml(xml: bytes, rng: Random) -> bytes:
    way = rng.randrange(8)
    if way == 0:
        return _replace_match(rb"-?\d+\.?\d*", rng.choice(_NUMBERS), xml, rng)
    if way == 1:
        return _replace_match(rb'"[^"]*"', b'"' + rng.choice(_ATTRIBUTES) + b'"', xml, rng)
    if way == 2:
        return _replace_match(rb"<ofd:\w+", b"<ofd:" + rng.choice(_ELEMENTS), xml, rng)
    if way == 3:
        element = re.findall(rb"<ofd:\w+[^>]*/>", xml)
        return xml.replace(element[0], element[0] * 200, 1) if element else xml
    if way == 4:
        return _replace_match(rb">[^<]+<", b">" + rng.choice(_TEXTS) + b"<", xml, rng)
    if way == 5:
        return _replace_match(rb"\?>", b"?><!DOCTYPE a [<!ENTITY b 'c'><!ENTITY d '&b;&b;&b;'>]>", xml, rng)
    if way == 6:
        return _replace_match(rb"<ofd:\w+", b"<ofd:Layer>" * rng.choice((1, 50, 3000)) + b"<ofd:Layer", xml, rng)
    return _mutate_bytes(xml, rng)


def change_zip_part(content: bytes, rng: Random) -> bytes:
    """A member that is itself a mutant, gone, there twice, or under another name; the archive rebuilt."""
    parts = _parts(content)
    if not parts:
        return content
    name = rng.choice(sorted(parts))
    way = rng.randrange(4)
    if way == 0:
        del parts[name]
    elif way == 1:
        parts[name] = _mutate_bytes(parts[name], rng)
    elif way == 2:
        parts[rng.choice(_PATHS)] = parts[name]
    else:
        parts[name] = rng.choice(list(parts.values()))
    return zip_of(parts, rng.choice((0, 8)))


def change_zip_head(content: bytes, rng: Random) -> bytes:
    places = [m.start() for m in re.finditer(rb"PK(\x01\x02|\x03\x04|\x05\x06)", content)]
    if not places:
        return content
    at = rng.choice(places)
    offset, size = rng.choice(_ZIP_FIELDS)
    return _put(content, at + offset, size, "little", rng)


def _parts(content: bytes) -> dict[str, bytes]:
    """Empty where an earlier mutation broke the archive."""
    try:
        return unzipped(content)
    except Exception:  # of a broken archive zipfile raises whatever it likes
        return {}


GENERIC: tuple[Mutator, ...] = (
    flip_bits, replace_run, delete_run, duplicate_run, swap_runs, truncate, append, put_integer, splice,
)  # fmt: skip
STRUCTURED: dict[str, tuple[Mutator, ...]] = {
    "png": (change_png_chunk, change_png_length),
    "jpeg": (change_jpeg_segment, put_jpeg_marker),
    "tiff": (change_tiff_entry, change_tiff_entry, change_tiff_chain),
    "webp": (change_riff_chunk,),
    "heic": (change_iso_box,),
    "bmp": (change_bmp_head,),
    "gif": (change_gif_block,),
    "pdf": (change_pdf_number, change_pdf_key, point_pdf_elsewhere, put_pdf_token, swap_pdf_names, change_pdf_stream),
    "ofd": (change_ofd_xml, change_ofd_xml, change_zip_part, change_zip_head),
    "zip": (change_zip_part, change_zip_head),
}

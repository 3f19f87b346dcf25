"""PDFs that claim, nest or repeat more than a document does, and such as viewers repair."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from typing import Any

import pymupdf as _pymupdf
from broken_case import Case
from broken_images import deflate, jpeg, save, scan

pymupdf: Any = _pymupdf

CATALOG = b"<</Type/Catalog/Pages 2 0 R>>"
ONE_PAGE = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"


def stream(data: bytes, entries: bytes = b"", length: int | None = None) -> bytes:
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (entries, len(data) if length is None else length, data)


def pdf(objects: Mapping[int, bytes], trailer: bytes = b"") -> bytes:
    """Objects by number; 1 is the catalogue."""
    content = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    table = bytearray(b"xref\n0 1\n0000000000 65535 f \n")
    for number, value in sorted(objects.items()):
        table += b"%d 1\n%010d 00000 n \n" % (number, len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, value)
    start = len(content)
    content += table + b"trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (max(objects) + 1, trailer, start)
    return bytes(content)


def one_page(
    contents: bytes = b"<</Length 0>>stream\n\nendstream",
    *,
    box: bytes = b"[0 0 595 842]",
    resources: bytes = b"",
    more: Mapping[int, bytes] | None = None,
) -> bytes:
    page = b"<</Type/Page/Parent 2 0 R/MediaBox%s/Contents 4 0 R/Resources<<%s>>>>" % (box, resources)
    return pdf({1: CATALOG, 2: ONE_PAGE, 3: page, 4: contents, **(more or {})})


def with_image(image: bytes, box: bytes = b"[0 0 595 842]", **more: bytes) -> bytes:
    """A page that ``image`` fills; ``more`` are objects o6, o7 ..."""
    width, height = box[1:-1].split()[2:]
    return one_page(
        stream(b"q %s 0 0 %s 0 0 cm /I Do Q" % (width, height)),
        box=box,
        resources=b"/XObject<</I 5 0 R>>",
        more={5: image, **{int(name[1:]): value for name, value in more.items()}},
    )


def image(width: int, height: int, data: bytes, entries: bytes = b"/ColorSpace/DeviceRGB/BitsPerComponent 8") -> bytes:
    return stream(data, b"/Type/XObject/Subtype/Image/Width %d/Height %d%s" % (width, height, entries))


FLATE = b"/Filter/FlateDecode"
GREY = b"/ColorSpace/DeviceGray/BitsPerComponent 8"


def written(**options: Any) -> bytes:
    document = pymupdf.open()
    page = document.new_page(width=300, height=225)
    page.insert_image(page.rect, stream=save(scan(), "JPEG"))
    content: bytes = document.tobytes(**options)
    return content


def many_pages(count: int) -> bytes:
    kids = b" ".join(b"%d 0 R" % n for n in range(3, 3 + count))
    pages = {n: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 20 20]>>" for n in range(3, 3 + count)}
    return pdf({1: CATALOG, 2: b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, count), **pages})


def pages_counted_as(count: bytes) -> bytes:
    pages = {n: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 20 20]>>" for n in (3, 4, 5)}
    return pdf({1: CATALOG, 2: b"<</Type/Pages/Kids[3 0 R 4 0 R 5 0 R]/Count %s>>" % count, **pages})


def deep_tree(depth: int) -> bytes:
    nodes = {
        n: b"<</Type/Pages/Kids[%d 0 R]/Count 1%s>>" % (n + 1, b"/Parent %d 0 R" % (n - 1) if n > 2 else b"")
        for n in range(2, 2 + depth)
    }
    leaf = 2 + depth
    return pdf({1: CATALOG, **nodes, leaf: b"<</Type/Page/Parent %d 0 R/MediaBox[0 0 20 20]>>" % (leaf - 1)})


def shared_kids(depth: int) -> bytes:
    """Each node of the page tree has the next one twice: 2**depth pages."""
    nodes = {
        n: b"<</Type/Pages/Kids[%d 0 R %d 0 R]/Count %d>>" % (n + 1, n + 1, 2 ** (depth + 2 - n)) for n in range(2, 2 + depth)
    }
    return pdf({1: CATALOG, **nodes, 2 + depth: b"<</Type/Page/MediaBox[0 0 20 20]>>"})


def forms(depth: int, calls: int, last: int | None = None) -> bytes:
    """Forms that each paint the next one ``calls`` times; the last one a square, or the form of number ``last``."""
    more = {}
    for n in range(5, 5 + depth):
        following = last if n == 4 + depth else n + 1
        body = b"/F Do " * calls if following is not None else b"0 0 9 9 re f"
        resources = b"/Resources<</XObject<</F %d 0 R>>>>" % following if following is not None else b""
        more[n] = stream(body, b"/Type/XObject/Subtype/Form/BBox[0 0 595 842]" + resources)
    return one_page(stream(b"/F Do"), resources=b"/XObject<</F 5 0 R>>", more=more)


def groups(depth: int, box: bytes) -> bytes:
    """Transparency groups, each in the next one, as large as the page."""
    more = {}
    for n in range(5, 5 + depth):
        inner = b"/Resources<</XObject<</F %d 0 R>>>>" % (n + 1) if n < 4 + depth else b""
        entries = b"/Type/XObject/Subtype/Form/Group<</S/Transparency/I true/K true>>/BBox" + box + inner
        more[n] = stream(b"/F Do 0 0 9 9 re f" if inner else b"0 0 900 900 re f", entries)
    return one_page(stream(b"/G gs /F Do"), box=box, more=more,
                    resources=b"/XObject<</F 5 0 R>>/ExtGState<</G<</ca 0.5/BM/Multiply>>>>")  # fmt: skip


CLIP = b"0 0 m 595 9 l 590 842 l 0 800 l h W n "


def clips(depth: int, box: bytes) -> bytes:
    return one_page(stream((b"q " + CLIP) * depth + b"0 0 595 842 re f " + b"Q " * depth), box=box)


def text(characters: int) -> bytes:
    lines = deflate(b"(" + b"a" * 98 + b")'", characters // 98)
    font = b"/Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>"
    begin = stream(b"BT /F 9 Tf 9 TL 0 800 Td")
    return one_page(b"[5 0 R 6 0 R 7 0 R]", resources=font, more={5: begin, 6: stream(lines, FLATE), 7: stream(b"ET")})


def nested_filters() -> bytes:
    """Deflated twice: 2 GB in some KB."""
    return one_page(stream(zlib.compress(deflate(b" " * 2**20, 2_000)), b"/Filter[/FlateDecode/FlateDecode]"))


def lzw_bomb() -> bytes:
    """740 MB of spaces: each code stands for one space more than the one before, till the table is full."""
    bits = f"{256:09b}"
    cycle = f"{32:09b}"
    for code in range(258, 4_091):
        cycle += f"{code:0{9 + (code > 510) + (code > 1022) + (code > 2046)}b}"
    bits += (cycle + f"{256:012b}") * 100
    bits += "0" * (-len(bits) % 8)
    return one_page(stream(int(bits, 2).to_bytes(len(bits) // 8, "big"), b"/Filter/LZWDecode"))


def object_stream(data: bytes, count: int, first: int, entries: bytes = b"") -> bytes:
    """A PDF whose page is in object stream 4, with a cross-reference stream."""
    content = bytearray(b"%PDF-1.7\n")
    at = {}
    for number, value in (
        (1, CATALOG),
        (2, ONE_PAGE),
        (4, stream(data, b"/Type/ObjStm/N %d/First %d%s" % (count, first, entries))),
    ):
        at[number] = len(content)
        content += b"%d 0 obj\n%s\nendobj\n" % (number, value)
    start = len(content)
    rows = [(0, 0, 255), (1, at[1], 0), (1, at[2], 0), (2, 4, 0), (1, at[4], 0), (1, start, 0)]
    table = b"".join(struct.pack(">BIB", *row) for row in rows)
    content += b"5 0 obj\n%s\nendobj\n" % stream(table, b"/Type/XRef/Size 6/W[1 4 1]/Root 1 0 R")
    return bytes(content + b"startxref\n%d\n%%%%EOF\n" % start)


def object_stream_bomb() -> bytes:
    return object_stream(deflate(b" " * 2**20, 2_000), 1, 4, FLATE)


def many_objects_stream() -> bytes:
    numbers = deflate(b"3 0 " * 2**18, 40)
    return object_stream(numbers, 8_000_000, 40 * 2**20, FLATE)


def xref_stream_bomb() -> bytes:
    rows = deflate(bytes(2**20), 32)
    head = b"%PDF-1.7\n1 0 obj\n" + CATALOG + b"\nendobj\n"
    table = stream(rows, b"/Type/XRef/Size 8388606/W[1 2 1]/Root 1 0 R" + FLATE)
    return head + b"5 0 obj\n" + table + b"\nendobj\nstartxref\n%d\n%%%%EOF\n" % len(head)


def many_xref_streams() -> bytes:
    """Twelve revisions, each with a table of 8,388,606 objects."""
    content = b"%PDF-1.7\n1 0 obj\n" + CATALOG + b"\nendobj\n"
    rows = deflate(bytes(2**20), 32)
    before = b""
    for i in range(12):
        start = len(content)
        content += b"%d 0 obj\n" % (5 + i)
        content += stream(rows, b"/Type/XRef/Size 8388606/W[1 2 1]/Root 1 0 R" + before + FLATE) + b"\nendobj\n"
        before = b"/Prev %d" % start
    return content + b"startxref\n%d\n%%%%EOF\n" % start


def many_xref_tables() -> bytes:
    content = b"%PDF-1.7\n1 0 obj\n" + CATALOG + b"\nendobj\n"
    start = len(content)
    content += b"xref\n" + b"0 8388606\n0000000000 65535 f \n" * 20
    return content + b"trailer\n<</Size 8388606/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % start


def jbig2_page(width: int, height: int) -> bytes:
    """An embedded JBIG2 stream: page information, end of page."""
    information = struct.pack(">IIIIBH", width, height, 0, 0, 0, 0)
    return struct.pack(">IBBBI", 0, 48, 0, 1, len(information)) + information + struct.pack(">IBBBI", 1, 49, 0, 1, 0)


def jpx(width: int, height: int) -> bytes:
    """A JPEG 2000 codestream that ends after its header, in one tile."""
    size = struct.pack(">HIIIIIIIIH", 0, width, height, 0, 0, width, height, 0, 0, 1) + b"\x07\x01\x01"
    coding = b"\0" + struct.pack(">BHB", 0, 1, 0) + b"\0\x04\x04\0\1"
    quantisation = b"\x40\x40"
    segments = ((0x51, size), (0x52, coding), (0x5C, quantisation), (0x90, struct.pack(">HIBB", 0, 0, 0, 1)))
    head = b"".join(bytes((0xFF, kind)) + struct.pack(">H", len(data) + 2) + data for kind, data in segments)
    return b"\xff\x4f" + head + b"\xff\x93" + bytes(20) + b"\xff\xd9"


def type3_bomb() -> bytes:
    """Glyphs that are drawn with glyphs of the next font."""
    more = {}
    for n in range(5, 25, 2):
        font = b"<</Type/Font/Subtype/Type3/FontBBox[0 0 9 9]/FontMatrix[1 0 0 1 0 0]/Encoding<</Differences[97/a]>>/FirstChar 97"
        font += b"/LastChar 97/Widths[9]/CharProcs<</a %d 0 R>>/Resources<</Font<</F %d 0 R>>>>>>" % (n + 1, n + 2)
        more[n] = font
        more[n + 1] = stream(b"9 0 d0 BT /F 1 Tf (aaaaaaaaaa) Tj ET")
    more[25] = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
    return one_page(stream(b"BT /F 1 Tf (aaaaaaaaaa) Tj ET"), resources=b"/Font<</F 5 0 R>>", more=more)


def broken_xref() -> bytes:
    content = written()
    return content[: content.rindex(b"startxref")] + b"startxref\n7\n%%EOF\n"


def without_xref() -> bytes:
    content = written()
    return content[: content.rindex(b"xref\n0")] + content[content.rindex(b"trailer") : content.rindex(b"startxref")] + b"%%EOF\n"


def moved_objects() -> bytes:
    """As after a transfer in text mode: each offset in the table is wrong."""
    content = written()
    return content[:9] + b"%" + b"x" * 50 + b"\n" + content[9:]


PASSWORD = {"encryption": pymupdf.PDF_ENCRYPT_AES_256, "owner_pw": "owner"}

PROTECTED = (
    Case("pdf with a user password", lambda: written(**PASSWORD, user_pw="user"), "encrypted", suffix=".pdf"),
    Case("pdf with a user password, RC4",
         lambda: written(encryption=pymupdf.PDF_ENCRYPT_RC4_128, owner_pw="owner", user_pw="user"), "encrypted"),
    Case("pdf with an owner password", lambda: written(**PASSWORD, permissions=0), suffix=".pdf"),
    Case("pdf with an unknown encryption",
         lambda: pdf({1: CATALOG, 2: ONE_PAGE, 3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"},
                     b"/Encrypt<</Filter/Other/V 9>>/ID[<00><00>]"), "encrypted"),
)  # fmt: skip

REPAIRED = (
    Case("pdf with a broken xref", broken_xref, warning="unopenable"),
    Case("pdf without an xref", without_xref, warning="unopenable"),
    Case("pdf with moved objects", moved_objects, warning="unopenable"),
    Case("pdf with a wrong stream length", lambda: one_page(stream(b"0 0 9 9 re f" * 50, length=7)), warning="unopenable"),
    Case("pdf with a stream length beyond the end", lambda: one_page(stream(b"0 0 9 9 re f" * 50, length=10**9)),
         warning="unopenable"),
    Case("pdf with a negative stream length", lambda: one_page(stream(b"0 0 9 9 re f" * 50, length=-1)), warning="unopenable"),
)  # fmt: skip

PAGE_BOMBS = (
    Case("pdf without pages", lambda: pdf({1: CATALOG, 2: b"<</Type/Pages/Kids[]/Count 0>>"}), "empty"),
    Case("pdf without a page tree", lambda: pdf({1: b"<</Type/Catalog>>"}), "empty"),
    Case("pdf of 100,000 pages", lambda: many_pages(100_000), "too_large"),
    Case("pdf of 1,000 pages", lambda: many_pages(1_000)),
    Case("pdf that claims 100,000 pages", lambda: pages_counted_as(b"100000"), "unopenable"),
    Case("pdf that claims 4,000 pages", lambda: pages_counted_as(b"4000"), "unopenable"),
    Case("pdf of 3 pages that claims 1", lambda: pages_counted_as(b"1"), "unopenable"),
    Case("pdf of 3 pages that claims -1", lambda: pages_counted_as(b"-1"), "unopenable"),
    Case("pdf whose /Kids name their parent", lambda: pdf({1: CATALOG, 2: b"<</Type/Pages/Kids[2 0 R]/Count 1>>"}), "unopenable"),
    Case("pdf whose /Kids run in a circle",
         lambda: pdf({1: CATALOG, 2: ONE_PAGE, 3: b"<</Type/Pages/Parent 2 0 R/Kids[2 0 R]/Count 1>>"}), "unopenable"),
    Case("pdf whose page tree doubles 30 times", lambda: shared_kids(30), "unopenable"),
    Case("pdf with a page tree 50,000 deep", lambda: deep_tree(50_000), "unopenable"),
)  # fmt: skip

DEPTH_BOMBS = (
    Case("pdf with arrays nested 500,000 deep",
         lambda: one_page(more={9: b"[" * 500_000 + b"]" * 500_000}, resources=b"/XObject 9 0 R")),
    Case("pdf with dictionaries nested 500,000 deep",
         lambda: one_page(more={9: b"<</A" * 500_000 + b" 1" + b">>" * 500_000}, resources=b"/XObject 9 0 R")),
    Case("pdf with arrays nested in its contents", lambda: one_page(stream(b"[" * 500_000)), "unopenable"),
    Case("pdf with dictionaries nested in its contents", lambda: one_page(stream(b"/P " + b"<</A" * 500_000)), "unopenable"),
    Case("pdf with 500,000 saved states", lambda: one_page(stream(b"q " * 500_000)), "unopenable"),
    Case("pdf with a form that paints itself", lambda: forms(1, 1, last=5)),
    Case("pdf with forms in a circle", lambda: forms(3, 1, last=5)),
    Case("pdf with forms nested 20,000 deep", lambda: forms(20_000, 1), "too_large"),
    Case("pdf with forms that paint 10**10 squares", lambda: forms(10, 10), "too_large"),
    Case("pdf with 25 transparency groups", lambda: groups(25, b"[0 0 595 842]")),
    Case("pdf with 3 transparency groups, as large as allowed", lambda: groups(3, b"[0 0 3924 3924]"), long=True),
    Case("pdf with 25 transparency groups, as large as allowed", lambda: groups(25, b"[0 0 3924 3924]"), "too_large"),
    Case("pdf with 200 clips inside each other", lambda: clips(200, b"[0 0 595 842]"), long=True),
    Case("pdf with 30 clips inside each other", lambda: clips(30, b"[0 0 595 842]")),
    Case("pdf with 200 clips one after the other", lambda: one_page(stream((b"q " + CLIP + b"0 0 9 9 re f Q ") * 200))),
    Case("pdf with glyphs that paint 10**10 glyphs", type3_bomb, "too_large"),
)  # fmt: skip

CLAIMS = (
    Case("pdf with contents of 2 GB", lambda: one_page(stream(deflate(b" " * 2**20, 2_000), FLATE)), "too_large"),
    Case("pdf with contents deflated twice", nested_filters, "too_large"),
    Case("pdf with an LZW bomb", lzw_bomb, "too_large"),
    Case("pdf with an object stream of 2 GB", object_stream_bomb, "too_large"),
    Case("pdf with an object stream of 8,000,000 objects", many_objects_stream, "unopenable"),
    Case("pdf with a cross-reference stream of 8,388,606 objects", xref_stream_bomb, "empty"),
    Case("pdf with twelve such streams", many_xref_streams, "too_large"),
    Case("pdf with a cross-reference table of 8,388,606 objects", many_xref_tables, "empty"),
    Case("pdf with 60 MB of strokes", lambda: one_page(stream(deflate(b"0 0 m 9 9 l S\n" * 2**16, 65), FLATE)), "too_large"),
    Case("pdf with 12 MB of strokes", lambda: one_page(stream(deflate(b"0 0 m 9 9 l S\n" * 2**16, 13), FLATE)), long=True),
    Case("pdf with 40 MB of text", lambda: text(40 * 2**20), "too_large"),
    Case("pdf with 290,000 characters", lambda: text(290_000), long=True),
    Case("pdf whose image claims 100,000 x 100,000", lambda: with_image(image(100_000, 100_000, b"abc")), "too_large"),
    Case("pdf whose mask claims 100,000 x 100,000",
         lambda: with_image(image(9, 9, bytes(243), b"/ColorSpace/DeviceRGB/BitsPerComponent 8/SMask 6 0 R"),
                            o6=image(100_000, 100_000, deflate(bytes(2**20), 500), GREY + FLATE)), "too_large"),
    Case("pdf whose JPEG claims 65,535 x 65,535",
         lambda: with_image(image(600, 900, jpeg(65_535, 65_535, scans=1)[:4000] + b"\xff\xd9", GREY + b"/Filter/DCTDecode")),
         "too_large"),
    Case("pdf whose JPEG 2000 claims 100,000 x 100,000",
         lambda: with_image(image(600, 900, jpx(100_000, 100_000), b"/Filter/JPXDecode")), "too_large"),
    Case("pdf whose JBIG2 claims 400,000 x 400,000",
         lambda: with_image(image(600, 900, jbig2_page(400_000, 400_000),
                                  b"/ColorSpace/DeviceGray/BitsPerComponent 1/Filter/JBIG2Decode")), "unopenable"),
    Case("pdf with an inline image of 100,000 x 100,000",
         lambda: one_page(stream(b"q 595 0 0 842 0 0 cm BI /W 100000 /H 100000 /CS /RGB /BPC 8 ID abc EI Q")),
         warning="unopenable"),
    Case("pdf whose image inflates to 2 GB",
         lambda: with_image(image(600, 900, deflate(bytes(2**20), 2_000), GREY + FLATE))),
    Case("pdf with the largest image, pixel for pixel",
         lambda: with_image(image(10_900, 10_900, deflate(bytes(10_900 * 3 * 50), 218),
                                  b"/ColorSpace/DeviceRGB/BitsPerComponent 8" + FLATE), box=b"[0 0 3924 3924]"), long=True),
    Case("pdf with the largest CMYK image, pixel for pixel",
         lambda: with_image(image(10_900, 10_900, deflate(bytes(10_900 * 4 * 50), 218),
                                  b"/ColorSpace/DeviceCMYK/BitsPerComponent 8" + FLATE), box=b"[0 0 3924 3924]"), long=True),
    Case("pdf with the largest JPEG, pixel for pixel",
         lambda: with_image(image(10_900, 10_900, jpeg(10_900, 10_900),
                                  b"/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/DCTDecode"), box=b"[0 0 3924 3924]"),
         long=True),
    Case("pdf with the largest image and a mask",
         lambda: with_image(image(10_900, 10_900, deflate(bytes(10_900 * 3 * 50), 218),
                                  b"/ColorSpace/DeviceRGB/BitsPerComponent 8/SMask 6 0 R" + FLATE), box=b"[0 0 3924 3924]",
                            o6=image(10_900, 10_900, deflate(bytes(10_900 * 50), 218), GREY + FLATE))),
    Case("pdf with the largest image",
         lambda: with_image(image(10_900, 10_900, deflate(bytes(10_900 * 3 * 50), 218),
                                  b"/ColorSpace/DeviceRGB/BitsPerComponent 8" + FLATE))),
)  # fmt: skip

SIZES = (
    Case("page of 10**9 points", lambda: one_page(box=b"[0 0 1000000000 1000000000]"), "too_large"),
    Case("page of 10**40 points", lambda: one_page(box=b"[0 0 1%s 1%s]" % (b"0" * 40, b"0" * 40)), "too_large"),
    Case("page with its corners swapped", lambda: one_page(box=b"[595 842 0 0]")),
    Case("page of no size", lambda: one_page(box=b"[0 0 0 0]")),
    Case("page of NaN points", lambda: one_page(box=b"[0 0 NaN NaN]")),
    Case("page of 1 x 100,000 points", lambda: one_page(box=b"[0 0 1 100000]"), "too_large"),
    Case("page of 14,400 points", lambda: one_page(box=b"[0 0 14400 14400]")),
    Case("page of 0.001 points", lambda: one_page(box=b"[0 0 0.001 0.001]")),
    Case("page with a UserUnit of 10**6", lambda: one_page(box=b"[0 0 595 842]/UserUnit 1000000"), "too_large"),
)  # fmt: skip

"""A name anywhere in a file's bytes is found, in any place and form that such files keep text; noise is no name."""

# mypy: allow-untyped-calls

from __future__ import annotations

import ast
import io
import struct
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pymupdf
import pytest
from drawn_ofd import Ofd, text
from drawn_ofd import png as draw_png
from PIL import Image, PngImagePlugin, TiffImagePlugin

import redact.verify
from redact.names.name import Name
from redact.names.spellings import spell
from redact.values import MediaType
from redact.verify import find_in_bytes

NAME = "张伟"
SPELLINGS = spell(Name.parse(NAME))


def channels(content: bytes, kind: MediaType, name: str = NAME) -> set[str]:
    return {leak.channel for leak in find_in_bytes(content, kind, spell(Name.parse(name)))}


def picture(seed: int = 0, size: tuple[int, int] = (160, 120)) -> Image.Image:
    noise = np.random.default_rng(seed).normal(200, 30, (size[1], size[0], 3))
    return Image.fromarray(np.clip(noise, 0, 255).astype(np.uint8))


def save(kind: str, image: Image.Image | None = None, **options: Any) -> bytes:
    out = io.BytesIO()
    (image or picture()).save(out, kind, **options)
    return out.getvalue()


# --- pictures -----------------------------------------------------------------------------------------------------------


def exif(tag: int, value: str | bytes) -> bytes:
    data = Image.Exif()
    data[tag] = value
    return data.tobytes()


def png(*chunks: tuple[bytes, bytes]) -> bytes:
    content = save("PNG")
    cut = content.rindex(b"IEND") - 4
    extra = b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )
    return content[:cut] + extra + content[cut:]


def png_info(**options: Any) -> PngImagePlugin.PngInfo:
    info = PngImagePlugin.PngInfo()
    info.add_itxt("Author", NAME, **options)
    return info


def jpeg_with(marker: int, body: bytes) -> bytes:
    content = save("JPEG")
    return content[:2] + struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body + content[2:]


def progressive_with_comment_between_scans() -> bytes:
    content = save("JPEG", progressive=True)
    at = content.rindex(b"\xff\xda")
    return content[:at] + b"\xff\xfe" + struct.pack(">H", len(NAME.encode()) + 2) + NAME.encode() + content[at:]


def tiff_with(tag: int, value: Any, **options: Any) -> bytes:
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[tag] = value
    return save("TIFF", picture(size=(400, 300)), tiffinfo=tags, **options)


def second_frame() -> bytes:
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[XP_AUTHOR] = NAME.encode("utf-16-le")
    frame = picture(1, (400, 300))
    frame.encoderinfo = {"tiffinfo": tags}
    return save("TIFF", save_all=True, append_images=[frame])


def exif_inside(tag: int, value: bytes) -> bytes:
    data = Image.Exif()
    data.get_ifd(0x8769)[tag] = value
    return data.tobytes()


XMP = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><dc:creator>{NAME}</dc:creator></x:xmpmeta>'.encode()
XMP_HEADER = b"http://ns.adobe.com/xap/1.0/\0"
IPTC = b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0" + struct.pack(">I", 11) + b"\x1c\x02\x50\0\x06" + NAME.encode() + b"\0"
XP_AUTHOR, ARTIST, USER_COMMENT, DESCRIPTION = 0x9C9D, 0x013B, 0x9286, 0x010E

IN_PICTURES: dict[str, tuple[MediaType, Callable[[], bytes]]] = {
    "JPEG comment": (MediaType.JPEG, lambda: save("JPEG", comment=NAME.encode())),
    "JPEG comment in GBK": (MediaType.JPEG, lambda: save("JPEG", comment=NAME.encode("gbk"))),
    "JPEG comment between scans": (MediaType.JPEG, progressive_with_comment_between_scans),
    "EXIF artist": (MediaType.JPEG, lambda: save("JPEG", exif=exif(ARTIST, NAME.encode()))),
    "EXIF author of Windows, UTF-16": (MediaType.JPEG, lambda: save("JPEG", exif=exif(XP_AUTHOR, NAME.encode("utf-16-le")))),
    "EXIF of an odd offset, UTF-16": (MediaType.JPEG, lambda: jpeg_with(0xE1, b"Exif\0\0\0" + NAME.encode("utf-16-be"))),
    "XMP": (MediaType.JPEG, lambda: jpeg_with(0xE1, XMP_HEADER + XMP)),
    "IPTC": (MediaType.JPEG, lambda: jpeg_with(0xED, IPTC)),
    "a maker's own segment": (MediaType.JPEG, lambda: jpeg_with(0xEF, b"Scanner\0" + NAME.encode("gbk"))),
    "after the end of a JPEG": (MediaType.JPEG, lambda: save("JPEG") + NAME.encode()),
    "pinyin in a JPEG": (MediaType.JPEG, lambda: save("JPEG", comment=b"scanned for Zhang Wei")),
    "traditional form": (MediaType.JPEG, lambda: save("JPEG", comment="張偉".encode())),
    "spaced": (MediaType.JPEG, lambda: save("JPEG", comment="张 　伟".encode())),
    "percent-encoded": (MediaType.JPEG, lambda: save("JPEG", comment=b"/scan/%E5%BC%A0%E4%BC%9F.jpg")),
    "hex": (MediaType.JPEG, lambda: save("JPEG", comment=NAME.encode().hex().encode())),
    "PNG tEXt": (MediaType.PNG, lambda: png((b"tEXt", b"Author\0" + NAME.encode("gbk")))),
    "PNG zTXt": (MediaType.PNG, lambda: png((b"zTXt", b"Author\0\0" + zlib.compress(NAME.encode())))),
    "PNG iTXt": (MediaType.PNG, lambda: save("PNG", pnginfo=png_info())),
    "PNG iTXt, compressed": (MediaType.PNG, lambda: save("PNG", pnginfo=png_info(zip=True))),
    "PNG iTXt, compressed, in a language": (MediaType.PNG, lambda: save("PNG", pnginfo=png_info(lang="zh-Hans-CN", zip=True))),
    "PNG EXIF": (MediaType.PNG, lambda: save("PNG", exif=exif(ARTIST, NAME.encode()))),
    "a PNG's private chunk": (MediaType.PNG, lambda: png((b"prVt", NAME.encode("utf-16-le")))),
    "after the end of a PNG": (MediaType.PNG, lambda: save("PNG") + NAME.encode("gbk")),
    "TIFF artist": (MediaType.TIFF, lambda: tiff_with(ARTIST, NAME.encode())),
    "TIFF description in GBK": (MediaType.TIFF, lambda: tiff_with(DESCRIPTION, NAME.encode("gbk") + b" scanned")),
    "TIFF artist in GBK": (MediaType.TIFF, lambda: tiff_with(ARTIST, NAME.encode("gbk"))),
    "TIFF author of Windows": (MediaType.TIFF, lambda: tiff_with(XP_AUTHOR, NAME.encode("utf-16-le"))),
    "EXIF inside a TIFF": (MediaType.TIFF, lambda: save("TIFF", exif=exif_inside(USER_COMMENT, NAME.encode("utf-16-le")))),
    "the second frame of a TIFF": (MediaType.TIFF, second_frame),
    "BigTIFF": (MediaType.TIFF, lambda: tiff_with(XP_AUTHOR, NAME.encode("utf-16-le"), big_tiff=True)),
    "TIFF XMP": (MediaType.TIFF, lambda: tiff_with(700, XMP)),
    "GIF comment": (MediaType.GIF, lambda: save("GIF", comment=f"scan of {NAME}".encode())),
    "WebP EXIF": (MediaType.WEBP, lambda: save("WEBP", exif=exif(XP_AUTHOR, NAME.encode("utf-16-le")))),
    "WebP XMP": (MediaType.WEBP, lambda: save("WEBP", xmp=XMP)),
    "after the end of a BMP": (MediaType.BMP, lambda: save("BMP") + f"\0{NAME}, scanned\0".encode()),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("place", IN_PICTURES)
def test_a_name_planted_in_a_picture_file_is_found(place: str) -> None:
    kind, plant = IN_PICTURES[place]
    assert channels(plant(), kind)


@pytest.mark.parametrize(
    ("kind", "form"), [(MediaType.JPEG, "JPEG"), (MediaType.PNG, "PNG"), (MediaType.TIFF, "TIFF"), (MediaType.WEBP, "WEBP")]
)
def test_a_clean_picture_has_no_leak(kind: MediaType, form: str) -> None:
    assert channels(save(form), kind) == set()


def test_the_channel_says_where() -> None:
    content = save("JPEG", comment=NAME.encode()) + NAME.encode()
    assert channels(content, MediaType.JPEG) == {"metadata", "trailing_bytes"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "gb18030"])
@pytest.mark.parametrize("name", ["张伟", "欧阳小明", "买买提·艾力", "王䶮"])
def test_any_name_is_found_in_any_encoding(name: str, encoding: str) -> None:
    content = save("JPEG", comment=b"\x01" + name.encode(encoding))
    assert channels(content, MediaType.JPEG, name)
    assert channels(content, MediaType.JPEG, "李四光") == set()


# --- PDF ----------------------------------------------------------------------------------------------------------------


def new_pdf() -> Any:
    document = pymupdf.open()
    document.new_page(width=300, height=200)
    return document


def new_pdf_bytes() -> bytes:
    content: bytes = new_pdf().tobytes()
    return content


def pdf(change: Callable[[Any], object], **options: Any) -> bytes:
    document = new_pdf()
    change(document)
    content: bytes = document.tobytes(**options)
    return content


def pikepdf_with(change: Callable[[pikepdf.Pdf], object], **options: Any) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(new_pdf().tobytes())) as document:
        change(document)
        document.save(out, **options)
    return out.getvalue()


def write_hidden(document: Any) -> None:
    document[0].insert_text((20, 100), NAME, fontname="china-s", render_mode=3)


def put_string(encoding: str) -> Callable[[pikepdf.Pdf], None]:
    def change(document: pikepdf.Pdf) -> None:
        prefix = {"utf-16-be": b"\xfe\xff", "utf-8": b"\xef\xbb\xbf"}.get(encoding, b"")
        document.Root.PieceInfo = pikepdf.String(prefix + NAME.encode(encoding))

    return change


def put_stream(document: pikepdf.Pdf) -> None:
    document.Root.Extra = document.make_stream(b"BT (x) Tj ET % " + NAME.encode())


def earlier_revision(**options: Any) -> bytes:
    """Saved with the name, then once more without: the first save is still in the file, and no object of the second names it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.pdf"
        path.write_bytes(pdf(lambda d: d.set_metadata({"author": NAME}), **options))
        document: Any = pymupdf.open(path)
        document.set_metadata({"author": ""})
        document.saveIncr()
        document.close()
        content = path.read_bytes()
    assert content.count(b"%%EOF") == 2
    return content


IN_PDFS: dict[str, Callable[[], bytes]] = {
    "Info": lambda: pdf(lambda d: d.set_metadata({"author": NAME})),
    "XMP": lambda: pdf(lambda d: d.set_xml_metadata(XMP.decode())),
    "XMP, compressed": lambda: pdf(lambda d: d.set_xml_metadata(XMP.decode()), deflate=True),
    "an annotation": lambda: pdf(lambda d: d[0].add_text_annot((20, 20), NAME)),
    "a bookmark": lambda: pdf(lambda d: d.set_toc([[1, NAME, 1]])),
    "an attachment": lambda: pdf(lambda d: d.embfile_add("roster.csv", NAME.encode("gbk"))),
    "an attachment's file name": lambda: pdf(lambda d: d.embfile_add("a", b"x", filename=f"{NAME}.csv", ufilename=f"{NAME}.csv")),
    "a link": lambda: pdf(
        lambda d: d[0].insert_link(
            {"kind": pymupdf.LINK_URI, "from": pymupdf.Rect(0, 0, 9, 9), "uri": "http://a/%E5%BC%A0%E4%BC%9F"}
        )
    ),
    "a UTF-16 string": lambda: pikepdf_with(put_string("utf-16-be")),
    "a UTF-8 string": lambda: pikepdf_with(put_string("utf-8")),
    "a GBK string": lambda: pikepdf_with(put_string("gbk")),
    "an object stream": lambda: pikepdf_with(
        put_string("utf-16-be"), object_stream_mode=pikepdf.ObjectStreamMode.generate, compress_streams=True
    ),
    "a compressed stream": lambda: pikepdf_with(put_stream, compress_streams=True),
    "a plain stream": lambda: pikepdf_with(put_stream, compress_streams=False),
    "a comment between objects": lambda: new_pdf_bytes().replace(b"endobj", b"endobj\n% " + NAME.encode(), 1),
    "after the end": lambda: new_pdf_bytes() + b"\n" + NAME.encode(),
    "a hex string": lambda: new_pdf_bytes().replace(b"endobj", b"endobj\n% <FEFF5F20 4F1F>", 1),
    "an earlier revision": earlier_revision,
    "an earlier revision, compressed": lambda: earlier_revision(use_objstms=1, deflate=True),
}


@pytest.mark.parametrize("place", IN_PDFS)
def test_a_name_planted_in_a_pdf_is_found(place: str) -> None:
    assert channels(IN_PDFS[place](), MediaType.PDF)


def test_a_clean_pdf_has_no_leak() -> None:
    assert channels(new_pdf().tobytes(), MediaType.PDF) == set()
    assert channels(pdf(lambda d: d[0].insert_image(d[0].rect, stream=save("JPEG"))), MediaType.PDF) == set()


# --- noise --------------------------------------------------------------------------------------------------------------

SHORT_NAMES = ("张伟", "王一", "丁力", "马丽", "Li Na", "于文")


@pytest.mark.parametrize("name", SHORT_NAMES)
def test_compressed_pixels_are_no_name_by_chance(name: str) -> None:
    """A name of two characters is four bytes in GBK, and a scan has millions."""
    for seed in range(40):
        image = picture(seed, (240, 160))
        assert channels(save("JPEG", image, quality=60 + seed), MediaType.JPEG, name) == set()
        if seed < 10:
            assert channels(save("PNG", image), MediaType.PNG, name) == set()
            assert channels(save("WEBP", image), MediaType.WEBP, name) == set()
            assert channels(save("TIFF", image, compression="tiff_lzw"), MediaType.TIFF, name) == set()


def name_by_chance(pixels: bytes) -> str:
    """Two Chinese characters that compressed data happen to spell in GBK."""
    for at in range(len(pixels) - 4):
        four = pixels[at : at + 4]
        if all(0xB0 <= b <= 0xD7 for b in four[::2]) and all(0xA1 <= b <= 0xF9 for b in four[1::2]):
            return four.decode("gbk")
    raise AssertionError("a scan has some")


def test_what_compressed_pixels_happen_to_spell_is_no_leak() -> None:
    jpeg, png_file = save("JPEG", picture(3, (600, 400))), save("PNG", picture(3, (600, 400)))
    name = name_by_chance(jpeg[1000:-1000])
    assert channels(jpeg, MediaType.JPEG, name) == set()
    assert channels(jpeg + name.encode("gbk"), MediaType.JPEG, name) == {"trailing_bytes"}
    document = new_pdf()
    document[0].insert_image(document[0].rect, stream=jpeg)
    assert channels(document.tobytes(), MediaType.PDF, name) == set()
    assert channels(png_file, MediaType.PNG, name_by_chance(png_file[1000:-1000])) == set()


def test_a_name_among_noise_is_no_leak_and_among_letters_is_one() -> None:
    """Kinds of file whose text cannot be told from their pixels by where it stands."""
    scan, found = save("BMP"), NAME.encode("gbk")
    assert channels(scan + b"\0" + found + b"#$%&*+=~^|<>?@[]{}!#$%&*\0", MediaType.BMP) == set()
    assert channels(scan + b"\0" + found + b" scanned in 2023\0", MediaType.BMP) == {"bytes"}


def test_random_bytes_are_no_name_by_chance() -> None:
    rng = np.random.default_rng(7)
    found = 0
    for _ in range(200):
        blob = rng.bytes(20_000)
        content = save("TIFF", Image.frombytes("L", (200, 100), blob), compression="raw")
        found += bool(find_in_bytes(content, MediaType.TIFF, SPELLINGS))
    assert found == 0


def test_a_scan_in_a_pdf_is_no_name_by_chance() -> None:
    for seed in range(10):
        document = new_pdf()
        for kind in ("JPEG", "PNG"):
            document[0].insert_image(document[0].rect, stream=save(kind, picture(seed, (300, 200))))
        content = document.tobytes(deflate=True)
        for name in SHORT_NAMES:
            assert channels(content, MediaType.PDF, name) == set()


@pytest.mark.parametrize("other", ["张三", "伟张", "王伟明", "Zhang Weimin", "zhangweimin"])
def test_another_name_is_not_this_one(other: str) -> None:
    assert channels(save("JPEG", comment=other.encode()), MediaType.JPEG) == set()


# --- its own eyes -------------------------------------------------------------------------------------------------------


def test_verification_never_loads_masking() -> None:
    """What shares code with masking would share its mistakes."""
    program = "import sys, redact.verify; print([m for m in sys.modules if m.startswith('redact.masking')])"
    root = str(Path(redact.verify.__file__).parents[2])
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=root, check=True)
    assert run.stdout.strip() == "[]"


def test_no_module_of_verification_names_masking() -> None:
    for source in Path(redact.verify.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not any("masking" in name for name in names), source.name


def test_the_name_in_a_part_of_an_ofd_is_found_and_not_in_its_pictures() -> None:
    named = Ofd([text("姓名：张伟", 20, 30)])
    attached = Ofd([text("姓名", 20, 30)], extra={"Doc_0/Attachs/invoice.xml": "<a>张伟</a>".encode()})
    clean = Ofd([text("姓名", 20, 30)], files={"a.png": draw_png()})
    assert channels(named.build(), MediaType.OFD) == channels(attached.build(), MediaType.OFD) == {"metadata"}
    assert channels(clean.build(), MediaType.OFD) == set()

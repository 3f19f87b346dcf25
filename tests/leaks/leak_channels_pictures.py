"""Picture files with the name in one place beside the printed one, for each place that such files keep text and pixels in, and a
naive masker for each kind of file: it paints the name's ink and keeps everything else."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pillow_heif
import tifffile
from leak_pages import FREE_AT, draw_page, draw_with_second
from PIL import Image, ImageDraw, PngImagePlugin

from redact.geometry import Box

pillow_heif.register_heif_opener()

DESCRIPTION, ARTIST, XP_AUTHOR, USER_COMMENT, MAKER_NOTE = 0x010E, 0x013B, 0x9C9D, 0x9286, 0x927C
EXIF_IFD, GPS_IFD, GPS_AREA = 0x8769, 0x8825, 0x1C
_Build = Callable[[str], bytes]


def _save(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


# --- what is planted ----------------------------------------------------------------------------------------------------


def _exif(name: str) -> bytes:
    data = Image.Exif()
    data[DESCRIPTION] = name.encode("gb18030")
    data[ARTIST] = name.encode()
    data[XP_AUTHOR] = name.encode("utf-16-le")
    data.get_ifd(EXIF_IFD)[USER_COMMENT] = b"UNICODE\0" + name.encode("utf-16-be")
    return data.tobytes()


def _maker_note(name: str) -> bytes:
    data = Image.Exif()
    data.get_ifd(EXIF_IFD)[MAKER_NOTE] = b"Scanner\0\1\0" + name.encode("gb18030")
    return data.tobytes()


def _gps(name: str) -> bytes:
    data = Image.Exif()
    data.get_ifd(GPS_IFD)[GPS_AREA] = b"UNICODE\0" + name.encode("utf-16-le")
    return data.tobytes()


def _xmp(name: str) -> bytes:
    return f'<x:xmpmeta xmlns:x="adobe:ns:meta/">{name}</x:xmpmeta>'.encode()


def _iptc(name: str) -> bytes:
    """A caption writer's name (IIM 2:122)."""
    raw = name.encode()
    return b"\x1c\x02\x7a" + struct.pack(">H", len(raw)) + raw


def _photoshop(kind: int, data: bytes) -> bytes:
    return b"8BIM" + struct.pack(">HHI", kind, 0, len(data)) + data + b"\0" * (len(data) % 2)


def _thumbnail(name: str) -> bytes:
    image = draw_page(name).image
    small = image.resize((image.width // 2, image.height // 2), Image.Resampling.LANCZOS)
    return _save(small, "JPEG", quality=75)


def _exif_with_thumbnail(name: str) -> bytes:
    """A second directory whose tags 513 and 514 say where a JPEG lies and how long it is (EXIF 2.32, 4.5.5)."""
    jpeg = _thumbnail(name)
    first = struct.pack("<HI", 0, 14)
    tags = struct.pack("<HHIHHII", 259, 3, 1, 6, 0, 0, 0)[:12]
    at = 14 + 2 + 3 * 12 + 4
    second = struct.pack("<H", 3) + tags + struct.pack("<HHII", 513, 4, 1, at) + struct.pack("<HHII", 514, 4, 1, len(jpeg))
    return b"Exif\0\0II*\0\x08\0\0\0" + first + second + struct.pack("<I", 0) + jpeg


# --- JPEG ---------------------------------------------------------------------------------------------------------------


def _jpeg(name: str, **options: Any) -> bytes:
    return _save(draw_page(name).image, "JPEG", quality=90, subsampling=0, **options)


def _segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def _jpeg_with(name: str, marker: int, body: bytes) -> bytes:
    content = _jpeg(name)
    return content[:2] + _segment(marker, body) + content[2:]


def _second_picture(name: str) -> bytes:
    """A camera's second picture behind the first (MPO), without the printed name and with the other one."""
    first, second = draw_page(name).image, draw_with_second(name)
    return _save(first, "MPO", save_all=True, append_images=[second], quality=90, subsampling=0)


def _jpeg_segments(content: bytes) -> Iterator[bytes]:
    at = 2
    while content[at + 1] != 0xDA:
        size = struct.unpack_from(">H", content, at + 2)[0]
        if content[at + 1] in range(0xE1, 0xF0) or content[at + 1] == 0xFE:
            yield content[at : at + 2 + size]
        at += 2 + size


def _paint_jpeg(content: bytes, ink: Box) -> bytes:
    with Image.open(io.BytesIO(content)) as source:
        painted = _save(_painted(source.convert("RGB"), ink), "JPEG", quality=90, subsampling=0)
    end = content.index(b"\xff\xd9", _scan_start(content))
    return painted[:2] + b"".join(_jpeg_segments(content)) + painted[2:] + content[end + 2 :]


def _scan_start(content: bytes) -> int:
    at = 2
    while content[at + 1] != 0xDA:
        at += 2 + int(struct.unpack_from(">H", content, at + 2)[0])
    return at


# --- PNG ----------------------------------------------------------------------------------------------------------------


def _png(name: str, **options: Any) -> bytes:
    return _save(draw_page(name).image, "PNG", compress_level=1, **options)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _png_with(name: str, kind: bytes, body: bytes) -> bytes:
    content = _png(name)
    return content[:33] + _chunk(kind, body) + content[33:]


def _png_text(name: str) -> bytes:
    return _png_with(name, b"tEXt", b"Author\0" + name.encode("gb18030"))


def _png_compressed_text(name: str) -> bytes:
    return _png_with(name, b"zTXt", b"Author\0\0" + zlib.compress(name.encode()))


def _png_international_text(name: str) -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_itxt("Author", name, lang="zh-Hans-CN", zip=True)
    return _png(name, pnginfo=info)


def _png_animation(name: str) -> bytes:
    pages = [draw_page(name).image, draw_with_second(name)]
    return _save(pages[0], "PNG", save_all=True, append_images=pages[1:], duration=100, compress_level=1)


def _clear_pixels(name: str, kind: str, **options: Any) -> bytes:
    """The second name drawn in pixels that are fully transparent."""
    image = draw_with_second(name).convert("RGBA")
    pixels = np.array(image)
    pixels[FREE_AT[1] - 5 :, :, 3] = 0
    return _save(Image.fromarray(pixels), kind, **options)


def _png_chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 8
    while at + 8 <= len(content):
        size, kind = struct.unpack_from(">I4s", content, at)
        yield kind, content[at : at + 12 + size]
        at += 12 + size
        if kind == b"IEND":
            yield b"tail", content[at:]
            return


def _paint_png(content: bytes, ink: Box) -> bytes:
    with Image.open(io.BytesIO(content)) as source:
        painted = _save(_painted(source.copy(), ink), "PNG", compress_level=1)
    data = [raw for kind, raw in _png_chunks(painted) if kind == b"IDAT"]
    out, written = [content[:8]], False
    for kind, raw in _png_chunks(content):
        if kind != b"IDAT":
            out.append(raw)
        elif not written:
            out += data
            written = True
    return b"".join(out)


# --- TIFF ---------------------------------------------------------------------------------------------------------------


def _tiff(name: str, **options: Any) -> bytes:
    out = io.BytesIO()
    tifffile.imwrite(out, np.asarray(draw_page(name).image), photometric="rgb", metadata=None, software=False, **options)
    return out.getvalue()


def _tiff_tag(code: int, encode: Callable[[str], bytes], kind: int = 7) -> _Build:
    return lambda name: _tiff(name, extratags=[(code, kind, len(encode(name)), encode(name), True)])


def _tiff_exif(data: Callable[[str], bytes]) -> _Build:
    return lambda name: _save(draw_page(name).image, "TIFF", exif=data(name))


def _tiff_sub_directory(name: str) -> bytes:
    out = io.BytesIO()
    with tifffile.TiffWriter(out) as writer:
        writer.write(np.asarray(draw_page(name).image), photometric="rgb", subifds=1, metadata=None)
        writer.write(np.asarray(draw_with_second(name)), photometric="rgb", subfiletype=1, metadata=None)
    return out.getvalue()


def _tiff_gap(name: str) -> bytes:
    """Between the directory and what it points to, where nothing refers to: bytes that an editor left."""
    content = bytearray(_tiff(name))
    at = struct.unpack_from("<I", content, 4)[0]
    count = struct.unpack_from("<H", content, at)[0]
    directory = bytes(content[at : at + 2 + 12 * count + 4])
    content += b"\0" * (len(content) % 2) + b"left: " + name.encode("utf-16-le") + b"\0\0"
    content += b"\0" * (len(content) % 2)
    struct.pack_into("<I", content, 4, len(content))
    return bytes(content) + directory


def _frames(kind: str, **options: Any) -> _Build:
    def build(name: str) -> bytes:
        # A frame like the first would be merged with it; the second name makes it another one.
        pages = [draw_page(name).image, draw_with_second(name)]
        if kind == "GIF":
            pages = [p.quantize(64) for p in pages]
        return _save(pages[0], kind, save_all=True, append_images=pages[1:], **options)

    return build


def _paint_tiff(content: bytes, ink: Box) -> bytes:
    """In place: the strips of the first frame are not compressed."""
    out = bytearray(content)
    with tifffile.TiffFile(io.BytesIO(content)) as tiff:
        page = tiff.pages[0]
        width, rows = page.imagewidth, page.rowsperstrip
        x0, y0, x1, y1 = ink.pixels()
        for y in range(y0, y1):
            start = page.dataoffsets[y // rows] + (y % rows) * width * 3
            out[start + x0 * 3 : start + x1 * 3] = b"\0" * ((x1 - x0) * 3)
    return bytes(out)


# --- GIF ----------------------------------------------------------------------------------------------------------------


def _gif(name: str, **options: Any) -> bytes:
    return _save(draw_page(name).image.quantize(64), "GIF", **options)


def _gif_with(name: str, head: bytes) -> bytes:
    """An extension block of the program's own behind the colour table."""
    content, raw = _gif(name), name.encode()
    at = 13 + (3 << ((content[10] & 7) + 1) if content[10] & 0x80 else 0)
    return content[:at] + head + bytes([len(raw)]) + raw + b"\0" + content[at:]


def _gif_extensions(content: bytes) -> bytes:
    at = 13 + (3 << ((content[10] & 7) + 1) if content[10] & 0x80 else 0)
    kept = b""
    while content[at] == 0x21:
        end = at + 2
        while content[end]:
            end += content[end] + 1
        if content[at + 1] != 0xF9:
            kept += content[at : end + 1]
        at = end + 1
    return kept


def _paint_gif(content: bytes, ink: Box) -> bytes:
    with Image.open(io.BytesIO(content)) as source:
        frames = []
        for index in range(source.n_frames):  # type: ignore[attr-defined]
            source.seek(index)
            frames.append(source.convert("RGB"))
    frames[0] = _painted(frames[0], ink)
    for frame in frames:
        frame.info.clear()
    painted = _save(frames[0].quantize(64), "GIF", save_all=True, append_images=[f.quantize(64) for f in frames[1:]])
    at = 13 + (3 << ((painted[10] & 7) + 1) if painted[10] & 0x80 else 0)
    return painted[:at] + _gif_extensions(content) + painted[at:] + content[content.rindex(b"\0;") + 2 :]


# --- WebP ---------------------------------------------------------------------------------------------------------------


def _webp(name: str, **options: Any) -> bytes:
    return _save(draw_page(name).image, "WEBP", lossless=True, method=0, **options)


def _riff(body: bytes) -> bytes:
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _riff_chunk(kind: bytes, data: bytes) -> bytes:
    return kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def _webp_unknown(name: str) -> bytes:
    return _riff(_webp(name, xmp=b"<x/>")[8:] + _riff_chunk(b"NAME", name.encode("utf-16-le")))


def _webp_chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    at, end = 12, 8 + struct.unpack_from("<I", content, 4)[0]
    while at + 8 <= end:
        kind, size = struct.unpack_from("<4sI", content, at)
        yield kind, content[at + 8 : at + 8 + size]
        at += 8 + size + size % 2


def _paint_webp(content: bytes, ink: Box) -> bytes:
    with Image.open(io.BytesIO(content)) as source:
        frames = []
        for index in range(getattr(source, "n_frames", 1)):
            source.seek(index)
            frames.append(source.convert("RGBA" if source.mode == "RGBA" else "RGB"))
    frames[0] = _painted(frames[0], ink)
    options: dict[str, Any] = {"save_all": True, "append_images": frames[1:]} if len(frames) > 1 else {}
    painted = _save(frames[0], "WEBP", lossless=True, exact=True, method=0, xmp=b"<x/>", **options)
    kept = [(k, d) for k, d in _webp_chunks(content) if k not in (b"VP8X", b"VP8L", b"VP8 ", b"ALPH", b"ANIM", b"ANMF")]
    tail = content[8 + struct.unpack_from("<I", content, 4)[0] :]
    return _riff(painted[8:] + b"".join(_riff_chunk(*chunk) for chunk in kept)) + tail


# --- HEIC, BMP ----------------------------------------------------------------------------------------------------------


def _heic(name: str, **options: Any) -> bytes:
    return _save(draw_page(name).image, "HEIF", quality=80, enc_params={"preset": "ultrafast"}, **options)


def _heic_free_box(name: str) -> bytes:
    """A box that readers skip (ISO/IEC 14496-12, 8.1.2)."""
    raw = name.encode()
    return _heic(name) + struct.pack(">I4s", len(raw) + 8, b"free") + raw


def _paint_heic(content: bytes, ink: Box) -> bytes:
    heif = pillow_heif.open_heif(io.BytesIO(content))
    frames = [item.to_pillow() for item in heif]
    with Image.open(io.BytesIO(content)) as source:
        kept = {key: source.info[key] for key in ("exif", "xmp") if source.info.get(key)}
    frames[0] = _painted(frames[0], ink)
    more = {"save_all": True, "append_images": frames[1:]} if len(frames) > 1 else {}
    tail = _boxes_behind(content)
    return _save(frames[0], "HEIF", quality=80, enc_params={"preset": "ultrafast"}, **kept, **more) + tail


def _boxes_behind(content: bytes) -> bytes:
    """What stands behind the media data."""
    at = content.rindex(b"mdat") - 4
    return content[at + struct.unpack_from(">I", content, at)[0] :]


def _bmp(name: str) -> bytes:
    return _save(draw_page(name).image, "BMP")


def _bmp_gap(name: str) -> bytes:
    """Between the header and the pixels."""
    content = _bmp(name)
    gap = (b"scan of " + name.encode() + b"    ")[: (8 + len(name.encode())) // 4 * 4 + 4]
    gap += b" " * (-len(gap) % 4)
    start = struct.unpack_from("<I", content, 10)[0] + len(gap)
    head = bytearray(content[:54])
    struct.pack_into("<I", head, 2, len(content) + len(gap))
    struct.pack_into("<I", head, 10, start)
    return bytes(head) + gap + content[54:]


def _paint_bmp(content: bytes, ink: Box) -> bytes:
    """In place: rows stand from the bottom up, four bytes aligned."""
    out = bytearray(content)
    start, width, height = (struct.unpack_from("<I", content, at)[0] for at in (10, 18, 22))
    stride = (width * 3 + 3) // 4 * 4
    x0, y0, x1, y1 = ink.pixels()
    for y in range(y0, y1):
        at = start + (height - 1 - y) * stride
        out[at + x0 * 3 : at + x1 * 3] = b"\0" * ((x1 - x0) * 3)
    return bytes(out)


def _painted(image: Image.Image, ink: Box) -> Image.Image:
    x0, y0, x1, y1 = ink.pixels()
    black = (0, 0, 0, 255) if image.mode == "RGBA" else (0, 0, 0)
    ImageDraw.Draw(image).rectangle((x0, y0, x1 - 1, y1 - 1), fill=black)
    return image


# --- the table ----------------------------------------------------------------------------------------------------------

PLAIN: dict[str, _Build] = {
    "JPEG": _jpeg,
    "PNG": _png,
    "TIFF": _tiff,
    "GIF": _gif,
    "WEBP": _webp,
    "HEIF": _heic,
    "BMP": _bmp,
}
PAINTERS: dict[str, Callable[[bytes, Box], bytes]] = {
    "JPEG": _paint_jpeg,
    "PNG": _paint_png,
    "TIFF": _paint_tiff,
    "GIF": _paint_gif,
    "WEBP": _paint_webp,
    "HEIF": _paint_heic,
    "BMP": _paint_bmp,
}


def _with_tail(build: _Build) -> _Build:
    return lambda name: build(name) + f"\0scan of {name}".encode("gb18030")


# Channel, then kind of file.
PICTURE_CHANNELS: dict[str, dict[str, _Build]] = {
    "EXIF": {
        "JPEG": lambda n: _jpeg(n, exif=_exif(n)),
        "PNG": lambda n: _png(n, exif=_exif(n)),
        "WEBP": lambda n: _webp(n, exif=_exif(n)),
        "TIFF": _tiff_exif(_exif),
        "HEIF": lambda n: _heic(n, exif=_exif(n)),
    },
    "EXIF MakerNote": {
        "JPEG": lambda n: _jpeg(n, exif=_maker_note(n)),
        "PNG": lambda n: _png(n, exif=_maker_note(n)),
        "WEBP": lambda n: _webp(n, exif=_maker_note(n)),
        "HEIF": lambda n: _heic(n, exif=_maker_note(n)),
    },
    "EXIF thumbnail": {
        "JPEG": lambda n: _jpeg_with(n, 0xE1, _exif_with_thumbnail(n)),
        "PNG": lambda n: _png_with(n, b"eXIf", _exif_with_thumbnail(n)[6:]),
        "WEBP": lambda n: _webp(n, exif=_exif_with_thumbnail(n)),
    },
    "GPS": {
        "JPEG": lambda n: _jpeg(n, exif=_gps(n)),
        "TIFF": _tiff_exif(_gps),
        "WEBP": lambda n: _webp(n, exif=_gps(n)),
    },
    "XMP": {
        "JPEG": lambda n: _jpeg_with(n, 0xE1, b"http://ns.adobe.com/xap/1.0/\0" + _xmp(n)),
        "PNG": lambda n: _png_with(n, b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + _xmp(n)),
        "WEBP": lambda n: _webp(n, xmp=_xmp(n)),
        "TIFF": _tiff_tag(700, _xmp, 1),
        "HEIF": lambda n: _heic(n, xmp=_xmp(n)),
    },
    "IPTC": {
        "JPEG": lambda n: _jpeg_with(n, 0xED, b"Photoshop 3.0\0" + _photoshop(0x0404, _iptc(n))),
        "TIFF": _tiff_tag(33723, _iptc),
    },
    "Photoshop thumbnail": {
        "JPEG": lambda n: _jpeg_with(n, 0xED, b"Photoshop 3.0\0" + _photoshop(0x040C, b"\0" * 28 + _thumbnail(n))),
        "TIFF": _tiff_tag(34377, lambda n: _photoshop(0x040C, b"\0" * 28 + _thumbnail(n))),
    },
    "JPEG comment": {"JPEG": lambda n: _jpeg(n, comment=n.encode("gb18030"))},
    "JPEG maker's segment": {"JPEG": lambda n: _jpeg_with(n, 0xEB, b"Scanner\0" + n.encode("utf-16-be"))},
    "colour profile": {
        "JPEG": lambda n: _jpeg_with(n, 0xE2, b"ICC_PROFILE\0\1\1" + n.encode("utf-16-be")),
        "PNG": lambda n: _png_with(n, b"iCCP", b"profile\0\0" + zlib.compress(n.encode())),
        "TIFF": _tiff_tag(34675, lambda n: b"\0" * 36 + n.encode("utf-16-be")),
    },
    "PNG tEXt": {"PNG": _png_text},
    "PNG zTXt": {"PNG": _png_compressed_text},
    "PNG iTXt, compressed": {"PNG": _png_international_text},
    "PNG private chunk": {"PNG": lambda n: _png_with(n, b"prVt", n.encode("utf-16-le"))},
    "TIFF tags": {"TIFF": lambda n: _tiff(n, extratags=[(ARTIST, 2, 0, n.encode(), True), (270, 2, 0, n.encode(), True)])},
    "TIFF private tag": {"TIFF": _tiff_tag(65000, lambda n: n.encode("utf-16-le"))},
    "TIFF sub-directory": {"TIFF": _tiff_sub_directory},
    "TIFF, bytes between": {"TIFF": _tiff_gap},
    "GIF comment": {"GIF": lambda n: _gif_with(n, b"!\xfe")},
    "GIF application extension": {"GIF": lambda n: _gif_with(n, b"!\xff\x0bSCANNER 1.0")},
    "GIF plain text": {"GIF": lambda n: _gif_with(n, b"!\x01\x0c" + b"\0" * 12)},
    "WebP unknown chunk": {"WEBP": _webp_unknown},
    "HEIC free box": {"HEIF": _heic_free_box},
    "BMP, bytes between": {"BMP": _bmp_gap},
    # HEIC is boxes to its end: there, bytes behind it are a box.
    "after the end": {kind: _with_tail(build) for kind, build in PLAIN.items() if kind != "HEIF"},
    "other frames": {
        "TIFF": _frames("TIFF", compression="raw"),
        "GIF": _frames("GIF", duration=100),
        "WEBP": _frames("WEBP", lossless=True, method=0, duration=100),
        "PNG": _png_animation,
        "HEIF": _frames("HEIF", quality=80, enc_params={"preset": "ultrafast"}),
        "JPEG": _second_picture,
    },
    "transparent pixels": {
        "PNG": lambda n: _clear_pixels(n, "PNG", compress_level=1),
        "WEBP": lambda n: _clear_pixels(n, "WEBP", lossless=True, exact=True, method=0),
    },
}

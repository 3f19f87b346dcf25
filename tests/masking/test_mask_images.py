"""What a masked picture is: black where it was masked, as it was elsewhere, the same kind of file, nothing besides."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageCms, PngImagePlugin

from redact.errors import AttachmentError, Truncated, Unopenable
from redact.geometry import Box
from redact.masking import mask_file
from redact.masking.png import encode_deep_png, encode_grey_png
from redact.values import MediaType, PageMasks

WIDTH, HEIGHT = 240, 160
BOX = Box(64, 40, 152, 72)
SECRET = "张三丰Zhang"


def picture(mode: str, size: tuple[int, int] = (WIDTH, HEIGHT)) -> Image.Image:
    """Paper with soft shading, coloured strokes, and ink inside BOX."""
    y, x = np.mgrid[0 : size[1], 0 : size[0]]
    shade = 225 + 20 * np.sin(x / 37) * np.cos(y / 29)
    rgb = np.stack([shade, shade - 4, shade - 10], axis=-1)
    rgb[(x // 6 + y // 5) % 7 == 0] = (90, 60, 150)
    rgb[50:60, 70:140] = (200, 20, 30)
    image = Image.fromarray(rgb.round().astype(np.uint8))
    if mode == "I;16":
        return Image.fromarray(np.array(image.convert("L")).astype(np.uint16) * 257)
    if mode in ("RGBA", "LA"):
        image = image.convert(mode)
        image.putalpha(Image.fromarray(np.where(x < 30, 0, np.where(x < 60, 128, 255)).astype(np.uint8)))
        return image
    if mode == "P":
        return image.quantize(40)
    return image.convert(mode)


def encode(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def opened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def one_page(*boxes: Box, width: int = WIDTH, height: int = HEIGHT, index: int = 0) -> PageMasks:
    return PageMasks(index, width, height, boxes)


def inside(box: Box, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    mask = np.zeros(shape[:2], dtype=np.bool_)
    box = box.clipped(shape[1], shape[0])
    mask[int(box.y0) : int(box.y1), int(box.x0) : int(box.x1)] = True
    return mask


def as_rgb(image: Image.Image) -> NDArray[np.uint8]:
    if image.mode.startswith("I;16"):
        return np.repeat((np.array(image) // 257).astype(np.uint8)[..., None], 3, axis=2)
    if image.mode in ("P", "LA", "RGBA", "PA"):
        white = Image.new("RGBA", image.size, "white")
        return np.array(Image.alpha_composite(white, image.convert("RGBA")).convert("RGB"))
    return np.array(image.convert("RGB"))


LOSSLESS: list[tuple[str, MediaType, str, dict[str, Any]]] = [
    *(("PNG", MediaType.PNG, mode, {}) for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")),
    *(("BMP", MediaType.BMP, mode, {}) for mode in ("1", "L", "P", "RGB", "RGBA")),
    *(
        ("TIFF", MediaType.TIFF, mode, {"compression": c})
        for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16")
        for c in ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits")
    ),
    ("TIFF", MediaType.TIFF, "1", {"compression": "group4"}),
    ("TIFF", MediaType.TIFF, "1", {"compression": "group3"}),
    ("WEBP", MediaType.WEBP, "RGB", {"lossless": True}),
    ("WEBP", MediaType.WEBP, "RGBA", {"lossless": True, "exact": True}),
    ("GIF", MediaType.GIF, "P", {}),
    ("GIF", MediaType.GIF, "L", {}),
]


@pytest.mark.parametrize(("kind", "media_type", "mode", "options"), LOSSLESS)
def test_lossless_kinds_are_black_in_the_box_and_unchanged_outside(
    kind: str, media_type: MediaType, mode: str, options: dict[str, Any]
) -> None:
    if kind in ("PNG", "BMP", "TIFF"):
        options = options | {"dpi": (200, 200)}
    content = encode(picture(mode), kind, **options)
    source, masked = opened(content), opened(mask_file(content, media_type, [one_page(BOX)]))

    covered = inside(BOX, (HEIGHT, WIDTH))
    assert masked.format == kind
    assert masked.size == source.size
    if kind != "GIF":
        assert masked.mode == source.mode
        assert masked.info.get("compression") == source.info.get("compression")
    if "dpi" in source.info:
        assert masked.info["dpi"] == pytest.approx(source.info["dpi"], abs=0.2)
    assert (as_rgb(masked)[covered] == 0).all()
    assert (as_rgb(masked)[~covered] == as_rgb(source)[~covered]).all()


JPEGS: list[tuple[str, dict[str, Any]]] = [
    ("L", {"quality": 60}),
    ("RGB", {"quality": 35, "subsampling": 2}),
    ("RGB", {"quality": 75, "subsampling": 1, "progressive": True}),
    ("RGB", {"quality": 90, "subsampling": 0}),
    ("RGB", {"quality": 90, "keep_rgb": True}),
    ("RGB", {"quality": 90, "keep_rgb": True, "dpi": (150, 150)}),
    ("CMYK", {"quality": 80}),
]


@pytest.mark.parametrize(("mode", "options"), JPEGS)
def test_jpeg_keeps_its_tables_and_hardly_changes_away_from_the_mask(mode: str, options: dict[str, Any]) -> None:
    if "keep_rgb" not in options:
        options = options | {"dpi": (150, 150)}
    content = encode(picture(mode), "JPEG", **options)
    source, masked = opened(content), opened(mask_file(content, MediaType.JPEG, [one_page(BOX)]))

    assert (masked.format, masked.mode, masked.size) == ("JPEG", source.mode, source.size)
    assert masked.quantization == source.quantization  # type: ignore[attr-defined]
    if "dpi" not in options or "keep_rgb" not in options:
        assert [row[1:3] for row in masked.layer] == [row[1:3] for row in source.layer]  # type: ignore[attr-defined]
    assert bool(masked.info.get("progressive")) == bool(options.get("progressive"))
    assert masked.info.get("dpi") == source.info.get("dpi")
    difference = np.abs(as_rgb(masked).astype(int) - as_rgb(source))
    away = ~inside(BOX.grown(16), (HEIGHT, WIDTH))
    assert difference[away].mean() < 1.5
    assert difference[away].max() < 40
    assert (as_rgb(masked)[inside(BOX.grown(-8), (HEIGHT, WIDTH))] <= 8).all()


def test_jpeg_mask_does_not_depend_on_what_was_under_it() -> None:
    """No residue: with the ink 8 pixels inside the mask, the picture is the same whatever name stood there."""
    named, other = picture("RGB"), picture("RGB")
    blank = (240, 240, 240)
    for image in (named, other):
        image.paste(blank, (40, 24, 180, 96))
    named.paste((0, 0, 0), (72, 48, 144, 64))
    contents = [encode(image, "JPEG", quality=50, subsampling=0) for image in (named, other)]
    outputs = [as_rgb(opened(mask_file(c, MediaType.JPEG, [one_page(BOX)]))) for c in contents]
    assert (outputs[0] == outputs[1]).all()


def test_heic_stays_heic() -> None:
    content = encode(picture("RGB"), "HEIF", quality=90)
    masked = opened(mask_file(content, MediaType.HEIC, [one_page(BOX)]))
    assert masked.format == "HEIF"
    difference = np.abs(as_rgb(masked).astype(int) - as_rgb(opened(content)))
    assert difference[~inside(BOX.grown(16), (HEIGHT, WIDTH))].mean() < 4
    assert (as_rgb(masked)[inside(BOX.grown(-8), (HEIGHT, WIDTH))] <= 10).all()


def test_lossy_webp_stays_lossy() -> None:
    content = encode(picture("RGB"), "WEBP", quality=80)
    output = mask_file(content, MediaType.WEBP, [one_page(BOX)])
    assert b"VP8 " in output and b"VP8L" not in output
    assert (as_rgb(opened(output))[inside(BOX.grown(-8), (HEIGHT, WIDTH))] <= 10).all()


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("extension", [".png", ".tiff"])
def test_sixteen_bit_colour_keeps_its_sixteen_bits(extension: str, channels: int) -> None:
    pixels = np.random.default_rng(1).integers(1, 65535, (HEIGHT, WIDTH, channels)).astype(np.uint16)
    content = cv2.imencode(extension, pixels)[1].tobytes()
    media_type = MediaType.PNG if extension == ".png" else MediaType.TIFF
    masked = cv2.imdecode(np.frombuffer(mask_file(content, media_type, [one_page(BOX)]), np.uint8), cv2.IMREAD_UNCHANGED)
    assert masked is not None and masked.dtype == np.uint16 and masked.shape == pixels.shape
    covered = inside(BOX, masked.shape)
    assert (masked[~covered] == pixels[~covered]).all()
    assert (masked[covered][:, :3] == 0).all()
    assert channels == 3 or (masked[covered][:, 3] == 65535).all()


@pytest.mark.parametrize("depth", [2, 4])
def test_shallow_grey_keeps_its_bits(depth: int) -> None:
    levels = np.array(picture("L", (WIDTH - 3, HEIGHT))) >> (8 - depth)
    content = encode_grey_png((levels << (8 - depth)).astype(np.uint8), depth, (300, 300))
    assert (np.array(opened(content)) == levels * (255 // (2**depth - 1))).all()
    output = mask_file(content, MediaType.PNG, [one_page(BOX, width=WIDTH - 3)])
    before, after = np.array(opened(content)), np.array(opened(output))
    covered = inside(BOX, before.shape)
    assert output[24] == depth and opened(output).info["dpi"] == pytest.approx((300, 300), abs=0.1)
    assert (after[covered] == 0).all() and (after[~covered] == before[~covered]).all()


def test_a_full_palette_has_no_black_and_the_mask_is_black_all_the_same() -> None:
    indices = np.arange(WIDTH * HEIGHT, dtype=np.uint32).reshape(HEIGHT, WIDTH) % 256
    image = Image.fromarray(indices.astype(np.uint8)).convert("L")
    image.putpalette(bytes(v for i in range(256) for v in (255 - i // 2, i // 2 + 30, 200)))
    content = encode(image, "PNG")
    masked = opened(mask_file(content, MediaType.PNG, [one_page(BOX)]))
    covered = inside(BOX, (HEIGHT, WIDTH))
    assert (as_rgb(masked)[covered] == 0).all()
    assert (as_rgb(masked)[~covered] == as_rgb(image)[~covered]).all()


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_small_palettes_keep_their_bits_when_there_is_room_for_black(bits: int) -> None:
    image = picture("RGB").quantize((1 << bits) - 1)
    output = mask_file(encode(image, "PNG", bits=bits), MediaType.PNG, [one_page(BOX)])
    assert output[24] == bits and (as_rgb(opened(output))[inside(BOX, (HEIGHT, WIDTH))] == 0).all()


@pytest.mark.parametrize(("mode", "key"), [("L", 0), ("RGB", (0, 0, 0)), ("1", 0), ("P", 0)])
def test_a_mask_is_opaque_where_black_was_declared_transparent(mode: str, key: Any) -> None:
    image = picture(mode)
    if mode == "P":
        image.putpalette(bytes([0, 0, 0]) + bytes(image.getpalette() or [])[3:])
    masked = opened(mask_file(encode(image, "PNG", transparency=key), MediaType.PNG, [one_page(BOX)]))
    rgba = np.array(masked.convert("RGBA"))
    assert (rgba[inside(BOX, (HEIGHT, WIDTH))] == (0, 0, 0, 255)).all()


def test_colour_hidden_under_full_transparency_is_gone() -> None:
    pixels = np.full((HEIGHT, WIDTH, 4), 255, dtype=np.uint8)
    pixels[100:140, 20:220] = (0, 0, 0, 0)
    pixels[110:130, 60:180] = (255, 255, 255, 0)
    masked = opened(mask_file(encode(Image.fromarray(pixels), "PNG"), MediaType.PNG, [one_page(BOX)]))
    hidden = np.array(masked)[100:140, 20:220]
    assert (hidden == hidden[0, 0]).all()


def test_palette_entries_that_look_alike_draw_no_picture() -> None:
    indices = np.zeros((HEIGHT, WIDTH), dtype=np.uint8)
    indices[100:120, 30:200] = 1
    image = Image.fromarray(indices).convert("L")
    image.putpalette(bytes([255, 255, 255, 255, 255, 255, 0, 0, 0]))
    masked = opened(mask_file(encode(image, "PNG"), MediaType.PNG, [one_page()]))
    assert len(np.unique(np.array(masked))) == 1


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_exif_turns_are_applied_and_the_mask_lies_where_the_viewer_sees_it(kind: str, orientation: int) -> None:
    upright = Image.new("RGB", (WIDTH, HEIGHT), "white")
    upright.paste((200, 0, 0), (72, 48, 144, 64))
    upright.paste((0, 0, 200), (10, 10, 40, 30))
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # values of Image.Transpose that store the picture turned
    stored = upright.transpose(Image.Transpose(undo[orientation])) if orientation > 1 else upright
    exif = Image.Exif()
    exif[274] = orientation
    settings_of: dict[str, dict[str, Any]] = {"JPEG": {"quality": 95, "subsampling": 0}, "WEBP": {"lossless": True}}
    options = settings_of.get(kind, {})
    options = {"tiffinfo": {274: orientation}} if kind == "TIFF" else options | {"exif": exif}
    content = encode(stored, kind, **options)
    masked = opened(mask_file(content, MediaType(f"image/{kind.lower()}"), [one_page(BOX)]))
    assert masked.size == (WIDTH, HEIGHT)
    assert masked.getexif().get(274, 1) == 1
    pixels = as_rgb(masked).astype(int)
    assert (pixels[inside(BOX.grown(-8), (HEIGHT, WIDTH))] <= 8).all()
    assert np.abs(pixels[12:28, 12:38] - (0, 0, 200)).max() < 12
    assert not ((pixels[..., 0] > 150) & (pixels[..., 1] < 90)).any(), "red ink of the name is left"


def planted() -> dict[str, bytes]:
    """Files of each kind with SECRET wherever such files keep text, and after their end."""
    raw = SECRET.encode()
    exif = Image.Exif()
    exif[270] = exif[315] = SECRET.encode().decode("latin-1")
    exif[0x9286] = raw
    xmp = f"<x:xmpmeta><dc:creator>{SECRET}</dc:creator></x:xmpmeta>".encode()
    image = picture("RGB")
    text = PngImagePlugin.PngInfo()
    text.add_text("Author", SECRET.encode().decode("latin-1"))
    text.add_itxt("Title", SECRET, zip=True)
    text.add_text("Comment", SECRET.encode("gb18030").decode("latin-1"), zip=True)
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()) + raw
    jpeg = encode(image, "JPEG", exif=exif, comment=raw, xmp=xmp, icc_profile=bytes(profile))
    iptc = b"Photoshop 3.0\x008BIM\x04\x04\0\0" + struct.pack(">I", len(raw)) + raw
    jpeg = jpeg[:2] + b"\xff\xed" + struct.pack(">H", len(iptc) + 2) + iptc + jpeg[2:]
    animation: dict[str, Any] = {"save_all": True, "append_images": [image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)]}
    files = {
        "jpeg": jpeg,
        "png": encode(image, "PNG", pnginfo=text, exif=exif, icc_profile=bytes(profile)),
        "tiff": encode(image, "TIFF", tiffinfo={270: SECRET, 315: SECRET, 700: xmp}, icc_profile=bytes(profile)),
        "webp": encode(image, "WEBP", exif=exif, xmp=xmp, icc_profile=bytes(profile), **animation),
        "gif": encode(image.quantize(30), "GIF", comment=raw),
        "heic": encode(image, "HEIF", exif=exif, xmp=xmp),
        "bmp": encode(image, "BMP"),
    }
    return {kind: content + b"tail" + raw for kind, content in files.items()}


@pytest.mark.parametrize("kind", ["jpeg", "png", "tiff", "webp", "gif", "heic", "bmp"])
def test_text_planted_in_metadata_and_behind_the_end_is_gone(kind: str) -> None:
    content = planted()[kind]
    frames = getattr(Image.open(io.BytesIO(content)), "n_frames", 1)
    pages = [one_page(BOX, index=i) for i in range(frames)]
    output = mask_file(content, MediaType(f"image/{kind}"), pages)
    spellings = [SECRET.encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be", "gb18030")]
    assert any(s in content for s in spellings), "nothing was planted"
    assert not any(s in output for s in spellings)
    masked = opened(output)
    kept = {k: v for k, v in masked.info.items() if isinstance(v, (str, bytes)) and k not in ("version", "compression")}
    assert not {k for k in kept if k not in ("transparency", "background")}
    assert not {tag for tag in masked.getexif() if tag in (270, 315, 0x9286, 34675, 700)}


MULTI: dict[str, Callable[[], bytes]] = {
    "tiff": lambda: encode(
        picture("1"),
        "TIFF",
        save_all=True,
        append_images=[picture("RGB", (100, 200)), picture("L")],
        compression="tiff_lzw",
    ),
    "gif": lambda: encode(
        picture("P"),
        "GIF",
        save_all=True,
        append_images=[picture("P").transpose(Image.Transpose.FLIP_TOP_BOTTOM)],
        duration=80,
    ),
    "webp": lambda: encode(
        picture("RGB"),
        "WEBP",
        save_all=True,
        lossless=True,
        append_images=[picture("RGB").transpose(Image.Transpose.FLIP_TOP_BOTTOM)],
        duration=80,
    ),
}


@pytest.mark.parametrize("kind", list(MULTI))
@pytest.mark.parametrize("everything", [False, True])
def test_every_frame_is_masked_and_none_is_lost(kind: str, everything: bool) -> None:
    """Also when masks make the frames equal, which animation writers would merge."""
    content = MULTI[kind]()
    source = Image.open(io.BytesIO(content))
    count = source.n_frames  # type: ignore[attr-defined]
    assert count > 1
    shown, pages = [], []
    for index in range(count):
        source.seek(index)
        shown.append((as_rgb(source.convert("RGBA") if kind != "tiff" else source), source.mode))
        height, width = shown[-1][0].shape[:2]
        boxes = (Box(0, 0, width, height),) if everything else (BOX.scaled(width / WIDTH, height / HEIGHT),)
        pages.append(PageMasks(index, width, height, boxes))
    masked = Image.open(io.BytesIO(mask_file(content, MediaType(f"image/{kind}"), pages)))
    assert masked.n_frames == count  # type: ignore[attr-defined]
    for index, (before, mode) in enumerate(shown):
        masked.seek(index)
        masked.load()
        assert masked.info.get("duration") == (80 if kind != "tiff" else None)
        after = as_rgb(masked.convert("RGBA") if kind != "tiff" else masked)
        box = pages[index].boxes[0]
        covered = inside(Box(*map(float, box.pixels())), after.shape)
        assert (after[covered] == 0).all()
        assert (after[~covered] == before[~covered]).all()
        assert kind != "tiff" or masked.mode == mode


def test_group4_frames_stay_group4_also_in_a_file_of_mixed_frames() -> None:
    files = [encode(picture("1"), "TIFF", compression="group4"), encode(picture("RGB"), "TIFF", compression="jpeg")]
    from PIL.TiffImagePlugin import AppendingTiffWriter

    out = io.BytesIO()
    with AppendingTiffWriter(out, new=True) as writer:
        for data in files:
            writer.write(data)
            writer.newFrame()
    masked = Image.open(io.BytesIO(mask_file(out.getvalue(), MediaType.TIFF, [one_page(BOX), one_page(BOX, index=1)])))
    assert (masked.info["compression"], masked.mode) == ("group4", "1")
    masked.seek(1)
    assert (masked.info["compression"], masked.mode) == ("jpeg", "RGB")


def test_a_foreign_colour_profile_becomes_pixels() -> None:
    """A profile with swapped red and green primaries: a viewer shows red as green, and so must the masked file."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = struct.unpack_from(">I", profile, 128)[0]
    for i in range(count):
        at = 132 + 12 * i
        swap = {b"rXYZ": b"gXYZ", b"gXYZ": b"rXYZ"}.get(bytes(profile[at : at + 4]))
        if swap:
            profile[at : at + 4] = swap
    name = profile.find("sRGB".encode("utf-16-be"))
    if name >= 0:
        profile[name : name + 8] = "odd!".encode("utf-16-be")
    content = encode(Image.new("RGB", (WIDTH, HEIGHT), (255, 0, 0)), "PNG", icc_profile=bytes(profile))
    masked = opened(mask_file(content, MediaType.PNG, [one_page(BOX)]))
    assert "icc_profile" not in masked.info
    assert as_rgb(masked)[5, 5, 1] > 200 > as_rgb(masked)[5, 5, 0]


def test_boxes_of_a_coarser_frame_are_rounded_outwards() -> None:
    content = encode(Image.new("L", (300, 300), 255), "PNG")
    masked = opened(mask_file(content, MediaType.PNG, [PageMasks(0, 200, 200, (Box(11, 11, 20, 20),))]))
    dark = np.argwhere(np.array(masked) == 0)
    assert dark.min() == 16 and dark.max() == 29


@pytest.mark.parametrize(
    ("pages", "why"),
    [
        ((), "no pages"),
        ((one_page(index=1),), "another page"),
        ((one_page(), one_page(index=1)), "more pages than the file has"),
        ((one_page(BOX, width=HEIGHT, height=WIDTH),), "a frame that lies across"),
    ],
)
def test_masks_of_another_file_are_refused(pages: tuple[PageMasks, ...], why: str) -> None:
    with pytest.raises(Unopenable):
        mask_file(encode(picture("L"), "PNG"), MediaType.PNG, pages)


@pytest.mark.parametrize("kind", ["jpeg", "png", "tiff", "webp", "gif", "heic", "bmp"])
def test_damaged_bytes_raise_the_librarys_errors_only(kind: str) -> None:
    content = planted()[kind]
    rng = np.random.default_rng(3)
    for length in (0, 3, 40, len(content) // 2):
        with pytest.raises(AttachmentError):
            mask_file(content[:length], MediaType(f"image/{kind}"), [one_page(BOX)])
    for _ in range(20):
        broken = bytearray(content)
        for at in rng.integers(0, len(content), 30):
            broken[at] = int(rng.integers(0, 256))
        try:
            mask_file(bytes(broken), MediaType(f"image/{kind}"), [one_page(BOX)])
        except AttachmentError as error:
            assert SECRET not in str(error)


def test_half_a_jpeg_is_truncated() -> None:
    content = encode(picture("RGB", (800, 600)), "JPEG")
    with pytest.raises(Truncated):
        mask_file(content[: len(content) // 2], MediaType.JPEG, [one_page(width=800, height=600)])


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, WIDTH - 1),
    st.integers(0, HEIGHT - 1),
    st.integers(1, WIDTH),
    st.integers(1, HEIGHT),
    st.sampled_from("1LP"),
)
def test_any_box_is_black_to_its_last_pixel_and_no_further(x: int, y: int, w: int, h: int, mode: str) -> None:
    box = Box(x, y, x + w, y + h)
    content = encode(picture(mode), "PNG")
    before, after = opened(content), opened(mask_file(content, MediaType.PNG, [one_page(box)]))
    covered = inside(box, (HEIGHT, WIDTH))
    assert (as_rgb(after)[covered] == 0).all()
    assert (as_rgb(after)[~covered] == as_rgb(before)[~covered]).all()


def test_the_png_writer_writes_valid_chunks() -> None:
    pixels = np.full((4, 5, 2), 65535, dtype=np.uint16)
    data = encode_deep_png(pixels, (300.0, 300.0))
    position, kinds = 8, []
    while position < len(data):
        size = struct.unpack_from(">I", data, position)[0]
        body = data[position + 4 : position + 8 + size]
        assert zlib.crc32(body) == struct.unpack_from(">I", data, position + 8 + size)[0]
        kinds.append(body[:4])
        position += 12 + size
    assert kinds == [b"IHDR", b"pHYs", b"IDAT", b"IEND"]

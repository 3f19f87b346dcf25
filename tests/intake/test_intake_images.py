"""Images: every kind opens as a viewer shows it."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
import pillow_heif
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageDraw, TiffImagePlugin

from redact.errors import TooLarge, Truncated
from redact.intake import Attachment, open_attachment, sniff
from redact.intake.colour import convert_to_rgb
from redact.options import IntakeLimits
from redact.values import Issue, MediaType, Severity

pillow_heif.register_heif_opener()


def draw(seed: int = 0, width: int = 96, height: int = 64) -> Image.Image:
    """No two turns or mirrorings of it are alike."""
    image = Image.new("RGB", (width, height), "white")
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, 40, 12), fill="black")
    pen.rectangle((0, 12, 12, 30), fill="red")
    pen.ellipse((60 - seed * 8, 30, 90 - seed * 8, 60), fill="blue")
    return image


def save(image: Image.Image, form: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def only_page(content: bytes) -> NDArray[np.uint8]:
    with open_attachment(content) as attachment:
        assert attachment.page_count == 1
        page = attachment.page(0)
    assert page.pixels.dtype == np.uint8
    assert page.pixels.flags.c_contiguous
    assert page.pixels.shape == (page.height, page.width, 3)
    return page.pixels


def difference(a: NDArray[np.uint8], b: NDArray[np.uint8] | Image.Image) -> float:
    """Mean absolute difference in levels."""
    other = np.asarray(b)
    assert a.shape == other.shape
    return float(np.abs(a.astype(int) - other.astype(int)).mean())


@pytest.mark.parametrize(
    ("kind", "form", "options"),
    [
        (MediaType.JPEG, "JPEG", {"quality": 95, "subsampling": 0}),
        (MediaType.JPEG, "JPEG", {"quality": 95, "subsampling": 0, "progressive": True}),
        (MediaType.PNG, "PNG", {}),
        (MediaType.BMP, "BMP", {}),
        (MediaType.WEBP, "WEBP", {"lossless": True}),
        (MediaType.WEBP, "WEBP", {"quality": 95}),
        (MediaType.GIF, "GIF", {}),
        (MediaType.HEIC, "HEIF", {"quality": 95}),
        (MediaType.TIFF, "TIFF", {}),
        (MediaType.TIFF, "TIFF", {"big_tiff": True}),
        *((MediaType.TIFF, "TIFF", {"compression": c}) for c in ("tiff_lzw", "tiff_adobe_deflate", "jpeg", "packbits")),
    ],
)
def test_each_kind_of_image_opens(kind: MediaType, form: str, options: dict[str, Any]) -> None:
    content = save(draw(), form, **options)
    assert sniff(content) is kind
    assert difference(only_page(content), draw()) < 6


TURNS = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,  # stored turned anticlockwise, to be turned clockwise
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF", "WEBP", "HEIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_page_is_turned_as_its_orientation_says(orientation: int, form: str) -> None:
    turn = TURNS[orientation]
    stored = draw() if turn is None else draw().transpose(turn)
    exif = Image.Exif()
    exif[0x0112] = orientation
    options: dict[str, Any] = {"quality": 95} if form != "TIFF" else {}
    content = save(stored, form, exif=exif.tobytes() if form != "TIFF" else exif, **options)
    assert difference(only_page(content), draw()) < 6


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "CMYK", "LA", "I;16", "F"])
@pytest.mark.parametrize("orientation", [1, 4, 6])
def test_a_picture_is_the_same_in_whatever_bands_it_is_converted(
    mode: str, orientation: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    noise = np.random.default_rng(3).integers(0, 256, (64, 96, 4), dtype=np.uint8)
    noise[:20, :, 3] = 0
    image = Image.fromarray(noise).convert("L").convert(mode) if mode in ("F", "I;16") else Image.fromarray(noise).convert(mode)
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    if mode in ("RGB", "RGBA"):
        image.info["icc_profile"] = swap_red_and_blue(srgb)
    whole = convert_to_rgb(image, orientation)
    monkeypatch.setattr("redact.intake.colour._BAND_PIXELS", 96 * 7)
    assert np.array_equal(convert_to_rgb(image, orientation), whole)


def test_an_orientation_out_of_range_turns_nothing() -> None:
    exif = Image.Exif()
    exif[0x0112] = 9
    assert difference(only_page(save(draw(), "PNG", exif=exif.tobytes())), draw()) == 0


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_damaged_exif_does_not_keep_a_picture_from_opening() -> None:
    assert difference(only_page(save(draw(), "JPEG", quality=95, exif=b"Exif\0\0II*\0\xff\xff\xff\xff")), draw()) < 6


def test_every_frame_of_a_tiff_is_turned_by_its_own_tag() -> None:
    frames = []
    for orientation in (1, 6, 8):
        turn = TURNS[orientation]
        tags = TiffImagePlugin.ImageFileDirectory_v2()
        tags[274] = orientation
        frame = draw(orientation // 4) if turn is None else draw(orientation // 4).transpose(turn)
        frame.encoderinfo = {"tiffinfo": tags}
        frames.append(frame)
    content = save(frames[0], "TIFF", save_all=True, append_images=frames[1:])
    with open_attachment(content) as attachment:
        pages = list(attachment.pages())
        again = attachment.page(1)
    assert [difference(page.pixels, draw(seed)) for page, seed in zip(pages, (0, 1, 2), strict=True)] == [0, 0, 0]
    assert difference(again.pixels, draw(1)) == 0


@pytest.mark.parametrize("form", ["TIFF", "GIF", "WEBP", "PNG", "HEIF"])
def test_every_frame_is_a_page(form: str) -> None:
    frames = [draw(seed) for seed in range(4)]
    options: dict[str, Any] = {"lossless": True} if form == "WEBP" else {}
    content = save(frames[0], form, save_all=True, append_images=frames[1:], **options)
    with open_attachment(content) as attachment:
        assert attachment.page_count == 4
        for index in (0, 1, 2, 3, 1, 0, 3):
            page = attachment.page(index)
            assert page.index == index
            assert difference(page.pixels, frames[index]) < 6


def test_gif_frames_are_shown_composed() -> None:
    # The second frame stores only the part that changed.
    content = save(draw(0), "GIF", save_all=True, append_images=[draw(1)], optimize=True)
    with open_attachment(content) as attachment:
        assert difference(attachment.page(1).pixels, draw(1)) < 1


def ramp16() -> NDArray[np.uint16]:
    return np.tile(np.linspace(0, 65535, 96).astype(np.uint16), (64, 1))


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_16_bit_grey_is_scaled_not_clipped(form: str) -> None:
    pixels = only_page(save(Image.fromarray(ramp16()), form))
    assert np.abs(pixels[0, :, 0].astype(int) - np.linspace(0, 255, 96)).max() <= 1


def png16(colour: int, channels: NDArray[np.uint16]) -> bytes:
    height, width = channels.shape[:2]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in channels)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 16, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def test_16_bit_colour_and_alpha_are_scaled() -> None:
    ramp = ramp16()
    pixels = only_page(png16(2, np.stack([ramp, 65535 - ramp, ramp], axis=-1)))
    assert np.abs(pixels[0, :, 1].astype(int) - np.linspace(255, 0, 96)).max() <= 1
    black = np.zeros_like(ramp)
    faded = only_page(png16(6, np.stack([black, black, black, ramp], axis=-1)))
    assert np.abs(faded[0, :, 0].astype(int) - np.linspace(255, 0, 96)).max() <= 2


def test_alpha_is_laid_over_white() -> None:
    image = draw().convert("RGBA")
    image.putalpha(Image.new("L", image.size, 0))
    assert only_page(save(image, "PNG")).min() == 255
    image.putalpha(128)
    expected = (np.asarray(draw()).astype(int) + 255) // 2
    assert np.abs(only_page(save(image, "PNG")).astype(int) - expected).max() <= 2
    assert np.abs(only_page(save(image, "WEBP", lossless=True)).astype(int) - expected).max() <= 2
    assert np.abs(only_page(save(image, "TIFF")).astype(int) - expected).max() <= 2


def test_a_transparent_palette_entry_is_white() -> None:
    image = draw().convert("P", palette=Image.Palette.ADAPTIVE, colors=8)
    black = image.getpixel((1, 1))
    plain = only_page(save(image, "PNG"))
    clear = only_page(save(image, "PNG", transparency=black))
    assert difference(plain, draw()) < 2
    assert plain[1, 1].tolist() == [0, 0, 0]
    assert clear[1, 1].tolist() == [255, 255, 255]
    assert clear[20, 5].tolist() == plain[20, 5].tolist()


def test_a_colour_key_is_white() -> None:
    assert only_page(save(draw(), "PNG", transparency=(0, 0, 0)))[1, 1].tolist() == [255, 255, 255]
    assert only_page(save(draw().convert("L"), "PNG", transparency=0))[1, 1].tolist() == [255, 255, 255]


@pytest.mark.parametrize("form", ["PNG", "BMP", "TIFF", "GIF"])
def test_one_bit_pictures_are_black_on_white(form: str) -> None:
    image = draw().convert("1", dither=Image.Dither.NONE)
    assert difference(only_page(save(image, form)), image.convert("RGB")) == 0


@pytest.mark.parametrize("compression", [None, "group3", "group4", "tiff_lzw", "packbits"])
@pytest.mark.parametrize("white_is_zero", [False, True])
def test_one_bit_tiffs_have_the_right_polarity(compression: str | None, white_is_zero: bool) -> None:
    image = draw().convert("1", dither=Image.Dither.NONE)
    options: dict[str, Any] = {"compression": compression} if compression else {}
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[262] = 0 if white_is_zero else 1
    content = save(image, "TIFF", tiffinfo=tags, **options)
    with TiffImagePlugin.TiffImageFile(io.BytesIO(content)) as saved:
        declared = saved.tag_v2[262]
    pixels = only_page(content)
    # Fax writers always store white as zero; whatever is stored, the page is the same.
    assert declared in (0, 1)
    assert difference(pixels, image.convert("RGB")) == 0


def tiff_grey(samples: NDArray[Any], photometric: int) -> bytes:
    """A plain little-endian TIFF of one strip."""
    data = samples.astype(samples.dtype.newbyteorder("<")).tobytes()
    height, width = samples.shape
    bits = samples.dtype.itemsize * 8
    entries = [
        (256, width),
        (257, height),
        (258, bits),
        (259, 1),
        (262, photometric),
        (273, 8),
        (277, 1),
        (278, height),
    ]
    entries.append((279, len(data)))
    directory = struct.pack("<H", len(entries))
    directory += b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in entries)
    return b"II*\0" + struct.pack("<I", 8 + len(data)) + data + directory + bytes(4)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_white_is_zero_also_in_grey_tiffs(kind: type) -> None:
    top = np.iinfo(kind).max
    samples: NDArray[Any] = np.zeros((64, 96), kind)
    samples[10:20, 10:60] = top
    assert only_page(tiff_grey(samples, 0))[15, 15].tolist() == [0, 0, 0]
    assert only_page(tiff_grey(samples, 0))[0, 0].tolist() == [255, 255, 255]
    assert only_page(tiff_grey(samples, 1))[15, 15].tolist() == [255, 255, 255]


@pytest.mark.parametrize("form", ["JPEG", "TIFF"])
def test_cmyk_is_not_shown_inverted(form: str) -> None:
    # Pillow writes CMYK JPEG as Adobe does: inverted, and marked so.
    options: dict[str, Any] = {"quality": 95} if form == "JPEG" else {}
    pixels = only_page(save(draw().convert("CMYK"), form, **options))
    assert difference(pixels, draw()) < 6


def test_ycck_jpeg_is_not_shown_inverted() -> None:
    # Nothing at hand writes YCCK. In Adobe's files C, M, Y are stored inverted, then taken for RGB's complement and
    # turned to YCbCr: in the end the planes are YCbCr of (C, M, Y), and inverted K. The marker says 2 instead of 0.
    cmyk = np.asarray(draw().convert("CMYK"))
    ycc = np.asarray(Image.fromarray(np.ascontiguousarray(cmyk[..., :3])).convert("YCbCr"))
    # Pillow inverts on writing: hand it the complement.
    planes = np.dstack([255 - ycc, cmyk[..., 3]])
    content = save(Image.frombytes("CMYK", draw().size, planes.tobytes()), "JPEG", quality=98, subsampling=0)
    at = content.index(b"Adobe") + 11
    ycck = content[:at] + b"\x02" + content[at + 1 :]
    assert difference(only_page(ycck), draw()) < 6


def test_palette_and_tiled_tiffs_open() -> None:
    assert difference(only_page(save(draw().convert("P"), "TIFF")), draw()) < 4
    wide = draw(width=300, height=200)
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[322], tags[323] = 128, 128
    assert difference(only_page(tiled_tiff(wide, 128)), wide) == 0


def tiled_tiff(image: Image.Image, side: int) -> bytes:
    columns, rows = -(-image.width // side), -(-image.height // side)
    tiles = [
        image.crop((c * side, r * side, (c + 1) * side, (r + 1) * side)).tobytes() for r in range(rows) for c in range(columns)
    ]
    body, offsets = b"", []
    for tile in tiles:
        offsets.append(8 + len(body))
        body += tile
    arrays = struct.pack("<3H", 8, 8, 8) + bytes(2)
    arrays += struct.pack(f"<{len(tiles)}I", *offsets) + struct.pack(f"<{len(tiles)}I", *map(len, tiles))
    at = 8 + len(body)
    entries = [
        (256, 4, 1, image.width), (257, 4, 1, image.height), (258, 3, 3, at), (259, 3, 1, 1), (262, 3, 1, 2),
        (277, 3, 1, 3), (322, 4, 1, side), (323, 4, 1, side),
        (324, 4, len(tiles), at + 8), (325, 4, len(tiles), at + 8 + 4 * len(tiles)),
    ]  # fmt: skip
    directory = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *entry) for entry in entries) + bytes(4)
    return b"II*\0" + struct.pack("<I", at + len(arrays)) + body + arrays + directory


def test_an_embedded_profile_is_applied() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    assert difference(only_page(save(draw(), "PNG", icc_profile=lab)), draw()) == 0, "a profile that does not fit"
    same = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert difference(only_page(save(draw(), "PNG", icc_profile=same)), draw()) == 0
    # In a space where red and blue have changed places, the red mark is blue.
    swapped = swap_red_and_blue(same)
    pixels = only_page(save(draw(), "PNG", icc_profile=swapped))
    assert pixels[20, 5].tolist()[2] > 200 > 60 > pixels[20, 5].tolist()[0]
    assert difference(only_page(save(draw(), "PNG", icc_profile=b"no profile")), draw()) == 0


def swap_red_and_blue(profile: bytes) -> bytes:
    table = bytearray(profile.replace(b"s\0R\0G\0B", b"m\0i\0n\0e").replace(b"sRGB", b"mine"))
    count = int.from_bytes(table[128:132], "big")
    entries = {bytes(table[132 + 12 * i : 136 + 12 * i]): 132 + 12 * i for i in range(count)}
    table[entries[b"rXYZ"] : entries[b"rXYZ"] + 4] = b"bXYZ"
    table[entries[b"bXYZ"] : entries[b"bXYZ"] + 4] = b"rXYZ"
    return bytes(table)


@pytest.mark.parametrize(
    ("form", "options", "expected"),
    [
        ("JPEG", {"dpi": (300, 300)}, 300),
        ("PNG", {"dpi": (300, 300)}, 300),
        ("TIFF", {"dpi": (300, 300)}, 300),
        ("TIFF", {"dpi": (204, 98)}, 98),
        ("BMP", {"dpi": (200, 200)}, 200),
        ("PNG", {}, 0),
        ("JPEG", {}, 0),
        ("JPEG", {"dpi": (1, 1)}, 0),
        ("PNG", {"dpi": (10_000, 10_000)}, 0),
        ("GIF", {}, 0),
    ],
)
def test_resolution_comes_from_the_file(form: str, options: dict[str, Any], expected: float) -> None:
    with open_attachment(save(draw(width=600, height=400), form, **options)) as attachment:
        assert attachment.page(0).dpi == pytest.approx(expected, rel=0.01)


def test_a_placeholder_resolution_of_a_photo_is_not_believed() -> None:
    photo = Image.new("L", (4000, 3000), 200)
    with open_attachment(save(photo, "JPEG", dpi=(72, 72))) as attachment:
        assert attachment.page(0).dpi == 0


@pytest.mark.parametrize("form", ["JPEG", "PNG", "BMP", "TIFF", "GIF", "WEBP", "HEIF"])
def test_a_picture_beyond_the_limit_is_refused_unread(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: Any) -> Any:
        raise AssertionError("decoded a picture that is too large")

    content = save(Image.new("L", (400, 300), 200), form)
    assert open_attachment(content, limits=IntakeLimits(max_pixels=120_000)).page(0).width == 400
    monkeypatch.setattr("redact.intake.images.convert_to_rgb", forbidden)
    with pytest.raises(TooLarge):
        open_attachment(content, limits=IntakeLimits(max_pixels=119_999))


def test_a_bomb_is_refused_by_its_header_alone() -> None:
    head = struct.pack(">IIBBBBB", 60_000, 60_000, 1, 0, 0, 0, 0)
    idat = zlib.compress(bytes(1000))
    content = b"\x89PNG\r\n\x1a\n"
    for kind, data in ((b"IHDR", head), (b"IDAT", idat), (b"IEND", b"")):
        content += struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    with pytest.raises(TooLarge):
        open_attachment(content)


def test_size_limits_of_pillow_do_not_apply_and_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    assert only_page(save(draw(), "PNG")).shape == (64, 96, 3)
    assert Image.MAX_IMAGE_PIXELS == 1000


def test_too_many_frames_are_refused() -> None:
    content = save(draw(), "TIFF", save_all=True, append_images=[draw(1), draw(2)])
    with pytest.raises(TooLarge):
        open_attachment(content, limits=IntakeLimits(max_pages=2))


def test_frames_count_together_and_by_the_memory_they_take() -> None:
    frames = [draw(seed) for seed in range(4)]
    stack = save(frames[0], "TIFF", save_all=True, append_images=frames[1:], compression="tiff_lzw")
    film = save(frames[0], "GIF", save_all=True, append_images=frames[1:])
    pixels = 96 * 64
    assert len(stack) < 40_000 and len(film) < 40_000
    spare = 1_000 * max(len(stack), len(film))
    for content in (stack, film):
        assert open_attachment(content, limits=IntakeLimits(max_total_pixels=4 * pixels)).page_count == 4
        with pytest.raises(TooLarge):
            open_attachment(content, limits=IntakeLimits(max_total_pixels=4 * pixels - spare - 1))
    limits = IntakeLimits(max_decoded_bytes=7 * pixels)
    assert open_attachment(stack, limits=limits).page(3).width == 96
    with pytest.raises(TooLarge):
        open_attachment(film, limits=limits)


def noisy_scan() -> Image.Image:
    noise = np.random.default_rng(7).integers(0, 40, (240, 320, 3), dtype=np.uint8)
    return Image.fromarray(np.asarray(draw(width=320, height=240)) // 2 + noise)


@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_whose_end_marker_alone_is_missing_opens(progressive: bool) -> None:
    content = save(noisy_scan(), "JPEG", progressive=progressive)
    with open_attachment(content[:-2]) as attachment:
        assert attachment.warnings == ()
        assert np.array_equal(attachment.page(0).pixels, only_page(content))
        assert attachment.warnings == (Issue("truncated", Severity.WARN),)
        attachment.page(0)
        assert len(attachment.warnings) == 1


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("ending", [b"", b"\xff\xd9", bytes(5000)], ids=["cut", "cut and closed", "zeros"])
def test_a_jpeg_that_lost_its_lower_half_is_truncated(ending: bytes, progressive: bool) -> None:
    content = save(noisy_scan(), "JPEG", progressive=progressive)
    for part in (0.3, 0.5, 0.9):
        attachment: Attachment = open_attachment(content[: int(len(content) * part)] + ending)
        with attachment, pytest.raises(Truncated) as caught:
            attachment.page(0)
        assert caught.value.page_index in (0, None)


def test_a_jpeg_followed_by_a_film_opens() -> None:
    content = save(noisy_scan(), "JPEG")
    assert np.array_equal(only_page(content + b"\0\0\0\x18ftypmp42" + bytes(3000)), only_page(content))


def test_a_png_with_too_few_rows_is_truncated() -> None:
    full = png16(2, np.full((64, 96, 3), 30_000, np.uint16))
    taller = bytearray(full)
    taller[20:24] = struct.pack(">I", 128)
    taller[29:33] = struct.pack(">I", zlib.crc32(bytes(taller[12:29])))
    with open_attachment(bytes(taller)) as attachment, pytest.raises(Truncated):
        attachment.page(0)


@pytest.mark.parametrize("colour", ["white", "black"])
@pytest.mark.parametrize(
    ("form", "options"),
    [
        ("WEBP", {}),
        ("JPEG", {}),
        ("PNG", {}),
        ("HEIF", {}),
        ("TIFF", {"compression": "jpeg"}),
        ("TIFF", {"compression": "group4"}),
    ],
)
def test_a_page_with_a_blank_lower_half_is_not_taken_for_truncated(form: str, options: dict[str, Any], colour: str) -> None:
    blank = draw(width=1240, height=1754) if colour == "white" else Image.new("RGB", (1240, 1754), "black")
    if options.get("compression") == "group4":
        blank = blank.convert("1")
    assert difference(only_page(save(blank, form, **options)), blank.convert("RGB")) < 6


def test_a_large_blank_webp_ends_in_many_zeros_and_opens() -> None:
    content = save(draw(width=4200, height=6000), "WEBP", quality=80)
    assert content.endswith(bytes(1025)), "otherwise this tests nothing"
    with open_attachment(content) as attachment:
        assert attachment.page_count == 1
    with pytest.raises(Truncated):
        open_attachment(content[:-20_000] + bytes(20_000))


@pytest.mark.parametrize(
    ("width", "height", "fits"), [(1080, 65_000, True), (200, 20_001, False), (190, 19_900, True), (20_001, 200, False)]
)
def test_a_page_may_be_long_and_not_endless(width: int, height: int, fits: bool) -> None:
    out = io.BytesIO()
    Image.new("L", (width, height), 255).save(out, "PNG")
    if fits:
        with open_attachment(out.getvalue()) as attachment:
            assert (attachment.page(0).width, attachment.page(0).height) == (width, height)
        return
    with pytest.raises(TooLarge), open_attachment(out.getvalue()) as attachment:
        attachment.page(0)

"""What a masked PDF is: the same pages to look at, black where masked, and nothing in it but pictures."""

# mypy: allow-untyped-calls

from __future__ import annotations

import io
import re
import zlib
from typing import Any

import numpy as np
import pymupdf
import pytest
from broken_pdfs import CATALOG, ONE_PAGE, pdf, stream
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from redact.errors import AttachmentError, Empty, Encrypted, Unopenable
from redact.geometry import Box
from redact.masking import mask_file
from redact.values import MediaType, PageMasks

mupdf: Any = pymupdf  # its constants are made at import, out of sight of mypy
SECRET = "张三丰Zhang"
PAGE_W, PAGE_H = 300, 420
DPI = 144
SCALE = DPI / 72
BOX = Box(120, 160, 360, 220)


def scan(mode: str = "RGB", size: tuple[int, int] = (600, 840)) -> Image.Image:
    """A page with ink, among it ink inside BOX (which is at the same place in a frame of 600 x 840)."""
    image = Image.new("RGB", size, (250, 248, 240) if mode == "RGB" else "white")
    draw = ImageDraw.Draw(image)
    for row in range(60, size[1] - 40, 50):
        draw.rectangle((60, row, size[0] - 150, row + 14), fill="black")
    draw.rectangle((140, 175, 340, 205), fill="black")
    if mode == "RGB":
        draw.ellipse((400, 600, 520, 720), outline=(220, 20, 20), width=8)
    if mode != "1":
        shade = np.linspace(0, 1, size[0]) ** 2 * 40
        shaded = np.asarray(image).astype(int) - shade[None, :, None].round().astype(int)
        image = Image.fromarray(np.clip(shaded, 0, 255).astype(np.uint8))
    return image.convert(mode, dither=Image.Dither.NONE)


def encode(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def scanned(stream: bytes, *, rotate: int = 0, page: tuple[float, float] = (PAGE_W, PAGE_H), turn: int = 0) -> bytes:
    doc = pymupdf.open()
    new = doc.new_page(width=page[0], height=page[1])
    new.insert_image(new.rect, stream=stream, keep_proportion=False, rotate=turn)
    new.set_rotation(rotate)
    return bytes(doc.tobytes(deflate=True))


def masks_for(content: bytes, *boxes: Box, index: int = 0) -> PageMasks:
    rect = pymupdf.open(stream=content, filetype="pdf")[index].rect
    return PageMasks(index, round(rect.width * SCALE), round(rect.height * SCALE), boxes)


def render(content: bytes, index: int = 0) -> NDArray[np.uint8]:
    pixmap = pymupdf.open(stream=content, filetype="pdf")[index].get_pixmap(dpi=DPI, alpha=False, colorspace=pymupdf.csRGB)
    return np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.width, 3)


def inside(box: Box, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    mask = np.zeros(shape[:2], dtype=np.bool_)
    box = box.clipped(shape[1], shape[0])
    mask[int(box.y0) : int(box.y1), int(box.x0) : int(box.x1)] = True
    return mask


def sole_image(content: bytes, index: int = 0) -> dict[str, Any]:
    doc = pymupdf.open(stream=content, filetype="pdf")
    images = doc.get_page_images(index)
    assert len(images) == 1
    extracted: dict[str, Any] = doc.extract_image(images[0][0])
    return extracted | {"filter": images[0][8]}


def check(before: bytes, after: bytes, box: Box, *, index: int = 0, mean: float = 1.5) -> None:
    old, new = render(before, index).astype(int), render(after, index).astype(int)
    assert old.shape == new.shape
    # JPEG rings at the mask's edge: one block of grey, two of subsampled colour.
    assert new[inside(box.grown(-4), new.shape)].max() <= 48
    assert new[inside(box.grown(-min(16, box.height // 2 - 2)), new.shape)].max() <= 4
    difference = np.abs(old - new)[~inside(box.grown(12), new.shape)]
    assert difference.mean() < mean
    assert np.percentile(difference, 99.9) < 60


SCANS: dict[str, tuple[bytes, str, int]] = {
    # file of the picture, filter in the masked PDF, bits a channel
    "grey JPEG": (encode(scan("L"), "JPEG", quality=60), "DCTDecode", 8),
    "colour JPEG": (encode(scan("RGB"), "JPEG", quality=70), "DCTDecode", 8),
    "progressive JPEG": (encode(scan("RGB"), "JPEG", quality=70, progressive=True), "DCTDecode", 8),
    "1 bit": (encode(scan("1"), "PNG"), "CCITTFaxDecode", 1),
    "1 bit G4": (encode(scan("1"), "TIFF", compression="group4"), "CCITTFaxDecode", 1),
    "grey": (encode(scan("L"), "PNG"), "JPEG or Flate", 8),
    "few colours": (encode(scan("RGB").quantize(16), "PNG"), "FlateDecode", 8),
    "JPEG 2000": (encode(scan("RGB"), "JPEG2000", quality_mode="rates", quality_layers=[20]), "JPEG or Flate", 8),
}


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
@pytest.mark.parametrize("kind", list(SCANS))
def test_a_scan_is_masked_where_the_viewer_sees_it_and_coded_alike(kind: str, rotate: int) -> None:
    picture, wanted_filter, bits = SCANS[kind]
    content = scanned(picture, rotate=rotate)
    masks = masks_for(content, BOX)
    output = mask_file(content, MediaType.PDF, [masks])
    check(content, output, BOX)
    image = sole_image(output)
    assert image["filter"] == wanted_filter or (
        wanted_filter == "JPEG or Flate" and image["filter"] in ("DCTDecode", "FlateDecode")
    )
    assert image["bpc"] == bits
    page = pymupdf.open(stream=output, filetype="pdf")[0]
    assert page.rotation == 0
    assert tuple(page.rect) == tuple(pymupdf.open(stream=content, filetype="pdf")[0].rect)
    assert {image["width"], image["height"]} == {600, 840}, "the scan's own pixels are kept"


@pytest.mark.parametrize("kind", ["grey JPEG", "colour JPEG", "1 bit"])
def test_a_scan_grows_little(kind: str) -> None:
    noisy = np.random.default_rng(0).normal(0, 6, (840, 600, 1))
    pixels = np.clip(np.asarray(scan("RGB")) + noisy, 0, 255).astype(np.uint8)
    mode = {"grey JPEG": "L", "colour JPEG": "RGB", "1 bit": "1"}[kind]
    image = Image.fromarray(pixels).convert(mode, dither=Image.Dither.NONE)
    content = scanned(encode(image, "JPEG", quality=75) if mode != "1" else encode(image, "TIFF", compression="group4"))
    output = mask_file(content, MediaType.PDF, [masks_for(content, BOX)])
    assert len(output) <= 1.5 * len(content)


def test_jpeg_scans_keep_their_quantisation() -> None:
    picture = encode(scan("RGB"), "JPEG", quality=43, subsampling=2)
    content = scanned(picture)
    output = mask_file(content, MediaType.PDF, [masks_for(content, BOX)])
    image = Image.open(io.BytesIO(sole_image(output)["image"]))
    assert image.quantization == Image.open(io.BytesIO(picture)).quantization  # type: ignore[attr-defined]


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize("flip", [(1, 1), (-1, 1), (1, -1), (-1, -1)])
def test_pictures_turned_or_mirrored_by_their_placement_are_masked_where_seen(turn: int, flip: tuple[int, int]) -> None:
    content = scanned(encode(scan("L"), "JPEG", quality=80), turn=turn)
    doc = pymupdf.open(stream=content, filetype="pdf")
    page = doc[0]
    page.clean_contents()
    xref = page.get_contents()[0]
    fx, fy = flip
    matrix = f"{fx} 0 0 {fy} {0 if fx > 0 else PAGE_W} {0 if fy > 0 else PAGE_H} cm\n"
    doc.update_stream(xref, b"q " + matrix.encode() + doc.xref_stream(xref) + b" Q")
    content = doc.tobytes()
    output = mask_file(content, MediaType.PDF, [masks_for(content, BOX)])
    check(content, output, BOX)
    assert sole_image(output)["filter"] == "DCTDecode"


def test_a_page_with_drawn_text_is_rendered_in_the_masks_pixel_grid() -> None:
    doc = pymupdf.open()
    page = doc.new_page(width=PAGE_W, height=PAGE_H)
    page.insert_text((70, 100), "Zhang San is the name", fontsize=14)
    page.draw_rect((20, 20, 280, 400), color=(0, 0, 1))
    content = doc.tobytes()
    output = mask_file(content, MediaType.PDF, [masks_for(content, BOX)])
    image = sole_image(output)
    assert (image["width"], image["height"]) == (600, 840)
    check(content, output, BOX)
    assert pymupdf.open(stream=output, filetype="pdf")[0].get_text() == ""


def test_text_drawn_over_a_scan_stays_to_be_seen() -> None:
    doc = pymupdf.open(stream=scanned(encode(scan("L"), "JPEG", quality=80)), filetype="pdf")
    doc[0].insert_text((50, 380), "stamped 2024", fontsize=20, color=(1, 0, 0))
    content = doc.tobytes()
    check(content, mask_file(content, MediaType.PDF, [masks_for(content, BOX)]), BOX)


def test_a_decode_array_that_says_nothing_keeps_the_quantisation() -> None:
    picture = encode(scan("L"), "JPEG", quality=43)
    doc = pymupdf.open(stream=scanned(picture), filetype="pdf")
    doc.xref_set_key(doc.get_page_images(0)[0][0], "Decode", "[0 1]")
    content = doc.tobytes()
    image = Image.open(io.BytesIO(sole_image(mask_file(content, MediaType.PDF, [masks_for(content, BOX)]))["image"]))
    assert image.quantization == Image.open(io.BytesIO(picture)).quantization  # type: ignore[attr-defined]


def test_an_inverted_scan_looks_as_before() -> None:
    doc = pymupdf.open(stream=scanned(encode(scan("L"), "JPEG", quality=90)), filetype="pdf")
    doc.xref_set_key(doc.get_page_images(0)[0][0], "Decode", "[1 0]")
    content = doc.tobytes()
    assert render(content).mean() < 128
    check(content, mask_file(content, MediaType.PDF, [masks_for(content, BOX)]), BOX)


def test_a_stencil_scan_looks_as_before() -> None:
    doc = pymupdf.open(stream=scanned(encode(scan("1"), "PNG")), filetype="pdf")
    xref = doc.get_page_images(0)[0][0]
    data = doc.xref_stream(xref)
    doc.update_object(xref, "<</Type/XObject/Subtype/Image/ImageMask true/Width 600/Height 840/BitsPerComponent 1>>")
    doc.update_stream(xref, data, new=True)
    content = doc.tobytes()
    output = mask_file(content, MediaType.PDF, [masks_for(content, BOX)])
    check(content, output, BOX)
    assert sole_image(output)["filter"] == "CCITTFaxDecode"


def test_what_lies_outside_the_crop_box_is_gone() -> None:
    """The scan reaches beyond the page: its hidden part must not come along."""
    image = scan("L")
    ImageDraw.Draw(image).rectangle((0, 0, 599, 90), fill=77)
    doc = pymupdf.open(stream=scanned(encode(image, "JPEG", quality=90)), filetype="pdf")
    doc[0].set_cropbox(pymupdf.Rect(0, 60, PAGE_W, PAGE_H))
    content = doc.tobytes()
    output = mask_file(content, MediaType.PDF, [masks_for(content, BOX)])
    check(content, output, BOX)
    stored = np.asarray(Image.open(io.BytesIO(sole_image(output)["image"])).convert("L"))
    assert ((stored > 67) & (stored < 87)).mean() < 0.01


def test_what_a_clip_hides_is_gone() -> None:
    image = scan("L")
    ImageDraw.Draw(image).rectangle((0, 700, 599, 839), fill=77)
    doc = pymupdf.open(stream=scanned(encode(image, "JPEG", quality=90)), filetype="pdf")
    doc[0].clean_contents()
    xref = doc[0].get_contents()[0]
    doc.update_stream(xref, b"q 0 75 300 345 re W n " + doc.xref_stream(xref) + b" Q")
    content = doc.tobytes()
    output = mask_file(content, MediaType.PDF, [masks_for(content, BOX)])
    check(content, output, BOX)
    stored = np.asarray(Image.open(io.BytesIO(sole_image(output)["image"])).convert("L"))
    assert ((stored > 67) & (stored < 87)).mean() < 0.01


def haystack(content: bytes) -> bytes:
    """The file and all its streams, unpacked."""
    parts = [content]
    for match in re.finditer(rb"stream\r?\n(.*?)endstream", content, re.S):
        try:
            parts.append(zlib.decompressobj().decompress(match.group(1)))
        except zlib.error:
            continue
    return b"\n".join(parts)


def test_nothing_that_was_planted_is_left() -> None:
    doc = pymupdf.open(stream=scanned(encode(scan("RGB"), "JPEG", quality=80, comment=SECRET.encode())), filetype="pdf")
    page = doc[0]
    page.insert_text((70, 100), SECRET, fontname="china-s", render_mode=3)
    page.insert_text((70, 300), "Zhang visible", fontsize=12)
    note = page.add_text_annot((50, 50), SECRET)
    note.set_info(title=SECRET)
    widget = pymupdf.Widget()
    widget.field_type, widget.field_name, widget.field_value = mupdf.PDF_WIDGET_TYPE_TEXT, "Zhangfield", SECRET
    widget.rect = pymupdf.Rect(50, 350, 200, 370)
    page.add_widget(widget)
    page.insert_link({"kind": pymupdf.LINK_URI, "from": pymupdf.Rect(0, 0, 40, 40), "uri": "http://Zhang.example"})
    doc.set_metadata({"title": SECRET, "author": SECRET, "producer": SECRET})
    doc.set_xml_metadata(f"<x:xmpmeta>{SECRET}</x:xmpmeta>")
    doc.set_toc([[1, SECRET, 1]])
    doc.set_page_labels([{"startpage": 0, "prefix": "Zhang", "style": "D", "firstpagenum": 1}])
    doc.embfile_add("Zhang.txt", SECRET.encode(), filename="Zhang.txt", desc=SECRET)
    first = doc.tobytes()
    # An unreferenced object, an earlier revision and bytes after the end.
    content = first + b"99 0 obj\n(" + SECRET.encode() + b")\nendobj\n%%EOF\n" + SECRET.encode()
    spellings = [s.encode(code) for s in (SECRET, "Zhang") for code in ("utf-8", "utf-16-le", "utf-16-be", "gb18030")]
    spellings += [SECRET.encode("utf-16-be").hex().encode(), SECRET.encode("utf-16-be").hex().upper().encode()]
    assert sum(s in haystack(content) for s in spellings) >= 3

    output = mask_file(content, MediaType.PDF, [masks_for(content, BOX)])
    assert not [s for s in spellings if s in haystack(output)]
    masked = pymupdf.open(stream=output, filetype="pdf")
    assert output.count(b"%%EOF") == 1 and output.endswith(b"%%EOF\n")
    assert not any(v for k, v in (masked.metadata or {}).items() if k not in ("format",) and v)
    assert not masked.get_toc() and not masked.embfile_count() and not masked.get_xml_metadata()
    assert masked[0].first_annot is None and masked[0].first_widget is None and not masked[0].get_links()
    assert masked[0].get_text() == "" and not masked[0].get_fonts()
    for forbidden in (b"/Info", b"/ID", b"/Metadata", b"/Names", b"/AcroForm", b"/StructTreeRoot", b"/Producer"):
        assert forbidden not in output


def test_a_hidden_text_layer_does_not_keep_a_scan_from_being_one() -> None:
    doc = pymupdf.open(stream=scanned(encode(scan("L"), "JPEG", quality=80), page=(PAGE_W, PAGE_H)), filetype="pdf")
    doc[0].insert_text((70, 100), SECRET, fontname="china-s", render_mode=3)
    content = doc.tobytes()
    output = mask_file(content, MediaType.PDF, [PageMasks(0, 300, 420, (Box(60, 80, 180, 110),))])
    assert sole_image(output)["width"] == 600, "the scan's own resolution, not the frame's"
    check(content, output, BOX)


def test_all_pages_come_in_their_order_with_their_sizes() -> None:
    doc = pymupdf.open()
    for index, (w, h, rotation) in enumerate([(300, 420, 0), (500, 300, 90), (595.28, 841.89, 270), (200, 200, 180)]):
        page = doc.new_page(width=w, height=h)
        page.insert_text((40, 60), f"page {index}", fontsize=20)
        page.set_rotation(rotation)
    content = doc.tobytes()
    pages = [masks_for(content, Box(10 + i, 20, 60, 50), index=i) for i in range(4)]
    output = mask_file(content, MediaType.PDF, pages[::-1])
    masked = pymupdf.open(stream=output, filetype="pdf")
    assert masked.page_count == 4
    for index in range(4):
        page = doc[index]
        assert tuple(masked[index].rect)[2:] == pytest.approx(tuple(page.rect)[2:], abs=0.01)
        check(content, output, pages[index].boxes[0], index=index)


def test_the_same_input_gives_the_same_bytes() -> None:
    content = scanned(SCANS["colour JPEG"][0])
    masks = masks_for(content, BOX)
    assert mask_file(content, MediaType.PDF, [masks]) == mask_file(content, MediaType.PDF, [masks])


def test_a_page_without_colour_is_stored_grey() -> None:
    doc = pymupdf.open()
    doc.new_page(width=PAGE_W, height=PAGE_H).insert_text((40, 60), "black on white", fontsize=20)
    output = mask_file(doc.tobytes(), MediaType.PDF, [masks_for(doc.tobytes(), BOX)])
    assert sole_image(output)["colorspace"] == 1


def test_unfit_documents_raise_the_librarys_errors() -> None:
    content = scanned(SCANS["grey JPEG"][0])
    masks = masks_for(content, BOX)
    doc = pymupdf.open(stream=content, filetype="pdf")
    locked = doc.tobytes(encryption=mupdf.PDF_ENCRYPT_AES_256, user_pw="x", owner_pw="y")
    with pytest.raises(Encrypted):
        mask_file(locked, MediaType.PDF, [masks])
    with pytest.raises(Empty):
        mask_file(b"", MediaType.PDF, [masks])
    with pytest.raises(Unopenable):
        mask_file(content, MediaType.PDF, [masks, PageMasks(1, 600, 840, ())])
    with pytest.raises(Unopenable):
        mask_file(content, MediaType.PDF, [PageMasks(0, 840, 600, (BOX,))])
    with pytest.raises(AttachmentError):
        mask_file(b"%PDF-1.4\nnot much of one", MediaType.PDF, [masks])


def test_a_picture_whose_profile_is_none_is_the_bytes_fault() -> None:
    picture = b"/Type/XObject/Subtype/Image/Width 16/Height 16/BitsPerComponent 8/ColorSpace[/ICCBased 6 0 R]"
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]/Resources<</XObject<</I 5 0 R>>>>/Contents 4 0 R>>"
    drawn = stream(b"q 72 0 0 72 0 0 cm /I Do Q")
    content = pdf({1: CATALOG, 2: ONE_PAGE, 3: page, 4: drawn, 5: stream(bytes(768), picture), 6: b"null"})
    with pytest.raises(Unopenable):
        mask_file(content, MediaType.PDF, [PageMasks(0, 200, 200, ())])

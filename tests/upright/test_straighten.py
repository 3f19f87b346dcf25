"""A turned, tilted or mirrored page comes out upright, and else as it was: the same kind of file, mode, resolution, frames."""

# mypy: allow-untyped-calls

from __future__ import annotations

import hashlib
import io
from functools import lru_cache
from itertools import product
from random import Random
from typing import Any

import cv2
import numpy as np
import pymupdf
import pytest
from fake_reading import FakeReader
from PIL import Image

from redact import Redactor
from redact.errors import AttachmentError, UsageError
from redact.geometry import ROTATIONS, Rotation
from redact.intake import open_attachment
from redact.ocr.ppocr import PpOcrReader
from redact.samples import Faces, draw, make_person
from redact.screening_report import ScreeningReport
from redact.upright import straighten_file
from redact.upright.straightening import LEAST_SKEW_DEG
from redact.values import SURE_ROTATION, MediaType, PageScreening, Pixels

DPI = 100


@lru_cache
def document() -> Pixels:
    """A drawn page of print, upright, small."""
    drawing = draw("appointment", make_person(Random(3), "two"), seed=3, faces=Faces.built_in())
    scale = 900 / drawing.pixels.shape[0]
    return np.asarray(cv2.resize(drawing.pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def lay(pixels: Pixels, rotation: Rotation = 0, skew_deg: float = 0.0, mirrored: bool = False) -> Pixels:
    """``pixels`` as they may be uploaded: tilted and turned clockwise on white paper, then mirrored."""
    height, width = pixels.shape[:2]
    if skew_deg:
        side = round(1.1 * max(height, width))
        matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), -skew_deg, 1.0)
        matrix[:, 2] += (side - width) / 2, (side - height) / 2
        pixels = np.asarray(
            cv2.warpAffine(pixels, matrix, (side, side), flags=cv2.INTER_LINEAR, borderValue=(255,) * 3), np.uint8
        )
    pixels = np.rot90(pixels, -(rotation // 90))
    return np.ascontiguousarray(pixels[:, ::-1] if mirrored else pixels)


def page(
    pixels: Pixels, rotation: Rotation = 0, skew_deg: float = 0.0, mirrored: bool = False, sure: float = 1.0, index: int = 0
) -> PageScreening:
    height, width = pixels.shape[:2]
    return PageScreening(index, width, height, DPI, rotation, sure, skew_deg, mirrored)


def encode(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def opened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def shown(content: bytes) -> list[Pixels]:
    with open_attachment(content) as attachment:
        return [p.pixels for p in attachment.pages()]


def likeness(pixels: Pixels, other: Pixels) -> float:
    """Correlation of two pictures laid middle on middle on white, a pixel's rounding allowed for; 1 where they are equal."""
    side = max(*pixels.shape[:2], *other.shape[:2]) + 2
    planes = []
    for p in (pixels, other):
        canvas = np.full((side, side), 255, np.float32)
        y, x = (side - p.shape[0]) // 2, (side - p.shape[1]) // 2
        canvas[y : y + p.shape[0], x : x + p.shape[1]] = cv2.cvtColor(p, cv2.COLOR_RGB2GRAY)
        planes.append(cv2.GaussianBlur(canvas, (0, 0), 1.5))
    shifted = [np.roll(planes[0], shift, (0, 1)) for shift in product((-1, 0, 1), repeat=2)]
    return max(float(np.corrcoef(s.ravel(), planes[1].ravel())[0, 1]) for s in shifted)


def tilt_left(pixels: Pixels) -> float:
    """By how many degrees, to the next half, the drawn page would have to be tilted to look most like ``pixels``."""
    return max((-1.0, -0.5, 0.0, 0.5, 1.0), key=lambda a: likeness(pixels, lay(document(), 0, a)))


# --- what a page looks like afterwards ----------------------------------------------------------------------------------


@pytest.mark.parametrize("rotation", ROTATIONS)
@pytest.mark.parametrize("skew_deg", [0.0, 5.0, -5.0])
def test_a_turned_and_tilted_page_comes_out_upright(rotation: Rotation, skew_deg: float) -> None:
    uploaded = lay(document(), rotation, skew_deg)
    content = encode(Image.fromarray(uploaded), "PNG")
    (straight,) = shown(straighten_file(content, MediaType.PNG, [page(uploaded, rotation, skew_deg)]))
    if not skew_deg:
        assert (straight == document()).all(), "a quarter turn loses nothing"
    else:
        assert likeness(straight, document()) > 0.95
        assert tilt_left(straight) == 0
        assert min(straight[0, 0].min(), straight[-1, -1].min()) > 245, "what comes in from outside is as white as the edge"


@pytest.mark.parametrize(("rotation", "skew_deg"), [(0, 0.0), (180, 0.0), (90, 4.0)])
def test_a_mirrored_page_is_mirrored_back_first(rotation: Rotation, skew_deg: float) -> None:
    uploaded = lay(document(), rotation, skew_deg, mirrored=True)
    content = encode(Image.fromarray(uploaded), "PNG")
    (straight,) = shown(straighten_file(content, MediaType.PNG, [page(uploaded, rotation, skew_deg, mirrored=True)]))
    assert likeness(straight, document()) > 0.95


def test_nothing_of_a_tilted_page_is_cut_away() -> None:
    marked = document().copy()
    for y, x in product((0, -12), repeat=2):
        marked[y : y + 12 or None, x : x + 12 or None] = (200, 0, 0)
    content = encode(Image.fromarray(marked), "PNG")
    (straight,) = shown(straighten_file(content, MediaType.PNG, [page(marked, 0, 6.0)]))
    red = (straight[..., 0] > 150) & (straight[..., 1] < 60)
    assert red.sum() > 0.8 * 4 * 144


def test_a_page_whose_direction_is_not_sure_stays_as_it_is() -> None:
    uploaded = lay(document(), 90, 5.0)
    content = encode(Image.fromarray(uploaded), "PNG")
    unsure = page(uploaded, 90, 5.0, sure=SURE_ROTATION - 0.01)
    assert straighten_file(content, MediaType.PNG, [unsure]) == content


def test_a_tilt_that_nobody_sees_is_not_resampled() -> None:
    uploaded = lay(document(), 90)
    content = encode(Image.fromarray(uploaded), "PNG")
    (straight,) = shown(straighten_file(content, MediaType.PNG, [page(uploaded, 90, LEAST_SKEW_DEG)]))
    assert (straight == document()).all()
    assert straighten_file(content, MediaType.PNG, [page(uploaded, 0, -LEAST_SKEW_DEG)]) == content


# --- what kind of file it is afterwards ---------------------------------------------------------------------------------

MODES = {
    "PNG": ["1", "L", "P", "RGB", "RGBA", "LA", "I;16"],
    "TIFF": ["1", "L", "RGB", "CMYK", "P", "I;16"],
    "BMP": ["1", "L", "RGB"],
}


def in_mode(pixels: Pixels, mode: str) -> Image.Image:
    image = Image.fromarray(pixels)
    if mode == "I;16":
        return Image.fromarray(np.array(image.convert("L")).astype(np.uint16) * 257)
    return image.quantize(16) if mode == "P" else image.convert(mode)


@pytest.mark.parametrize(("kind", "mode"), [(k, m) for k, modes in MODES.items() for m in modes])
@pytest.mark.parametrize("skew_deg", [0.0, 5.0])
def test_kind_mode_and_resolution_stay(kind: str, mode: str, skew_deg: float) -> None:
    uploaded = lay(document(), 90, skew_deg)
    content = encode(in_mode(uploaded, mode), kind, dpi=(100, 200))
    output = straighten_file(content, MediaType[kind], [page(uploaded, 90, skew_deg)])
    image = opened(output)
    assert image.format == kind
    assert image.mode == ("RGB" if mode == "P" and skew_deg else mode)
    assert [round(float(v)) for v in image.info["dpi"]] == [200, 100], "it turns along"
    assert likeness(shown(output)[0], document()) > 0.93


def test_a_jpeg_keeps_its_tables_and_loses_its_exif_whose_turn_is_applied() -> None:
    uploaded = Image.fromarray(lay(document(), 90))
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 3, "张三"
    content = encode(uploaded.rotate(180), "JPEG", quality=83, subsampling=2, dpi=(150, 150), exif=exif)
    output = straighten_file(content, MediaType.JPEG, [page(lay(document(), 90), 90)])
    image: Any = opened(output)
    before: Any = opened(content)
    tables = {key: np.array(t).reshape(8, 8).T.ravel().tolist() for key, t in before.quantization.items()}
    assert {key: list(t) for key, t in image.quantization.items()} == tables
    assert image.info["dpi"] == (150, 150)
    assert not image.getexif()
    assert likeness(shown(output)[0], document()) > 0.99


def test_a_black_and_white_tiff_keeps_its_fax_code_and_every_frame() -> None:
    turns: list[tuple[Rotation, float]] = [(0, 0.0), (180, 0.0), (90, 3.0)]
    uploaded = [lay(document(), *turn) for turn in turns]
    first, *others = (Image.fromarray(p).convert("1") for p in uploaded)
    content = encode(first, "TIFF", save_all=True, append_images=others, compression="group4", dpi=(200, 200))
    pages = [page(p, *turn, index=i) for i, (p, turn) in enumerate(zip(uploaded, turns, strict=True))]
    output = straighten_file(content, MediaType.TIFF, pages)
    image = opened(output)
    assert getattr(image, "n_frames", 1) == 3
    for index in range(3):
        image.seek(index)
        assert (image.mode, image.info["compression"]) == ("1", "group4")
    assert all(likeness(p, document()) > 0.9 for p in shown(output))


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "HEIF"])
def test_frames_of_different_turns_all_come_out_upright(kind: str) -> None:
    turns: list[Rotation] = [90, 0, 270]
    square = document()[:400, :400]
    tall = document()[:500, :400]
    drawn = [tall, square, tall] if kind == "HEIF" else [square, square, square]
    uploaded = [lay(p, turn) for p, turn in zip(drawn, turns, strict=True)]
    first, *others = (Image.fromarray(p) for p in uploaded)
    content = encode(first, kind, save_all=True, append_images=others, quality=90)
    media_type = MediaType.HEIC if kind == "HEIF" else MediaType[kind]
    pages = [page(p, turn, index=i) for i, (p, turn) in enumerate(zip(uploaded, turns, strict=True))]
    frames = shown(straighten_file(content, media_type, pages))
    assert len(frames) == 3
    assert all(likeness(f, p) > 0.95 for f, p in zip(frames, drawn, strict=True))


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
def test_frames_that_come_out_in_different_sizes_lie_on_paper_of_one_size(kind: str) -> None:
    tall = document()[:500, :400]
    first, second = (Image.fromarray(p) for p in (lay(tall, 90), lay(tall, 90)))
    second.paste("grey", (0, 0, 20, 20))
    content = encode(first, kind, save_all=True, append_images=[second], quality=90)
    pages = [page(lay(tall, 90), 90), page(lay(tall, 90), 90, sure=0.0, index=1)]
    frames = shown(straighten_file(content, MediaType[kind], pages))
    assert [f.shape for f in frames] == [(500, 500, 3)] * 2
    assert likeness(frames[0], tall) > 0.95 and likeness(frames[1], lay(tall, 90)) > 0.95


# --- PDF ----------------------------------------------------------------------------------------------------------------


def make_pdf(*pages: tuple[Pixels | None, int], **saving: Any) -> bytes:
    """Pages of (picture or text, /Rotate)."""
    doc: Any = pymupdf.open()
    for pixels, rotate in pages:
        new = doc.new_page(width=300, height=400)
        if pixels is None:
            new.insert_text((40, 60), "Certificate", fontsize=20)
        else:
            new.insert_image(new.rect, stream=encode(Image.fromarray(pixels), "PNG"), keep_proportion=False)
        new.set_rotation(rotate)
    doc.set_toc([[1, f"page {i}", i + 1] for i in range(len(pages))])
    content: bytes = doc.tobytes(**saving)
    return content


def screened(content: bytes, *found: tuple[Rotation, float]) -> list[PageScreening]:
    return [page(p, *f, index=i) for i, (p, f) in enumerate(zip(shown(content), found, strict=True))]


@pytest.mark.parametrize("rotate", ROTATIONS)
@pytest.mark.parametrize("rotation", ROTATIONS[1:])
def test_a_pdf_page_is_turned_by_its_rotate_and_keeps_everything(rotate: int, rotation: Rotation) -> None:
    content = make_pdf((None, rotate), (None, 0))
    output = straighten_file(content, MediaType.PDF, screened(content, (rotation, 0.0), (0, 0.0)))
    before, after = shown(content), shown(output)
    assert (after[0] == np.rot90(before[0], rotation // 90)).mean() > 0.99
    assert (after[1] == before[1]).all()
    doc: Any = pymupdf.open(stream=output, filetype="pdf")
    assert doc[0].rotation == (rotate - rotation) % 360
    assert [p.get_text().strip() for p in doc] == ["Certificate"] * 2
    assert [entry[1] for entry in doc.get_toc()] == ["page 0", "page 1"]


def test_a_tilted_pdf_page_becomes_a_picture_of_the_same_size_and_the_others_stay() -> None:
    uploaded = lay(document(), 180, 5.0)
    content = make_pdf((None, 0), (uploaded, 90), (None, 0))
    output = straighten_file(content, MediaType.PDF, screened(content, (0, 0.0), (270, 5.0), (0, 0.0)))
    doc: Any = pymupdf.open(stream=output, filetype="pdf")
    assert [p.get_text().strip() for p in doc] == ["Certificate", "", "Certificate"]
    before: Any = pymupdf.open(stream=content, filetype="pdf")
    assert len(doc[1].get_images()) == 1
    assert abs(doc[1].rect.height - before[1].rect.width) < 0.1 * before[1].rect.width
    assert len(output) < 2 * len(content)
    assert likeness(shown(output)[0], shown(content)[0]) > 0.99


@pytest.mark.parametrize("rotation", ROTATIONS)
def test_a_scanned_pdf_page_that_is_tilted_comes_out_upright(rotation: Rotation) -> None:
    uploaded = lay(document(), rotation, 5.0)
    height, width = uploaded.shape[:2]
    doc: Any = pymupdf.open()
    new = doc.new_page(width=width * 72 / 200, height=height * 72 / 200)
    new.insert_image(new.rect, stream=encode(Image.fromarray(uploaded), "PNG"))
    content: bytes = doc.tobytes()
    (straight,) = shown(straighten_file(content, MediaType.PDF, screened(content, (rotation, 5.0))))
    assert tilt_left(straight) == 0
    assert likeness(straight, document()) > 0.95


def test_a_black_and_white_scan_in_a_pdf_stays_black_and_white_and_small() -> None:
    uploaded = np.array(Image.fromarray(lay(document(), 0, 3.0)).convert("1").convert("RGB"))
    height, width = uploaded.shape[:2]
    doc: Any = pymupdf.open()
    new = doc.new_page(width=width * 72 / 200, height=height * 72 / 200)
    new.insert_image(new.rect, stream=encode(Image.fromarray(uploaded).convert("1"), "PNG"))
    content: bytes = doc.tobytes()
    output = straighten_file(content, MediaType.PDF, screened(content, (0, 3.0)))
    after: Any = pymupdf.open(stream=output, filetype="pdf")
    (image,) = after[0].get_images()
    assert image[4] == 1, "bits per component"
    assert len(output) < 2 * len(content)


def test_a_pdf_that_only_restricts_editing_is_turned_and_keeps_its_encryption() -> None:
    content = make_pdf((None, 0), encryption=int(pymupdf.mupdf.PDF_ENCRYPT_AES_256), owner_pw="secret")
    output = straighten_file(content, MediaType.PDF, screened(content, (90, 0.0)))
    doc: Any = pymupdf.open(stream=output, filetype="pdf")
    assert doc[0].rotation == 270
    assert doc.metadata["encryption"]


# --- through the front door ---------------------------------------------------------------------------------------------


def report_on(content: bytes, *pages: PageScreening) -> ScreeningReport:
    return ScreeningReport(source="", source_sha256=hashlib.sha256(content).hexdigest(), media_type="", pages=pages)


def test_a_screening_of_another_file_is_refused() -> None:
    content = encode(Image.fromarray(document()), "PNG")
    with pytest.raises(UsageError):
        Redactor(reader=FakeReader()).upright(content, report_on(b"another", page(document(), 90)))


def test_a_page_that_could_not_be_decoded_stops_it() -> None:
    content = encode(Image.fromarray(document()), "PNG")
    for pages in ((), (PageScreening(0, 0, 0, 0.0, 0, 0.0, 0.0),)):
        with pytest.raises(AttachmentError):
            Redactor(reader=FakeReader()).upright(content, report_on(content, *pages))


def test_damaged_bytes_are_an_error_of_ours_and_not_of_a_library() -> None:
    content = encode(Image.fromarray(document()), "PNG")
    with pytest.raises(AttachmentError):
        straighten_file(content[:3000], MediaType.PNG, [page(document(), 90)])


@pytest.mark.parametrize(("rotation", "skew_deg"), [(90, 5.0), (180, -5.0), (270, 0.0)])
def test_what_the_real_reader_says_of_a_page_puts_it_upright(reader: PpOcrReader, rotation: Rotation, skew_deg: float) -> None:
    drawing = draw("appointment", make_person(Random(3), "two"), seed=3, faces=Faces.built_in())
    uploaded = lay(drawing.pixels, rotation, skew_deg)
    content = encode(Image.fromarray(uploaded), "JPEG", quality=85)
    reading = reader.read(uploaded, charset=frozenset())
    found = page(uploaded, reading.rotation, reading.skew_deg)
    output = Redactor(reader=reader).upright(content, report_on(content, found))
    (straight,) = shown(output)
    again = reader.read(straight, charset=frozenset())
    assert again.rotation == 0
    assert abs(again.skew_deg) < 0.5

"""What leaves was read again and the name was not there. Shown by breaking the masking on purpose, with the real reader."""

# mypy: allow-untyped-calls

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pymupdf
import pytest
from drawn_text import SENTENCES, DrawnPage, Sheet, paragraph
from PIL import Image, ImageSequence
from verified import verify_content

from redact import pipeline
from redact.lines import Reading
from redact.masking import mask_file
from redact.ocr.ppocr import PpOcrReader
from redact.pipeline import Redactor
from redact.report import Report
from redact.sandbox.attachment import SandboxedAttachment
from redact.search import Query, search_page
from redact.values import MediaType, PageMasks, Pixels, Status, Verdict

NAME = "欧阳小鹏"
Masking = Callable[[bytes, MediaType, Sequence[PageMasks]], bytes]


@pytest.fixture(scope="module")
def redactor(reader: PpOcrReader) -> Redactor:
    return Redactor(reader=reader)


def draw_page(seed: int = 0, *, name: str = NAME) -> DrawnPage:
    sheet = Sheet(1000, 700)
    paragraph(sheet, [SENTENCES[(seed + i) % len(SENTENCES)] for i in range(2)], 80, 80, 34, leading=3)
    sheet.write(f"兹证明{name}同志参加培训", 80, 320 + 60 * seed, 34)
    return sheet.page()


def encode(*pages: DrawnPage, kind: str) -> bytes:
    out = io.BytesIO()
    frames = [Image.fromarray(p.pixels) for p in pages]
    frames[0].save(out, kind, **({"save_all": True, "append_images": frames[1:]} if len(frames) > 1 else {}))
    return out.getvalue()


def pdf_with_hidden_text() -> bytes:
    """A scan with an OCR layer beneath, as scanners write them."""
    document = pymupdf.open()
    page = document.new_page(width=480, height=336)
    page.insert_image(page.rect, stream=encode(draw_page(), kind="PNG"))
    # Over the picture's own name: 34 pixels an em at 150 dpi, three ems from x = 80.
    page.insert_text((87.4, 168), NAME, fontname="china-s", fontsize=16.3, render_mode=3)
    content: bytes = document.tobytes()
    return content


@pytest.fixture(scope="module")
def picture() -> bytes:
    return encode(draw_page(), kind="PNG")


@pytest.fixture(scope="module")
def frames() -> bytes:
    return encode(draw_page(0), draw_page(1), kind="TIFF")


# --- unbroken -----------------------------------------------------------------------------------------------------------


def read_text(content: bytes, reader: PpOcrReader) -> list[str]:
    """The text of every page, by a reading that knows nothing of the name."""
    texts = []
    if content.startswith(b"%PDF"):
        document: Any = pymupdf.open(stream=content, filetype="pdf")
        pictures = [Image.frombytes("RGB", (p.width, p.height), p.samples) for p in (q.get_pixmap(dpi=200) for q in document)]
    else:
        with Image.open(io.BytesIO(content)) as image:
            pictures = [frame.convert("RGB") for frame in ImageSequence.Iterator(image)]
    for shown in pictures:
        reading = reader.read(np.array(shown), charset=frozenset(), zoom=1.1)
        texts.append("".join(line.lattice.text for line in reading.lines if line.lattice is not None))
    return texts


def check_released(report: Report, output: bytes | None, pages: int, reader: PpOcrReader) -> None:
    assert (report.status, report.verdict) == (Status.DONE, Verdict.REQUIRED)
    assert report.leaks == ()
    assert output is not None
    texts = read_text(output, reader)
    assert len(texts) == pages
    for text in texts:
        assert not set(NAME) & set(text), "not a character of it"
        assert "同志参加培训" in text, "and not more than that was taken"
        assert "兹证明" in text


def test_a_masked_picture_is_released_and_the_name_cannot_be_read_in_it(
    redactor: Redactor, reader: PpOcrReader, picture: bytes
) -> None:
    result = redactor.redact(picture, name=NAME)
    check_released(result.report, result.output, 1, reader)


def test_every_frame_is_masked(redactor: Redactor, reader: PpOcrReader, frames: bytes) -> None:
    result = redactor.redact(frames, name=NAME)
    check_released(result.report, result.output, 2, reader)
    assert [p.verdict for p in result.report.pages] == [Verdict.REQUIRED] * 2


def test_a_pdf_leaves_without_its_text_layer(redactor: Redactor, reader: PpOcrReader) -> None:
    content = pdf_with_hidden_text()
    result = redactor.redact(content, name=NAME)
    check_released(result.report, result.output, 1, reader)
    assert result.output is not None
    document: Any = pymupdf.open(stream=result.output, filetype="pdf")
    assert NAME not in document[0].get_text()
    assert redactor.verify(content, name=NAME).status is Status.REVIEW
    assert redactor.verify(result.output, name=NAME).status is Status.DONE


def test_a_file_without_the_name_is_released_too(redactor: Redactor, picture: bytes) -> None:
    result = redactor.redact(picture, name="司马相如")
    assert (result.report.status, result.report.verdict) == (Status.DONE, Verdict.NOT_REQUIRED)
    assert result.output is not None


# --- broken on purpose --------------------------------------------------------------------------------------------------


def paint_nothing(content: bytes, kind: MediaType, pages: Sequence[PageMasks]) -> bytes:
    return mask_file(content, kind, [replace(p, boxes=()) for p in pages])


def paint_beside(content: bytes, kind: MediaType, pages: Sequence[PageMasks]) -> bytes:
    moved = [replace(p, boxes=tuple(replace(b, x0=b.x1, x1=b.x1 + b.width) for b in p.boxes)) for p in pages]
    return mask_file(content, kind, moved)


def paint_too_low(content: bytes, kind: MediaType, pages: Sequence[PageMasks]) -> bytes:
    moved = [replace(p, boxes=tuple(replace(b, y0=b.y1, y1=b.y1 + b.height) for b in p.boxes)) for p in pages]
    return mask_file(content, kind, moved)


def paint_half(content: bytes, kind: MediaType, pages: Sequence[PageMasks]) -> bytes:
    """A thin bar through the middle of the characters: a person still reads them."""
    thin = [replace(p, boxes=tuple(replace(b, y0=b.centre[1] - 1, y1=b.centre[1] + 1) for b in p.boxes)) for p in pages]
    return mask_file(content, kind, thin)


def skip_the_last_frame(content: bytes, kind: MediaType, pages: Sequence[PageMasks]) -> bytes:
    return mask_file(content, kind, [*pages[:-1], replace(pages[-1], boxes=())])


def skip_the_first_frame(content: bytes, kind: MediaType, pages: Sequence[PageMasks]) -> bytes:
    return mask_file(content, kind, [replace(pages[0], boxes=()), *pages[1:]])


def hand_back_the_original(content: bytes, kind: MediaType, pages: Sequence[PageMasks]) -> bytes:
    return content


def mask_and_sign(content: bytes, kind: MediaType, pages: Sequence[PageMasks]) -> bytes:
    """The pixels are right, and the name goes into the metadata."""
    with Image.open(io.BytesIO(mask_file(content, kind, pages))) as image:
        out = io.BytesIO()
        image.save(out, "JPEG", quality=95, comment=NAME.encode())
    return out.getvalue()


def check_withheld(redactor: Redactor, content: bytes) -> Report:
    result = redactor.redact(content, name=NAME)
    assert result.output is None
    assert result.report.output is None
    assert result.report.status is Status.REVIEW
    assert result.report.verdict is Verdict.REVIEW
    assert result.report.leaks
    return result.report


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Masking], None]]:
    def replace(masking: Masking) -> None:
        monkeypatch.setattr(SandboxedAttachment, "mask", lambda opened, pages: masking(opened.content, opened.media_type, pages))

    yield replace


@pytest.mark.parametrize(
    "masking", [paint_nothing, paint_beside, paint_too_low, paint_half, hand_back_the_original], ids=lambda m: m.__name__
)
def test_a_picture_on_which_the_name_still_stands_is_withheld(
    masking: Masking, redactor: Redactor, picture: bytes, broken: Callable[[Masking], None]
) -> None:
    broken(masking)
    report = check_withheld(redactor, picture)
    assert {leak.channel for leak in report.leaks} == {"pixels"}
    assert all(leak.page_index == 0 and leak.box is not None for leak in report.leaks)
    assert "leak_found" in {reason.code for reason in report.pages[0].reasons}


@pytest.mark.parametrize(("masking", "leaky"), [(skip_the_last_frame, {1}), (skip_the_first_frame, {0})])
def test_a_file_of_which_one_frame_was_skipped_is_withheld_as_a_whole(
    masking: Masking, leaky: set[int], redactor: Redactor, frames: bytes, broken: Callable[[Masking], None]
) -> None:
    broken(masking)
    report = check_withheld(redactor, frames)
    assert {leak.page_index for leak in report.leaks} == leaky
    assert {p.page_index for p in report.pages if p.verdict is Verdict.REVIEW} == leaky


def test_a_pdf_that_keeps_its_text_layer_is_withheld(redactor: Redactor, broken: Callable[[Masking], None]) -> None:
    def cover_the_picture_alone(content: bytes, kind: MediaType, pages: Sequence[PageMasks]) -> bytes:
        document: Any = pymupdf.open(stream=content, filetype="pdf")
        for page, masks in zip(document, pages, strict=True):
            scale = page.rect.width / masks.width
            for box in masks.boxes:
                page.draw_rect(pymupdf.Rect(box.x0, box.y0, box.x1, box.y1) * scale, fill=(0, 0, 0), overlay=True)
        covered: bytes = document.tobytes()
        return covered

    broken(cover_the_picture_alone)
    report = check_withheld(redactor, pdf_with_hidden_text())
    assert "text_layer" in {leak.channel for leak in report.leaks}


def test_a_picture_with_the_name_in_its_metadata_is_withheld(
    redactor: Redactor, picture: bytes, broken: Callable[[Masking], None]
) -> None:
    broken(mask_and_sign)
    report = check_withheld(redactor, picture)
    assert {leak.channel for leak in report.leaks} == {"metadata"}


def test_a_place_that_only_the_second_look_sees_is_masked_in_a_second_round(
    redactor: Redactor, reader: PpOcrReader, picture: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first reading misses the name; the verification finds it; the file is masked again and released."""
    blind = search_page(_page_of(picture), Query.make("司马相如"), reader)
    monkeypatch.setattr(pipeline, "search_page", lambda *_, **__: blind)
    result = redactor.redact(picture, name=NAME)
    check_released(result.report, result.output, 1, reader)
    assert result.report.pages[0].hits and result.report.pages[0].masks


def _page_of(content: bytes) -> Any:
    from redact.intake import open_attachment

    with open_attachment(content) as attachment:
        return attachment.page(0)


# --- the search itself --------------------------------------------------------------------------------------------------


def test_the_second_look_is_at_another_scale(reader: PpOcrReader, picture: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    zooms: list[float] = []
    read = reader.read

    def watch(pixels: Pixels, *, charset: frozenset[str], zoom: float = 1.0) -> Reading:
        zooms.append(zoom)
        return read(pixels, charset=charset, zoom=zoom)

    monkeypatch.setattr(reader, "read", watch)
    Redactor(reader=reader).redact(picture, name=NAME)
    assert zooms[0] == 1.0
    assert zooms[-1] != 1.0


def test_any_file_can_be_searched(redactor: Redactor, reader: PpOcrReader, picture: bytes) -> None:
    verification = verify_content(picture, Query.make(NAME), reader)
    assert not verification.clean
    assert set(verification.found) == {0}
    report = redactor.verify(picture, name=NAME)
    assert report.status is Status.REVIEW and report.leaks
    assert redactor.verify(picture, name="司马相如").status is Status.DONE


def test_what_was_found_can_be_told_in_another_resolution(reader: PpOcrReader, picture: bytes) -> None:
    found = verify_content(picture, Query.make(NAME), reader).found[0]
    (hit,), (half,) = found.hits, found.hits_in(found.width // 2, found.height // 2)
    assert half.boxes[0].width == pytest.approx(hit.boxes[0].width / 2)
    assert half.boxes[0].y0 == pytest.approx(hit.boxes[0].y0 / 2)

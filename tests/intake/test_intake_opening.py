"""What opens, what does not, and with which error."""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pillow_heif
import pymupdf as _pymupdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

import redact.errors
from redact.errors import AttachmentError, Empty, NotAFile, TooLarge, Truncated, Unopenable, UsageError, WrongType
from redact.intake import open_attachment, sniff
from redact.intake.edge import translate_error
from redact.options import IntakeLimits
from redact.values import MediaType, Severity

pymupdf: Any = _pymupdf
pillow_heif.register_heif_opener()


def draw(seed: int = 0) -> Image.Image:
    image = Image.new("RGB", (120, 80), "white")
    pen = ImageDraw.Draw(image)
    for i in range(8):
        pen.line((5, 5 + i * 10, 5 + (i * 37 + seed * 20) % 110, 8 + i * 10), fill=(i * 30, 40, 90), width=3)
    return image


def save(form: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    frames: dict[str, Any] = {"save_all": True, "append_images": [draw(1)]} if options.pop("frames", False) else {}
    draw().save(buffer, form, **frames, **options)
    return buffer.getvalue()


def draw_pdf() -> bytes:
    document = pymupdf.open()
    page = document.new_page(width=120, height=80)
    page.insert_image(page.rect, stream=save("JPEG"))
    page.insert_text((10, 40), "text")
    content: bytes = document.tobytes()
    return content


SAMPLES: dict[str, bytes] = {
    "jpeg": save("JPEG"),
    "jpeg progressive": save("JPEG", progressive=True),
    "png": save("PNG"),
    "apng": save("PNG", frames=True),
    "tiff": save("TIFF"),
    "tiff frames": save("TIFF", frames=True),
    "tiff lzw": save("TIFF", compression="tiff_lzw"),
    "tiff deflate": save("TIFF", compression="tiff_adobe_deflate"),
    "tiff jpeg": save("TIFF", compression="jpeg"),
    "tiff big": save("TIFF", big_tiff=True),
    "bmp": save("BMP"),
    "gif": save("GIF", frames=True),
    "webp": save("WEBP"),
    "webp frames": save("WEBP", frames=True, lossless=True),
    "heic": save("HEIF"),
    "heic frames": save("HEIF", frames=True),
    "pdf": draw_pdf(),
}


def read_all(content: bytes) -> list[Any]:
    with open_attachment(content) as attachment:
        return [page.pixels for page in attachment.pages()]


@pytest.mark.parametrize("name", SAMPLES)
def test_a_file_cut_anywhere_opens_whole_or_not_at_all(name: str) -> None:
    content = SAMPLES[name]
    whole = read_all(content)
    codes = set()
    step = max(len(content) // 80, 1)
    for end in sorted({*range(0, len(content), step), *range(max(len(content) - 30, 0), len(content))}):
        try:
            pages = read_all(content[:end])
            assert len(pages) == len(whole) and all(map(np.array_equal, pages, whole))
        except AttachmentError as error:
            codes.add(error.code)
            if len(content) // 2 < end and name != "pdf":
                assert isinstance(error, Truncated), error.detail
    assert "truncated" in codes


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", SAMPLES)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_file_raises_nothing_but_attachment_errors(name: str, data: st.DataObject) -> None:
    content = bytearray(SAMPLES[name])
    # Headers are where decoders trip: damage falls there as often as on the rest.
    where = st.one_of(st.integers(0, min(len(content), 200) - 1), st.integers(0, len(content) - 1))
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(where)] = data.draw(st.integers(0, 255))
    try:
        pages = read_all(bytes(content))
    except AttachmentError as error:
        assert type(error) is not AttachmentError
        assert error.__cause__ is None, "a decoder's own message may quote the file"
    else:
        assert all(page.dtype == np.uint8 and page.ndim == 3 for page in pages)


@given(
    head=st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\0", b"GIF89a", b"%PDF-1.4\n"]),
    rest=st.binary(),
)
@settings(max_examples=150, deadline=None)
def test_noise_raises_nothing_but_attachment_errors(head: bytes, rest: bytes) -> None:
    with pytest.raises(AttachmentError):
        read_all(head + rest)


@pytest.mark.parametrize(
    ("thrown", "error"),
    [
        (EOFError(), Truncated),
        (OSError("image file is truncated (3 bytes not processed)"), Truncated),
        (MemoryError(), TooLarge),
        (Image.DecompressionBombError(), TooLarge),
        (SyntaxError("broken"), Unopenable),
        (KeyError("Secret Name"), Unopenable),
        (RecursionError(), Unopenable),
        (pymupdf.FileDataError("Secret Name"), Unopenable),
    ],
)
def test_what_decoders_throw_is_translated(thrown: BaseException, error: type[AttachmentError]) -> None:
    translated = translate_error(thrown, "decode", 3)
    assert type(translated) is error
    assert translated.page_index == 3
    assert "Secret" not in str(translated)


@pytest.mark.parametrize("name", SAMPLES)
def test_what_is_opened_says_what_it_is(name: str) -> None:
    content = SAMPLES[name]
    with open_attachment(content) as attachment:
        assert attachment.content is content
        assert attachment.sha256 == hashlib.sha256(content).hexdigest()
        assert attachment.media_type is sniff(content)
        assert attachment.page_count == (2 if name in ("apng", "gif") or "frames" in name else 1)
        assert [page.index for page in attachment.pages()] == list(range(attachment.page_count))
        assert attachment.warnings == ()
        for index in (-1, attachment.page_count):
            with pytest.raises(IndexError):
                attachment.page(index)
    with pytest.raises(UsageError):
        attachment.page(0)


def zip_file() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", Empty),
        (zip_file(), WrongType),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), WrongType),
        ("申请人：某某".encode(), WrongType),
        ("申请人：某某".encode("gbk"), WrongType),
        ("申请人".encode("utf-16"), WrongType),
        (b"BM is how this text begins", WrongType),
        (b"<html></html>", WrongType),
        (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", WrongType),
        (b"\0\0\0\x1cftypavif\0\0\0\0mif1avifmiaf", WrongType),
        (bytes(1000), Unopenable),
        (bytes(range(128, 256)) * 3 + b"\0", Unopenable),
        (b"   \n", Unopenable),
    ],
)
def test_other_files_are_refused(content: bytes, error: type[AttachmentError]) -> None:
    with pytest.raises(AttachmentError) as caught:
        open_attachment(content)
    assert type(caught.value) is error


def test_a_pdf_may_have_junk_before_its_header() -> None:
    assert sniff(b"\r\n" * 300 + SAMPLES["pdf"]) is MediaType.PDF
    assert len(read_all(b"\r\n" + SAMPLES["pdf"])) == 1


@pytest.mark.parametrize(
    ("file_name", "name", "warned"),
    [
        ("a.jpg", "jpeg", False),
        ("a.JPEG", "jpeg", False),
        ("a.png", "jpeg", True),
        ("a.pdf", "png", True),
        ("a.docx", "pdf", True),
        ("a", "png", False),
        ("v1.2 final", "png", False),
        ("a.tif", "tiff", False),
        ("a.heic", "jpeg", True),
    ],
)
def test_a_wrong_extension_opens_with_a_warning(tmp_path: Path, file_name: str, name: str, warned: bool) -> None:
    path = tmp_path / file_name
    path.write_bytes(SAMPLES[name])
    for source in (path, str(path)):
        with open_attachment(source) as attachment:
            assert attachment.page(0).width > 100
            assert [(issue.code, issue.severity) for issue in attachment.warnings] == (
                [("wrong_type", Severity.WARN)] if warned else []
            )


@pytest.mark.parametrize("source", ["", "missing.png", "missing/张三.png", "\0"])
def test_what_is_no_file_is_the_callers_mistake(tmp_path: Path, source: str) -> None:
    with pytest.raises(NotAFile) as caught:
        open_attachment(str(tmp_path) + "/" + source)
    assert "张三" not in str(caught.value) and str(tmp_path) not in str(caught.value)
    assert caught.value.__cause__ is None


def test_too_many_bytes_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(SAMPLES["png"])
    limits = IntakeLimits(max_bytes=len(SAMPLES["png"]) - 1)
    for source in (path, SAMPLES["png"]):
        with pytest.raises(TooLarge):
            open_attachment(source, limits=limits)


def test_nothing_of_the_content_is_in_a_repr() -> None:
    with open_attachment(SAMPLES["pdf"]) as attachment:
        assert "text" not in repr(attachment)
        assert "text" not in repr(attachment.page(0))


def test_errors_of_intake_are_listed() -> None:
    kinds = {kind.__name__ for kind in AttachmentError.__subclasses__()}
    assert kinds == {"Unopenable", "Encrypted", "Empty", "Truncated", "WrongType", "TooLarge"}
    assert redact.errors.NotAFile.exit_code == 2

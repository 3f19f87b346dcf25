"""PDF: pages as a viewer shows them, at the resolution of the scan inside, with their text layer."""

from __future__ import annotations

import io
import math
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

import broken_pdfs
import numpy as np
import pymupdf as _pymupdf
import pytest
from PIL import Image, ImageDraw

from redact.errors import AttachmentError, Empty, Encrypted, TooLarge, Truncated, Unopenable
from redact.intake import open_attachment
from redact.intake.pdf import MUPDF_LOCK, PlacedImage, choose_raster
from redact.options import IntakeLimits, RasterOptions
from redact.values import Issue, Page, Severity, TextRun

pymupdf: Any = _pymupdf


@pytest.fixture(autouse=True)
def quiet() -> None:
    pymupdf.TOOLS.mupdf_display_errors(False)


def scan(width: int, height: int, form: str = "JPEG") -> bytes:
    image = Image.new("RGB", (width, height), "white")
    pen = ImageDraw.Draw(image)
    for y in range(20, height - 20, 40):
        pen.line((20, y, width - 40 - y % 200, y), fill="black", width=6)
    buffer = io.BytesIO()
    image.save(buffer, form)
    return buffer.getvalue()


def scanned_pdf(width: int, height: int, *, dpi: float, pages: int = 1, **options: Any) -> bytes:
    document = pymupdf.open()
    for _ in range(pages):
        page = document.new_page(width=width * 72 / dpi, height=height * 72 / dpi)
        page.insert_image(page.rect, stream=scan(width, height))
    content: bytes = document.tobytes(**options)
    return content


def text_pdf(text: str = "张三丰 Zhang", **options: Any) -> bytes:
    document = pymupdf.open()
    page = document.new_page(width=300, height=200)
    page.insert_text((50, 60), text, fontname="china-s", fontsize=20)
    content: bytes = document.tobytes(**options)
    return content


def first_page(content: bytes, **options: Any) -> Page:
    with open_attachment(content, **options) as attachment:
        return attachment.page(0)


def ink_in(page: Page, run: TextRun) -> list[float]:
    """The part of dark pixels in each character's box."""
    dark = page.pixels.min(axis=2) < 128
    parts = []
    for box in run.boxes:
        x0, y0, x1, y1 = box.pixels()
        parts.append(float(dark[max(y0, 0) : y1, max(x0, 0) : x1].mean()))
    return parts


def run_of(page: Page, text: str) -> TextRun:
    (found,) = [run for run in page.runs if text in run.text]
    return found


@pytest.mark.parametrize("dpi", [300, 299.99, 300.01])
def test_a_scan_is_drawn_one_to_one(dpi: float) -> None:
    page = first_page(scanned_pdf(1240, 1754, dpi=dpi))
    assert (page.width, page.height) == (1240, 1754)
    assert page.dpi == pytest.approx(300, abs=0.5)
    with Image.open(io.BytesIO(scan(1240, 1754))) as original:
        assert np.abs(page.pixels.astype(int) - np.asarray(original).astype(int)).mean() < 1


@pytest.mark.parametrize(("dpi", "expected"), [(100, 200), (250, 250), (600, 400)])
def test_the_resolution_stays_within_the_options(dpi: float, expected: float) -> None:
    page = first_page(scanned_pdf(round(5 * dpi), round(7 * dpi), dpi=dpi))
    assert page.dpi == pytest.approx(expected, rel=0.01)
    assert page.width == pytest.approx(5 * expected, abs=2)


def test_a_page_without_a_scan_is_drawn_at_200_dpi() -> None:
    page = first_page(text_pdf())
    assert page.dpi == 200
    assert page.width == math.ceil(300 / 72 * 200)


def test_a_small_picture_on_a_page_does_not_set_the_resolution() -> None:
    document = pymupdf.open()
    page = document.new_page(width=595, height=842)
    page.insert_image((20, 20, 100, 100), stream=scan(800, 800))
    assert first_page(document.tobytes()).dpi == 200


A4 = (595.0, 842.0)


@pytest.mark.parametrize(
    ("images", "expected"),
    [
        ([], 200),
        (
            [PlacedImage(1654, 2339, 200, 1.0), PlacedImage(4960, 7016, 350, 0.9)],
            350,
        ),  # background and mask of the text
        ([PlacedImage(2480, 350, 300, 0.1)] * 10, 300),  # a scan in strips
        ([PlacedImage(2480, 350, 300, 0.1)] * 3, 200),
        ([PlacedImage(100, 100, 900, 0.01), *[PlacedImage(2480, 350, 300, 0.3)] * 3], 300),
    ],
)
def test_which_image_is_the_scan(images: list[PlacedImage], expected: float) -> None:
    assert choose_raster(*A4, images, RasterOptions(), 120_000_000).dpi == pytest.approx(expected, rel=0.001)


def test_a_photo_placed_as_one_pixel_per_point_is_not_blown_up() -> None:
    raster = choose_raster(4000, 3000, [PlacedImage(4000, 3000, 72, 1.0)], RasterOptions(), 120_000_000)
    assert raster.zoom == 1
    assert raster.dpi == 0, "a sheet of 1.4 m is not to be believed"


@pytest.mark.parametrize("size", [(14_400, 14_400), (14_400, 150), (150, 14_400), (595, 842)])
def test_a_page_never_has_more_pixels_than_allowed(size: tuple[float, float]) -> None:
    document = pymupdf.open()
    document.new_page(width=size[0], height=size[1])
    page = first_page(document.tobytes(), limits=IntakeLimits(max_pixels=60_000_000))
    assert 1_000 <= page.width * page.height <= 60_000_000


@pytest.mark.parametrize("size", [(14_400, 70), (70, 14_400), (14_400, 3)])
def test_a_page_may_be_long_and_not_endless(size: tuple[float, float]) -> None:
    document = pymupdf.open()
    document.new_page(width=size[0], height=size[1])
    with pytest.raises(TooLarge):
        first_page(document.tobytes())


def test_a_page_too_large_to_be_read_at_any_resolution_is_refused() -> None:
    document = pymupdf.open()
    document.new_page(width=14_400, height=14_400)
    content = document.tobytes()
    for max_pixels, opens in ((52_000_000, True), (51_000_000, False)):  # 36 dpi
        with open_attachment(content, limits=IntakeLimits(max_pixels=max_pixels)) as attachment:
            if opens:
                attachment.page(0)
            else:
                with pytest.raises(TooLarge):
                    attachment.page(0)


def test_a_page_drawn_in_bands_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    document = pymupdf.open()
    page = document.new_page(width=300, height=200)
    page.insert_image((30, 20, 280, 180), stream=scan(500, 320, "PNG"))
    page.insert_text((50, 60), "张三丰 Zhang", fontname="china-s", fontsize=20)
    page.add_highlight_annot(pymupdf.Rect(40, 40, 200, 70))
    page.set_cropbox(pymupdf.Rect(11, 7, 290, 190))
    for rotation in (0, 90):
        page.set_rotation(rotation)
        content = document.tobytes()
        whole = first_page(content).pixels
        with monkeypatch.context() as patch:
            patch.setattr("redact.intake.pdf._DRAWN_BYTES", 8 * whole.size // 3 // 7)
            banded = first_page(content).pixels
        assert banded.shape == whole.shape
        # Pictures are scaled anew for each band.
        assert np.abs(banded.astype(int) - whole.astype(int)).max() <= 4


def pages_sharing(first: bytes, second: bytes, times: int = 1) -> bytes:
    """Two pages that have the same resources: form A, which the first paints, and form B, which the second paints ``times``
    over."""
    document = pymupdf.open()
    for _ in range(2):
        document.new_page(width=50, height=50)
    shared = document.get_new_xref()
    forms = []
    for data in (first, second):
        form = document.get_new_xref()
        document.update_object(form, "<</Type/XObject/Subtype/Form/BBox[0 0 50 50]>>")
        document.update_stream(form, data)
        forms.append(form)
    document.update_object(shared, f"<</XObject<</A {forms[0]} 0 R/B {forms[1]} 0 R>>>>")
    for index, name in enumerate("AB"):
        contents = document.get_new_xref()
        document.update_object(contents, "<<>>")
        document.update_stream(contents, f"/{name} Do ".encode() * (times if name == "B" else 1))
        document.xref_set_key(document[index].xref, "Resources", f"{shared} 0 R")
        document.xref_set_key(document[index].xref, "Contents", f"{contents} 0 R")
    content: bytes = document.tobytes(deflate=True)
    return content


def test_instructions_are_counted_as_often_as_they_are_repeated() -> None:
    drawing = b"0 0 9 9 re f\n" * 1_000
    content = pages_sharing(drawing, drawing, times=2)
    with open_attachment(content, limits=IntakeLimits(max_content_bytes=20_000)) as attachment:
        assert attachment.page(0).width > 100
        for _ in range(2):  # what was seen once is not forgotten, nor taken for seen when it was refused
            with pytest.raises(TooLarge) as caught:
                attachment.page(1)
            assert caught.value.page_index == 1
        assert attachment.page(0).width > 100


def test_a_stream_that_is_too_large_is_refused_on_each_page_that_could_use_it() -> None:
    content = pages_sharing(b"0 0 9 9 re f", b" " * (65 * 2**20))
    with open_attachment(content) as attachment:
        for index in (0, 1, 0):
            with pytest.raises(TooLarge):
                attachment.page(index)


@pytest.mark.parametrize("order", [range(5, 45), range(44, 4, -1)])
def test_forms_nested_too_deep_are_refused_in_whatever_order_they_are_met(order: Iterable[int]) -> None:
    contents = b"".join(b"/F%d Do " % number for number in order)
    names = b"".join(b"/F%d %d 0 R" % (number, number) for number in range(5, 45))
    more = {
        n: broken_pdfs.stream(b"/F Do", b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</F %d 0 R>>>>" % (n + 1))
        for n in range(5, 45)
    }
    content = broken_pdfs.one_page(broken_pdfs.stream(contents), resources=b"/XObject<<%s>>" % names, more=more)
    with open_attachment(content) as attachment:
        for _ in range(2):
            with pytest.raises(TooLarge):
                attachment.page(0)


def test_an_image_that_declares_too_many_pixels_is_refused() -> None:
    content = scanned_pdf(1000, 1000, dpi=200)
    attachment = open_attachment(content, limits=IntakeLimits(max_pixels=900_000))
    with attachment, pytest.raises(TooLarge) as caught:
        attachment.page(0)
    assert caught.value.page_index == 0


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("cropped", [False, True])
def test_character_boxes_lie_on_their_ink(rotation: int, cropped: bool) -> None:
    document = pymupdf.open()
    page = document.new_page(width=400, height=300)
    page.insert_text((150, 160), "张三丰", fontname="china-s", fontsize=20)
    if cropped:
        page.set_cropbox(pymupdf.Rect(60, 40, 380, 270))
    page.set_rotation(rotation)
    drawn = first_page(document.tobytes())
    sides = (320, 230) if cropped else (400, 300)
    wide, high = sides if rotation in (0, 180) else sides[::-1]
    assert (drawn.width, drawn.height) == (math.ceil(wide * 200 / 72), math.ceil(high * 200 / 72))
    run = run_of(drawn, "张三丰")
    assert not run.hidden
    assert min(ink_in(drawn, run)) > 0.05
    dark = drawn.pixels.min(axis=2) < 128
    total = dark.sum()
    for box in run.boxes:
        x0, y0, x1, y1 = box.pixels()
        dark[y0:y1, x0:x1] = False
    assert dark.sum() < 0.05 * total, "ink outside the boxes"
    order = [box.centre for box in run.boxes]
    step = {0: (1, 0), 90: (0, 1), 180: (-1, 0), 270: (0, -1)}[rotation]
    assert all((b[0] - a[0]) * step[0] + (b[1] - a[1]) * step[1] > 30 for a, b in pairwise(order))


def test_text_that_is_not_painted_is_listed_as_hidden() -> None:
    document = pymupdf.open()
    page = document.new_page(width=400, height=300)
    page.insert_text((100, 100), "plain", fontsize=12)
    page.insert_text((100, 130), "stroked", fontsize=12, render_mode=1)
    page.insert_text((100, 160), "invisible", fontsize=12, render_mode=3)
    page.insert_text((100, 190), "transparent", fontsize=12, fill_opacity=0)
    page.insert_text((5, 290), "cropped", fontsize=12)
    page.set_cropbox(pymupdf.Rect(60, 40, 380, 270))
    drawn = first_page(document.tobytes())
    assert {run.text: run.hidden for run in drawn.runs} == {
        "plain": False, "stroked": False, "invisible": True, "transparent": True, "cropped": True,
    }  # fmt: skip
    assert run_of(drawn, "cropped").boxes[0].x1 < 0


def test_ligatures_are_split_evenly() -> None:
    document = pymupdf.open()
    page = document.new_page(width=300, height=200)
    writer = pymupdf.TextWriter(page.rect)
    writer.append((50, 60), "o\N{LATIN SMALL LIGATURE FI}ne", font=pymupdf.Font("cjk"), fontsize=20)
    writer.write_text(page)
    run = run_of(first_page(document.tobytes()), "ofine")
    assert run.boxes[1].width == pytest.approx(run.boxes[2].width)
    assert run.boxes[1].width > 2
    assert run.boxes[1].x1 == pytest.approx(run.boxes[2].x0)


def test_replacement_text_is_listed_beside_the_glyphs() -> None:
    document = pymupdf.open(stream=text_pdf("shown"), filetype="pdf")
    page = document[0]
    xref = page.get_contents()[0]
    stream = document.xref_stream(xref)
    document.update_stream(xref, b"/Span <</ActualText (replaced)>> BDC\n" + stream + b"\nEMC")
    runs = {run.text.strip(): run.hidden for run in first_page(document.tobytes()).runs}
    assert runs == {"shown": False, "replaced": True}


def test_annotations_and_fields_are_drawn_and_read() -> None:
    document = pymupdf.open()
    page = document.new_page(width=400, height=300)
    page.add_freetext_annot((50, 50, 250, 80), "free text", fontsize=16)
    note = page.add_text_annot((300, 50), "a note")
    note.set_info(title="its author")
    note.update()
    widget = pymupdf.Widget()
    widget.field_type, widget.field_name = pymupdf.PDF_WIDGET_TYPE_TEXT, "field name"
    widget.field_value, widget.rect = "field value", pymupdf.Rect(50, 120, 250, 150)
    page.add_widget(widget)
    drawn = first_page(document.tobytes())
    assert {run.text: run.hidden for run in drawn.runs} == {
        "free text": False, "field value": False, "a note": True, "its author": True, "field name": True,
    }  # fmt: skip
    assert max(ink_in(drawn, run_of(drawn, "free text"))) > 0.05
    assert max(ink_in(drawn, run_of(drawn, "field value"))) > 0.05
    boxes = run_of(drawn, "a note").boxes
    assert len(boxes) == 6 and len({round(box.width, 3) for box in boxes}) == 1


def test_an_owner_password_does_not_keep_a_file_shut() -> None:
    content = text_pdf(encryption=pymupdf.PDF_ENCRYPT_AES_256, owner_pw="owner", permissions=0)
    assert run_of(first_page(content), "张三丰")


def test_a_user_password_does() -> None:
    with pytest.raises(Encrypted):
        open_attachment(text_pdf(encryption=pymupdf.PDF_ENCRYPT_AES_256, owner_pw="owner", user_pw="user"))


def test_a_broken_cross_reference_table_is_repaired() -> None:
    content = text_pdf()
    at = content.rindex(b"startxref")
    broken = content[:at] + b"startxref\n7\n%%EOF\n"
    with open_attachment(broken) as attachment:
        # Without a page: no page is damaged.
        assert attachment.warnings == (Issue("unopenable", Severity.WARN, page_index=None),)
        assert run_of(attachment.page(0), "张三丰")
    with open_attachment(content) as attachment:
        attachment.page(0)
        assert attachment.warnings == ()


@pytest.mark.parametrize("options", [{}, {"garbage": 4, "deflate": True, "use_objstms": 1}])
def test_a_pdf_cut_short_never_shows_less_than_the_whole(options: dict[str, Any]) -> None:
    content = scanned_pdf(400, 500, dpi=100, pages=3, **options)
    with open_attachment(content) as attachment:
        whole = [page.pixels for page in attachment.pages()]
    outcomes = set()
    for end in (*range(10, len(content), len(content) // 40), *range(len(content) - 60, len(content), 4)):
        try:
            with open_attachment(content[:end]) as attachment:
                pages = [page.pixels for page in attachment.pages()]
            assert len(pages) == 3 and all(map(np.array_equal, pages, whole))
            outcomes.add("whole")
        except AttachmentError as error:
            outcomes.add(error.code)
    assert "truncated" in outcomes


def test_a_scan_that_cannot_be_decoded_is_no_blank_page() -> None:
    picture = scan(600, 800)
    for damaged in (b"junk" * 100, picture[: len(picture) // 2]):
        document = pymupdf.open(stream=scanned_pdf(600, 800, dpi=100), filetype="pdf")
        xref = document[0].get_images()[0][0]
        document.update_stream(xref, damaged, compress=False)
        document.xref_set_key(xref, "Filter", "/DCTDecode")
        with open_attachment(document.tobytes()) as attachment, pytest.raises(Unopenable) as caught:
            attachment.page(0)
        assert caught.value.page_index == 0


def test_a_damaged_logo_leaves_a_warning() -> None:
    document = pymupdf.open()
    page = document.new_page()
    page.insert_text((100, 100), "text")
    page.insert_image((20, 20, 60, 60), stream=scan(100, 100))
    picture = scan(100, 100)
    damaged = document.tobytes().replace(picture, b"junk".ljust(len(picture), b"\n"))
    with open_attachment(damaged) as attachment:
        before = attachment.warnings
        attachment.page(0)
        issues = attachment.warnings
    assert before == ()
    (issue,) = issues
    assert (issue.code, issue.severity, issue.page_index) == ("unopenable", Severity.WARN, 0)


def test_limits_and_emptiness() -> None:
    with pytest.raises(TooLarge):
        open_attachment(scanned_pdf(40, 40, dpi=72, pages=3), limits=IntakeLimits(max_pages=2))
    with pytest.raises((Empty, Truncated, Unopenable)):
        open_attachment(b"%PDF-1.7\n")


def test_mupdf_does_not_print_what_the_file_holds(capfd: pytest.CaptureFixture[str]) -> None:
    content = text_pdf().replace(b"/Font", b"/Fxnt").replace(b"endstream", b"endstraem")
    try:
        first_page(content)
    except AttachmentError as error:
        assert "Fxnt" not in str(error)
    assert capfd.readouterr() == ("", "")


def test_threads_take_turns() -> None:
    content = scanned_pdf(200, 300, dpi=72, pages=4)
    wrong: list[str] = []
    with open_attachment(content) as attachment:
        expected = attachment.page(0).pixels.copy()

        def read() -> None:
            for index in range(4):
                if not np.array_equal(attachment.page(index).pixels, expected):
                    wrong.append("pixels differ")

        threads = [threading.Thread(target=read) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert wrong == []
    assert MUPDF_LOCK.acquire(blocking=False), "the lock is free again"
    MUPDF_LOCK.release()


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads Linux's account of memory")
def test_memory_stays_flat_over_many_pages() -> None:
    # 60 different A4 scans at 200 dpi: 11.6 MB of pixels each, 700 MB if they were kept.
    program = textwrap.dedent("""
        import io
        import pymupdf
        from PIL import Image
        from redact.intake import open_attachment
        document = pymupdf.open()
        for i in range(60):
            buffer = io.BytesIO()
            Image.new("RGB", (1654, 2339), (255, 250, i)).save(buffer, "JPEG", quality=50)
            document.new_page(width=595, height=842).insert_image((0, 0, 595, 842), stream=buffer.getvalue())
        content = document.tobytes()
        document.close()
        def peak():
            # Not ru_maxrss: a child takes over its parent's.
            status = open("/proc/self/status").read()
            return int(status.split("VmHWM:")[1].split()[0]) // 1024
        with open_attachment(content) as attachment:
            for page in attachment.pages():
                assert page.width > 1600
                if page.index == 9:
                    early = peak()
        print(early, peak())
    """)
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    early, late = map(int, result.stdout.split())
    assert late < early + 60
    assert late < 1000

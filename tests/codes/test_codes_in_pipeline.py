"""A code with the name leaves masked; one that may lead to it is a question; one that is left in an output is a leak."""

from __future__ import annotations

import io

import numpy as np
import pytest
from drawn_codes import draw_code, place_code, turned
from fake_reading import FakeReader, draw_written, write
from PIL import Image

from redact import Redactor, pipeline
from redact.codes import find_codes
from redact.geometry import Box
from redact.lines import Reading
from redact.ocr.reader import TextReader
from redact.pipeline import RedactResult
from redact.screening import ClarityThresholds
from redact.values import Page, PageScreening, Pixels, Severity, Status, Verdict

NAME = "张伟"
LINES = (write("兹证明李芳同志参加继续教育培训", 80, 80), write("考核成绩合格准予结业特此证明", 80, 160))


@pytest.fixture(autouse=True)
def _no_screening(monkeypatch: pytest.MonkeyPatch) -> None:
    """What screening finds on lines that are only strokes is not the question here."""

    def screen_page(page: Page, reading: Reading, reader: TextReader, limits: ClarityThresholds) -> PageScreening:
        return PageScreening(page.index, page.width, page.height, page.dpi, 0, 0.9, 0.0)

    monkeypatch.setattr(pipeline, "screen_page", screen_page)


def page_with(content: str, kind: str = "QRCode", *, angle_deg: float = 0.0) -> tuple[Pixels, Box]:
    # On a turned page the lines would lie in the box around the code.
    pixels = draw_written(1000, 900, *(() if angle_deg else LINES))
    code = draw_code(content, kind, module_px=3.0)
    box = place_code(pixels, code, (1000 - code.shape[1]) // 2, 400)
    return turned(pixels, box, angle_deg) if angle_deg else (pixels, box)


def encode(pixels: Pixels) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def redact(pixels: Pixels) -> RedactResult:
    return Redactor(reader=FakeReader(*LINES)).redact(encode(pixels), name=NAME)


def open_output(result: RedactResult) -> Pixels:
    assert result.output is not None
    return np.array(Image.open(io.BytesIO(result.output)).convert("RGB"))


@pytest.mark.parametrize("angle_deg", [0, 30, 90])
@pytest.mark.parametrize("kind", ["QRCode", "Code128"])
def test_a_code_with_the_name_is_masked_whole_and_the_page_is_done(kind: str, angle_deg: int) -> None:
    content = "姓名：张伟 编号：0731" if kind == "QRCode" else "Zhang Wei 0731"
    pixels, box = page_with(content, kind, angle_deg=angle_deg)
    result = redact(pixels)
    (page,) = result.report.pages
    assert [(h.rule, h.sure) for h in page.hits] == [("machine_code", True)]
    assert (page.verdict, result.report.status) == (Verdict.REQUIRED, Status.DONE)
    after = open_output(result)
    assert find_codes(after) == ()
    x0, y0, x1, y1 = box.pixels()
    before_dark, after_dark = pixels[y0:y1, x0:x1].min(axis=2) < 100, after[y0:y1, x0:x1].max(axis=2) == 0
    assert after_dark[before_dark].mean() > 0.999, "no module is left"


def test_an_address_makes_the_page_a_question_with_a_mask_proposed() -> None:
    result = redact(page_with("https://www.example.org/cx?vcode=A1B2C3D4")[0])
    (page,) = result.report.pages
    assert (page.verdict, result.report.status) == (Verdict.REVIEW, Status.REVIEW)
    assert [r.code for r in page.reasons] == ["machine_code"]
    (issue,) = page.issues
    assert (issue.code, issue.severity) == ("machine_code", Severity.WARN) and issue.box is not None
    assert len(page.masks) == 1 and find_codes(open_output(result)) == ()


def test_a_books_number_changes_nothing() -> None:
    result = redact(page_with("978730000001", "EAN13")[0])
    assert (result.report.mask_required, result.report.status) == (Verdict.NOT_REQUIRED, Status.DONE)
    assert result.report.issues == () and result.report.pages[0].masks == ()


def test_a_code_that_the_first_look_missed_is_masked_by_the_second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("redact.pipeline.find_codes", lambda pixels: ())
    result = redact(page_with("姓名：张伟")[0])
    assert result.report.status is Status.DONE
    assert [h.rule for h in result.report.pages[0].hits] == ["machine_code"]
    assert find_codes(open_output(result)) == ()


def test_a_code_that_stays_is_a_leak_and_nothing_is_released(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("redact.pipeline.fit_masks", lambda page, hits: ())
    monkeypatch.setattr("redact.outcome.fit_masks", lambda page, hits: ())
    result = redact(page_with("姓名：张伟")[0])
    assert result.output is None
    assert {leak.channel for leak in result.report.leaks} == {"machine_code"}
    assert result.report.pages[0].reasons[-1].code == "leak_found"


@pytest.mark.parametrize(
    ("content", "status", "channels"),
    [
        ("姓名：张伟", Status.REVIEW, ["machine_code"]),
        ("https://example.org/v?c=12345678", Status.REVIEW, []),
        ("000731", Status.DONE, []),
    ],
)
def test_verify_finds_the_name_in_a_code_and_does_not_call_an_address_a_leak(
    content: str, status: Status, channels: list[str]
) -> None:
    report = Redactor(reader=FakeReader(*LINES)).verify(encode(page_with(content)[0]), name=NAME)
    assert (report.status, [leak.channel for leak in report.leaks]) == (status, channels)


def test_screening_says_nothing_of_codes() -> None:
    report = Redactor(reader=FakeReader(*LINES)).screen(encode(page_with("https://example.org/v?c=12345678")[0]))
    assert "machine_code" not in {issue.code for issue in report.all_issues}


def test_neither_content_nor_name_is_in_the_report() -> None:
    text = redact(page_with("https://www.example.org/cx?vcode=A1B2C3D4")[0]).report.to_json()
    assert "A1B2C3D4" not in text and "example.org" not in text



"""Bytes and a name in; a masked file, a verdict and a report out: what callers may rely on.

The reader is told what it sees (see :mod:`fake_reading`); the real one is in ``verify/test_closed_loop.py``. So is
screening told what it finds; what it really finds is in ``screening/``.
"""

# mypy: allow-untyped-calls

from __future__ import annotations

import hashlib
import io
import json
import logging
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pymupdf
import pytest
from fake_reading import FakeReader, Misread, Written, draw_written, write
from PIL import Image

from redact import Redactor, ScreeningReport, pipeline
from redact.errors import AttachmentError, InvalidName, NotAFile, RedactError
from redact.geometry import Box
from redact.lines import Reading
from redact.ocr.reader import TextReader
from redact.options import IntakeLimits
from redact.pipeline import RedactResult
from redact.sandbox.attachment import SandboxedAttachment
from redact.screening import ClarityThresholds
from redact.values import Issue, Page, PageMasks, PageScreening, Pixels, Severity, Status, Verdict

NAME = "张伟"
WIDTH, HEIGHT = 900, 500
TEXT = (write("兹证明张伟同志参加继续教育培训", 80, 80), write("考核成绩合格准予结业特此证明", 80, 160))
OTHERS = (write("兹证明李芳同志参加继续教育培训", 80, 80), write("考核成绩合格准予结业特此证明", 80, 160))


def encode(*pages: Pixels, kind: str = "PNG", **options: Any) -> bytes:
    out = io.BytesIO()
    frames = [Image.fromarray(p) for p in pages]
    many = {"save_all": True, "append_images": frames[1:]} if len(frames) > 1 else {}
    frames[0].save(out, kind, **many, **options)
    return out.getvalue()


def draw(*written: Written, width: int = WIDTH, height: int = HEIGHT) -> Pixels:
    return draw_written(width, height, *written)


def redact(source: Path | str | bytes, *, reader: FakeReader | None = None, name: str = NAME, **options: Any) -> RedactResult:
    return Redactor(reader=reader or FakeReader(*TEXT)).redact(source, name=name, **options)


@pytest.fixture(scope="module")
def picture() -> bytes:
    return encode(draw(*TEXT))


Found = dict[int, list[tuple[str, Severity]]]


@pytest.fixture(autouse=True)
def found(monkeypatch: pytest.MonkeyPatch) -> Found:
    """What screening finds, by page index; nothing, unless a test puts it in."""
    found: Found = {}

    def screen_page(page: Page, reading: Reading, reader: TextReader, limits: ClarityThresholds) -> PageScreening:
        issues = tuple(Issue(code, severity, page.index) for code, severity in found.get(page.index, []))
        return PageScreening(page.index, page.width, page.height, page.dpi, reading.rotation, 0.9, 0.0, issues=issues)

    monkeypatch.setattr(pipeline, "screen_page", screen_page)
    return found


# --- what comes back ----------------------------------------------------------------------------------------------------


def test_the_name_is_painted_over_and_the_rest_is_as_it_was(picture: bytes) -> None:
    result = redact(picture)
    assert (result.report.status, result.report.mask_required) == (Status.DONE, Verdict.REQUIRED)
    assert result.output is not None
    before, after = draw(*TEXT), np.array(Image.open(io.BytesIO(result.output)).convert("RGB"))
    masked = np.zeros((HEIGHT, WIDTH), bool)
    for box in result.report.pages[0].masks:
        x0, y0, x1, y1 = box.pixels()
        masked[y0:y1, x0:x1] = True
    assert (after[masked] == 0).all()
    assert (after[~masked] == before[~masked]).all()
    for cell in TEXT[0].cells()[3:5]:
        x0, y0, x1, y1 = cell.box.grown(-3).pixels()
        assert masked[y0:y1, x0:x1].all(), "the whole of each character"


def test_the_report_tells_of_every_page_what_was_found_and_masked(picture: bytes) -> None:
    report = redact(picture).report
    (page,) = report.pages
    assert (page.page_index, page.width, page.height, page.rotation) == (0, WIDTH, HEIGHT, 0)
    assert page.verdict is Verdict.REQUIRED
    assert len(page.hits) == 1 and page.hits[0].rule == "line"
    assert page.masks
    assert report.media_type == "image/png"
    assert report.source_sha256 == hashlib.sha256(picture).hexdigest()
    assert dict(report.models) == dict(FakeReader().models)
    assert set(report.timings_s) == {"decode", "read", "screen", "codes", "fit", "mask", "verify"}
    assert report.leaks == () and report.issues == ()


def test_a_page_without_the_name_comes_back_unmasked_and_says_no() -> None:
    result = redact(encode(draw(*OTHERS)), reader=FakeReader(*OTHERS))
    assert (result.report.status, result.report.mask_required) == (Status.DONE, Verdict.NOT_REQUIRED)
    assert result.output is not None
    assert (np.array(Image.open(io.BytesIO(result.output)).convert("RGB")) == draw(*OTHERS)).all()


def test_an_uncertain_place_is_masked_in_a_proposal_that_a_person_must_confirm() -> None:
    doubtful = (replace(TEXT[0], misread={4: Misread("伪", -4.0)}), TEXT[1])
    result = redact(encode(draw(*doubtful)), reader=FakeReader(*doubtful))
    assert (result.report.status, result.report.mask_required) == (Status.REVIEW, Verdict.REVIEW)
    assert result.output is not None and result.report.pages[0].masks
    assert result.report.pages[0].reasons


def test_one_page_decides_for_the_attachment() -> None:
    """是 on one page is 是; 复核 on one page is 复核, whatever the others say."""
    with_name, without = draw(*TEXT), draw(write("考核成绩合格准予结业特此证明", 80, 160))
    reader = FakeReader(*TEXT)

    class ByPage(FakeReader):
        def read(self, pixels: Pixels, *, charset: frozenset[str], zoom: float = 1.0) -> Reading:
            shown = pixels[85:115, 85:500]
            if float(shown.mean()) > 250:
                return FakeReader(TEXT[1]).read(pixels, charset=charset, zoom=zoom)
            return reader.read(pixels, charset=charset, zoom=zoom)

    result = redact(encode(with_name, without, kind="TIFF"), reader=ByPage())
    assert [p.verdict for p in result.report.pages] == [Verdict.REQUIRED, Verdict.NOT_REQUIRED]
    assert result.report.mask_required is Verdict.REQUIRED
    assert [len(p.masks) > 0 for p in result.report.pages] == [True, False]


def test_a_page_that_could_not_be_read_makes_the_whole_a_question() -> None:
    unread = [replace(w, read=False) for w in TEXT]
    result = redact(encode(draw(*unread)), reader=FakeReader(*unread))
    assert (result.report.status, result.report.mask_required) == (Status.REVIEW, Verdict.REVIEW)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "BMP", "WEBP"])
def test_the_output_is_the_same_kind_of_file(kind: str) -> None:
    result = redact(encode(draw(*TEXT), kind=kind, **({"lossless": True} if kind == "WEBP" else {})))
    assert result.report.status is Status.DONE
    assert result.output is not None
    assert Image.open(io.BytesIO(result.output)).format == kind


def test_progress_goes_up_to_its_end_two_steps_a_page() -> None:
    seen: list[tuple[int, int]] = []
    frames = encode(draw(*TEXT), draw(*TEXT), draw(*TEXT), kind="TIFF")
    redact(frames, progress=lambda done, total: seen.append((done, total)))
    assert seen[:3] == [(1, 6), (2, 6), (3, 6)]
    assert seen[-1] == (6, 6)
    assert seen == sorted(seen)


def test_one_redactor_may_be_shared_between_threads(picture: bytes) -> None:
    redactor = Redactor(reader=FakeReader(*TEXT))
    results: list[RedactResult] = []
    threads = [threading.Thread(target=lambda: results.append(redactor.redact(picture, name=NAME))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 4
    assert len({r.output for r in results}) == 1
    assert all(r.report.status is Status.DONE for r in results)


# --- what cannot be opened ----------------------------------------------------------------------------------------------


def encrypted_pdf() -> bytes:
    document: Any = pymupdf.open()
    document.new_page().insert_text((50, 50), "x")
    content: bytes = document.tobytes(encryption=int(pymupdf.mupdf.PDF_ENCRYPT_AES_256), user_pw="secret", owner_pw="secret")
    return content


BAD: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "empty"),
    "truncated JPEG": (encode(draw(*TEXT), kind="JPEG")[:9000], "truncated"),
    "truncated PNG": (encode(draw(*TEXT))[:2000], "truncated"),
    "truncated TIFF": (encode(draw(*TEXT), kind="TIFF", compression="tiff_lzw")[:2000], "truncated"),
    "encrypted": (encrypted_pdf(), "encrypted"),
    "text": ("申请人：张伟".encode(), "wrong_type"),
    "noise": (bytes(range(128, 256)) * 3 + b"\0", "unopenable"),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("what", BAD)
def test_what_cannot_be_opened_counts_as_not_uploaded_and_is_told_why(what: str, tmp_path: Path) -> None:
    content, code = BAD[what]
    path = tmp_path / "upload"
    path.write_bytes(content)
    for source in (content, path, str(path)):
        result = redact(source)
        assert result.output is None
        assert result.report.status is Status.REJECTED
        assert result.report.mask_required is Verdict.REVIEW, "whether it holds the name is not known"
        assert [(i.code, i.severity) for i in result.report.issues] == [(code, Severity.REJECT)]
        assert result.report.source_sha256 == hashlib.sha256(content).hexdigest()


def test_what_is_too_large_is_told_so(picture: bytes) -> None:
    result = Redactor(reader=FakeReader(), limits=IntakeLimits(max_bytes=100)).redact(picture, name=NAME)
    assert [i.code for i in result.report.issues] == ["too_large"]
    result = Redactor(reader=FakeReader(), limits=IntakeLimits(max_pixels=100)).redact(picture, name=NAME)
    assert [i.code for i in result.report.issues] == ["too_large"]


def tiff_with_a_broken_second_frame() -> bytes:
    """Its strips are there in full and are no Deflate."""
    content = bytearray(encode(draw(*TEXT), draw(*TEXT), kind="TIFF", compression="tiff_adobe_deflate"))
    image: Any = Image.open(io.BytesIO(bytes(content)))
    image.seek(1)
    for start, size in zip(image.tag_v2[273], image.tag_v2[279], strict=True):
        content[start : start + size] = b"\xff" * size
    return bytes(content)


@pytest.mark.filterwarnings("ignore")
def test_a_page_that_cannot_be_decoded_keeps_the_others_in_the_report_and_the_file_back() -> None:
    result = redact(tiff_with_a_broken_second_frame())
    assert result.output is None
    assert (result.report.status, result.report.mask_required) == (Status.REJECTED, Verdict.REVIEW)
    first, second = result.report.pages
    assert first.verdict is Verdict.REQUIRED and first.hits and first.masks
    assert second.verdict is Verdict.REVIEW
    assert [r.code for r in second.reasons] == ["page_failed"]
    (issue,) = result.report.issues
    assert issue.page_index == 1 and issue.severity is Severity.REJECT
    assert issue.code in ("unopenable", "truncated")


def test_an_output_that_cannot_be_opened_again_is_not_released(picture: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SandboxedAttachment, "mask", lambda *_: b"\x89PNG\r\n\x1a\nnot a picture")
    result = redact(picture)
    assert result.output is None
    assert result.report.status is Status.REJECTED


# --- what is not clear, complete and upright ----------------------------------------------------------------------------


REJECT, WARN = Severity.REJECT, Severity.WARN


def codes(issues: Sequence[Issue]) -> list[tuple[int | None, str, Severity]]:
    return [(i.page_index, i.code, i.severity) for i in issues]


def test_a_page_that_cannot_be_read_reliably_counts_as_not_uploaded(picture: bytes, found: Found) -> None:
    found[0] = [("blurred", REJECT)]
    result = redact(picture)
    assert result.output is None
    assert (result.report.status, result.report.mask_required) == (Status.REJECTED, Verdict.REVIEW)
    (page,) = result.report.pages
    assert codes(page.issues) == codes(result.report.issues) == [(0, "blurred", REJECT)]
    assert page.hits and page.masks, "what was found is kept"
    assert (page.verdict, [r.code for r in page.reasons]) == (Verdict.REVIEW, ["poor_page"])
    assert "mask" not in result.report.timings_s and "verify" not in result.report.timings_s, "no work for nothing"


def test_a_page_with_text_that_only_shows_in_even_light_is_never_called_no(monkeypatch: pytest.MonkeyPatch) -> None:
    box = Box(10, 10, 200, 40)

    def screen_page(page: Page, reading: Reading, reader: TextReader, limits: ClarityThresholds) -> PageScreening:
        return PageScreening(page.index, page.width, page.height, page.dpi, 0, 0.9, 0.0, hidden=(box,))

    monkeypatch.setattr(pipeline, "screen_page", screen_page)
    report = redact(encode(draw(*OTHERS)), reader=FakeReader(*OTHERS)).report
    assert (report.status, report.mask_required) == (Status.REVIEW, Verdict.REVIEW)
    assert [(r.code, r.box) for r in report.pages[0].reasons] == [("unread_text", box)]


def test_an_unclear_page_without_the_name_is_never_called_no(found: Found) -> None:
    found[0] = [("blurred", REJECT)]
    content, reader = encode(draw(*OTHERS)), FakeReader(*OTHERS)
    for accept_poor in (False, True):
        result = redact(content, reader=reader, accept_poor=accept_poor)
        assert result.report.mask_required is result.report.pages[0].verdict is Verdict.REVIEW


@pytest.mark.parametrize("texts", [TEXT, OTHERS])
def test_a_page_that_is_hard_to_read_is_masked_and_looked_at(texts: Sequence[str], found: Found) -> None:
    found[0] = [("low_contrast", WARN)]
    result = redact(encode(draw(*texts)), reader=FakeReader(*texts))
    assert (result.report.status, result.report.mask_required) == (Status.REVIEW, Verdict.REVIEW)
    assert result.output is not None
    assert [r.code for r in result.report.pages[0].reasons] == ["poor_page"]


def test_the_applicant_sees_all_faults_of_all_pages_at_once(found: Found) -> None:
    found.update({0: [("blurred", REJECT), ("glare", WARN)], 2: [("cut_off", REJECT)]})
    result = redact(encode(*[draw(*TEXT)] * 3, kind="TIFF"))
    everything = [(0, "blurred", REJECT), (0, "glare", WARN), (2, "cut_off", REJECT)]
    assert codes(result.report.issues) == everything
    assert codes([i for p in result.report.pages for i in p.issues]) == everything
    assert [p.verdict for p in result.report.pages] == [Verdict.REVIEW, Verdict.REQUIRED, Verdict.REVIEW]


def test_who_accepts_poor_pages_gets_a_proposal_and_has_to_look(picture: bytes, found: Found) -> None:
    found[0] = [("blurred", REJECT)]
    result = redact(picture, accept_poor=True)
    assert result.output is not None
    assert (result.report.status, result.report.mask_required) == (Status.REVIEW, Verdict.REVIEW)
    assert [r.code for r in result.report.pages[0].reasons] == ["poor_page"]
    assert codes(result.report.issues) == [(0, "blurred", REJECT)]


@pytest.mark.filterwarnings("ignore")
def test_accepting_poor_pages_does_not_accept_one_that_cannot_be_decoded() -> None:
    result = redact(tiff_with_a_broken_second_frame(), accept_poor=True)
    assert result.output is None
    assert result.report.status is Status.REJECTED


@pytest.mark.parametrize("code", ["rotated", "skewed"])
def test_a_page_that_is_not_upright_is_masked_and_told_of(picture: bytes, found: Found, code: str) -> None:
    found[0] = [(code, REJECT)]
    result = redact(picture)
    assert result.output is not None
    assert (result.report.status, result.report.mask_required) == (Status.DONE, Verdict.REQUIRED)
    assert codes(result.report.issues) == [(0, code, WARN)]
    assert Redactor(reader=FakeReader(*TEXT)).screen(picture).status is Status.REJECTED, "the same page, screened alone"


def test_a_mirrored_page_is_not_excused(picture: bytes, found: Found) -> None:
    found[0] = [("mirrored", REJECT)]
    assert redact(picture).report.status is Status.REJECTED


def test_a_warning_stops_nothing(picture: bytes, found: Found) -> None:
    found[0] = [("glare", WARN)]
    result = redact(picture)
    assert result.report.status is Status.DONE and result.output is not None
    assert codes(result.report.issues) == [(0, "glare", WARN)]


def test_blank_backs_of_a_duplex_scan_do_not_reject_it_and_nothing_but_blank_pages_does(found: Found) -> None:
    found[1] = [("blank", REJECT)]
    sheet = encode(draw(*TEXT), draw(), kind="TIFF")
    assert redact(sheet).report.status is Status.DONE
    assert codes(redact(sheet).report.issues) == [(1, "blank", WARN)]
    found[0] = [("blank", REJECT)]
    assert redact(sheet).report.status is Status.REJECTED
    assert redact(encode(draw())).report.status is Status.REJECTED


# --- screening alone ----------------------------------------------------------------------------------------------------


def screen(source: Path | str | bytes, **options: Any) -> ScreeningReport:
    return Redactor(reader=FakeReader(*TEXT)).screen(source, **options)


def test_a_page_in_order_is_read_once_and_has_no_issues(picture: bytes, tmp_path: Path) -> None:
    path = tmp_path / "张伟.png"
    path.write_bytes(picture)
    reader = FakeReader(*TEXT)
    report = Redactor(reader=reader).screen(path)
    assert reader.asked == [1.0]
    assert (report.status, report.all_issues) == (Status.DONE, ())
    assert report.source == str(path), "no name was given, so there is none to hide"
    assert report.source_sha256 == hashlib.sha256(picture).hexdigest()
    assert report.media_type == "image/png"
    assert set(report.timings_s) == {"decode", "read", "screen"}
    assert dict(report.models) == dict(FakeReader().models)
    assert [(p.page_index, p.width, p.height) for p in report.pages] == [(0, WIDTH, HEIGHT)]


def test_one_fault_on_one_page_rejects_the_attachment(found: Found) -> None:
    pages = encode(*[draw(*TEXT)] * 3, kind="TIFF")
    found[1] = [("glare", WARN)]
    assert screen(pages).status is Status.DONE
    found[2] = [("rotated", REJECT)]
    report = screen(pages)
    assert report.status is Status.REJECTED
    assert codes(report.all_issues) == [(1, "glare", WARN), (2, "rotated", REJECT)]


def test_screening_too_excuses_blank_backs_and_no_file_of_blank_pages_alone(found: Found) -> None:
    found[1] = [("blank", REJECT)]
    sheet = encode(draw(*TEXT), draw(), kind="TIFF")
    assert screen(sheet).status is Status.DONE
    assert codes(screen(sheet).all_issues) == [(1, "blank", WARN)]
    found[0] = [("blank", REJECT)]
    assert screen(sheet).status is screen(encode(draw())).status is Status.REJECTED


@pytest.mark.filterwarnings("ignore")
def test_a_page_that_cannot_be_decoded_does_not_hide_what_is_wrong_with_the_others(found: Found) -> None:
    found[0] = [("glare", WARN)]
    report = screen(tiff_with_a_broken_second_frame())
    assert report.status is Status.REJECTED
    first, second = report.pages
    assert codes(first.issues) == [(0, "glare", WARN)]
    assert (second.width, second.height) == (0, 0)
    assert [(i.page_index, i.severity) for i in second.issues] == [(1, REJECT)]
    assert second.issues[0].code in ("unopenable", "truncated")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("what", BAD)
def test_screening_says_why_a_file_does_not_open(what: str) -> None:
    content, code = BAD[what]
    report = screen(content)
    assert report.status is Status.REJECTED
    assert [(i.code, i.severity) for i in report.all_issues] == [(code, REJECT)]
    assert report.source_sha256 == hashlib.sha256(content).hexdigest()


def test_a_wrong_extension_is_an_issue_of_the_file_and_a_warning(picture: bytes, tmp_path: Path) -> None:
    path = tmp_path / "scan.pdf"
    path.write_bytes(picture)
    report = screen(path)
    assert report.status is Status.DONE
    assert codes(report.issues) == [(None, "wrong_type", WARN)]


def test_screening_goes_one_step_a_page() -> None:
    seen: list[tuple[int, int]] = []
    screen(encode(*[draw(*TEXT)] * 3, kind="TIFF"), progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_no_text_that_was_read_is_in_a_screening_report(picture: bytes, found: Found) -> None:
    found[0] = [("blurred", REJECT)]
    report = screen(picture)
    for text in (repr(report), report.to_json(), report.to_json("en")):
        check_private(text)


# --- what the caller did wrong ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["张", "", "  ", "··", "12", "张 ", "x" * 61])
def test_a_name_that_cannot_be_searched_for_is_refused_before_anything_is_opened(name: str) -> None:
    with pytest.raises(InvalidName):
        redact(b"", name=name)
    with pytest.raises(InvalidName):
        Redactor(reader=FakeReader()).verify(b"", name=name)


def test_an_alias_that_cannot_be_searched_for_is_refused_too(picture: bytes) -> None:
    with pytest.raises(InvalidName):
        redact(picture, aliases=["伟"])


@pytest.mark.parametrize("place", ["", "nowhere.png"])
def test_a_folder_or_nothing_is_no_file(place: str, tmp_path: Path) -> None:
    for source in (tmp_path / place, str(tmp_path / place)):
        with pytest.raises(NotAFile):
            redact(source)
        with pytest.raises(NotAFile):
            Redactor(reader=FakeReader()).verify(source, name=NAME)


# --- what is never done -------------------------------------------------------------------------------------------------


def test_the_original_is_not_touched_and_nothing_is_written_beside_it(tmp_path: Path, picture: bytes) -> None:
    path = tmp_path / "scan.png"
    path.write_bytes(picture)
    before = path.stat()
    redact(path)
    after = path.stat()
    assert path.read_bytes() == picture
    assert (after.st_mtime_ns, after.st_ino) == (before.st_mtime_ns, before.st_ino)
    assert list(tmp_path.iterdir()) == [path]


PRIVATE = ("张伟", "張偉", "张三丰", "Zhang Wei", "ZhangWei", "兹证明", "继续教育", "考核成绩", "合格")


def check_private(text: str) -> None:
    found = [word for word in PRIVATE if word in text]
    assert not found


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "content",
    [
        encode(draw(*TEXT)),
        encode(draw(*TEXT), kind="JPEG", comment="张伟".encode()),
        b"",
        BAD["text"][0],
        BAD["truncated PNG"][0],
    ],
    ids=["a picture", "a name in metadata", "nothing", "a text with the name", "a truncated picture"],
)
def test_no_name_and_no_text_is_in_what_may_be_logged_or_kept(
    content: bytes, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "张伟"
    folder.mkdir()
    path = folder / "张伟_ZhangWei_scan.png"
    path.write_bytes(content)
    with caplog.at_level(logging.DEBUG):
        result = redact(path, aliases=["Zhang Wei", "张三丰"])
        report = Redactor(reader=FakeReader(*TEXT)).verify(path, name=NAME, aliases=["Zhang Wei", "张三丰"])
    told = [repr(result), repr(result.report), str(result.report), result.report.to_json(), result.report.to_json("en")]
    told += [repr(report), report.to_json(), caplog.text, *capfd.readouterr()]
    for text in told:
        check_private(text)
    assert json.loads(result.report.to_json())["schema"] == "redact.report/1"


def test_no_name_is_in_an_exception(tmp_path: Path) -> None:
    wrong: Sequence[tuple[Path | str, str, Sequence[str]]] = [
        (tmp_path / "张伟", NAME, ["Zhang Wei"]),
        (str(tmp_path / "兹证明张伟.png"), NAME, []),
        (tmp_path, "张", []),
        (tmp_path, NAME, ["三"]),
        (tmp_path, "张伟" * 40, []),
    ]
    for source, name, aliases in wrong:
        with pytest.raises(RedactError) as caught:
            redact(source, name=name, aliases=aliases)
        check_private(str(caught.value) + repr(caught.value) + repr(caught.value.__cause__) + caught.value.detail)


def test_an_errors_own_message_is_not_in_the_report(picture: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> bytes:
        raise AttachmentError("found 张伟 here")

    monkeypatch.setattr(SandboxedAttachment, "mask", fail)
    result = redact(picture)
    assert result.report.status is Status.REJECTED
    check_private(result.report.to_json() + repr(result))


# --- a person's correction ---------------------------------------------------------------------------------------------


def test_a_person_masks_more_and_what_was_decided_is_painted(picture: bytes) -> None:
    redactor = Redactor(reader=FakeReader(*TEXT))
    (page,) = redactor.redact(picture, name=NAME).report.pages
    drawn = Box(10, 300, 200, 340)
    corrected = redactor.correct(picture, [PageMasks(0, WIDTH, HEIGHT, (*page.masks, drawn))], name=NAME)
    assert not corrected.found and not corrected.leaks
    after = np.array(Image.open(io.BytesIO(corrected.output)).convert("RGB"))
    assert all((after[y0:y1, x0:x1] == 0).all() for x0, y0, x1, y1 in (b.pixels() for b in (*page.masks, drawn)))


def test_a_person_is_told_where_the_name_still_stands(picture: bytes) -> None:
    corrected = Redactor(reader=FakeReader(*TEXT)).correct(picture, [PageMasks(0, WIDTH, HEIGHT, ())], name=NAME)
    name = Box.around_all(cell.box for cell in TEXT[0].cells()[3:5])
    (box,) = corrected.found[0]
    assert box.intersection_area(name) > 0.7 * name.area
    assert {leak.channel for leak in corrected.leaks} == {"pixels"}


def test_only_the_pages_that_changed_are_searched_again(tmp_path: Path) -> None:
    pdf = pymupdf.open()
    for _ in range(3):
        pdf.new_page(width=WIDTH, height=HEIGHT).insert_image(pymupdf.Rect(0, 0, WIDTH, HEIGHT), stream=encode(draw(*TEXT)))
    reader = FakeReader(*TEXT)
    pages = [PageMasks(i, WIDTH, HEIGHT, ()) for i in range(3)]
    corrected = Redactor(reader=reader).correct(pdf.tobytes(), pages, name=NAME, check={1})
    assert set(corrected.found) == {1}


def test_masks_for_other_pages_than_the_files_are_refused(picture: bytes) -> None:
    with pytest.raises(AttachmentError):
        Redactor(reader=FakeReader()).correct(picture, [PageMasks(1, WIDTH, HEIGHT, ())], name=NAME)


# --- verify -------------------------------------------------------------------------------------------------------------


def test_verify_tells_leaks_and_doubts_and_what_could_not_be_searched(picture: bytes) -> None:
    redactor = Redactor(reader=FakeReader(*TEXT))
    output = redactor.redact(picture, name=NAME).output
    assert output is not None
    assert redactor.verify(output, name=NAME).status is Status.DONE
    leaky = redactor.verify(picture, name=NAME)
    assert leaky.status is Status.REVIEW and {leak.channel for leak in leaky.leaks} == {"pixels"}
    assert redactor.verify(b"", name=NAME).status is Status.REJECTED
    doubtful = (replace(TEXT[0], misread={4: Misread("伪", -4.0)}), TEXT[1])
    assert Redactor(reader=FakeReader(*doubtful)).verify(picture, name=NAME).status is Status.REVIEW


def test_verify_does_not_pass_a_file_that_it_could_not_read(picture: bytes) -> None:
    """Done means searched: a page on which nothing could be read proves nothing."""
    unread = [replace(w, read=False) for w in TEXT]
    assert Redactor(reader=FakeReader(*unread)).verify(picture, name=NAME).status is not Status.DONE
    assert Redactor(reader=FakeReader()).verify(picture, name=NAME).status is not Status.DONE

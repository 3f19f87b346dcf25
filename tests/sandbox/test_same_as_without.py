"""The sandbox changes nothing but where a file is opened: pixels, outputs, findings, errors are those of the same process."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from broken_files import CASES, Case
from broken_images import FRAME_BOMBS, LARGEST
from broken_pdfs import DEPTH_BOMBS, PAGE_BOMBS
from drawn_uploads import every_kind
from fake_reading import FakeReader, draw_written, write
from PIL import Image
from sandboxed import FORKS, hostile_sandbox

from redact import Redactor
from redact.errors import AttachmentError, NotAFile
from redact.geometry import Box
from redact.names.name import Name
from redact.names.spellings import spell
from redact.options import IntakeLimits, RasterOptions
from redact.processes.frames import BadFrame, read_frame
from redact.sandbox import DecodedAttachment, Decoder, LocalDecoder, Sandbox, choose_decoder
from redact.sandbox.answers import read_issues, read_leaks, read_page, write_json
from redact.values import PageMasks, PageScreening, Severity, Status

LOCAL = LocalDecoder()
SPELLINGS = spell(Name.parse("张伟", ["second page"]))


def open_(decoder: Decoder, source: Path | bytes, limits: IntakeLimits = IntakeLimits()) -> DecodedAttachment:
    return decoder.open(source, limits=limits, raster=RasterOptions())


@pytest.fixture(scope="module", params=FORKS, ids=lambda fork: "forked" if fork else "plain")
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    sandbox = Sandbox(fork=request.param)
    yield sandbox
    sandbox.close()


def or_error(work: Callable[[], bytes]) -> bytes | tuple[Any, ...]:
    try:
        return work()
    except AttachmentError as error:
        return type(error), error.detail, error.page_index


def use_everything(decoder: Decoder, content: bytes) -> dict[str, Any]:
    """All that can be had of an upload."""
    with open_(decoder, content) as attachment:
        pages = list(attachment.pages())
        masks = [PageMasks(p.index, p.width, p.height, (Box(30, 25, 200, 60),)) for p in pages]
        turned = [PageScreening(p.index, p.width, p.height, p.dpi, 90, 0.9, 0.0) for p in pages]
        tilted = [dataclasses.replace(page, rotation=0, skew_deg=2.0) for page in turned]
        return {
            "head": (attachment.content, attachment.media_type, attachment.page_count, attachment.sha256),
            "pages": [(p.index, p.dpi, p.runs) for p in pages],
            "pixels": [p.pixels for p in pages],
            "masked": or_error(lambda: attachment.mask(masks)),
            "turned": or_error(lambda: attachment.straighten(turned)),
            "tilted": or_error(lambda: attachment.straighten(tilted)),
            "found": attachment.find_in_bytes(SPELLINGS),
            "warnings": attachment.warnings,
        }


@pytest.mark.parametrize("kind", every_kind())
def test_every_kind_of_file_gives_the_same(kind: str, sandbox: Sandbox) -> None:
    content = every_kind()[kind]
    inside, here = use_everything(sandbox, content), use_everything(LOCAL, content)
    for ours, theirs in zip(inside.pop("pixels"), here.pop("pixels"), strict=True):
        assert ours.dtype == np.uint8 and ours.flags.c_contiguous
        assert np.array_equal(ours, theirs)
    assert inside == here
    if "end marker" not in kind:
        assert isinstance(inside["masked"], bytes) and inside["masked"] != content


def test_a_pdfs_text_layer_comes_along(sandbox: Sandbox) -> None:
    with open_(sandbox, every_kind()["pdf"]) as attachment:
        first, second = attachment.pages()
        assert attachment.find_in_bytes(SPELLINGS), "the name in a stream"
    assert "".join(run.text for run in first.runs).startswith("a text layer")
    assert all(len(run.boxes) == len(run.text) for run in first.runs + second.runs)
    assert 0 < first.runs[0].boxes[0].x0 < first.width


def test_a_misleading_extension_is_told(sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "张伟.pdf"
    path.write_bytes(every_kind()["png"])
    with open_(sandbox, path) as inside, open_(LOCAL, path) as here:
        assert inside.warnings == here.warnings
        assert [issue.code for issue in inside.warnings] == ["wrong_type"]


def test_what_is_no_file_is_told_without_a_worker(sandbox: Sandbox, tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nothing"):
        with pytest.raises(NotAFile):
            open_(sandbox, path)


def outcome(decoder: Decoder, content: bytes) -> tuple[Any, ...]:
    read = 0
    try:
        with open_(decoder, content) as attachment:
            for _ in attachment.pages():
                read += 1
            return read, attachment.warnings
    except AttachmentError as error:
        return read, type(error), error.code, error.page_index, error.detail


# Once is enough: without the sandbox they are in ``intake/test_openability.py``.
COSTLY = (*FRAME_BOMBS, *PAGE_BOMBS, *DEPTH_BOMBS)


@pytest.fixture(scope="module")
def forking() -> Iterator[Sandbox]:
    sandbox = Sandbox()
    yield sandbox
    sandbox.close()


@pytest.mark.parametrize("case", [case for case in CASES if not case.long and (case.error or case.warning)], ids=str)
def test_every_broken_file_is_refused_for_the_same_reason(case: Case, forking: Sandbox) -> None:
    content = case.build()
    found = outcome(forking, content)
    if case.error:
        assert found[2] == case.error
    if case not in COSTLY:
        assert found == outcome(LOCAL, content)


# Reading the largest that are let through is in ``intake/test_openability.py``; here, that a worker's memory is enough for them.
@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited on Linux")
def test_the_largest_photo_can_be_masked_in_a_worker(forking: Sandbox) -> None:
    (case,) = (case for case in LARGEST if case.name == "largest jpeg, turned")
    with open_(forking, case.build()) as attachment:
        page = attachment.page(0)
        assert attachment.mask([PageMasks(0, page.width, page.height, (Box(0, 0, 50, 50),))])


# --- through the redactor -----------------------------------------------------------------------------------------------

TEXT = (write("兹证明张伟同志参加继续教育培训", 80, 80), write("考核成绩合格准予结业特此证明", 80, 160))


def picture(kind: str) -> bytes:
    import io

    out = io.BytesIO()
    Image.fromarray(draw_written(900, 500, *TEXT)).save(out, kind)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "PDF"])
def test_a_redactor_gives_the_same_report_and_file(kind: str) -> None:
    content = picture(kind)
    results = [Redactor(reader=FakeReader(*TEXT), sandbox=on).redact(content, name="张伟") for on in (True, False)]
    assert results[0].output == results[1].output
    assert results[0].output is not None or kind == "PDF"
    reports = [dataclasses.replace(result.report, timings_s={}) for result in results]
    assert reports[0] == reports[1]


def test_redactors_share_one_sandbox_and_may_bring_their_own() -> None:
    assert choose_decoder(True) is choose_decoder(True)
    assert isinstance(choose_decoder(True), Sandbox) and isinstance(choose_decoder(False), LocalDecoder)
    assert choose_decoder(LOCAL) is LOCAL


def test_a_page_that_costs_its_worker_is_that_pages_issue_and_the_next_upload_is_fine() -> None:
    sandbox = hostile_sandbox(fork=FORKS[0])
    redactor = Redactor(reader=FakeReader(), sandbox=sandbox)
    crashed = redactor.redact(b"pages=3;page1=exit", name="张伟").report
    assert crashed.status is Status.REJECTED
    (issue,) = [issue for page in crashed.pages for issue in page.issues if issue.severity is Severity.REJECT and page.width == 0]
    assert (issue.code, issue.page_index) == ("unopenable", 1)
    assert [page.width for page in crashed.pages] == [5, 0, 5]
    hanging = redactor.screen(b"pages=1;page0=hang")
    assert [i.code for page in hanging.pages for i in page.issues] == ["too_large"]
    assert redactor.redact(b"open=exit;", name="张伟").report.issues[0].code == "unopenable"
    assert redactor.screen(b"pages=1").pages[0].width == 5
    sandbox.close()


def test_a_crash_while_masking_or_verifying_rejects_the_file() -> None:
    sandbox = hostile_sandbox(fork=FORKS[0])
    redactor = Redactor(reader=FakeReader(), sandbox=sandbox)
    for script in (b"mask=exit;", b"output=hostile;"):
        result = redactor.redact(script, name="张伟", accept_poor=True)
        assert result.output is None
        assert result.report.status is Status.REJECTED
        assert [issue.code for issue in result.report.issues] == ["unopenable"]
    assert redactor.verify(b"find=exit;", name="张伟").status is Status.REJECTED
    sandbox.close()


# --- what a worker that was taken over could say ------------------------------------------------------------------------


class Pipe:
    def __init__(self, said: bytes) -> None:
        self._said = said

    def readinto(self, buffer: memoryview) -> int:
        part, self._said = self._said[: len(buffer)], self._said[len(buffer) :]
        buffer[: len(part)] = part
        return len(part)


def frame(head: bytes, body: int = 0, *, claims: int | None = None) -> bytes:
    size = len(head) if claims is None else claims
    return size.to_bytes(4, "big") + body.to_bytes(8, "big") + head


@pytest.mark.parametrize(
    "said",
    [
        frame(b"{}", 101),
        frame(b"{}", 1 << 60),
        frame(b"{}", claims=1 << 31),
        frame(b"{}")[:7],
        frame(b"{}", 5),
        frame(b"{}", claims=9),
    ],
)
def test_frames_that_are_too_large_or_end_early_are_refused_before_memory_is_taken(said: bytes) -> None:
    with pytest.raises((BadFrame, EOFError)):
        read_frame(Pipe(said), most_body=100)


PAGE = {"width": 2, "height": 2, "dpi": 0.0, "runs": []}


@pytest.mark.parametrize(
    "change",
    [
        {"width": 3},
        {"width": -2, "height": -2},
        {"width": 0, "height": 0},
        {"width": 1 << 40},
        {"dpi": None},
        {"runs": [["a"]]},
        {"runs": [["abc", False]]},
        {"runs": 7},
        {"height": None},
    ],
)
def test_a_page_that_does_not_add_up_is_refused(change: dict[str, Any]) -> None:
    body = np.zeros(12, np.uint8)
    assert read_page(PAGE, body, 0).pixels.shape == (2, 2, 3)
    with pytest.raises(BadFrame):
        read_page(PAGE | change, body, 0)


def test_boxes_that_are_none_and_codes_that_nobody_knows_are_refused() -> None:
    backwards = np.array([5.0, 5.0, 1.0, 1.0]).view(np.uint8)
    with pytest.raises(BadFrame):
        read_page(PAGE | {"runs": [["a", False]]}, np.concatenate([np.zeros(12, np.uint8), backwards]), 0)
    for rows in ([["张伟", "warn", 0]], [["unopenable", "loud", 0]], [["unopenable", "warn", "0"]], 5, None):
        with pytest.raises(BadFrame):
            read_issues(rows)
    for channels in (["张伟"], "metadata", [1], None):
        with pytest.raises(BadFrame):
            read_leaks(channels)


@pytest.mark.parametrize("fork", FORKS)
@pytest.mark.parametrize(
    "head", [b"[]", b"\xff", b"{", write_json(error="none", detail="x"), write_json(media_type="exe", page_count=1)]
)
def test_an_answer_without_sense_costs_the_worker_and_is_a_file_that_cannot_be_opened(
    head: bytes, fork: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox = hostile_sandbox(fork=fork)
    real = read_frame

    def lie(reader: Any, *, most_body: int) -> Any:
        return head, real(reader, most_body=most_body)[1]

    with monkeypatch.context() as patch:
        patch.setattr("redact.sandbox.attachment.read_frame", lie)
        with pytest.raises(AttachmentError) as caught:
            open_(sandbox, b"pages=1;")
        assert caught.value.code == "unopenable"
    with open_(sandbox, b"pages=1;") as fine:
        assert fine.page(0).width == 5
    sandbox.close()


def test_a_detail_that_quotes_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    from redact.sandbox.answers import raise_error

    with pytest.raises(AttachmentError) as caught:
        raise_error({"error": "truncated", "detail": "张伟", "page_index": 2}, None)
    assert (caught.value.code, caught.value.detail, caught.value.page_index) == ("truncated", "", 2)

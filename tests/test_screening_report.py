"""The screening report's JSON is a contract: other programs read it."""

from __future__ import annotations

import json

import pytest

from redact.errors import Truncated
from redact.geometry import Quad
from redact.report import Report
from redact.screening_report import ScreeningReport, reject_upload
from redact.values import Issue, MediaType, PageScreening, Severity, Status, Verdict

SHA = "ab" * 32
SKEWED = Issue("skewed", Severity.WARN, 0, None, 4.25, 3.0)


def make_report(*pages: PageScreening, issues: tuple[Issue, ...] = ()) -> ScreeningReport:
    return ScreeningReport(
        source="张三/b.pdf",
        source_sha256=SHA,
        media_type=MediaType.PDF,
        pages=pages,
        issues=issues,
        timings_s={"read": 0.41234},
        models={"recognition": SHA},
    )


def test_a_full_report_is_the_json_of_the_contract() -> None:
    page = PageScreening(
        page_index=0,
        width=1654,
        height=2339,
        dpi=200.04,
        rotation=90,
        rotation_confidence=0.98765,
        skew_deg=4.25,
        legibility=0.99,
        text_px=31.5,
        sheet=Quad(((10.04, 20.0), (1600.0, 22.0), (1598.0, 2300.0), (12.0, 2296.0))),
        issues=(SKEWED,),
    )
    report = make_report(page, issues=(Issue("wrong_type", Severity.WARN),))
    told = report.to_dict()
    wrong_type, skewed = told["issues"]
    assert (wrong_type["code"], wrong_type["page_index"]) == ("wrong_type", None)
    assert skewed["message"] and skewed["advice"]
    assert {k: v for k, v in skewed.items() if k not in ("message", "advice")} == {
        "code": "skewed",
        "severity": "warn",
        "page_index": 0,
        "box": None,
        "value": 4.25,
        "threshold": 3.0,
    }
    assert told == {
        "schema": "redact.screening/1",
        "source": "张三/b.pdf",
        "source_sha256": SHA,
        "media_type": "application/pdf",
        "status": "done",
        "pages": [
            {
                "page_index": 0,
                "width": 1654,
                "height": 2339,
                "dpi": 200.04,
                "rotation": 90,
                "rotation_confidence": 0.9877,
                "skew_deg": 4.25,
                "mirrored": False,
                "legibility": 0.99,
                "text_height_px": 31.5,
                "sheet": [[10.0, 20.0], [1600.0, 22.0], [1598.0, 2300.0], [12.0, 2296.0]],
                "issues": [skewed],
            }
        ],
        "issues": [wrong_type, skewed],
        "output": None,
        "timings_s": {"read": 0.412},
        "models": {"recognition": SHA},
    }


def test_an_issue_is_told_in_the_same_words_as_in_a_masking_report() -> None:
    masking = Report(source="", source_sha256=SHA, media_type="", status=Status.REVIEW, verdict=Verdict.REVIEW, issues=(SKEWED,))
    for lang in ("zh", "en"):
        assert make_report(issues=(SKEWED,)).to_dict(lang)["issues"] == masking.to_dict(lang)["issues"]


@pytest.mark.parametrize("severity", Severity)
@pytest.mark.parametrize("of_the_file", [True, False])
def test_any_issue_to_reject_for_rejects_the_attachment_and_no_warning_does(severity: Severity, of_the_file: bool) -> None:
    issue = (Issue("blurred", severity, 0),)
    page = PageScreening(0, 10, 10, 0.0, 0, 1.0, 0.0, issues=() if of_the_file else issue)
    report = make_report(page, issues=issue if of_the_file else ())
    assert report.status is (Status.REJECTED if severity is Severity.REJECT else Status.DONE)


def test_what_is_not_known_is_null_and_a_page_without_pixels_has_no_size() -> None:
    page = PageScreening(1, 0, 0, 0.0, 0, 0.0, 0.0, issues=(Issue("truncated", Severity.REJECT, 1),))
    (told,) = make_report(page).to_dict()["pages"]
    assert (told["width"], told["height"]) == (0, 0)
    assert [told[key] for key in ("dpi", "legibility", "text_height_px", "sheet")] == [None] * 4


def test_json_is_one_line_with_readable_chinese() -> None:
    report = ScreeningReport(
        source=b"\xff.jpg".decode("utf-8", "surrogateescape"), source_sha256=SHA, media_type="", issues=(SKEWED,)
    )
    line = report.to_json()
    line.encode("utf-8")
    assert "\n" not in line and "歪" in line
    assert json.loads(line)["schema"] == "redact.screening/1"


def test_a_file_that_does_not_open_is_rejected_and_told_why() -> None:
    report = reject_upload(Truncated("libjpeg says so", page_index=2), source="a.jpg", source_sha256=SHA)
    assert report.status is Status.REJECTED
    (issue,) = report.to_dict()["issues"]
    assert (issue["code"], issue["severity"], issue["page_index"]) == ("truncated", "reject", 2)
    assert "libjpeg" not in report.to_json()

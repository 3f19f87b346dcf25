"""The report's JSON is a contract: other programs read it."""

from __future__ import annotations

import json
import math

import pytest

from redact.errors import Encrypted
from redact.geometry import Box, Quad
from redact.report import Report, VerifyReport, reject
from redact.values import (
    Hit,
    Issue,
    Leak,
    MediaType,
    PageReport,
    Reason,
    Severity,
    Status,
    Verdict,
)

SHA = "ab" * 32


def make_report(**changes: object) -> Report:
    values: dict[str, object] = {
        "source": "a/b.pdf",
        "source_sha256": SHA,
        "media_type": MediaType.PDF,
        "status": Status.REVIEW,
        "verdict": Verdict.REVIEW,
    }
    return Report(**(values | changes))  # type: ignore[arg-type]


def test_a_full_report_is_the_json_of_the_contract() -> None:
    page = PageReport(
        page_index=0,
        width=1654,
        height=2339,
        rotation=90,
        verdict=Verdict.REVIEW,
        hits=(Hit((Quad.from_box(Box(10.4, 20.6, 30.2, 40.0)),), math.log(0.97), "line"),),
        masks=(Box(8.1, 18.9, 33.5, 42.2),),
        reasons=(Reason("uncertain_hit", Box(1.5, 2.5, 3.5, 4.5)), Reason("small_text")),
        issues=(Issue("skewed", Severity.WARN, 0, None, 4.25, 3.0),),
    )
    report = make_report(
        pages=(page,),
        issues=(Issue("wrong_type", Severity.WARN),),
        output="review/b.pdf",
        timings_s={"ocr": 0.41234},
        models={"recognition": SHA},
    )
    assert report.to_dict() == {
        "schema": "redact.report/1",
        "source": "a/b.pdf",
        "source_sha256": SHA,
        "media_type": "application/pdf",
        "status": "review",
        "mask_required": "复核",
        "pages": [
            {
                "page_index": 0,
                "width": 1654,
                "height": 2339,
                "rotation": 90,
                "mask_required": "复核",
                "hits": [{"boxes": [[10, 20, 31, 40]], "score": 0.97, "rule": "line"}],
                "masks": [[8, 18, 34, 43]],
                "reasons": [
                    {"code": "uncertain_hit", "message": "此处像是姓名，但不能确定。", "box": [1, 2, 4, 5]},
                    {"code": "small_text", "message": "文字太小，识别不可靠。", "box": None},
                ],
                "issues": [
                    {
                        "code": "skewed",
                        "severity": "warn",
                        "page_index": 0,
                        "box": None,
                        "value": 4.25,
                        "threshold": 3.0,
                        "message": "页面有些歪斜。",
                        "advice": "最好摆正后重新扫描；用命令行的可加 redact screen --upright 校正。",
                    }
                ],
            }
        ],
        "issues": [
            {
                "code": "wrong_type",
                "severity": "warn",
                "page_index": None,
                "box": None,
                "value": None,
                "threshold": None,
                "message": "扩展名与文件内容不符，已按实际内容打开。",
                "advice": "请改成与内容一致的扩展名，以免别人打不开。",
            }
        ],
        "leaks": [],
        "output": "review/b.pdf",
        "timings_s": {"ocr": 0.412},
        "models": {"recognition": SHA},
    }


def test_json_is_one_line_with_readable_chinese_and_plain_numbers() -> None:
    report = make_report(issues=(Issue("blurred", Severity.REJECT, 0, None, float("nan"), float("inf")),))
    line = report.to_json()
    assert "\n" not in line and "复核" in line
    issue = json.loads(line)["issues"][0]
    assert issue["value"] is None and issue["threshold"] is None


def test_a_file_name_that_is_no_unicode_still_gives_a_report() -> None:
    report = make_report(source=b"\xff\xfe.jpg".decode("utf-8", "surrogateescape"))
    report.to_json().encode("utf-8")


def test_wording_follows_the_language_and_codes_do_not() -> None:
    report = make_report(issues=(Issue("blurred", Severity.REJECT),))
    zh, en = report.to_dict("zh")["issues"][0], report.to_dict("en")["issues"][0]
    assert zh["code"] == en["code"]
    assert zh["message"] != en["message"] and zh["advice"] != en["advice"]


@pytest.mark.parametrize(
    "contradiction",
    [
        {"status": Status.DONE, "verdict": Verdict.REVIEW},
        {"status": Status.DONE, "verdict": Verdict.REQUIRED, "leaks": (Leak("pixels", 0),)},
        {"status": Status.DONE, "verdict": Verdict.NOT_REQUIRED, "issues": (Issue("blurred", Severity.REJECT, 0),)},
        {"status": Status.REVIEW, "leaks": (Leak("pixels", 0),), "output": "a.pdf"},
        {"status": Status.REJECTED, "output": "a.pdf"},
        {"status": Status.REJECTED, "verdict": Verdict.NOT_REQUIRED},
    ],
)
def test_a_report_that_contradicts_itself_cannot_be_made(contradiction: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        make_report(**contradiction)


def test_a_file_that_cannot_be_opened_is_rejected_and_never_called_free_of_the_name() -> None:
    report = reject(Encrypted("needs a password"), source="a.pdf", source_sha256=SHA)
    assert report.status is Status.REJECTED
    assert report.mask_required is Verdict.REVIEW
    assert [i["code"] for i in report.to_dict()["issues"]] == ["encrypted"]
    assert "needs a password" not in report.to_json()


def test_the_verify_report_is_the_json_of_its_schema() -> None:
    report = VerifyReport(
        source="a.pdf", source_sha256=SHA, status=Status.REVIEW, leaks=(Leak("text_layer", 1, Box(1, 2, 3, 4), 0.0),)
    )
    assert json.loads(report.to_json()) == {
        "schema": "redact.verify/1",
        "source": "a.pdf",
        "source_sha256": SHA,
        "status": "review",
        "leaks": [{"channel": "text_layer", "page_index": 1, "box": [1, 2, 3, 4], "score": 1.0}],
    }
    with pytest.raises(ValueError):
        VerifyReport(source="a.pdf", source_sha256=SHA, status=Status.DONE, leaks=report.leaks)

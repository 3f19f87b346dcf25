"""Whether a code names the applicant, may lead to them, or has nothing to do with anybody."""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest

from redact.codes import Code, judge_codes
from redact.geometry import Box, Quad
from redact.search import Query
from redact.values import Severity

QUAD = Quad.from_box(Box(100, 100, 200, 200))
QUERY = Query.make("欧阳小明")


def judge(content: bytes | None, *, text: str | None = None, kind: str = "matrix") -> str:
    said = text if text is not None else (content or b"").decode("utf-8", "replace")
    found = judge_codes([Code(QUAD, kind, content, said)], QUERY.spellings, 3)
    if not found.hits:
        assert found.issues == found.reasons == ()
        return "harmless"
    (hit,) = found.hits
    assert hit.rule == "machine_code"
    assert hit.quads[0].box == Box(92, 92, 208, 208), "the padding around it"
    if hit.sure:
        assert found.issues == found.reasons == ()
        return "name"
    (issue,), (reason,) = found.issues, found.reasons
    assert (issue.code, issue.severity, issue.page_index, issue.box) == ("machine_code", Severity.WARN, 3, QUAD.box)
    assert reason.box == QUAD.box and reason.code == hit.reason
    return {"machine_code": "person", "machine_code_unread": "unread"}[reason.code]


VCARD = "BEGIN:VCARD\r\nVERSION:3.0\r\nN:欧阳;小明\r\nFN:欧阳小明\r\nEND:VCARD"
HOLDS_NAME = {
    "utf-8": "姓名：欧阳小明；证书编号：20260731001".encode(),
    "gb18030": "欧阳小明".encode("gb18030"),
    "utf-16": "欧阳小明".encode("utf-16-le"),
    "traditional": "歐陽小明".encode(),
    "pinyin": b"NAME=OUYANG XIAOMING;NO=1234567",
    "percent, utf-8": f"https://www.example.org/v?xm={quote('欧阳小明')}&no=77".encode(),
    "percent, gbk": f"https://www.example.org/v?xm={quote('欧阳小明'.encode('gbk'))}".encode(),
    "hex": "欧阳小明".encode().hex().encode(),
    "vcard": VCARD.encode(),
    "vcard, quoted-printable": b"BEGIN:VCARD\r\nFN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:"
    + "".join(f"={b:02X}" for b in "欧阳小明".encode()).encode()
    + b"\r\nEND:VCARD",
    "mecard": "MECARD:N:欧阳小明;TEL:00000000;;".encode(),
    "base64": base64.b64encode("姓名：欧阳小明".encode()),
    "base64, in an address": b"https://www.example.org/v/" + base64.urlsafe_b64encode("姓名：欧阳小明".encode()).rstrip(b"="),
    "base64, percent, in an address": b"https://www.example.org/v?d="
    + quote(base64.b64encode("姓名：欧阳小明".encode()), safe="").encode(),
}  # fmt: skip


@pytest.mark.parametrize("form", HOLDS_NAME)
def test_a_code_that_holds_the_name_is_masked_for_certain(form: str) -> None:
    assert judge(HOLDS_NAME[form]) == "name"


@pytest.mark.parametrize(
    "content",
    [
        b"https://www.chsi.com.cn/xlcx/bg.do?vcode=A1B2C3D4E5F6G7H8",
        b"http://example.org/a",
        b"110101199003070000",
        b"20260731001",
        b"opaque \x00\xff\xfe bytes",
        "姓名：欧阳小红".encode(),
    ],
)
def test_a_code_that_may_lead_to_the_person_is_for_a_person_to_judge(content: bytes) -> None:
    assert judge(content, kind="bars" if content.isdigit() else "matrix") == "person"


def test_a_code_that_cannot_be_decoded_is_for_a_person_to_judge() -> None:
    assert judge(None) == "unread"


@pytest.mark.parametrize(
    ("content", "kind"), [(b"9787300000015", "retail"), (b"12345670", "retail"), (b"000123", "bars"), (b"7", "matrix")]
)
def test_a_product_or_the_number_of_a_form_is_no_question(content: bytes, kind: str) -> None:
    assert judge(content, kind=kind) == "harmless"


def test_seven_digits_are_a_question_whatever_script_they_are_in() -> None:
    assert judge(b"1234567", kind="bars") == "person"
    assert judge("１２３".encode()) == "person", "full-width digits are no form number that a machine prints"


def test_an_unsure_spelling_in_a_code_is_left_to_a_person() -> None:
    assert judge(b"Ouyang X.", text="Ouyang X.") == "person"


def test_nested_wrapping_has_an_end() -> None:
    raw = "欧阳小明".encode()
    for _ in range(9):
        raw = base64.b64encode(raw)
    assert judge(raw) == "person"

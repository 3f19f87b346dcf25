"""Labels beside which a name or a signature stands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redact.names.anchors import ANCHORS, find_anchors


def labels(text: str) -> list[tuple[str, str, bool]]:
    return [(text[m.start : m.end], m.anchor.text, m.anchor.own) for m in find_anchors(text)]


@pytest.mark.parametrize(
    ("text", "label", "anchor", "own"),
    [
        ("承诺人（签名）：张三", "承诺人（签名）：", "承诺人", True),
        ("承 诺 人 ：  ", "承 诺 人 ：", "承诺人", True),
        ("承诺人张三", "承诺人", "承诺人", True),
        ("承诺人（签字、按手印）：", "承诺人（签字、按手印）：", "承诺人", True),
        ("申请人（承诺人）签字：", "申请人（承诺人）签字：", "申请人", True),
        ("本人（签字）:", "本人（签字）:", "本人", True),
        ("本 人 签 名 ：", "本 人 签 名 ：", "本人签名", True),
        ("本人签字", "本人签字", "本人签字", True),
        ("签名___________", "签名___________", "签名", True),
        ("被考核人签名：     年 月 日", "被考核人签名：", "被考核人", True),
        ("学员：张三", "学员：", "学员", True),
        ("填表人:", "填表人:", "填表人", True),
        ("Signature: ", "Signature:", "Signature", True),
        ("审核人签字盖章：", "审核人签字盖章：", "审核人", False),
        ("专家组组长签字：", "专家组组长签字：", "专家组组长", False),
        ("校长 李四", "校长", "校长", False),
        ("考核人：", "考核人：", "考核人", False),
    ],
)
def test_a_label_of_a_signature(text: str, label: str, anchor: str, own: bool) -> None:
    assert labels(text) == [(label, anchor, own)]
    assert find_anchors(text)[0].anchor.kind == "signature"


@pytest.mark.parametrize(
    "text", ["姓名", "姓  名", "姓名：", "姓名张三性别男", "姓 名 张三", "姓名买买提·艾力", "Name: ", "申请人姓名："]
)
def test_a_label_of_the_name(text: str) -> None:
    [match] = find_anchors(text)
    assert match.anchor.kind == "name" and match.anchor.own


def test_names_of_others() -> None:
    assert [m.anchor.own for m in find_anchors("联系人姓名：    负责人姓名：")] == [False, False]


@pytest.mark.parametrize(
    "text",
    [
        "申请人应当如实填写",
        "申请人签字后生效",
        "本人承诺以上内容真实",
        "以上由本人",
        "个人总结",
        "主任王伟",
        "领导意见",
        "学生成绩",
        "filename: x",
        "",
        "张三",
        "审核人员须知",
    ],
)
def test_the_same_words_in_prose_are_no_labels(text: str) -> None:
    assert find_anchors(text) == ()


def test_a_bare_label_after_an_official_is_the_official_s() -> None:
    assert labels("审核人：   签名：") == [("审核人：", "审核人", False), ("签名：", "签名", False)]
    assert labels("承诺人：   签名：")[-1] == ("签名：", "签名", True)
    assert labels("单位负责人（签字）：  申请人：  签名：")[-1] == ("签名：", "签名", True)


def test_several_labels_in_one_line_stay_apart() -> None:
    assert labels("作者签名：  导师签名：  日期") == [("作者签名：", "作者", True), ("导师签名：", "导师", False)]


def test_the_table_has_every_word_once() -> None:
    texts = [a.text for a in ANCHORS]
    assert len(texts) == len(set(texts)) > 150


@given(st.sampled_from(ANCHORS), st.data())
def test_every_anchor_is_found_with_a_colon_however_spaced_and_wide(anchor: object, data: st.DataObject) -> None:
    from redact.names.anchors import Anchor

    assert isinstance(anchor, Anchor)
    spaced = "".join(c + data.draw(st.text(st.sampled_from(" \u3000"), max_size=3)) for c in anchor.text).rstrip()
    written = spaced + data.draw(st.sampled_from([":", "：", " ：", "（签名）：", "(签字):"]))
    [match] = find_anchors("， " + written + " ")
    assert (match.start, match.end, match.anchor) == (2, 2 + len(written), anchor)

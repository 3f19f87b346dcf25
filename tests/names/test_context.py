"""Whether a name that was found stands there as a name. Templates of the documents' own wording, crossed with names."""

from __future__ import annotations

from collections import Counter
from itertools import product

import pytest

from redact.names.context import Surroundings, judge
from redact.names.name import Name

ALONE, OTHER, UNSURE = Surroundings.ALONE, Surroundings.OTHER, Surroundings.UNSURE

NAMES = [
    "王伟",
    "张三",
    "李文明",
    "马丽",
    "欧阳小明",
    "陈国庆",
    "刘洋",
    "张建军",
    "于洋",
    "何平",
    "任静",
    "时光",
    "买买提·艾力",
    "扎西多吉",
    "邓小云",
    "唐玲",
    "夏明",
    "和平",
]
# Names that are words, too.
WORDS = ["高峰", "文明", "平安", "万方", "温度", "向阳", "周全", "方正", "黄河", "白云", "程序", "安静"]
STANDING_ALONE = [
    "兹证明{}同志自",
    "姓名{}性别男",
    "学生{}，男",
    "授予{}工程师",
    "{}于1990年",
    "聘任{}为",
    "同意{}申报",
    "承诺人{}",
    "作者{}",
    "主任{}说",
    "{}等",
    "由{}主持",
    "李四、{}",
    "{}、李四",
    "{}同志",
    "{}的",
    "经{}申请",
    "{}参加了继续教育",
    "{}毕业于",
    "任命{}为校长",
    "{}老师",
    "{}，男，1980年",
    "（{}）",
    "{}在我校学习",
    "北京大学{}",
    "{}身份证号",
    "第一作者{}",
    "{}已完成",
    "准予{}毕业",
    "{}现任职",
    "祝贺{}荣获",
    "学员{}参加",
    "{}高级工程师",
    "兹聘请{}同志",
    "负责人{}",
    "{}系我单位职工",
    "本人{}承诺",
    "{}具有",
    "经考核{}符合",
    "姓名{}",
    "{}性别",
    "教师{}在",
    "我校{}老师",
    "公司职工{}",
    "给予{}表彰",
    "{}和李四",
    "李四和{}",
    "对{}的考核",
    "{}获一等奖",
    "{}东北大学",
    "{}山东大学",
    "{}国家级",
    "{}文学院",
    "{}明确",
    "{}光荣",
    "{}永远",
    "授予{}讲师资格",
    "{}汉族",
    "1{}男汉族",
    "主要完成人{}、李四",
    "姓名：{}女",
    "作者：{}，李四",
    "{}生于",
    "{}自愿",
    "{}近五年",
    "{}任职以来",
    "{}该同志",
    "{}华东师范大学",
    "、{}等、",
    "、{}和李四、",
    "{}男",
    "{}女",
]
# Two names of a list with nothing between.
RUN_TOGETHER = ["{}李四", "张三{}", "{}王芳", "李强{}"]

PART_OF_OTHER = [
    ("王伟", "{}东"),
    ("王伟", "{}东同志"),
    ("王伟", "、{}东、"),
    ("王伟", "授予{}民工程师"),
    ("王伟", "{}国同志"),
    ("王伟", "{}明，女"),
    ("马丽", "{}丽"),
    ("马丽", "{}丽参加"),
    ("马丽", "{}娜"),
    ("马丽", "{}娅同志"),
    ("李明", "{}华"),
    ("李明", "{}华同志参加"),
    ("张建", "{}军"),
    ("张建", "{}军同志"),
    ("陈国", "{}庆"),
    ("李强", "{}国"),
    ("王芳", "{}芳"),
    ("于洋", "{}洋"),
    ("刘洋", "{}洋"),
    ("文明", "李{}"),
    ("文明", "李{}同志"),
    ("建军", "张{}"),
    ("国庆", "陈{}"),
    ("向阳", "李{}"),
    ("阳小明", "欧{}"),
    ("张伟", "{}东李强"),
    ("文明", "精神{}建设"),
    ("文明", "物质{}和"),
    ("文明", "{}单位"),
    ("文明", "{}施工"),
    ("文明", "生态{}建设"),
    ("温度", "{}计"),
    ("温度", "{}传感器"),
    ("温度", "室内{}"),
    ("温度", "高{}"),
    ("温度", "{}变化"),
    ("平安", "{}银行"),
    ("平安", "{}保险公司"),
    ("平安", "{}夜"),
    ("平安", "中国{}保险"),
    ("高峰", "{}论坛"),
    ("高峰", "{}期"),
    ("高峰", "早{}"),
    ("高峰", "攀登科学{}"),
    ("万方", "{}数据"),
    ("万方", "{}数据库"),
    ("向阳", "{}小学"),
    ("向阳", "{}路"),
    ("张三", "{}丰"),
    ("张三", "一{}寸照片"),
    ("白云", "{}机场"),
    ("白云", "{}山"),
    ("白云", "{}区"),
    ("黄河", "{}大桥"),
    ("黄河", "{}流域"),
    ("方正", "{}集团"),
    ("国庆", "{}节"),
    ("王小", "{}明"),
    ("卓玛", "央金{}"),
    ("买买提·艾力", "{}江"),
    ("方正", "公平{}"),
    ("周全", "考虑{}"),
    ("多吉", "扎西{}"),
]


def place(name: str, template: str, whole: bool = True) -> Surroundings:
    left, right = template.split("{}")
    return judge(left, name, right, name=Name.parse(name), cell_is_whole=whole)


def test_a_name_that_stands_alone_is_never_taken_for_part_of_another() -> None:
    cases = [(n, t, whole) for n, t, whole in product(NAMES + WORDS, STANDING_ALONE + RUN_TOGETHER, (True, False))]
    verdicts = {case: place(*case) for case in cases}
    assert len(cases) > 4000
    assert [case for case, verdict in verdicts.items() if verdict is OTHER] == []
    assert sum(v is UNSURE for v in verdicts.values()) <= 0.05 * len(cases)


@pytest.mark.parametrize("template", STANDING_ALONE)
@pytest.mark.parametrize("name", ["王伟", "张三", "欧阳小明", "买买提·艾力"])
def test_a_name_that_is_no_word_is_told_in_every_wording(name: str, template: str) -> None:
    assert place(name, template) is ALONE


def test_part_of_another_name_or_of_a_word_is_seldom_masked() -> None:
    verdicts = Counter(place(name, template) for name, template in PART_OF_OTHER)
    assert verdicts[ALONE] <= 0.1 * len(PART_OF_OTHER)
    assert verdicts[OTHER] >= 0.75 * len(PART_OF_OTHER)


@pytest.mark.parametrize(
    ("name", "template"),
    [
        ("王伟", "{}东"),
        ("马丽", "{}丽"),
        ("文明", "李{}"),
        ("文明", "精神{}建设"),
        ("温度", "{}计"),
        ("平安", "{}银行"),
        ("高峰", "{}论坛"),
        ("万方", "{}数据"),
        ("张三", "一{}寸照片"),
    ],
)
def test_part_of_another_name_or_of_a_word(name: str, template: str) -> None:
    assert place(name, template) is OTHER


@pytest.mark.parametrize("surname", list("王李张刘陈杨赵黄周吴"))
@pytest.mark.parametrize("more", list("东明华国军平强文林海"))
def test_a_longer_name_in_a_cell_of_its_own_is_another_person(surname: str, more: str) -> None:
    assert place(f"{surname}伟", "{}" + more) is OTHER


@pytest.mark.parametrize("template", ["姓名{}东", "李四、{}东"])
def test_a_stray_character_at_the_end_of_a_line_may_begin_a_word_of_the_next(template: str) -> None:
    assert place("王伟", template, whole=False) is not ALONE


def test_traditional_characters_and_a_misread_hit_are_judged_alike() -> None:
    assert judge("精神", "文朋", "建設", name=Name.parse("文明"), cell_is_whole=False) is OTHER
    assert judge("", "王偉", "東", name=Name.parse("王伟"), cell_is_whole=True) is OTHER


@pytest.mark.parametrize(
    ("left", "hit", "right", "expected"),
    [
        ("", "买买提", "·吐尔逊", OTHER),
        ("", "买买提", "·艾九", UNSURE),
        ("", "买买提·艾力", "·肉孜", UNSURE),
        ("阿·", "买买提·艾力", "", UNSURE),
        ("", "买买提", "同志", ALONE),
        ("", "买买提·艾力", "同志", ALONE),
    ],
)
def test_parts_of_minority_names(left: str, hit: str, right: str, expected: Surroundings) -> None:
    assert judge(left, hit, right, name=Name.parse("买买提·艾力"), cell_is_whole=False) is expected


@pytest.mark.parametrize(
    ("left", "hit", "right", "expected"),
    [
        ("", "Li Ming", "", ALONE),
        ("by ", "Li Ming", ", Wang", ALONE),
        ("", "Li Ming", "yu", OTHER),
        ("", "LI MING", "YU", UNSURE),
        ("", "Li Ming", "-yu", UNSURE),
        ("", "Li Ming", "Professor", ALONE),
        ("author", "Li Ming", " and others", ALONE),
        ("", "Zhang Wei", " Dong", UNSURE),
        ("", "Zhang Wei", " Dong is", ALONE),
        ("Sha", "li ming", "", UNSURE),
    ],
)
def test_latin_letters_that_touch(left: str, hit: str, right: str, expected: Surroundings) -> None:
    verdict = judge(left, hit, right, name=Name.parse("李明", ["Zhang Wei"]), cell_is_whole=False)
    assert verdict is expected or (expected is UNSURE and verdict is OTHER)

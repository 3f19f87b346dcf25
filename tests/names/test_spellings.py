"""From a name, every way in which it may be written."""

from __future__ import annotations

from itertools import pairwise

import pytest

from redact.errors import InvalidName
from redact.names.name import Name
from redact.names.spellings import MOST_SPELLINGS, Spelling, charset, spell


def writes(spelling: Spelling, text: str) -> bool:
    """Whether ``text`` is the spelling, symbol for symbol."""
    reached = {0}
    for symbol in spelling.symbols:
        reached = {at + 1 for at in reached if text[at : at + 1] in symbol.chars and at < len(text)} | (
            reached if symbol.optional else set()
        )
    return len(text) in reached


def rules(text: str, written: str, *aliases: str) -> set[tuple[str, bool]]:
    """(rule, sure) of the spellings of a name that write ``written``."""
    return {(s.rule, s.sure) for s in spell(Name.parse(text, aliases)) if writes(s, written)}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  张三 ", "张三"),
        ("张　三", "张三"),
        ("⻢丽", "马丽"),
        ("买买提 . 艾力", "买买提·艾力"),
        ("买买提・艾力", "买买提·艾力"),
        ("买买提 艾力", "买买提·艾力"),
        ("欧阳 小明", "欧阳小明"),
        ("Ｚhang  San", "Zhang San"),
        ("张\u200b三", "张三"),
    ],
)
def test_a_name_is_cleaned_of_how_it_was_typed(typed: str, kept: str) -> None:
    assert Name.parse(typed).text == kept


@pytest.mark.parametrize("typed", ["", "  ", "张", "·张", "12", "··", "张" * 61])
def test_what_is_no_name_is_refused_without_repeating_it(typed: str) -> None:
    with pytest.raises(InvalidName) as refusal:
        Name.parse(typed)
    assert "张" not in str(refusal.value)


def test_blank_and_repeated_aliases_are_dropped() -> None:
    assert Name.parse("张三", ["", " ", "张 三", "Zhang San", "Zhang San"]).aliases == ("Zhang San",)


def test_no_repr_holds_the_name() -> None:
    name = Name.parse("张三", ["Zhang San"])
    shown = repr(name) + repr(spell(name))
    assert "张" not in shown and "Zhang" not in shown


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("刘国华", "劉國華"),
        ("劉國華", "刘国华"),
        ("余峰", "余峯"),
        ("李晋", "李晉"),
        ("陈岚", "陳嵐"),
        ("于里", "于裡"),
        ("吕杰", "呂傑"),
    ],
)
def test_simplified_traditional_and_variant_glyphs_are_one_name(name: str, written: str) -> None:
    assert ("name", True) in rules(name, written)


@pytest.mark.parametrize("written", ["买买提·艾力", "买买提艾力", "买买提•艾力", "買買提．艾力", "买买提.艾力"])
def test_the_dot_of_a_minority_name_has_many_forms_and_may_be_absent(written: str) -> None:
    assert ("name", True) in rules("买买提·艾力", written)


def test_the_first_part_of_a_minority_name_is_for_a_person_to_judge() -> None:
    assert rules("买买提·艾力", "买买提") == {("first_part", False)}
    assert rules("买买提·艾力", "艾力") == set()


@pytest.mark.parametrize(
    "written",
    [
        "Zhang Weidong",
        "ZHANG WEIDONG",
        "zhang weidong",
        "Zhang Wei-dong",
        "Zhang Wei Dong",
        "Weidong Zhang",
        "ZhangWeidong",
        "Zhang,Weidong",
        "Zhāng Wěidōng",
        "WEI-DONG ZHANG",
        "Ｚｈａｎｇ Ｗｅｉｄｏｎｇ",
    ],
)
def test_pinyin_in_both_orders_any_case_with_and_without_tones(written: str) -> None:
    assert ("pinyin", True) in rules("张伟东", written)
    assert ("pinyin", True) in rules("張偉東", written)


@pytest.mark.parametrize("written", ["Zhang W.D", "Zhang WD", "WD Zhang", "W-D Zhang", "W Zhang", "Zhang W"])
def test_initials_are_for_a_person_to_judge(written: str) -> None:
    assert rules("张伟东", written) == {("pinyin_initials", False)}


def test_initials_in_small_letters_are_words() -> None:
    assert rules("马一", "Ma y") == set()


@pytest.mark.parametrize(
    ("name", "surname"),
    [
        ("单丹", "Shan"),
        ("仇丹", "Qiu"),
        ("解丹", "Xie"),
        ("查丹", "Zha"),
        ("曾丹", "Zeng"),
        ("区丹", "Ou"),
        ("尉迟丹", "Yuchi"),
        ("长孙丹", "Zhangsun"),
        ("朴丹", "Piao"),
        ("任丹", "Ren"),
        ("翟丹", "Zhai"),
        ("万俟丹", "Moqi"),
    ],
)
def test_surnames_have_readings_of_their_own(name: str, surname: str) -> None:
    assert {rule for rule, _ in rules(name, f"{surname} Dan")} == {"pinyin"}


@pytest.mark.parametrize("given", ["Le", "Yue"])
def test_a_character_with_two_readings_is_spelled_both_ways(given: str) -> None:
    assert ("pinyin", True) in rules("张乐", f"Zhang {given}")


@pytest.mark.parametrize("surname", ["Lü", "Lv", "Lu", "Lyu", "LYU", "Lǚ"])
def test_the_u_with_dots(surname: str) -> None:
    assert ("pinyin", True) in rules("吕明", f"{surname} Ming")


def test_a_short_name_run_together_is_a_word_of_another_language() -> None:
    assert rules("马丽", "Mali") == {("pinyin", False)}
    assert ("pinyin", True) in rules("马丽", "Ma Li")


@pytest.mark.parametrize("name", ["买买提·艾力", "扎西多吉", "阿不都热依木"])
def test_minority_names_have_no_pinyin_but_by_alias(name: str) -> None:
    assert not any(s.latin for s in spell(Name.parse(name)))
    assert ("alias", True) in rules(name, "ALI MEMET", "Memet Ali")


def test_an_alias_in_chinese_is_treated_like_the_name() -> None:
    assert rules("张三", "李國", "李国") == {("alias", True)}
    assert ("pinyin", True) in rules("张三", "Li Guo", "李国")


def test_a_latin_alias_in_the_order_of_the_other_culture_and_without_its_accents() -> None:
    assert ("alias", True) in rules("张三", "Garcia José", "José García")
    assert ("alias", True) in rules("张三", "Smith,John Paul", "John Paul Smith")


def test_a_surname_that_registries_mixed_up_is_for_a_person_to_judge() -> None:
    assert rules("傅明", "付明") == {("surname_variant", False)}


@pytest.mark.parametrize("name", ["曾乐重", "张三", "尉迟长朝", "买买提·艾力", "John Paul Smith"])
def test_spellings_are_few_distinct_and_always_the_same(name: str) -> None:
    many = Name.parse(name, [f"曾{c}重" for c in "乐行长朝莎晟"] + ["A. B. Cee", "Li Ng"])
    spellings = spell(many)
    assert 0 < len(spellings) <= MOST_SPELLINGS
    assert len({s.symbols for s in spellings}) == len(spellings)
    assert spellings == spell(many)
    assert spellings[0].rule == "name"


@pytest.mark.parametrize("name", ["曾乐重", "买买提·艾力", "吕绿", "O'Neil-Smith, J."])
def test_a_spelling_begins_and_ends_firmly_and_has_no_two_optional_neighbours(name: str) -> None:
    for spelling in spell(Name.parse(name)):
        optional = [s.optional for s in spelling.symbols]
        assert not optional[0] and not optional[-1]
        assert not any(a and b for a, b in pairwise(optional))


def test_the_charset_is_all_that_may_stand_anywhere() -> None:
    found = charset(spell(Name.parse("张三")))
    assert {"张", "張", "三", "Z", "z", "ā"} <= found and "李" not in found

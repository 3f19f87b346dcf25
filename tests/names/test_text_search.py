"""Searching plain text for the spellings of a name."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redact.names.name import Name
from redact.names.spellings import charset, spell
from redact.names.text_search import find_in_text


def found(text: str, name: str, *aliases: str) -> list[str]:
    return [text[m.start : m.end] for m in find_in_text(text, spell(Name.parse(name, aliases)))]


@pytest.mark.parametrize(
    ("text", "hit"),
    [
        ("兹证明张三同志", "张三"),
        ("张　三", "张　三"),
        ("张\n 三", "张\n 三"),
        ("張三", "張三"),
        ("张\u200b三", "张\u200b三"),
        ("张·三", "张·三"),
        ("by Zhang San.", "Zhang San"),
        ("ZHANG,  SAN", "ZHANG,  SAN"),
        ("zhangsan1990@a.cn", "zhangsan"),
        ("authorZhangSan", "ZhangSan"),
        ("Zha\u0304ng Sa\u0304n", "Zha\u0304ng Sa\u0304n"),
        ("张\ufe00三", "张\ufe00三"),
        ("Zhang\nSan", "Zhang\nSan"),
        ("San ZHANG", "San ZHANG"),
    ],
)
def test_the_name_is_found_however_it_is_set(text: str, hit: str) -> None:
    assert found(text, "张三") == [hit]


@pytest.mark.parametrize(
    "text", ["", "张四", "三张", "Zhang Sanmao", "Lizhang San", "张、三", "张" + " " * 200 + "三", "Zhan Gsan"]
)
def test_what_is_not_the_name_is_not_found(text: str) -> None:
    assert found(text, "张三") == []


def test_the_forms_of_pdf_text_layers_count_as_the_plain_characters() -> None:
    assert found("⻢⽂", "马文") == ["⻢⽂"]
    assert found("Ｍａ　Ｗｅｎ", "马文") == ["Ｍａ　Ｗｅｎ"]


def test_every_occurrence_is_found_overlapping_ones_too() -> None:
    assert [(m.start, m.end) for m in find_in_text("张三张三张", spell(Name.parse("张三张")))] == [(0, 3), (2, 5)]


def test_the_whole_minority_name_wins_over_its_first_part() -> None:
    spellings = spell(Name.parse("买买提·艾力"))
    assert [(m.start, m.end, m.spelling.rule) for m in find_in_text("买买提 • 艾力，买买提", spellings)] == [
        (0, 8, "name"),
        (9, 12, "first_part"),
    ]


def test_a_match_that_is_sure_wins_over_one_of_the_same_extent_that_is_not() -> None:
    [match] = find_in_text("Li W", spell(Name.parse("李未", ["Li W"])))
    assert match.spelling.rule == "alias"


HAN = st.text(st.sampled_from("王李张刘陈杨伟芳娜敏静丽强磊军洋国华东文乐重三"), min_size=2, max_size=4)
GAPS = st.text(st.sampled_from(" \u3000\u00a0\u200b\n\t·.•"), max_size=6)
# No character of the names above, nor one of their other forms.
AROUND = st.text(st.sampled_from("兹证明同志：，。(0912)女汉族\n "), max_size=12)


@given(HAN, st.data(), AROUND, AROUND)
@settings(max_examples=150, deadline=None)
def test_any_arrangement_of_a_chinese_name_is_found_at_its_place(name: str, data: st.DataObject, before: str, after: str) -> None:
    symbols = spell(Name.parse(name))[0].symbols
    glyphs = [data.draw(st.sampled_from(sorted(s.chars))) for s in symbols]
    written = glyphs[0] + "".join(data.draw(GAPS) + g for g in glyphs[1:])
    matches = find_in_text(before + written + after, spell(Name.parse(name)))
    assert (len(before), len(before) + len(written)) in {(m.start, m.end) for m in matches}


@given(st.sampled_from(["张伟东", "欧阳小明", "吕绿", "单乐", "马丽"]), st.data())
@settings(max_examples=150, deadline=None)
def test_any_arrangement_of_a_latin_spelling_is_found_at_its_place(name: str, data: st.DataObject) -> None:
    spellings = spell(Name.parse(name, ["John Paul Smith"]))
    spelling = data.draw(st.sampled_from([s for s in spellings if s.latin]))
    written = ""
    for symbol in spelling.symbols:
        if not symbol.optional or data.draw(st.booleans()):
            written += data.draw(st.sampled_from(sorted(symbol.chars)))
            written += data.draw(st.text(st.just(" "), max_size=3)) if " " in symbol.chars else ""
    before = data.draw(st.sampled_from(["", "(", "1. ", "：", "作者"]))
    matches = find_in_text(f"{before}{written}；", spellings)
    place = (len(before), len(before) + len(written))
    # It may be part of a longer one: "Zhang W" of "Zhang W D".
    assert any(m.start <= place[0] and m.end >= place[1] for m in matches)


@given(st.text(max_size=60), HAN)
@settings(max_examples=150, deadline=None)
def test_nothing_is_found_in_a_text_without_the_name_s_characters(text: str, name: str) -> None:
    spellings = spell(Name.parse(name))
    bare = "".join(c for c in text if c not in charset(spellings) and c.isascii())
    assert find_in_text(bare, spellings) == ()


@pytest.mark.parametrize(
    "text", ["张 " * 100_000, "张" * 200_000, "张" + " " * 200_000, "Zhang " * 50_000, "z" * 200_000, "-" * 200_000]
)
def test_no_text_makes_the_search_slow(text: str) -> None:
    start = time.perf_counter()
    find_in_text(text, spell(Name.parse("张张三", ["Zz Z-zz"])))
    assert time.perf_counter() - start < 6


@given(st.text(st.sampled_from("张張三四 \n·，"), max_size=14))
@settings(max_examples=300, deadline=None)
def test_it_finds_exactly_what_reading_without_the_gaps_finds(text: str) -> None:
    places = [i for i, c in enumerate(text) if c not in " \n·"]
    solid = "".join(text[i] for i in places).replace("張", "张")
    expected = [(places[i], places[i + 1] + 1) for i in range(len(solid) - 1) if solid[i : i + 2] == "张三"]
    assert [(m.start, m.end) for m in find_in_text(text, spell(Name.parse("张三"))[:1])] == expected

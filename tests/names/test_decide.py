"""From what was found to the answer 是, 否 or 复核: never 否 on a page that could not be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from fake_reading import FakeReader, Misread, Written, draw_written, make_line, write

from redact.geometry import Box, Quad
from redact.lines import Line, Reading
from redact.names.decide import PageDecision, decide_candidate, decide_page, find_weak_lines
from redact.names.find import find_candidates
from redact.names.name import Name
from redact.names.spellings import charset, spell
from redact.names.thresholds import Thresholds
from redact.search import PageFinding, Query, search_page
from redact.values import Hit, Page, Verdict

THRESHOLDS = Thresholds(
    mask=-1.6, review=-2.6, hand_mask=-1.6, hand_review=-5.5, weak_line=0.6, weak_share=0.2, small_text_px=9.0
)
WIDTH, HEIGHT = 1200, 800


def decide(*written: Written, name: str, hand: bool = False) -> list[Hit]:
    parsed = Name.parse(name)
    spellings = spell(parsed)
    candidates = find_candidates([make_line(w, charset(spellings)) for w in written], spellings, THRESHOLDS.hand_review)
    return [h for c in candidates if (h := decide_candidate(c, parsed, THRESHOLDS, hand=hand)) is not None]


def search(*written: Written, name: str = "张伟", reader: FakeReader | None = None, signatures: bool = True) -> PageFinding:
    """The page as it would be searched: ``written`` stands on it, and the reader sees it unless it is told otherwise."""
    page = Page(0, draw_written(WIDTH, HEIGHT, *written))
    query = replace(Query.make(name), thresholds=THRESHOLDS)
    return search_page(page, query, reader or FakeReader(*written), signatures=signatures)


def codes(decision: PageDecision) -> set[str]:
    return {reason.code for reason in decision.reasons}


TEXT = (write("兹证明下列人员参加继续教育培训", 100, 100), write("考核成绩合格准予结业特此证明", 100, 180))
WITH_NAME = (write("兹证明张伟同志参加继续教育培训", 100, 100), write("考核成绩合格准予结业特此证明", 100, 180))


# --- one candidate ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["兹证明张伟同志参加培训", "姓名：张伟", "张伟", "申请人 张伟 身份证号", "张伟、李芳、王小明"])
def test_a_name_that_stands_as_a_name_is_sure(text: str) -> None:
    (hit,) = decide(write(text, 100, 100), name="张伟")
    assert hit.sure and hit.reason is None
    assert hit.rule == "line"


@pytest.mark.parametrize("text", ["姓名：王伟东", "王伟东", "王伟东、李芳"])
def test_a_longer_name_is_another_person_where_its_last_character_was_read_surely(text: str) -> None:
    assert decide(write(text, 100, 100), name="王伟") == []


@pytest.mark.parametrize("text", ["姓名：王伟东", "王伟东"])
def test_a_longer_name_is_for_a_person_to_judge_where_its_last_character_is_in_doubt(text: str) -> None:
    """What looks like 东 may be a speck, or the first character of something else."""
    (hit,) = decide(write(text, 100, 100, probability=0.7), name="王伟")
    assert not hit.sure
    assert hit.reason == "maybe_other"


@pytest.mark.parametrize(
    ("score", "expected"), [(0.0, (True, None)), (-1.5, (True, None)), (-2.0, (False, "uncertain_hit")), (-2.7, None)]
)
def test_the_score_says_whether_it_is_masked_reviewed_or_left(score: float, expected: tuple[bool, str | None] | None) -> None:
    hits = decide(write("姓名：张伟", 100, 100, misread={4: Misread("伪", 2 * score)}), name="张伟")
    assert [(h.sure, h.reason) for h in hits] == ([] if expected is None else [expected])


def test_beside_the_place_of_a_signature_less_is_asked_for() -> None:
    written = write("承诺人：张伟", 100, 100, misread={5: Misread("伪", -8.0)})
    assert decide(written, name="张伟") == []
    (hit,) = decide(written, name="张伟", hand=True)
    assert hit.rule == "signature"
    assert not hit.sure and hit.reason == "uncertain_hit"


def test_the_first_part_of_a_minority_name_is_for_a_person_to_judge() -> None:
    (hit,) = decide(write("姓名：买买提", 100, 100), name="买买提·艾力")
    assert not hit.sure and hit.reason == "part_of_name"


def test_what_a_seal_has_after_the_name_makes_it_no_longer() -> None:
    (hit,) = decide(write("独孤岚印", 100, 100), name="独孤岚")
    assert hit.sure
    assert decide(write("薛波洪印", 100, 100), name="薛波") == []


def test_a_last_character_that_comes_twice_makes_a_longer_name() -> None:
    assert decide(write("授予皇甫之之同志", 100, 100), name="皇甫之") == []


def test_a_name_that_is_a_word_is_one_before_a_label_and_behind_a_number() -> None:
    (titled,) = decide(write("培训合格证温和同志于今年六月参加", 100, 100), name="温和")
    (listed,) = decide(write("7.金星", 100, 100), name="金星")
    assert titled.sure and listed.sure
    (prose,) = decide(write("促进职工身心康健，", 100, 100), name="康健")
    assert not prose.sure


def test_another_second_part_of_a_minority_name_is_another_person_though_its_dot_reads_as_a_dash() -> None:
    assert decide(write("姓名：依明江-加娜尔", 100, 100), name="依明江·哈力克") == []
    assert decide(write("古丽娜尔·努尔买买提，", 100, 100), name="买买提·艾力") == []


def test_a_few_letters_of_a_latin_spelling_are_a_coincidence() -> None:
    assert decide(write("Li Xin", 100, 100, misread={4: Misread("u", -0.5)}), name="李新") != []
    letters = {i: Misread(c, -0.5) for i, c in enumerate("fi Man") if c not in " i"}
    assert decide(write("Li Xin", 100, 100, misread=letters), name="李新") == []


def test_a_hyphen_joins_a_latin_spelling_to_more() -> None:
    (hit,) = decide(write("Hui-Hui He", 100, 100), name="何惠")
    assert not hit.sure


def test_the_rule_says_how_it_was_found() -> None:
    (split,) = decide(write("张", 100, 100), write("伟", 180, 100), name="张伟")
    (wrapped,) = decide(write("兹证明本单位职工张", 100, 100), write("伟参加了全部课程", 100, 160), name="张伟")
    (alias,) = decide(write("ZHANG WEI", 100, 100), name="张伟")
    assert (split.rule, wrapped.rule, alias.rule) == ("split", "wrapped", "pinyin")


def test_a_latin_name_inside_a_longer_word_is_none() -> None:
    assert decide(write("the Malibu coast", 100, 100), name="马力") == []


def test_a_score_is_never_above_zero() -> None:
    assert all(h.score <= 0 for h in decide(write("张伟", 100, 100), name="张伟"))


def test_a_name_of_two_with_a_character_that_is_never_read_is_a_question_where_a_form_expects_it() -> None:
    """The recogniser reads 槮 as 穆, surely: one character is left of 甘槮."""
    printed = write("甘槮", 280, 300, misread={1: Misread("穆", -11.5)})
    expected = search(*TEXT, write("姓名：", 100, 300), printed, name="甘槮").decision
    assert expected.verdict is Verdict.REVIEW and len(expected.hits) == 1
    anywhere = search(*TEXT, write("核准", 100, 300), printed, name="甘槮").decision
    assert anywhere.verdict is Verdict.NOT_REQUIRED


# --- one page -----------------------------------------------------------------------------------------------------------


def test_a_page_with_the_name_is_to_be_masked() -> None:
    decision = search(*WITH_NAME).decision
    assert decision.verdict is Verdict.REQUIRED
    assert len(decision.hits) == 1
    assert decision.reasons == ()


def test_a_page_that_was_read_and_does_not_hold_the_name_is_not() -> None:
    decision = search(*TEXT).decision
    assert decision.verdict is Verdict.NOT_REQUIRED
    assert decision.hits == () and decision.reasons == ()


def test_a_blank_page_is_not() -> None:
    assert search().decision.verdict is Verdict.NOT_REQUIRED


def test_a_page_with_ink_on_which_nothing_was_detected_is_for_a_person() -> None:
    decision = search(*WITH_NAME, reader=FakeReader()).decision
    assert decision.verdict is Verdict.REVIEW
    assert codes(decision) == {"no_text"}


@pytest.mark.parametrize("read", [{"read": False}, {"probability": 0.4}], ids=["not read at all", "read weakly"])
def test_a_page_that_could_not_be_read_is_for_a_person(read: dict[str, object]) -> None:
    unreadable = [replace(w, **read) for w in TEXT]  # type: ignore[arg-type]
    decision = search(*unreadable).decision
    assert decision.verdict is Verdict.REVIEW
    assert codes(decision) <= {"unread_text", "weak_text"} and decision.reasons
    assert {r.box for r in decision.reasons} == {w.quad.box for w in unreadable}


def test_a_page_that_could_not_be_read_is_for_a_person_also_where_the_name_was_found_on_it() -> None:
    """The name may stand there a second time."""
    decision = search(WITH_NAME[0], replace(WITH_NAME[1], read=False)).decision
    assert decision.verdict is Verdict.REVIEW
    assert [h.sure for h in decision.hits] == [True], "the mask is proposed all the same"


def test_a_line_that_reads_well_in_another_light_is_read() -> None:
    lit = [replace(w, read=False, in_light={"inverted": 0.95}) for w in WITH_NAME]
    reader = FakeReader(*lit)
    decision = search(*lit, reader=reader).decision
    assert "inverted" in reader.asked
    assert decision.verdict is Verdict.REQUIRED
    assert len(decision.hits) == 1


def test_a_line_shaped_like_the_name_and_read_weakly_is_for_a_person() -> None:
    """周淏 on a poor scan reads as 川溪: nothing is right, and little is sure."""
    weak = write("周淏", 100, 300, probability=0.75, misread={0: Misread("川", -4.4), 1: Misread("溪", -8.9)})
    decision = search(*TEXT, weak, name="周淏").decision
    assert decision.verdict is Verdict.REVIEW and codes(decision) == {"uncertain_hit"}
    assert search(*TEXT, replace(weak, probability=0.95), name="周淏").decision.verdict is Verdict.NOT_REQUIRED
    longer = write("周淏了", 100, 300, probability=0.75, misread=weak.misread)
    assert search(*TEXT, longer, name="周淏").decision.verdict is Verdict.NOT_REQUIRED


def test_an_uncertain_name_is_for_a_person_and_the_place_is_told() -> None:
    decision = search(write("兹证明张伟同志参加继续教育培训", 100, 100, misread={4: Misread("伪", -4.0)})).decision
    assert decision.verdict is Verdict.REVIEW
    (reason,) = decision.reasons
    assert reason.code == "uncertain_hit"
    assert reason.box is not None and reason.box.intersection_area(decision.hits[0].boxes[0]) > 0


def test_an_uncertain_name_is_read_again_before_a_person_is_asked() -> None:
    reader = FakeReader(write("兹证明张伟同志", 100, 100, misread={4: Misread("伪", -4.0)}))
    search(*reader.written, reader=reader)
    assert len(reader.asked) > 1


def test_a_page_of_which_it_is_not_known_which_way_it_is_turned_is_for_a_person_when_it_reads_badly() -> None:
    weak = [replace(TEXT[0], probability=0.5), *TEXT[1:], write("编号", 800, 700)]
    lines = [make_line(w, "") for w in weak]
    for sure, expected in ((False, True), (True, False)):
        reading = Reading(WIDTH, HEIGHT, tuple(lines), 0, rotation_sure=sure)
        assert ("orientation_unsure" in codes(decide_page([], [], reading, [], THRESHOLDS))) == expected


def test_a_page_that_reads_well_is_no_question_however_short_it_is() -> None:
    """A photo page with a number alone does not say which way it is turned, and need not."""
    decision = search(write("2023", 100, 100), reader=FakeReader(write("2023", 100, 100), rotation_sure=False)).decision
    assert decision.verdict is Verdict.NOT_REQUIRED


def test_print_too_small_to_trust_is_for_a_person() -> None:
    tiny = [write("本证书由发证机关统一印制", 100, 100 + 20 * i, height=7.0) for i in range(4)]
    decision = search(*tiny).decision
    assert decision.verdict is Verdict.REVIEW
    assert codes(decision) == {"small_text"}


def test_a_bad_line_among_many_good_ones_asks_no_question() -> None:
    lines = [make_line(write("考核成绩合格准予结业特此证明", 100, 100 + 60 * i), "") for i in range(10)]
    lines.append(make_line(write("日", 900, 700, probability=0.3), ""))
    weak = find_weak_lines(lines, THRESHOLDS)
    assert [line.quad for line in weak] == [lines[-1].quad]
    decision = decide_page([], [], Reading(WIDTH, HEIGHT, tuple(lines)), weak, THRESHOLDS)
    assert decision.verdict is Verdict.NOT_REQUIRED


@pytest.mark.parametrize("share", [0.25, 0.5, 1.0])
def test_a_page_of_which_a_good_part_is_unread_never_says_no(share: float) -> None:
    lines: list[Line] = [make_line(write("考核成绩合格", 100, 100 + 50 * i), "") for i in range(8)]
    for i in range(round(8 * share)):
        lines[i] = Line(lines[i].quad, None)
    unread = find_weak_lines(lines, THRESHOLDS)
    decision = decide_page([], [], Reading(WIDTH, HEIGHT, tuple(lines)), unread, THRESHOLDS)
    assert decision.verdict is Verdict.REVIEW
    assert "unread_text" in codes(decision)


@pytest.mark.parametrize("hits", [(), (Hit((TEXT[0].quad,), -0.1, "line"),)], ids=["no hit", "a hit"])
def test_no_doubt_is_outvoted(hits: Sequence[Hit]) -> None:
    doubtful = Hit((Quad.from_array(np.array(TEXT[1].quad.points)),), -2.0, "line", sure=False, reason="uncertain_hit")
    reading = Reading(WIDTH, HEIGHT, tuple(make_line(w, "") for w in TEXT))
    decision = decide_page([*hits, doubtful], [], reading, [], THRESHOLDS)
    assert decision.verdict is Verdict.REVIEW
    assert len(decision.hits) == len(hits) + 1


def test_a_picture_that_was_detected_as_a_line_is_no_text_that_could_not_be_read() -> None:
    lines = [make_line(write("考核成绩合格", 100, 100 + 50 * i), "") for i in range(8)]
    portrait = Line(Quad.from_box(Box(700, 100, 1000, 500)), None)
    decision = decide_page([], [], Reading(WIDTH, HEIGHT, (*lines, portrait)), [portrait], THRESHOLDS)
    assert decision.verdict is Verdict.NOT_REQUIRED


# --- signatures ---------------------------------------------------------------------------------------------------------


def test_a_signature_tells_whose_page_it_is_also_for_a_label_above_it() -> None:
    weak = write("承诺人：张伟", 100, 300, misread={5: Misread("俸", -7.0)}, probability=0.5)
    below = write("本人签名：张伟", 100, 420)
    decision = search(*TEXT, weak, below).decision
    assert decision.verdict is Verdict.REQUIRED
    assert any(h.boxes[0].intersection_area(weak.quad.box) > 0 for h in decision.hits)


def test_on_the_applicants_page_a_signature_that_reads_as_another_is_for_a_person() -> None:
    """冯权松 in a hand read as 冯公, surely. Where the page is nobody's, such a signature is that of whoever it reads as."""
    signed = write("承诺人：张公", 100, 300, misread={5: Misread("公", -12.0)})
    known = search(*WITH_NAME, signed).decision
    assert known.verdict is Verdict.REVIEW and codes(known) == {"signature_unread"}
    assert search(*TEXT, signed).decision.verdict is Verdict.NOT_REQUIRED


def test_ink_beside_the_applicants_label_that_nobody_can_read_is_proposed_to_a_person() -> None:
    label, scrawl = write("承诺人：", 100, 300), write("三三三", 270, 300)
    decision = search(*TEXT, label, scrawl, reader=FakeReader(*TEXT, label, replace(scrawl, read=False))).decision
    assert decision.verdict is Verdict.REVIEW
    (hit,) = decision.hits
    assert hit.rule == "signature" and not hit.sure and hit.reason == "signature_unread"
    assert hit.boxes[0].intersection_area(scrawl.quad.box) > 0.5 * scrawl.quad.box.area


def test_a_label_without_a_signature_asks_nothing() -> None:
    assert search(*TEXT, write("承诺人：", 100, 300)).decision.verdict is Verdict.NOT_REQUIRED


def test_another_persons_signature_asks_nothing() -> None:
    label, scrawl = write("审核人：", 100, 300), write("三三三", 270, 300)
    decision = search(*TEXT, label, scrawl, reader=FakeReader(*TEXT, label, replace(scrawl, read=False))).decision
    assert "signature_unread" not in codes(decision)


def test_on_a_masked_page_the_ink_of_a_signature_is_the_mask() -> None:
    label, scrawl = write("承诺人：", 100, 300), write("三三三", 270, 300)
    reader = FakeReader(*TEXT, label)
    assert search(*TEXT, label, scrawl, reader=reader, signatures=False).decision.verdict is Verdict.NOT_REQUIRED


def test_no_name_is_in_a_repr() -> None:
    finding = search(*WITH_NAME)
    query = Query.make("张伟", ["Zhang Wei"])
    for value in (finding, finding.decision, query, query.name):
        assert not set("张伟证明同志") & set(repr(value))
        assert "Zhang" not in repr(value)

"""是 or 否 for each page: what is sent, what is asked back, what happens when the name still shows, and when it is all done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from drawn_documents import drawn, review, simple
from fake import Canned, Fake
from playwright.sync_api import expect
from visit import DESK, SCREENS, Screen, Visit

Open = Callable[..., Visit]


def _open(fake: Fake, visit: Open, screen: Screen = DESK, *, expect: tuple[int, ...] = ()) -> Visit:
    fake.documents or fake.add(review())
    me = visit("#/d/doc-1", screen, expect=expect)
    me.wait_for_page()
    return me


def _delete_a_box(me: Visit) -> None:
    me.page.locator(".box").first.focus()
    me.page.keyboard.press("Delete")


def _answer(me: Visit, choice: str) -> None:
    where = me.page.locator(f".choice.{choice}")
    where.tap() if me.screen.touch else where.click()


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_when_every_page_is_answered_the_file_can_be_downloaded(fake: Fake, visit: Open, screen: Screen, tmp_path: Path) -> None:
    me = _open(fake, visit, screen)
    me.see("还有 2 页等您确认")
    expect(me.page.get_by_role("button", name="下载遮盖后的文件")).to_have_count(0)
    boxes = me.boxes()
    _answer(me, "yes")
    me.see("第 2 页已保存：是。")
    assert fake.puts == [{"page_index": 1, "mask_required": "是", "masks": boxes}]
    me.see("还有 1 页等您确认")
    me.press("下一个待确认页")
    expect(me.page.locator("h1")).to_have_text("第 4 页，共 4 页")
    (name,) = drawn("pledge")[1][:1]
    me.wait_for_page()
    me.press("画框")
    me.drag(me.on_screen(name[0] - 30, name[1] - 30), me.on_screen(name[2] + 30, name[3] + 30))
    me.press("画框")
    _answer(me, "yes")
    me.see("每一页都已确认，可以下载")
    expect(me.button("下载遮盖后的文件")).to_be_focused()
    with me.page.expect_download() as download:
        me.press("下载遮盖后的文件")
    assert download.value.suggested_filename == "masked.pdf"
    download.value.save_as(tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == b"%PDF-1.7 masked"


def test_who_decided_is_told(fake: Fake, visit: Open) -> None:
    me = _open(fake, visit)
    me.see("系统不能确定，请您看过后回答。")
    _answer(me, "yes")
    me.see("已由人工确认为“是”")
    expect(me.page.locator(".choice.yes")).to_have_attribute("aria-pressed", "true")
    me.go_to_page(3)
    me.see("系统判定为“否”")
    me.see("没有在这一页找到姓名。")


def test_yes_without_a_box_starts_drawing(fake: Fake, visit: Open) -> None:
    me = _open(fake, visit)
    me.go_to_page(4)
    me.see("先画出要遮的地方")
    _answer(me, "yes")
    expect(me.button("画框")).to_have_attribute("aria-pressed", "true")
    assert fake.puts == []


def test_no_asks_before_it_drops_boxes(fake: Fake, visit: Open) -> None:
    fake.add(simple())
    fake.documents["doc-1"].pages[0] = fake.documents["doc-1"].pages[0].__class__(
        drawn("appointment")[0], (), "是", ((10, 10, 200, 60),)
    )
    me = _open(fake, visit)
    _answer(me, "no")
    me.see("这一页有 1 个遮盖框。回答“否”会把它们全部去掉")
    me.press("再看看")
    assert fake.puts == [] and len(me.boxes()) == 1
    _answer(me, "no")
    me.press("去掉遮盖框")
    me.see("第 1 页已保存：否。")
    assert fake.puts == [{"page_index": 0, "mask_required": "否", "masks": []}]
    assert me.boxes() == []


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_a_name_that_still_shows_is_pointed_at_and_can_be_covered(fake: Fake, visit: Open, screen: Screen) -> None:
    me = _open(fake, visit, screen, expect=(409,))
    _delete_a_box(me)
    _answer(me, "yes")
    me.see("还能看到姓名，没有保存")
    me.see("在第 2 页仍发现姓名 1 处")
    expect(me.page.locator(".mark.found")).to_have_count(1)
    expect(me.page.get_by_role("img", name="仍能看到姓名的第 1 处")).to_be_visible()
    me.press("遮住这些地方并保存")
    me.see("第 2 页已保存：是。")
    name = drawn("assessment")[1][0]
    assert [name[0] - 3, name[1] - 3, name[2] + 3, name[3] + 3] in fake.puts[-1]["masks"]
    assert len(me.boxes()) == 2
    expect(me.page.locator(".mark.found")).to_have_count(0)


def test_no_on_a_page_with_the_name_is_told_too_and_covering_makes_it_yes(fake: Fake, visit: Open) -> None:
    me = _open(fake, visit, expect=(409,))
    me.go_to_page(4)
    _answer(me, "no")
    me.see("仍发现姓名 1 处")
    me.press("遮住这些地方，改答“是”")
    me.see("第 4 页已保存：是。")
    assert [put["mask_required"] for put in fake.puts] == ["否", "是"]


def test_going_back_keeps_the_red_places_on_the_page(fake: Fake, visit: Open) -> None:
    me = _open(fake, visit, expect=(409,))
    _delete_a_box(me)
    _answer(me, "yes")
    me.press("回去自己改")
    expect(me.page.locator("dialog")).to_have_count(0)
    expect(me.page.locator(".mark.found")).to_be_in_viewport()
    expect(me.page.locator(".choice.yes")).to_be_focused()
    me.see("改动还没保存")


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_a_person_may_overrule_with_a_reason_and_sees_what_was_still_found(fake: Fake, visit: Open, screen: Screen) -> None:
    me = _open(fake, visit, screen, expect=(409,))
    _delete_a_box(me)
    _answer(me, "yes")
    me.press("这些不是我的姓名")
    me.see("评审就能认出您")
    reason = me.page.get_by_label("理由（必填）")
    expect(reason).to_be_focused()
    me.press("说明理由并保存")
    me.see("请写明理由。")
    assert len(fake.puts) == 1
    reason.fill("  同名的另一位导师 ")
    me.press("说明理由并保存")
    me.see("第 2 页已保存：是。")
    assert fake.puts[-1]["override"] == "同名的另一位导师"
    me.see("您已说明理由保留：同名的另一位导师")
    me.see("当时仍发现姓名 1 处。")
    me.see("复查时在遮盖后的文件里仍发现姓名（画面）。已由人工说明理由保留")
    expect(me.page.locator(".mark.found")).to_have_count(1)
    expect(me.page.get_by_role("button", name="在页面上看 · 复查时")).to_have_count(1)


def test_the_proposed_boxes_can_be_brought_back(fake: Fake, visit: Open) -> None:
    me = _open(fake, visit)
    proposed = me.boxes()
    _delete_a_box(me)
    _delete_a_box(me)
    me.press("恢复系统建议的遮盖框")
    assert me.boxes() == proposed
    me.press("撤销")
    assert me.boxes() == []


def test_a_document_that_was_changed_elsewhere_is_loaded_anew_and_edits_stay(fake: Fake, visit: Open) -> None:
    me = _open(fake, visit, expect=(412,))
    _delete_a_box(me)
    (left,) = me.boxes()
    document = fake.documents["doc-1"]
    document.revision, document.pages[3] = 7, simple().pages[0]
    _answer(me, "yes")
    me.see("这份文件刚在别处改过")
    me.see("还有 1 页等您确认")
    assert me.boxes() == [left]
    me.press("恢复系统建议的遮盖框")
    _answer(me, "yes")
    me.see("第 2 页已保存：是。")


def test_a_page_that_was_only_looked_at_shows_what_was_changed_elsewhere(fake: Fake, visit: Open) -> None:
    me = _open(fake, visit, expect=(412,))
    assert len(me.boxes()) == 2
    document = fake.documents["doc-1"]
    document.revision, document.pages[1] = 7, replace(document.pages[1], masks=((100, 200, 300, 400),))
    _answer(me, "yes")
    me.see("这份文件刚在别处改过")
    assert me.boxes() == [[100, 200, 300, 400]]
    me.not_see("改动还没保存")


def test_an_answer_waits_for_the_network_to_come_back(fake: Fake, visit: Open) -> None:
    me = _open(fake, visit, expect=(0,))
    me.context.set_offline(True)
    _answer(me, "yes")
    me.see("网络连接不上，恢复后自动重试")
    me.context.set_offline(False)
    me.see("第 2 页已保存：是。")
    me.not_see("网络连接不上")


def test_an_answer_that_fails_says_why_and_can_be_given_again(fake: Fake, visit: Open) -> None:
    fake.canned = [Canned("PUT", "/pages/", 500)]
    me = _open(fake, visit, expect=(500,))
    _answer(me, "yes")
    me.see("程序内部出错")
    _answer(me, "yes")
    me.see("第 2 页已保存：是。")


def test_unsaved_pages_come_before_the_download(fake: Fake, visit: Open) -> None:
    fake.add(review())
    for index in (1, 3):
        fake.documents["doc-1"].pages[index] = simple().pages[0]
    me = _open(fake, visit)
    _delete_a_box(me)
    me.go_to_page(3)
    expect(me.page.get_by_role("button", name="下载遮盖后的文件")).to_have_count(0)
    me.press("去没保存的页")
    expect(me.page.locator("h1")).to_have_text("第 1 页，共 4 页")
    me.press("撤销")
    expect(me.button("下载遮盖后的文件")).to_be_visible()


def test_leaving_with_unsaved_edits_asks_first(fake: Fake, visit: Open) -> None:
    me = _open(fake, visit)
    _delete_a_box(me)
    me.page.locator(".brand").click()
    me.see("有改动还没保存。")
    me.press("取消", exact=True)
    expect(me.page.locator(".document")).to_be_visible()
    assert me.page.evaluate("location.hash") == "#/d/doc-1"
    me.page.locator(".brand").click()
    me.see("有改动还没保存。")
    me.press("放弃改动")
    me.see("遮盖材料里您自己的姓名")


def test_a_document_is_deleted_after_a_question(fake: Fake, visit: Open) -> None:
    me = _open(fake, visit)
    me.press("删除这份文件")
    me.see("不能恢复")
    me.press("取消", exact=True)
    assert fake.documents
    me.press("删除这份文件")
    me.press("删除", exact=True)
    me.see("文件已删除。")
    assert fake.documents == {}

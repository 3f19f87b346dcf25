"""From a file to its pages: what a person does first, and what they are told when it does not work."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from drawn_documents import NAME, rejected, review, simple
from fake import LIMIT, Canned, Fake, FakeDocument
from playwright.sync_api import expect
from visit import DESK, PHONE, SCREENS, Screen, Visit

Open = Callable[..., Visit]


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_a_file_and_a_name_lead_to_pages_those_to_judge_first(fake: Fake, visit: Open, screen: Screen) -> None:
    fake.next = lambda: FakeDocument(review().pages, looks=3)
    me = visit(screen=screen)
    me.choose_file()
    me.see("已选择：scan.pdf，6 B")
    me.page.fill("#name", f" {NAME} ")
    me.page.fill("#aliases", "Lucy Lu；陆小晴")
    me.press("开始处理")
    me.see("正在处理")
    me.see("正在逐页查找姓名")
    expect(me.page.locator("progress")).to_have_attribute("aria-label", "处理进度")
    me.wait_for_page()
    assert [{k: upload[k] for k in ("name", "aliases", "bytes")} for upload in fake.uploads] == [
        {"name": NAME, "aliases": ["Lucy Lu", "陆小晴"], "bytes": 6}
    ]
    order = me.page.locator(".page-entry").evaluate_all("(all) => all.map((one) => Number(one.dataset.page) + 1)")
    assert order == [2, 4, 1, 3]
    me.see("还有 2 页等您确认")
    expect(me.page.locator("h1")).to_have_text("第 2 页，共 4 页")
    assert me.page.evaluate("location.hash") == "#/d/doc-1"


def test_the_name_is_nowhere_but_in_the_request(fake: Fake, visit: Open) -> None:
    fake.next = simple
    me = visit()
    me.choose_file(f"{NAME}的聘任书.pdf")
    me.page.fill("#name", NAME)
    me.press("开始处理")
    me.wait_for_page()
    kept = me.page.evaluate("JSON.stringify([location, document.title, history.state, localStorage, sessionStorage])")
    assert NAME not in kept
    assert all(NAME not in address for address in me.asked)
    me.press("另传一份")
    expect(me.page.locator("#name")).to_have_value(NAME)
    me.page.reload()
    expect(me.page.locator("#name")).to_have_value("")


def test_a_file_can_be_dropped(fake: Fake, visit: Open) -> None:
    fake.next = simple
    me = visit()
    files = me.page.evaluate_handle(
        """() => {
          const all = new DataTransfer();
          for (const [name, content] of [["a.jpg", "abc"], ["b.jpg", "d"]]) all.items.add(new File([content], name));
          return all;
        }"""
    )
    me.page.dispatch_event(".drop", "drop", {"dataTransfer": files})
    me.see("已选择：a.jpg，3 B")
    me.see("一次处理一个文件，已取第一个。")
    expect(me.page.locator("#name")).to_be_focused()


def test_a_phone_offers_its_camera_and_a_desk_does_not(visit: Open) -> None:
    photo = visit(screen=PHONE).page.locator("label[for=photo]")
    expect(photo).to_be_visible()
    expect(visit(screen=DESK).page.locator("label[for=photo]")).to_be_hidden()
    camera = visit(screen=PHONE).page.locator("#photo")
    assert (camera.get_attribute("capture"), camera.get_attribute("accept")) == ("environment", "image/*")


def test_what_is_missing_is_said_and_has_the_focus(fake: Fake, visit: Open) -> None:
    me = visit()
    me.press("开始处理")
    me.see("请先选择一个文件。")
    me.see("请填写全名，至少两个字。")
    expect(me.page.locator("#file")).to_be_focused()
    me.choose_file(content=b"")
    me.see("这个文件是空的")
    me.choose_file()
    me.page.fill("#name", "陆")
    me.press("开始处理")
    me.not_see("这个文件是空的")
    expect(me.page.locator("#name")).to_be_focused()
    expect(me.page.locator("#name")).to_have_attribute("aria-invalid", "true")
    assert fake.uploads == []


def test_a_file_over_the_limit_is_not_sent(fake: Fake, visit: Open) -> None:
    me = visit()
    me.page.evaluate(f"Object.defineProperty(File.prototype, 'size', {{get: () => {LIMIT + 1}}})")
    me.choose_file()
    me.see("超过 100 MB 的上限")
    me.page.fill("#name", NAME)
    me.press("开始处理")
    expect(me.page.locator("#file")).to_be_focused()
    assert fake.uploads == []


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_a_file_that_cannot_be_opened_says_why_and_what_to_do(fake: Fake, visit: Open, screen: Screen) -> None:
    fake.refuse_upload = "encrypted"
    me = visit(screen=screen, expect=(422,))
    me.choose_file()
    me.page.fill("#name", NAME)
    me.press("开始处理")
    me.see("文件设有打开密码。")
    me.see("请去掉密码，另存后再上传。")
    fake.refuse_upload, fake.next = None, simple
    me.press("选择另一个文件")
    expect(me.page.locator("#name")).to_have_value(NAME)
    me.choose_file()
    me.press("开始处理")
    me.wait_for_page()


def test_a_scan_that_is_not_accepted_shows_the_place_on_its_page(fake: Fake, visit: Open) -> None:
    fake.next = rejected
    me = visit()
    me.choose_file()
    me.page.fill("#name", NAME)
    me.press("开始处理")
    me.wait_for_page()
    me.see("这份文件没有被接收")
    me.see("页面有反光，遮住了内容。")
    me.see("请避开灯光直射")
    expect(me.page.locator(".mark.issue")).to_have_count(1)
    expect(me.page.locator(".choice")).to_have_count(0)
    expect(me.button("下载")).to_have_count(0)
    me.go_to_page(2)
    expect(me.page.locator(".mark.issue")).to_have_count(0)
    me.press("在第 1 页")
    expect(me.page.locator(".mark.spot")).to_be_in_viewport()
    me.press("选择另一个文件")
    expect(me.page.locator("#name")).to_have_value(NAME)


def test_work_that_failed_can_be_tried_again_with_the_same_file(fake: Fake, visit: Open) -> None:
    fake.next = lambda: FakeDocument([], failure="worker_lost")
    me = visit()
    me.choose_file()
    me.page.fill("#name", NAME)
    me.press("开始处理")
    me.see("没有处理完")
    me.see("处理中断。")
    fake.next = simple
    me.press("再试一次")
    me.wait_for_page()
    assert [upload["bytes"] for upload in fake.uploads] == [6, 6]
    assert len({upload["key"] for upload in fake.uploads}) == 2


@pytest.mark.parametrize(
    "status, words", [(429, "服务正忙，稍后自动重试"), (503, "服务暂时不可用，稍后自动重试")], ids=["busy", "away"]
)
def test_a_busy_service_is_asked_again_as_late_as_it_wants(fake: Fake, visit: Open, status: int, words: str) -> None:
    fake.next = simple
    fake.canned = [Canned("POST", "/v1/documents", status, headers={"Retry-After": "1"})]
    me = visit(expect=(status,))
    me.choose_file()
    me.page.fill("#name", NAME)
    me.press("开始处理")
    me.see(words)
    me.wait_for_page()
    me.not_see(words)
    sent = [headers["idempotency-key"] for method, _, headers in fake.asked if method == "POST"]
    assert len(sent) == 2 and len(set(sent)) == 1


def test_work_in_progress_can_be_cancelled_and_is_deleted(fake: Fake, visit: Open) -> None:
    fake.next = lambda: FakeDocument([], looks=1000)
    me = visit()
    me.choose_file()
    me.page.fill("#name", NAME)
    me.press("开始处理")
    me.see("正在逐页查找姓名")
    me.press("取消并删除")
    expect(me.page.locator("#name")).to_have_value(NAME)
    me.until("location.hash === '#/'")
    assert fake.documents == {}


def test_pages_done_are_told_as_soon_as_the_file_is_open(fake: Fake, visit: Open) -> None:
    document = FakeDocument(simple().pages, looks=1000)
    fake.add(document)
    me = visit("#/d/doc-1")
    me.see(re.compile(r"正在逐页查找姓名：\d+%"))
    document.counted = (12, 0)
    me.see("正在逐页查找姓名：已完成 0 / 12 页")
    document.counted = (12, 3)
    me.see("正在逐页查找姓名：已完成 3 / 12 页")
    document.looks = 0
    me.wait_for_page()


def test_reloading_while_it_works_loses_nothing(fake: Fake, visit: Open) -> None:
    fake.add(FakeDocument(simple().pages, looks=4))
    me = visit("#/d/doc-1")
    me.see("正在逐页查找姓名")
    me.page.reload()
    me.wait_for_page()

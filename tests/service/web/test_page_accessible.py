"""WCAG 2.2 AA as far as axe-core can see it, in every state, both schemes and sizes; and that nothing is wider than the screen.

axe-core comes from npm (``npm install --prefix DIR axe-core``), and ``REDACT_AXE`` names its ``axe.min.js``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

import pytest
from drawn_documents import NAME, rejected, review, simple, sliced
from fake import WEB, Canned, Fake, FakeDocument
from playwright.sync_api import expect
from viewers import required
from visit import PHONE, SCREENS, Screen, Visit

Open = Callable[..., Visit]
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@lru_cache(maxsize=1)
def _axe() -> str:
    where = os.environ.get("REDACT_AXE", "")
    return Path(required(where if where and Path(where).is_file() else None, "REDACT_AXE names no axe.min.js")).read_text()


def _states(fake: Fake, me: Visit) -> Iterator[str]:
    """Walks the page through its states."""
    me.see("遮盖材料里您自己的姓名")
    yield "start"
    me.press("开始处理")
    yield "start with what is missing"
    fake.refuse_upload = "encrypted"
    me.choose_file()
    me.page.fill("#name", NAME)
    me.press("开始处理")
    me.see("文件设有打开密码。")
    yield "rejected upload"
    fake.refuse_upload, fake.next = None, lambda: FakeDocument(review().pages, issues=review().pages[2].issues, looks=3)
    me.press("选择另一个文件")
    me.choose_file()
    me.press("开始处理")
    me.see("正在逐页查找姓名")
    yield "progress"
    me.wait_for_page()
    yield "document"
    me.page.locator(".box").first.focus()
    yield "document, a box chosen"
    for mode in ("遮盖后", "并排", "滑块", "遮盖前"):
        me.show(mode)
        me.wait_for_page()
        yield f"document, {mode}"
    me.press("在页面上看")
    me.press("画框")
    yield "document, drawing"
    me.press("画框")
    me.page.locator(".box").first.focus()
    me.page.keyboard.press("Delete")
    yield "document, edited"
    me.page.locator(".choice.no").click()
    yield "question before 否"
    me.press("再看看")
    fake.canned = [Canned("PUT", "/pages/", 503, headers={"Retry-After": "1"})]
    me.page.locator(".choice.yes").click()
    me.see("服务暂时不可用")
    yield "waiting"
    me.see("还能看到姓名")
    yield "name uncovered"
    me.press("这些不是我的姓名")
    me.press("说明理由并保存")
    yield "overruling, the reason missing"
    me.page.get_by_label("理由（必填）").fill("同名")
    me.press("说明理由并保存")
    me.see("您已说明理由保留")
    yield "overruled"
    me.press("帮助")
    yield "help"
    me.press("关闭")
    fake.add(rejected())
    me.page.reload()
    me.wait_for_page()
    yield "rejected"
    fake.add(sliced())
    me.page.reload()
    me.wait_for_page()
    me.page.locator(".box").last.focus()
    yield "document, a place in slices chosen"
    fake.add(simple())
    me.page.reload()
    me.wait_for_page()
    yield "done"
    me.press("删除这份文件")
    yield "question before deleting"
    me.press("删除", exact=True)
    me.see("文件已删除。")
    fake.access = "key"
    me.page.reload()
    me.see("请输入访问密钥")
    me.press("继续")
    yield "key"
    fake.access = "local"
    me.page.goto("about:blank")
    me.open("#/d/gone")
    me.see("找不到这份文件")
    yield "gone"
    me.press("切换到英文")
    me.see("This document cannot be found")
    yield "English"


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(fake: Fake, visit: Open, screen: Screen) -> None:
    axe = _axe()
    me = visit("", screen, expect=(404, 409, 422, 503))
    seen = 0
    for state in _states(fake, me):
        if not me.page.evaluate("typeof axe !== 'undefined'"):
            me.page.evaluate(axe)
        assert _run_axe(me, _TAGS) == [], state
        # Another scheme changes colours alone.
        me.page.emulate_media(color_scheme="dark")
        assert _run_axe(me, ["color-contrast"]) == [], f"{state}, dark"
        me.page.emulate_media(color_scheme="light")
        assert me.page.evaluate("document.documentElement.scrollWidth") <= screen.width, state
        seen += 1
    assert seen == 25


def test_axe_is_able_to_find_something(visit: Open) -> None:
    axe = _axe()
    me = visit()
    me.see("遮盖材料里您自己的姓名")
    me.page.evaluate(axe)
    me.page.evaluate("document.querySelector('label[for=name]').remove(), document.querySelector('h1').style.color = '#bbb'")
    found = "\n".join(_run_axe(me, _TAGS))
    assert "label: ['#name']" in found and "color-contrast: ['h1']" in found


def _run_axe(me: Visit, only: list[str]) -> list[str]:
    """Each violation and where it is. ``only``: tags or rules."""
    found = me.page.evaluate("(only) => axe.run(document, {runOnly: only, resultTypes: ['violations']})", only)
    return [f"{v['id']}: {n['target']} {n['failureSummary']}" for v in found["violations"] for n in v["nodes"]]


def test_what_is_pressed_by_a_finger_is_large_enough(fake: Fake, visit: Open) -> None:
    fake.add(review())
    me = visit("#/d/doc-1", PHONE)
    me.wait_for_page()
    me.page.locator(".box").first.focus()
    sides = me.page.locator("button:visible, .segments label:visible, .brand").evaluate_all(
        """(all) => all.map((one) => [one, one.getBoundingClientRect()])
          .map(([one, place]) => [one.textContent || one.ariaLabel, place.width, place.height])"""
    )
    assert len(sides) > 20
    assert [side for side in sides if min(side[1:]) < 44] == []


def test_the_focus_is_always_seen_and_never_under_the_bars(fake: Fake, visit: Open) -> None:
    fake.add(review())
    me = visit("#/d/doc-1", PHONE)
    me.wait_for_page()
    me.page.evaluate("document.getElementById('skip').focus()")
    walked = []
    for _ in range(60):
        me.page.keyboard.press("Tab")
        told = me.page.evaluate(
            """() => {
              const one = document.activeElement, hidden = one.matches('.visually-hidden, .segments input');
              const shown = hidden ? one.parentElement : one;
              if (one === document.body) return null;
              const place = shown.getBoundingClientRect(), x = Math.min(place.left + place.width / 2, innerWidth - 1);
              const at = document.elementFromPoint(x, place.top + Math.min(place.height / 2, 20));
              const seen = at && (shown.contains(at) || at.contains(shown) || at.closest('.pane'));
              return [one.className + ' ' + (one.ariaLabel ?? one.textContent).slice(0, 20), Boolean(seen)];
            }"""
        )
        if told is None:
            break
        walked.append(told)
    assert len(walked) > 20
    assert [name for name, seen in walked if not seen] == []


def test_a_dialog_keeps_the_focus_and_gives_it_back(fake: Fake, visit: Open) -> None:
    me = visit()
    me.button("帮助").focus()
    me.page.keyboard.press("Enter")
    expect(me.page.get_by_role("dialog", name="怎么用")).to_be_visible()
    assert me.page.evaluate("document.activeElement.closest('dialog') !== null")
    me.page.keyboard.press("Escape")
    expect(me.page.get_by_role("dialog")).to_have_count(0)
    expect(me.button("帮助")).to_be_focused()


def test_the_page_works_at_four_times_the_text_size(fake: Fake, visit: Open) -> None:
    """Reflow (WCAG 1.4.10): 1280 px at 400 % are 320 px."""
    fake.add(review())
    me = visit("#/d/doc-1", Screen("zoomed", 320, 256, touch=False))
    me.wait_for_page()
    assert me.page.evaluate("document.documentElement.scrollWidth") <= 320
    me.page.locator(".choice.yes").click()
    me.see("第 2 页已保存：是。")


def test_nothing_is_inline_and_nothing_comes_from_elsewhere() -> None:
    html = (WEB / "index.html").read_text()
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=", html)
    for path in WEB.iterdir():
        text = path.read_text().replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://|innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(", text), path.name

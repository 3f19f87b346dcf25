"""Seeing a page: before and after masking, zoom and pan, and the places that are spoken of."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from drawn_documents import drawn, long, review, simple
from fake import Canned, Fake
from PIL import Image
from playwright.sync_api import expect
from visit import PHONE, SCREENS, Screen, Visit

Open = Callable[..., Visit]


def _open(visit: Open, screen: Screen, **more: object) -> Visit:
    me = visit("#/d/doc-1", screen, **more)
    me.wait_for_page()
    return me


def _scale(me: Visit) -> float:
    return float(me.page.evaluate("parseFloat(document.querySelector('.before .sheet').style.width)")) / 1654


def _darkness(me: Visit, pane: str) -> float:
    """Share of dark pixels that the screen shows at the name's place."""
    (name,) = drawn("appointment")[1]
    sheet = me.page.locator(f"{pane} .sheet").bounding_box()
    assert sheet
    scale = sheet["width"] / 1654
    x0, y0, x1, y1 = (side * scale for side in name)
    clip = {"x": sheet["x"] + x0, "y": sheet["y"] + y0, "width": x1 - x0, "height": y1 - y0}
    with Image.open(io.BytesIO(me.page.screenshot(clip=clip))) as shown:  # type: ignore[arg-type]
        return float((np.asarray(shown.convert("L")) < 60).mean())


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_before_after_both_and_slider_show_the_page_so(fake: Fake, visit: Open, screen: Screen) -> None:
    fake.add(simple())
    me = _open(visit, screen)
    assert _darkness(me, ".before") < 0.5
    me.show("遮盖后")
    me.wait_for_page()
    assert _darkness(me, ".after") > 0.75
    me.show("并排")
    me.wait_for_page()
    assert _darkness(me, ".before") < 0.5 and _darkness(me, ".after") > 0.75
    me.show("滑块")
    me.wait_for_page()
    me.page.get_by_label("滑块位置").fill("100")
    me.until("document.querySelector('.over').naturalWidth > 0")
    assert _darkness(me, ".before") > 0.9
    me.page.get_by_label("滑块位置").fill("0")
    assert _darkness(me, ".before") < 0.5


def test_the_slider_is_drawn_by_its_handle_and_stays_at_hand_when_zoomed(fake: Fake, visit: Open) -> None:
    fake.add(simple())
    me = _open(visit, SCREENS[0])
    me.show("滑块")
    me.wait_for_page()
    for _ in range(4):
        me.press("放大")
    handle, panes = me.page.locator(".divider").bounding_box(), me.page.locator(".panes").bounding_box()
    assert handle and panes
    middle = (handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2)
    assert abs(middle[0] - (panes["x"] + panes["width"] / 2)) < 12
    me.drag(middle, (middle[0] - 150, middle[1]))
    handle = me.page.locator(".divider").bounding_box()
    assert handle and abs(handle["x"] + handle["width"] / 2 - (middle[0] - 150)) < 12


def test_the_wheel_with_control_zooms_where_the_pointer_is(fake: Fake, visit: Open) -> None:
    fake.add(simple())
    me = _open(visit, SCREENS[0])
    fitted = _scale(me)
    for _ in range(4):
        me.press("放大")  # from here on it is larger than its window, and can be moved
    before, at = _scale(me), me.on_screen(900, 1250)
    me.page.mouse.move(*at)
    me.page.keyboard.down("Control")
    for _ in range(8):
        me.page.mouse.wheel(0, -100)
    me.page.keyboard.up("Control")
    me.until(f"parseFloat(document.querySelector('.before .sheet').style.width) / 1654 > {before * 1.8}")
    me.page.wait_for_timeout(100)
    now = me.on_screen(900, 1250)
    assert abs(now[0] - at[0]) < 4 and abs(now[1] - at[1]) < 4
    me.press("适合窗口")
    assert abs(_scale(me) - fitted) < 0.001


def test_two_fingers_zoom_and_the_page_does_not(fake: Fake, visit: Open) -> None:
    fake.add(simple())
    me = _open(visit, PHONE)
    before = _scale(me)
    me.pinch(me.on_screen(800, 1000), 40, 120)
    assert 2.5 < _scale(me) / before < 3.5
    assert me.page.evaluate("visualViewport.scale") == 1


def test_the_mouse_and_keys_move_a_page_that_is_larger_than_its_window(fake: Fake, visit: Open) -> None:
    fake.add(simple())
    me = _open(visit, SCREENS[0])
    me.page.locator(".before").focus()
    for _ in range(5):
        me.page.keyboard.press("+")
    scrolled = "document.querySelector('.before').scrollTop"
    start = me.page.evaluate(scrolled)
    me.drag((560, 300), (500, 200))
    assert me.page.evaluate(scrolled) == start + 100
    me.page.keyboard.press("ArrowDown")
    me.until(f"{scrolled} > {start + 100}")
    me.page.keyboard.press("0")
    assert me.page.evaluate(scrolled) == 0


def test_both_sides_move_as_one(fake: Fake, visit: Open) -> None:
    fake.add(simple())
    me = _open(visit, SCREENS[0])
    me.show("并排")
    for _ in range(5):
        me.press("放大")
    me.page.wait_for_timeout(100)  # what zooming scrolled has been followed
    me.page.locator(".after").evaluate("(pane) => { pane.scrollTop = 77; pane.scrollLeft = 55; }")
    me.until("document.querySelector('.before').scrollTop === 77 && document.querySelector('.before').scrollLeft === 55")


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_the_evidence_leads_to_its_place(fake: Fake, visit: Open, screen: Screen) -> None:
    fake.add(review())
    me = _open(visit, screen)
    me.see("签名处有字迹但无法识别")
    me.see("相符 97%")
    # Each place is shown in small beside its words.
    me.until("[...document.querySelectorAll('.place canvas')].every((canvas) => !canvas.hidden)")
    inked = """(canvas) => {
      const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      return data.filter((value, at) => at % 4 < 3 && value < 120).length;
    }"""
    assert me.page.locator(".place canvas").first.evaluate(inked) > 50
    me.press("在页面上看")
    expect(me.page.locator(".mark.spot")).to_be_in_viewport(ratio=0.9)
    assert _scale(me) > 0.5


def test_scan_issues_are_told_with_advice_and_place(fake: Fake, visit: Open) -> None:
    fake.add(review())
    me = _open(visit, SCREENS[0])
    me.go_to_page(4)
    me.see("页面有些歪斜。")
    me.see("最好摆正后重新扫描")
    expect(me.page.locator(".mark.issue")).to_have_count(1)
    expect(me.page.locator(".mark.reason")).to_have_count(1)


def test_a_picture_that_does_not_come_can_be_asked_for_again(fake: Fake, visit: Open) -> None:
    fake.add(simple())
    fake.canned = [Canned("GET", r"pages/0\.png", 500)]
    me = visit("#/d/doc-1", expect=(500,))
    me.see("画面没有载入。")
    me.press("重新载入")
    me.wait_for_page()


def test_without_a_masked_file_it_says_so(fake: Fake, visit: Open) -> None:
    fake.add(simple())
    fake.documents["doc-1"].output = False
    me = _open(visit, SCREENS[0])
    me.show("遮盖后")
    me.see("这一页还没有遮盖后的画面。")
    assert not any("layer=masked" in address for address in me.asked)


def test_a_hundred_and_fifty_pages_are_loaded_as_they_come_near(fake: Fake, visit: Open) -> None:
    fake.add(long(150))
    me = visit("#/d/doc-1")
    me.page.wait_for_selector(".document")
    me.until("document.querySelectorAll('.page-entry img[src]').length > 5")
    me.page.wait_for_timeout(300)
    first = [address for address in me.asked if "width=160" in address]
    assert len(first) < 40
    me.page.locator(".pages").evaluate("(list) => { list.scrollTop = list.scrollHeight; }")
    me.until("document.querySelector(\".page-entry[data-page='148'] img\").hasAttribute('src')")
    expect(me.page.locator(".page-entry[data-page='9'] img")).not_to_have_attribute("src", "blob:")
    me.until("window.heldPictures < 60")
    for _ in range(8):
        me.press("下一个待确认页")
    me.until("document.querySelector('.picture-state').hidden")
    # Six large pictures, and the small ones near what is seen.
    me.until("window.heldPictures <= document.querySelectorAll('.page-entry img[src]').length + 6")
    assert me.page.locator(".page-entry img[src]").count() < 60

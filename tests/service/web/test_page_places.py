"""A mask that the library cut into slices, since its text is tilted, is one place to a person, and saved slice by slice."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from drawn_documents import sliced
from fake import BoxPixels, Fake
from PIL import Image
from playwright.sync_api import expect
from visit import DESK, SCREENS, Screen, Visit

Open = Callable[..., Visit]


@pytest.fixture
def masks(fake: Fake) -> tuple[BoxPixels, ...]:
    """A box, then 15 slices."""
    fake.add(sliced())
    return fake.documents["doc-1"].pages[0].masks


def _open(visit: Open, screen: Screen = DESK, *, expect: tuple[int, ...] = ()) -> Visit:
    me = visit("#/d/doc-1", screen, expect=expect)
    me.wait_for_page()
    return me


def _answer(me: Visit) -> None:
    where = me.page.locator(".choice.yes")
    where.tap() if me.screen.touch else where.click()


def _around(boxes: tuple[BoxPixels, ...]) -> list[int]:
    x0, y0, x1, y1 = zip(*boxes, strict=True)
    return [min(x0), min(y0), max(x1), max(y1)]


def _shifted(boxes: tuple[BoxPixels, ...], dx: int, dy: int) -> list[list[int]]:
    return [[x0 + dx, y0 + dy, x1 + dx, y1 + dy] for x0, y0, x1, y1 in boxes]


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_slices_are_one_place_and_saved_unchanged(fake: Fake, masks: tuple[BoxPixels, ...], visit: Open, screen: Screen) -> None:
    me = _open(visit, screen)
    assert me.boxes() == [list(masks[0]), _around(masks[1:])]
    me.see("遮盖框里的 2 处")
    me.not_see("恢复系统建议")
    _answer(me)
    me.see("第 1 页已保存：是。")
    assert fake.puts == [{"page_index": 0, "mask_required": "是", "masks": [list(mask) for mask in masks]}]


def test_a_place_is_one_stop_of_the_tab_key(masks: tuple[BoxPixels, ...], visit: Open) -> None:
    me = _open(visit)
    me.page.locator(".before").focus()
    for at in (0, 1):
        me.page.keyboard.press("Tab")
        expect(me.page.locator(".box").nth(at)).to_be_focused()
    me.page.keyboard.press("Tab")
    expect(me.page.locator(".boxes :focus")).to_have_count(0)


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_it_is_moved_as_one_and_undone_at_once(fake: Fake, masks: tuple[BoxPixels, ...], visit: Open, screen: Screen) -> None:
    me = _open(visit, screen)
    _, old = me.boxes()
    middle = me.on_screen((old[0] + old[2]) / 2, (old[1] + old[3]) / 2)
    if screen.touch:
        me.page.touchscreen.tap(*middle)
        expect(me.page.locator(".box").nth(1)).to_have_attribute("aria-pressed", "true")
    me.drag(middle, (middle[0] - 40, middle[1] + 30))
    _, new = me.boxes()
    dx, dy = new[0] - old[0], new[1] - old[1]
    assert dx < -20 and dy > 20 and new == [old[0] + dx, old[1] + dy, old[2] + dx, old[3] + dy]
    me.press("撤销")
    assert me.boxes()[1] == old
    expect(me.button("撤销")).to_be_disabled()
    me.press("重做")
    _answer(me)
    me.see("第 1 页已保存：是。")
    assert fake.puts[0]["masks"] == [list(masks[0]), *_shifted(masks[1:], dx, dy)]


def test_it_is_deleted_as_one_and_undone_at_once(fake: Fake, masks: tuple[BoxPixels, ...], visit: Open) -> None:
    me = _open(visit)
    before = me.boxes()
    me.page.locator(".box").nth(1).focus()
    me.page.keyboard.press("Delete")
    assert me.boxes() == before[:1]
    expect(me.page.locator("#announcer")).to_have_text("已删除遮盖框，还有 1 个。")
    me.see("遮盖框里的 1 处")
    me.press("撤销")
    assert me.boxes() == before
    me.press("重做")
    _answer(me)
    me.see("第 1 页已保存：是。")
    assert fake.puts[0]["masks"] == [list(masks[0])]


def test_resized_it_becomes_one_plain_box(fake: Fake, masks: tuple[BoxPixels, ...], visit: Open) -> None:
    me = _open(visit)
    x0, y0, x1, y1 = _around(masks[1:])
    me.page.locator(".box").nth(1).focus()
    me.page.keyboard.press("Alt+Shift+ArrowRight")
    assert me.boxes()[1] == [x0, y0, x1 + 1, y1]
    _answer(me)
    me.see("第 1 页已保存：是。")
    assert fake.puts[0]["masks"] == [list(masks[0]), [x0, y0, x1 + 1, y1]]


def test_a_corner_of_its_frame_resizes_it_by_the_mouse(masks: tuple[BoxPixels, ...], visit: Open) -> None:
    me = _open(visit)
    x0, y0, *_ = _around(masks[1:])
    me.page.locator(".box").nth(1).focus()
    corner = me.page.locator(".box").nth(1).locator(".handle[data-edges=se]").bounding_box()
    assert corner
    start = (corner["x"] + corner["width"] / 2, corner["y"] + corner["height"] / 2)
    me.drag(start, (start[0] + 40, start[1] + 30))
    new = me.boxes()[1]
    assert new[:2] == [x0, y0] and new[2] > _around(masks[1:])[2] + 20
    me.press("撤销")
    me.not_see("改动还没保存")


def test_a_drawn_box_is_a_place_of_its_own_also_over_another_and_when_saved(
    fake: Fake, masks: tuple[BoxPixels, ...], visit: Open
) -> None:
    me = _open(visit)
    x0, y0, x1, y1 = _around(masks[1:])
    me.press("画框")
    me.drag(me.on_screen(x0 - 60, y0 - 40), me.on_screen(x1 + 20, y1 + 40))
    drawn = me.boxes()[2]
    me.see("遮盖框里的 3 处")
    _answer(me)
    me.see("第 1 页已保存：是。")
    assert fake.puts[0]["masks"] == [*map(list, masks), drawn]
    assert len(me.boxes()) == 3
    me.not_see("改动还没保存")


def test_slices_that_were_dropped_come_back_as_one_place(fake: Fake, masks: tuple[BoxPixels, ...], visit: Open) -> None:
    me = _open(visit)
    before = me.boxes()
    me.page.locator(".box").nth(1).focus()
    me.page.keyboard.press("Shift+ArrowRight")
    me.press("放弃改动")
    assert me.boxes() == before
    me.page.locator(".box").nth(1).focus()
    me.page.keyboard.press("Delete")
    me.press("恢复系统建议的遮盖框")
    assert me.boxes() == before


def test_what_lies_in_the_empty_corner_of_its_frame_can_be_pressed(masks: tuple[BoxPixels, ...], visit: Open) -> None:
    me = _open(visit)
    for _ in range(3):
        me.press("放大")
    me.page.locator(".box").nth(1).scroll_into_view_if_needed()
    x0, y0, x1, y1 = _around(masks[1:])
    over = "([x, y]) => document.elementFromPoint(x, y).closest('.box') !== null"
    assert me.page.evaluate(over, me.on_screen((x0 + x1) / 2, (y0 + y1) / 2))
    assert me.page.evaluate(over, me.on_screen(x0 + 2, masks[1][1] + 10))
    assert not me.page.evaluate(over, me.on_screen(x1 - 2, y0 + 2))


def test_no_lines_are_seen_within_it(masks: tuple[BoxPixels, ...], visit: Open) -> None:
    """Along the middle of the slices, above the ink, all pixels look alike."""
    me = _open(visit)
    for _ in range(3):
        me.press("放大")
    paint = me.page.locator(".box").nth(1)
    paint.scroll_into_view_if_needed()
    # Nothing but the mask itself.
    me.page.evaluate("document.querySelectorAll('.before img, .marks').forEach((one) => (one.style.visibility = 'hidden'))")
    middle = (masks[8][1] + masks[8][3]) / 2
    (left, y), (right, _) = me.on_screen(masks[2][0], middle), me.on_screen(masks[14][2], middle)
    shot = me.page.screenshot(clip={"x": left, "y": y, "width": right - left, "height": 1})
    pixels = np.array(Image.open(io.BytesIO(shot)).convert("RGB")).astype(int)
    assert np.ptp(pixels, axis=(0, 1)).max() <= 3

"""Boxes are drawn, moved, resized and deleted by mouse, finger, keys and buttons, and every step can be undone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from drawn_documents import drawn, review, simple
from fake import Fake, FakeDocument
from playwright.sync_api import expect
from visit import DESK, PHONE, SCREENS, Screen, Visit

Open = Callable[..., Visit]


@pytest.fixture
def document(fake: Fake) -> FakeDocument:
    fake.add(simple())
    return fake.documents["doc-1"]


def _open(visit: Open, screen: Screen = DESK) -> Visit:
    me = visit("#/d/doc-1", screen)
    me.wait_for_page()
    return me


def _close_to(box: list[int], wanted: tuple[float, ...], by: float) -> bool:
    return all(abs(side - want) <= by for side, want in zip(box, wanted, strict=True))


def _pixel(me: Visit) -> float:
    """Pixels of the page that one pixel of the screen shows."""
    return 1654 / float(me.page.evaluate("parseFloat(document.querySelector('.before .sheet').style.width)"))


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_a_box_is_drawn_by_dragging(document: FakeDocument, visit: Open, screen: Screen) -> None:
    me = _open(visit, screen)
    (old,) = me.boxes()
    me.press("画框")
    me.see("在页面上拖出一个框")
    me.drag(me.on_screen(900, 1400), me.on_screen(400, 1700))
    boxes = me.boxes()
    assert boxes[0] == old and len(boxes) == 2
    assert _close_to(boxes[1], (400, 1400, 900, 1700), 1.5 * _pixel(me))
    expect(me.page.locator(".box").nth(1)).to_be_focused()
    # The page was not scrolled by the finger that drew.
    assert me.page.evaluate("[scrollY, document.querySelector('.before').scrollTop]") == [0, 0]
    me.press("画框")
    me.drag(me.on_screen(300, 1800), me.on_screen(500, 1900))
    assert len(me.boxes()) == 2


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_a_single_press_places_a_box_where_dragging_is_not_possible(document: FakeDocument, visit: Open, screen: Screen) -> None:
    me = _open(visit, screen)
    me.press("画框")
    at = me.on_screen(800, 1500)
    me.page.touchscreen.tap(*at) if screen.touch else me.page.mouse.click(*at)
    (old, new) = me.boxes()
    assert _close_to([(new[0] + new[2]) // 2, (new[1] + new[3]) // 2], (800, 1500), 1.5 * _pixel(me))
    assert (new[2] - new[0], new[3] - new[1]) == (old[2] - old[0], old[3] - old[1])


def test_the_mouse_moves_and_resizes_a_box(document: FakeDocument, visit: Open) -> None:
    me = _open(visit)
    ((x0, y0, x1, y1),) = me.boxes()
    middle = ((x0 + x1) / 2, (y0 + y1) / 2)
    me.drag(me.on_screen(*middle), me.on_screen(middle[0] + 300, middle[1] - 200))
    (moved,) = me.boxes()
    assert _close_to(moved, (x0 + 300, y0 - 200, x1 + 300, y1 - 200), 1.5 * _pixel(me))
    assert (moved[2] - moved[0], moved[3] - moved[1]) == (x1 - x0, y1 - y0)
    corner = me.page.locator(".handle[data-edges=se]").bounding_box()
    assert corner
    start = (corner["x"] + corner["width"] / 2, corner["y"] + corner["height"] / 2)
    me.drag(start, (start[0] + 40, start[1] + 30))
    (grown,) = me.boxes()
    assert _close_to(grown, (*moved[:2], moved[2] + 40 * _pixel(me), moved[3] + 30 * _pixel(me)), 1.5)


def test_a_box_stops_at_the_edge_of_the_page(document: FakeDocument, visit: Open) -> None:
    me = _open(visit)
    ((x0, y0, x1, y1),) = me.boxes()
    me.drag(me.on_screen((x0 + x1) / 2, (y0 + y1) / 2), (5, me.on_screen(0, 900)[1]))
    (moved,) = me.boxes()
    assert (moved[0], moved[2]) == (0, x1 - x0)


def test_a_finger_chooses_a_box_before_it_moves_it(document: FakeDocument, visit: Open) -> None:
    me = _open(visit, PHONE)
    (old,) = me.boxes()
    middle = me.on_screen((old[0] + old[2]) / 2, (old[1] + old[3]) / 2)
    me.drag(middle, (middle[0] + 30, middle[1] + 30))
    assert me.boxes() == [old]
    expect(me.page.locator(".box")).to_have_attribute("aria-pressed", "false")
    me.page.evaluate("scrollTo(0, 0)")
    middle = me.on_screen((old[0] + old[2]) / 2, (old[1] + old[3]) / 2)
    me.page.touchscreen.tap(*middle)
    expect(me.page.locator(".box")).to_have_attribute("aria-pressed", "true")
    me.drag(middle, (middle[0] + 30, middle[1] + 40))
    (moved,) = me.boxes()
    right, down = 30 * _pixel(me), 40 * _pixel(me)
    assert _close_to(moved, (old[0] + right, old[1] + down, old[2] + right, old[3] + down), 1.5)


def test_keys_move_resize_delete_and_add(document: FakeDocument, visit: Open) -> None:
    me = _open(visit)
    press = me.page.keyboard.press
    ((x0, y0, x1, y1),) = me.boxes()
    me.page.locator(".before").focus()
    press("Tab")
    expect(me.page.locator(".box")).to_be_focused()
    press("ArrowRight")
    ((left, *_),) = me.boxes()
    step = left - x0
    assert step > 5
    press("ArrowUp")
    assert me.boxes() == [[x0 + step, y0 - step, x1 + step, y1 - step]]
    press("Alt+ArrowLeft")
    assert me.boxes() == [[x0 + step - 1, y0 - step, x1 + step - 1, y1 - step]]
    press("Shift+ArrowRight")
    press("Alt+Shift+ArrowDown")
    assert me.boxes() == [[x0 + step - 1, y0 - step, x1 + 2 * step - 1, y1 - step + 1]]
    press("Delete")
    assert me.boxes() == []
    expect(me.page.locator(".before")).to_be_focused()
    press("n")
    (new,) = me.boxes()
    assert _close_to([(new[0] + new[2]) // 2, (new[1] + new[3]) // 2], (827, 1169), 3)
    expect(me.page.locator(".box")).to_be_focused()
    expect(me.page.locator("#announcer")).to_have_text("已加一个遮盖框，共 1 个。")


def test_a_letter_typed_elsewhere_draws_nothing(document: FakeDocument, visit: Open) -> None:
    me = _open(visit)
    me.page.locator(".choice.yes").focus()
    me.page.keyboard.press("n")
    assert len(me.boxes()) == 1


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_buttons_move_resize_and_delete_the_chosen_box(document: FakeDocument, visit: Open, screen: Screen) -> None:
    me = _open(visit, screen)
    ((x0, y0, x1, y1),) = me.boxes()
    me.page.locator(".box").focus()
    me.press("向右", exact=True)
    ((left, *_),) = me.boxes()
    step = left - x0
    assert step > 5
    me.press("改大小")
    me.press("变高", exact=True)
    assert me.boxes() == [[x0 + step, y0, x1 + step, y1 + step]]
    me.press("删除此框")
    assert me.boxes() == []
    expect(me.page.locator(".box-bar")).to_be_hidden()


def test_every_step_can_be_undone_and_done_again(document: FakeDocument, visit: Open) -> None:
    me = _open(visit)
    press = me.page.keyboard.press
    first = me.boxes()
    expect(me.button("撤销")).to_be_disabled()
    me.page.locator(".before").focus()
    press("n")
    second = me.boxes()
    for _ in range(3):
        press("ArrowRight")
    third = me.boxes()
    assert third != second
    press("Delete")
    press("Control+z")
    assert me.boxes() == third
    # Quick steps of one kind are one step.
    press("Control+z")
    assert me.boxes() == second
    press("Control+z")
    assert me.boxes() == first
    expect(me.button("撤销")).to_be_disabled()
    press("Control+Shift+Z")
    press("Control+y")
    assert me.boxes() == third
    me.press("重做")
    assert me.boxes() == first
    me.press("撤销")
    assert me.boxes() == third


def test_an_edited_page_is_marked_until_it_is_as_before(document: FakeDocument, visit: Open) -> None:
    me = _open(visit)
    me.page.locator(".box").focus()
    me.page.keyboard.press("Delete")
    me.see("改动还没保存")
    me.see("有 1 页的改动还没保存")
    me.press("放弃改动")
    me.not_see("改动还没保存")
    assert len(me.boxes()) == 1
    me.see("每页都有答案")


def test_each_page_keeps_its_own_edits(fake: Fake, visit: Open) -> None:
    fake.add(review())
    me = visit("#/d/doc-1")
    me.wait_for_page()
    before = me.boxes()
    me.page.locator(".box").first.focus()
    me.page.keyboard.press("Delete")
    me.go_to_page(1)
    expect(me.page.locator(".page-entry[data-page='1']")).to_contain_text("改动未保存")
    expect(me.button("撤销")).to_be_disabled()
    me.go_to_page(2)
    assert me.boxes() == before[1:]
    me.press("撤销")
    assert me.boxes() == before
    expect(me.page.locator(".page-entry[data-page='1']")).not_to_contain_text("改动未保存")


def test_boxes_lie_on_the_name_at_every_zoom(document: FakeDocument, visit: Open) -> None:
    me = _open(visit)
    (name,) = drawn("appointment")[1]
    for _ in range(3):
        place = me.page.locator(".box .paint").bounding_box()
        assert place
        left, top = me.on_screen(name[0] - 6, name[1] - 6)
        right, bottom = me.on_screen(name[2] + 6, name[3] + 6)
        assert _close_to([place["x"], place["y"], place["width"], place["height"]], (left, top, right - left, bottom - top), 1)
        me.press("放大")

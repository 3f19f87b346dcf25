"""The parts of the page that are plain functions, as a table of what they give. They run in the browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fake import Fake
from playwright.sync_api import Browser
from visit import DESK, Visit


@pytest.fixture(scope="module")
def call(browser: Browser, server: Fake) -> Iterator[Callable[..., Any]]:
    """``call(module, expression)``: what the expression gives, ``m`` being the module."""
    me = Visit(browser, server.address, DESK, "light", ())
    me.open("")
    yield lambda module, expression: me.page.evaluate(f"import('./{module}.js').then((m) => {expression})")
    me.close()
    assert me.complaints == []


def test_boxes_stay_on_the_page_and_the_right_way_round(call: Callable[..., Any]) -> None:
    page = "{width: 100, height: 50}"
    for expression, box in {
        f"m.boxBetween(30, 40, 10, 20, {page})": [10, 20, 30, 40],
        f"m.boxBetween(-9, -9, 500, 500, {page})": [0, 0, 100, 50],
        f"m.boxBetween(10.4, 10.6, 20.4, 20.6, {page})": [10, 11, 20, 21],
        f"m.boxBetween(5, 5, 5, 5, {page})": [5, 5, 9, 9],
        f"m.boxBetween(100, 50, 100, 50, {page})": [96, 46, 100, 50],
        f"m.moveBox([10, 10, 30, 20], 5, -3, {page})": [15, 7, 35, 17],
        f"m.moveBox([10, 10, 30, 20], 500, 500, {page})": [80, 40, 100, 50],
        f"m.moveBox([10, 10, 30, 20], -500, -500, {page})": [0, 0, 20, 10],
        f"m.resizeBox([10, 10, 30, 20], 'se', 5, 6, {page})": [10, 10, 35, 26],
        f"m.resizeBox([10, 10, 30, 20], 'nw', 5, 6, {page})": [15, 16, 30, 20],
        f"m.resizeBox([10, 10, 30, 20], 'e', 5, 6, {page})": [10, 10, 35, 20],
        f"m.resizeBox([10, 10, 30, 20], 'w', 500, 0, {page})": [26, 10, 30, 20],
        f"m.resizeBox([10, 10, 30, 20], 'n', 0, 500, {page})": [10, 16, 30, 20],
        f"m.padBox([2, 10, 30, 49], 3, {page})": [0, 7, 33, 50],
    }.items():
        assert call("geometry", expression) == box, expression


def test_boxes_are_the_same_in_any_order(call: Callable[..., Any]) -> None:
    assert call("geometry", "m.sameBoxes([[1, 2, 3, 4], [5, 6, 7, 8]], [[5, 6, 7, 8], [1, 2, 3, 4]])")
    assert not call("geometry", "m.sameBoxes([[1, 2, 3, 4]], [[1, 2, 3, 4], [1, 2, 3, 4]])")
    assert not call("geometry", "m.sameBoxes([[1, 2, 3, 4]], [[1, 2, 3, 5]])")


def test_boxes_that_touch_are_one_group_in_the_order_of_the_list(call: Callable[..., Any]) -> None:
    a, right, below, corner = [10, 10, 20, 20], [20, 15, 30, 25], [10, 20, 20, 30], [20, 20, 30, 30]
    inside, far, bridge = [12, 12, 15, 15], [40, 10, 50, 20], [18, 12, 42, 14]
    for boxes, groups in (
        ([], []),
        ([a, right], [[a, right]]),
        ([a, below], [[a, below]]),
        ([a, corner], [[a], [corner]]),
        ([a, inside], [[a, inside]]),
        ([a, a], [[a, a]]),
        # A chain: its ends lie apart. Two names on one line, a pixel between them.
        ([a, right, [30, 20, 40, 30]], [[a, right, [30, 20, 40, 30]]]),
        ([a, [21, 10, 31, 20]], [[a], [[21, 10, 31, 20]]]),
        # What joins comes last; the order stays that of the list.
        ([far, [90, 90, 95, 95], a, bridge], [[far, a, bridge], [[90, 90, 95, 95]]]),
        ([far, a, [50, 10, 60, 20], bridge], [[far, a, [50, 10, 60, 20], bridge]]),
        ([a, far, below], [[a, below], [far]]),
    ):
        assert call("geometry", f"m.groupBoxes({boxes})") == groups, boxes


def test_boxes_of_a_group_stop_at_the_edge_of_the_page_together(call: Callable[..., Any]) -> None:
    group, page = "[[10, 10, 12, 20], [12, 12, 30, 22]]", "{width: 100, height: 50}"
    for by, moved in {
        "5, -3": [[15, 7, 17, 17], [17, 9, 35, 19]],
        "500, 500": [[80, 38, 82, 48], [82, 40, 100, 50]],
        "-500, -500": [[0, 0, 2, 10], [2, 2, 20, 12]],
    }.items():
        assert call("geometry", f"m.moveBoxes({group}, {by}, {page})") == moved, by


def test_the_outline_goes_round_the_union_without_inner_lines(call: Callable[..., Any]) -> None:
    ring = [[0, 0, 30, 10], [0, 20, 30, 30], [0, 10, 10, 20], [20, 10, 30, 20]]
    for boxes, lines in (
        ([[1, 2, 5, 9]], [[[1, 2], [5, 2], [5, 9], [1, 9]]]),
        ([[0, 0, 4, 8], [4, 0, 9, 8]], [[[0, 0], [9, 0], [9, 8], [0, 8]]]),
        ([[0, 0, 4, 8], [2, 0, 9, 8], [3, 1, 5, 4]], [[[0, 0], [9, 0], [9, 8], [0, 8]]]),
        ([[0, 0, 4, 8], [4, 1, 9, 9]], [[[0, 0], [4, 0], [4, 1], [9, 1], [9, 9], [4, 9], [4, 8], [0, 8]]]),
        (ring, [[[0, 0], [30, 0], [30, 30], [0, 30]], [[10, 10], [10, 20], [20, 20], [20, 10]]]),
    ):
        found = call("outline", f"m.outline({boxes})")
        assert sorted(map(_turned, found)) == sorted(map(_turned, lines)), boxes
    assert call("outline", "m.pathOf(m.outline([[0, 0, 4, 8]]))").count("M") == 1


def _turned(line: list[list[int]]) -> list[list[int]]:
    """The same closed line from its least point on."""
    at = line.index(min(line))
    return line[at:] + line[:at]


def test_undo_and_redo_are_values(call: Callable[..., Any]) -> None:
    story = """(() => {
      const a = m.begin("a"), b = m.record(a, "b"), c = m.record(b, "c"), back = m.undo(c), other = m.record(back, "d");
      const words = [m.undo(a), back, m.undo(back), m.redo(back), other, m.undo(other), c].map(({now}) => now);
      return [words.join(""), m.canRedo(c), m.canRedo(back), m.canRedo(other), m.canUndo(a)];
    })()"""
    assert call("history", story) == ["abacdbc", False, True, False, False]


def test_quick_steps_of_one_kind_are_one_and_slow_or_other_ones_are_not(call: Callable[..., Any]) -> None:
    story = """(steps) => steps.reduce((h, [now, tag, at]) => m.record(h, now, {tag, at}), m.begin(0)).past.length"""
    for steps, undone in (
        ([[1, "x", 0], [2, "x", 500], [3, "x", 1000]], 1),
        ([[1, "x", 0], [2, "x", 2000]], 2),
        ([[1, "x", 0], [2, "y", 10]], 2),
        ([[1, None, 0], [2, None, 1]], 2),
    ):
        written = str(steps).replace("None", "null")
        assert call("history", f"({story})({written})") == undone, steps


def test_waiting_grows_and_the_service_is_obeyed(call: Callable[..., Any]) -> None:
    assert call("patience", "[0, 1, 2, 3, 4, 5, 9].map((n) => m.pauseBefore(n))") == [1, 2, 4, 8, 16, 30, 30]
    assert call("patience", "m.pauseBefore(0, 45)") == 45
    pauses = call("patience", "Array.from({length: 20}, (_, n) => m.pollPause(n))")
    assert pauses == sorted(pauses) and pauses[0] == 400 and pauses[-1] == 5000


def test_only_what_may_pass_is_tried_again(call: Callable[..., Any]) -> None:
    trial = """(statuses) => import('./api.js').then(({Problem}) => {
      let tries = 0; const told = [];
      const ask = async () => {
        const status = statuses[tries++];
        if (status) throw new Problem({status, code: "x", retryAfterS: 0});
        return "done";
      };
      const onWait = (problem) => told.push(problem?.status ?? null);
      return m.patiently(ask, {onWait, most: 3}).catch((error) => error.status).then((end) => [end, tries, told]);
    })"""
    for statuses, end in (
        ([], ["done", 1, []]),
        ([503, 429], ["done", 3, [503, 429, None]]),
        ([422], [422, 1, []]),
        ([409], [409, 1, []]),
        ([503, 404], [404, 2, [503, None]]),
        ([503] * 9, [503, 4, [503, 503, 503, None]]),
    ):
        assert call("patience", f"({trial})({statuses})") == end, statuses


def test_being_online_again_ends_the_wait_and_giving_up_ends_it_too(call: Callable[..., Any]) -> None:
    story = """(end) => import('./api.js').then(({Problem}) => {
      const stop = new AbortController();
      let tries = 0;
      const ask = async () => { if (!tries++) throw new Problem({status: 0, code: "offline", retryAfterS: 3600}); return tries; };
      const onWait = (problem) => problem && setTimeout(() => end === "stop" ? stop.abort() : dispatchEvent(new Event(end)));
      const late = new Promise((give) => setTimeout(give, 9000, "never ended"));
      return Promise.race([m.patiently(ask, {onWait, signal: stop.signal}).catch((error) => error.name), late]);
    })"""
    assert call("patience", f"({story})('online')") == 2
    assert call("patience", f"({story})('stop')") == "AbortError"


def test_pages_to_judge_come_first_and_the_next_one_is_found_round_the_end(call: Callable[..., Any]) -> None:
    pages = "['是', '复核', '否', '复核'].map((mask_required, page_index) => ({page_index, mask_required, issues: []}))"
    report = f"{{status: 'review', issues: [], pages: {pages}}}"
    assert call("document", f"m.orderPages({report})") == [[1, 3], [0, 2]]
    assert call("document", f"[-1, 0, 1, 2, 3].map((from) => m.nextToReview({report}, from))") == [1, 1, 3, 3, 1]
    assert call("document", f"m.nextToReview({{...{report}, status: 'rejected'}}, -1)") is None


def test_an_issue_that_is_told_twice_is_shown_once_and_the_worst_first(call: Callable[..., Any]) -> None:
    report = """(() => {
      const issue = (code, severity, page_index) => ({code, severity, page_index, box: null});
      const pages = [{page_index: 0, issues: [issue('a', 'warn', 0)]}];
      return {pages, issues: [issue('a', 'warn', 0), issue('b', 'reject', 0), issue('c', 'warn', null)]};
    })()"""
    assert call("document", f"m.issuesOf({report}, 0).map((i) => i.code)") == ["b", "a"]
    assert call("document", f"m.issuesOf({report}, null).map((i) => i.code)") == ["c"]


def test_addresses_and_tokens_are_read_from_the_fragment(call: Callable[..., Any]) -> None:
    for address, read in {
        "#/d/abc?token=t%2Bx": {"document": "abc", "token": "t+x"},
        "#/d/a-b_c": {"document": "a-b_c", "token": None},
        "#/": {"document": None, "token": None},
        "": {"document": None, "token": None},
        "#/d/a/b": {"document": None, "token": None},
    }.items():
        assert call("session", f"m.readAddress({address!r})") == read


def test_pictures_are_asked_for_at_few_widths(call: Callable[..., Any]) -> None:
    widths = call("pictures", "[10, 640, 641, 1500, 1700, 9000].map((needed) => m.widthFor(needed, 1654))")
    assert widths == [640, 640, 1000, 1600, None, None]


def test_only_the_last_pictures_are_held(call: Callable[..., Any]) -> None:
    story = """(async () => {
      const loads = [], load = async (key) => { loads.push(key); return new Blob([key]); };
      const pictures = new m.Pictures(load, 2), before = window.heldPictures;
      await pictures.get("a"); await pictures.get("b"); await pictures.get("a"); await pictures.get("c"); await pictures.get("a");
      await new Promise((done) => setTimeout(done));
      const held = window.heldPictures - before;
      pictures.clear(); await new Promise((done) => setTimeout(done));
      return [loads.join(""), held, window.heldPictures - before];
    })()"""
    assert call("pictures", story) == ["abc", 2, 0]


def test_few_pictures_are_loaded_at_a_time_in_turn_and_those_not_wanted_are_left_out(call: Callable[..., Any]) -> None:
    story = """(async () => {
      const turns = new m.Turns(2), stop = new AbortController(), order = [];
      let running = 0, most = 0;
      const work = (name) => async () => {
        most = Math.max(most, ++running);
        order.push(name);
        await new Promise((done) => setTimeout(done, 5));
        running--;
      };
      const run = (name) => turns.run(work(name), name === "c" ? stop.signal : null).catch((error) => error.name);
      const all = ["a", "b", "c", "d", "e"].map(run);
      stop.abort();
      return [(await Promise.all(all))[2], order.join(""), most];
    })()"""
    assert call("pictures", story) == ["AbortError", "abde", 2]

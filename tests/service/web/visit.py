"""A person's visit to the page, in the words of what they see."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, Locator, Page, expect


@dataclass(frozen=True)
class Screen:
    name: str
    width: int
    height: int
    touch: bool


DESK = Screen("desk", 1280, 800, touch=False)
PHONE = Screen("phone", 360, 740, touch=True)
SCREENS = (DESK, PHONE)

_WATCH = """
addEventListener("securitypolicyviolation", (event) => console.error("policy", event.violatedDirective, event.blockedURI));
window.heldPictures = 0;
const make = URL.createObjectURL, revoke = URL.revokeObjectURL;
URL.createObjectURL = (blob) => { window.heldPictures++; return make.call(URL, blob); };
URL.revokeObjectURL = (address) => { window.heldPictures--; revoke.call(URL, address); };
"""


class Visit:
    """``complaints``: what the console and the policy said. ``expected``: statuses that this visit is meant to meet."""

    def __init__(self, browser: Browser, address: str, screen: Screen, scheme: str, expected: tuple[int, ...]) -> None:
        self.address, self.screen, self.expected = address, screen, expected
        options: Any = {
            "viewport": {"width": screen.width, "height": screen.height},
            "has_touch": screen.touch,
            "is_mobile": screen.touch,
            "color_scheme": scheme,
            "locale": "zh-CN",
            "reduced_motion": "reduce",
        }
        self.context = browser.new_context(**options)
        self.context.set_default_timeout(10_000)
        self.context.add_init_script(_WATCH)
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda said: self._hear(said.type, said.text))
        self.page.on("pageerror", lambda error: self.complaints.append(f"error {error}"))
        self.page.on("request", lambda request: self.asked.append(request.url))

    def _hear(self, kind: str, text: str) -> None:
        met = re.search(r"Failed to load resource: .*?(?:status of (\d+)|net::)", text)
        if met and int(met[1] or 0) in self.expected:
            return
        self.complaints.append(f"{kind} {text}")

    def open(self, path: str) -> None:
        self.page.goto(self.address + path)

    def close(self) -> None:
        self.context.close()

    # What stands there
    def see(self, words: str | re.Pattern[str]) -> None:
        expect(self.page.locator("body")).to_contain_text(words, use_inner_text=True)

    def not_see(self, words: str) -> None:
        expect(self.page.locator("body")).not_to_contain_text(words, use_inner_text=True)

    def button(self, name: str, *, exact: bool = False) -> Locator:
        dialog = self.page.locator("dialog[open]")
        root = dialog if dialog.count() else self.page
        return root.get_by_role("button", name=name, exact=exact).and_(self.page.locator(":visible")).first

    def wait_for_page(self) -> None:
        """The document is there, its picture loaded."""
        self.page.wait_for_selector(".document")
        self.until(
            "[...document.querySelectorAll('.before img:not(.over), .after img')].some((img) => img.complete && img.naturalWidth)"
            " && document.querySelector('.picture-state').hidden"
        )

    def until(self, expression: str, seconds: float = 10) -> None:
        """Waits until a JavaScript expression holds; the page's policy forbids the evaluation that wait_for_function uses."""
        end = time.monotonic() + seconds
        while not self.page.evaluate(expression):
            if time.monotonic() > end:
                raise AssertionError(f"never held: {expression}")
            self.page.wait_for_timeout(20)

    # What a person does
    def choose_file(self, name: str = "scan.pdf", content: bytes = b"a scan") -> None:
        self.page.set_input_files("#file", {"name": name, "mimeType": "application/octet-stream", "buffer": content})

    def press(self, name: str, *, exact: bool = False) -> None:
        where = self.button(name, exact=exact)
        where.tap() if self.screen.touch else where.click()

    def go_to_page(self, number: int) -> None:
        entry = self.page.locator(f".page-entry[data-page='{number - 1}']")
        entry.tap() if self.screen.touch else entry.click()
        expect(entry).to_have_attribute("aria-current", "page")
        self.wait_for_page()

    def show(self, mode: str) -> None:
        self.page.get_by_label(mode, exact=True).check(force=True)

    def boxes(self) -> list[list[int]]:
        """The boxes of the page in view, in its pixels, as a screen reader is told them."""
        told = self.page.locator(".box").evaluate_all("(boxes) => boxes.map((box) => box.getAttribute('aria-label'))")
        found = [list(map(int, re.findall(r"左 (\d+)，上 (\d+)，宽 (\d+)，高 (\d+)", label)[0])) for label in told]
        return [[x, y, x + width, y + height] for x, y, width, height in found]

    def on_screen(self, x: float, y: float) -> tuple[float, float]:
        """Where a pixel of the page in view lies on the screen."""
        place = self.page.locator(".before .sheet").bounding_box()
        scale = self.page.evaluate("parseFloat(document.querySelector('.before .sheet').style.width)") / 1654
        assert place
        return place["x"] + x * scale, place["y"] + y * scale

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """With the mouse, or a finger, between two points of the screen."""
        if not self.screen.touch:
            self.page.mouse.move(*start)
            self.page.mouse.down()
            self.page.mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
            self.page.mouse.move(*end)
            self.page.mouse.up()
            return
        touch = self.context.new_cdp_session(self.page)
        points = [(start[0] + (end[0] - start[0]) * part / 6, start[1] + (end[1] - start[1]) * part / 6) for part in range(7)]
        for kind, point in [("touchStart", points[0]), *(("touchMove", point) for point in points[1:]), ("touchEnd", None)]:
            if point is None:
                # A finger that stops before it is lifted: else it flings, and the next tap only ends the fling.
                self.page.wait_for_timeout(150)
            told = [] if point is None else [{"x": point[0], "y": point[1]}]
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": told})
        touch.detach()

    def pinch(self, middle: tuple[float, float], apart: float, then: float) -> None:
        touch = self.context.new_cdp_session(self.page)

        def fingers(distance: float) -> list[dict[str, float]]:
            return [{"x": middle[0] + side * distance / 2, "y": middle[1], "id": side + 1} for side in (-1, 1)]

        touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": fingers(apart)})
        for part in range(1, 6):
            points = fingers(apart + (then - apart) * part / 5)
            touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": points})
        touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        touch.detach()

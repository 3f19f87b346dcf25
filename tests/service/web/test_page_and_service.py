"""The page with the real service behind it: a person uploads, looks, draws, moves, answers and downloads."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser
from served import DOUBTFUL_HEIGHT, HEIGHT, NAME, Served, picture, serve
from visit import SCREENS, Screen, Visit

# The service's pages are this wide; visit.on_screen counts in pixels of 1654.
_PER_PIXEL = 1654 / 900


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serve(tmp_path_factory.mktemp("behind")) as served:
        yield served


@pytest.fixture(params=SCREENS, ids=lambda screen: screen.name)
def me(request: pytest.FixtureRequest, browser: Browser, service: Served) -> Iterator[Visit]:
    screen: Screen = request.param
    visit = Visit(browser, f"{service.url}/", screen, "light", (409,))
    visit.open("")
    yield visit
    visit.close()
    assert visit.complaints == []
    assert {a.split("/")[2] for a in visit.asked if a.startswith("http")} == {service.url.split("/")[2]}


def _upload(me: Visit, content: bytes) -> None:
    me.choose_file("证书.png", content)
    me.page.get_by_label("申请人姓名").fill(NAME)
    me.press("开始处理")
    me.page.wait_for_url("**/#/d/*")
    me.wait_for_page()


def _answer(me: Visit, choice: str) -> None:
    where = me.page.locator(f".choice.{choice}")
    where.tap() if me.screen.touch else where.click()


def _at(me: Visit, x: float, y: float) -> tuple[float, float]:
    return me.on_screen(x * _PER_PIXEL, y * _PER_PIXEL)


def _download(me: Visit, target: Path) -> np.ndarray:
    with me.page.expect_download() as download:
        me.press("下载遮盖后的文件")
    assert download.value.suggested_filename == "masked.png"
    download.value.save_as(target)
    return np.array(Image.open(io.BytesIO(target.read_bytes())).convert("RGB"))


def test_a_doubtful_page_is_corrected_confirmed_and_downloaded(me: Visit, tmp_path: Path) -> None:
    _upload(me, picture(height=DOUBTFUL_HEIGHT))
    me.see("此处像是姓名，但不能确定。")
    (proposed,) = me.boxes()
    me.press("画框")
    me.drag(_at(me, 200, 300), _at(me, 400, 380))
    drawn = me.boxes()[1]
    # It is dragged elsewhere, by its middle.
    me.drag(_at(me, 300, 340), _at(me, 500, 420))
    moved = me.boxes()[1]
    assert abs(moved[0] - drawn[0] - 200) < 8 and abs(moved[1] - drawn[1] - 80) < 8
    _answer(me, "yes")
    me.see("每一页都已确认，可以下载")
    pixels = _download(me, tmp_path / "file")
    for x0, y0, x1, y1 in (proposed, moved):
        assert (pixels[y0:y1, x0:x1] == 0).all()
    assert pixels[drawn[1] : drawn[1] + 40, drawn[0] : drawn[0] + 100].min() > 0


def test_who_takes_the_mask_off_the_name_is_shown_where_it_still_stands(me: Visit, tmp_path: Path) -> None:
    _upload(me, picture())
    (mask,) = me.boxes()
    me.page.locator(".box").first.focus()
    me.page.keyboard.press("Delete")
    _answer(me, "no")
    me.press("遮住这些地方，改答“是”")
    me.see("每一页都已确认，可以下载")
    pixels = _download(me, tmp_path / "file")
    x0, y0, x1, y1 = mask
    assert (pixels[y0 + 12 : y1 - 12, x0 + 12 : x1 - 12] == 0).mean() > 0.9
    assert pixels.shape[0] == HEIGHT

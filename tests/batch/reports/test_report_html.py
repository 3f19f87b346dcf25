"""report.html as people use it: opened from disk in Chromium, with nothing around it."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import drawn_records
import pytest
from playwright.sync_api import Browser, Page, expect
from viewers import required

from redact.batch.reports import html, write_reports
from redact.phrases import phrase_keys

Open = Callable[..., Page]


@pytest.fixture
def visit(browser: Browser) -> Iterator[Open]:
    """Opens a report. Nothing may be written to the console, no policy broken, nothing asked for but the page."""
    opened, complaints, asked = [], [], []

    def open_(folder: Path, *, width: int = 1280, scheme: str = "light") -> Page:
        context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
        opened.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda said: complaints.append(said.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto((folder / "report.html").as_uri())
        return page

    yield open_
    for context in opened:
        context.close()
    assert complaints == []
    assert {address.split(":")[0] for address in asked} <= {"file", "data"}
    assert sum(address.startswith("file:") for address in asked) == len(opened)


def titles(page: Page) -> list[str]:
    return page.locator(".page h3").all_inner_texts()


def test_each_page_is_listed_with_its_verdict_reasons_issues_and_evidence(reports: Path, visit: Open) -> None:
    page = visit(reports)
    expect(page.locator("#shown")).to_have_text("显示 9 / 9 页")
    assert titles(page)[:2] == ["甲/身份证.pdf · 第 1 页，共 2 页", "甲/身份证.pdf · 第 2 页，共 2 页"]
    first, doubtful = page.locator(".page").nth(0), page.locator(".page").nth(3)
    expect(first).to_contain_text("姓名在一行内，相似度 0.90; 拼音，相似度 0.74")
    expect(first.locator(".label")).to_have_text("是")
    expect(doubtful).to_contain_text("此处单独出现了姓名的一部分。")
    expect(doubtful).to_contain_text("提示：页面有些模糊")
    expect(page.locator(".page").nth(7)).to_contain_text("退回：文件设有打开密码。 请去掉密码")


def test_pictures_are_shown_before_and_after_with_the_masks_drawn_over_the_masked_page(reports: Path, visit: Open) -> None:
    page = visit(reports)
    first = page.locator(".page").first
    expect(first.locator("img")).to_have_count(2)
    assert page.evaluate("[...document.images].every((img) => img.naturalWidth === 240)")
    place, sheet = (first.locator(s).first.bounding_box() for s in (".place", ".sheet"))
    assert place and sheet
    left = (place["x"] - sheet["x"]) / sheet["width"]
    assert left == pytest.approx(drawn_records.MASK.x0 / drawn_records.W, abs=0.03)
    expect(page.locator(".page").nth(7).locator(".absent")).to_have_text("没有输出")


def test_counts_stand_in_the_charts_and_each_bar_filters(reports: Path, visit: Open) -> None:
    page = visit(reports)
    bars = page.locator(".bar[data-field=kind]")
    assert [re.sub(r"\s+", " ", text) for text in bars.all_inner_texts()] == ["是 2", "否 2", "复核 3", "退回 2"]
    bars.nth(3).click()
    assert titles(page) == ["丙/坏了.pdf", "丙/暗.pdf · 第 1 页"]
    expect(bars.nth(3)).to_have_attribute("aria-pressed", "true")
    page.locator(".bar[data-value='encrypted|reject']").click()
    assert titles(page) == ["丙/坏了.pdf"]
    page.locator("#reset").click()
    expect(page.locator("#shown")).to_have_text("显示 9 / 9 页")


def test_filters_by_status_problem_and_text(reports: Path, visit: Open) -> None:
    page = visit(reports)
    page.select_option("#status", "review")
    expect(page.locator("#shown")).to_have_text("显示 4 / 9 页")
    page.select_option("#problem", "part_of_name")
    assert titles(page) == ["=HYPERLINK(1).pdf · 第 1 页，共 2 页"]
    page.locator("#reset").click()
    page.fill("#text", "A&B")
    assert titles(page) == ["甲/a&b #1.pdf · 第 1 页"]
    page.fill("#text", "nowhere")
    expect(page.locator("#list")).to_have_text("没有符合筛选条件的页面。")


def test_keys_step_through_the_pages_under_review(reports: Path, visit: Open) -> None:
    page = visit(reports)
    current = page.locator(".page[aria-current] h3")
    for key, title in [
        ("j", "=HYPERLINK(1).pdf · 第 1 页，共 2 页"),
        ("ArrowRight", "乙/</script><b>x.pdf · 第 1 页"),
        ("j", "***_毕业证.pdf · 第 1 页"),
        ("j", "***_毕业证.pdf · 第 1 页"),
        ("k", "乙/</script><b>x.pdf · 第 1 页"),
        ("ArrowLeft", "=HYPERLINK(1).pdf · 第 1 页，共 2 页"),
    ]:
        page.keyboard.press(key)
        expect(current).to_have_text(title)
    expect(page.locator("#at")).to_have_text("复核页 1 / 3")
    page.keyboard.press("r")
    expect(page.locator("#shown")).to_have_text("显示 3 / 9 页")
    page.keyboard.press("r")
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    page.uncheck("#use-keys")
    page.locator("#help .primary").click()
    expect(page.locator("#help")).not_to_be_visible()
    page.keyboard.press("r")
    page.wait_for_timeout(100)
    expect(page.locator("#shown")).to_have_text("显示 9 / 9 页")


def test_keys_that_are_typed_into_the_search_stay_there(reports: Path, visit: Open) -> None:
    page = visit(reports)
    page.locator("#text").press_sequentially("jr?")
    assert page.input_value("#text") == "jr?"
    expect(page.locator("#help")).not_to_be_visible()


def test_links_lead_to_the_files_that_are_there(reports: Path, visit: Open) -> None:
    page = visit(reports)
    hrefs = page.locator(".links a").evaluate_all("(links) => links.map((a) => a.getAttribute('href'))")
    assert hrefs
    assert all((reports / unquote(href)).is_file() for href in hrefs)
    assert not any("/" in href.split(":")[0] for href in hrefs if ":" in href), "no scheme"
    # The upload whose path holds the name is there, and not linked.
    assert (reports.parent / "uploads" / "张三_毕业证.pdf").is_file()
    expect(page.locator(".page").nth(6).locator("a")).to_have_count(0)


def test_all_of_it_is_there_in_english(reports: Path, visit: Open) -> None:
    page = visit(reports)
    page.locator("#language").click()
    expect(page.locator("h1")).to_have_text("Name masking report")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    text = page.locator("body").inner_text()
    for own in ("是 mask", "否 no mask", "复核", "中文", *titles(page)):
        text = text.replace(own, "")
    sources = "甲乙丙身份证坏了暗毕业证"
    assert not [c for c in re.findall(r"[一-鿿]", text) if c not in sources]


def test_no_name_and_no_hostile_path_gets_in(reports: Path, visit: Open) -> None:
    written = (reports / "report.html").read_text(encoding="utf-8")
    assert "张三" not in written
    assert written.count("</script>") == written.count("<script"), "no path ends the element of the data"
    page = visit(reports)
    expect(page.locator(".page b")).to_have_count(0)
    expect(page.locator(".page h3").nth(5)).to_have_text("乙/</script><b>x.pdf · 第 1 页")


def test_names_and_uploads_are_shown_where_they_were_asked_for(tmp_path: Path, visit: Open) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    names = {"0": "张三", "4": "李四"}
    write_reports(folder, drawn_records.few(folder, with_names=True), names=names, lang="en")
    page = visit(folder)
    expect(page.locator("h1")).to_have_text("Name masking report")
    expect(page.locator(".note").first).to_contain_text("do not pass it on")
    expect(page.locator(".page").first).to_contain_text("Name: 张三")
    expect(page.locator(".page").first.locator("figcaption")).to_have_text(["Before", "After"])
    expect(page.locator(".page").nth(6).locator("a")).to_have_text("Original")
    page.fill("#text", "李四")
    assert titles(page) == ["***_毕业证.pdf · page 1"]


def test_far_pages_are_made_when_they_come_near(tmp_path: Path, visit: Open) -> None:
    write_reports(tmp_path, drawn_records.many(600, variants=2), names=None, lang="zh")
    page = visit(tmp_path)
    expect(page.locator("#shown")).to_have_text("显示 600 / 600 页")
    assert page.locator(".page").count() < 100
    # From one page under review to the next, the last one too.
    last = max(n for n, row in enumerate(json.loads(page.locator("#data").text_content() or "")["rows"]) if row[2] == 2)
    page.evaluate("for (let i = 0; i < 200; i++) step(1)")
    card = page.locator(f"[data-row='{last}']")
    expect(card).to_be_in_viewport()
    expect(card.locator("img").first).to_be_visible()
    page.wait_for_timeout(200)
    assert page.locator(".page").count() < 150, "pages that are far again are let go"


def test_pages_that_are_shown_before_their_pictures_have_come_get_them(tmp_path: Path, browser: Browser) -> None:
    write_reports(tmp_path, drawn_records.many(60, variants=2), names=None, lang="zh")
    # What a quick scroll does while the file is still read: the last group is filled before its chunk of pictures is there.
    early, rest = (tmp_path / "report.html").read_text(encoding="utf-8").split('<script type="text/plain" id="pictures-1">')
    (tmp_path / "report.html").write_text(
        f'{early}<script>watcher.disconnect(); fill(groups[2])</script><script type="text/plain" id="pictures-1">{rest}',
        encoding="utf-8",
    )
    context = browser.new_context(bypass_csp=True)
    page = context.new_page()
    page.goto((tmp_path / "report.html").as_uri())
    expect(page.locator("[data-row='59'] img")).to_have_count(2)
    context.close()


def test_an_empty_batch_says_so(tmp_path: Path, visit: Open) -> None:
    write_reports(tmp_path, [], names=None, lang="zh")
    expect(visit(tmp_path).locator("#list")).to_have_text("没有页面。")


def test_printed_it_holds_the_pages_and_no_controls(tmp_path: Path, visit: Open) -> None:
    write_reports(tmp_path, drawn_records.many(520, variants=2), names=None, lang="zh")
    page = visit(tmp_path)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    expect(page.locator(".page")).to_have_count(500)
    expect(page.locator("#cut")).to_be_visible()
    expect(page.locator("#cut")).to_have_text("打印前 500 页；请先筛选。")
    expect(page.locator("#filters")).not_to_be_visible()


def test_with_very_many_pages_only_those_under_review_have_pictures(
    tmp_path: Path, visit: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(html, "_MOST_PICTURES", 10)
    write_reports(tmp_path, drawn_records.many(20, variants=2), names=None, lang="zh")
    page = visit(tmp_path)
    expect(page.locator("#notes")).to_contain_text("只有复核页有缩略图")
    for card in page.locator(".page").all():
        expect(card.locator("img")).to_have_count(2 if "tone-2" in (card.get_attribute("class") or "") else 0)


def test_every_word_that_the_page_says_is_in_the_catalogue() -> None:
    folder = Path(html.__file__).parent
    said = re.findall(
        r'"((?:sheet|status|severity)\.[a-z_]+)"', "".join((folder / f"page.{e}").read_text() for e in ("js", "html"))
    )
    assert len(set(said)) > 30
    assert set(said) <= set(phrase_keys())


def test_the_policy_allows_nothing_from_elsewhere(reports: Path) -> None:
    written = (reports / "report.html").read_text(encoding="utf-8")
    policy = re.search(r'Security-Policy" content="([^"]+)"', written)
    assert policy and policy[1].startswith("default-src 'none'; img-src data:;")
    assert "unsafe" not in policy[1]


@pytest.mark.skipif(os.name != "posix", reason="modes")
def test_only_their_owner_may_read_them(reports: Path) -> None:
    assert [(reports / f"report.{kind}").stat().st_mode & 0o777 for kind in ("html", "xlsx")] == [0o600, 0o600]


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_the_screen_and_axe_finds_nothing(reports: Path, visit: Open, width: int, scheme: str) -> None:
    page = visit(reports, width=width, scheme=scheme)
    page.keyboard.press("j")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    where = os.environ.get("REDACT_AXE", "")
    page.evaluate(
        Path(required(where if where and Path(where).is_file() else None, "REDACT_AXE names no axe.min.js")).read_text()
    )
    for state in ("list", "help"):
        if state == "help":
            page.keyboard.press("?")
        tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
        result: Any = page.evaluate("(tags) => axe.run(document, {runOnly: {type: 'tag', values: tags}})", tags)
        assert [(v["id"], [n["html"] for n in v["nodes"]][:3]) for v in result["violations"]] == [], state

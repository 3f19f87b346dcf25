"""Who may come in, by what, and in which language."""

from __future__ import annotations

import re
from collections.abc import Callable

from drawn_documents import NAME, review, simple
from fake import KEY, TOKEN, WEB, Fake
from playwright.sync_api import expect
from visit import Visit

Open = Callable[..., Visit]


def test_a_links_token_leaves_the_address_at_once_and_opens_its_document(fake: Fake, visit: Open) -> None:
    fake.access = "key"
    fake.add(review())
    me = visit(f"#/d/doc-1?token={TOKEN}")
    me.wait_for_page()
    assert me.page.evaluate("location.hash") == "#/d/doc-1"
    assert TOKEN in me.page.evaluate("JSON.stringify({...sessionStorage})")
    assert TOKEN not in me.page.evaluate("JSON.stringify({...localStorage})")
    assert all(TOKEN not in path for _, path, _ in fake.asked)
    asked = [headers for _, path, headers in fake.asked if path.startswith("/v1/")]
    assert {headers.get("authorization") for headers in asked} == {f"Bearer {TOKEN}"}
    # A link is for one document: no other can be uploaded by it.
    expect(me.page.get_by_role("button", name="另传一份")).to_have_count(0)
    me.page.reload()
    me.wait_for_page()


def test_a_link_that_ran_out_says_whom_to_ask(fake: Fake, visit: Open) -> None:
    fake.access = "key"
    me = visit("#/d/doc-1?token=old", expect=(401,))
    me.see("链接已失效")
    me.see("请向发给您链接的人要一个新的")


def test_a_key_is_asked_for_and_kept_for_the_tab(fake: Fake, visit: Open) -> None:
    fake.access = "key"
    me = visit()
    me.see("请输入访问密钥")
    me.press("继续")
    me.see("请输入密钥。")
    me.page.fill("#key", "rk_wrong")
    me.press("继续")
    me.see("密钥不对或已停用")
    expect(me.page.locator("#key")).to_be_focused()
    me.page.fill("#key", KEY)
    me.press("继续")
    me.see("遮盖材料里您自己的姓名")
    assert me.page.evaluate("[JSON.stringify({...sessionStorage}), JSON.stringify({...localStorage})]")[1].find(KEY) == -1
    me.page.reload()
    me.see("遮盖材料里您自己的姓名")
    assert fake.asked[-1][2]["x-api-key"] == KEY
    assert KEY not in me.page.content()


def test_a_document_that_is_gone_says_so(fake: Fake, visit: Open) -> None:
    me = visit("#/d/gone", expect=(404,))
    me.see("找不到这份文件")
    me.press("上传一份文件")
    me.see("遮盖材料里您自己的姓名")


def test_english_on_request_with_what_was_typed_left_alone(fake: Fake, visit: Open) -> None:
    fake.add(review())
    me = visit()
    assert me.page.evaluate("document.documentElement.lang") == "zh-CN"
    me.page.fill("#name", NAME)
    me.press("切换到英文")
    me.see("Mask your own name in your documents")
    assert me.page.evaluate("document.documentElement.lang") == "en"
    expect(me.page.locator("#name")).to_have_value(NAME)
    me.page.goto("about:blank")
    me.open("#/d/doc-1")
    me.wait_for_page()
    me.see("There is writing where a signature belongs")
    me.page.locator(".box").first.focus()
    me.page.keyboard.press("Delete")
    expect(me.page.locator(".box")).to_have_count(1)
    me.press("Switch to Chinese")
    me.see("签名处有字迹但无法识别")
    # The unsaved edit outlives the change of words.
    expect(me.page.locator(".box")).to_have_count(1)
    expect(me.page.locator("body")).not_to_contain_text(re.compile("There is writing"))


def test_every_text_is_in_both_languages_with_the_same_places_for_values(visit: Open) -> None:
    catalogue = visit().page.evaluate("import('./texts.js').then(({CATALOGUE}) => CATALOGUE)")
    zh, en = catalogue["zh"], catalogue["en"]
    assert list(zh) == list(en)
    for key in zh:
        assert sorted(re.findall(r"\{\w+\}", zh[key])) == sorted(re.findall(r"\{\w+\}", en[key])), key
        assert zh[key].strip() and en[key].strip()


def test_every_text_is_used(visit: Open) -> None:
    code = "".join(path.read_text() for path in WEB.glob("*.js") if path.name != "texts.js")
    code += (WEB / "texts.js").read_text().split("export ", 1)[1]
    made = {prefix for prefix in re.findall(r'tCode\("(\w+)"', code)} | set(re.findall(r"t\(`([\w.]+)\.\$", code))
    for key in visit().page.evaluate("import('./texts.js').then(({CATALOGUE}) => Object.keys(CATALOGUE.zh))"):
        assert f'"{key}"' in code or key.rsplit(".", 1)[0] in made, key


def test_simple_documents_open_by_their_address(fake: Fake, visit: Open) -> None:
    fake.add(simple())
    me = visit("#/d/doc-1")
    me.wait_for_page()
    me.see("每页都有答案，可以下载")

"""Every code that can reach a person has its wording, in both languages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

import redact
from redact import errors, phrases, texts
from redact.errors import Encrypted, RedactError
from redact.values import Severity
from service.problems import STATUS

PACKAGE = Path(redact.__file__).parent
# fmt: off
ISSUE_CODES = [
    "unopenable", "encrypted", "empty", "truncated", "wrong_type", "too_large", "blank", "blurred", "low_resolution",
    "too_dark", "too_bright", "low_contrast", "glare", "noisy", "rotated", "skewed", "mirrored", "cut_off", "obscured",
    "machine_code",
]
REASON_CODES = [
    "unread_text", "weak_text", "small_text", "orientation_unsure", "uncertain_hit", "part_of_name", "maybe_other",
    "signature_unread", "seal_unread", "leak_found", "page_failed", "no_text", "text_layer_differs", "unread_script",
    "poor_page", "machine_code_unread",
]
KEPT_TEXT_CODES = ["no_text_to_keep", "mostly_pictures", "text_not_proved", "name_in_text"]
# fmt: on
ERROR_CODES = sorted(
    {value.code for value in vars(errors).values() if isinstance(value, type) and issubclass(value, RedactError)}
)


def _codes_in_the_source() -> Iterator[tuple[str, str]]:
    """(code, where) for ``Reason("code")``, ``Issue("code")`` and ``reason="code"`` anywhere in the library."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            values = [k.value for k in node.keywords if k.arg == "reason"]
            if called in ("Reason", "Issue"):
                values += node.args[:1] + [k.value for k in node.keywords if k.arg == "code"]
            for value in values:
                for part in (value.body, value.orelse) if isinstance(value, ast.IfExp) else (value,):
                    if isinstance(part, ast.Constant) and isinstance(part.value, str):
                        yield part.value, f"{path.relative_to(PACKAGE)}:{node.lineno}"


@pytest.mark.parametrize("code", sorted({*ISSUE_CODES, *REASON_CODES, *ERROR_CODES, *STATUS}))
def test_each_code_of_the_contract_has_a_message_and_advice_in_both_languages(code: str) -> None:
    for text in (texts.message(code), texts.advice(code)):
        assert re.search(r"[一-鿿]", text), "zh-CN is the default"
    for text in (texts.message(code, "en"), texts.advice(code, "en")):
        assert re.search(r"[a-z]{3}", text)
        assert not re.search(r"[一-鿿]", text.replace("否", "").replace("张三", ""))


@pytest.mark.parametrize("code", ["unopenable", "truncated", "wrong_type"])
@pytest.mark.parametrize("lang", texts.LANGS)
def test_a_file_that_opened_with_a_warning_is_not_said_to_be_shut(code: str, lang: texts.Lang) -> None:
    for text in (texts.message, texts.advice):
        assert text(code, lang, Severity.WARN) != text(code, lang, Severity.REJECT) == text(code, lang)
    warning = texts.message(code, lang, Severity.WARN)
    assert not re.search(r"打不开|不是可以接收|cannot be opened|not accepted|后面的部分缺失", warning)
    assert bool(re.search(r"[一-鿿]", warning)) is (lang == "zh")


def test_codes_without_words_of_their_own_for_a_warning_say_the_same() -> None:
    assert set(texts.WARNINGS) < set(texts.ISSUES)
    assert texts.message("machine_code", "en", Severity.WARN) == texts.message("machine_code", "en")
    with pytest.raises(KeyError):
        texts.message("no_such_code", "en", Severity.WARN)


def test_no_code_is_used_in_the_library_without_wording() -> None:
    missing = [f"{code} ({where})" for code, where in _codes_in_the_source() if code not in texts.CATALOGUE]
    assert not missing


def test_the_catalogue_has_no_wording_for_codes_outside_the_contract() -> None:
    assert set(texts.CATALOGUE) == {*ISSUE_CODES, *REASON_CODES, *KEPT_TEXT_CODES, *ERROR_CODES, *STATUS}


def test_an_unknown_code_is_an_error_and_not_an_empty_text() -> None:
    with pytest.raises(KeyError):
        texts.message("no_such_code")


def test_an_error_is_explained_with_its_advice() -> None:
    explained = texts.explain(Encrypted("user password"), "en")
    assert texts.message("encrypted", "en") in explained
    assert texts.advice("encrypted", "en") in explained
    assert "user password" not in explained, "detail is for developers"


@pytest.mark.parametrize("key", phrases.phrase_keys())
def test_each_phrase_exists_in_both_languages_and_takes_the_same_values(key: str) -> None:
    zh, en = phrases._PHRASES[key]
    assert zh and en
    fields = [{f for _, f, _, _ in Formatter().parse(text) if f is not None} for text in (zh, en)]
    assert fields[0] == fields[1]


def test_each_phrase_that_is_used_exists() -> None:
    used = {
        found for path in PACKAGE.rglob("*.py") for found in re.findall(r'phrase\(\s*"([^"]+)"', path.read_text(encoding="utf-8"))
    }
    assert used <= set(phrases.phrase_keys())
    assert used, "the pattern finds them"

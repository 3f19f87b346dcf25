"""What the two READMEs promise can be typed as it stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from redact.cli import app

ROOT = Path(__file__).parents[1]
ENGLISH, CHINESE = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh-CN.md"))


def commands(text: str) -> dict[str, str]:
    return dict(re.findall(r"<!-- command: (\w+) -->\n```sh\n(.*?)\n```", text, re.DOTALL))


def test_installing_and_running_is_one_line_each_and_the_same_in_both_languages() -> None:
    assert commands(ENGLISH) == commands(CHINESE)
    assert set(commands(ENGLISH)) == {"demo", "tests"}
    assert all("\n" not in line for line in commands(ENGLISH).values())


def test_both_languages_show_the_same_examples_exit_codes_and_sections() -> None:
    for pattern in (r"^redact .*$", r"^\| (\d+) \|", r"^from redact.*$", r"<!-- .* -->"):
        assert re.findall(pattern, ENGLISH, re.MULTILINE) == re.findall(pattern, CHINESE, re.MULTILINE), pattern
    assert len(re.findall(r"^## ", ENGLISH, re.MULTILINE)) == len(re.findall(r"^## ", CHINESE, re.MULTILINE))


@pytest.mark.parametrize("text", [ENGLISH, CHINESE], ids=["en", "zh"])
def test_every_picture_and_file_that_is_linked_is_there(text: str) -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.mark.parametrize("text", [ENGLISH, CHINESE], ids=["en", "zh"])
def test_every_option_that_is_mentioned_exists(text: str) -> None:
    help_text = "".join(
        CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "200"}).stdout
        for command in ("mask", "screen", "verify", "batch", "serve", "demo")
    )
    for option in set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text)):
        assert option in help_text, option

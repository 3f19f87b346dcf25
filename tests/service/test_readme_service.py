"""The tables of the READMEs are the service's own: addresses, codes, settings."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from service.app import create_app
from service.problems import STATUS
from service.settings import Settings

ROOT = Path(__file__).parents[2]
README = {language: (ROOT / name).read_text("utf-8") for language, name in (("en", "README.md"), ("zh", "README.zh-CN.md"))}
LANGUAGES = pytest.mark.parametrize("text", README.values(), ids=README.keys())


@LANGUAGES
def test_all_addresses_are_listed(text: str, tmp_path: Path) -> None:
    paths = create_app(Settings(data_dir=tmp_path)).openapi()["paths"]
    served = {(method.upper(), path) for path, operations in paths.items() for method in operations}
    assert set(re.findall(r"^\| `([A-Z]+) (/[^`]*)` \|", text, re.MULTILINE)) == served | {("GET", "/")}


@LANGUAGES
def test_all_codes_are_listed_with_their_status(text: str) -> None:
    rows = re.findall(r"^\| ([45]\d\d) \| (.*) \|$", text, re.MULTILINE)
    # Retry-After is a header.
    assert {code: int(status) for status, codes in rows for code in re.findall(r"`([a-z_]+)`", codes)} == STATUS


@LANGUAGES
def test_all_settings_are_listed_with_their_defaults(text: str) -> None:
    rows = dict(re.findall(r"^\| `REDACT_([A-Z_]+)` \| (.*?) \|", text, re.MULTILINE))
    fields = {name.upper(): field for name, field in Settings.model_fields.items()}
    assert set(rows) == set(fields)
    for name, field in fields.items():
        if name != "DATA_DIR":  # of the user's own
            default = field.get_default(call_default_factory=True, validated_data={})
            shown = "–" if default is None else f"{default:g}" if isinstance(default, float) else str(default)
            assert rows[name] == shown, name

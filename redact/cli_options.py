"""Options that several commands have."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer


class LangChoice(StrEnum):
    zh = "zh"
    en = "en"


LangOption = Annotated[
    LangChoice, typer.Option("--lang", envvar="REDACT_LANG", help="提示的语言。Language of messages and reports.")
]

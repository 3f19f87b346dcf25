"""``redact serve`` and ``redact keys``: they need the extra ``service``, and say so where it is not installed."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer

from redact.cli_options import LangChoice, LangOption
from redact.phrases import phrase
from redact.texts import Lang

# What the extra brings, by the names of its modules; pydantic_settings has pydantic with it.
NEEDED = (
    *("alembic", "fastapi", "fsspec", "itsdangerous", "limits", "platformdirs", "prometheus_client", "pydantic_settings"),
    *("pythonjsonlogger", "python_multipart", "sqlalchemy", "uvicorn", "service"),
)

keys = typer.Typer(help="服务的密钥。Keys of the service.", no_args_is_help=True)

DataOption = Annotated[
    Path | None,
    typer.Option(
        "--data",
        metavar="DIR",
        help="数据库和文件的文件夹（未设 REDACT_DATABASE_URL、REDACT_FILES_URL 时）。"
        "Folder of the database and files, unless REDACT_DATABASE_URL and REDACT_FILES_URL are set.",
    ),
]


@keys.command("add", epilog="例 / example:\n\nredact keys add 申报平台")
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="给谁用的。Whom it is for.")],
    data: DataOption = None,
    lang: LangOption = LangChoice.zh,
) -> None:
    """新建密钥，只显示这一次。Make a key; it is shown this once."""
    load_service(lang.value)
    from service.serve import add_key

    sys.exit(add_key(name, {"data_dir": data}, lang.value))


@keys.command("list")
def list_(data: DataOption = None, lang: LangOption = LangChoice.zh) -> None:
    """列出密钥的编号、名称和时间。List ids, names and times of the keys."""
    load_service(lang.value)
    from service.serve import list_keys

    sys.exit(list_keys({"data_dir": data}, lang.value))


@keys.command("revoke")
def revoke(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="redact keys list 显示的编号。As redact keys list shows it.")],
    data: DataOption = None,
    lang: LangOption = LangChoice.zh,
) -> None:
    """停用密钥，它发出的链接同时失效。Revoke a key, and with it the links that were made with it."""
    load_service(lang.value)
    from service.serve import revoke_key

    sys.exit(revoke_key(key_id, {"data_dir": data}, lang.value))


def run_service(given: dict[str, Any], lang: Lang) -> int:
    load_service(lang)
    from service.serve import serve

    return serve(given, lang)


def load_service(lang: Lang) -> None:
    """Raises typer.Exit with 2 where the extra is missing, or a part of it."""
    if any(find_spec(name) is None for name in NEEDED):
        from redact.console import make_console, print_error

        print_error(make_console(), phrase("serve.missing", lang), lang)
        raise typer.Exit(2)

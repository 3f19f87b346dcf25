"""``redact serve`` and ``redact keys`` as commands: where it can be opened, how it ends, what is shown and what is not."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from functools import partial
from importlib import import_module
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from served import make_fake_redactor
from typer.testing import CliRunner, Result

import redact
import service.serve
from redact.cli import app
from redact.cli_serve import NEEDED
from service.app import create_app
from service.settings import Settings
from service.storage import Keys, open_database

ROOT = Path(redact.__file__).parents[1]
SECRET = "hush-5f1c"


def run(*arguments: str | Path, environment: Mapping[str, str] | None = None) -> Result:
    return CliRunner().invoke(app, [str(a) for a in arguments], env=dict(environment or {}))


def run_python(code: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout


@contextlib.contextmanager
def start(*arguments: str | Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command as a process, and where it says that it can be opened."""
    command = [sys.executable, "-m", "redact", "serve", "--port", "0", "--workers", "1", *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        lines = (re.match(r"(?:已启动：|Running: )(http://[^/]+/)", line) for line in process.stderr)
        url = next((match[1] for match in lines if match), None)
        assert url is not None, "it ended without having started"
        yield process, url
    finally:
        process.kill()
        process.communicate(timeout=30)


def ends(processes: list[psutil.Process]) -> bool:
    return not psutil.wait_procs(processes, timeout=20)[1]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_to_open_it_and_ends_when_told_leaving_nothing_behind(tmp_path: Path, how: signal.Signals) -> None:
    with start("--data", tmp_path / "data") as (process, url):
        assert httpx.get(f"{url}healthz").json() == {"status": "ok"}
        assert "<title>" in httpx.get(url).text
        below = psutil.Process(process.pid).children(recursive=True)
        assert below
        process.send_signal(how)
        out, _ = process.communicate(timeout=30)
        assert (process.returncode, out) == (0, "")
        assert ends(below)
    assert (tmp_path / "data" / "redact.db").stat().st_mode & 0o077 == 0


def test_a_key_is_shown_once_and_alone_and_works_until_it_is_revoked(tmp_path: Path) -> None:
    keys = Keys(open_database(f"sqlite:///{tmp_path / 'redact.db'}"))

    added = run("keys", "add", "申报平台", "--data", tmp_path)
    assert added.exit_code == 0
    secret = added.stdout.removesuffix("\n")
    found = keys.find(secret)
    assert found is not None and found.name == "申报平台"
    assert found.id in added.stderr and secret not in added.stderr

    listed = run("keys", "list", "--data", tmp_path)
    assert listed.exit_code == 0
    assert listed.stdout.split("\t")[:2] == [found.id, "申报平台"] and "停用" not in listed.stdout
    assert secret not in listed.output and secret[3:] not in listed.output

    assert run("keys", "revoke", found.id, "--data", tmp_path).exit_code == 0
    assert keys.find(secret) is None
    assert "revoked 20" in run("keys", "list", "--data", tmp_path, "--lang", "en").stdout
    again = run("keys", "revoke", found.id, "--data", tmp_path, "--lang", "en")
    assert (again.exit_code, again.stderr) == (2, "Error: There is no key in use with that id.\n")


def test_the_name_of_a_key_does_not_steer_the_terminal(tmp_path: Path) -> None:
    run("keys", "add", "a\tb\x1b[2J", "--data", tmp_path)
    line = run("keys", "list", "--data", tmp_path).stdout
    assert line.split("\t")[1] == "a?b?[2J" and line.count("\n") == 1


@pytest.mark.parametrize("command", [("serve",), ("keys", "list"), ("keys", "add", "x"), ("keys", "revoke", "x")])
def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]) -> None:
    for module in NEEDED:
        with monkeypatch.context() as patch:
            patch.setitem(sys.modules, module, None)
            result = run(*command, "--lang", "en")
        assert (result.exit_code, result.stdout) == (2, ""), module
        assert 'pip install "redact-titles[service]"' in result.stderr


def test_what_is_looked_for_is_what_the_extra_brings() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extra = {re.split(r"[><=\[]", line)[0] for line in project["optional-dependencies"]["service"]} - {"pydantic"}
    modules = [module for module in NEEDED if module != "service"]
    brought_by = packages_distributions()
    assert {re.sub(r"[_.]", "-", brought_by[module][0]).lower() for module in modules} == extra


@pytest.mark.parametrize(
    ("variables", "field"),
    [
        ({"DATABASE_URL": f"mysql://u:{SECRET}@h/x"}, "database_url"),
        ({"DATABASE_URL": SECRET}, "database_url"),
        ({"DATABASE_URL": f"postgresql://u:{SECRET}@h:port/x"}, "database_url"),
        ({"DATABASE_URL": f"postgresql://u:{SECRET}@127.0.0.1:1/x?bogus=1"}, "database_url"),
        ({"FILES_OPTIONS": f'{{"secret": "{SECRET}'}, "files_options"),
        ({"FILES_URL": f"nosuch://{SECRET}"}, "files_url"),
        ({"LOG_LEVEL": SECRET}, "log_level"),
        ({"PORT": SECRET}, "port"),
        ({"KEEP_HOURS": "-1", "WORKERS": "0"}, "keep_hours, workers"),
    ],
)
def test_a_wrong_setting_is_named_and_its_value_is_not(tmp_path: Path, variables: dict[str, str], field: str) -> None:
    result = run("serve", "--data", tmp_path, environment={f"REDACT_{k}": v for k, v in variables.items()})
    assert result.exit_code == 2 and isinstance(result.exception, SystemExit)
    assert field in result.stderr and "设置不对" in result.stderr
    assert SECRET not in result.output


def test_settings_that_are_shown_in_a_traceback_hold_no_password() -> None:
    assert SECRET not in repr(Settings(database_url=f"postgresql://u:{SECRET}@h/x", files_options={"secret": SECRET}))


@pytest.mark.parametrize("command", [("serve",), ("keys", "list")])
def test_a_database_that_does_not_answer_is_told_in_a_line(command: tuple[str, ...]) -> None:
    url = f"postgresql://u:{SECRET}@127.0.0.1:1/x"
    result = run(*command, "--lang", "en", environment={"REDACT_DATABASE_URL": url})
    assert (result.exit_code, result.output) == (1, "Error: The database does not answer.\n")


def test_a_database_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    run("keys", "list", "--data", tmp_path)
    with open_database(f"sqlite:///{tmp_path / 'redact.db'}").begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'later'")
    result = run("serve", "--data", tmp_path, "--lang", "en")
    assert result.exit_code == 2 and "newer version" in result.stderr


def test_a_folder_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = run("serve", "--data", tmp_path / "file" / "data")
    assert result.exit_code == 2 and "--data" in result.stderr


@pytest.mark.parametrize(
    ("module", "variables", "extra"),
    [
        ("psycopg", {"REDACT_DATABASE_URL": f"postgresql://u:{SECRET}@h/x"}, "postgres"),
        ("s3fs", {"REDACT_FILES_URL": f"s3://{SECRET}"}, "s3"),
    ],
)
def test_a_setting_that_needs_another_extra_says_which(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str, variables: dict[str, str], extra: str
) -> None:
    # fsspec remembers what another test has loaded.
    monkeypatch.delitem(import_module("fsspec.registry")._registry, "s3", raising=False)
    monkeypatch.setitem(sys.modules, module, None)
    result = run("serve", "--data", tmp_path, environment=variables)
    assert result.exit_code == 2 and f"redact-titles[{extra}]" in result.stderr
    assert SECRET not in result.output


def test_a_port_that_is_taken_is_our_fault_and_not_a_review(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service.serve, "create_app", partial(create_app, make_redactor=make_fake_redactor))
    monkeypatch.setattr(service.serve, "configure_logging", lambda _: None)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = run("serve", "--data", tmp_path, "--workers", "1", "--port", str(taken.getsockname()[1]))
    assert result.exit_code == 1
    assert "已启动" not in result.stderr


def test_a_service_that_cannot_start_is_our_fault_and_not_a_review(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr("service.app.build", fail)
    monkeypatch.setattr(service.serve, "configure_logging", lambda _: None)
    assert run("serve", "--data", tmp_path, "--port", "0").exit_code == 1


@pytest.mark.parametrize("command", ["--help", "serve --help", "keys --help", "keys add --help"])
def test_help_loads_neither_the_service_nor_the_models(command: str) -> None:
    code = f"""
import sys
from typer.testing import CliRunner
from redact.cli import app
assert CliRunner().invoke(app, {command.split()!r}).exit_code == 0
heavy = "alembic fastapi fsspec sqlalchemy starlette uvicorn service cv2 pymupdf openvino onnxruntime".split()
print([name for name in heavy if name in sys.modules])
"""
    assert run_python(code) == "[]\n"

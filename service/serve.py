"""What ``redact serve`` and ``redact keys`` do."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from datetime import datetime
from functools import partial
from types import FrameType
from typing import Any

import uvicorn
from fastapi import FastAPI
from pydantic import ValidationError
from pydantic_settings import SettingsError
from sqlalchemy.exc import SQLAlchemyError

from redact.console import make_console, make_printable, print_error, print_line
from redact.phrases import phrase
from redact.texts import Lang
from service.app import create_app
from service.observe import configure_logging
from service.settings import Settings
from service.storage import DatabaseTooNew, DatabaseUnavailable, Keys
from service.wiring import open_files, open_keys

_FAULT, _WRONG_USAGE = 1, 2
_KEEP_ALIVE_S = 30


class Server(uvicorn.Server):
    """Tells the app at once that it is to stop: requests that wait for a document answer then, and do not hold it up. To be told
    to stop is no failure: uvicorn's own raises the signal again at the end."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        app: Any = self.config.app
        app.state.stopping.set()
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True

    async def startup(self, sockets: list[Any] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            port = next((s.getsockname()[1] for server in self.servers for s in server.sockets), self.config.port)
            self.announce(port)

    def announce(self, port: int) -> None:
        """Said when it can be opened."""


def make_config(app: FastAPI, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE_S,
        # Requests that wait are told at once; then connections are closed.
        timeout_graceful_shutdown=_KEEP_ALIVE_S,
    )


def make_settings(given: dict[str, Any], lang: Lang) -> Settings | None:
    """Options win over variables; those that were not given are None. None where a value is wrong, which is said on stderr."""
    try:
        return Settings(**{key: value for key, value in given.items() if value is not None})
    except ValidationError as error:
        # Only which field: a database URL holds a password.
        _complain("serve.wrong_setting", lang, fields=", ".join(sorted({".".join(map(str, e["loc"])) for e in error.errors()})))
    except SettingsError as error:
        # A variable that should be JSON and is not; the message names the field and the kind of source.
        field = next((name for name in Settings.model_fields if f'"{name}"' in str(error)), "?")
        _complain("serve.wrong_setting", lang, fields=field)
    return None


def serve(given: dict[str, Any], lang: Lang) -> int:
    """Runs until it is told to stop; the exit code."""
    return _with_keys(given, lang, partial(_serve, lang))


def _serve(lang: Lang, settings: Settings, keys: Keys) -> int:
    try:
        open_files(settings)
    except ImportError:
        return _complain("serve.missing_extra", lang, extra="s3")
    except (ValueError, TypeError):
        return _complain("serve.wrong_setting", lang, fields="files_url, files_options")
    console = make_console()
    configure_logging(settings.log_level)
    server = Server(make_config(create_app(settings), settings))

    def announce(port: int) -> None:
        print_line(console, phrase("serve.open", lang, url=f"http://{_shown(settings.host)}:{port}/"), "green")
        if not keys.any():
            print_line(console, phrase("serve.no_keys", lang), "yellow")

    server.announce = announce  # type: ignore[method-assign]
    try:
        server.run()
    except SystemExit:
        # Why was logged. uvicorn's own code for it, 3, is that of a file to be reviewed.
        return _FAULT
    return 0 if server.started else _FAULT


def add_key(name: str, given: dict[str, Any], lang: Lang) -> int:
    def add(_: Settings, keys: Keys) -> int:
        key, secret = keys.add(name)
        print_line(make_console(), phrase("keys.added", lang, id=key.id), "green")
        # Alone on stdout, so that a script can take it.
        print(secret, flush=True)
        return 0

    return _with_keys(given, lang, add)


def list_keys(given: dict[str, Any], lang: Lang) -> int:
    def write(_: Settings, keys: Keys) -> int:
        for key in keys.list():
            revoked = phrase("keys.revoked_at", lang, at=_time(key.revoked_at)) if key.revoked_at else ""
            sys.stdout.write(f"{key.id}\t{make_printable(key.name)}\t{_time(key.created_at)}\t{revoked}\n")
        return 0

    return _with_keys(given, lang, write)


def revoke_key(key_id: str, given: dict[str, Any], lang: Lang) -> int:
    def revoke(_: Settings, keys: Keys) -> int:
        if not keys.revoke(key_id):
            return _complain("keys.unknown", lang)
        print_line(make_console(), phrase("keys.revoked", lang), "green")
        return 0

    return _with_keys(given, lang, revoke)


def _with_keys(given: dict[str, Any], lang: Lang, work: Callable[[Settings, Keys], int]) -> int:
    """What ``work`` returns; where there is no database to work on, an exit code after a word on stderr."""
    settings = make_settings(given, lang)
    if settings is None:
        return _WRONG_USAGE
    try:
        keys = open_keys(settings)
    except ImportError:
        return _complain("serve.missing_extra", lang, extra="postgres")
    except OSError:
        return _complain("serve.data_dir", lang)
    except DatabaseTooNew:
        return _complain("serve.database_too_new", lang)
    except DatabaseUnavailable:
        return _complain("serve.no_database", lang, code=_FAULT)
    except (ValueError, SQLAlchemyError):
        return _complain("serve.wrong_setting", lang, fields="database_url")
    try:
        return work(settings, keys)
    except DatabaseUnavailable:
        return _complain("serve.no_database", lang, code=_FAULT)


def _shown(host: str) -> str:
    """What a browser on this computer can open."""
    if host in ("0.0.0.0", "::"):
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _complain(key: str, lang: Lang, *, code: int = _WRONG_USAGE, **words: str) -> int:
    print_error(make_console(), phrase(key, lang, **words), lang)
    return code

"""What ``redact serve`` and ``redact keys`` do."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

import uvicorn
from fastapi import FastAPI
from pydantic import ValidationError

from redact.console import make_console, print_error, print_line
from redact.phrases import phrase
from redact.texts import Lang
from service.app import create_app
from service.observe import configure_logging
from service.settings import Settings
from service.wiring import open_keys

_WRONG_USAGE = 2
_KEEP_ALIVE_S = 30


class Server(uvicorn.Server):
    """Tells the app at once that it is to stop: requests that wait for a document answer then, and do not hold it up."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        loop_app: Any = self.config.app
        loop_app.state.stopping.set()
        super().handle_exit(sig, frame)

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
        fields = ", ".join(sorted({".".join(map(str, e["loc"])) for e in error.errors()}))
        print_error(make_console(), phrase("serve.wrong_setting", lang, fields=fields), lang)
        return None


def serve(given: dict[str, Any], lang: Lang) -> int:
    """Runs until it is told to stop; the exit code."""
    settings = make_settings(given, lang)
    if settings is None:
        return _WRONG_USAGE
    console = make_console()
    configure_logging(settings.log_level)
    server = Server(make_config(create_app(settings), settings))

    def announce(port: int) -> None:
        print_line(console, phrase("serve.open", lang, url=f"http://{_shown(settings.host)}:{port}/"), "green")
        if not open_keys(settings).any():
            print_line(console, phrase("serve.no_keys", lang), "yellow")

    server.announce = announce  # type: ignore[method-assign]
    server.run()
    return 0 if server.started else 1


def add_key(name: str, given: dict[str, Any], lang: Lang) -> int:
    settings = make_settings(given, lang)
    if settings is None:
        return _WRONG_USAGE
    key, secret = open_keys(settings).add(name)
    print_line(make_console(), phrase("keys.added", lang, id=key.id), "green")
    # Alone on stdout, so that a script can take it.
    print(secret, flush=True)
    return 0


def list_keys(given: dict[str, Any], lang: Lang) -> int:
    settings = make_settings(given, lang)
    if settings is None:
        return _WRONG_USAGE
    for key in open_keys(settings).list():
        revoked = phrase("keys.revoked_at", lang, at=f"{key.revoked_at:%Y-%m-%d %H:%M}") if key.revoked_at else ""
        sys.stdout.write(f"{key.id}\t{key.name}\t{key.created_at:%Y-%m-%d %H:%M}\t{revoked}\n")
    return 0


def revoke_key(key_id: str, given: dict[str, Any], lang: Lang) -> int:
    settings = make_settings(given, lang)
    if settings is None:
        return _WRONG_USAGE
    if not open_keys(settings).revoke(key_id):
        print_error(make_console(), phrase("keys.unknown", lang), lang)
        return _WRONG_USAGE
    print_line(make_console(), phrase("keys.revoked", lang), "green")
    return 0


def _shown(host: str) -> str:
    """What a browser on this computer can open."""
    if host in ("0.0.0.0", "::"):
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host

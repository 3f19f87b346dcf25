"""What every request passes on its way in and every answer on its way out: a request id, limits on the body, headers that tell
a browser what it may do with the answer, one line in the log."""

from __future__ import annotations

import asyncio
import re
import time
import uuid
from collections.abc import MutableMapping
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from redact.errors import describe
from redact.texts import Lang
from service.observe import Metrics, get_logger
from service.problems import MEDIA_TYPE, Problem
from service.settings import Settings

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
# JSON bodies and the fields around a file; a page has at most 2,000 masks.
_SMALL_BODY = 2**20
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
_API_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=()",
}
_log = get_logger("request")


class Edge:
    """ASGI middleware around the whole app."""

    def __init__(self, app: ASGIApp, *, settings: Settings, metrics: Metrics) -> None:
        self._app = app
        self._settings = settings
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id
        started = time.perf_counter()
        status = 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _add_headers(message, scope, request_id)
            await send(message)

        body = _LimitedBody(receive, self._limit(scope), self._settings.upload_timeout_s)
        try:
            body.check(headers)
            await self._app(scope, body, answer)
        except Problem as problem:
            # Before the app's own handler had its turn.
            if status == 0:
                self._metrics.refuse(problem.code)
                await write_problem(problem, scope)(scope, receive, answer)
        except Exception as error:  # our fault; its message may quote what was read
            _log.error("fault", extra={"request_id": request_id, "kind": describe(error)})
            if status == 0:
                await write_problem(Problem("internal"), scope)(scope, receive, answer)
        finally:
            route = find_route(scope)
            seconds = time.perf_counter() - started
            self._metrics.request(route, scope["method"], status, seconds)
            told = {"request_id": request_id, "method": scope["method"], "route": route, "status": status}
            _log.info("request", extra={**told, "seconds": round(seconds, 4)})

    def _limit(self, scope: Scope) -> int:
        uploads = scope["method"] == "POST" and scope["path"] in ("/v1/documents", "/v1/screen")
        return self._settings.max_upload_bytes + _SMALL_BODY if uploads else _SMALL_BODY


class _LimitedBody:
    """``receive`` with a limit on the body's bytes and on the time it takes to come."""

    def __init__(self, receive: Receive, most_bytes: int, timeout_s: float) -> None:
        self._receive = receive
        self._most = most_bytes
        self._seen = 0
        self._timeout_s = timeout_s
        self._until: float | None = None
        self._complete = False

    def check(self, headers: Headers) -> None:
        """Refuses what says itself that it is too large, before any of it is taken."""
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length) > self._most:
            raise Problem("upload_too_large")

    async def __call__(self) -> Message:
        if self._complete:
            # What comes now is that the client went away.
            return await self._receive()
        now = asyncio.get_running_loop().time()
        if self._until is None:
            self._until = now + self._timeout_s
        try:
            message = await asyncio.wait_for(self._receive(), max(self._until - now, 0.001))
        except TimeoutError:
            self._complete = True
            raise Problem("request_timeout") from None
        if message["type"] == "http.request":
            self._seen += len(message.get("body", b""))
            self._complete = not message.get("more_body", False)
            if self._seen > self._most:
                self._complete = True
                raise Problem("upload_too_large")
        return message


def find_route(scope: MutableMapping[str, Any]) -> str:
    """The route's template, or "other": a path may hold an id, and anybody can make up paths without end."""
    route = scope.get("route")
    return getattr(route, "path", None) or ("page" if scope.get("page") else "other")


def choose_lang(scope: Scope) -> Lang:
    """``?lang=``, else what the browser asks for first, else Chinese."""
    match = re.search(rb"(?:^|&)lang=(zh|en)(?:&|$)", scope.get("query_string", b""))
    if match:
        return "en" if match[1] == b"en" else "zh"
    return "en" if Headers(scope=scope).get("accept-language", "").lower().startswith("en") else "zh"


def write_problem(problem: Problem, scope: Scope) -> JSONResponse:
    request_id = scope.get("state", {}).get("request_id", "")
    headers = {} if problem.retry_after_s is None else {"Retry-After": str(problem.retry_after_s)}
    if problem.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(problem.body(choose_lang(scope), request_id), problem.status, headers, MEDIA_TYPE)


def _add_headers(message: Message, scope: Scope, request_id: str) -> None:
    headers = MutableHeaders(scope=message)
    headers["X-Request-ID"] = request_id
    for name, value in _HEADERS.items():
        headers.setdefault(name, value)
    headers.setdefault("Content-Security-Policy", _API_POLICY)
    # The page's own files say for themselves how long they may be kept.
    headers.setdefault("Cache-Control", "no-store")
    if scope.get("scheme") == "https":
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")

"""The app: made by a factory, with models loaded once, in worker processes that start with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from redact import Redactor
from service.edge import PAGE_POLICY, Edge, write_problem
from service.observe import Metrics, get_logger, trace_app
from service.problems import Problem
from service.routes import ROUTERS
from service.schemas import ProblemBody, UncoveredBody
from service.settings import Settings
from service.wiring import build

_WEB = Path(__file__).parent / "web"
_DESCRIPTION = """Masks an applicant's own name in scanned documents, proves that it is gone, and answers 是否需要遮盖 for each
page.

A key goes into `X-API-Key` (or `Authorization: Bearer`); an applicant's link into `Authorization: Bearer`. Without keys the
service answers this computer alone. Errors are problem+json with a stable `code`; `?lang=en` or `Accept-Language` chooses their
language."""
_REF = "#/components/schemas/{model}"
_log = get_logger("app")


def create_app(settings: Settings | None = None, *, make_redactor: Callable[[], Redactor] | None = None) -> FastAPI:
    """``make_redactor``: what each worker process loads; picklable."""
    settings = settings or Settings()
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        service = await asyncio.to_thread(build, settings, metrics, make_redactor)
        app.state.service = service
        await asyncio.to_thread(service.start)
        _log.info("started", extra={"workers": service.workers.count})
        try:
            yield
        finally:
            app.state.stopping.set()
            await asyncio.to_thread(service.stop)
            _log.info("stopped")

    app = FastAPI(
        title="redact",
        version=version("redact-titles"),
        description=_DESCRIPTION,
        license_info={"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"},
        lifespan=lifespan,
        # Their pages load scripts from elsewhere; the document itself is at /openapi.json.
        docs_url=None,
        redoc_url=None,
    )
    # Set when the service is told to stop, so that requests that wait give up in time.
    app.state.stopping = asyncio.Event()
    for router in ROUTERS:
        app.include_router(router)
    app.add_exception_handler(Problem, partial(_answer_problem, metrics))
    app.add_exception_handler(RequestValidationError, partial(_answer_invalid, metrics))
    app.add_exception_handler(HTTPException, partial(_answer_http, metrics))
    _describe_problems(app)
    app.mount("/", _Web(directory=_WEB, html=True), name="page")
    app.add_middleware(Edge, settings=settings, metrics=metrics)
    trace_app(app)
    return app


class _Web(StaticFiles):
    """The page: files of this package and nothing else."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        scope["page"] = True
        response = await super().get_response(path, scope)
        response.headers["Content-Security-Policy"] = PAGE_POLICY
        response.headers["Cache-Control"] = "no-cache"
        return response


async def _answer_problem(metrics: Metrics, request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Problem)
    metrics.refuse(error.code)
    return write_problem(error, request.scope)


async def _answer_invalid(metrics: Metrics, request: Request, error: Exception) -> JSONResponse:
    # Only where it is wrong and how: what was given may hold a name.
    assert isinstance(error, RequestValidationError)
    places = sorted({f"{'.'.join(str(part) for part in e['loc'])}: {e['type']}" for e in error.errors()})
    return await _answer_problem(metrics, request, Problem("invalid_request", detail="; ".join(places[:5])))


async def _answer_http(metrics: Metrics, request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "invalid_request")
    response = await _answer_problem(metrics, request, Problem(code))
    response.headers.update(error.headers or {})
    return response


def _restore_examples(schema: dict[str, Any]) -> None:
    """FastAPI leaves members that are null out of examples, and so makes examples that break their own schema."""
    routes = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    for route in routes:
        for method in route.methods or ():
            described = schema["paths"][route.path][method.lower()]["responses"]
            for status, told in route.responses.items():
                for media_type, body in told.get("content", {}).items():
                    given = {key: body[key] for key in ("example", "examples") if key in body}
                    described[str(status)]["content"][media_type].update(given)


def _describe_problems(app: FastAPI) -> None:
    """The schemas that the routes' problems point to; and how callers say who they are."""
    make = app.openapi

    def describe() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = make()
            parts = schema.setdefault("components", {})
            for model in (ProblemBody, UncoveredBody):
                parts.setdefault("schemas", {})[model.__name__] = model.model_json_schema(ref_template=_REF)
            parts["securitySchemes"] = {
                "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
                "link": {"type": "http", "scheme": "bearer", "description": "An applicant's link, or a key"},
            }
            _restore_examples(schema)
            for path, operations in schema["paths"].items():
                for operation in operations.values():
                    if path.startswith("/v1/") or path == "/metrics":
                        operation["security"] = [{"key": []}, {"link": []}, {}]
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = describe  # type: ignore[method-assign]

"""For operators and for the page: is it alive, is it ready, how is it doing, what may I do."""

from __future__ import annotations

from importlib.metadata import version
from typing import Literal

import anyio
from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from service.problems import Problem
from service.routes.callers import Parts, Staff
from service.routes.told import SESSION, answers, refusals
from service.schemas import SessionBody
from service.wiring import Service

router = APIRouter(tags=["operations"])
_DATABASE_S = 2.0


class Health(BaseModel):
    status: Literal["ok"] = "ok"


@router.get("/healthz", summary="The process answers", responses=answers(200, {"status": "ok"}))
async def healthz() -> Health:
    return Health()


@router.get(
    "/readyz",
    summary="Uploads would be worked on: workers have their models, the database answers",
    responses={**answers(200, {"status": "ok"}), 503: refusals()[503]},
)
async def readyz(service: Parts) -> Health:
    if not service.workers.ready:
        raise Problem("starting")
    try:
        with anyio.fail_after(_DATABASE_S):
            await run_in_threadpool(_ask_database, service)
    except (TimeoutError, SQLAlchemyError):
        raise Problem("overloaded", detail="the database does not answer") from None
    return Health()


@router.get("/metrics", summary="Prometheus metrics", response_class=Response, responses=refusals("forbidden"))
async def metrics(service: Parts, caller: Staff) -> Response:
    content = await run_in_threadpool(service.metrics.write)
    return Response(content, headers={"Content-Type": service.metrics.content_type})


@router.get("/v1/session", summary="What the caller may do", responses=answers(200, SESSION) | refusals())
def session(request: Request, service: Parts) -> SessionBody:
    principal = service.guard.admit_or_none(request)
    known = {"max_upload_bytes": service.settings.max_upload_bytes, "version": version("redact-titles")}
    if principal is None:
        return SessionBody.model_validate({"access": "none", **known})
    told = {"access": principal.kind, "document": principal.document, "expires_at": principal.expires_at}
    return SessionBody.model_validate({**told, **known})


def _ask_database(service: Service) -> None:
    with service.engine.connect() as connection:
        connection.execute(text("SELECT 1"))

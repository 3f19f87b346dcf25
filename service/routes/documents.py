"""Documents: taken in, watched, looked at, fetched, deleted."""

from __future__ import annotations

import asyncio
import hashlib
import time
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query, Request
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from redact.errors import AttachmentError
from redact.texts import Lang
from redact.values import OFFICE_TYPES, MediaType
from service.access import Principal
from service.problems import Problem
from service.routes.callers import Caller, Language, Parts, Staff, find_document, find_report, stored_report
from service.routes.told import FAILED, REPORT, UNFINISHED, Responses, answers, refusals
from service.routes.uploads import Upload, describe_body, receive_upload
from service.schemas import FailedBody, ProgressBody, ReportBody, write_report
from service.storage import Document, IdempotencyConflict, Part, QueueFull, State, new_id
from service.wiring import Service
from service.wording import tell_failure, tell_report
from service.work import Layer, draw_page

router = APIRouter(tags=["documents"])
DocumentId = Annotated[str, Path(max_length=64, examples=[REPORT["id"]])]
PageIndex = Annotated[int, Path(ge=0, le=100_000)]
_LONGEST_WAIT_S = 300.0
# How soon a document that is done is noticed: a page takes seconds.
_LOOK_S = 0.1
_READ: Responses = {
    200: {"content": {"application/json": {"examples": {"done": {"value": REPORT}, "failed": {"value": FAILED}}}}}
}
_BINARY: dict[str, object] = {"schema": {"type": "string", "format": "binary"}}
# An OFD and a Word document come out as a PDF.
_WRITTEN = [kind for kind in MediaType if kind not in OFFICE_TYPES and kind is not MediaType.OFD]
_FILE: Responses = {200: {"content": {str(kind): _BINARY for kind in _WRITTEN}, "description": "The masked file"}}
_PICTURE: Responses = {200: {"content": {"image/png": _BINARY}, "description": "The page, of the report's size or smaller"}}
_NAME = {"type": "string", "description": "The applicant's name", "examples": ["陆雨晴"]}
_ALIASES = {"type": "array", "items": {"type": "string"}, "maxItems": 20, "description": "Other ways that it is written"}


@router.post(
    "/v1/documents",
    status_code=201,
    summary="Mask a name in a file",
    description="Answers with the report once the document is done, or after `wait` seconds with 202 and where to ask. A client "
    "that goes away meanwhile, and gave no `Idempotency-Key` to come back with, cancels its document.",
    response_model=ReportBody,
    responses=answers(201, REPORT)
    | UNFINISHED
    | refusals(
        *("forbidden", "request_timeout", "idempotency_conflict", "upload_too_large", "queue_full", "shutting_down"),
        *("invalid_name", "unopenable", "encrypted", "empty", "truncated", "wrong_type", "too_large"),
        *("worker_lost", "deadline_exceeded"),
    ),
    openapi_extra=describe_body({"name": _NAME, "aliases": _ALIASES}, ["name"]),
)
async def upload(
    request: Request,
    service: Parts,
    caller: Staff,
    lang: Language,
    wait: Annotated[float, Query(ge=0, le=_LONGEST_WAIT_S, description="Seconds")] = 30.0,
    idempotency_key: Annotated[str | None, Header(pattern=r"^[\x21-\x7e]{1,200}$")] = None,
) -> Response:
    if _is_stopping(request):
        raise Problem("shutting_down")
    waiting = await run_in_threadpool(service.documents.count)
    if waiting.get(State.QUEUED, 0) >= service.settings.most_queued:
        # Before the body is taken.
        raise Problem("queue_full")
    async with receive_upload(request) as received:
        received.given()
        document = await run_in_threadpool(_take_in, service, caller, received, idempotency_key)
    service.runner.wake()
    done = await _wait_for_end(request, service, document.id, wait, cancel=idempotency_key is None)
    if done is None:
        raise Problem("not_found")
    if done.state is State.FAILED:
        raise Problem(done.failure or "internal")
    if done.report is not None:
        await _refuse_unopenable(service, done)
    return _answer(done, lang, done_status=201)


@router.get(
    "/v1/documents/{document_id}",
    summary="The report, or how far it is",
    response_model=ReportBody | FailedBody,
    responses=_READ | UNFINISHED | refusals("not_found"),
)
def read(service: Parts, caller: Caller, lang: Language, document_id: DocumentId) -> Response:
    return _answer(find_document(service, caller, document_id), lang, done_status=200)


@router.get(
    "/v1/documents/{document_id}/file",
    summary="The masked file",
    description="While a page is 复核 the file is a proposal, and only given to who asks for one.",
    response_class=Response,
    responses=_FILE | refusals("not_found", "not_ready", "needs_review", "no_output"),
)
def fetch(service: Parts, caller: Caller, document_id: DocumentId, proposal: bool = False) -> Response:
    report = find_report(service, caller, document_id)
    if report.output is None:
        raise Problem("no_output")
    if report.status != "done" and not proposal:
        raise Problem("needs_review")
    content = _read_masked(service, report)
    media_type, suffix = _sniff(content)
    headers = {"Content-Disposition": f'attachment; filename="masked{suffix}"', "ETag": f'"{report.revision}"'}
    return Response(content, media_type=media_type, headers=headers)


@router.get(
    "/v1/documents/{document_id}/pages/{page_index}.png",
    summary="A page as a picture",
    response_class=Response,
    responses=_PICTURE | refusals("not_found", "not_ready", "no_output"),
)
async def picture(
    service: Parts,
    caller: Caller,
    document_id: DocumentId,
    page_index: PageIndex,
    layer: Layer = Layer.ORIGINAL,
    width: Annotated[int | None, Query(ge=16, le=20_000, description="At most so many pixels wide")] = None,
) -> Response:
    report = await run_in_threadpool(find_report, service, caller, document_id)
    if page_index >= len(report.pages):
        raise Problem("not_found")
    if layer is Layer.MASKED and report.output is None:
        raise Problem("no_output")
    revision = int(report.output) if layer is Layer.MASKED and report.output is not None else None
    async with service.drawing:
        try:
            png = await run_in_threadpool(draw_page, service.files, report.id, page_index, revision=revision, width=width)
        except FileNotFoundError:
            raise Problem("not_found") from None
        except AttachmentError:
            raise Problem("no_output") from None
    return Response(png, media_type="image/png")


@router.delete(
    "/v1/documents/{document_id}",
    status_code=204,
    summary="Delete a document and all that was made of it",
    responses=refusals("not_found", "forbidden"),
)
def delete(service: Parts, caller: Staff, document_id: DocumentId) -> Response:
    document = find_document(service, caller, document_id)
    _delete(service, document.id)
    return Response(status_code=204)


def _take_in(service: Service, caller: Principal, received: Upload, idempotency_key: str | None) -> Document:
    """Files first, so that whoever takes the document up finds them; what is left without a row is swept."""
    given = received.given()
    document_id = new_id()
    source = received.file.file
    source.seek(0)
    sha256 = hashlib.file_digest(source, "sha256").hexdigest()  # type: ignore[arg-type]
    source.seek(0)
    service.files.write(document_id, Part.QUERY, given.encode())
    service.files.write(document_id, Part.ORIGINAL, source)
    try:
        document, new = service.documents.add(
            id=document_id,
            owner=caller.owner,
            sha256=sha256,
            # Not of the name, which could be guessed back from a digest.
            fingerprint=sha256,
            expires_at=datetime.now(UTC) + timedelta(hours=service.settings.keep_hours),
            idempotency_key=idempotency_key,
            most_queued=service.settings.most_queued,
        )
    except (QueueFull, IdempotencyConflict) as error:
        service.files.delete(document_id)
        raise Problem("queue_full" if isinstance(error, QueueFull) else "idempotency_conflict") from None
    if not new:
        service.files.delete(document_id)
        if service.files.read(document.id, Part.QUERY) != given.encode():
            raise Problem("idempotency_conflict")
    return document


async def _wait_for_end(request: Request, service: Service, document_id: str, wait_s: float, *, cancel: bool) -> Document | None:
    until = time.monotonic() + wait_s
    while True:
        document = await run_in_threadpool(service.documents.find, document_id)
        ended = document is None or document.state in (State.FINISHED, State.FAILED)
        if ended or time.monotonic() >= until or _is_stopping(request):
            return document
        if cancel and await request.is_disconnected():
            await run_in_threadpool(_delete, service, document_id)
            return None
        await asyncio.sleep(_LOOK_S)


async def _refuse_unopenable(service: Service, document: Document) -> None:
    """A file without a page that could be opened counts as not uploaded: nothing is kept of it."""
    report = stored_report(document)
    if report.status == "rejected" and not report.pages:
        await run_in_threadpool(_delete, service, document.id)
        issue = next(issue for issue in report.issues if issue.severity == "reject")
        raise Problem(issue.code)


def _answer(document: Document, lang: Lang, *, done_status: int) -> Response:
    location = {"Location": f"/v1/documents/{document.id}"}
    if document.state is State.FAILED:
        return JSONResponse(tell_failure(document.id, document.failure or "internal", lang).model_dump(), 200)
    if document.report is None:
        progress = _progress(document)
        return JSONResponse(progress.model_dump(), 202, {**location, "Retry-After": "1"})
    report = tell_report(stored_report(document), lang)
    return JSONResponse(write_report(report), done_status, _headers_of(report) | (location if done_status == 201 else {}))


def _progress(document: Document) -> ProgressBody:
    pages = document.pages or 0
    return ProgressBody(
        id=document.id,
        status="queued" if document.state is State.QUEUED else "running",
        progress=document.progress,
        pages=document.pages,
        pages_done=min(round(document.progress * 2 * pages), pages),
    )


def _headers_of(report: ReportBody) -> dict[str, str]:
    return {"ETag": f'"{report.revision}"'}


def _read_masked(service: Service, report: ReportBody) -> bytes:
    try:
        return service.files.read(report.id, Part.MASKED, revision=int(report.output or 0))
    except FileNotFoundError:
        raise Problem("not_found") from None


def _sniff(content: bytes) -> tuple[str, str]:
    """The media type and suffix of what was written: an OFD's or a Word document's output is a PDF."""
    from redact.intake import sniff
    from redact.outputs import suffix_of

    kind = sniff(content)
    return str(kind), suffix_of(kind)


def _delete(service: Service, document_id: str) -> None:
    """The row first: from then on nobody can see it, and what a worker still makes of it is thrown away."""
    service.documents.delete(document_id)
    service.runner.cancel(document_id)
    service.files.delete(document_id)


def _is_stopping(request: Request) -> bool:
    stopping: Any = getattr(request.app.state, "stopping", None)
    return stopping is not None and stopping.is_set()

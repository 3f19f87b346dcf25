"""Is an upload clear, complete and upright? Nothing is kept of it."""

from __future__ import annotations

from fastapi import APIRouter, Request

from service.routes.callers import Language, Parts, Staff
from service.routes.told import SCREENING, answers, refusals
from service.routes.uploads import describe_body, receive_upload
from service.routes.urgent import run_urgent
from service.schemas import ScreeningBody
from service.wording import tell_screening
from service.work import ScreenUpload

router = APIRouter(tags=["screening"])


@router.post(
    "/v1/screen",
    summary="Screen a file",
    description="A file that cannot be opened is answered with 200 and status rejected: saying so is what this is for.",
    responses=answers(200, SCREENING)
    | refusals("forbidden", "upload_too_large", "request_timeout", "queue_full", "overloaded", "worker_lost"),
    openapi_extra=describe_body({}, []),
)
async def screen(request: Request, service: Parts, caller: Staff, lang: Language) -> ScreeningBody:
    async with receive_upload(request) as upload:
        content = await upload.file.read()
        file_name = upload.file_name
    report = await run_urgent(service, ScreenUpload(content, file_name))
    return tell_screening(ScreeningBody.model_validate(report), lang)

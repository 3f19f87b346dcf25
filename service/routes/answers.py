"""A person answers 是否需要遮盖 for a page: the file is masked anew as they say, and searched again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Header
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from service.access import Principal
from service.problems import Problem
from service.routes.callers import Caller, Language, Parts, find_document, find_report, stored_report
from service.routes.documents import DocumentId, PageIndex
from service.routes.told import REPORT, answers, refusals
from service.routes.urgent import run_urgent
from service.schemas import AnswerBody, BoxPixels, Decision, PageBody, ReportBody, write_report
from service.storage import Correction, Part
from service.wiring import Service
from service.wording import tell_report
from service.work import Answered, ApplyAnswer, answer_page
from service.work.answers import replace_page
from service.work.jobs import list_masks

router = APIRouter(tags=["answers"])
# Others may answer other pages at the same time; each try reads what they made of it.
_ATTEMPTS = 4
_REVISION = re.compile(r'(?:W/)?"?(\d{1,18})"?')


@dataclass(frozen=True, slots=True)
class _Answer:
    """``expected``: the revision that the person saw, where they said so."""

    page_index: int
    body: AnswerBody
    who: str
    expected: int | None


@router.put(
    "/v1/documents/{document_id}/pages/{page_index}",
    summary="A person's answer for one page",
    description="是 with the masks as they are to be, or 否 with none. Where the name would still be seen, 409 `name_uncovered` "
    "says where; `override` with a reason keeps the answer all the same, with who and when.",
    response_model=ReportBody,
    responses=answers(200, REPORT)
    | refusals(
        *("not_found", "not_ready", "no_output", "name_uncovered", "stale_revision", "upload_too_large"),
        *("queue_full", "overloaded", "worker_lost"),
    ),
)
async def answer(
    service: Parts,
    caller: Caller,
    lang: Language,
    document_id: DocumentId,
    page_index: PageIndex,
    body: AnswerBody,
    if_match: Annotated[str | None, Header(max_length=64, description='The revision that was seen, such as `"3"`')] = None,
) -> Response:
    given = _Answer(page_index, body, caller.who, _read_revision(if_match))
    for _ in range(_ATTEMPTS):
        report = await run_in_threadpool(find_report, service, caller, document_id)
        done = await _try(service, caller, report, given)
        if done is not None:
            told = tell_report(done, lang)
            return JSONResponse(write_report(told), headers={"ETag": f'"{told.revision}"'})
    raise Problem("stale_revision")


async def _try(service: Service, caller: Principal, report: ReportBody, given: _Answer) -> ReportBody | None:
    """None where somebody else answered meanwhile."""
    if given.expected not in (None, report.revision):
        raise Problem("stale_revision")
    page = _find_page(report, given.page_index)
    masks = _check_masks(page, given.body)
    answered_page = page.model_copy(update={"masks": masks})
    pages = list_masks(replace_page(report, answered_page))
    job = ApplyAnswer(service.files, report.id, pages, page.page_index, given.who, given.body.override)
    answered = await _apply(service, caller, job)
    if answered.revision is None:
        if answered.elsewhere:
            raise Problem("no_output")
        raise Problem("name_uncovered", page_index=page.page_index, boxes=[list(box) for box in answered.found])
    return await run_in_threadpool(_keep, service, report, given, masks, answered)


async def _apply(service: Service, caller: Principal, job: ApplyAnswer) -> Answered:
    try:
        return await run_urgent(service, job)
    except Problem:
        # It may have been deleted meanwhile, and its files with it.
        await run_in_threadpool(find_document, service, caller, job.id)
        raise


def _keep(service: Service, report: ReportBody, given: _Answer, masks: list[BoxPixels], answered: Answered) -> ReportBody | None:
    now = datetime.now(UTC)
    decision = Decision(who=answered.who, at=now, reason=answered.reason, found=list(answered.found))
    changed = answer_page(
        report,
        given.page_index,
        mask_required=given.body.mask_required,
        masks=masks,
        decision=decision,
        output=answered.revision,
    )
    correction = Correction(
        page_index=given.page_index,
        who=answered.who,
        at=now,
        mask_required=given.body.mask_required,
        masks=tuple(masks),
        reason=answered.reason,
        found=answered.found,
    )
    document = service.documents.correct(report.id, revision=report.revision, report=write_report(changed), correction=correction)
    # The loser's file goes, whichever it is.
    old = str(answered.revision) if document is None else report.output
    if old is not None:
        service.files.delete_part(report.id, Part.MASKED, revision=int(old))
    if document is None:
        return None
    service.metrics.answer(given.body.mask_required, overruled=bool(answered.found))
    return stored_report(document)


def _find_page(report: ReportBody, page_index: int) -> PageBody:
    if report.status == "rejected":
        raise Problem("no_output")
    if page_index >= len(report.pages):
        raise Problem("not_found")
    return report.pages[page_index]


def _check_masks(page: PageBody, body: AnswerBody) -> list[BoxPixels]:
    """The masks, cut to the page. 是 without a mask, and 否 with one, contradict themselves."""
    if bool(body.masks) is not (body.mask_required == "是"):
        raise Problem("invalid_request", detail="是 needs masks, 否 has none")
    cut = [(x0, y0, min(x1, page.width), min(y1, page.height)) for x0, y0, x1, y1 in body.masks]
    if any(x0 >= x1 or y0 >= y1 for x0, y0, x1, y1 in cut):
        raise Problem("invalid_request", detail="a mask lies outside the page")
    return cut


def _read_revision(if_match: str | None) -> int | None:
    if if_match is None or if_match.strip() == "*":
        return None
    match = _REVISION.fullmatch(if_match.strip())
    if match is None:
        raise Problem("stale_revision")
    return int(match[1])

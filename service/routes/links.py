"""Links for applicants: the platform opens the page for them, and keeps its key to itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from fastapi import APIRouter, Request

from service.access import Link
from service.problems import Problem
from service.routes.callers import Parts, Staff, find_document
from service.routes.documents import DocumentId
from service.routes.told import LINK, answers, refusals
from service.schemas import LinkBody, LinkRequest

router = APIRouter(tags=["links"])


@router.post(
    "/v1/documents/{document_id}/links",
    status_code=201,
    summary="A link that opens one document's page for a while",
    description="Whoever has it may look at the document, answer its pages and fetch the masked file, and nothing else. "
    "Decisions are signed with `subject`; do not put the applicant's name there.",
    responses=answers(201, LINK) | refusals("not_found", "forbidden", "upload_too_large"),
)
def make_link(request: Request, service: Parts, caller: Staff, document_id: DocumentId, body: LinkRequest) -> LinkBody:
    document = find_document(service, caller, document_id)
    if caller.kind != "key":
        raise Problem("forbidden", detail="without keys the page needs no link")
    expires_at = min(datetime.now(UTC) + timedelta(seconds=body.seconds), document.expires_at).replace(microsecond=0)
    token = service.links.sign(Link(document.id, caller.owner, body.subject, expires_at))
    base = (service.settings.public_url or str(request.base_url)).rstrip("/")
    # After the #, so that it reaches no server and no log.
    url = f"{base}/#/d/{document.id}?token={quote(token)}"
    return LinkBody(url=url, token=token, expires_at=expires_at)

"""What routes ask for: the service's parts, and who calls."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import Depends, Request

from redact.texts import Lang
from service.access import Principal
from service.edge import choose_lang
from service.problems import Problem
from service.schemas import ReportBody, read_report
from service.storage import Document, State
from service.wiring import Service


def get_service(request: Request) -> Service:
    service = getattr(request.app.state, "service", None)
    if service is None:
        raise Problem("starting")
    return cast(Service, service)


def admit(request: Request) -> Principal:
    """In a thread: it asks the database."""
    return get_service(request).guard.admit(request)


def admit_staff(request: Request) -> Principal:
    """Whoever may do more than look at one document."""
    principal = admit(request)
    if principal.kind == "link":
        raise Problem("forbidden")
    return principal


def get_lang(request: Request) -> Lang:
    return choose_lang(request.scope)


Parts = Annotated[Service, Depends(get_service)]
Caller = Annotated[Principal, Depends(admit)]
Staff = Annotated[Principal, Depends(admit_staff)]
Language = Annotated[Lang, Depends(get_lang)]


def find_document(service: Service, principal: Principal, document_id: str) -> Document:
    """Raises Problem not_found: unknown, expired and another's are told alike, so that nobody learns which ids there are."""
    document = service.documents.find(document_id)
    if document is None or not principal.may_see(document.id, document.owner):
        raise Problem("not_found")
    return document


def find_report(service: Service, principal: Principal, document_id: str) -> ReportBody:
    """The report of a document that is worked through. Raises Problem not_found, not_ready, no_output."""
    document = find_document(service, principal, document_id)
    if document.state is State.FAILED:
        raise Problem("no_output")
    if document.report is None:
        raise Problem("not_ready")
    return stored_report(document)


def stored_report(document: Document) -> ReportBody:
    """The revision is that of the row."""
    return read_report(document.report).model_copy(update={"revision": document.revision})

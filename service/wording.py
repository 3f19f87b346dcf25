"""Reports in the caller's language, and as they go over the wire. They are kept in Chinese."""

from __future__ import annotations

from redact.texts import Lang, advice, message
from redact.values import Severity
from service.schemas import FailedBody, IssueBody, ReportBody, ScreeningBody


def tell_report(report: ReportBody, lang: Lang) -> ReportBody:
    pages = [
        page.model_copy(
            update={
                "issues": _reword_issues(page.issues, lang),
                "reasons": [r.model_copy(update={"message": message(r.code, lang)}) for r in page.reasons],
            }
        )
        for page in report.pages
    ]
    output = None if report.output is None else f"/v1/documents/{report.id}/file"
    return report.model_copy(update={"pages": pages, "issues": _reword_issues(report.issues, lang), "output": output})


def tell_screening(report: ScreeningBody, lang: Lang) -> ScreeningBody:
    pages = [page.model_copy(update={"issues": _reword_issues(page.issues, lang)}) for page in report.pages]
    return report.model_copy(update={"pages": pages, "issues": _reword_issues(report.issues, lang)})


def tell_failure(document_id: str, code: str, lang: Lang) -> FailedBody:
    return FailedBody(id=document_id, code=code, message=message(code, lang), advice=advice(code, lang))


def _reword_issues(issues: list[IssueBody], lang: Lang) -> list[IssueBody]:
    if lang == "zh":
        return issues
    return [
        issue.model_copy(
            update={
                "message": message(issue.code, lang, Severity(issue.severity)),
                "advice": advice(issue.code, lang, Severity(issue.severity)),
            }
        )
        for issue in issues
    ]

"""What an issue weighs where: alone on its page, beside the other pages of its file, and when a name is to be masked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from redact.values import Issue, PageReport, PageScreening, Reason, Severity, Verdict

# The name is searched in every position, so a page that lies on its side hides none. Whether it counts as uploaded is for
# the platform to say.
_SEARCHED_ANYWAY = frozenset({"rotated", "skewed"})
# What a warning that text is hard to read is called, by its cause.
_UNCLEAR = frozenset({"blurred", "low_resolution", "low_contrast", "too_dark", "too_bright", "noisy"})

_Paged = TypeVar("_Paged", PageReport, PageScreening)


def excuse_backs(pages: Sequence[_Paged]) -> list[_Paged]:
    """A blank page beside pages that are not is the back of a sheet in a duplex scan: told, and no ground to reject."""
    blank = [any(issue.code == "blank" for issue in page.issues) for page in pages]
    return list(pages) if all(blank) else [replace(page, issues=_soften(page.issues, {"blank"})) for page in pages]


def excuse_turns(issues: Sequence[Issue]) -> tuple[Issue, ...]:
    """For masking: a turned or tilted page is told of, and masked all the same."""
    return _soften(issues, _SEARCHED_ANYWAY)


def doubt_poor(pages: Sequence[PageReport]) -> list[PageReport]:
    """A page that screening rejects, or warns is hard to read, is 复核, whatever was found on it: what is not there may only not
    be legible."""
    return [
        replace(page, verdict=Verdict.REVIEW, reasons=(*page.reasons, Reason("poor_page")))
        if page.width and (_is_rejected(page) or _is_unclear(page))
        else page
        for page in pages
    ]


def may_be_masked(pages: Sequence[PageReport], *, accept_poor: bool) -> bool:
    """Whether an output can be made and is worth making: every page was decoded and, unless poor ones are accepted, none
    is rejected."""
    return all(page.width for page in pages) and (accept_poor or not any(map(_is_rejected, pages)))


def _is_rejected(page: PageReport) -> bool:
    return any(issue.severity is Severity.REJECT for issue in page.issues)


def _is_unclear(page: PageReport) -> bool:
    return any(issue.code in _UNCLEAR for issue in page.issues)


def _soften(issues: Sequence[Issue], codes: frozenset[str] | set[str]) -> tuple[Issue, ...]:
    return tuple(replace(issue, severity=Severity.WARN) if issue.code in codes else issue for issue in issues)

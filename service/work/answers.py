"""A report after a person's answer: pure, so that it can be tried again on the newest report."""

from __future__ import annotations

from collections.abc import Sequence

from service.schemas import BoxPixels, Decision, LeakBody, PageBody, ReportBody, VerdictWord

REVIEW: VerdictWord = "复核"


def replace_page(report: ReportBody, page: PageBody) -> list[PageBody]:
    return [page if p.page_index == page.page_index else p for p in report.pages]


def answer_page(
    report: ReportBody,
    page_index: int,
    *,
    mask_required: VerdictWord,
    masks: Sequence[BoxPixels],
    decision: Decision,
    output: int | None,
) -> ReportBody:
    """The report with one page answered. ``decision.found``: where the name still stands there; such places stay listed as leaks
    that a person overruled. ``output``: the revision of the new masked part."""
    page = report.pages[page_index].model_copy(
        update={"mask_required": mask_required, "masks": list(masks), "decided_by": decision}
    )
    pages = replace_page(report, page)
    # The file was written anew, so what was found beside its pages before is gone, and was searched for again.
    leaks = [leak for leak in report.leaks if leak.page_index not in (page_index, None)]
    leaks += [LeakBody(channel="pixels", page_index=page_index, box=b, score=None, overridden=True) for b in decision.found]
    verdicts = {p.mask_required for p in pages}
    verdict: VerdictWord = REVIEW if REVIEW in verdicts else "是" if "是" in verdicts else "否"
    uncovered = any(not leak.overridden for leak in leaks)
    return report.model_copy(
        update={
            "pages": pages,
            "leaks": leaks,
            "mask_required": verdict,
            "status": "review" if verdict == REVIEW or uncovered else "done",
            "output": None if uncovered or output is None else str(output),
            "revision": report.revision + 1,
        }
    )

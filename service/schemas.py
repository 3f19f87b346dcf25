"""What goes over the wire, as pydantic models: they make the OpenAPI document and check what a client sends.

Reports are the library's ``redact.report/1`` and ``redact.screening/1`` with what the service adds to them. They are also what
the database keeps, so a model reads what an older one wrote.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

LONGEST_REASON = 500
MOST_MASKS = 2_000
# No control characters: PostgreSQL takes no NUL, and logs and tables no line breaks.
PRINTABLE = r"^[^\x00-\x1f\x7f]*$"
# Beyond any page that intake takes.
FARTHEST_PX = 1_000_000


def _take_whole(value: Any) -> Any:
    """JSON knows one kind of number: 5.0 is whole, as JSON Schema has it; a string is none."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Coordinate = Annotated[int, Field(strict=True, ge=0, le=FARTHEST_PX), BeforeValidator(_take_whole)]
LinkSeconds = Annotated[int, Field(strict=True, ge=60, le=86_400), BeforeValidator(_take_whole)]
Answer = Literal["是", "否"]
VerdictWord = Literal["是", "否", "复核"]


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True)


def _check_order(box: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    x0, y0, x1, y1 = box
    if x0 >= x1 or y0 >= y1:
        raise ValueError("a box has x0 < x1 and y0 < y1")
    return box


BoxPixels = tuple[int, int, int, int]
# Of the page as the report has it, right and lower edge exclusive.
GivenBox = Annotated[tuple[Coordinate, Coordinate, Coordinate, Coordinate], AfterValidator(_check_order)]


class IssueBody(_Wire):
    code: str
    severity: Literal["reject", "warn"]
    page_index: int | None
    box: BoxPixels | None
    value: float | None
    threshold: float | None
    message: str
    advice: str


class HitBody(_Wire):
    boxes: list[BoxPixels]
    score: float
    rule: str


class ReasonBody(_Wire):
    code: str
    message: str
    box: BoxPixels | None


class LeakBody(_Wire):
    channel: str
    page_index: int | None
    box: BoxPixels | None
    score: float | None
    overridden: bool = Field(False, description="A person saw it and decided to leave it, with a reason.")


class Decision(_Wire):
    """A person's answer to 是否需要遮盖. ``found``: where the name still stood when the person overruled."""

    who: str
    at: AwareDatetime
    reason: str | None = None
    found: list[BoxPixels] = []


class Proposal(_Wire):
    """What the machine said of the page."""

    mask_required: VerdictWord
    masks: list[BoxPixels]


class PageBody(_Wire):
    page_index: int
    width: int
    height: int
    rotation: Literal[0, 90, 180, 270]
    mask_required: VerdictWord
    hits: list[HitBody]
    masks: list[BoxPixels]
    reasons: list[ReasonBody]
    issues: list[IssueBody]
    decided_by: Decision | None = None
    proposal: Proposal | None = None


class ReportBody(_Wire):
    """``redact.report/1`` of a document."""

    schema_: Literal["redact.report/1"] = Field("redact.report/1", alias="schema")
    id: str
    revision: int
    expires_at: AwareDatetime
    source: str
    source_sha256: str
    media_type: str
    status: Literal["done", "review", "rejected"]
    mask_required: VerdictWord
    pages: list[PageBody]
    issues: list[IssueBody]
    leaks: list[LeakBody]
    output: str | None
    timings_s: dict[str, float]
    models: dict[str, str]

    model_config = ConfigDict(frozen=True, populate_by_name=True)


class ScreenedPage(_Wire):
    page_index: int
    width: int
    height: int
    dpi: float | None
    rotation: Literal[0, 90, 180, 270]
    rotation_confidence: float | None
    skew_deg: float | None
    mirrored: bool
    legibility: float | None
    text_height_px: float | None
    sheet: list[tuple[float, float]] | None
    issues: list[IssueBody]


class ScreeningBody(_Wire):
    """``redact.screening/1``."""

    schema_: Literal["redact.screening/1"] = Field("redact.screening/1", alias="schema")
    source: str
    source_sha256: str
    media_type: str
    status: Literal["done", "rejected"]
    pages: list[ScreenedPage]
    issues: list[IssueBody]
    output: str | None
    timings_s: dict[str, float]
    models: dict[str, str]

    model_config = ConfigDict(frozen=True, populate_by_name=True)


class ProgressBody(_Wire):
    id: str
    status: Literal["queued", "running"]
    progress: Annotated[float, Field(ge=0, le=1)]
    pages: int | None = Field(None, description="How many there are, once the file is open.")
    pages_done: int = Field(0, description="So many are read; then the masked file is searched.")


class FailedBody(_Wire):
    """Accepted and not done, through no fault of the file's. It may be uploaded again."""

    id: str
    status: Literal["failed"] = "failed"
    code: str
    message: str
    advice: str


class AnswerBody(BaseModel):
    """A person's answer for one page. 是 needs masks, 否 has none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mask_required: Answer
    masks: Annotated[list[GivenBox], Field(max_length=MOST_MASKS)] = []
    override: Annotated[str | None, Field(min_length=1, max_length=LONGEST_REASON, pattern=PRINTABLE)] = None


class LinkRequest(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    subject: Annotated[str, Field(min_length=1, max_length=64, pattern=PRINTABLE)] = "applicant"
    seconds: LinkSeconds = 3_600


class LinkBody(_Wire):
    url: str
    token: str
    expires_at: AwareDatetime


class SessionBody(_Wire):
    """What the caller may do, for the page."""

    access: Literal["local", "key", "link", "none"]
    document: str | None = None
    expires_at: AwareDatetime | None = None
    max_upload_bytes: int
    version: str


class ProblemBody(BaseModel):
    """RFC 9457. ``code`` is stable; ``message`` and ``advice`` are for people."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    code: str
    detail: str
    message: str
    advice: str
    request_id: str


class UncoveredBody(ProblemBody):
    """``boxes``: where the name still stands with these masks, in pixels of the page."""

    page_index: int
    boxes: list[BoxPixels]


def write_report(report: ReportBody) -> dict[str, Any]:
    """As plain JSON values, for the database and the wire."""
    return report.model_dump(mode="json", by_alias=True)


def read_report(stored: Any) -> ReportBody:
    return ReportBody.model_validate(stored)


def iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")

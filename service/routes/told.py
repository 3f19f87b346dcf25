"""What each address may answer, with an example, for the OpenAPI document."""

from __future__ import annotations

from typing import Any

from redact.texts import advice, message
from service.problems import MEDIA_TYPE, STATUS, Problem
from service.schemas import ProblemBody, ProgressBody, UncoveredBody

Responses = dict[int | str, dict[str, Any]]

_ACCESS = ("unauthorized", "link_expired", "loopback_only", "rate_limited", "starting")
_ID = "kJ3vX0c2mQ8n5uYt1wZbRg"
REQUEST_ID = "3f0c6c1d5a0e4c0f9d1b7a2e8c4f6b90"
ISSUE = {
    "code": "glare",
    "severity": "warn",
    "page_index": 0,
    "box": [980, 300, 1240, 520],
    "value": 0.12,
    "threshold": 0.05,
    "message": message("glare", "zh", None),
    "advice": advice("glare", "zh", None),
}
PAGE = {
    "page_index": 0,
    "width": 1654,
    "height": 2339,
    "rotation": 0,
    "mask_required": "是",
    "hits": [{"boxes": [[412, 506, 540, 552]], "score": 0.97, "rule": "line"}],
    "masks": [[404, 498, 548, 560]],
    "reasons": [],
    "issues": [],
    "decided_by": None,
    "proposal": {"mask_required": "是", "masks": [[404, 498, 548, 560]]},
}
REPORT = {
    "schema": "redact.report/1",
    "id": _ID,
    "revision": 0,
    "expires_at": "2026-01-02T08:00:00Z",
    "source": "毕业证书.pdf",
    "source_sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "media_type": "application/pdf",
    "status": "done",
    "mask_required": "是",
    "pages": [PAGE],
    "issues": [],
    "leaks": [],
    "output": f"/v1/documents/{_ID}/file",
    "timings_s": {"decode": 0.1, "read": 0.9, "verify": 0.8},
    "models": {"recognition": "9f86d081884c7d65…"},
}
PROGRESS = {"id": _ID, "status": "running", "progress": 0.4, "pages": 5, "pages_done": 4}
FAILED = {
    "id": _ID,
    "status": "failed",
    "code": "deadline_exceeded",
    "message": message("deadline_exceeded"),
    "advice": advice("deadline_exceeded"),
}
SCREENING = {
    "schema": "redact.screening/1",
    "source": "毕业证书.jpg",
    "source_sha256": REPORT["source_sha256"],
    "media_type": "image/jpeg",
    "status": "done",
    "pages": [
        {
            "page_index": 0,
            "width": 1654,
            "height": 2339,
            "dpi": 200.0,
            "rotation": 0,
            "rotation_confidence": 0.98,
            "skew_deg": 0.2,
            "mirrored": False,
            "legibility": 0.99,
            "text_height_px": 34.0,
            "sheet": None,
            "issues": [ISSUE],
        }
    ],
    "issues": [ISSUE],
    "output": None,
    "timings_s": {"decode": 0.1, "read": 0.9, "screen": 0.1},
    "models": {"recognition": "9f86d081884c7d65…"},
}
SESSION = {"access": "key", "document": None, "expires_at": None, "max_upload_bytes": 104857600, "version": "0.1.0"}
LINK = {"url": "https://example.org/#/d/…?token=…", "token": "…", "expires_at": "2026-01-01T09:00:00Z"}
_MORE: dict[str, dict[str, Any]] = {"name_uncovered": {"page_index": 0, "boxes": [[404, 498, 548, 560]]}}


def answers(status: int, value: Any) -> Responses:
    return {status: {"content": {"application/json": {"example": value}}}}


# Of a document that is worked on.
UNFINISHED: Responses = {
    202: {"model": ProgressBody, "description": "Not done yet", "content": {"application/json": {"example": PROGRESS}}}
}


def refusals(*codes: str) -> Responses:
    """The problems that an address may answer with, by status, and those that every address may."""
    by_status: Responses = {}
    for code in dict.fromkeys((*codes, *_ACCESS, "invalid_request", "internal")):
        told = by_status.setdefault(STATUS[code], {"description": "", "content": {MEDIA_TYPE: {"examples": {}}}})
        told["description"] = " · ".join(filter(None, (told["description"], f"`{code}`")))
        model = UncoveredBody if code == "name_uncovered" else ProblemBody
        content = told["content"][MEDIA_TYPE]
        content["examples"][code] = {"value": Problem(code, **_MORE.get(code, {})).body("zh", REQUEST_ID)}
        content.setdefault("schema", {"$ref": f"#/components/schemas/{ProblemBody.__name__}"})
        if model is UncoveredBody:
            content["schema"] = {"anyOf": [{"$ref": f"#/components/schemas/{m.__name__}"} for m in (UncoveredBody, ProblemBody)]}
        if told_headers := _headers(code):
            told["headers"] = told_headers
    return by_status


def _headers(code: str) -> dict[str, Any]:
    if Problem(code).retry_after_s is None:
        return {}
    return {"Retry-After": {"description": "Seconds", "schema": {"type": "integer"}}}

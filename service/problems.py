"""Errors as ``application/problem+json`` (RFC 9457) with a stable ``code``; wording from the library's one catalogue.

No problem quotes a request: names, file names and ids of others stay out.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from redact.texts import Lang, advice, message

MEDIA_TYPE = "application/problem+json"

# Which status each code is answered with. The codes of uploads are the contract's issue codes.
STATUS: dict[str, int] = {
    "unauthorized": 401,
    "link_expired": 401,
    "forbidden": 403,
    "loopback_only": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "request_timeout": 408,
    "name_uncovered": 409,
    "needs_review": 409,
    "not_ready": 409,
    "no_output": 409,
    "idempotency_conflict": 409,
    "stale_revision": 412,
    "upload_too_large": 413,
    "invalid_request": 422,
    "invalid_name": 422,
    "unopenable": 422,
    "encrypted": 422,
    "empty": 422,
    "truncated": 422,
    "wrong_type": 422,
    "too_large": 422,
    "rate_limited": 429,
    "queue_full": 429,
    "internal": 500,
    "shutting_down": 503,
    "overloaded": 503,
    "starting": 503,
    # Accepted, and lost through no fault of the upload: it may be sent again.
    "worker_lost": 503,
    "deadline_exceeded": 503,
}
# What a client may not send again sooner than, in seconds.
RETRY_AFTER_S = {"rate_limited": 10, "queue_full": 10, "shutting_down": 10, "overloaded": 10, "starting": 3, "worker_lost": 3}


class Problem(Exception):
    """Answered by the app as problem+json. ``more``: further members, such as the boxes of ``name_uncovered``."""

    def __init__(self, code: str, *, detail: str = "", retry_after_s: int | None = None, **more: Any) -> None:
        super().__init__(code)
        self.code = code
        self.status = STATUS[code]
        self.detail = detail
        self.retry_after_s = RETRY_AFTER_S.get(code) if retry_after_s is None else retry_after_s
        self.more: Mapping[str, Any] = more

    def body(self, lang: Lang, request_id: str) -> dict[str, Any]:
        return {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            "message": message(self.code, lang),
            "advice": advice(self.code, lang),
            "request_id": request_id,
            **self.more,
        }

"""What goes in and comes out: plain values, free of the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

Box = tuple[int, int, int, int]


class State(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One row. Times are aware, in UTC; ``progress`` is 0..1, ``pages`` how many there are, once that is known; ``attempts``
    counts claims; ``failure`` is a code where it has failed; ``revision`` counts people's corrections."""

    id: str
    owner: str
    state: State
    progress: float
    pages: int | None
    attempts: int
    revision: int
    created_at: datetime
    expires_at: datetime
    report: Mapping[str, Any] | None
    failure: str | None
    sha256: str
    idempotency_key: str | None
    claimed_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What a person decided about a page. Boxes are ``(x0, y0, x1, y1)`` in pixels of the upright page; ``found`` is where
    the name still stood when they overruled."""

    page_index: int
    who: str
    at: datetime
    mask_required: str
    masks: tuple[Box, ...]
    # A person's own words.
    reason: str | None = field(repr=False)
    found: tuple[Box, ...]

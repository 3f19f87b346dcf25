"""A job for worker processes, which import it by name."""

from __future__ import annotations

from dataclasses import dataclass, field

from redact import Redactor
from redact.workers import Progress


@dataclass(frozen=True, slots=True)
class Mask:
    content: bytes = field(repr=False)
    name: str = field(repr=False)

    def __call__(self, redactor: Redactor, progress: Progress) -> str:
        return str(redactor.redact(self.content, name=self.name, progress=progress).report.status)

"""What a worker does with one upload. Imported by workers, by name."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from redact.batch.pictures import picture_pages
from redact.batch.placing import create_private
from redact.batch.reports.record import PageThumbnails
from redact.intake import sniff
from redact.report import Report
from redact.values import MediaType

if TYPE_CHECKING:
    from redact.pipeline import Redactor


@dataclass(frozen=True, slots=True)
class Masked:
    """``kind``, ``sha256``, ``size``: of the output, which is in the file that was asked for; None where there is none."""

    report: Report
    kind: MediaType | None = None
    sha256: str | None = None
    size: int | None = None
    thumbnails: tuple[PageThumbnails, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Mask:
    """``source``: a file, or the bytes of an archive's member. ``hold``: the file to write the output to: whole, and on the
    disk, before the job ends."""

    source: Path | bytes = field(repr=False)
    name: str = field(repr=False)
    aliases: tuple[str, ...] = field(repr=False)
    hold: Path = field(repr=False)
    accept_poor: bool
    keep_text: bool
    with_names: bool

    def __call__(self, redactor: Redactor, progress: Callable[[int, int], None]) -> Masked:
        result = redactor.redact(
            self.source,
            name=self.name,
            aliases=self.aliases,
            accept_poor=self.accept_poor,
            keep_text=self.keep_text,
            progress=progress,
        )
        if result.output is None:
            return Masked(result.report)
        self._write(result.output)
        return Masked(
            result.report,
            kind=sniff(result.output),
            sha256=hashlib.sha256(result.output).hexdigest(),
            size=len(result.output),
            thumbnails=tuple(self._picture(result.report, result.output)),
        )

    def _write(self, output: bytes) -> None:
        with create_private(self.hold) as file:
            file.write(output)
            file.flush()
            os.fsync(file.fileno())

    def _picture(self, report: Report, output: bytes) -> list[PageThumbnails]:
        return picture_pages(self.source if self.with_names else None, output, report.pages)

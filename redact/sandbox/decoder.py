"""What opening an upload gives, wherever its bytes are decoded: in a worker process, or in this one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from redact.intake import OpenAttachment
from redact.names.spellings import Spelling
from redact.options import IntakeLimits, RasterOptions
from redact.values import KeptText, Leak, PageMasks, PageScreening


class DecodedAttachment(OpenAttachment, Protocol):
    """An open attachment, and all that is done with its bytes. Every method raises AttachmentError alone on bad bytes."""

    def mask(self, pages: Sequence[PageMasks]) -> bytes:
        """See :func:`redact.masking.mask_file`."""
        ...

    def mask_keeping_text(self, pages: Sequence[PageMasks], as_pixels: Mapping[int, str]) -> tuple[bytes, tuple[KeptText, ...]]:
        """See :func:`redact.masking.mask_file_keeping_text`."""
        ...

    def straighten(self, pages: Sequence[PageScreening]) -> bytes:
        """See :func:`redact.upright.straighten_file`."""
        ...

    def find_in_bytes(self, spellings: Sequence[Spelling]) -> list[Leak]:
        """See :func:`redact.verify.find_in_bytes`."""
        ...


class Decoder(Protocol):
    """Opens uploads; safe to share between threads."""

    def prepare(self) -> None:
        """Begin what takes long, and do not wait for it."""
        ...

    def open(self, source: Path | str | bytes, *, limits: IntakeLimits, raster: RasterOptions) -> DecodedAttachment:
        """See :func:`redact.intake.open_attachment`.

        Raises:
            NotAFile, AttachmentError: as there.
            SandboxError: no worker process can be started.
        """
        ...

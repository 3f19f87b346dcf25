"""Masks one given person's name in scanned application documents, and proves on the output that it is gone.

from redact import Redactor

redactor = Redactor()                        # loads the models once; share it between threads
result = redactor.redact("diploma.pdf", name="张三", aliases=["Zhang San"])
result.report.mask_required                  # Verdict: 是 / 否 / 复核
result.output                                # bytes of the masked file, or None
redactor.screen("diploma.pdf").all_issues    # what is unclear, incomplete or not upright
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from redact.errors import (
        AttachmentError,
        Empty,
        Encrypted,
        InvalidName,
        ModelError,
        NotAFile,
        OutputExists,
        RedactError,
        SandboxError,
        TooLarge,
        Truncated,
        Unopenable,
        UsageError,
        WrongType,
    )
    from redact.geometry import Box, Quad
    from redact.pipeline import Corrected, Redactor, RedactResult
    from redact.report import Report, VerifyReport
    from redact.screening_report import ScreeningReport
    from redact.values import Hit, Issue, Leak, MediaType, PageMasks, PageReport, PageScreening, Reason, Severity, Status, Verdict

# Where each public name lives. Loaded when first asked for: `redact --help`, and programs that only read reports, need
# not wait for the models' libraries.
_HOMES = {
    "errors": (
        "AttachmentError",
        "Empty",
        "Encrypted",
        "InvalidName",
        "ModelError",
        "NotAFile",
        "OutputExists",
        "RedactError",
        "SandboxError",
        "TooLarge",
        "Truncated",
        "Unopenable",
        "UsageError",
        "WrongType",
    ),
    "geometry": ("Box", "Quad"),
    "pipeline": ("Corrected", "RedactResult", "Redactor"),
    "report": ("Report", "VerifyReport"),
    "screening_report": ("ScreeningReport",),
    "values": (
        "Hit",
        "Issue",
        "Leak",
        "MediaType",
        "PageMasks",
        "PageReport",
        "PageScreening",
        "Reason",
        "Severity",
        "Status",
        "Verdict",
    ),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "AttachmentError",
    "Box",
    "Corrected",
    "Empty",
    "Encrypted",
    "Hit",
    "InvalidName",
    "Issue",
    "Leak",
    "MediaType",
    "ModelError",
    "NotAFile",
    "OutputExists",
    "PageMasks",
    "PageReport",
    "PageScreening",
    "Quad",
    "Reason",
    "RedactError",
    "RedactResult",
    "Redactor",
    "Report",
    "SandboxError",
    "ScreeningReport",
    "Severity",
    "Status",
    "TooLarge",
    "Truncated",
    "Unopenable",
    "UsageError",
    "Verdict",
    "VerifyReport",
    "WrongType",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__

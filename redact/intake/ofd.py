"""OFD -> pages: drawn as a PDF once, then read as one."""

from __future__ import annotations

from redact.errors import AttachmentError, Unopenable
from redact.intake.pdf import PdfSource
from redact.ofd import draw_ofd
from redact.options import IntakeLimits, RasterOptions
from redact.values import Issue, Page, Severity


class OfdSource:
    """Pages of an OFD. One that could not be drawn in full is warned of from the start."""

    def __init__(self, content: bytes, limits: IntakeLimits, raster: RasterOptions) -> None:
        """Draws all pages. Raises: any AttachmentError."""
        try:
            drawn = draw_ofd(content, limits)
        except AttachmentError:
            raise
        except (RuntimeError, ValueError, TypeError, KeyError, IndexError, OverflowError, RecursionError) as error:
            raise Unopenable(f"draw OFD: {type(error).__name__}") from None
        self._incomplete = tuple(Issue("unopenable", Severity.WARN, index) for index in sorted(drawn.incomplete))
        self._pdf = PdfSource(drawn.pdf, limits, raster)
        self.page_count = self._pdf.page_count

    @property
    def warnings(self) -> tuple[Issue, ...]:
        """``unopenable`` (warn) with the index of each page of which something is not drawn."""
        known = {issue.page_index for issue in self._incomplete}
        return self._incomplete + tuple(issue for issue in self._pdf.warnings if issue.page_index not in known)

    def read_page(self, index: int) -> Page:
        return self._pdf.read_page(index)

    def close(self) -> None:
        self._pdf.close()

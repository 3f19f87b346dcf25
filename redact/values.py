"""The small frozen values that one stage hands to the next.

Values that hold a name or text that was read keep it out of their ``repr``: a repr ends up in logs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from redact.geometry import Box, Quad, Rotation

Pixels = NDArray[np.uint8]


class Verdict(StrEnum):
    """The answer to 是否需要遮盖, for a page and for an attachment."""

    REQUIRED = "是"
    NOT_REQUIRED = "否"
    REVIEW = "复核"

    @classmethod
    def of(cls, hits: Sequence[Hit], reasons: Sequence[Reason]) -> Verdict:
        """Of one page: an open question outweighs a hit."""
        return cls.REVIEW if reasons else cls.REQUIRED if hits else cls.NOT_REQUIRED


class Status(StrEnum):
    DONE = "done"
    REVIEW = "review"
    REJECTED = "rejected"


class Severity(StrEnum):
    REJECT = "reject"
    WARN = "warn"


class MediaType(StrEnum):
    """What an attachment's bytes are, from the bytes alone."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    TIFF = "image/tiff"
    BMP = "image/bmp"
    WEBP = "image/webp"
    GIF = "image/gif"
    HEIC = "image/heic"
    PDF = "application/pdf"
    OFD = "application/ofd"
    DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    DOC = "application/msword"
    ODT = "application/vnd.oasis.opendocument.text"
    RTF = "application/rtf"


# Documents that another program must convert before they have pages.
OFFICE_TYPES = frozenset({MediaType.DOCX, MediaType.DOC, MediaType.ODT, MediaType.RTF})


@dataclass(frozen=True, slots=True)
class TextRun:
    """Characters of a PDF's own text layer that follow each other on one line.

    ``boxes`` has one box per character of ``text``, in page pixels; ``hidden`` says that a viewer does not paint them
    (render mode 3, zero opacity, outside the crop box), as an OCR layer under a scan does.
    """

    text: str = field(repr=False)
    boxes: tuple[Box, ...] = field(repr=False)
    hidden: bool = False

    def __post_init__(self) -> None:
        if len(self.text) != len(self.boxes):
            raise ValueError("a text run has one box per character")


@dataclass(frozen=True, slots=True)
class Page:
    """One page as a viewer shows it.

    ``pixels``: (H, W, 3) uint8, RGB, C-contiguous; alpha laid over white. ``dpi``: of those pixels, 0 where unknown.
    ``runs``: the PDF's text layer; empty for images.
    """

    index: int
    pixels: Pixels = field(repr=False)
    dpi: float = 0.0
    runs: tuple[TextRun, ...] = ()

    @property
    def width(self) -> int:
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        return int(self.pixels.shape[0])


# The rule of hits that are a QR or bar code: their quads are the whole code, and no line of text.
CODE_RULE = "machine_code"


@dataclass(frozen=True, slots=True)
class Hit:
    """A place where the name stands, or may stand.

    ``quads``: one per piece (a name broken over two lines has two). ``score``: mean log-probability ratio per character
    against the best reading, 0 at best. ``rule``: what found it. ``sure``: False asks for a person's eye; ``reason`` says why.
    """

    quads: tuple[Quad, ...]
    score: float
    rule: str
    sure: bool = True
    reason: str | None = None

    @property
    def boxes(self) -> tuple[Box, ...]:
        return tuple(q.box for q in self.quads)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a page is 复核: a code of the catalogue, and the place where there is one."""

    code: str
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class Issue:
    """What screening or intake found wrong with an upload; ``code`` is one of the contract's."""

    code: str
    severity: Severity
    page_index: int | None = None
    box: Box | None = None
    value: float | None = None
    threshold: float | None = None


@dataclass(frozen=True, slots=True)
class PageMasks:
    """What is to be painted on one page: ``boxes`` in pixels of a page of ``width`` x ``height`` (see :mod:`redact.geometry`)."""

    page_index: int
    width: int
    height: int
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class KeptText:
    """Whether a page of an output can still be searched and selected. ``reason``: why it cannot, a code of the catalogue; None
    where it can."""

    page_index: int
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Leak:
    """The name, or part of it, still in an output. ``channel``: ``pixels``, ``text_layer``, ``bytes``, ``metadata`` …"""

    channel: str
    page_index: int | None = None
    box: Box | None = None
    score: float | None = None


@dataclass(frozen=True, slots=True)
class PageReport:
    """``kept_text``: None where nobody asked for it."""

    page_index: int
    width: int
    height: int
    rotation: Rotation
    verdict: Verdict
    skew_deg: float = 0.0
    hits: tuple[Hit, ...] = ()
    masks: tuple[Box, ...] = ()
    reasons: tuple[Reason, ...] = ()
    issues: tuple[Issue, ...] = ()
    kept_text: KeptText | None = None


# Below this share of the votes a turn is a guess, and a page turned wrongly is worse than one that is not turned.
SURE_ROTATION = 0.5


@dataclass(frozen=True, slots=True)
class PageScreening:
    """What screening found on one page.

    ``rotation``: clockwise degrees the content is turned; ``rotation_confidence``: 0..1, the share of the page's votes for it;
    ``skew_deg``: clockwise tilt left after that turn; ``mirrored``: left and right are swapped. ``legibility``: 0..1, one minus
    the share of characters that the reader is expected to get wrong; None where the page has no text to measure it on.
    ``text_px``: median height of a character; None where there is no text. ``hidden``: lines that no reading of the page as it is
    finds, only one in even light: the name may stand in them. ``sheet``: the document where it is a smaller part of
    the picture (page order: TL, TR, BR, BL as seen), so that it can be cropped.
    """

    page_index: int
    width: int
    height: int
    dpi: float
    rotation: Rotation
    rotation_confidence: float
    skew_deg: float
    mirrored: bool = False
    legibility: float | None = None
    text_px: float | None = None
    hidden: tuple[Box, ...] = ()
    sheet: Quad | None = None
    issues: tuple[Issue, ...] = ()


Json = Mapping[str, Any]

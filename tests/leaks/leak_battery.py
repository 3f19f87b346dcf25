"""Every channel, kind of file and name; a file with the name planted there goes through a masker, and is searched.

    for case in cases(): leaks(case, mask_well), leaks(case, mask_naively)

``mask_well`` is the library's :func:`redact.masking.mask_file` with the masks of the places where the name is printed.
``mask_naively`` is what tools do that draw a rectangle: the ink is painted over, and the rest of the file stays as it is. What it
leaves is counted against what the same file leaves without a plant, so that each channel is shown to be looked into.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from leak_channels_pdf import PAGES, PDF_CHANNELS, draw_over, make
from leak_channels_pictures import PAINTERS, PICTURE_CHANNELS, PLAIN
from leak_pages import FREE_AT, HEIGHT, NAMES, WIDTH, draw_page, font
from leak_search import Findings, search_file

from redact.errors import AttachmentError
from redact.geometry import Box, Quad
from redact.intake import open_attachment
from redact.masking import fit_masks, mask_file
from redact.values import Hit, Page, PageMasks

Masker = Callable[[bytes, str, str], bytes | None]


@dataclass(frozen=True)
class Case:
    """``kind``: a kind of picture, or a kind of PDF page (:data:`leak_channels_pdf.PAGES`)."""

    channel: str
    kind: str
    name: str = field(repr=False)

    @property
    def pdf(self) -> bool:
        return self.kind in PAGES

    @property
    def id(self) -> str:
        return f"{self.channel}, {self.kind}"

    def build(self) -> bytes:
        if self.pdf:
            return PDF_CHANNELS[self.channel](self.kind, self.name)
        return PICTURE_CHANNELS[self.channel][self.kind](self.name)


def cases(names: tuple[str, ...] = NAMES) -> Iterator[Case]:
    for name in names:
        for channel in PDF_CHANNELS:
            yield from (Case(channel, kind, name) for kind in PAGES)
        for channel, kinds in PICTURE_CHANNELS.items():
            yield from (Case(channel, kind, name) for kind in kinds)


def some_cases() -> list[Case]:
    """Each channel and kind of picture once, and each channel of a PDF with one kind of page; names in turn."""
    turns = list(PAGES)
    picked = [Case(channel, turns[i % len(turns)], NAMES[i % 2]) for i, channel in enumerate(PDF_CHANNELS)]
    pairs = [(channel, kind) for channel, kinds in PICTURE_CHANNELS.items() for kind in kinds]
    return picked + [Case(channel, kind, NAMES[i % 2]) for i, (channel, kind) in enumerate(pairs)]


def mask_well(content: bytes, kind: str, name: str) -> bytes | None:
    """None: the library refuses the file, so nothing leaves."""
    try:
        with open_attachment(content) as attachment:
            count, media_type = attachment.page_count, attachment.media_type
        pages = [PageMasks(i, WIDTH, HEIGHT, masks_of(name, second=i > 0)) for i in range(count)]
        return mask_file(content, media_type, pages)
    except AttachmentError:
        return None


def mask_naively(content: bytes, kind: str, name: str) -> bytes | None:
    ink = draw_page(name).ink
    return draw_over(content, ink) if kind in PAGES else PAINTERS[kind](content, ink)


@lru_cache(maxsize=16)
def masks_of(name: str, *, second: bool = False) -> tuple[Box, ...]:
    """What the pipeline would paint: masks fitted to where the name stands, and to the second one of a further frame."""
    drawn = draw_page(name)
    quads = [Quad.from_box(drawn.ink)]
    if second:
        x0, y0, x1, y1 = font().getbbox(name)
        quads.append(Quad.from_box(Box(FREE_AT[0] + x0, FREE_AT[1] + y0, FREE_AT[0] + x1, FREE_AT[1] + y1)))
    import numpy as np

    page = Page(0, np.asarray(drawn.image))
    return fit_masks(page, [Hit((quad,), 0.0, "line") for quad in quads])


def leaks(case: Case, masker: Masker) -> Findings:
    """What is found in the output; for the naive masker, what the plant added to it."""
    output = masker(case.build(), case.kind, case.name)
    if output is None:
        return Counter()
    found = search_file(output, "PDF" if case.pdf else case.kind, case.name)
    return found - _left_without_plant(case.kind, case.name) if masker is mask_naively else found


@lru_cache(maxsize=32)
def _left_without_plant(kind: str, name: str) -> Findings:
    content = make(kind, name) if kind in PAGES else PLAIN[kind](name)
    output = mask_naively(content, kind, name)
    assert output is not None
    return search_file(output, "PDF" if kind in PAGES else kind, name)

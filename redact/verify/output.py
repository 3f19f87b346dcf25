"""The closed loop: what leaves is read again, by another way than it was made."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from redact.codes import find_codes, judge_codes
from redact.geometry import Quad
from redact.intake import OpenAttachment
from redact.names.spellings import Spelling
from redact.names.text_search import find_in_text
from redact.ocr.reader import TextReader
from redact.search import Query, search_page
from redact.values import CODE_RULE, Hit, Leak, Reason
from redact.verify.reading_order import join_runs

# The second reading is done at another scale than the first, so that it does not repeat its oversights.
ZOOM = 0.85
# By the rule of a hit; every other rule reads pixels.
_CHANNELS = {"text_layer": "text_layer", CODE_RULE: "machine_code"}


@dataclass(frozen=True, slots=True)
class Found:
    """Hits on one page of the output, in pixels of that page's ``width`` x ``height``."""

    width: int
    height: int
    hits: tuple[Hit, ...]

    def hits_in(self, width: int, height: int) -> list[Hit]:
        """The hits in the frame of the same page at another resolution."""
        scale = (width / self.width, height / self.height)
        return [replace(h, quads=tuple(Quad.from_array(q.array() * scale) for q in h.quads)) for h in self.hits]


@dataclass(frozen=True, slots=True)
class Verification:
    """``leaks``: the name is there. ``found``: the leaks that stand in pixels, by page index. ``doubts``: places that may be
    the name and that a person must judge, by page index. ``unsearched``: pages that could not be read well enough to say.
    ``codes``: QR and bar codes that may lead to the name, by page index."""

    leaks: tuple[Leak, ...]
    found: Mapping[int, Found]
    doubts: Mapping[int, tuple[Reason, ...]]
    unsearched: frozenset[int] = frozenset()
    codes: Mapping[int, tuple[Reason, ...]] = field(default_factory=dict)

    @property
    def clean(self) -> bool:
        return not self.leaks


class SearchableAttachment(OpenAttachment, Protocol):
    """The output, opened afresh, and a way to search its bytes: :func:`redact.verify.find_in_bytes`, here or in a worker."""

    def find_in_bytes(self, spellings: Sequence[Spelling]) -> list[Leak]: ...


def verify_attachment(
    attachment: SearchableAttachment,
    query: Query,
    reader: TextReader,
    *,
    zoom: float = ZOOM,
    only: Collection[int] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Verification:
    """Search pixels, text layers and raw bytes of a file for the name. ``only``: the pages to read, by index; else all.

    Raises:
        AttachmentError: a page of it cannot be opened (so nothing is proved).
    """
    leaks: list[Leak] = []
    found: dict[int, Found] = {}
    doubts: dict[int, tuple[Reason, ...]] = {}
    unsearched: set[int] = set()
    codes: dict[int, tuple[Reason, ...]] = {}
    leaks += attachment.find_in_bytes(query.spellings)
    wanted = range(attachment.page_count) if only is None else sorted(only)
    for done, page in enumerate(map(attachment.page, wanted), start=1):
        decision = search_page(page, query, reader, zoom=zoom, signatures=False).decision
        coded = judge_codes(find_codes(page.pixels), query.spellings, page.index)
        if coded.reasons:
            codes[page.index] = coded.reasons
        hits = decision.hits + tuple(h for h in coded.hits if h.sure)
        if {reason.code for reason in decision.reasons} - {hit.reason for hit in hits}:
            unsearched.add(page.index)
        certain = tuple(h for h in hits if h.sure or h.rule == "text_layer")
        for hit in certain:
            leaks += [Leak(_CHANNELS.get(hit.rule, "pixels"), page.index, box, hit.score) for box in hit.boxes]
        pixels = tuple(h for h in certain if h.rule != "text_layer")
        if pixels:
            found[page.index] = Found(page.width, page.height, pixels)
        doubtful = [Reason(h.reason or "uncertain_hit", box) for h in hits if h not in certain for box in h.boxes]
        if doubtful:
            doubts[page.index] = tuple(doubtful)
        # A viewer need not show it: text beside the page, or hidden, is still in the file.
        for text in (*(run.text for run in page.runs), *join_runs(page.runs)):
            leaks += _find_hidden(text, page.index, query)
        if progress is not None:
            progress(done, len(wanted))
    return Verification(tuple(dict.fromkeys(leaks)), found, doubts, frozenset(unsearched), codes)


def _find_hidden(text: str, page_index: int, query: Query) -> list[Leak]:
    """The name itself, and sure spellings of it, in text of a text layer, whatever stands around it."""
    return [Leak("text_layer", page_index) for m in find_in_text(text, query.spellings) if m.spelling.rule == "name"]

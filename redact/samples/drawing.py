"""A clean document with known places of the name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from random import Random

from redact.samples.cast import SPELLINGS, Cast
from redact.samples.certificates import (
    draw_degree,
    draw_diploma,
    draw_honour,
    draw_id_card,
    draw_title_certificate,
    draw_training,
)
from redact.samples.faces import Faces
from redact.samples.letters import draw_paper, draw_pledge, draw_public_notice, draw_work_resume
from redact.samples.people import Person
from redact.samples.sheet import Occurrence, Sheet
from redact.samples.tables import draw_appointment, draw_assessment, draw_student_record
from redact.values import Pixels

_PORTRAIT, _LANDSCAPE = (210.0, 297.0), (297.0, 210.0)
_KINDS: dict[str, tuple[Callable[[Sheet, Cast], None], tuple[float, float]]] = {
    "id_card": (draw_id_card, _PORTRAIT),
    "diploma": (draw_diploma, _LANDSCAPE),
    "degree": (draw_degree, _LANDSCAPE),
    "title_certificate": (draw_title_certificate, _PORTRAIT),
    "appointment": (draw_appointment, _PORTRAIT),
    "assessment": (draw_assessment, _PORTRAIT),
    "training": (draw_training, _LANDSCAPE),
    "work_resume": (draw_work_resume, _PORTRAIT),
    "pledge": (draw_pledge, _PORTRAIT),
    "public_notice": (draw_public_notice, _PORTRAIT),
    "paper": (draw_paper, _PORTRAIT),
    "honour": (draw_honour, _LANDSCAPE),
    "student_record": (draw_student_record, _PORTRAIT),
}
DOCUMENTS: tuple[str, ...] = tuple(_KINDS)

_DPI = 200.0
_CARD_DPI = 300.0


@dataclass(frozen=True)
class Drawing:
    """A clean page. ``pixels``: (H, W, 3) uint8 RGB at ``dpi``; ``occurrences`` in its pixels.

    ``text_px``: em size of the smallest printed occurrence (of body text where there is none): how far a scan
    may shrink. ``traps``: kinds of lookalikes that stand on it.
    """

    document: str
    pixels: Pixels = field(repr=False)
    occurrences: tuple[Occurrence, ...]
    name: str = field(repr=False)
    dpi: float
    has_name: bool
    text_px: float
    traps: tuple[str, ...] = ()


@lru_cache(maxsize=1)
def _built_in() -> Faces:
    return Faces.built_in()


def draw(
    document: str,
    person: Person,
    *,
    seed: int,
    with_name: bool = True,
    faces: Faces | None = None,
    spelling: str | None = None,
    hidden: bool = False,
) -> Drawing:
    """Draw one ``document`` of ``person``; the same arguments give the same pixels.

    ``with_name`` False: the document belongs to somebody who resembles them, and the name stands nowhere.
    ``spelling``: one of :data:`SPELLINGS` for every printed place that can take it; what cannot be done to the
    name is written plainly. ``hidden``: leave the places of the name empty, for measuring; nothing else changes.

    Raises:
        ValueError: no such document, or no such spelling.
    """
    if document not in _KINDS:
        raise ValueError(f"no such document: {document}")
    if spelling is not None and spelling not in SPELLINGS:
        raise ValueError(f"no such spelling: {spelling}")
    paint, (wide, high) = _KINDS[document]
    rng = Random(f"{document}/{seed}/{with_name}")
    faces = faces or _built_in()
    dpi = _DPI
    if document == "id_card" and rng.random() < 0.5:
        dpi, wide, high = _CARD_DPI, 85.6 + rng.uniform(8, 26), 54 + rng.uniform(8, 22)
    sheet = Sheet(round(wide * dpi / 25.4), round(high * dpi / 25.4), dpi, faces, rng, hidden=hidden)
    cast = Cast(person, rng, faces, with_name=with_name, spelling=spelling)
    paint(sheet, cast)
    return Drawing(
        document=document,
        pixels=sheet.pixels,
        occurrences=sheet.occurrences(),
        name=person.name,
        dpi=dpi,
        has_name=with_name,
        text_px=min(sheet.name_px, sheet.px(10.5)),
        traps=tuple(dict.fromkeys(cast.traps)),
    )

"""The benchmark's corpus: drawn scans with known places of the name, each page from its index alone.

    for case in corpus(400, seed=1): case.sample.pixels, case.sample.occurrences, case.person
    case(17, seed=1)                     # the same page as the 18th above

A quarter of the pages do not hold the name and are full of lookalikes. Faces come from ``tests/bench/fonts`` where
``tests/bench/fetch_fonts.py`` has put them (or where ``REDACT_BENCH_FONTS`` says, ``none`` for none).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from random import Random

from redact.geometry import ROTATIONS, Rotation
from redact.samples import DOCUMENTS, Faces, Person, Sample, draw, make_person, scan

_FONTS = Path(__file__).parent / "bench" / "fonts"
# How often each grade comes: clean, office scan, phone photo, poor.
_GRADES = (1, 2, 2, 2, 3, 3, 3, 4, 4, 4)
_NAME_KINDS = (
    ("two",) * 26 + ("three",) * 40 + ("four",) * 4 + ("compound",) * 8 + ("minority",) * 10 + ("rare",) * 6 + ("word",) * 6
)


@dataclass(frozen=True)
class Case:
    """Page ``index`` of a corpus. ``name_kind``: how the applicant's name is made up (``two``, ``compound``,
    ``minority`` …).

    ``aliases``: further spellings that the applicant would give, here the pinyin as certificates print it.
    """

    index: int
    seed: int
    person: Person
    name_kind: str
    sample: Sample
    aliases: tuple[str, ...] = field(default=(), repr=False)


@lru_cache(maxsize=4)
def faces(folder: str | None = None) -> Faces:
    """The faces that pages are drawn with; cached, since opening them takes a second."""
    where = folder if folder is not None else os.environ.get("REDACT_BENCH_FONTS", str(_FONTS))
    path = Path(where)
    return Faces.from_folder(path) if where != "none" and path.is_dir() else Faces.built_in()


@dataclass(frozen=True)
class Plan:
    """What page ``index`` will be, before anything is drawn."""

    document: str
    grade: int
    rotation: Rotation
    with_name: bool
    name_kind: str
    seed: str


def plan(index: int, seed: int = 0) -> Plan:
    """Documents take turns; the rest is drawn by chance from the index."""
    rng = Random(f"plan/{seed}/{index}")
    return Plan(
        document=DOCUMENTS[index % len(DOCUMENTS)],
        grade=rng.choice(_GRADES),
        rotation=rng.choices(ROTATIONS, (55, 15, 15, 15))[0],
        with_name=rng.random() >= 0.25,
        name_kind=rng.choice(_NAME_KINDS),
        seed=f"case/{seed}/{index}",
    )


def make_name(rng: Random) -> tuple[str, Person]:
    """A kind of name, as often as it comes, and somebody who bears one and whom the faces can write."""
    kind = rng.choice(_NAME_KINDS)
    person = make_person(rng, kind)
    while not faces().has("".join(person.parts)):
        person = make_person(rng, kind)
    return kind, person


def case(index: int, seed: int = 0, *, faces_folder: str | None = None) -> Case:
    """Page ``index`` of the corpus with ``seed``; depends on nothing else but the faces."""
    made = plan(index, seed)
    rng = Random(made.seed)
    used = faces(faces_folder)
    person = make_person(rng, made.name_kind)
    while not used.has("".join(person.parts)):
        person = make_person(rng, made.name_kind)
    drawing = draw(made.document, person, seed=rng.getrandbits(31), with_name=made.with_name, faces=used)
    sample = scan(drawing, grade=made.grade, rotation=made.rotation, seed=rng.getrandbits(31))
    return Case(index, seed, person, made.name_kind, sample, (person.pinyin(),))


def corpus(n: int, seed: int = 0, *, start: int = 0, faces_folder: str | None = None) -> Iterator[Case]:
    """Pages ``start`` to ``start + n`` of the corpus, drawn as they are asked for."""
    for index in range(start, start + n):
        yield case(index, seed, faces_folder=faces_folder)

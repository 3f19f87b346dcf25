"""Drawn documents with known places of the name, for ``redact demo`` and the benchmark. Everything is drawn by code."""

from redact.samples.cast import SPELLINGS
from redact.samples.drawing import DOCUMENTS, Drawing, draw
from redact.samples.faces import Face, Faces
from redact.samples.markup import KINDS
from redact.samples.people import TRAPS, Person, make_lookalike, make_person
from redact.samples.scanning import Sample, scan
from redact.samples.sheet import Occurrence

__all__ = [
    "DOCUMENTS",
    "KINDS",
    "SPELLINGS",
    "TRAPS",
    "Drawing",
    "Face",
    "Faces",
    "Occurrence",
    "Person",
    "Sample",
    "draw",
    "make_lookalike",
    "make_person",
    "scan",
]

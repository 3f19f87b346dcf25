"""A name made ready to be searched for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from redact.lines import Line
from redact.names.find import Candidate, find_candidates
from redact.names.misreads import load_misreads
from redact.names.name import Name
from redact.names.spellings import Spelling, charset, spell
from redact.names.thresholds import Thresholds, load_thresholds


@dataclass(frozen=True, slots=True)
class Query:
    """A name made ready to be searched for."""

    name: Name = field(repr=False)
    spellings: tuple[Spelling, ...] = field(repr=False)
    charset: frozenset[str] = field(repr=False)
    thresholds: Thresholds

    @classmethod
    def make(cls, name: str, aliases: Iterable[str] = (), *, models_dir: Path | None = None) -> Query:
        """Raises:
        InvalidName: see :meth:`redact.names.name.Name.parse`.
        """
        parsed = Name.parse(name, aliases)
        spellings = spell(parsed, load_misreads(models_dir))
        return cls(parsed, spellings, charset(spellings), load_thresholds(models_dir))


def find(lines: Sequence[Line], query: Query) -> list[Candidate]:
    floor = min(query.thresholds.review, query.thresholds.hand_review)
    return find_candidates(lines, query.spellings, floor)

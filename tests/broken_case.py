"""A file that does not open, or should not, and what is to come of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """``build`` gives the file. ``error``: code of the error on opening it or on reading its pages, "" where all of them
    are read; ``warning``: code of the one warning then, "" for none. ``suffix``: of the file's name. ``long``: takes seconds
    that another case takes as well, so that only the benchmark measures it."""

    name: str
    build: Callable[[], bytes]
    error: str = ""
    warning: str = ""
    suffix: str = ""
    long: bool = False

    def __str__(self) -> str:
        return self.name

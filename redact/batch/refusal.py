"""What a batch cannot be begun with."""

from __future__ import annotations

from redact.errors import UsageError


class Refused(UsageError):
    """``phrase_key`` and ``values``: its wording, see :mod:`redact.phrases`. Neither holds a name."""

    def __init__(self, phrase_key: str, **values: object) -> None:
        super().__init__(phrase_key)
        self.phrase_key = phrase_key
        self.values = values

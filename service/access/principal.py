"""Who asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

LOCAL = "local"


@dataclass(frozen=True, slots=True)
class Principal:
    """``owner``: whose documents can be seen: a key's id, or "local". ``who``: what a decision is signed with. ``document``: the
    only one that a link is for."""

    kind: Literal["local", "key", "link"]
    owner: str
    who: str
    document: str | None = None
    expires_at: datetime | None = None

    def may_see(self, document_id: str, owner: str) -> bool:
        return owner == self.owner and self.document in (None, document_id)

"""Links that open one document's page for a while, signed so that nobody can make or change one."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from itsdangerous import BadData, URLSafeSerializer

_SALT = "redact.link/1"
# Longer ones are not ours; they are not worth the work of a signature.
_LONGEST = 1024


@dataclass(frozen=True, slots=True)
class Link:
    """``key_id``: the key that made it; a link dies with its key. ``subject``: who decisions are signed with."""

    document: str
    key_id: str
    subject: str
    expires_at: datetime


class Links:
    """HMAC-SHA-256 over what the link says, with a secret that all replicas share."""

    def __init__(self, secret: bytes) -> None:
        signing = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
        self._serializer = URLSafeSerializer(secret, salt=_SALT, signer_kwargs=signing)

    def sign(self, link: Link) -> str:
        expires = int(link.expires_at.timestamp())
        return str(self._serializer.dumps([link.document, link.key_id, link.subject, expires]))

    def read(self, token: str) -> Link | None:
        """None for what was not signed here, or has expired."""
        if len(token) > _LONGEST:
            return None
        try:
            document, key_id, subject, expires = self._serializer.loads(token)
        except BadData:
            return None
        link = Link(document, key_id, subject, datetime.fromtimestamp(expires, UTC))
        return link if datetime.now(UTC) < link.expires_at else None

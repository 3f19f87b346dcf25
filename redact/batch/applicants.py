"""An applicant in the ledger: told again by who knows the name, and not to be guessed by who has the ledger alone."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass, field

from redact.names.name import Name

# RFC 7914; 40 ms and 16 MiB a guess, so that trying the names of a country takes years and not an afternoon.
_COST = {"n": 2**14, "r": 8, "p": 1, "maxmem": 64 * 2**20, "dklen": 64}


@dataclass(frozen=True, slots=True)
class Applicant:
    """``fingerprint``: hex, for the ledger. ``_path_secret``: is kept nowhere, since paths are soon guessed with it."""

    fingerprint: str
    _path_secret: bytes = field(repr=False)

    def hide_path(self, path: str) -> str:
        """Hex: ``path`` as the ledger has it."""
        return hmac.digest(self._path_secret, path.encode("utf-8", "surrogatepass"), "sha256").hex()


class Applicants:
    """By name, aliases included; each is worked out once, when it is first asked for."""

    def __init__(self, salt: bytes) -> None:
        self._salt = salt
        self._known: dict[Name, Applicant] = {}

    def of(self, name: Name) -> Applicant:
        if name not in self._known:
            said = json.dumps([name.text, sorted(name.aliases)]).encode()
            derived = hashlib.scrypt(said, salt=self._salt, **_COST)
            self._known[name] = Applicant(derived[:32].hex(), derived[32:])
        return self._known[name]

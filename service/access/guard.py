"""Tells who asks, or refuses. It touches the database, so it runs in a thread."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from starlette.requests import Request

from service.access.links import Links
from service.access.principal import LOCAL, Principal
from service.access.rates import Rates
from service.problems import Problem
from service.storage import Keys

_KEY_PREFIX = "rk_"
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")


class Guard:
    def __init__(self, keys: Keys, links: Links, rates: Rates) -> None:
        self._keys = keys
        self._links = links
        self._rates = rates

    def admit(self, request: Request) -> Principal:
        """Who asks, counted against their limit.

        Raises:
            Problem: unauthorized, link_expired, loopback_only, rate_limited.
        """
        address = request.client.host if request.client else "?"
        self._rates.check_failures(address)
        try:
            principal = self._identify(request)
        except Problem:
            self._rates.count_failure(address)
            raise
        caller = address if principal.kind == "local" else f"{principal.owner}/{principal.document or ''}"
        self._rates.count(caller)
        return principal

    def admit_or_none(self, request: Request) -> Principal | None:
        """As :meth:`admit`; None for who brings no key at all."""
        try:
            return self.admit(request)
        except Problem as problem:
            if problem.code in ("unauthorized", "loopback_only") and not _find_secret(request):
                return None
            raise

    def _identify(self, request: Request) -> Principal:
        secret = _find_secret(request)
        if secret is None:
            return self._admit_local(request)
        if not secret.startswith(_KEY_PREFIX) and "x-api-key" not in request.headers:
            return self._admit_link(secret)
        key = self._keys.find(secret)
        if key is None:
            raise Problem("unauthorized")
        return Principal("key", key.id, key.name)

    def _admit_link(self, token: str) -> Principal:
        link = self._links.read(token)
        if link is None or not self._keys.is_active(link.key_id):
            raise Problem("link_expired")
        return Principal("link", link.key_id, link.subject, link.document, link.expires_at)

    def _admit_local(self, request: Request) -> Principal:
        """Without keys, for programs and pages of this computer alone: a page of some other site that the browser has open can
        send requests here too, and so can one whose name was made to point here (DNS rebinding)."""
        if self._keys.any():
            raise Problem("unauthorized")
        headers = request.headers
        origin = headers.get("origin")
        own = origin is None or urlsplit(origin).netloc == headers.get("host")
        direct = request.client is not None and _is_loopback(request.client.host) and not any(h in headers for h in _FORWARDED)
        if not (direct and own and _is_loopback(urlsplit(f"//{headers.get('host', '')}").hostname or "")):
            raise Problem("loopback_only")
        return Principal("local", LOCAL, LOCAL)


def _find_secret(request: Request) -> str | None:
    key = request.headers.get("x-api-key")
    if key is not None:
        return key
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

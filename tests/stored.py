"""Rows to test with, and what other processes do to them. The processes are started with ``spawn``: this module loads nothing
but the storage."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO, TypeVar

from service.storage import Correction, Document, Documents, Files, Part, Secrets, new_id, open_database, upgrade

T = TypeVar("T")


def put(documents: Documents, *, owner: str = "key-1", fingerprint: str = "f", expires_s: float = 3600, **more: Any) -> Document:
    return documents.add(
        id=new_id(), owner=owner, sha256="0" * 64, fingerprint=fingerprint,
        expires_at=datetime.now(UTC) + timedelta(seconds=expires_s), **more,
    )[0]  # fmt: skip


def correction(page_index: int = 0, *, reason: str | None = None) -> Correction:
    return Correction(
        page_index=page_index, who="key-1", at=datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC), mask_required="是",
        masks=((1, 2, 30, 40), (5, 6, 70, 80)), reason=reason, found=((9, 8, 70, 60),),
    )  # fmt: skip


def together(count: int, do: Callable[[int], T]) -> list[T]:
    """``do(0)``, ``do(1)``, … in threads that begin at once."""
    start = threading.Barrier(count)

    def run(number: int) -> T:
        start.wait(60)
        return do(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def claim_all(documents: Documents, claimer: str) -> list[str]:
    claimed = []
    while document := documents.claim(claimer, lease_s=600):
        claimed.append(document.id)
    return claimed


# What follows runs in other processes.


def replica(url: str, threads: int, start: Any, results: Any) -> None:
    """Upgrades, then claims all there is, in several threads."""
    engine = open_database(url)
    start.wait(60)
    upgrade(engine)
    start.wait(60)  # the parent puts the documents in
    start.wait(60)
    documents, claimer = Documents(engine), new_id()
    claimed = together(threads, lambda _: claim_all(documents, claimer))
    results.put(([id for ids in claimed for id in ids], Secrets(engine).get("links")))
    results.close()


def read_and_write(files: Files, id: str) -> None:
    files.write(id, Part.MASKED, files.read(id, Part.ORIGINAL)[::-1])


class HalfThenStuck:
    """An upload of which half has come; says so, and the rest never comes."""

    def __init__(self, half: bytes, stuck: Any) -> None:
        self._half, self._stuck = half, stuck

    def read(self, size: int = -1) -> bytes:
        if self._half:
            half, self._half = self._half, b""
            return half
        self._stuck.set()
        threading.Event().wait()
        return b""


def write_half(files: Files, id: str, stuck: Any) -> None:
    half: Any = HalfThenStuck(b"new" * 1_000_000, stuck)
    content: BinaryIO = half
    files.write(id, Part.QUERY, content)

"""The sandbox that a program uses: one for all redactors, and what it opens."""

from __future__ import annotations

import atexit
from functools import cache
from pathlib import Path

from redact.intake import check_suffix, read_content
from redact.options import IntakeLimits, RasterOptions, WorkerLimits
from redact.sandbox.attachment import SandboxedAttachment
from redact.sandbox.decoder import Decoder
from redact.sandbox.local import LocalDecoder
from redact.sandbox.processes import default_forks, make_launcher

_LIMITS = WorkerLimits()
_WORKER = "redact.sandbox.worker"


class Sandbox:
    """A :class:`redact.sandbox.Decoder` that opens each attachment in a process of its own; safe to share between threads.

    ``worker``: the module whose ``main`` the processes run. ``fork``: see :mod:`redact.sandbox.worker`.
    """

    def __init__(self, *, limits: WorkerLimits = _LIMITS, worker: str = _WORKER, fork: bool | None = None) -> None:
        self._limits = limits
        self._launcher = make_launcher(worker, fork=default_forks() if fork is None else fork)

    def prepare(self) -> None:
        """Begin to load the libraries. Raises SandboxError."""
        self._launcher.prepare()

    def open(self, source: Path | str | bytes, *, limits: IntakeLimits, raster: RasterOptions) -> SandboxedAttachment:
        content = read_content(source, limits)
        opened = SandboxedAttachment(content, self._launcher, limits, raster, self._limits)
        if not isinstance(source, bytes):
            opened.warn_of_suffix(check_suffix(Path(source), opened.media_type))
        return opened

    def close(self) -> None:
        """Ends the workers; attachments that are open are lost. It can be used again."""
        self._launcher.close()


@cache
def _shared() -> Sandbox:
    sandbox = Sandbox()
    atexit.register(sandbox.close)
    return sandbox


def choose_decoder(sandbox: bool | Decoder) -> Decoder:
    """The program's shared sandbox; for False none, for a decoder that one."""
    if sandbox is True:
        return _shared()
    return LocalDecoder() if sandbox is False else sandbox

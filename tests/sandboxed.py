"""Sandboxes whose decoder does what it is told (see ``sandbox/hostile_worker.py``)."""

from __future__ import annotations

import sys
from pathlib import Path

from redact.options import IntakeLimits, RasterOptions, WorkerLimits
from redact.sandbox import Sandbox
from redact.sandbox.attachment import SandboxedAttachment

# Both kinds of worker where both can be had.
FORKS = (True, False) if sys.platform == "linux" else (False,)
# A second on any machine: what is slow here is meant to be.
_QUICK = WorkerLimits(request_cpu_s=1.0, page_cpu_s=0.1, patience=1.5)

# Workers import what their parent could import.
_HOME = str(Path(__file__).with_name("sandbox"))


def hostile_sandbox(*, fork: bool, limits: WorkerLimits = _QUICK) -> Sandbox:
    if _HOME not in sys.path:
        sys.path.append(_HOME)
    return Sandbox(limits=limits, worker="hostile_worker", fork=fork)


def open_script(sandbox: Sandbox, script: str) -> SandboxedAttachment:
    return sandbox.open(script.encode() + b";", limits=IntakeLimits(max_decoded_bytes=1 << 28), raster=RasterOptions())

"""What a worker may still do once it opens untrusted bytes: as good as nothing but compute.

======================== ================ ================ ====================================
kept off                 Linux            macOS            Windows
======================== ================ ================ ====================================
memory                   RLIMIT_DATA, _AS – (not enforced) Job object
processor time           RLIMIT_CPU       RLIMIT_CPU       –
the clock                by the parent    by the parent    by the parent
writing to files         seccomp, _FSIZE  RLIMIT_FSIZE     –
reading of other files   Landlock         –                –
network                  seccomp          –                –
other processes          seccomp          –                Job object
core dumps               RLIMIT_CORE      RLIMIT_CORE      Job object (no dialogue)
======================== ================ ================ ====================================

seccomp is there on x86_64 and aarch64 (a kernel that refuses it is an error), Landlock where the kernel has it (5.13).
"""

from __future__ import annotations

import contextlib
import ctypes
import math
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from redact.options import IntakeLimits
from redact.processes.interpreter import offer_to_oom_killer
from redact.sandbox.landlock import close_file_system
from redact.sandbox.seccomp import has_seccomp, install_filter

# Modules and libraries of theirs that are loaded late.
_MOST_FILES = 32
# What the libraries themselves take beside a file's content and its pixels, such as MuPDF's store of 256 MB.
_LIBRARIES_BYTES = 768 * 2**20
# Address space that is reserved and never used: stacks and arenas of threads.
_RESERVED_BYTES = 4 * 2**30
_CAPABILITIES_V3 = 0x20080522


def memory_for(limits: IntakeLimits, content_bytes: int) -> int:
    """Bytes that a worker may take beyond what it has before it opens a file: the pixels twice (as decoded, and as
    painted), the content four times (as given, trimmed, as written, as sent)."""
    return _LIBRARIES_BYTES + 2 * limits.max_decoded_bytes + 4 * content_bytes


def confine_loaded() -> None:
    """Once the libraries are loaded, and for good; inherited by children. Forking is still possible.

    Raises:
        OSError: the system has the means and does not let them be used.
    """
    if sys.platform == "win32":
        return  # held by a Job object, from outside
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    if sys.platform == "linux":
        offer_to_oom_killer(1000)
        close_file_system()
        _drop_capabilities()


def confine_serving() -> None:
    """The rest, before the first untrusted byte is looked at. Raises: as :func:`confine_loaded`."""
    if sys.platform == "win32":
        return
    import resource

    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    most = _MOST_FILES if hard == resource.RLIM_INFINITY else min(_MOST_FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    if has_seccomp():
        install_filter()


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes that a process has: writable, and address space; 0 where the system does not tell."""

    data: int
    space: int


def measure_memory() -> Memory:
    """To be done before :func:`confine_loaded`, which closes the file that says it."""
    taken = {"VmData": 0, "VmSize": 0}
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text("ascii", "replace").splitlines():
            key, _, value = line.partition(":")
            if key in taken:
                taken[key] = int(value.split()[0]) * 1024
    return Memory(taken["VmData"], taken["VmSize"])


def limit_memory(taken: Memory, allowed_bytes: int) -> None:
    """To ``allowed_bytes`` above ``taken``. A process that serves many files sets it anew for each: only the soft limit moves."""
    if sys.platform != "linux":
        return
    import resource

    for kind, limit in (
        (resource.RLIMIT_DATA, taken.data + allowed_bytes),
        (resource.RLIMIT_AS, taken.space + allowed_bytes + _RESERVED_BYTES),
    ):
        hard = resource.getrlimit(kind)[1]
        resource.setrlimit(kind, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))


def allow_cpu(seconds: float) -> None:
    """So much more processor time from now on; beyond it SIGXCPU ends the process, whatever it does."""
    if sys.platform == "win32":
        return
    import resource

    used = sum(os.times()[:2])
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    # Whole seconds, of which the kernel looks at the used ones rounded down.
    soft = math.ceil(used + seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def _drop_capabilities() -> None:
    """So that root cannot raise limits again, nor read what the files' own permissions forbid."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITIES_V3, 0)
    none = (ctypes.c_uint32 * 6)()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.capset(header, none):
        raise OSError(ctypes.get_errno(), "capset")

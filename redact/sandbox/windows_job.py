"""Windows: a Job object around a worker. It bounds its memory, lets it start no other process, and ends it with the parent.

Written after the documentation of JOBOBJECT_EXTENDED_LIMIT_INFORMATION (winnt.h); the structures' layouts are tested
everywhere, the calls can only run on Windows.
"""

from __future__ import annotations

import ctypes
from typing import Any

from redact.errors import SandboxError

# What the interpreter and the libraries take before a file is opened.
_BEFORE_BYTES = 512 * 2**20
_EXTENDED_LIMITS, _UI_RESTRICTIONS = 9, 4
_ACTIVE_PROCESS, _PROCESS_MEMORY, _DIE_ON_UNHANDLED_EXCEPTION, _KILL_ON_JOB_CLOSE = 0x8, 0x100, 0x400, 0x2000
_ALL_UI = 0xFF


class _BasicLimits(ctypes.Structure):
    _fields_ = (
        ("per_process_user_time", ctypes.c_int64),
        ("per_job_user_time", ctypes.c_int64),
        ("flags", ctypes.c_uint32),
        ("minimum_working_set", ctypes.c_size_t),
        ("maximum_working_set", ctypes.c_size_t),
        ("active_processes", ctypes.c_uint32),
        ("affinity", ctypes.c_size_t),
        ("priority_class", ctypes.c_uint32),
        ("scheduling_class", ctypes.c_uint32),
    )


class ExtendedLimits(ctypes.Structure):
    """JOBOBJECT_EXTENDED_LIMIT_INFORMATION: 144 bytes where pointers have 8."""

    _fields_ = (
        ("basic", _BasicLimits),
        ("io", ctypes.c_uint64 * 6),
        ("process_memory", ctypes.c_size_t),
        ("job_memory", ctypes.c_size_t),
        ("peak_process_memory", ctypes.c_size_t),
        ("peak_job_memory", ctypes.c_size_t),
    )


def make_limits(memory_bytes: int | None) -> ExtendedLimits:
    limits = ExtendedLimits()
    limits.basic.flags = _ACTIVE_PROCESS | _DIE_ON_UNHANDLED_EXCEPTION | _KILL_ON_JOB_CLOSE
    limits.basic.active_processes = 1
    if memory_bytes is not None:
        limits.basic.flags |= _PROCESS_MEMORY
        limits.process_memory = memory_bytes
    return limits


class Job:
    """Holds one process. The handle lives as long as this object: when the parent ends Windows closes it, and the worker ends."""

    def __init__(self, process: Any) -> None:
        """Raises SandboxError."""
        windll: Any = ctypes.__dict__["WinDLL"]  # there on Windows alone
        self._kernel: Any = windll("kernel32", use_last_error=True)
        self._kernel.CreateJobObjectW.restype = ctypes.c_void_p
        self._kernel.SetInformationJobObject.argtypes = (ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p, ctypes.c_uint32)
        self._handle: Any = ctypes.c_void_p(self._kernel.CreateJobObjectW(None, None))
        if not self._handle:
            raise SandboxError("CreateJobObject")
        self._set(_EXTENDED_LIMITS, make_limits(None))
        self._set(_UI_RESTRICTIONS, ctypes.c_uint32(_ALL_UI))
        if not self._kernel.AssignProcessToJobObject(self._handle, ctypes.c_void_p(int(process._handle))):
            raise SandboxError("AssignProcessToJobObject")

    def limit_memory(self, allowed_bytes: int) -> None:
        self._set(_EXTENDED_LIMITS, make_limits(_BEFORE_BYTES + allowed_bytes))

    def _set(self, kind: int, limits: Any) -> None:
        if not self._kernel.SetInformationJobObject(self._handle, kind, ctypes.byref(limits), ctypes.sizeof(limits)):
            raise SandboxError("SetInformationJobObject")

    def __del__(self) -> None:
        handle, kernel = getattr(self, "_handle", None), getattr(self, "_kernel", None)
        if handle and kernel is not None:
            kernel.CloseHandle(handle)

"""A seccomp-BPF filter for Linux on x86_64 and aarch64: no network, no other process, no program, no change to any file.

What decoders need stays: memory, threads, time, reading. What is closed fails with EPERM, as if it were forbidden by the
system; calls that would slip past a look at their flags (clone3, openat2), and calls newer than this list, fail with
ENOSYS, on which libc falls back to the older ones. Numbers: Linux, ``arch/x86/entry/syscalls/syscall_64.tbl`` and
``include/uapi/asm-generic/unistd.h``; layout of the filter: ``include/uapi/linux/seccomp.h``, ``linux/bpf_common.h``.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import sys
from collections.abc import Iterator
from dataclasses import dataclass

_LOAD, _EQUALS, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_NR, _ARCH, _FIRST_ARGUMENT = 0, 4, 16  # where they stand in struct seccomp_data; both machines are little-endian
_CLONE_THREAD = 0x10000
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | getattr(os, "O_TMPFILE", 0) & ~getattr(os, "O_DIRECTORY", 0)
_X32 = 0x40000000
_NEWEST = 467
_NO_NEW_PRIVS, _SET_SECCOMP, _MODE_FILTER = 38, 22, 2

# The same on both: pidfd_send_signal, io_uring, new mount calls, pidfd_open, pidfd_getfd, process_madvise, mount_setattr,
# process_mrelease, fchmodat2, statmount, listmount, *xattrat, open_tree_attr.
_NEW = (424, *range(425, 428), *range(428, 434), 434, 438, 440, 442, 448, 452, 457, 458, *range(463, 468))
_CLONE3, _OPENAT2 = 435, 437


@dataclass(frozen=True, slots=True)
class _Machine:
    """``opens``: a call, and which of its arguments holds the flags. ``signals``: calls whose first argument must be the own
    process. ``own``: calls whose first argument must be 0, the own process."""

    arch: int
    forbidden: tuple[int, ...]
    clone: int
    opens: tuple[tuple[int, int], ...]
    signals: tuple[int, ...]
    own: tuple[int, ...]


_MACHINES = {
    "x86_64": _Machine(
        arch=0xC000003E,
        forbidden=(
            *range(41, 56),  # socket ... getsockopt
            *(57, 58, 59, 322),  # fork, vfork, execve, execveat
            *(29, 30, 31, 64, 65, 66, 68, 69, 70, 71, 220, 240),  # shm, sem, msg, mq_open
            *(76, 82, 83, 84, 85, 86, 87, 88, 90, 91, 92, 93, 94, 132, 133, 235),  # truncate ... symlink, chmod, chown, mknod
            *(258, 259, 260, 261, 263, 264, 265, 266, 268, 280, 316),  # the same with a folder's handle
            *(188, 189, 190, 197, 198, 199),  # setxattr, removexattr
            *(101, 310, 311, 312),  # ptrace, process_vm_*, kcmp
            *(129, 297, 200),  # rt_sigqueueinfo, rt_tgsigqueueinfo, tkill
            *(135, 141, 142, 144, 161, 165, 166, 167, 168, 169, 251, 272, 308, 314),  # personality, priorities, mounts
            *(175, 176, 246, 313, 320, 321, 298, 323, 300, 303, 304),  # modules, kexec, bpf, perf, userfaultfd, fanotify, handles
            *(248, 249, 250),  # keys
            *(288, 299, 307, 319),  # accept4, recvmmsg, sendmmsg, memfd_create
        ),
        clone=56,
        opens=((2, 1), (257, 2)),
        signals=(62, 234),
        own=(302,),
    ),
    "aarch64": _Machine(
        arch=0xC00000B7,
        forbidden=(
            *range(198, 213),  # socket ... recvmsg
            *(221, 281),  # execve, execveat
            *(180, *range(186, 197)),  # mq_open, msg, sem, shm
            *(33, 34, 35, 36, 37, 38, 45, 52, 53, 54, 55, 88, 276),  # mknodat ... renameat2, chmod, chown, times
            *(5, 6, 7, 14, 15, 16),  # setxattr, removexattr
            *(117, 270, 271, 272),  # ptrace, process_vm_*, kcmp
            *(138, 240, 130),  # rt_sigqueueinfo, rt_tgsigqueueinfo, tkill
            *(30, 39, 40, 51, 92, 97, 118, 119, 140, 142, 224, 225, 268, 274),  # priorities, mounts, setns
            *(104, 105, 106, 273, 294, 280, 241, 282, 262, 264, 265),  # kexec, modules, bpf, perf, userfaultfd, fanotify, handles
            *(217, 218, 219),  # keys
            *(242, 243, 269, 279),  # accept4, recvmmsg, sendmmsg, memfd_create
        ),
        clone=220,
        opens=((56, 2),),
        signals=(129, 131),
        own=(261,),
    ),
}  # fmt: skip


class _Instruction(ctypes.Structure):
    _fields_ = (("code", ctypes.c_uint16), ("yes", ctypes.c_uint8), ("no", ctypes.c_uint8), ("value", ctypes.c_uint32))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_uint16), ("first", ctypes.POINTER(_Instruction)))


def has_seccomp() -> bool:
    """Whether this is a platform that the filter is written for."""
    return sys.platform == "linux" and sys.byteorder == "little" and platform.machine() in _MACHINES


def install_filter() -> None:
    """For this thread and those that it starts; it cannot be undone.

    Raises:
        OSError: the kernel has no seccomp, or does not let it be used.
    """
    code = [_Instruction(*line) for line in _assemble(_MACHINES[platform.machine()], os.getpid())]
    program = _Program(len(code), (_Instruction * len(code))(*code))
    libc = ctypes.CDLL(None, use_errno=True)
    zero = ctypes.c_ulong(0)
    for arguments in (
        (_NO_NEW_PRIVS, ctypes.c_ulong(1), zero, zero, zero),
        (_SET_SECCOMP, ctypes.c_ulong(_MODE_FILTER), ctypes.byref(program), zero, zero),
    ):
        if libc.prctl(*arguments):
            raise OSError(ctypes.get_errno(), "prctl")


def _assemble(machine: _Machine, pid: int) -> Iterator[tuple[int, int, int, int]]:
    yield _LOAD, 0, 0, _ARCH
    yield _EQUALS, 1, 0, machine.arch
    yield _RETURN, 0, 0, _KILL
    yield _LOAD, 0, 0, _NR
    for limit, answer in ((_X32, errno.EPERM), (_NEWEST + 1, errno.ENOSYS)):
        yield _AT_LEAST, 0, 1, limit
        yield _RETURN, 0, 0, _ERRNO | answer
    for number in (_CLONE3, _OPENAT2):
        yield _EQUALS, 0, 1, number
        yield _RETURN, 0, 0, _ERRNO | errno.ENOSYS
    for number in (*machine.forbidden, *_NEW):
        yield _EQUALS, 0, 1, number
        yield _RETURN, 0, 0, _ERRNO | errno.EPERM
    yield from _check(machine.clone, 0, (_ANY_BIT, 1, 0, _CLONE_THREAD))
    for number, argument in machine.opens:
        yield from _check(number, argument, (_ANY_BIT, 0, 1, _WRITES))
    for number in machine.signals:
        yield from _check(number, 0, (_EQUALS, 1, 0, pid))
    for number in machine.own:
        yield from _check(number, 0, (_EQUALS, 1, 0, 0))
    yield _RETURN, 0, 0, _ALLOW


def _check(number: int, argument: int, test: tuple[int, int, int, int]) -> Iterator[tuple[int, int, int, int]]:
    """EPERM for a call whose argument's lower half fails ``test``, which jumps over the refusal where all is well."""
    yield _EQUALS, 0, 4, number
    yield _LOAD, 0, 0, _FIRST_ARGUMENT + 8 * argument
    yield test
    yield _RETURN, 0, 0, _ERRNO | errno.EPERM
    yield _RETURN, 0, 0, _ALLOW

"""How parent and worker talk: frames of a short head and a long body, over two pipes.

What the parent says is pickled: a worker trusts its parent. What a worker of the sandbox says is JSON, and bytes whose length
the parent bounds before it takes them: a worker that a file took over must not be able to run anything, or take all memory,
outside.

Pipes, and not shared memory: 25 MB of pixels (A4 at 300 dpi) take 12-17 ms through a pipe of 1 MiB, 2-5 ms through warm
shared memory, but 100 ms through fresh one, and each attachment would have fresh one. Pipes leave nothing behind when
either end is killed, cannot be changed or cut short while they are read, and are the same on every platform.
"""

from __future__ import annotations

import io
import struct
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

_SIZES = struct.Struct(">IQ")
PIPE_BYTES = 1 << 20
MOST_HEAD = 64 * 2**20


class BadFrame(Exception):
    """Larger than it may be, or without sense."""


class RawReader(Protocol):
    def readinto(self, buffer: Any, /) -> int | None: ...


class RawWriter(Protocol):
    def write(self, data: Any, /) -> int | None: ...


class Body:
    """What came in a frame, taken without a copy as :meth:`array` or as :meth:`bytes`: the output of a long scan has 200 MB."""

    def __init__(self, size: int) -> None:
        self._buffer = io.BytesIO()
        if size:
            self._buffer.seek(size - 1)
            self._buffer.write(b"\0")

    def __len__(self) -> int:
        return self._buffer.getbuffer().nbytes

    def view(self) -> memoryview:
        return self._buffer.getbuffer()

    def array(self) -> NDArray[np.uint8]:
        """(N,), and writable."""
        return np.frombuffer(self.view(), np.uint8) if len(self) else np.empty(0, np.uint8)

    def bytes(self) -> bytes:
        # Shared with the buffer, unless an array or a view is still alive.
        return self._buffer.getvalue()


def write_frame(writer: RawWriter, head: bytes, *bodies: Any) -> None:
    """``bodies``: C-contiguous buffers of any shape, sent one after another.

    Raises:
        OSError: the other end is gone.
    """
    views = [memoryview(body).cast("B") for body in bodies if memoryview(body).nbytes]
    _write(writer, memoryview(_SIZES.pack(len(head), sum(view.nbytes for view in views)) + head))
    for view in views:
        _write(writer, view)


def read_frame(reader: RawReader, *, most_body: int) -> tuple[bytes, Body]:
    """Head and body.

    Raises:
        EOFError: there is no further frame, or not all of it.
        BadFrame: it is larger than allowed.
    """
    head_size, body_size = _SIZES.unpack(_read(reader, _SIZES.size).bytes())
    if head_size > MOST_HEAD or body_size > most_body:
        raise BadFrame
    return _read(reader, head_size).bytes(), _read(reader, body_size)


def _write(writer: RawWriter, view: memoryview) -> None:
    at = 0
    while at < view.nbytes:
        at += writer.write(view[at:]) or 0


def _read(reader: RawReader, size: int) -> Body:
    """Raises EOFError: the other end is gone before."""
    body = Body(size)
    with body.view() as view:
        at = 0
        while at < size:
            with view[at:] as rest:
                got = reader.readinto(rest)
            if not got:
                raise EOFError
            at += got
    return body

"""What parent and worker say to each other: frames (:mod:`redact.processes.frames`) over one pipe each way.

Both trust each other, so jobs and results are pickled: a worker sees decoded pixels, and never an upload's bytes decoded in its
own process (:mod:`redact.sandbox`).
"""

from __future__ import annotations

import json
from enum import StrEnum
from typing import NamedTuple

from redact.processes.frames import BadFrame, RawReader, RawWriter, read_frame, write_frame

_MOST_BODY = 2**62


class Kind(StrEnum):
    """To the worker: MAKE (how to make its redactor), JOB, STOP. From it: READY, BEGUN, PROGRESS, RESULT, STOPPED, FAILED (a
    :class:`redact.errors.RedactError`)."""

    MAKE = "make"
    JOB = "job"
    STOP = "stop"
    READY = "ready"
    BEGUN = "begun"
    PROGRESS = "progress"
    RESULT = "result"
    STOPPED = "stopped"
    FAILED = "failed"


class Message(NamedTuple):
    """``value``: a job's number, or how many of its steps are done. ``body``: pickled; of PROGRESS the number of all steps."""

    kind: Kind
    value: float
    body: memoryview


def send(writer: RawWriter, kind: Kind, value: float = 0, body: bytes = b"") -> None:
    """Raises OSError: the other end is gone."""
    write_frame(writer, json.dumps([kind, value]).encode("ascii"), body)


def receive(reader: RawReader) -> Message:
    """Raises EOFError, OSError: the other end is gone, perhaps in mid-message, or makes no sense any more."""
    try:
        head, body = read_frame(reader, most_body=_MOST_BODY)
        kind, value = json.loads(head)
        return Message(Kind(kind), float(value), body.view())
    except (BadFrame, ValueError, TypeError):
        raise EOFError from None

"""Every error the library raises on purpose.

    RedactError                  code, exit_code
    ├── UsageError               the caller asked for something that cannot be done      exit 2
    │   ├── InvalidName          empty, one character, no letters
    │   ├── NotAFile             a folder, or nothing, where a file is meant
    │   └── OutputExists         the output would overwrite an original
    ├── AttachmentError          the bytes are at fault: "counts as not uploaded"         exit 4
    │   ├── Unopenable           damaged beyond decoding, or no known kind
    │   ├── Encrypted            needs a password to open
    │   ├── Empty                no bytes, or no pages
    │   ├── Truncated            ends before its data does
    │   ├── WrongType            a kind of file that is not taken
    │   └── TooLarge             more pixels, pages or bytes than the limits allow
    ├── ModelError               weights missing or not what the manifest says           exit 1
    ├── SandboxError             no worker process can be started or confined            exit 1
    └── WorkersError             a job that worker processes were given                  exit 1
        ├── WorkerLost           its worker died under it, or none can be started
        ├── DeadlineExceeded     it took longer than it was given
        ├── JobFailed            it raised what is no RedactError
        └── Cancelled            by the caller
            └── WorkersClosed    with all workers

No message holds a name, text that was read, or a path: people's wording comes from the catalogue by ``code``
(:mod:`redact.texts`); ``detail`` is for developers.
"""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Any, ClassVar


class RedactError(Exception):
    """Base of all errors; ``detail`` is technical and free of private data."""

    code: ClassVar[str] = "internal"
    exit_code: ClassVar[int] = 1

    def __init__(self, detail: str = "", *, page_index: int | None = None) -> None:
        super().__init__(f"{self.code}: {detail}" if detail else self.code)
        self.detail = detail
        self.page_index = page_index

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled whole, whichever process raised it."""
        return _make, (type(self), self.detail, self.page_index)


def _make(kind: type[RedactError], detail: str, page_index: int | None) -> RedactError:
    return kind(detail, page_index=page_index)


def describe(error: BaseException) -> str:
    """Class and place of any exception, for developers: its message may quote what was read."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{type(error).__name__} in {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else type(error).__name__


class UsageError(RedactError):
    code = "usage"
    exit_code = 2


class InvalidName(UsageError):
    code = "invalid_name"


class NotAFile(UsageError):
    code = "not_a_file"


class OutputExists(UsageError):
    code = "output_exists"


class AttachmentError(RedactError):
    code = "unopenable"
    exit_code = 4


class Unopenable(AttachmentError):
    code = "unopenable"


class Encrypted(AttachmentError):
    code = "encrypted"


class Empty(AttachmentError):
    code = "empty"


class Truncated(AttachmentError):
    code = "truncated"


class WrongType(AttachmentError):
    code = "wrong_type"


class TooLarge(AttachmentError):
    code = "too_large"


class ModelError(RedactError):
    code = "model"
    exit_code = 1


class SandboxError(RedactError):
    code = "sandbox"
    exit_code = 1


class WorkersError(RedactError):
    exit_code = 1


class WorkerLost(WorkersError):
    code = "worker_lost"


class DeadlineExceeded(WorkersError):
    code = "deadline_exceeded"


class JobFailed(WorkersError):
    """``detail``: class and place of what was raised."""


class Cancelled(WorkersError):
    code = "cancelled"


class WorkersClosed(Cancelled):
    """The pool was closed before the job had ended, or before it was submitted."""

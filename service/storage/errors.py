"""What storage raises on purpose.

    StorageError
    ├── IdempotencyConflict    the same key was used before, for another request
    ├── QueueFull              as many documents are waiting as may
    ├── DatabaseUnavailable    it does not answer, or stayed locked
    └── DatabaseTooNew         a newer version of the service has upgraded it

No message holds a value of a row.
"""

from __future__ import annotations


class StorageError(Exception):
    """Base of all."""


class IdempotencyConflict(StorageError):
    pass


class QueueFull(StorageError):
    pass


class DatabaseUnavailable(StorageError):
    pass


class DatabaseTooNew(StorageError):
    pass

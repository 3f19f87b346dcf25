"""What replicas share: one database and one object store.

The database (SQLite or PostgreSQL) holds documents' states and reports, people's corrections, API keys and the service's own
secrets. It never holds an applicant's name: that lies beside the original in the object store (a folder, S3, or what else
fsspec knows), and goes when the document goes.
"""

from service.storage.database import open_database
from service.storage.documents import Documents
from service.storage.errors import DatabaseTooNew, DatabaseUnavailable, IdempotencyConflict, QueueFull, StorageError
from service.storage.files import Files, Part
from service.storage.ids import new_id
from service.storage.keys import ApiKey, Keys
from service.storage.server_secrets import Secrets
from service.storage.upgrading import upgrade
from service.storage.values import Correction, Document, State

__all__ = [
    "ApiKey",
    "Correction",
    "DatabaseTooNew",
    "DatabaseUnavailable",
    "Document",
    "Documents",
    "Files",
    "IdempotencyConflict",
    "Keys",
    "Part",
    "QueueFull",
    "Secrets",
    "State",
    "StorageError",
    "new_id",
    "open_database",
    "upgrade",
]

"""One JSON object a line on stderr.

Nothing that a client sent is logged, and of a path only its route: an id is all that stands between strangers and a document.
"""

from __future__ import annotations

import logging
import sys

from pythonjsonlogger.json import JsonFormatter

_ROOT = "redact.service"
# Theirs hold paths with ids; requests are logged by service.edge instead.
_SILENT = ("uvicorn.access",)


def configure_logging(level: str) -> None:
    """Of the whole process, once."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        JsonFormatter("%(asctime)s %(levelname)s %(name)s %(message)s", rename_fields={"asctime": "time", "levelname": "level"})
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(_ROOT).setLevel(level.upper())
    # What it says of starting and stopping is said by the service.
    logging.getLogger("uvicorn").setLevel(max(logging.WARNING, logging.getLevelName(level.upper())))
    for name in _SILENT:
        logging.getLogger(name).disabled = True


def get_logger(part: str) -> logging.Logger:
    return logging.getLogger(f"{_ROOT}.{part}")

"""``python -m redact``: the command line, where its script is not on the path."""

from __future__ import annotations

from redact.cli import app

if __name__ == "__main__":
    app()

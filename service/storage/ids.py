"""Ids of documents and keys: random, so that none can be guessed, and fit to be a file's name."""

from __future__ import annotations

import re
import secrets

# One case, no leading dash: a folder on any file system, an argument of any command.
_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_LENGTH = 26  # 130 bits
_ID = re.compile(rf"[{_ALPHABET}]{{{_LENGTH}}}")


def new_id() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))


def is_id(text: str) -> bool:
    return _ID.fullmatch(text) is not None


def check_id(text: str) -> str:
    """``text`` itself; anything else than an id raises ValueError and never becomes a part of a path."""
    if not is_id(text):
        raise ValueError("not an id")
    return text

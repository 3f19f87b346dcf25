"""Where the data of ``models/`` lies: inside an installed wheel, at the top of a checkout, or where the caller says."""

from __future__ import annotations

import json
import os
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from redact.errors import ModelError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    Numbers = TypeVar("Numbers", bound=DataclassInstance)

ENVIRONMENT_VARIABLE = "REDACT_MODELS_DIR"

_PACKAGE = Path(__file__).resolve().parent


def models_dir(override: Path | None = None) -> Path:
    """The folder that holds ``manifest.toml`` and ``calibration/``.

    The first of: ``override``, the environment variable REDACT_MODELS_DIR, the copy inside an installed wheel, the
    checkout. A folder that was asked for is used or refused; nothing else is tried in its place.

    Raises:
        ModelError: the folder is missing or holds no manifest.
    """
    asked = override or (Path(value) if (value := os.environ.get(ENVIRONMENT_VARIABLE)) else None)
    candidates = [asked] if asked else [_PACKAGE / "_models", _PACKAGE.parent / "models"]
    for folder in candidates:
        if (folder / "manifest.toml").is_file():
            return folder
    where = "the folder that was asked for" if asked else "neither the package nor a checkout around it"
    raise ModelError(f"no models/manifest.toml in {where}")


def load_numbers(kind: type[Numbers], file: str, override: Path | None = None) -> Numbers:
    """A dataclass of floats from a JSON file of ``models/calibration``; what else the file has is left.

    Raises:
        ModelError: the file is missing or lacks a number.
    """
    try:
        data = json.loads((models_dir(override) / "calibration" / file).read_text(encoding="utf-8"))
        return kind(**{field.name: float(data[field.name]) for field in fields(kind)})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"models/calibration/{file} is missing or incomplete") from error

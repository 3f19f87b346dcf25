"""Which weights are used: ``models/manifest.toml`` says where each comes from and its sha256; both are checked when loaded."""

from __future__ import annotations

import hashlib
import importlib.util
import tomllib
from dataclasses import dataclass
from pathlib import Path

from redact.errors import ModelError
from redact.resources import models_dir


@dataclass(frozen=True, slots=True)
class Weights:
    """One entry of the manifest. ``path`` holds bytes whose digest is ``sha256``."""

    role: str
    path: Path
    sha256: str


def find_weights(role: str, folder: Path | None = None) -> Weights:
    """The weights for ``role`` ("detection", "recognition"), looked for in ``folder`` (or REDACT_MODELS_DIR), then where the
    manifest says a wheel carries them.

    Raises:
        ModelError: not listed, not there, or not the bytes that the manifest names.
    """
    root = models_dir(folder)
    try:
        manifest = tomllib.loads((root / "manifest.toml").read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ModelError("models/manifest.toml cannot be read") from error
    entry = manifest.get("weights", {}).get(role)
    if entry is None:
        raise ModelError(f"the manifest lists no weights for {role}")
    if not isinstance(entry, dict) or not {"file", "sha256"} <= entry.keys():
        raise ModelError(f"the manifest's entry for {role} lacks a file or its sha256")
    path = _locate(root, str(entry["file"]), str(entry.get("package", "")))
    if path is None:
        raise ModelError(
            f"the weights for {role} are missing: install the package that carries them, or put the file into the models folder"
        )
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest != entry["sha256"]:
        raise ModelError(f"the weights for {role} are not the ones that the manifest lists (sha256 differs)")
    return Weights(role, path, digest)


def _locate(root: Path, file: str, package: str) -> Path | None:
    beside = root / Path(file).name
    if beside.is_file():
        return beside
    if package:
        # find_spec does not run the package: only its data is wanted.
        spec = importlib.util.find_spec(package)
        for location in (spec.submodule_search_locations or []) if spec else []:
            path = Path(location) / file
            if path.is_file():
                return path
    return None

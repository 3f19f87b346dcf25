"""The data of models/ is found in a checkout, in a wheel, or where the caller says, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from redact import resources
from redact.errors import ModelError
from redact.resources import models_dir


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("REDACT_MODELS_DIR", raising=False)
    (tmp_path / "manifest.toml").touch()
    return tmp_path


@pytest.mark.usefixtures("folder")
def test_a_checkout_brings_its_own() -> None:
    assert (models_dir() / "manifest.toml").is_file()
    assert (models_dir() / "calibration").is_dir()


def test_a_wheel_brings_its_own_copy(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = folder / "site-packages" / "redact"
    (package / "_models").mkdir(parents=True)
    (package / "_models" / "manifest.toml").touch()
    monkeypatch.setattr(resources, "_PACKAGE", package)
    assert models_dir() == package / "_models"


def test_the_environment_goes_before_what_is_installed_and_an_option_before_both(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDACT_MODELS_DIR", str(folder))
    assert models_dir() == folder
    other = tmp_path_factory.mktemp("other")
    (other / "manifest.toml").touch()
    assert models_dir(other) == other


def test_a_folder_that_was_asked_for_and_holds_no_models_is_an_error_and_not_passed_over(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ModelError):
        models_dir(folder / "nowhere")
    monkeypatch.setenv("REDACT_MODELS_DIR", str(folder / "nowhere"))
    with pytest.raises(ModelError):
        models_dir()

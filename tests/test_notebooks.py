"""The notebooks run as they are committed, and the second and third are where the thresholds come from."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

import redact
from redact.names.thresholds import load_thresholds
from redact.resources import models_dir
from redact.screening import load_clarity_thresholds

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
NAMES = ("01_read_a_page.ipynb", "02_thresholds.ipynb", "03_legibility.ipynb")
TIMEOUT_S = 180


def open_notebook(name: str) -> NotebookNode:
    return nbformat.read(NOTEBOOKS / name, as_version=4)


def run(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> NotebookNode:
    """The notebook with its outputs; started where nothing of the checkout can be overwritten by accident."""
    monkeypatch.setenv("REDACT_THRESHOLDS_OUT", str(tmp_path / "thresholds.json"))
    monkeypatch.setenv("REDACT_LEGIBILITY_OUT", str(tmp_path / "legibility.json"))
    monkeypatch.setenv("REDACT_MODELS_DIR", str(models_dir().resolve()))
    monkeypatch.setenv("PYTHONPATH", str(Path(redact.__file__).resolve().parents[1]))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    notebook = open_notebook(name)
    client = NotebookClient(notebook, timeout=TIMEOUT_S, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}})
    client.execute()
    return notebook


def texts(notebook: NotebookNode) -> str:
    return "".join(
        output.get("text", "") or output.get("data", {}).get("text/plain", "")
        for cell in notebook.cells
        for output in cell.get("outputs", ())
    )


def pictures(notebook: NotebookNode) -> int:
    return sum("image/png" in output.get("data", {}) for cell in notebook.cells for output in cell.get("outputs", ()))


@pytest.mark.parametrize("name", NAMES)
def test_notebooks_are_committed_without_outputs_and_explain_every_step(name: str) -> None:
    cells = open_notebook(name).cells
    for cell in cells:
        if cell.cell_type == "code":
            assert not cell.outputs and cell.execution_count is None
    assert cells[0].cell_type == "markdown"
    assert any("\u4e00" <= char <= "\u9fff" for char in cells[0].source)
    explained = sum(cell.cell_type == "markdown" for cell in cells)
    assert explained >= 0.8 * (len(cells) - explained)


def test_a_page_is_read_masked_and_released(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    notebook = run("01_read_a_page.ipynb", tmp_path, monkeypatch)
    said = texts(notebook)
    assert "verdict: 是" in said
    assert "'status': 'done'" in said
    assert pictures(notebook) >= 6
    assert not list(tmp_path.glob("*.json"))


def test_the_thresholds_in_use_are_those_that_the_notebook_fits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    notebook = run("02_thresholds.ipynb", tmp_path, monkeypatch)
    written = (tmp_path / "thresholds.json").read_text(encoding="utf-8")
    assert written == (models_dir() / "calibration" / "thresholds.json").read_text(encoding="utf-8")
    assert json.loads(written)["mask"] == load_thresholds().mask
    assert pictures(notebook) >= 3


def test_the_limits_of_legibility_in_use_are_those_that_the_notebook_fits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notebook = run("03_legibility.ipynb", tmp_path, monkeypatch)
    written = (tmp_path / "legibility.json").read_text(encoding="utf-8")
    assert written == (models_dir() / "calibration" / "legibility.json").read_text(encoding="utf-8")
    assert json.loads(written)["reject"] == load_clarity_thresholds().reject
    assert pictures(notebook) >= 2

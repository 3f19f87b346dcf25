"""Weights are the ones that the manifest names, or nothing is read; both engines read the same."""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest
from drawn_text import SENTENCES, Sheet

from redact.errors import ModelError
from redact.lines import Reading
from redact.names.thresholds import Thresholds, load_thresholds
from redact.ocr import engines
from redact.ocr.engines import load_network, read_alphabet
from redact.ocr.models import find_weights
from redact.ocr.ppocr import PpOcrReader
from redact.resources import models_dir


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of models/, of which REDACT_MODELS_DIR knows nothing yet."""
    monkeypatch.delenv("REDACT_MODELS_DIR", raising=False)
    shutil.copytree(models_dir(), tmp_path / "models")
    return tmp_path / "models"


def write_manifest(folder: Path, role: str, file: str, content: bytes, *, sha256: str | None = None) -> None:
    digest = sha256 or hashlib.sha256(content).hexdigest()
    (folder / "manifest.toml").write_text(f'[weights.{role}]\nfile = "{file}"\nsha256 = "{digest}"\n', encoding="utf-8")
    (folder / file).write_bytes(content)


@pytest.mark.parametrize("role", ["detection", "recognition"])
def test_the_manifest_names_the_weights_that_are_installed(role: str) -> None:
    weights = find_weights(role)
    assert weights.path.is_file()
    assert weights.sha256 == hashlib.sha256(weights.path.read_bytes()).hexdigest()


def test_a_reader_tells_which_weights_it_reads_with(reader: PpOcrReader) -> None:
    assert dict(reader.models) == {role: find_weights(role).sha256 for role in ("detection", "recognition")}


def test_weights_that_differ_by_one_bit_are_refused(folder: Path) -> None:
    original = find_weights("detection")
    content = bytearray(original.path.read_bytes())
    content[len(content) // 2] ^= 1
    (folder / original.path.name).write_bytes(bytes(content))
    with pytest.raises(ModelError, match="sha256"):
        find_weights("detection", folder)
    with pytest.raises(ModelError):
        PpOcrReader(models_dir=folder)


def test_a_manifest_with_another_digest_refuses_the_installed_weights(folder: Path) -> None:
    manifest = folder / "manifest.toml"
    digest = find_weights("recognition").sha256
    manifest.write_text(manifest.read_text(encoding="utf-8").replace(digest, "0" * 64), encoding="utf-8")
    with pytest.raises(ModelError, match="sha256"):
        find_weights("recognition", folder)


def test_a_file_in_the_folder_goes_before_the_installed_one(folder: Path) -> None:
    write_manifest(folder, "detection", "mine.onnx", b"mine")
    assert find_weights("detection", folder).path == folder / "mine.onnx"


def test_the_environment_names_the_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_manifest(folder, "detection", "mine.onnx", b"mine")
    monkeypatch.setenv("REDACT_MODELS_DIR", str(folder))
    assert find_weights("detection").path == folder / "mine.onnx"
    with pytest.raises(ModelError, match="recognition"):
        find_weights("recognition")


def test_weights_that_are_nowhere_are_missed_by_role_and_without_a_path(folder: Path) -> None:
    write_manifest(folder, "detection", "mine.onnx", b"mine")
    (folder / "mine.onnx").unlink()
    with pytest.raises(ModelError, match="detection") as caught:
        find_weights("detection", folder)
    assert str(folder) not in str(caught.value)


@pytest.mark.parametrize("manifest", ["", "not toml =", "[weights]\n"])
def test_a_manifest_that_lists_nothing_or_cannot_be_read_is_an_error(folder: Path, manifest: str) -> None:
    (folder / "manifest.toml").write_text(manifest, encoding="utf-8")
    with pytest.raises(ModelError):
        find_weights("detection", folder)


def test_an_entry_of_the_manifest_that_lacks_its_digest_is_an_error(folder: Path) -> None:
    (folder / "manifest.toml").write_text('[weights.detection]\nfile = "mine.onnx"\n', encoding="utf-8")
    (folder / "mine.onnx").write_bytes(b"mine")
    with pytest.raises(ModelError):
        find_weights("detection", folder)


@pytest.mark.parametrize("content", [b"", b"\xff" * 40, b"\x72\x7f", b"no network at all", bytes(range(256))])
def test_a_file_that_is_no_network_is_an_error_of_ours(folder: Path, content: bytes) -> None:
    path = folder / "mine.onnx"
    path.write_bytes(content)
    with pytest.raises(ModelError):
        read_alphabet(path)
    for engine in ("openvino", "onnxruntime"):
        if importlib.util.find_spec(engine):
            with pytest.raises(ModelError):
                load_network(path, engine=engine)


def test_detections_weights_have_no_list_of_characters() -> None:
    with pytest.raises(ModelError):
        read_alphabet(find_weights("detection").path)


def test_the_alphabet_begins_with_the_blank_and_ends_with_the_space() -> None:
    alphabet = read_alphabet(find_weights("recognition").path)
    assert alphabet[0] == "" and alphabet[-1] == " "
    assert len(alphabet) == 18_710
    assert set("张伟䶮㛃·Z") <= set(alphabet)


def test_an_engine_that_is_not_known_or_not_installed_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    path = find_weights("detection").path
    with pytest.raises(ModelError):
        load_network(path, engine="abacus")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ModelError, match="install"):
        load_network(path)


def test_without_openvino_onnx_runtime_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("onnxruntime")
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "openvino" else found(name))
    assert isinstance(load_network(find_weights("detection").path, threads=1), engines.OnnxRuntimeNetwork)


def test_both_engines_read_the_same() -> None:
    pytest.importorskip("onnxruntime")
    pytest.importorskip("openvino")
    sheet = Sheet(900, 220)
    sheet.write(SENTENCES[0], 40, 40, 34)
    sheet.write(SENTENCES[3], 40, 120, 34)
    page = sheet.page()
    readings: list[Reading] = []
    for engine in ("openvino", "onnxruntime"):
        made = PpOcrReader(engine=engine, threads=2)
        readings.append(made.read(page.pixels, charset=frozenset("申请人")))
    texts = [[line.lattice.text if line.lattice else None for line in r.lines] for r in readings]
    assert texts[0] == texts[1]
    assert sorted(t or "" for t in texts[0]) == sorted(line.text for line in page.lines)
    for one, other in zip(readings[0].lines, readings[1].lines, strict=True):
        assert np.allclose(one.quad.array(), other.quad.array(), atol=4)
        assert one.confidence == pytest.approx(other.confidence, abs=0.02)


@pytest.mark.parametrize("engine", ["openvino", "onnxruntime"])
def test_a_result_stays_what_it_was_when_the_network_runs_again(engine: str) -> None:
    """An engine writes its next result into the same buffer."""
    pytest.importorskip(engine)
    network = load_network(find_weights("detection").path, engine=engine, threads=1)
    first = network(np.zeros((1, 3, 64, 64), np.float32))
    before = first.copy()
    noise = np.random.default_rng(0).normal(0, 1, (1, 3, 64, 64)).astype(np.float32)
    assert not np.array_equal(network(noise), before)
    assert np.array_equal(first, before)


def test_one_network_may_be_shared_between_threads(reader: PpOcrReader) -> None:
    sheets = []
    for text in SENTENCES[:4]:
        sheet = Sheet(900, 100)
        sheet.write(text, 20, 20, 34)
        sheets.append(sheet.page())
    read: dict[int, list[str]] = {i: [] for i in range(4)}

    def work(i: int) -> None:
        for _ in range(4):
            (line,) = reader.read_places(sheets[i].pixels, [sheets[i].lines[0].quad], charset=frozenset())
            read[i].append(line.lattice.text if line.lattice else "")

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert read == {i: [SENTENCES[i]] * 4 for i in range(4)}


def test_thresholds_are_in_their_order(folder: Path) -> None:
    t = load_thresholds()
    assert t.review < t.mask < 0 and t.hand_review <= t.hand_mask < 0
    assert 0 < t.weak_line < 1 and 0 < t.weak_share < 1 and t.small_text_px > 0
    assert isinstance(load_thresholds(folder), Thresholds)


@pytest.mark.parametrize("content", ["", "{}", '{"mask": -1.6}', '{"mask": "x"}', "[]"])
def test_thresholds_that_are_missing_or_incomplete_are_an_error(folder: Path, content: str) -> None:
    (folder / "calibration" / "thresholds.json").write_text(content, encoding="utf-8")
    with pytest.raises(ModelError):
        load_thresholds(folder)
    shutil.rmtree(folder / "calibration")
    with pytest.raises(ModelError):
        load_thresholds(folder)

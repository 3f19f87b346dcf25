"""Masked PDFs open in other programs, without a warning, and show the page."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pymupdf
import pytest
from PIL import Image
from scan_files import SCAN_FILES, cut_out, measure, page
from viewers import find_tool, open_in_chromium, run

KINDS = [kind for kind in SCAN_FILES if kind.startswith("PDF")]


@lru_cache(maxsize=1)
def _masked() -> dict[str, bytes]:
    sample = cut_out(page(0))
    return {kind: measure(SCAN_FILES[kind](sample), sample).output for kind in KINDS}


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / f"{i}.pdf" for i in range(len(KINDS))]
    for path, content in zip(paths, _masked().values(), strict=True):
        path.write_bytes(content)
    return paths


def test_qpdf_finds_nothing_to_say(files: list[Path]) -> None:
    qpdf = find_tool("qpdf")
    for path in files:
        done = run(qpdf, "--check", path)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "WARNING" not in done.stdout + done.stderr
        assert "No syntax or stream encoding errors found" in done.stdout


def test_poppler_opens_and_shows_them(files: list[Path]) -> None:
    pdfinfo, pdftoppm = find_tool("pdfinfo"), find_tool("pdftoppm")
    for path in files:
        about = run(pdfinfo, path)
        assert about.returncode == 0 and not about.stderr
        assert re.search(r"Pages:\s+1\b", about.stdout) and not re.search(r"^(Author|Title|Producer|Creator)", about.stdout, re.M)
        shown = run(pdftoppm, "-r", "72", "-png", path, path.with_suffix(""))
        assert shown.returncode == 0 and not shown.stderr
        (picture,) = path.parent.glob(f"{path.stem}-*.png")
        with Image.open(picture) as image:
            _check(np.asarray(image.convert("L")), path)


def test_mupdf_opens_them_without_a_warning(files: list[Path]) -> None:
    tools: Any = pymupdf.TOOLS
    tools.reset_mupdf_warnings()
    for path in files:
        document: Any = pymupdf.open(path)
        assert not document.is_repaired
        pixmap = document[0].get_pixmap(colorspace=pymupdf.csGRAY)
        _check(np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.width), path)
    assert tools.mupdf_warnings() == ""


def _check(grey: Any, path: Path) -> None:
    """As MuPDF shows the same page: the size, how light it is, and how much of it is black."""
    document: Any = pymupdf.open(path)
    pixmap = document[0].get_pixmap(colorspace=pymupdf.csGRAY)
    ours = np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.width)
    assert abs(grey.shape[0] - ours.shape[0]) <= 1 and abs(grey.shape[1] - ours.shape[1]) <= 1
    assert abs(float(grey.mean()) - float(ours.mean())) < 3
    assert float((grey < 24).mean()) > 0.5 * float((ours < 24).mean()) > 0


def test_pdfjs_in_chromium_shows_them(files: list[Path]) -> None:
    told = open_in_chromium(files)
    assert "error" not in told, told
    assert not told["warnings"]
    assert len(told["results"]) == len(files)
    for shown, path in zip(told["results"], files, strict=True):
        document: Any = pymupdf.open(path)
        pixmap = document[0].get_pixmap(colorspace=pymupdf.csGRAY)
        ours = np.frombuffer(pixmap.samples, np.uint8)
        assert shown["pages"] == 1 and shown["text"] == 0
        assert abs(shown["width"] - pixmap.width) <= 1 and abs(shown["height"] - pixmap.height) <= 1
        assert abs(shown["mean"] - float(ours.mean())) < 4
        assert shown["dark"] > 0.5 * float((ours < 24).mean())

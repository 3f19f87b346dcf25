"""Whole runs, with the real reader: neither the output nor anything around it (report, console, log, file names, temporary files)
says the name."""

from __future__ import annotations

import json
import logging
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from leak_channels_pdf import PDF_CHANNELS, make
from leak_channels_pictures import PICTURE_CHANNELS, PLAIN
from leak_pages import NAMES, draw_page, ink_on
from leak_search import find_in_bytes, search_file
from typer.testing import CliRunner

from redact.cli import app
from redact.intake import open_attachment
from redact.ocr.ppocr import PpOcrReader
from redact.pipeline import Redactor
from redact.values import Status

DOTTED, HAN, _ = NAMES


@pytest.fixture(scope="module")
def redactor(reader: PpOcrReader) -> Redactor:
    return Redactor(reader=reader)


FILES = [
    ("PDF", "hidden OCR text layer", "scan", HAN),
    ("PDF", "earlier revision", "1-bit scan", DOTTED),
    ("PDF", "annotations", "text", HAN),
    ("JPEG", "EXIF thumbnail", "JPEG", DOTTED),
    ("TIFF", "other frames", "TIFF", HAN),
    ("PNG", "PNG zTXt", "PNG", DOTTED),
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("kind", "channel", "page", "name"), FILES, ids=[f"{c}, {p}" for _, c, p, _ in FILES])
def test_what_the_whole_run_writes_holds_no_name(kind: str, channel: str, page: str, name: str, redactor: Redactor) -> None:
    content = PDF_CHANNELS[channel](page, name) if kind == "PDF" else PICTURE_CHANNELS[channel][page](name)
    result = redactor.redact(content, name=name, accept_poor=True)
    assert result.output is not None and result.report.status in (Status.DONE, Status.REVIEW)
    assert not search_file(result.output, kind, name)
    assert not find_in_bytes(result.report.to_json().encode() + repr(result).encode(), name)
    with open_attachment(result.output) as attachment:
        pixels = attachment.page(0).pixels
    x0, y0, x1, y1 = ink_on(draw_page(name), pixels.shape[1], pixels.shape[0])
    assert pixels[y0:y1, x0:x1].max() <= 24, "one even black over the name's ink"
    assert np.ptp(pixels[y0 + 8 : y1 - 8, x0 + 8 : x1 - 8]) <= 8


class _Everything(logging.Handler):
    """Every record of every logger, formatted with its exception, at any level."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.text = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.text += f"{record.name} {self.format(record)} {record.args!r}\n"


@pytest.fixture
def log() -> Iterator[_Everything]:
    handler = _Everything()
    loggers = [logging.getLogger(), *(logging.getLogger(name) for name in list(logging.root.manager.loggerDict))]
    before = [(logger, logger.level, logger.disabled) for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
        logger.disabled = False
        if logger is logging.getLogger() or not logger.propagate:
            logger.addHandler(handler)
    yield handler
    for logger, level, disabled in before:
        logger.setLevel(level)
        logger.disabled = disabled
        logger.removeHandler(handler)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", [HAN, DOTTED])
def test_nothing_around_a_run_says_the_name(
    name: str,
    tmp_path: Path,
    log: _Everything,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Files called after the applicant: one that is masked, one that cannot be opened and has the name in its bytes."""
    uploads, out, temporary = tmp_path / "in", tmp_path / "out", tmp_path / "tmp"
    for folder in (uploads, out, temporary):
        folder.mkdir()
    (uploads / f"{name}_证书.png").write_bytes(PLAIN["PNG"](name))
    (uploads / f"承诺书（{name}）.pdf").write_bytes(make("scan", name)[:-900] + name.encode())
    (uploads / "坏.jpg").write_bytes(PLAIN["JPEG"](name)[:3000] + name.encode())
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    logging.getLogger("sentinel").debug("a log is kept")

    result = CliRunner().invoke(app, ["mask", *map(str, sorted(uploads.iterdir())), "--name", name, "--out", str(out), "--json"])
    assert result.exit_code in (0, 3, 4), result.output
    reports = [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]
    assert len(reports) == 3 and {r["status"] for r in reports} >= {"rejected"}

    assert "a log is kept" in log.text
    around = {
        "log": log.text.encode(),
        "console": result.output.encode() + result.stderr.encode() + "".join(capfd.readouterr()).encode(),
        "file names": "\n".join(str(p.relative_to(tmp_path)) for p in [*out.rglob("*"), *temporary.rglob("*")]).encode(),
    }
    around |= {f"file {i}": p.read_bytes() for i, p in enumerate(sorted(out.rglob("*"))) if p.is_file()}
    assert len(around) > 5, "an output and three reports"
    for place, said in around.items():
        assert not find_in_bytes(said, name), place
    assert not list(temporary.rglob("*")), "nothing stays in the folder for temporary files"

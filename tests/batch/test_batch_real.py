"""The command with the reader that ships, on drawn pages, in worker processes."""

from __future__ import annotations

import io
from pathlib import Path

from batch_case import put, read_report, read_tree, write_roster
from PIL import Image
from typer.testing import CliRunner

from redact.cli import app
from redact.samples import Person, draw, scan

PERSON = Person(("陆雨晴",), 1, "lu", ("yu", "qing"), woman=True)


def drawn(document: str, seed: int) -> bytes:
    sample = scan(draw(document, PERSON, seed=seed), grade=1, seed=seed)
    out = io.BytesIO()
    Image.fromarray(sample.pixels).save(out, "PNG", dpi=(round(sample.dpi),) * 2)
    return out.getvalue()


def test_drawn_documents_are_masked_and_the_second_run_has_nothing_to_do(tmp_path: Path) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    put(folder, {"陆/陆雨晴_degree.png": drawn("degree", 1), "别/degree.png": drawn("degree", 2), "陆/bad.jpg": b"\xff\xd8\xff"})
    roster = write_roster(tmp_path / "roster.csv", [("陆", PERSON.name, "LU YUQING"), ("别", "王建国")])
    command = ["batch", str(folder), "--roster", str(roster), "--out", str(out), "--lang", "en"]
    first = CliRunner().invoke(app, command)
    assert first.exit_code == 4, first.output
    verdicts = {line["source"]: (line["status"], line["mask_required"]) for line in read_report(out)}
    assert verdicts == {"陆/***_degree.png": ("done", "是"), "别/degree.png": ("done", "否"), "陆/bad.jpg": ("rejected", "复核")}
    tree = read_tree(out)
    assert set(tree) == {"陆/degree.png", "别/degree.png"}
    second = CliRunner().invoke(app, command)
    assert second.exit_code == 4
    assert "To do: 0 files" in second.output
    assert read_tree(out) == tree

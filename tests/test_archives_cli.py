"""`redact mask x.zip` and `redact screen x.zip`: a report for each file inside, outputs in a folder named after the archive."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
from fake_reading import FakeReader, draw_written, write
from PIL import Image
from typer.testing import CliRunner

from redact import Redactor, cli_run, cli_screen
from redact.cli import app
from redact.inputs import list_inputs

NAME = "张伟"
LINES = (write("兹证明张伟同志参加继续教育培训", 80, 80), write("考核成绩合格准予结业特此证明", 80, 160))


def picture() -> bytes:
    out = io.BytesIO()
    Image.fromarray(draw_written(900, 500, *LINES)).save(out, "PNG")
    return out.getvalue()


def pack(*files: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in files:
            archive.writestr(name, data)
    return out.getvalue()


@pytest.fixture(autouse=True)
def _fake_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (cli_run, cli_screen):
        monkeypatch.setattr(module, "load_redactor", lambda *_, **__: Redactor(reader=FakeReader(*LINES)))


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    file = tmp_path / "张伟申报材料.zip"
    inner = pack(("c.png", picture()))
    sheet = pack(("[Content_Types].xml", b"<a/>"), ("xl/workbook.xml", b"<a/>"))
    file.write_bytes(
        pack(("a.png", picture()), ("张伟/b.png", picture()), ("证书.zip", inner), ("d.xlsx", sheet), ("e.txt", b"text"))
    )
    return file


def run(*arguments: str) -> tuple[int, list[dict[str, object]]]:
    result = CliRunner().invoke(app, [*arguments, "--json"])
    return result.exit_code, [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]


def test_each_member_has_its_report_and_its_output_in_the_archives_folder(archive: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    code, reports = run("mask", str(archive), "--name", NAME, "--out", str(out), "--accept-poor")
    assert code == 4, "two of them are refused"
    sources = [str(report["source"]) for report in reports]
    assert [source.rpartition(".zip/")[2] for source in sources] == ["a.png", "***/b.png", "c.png", "d.xlsx", "e.txt"]
    assert sources[2].endswith("证书.zip/c.png")
    assert not any(NAME in source for source in sources)
    written = sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file())
    assert not any(NAME in path for path in written)
    for report in reports[:3]:
        assert (out / str(report["output"])).is_file()
        assert "申报材料" in str(report["output"])
    assert str(reports[2]["output"]).endswith("证书.zip/c.png")
    assert [issue["code"] for report in reports[3:] for issue in report["issues"]] == ["wrong_type", "wrong_type"]  # type: ignore[attr-defined]


def test_screening_looks_at_each_member(archive: Path, tmp_path: Path) -> None:
    out = tmp_path / "upright"
    code, reports = run("screen", str(archive), "--upright", "--out", str(out))
    assert code == 4 and len(reports) == 5
    assert [bool(report["pages"]) for report in reports] == [True, True, True, False, False]
    for report in reports[:3]:
        assert (out / str(report["output"])).read_bytes() == picture()


def test_a_member_that_cannot_be_unpacked_has_a_report_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "x.zip"
    file.write_bytes(pack(("bomb.png", b""), ("a.png", picture())))
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.png", bytes(64 << 20))
        archive.writestr("a.png", picture())
    code, reports = run("mask", str(file), "--name", NAME, "--out", str(tmp_path / "out"), "--accept-poor")
    assert code == 4
    assert [str(r["source"]).rpartition("/")[2] for r in reports] == ["bomb.png", "a.png"]
    assert [r["output"] is not None for r in reports] == [False, True]
    assert reports[0]["issues"][0]["code"] == "too_large"  # type: ignore[index]


def test_an_archive_that_cannot_be_opened_is_one_rejected_file(tmp_path: Path) -> None:
    file = tmp_path / "x.zip"
    file.write_bytes(pack(("a.png", picture()))[:-40])
    code, (report,) = run("screen", str(file))
    assert code == 4 and report["issues"][0]["code"] == "truncated"  # type: ignore[index]


def test_plain_files_are_inputs_as_they_are(tmp_path: Path) -> None:
    for name, content in (("a.png", picture()), ("b.docx", pack(("[Content_Types].xml", b""), ("word/document.xml", b"")))):
        file = tmp_path / name
        file.write_bytes(content)
        (given,) = list_inputs(file)
        assert (given.path, given.source, given.below.parts, given.error) == (file, file, (), None)
    (missing,) = list_inputs(tmp_path / "missing.zip")
    assert missing.error is None and missing.source == tmp_path / "missing.zip"
    assert "missing" not in repr(missing)

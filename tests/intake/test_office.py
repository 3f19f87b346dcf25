"""Word documents: converted by another program that is kept in a private folder, with an end to its time; or refused."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pymupdf
import pytest

from redact import Redactor
from redact.errors import Empty, Encrypted, NotAFile, TooLarge, Truncated, Unopenable, WrongType
from redact.intake import convert_upload, open_attachment, sniff
from redact.intake.office import convert_to_pdf, find_program
from redact.options import IntakeLimits
from redact.values import MediaType, Severity, Status

_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
_RELS = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="word/document.xml"/></Relationships>'
)
_NS = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def docx(body: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", _TYPES)
        archive.writestr("_rels/.rels", _RELS)
        document = f'<?xml version="1.0"?><w:document xmlns:w="{_NS}"><w:body>{body}</w:body></w:document>'
        archive.writestr("word/document.xml", document)
    return out.getvalue()


PLAIN = docx("<w:p><w:r><w:t>Annual assessment</w:t></w:r></w:p>")
HIDING = docx(
    "<w:p><w:r><w:t>Annual assessment</w:t></w:r></w:p>"
    '<w:p><w:del w:id="1" w:author="Ouyang Xiaoming"><w:r><w:delText>struck out</w:delText></w:r></w:del></w:p>'
    "<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>Ouyang Xiaoming hidden</w:t></w:r></w:p>"
)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
DOC = OLE + "WordDocument".encode("utf-16-le") + bytes(200)
ODT_NAME = "application/vnd.oasis.opendocument.text"


def odt(*, encrypted: bool = False) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", ODT_NAME)
        archive.writestr("META-INF/manifest.xml", "<m><encryption-data/></m>" if encrypted else "<m/>")
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [(PLAIN, MediaType.DOCX), (DOC, MediaType.DOC), (odt(), MediaType.ODT), (b"{\\rtf1 hello}", MediaType.RTF)],
)
def test_documents_are_known_by_their_content(content: bytes, kind: MediaType) -> None:
    assert sniff(content) is kind
    with pytest.raises(WrongType):
        open_attachment(content)


def test_other_files_are_left_as_they_are(tmp_path: Path) -> None:
    for content in (b"%PDF-1.7", OLE, b"PK\x03\x04 nonsense", b"\x89PNG\r\n\x1a\n"):
        assert convert_upload(content) is None
    with pytest.raises(NotAFile):
        convert_upload(tmp_path)
    with pytest.raises(Empty):
        convert_upload(b"")


def test_without_the_program_a_document_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("REDACT_SOFFICE", str(tmp_path / "missing"))
    assert find_program() is None
    with pytest.raises(WrongType):
        convert_upload(PLAIN)


# --- with a program of ours in its place ---------------------------------------------------------------------------------

posix = pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a shell script")


def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> Path:
    """A program that writes its arguments, folder and environment to ``seen`` and then runs ``script``."""
    program, seen = tmp_path / "soffice", tmp_path / "seen"
    told = f'{{ pwd; ls -ld . ; for a in "$@"; do echo "$a"; done; env; }} > "{seen}"\n'
    program.write_text(f"#!/bin/sh\n{told}{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("REDACT_SOFFICE", str(program))
    return seen


def write_pdf(tmp_path: Path) -> Path:
    document = pymupdf.open()
    document.new_page(width=200, height=100).insert_text((20, 50), "made by the stand-in")
    path = tmp_path / "made.pdf"
    document.save(path)
    return path


@posix
def test_it_runs_in_a_private_folder_under_a_neutral_name_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SECRET_OF_THE_CALLER", "欧阳小明")
    seen = stand_in(tmp_path, monkeypatch, f'cat "{write_pdf(tmp_path)}" > document.pdf')
    upload = tmp_path / "欧阳小明.docx"
    upload.write_bytes(PLAIN)
    converted = convert_upload(upload)
    assert converted is not None and converted.media_type is MediaType.DOCX and converted.warnings == ()
    with open_attachment(converted.pdf) as attachment:
        assert attachment.page_count == 1
    told = seen.read_text()
    folder = Path(told.splitlines()[0])
    assert not folder.exists()
    assert told.splitlines()[1].startswith("drwx------")
    assert "欧阳小明" not in told and "document.docx" in told and "--headless" in told
    assert f"-env:UserInstallation=file://{folder}/profile" in told


@posix
def test_an_upload_under_another_extension_is_converted_with_a_warning(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stand_in(tmp_path, monkeypatch, f'cat "{write_pdf(tmp_path)}" > document.pdf')
    upload = tmp_path / "a.pdf"
    upload.write_bytes(PLAIN)
    converted = convert_upload(upload)
    assert converted is not None
    assert [(w.code, w.severity) for w in converted.warnings] == [("wrong_type", Severity.WARN)]


@posix
@pytest.mark.parametrize("script", ["exit 1", "exit 0", "kill -9 $$"])
def test_a_program_that_makes_nothing_makes_the_document_unopenable(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: str
) -> None:
    stand_in(tmp_path, monkeypatch, script)
    with pytest.raises(Unopenable):
        convert_upload(PLAIN)


def is_running(pid: int) -> bool:
    """A process that ended and was not waited for by its parent, which is nobody here, is still listed: as a zombie."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"


@posix
@pytest.mark.parametrize("script", ["sleep 60 & echo $! > {pid}; wait", "sleep 60 & echo $! > {pid}"])
def test_what_it_started_is_ended_with_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: str) -> None:
    pid_file = tmp_path / "pid"
    stand_in(tmp_path, monkeypatch, script.format(pid=pid_file))
    with pytest.raises(TooLarge if "wait" in script else Unopenable):
        convert_to_pdf(PLAIN, MediaType.DOCX, IntakeLimits(office_seconds=1.5))
    pid = int(pid_file.read_text())
    wait_until(lambda: not is_running(pid))


@posix
def test_nothing_of_it_outlives_a_program_that_is_killed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    seen = stand_in(tmp_path, monkeypatch, f"sleep 60 & echo $! > {pid_file}.new; mv {pid_file}.new {pid_file}; wait")
    code = "import sys; from redact.intake.office import *; convert_to_pdf(sys.stdin.buffer.read(), MediaType.DOCX)"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE) as program:
        assert program.stdin is not None
        program.stdin.write(PLAIN)
        program.stdin.close()
        wait_until(pid_file.exists)
        folder = Path(seen.read_text().splitlines()[0])
        assert (folder / "document.docx").exists()
        program.kill()
    wait_until(lambda: not is_running(int(pid_file.read_text())) and not folder.exists())


def wait_until(come: Callable[[], bool]) -> None:
    for _ in range(1200):
        if come():
            return
        time.sleep(0.05)
    raise AssertionError("it did not come")


@posix
def test_what_would_only_make_it_ask_or_swell_is_refused_before_it_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen = stand_in(tmp_path, monkeypatch, "exit 1")
    with pytest.raises(Encrypted):
        convert_to_pdf(odt(encrypted=True), MediaType.ODT)
    with pytest.raises(Encrypted):
        convert_upload(OLE + "EncryptedPackage".encode("utf-16-le"))
    with pytest.raises(TooLarge):
        convert_to_pdf(docx(" " * 3_000_000), MediaType.DOCX, IntakeLimits(max_bytes=2_000_000))
    with pytest.raises(Truncated):
        convert_to_pdf(PLAIN[:-30], MediaType.DOCX)
    assert not seen.exists()


# --- with LibreOffice itself ---------------------------------------------------------------------------------------------

real = pytest.mark.skipif(find_program() is None, reason="LibreOffice is not installed")


@real
@pytest.mark.parametrize("content", [HIDING, b"{\\rtf1\\ansi Annual assessment}"], ids=["docx", "rtf"])
def test_a_document_becomes_pages(content: bytes) -> None:
    converted = convert_upload(content)
    assert converted is not None
    with pymupdf.open(stream=converted.pdf) as document:
        text = "".join(str(page.get_text()) for page in document)
    assert "Annual assessment" in text
    assert "hidden" not in text, "a viewer shows no hidden text"
    assert b"Ouyang" not in converted.pdf


@real
def test_the_output_of_a_document_is_a_pdf_of_pixels(tmp_path: Path) -> None:
    from fake_reading import FakeReader, write

    upload = tmp_path / "a.docx"
    upload.write_bytes(HIDING)
    result = Redactor(reader=FakeReader(write("年度考核登记表", 200, 300))).redact(upload, name="欧阳小明", accept_poor=True)
    assert result.report.media_type == MediaType.DOCX and result.report.status is not Status.REJECTED
    assert result.output is not None and sniff(result.output) is MediaType.PDF
    with pymupdf.open(stream=result.output) as document:
        assert all(page.get_text() == "" and len(page.get_images()) == 1 for page in document)
    assert b"Ouyang" not in result.output
    assert upload.read_bytes() == HIDING

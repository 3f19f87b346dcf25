"""Word and WPS documents -> PDF, with LibreOffice where it is installed.

It starts a process, so it comes before anything that runs in a sandbox: bytes in, bytes of a PDF out. What the document hides
(tracked deletions, comments, hidden text, properties) is in the PDF or is not; either way the output is made from the PDF's
pixels, and takes nothing else along.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from redact.errors import Encrypted, TooLarge, Truncated, Unopenable, WrongType
from redact.intake.attachment import read_content, read_head
from redact.intake.sniffing import check_suffix, sniff
from redact.options import IntakeLimits
from redact.processes.leash import run_on_leash
from redact.values import OFFICE_TYPES, Issue, MediaType
from redact.zips import open_zip, unpack

_LIMITS = IntakeLimits()
_SUFFIXES = {MediaType.DOCX: ".docx", MediaType.DOC: ".doc", MediaType.ODT: ".odt", MediaType.RTF: ".rtf"}
_PROGRAMS = ("soffice", "libreoffice")
_ELSEWHERE = (
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    r"C:\Program Files\LibreOffice\program\soffice.com",
    r"C:\Program Files (x86)\LibreOffice\program\soffice.com",
)
# No macros whoever signed them, no links that are followed or updated, no Java (LibreOffice's registry, org.openoffice).
_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="MacroSecurityLevel" oor:op="fuse">
<value>3</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableMacrosExecution" oor:op="fuse">
<value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse">
<value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableActiveContent" oor:op="fuse">
<value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Writer/Content/Update"><prop oor:name="Link" oor:op="fuse"><value>0</value></prop></item>
<item oor:path="/org.openoffice.Office.Java/VirtualMachine"><prop oor:name="Enable" oor:op="fuse"><value>false</value></prop>
</item>
</oor:items>
"""
# Nobody listens there: what honours proxies does not get out.
_NOWHERE = "http://127.0.0.1:9"


@dataclass(frozen=True, slots=True)
class Converted:
    """A document as a PDF, and what the upload was: its kind, the hex digest of its bytes, what is odd about its extension."""

    pdf: bytes = field(repr=False)
    media_type: MediaType
    sha256: str
    warnings: tuple[Issue, ...] = ()


def convert_upload(source: Path | str | bytes, limits: IntakeLimits = _LIMITS) -> Converted | None:
    """An upload that has no pages before it is converted, converted; None for everything else, broken or not.

    Raises:
        NotAFile: a folder, nothing there, or not readable.
        AttachmentError: see :func:`convert_to_pdf`.
    """
    if not read_head(source).startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"{\\rtf")):
        return None
    content = read_content(source, limits)
    try:
        kind = sniff(content)
    except WrongType:
        return None
    if kind not in OFFICE_TYPES:
        return None
    warnings = () if isinstance(source, bytes) else check_suffix(Path(source), kind)
    return Converted(convert_to_pdf(content, kind, limits), kind, hashlib.sha256(content).hexdigest(), warnings)


def find_program() -> str | None:
    """LibreOffice's command, by ``REDACT_SOFFICE``, the path, or where its installers put it."""
    given = os.environ.get("REDACT_SOFFICE")
    if given:
        return given if Path(given).is_file() else None
    found = next((path for program in _PROGRAMS if (path := shutil.which(program))), None)
    return found or next((path for path in _ELSEWHERE if Path(path).is_file()), None)


def convert_to_pdf(content: bytes, media_type: MediaType, limits: IntakeLimits = _LIMITS) -> bytes:
    """The document as a PDF, its pages as printed.

    LibreOffice runs with a profile of its own in a private folder, which is removed with all that is in it; the document is
    called ``document`` there, whatever it was called. Where it takes longer than ``limits.office_seconds`` it is ended, with the
    processes that it started; where this process is killed, too.

    Raises:
        WrongType: LibreOffice is not installed.
        Encrypted: the document needs a password.
        TooLarge: it is too large, unpacks to too much, or takes too long.
        Unopenable, Truncated: it cannot be converted.
    """
    program = find_program()
    if program is None:
        raise WrongType("an office document, and no LibreOffice to convert it")
    _check(content, media_type, limits)
    # Mode 0700.
    with tempfile.TemporaryDirectory(prefix="redact-", ignore_cleanup_errors=True) as folder:
        place = Path(folder)
        user = place / "profile" / "user"
        user.mkdir(parents=True)
        (user / "registrymodifications.xcu").write_text(_SETTINGS, encoding="utf-8")
        document = place / f"document{_SUFFIXES[media_type]}"
        document.write_bytes(content)
        _run([
            program, "--headless", "--invisible", "--norestore", "--nolockcheck", "--nodefault", "--nologo",
            f"-env:UserInstallation={(place / 'profile').as_uri()}",
            "--convert-to", "pdf:writer_pdf_Export", "--outdir", str(place), str(document),
        ], place, limits.office_seconds)  # fmt: skip
        made = place / "document.pdf"
        if not made.is_file():
            raise Unopenable("LibreOffice made no PDF of it")
        if made.stat().st_size > limits.max_bytes:
            raise TooLarge("bytes of the converted document")
        return made.read_bytes()


def _check(content: bytes, media_type: MediaType, limits: IntakeLimits) -> None:
    """What would only make LibreOffice ask or swell."""
    if media_type in (MediaType.DOCX, MediaType.ODT):
        archive = open_zip(content)
        if archive is None:
            raise Truncated("office document")
        with archive:
            if sum(entry.file_size for entry in archive.infolist()) > limits.max_bytes:
                raise TooLarge("unpacked bytes of an office document")
            manifest = "META-INF/manifest.xml"
            if manifest in archive.namelist() and b"encryption-data" in unpack(archive, archive.getinfo(manifest), 1 << 24):
                raise Encrypted("office document")


def _run(command: list[str], place: Path, seconds: float) -> None:
    environment = {key: value for key, value in os.environ.items() if key.upper() in _KEPT}
    environment |= {"HOME": str(place), "TMPDIR": str(place), "http_proxy": _NOWHERE, "https_proxy": _NOWHERE}
    try:
        run_on_leash(command, folder=place, environment=environment, seconds=seconds)
    except TimeoutError:
        raise TooLarge("time to convert an office document") from None


_KEPT = frozenset({"PATH", "LANG", "LC_ALL", "LC_CTYPE", "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "TEMP", "TMP", "PROGRAMFILES"})

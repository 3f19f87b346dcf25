"""The parts of an OFD package: XML without entities, files by the paths that XML gives, all within limits."""

from __future__ import annotations

import posixpath
import xml.etree.ElementTree as ET
import zipfile
from xml.parsers import expat

from redact.errors import AttachmentError, TooLarge, Truncated, Unopenable
from redact.options import IntakeLimits
from redact.zips import has_directory, open_zip, unpack

_DEEPEST = 64
_FREE_BYTES = 1 << 20


class Package:
    """Parts are found by path, ``/`` from the root or relative to the part that names them; none is written to disk."""

    def __init__(self, content: bytes, limits: IntakeLimits) -> None:
        """Raises: Truncated, Unopenable."""
        archive = open_zip(content)
        if archive is None:
            raise Unopenable("OFD package") if has_directory(content) else Truncated("OFD package")
        self._archive: zipfile.ZipFile = archive
        self._limits = limits
        self._entries = {entry.filename.lstrip("/"): entry for entry in archive.infolist() if not entry.is_dir()}
        self._left = 2 * limits.max_bytes
        self._xml_left = limits.max_content_bytes * 4

    def read(self, path: str) -> bytes:
        """Raises: Unopenable where there is no such part; as :func:`redact.zips.unpack`."""
        entry = self._entries.get(path)
        if entry is None:
            raise Unopenable("a part of the OFD is missing")
        most = min(self._limits.max_bytes, self._left, _FREE_BYTES + self._limits.max_member_ratio * entry.compress_size)
        content = unpack(self._archive, entry, most)
        self._left -= len(content)
        return content

    def read_xml(self, path: str) -> ET.Element:
        """The part's tree, names without their namespace.

        Raises: Unopenable: not well formed, or with a document type (entities can make any text of a few bytes); TooLarge.
        """
        content = self.read(path)
        self._xml_left -= len(content)
        if self._xml_left < 0:
            raise TooLarge("XML of an OFD")
        return parse_xml(content)


def resolve(part: str, loc: str) -> str:
    """``loc`` as a part's path; ``part`` is the one that names it. Never above the root."""
    path = loc if loc.startswith("/") else posixpath.join(posixpath.dirname(part), loc)
    return posixpath.normpath("/" + path.replace("\\", "/")).lstrip("/")


def parse_xml(content: bytes) -> ET.Element:
    """See :meth:`Package.read_xml`."""
    builder = ET.TreeBuilder()
    parser = expat.ParserCreate()
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEEPEST:
            raise TooLarge("depth of XML")
        builder.start(name.rpartition(":")[2], {key.rpartition(":")[2]: value for key, value in attributes.items()})

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(name.rpartition(":")[2])

    def refuse(*declared: object) -> None:
        raise Unopenable("XML with a document type")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.buffer_text = True
    try:
        parser.Parse(content, True)
        return builder.close()
    except AttachmentError:
        raise
    except (expat.ExpatError, ValueError, LookupError, AssertionError) as error:
        raise Unopenable(f"XML of an OFD: {type(error).__name__}") from None


def numbers(text: str | None) -> list[float]:
    """Numbers parted by blanks.

    Raises: Unopenable: it holds something else, or a number that is none.
    """
    try:
        found = [float(part) for part in (text or "").split()]
    except ValueError:
        raise Unopenable("a number in an OFD") from None
    if not all(abs(number) < 1e7 for number in found):
        raise Unopenable("a number in an OFD")
    return found


def expand_deltas(text: str | None) -> list[float]:
    """Steps from character to character; ``g 3 5.2`` is 5.2 three times (GB/T 33190, 11.3)."""
    parts = (text or "").split()
    found: list[float] = []
    at = 0
    while at < len(parts):
        if parts[at] == "g":
            count, step = numbers(" ".join(parts[at + 1 : at + 3])) if len(parts) >= at + 3 else (0.0, 0.0)
            found += [step] * min(max(int(count), 0), 100_000)
            at += 3
        else:
            found += numbers(parts[at])
            at += 1
        if len(found) > 100_000:
            raise TooLarge("characters of an OFD")
    return found

"""What a ZIP container is: a document of its own kind, or an archive of files. From its directory alone; nothing is unpacked."""

from __future__ import annotations

from redact.errors import AttachmentError
from redact.values import MediaType
from redact.zips import open_zip, unpack

_OFFICE = (("word/", "docx"), ("xl/", "xlsx"), ("ppt/", "pptx"), ("visio/", "vsdx"))


def name_zip(content: bytes) -> MediaType | str:
    """A kind that is taken, or the name of another: ``docx``, ``xlsx`` … or ``zip``."""
    archive = open_zip(content)
    if archive is None:
        return "zip"
    with archive:
        names = set(archive.namelist())
        if "OFD.xml" in names:
            return MediaType.OFD
        if "[Content_Types].xml" in names:
            for folder, kind in _OFFICE:
                if any(name.startswith(folder) for name in names):
                    return MediaType.DOCX if kind == "docx" else kind
            return "opc"
        if "mimetype" in names:
            try:
                mimetype = unpack(archive, archive.getinfo("mimetype"), 200).decode("ascii", "replace").strip()
            except AttachmentError:
                return "zip"
            if mimetype == MediaType.ODT:
                return MediaType.ODT
            return "opendocument" if mimetype.startswith("application/") else "zip"
        return "zip"

"""ZIP containers opened and unpacked within limits; what a header says of sizes is not believed."""

from __future__ import annotations

import io
import zipfile
import zlib

from redact.errors import Encrypted, TooLarge, Truncated, Unopenable

# A directory of so many entries is no document, and reading it would take long.
_MOST_ENTRIES = 20_000
_ENTRY_BYTES = 250  # of the directory, names of usual length included
_CHUNK = 1 << 20
_ENCRYPTED_FLAG = 0x1
_END = b"PK\x05\x06"
_LONGEST_END = 65_557  # the end record with the longest comment


def has_directory(content: bytes) -> bool:
    """Whether the record that ends a ZIP is there: without it the file was cut off."""
    return _END in content[-_LONGEST_END:]


def open_zip(content: bytes) -> zipfile.ZipFile | None:
    """None where there is no readable directory, or one that is too long."""
    end = content.rfind(_END, max(len(content) - _LONGEST_END, 0))
    # Python reads the whole directory at once: its length is looked at first.
    if end < 0 or int.from_bytes(content[end + 12 : end + 16], "little") > _MOST_ENTRIES * _ENTRY_BYTES:
        return None
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError):
        return None
    return archive if len(archive.infolist()) <= _MOST_ENTRIES else None


def unpack(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> bytes:
    """The bytes of one entry, at most ``most``.

    Raises:
        Encrypted: it needs a password.
        TooLarge: it has more bytes.
        Truncated, Unopenable: it is damaged, or packed in a way that is not known.
    """
    if entry.flag_bits & _ENCRYPTED_FLAG:
        raise Encrypted("a member of an archive")
    parts: list[bytes] = []
    size = 0
    try:
        with archive.open(entry) as stream:
            while part := stream.read(_CHUNK):
                size += len(part)
                if size > most:
                    raise TooLarge("unpacked bytes")
                parts.append(part)
    except EOFError:
        raise Truncated("a member of an archive") from None
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, OSError, ValueError) as error:
        # Their messages quote the member's name.
        raise Unopenable(f"a member of an archive: {type(error).__name__}") from None
    return b"".join(parts)

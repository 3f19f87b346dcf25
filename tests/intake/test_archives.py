"""ZIP archives: a folder of attachments, in which nothing is missing silently and nothing gets out."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from pathlib import Path

import pytest
from drawn_ofd import Ofd, text

from redact.errors import AttachmentError, Empty, Encrypted, NotAFile, TooLarge, Truncated, Unopenable, WrongType
from redact.intake import Member, expand, is_archive, open_attachment
from redact.options import IntakeLimits

PICTURE = b"\xff\xd8\xff\xe0 not decoded here"


def pack(*files: tuple[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return out.getvalue()


def pack_raw(name: bytes, data: bytes, *, flags: int = 0, extra: bytes = b"", attributes: int = 0, system: int = 0) -> bytes:
    """One stored file whose name is any bytes."""
    crc = zlib.crc32(data)
    fields = struct.pack("<HHHHHIIIHH", 20, flags, 0, 0, 33, crc, len(data), len(data), len(name), len(extra))
    local = b"PK\x03\x04" + fields + name + extra + data
    tail = struct.pack("<HHHII", 0, 0, 0, attributes, 0) + name + extra
    central = b"PK\x01\x02" + struct.pack("<BB", 20, system) + fields + tail
    return local + central + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(local), 0)


def paths(content: bytes) -> list[str]:
    return [member.path for member in expand(content)]


def errors(members: list[Member]) -> dict[str, type[AttachmentError]]:
    return {member.path: type(member.error) for member in members if member.error is not None}


def test_each_file_comes_out_with_its_path_and_its_bytes() -> None:
    content = pack(("a.jpg", PICTURE), ("论文/b.pdf", b"%PDF-1.7"), ("empty/", b""))
    assert [(m.path, m.content, m.error) for m in expand(content)] == [
        ("a.jpg", PICTURE, None),
        ("论文/b.pdf", b"%PDF-1.7", None),
    ]


def test_a_path_is_read_as_bytes_are(tmp_path: Path) -> None:
    file = tmp_path / "x.zip"
    file.write_bytes(pack(("a.jpg", PICTURE)))
    assert [m.content for m in expand(file)] == [PICTURE]
    with pytest.raises(NotAFile):
        list(expand(tmp_path))


@pytest.mark.parametrize(
    "content",
    [
        pack_raw("申报/毕业证.jpg".encode("gbk"), PICTURE),
        pack_raw("申报/毕业证.jpg".encode(), PICTURE),
        pack_raw("申报/毕业证.jpg".encode(), PICTURE, flags=0x800),
        pack_raw("申报\\毕业证.jpg".encode("gbk"), PICTURE),
        pack_raw(
            b"________.jpg",
            PICTURE,
            extra=(lambda body: struct.pack("<HH", 0x7075, len(body)) + body)(
                b"\x01" + struct.pack("<I", zlib.crc32(b"________.jpg")) + "申报/毕业证.jpg".encode()
            ),
        ),
    ],
    ids=["Windows, GBK", "Mac, UTF-8 without the flag", "UTF-8", "backslashes", "Info-ZIP's field"],
)
def test_chinese_names_are_read_whoever_wrote_them(content: bytes) -> None:
    assert paths(content) == ["申报/毕业证.jpg"]


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("../../etc/passwd", "etc/passwd"),
        ("/etc/passwd", "etc/passwd"),
        ("..\\..\\windows\\a.jpg", "windows/a.jpg"),
        ("C:\\a.jpg", "a.jpg"),
        ("a/../../b.jpg", "a/b.jpg"),
        ("./././a.jpg", "a.jpg"),
        ("..", "unnamed"),
        ("a\x1b[2Jb.jpg", "a_[2Jb.jpg"),
    ],
)
def test_no_path_leads_out(name: str, path: str) -> None:
    assert paths(pack_raw(name.encode(), PICTURE)) == [path]


def test_what_systems_add_and_links_are_left_out() -> None:
    assert paths(pack(("__MACOSX/._a.jpg", b"x"), (".DS_Store", b"x"), ("b/Thumbs.db", b"x"), ("a.jpg", PICTURE))) == ["a.jpg"]
    with pytest.raises(Empty):
        paths(pack_raw(b"link.jpg", b"/etc/passwd", attributes=0o120777 << 16, system=3))


def test_archives_inside_are_opened_to_a_small_depth() -> None:
    content = pack(("deep.jpg", PICTURE))
    for level in range(5):
        content = pack((f"level{level}.zip", content), (f"{level}.jpg", PICTURE))
    members = list(expand(content))
    assert [m.path for m in members if m.content is not None] == ["level4.zip/level3.zip/2.jpg", "level4.zip/3.jpg", "4.jpg"]
    assert errors(members) == {"level4.zip/level3.zip/level2.zip": TooLarge}


def test_documents_that_are_zips_are_not_opened_as_archives() -> None:
    ofd = Ofd([text("证书", 20, 20)]).build()
    docx = pack(("[Content_Types].xml", b"<a/>"), ("word/document.xml", b"<a/>"))
    xlsx = pack(("[Content_Types].xml", b"<a/>"), ("xl/workbook.xml", b"<a/>"))
    odt = pack(("mimetype", b"application/vnd.oasis.opendocument.text"), ("content.xml", b"<a/>"))
    for document in (ofd, docx, xlsx, odt):
        assert not is_archive(document)
        with pytest.raises(WrongType):
            list(expand(document))
    assert [m.content for m in expand(pack(("a.ofd", ofd), ("b.docx", docx)))] == [ofd, docx]


def test_an_encrypted_member_is_named_and_the_others_come_out() -> None:
    plain, locked = pack(("a.jpg", PICTURE)), pack_raw(b"locked.jpg", PICTURE, flags=0x1)
    members = list(expand(pack(("1.zip", locked), ("2.zip", plain))))
    assert errors(members) == {"1.zip/locked.jpg": Encrypted}
    assert [m.path for m in members if m.content] == ["2.zip/a.jpg"]


def test_a_damaged_member_is_named() -> None:
    content = bytearray(pack(("a.jpg", PICTURE * 20), ("b.jpg", PICTURE), compression=zipfile.ZIP_STORED))
    content[60] ^= 0xFF
    assert errors(list(expand(bytes(content)))) == {"a.jpg": Unopenable}


def test_an_archive_that_was_cut_off_is_truncated() -> None:
    content = pack(("a.jpg", PICTURE * 20), ("b.jpg", PICTURE))
    with pytest.raises(Truncated):
        list(expand(content[:-30]))


def test_a_bomb_is_stopped_by_its_ratio_before_it_is_unpacked() -> None:
    members = list(expand(pack(("bomb.jpg", bytes(64 << 20)), ("a.jpg", PICTURE))))
    assert errors(members) == {"bomb.jpg": TooLarge}
    assert members[1].content == PICTURE


def test_a_bomb_in_layers_is_stopped_by_the_sum() -> None:
    inner = pack(*((f"{i}.jpg", bytes(900_000)) for i in range(8)))
    content = pack(*((f"{i}.zip", inner) for i in range(8)))
    limits = IntakeLimits(max_unpacked_bytes=10_000_000)
    members = list(expand(content, limits))
    assert sum(len(m.content or b"") for m in members) <= 10_000_000
    assert set(errors(members).values()) == {TooLarge}


def test_what_a_header_says_of_sizes_is_not_believed() -> None:
    content = pack(("a.jpg", bytes(3 << 20)))
    at = content.index(b"PK\x01\x02")
    lying = content[: at + 24] + struct.pack("<I", 10) + content[at + 28 :]
    members = list(expand(lying, IntakeLimits(max_bytes=2 << 20)))
    assert all(m.content is None or len(m.content) <= 2 << 20 for m in members)
    assert set(errors(members)) == {"a.jpg"}


def test_too_many_files_are_refused() -> None:
    with pytest.raises(TooLarge):
        list(expand(pack(*((f"{i}.jpg", b"x") for i in range(30))), IntakeLimits(max_members=20)))


@pytest.mark.parametrize("content", [b"Rar!\x1a\x07\x01\0" + bytes(200), b"7z\xbc\xaf\x27\x1c" + bytes(200), b"%PDF-1.7", b"PK"])
def test_other_archives_and_files_are_refused(content: bytes) -> None:
    with pytest.raises(WrongType):
        list(expand(content))


def test_an_archive_is_no_attachment() -> None:
    with pytest.raises(WrongType):
        open_attachment(pack(("a.jpg", PICTURE)))


def test_neither_path_nor_bytes_are_in_a_members_repr() -> None:
    (member,) = expand(pack(("张三.jpg", b"secret")))
    assert "张三" not in repr(member) and "secret" not in repr(member)

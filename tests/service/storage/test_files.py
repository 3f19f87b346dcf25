"""Files of documents: in a folder, in an S3, in another store that fsspec knows."""

from __future__ import annotations

import io
import multiprocessing
import os
import pickle
import stat
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from stored import read_and_write, together, write_half

from service.storage import Files, Part, new_id

LARGE = 12_000_000  # more than two parts of an S3 upload


def test_what_is_written_is_read(files: Files) -> None:
    id = new_id()
    files.write(id, Part.ORIGINAL, b"scan")
    files.write(id, Part.QUERY, io.BytesIO(b"asked"))
    files.write(id, Part.SHOWN, b"pages")
    files.write(id, Part.MASKED, b"")
    assert [files.read(id, part) for part in Part] == [b"scan", b"asked", b"pages", b""]
    files.write(id, Part.ORIGINAL, io.BytesIO(b"another"))
    assert files.read(id, Part.ORIGINAL) == b"another"


def test_what_is_not_there_is_not_found(files: Files) -> None:
    id = new_id()
    with pytest.raises(FileNotFoundError):
        files.read(id, Part.ORIGINAL)
    files.write(id, Part.MASKED, b"x", revision=1)
    for missing in ((Part.ORIGINAL, 0), (Part.MASKED, 0), (Part.MASKED, 2)):
        with pytest.raises(FileNotFoundError):
            files.read(id, missing[0], revision=missing[1])


def test_each_revision_has_its_masked_file(files: Files) -> None:
    id = new_id()
    for revision in range(3):
        files.write(id, Part.MASKED, b"%d" % revision, revision=revision)
    assert [files.read(id, Part.MASKED, revision=r) for r in range(3)] == [b"0", b"1", b"2"]
    for _ in range(2):
        files.delete_part(id, Part.MASKED, revision=1)
    with pytest.raises(FileNotFoundError):
        files.read(id, Part.MASKED, revision=1)
    assert files.read(id, Part.MASKED, revision=2) == b"2"


def test_deleting_takes_all_parts_of_one_document(files: Files) -> None:
    id, other = new_id(), new_id()
    for one in (id, other):
        for part in Part:
            files.write(one, part, b"x")
    files.write(id, Part.MASKED, b"x", revision=5)
    for _ in range(2):
        files.delete(id)
    for part in Part:
        with pytest.raises(FileNotFoundError):
            files.read(id, part)
        assert files.read(other, part) == b"x"
    assert list(files.list_ids(older_than=_soon())) == [other]


def test_a_large_upload_comes_through_whole(files: Files) -> None:
    id, content = new_id(), os.urandom(LARGE)
    upload = io.BytesIO(b"read before" + content)
    upload.seek(len(b"read before"))
    files.write(id, Part.ORIGINAL, upload)
    assert files.read(id, Part.ORIGINAL) == content


@pytest.mark.parametrize("size", [10, LARGE])
def test_an_upload_that_breaks_off_changes_nothing(files: Files, size: int) -> None:
    old, new = new_id(), new_id()
    files.write(old, Part.ORIGINAL, b"old")
    for id in (old, new):
        with pytest.raises(ConnectionResetError):
            files.write(id, Part.ORIGINAL, _BreaksOff(bytes(size)))
    assert files.read(old, Part.ORIGINAL) == b"old"
    with pytest.raises(FileNotFoundError):
        files.read(new, Part.ORIGINAL)


class _BreaksOff(io.BytesIO):
    def read(self, size: int | None = -1, /) -> bytes:
        got = super().read(size)
        if not got or size in (None, -1):
            raise ConnectionResetError
        return got


def test_readers_see_a_whole_file_at_any_time(files: Files) -> None:
    id, versions = new_id(), [bytes([n]) * 300_000 for n in range(4)]
    files.write(id, Part.ORIGINAL, versions[0])

    def write_or_read(number: int) -> set[bytes]:
        if number:
            for _ in range(5):
                files.write(id, Part.ORIGINAL, versions[number])
            return set()
        return {files.read(id, Part.ORIGINAL) for _ in range(15)}

    (seen, *_) = together(4, write_or_read)
    assert seen and seen <= set(versions)


def test_the_sweep_lists_what_is_older(files: Files) -> None:
    ids = {new_id() for _ in range(3)}
    for id in ids:
        files.write(id, Part.QUERY, b"q")
        files.write(id, Part.ORIGINAL, b"o")
    assert sorted(files.list_ids(older_than=_soon())) == sorted(ids)
    assert list(files.list_ids(older_than=datetime.now(UTC) - timedelta(hours=1))) == []


def test_an_empty_store_lists_nothing(files: Files) -> None:
    assert list(files.list_ids(older_than=_soon())) == []
    files.delete(new_id())
    files.delete_part(new_id(), Part.MASKED, revision=0)


@pytest.mark.parametrize("id", ["", ".", "..", "../other", "a/b", "x" * 26 + "\n", "A" * 26, "a" * 25, "/etc/passwd", "*" * 26])
def test_only_ids_become_paths(files: Files, id: str) -> None:
    for touch in (
        lambda: files.write(id, Part.ORIGINAL, b""), lambda: files.read(id, Part.ORIGINAL), lambda: files.delete(id),
        lambda: files.delete_part(id, Part.MASKED, revision=0),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=r"^not an id$"):
            touch()


def test_a_revision_is_a_number(files: Files) -> None:
    text: Any = "0/../../x"
    with pytest.raises(ValueError):
        files.read(new_id(), Part.MASKED, revision=text)


def test_another_store_sees_what_was_written_since_it_looked(place: tuple[str, dict[str, Any]]) -> None:
    url, options = place
    # With other options fsspec makes another file system, as another replica's would be, and not the same one again.
    here, there = Files(url, options), Files(url, options | {"listings_expiry_time": 3600})
    first, second = new_id(), new_id()
    here.write(first, Part.ORIGINAL, b"1")
    assert list(there.list_ids(older_than=_soon())) == [first]
    here.write(second, Part.ORIGINAL, b"2")
    assert sorted(there.list_ids(older_than=_soon())) == sorted([first, second])
    there.delete(second)
    assert list(here.list_ids(older_than=_soon())) == [first]


def test_credentials_stay_out_of_sight(s3_place: tuple[str, dict[str, Any]]) -> None:
    url, options = s3_place
    files = Files(url, options | {"secret": "hush-hush"})
    assert "hush-hush" not in f"{files!r} {files._folders!r}"


@pytest.mark.parametrize("kind", ["folder", "s3"])
def test_another_process_makes_its_own_connection(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    place = request.getfixturevalue("s3_place") if kind == "s3" else (str(tmp_path / "files"),)
    files, id = Files(*place), new_id()
    files.write(id, Part.ORIGINAL, b"abc")
    assert pickle.loads(pickle.dumps(files)).read(id, Part.ORIGINAL) == b"abc"
    process = multiprocessing.get_context("spawn").Process(target=read_and_write, args=(files, id), daemon=True)
    process.start()
    process.join(60)
    assert process.exitcode == 0
    assert files.read(id, Part.MASKED) == b"cba"


# Folders only.


def test_folders_are_their_owners_alone(tmp_path: Path) -> None:
    files, id = Files(str(tmp_path / "files")), new_id()
    files.write(id, Part.QUERY, b"name")
    paths = [tmp_path / "files", *(tmp_path / "files").rglob("*")]
    modes = {str(p.relative_to(tmp_path)): stat.S_IMODE(p.stat().st_mode) for p in paths}
    assert modes == {"files": 0o700, f"files/{id}": 0o700, f"files/{id}/query": 0o600}


@pytest.mark.parametrize("old", [None, b"old"])
def test_a_process_killed_while_it_writes_leaves_no_half_file(tmp_path: Path, old: bytes | None) -> None:
    files, id = Files(str(tmp_path / "files")), new_id()
    if old is not None:
        files.write(id, Part.QUERY, old)
    spawn = multiprocessing.get_context("spawn")
    stuck = spawn.Event()
    process = spawn.Process(target=write_half, args=(files, id, stuck), daemon=True)
    process.start()
    assert stuck.wait(60)
    process.kill()
    process.join(60)
    if old is None:
        with pytest.raises(FileNotFoundError):
            files.read(id, Part.QUERY)
    else:
        assert files.read(id, Part.QUERY) == old
    assert list(files.list_ids(older_than=_soon())) == [id], "the sweep can find what is left"
    files.delete(id)
    assert list((tmp_path / "files").iterdir()) == []


def test_a_broken_off_upload_leaves_no_temporary_file(tmp_path: Path) -> None:
    files, id = Files(str(tmp_path / "files")), new_id()
    with pytest.raises(ConnectionResetError):
        files.write(id, Part.QUERY, _BreaksOff(b"a name"))
    assert list((tmp_path / "files" / id).iterdir()) == []
    assert list(files.list_ids(older_than=_soon())) == [id], "an empty folder can be swept too"


def test_strangers_in_the_folder_are_not_listed(tmp_path: Path) -> None:
    (tmp_path / "lost+found").mkdir()
    (tmp_path / new_id()).write_bytes(b"a file, not a folder")
    (tmp_path / new_id()).symlink_to(tmp_path)
    assert list(Files(str(tmp_path)).list_ids(older_than=_soon())) == []


def test_the_age_is_that_of_the_newest_part(tmp_path: Path) -> None:
    files, id = Files(str(tmp_path)), new_id()
    files.write(id, Part.ORIGINAL, b"o")
    os.utime(tmp_path / id / "original", (0, 0))
    os.utime(tmp_path / id, (0, 0))
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
    assert list(files.list_ids(older_than=an_hour_ago)) == [id]
    files.write(id, Part.MASKED, b"m")
    assert list(files.list_ids(older_than=an_hour_ago)) == []


def test_deleting_goes_on_where_something_is_written_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files, id, remove = Files(str(tmp_path)), new_id(), os.rmdir
    files.write(id, Part.ORIGINAL, b"x")

    def write_once_more(*args: Any, **kwargs: Any) -> None:
        monkeypatch.setattr(os, "rmdir", remove)
        files.write(id, Part.MASKED, b"late")
        remove(*args, **kwargs)

    monkeypatch.setattr(os, "rmdir", write_once_more)
    files.delete(id)
    assert list(tmp_path.iterdir()) == []


def test_deleting_while_others_write_and_delete(tmp_path: Path) -> None:
    files, id = Files(str(tmp_path)), new_id()

    def work(number: int) -> None:
        for _ in range(20):
            if number % 2:
                files.delete(id)
                continue
            with suppress(FileNotFoundError):  # deleted meanwhile
                files.write(id, Part.MASKED, b"x", revision=number)

    together(4, work)
    files.delete(id)
    assert list(tmp_path.iterdir()) == []


def _soon() -> datetime:
    return datetime.now(UTC) + timedelta(minutes=1)

"""Outputs appear whole or not at all, overwrite nothing, and tell released files from proposals."""

from __future__ import annotations

import io
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

import redact
from redact import outputs
from redact.outputs import save_result, save_upright, write_new
from redact.report import Report
from redact.values import Status, Verdict

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(redact.__file__).parents[1])}


def make_picture(kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), "white").save(buffer, kind)
    return buffer.getvalue()


def make_report(status: Status = Status.DONE, verdict: Verdict = Verdict.REQUIRED) -> Report:
    return Report(source="张三.png", source_sha256="ab" * 32, media_type="image/png", status=status, verdict=verdict)


def save(folder: Path, source: str = "张三_证.png", output: bytes | None = None, **report: object) -> outputs.Saved:
    return save_result(
        make_report(**report),  # type: ignore[arg-type]
        output,
        source=Path(source),
        folder=folder,
        secrets=("张三",),
    )


def files_in(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_an_output_stands_beside_its_report_and_neither_names_the_applicant(tmp_path: Path) -> None:
    saved = save(tmp_path, output=make_picture())
    assert files_in(tmp_path) == ["证.png", "证.png.report.json"]
    written = json.loads((tmp_path / "证.png.report.json").read_text(encoding="utf-8"))
    assert written["output"] == saved.report.output == "证.png"
    assert written["source"] == "***.png"


def test_a_proposal_stands_apart_and_is_for_its_owner_alone(tmp_path: Path) -> None:
    saved = save(tmp_path, output=make_picture(), status=Status.REVIEW, verdict=Verdict.REVIEW)
    assert files_in(tmp_path) == ["review/证.png", "review/证.png.report.json"]
    assert saved.report.output == "review/证.png"
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / "review").stat().st_mode) == 0o700
        assert saved.output_path is not None
        assert stat.S_IMODE(saved.output_path.stat().st_mode) == 0o600


def test_a_rejected_attachment_leaves_a_report_alone(tmp_path: Path) -> None:
    save(tmp_path, source="张三_年度考核表.docx", status=Status.REJECTED, verdict=Verdict.REVIEW)
    assert files_in(tmp_path) == ["年度考核表.docx.report.json"]


def test_a_name_that_is_taken_gets_a_number_and_what_was_there_stays(tmp_path: Path) -> None:
    (tmp_path / "证.png").write_bytes(b"an original")
    save(tmp_path, output=make_picture())
    save(tmp_path, output=make_picture())
    assert (tmp_path / "证.png").read_bytes() == b"an original"
    assert {"证-2.png", "证-3.png"} <= set(files_in(tmp_path))


def test_an_output_into_the_folder_of_its_original_does_not_replace_it(tmp_path: Path) -> None:
    original = tmp_path / "证.png"
    original.write_bytes(make_picture())
    saved = save(tmp_path, source=str(original), output=make_picture())
    assert saved.output_path == tmp_path / "证-2.png"


@pytest.mark.parametrize(
    ("source", "kind", "made"),
    [("a.jpeg", "JPEG", "a.jpeg"), ("a.jpg", "PNG", "a.png"), ("a", "TIFF", "a.tif"), ("a.b", "PNG", "a.b.png")],
)
def test_the_extension_is_that_of_the_content(tmp_path: Path, source: str, kind: str, made: str) -> None:
    saved = save(tmp_path, source=source, output=make_picture(kind))
    assert saved.report.output == made


def test_a_kill_between_writing_and_renaming_leaves_nothing_that_looks_like_an_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(outputs, "_move_to_new", die)
    with pytest.raises(KeyboardInterrupt):
        save(tmp_path, output=make_picture())
    assert files_in(tmp_path) == []


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_even_an_unstoppable_kill_leaves_no_half_written_output(tmp_path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from redact import outputs\n"
        "outputs._move_to_new = lambda *_: os.kill(os.getpid(), 9)\n"
        "outputs.write_new(Path(sys.argv[1]), b'proposal', private=True)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "a.png")], env=ENVIRONMENT, check=False)
    assert done.returncode == -9
    (left,) = files_in(tmp_path)
    assert left.startswith(".redact-") and left.endswith(".tmp")
    assert stat.S_IMODE((tmp_path / left).stat().st_mode) == 0o600
    assert outputs.clear_leftovers(tmp_path) == 1
    assert files_in(tmp_path) == []


def test_leftovers_go_at_the_next_start_and_what_is_being_written_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "review").mkdir()
    for place in (tmp_path, tmp_path / "review"):
        (place / ".redact-dead.tmp").write_bytes(b"half a page")
        (place / "of the user.tmp").write_bytes(b"theirs")
        (place / ".redact-of the user").write_bytes(b"theirs")
    real, cleared = outputs._move_to_new, []

    def clear_and_move(temporary: str, path: Path) -> None:
        # Another run that starts just now.
        cleared.append(outputs.clear_leftovers(tmp_path))
        real(temporary, path)

    monkeypatch.setattr(outputs, "_move_to_new", clear_and_move)
    write_new(tmp_path / "a.png", b"ours")
    assert (tmp_path / "a.png").read_bytes() == b"ours"
    assert cleared == [2]
    kept = [".redact-of the user", "of the user.tmp"]
    assert files_in(tmp_path / "review") == kept
    assert set(files_in(tmp_path)) >= {*kept, "a.png"}
    assert outputs.clear_leftovers(tmp_path) == 0
    assert outputs.clear_leftovers(tmp_path / "nowhere") == 0


def test_a_full_disk_takes_the_report_away_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = outputs.write_new

    def full(path: Path, content: bytes, *, private: bool = False) -> None:
        if path.suffix == ".png":
            raise OSError(28, "No space left on device")
        real(path, content, private=private)

    monkeypatch.setattr(outputs, "write_new", full)
    with pytest.raises(OSError):
        save(tmp_path, output=make_picture())
    assert files_in(tmp_path) == []


def test_a_file_that_another_program_made_in_the_meantime_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"theirs")
    with pytest.raises(FileExistsError):
        write_new(tmp_path / "a", b"ours")
    assert files_in(tmp_path) == ["a"] and (tmp_path / "a").read_bytes() == b"theirs"


def test_it_works_where_there_are_no_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(outputs.os, "link", refuse)
    write_new(tmp_path / "a", b"ours")
    assert (tmp_path / "a").read_bytes() == b"ours"
    with pytest.raises(FileExistsError):
        write_new(tmp_path / "a", b"again")
    assert files_in(tmp_path) == ["a"]


def test_an_upright_copy_has_the_uploads_name_an_honest_suffix_and_overwrites_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "upright"
    names = [
        save_upright(make_picture(), source=Path("in") / name, source_sha256="ab" * 32, folder=folder)
        for name in ("毕业证.png", "毕业证.png", "scan.pdf", "..jpg")
    ]
    assert names[:3] == ["毕业证.png", "毕业证-2.png", "scan.png"]
    assert sorted(files_in(folder)) == sorted(names), "no temporary files, no folders"


def test_a_file_that_is_replaced_is_the_old_one_or_the_new_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "report.html"
    outputs.replace_file(path, b"first")
    outputs.replace_file(path, b"second")
    assert path.read_bytes() == b"second"

    def full(*_: object) -> None:
        raise OSError(28, "disk full")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="disk full"):
        outputs.replace_file(path, b"third")
    assert path.read_bytes() == b"second"
    assert files_in(tmp_path) == ["report.html"]

"""``redact screen`` as its users meet it: exit codes, what stands on which stream, and where upright copies go."""

from __future__ import annotations

import dataclasses
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from redact import cli_screen
from redact.cli import app
from redact.errors import Encrypted, ModelError, Unopenable
from redact.screening_report import ScreeningReport, reject_upload
from redact.values import Issue, PageScreening, Severity

SHA = "ab" * 32


def make_picture(colour: str = "white") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(buffer, "PNG")
    return buffer.getvalue()


UPRIGHT = make_picture("grey")


def make_report(source: Path, *issues: tuple[str, Severity, int], pages: int = 1) -> ScreeningReport:
    found = [Issue(code, severity, index) for code, severity, index in issues]
    return ScreeningReport(
        source=str(source),
        source_sha256=SHA,
        media_type="image/png",
        pages=tuple(
            PageScreening(i, 8, 8, 0.0, 0, 1.0, 0.0, issues=tuple(x for x in found if x.page_index == i)) for i in range(pages)
        ),
    )


def _raise(error: BaseException) -> ScreeningReport:
    raise error


REJECT, WARN = Severity.REJECT, Severity.WARN
ACTIONS: dict[str, Callable[[Path], ScreeningReport]] = {
    "turned": lambda s: make_report(s, ("rotated", REJECT, 0)),
    "glare": lambda s: make_report(s, ("glare", WARN, 0)),
    "many": lambda s: make_report(s, ("glare", WARN, 0), ("blurred", REJECT, 1), ("blurred", REJECT, 3), pages=4),
    "unsure": lambda s: dataclasses.replace(
        make_report(s), pages=(PageScreening(0, 8, 8, 0.0, 90, 1.0, 0.0), PageScreening(1, 8, 8, 0.0, 90, 0.2, 0.0))
    ),
    "encrypted": lambda s: reject_upload(Encrypted(), source=str(s), source_sha256=SHA),
    "halfway": lambda s: dataclasses.replace(
        make_report(s), pages=(PageScreening(0, 0, 0, 0.0, 0, 0.0, 0.0, issues=(Issue("truncated", REJECT, 0),)),)
    ),
    "crash": lambda s: _raise(ZeroDivisionError("while reading 张三")),
    "stop": lambda s: _raise(KeyboardInterrupt()),
    "weights": lambda s: _raise(ModelError("sha256 differs")),
}


class FakeRedactor:
    """Stands in for the models: what a file's name says is what becomes of it."""

    def screen(self, source: Path, *, progress: Callable[[int, int], None] | None = None) -> ScreeningReport:
        if progress is not None:
            progress(1, 1)
        for word, action in ACTIONS.items():
            if word in source.name:
                return action(source)
        return make_report(source)

    def upright(self, source: Path, screening: ScreeningReport) -> bytes:
        if "halfway" in source.name or "encrypted" in source.name:
            raise Unopenable
        return UPRIGHT


@pytest.fixture(autouse=True)
def fake(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setattr(cli_screen, "load_redactor", lambda *_, **__: FakeRedactor())
    monkeypatch.delenv("REDACT_LANG", raising=False)
    monkeypatch.chdir(tmp_path)
    yield


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["screen", *map(str, arguments)])


def upload(*names: str) -> list[Path]:
    paths = [Path(name) for name in names]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(make_picture())
    return paths


def files_in(folder: str) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in Path(folder).rglob("*") if p.is_file()}


# --- exit codes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (["a.png"], 0),
        (["a.png", "glare.png"], 0),
        (["a.png", "turned.png"], 4),
        (["encrypted.png", "glare.png"], 4),
        (["crash.png", "turned.png"], 1),
        (["weights.png", "a.png"], 1),
    ],
)
def test_the_exit_code_is_that_of_the_worst_file(names: list[str], code: int) -> None:
    assert run(*upload(*names)).exit_code == code


@pytest.mark.parametrize("missing", ["folder", "nowhere.png"])
def test_what_is_no_file_is_told_so_and_the_others_are_screened(missing: str) -> None:
    Path("folder").mkdir()
    result = run(missing, *upload("turned.png"), "--json")
    assert result.exit_code == 2
    assert "这不是文件" in result.stderr
    assert [json.loads(line)["source"] for line in result.stdout.splitlines()] == ["turned.png"]


def test_a_file_that_makes_us_fail_does_not_lose_the_others_and_its_message_is_not_shown() -> None:
    result = run(*upload("crash.png", "a.png"), "--json")
    assert len(result.stdout.splitlines()) == 1
    assert "ZeroDivisionError" in result.stderr and "张三" not in result.stderr


def test_ctrl_c_tells_what_was_found_so_far() -> None:
    result = run(*upload("turned.png", "stop.png", "b.png"))
    assert result.exit_code == 130
    assert "turned.png" in result.stderr and "1 / 3" in result.stderr


# --- streams ----------------------------------------------------------------------------------------------------------


def test_json_puts_one_report_per_line_on_stdout_and_nothing_else() -> None:
    result = run(*upload("in/张三.png", "turned.png", "encrypted.png"), "--json")
    reports = [json.loads(line) for line in result.stdout.splitlines()]
    assert [r["status"] for r in reports] == ["done", "rejected", "rejected"]
    assert [r["source"] for r in reports] == ["in/张三.png", "turned.png", "encrypted.png"], "no name is given, none is hidden"
    assert {r["schema"] for r in reports} == {"redact.screening/1"}
    assert {r["output"] for r in reports} == {None}
    assert "检查结果" in result.stderr


def test_people_are_told_what_is_wrong_where_and_what_to_do_the_grave_first() -> None:
    result = run(*upload("many.png"))
    assert result.stdout == ""
    told = "".join(result.stderr.split())
    issues = {i.code: i for i in make_report(Path("x"), ("glare", WARN, 0), ("blurred", REJECT, 0)).all_issues}
    report = ScreeningReport(source="", source_sha256="", media_type="", issues=tuple(issues.values())).to_dict()
    wording = {i["code"]: i for i in report["issues"]}
    for code, pages, severity in (("blurred", "第2,4页", "退回："), ("glare", "第1页", "提示：")):
        message, advice = ("".join(wording[code][key].split()) for key in ("message", "advice"))
        assert f"{severity}{message}（{pages}）" in told.replace("│", "")
        assert advice[:6] in told
    assert told.index("退回：") < told.index("提示：")


def test_people_are_told_in_their_language() -> None:
    english = run(*upload("turned.png"), "--json", "--lang", "en")
    assert "Screening" in english.stderr and "not upright" in english.stderr
    assert "upright" in json.loads(english.stdout)["issues"][0]["message"]


def test_the_table_has_the_numbers() -> None:
    result = run(*upload("a.png", "glare.png", "turned.png", "crash.png"))
    assert "共 4 个文件：合格 2，退回 1，失败 1" in result.stderr


def test_a_file_name_cannot_steer_the_terminal() -> None:
    assert "\x1b[2J" not in run(*upload("\x1b[2Ja.png")).stderr


# --- upright copies ---------------------------------------------------------------------------------------------------


def test_without_upright_nothing_is_written() -> None:
    upload("turned.png")
    run("turned.png")
    assert files_in(".") == {"turned.png"}


def test_upright_copies_have_the_uploads_names_and_the_reports_say_where_they_are() -> None:
    originals = upload("in/turned.png", "in/a.png", "other/a.png", "in/encrypted.png", "in/halfway.png")
    before = [p.read_bytes() for p in originals]
    result = run(*originals, "--upright", "--out", "out", "--json")
    assert files_in("out") == {"turned.png", "a.png", "a-2.png"}
    assert [json.loads(line)["output"] for line in result.stdout.splitlines()] == ["turned.png", "a.png", "a-2.png", None, None]
    assert {Path("out", name).read_bytes() for name in files_in("out")} == {UPRIGHT}
    assert [p.read_bytes() for p in originals] == before
    assert "端正的副本：turned.png" in result.stderr
    assert result.stderr.count("没有制作端正的副本") == 1, "of the file that opens and has a page that does not"
    assert result.exit_code == 4, "the upload itself is not upright: the copy has to be uploaded"


def test_pages_that_stay_as_they_are_are_told_of() -> None:
    assert "保持原样的页面（第 2 页）" in run(*upload("unsure.png"), "--upright").stderr
    assert "保持原样" not in run(*upload("a.png"), "--upright").stderr


def test_the_copies_have_a_folder_of_their_own_where_none_is_named_and_overwrite_nothing() -> None:
    Path("upright").mkdir()
    Path("upright/turned.png").write_bytes(b"mine")
    run(*upload("turned.png"), "--upright")
    assert files_in("upright") == {"turned.png", "turned-2.png"}
    assert Path("upright/turned.png").read_bytes() == b"mine"


def test_a_folder_for_copies_that_are_not_asked_for_is_wrong_usage() -> None:
    result = run(*upload("a.png"), "--out", "out")
    assert result.exit_code == 2
    assert "--upright" in result.stderr
    assert not Path("out").exists()


def test_an_output_folder_that_is_a_file_is_wrong_usage() -> None:
    Path("out").write_text("mine")
    assert run(*upload("a.png"), "--upright", "--out", "out").exit_code == 2
    assert Path("out").read_text() == "mine"


def test_a_copy_that_cannot_be_written_is_our_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> str:
        raise OSError("disk full")

    monkeypatch.setattr(cli_screen, "save_upright", fail)
    result = run(*upload("turned.png", "a.png"), "--upright")
    assert result.exit_code == 1
    assert "写不出结果" in result.stderr

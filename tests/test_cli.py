"""The command line as its users meet it: exit codes, what stands on which stream, and what is never shown."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner, Result

import redact
from redact import cli_run
from redact.cli import app
from redact.errors import Encrypted, ModelError, RedactError, Unopenable
from redact.geometry import Box
from redact.report import Report, VerifyReport, reject
from redact.values import Issue, KeptText, Leak, PageReport, Reason, Severity, Status, Verdict

NAME = "张三"
SHA = "ab" * 32
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(redact.__file__).parents[1])}


def make_picture() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), "white").save(buffer, "PNG")
    return buffer.getvalue()


@dataclass(frozen=True)
class FakeResult:
    report: Report
    output: bytes | None


class FakeRedactor:
    """Stands in for the models: what a file's name says is what becomes of it."""

    def redact(
        self,
        source: Path,
        *,
        name: str,
        aliases: Sequence[str] = (),
        accept_poor: bool = False,
        keep_text: bool = False,
        progress: Callable[[int, int], None] | None = None,
    ) -> FakeResult:
        if progress is not None:
            progress(1, 1)
        if keep_text:
            return make_kept(source)
        if "blurred" in source.name:
            return make_poor(source, accept_poor)
        for word, action in ACTIONS.items():
            if word in source.name:
                return action(source)
        return FakeResult(make_report(source, Status.DONE, Verdict.REQUIRED), make_picture())

    def verify(self, source: Path, *, name: str, aliases: Sequence[str] = ()) -> VerifyReport:
        if "encrypted" in source.name:
            raise Encrypted
        leaks = (Leak("text_layer", 0, Box(1, 2, 3, 4)), Leak("bytes")) if "leaky" in source.name else ()
        status = Status.REVIEW if leaks else Status.DONE
        return VerifyReport(source=str(source), source_sha256=SHA, status=status, leaks=leaks)


def make_report(source: Path, status: Status, verdict: Verdict, *codes: str) -> Report:
    page = PageReport(0, 8, 8, 0, verdict, masks=(Box(1, 1, 4, 4),), reasons=tuple(Reason(c) for c in codes))
    return Report(
        source=str(source),
        source_sha256=SHA,
        media_type="image/png",
        status=status,
        verdict=verdict,
        pages=(page,),
    )


def make_kept(source: Path) -> FakeResult:
    kept, lost = KeptText(0), KeptText(1, "mostly_pictures")
    pages = tuple(PageReport(t.page_index, 100, 100, 0, Verdict.REQUIRED, kept_text=t) for t in (kept, lost))
    return FakeResult(replace(make_report(source, Status.DONE, Verdict.REQUIRED), pages=pages), make_picture())


def make_poor(source: Path, accept_poor: bool) -> FakeResult:
    issues = (Issue("blurred", Severity.REJECT, 1), Issue("glare", Severity.WARN, 1))
    pages = (
        PageReport(0, 8, 8, 0, Verdict.REQUIRED),
        PageReport(1, 8, 8, 0, Verdict.REVIEW, reasons=(Reason("poor_page"),), issues=issues),
    )
    report = Report(
        source=str(source),
        source_sha256=SHA,
        media_type="image/tiff",
        status=Status.REVIEW if accept_poor else Status.REJECTED,
        verdict=Verdict.REVIEW,
        pages=pages,
        issues=issues,
    )
    return FakeResult(report, make_picture() if accept_poor else None)


def _raise(error: BaseException) -> FakeResult:
    raise error


ACTIONS: dict[str, Callable[[Path], FakeResult]] = {
    "clean": lambda s: FakeResult(make_report(s, Status.DONE, Verdict.NOT_REQUIRED), make_picture()),
    "unsure": lambda s: FakeResult(make_report(s, Status.REVIEW, Verdict.REVIEW, "uncertain_hit"), make_picture()),
    "encrypted": lambda s: FakeResult(reject(Encrypted(), source=str(s), source_sha256=SHA), None),
    "broken": lambda s: _raise(Unopenable("no known kind")),
    "crash": lambda s: _raise(ZeroDivisionError(f"while reading {NAME}")),
    "stop": lambda s: _raise(KeyboardInterrupt()),
    "weights": lambda s: _raise(ModelError("sha256 differs")),
    "internal": lambda s: _raise(RedactError("odd")),
}


@pytest.fixture(autouse=True)
def fake(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setattr(cli_run, "load_redactor", lambda *_, **__: FakeRedactor())
    monkeypatch.delenv("REDACT_LANG", raising=False)
    monkeypatch.chdir(tmp_path)
    yield


def run(*arguments: str | Path, name: str | None = NAME, stdin: str | bytes = "") -> Result:
    named = [] if name is None else ["--name", name]
    return CliRunner().invoke(app, [*map(str, arguments), *named], input=stdin)


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
        (["a.png", "clean.png"], 0),
        (["a.png", "unsure.png"], 3),
        (["a.png", "encrypted.png"], 4),
        (["unsure.png", "broken.png"], 4),
        (["crash.png", "encrypted.png", "unsure.png"], 1),
        (["internal.png"], 1),
        (["weights.png", "a.png"], 1),
    ],
)
def test_the_exit_code_is_that_of_the_worst_file(names: list[str], code: int) -> None:
    assert run("mask", *upload(*names)).exit_code == code


def test_wrong_usage_is_worse_than_a_rejected_file_and_better_than_our_fault() -> None:
    Path("folder").mkdir()
    assert run("mask", "folder", *upload("encrypted.png")).exit_code == 2
    assert run("mask", "folder", *upload("crash.png")).exit_code == 1


@pytest.mark.parametrize("missing", ["folder", "nowhere.png"])
def test_what_is_no_file_is_told_so_and_the_others_are_done(missing: str) -> None:
    Path("folder").mkdir()
    result = run("mask", missing, *upload("a.png"))
    assert result.exit_code == 2
    assert "这不是文件" in result.stderr
    assert "a.png" in files_in("masked")


@pytest.mark.parametrize("name", ["", "  ", "张", "··", "12"])
def test_a_name_that_cannot_be_searched_for_is_refused_before_anything_is_done(name: str) -> None:
    result = run("mask", *upload("a.png"), name=name)
    assert result.exit_code == 2
    assert "姓名无效" in result.stderr
    assert not Path("masked").exists()


def test_an_output_folder_that_is_a_file_is_wrong_usage() -> None:
    Path("out").write_text("mine")
    assert run("mask", *upload("a.png"), "--out", "out").exit_code == 2
    assert Path("out").read_text() == "mine"


def test_missing_models_are_our_fault_and_are_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli_run, "load_redactor", lambda *_, **__: _raise(ModelError("no manifest")))
    result = run("mask", *upload("a.png"), "--lang", "en")
    assert result.exit_code == 1
    assert "models" in result.stderr


# --- streams ----------------------------------------------------------------------------------------------------------


def test_json_puts_one_report_per_line_on_stdout_and_nothing_else() -> None:
    result = run("mask", *upload("a.png", "unsure.png", "encrypted.png", "crash.png"), "--json")
    reports = [json.loads(line) for line in result.stdout.splitlines()]
    assert [r["status"] for r in reports] == ["done", "review", "rejected"]
    assert [r["output"] for r in reports] == ["a.png", "review/unsure.png", None]
    assert {r["schema"] for r in reports} == {"redact.report/1"}
    assert "处理结果" in result.stderr


def test_python_runs_the_package_where_the_script_is_not_on_the_path() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "redact", "--version"], env=ENVIRONMENT, capture_output=True, text=True, check=True, timeout=60
    )
    assert shown.stdout.strip() == version("redact-titles")


def test_without_json_stdout_stays_empty() -> None:
    result = run("mask", *upload("a.png"))
    assert result.stdout == ""
    assert "处理结果" in result.stderr


def test_people_are_told_in_their_language() -> None:
    (path,) = upload("unsure.png")
    assert "此处像是姓名" in run("mask", path).stderr
    english = run("mask", path, "--json", "--lang", "en")
    assert "not certain" in english.stderr
    assert "not certain" in json.loads(english.stdout)["pages"][0]["reasons"][0]["message"]


def test_the_table_has_the_numbers() -> None:
    result = run("mask", *upload("a.png", "clean.png", "unsure.png", "encrypted.png", "crash.png"))
    assert "共 5 个文件：完成 2，待复核 1，退回 1，失败 1" in result.stderr


def test_a_file_that_is_not_clear_is_rejected_and_people_are_told_what_is_wrong_with_which_page() -> None:
    result = run("mask", *upload("blurred.png"), "--json")
    assert result.exit_code == 4
    assert "退回" in result.stderr
    assert "第 2 页" in result.stderr and "第 1, 2 页" not in result.stderr
    for issue in json.loads(result.stdout)["pages"][1]["issues"]:
        assert issue["message"].split("，")[0] in result.stderr
    assert files_in("masked") == {"blurred.png.report.json"}


def test_with_keep_text_the_report_says_of_each_page_whether_it_kept_its_text() -> None:
    without = run("mask", *upload("diploma.pdf"), "--json")
    assert "kept_text" not in without.stdout
    result = run("mask", *upload("diploma.pdf"), "--keep-text", "--json", "--lang", "en")
    assert result.exit_code == 0
    first, second = json.loads(result.stdout)["pages"]
    assert (first["kept_text"], first["kept_text_reason"]) == (True, None)
    assert second["kept_text"] is False
    assert second["kept_text_reason"]["code"] == "mostly_pictures" and "curves" in second["kept_text_reason"]["message"]


def test_with_accept_poor_it_becomes_a_proposal() -> None:
    result = run("mask", *upload("blurred.png"), "--accept-poor")
    assert result.exit_code == 3
    assert "姓名可能没有找到" in result.stderr
    assert "review/blurred.png" in files_in("masked")


# --- files ------------------------------------------------------------------------------------------------------------


def test_outputs_proposals_and_reports_lie_where_the_reports_say() -> None:
    originals = upload("in/a.png", "in/unsure.png", "in/encrypted.png")
    before = [p.read_bytes() for p in originals]
    result = run("mask", *originals, "--out", "out", "--json")
    assert files_in("out") == {
        "a.png",
        "a.png.report.json",
        "review/unsure.png",
        "review/unsure.png.report.json",
        "encrypted.png.report.json",
    }
    for line in result.stdout.splitlines():
        report = json.loads(line)
        assert report["output"] is None or Path("out", report["output"]).is_file()
    assert [p.read_bytes() for p in originals] == before


def test_a_second_run_overwrites_nothing() -> None:
    originals = upload("a.png")
    run("mask", *originals)
    Path("masked/a.png").write_bytes(b"looked at and kept")
    run("mask", *originals)
    assert Path("masked/a.png").read_bytes() == b"looked at and kept"
    assert "a-2.png" in files_in("masked")


def test_files_of_the_same_name_from_two_folders_both_come_out() -> None:
    run("mask", *upload("x/a.png", "y/a.png"))
    assert {"a.png", "a-2.png"} <= files_in("masked")


def test_ctrl_c_keeps_what_is_finished_and_says_how_much_that_is() -> None:
    result = run("mask", *upload("a.png", "stop.png", "b.png"))
    assert result.exit_code == 130
    assert files_in("masked") == {"a.png", "a.png.report.json"}
    assert "1 / 3" in result.stderr


# --- privacy ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("given", [["--name", "张三"], ["--name-file", "name.txt"], ["--name-file", "-"]])
def test_the_name_is_in_no_file_name_no_report_and_on_no_stream(given: list[str]) -> None:
    Path("name.txt").write_text("张三\nZhang San\n", encoding="utf-8")
    originals = upload("张三/张三_a.png", "张三.png", "ZhangSan-unsure.png", "張三encrypted.png", "张三crash.png")
    result = run("mask", *originals, "张三-missing.png", *given, "--json", "--out", "out", name=None, stdin="张三\n")
    assert result.exit_code == 1
    written = "".join(p.read_text(encoding="utf-8") for p in Path("out").rglob("*.json"))
    for text in (result.stdout, result.stderr, written, *files_in("out")):
        folded = "".join(c for c in text.lower() if c.isalpha())
        assert "张三" not in folded and "張三" not in folded and "zhangsan" not in folded
    assert len(files_in("out")) == 7


def test_an_error_of_ours_is_told_by_kind_and_place_without_its_message() -> None:
    result = run("mask", *upload("crash.png"), "--lang", "en")
    assert "ZeroDivisionError" in result.stderr
    assert "while reading" not in result.stderr


def test_the_name_can_come_from_a_file_in_gbk_with_aliases_below(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, tuple[str, ...]]] = []

    class Watching(FakeRedactor):
        def redact(self, source: Path, *, name: str, aliases: Sequence[str] = (), **_: object) -> FakeResult:
            seen.append((name, tuple(aliases)))
            return super().redact(source, name=name)

    monkeypatch.setattr(cli_run, "load_redactor", lambda *_, **__: Watching())
    Path("name.txt").write_bytes("欧阳小明\r\nOuyang Xiaoming\r\n".encode("gbk"))
    result = run("mask", *upload("a.png"), "--name-file", "name.txt", "--alias", "小明", name=None)
    assert result.exit_code == 0
    assert seen == [("欧阳小明", ("Ouyang Xiaoming", "小明"))]


def test_without_a_name_and_without_a_terminal_to_ask_it_is_wrong_usage() -> None:
    result = run("mask", *upload("a.png"), name=None)
    assert result.exit_code == 2
    assert "--name-file" in result.stderr


def test_the_name_given_twice_is_wrong_usage() -> None:
    Path("name.txt").write_text("李四", encoding="utf-8")
    assert run("mask", *upload("a.png"), "--name-file", "name.txt").exit_code == 2
    assert run("mask", *upload("a.png"), "--name-file", "nowhere.txt", name=None).exit_code == 2


def test_a_file_name_cannot_steer_the_terminal() -> None:
    result = run("mask", *upload("\x1b[2Ja.png"))
    assert "\x1b[2J" not in result.stderr


# --- verify -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "code", "said"),
    [
        ("a.png", 0, "没有找到姓名"),
        ("leaky.png", 3, "文字层 · 第 1 页 · 1, 2, 3, 4"),
        ("encrypted.png", 4, "打不开"),
    ],
)
def test_verify_says_what_it_found_and_where(file: str, code: int, said: str) -> None:
    result = run("verify", *upload(file), "--json")
    assert result.exit_code == code
    assert said in result.stderr
    report = json.loads(result.stdout)
    assert report["schema"] == "redact.verify/1"
    assert report["status"] == {0: "done", 3: "review", 4: "rejected"}[code]


def test_verify_refuses_what_is_no_file() -> None:
    Path("folder").mkdir()
    result = run("verify", "folder")
    assert result.exit_code == 2
    assert result.stdout == ""


def test_verify_does_not_show_the_name() -> None:
    result = run("verify", *upload("张三-leaky.png"), "--json")
    assert NAME not in result.stdout + result.stderr


# --- help -------------------------------------------------------------------------------------------------------------


def test_help_teaches_with_an_example() -> None:
    for command in ("mask", "screen", "verify", "demo"):
        result = CliRunner().invoke(app, [command, "--help"])
        assert result.exit_code == 0
        assert f"redact {command}" in result.stdout
        assert "--lang" in result.stdout


def test_help_is_there_at_once() -> None:
    """It must not load the models' libraries: measured 0.2 s without them, several seconds with them."""
    code = "from redact.cli import app; app(['--help'])"
    times = []
    for _ in range(3):
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], capture_output=True, env=ENVIRONMENT, check=True)
        times.append(time.perf_counter() - started)
    assert min(times) < 1.5, "0.5 s on an idle machine"


def test_chinese_comes_out_as_utf8_whatever_the_locale() -> None:
    code = "from redact.cli import app; app(['verify', 'nowhere.pdf', '--name', '张三'])"
    environment = {**ENVIRONMENT, "PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, env=environment, check=False)
    assert done.returncode == 2
    assert "这不是文件" in done.stderr.decode("utf-8")

"""``redact demo``: what it leaves behind, and that it tells when a name slipped through."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image, ImageSequence

from redact import demo
from redact.demo import run_demo
from redact.geometry import Box
from redact.report import Report
from redact.values import PageReport, Status, Verdict

APPLICANT = "陆雨晴"


@dataclass(frozen=True)
class FakeResult:
    report: Report
    output: bytes | None


class FakeRedactor:
    """Paints nothing; says of every page what ``verdict`` says, with a mask over all of it where that is 是."""

    verdict = Verdict.REQUIRED

    def __init__(self, *, models_dir: Path | None = None) -> None:
        pass

    def redact(self, source: Path, *, name: str, aliases: Sequence[str] = ()) -> FakeResult:
        content = source.read_bytes()
        sizes = [frame.size for frame in ImageSequence.Iterator(Image.open(io.BytesIO(content)))]
        pages = tuple(
            PageReport(i, w, h, 0, self.verdict, masks=(Box(0, 0, w, h),) if self.verdict is Verdict.REQUIRED else ())
            for i, (w, h) in enumerate(sizes)
        )
        status = Status.REVIEW if self.verdict is Verdict.REVIEW else Status.DONE
        report = Report(
            source=str(source),
            source_sha256="ab" * 32,
            media_type="image/png",
            status=status,
            verdict=self.verdict,
            pages=pages,
        )
        return FakeResult(report, content)


@pytest.fixture(autouse=True)
def two_uploads(monkeypatch: pytest.MonkeyPatch) -> None:
    few = [u for u in demo._UPLOADS if u[0].startswith((APPLICANT, "06"))]
    assert len(few) == 2
    monkeypatch.setattr(demo, "_UPLOADS", tuple(few))
    monkeypatch.setattr(demo, "Redactor", FakeRedactor)


def answer(monkeypatch: pytest.MonkeyPatch, verdict: Verdict) -> None:
    monkeypatch.setattr(FakeRedactor, "verdict", verdict)


def test_it_leaves_originals_masked_files_reports_and_one_picture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "demo"
    assert run_demo(folder) == 0
    assert Image.open(folder / "before-after.png").size[0] > 1000
    masked = sorted(p.name for p in (folder / "masked").iterdir())
    assert masked == [
        "01-id-card.jpg",
        "01-id-card.jpg.report.json",
        "06-assessment-and-training.tif",
        "06-assessment-and-training.tif.report.json",
    ]
    assert len(list((folder / "originals").iterdir())) == 2
    for report in (folder / "masked").glob("*.json"):
        assert APPLICANT not in json.dumps(json.loads(report.read_text(encoding="utf-8")), ensure_ascii=False)
    assert "before-after.png" in capsys.readouterr().err


@pytest.mark.parametrize(("verdict", "code"), [(Verdict.REQUIRED, 0), (Verdict.REVIEW, 0), (Verdict.NOT_REQUIRED, 1)])
def test_a_name_that_is_neither_covered_nor_given_to_a_person_fails_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verdict: Verdict, code: int
) -> None:
    answer(monkeypatch, verdict)
    assert run_demo(tmp_path / "demo") == code


def test_a_second_run_replaces_the_first_one_and_nothing_else(tmp_path: Path) -> None:
    run_demo(tmp_path / "demo")
    (tmp_path / "demo" / "mine.txt").write_text("kept")
    run_demo(tmp_path / "demo")
    assert (tmp_path / "demo" / "mine.txt").read_text() == "kept"
    assert not list((tmp_path / "demo" / "masked").glob("*-2.*"))


def test_a_folder_of_somebody_elses_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "masked").mkdir()
    (tmp_path / "masked" / "theirs.jpg").write_bytes(b"theirs")
    assert run_demo(tmp_path) == 2
    assert [p.name for p in tmp_path.rglob("*")] == ["masked", "theirs.jpg"]

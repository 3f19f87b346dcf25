"""A worker gives what the library gives."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from functools import partial

import pytest
from PIL import Image

from redact import Redactor, RedactResult
from redact.ocr.ppocr import PpOcrReader
from redact.pipeline import Progress
from redact.samples import Person, draw
from redact.values import Verdict
from redact.workers import Workers

APPLICANT = Person(("陆雨晴",), 1, "lu", ("yu", "qing"), woman=True)


@dataclass(frozen=True)
class Mask:
    content: bytes = field(repr=False)
    name: str = field(repr=False)

    def __call__(self, redactor: Redactor, progress: Progress) -> RedactResult:
        return redactor.redact(self.content, name=self.name, progress=progress)


def test_a_page_masked_in_a_worker_is_the_librarys_own_to_the_byte(reader: PpOcrReader) -> None:
    out = io.BytesIO()
    Image.fromarray(draw("title_certificate", APPLICANT, seed=4).pixels).save(out, "PNG", dpi=(150, 150))
    shares: list[float] = []
    with Workers(1, threads=1) as workers:
        task = workers.submit(Mask(out.getvalue(), APPLICANT.name), progress=lambda done, total: shares.append(done / total))
        own = Redactor(reader=reader).redact(out.getvalue(), name=APPLICANT.name)
        got = task.result(300)
    assert got.output == own.output is not None
    assert got.report.mask_required is Verdict.REQUIRED
    assert [page.masks for page in got.report.pages] == [page.masks for page in own.report.pages]
    assert shares == [0.5, 1.0]


def test_the_redactors_threads_reach_its_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int | None] = []

    def load(*_: object, threads: int | None = None, **__: object) -> None:
        asked.append(threads)
        raise InterruptedError

    monkeypatch.setattr("redact.ocr.ppocr.load_network", load)
    for make in (partial(Redactor, threads=3, sandbox=False), partial(Redactor, sandbox=False)):
        with pytest.raises(InterruptedError):
            make()
    assert asked == [3, None]

"""Records as a batch makes them, drawn: every verdict, issues, leaks, hostile paths. For tests and the benchmark."""

from __future__ import annotations

import dataclasses
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from redact.batch.reports.record import PageThumbnails, Record
from redact.batch.reports.thumbnails import make_thumbnails
from redact.geometry import Box, Quad
from redact.report import Report
from redact.values import Hit, Issue, Leak, MediaType, PageReport, Pixels, Reason, Severity, Status, Verdict

W, H = 1240, 1754
MASK = Box(320, 300, 520, 360)


def draw_page(number: int, *, masked: bool) -> Pixels:
    """Lines of strokes like text, so that pictures are as large as those of documents."""
    rng = np.random.default_rng(number)
    picture = Image.new("RGB", (W, H), (252, 251, 247))
    pen = ImageDraw.Draw(picture)
    pen.rectangle((380, 120, 860, 180), fill=(150, 30, 30))
    for y in range(300, 1500, 60):
        x = 140
        while x < 1040:
            pen.line((x, y + 4, x + int(rng.integers(6, 34)), y + int(rng.integers(4, 34))), fill=(40, 40, 45), width=5)
            x += int(rng.integers(14, 44))
    if masked:
        pen.rectangle(MASK.pixels(), fill=(0, 0, 0))
    return np.asarray(picture).copy()


def page(index: int, verdict: Verdict, **parts: object) -> PageReport:
    return PageReport(index, W, H, 0, verdict, **parts)  # type: ignore[arg-type]


def hit(rule: str = "line", score: float = -0.1, box: Box = MASK) -> Hit:
    return Hit((Quad.from_box(box),), score, rule)


YES = page(0, Verdict.REQUIRED, hits=(hit(), hit("pinyin", -0.3)), masks=(MASK,))
NO = page(0, Verdict.NOT_REQUIRED, issues=(Issue("skewed", Severity.WARN, 0),))
DOUBT = page(
    0,
    Verdict.REVIEW,
    hits=(hit(), hit("first_part", -0.7, Box(700, 900, 800, 960))),
    masks=(MASK,),
    reasons=(Reason("part_of_name", Box(700, 900, 800, 960)),),
    issues=(Issue("blurred", Severity.WARN, 0, value=0.4, threshold=0.5),),
)
POOR = page(0, Verdict.REVIEW, reasons=(Reason("poor_page"),), issues=(Issue("too_dark", Severity.WARN, 0),))


def report(
    source: str, status: Status, verdict: Verdict, *pages: PageReport, output: str | None = None, **parts: object
) -> Report:
    return Report(
        source=source,
        source_sha256="ab" * 32,
        media_type=MediaType.PDF,
        status=status,
        verdict=verdict,
        pages=tuple(dataclasses.replace(page, page_index=number) for number, page in enumerate(pages)),
        output=output,
        **parts,  # type: ignore[arg-type]
    )


@lru_cache(maxsize=64)
def picture(page: PageReport, variant: int, *, with_names: bool) -> PageThumbnails:
    before, after = draw_page(variant, masked=False), draw_page(variant, masked=bool(page.masks))
    return make_thumbnails(before, after, page, with_names=with_names)


def record(
    told: Report, *, variant: int = 0, with_names: bool = False, original: Path | None = None, applicant: str = ""
) -> Record:
    pictures: tuple[PageThumbnails, ...] = ()
    if told.output is not None:
        pictures = tuple(
            dataclasses.replace(
                picture(dataclasses.replace(page, page_index=0), variant, with_names=with_names), page_index=page.page_index
            )
            for page in told.pages
        )
    return Record(told.to_dict(), pictures, original, applicant)


def few(folder: Path, *, with_names: bool = False) -> list[Record]:
    """One of each; the outputs lie in ``folder``, the originals beside it."""
    told = [
        report("甲/身份证.pdf", Status.DONE, Verdict.REQUIRED, YES, NO, output="甲/身份证.pdf"),
        report("甲/a&b #1.pdf", Status.DONE, Verdict.NOT_REQUIRED, NO, output="甲/a&b #1.pdf"),
        report("=HYPERLINK(1).pdf", Status.REVIEW, Verdict.REVIEW, DOUBT, YES, output="review/=HYPERLINK(1).pdf"),
        report("乙/</script><b>x.pdf", Status.REVIEW, Verdict.REVIEW, POOR, output="review/乙/x.pdf"),
        report("***_毕业证.pdf", Status.REVIEW, Verdict.REVIEW, YES, leaks=(Leak("text_layer", 0),)),
        report("丙/坏了.pdf", Status.REJECTED, Verdict.REVIEW, issues=(Issue("encrypted", Severity.REJECT),)),
        report(
            "丙/暗.pdf", Status.REJECTED, Verdict.REVIEW, page(0, Verdict.REVIEW), issues=(Issue("blank", Severity.REJECT, 0),)
        ),
    ]
    records = []
    for number, one in enumerate(told):
        if one.output is not None:
            (folder / one.output).parent.mkdir(parents=True, exist_ok=True)
            (folder / one.output).write_bytes(b"masked")
        original = folder.parent / "uploads" / one.source.replace("***", "张三").replace("</script><b>", "")
        original.parent.mkdir(parents=True, exist_ok=True)
        original.write_bytes(b"upload")
        records.append(record(one, variant=number, with_names=with_names, original=original, applicant=str(number)))
    return records


def many(pages: int, variants: int = 200) -> list[Record]:
    """``pages`` pages in attachments of four, a fifth of them under review, their pictures of ``variants`` kinds."""
    mixed = (YES, NO, YES, NO, NO, YES, DOUBT, YES, NO, NO)
    records = []
    for number in range(-(-pages // 4)):
        chosen = [mixed[(number * 4 + i * 3) % 10] for i in range(min(4, pages - number * 4))]
        verdict = max((p.verdict for p in chosen), key=[Verdict.NOT_REQUIRED, Verdict.REQUIRED, Verdict.REVIEW].index)
        status = Status.REVIEW if verdict is Verdict.REVIEW else Status.DONE
        name = f"申请人{number // 8:05d}/材料{number % 8}.pdf"
        told = report(name, status, verdict, *chosen, output=name)
        pictures = tuple(_variant(kind, (number * 4 + i) % variants, i) for i, kind in enumerate(chosen))
        records.append(Record(told.to_dict(), pictures))
    return records


@cache
def _made(kind: PageReport, variant: int) -> PageThumbnails:
    return make_thumbnails(None, draw_page(variant, masked=bool(kind.masks)), kind, with_names=False)


def _variant(kind: PageReport, variant: int, index: int) -> PageThumbnails:
    return dataclasses.replace(_made(kind, variant), page_index=index)

"""``redact demo``: one made-up applicant's documents, drawn, masked and put side by side."""

from __future__ import annotations

import io
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from redact.before_after import Pair, draw_before_after
from redact.console import Row, make_console, make_progress, print_error, print_line, print_results
from redact.errors import ModelError, SandboxError
from redact.geometry import Box, Rotation
from redact.intake import open_attachment
from redact.outputs import Saved, save_result, write_new
from redact.paths import find_secrets
from redact.phrases import phrase
from redact.pipeline import Redactor
from redact.samples import Person, Sample, draw, scan
from redact.texts import Lang, explain
from redact.values import PageReport, Verdict

# Drawn at random once; nobody real is meant.
_APPLICANT = Person(("陆雨晴",), 1, "lu", ("yu", "qing"), woman=True)
_SEED = 20250601
_MARKER = ".redact-demo"
_PICTURE = "before-after.png"
_COVERED = 0.9  # of the glyphs' box, as the benchmark counts


@dataclass(frozen=True, slots=True)
class _Sheet:
    """One page to draw. ``grade``: 1 clean, 2 office scan, 3 phone photo, 4 poor."""

    document: str
    grade: int
    rotation: Rotation = 0
    with_name: bool = True


_UPLOADS: tuple[tuple[str, tuple[_Sheet, ...]], ...] = (
    # People do call their files so; no output is called so.
    (f"{_APPLICANT.name}_01-id-card.jpg", (_Sheet("id_card", 3),)),
    ("02-diploma.jpg", (_Sheet("diploma", 2),)),
    ("03-degree.png", (_Sheet("degree", 1),)),
    ("04-title-certificate.jpg", (_Sheet("title_certificate", 2, 90),)),
    ("05-appointment-and-notice.pdf", (_Sheet("appointment", 2), _Sheet("public_notice", 2))),
    ("06-assessment-and-training.tif", (_Sheet("assessment", 2), _Sheet("training", 1))),
    ("07-training.jpg", (_Sheet("training", 3),)),
    ("08-work-resume.jpg", (_Sheet("work_resume", 2, 180),)),
    ("09-pledge.jpg", (_Sheet("pledge", 2),)),
    ("10-paper.pdf", (_Sheet("paper", 1),)),
    ("11-honour.jpg", (_Sheet("honour", 3),)),
    ("12-student-record.jpg", (_Sheet("student_record", 4),)),
    ("13-honour-of-somebody-else.png", (_Sheet("honour", 2, 0, with_name=False),)),
)


@dataclass(frozen=True, slots=True)
class _Upload:
    path: Path
    samples: tuple[Sample, ...]


def run_demo(folder: Path, *, models_dir: Path | None = None, lang: Lang = "zh") -> int:
    """Draw, mask, compare; say where to look. 0, or 1 where a drawn name was neither covered nor given to a person.

    Pages that are 复核 do not fail the demo: the poor scan is there to show one.
    """
    console = make_console()
    if not _prepare_folder(folder):
        print_error(console, phrase("demo.not_ours", lang), lang)
        return 2
    originals, masked = folder / "originals", folder / "masked"
    print_line(console, phrase("demo.person", lang, name=_APPLICANT.name), "bold")
    started = time.perf_counter()
    pairs: list[Pair] = []
    rows: list[Row] = []
    counts = _Counts()
    try:
        with make_progress(console) as progress:
            drawing = progress.add_task(phrase("demo.drawing", lang), total=len(_UPLOADS))
            uploads = []
            for upload in _draw_uploads(originals):
                uploads.append(upload)
                progress.advance(drawing)
            redacting = progress.add_task(phrase("demo.redacting", lang), total=len(uploads))
            redactor = Redactor(models_dir=models_dir)
            for upload in uploads:
                saved = _mask(redactor, upload, masked, lang)
                counts.add(upload, saved)
                rows.append(Row(upload.path.name, saved.report))
                pairs += _pair_up(upload, saved, lang)
                progress.advance(redacting)
    except (ModelError, SandboxError) as error:
        print_error(console, f"{explain(error, lang)} [{error.detail}]", lang)
        return error.exit_code
    except KeyboardInterrupt:
        print_line(console, phrase("interrupted", lang, done=len(rows), total=len(_UPLOADS)), "yellow")
        return 130
    write_new(
        folder / _PICTURE,
        draw_before_after(
            pairs,
            before=phrase("demo.before", lang),
            after=phrase("demo.after", lang),
            missing=phrase("demo.no_output", lang),
        ),
    )

    print_results(console, rows, seconds=time.perf_counter() - started, lang=lang)
    print_line(console, phrase("demo.score", lang, total=counts.drawn, covered=counts.covered))
    print_line(console, phrase("demo.folders", lang, originals=originals, masked=masked))
    print_line(console, phrase("where.review", lang), "yellow")
    print_line(console, phrase("demo.look", lang, path=folder / _PICTURE), "bold green")
    return 1 if counts.unsafe else 0


def _prepare_folder(folder: Path) -> bool:
    """An empty folder, or an earlier demo's with its files removed; False where the folder holds anything else."""
    if folder.exists():
        if not folder.is_dir() or (any(folder.iterdir()) and not (folder / _MARKER).is_file()):
            return False
        for ours in ("originals", "masked"):
            shutil.rmtree(folder / ours, ignore_errors=True)
        (folder / _PICTURE).unlink(missing_ok=True)
    (folder / "originals").mkdir(parents=True, exist_ok=True)
    (folder / _MARKER).touch()
    return True


def _draw_uploads(folder: Path) -> Iterator[_Upload]:
    for name, sheets in _UPLOADS:
        samples = tuple(
            scan(
                draw(sheet.document, _APPLICANT, seed=_SEED, with_name=sheet.with_name),
                grade=sheet.grade,
                rotation=sheet.rotation,
                seed=_SEED,
            )
            for sheet in sheets
        )
        path = folder / name
        write_new(path, _encode(samples, path.suffix))
        yield _Upload(path, samples)


def _encode(samples: Sequence[Sample], suffix: str) -> bytes:
    """The pages as a file of the kind that ``suffix`` names, with the resolution in it."""
    first, *others = (Image.fromarray(s.pixels) for s in samples)
    dpi = samples[0].dpi
    buffer = io.BytesIO()
    if suffix == ".pdf":
        first.save(buffer, "PDF", save_all=True, append_images=others, resolution=dpi, quality=90)
    elif suffix == ".tif":
        first.save(buffer, "TIFF", save_all=True, append_images=others, compression="tiff_deflate", dpi=(dpi, dpi))
    elif suffix == ".png":
        first.save(buffer, "PNG", dpi=(dpi, dpi))
    else:
        first.save(buffer, "JPEG", quality=90, dpi=(round(dpi), round(dpi)))
    return buffer.getvalue()


def _mask(redactor: Redactor, upload: _Upload, folder: Path, lang: Lang) -> Saved:
    result = redactor.redact(upload.path, name=_APPLICANT.name, aliases=[_APPLICANT.pinyin()])
    secrets = find_secrets(_APPLICANT.name, [_APPLICANT.pinyin()])
    return save_result(result.report, result.output, source=upload.path, folder=folder, secrets=secrets, lang=lang)


def _pair_up(upload: _Upload, saved: Saved, lang: Lang) -> list[Pair]:
    after: list[Image.Image | None] = [None] * len(upload.samples)
    if saved.output_path is not None:
        with open_attachment(saved.output_path) as attachment:
            after = [Image.fromarray(attachment.page(i).pixels) for i in range(attachment.page_count)]
    pairs = []
    for index, (sample, picture) in enumerate(zip(upload.samples, after, strict=True)):
        pages = saved.report.pages
        verdict = pages[index].verdict if index < len(pages) else Verdict.REVIEW
        title = f"{upload.path.name}" + (f"  {phrase('table.page', lang, page=index + 1)}" if len(after) > 1 else "")
        pairs.append(Pair(title, verdict, Image.fromarray(sample.pixels), picture))
    return pairs


class _Counts:
    """How many drawn names are covered; ``unsafe``: neither covered nor on a page that a person will look at."""

    def __init__(self) -> None:
        self.drawn = self.covered = self.unsafe = 0

    def add(self, upload: _Upload, saved: Saved) -> None:
        for sample, page in zip(upload.samples, saved.report.pages, strict=True):
            for occurrence in sample.occurrences:
                self.drawn += 1
                scale = page.width / sample.pixels.shape[1]
                covered = all(_is_covered(q.box.scaled(scale), page) for q in occurrence.quads)
                self.covered += covered
                self.unsafe += not covered and page.verdict is not Verdict.REVIEW


def _is_covered(box: Box, page: PageReport) -> bool:
    x0, y0, x1, y1 = box.clipped(page.width, page.height).pixels()
    painted = np.zeros((max(y1 - y0, 1), max(x1 - x0, 1)), dtype=bool)
    for mask in page.masks:
        left, top, right, bottom = mask.pixels()
        painted[max(top - y0, 0) : max(bottom - y0, 0), max(left - x0, 0) : max(right - x0, 0)] = True
    return float(painted.mean()) >= _COVERED

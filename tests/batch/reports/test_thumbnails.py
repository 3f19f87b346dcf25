"""What the small pictures show, and what they must not."""

from __future__ import annotations

import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from redact.batch.reports.record import PageThumbnails, Record
from redact.batch.reports.thumbnails import WIDTH_PX, make_thumbnails
from redact.geometry import Box, Quad
from redact.values import Hit, PageReport, Reason, Verdict

W, H = 800, 1000
NAME = Box(200, 100, 400, 160)


def page(verdict: Verdict = Verdict.REQUIRED, **parts: object) -> PageReport:
    return PageReport(page_index=3, width=W, height=H, rotation=0, verdict=verdict, **parts)  # type: ignore[arg-type]


def written(scale: int = 1) -> NDArray[np.uint8]:
    """A white page with stripes, as strokes are, where the name stands; ``scale``: how many times larger than the page."""
    pixels = np.full((H * scale, W * scale, 3), 255, np.uint8)
    x0, y0, x1, y1 = (scale * v for v in NAME.pixels())
    for x in range(x0, x1, 8 * scale):
        pixels[y0:y1, x : x + 4 * scale] = 0
    return pixels


def look(encoded: bytes | None) -> Image.Image:
    assert encoded is not None
    picture = Image.open(io.BytesIO(encoded))
    assert picture.format == "WEBP"
    return picture.convert("RGB")


def contrast(encoded: bytes | None) -> float:
    """How far the strokes of the name stand out."""
    picture = look(encoded)
    s = picture.width / W
    inner = NAME.scaled(s).grown(-2).pixels()
    return float(np.asarray(picture.crop(inner).convert("L")).std())


def test_with_names_both_pictures_are_the_pages_as_they_are() -> None:
    made = make_thumbnails(written(), np.full((H, W, 3), 90, np.uint8), page(masks=(NAME,)), with_names=True)
    assert made.page_index == 3
    assert look(made.before).width == look(made.after).width == WIDTH_PX
    assert contrast(made.before) > 15
    assert contrast(made.after) < 2


def test_without_names_there_is_no_picture_of_the_upload() -> None:
    made = make_thumbnails(written(), np.full((H, W, 3), 90, np.uint8), page(masks=(NAME,)), with_names=False)
    assert made.before is None
    assert contrast(made.after) < 2


def test_a_page_without_an_output_has_no_picture() -> None:
    assert make_thumbnails(written(), None, page(), with_names=False) == PageThumbnails(3)


@pytest.mark.parametrize("scale", [1, 2])
def test_a_place_in_doubt_is_filled_whatever_the_size_of_the_output(scale: int) -> None:
    doubtful = page(Verdict.REVIEW, reasons=(Reason("maybe_other", NAME),))
    made = make_thumbnails(None, written(scale), doubtful, with_names=False)
    picture = look(made.after)
    red, _, blue = picture.getpixel((round(300 * picture.width / W), round(130 * picture.width / W)))  # type: ignore[misc]
    assert red - blue > 100, "the colour says that it was filled"
    assert contrast(made.after) < 8


def test_a_hit_that_no_mask_covers_is_filled_too() -> None:
    hit = Hit((Quad.from_box(NAME),), -0.5, "line", sure=False)
    doubtful = page(Verdict.REVIEW, hits=(hit,), reasons=(Reason("weak_text", Box(0, 0, 10, 10)),))
    assert contrast(make_thumbnails(None, written(), doubtful, with_names=False).after) < 8


@pytest.mark.parametrize("reasons", [(Reason("poor_page"),), ()])
def test_a_page_in_doubt_as_a_whole_is_too_coarse_to_be_read(reasons: tuple[Reason, ...]) -> None:
    doubtful = page(Verdict.REVIEW, reasons=reasons)
    plain = contrast(make_thumbnails(None, written(), page(Verdict.NOT_REQUIRED), with_names=False).after)
    coarse = make_thumbnails(None, written(), doubtful, with_names=False).after
    assert plain > 15
    assert contrast(coarse) < plain / 3
    assert look(coarse).width == WIDTH_PX


def test_a_long_page_stays_small() -> None:
    made = make_thumbnails(None, np.full((9000, 300, 3), 255, np.uint8), page(Verdict.NOT_REQUIRED), with_names=False)
    assert look(made.after).height <= 480


def test_a_record_is_of_the_contracts_report_and_its_repr_shows_nothing_of_it() -> None:
    record = Record({"schema": "redact.report/1", "source": "a/b.pdf"}, applicant="张三")
    assert "b.pdf" not in repr(record) and "张三" not in repr(record)
    with pytest.raises(ValueError, match=r"redact\.report/1"):
        Record({"schema": "redact.verify/1"})

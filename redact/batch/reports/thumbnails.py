"""Small pictures of a page for the reports, which show no name unless they are meant to.

A page under review may hold the name where it was not found. So the places in doubt are filled, and a page that is in doubt as
a whole is shown too coarse for its text.
"""

from __future__ import annotations

import io

from PIL import Image, ImageDraw

from redact.batch.reports.record import PageThumbnails
from redact.geometry import Box
from redact.values import PageReport, Pixels, Verdict

WIDTH_PX = 240
_HEIGHT_PX = 480  # a receipt, a screenshot of a chat: long pages stay small too
_QUALITY = 55
# A character of a page of 25 to 40 in a line is about one pixel wide then.
_COARSE_WIDTH_PX = 40
_DOUBT = (201, 138, 27)
_EDGE_PX = 1


def make_thumbnails(before: Pixels | None, after: Pixels | None, page: PageReport, *, with_names: bool) -> PageThumbnails:
    """The two pictures of ``page``; what it holds of reasons and masks is in its own pixels, and pictures of any size will do.

    ``before``, ``after``: (H, W, 3) uint8 RGB, the page of the upload and of the output, None where there is none.
    ``with_names``: nothing is hidden; otherwise there is no picture of the upload (the reports draw the masks over ``after``),
    and what a person is still to judge is filled.
    """
    if with_names:
        return PageThumbnails(page.page_index, _encode(_shrink(before)), _encode(_shrink(after)))
    return PageThumbnails(page.page_index, None, _encode(_hide_doubt(_shrink(after), page)))


def _shrink(pixels: Pixels | None) -> Image.Image | None:
    if pixels is None:
        return None
    picture = Image.fromarray(pixels)
    picture.thumbnail((WIDTH_PX, _HEIGHT_PX), Image.Resampling.LANCZOS, reducing_gap=3.0)
    return picture


def _hide_doubt(picture: Image.Image | None, page: PageReport) -> Image.Image | None:
    if picture is None:
        return None
    boxes = [reason.box for reason in page.reasons if reason.box is not None]
    # Hits are masked where they count, and proposed as masks where they may: one that is not is in doubt too.
    boxes += [box for hit in page.hits for box in hit.boxes if not any(_covers(mask, box) for mask in page.masks)]
    if any(reason.box is None for reason in page.reasons) or (page.verdict is Verdict.REVIEW and not boxes):
        return _coarsen(picture)
    pen = ImageDraw.Draw(picture)
    for box in boxes:
        x0, y0, x1, y1 = box.scaled(picture.width / page.width, picture.height / page.height).grown(_EDGE_PX).pixels()
        pen.rectangle((x0, y0, x1, y1), fill=_DOUBT)
    return picture


def _coarsen(picture: Image.Image) -> Image.Image:
    width = min(_COARSE_WIDTH_PX, picture.width)
    small = picture.resize((width, max(1, round(picture.height * width / picture.width))), Image.Resampling.BOX)
    return small.resize(picture.size, Image.Resampling.BICUBIC)


def _covers(mask: Box, box: Box) -> bool:
    return mask.intersection_area(box) >= 0.9 * box.area


def _encode(picture: Image.Image | None) -> bytes | None:
    if picture is None:
        return None
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP", quality=_QUALITY, method=4)
    return buffer.getvalue()

"""What is not masked stays as it was: bytes, look, page size, resolution, colour mode (benchmark: tests/bench/fidelity.py)."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import numpy as np
import pymupdf
import pytest
from PIL import Image
from scan_files import SCAN_FILES, cut_out, measure, page

GROWTH, SSIM = 1.5, 0.98
# A page for which no other code than JPEG in RGB is written.
CHANGES = {"PDF, CMYK JPEG, quality 80": {"colour [(4, 8)] [(3, 8)]"}}
# Renderers soften bands whose edges lie between pixels; the output has the bands' own pixels, and is compared with that.
BANDS_SSIM = 0.97
# On so small a picture the file around it counts.
_SMALL = 3_000


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", SCAN_FILES)
def test_a_masked_scan_is_as_good_and_about_as_large_as_before(kind: str) -> None:
    sample = cut_out(page(0))
    assert sample.occurrences
    content = SCAN_FILES[kind](sample)
    result = measure(content, sample)
    assert set(result.changed) == CHANGES.get(kind, set())
    assert result.ssim >= (BANDS_SSIM if "bands" in kind else SSIM)
    assert len(result.output) <= GROWTH * len(content) + _SMALL


def test_bands_of_one_bit_keep_every_pixel() -> None:
    sample = replace(cut_out(page(0)), occurrences=())
    output = measure(SCAN_FILES["PDF, group 4, in four bands"](sample), sample).output
    document: Any = pymupdf.open(stream=output, filetype="pdf")
    stored = pymupdf.Pixmap(document, document[0].get_images()[0][0])
    with Image.open(io.BytesIO(SCAN_FILES["TIFF, group 4"](sample))) as wanted:
        assert (np.frombuffer(stored.samples, np.uint8).reshape(stored.height, stored.stride) == np.asarray(wanted) * 255).all()


def test_grey_stencils_are_no_ink_in_one_bit() -> None:
    """Thresholding would turn them black or take them away."""
    sample = replace(cut_out(page(0)), occurrences=())
    content = SCAN_FILES["PDF, group 4, at a slant"](sample)
    document: Any = pymupdf.open(stream=content, filetype="pdf")
    image = document[0].get_images()[0][0]
    document.xref_set_key(image, "ColorSpace", "null")
    document.xref_set_key(image, "ImageMask", "true")
    drawn = document.xref_stream(document[0].get_contents()[0])
    document.update_stream(document[0].get_contents()[0], b"0.6 g " + drawn)
    result = measure(document.tobytes(), sample)
    assert not [c for c in result.changed if "colour" not in c]
    assert result.ssim >= SSIM

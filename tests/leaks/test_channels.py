"""The name planted in every place where a file keeps text or pixels: nothing of it is in what masking writes, and the search that
says so finds it in what a naive masker writes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from leak_battery import Case, leaks, mask_naively, mask_well, some_cases
from leak_channels_pdf import PDF_CHANNELS, make
from leak_channels_pictures import PICTURE_CHANNELS, PLAIN
from leak_pages import NAMES
from leak_search import search_file
from viewers import find_xray, run

# An animated PNG is refused as a whole: no output, no leak.
REFUSED = {("other frames", "PNG")}
CASES = some_cases()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_nothing_of_a_planted_name_is_in_the_output(case: Case) -> None:
    output = mask_well(case.build(), case.kind, case.name)
    assert (output is None) == ((case.channel, case.kind) in REFUSED)
    if output is not None:
        assert not search_file(output, "PDF" if case.pdf else case.kind, case.name)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_the_search_finds_it_where_a_rectangle_was_drawn_and_the_file_kept(case: Case) -> None:
    assert leaks(case, mask_naively)


@pytest.mark.parametrize("kind", [*PLAIN, "scan", "1-bit scan", "text"])
def test_the_search_finds_the_printed_name_and_no_other(kind: str) -> None:
    """Before masking; and of a name that is nowhere in the file, nothing."""
    content = PLAIN[kind](NAMES[1]) if kind in PLAIN else make(kind, NAMES[1])
    where = kind if kind in PLAIN else "PDF"
    assert search_file(content, where, NAMES[1])
    assert not search_file(content, where, "司马相如")


def test_x_ray_sees_the_text_under_a_box_and_nothing_in_the_output(tmp_path: Path) -> None:
    """Free Law Project's search for bad redactions, https://github.com/freelawproject/x-ray."""
    xray, name = find_xray(), NAMES[1]
    case = Case("text under a box", "text", name)
    for masker, bad in ((mask_naively, True), (mask_well, False)):
        output = masker(case.build(), case.kind, name)
        assert output is not None
        (tmp_path / "a.pdf").write_bytes(output)
        done = run(xray, tmp_path / "a.pdf")
        assert done.returncode == 0, done.stderr
        assert bool(json.loads(done.stdout)) == bad


def test_every_channel_is_tried() -> None:
    assert {case.channel for case in CASES} == {*PDF_CHANNELS, *PICTURE_CHANNELS}

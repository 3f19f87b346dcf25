"""Verification refuses outputs with a planted leak, and lets correct ones pass; the benchmark is tests/bench/planted.py."""

from __future__ import annotations

from random import Random

import pytest
from pages import faces
from planted import CORRECT, WHOLE, Planted, fit_sample, plant, write_masked
from verified import verify_content

from redact.ocr.ppocr import PpOcrReader
from redact.samples import draw, make_person, scan
from redact.search import Query
from redact.verify import Verification


def _verify(made: Planted, reader: PpOcrReader) -> Verification:
    return verify_content(made.content, Query.make(made.name, made.aliases), reader)


# A skipped frame is in test_closed_loop.py: it costs the reading of every page.
@pytest.mark.parametrize("leak", [leak for leak in WHOLE if leak != "frame_skipped"])
def test_an_output_with_a_leak_is_refused(leak: str, reader: PpOcrReader) -> None:
    made = next(m for m in (plant(leak, i, seed=7) for i in range(20)) if not m.hand)
    found = _verify(made, reader)
    assert not found.clean
    assert {x.channel for x in found.leaks} >= {"text_layer" if leak == "text_layer" else "pixels"}
    assert made.page_index in {x.page_index for x in found.leaks}


def test_a_correct_output_passes(reader: PpOcrReader) -> None:
    found = _verify(plant(CORRECT, 0, seed=7), reader)
    assert found.clean and not found.doubts and not found.unsearched


def test_a_name_seal_that_was_left_is_refused(reader: PpOcrReader) -> None:
    """Nothing else reads a seal: its characters stand in an order of their own."""
    person = make_person(Random(3), "three")
    drawings = (draw("student_record", person, seed=seed, faces=faces()) for seed in range(50))
    drawing = next(d for d in drawings if any(o.kind == "seal" for o in d.occurrences))
    sample = scan(drawing, grade=2, seed=1)
    seal = next(o for o in sample.occurrences if o.kind == "seal")
    left = write_masked([sample], [fit_sample(sample, [o for o in sample.occurrences if o is not seal])], "PNG")
    found = verify_content(left, Query.make(person.name, (person.pinyin(),)), reader)
    where = seal.quads[0].box
    assert any(x.box is not None and x.box.intersection_area(where) > 0.3 * where.area for x in found.leaks)

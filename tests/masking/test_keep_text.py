"""What a page that keeps its text is: the masked page to look at, the rest of its text to search, and nothing else in it."""

# mypy: allow-untyped-calls

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pikepdf
import pymupdf
import pytest
from kept_pages import (
    HEIGHT_PT,
    LATIN_NAME,
    NAME,
    NAME_AT,
    OTHER,
    SCALE,
    WIDTH_PT,
    cut_font,
    draw,
    draw_page,
    encodings,
    everything,
    find_masks,
    font_programs,
    keep,
    origins,
    outline_count,
    picture_with,
    render,
    save,
    shown_codes,
    unicode_map,
    write,
)

from redact.geometry import Box
from redact.masking import mask_file, mask_file_keeping_text
from redact.masking.kept import document as kept_document
from redact.masking.kept import page as kept_page
from redact.masking.kept import plan as kept_plan
from redact.masking.kept.page import Numbering
from redact.values import KeptText, MediaType, PageMasks

mupdf: Any = pymupdf  # its constants are made at import, out of sight of mypy
SECRET = "诸葛亮"


def assert_gone(output: bytes, *texts: str) -> None:
    data = everything(output)
    assert not [text for text in texts for form in encodings(text) if form in data]


def assert_looks_masked(content: bytes, output: bytes, masks: PageMasks, *, dpi: float = 144, mean: float = 1.0) -> None:
    """As the page did, but for antialiasing, and black under the masks."""
    expected, shown = render(content, dpi).astype(int), render(output, dpi).astype(int)
    assert shown.shape == expected.shape
    for box in masks.boxes:
        x0, y0, x1, y1 = Box(*box.pixels()).scaled(dpi / 200).clipped(shown.shape[1], shown.shape[0]).pixels()
        # The outermost pixels of a mask are partly its own.
        expected[y0:y1, x0:x1] = shown[y0:y1, x0:x1]
        assert shown[y0 + 1 : y1 - 1, x0 + 1 : x1 - 1].max(initial=0) == 0
    assert np.abs(shown - expected).mean() < mean
    size = round(dpi / 18)
    height, width = (n // size for n in shown.shape[:2])
    coarse = [
        p[: height * size, : width * size].reshape(height, size, width, size, 3).mean(axis=(1, 3)) for p in (shown, expected)
    ]
    assert np.abs(coarse[0] - coarse[1]).max() < 48


# --- what stays and what goes -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_the_name_is_gone_and_the_rest_can_be_searched_where_it_stands(rotate: int) -> None:
    content = draw(rotate=rotate)
    kept = keep(content)
    assert kept.texts == (KeptText(0, None),)
    assert_gone(kept.output, NAME, LATIN_NAME)
    for text in ("兹证明", "同志参加培训", "考核成绩合格准予结业", "affiliated", "Dear", "youroffice", "boldheading", "市水利局"):
        assert text in kept.text
    before = origins(content)
    for char, x, y in origins(kept.output):
        near = [c for c, bx, by in before if abs(x - bx) < 0.3 and abs(y - by) < 0.3]
        assert any(char in c or c in char for c in near), "nothing moved"
    for dpi in (96, 144, 300):
        assert_looks_masked(content, kept.output, kept.masks, dpi=dpi)
    assert len(kept.output) <= 1.5 * len(content)


def test_the_font_holds_the_glyphs_that_are_seen_and_no_others() -> None:
    kept = keep(draw())
    with pikepdf.open(io.BytesIO(kept.output)) as document:
        (program,) = font_programs(document)
        codes = shown_codes(document.pages[0])
        meanings = unicode_map(document)
    assert outline_count(program) == len(codes) == len(meanings)
    assert set(meanings) == codes == set(range(1, len(codes) + 1))
    said = "".join(meanings.values())
    assert not set(NAME) & set(said) and "Z" not in said
    assert list(meanings.values()) == sorted(meanings.values()), "the order tells nothing of the page's"


def test_nothing_but_what_is_listed_here_is_in_the_file() -> None:
    kept = keep(draw())
    keys: set[str] = set()

    def collect(item: Any) -> None:
        if isinstance(item, (pikepdf.Dictionary, pikepdf.Stream)):
            for key, value in item.items():
                keys.add(key)
                if not getattr(value, "is_indirect", False):
                    collect(value)
        elif isinstance(item, pikepdf.Array):
            for value in item:
                if not getattr(value, "is_indirect", False):
                    collect(value)

    with pikepdf.open(io.BytesIO(kept.output)) as document:
        assert not document.check_pdf_syntax()
        for item in document.objects:
            collect(item)
        assert set(document.trailer.keys()) == {"/Size", "/Root"}
        assert len(document.pages[0].Resources.Font) == 1
    assert keys <= {
        *("/Type", "/Pages", "/Count", "/Kids", "/Parent", "/MediaBox", "/Resources", "/Contents", "/Font", "/H", "/V"),
        *("/Subtype", "/BaseFont", "/Encoding", "/DescendantFonts", "/ToUnicode", "/CIDSystemInfo", "/Registry", "/Ordering"),
        *("/Supplement", "/FontDescriptor", "/DW", "/W", "/FontName", "/Flags", "/FontBBox", "/ItalicAngle", "/Ascent"),
        *("/Descent", "/CapHeight", "/StemV", "/FontFile3", "/Filter", "/Length", "/XObject", "/I0", "/I1", "/I2", "/I3"),
        *("/Width", "/Height", "/ColorSpace", "/BitsPerComponent", "/DecodeParms", "/Predictor", "/Colors", "/Columns"),
    }
    assert kept.output.count(b"%%EOF") == 1 and kept.output.endswith(b"%%EOF\n")
    assert b"Noto" not in everything(kept.output) and b"Droid" not in everything(kept.output), "no font's own name"


def test_equal_input_gives_equal_bytes() -> None:
    content = draw()
    assert keep(content).output == keep(content).output


def test_a_page_without_masks_keeps_all_of_its_text() -> None:
    content = draw()
    kept = keep(content, masks=PageMasks(0, round(WIDTH_PT * SCALE), round(HEIGHT_PT * SCALE), ()))
    assert sorted(c for c, *_ in origins(kept.output)) == sorted(c for c, *_ in origins(content))


def test_pages_that_keep_their_text_and_pictures_stand_in_one_file_and_share_a_font() -> None:
    document = draw_page()
    document.insert_pdf(draw_page())
    scan = document.new_page(width=WIDTH_PT, height=HEIGHT_PT)
    scan.insert_image(scan.rect, stream=picture_with(OTHER, (840, 600)))
    document.insert_pdf(draw_page())
    content = save(document)
    first = find_masks(content, NAME, LATIN_NAME)
    masks = [replace(first, page_index=i, boxes=first.boxes if i != 2 else ()) for i in range(4)]
    output, told = mask_file_keeping_text(content, MediaType.PDF, masks[::-1])
    assert [t.reason for t in told] == [None, None, "no_text_to_keep", None]
    opened = pymupdf.open(stream=output, filetype="pdf")
    assert ["考核成绩" in page.get_text() for page in opened] == [True, True, False, True]
    with pikepdf.open(io.BytesIO(output)) as pdf:
        assert len(font_programs(pdf)) == 1
    assert_gone(output, NAME, LATIN_NAME)
    output, told = mask_file_keeping_text(content, MediaType.PDF, masks, as_pixels={1: "name_in_text"})
    assert [t.reason for t in told] == [None, "name_in_text", "no_text_to_keep", None]
    opened = pymupdf.open(stream=output, filetype="pdf")
    assert ["考核成绩" in page.get_text() for page in opened] == [True, False, False, True]


def test_the_place_of_what_follows_the_name_is_told_no_finer_than_pixels_tell_it() -> None:
    """By the thousandths of a point that a word stands further right one name can be told from another."""
    document = draw_page()
    write(document[0], (190.0713, 120), "其后的字")
    write(document[0], (120, 120), SECRET)
    write(document[0], (40.0713, 280), "别处的字")
    content = save(document)
    kept = keep(content, NAME, LATIN_NAME, SECRET)
    places = {c: (x, y) for c, x, y in origins(kept.output)}
    x, y = places["其"][0] * 4 * kept.masks.width / WIDTH_PT, places["其"][1] * 4 * kept.masks.height / HEIGHT_PT
    assert abs(x - round(x)) < 0.02 and abs(y - round(y)) < 0.02
    assert abs(places["其"][0] - 190.0713) < 0.07
    assert places["别"][0] == pytest.approx(40.0713, abs=2e-3)


def test_columns_are_read_downwards() -> None:
    def columns(document: Any, page: Any) -> None:
        for i, char in enumerate("竖排文字" + SECRET + "同志"):
            write(page, (360, 60 + 18 * i), char)

    content = draw(columns)
    page = pymupdf.open(stream=content, filetype="pdf")[0]
    boxes = [Box(*(rect * SCALE)).grown(2, -1) for char in SECRET for rect in page.search_for(char)]
    found = find_masks(content, NAME, LATIN_NAME)
    kept = keep(content, masks=replace(found, boxes=(*found.boxes, Box.around_all(boxes))))
    assert kept.reason is None
    assert "竖排文字" in kept.text and "同志" in kept.text
    assert not set(SECRET) & set(kept.text)
    assert_looks_masked(content, kept.output, kept.masks)


def test_vertical_writing_mode_keeps_its_direction() -> None:
    """An Identity-V font: the pen goes down by itself."""

    def vertical(document: Any, page: Any) -> None:
        page.insert_font(fontname="up", fontbuffer=cut_font("竖排的字同志" + SECRET))
        page.insert_text((20, 290), "竖排的字" + SECRET + "同志", fontname="up", fontsize=1)
        xref = next(x for x, *_, name, _ in page.get_fonts() if name == "up")
        document.xref_set_key(xref, "Encoding", "/Identity-V")
        contents = page.get_contents()[-1]
        stream = document.xref_stream(contents)
        turned = re.sub(rb"1 0 0 1 20 10 Tm\s+/up 1 Tf", b"1 0 0 1 360 250 Tm /up 16 Tf", stream)
        assert turned != stream
        document.update_stream(contents, turned)

    content = draw(vertical)
    found = find_masks(content, NAME, LATIN_NAME)
    # Its characters stand at 250 - 16 n points above the lower edge.
    secret = Box(351, HEIGHT_PT - 250 + 4 * 16, 369, HEIGHT_PT - 250 + 7 * 16).scaled(SCALE)
    kept = keep(content, masks=replace(found, boxes=(*found.boxes, secret)))
    assert kept.reason is None
    assert b"Identity-V" in everything(kept.output) and b"Identity-V" not in everything(keep(draw()).output)
    assert "竖排的字" in kept.text and "同志" in kept.text and not set(SECRET) & set(kept.text)
    assert_looks_masked(content, kept.output, kept.masks)


# --- text that is not seen ----------------------------------------------------------------------------------------------


def _image_over(document: Any, page: Any) -> None:
    write(page, (320, 60), SECRET)
    page.insert_image((310, 40, 400, 70), stream=picture_with("图", (90, 30)))


def _clipped(document: Any, page: Any) -> None:
    write(page, (320, 60), SECRET)
    contents = page.get_contents()[-1]
    document.update_stream(contents, b"q 0 0 100 100 re W n " + document.xref_stream(contents) + b" Q")


def _outside_crop(document: Any, page: Any) -> None:
    write(page, (320, 290), SECRET)
    page.set_cropbox(pymupdf.Rect(0, 0, WIDTH_PT, 270))


def _outside_media(document: Any, page: Any) -> None:
    page.insert_font(fontname="out", fontbuffer=pymupdf.Font("cjk").buffer)
    page.insert_text((WIDTH_PT + 30, 60), SECRET, fontname="out", fontsize=12)


def _layer_off(document: Any, page: Any) -> None:
    write(page, (320, 60), SECRET, oc=document.add_ocg("layer", on=False))


def _actual_text(document: Any, page: Any) -> None:
    write(page, (320, 60), "别的字")
    contents = page.get_contents()[-1]
    said = (b"\xfe\xff" + SECRET.encode("utf-16-be")).hex().encode()
    document.update_stream(contents, b"/Span <</ActualText <" + said + b">>> BDC " + document.xref_stream(contents) + b" EMC")


def _letters_without_shape(document: Any, page: Any) -> None:
    """A font whose space claims to be a letter."""
    write(page, (320, 60), "   ")
    document.subset_fonts()
    for xref in range(1, document.xref_length()):
        if document.xref_is_stream(xref) and b"beginbf" in (stream := document.xref_stream(xref) or b""):
            document.update_stream(xref, stream.replace(b"<0020>", b"<8AF8>"))


UNSEEN: dict[str, Callable[[Any, Any], object]] = {
    "invisible by its render mode": lambda d, p: write(p, (320, 60), SECRET, render_mode=3),
    "under a box": lambda d, p: (write(p, (320, 60), SECRET), p.draw_rect((310, 40, 400, 70), color=None, fill=(0, 0, 0))),
    "under a white box": lambda d, p: (write(p, (320, 60), SECRET), p.draw_rect((310, 40, 400, 70), color=None, fill=(1, 1, 1))),
    "under a picture": _image_over,
    "white on white": lambda d, p: write(p, (320, 60), SECRET, color=(1, 1, 1)),
    "black on black": lambda d, p: (p.draw_rect((310, 40, 400, 70), color=None, fill=(0, 0, 0)), write(p, (320, 60), SECRET)),
    "faint": lambda d, p: write(p, (320, 60), SECRET, color=(0.97, 0.97, 0.97)),
    "without opacity": lambda d, p: write(p, (320, 60), SECRET, opacity=0.0),
    "too small to be read": lambda d, p: write(p, (320, 60), SECRET, size=1.2),
    "cut away by a clip": _clipped,
    "outside the crop box": _outside_crop,
    "outside the paper": _outside_media,
    "on a layer that is off": _layer_off,
    "as replacement text": _actual_text,
    "as letters without shape": _letters_without_shape,
    "under another letter": lambda d, p: (
        [write(p, (320 + 14 * i, 60), c) for i, c in enumerate(SECRET)]
        + [write(p, (320 + 14 * i, 60), "█", size=14) for i in range(3)]
    ),
    "in a note": lambda d, p: p.add_text_annot((350, 40), SECRET).set_info(title=SECRET),
    "in a link": lambda d, p: p.insert_link(
        {"kind": pymupdf.LINK_URI, "from": pymupdf.Rect(310, 40, 400, 70), "uri": f"http://{SECRET}.example"}
    ),
    "in the outline and the metadata": lambda d, p: (d.set_toc([[1, SECRET, 1]]), d.set_metadata({"title": SECRET})),
    "in a font that nothing uses": lambda d, p: p.insert_font(fontname="cut", fontbuffer=pymupdf.Font("cjk").buffer),
}


@pytest.mark.parametrize("how", list(UNSEEN))
def test_text_that_is_not_seen_does_not_come_along(how: str) -> None:
    content = draw(UNSEEN[how])
    kept = keep(content)
    assert kept.reason is None, "for this no page has to lose the text that is seen"
    assert "考核成绩合格准予结业" in kept.text
    assert not set(SECRET) & set(kept.text)
    assert_gone(kept.output, SECRET)
    with pikepdf.open(io.BytesIO(kept.output)) as document:
        assert not set(SECRET) & set("".join(unicode_map(document).values()))
        assert outline_count(font_programs(document)[0]) == len(shown_codes(document.pages[0]))
    assert_looks_masked(content, kept.output, kept.masks)


def test_what_annotations_and_fields_paint_is_part_of_the_page_and_nothing_more_of_them() -> None:
    def fill(document: Any, page: Any) -> None:
        page.add_freetext_annot((310, 40, 400, 60), "remarked", fontsize=12)
        widget = pymupdf.Widget()
        widget.field_type, widget.field_name, widget.field_value = mupdf.PDF_WIDGET_TYPE_TEXT, "hiddenname", "entered"
        widget.rect = pymupdf.Rect(310, 80, 400, 100)
        page.add_widget(widget)

    content = draw(fill)
    kept = keep(content)
    assert kept.reason is None
    assert "remarked" in kept.text and "entered" in kept.text
    page = pymupdf.open(stream=kept.output, filetype="pdf")[0]
    assert page.first_annot is None and page.first_widget is None
    assert_gone(kept.output, "hiddenname")
    assert_looks_masked(content, kept.output, kept.masks)


# --- what cannot be told from a name becomes pixels, there alone ----------------------------------------------------------


def _curves(document: Any, page: Any) -> None:
    """The name as outlines, the way drawing programs export it; half of it under a mask."""
    from fontTools.pens.recordingPen import DecomposingRecordingPen
    from fontTools.ttLib import TTFont

    font = TTFont(io.BytesIO(pymupdf.Font("cjk").buffer))
    glyphs, scale = font.getGlyphSet(), 20 / font["head"].unitsPerEm
    shape = page.new_shape()
    for i, char in enumerate(SECRET):
        pen = DecomposingRecordingPen(glyphs)
        glyphs[font.getBestCmap()[ord(char)]].draw(pen)
        at = pymupdf.Point(0, 0)
        for _, points in pen.value:
            for point in points:
                there = pymupdf.Point(320 + 20 * i + point[0] * scale, 60 - point[1] * scale)
                if point is not points[0] or at != pymupdf.Point(0, 0):
                    shape.draw_line(at, there)
                at = there
    shape.finish(color=(0, 0, 0), width=0.4)
    shape.commit()


def _type3(document: Any, page: Any) -> None:
    """A Type 3 font with a triangle that says that it is a letter of the secret."""
    glyph = document.get_new_xref()
    document.update_object(glyph, "<<>>")
    document.update_stream(glyph, b"800 0 0 0 700 700 d1 0 0 m 700 0 l 350 700 l f")
    unicode_map = document.get_new_xref()
    document.update_object(unicode_map, "<<>>")
    document.update_stream(
        unicode_map,
        b"/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <00> <FF> endcodespacerange "
        b"1 beginbfchar <61> <8AF8> endbfchar endcmap end",
    )
    font = document.get_new_xref()
    document.update_object(
        font,
        "<</Type/Font/Subtype/Type3/FontBBox[0 0 800 800]/FontMatrix[.001 0 0 .001 0 0]/FirstChar 97/LastChar 97/Widths[800]"
        f"/CharProcs<</a {glyph} 0 R>>/Encoding<</Type/Encoding/Differences[97/a]>>/ToUnicode {unicode_map} 0 R/Resources<<>>>>",
    )
    write(page, (320, 100), "。")
    _add_resource(document, page, "Font/T3", f"{font} 0 R")
    contents = page.get_contents()[-1]
    document.update_stream(contents, document.xref_stream(contents) + b" BT /T3 20 Tf 320 240 Td (aaa) Tj ET")


def _add_resource(document: Any, page: Any, key: str, value: str) -> None:
    """Through references, which PyMuPDF does not follow."""
    kind, target = document.xref_get_key(page.xref, "Resources")
    owner, path = (int(target.split()[0]), "") if kind == "xref" else (page.xref, "Resources/")
    group, name = key.split("/")
    kind, target = document.xref_get_key(owner, path + group)
    if kind == "xref":
        document.xref_set_key(int(target.split()[0]), name, value)
    else:
        document.xref_set_key(owner, f"{path}{group}/{name}", value)


def _shade(document: Any, page: Any) -> None:
    function = "<</FunctionType 2/Domain[0 1]/C0[1 0 0]/C1[0 0 1]/N 1>>"
    shading = f"<</ShadingType 2/ColorSpace/DeviceRGB/Coords[310 0 400 0]/Function{function}>>"
    write(page, (320, 100), "。")
    _add_resource(document, page, "Shading/S", shading)
    contents = page.get_contents()[-1]
    document.update_stream(contents, document.xref_stream(contents) + b" q 310 230 90 30 re W n /S sh Q")


def _no_meaning(document: Any, page: Any) -> None:
    """The glyphs of the secret, said to be characters of private use."""
    page.insert_font(fontname="odd", fontbuffer=cut_font(SECRET))
    page.insert_text((320, 60), SECRET, fontname="odd", fontsize=14)
    document.subset_fonts()
    xref = next(x for x, *_, name, _ in page.get_fonts() if name == "odd")
    unicode_map = int(document.xref_get_key(xref, "ToUnicode")[1].split()[0])
    head = b"/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <0000> <FFFF> endcodespacerange "
    document.update_stream(unicode_map, head + b"1 beginbfrange <0000> <1FFF> <E000> endbfrange endcmap end")


IN_PIXELS: dict[str, Callable[[Any, Any], object]] = {
    "a picture": lambda d, p: p.insert_image((310, 40, 400, 70), stream=picture_with(SECRET, (270, 90))),
    "a picture with soft edges": lambda d, p: p.insert_image(
        (310, 40, 400, 70), stream=picture_with(SECRET, (270, 90)), mask=picture_with("", (270, 90), background="#999999")
    ),
    "text drawn as curves": _curves,
    "a Type 3 font": _type3,
    "a shade": _shade,
    "half-transparent text": lambda d, p: write(p, (320, 60), SECRET, opacity=0.5),
    "outlined text": lambda d, p: write(p, (320, 60), SECRET, render_mode=1),
    "text without a meaning": _no_meaning,
}


@pytest.mark.parametrize("what", list(IN_PIXELS))
def test_what_cannot_be_drawn_anew_becomes_a_picture_as_large_as_it_is(what: str) -> None:
    content = draw(IN_PIXELS[what])
    kept = keep(content)
    assert kept.reason is None and "考核成绩合格准予结业" in kept.text
    assert not set(SECRET) & set(kept.text)
    assert_looks_masked(content, kept.output, kept.masks, mean=1.5)
    pictures = pymupdf.open(stream=kept.output, filetype="pdf")[0].get_image_info()
    assert any(p["bbox"][0] > 300 for p in pictures)
    for picture in pictures:
        x0, y0, x1, y1 = picture["bbox"]
        assert (x1 - x0) * (y1 - y0) < 0.1 * WIDTH_PT * HEIGHT_PT


@pytest.mark.parametrize("what", ["a picture", "text drawn as curves", "half-transparent text"])
def test_under_a_mask_its_pixels_are_gone_too(what: str) -> None:
    content = draw(IN_PIXELS[what])
    found = find_masks(content, NAME, LATIN_NAME)
    box = Box(305, 35, 405, 75).scaled(SCALE)
    left = replace(box, x1=(box.x0 + box.x1) / 2)
    for boxes in ((box,), (left,)):
        kept = keep(content, masks=replace(found, boxes=(*found.boxes, *boxes)))
        assert kept.reason is None
        assert_looks_masked(content, kept.output, kept.masks, mean=1.5)
        for image in pymupdf.open(stream=kept.output, filetype="pdf")[0].get_image_info():
            assert boxes[0] is left or not Box(*image["bbox"]).scaled(SCALE).intersection_area(boxes[0])


def test_a_letter_that_is_half_under_a_mask_is_pixels() -> None:
    content = draw()
    found = find_masks(content, NAME, LATIN_NAME)
    page = pymupdf.open(stream=content, filetype="pdf")[0]
    cell = Box(*(page.search_for("同志参加培训")[0] * SCALE))
    half = replace(cell, x1=cell.x0 + 0.05 * cell.width, y0=cell.y0 + 4, y1=cell.y1 - 4)
    kept = keep(content, masks=replace(found, boxes=(*found.boxes, half)))
    assert kept.reason is None
    assert "同" not in kept.text and "志参加培训" in kept.text
    assert_looks_masked(content, kept.output, kept.masks)


def test_lines_of_a_table_are_cut_where_a_mask_lies_on_them() -> None:
    """So that no stroke of a character made of level and plumb lines goes on under a mask."""
    content = draw()
    found = find_masks(content, NAME, LATIN_NAME)
    across = Box(150, 225, 200, 245).scaled(SCALE)
    kept = keep(content, masks=replace(found, boxes=(*found.boxes, across)))
    page = pymupdf.open(stream=kept.output, filetype="pdf")[0]
    lines = [d["rect"] for d in page.get_drawings() if d["type"] == "s" and abs(d["rect"].y0 - 235) < 1]
    assert lines and not any(rect.x0 < 199 and rect.x1 > 151 for rect in lines)
    assert_looks_masked(content, kept.output, kept.masks)


def test_bars_that_are_not_seen_do_not_come_along() -> None:
    def draw_bars(document: Any, page: Any) -> None:
        page.draw_line((330, 200), (400, 200), color=(1, 0, 0), width=3)
        page.draw_line((365, 180), (365, 230), color=(1, 0, 0), width=3)
        page.draw_rect((320, 170, 363, 240), color=None, fill=(1, 1, 1))
        page.draw_rect((363, 170, 410, 240), color=None, fill=(1, 1, 1))
        page.draw_line((330, 270), (400, 270), color=(1, 1, 1), width=3)

    kept = keep(draw(draw_bars))
    assert kept.reason is None
    drawings = pymupdf.open(stream=kept.output, filetype="pdf")[0].get_drawings()
    assert not any(d.get("color") in ((1, 0, 0), (1, 1, 1)) for d in drawings)


# --- pages that become one picture --------------------------------------------------------------------------------------


def _scan() -> bytes:
    document: Any = pymupdf.open()
    page = document.new_page(width=WIDTH_PT, height=HEIGHT_PT)
    page.insert_image(page.rect, stream=picture_with("扫描件", (1200, 857)))
    write(page, NAME_AT, NAME, render_mode=3)
    content: bytes = document.tobytes()
    return content


PICTURES: dict[str, tuple[Callable[[], bytes], str]] = {
    "a scan with an OCR layer": (_scan, "no_text_to_keep"),
    "no text at all": (lambda: _without_text(), "no_text_to_keep"),
    "a photograph behind the text": (
        lambda: draw(lambda d, p: p.insert_image(p.rect, stream=picture_with("底", (840, 600)), overlay=False)),
        "mostly_pictures",
    ),
}


def _without_text() -> bytes:
    document: Any = pymupdf.open()
    document.new_page(width=WIDTH_PT, height=HEIGHT_PT).draw_circle((200, 200), 60)
    content: bytes = document.tobytes()
    return content


@pytest.mark.parametrize("what", list(PICTURES))
def test_a_page_that_cannot_keep_its_text_is_the_picture_that_it_would_have_been(what: str) -> None:
    make, reason = PICTURES[what]
    content = make()
    masks = PageMasks(0, round(WIDTH_PT * SCALE), round(HEIGHT_PT * SCALE), (Box(300, 180, 500, 240),))
    kept = keep(content, masks=masks)
    assert kept.texts == (KeptText(0, reason),)
    assert kept.output == mask_file(content, MediaType.PDF, [masks])


@pytest.mark.parametrize(
    ("mark", "count", "reason"), [(b"0 0 3 3 re f ", 501, "text_not_proved"), (b"0 0 420 300 re f ", 101, "mostly_pictures")]
)
def test_a_page_of_endless_drawing_is_not_gone_through(
    mark: bytes, count: int, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("redact.masking.kept.drawing._MOST_MARKS", 500)

    def draw_much(document: Any, page: Any) -> None:
        contents = page.get_contents()[0]
        document.update_stream(contents, b"q " + mark * count + b" Q " + document.xref_stream(contents))

    assert keep(draw(draw_much)).reason == reason


def test_pictures_have_no_text_to_keep() -> None:
    image = picture_with("图", (200, 100))
    masks = [PageMasks(0, 200, 100, (Box(10, 10, 40, 40),))]
    assert mask_file_keeping_text(image, MediaType.PNG, masks) == (mask_file(image, MediaType.PNG, masks), ())


# --- the proof catches what goes wrong before it ------------------------------------------------------------------------


def test_glyphs_that_were_not_taken_out_from_under_a_mask_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_plan, "_is_under", lambda *_: False)
    monkeypatch.setattr(kept_plan, "_touches", lambda *_: False)
    kept = keep(draw())
    assert kept.reason == "text_not_proved"
    assert_gone(kept.output, NAME, LATIN_NAME)


def test_a_glyph_that_no_page_shows_is_noticed_in_the_font(monkeypatch: pytest.MonkeyPatch) -> None:
    class Generous(Numbering):
        def __init__(self, pages: Any) -> None:
            super().__init__(pages)
            self.outlines += [replace(outline, text=SECRET[0]) for outline in self.outlines[-1:]]

    for module in (kept_document, kept_page):
        monkeypatch.setattr(module, "Numbering", Generous)
    monkeypatch.setattr("redact.masking.pdf.Numbering", Generous)
    kept = keep(draw())
    assert kept.reason == "text_not_proved"


def test_text_that_the_writer_adds_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = kept_page._draw
    for extra in (b" BT /H 9 Tf 3 Tr 30 30 Td <0005> Tj ET", b" BT /H 9 Tf 1 0 0 1 -90 20 Tm <0005> Tj ET"):
        monkeypatch.setattr(kept_page, "_draw", lambda *a, e=extra: drawn(*a) + e)
        assert keep(draw()).reason == "text_not_proved"


def test_covered_text_surfaces_where_nobody_compares_the_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison is what keeps it out, and not luck."""
    monkeypatch.setattr(kept_document, "find_differences", lambda *_: [])
    monkeypatch.setattr(kept_document, "find_unseen", lambda *_: [])
    assert SECRET in keep(draw(UNSEEN["under a white box"])).text
    assert SECRET in keep(draw(UNSEEN["white on white"])).text


def test_a_page_that_never_comes_out_right_is_a_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_document, "find_differences", lambda *_: [(0, 0, 3, 3)])
    assert keep(draw()).reason == "text_not_proved"


def test_an_operation_that_fails_is_not_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ValueError(SECRET)

    monkeypatch.setattr("redact.masking.kept.drawing.fill_bars", fail)
    assert keep(draw()).reason == "text_not_proved"


@pytest.mark.parametrize("error", [RuntimeError, ValueError, OverflowError])
def test_where_drawing_anew_fails_the_file_is_not_lost(error: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise error(SECRET)

    monkeypatch.setattr(kept_document, "plan_page", fail)
    content = draw()
    kept = keep(content)
    assert kept.reason == "text_not_proved"
    assert kept.output == mask_file(content, MediaType.PDF, [kept.masks])


def test_a_glyph_of_impossible_size_is_no_reason_to_refuse_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    outline = kept_plan.plan_page

    def stretch(*arguments: Any) -> Any:
        planned = outline(*arguments)
        first = planned.glyphs[0]
        huge = replace(first.outline, contours=((*first.outline.contours[0], (90_000, 0)),))
        return replace(planned, glyphs=(replace(first, outline=huge), *planned.glyphs[1:]))

    monkeypatch.setattr(kept_document, "plan_page", stretch)
    assert keep(draw()).reason == "text_not_proved"

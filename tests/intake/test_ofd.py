"""OFD: what a viewer shows is on the pages, and a page of which something is missing says so."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pymupdf
import pytest
from drawn_ofd import Ofd, cjk_font, der, image, path, png, seal_of, text

from redact.errors import AttachmentError, Empty, Encrypted, TooLarge, Truncated, Unopenable
from redact.geometry import Box
from redact.intake import open_attachment, sniff
from redact.masking import mask_file
from redact.ofd import draw_ofd
from redact.ofd.package import expand_deltas, parse_xml, resolve
from redact.options import IntakeLimits, RasterOptions
from redact.values import MediaType, PageMasks, Pixels, Severity

DPI = 100
COARSE = RasterOptions(min_dpi=DPI, max_dpi=DPI)
OWN_FONT = '<ofd:Fonts><ofd:Font ID="2" FontName="Own"><ofd:FontFile>f.ttf</ofd:FontFile></ofd:Font></ofd:Fonts>'
NAMED_FONT = '<ofd:Fonts><ofd:Font ID="1" FontName="SimSun"/></ofd:Fonts>'
PICTURES = '<ofd:MultiMedias><ofd:MultiMedia ID="20" Type="Image"><ofd:MediaFile>a.png</ofd:MediaFile></ofd:MultiMedia></ofd:MultiMedias>'  # fmt: skip  # noqa: E501


def read(content: bytes) -> list[Pixels]:
    with open_attachment(content, raster=COARSE) as attachment:
        return [page.pixels for page in attachment.pages()]


def at(pixels: Pixels, x_mm: float, y_mm: float, *, page_mm: float = 210.0) -> tuple[int, int, int]:
    scale = pixels.shape[1] / page_mm
    red, green, blue = pixels[round(y_mm * scale), round(x_mm * scale)]
    return int(red), int(green), int(blue)


def ink(pixels: Pixels, box_mm: tuple[float, float, float, float]) -> float:
    x0, y0, x1, y1 = (round(v * pixels.shape[1] / 210) for v in box_mm)
    return float((pixels[y0:y1, x0:x1].min(axis=2) < 128).mean())


def said(content: bytes) -> str:
    with pymupdf.open(stream=draw_ofd(content).pdf) as document:
        return "".join(str(page.get_text()) for page in document)


def lost(content: bytes) -> frozenset[int]:
    return draw_ofd(content).incomplete


def test_it_is_known_by_its_content_and_has_its_pages() -> None:
    content = Ofd([text("第一页", 20, 30), text("第二页", 20, 30)]).build()
    assert sniff(content) is MediaType.OFD
    with open_attachment(content, raster=COARSE) as attachment:
        assert (attachment.media_type, attachment.page_count, attachment.warnings) == (MediaType.OFD, 2, ())
        page = attachment.page(1)
        assert abs(page.width / page.height - 210 / 297) < 0.002


def test_text_stands_where_it_is_placed() -> None:
    (page,) = read(Ofd([text("姓名张伟", 50, 100, size=10)]).build())
    assert ink(page, (50, 91, 90, 102)) > 0.08
    assert ink(page, (0, 0, 210, 89)) == ink(page, (0, 105, 210, 297)) == ink(page, (0, 89, 48, 105)) == 0


@pytest.mark.parametrize(("font", "resources"), [(1, NAMED_FONT), (2, OWN_FONT)])
def test_text_is_drawn_with_the_fonts_that_come_along_or_another(font: int, resources: str) -> None:
    content = Ofd([text("欧阳小明 Ouyang", 20, 30, font=font)], resources=resources, files={"f.ttf": cjk_font()}).build()
    assert lost(content) == frozenset()
    assert "".join(said(content).split()) == "欧阳小明Ouyang"


def test_glyphs_given_by_number_are_drawn_whatever_the_text_says() -> None:
    font = pymupdf.Font("cjk")
    glyphs = " ".join(str(font.has_glyph(ord(c))) for c in "欧阳小明")
    change = f'<ofd:CGTransform CodePosition="0" CodeCount="4" GlyphCount="4"><ofd:Glyphs>{glyphs}</ofd:Glyphs></ofd:CGTransform>'
    given = Ofd([text("甲乙丙丁", 20, 30, font=2, inside=change)], resources=OWN_FONT, files={"f.ttf": cjk_font()}).build()
    plain = Ofd([text("欧阳小明", 20, 30, font=2)], resources=OWN_FONT, files={"f.ttf": cjk_font()}).build()
    assert (read(given)[0] == read(plain)[0]).all()


def test_paths_pictures_templates_annotations_and_seals_are_drawn() -> None:
    content = Ofd(
        [path("M 0 0 L 20 0 L 20 20 L 0 20 C", box="150 150 20 20", fill="0 128 0") + image("30 100 60 30", "60 0 0 30 0 0")],
        resources=PICTURES,
        files={"a.png": png()},
        template=path("M 0 0 L 210 0 L 210 297 L 0 297 C", fill="250 240 200", stroke=False),
        annotation=path("M 0 0 L 10 0 L 10 10 L 0 10 C", box="0 0 10 10", fill="0 0 255"),
        seal=seal_of(png(colour=(220, 20, 20))),
    ).build()
    assert lost(content) == frozenset()
    (page,) = read(content)
    assert at(page, 5, 5) == (250, 240, 200)
    assert at(page, 160, 160) == (0, 128, 0)
    assert at(page, 60, 105) == (30, 60, 200) and at(page, 60, 125) == (255, 255, 255), "the right way up"
    assert at(page, 105, 105) == (0, 0, 255)
    assert at(page, 40, 205) == (220, 20, 20)


@pytest.mark.parametrize(
    ("data", "inside", "outside"),
    [
        ("M 0 0 Q 20 0 20 20 L 0 20 C", (112, 108), (119, 101)),
        ("M 0 0 B 10 0 20 10 20 20 L 0 20 C", (112, 108), (119.5, 100.5)),
        ("M 20 10 A 10 10 0 1 1 19.99 9.9 C", (110, 110), (101, 101)),
        ("M 0 10 A 10 10 0 0 1 20 10 C", (110, 102), (110, 115)),
        ("M 0 10 A 10 10 0 0 0 20 10 C", (110, 118), (110, 105)),
    ],
)
def test_curves_bend_as_they_should(data: str, inside: tuple[float, float], outside: tuple[float, float]) -> None:
    (page,) = read(Ofd([path(data, box="100 100 20 20", fill="200 0 0", stroke=False)]).build())
    assert at(page, *inside) == (200, 0, 0) and at(page, *outside) == (255, 255, 255)


def test_a_clip_cuts_and_nothing_else_is_moved_by_it() -> None:
    clip = (
        '<ofd:Clips><ofd:Clip><ofd:Area><ofd:Path Boundary="0 0 20 20"><ofd:AbbreviatedData>M 0 0 L 10 0 L 10 20 L 0 20 C'
        "</ofd:AbbreviatedData></ofd:Path></ofd:Area></ofd:Clip></ofd:Clips>"
    )
    objects = path("M 0 0 L 20 0 L 20 20 L 0 20 C", box="100 100 20 20", fill="0 0 200", stroke=False, inside=clip)
    (page,) = read(Ofd([objects + path("M 0 0 L 9 0 L 9 9 L 0 9 C", box="20 20 9 9", fill="1 1 1")]).build())
    assert at(page, 105, 110) == (0, 0, 200) and at(page, 115, 110) == (255, 255, 255) and at(page, 25, 25) == (1, 1, 1)


def test_what_is_invisible_is_not_drawn() -> None:
    hidden = text("张伟", 20, 30).replace("<ofd:TextObject", '<ofd:TextObject Visible="false"')
    assert said(Ofd([hidden + text("李芳", 20, 60)]).build()).strip() == "李芳"


LOST = {
    "a shade": path("M 0 0 L 9 0 L 9 9 C", fill="0 0 0").replace(' Value="0 0 0"/>', "><ofd:AxialShd/></ofd:FillColor>"),
    "a picture that is not there": image("30 100 60 30", "60 0 0 30 0 0", resource=77),
    "a picture that cannot be decoded": image("30 100 60 30", "60 0 0 30 0 0", resource=21),
    "a character that no face has": text("\U000f0001", 20, 30),
    "a font that cannot be read": text("张伟", 20, 30, font=3),
    "an object of an unknown kind": "<ofd:FilmObject/>",
    "an object without a place": '<ofd:PathObject ID="1"><ofd:AbbreviatedData>M 0 0</ofd:AbbreviatedData></ofd:PathObject>',
    "a path that makes no sense": path("M 0 0 Z 1"),
    "a number that is none": path("M nan inf"),
    "ligatures": text("ab", 20, 30, inside='<ofd:CGTransform CodeCount="2"><ofd:Glyphs>5</ofd:Glyphs></ofd:CGTransform>'),
    "a composite that is not there": '<ofd:CompositeObject ID="1" Boundary="0 0 9 9" ResourceID="404"/>',
}  # fmt: skip


@pytest.mark.parametrize("what", LOST)
def test_what_cannot_be_drawn_is_told_of_with_its_page_and_the_rest_is_drawn(what: str) -> None:
    resources = (
        '<ofd:Fonts><ofd:Font ID="1" FontName="SimSun"/><ofd:Font ID="3" FontName="X"><ofd:FontFile>x.ttf</ofd:FontFile>'
        '</ofd:Font></ofd:Fonts><ofd:MultiMedias><ofd:MultiMedia ID="21" Type="Image"><ofd:MediaFile>x.png</ofd:MediaFile>'
        "</ofd:MultiMedia></ofd:MultiMedias>"
    )
    files = {"x.ttf": b"no font", "x.png": b"no picture"}
    content = Ofd([text("好", 20, 30), LOST[what] + text("李芳", 20, 90)], resources=resources, files=files).build()
    assert lost(content) == {1}
    assert "李芳" in said(content)
    with open_attachment(content) as attachment:
        assert [(w.code, w.severity, w.page_index) for w in attachment.warnings] == [("unopenable", Severity.WARN, 1)]


@pytest.mark.parametrize("seal", [b"no asn.1", seal_of(b"no picture"), seal_of(png(), b"ofd"), der(0x30, b"")])
def test_a_seal_without_a_picture_is_told_of(seal: bytes) -> None:
    assert lost(Ofd([text("好", 20, 30)], seal=seal).build()) == {0}


def test_a_masked_ofd_is_a_pdf_of_pixels() -> None:
    content = Ofd([text("姓名张伟", 50, 100, size=10)]).build()
    with open_attachment(content) as attachment:
        page = attachment.page(0)
    scale = page.width / 210
    box = Box(*(v * scale for v in (45.0, 88.0, 95.0, 105.0)))
    output = mask_file(content, MediaType.OFD, [PageMasks(0, page.width, page.height, (box,))])
    assert sniff(output) is MediaType.PDF
    with pymupdf.open(stream=output) as document:
        assert document[0].get_text().strip() == ""
        assert abs(document[0].rect.width - 210 / 25.4 * 72) < 0.5
    with open_attachment(output) as attachment:
        assert at(attachment.page(0).pixels, 70, 95) == (0, 0, 0)


def test_drawing_is_the_same_each_time() -> None:
    content = Ofd([text("姓名张伟", 50, 100)]).build()
    assert np.array_equal(read(content)[0], read(content)[0])
    assert draw_ofd(content).pdf == draw_ofd(content).pdf


def with_part(name: str, data: bytes) -> bytes:
    return Ofd([text("好", 20, 30)], extra={name: data}).build()


BOMB = b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>]><a>&b;</a>"
EXTERNAL = b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>"


@pytest.mark.parametrize("xml", [BOMB, EXTERNAL, BOMB.decode().encode("utf-16"), b"<a>", b"", b"<a/><b/>", b"\xff\xfe\x00"])
def test_xml_with_entities_or_faults_is_refused(xml: bytes) -> None:
    with pytest.raises(Unopenable):
        parse_xml(xml)
    with pytest.raises(Unopenable):
        open_attachment(with_part("Doc_0/Document.xml", xml))


def test_xml_as_deep_as_a_stack_is_refused() -> None:
    with pytest.raises(TooLarge):
        parse_xml(b"<a>" * 5000 + b"</a>" * 5000)


@pytest.mark.parametrize(
    ("part", "loc", "path"),
    [
        ("Doc_0/Document.xml", "Pages/P.xml", "Doc_0/Pages/P.xml"),
        ("Doc_0/Document.xml", "/Doc_1/a", "Doc_1/a"),
        ("Doc_0/a/b.xml", "../../../../etc/passwd", "etc/passwd"),
        ("OFD.xml", "Doc_0\\Document.xml", "Doc_0/Document.xml"),
    ],
)
def test_paths_stay_in_the_package(part: str, loc: str, path: str) -> None:
    assert resolve(part, loc) == path


def test_steps_may_be_grouped() -> None:
    assert expand_deltas("g 3 5.5 2 g 2 1") == [5.5, 5.5, 5.5, 2.0, 1.0, 1.0]
    with pytest.raises(TooLarge):
        expand_deltas("g 99999 1 g 99999 1")


def test_a_bomb_among_its_parts_is_refused() -> None:
    big = Ofd([image("0 0 9 9", "9 0 0 9 0 0")], resources=PICTURES, files={"a.png": bytes(80 << 20)}).build()
    with pytest.raises(TooLarge):
        open_attachment(big, limits=IntakeLimits(max_bytes=32 << 20))


def test_a_picture_of_too_many_pixels_is_refused() -> None:
    content = Ofd([image("0 0 9 9", "9 0 0 9 0 0")], resources=PICTURES, files={"a.png": png(4000, 4000)}).build()
    with pytest.raises(TooLarge):
        open_attachment(content, limits=IntakeLimits(max_pixels=1_000_000))


@pytest.mark.parametrize("box", ["0 0 0 297", "0 0 nan 297", "0 0 99999 297", "0 0 210", "a b c d"])
def test_a_page_without_an_area_is_refused(box: str) -> None:
    with pytest.raises(AttachmentError):
        open_attachment(Ofd([text("好", 20, 30)], box=box).build())


def test_other_faults_have_their_error() -> None:
    content = Ofd([text("好", 20, 30)]).build()
    with pytest.raises(Truncated):
        draw_ofd(content[:-40])
    with pytest.raises(Empty):
        open_attachment(Ofd([]).build())
    with pytest.raises(Unopenable):
        open_attachment(Ofd([text("好", 20, 30)], template="x").build().replace(b"Tpl_0/Content.xml", b"Tpl_9/Content.xml"))
    with pytest.raises(Encrypted):
        open_attachment(with_part("OFD.xml", b"<OFD><Encryptions>e.xml</Encryptions></OFD>"))
    with pytest.raises(TooLarge):
        open_attachment(Ofd([text("好", 20, 30)] * 3).build(), limits=IntakeLimits(max_pages=2))


def test_random_damage_is_an_error_of_ours_or_a_page() -> None:
    content = Ofd([text("好", 20, 30) + path("M 0 0 L 9 9")], seal=seal_of(png())).build()
    rng = np.random.default_rng(5)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for _ in range(30):
        name = str(rng.choice(sorted(parts)))
        broken = bytearray(parts[name])
        for at_byte in rng.integers(0, len(broken), 3):
            broken[at_byte] = int(rng.integers(32, 127))
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            for other, data in parts.items():
                archive.writestr(other, bytes(broken) if other == name else data)
        try:
            with open_attachment(out.getvalue(), raster=COARSE) as attachment:
                attachment.page(0)
        except AttachmentError:
            continue

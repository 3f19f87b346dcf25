"""PDFs with the name in one place beside the printed one, for each place that a PDF keeps text and pixels in."""

# mypy: allow-untyped-calls

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pikepdf
import pymupdf
from fontTools import subset
from fontTools.ttLib import TTFont
from leak_pages import AFTER, BEFORE, DPI, EM, FREE_AT, HEIGHT, NAME_AT, OTHER_LINES, WIDTH, draw_page, draw_with_second, font
from PIL import Image

from redact.geometry import Box

mupdf: Any = pymupdf  # its constants are made at import, out of sight of mypy
_SCALE = 72 / DPI
_Plant = Callable[[Any, str], object]


def _encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


# --- three kinds of page ------------------------------------------------------------------------------------------------


def _scan_of(stream: bytes) -> Any:
    document: Any = pymupdf.open()
    page = document.new_page(width=WIDTH * _SCALE, height=HEIGHT * _SCALE)
    page.insert_image(page.rect, stream=stream)
    return document


def _colour_scan(name: str) -> Any:
    return _scan_of(_encoded(draw_page(name).image, "JPEG", quality=80))


def _bilevel_scan(name: str) -> Any:
    return _scan_of(_encoded(draw_page(name).image.convert("1", dither=Image.Dither.NONE), "TIFF", compression="group4"))


def _written(name: str) -> Any:
    """Text as a word processor writes it, at the places where the scans have theirs, with an embedded font."""
    document: Any = pymupdf.open()
    page = document.new_page(width=WIDTH * _SCALE, height=HEIGHT * _SCALE)
    x = NAME_AT[0] + font().getlength(BEFORE) + EM * 0.6
    after = x + font().getlength(name) + EM * 0.6
    for at, y, text in [*OTHER_LINES, (NAME_AT[0], NAME_AT[1], BEFORE), (x, NAME_AT[1], name), (after, NAME_AT[1], AFTER)]:
        _write(page, at, y, text)
    document.subset_fonts()
    return document


def _write(page: Any, x_px: float, y_px: float, text: str, **options: Any) -> None:
    writer = pymupdf.TextWriter(page.rect)
    ascent = font().getmetrics()[0]
    writer.append((x_px * _SCALE, (y_px + ascent) * _SCALE), text, font=pymupdf.Font("cjk"), fontsize=EM * _SCALE)
    writer.write_text(page, **options)


PAGES: dict[str, Callable[[str], Any]] = {"scan": _colour_scan, "1-bit scan": _bilevel_scan, "text": _written}


def make(kind: str, name: str, plant: _Plant | None = None) -> bytes:
    document = PAGES[kind](name)
    if plant is not None:
        plant(document, name)
        # An unused font would be cut down to nothing.
        if plant is not _glyphs:
            document.subset_fonts()
    content: bytes = document.tobytes(deflate=True, garbage=1)
    return content


# --- what PyMuPDF can plant ---------------------------------------------------------------------------------------------


def _text_under_box(document: Any, name: str) -> None:
    page = document[0]
    _write(page, *FREE_AT, name)
    page.draw_rect(_free_rect(name), color=None, fill=(0, 0, 0))


def _pixels_under_box(document: Any, name: str) -> None:
    _insert_second(document, name)
    document[0].draw_rect(_free_rect(name), color=None, fill=(0, 0, 0))


def _free_rect(name: str) -> Any:
    x0, y0, x1, y1 = font().getbbox(name)
    x, y = FREE_AT
    return pymupdf.Rect(x + x0 - 4, y + y0 - 4, x + x1 + 4, y + y1 + 4) * _SCALE


def _insert_second(document: Any, name: str, **options: Any) -> None:
    """The strip of the page below its lines, as a picture of its own."""
    strip = draw_with_second(name).crop((0, FREE_AT[1] - 10, WIDTH, HEIGHT))
    rect = pymupdf.Rect(0, FREE_AT[1] - 10, WIDTH, HEIGHT) * _SCALE
    document[0].insert_image(rect, stream=_encoded(strip, "PNG"), **options)


def _ocr_layer(document: Any, name: str) -> None:
    _write(document[0], *FREE_AT, name, render_mode=3)


def _annotation(document: Any, name: str) -> None:
    note = document[0].add_text_annot((300, 200), name)
    note.set_info(title=f"scanned for {name}")
    document[0].add_freetext_annot(_free_rect(name), name, fontsize=8)


def _form_field(document: Any, name: str) -> None:
    widget = pymupdf.Widget()
    widget.field_type, widget.field_name, widget.field_value = mupdf.PDF_WIDGET_TYPE_TEXT, "applicant", name
    widget.rect = pymupdf.Rect(300, 220, 390, 240)
    document[0].add_widget(widget)


def _bookmark(document: Any, name: str) -> None:
    document.set_toc([[1, f"{name}的证书", 1]])


def _link(document: Any, name: str) -> None:
    place = pymupdf.Rect(300, 200, 390, 210)
    uri = f"http://scan.example/{quote(name)}.jpg"
    document[0].insert_link({"kind": pymupdf.LINK_URI, "from": place, "uri": uri})


def _page_label(document: Any, name: str) -> None:
    document.set_page_labels([{"startpage": 0, "prefix": name, "style": "D", "firstpagenum": 1}])


def _embedded_file(document: Any, name: str) -> None:
    document.embfile_add("list", f"1,{name},合格".encode("gb18030"), filename="list.csv")


def _embedded_name(document: Any, name: str) -> None:
    document.embfile_add("a", b"x", filename=f"{name}.csv", ufilename=f"{name}.csv")


def _info(document: Any, name: str) -> None:
    document.set_metadata({"author": name, "title": "scan"})


def _xmp(document: Any, name: str) -> None:
    document.set_xml_metadata(f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><creator>{name}</creator></x:xmpmeta>')


def _hidden_layer_text(document: Any, name: str) -> None:
    layer = document.add_ocg("layer", on=False)
    _write(document[0], *FREE_AT, name, oc=layer)


def _hidden_layer_pixels(document: Any, name: str) -> None:
    _insert_second(document, name, oc=document.add_ocg("layer", on=False))


def _layer_name(document: Any, name: str) -> None:
    document.add_ocg(name)


def _outside_crop_text(document: Any, name: str) -> None:
    """More paper at the bottom, with the name on it, that the crop box leaves out."""
    _write(_add_margin(document), 60, HEIGHT + 20, name)
    _crop(document)


def _outside_crop_pixels(document: Any, name: str) -> None:
    strip = draw_with_second(name).crop((0, FREE_AT[1] - 10, WIDTH, HEIGHT))
    rect = pymupdf.Rect(0, HEIGHT + 10, WIDTH, HEIGHT + 10 + strip.height) * _SCALE
    _add_margin(document).insert_image(rect, stream=_encoded(strip, "PNG"))
    _crop(document)


def _add_margin(document: Any) -> Any:
    page = document[0]
    page.set_mediabox(pymupdf.Rect(0, -60, WIDTH * _SCALE, HEIGHT * _SCALE))
    return document.reload_page(page)


def _crop(document: Any) -> None:
    document.xref_set_key(document[0].xref, "CropBox", f"[0 0 {WIDTH * _SCALE} {HEIGHT * _SCALE}]")


def _glyphs(document: Any, name: str) -> None:
    """A font that was cut down to the name's glyphs, in the page's resources and used by nothing."""
    document[0].insert_font(fontname="cut", fontbuffer=_subset_font(name))


def _subset_font(name: str) -> bytes:
    full = TTFont(io.BytesIO(pymupdf.Font("cjk").buffer))
    cutter = subset.Subsetter()
    cutter.populate(text=name)
    cutter.subset(full)
    out = io.BytesIO()
    full.save(out)
    return out.getvalue()


def _page_thumbnail(document: Any, name: str) -> None:
    """A picture of the page at half its size, as some programs keep for their list of pages."""
    small = draw_page(name).image.resize((WIDTH // 2, HEIGHT // 2), Image.Resampling.LANCZOS)
    xref = _add_picture(document, small)
    document.xref_set_key(document[0].xref, "Thumb", f"{xref} 0 R")


def _alternate_image(document: Any, name: str) -> None:
    """Another picture to be shown instead when printing (PDF 32000-1, 8.9.5.4)."""
    xref = _add_picture(document, draw_with_second(name))
    shown = document[0].get_images()
    if not shown:
        _insert_second(document, "无")
        shown = document[0].get_images()
    document.xref_set_key(shown[0][0], "Alternates", f"[<</Image {xref} 0 R/DefaultForPrinting true>>]")


def _add_picture(document: Any, image: Image.Image) -> int:
    xref = int(document.get_new_xref())
    keys = "/Subtype/Image/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/DCTDecode"
    document.update_object(xref, f"<</Type/XObject{keys}/Width {image.width}/Height {image.height}>>")
    document.update_stream(xref, _encoded(image.convert("RGB"), "JPEG", quality=85), compress=False)
    # PyMuPDF takes the filter away when it sets a stream.
    document.xref_set_key(xref, "Filter", "/DCTDecode")
    return xref


# --- what needs the objects ---------------------------------------------------------------------------------------------


def _utf16(name: str) -> pikepdf.String:
    return pikepdf.String(b"\xfe\xff" + name.encode("utf-16-be"))


def _actual_text(document: Any, name: str) -> None:
    root = document.Root
    leaf = document.make_indirect(pikepdf.Dictionary(S=pikepdf.Name.Span, ActualText=_utf16(name), Alt=_utf16(name)))
    root.StructTreeRoot = document.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.StructTreeRoot, K=leaf))
    root.MarkInfo = pikepdf.Dictionary(Marked=True)


def _marked_content(document: Any, name: str) -> None:
    """/ActualText in the content stream itself."""
    hexed = (b"\xfe\xff" + name.encode("utf-16-be")).hex()
    document.pages[0].contents_add(f"/Span <</ActualText <{hexed}>>> BDC EMC".encode())


def _javascript(document: Any, name: str) -> None:
    script = f"app.alert('{name}')"
    document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=_utf16(script))


def _javascript_escaped(document: Any, name: str) -> None:
    script = "".join(f"\\u{ord(c):04x}" for c in name)
    stream = document.make_stream(f"var who = '{script}';".encode())
    document.Root.Names = pikepdf.Dictionary(
        JavaScript=pikepdf.Dictionary(Names=["a", pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=stream)])
    )


def _signature(document: Any, name: str) -> None:
    """A signature's own entries, and a certificate's subject in its contents (DER, UTF8String)."""
    raw = name.encode()
    subject = b"\x30\x80\x06\x03\x55\x04\x03\x0c" + bytes([len(raw)]) + raw
    value = pikepdf.Dictionary(
        Type=pikepdf.Name.Sig, Filter=pikepdf.Name("/Adobe.PPKLite"), Name=_utf16(name), Contents=pikepdf.String(subject)
    )
    field = document.make_indirect(
        pikepdf.Dictionary(FT=pikepdf.Name.Sig, T="signature", V=document.make_indirect(value), Type=pikepdf.Name.Annot)
    )
    document.Root.AcroForm = pikepdf.Dictionary(Fields=[field], SigFlags=3)


def _private_data(document: Any, name: str) -> None:
    document.Root.PieceInfo = pikepdf.Dictionary(Scanner=pikepdf.Dictionary(Private=pikepdf.String(name.encode("gb18030"))))


def _resource_name(document: Any, name: str) -> None:
    page = document.pages[0]
    page.obj[pikepdf.Name("/Properties")] = pikepdf.Dictionary({f"/{name}": pikepdf.Name.Yes})


def _with_pikepdf(kind: str, name: str, plant: _Plant, **options: Any) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(make(kind, name))) as document:
        plant(document, name)
        document.save(out, **options)
    return out.getvalue()


# --- what needs the bytes -----------------------------------------------------------------------------------------------


def _earlier_revision(kind: str, name: str) -> bytes:
    """Written with the name on the page, then saved once more without it: the first save is still in the file."""
    document = PAGES[kind](name)
    _write(document[0], *FREE_AT, name)
    document.subset_fonts()
    before = document.tobytes(deflate=True)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.pdf"
        path.write_bytes(before)
        changed: Any = pymupdf.open(path)
        last = changed[0].get_contents()[-1]
        changed.update_stream(last, b" ")
        changed.saveIncr()
        changed.close()
        content = path.read_bytes()
    assert content.count(b"%%EOF") == 2
    return content


def _unreferenced(kind: str, name: str) -> bytes:
    content = make(kind, name)
    at = content.rindex(b"startxref")
    raw = ("scanned for " + name).encode("utf-16-be").hex().upper()
    return content[:at] + f"9999 0 obj\n<FEFF{raw}>\nendobj\n".encode() + content[at:]


def _object_stream(kind: str, name: str) -> bytes:
    mode = pikepdf.ObjectStreamMode.generate
    return _with_pikepdf(kind, name, _private_data, object_stream_mode=mode, compress_streams=True)


def _after_the_end(kind: str, name: str) -> bytes:
    return make(kind, name) + f"\n% {name}\n".encode("gb18030")


def _between_objects(kind: str, name: str) -> bytes:
    content = make(kind, name)
    at = content.rindex(b"startxref")
    return content[:at] + b"% " + name.encode() + b"\n" + content[at:]


_BY_PYMUPDF: dict[str, _Plant] = {
    "text under a box": _text_under_box,
    "pixels under a vector box": _pixels_under_box,
    "hidden OCR text layer": _ocr_layer,
    "annotations": _annotation,
    "form field": _form_field,
    "bookmark": _bookmark,
    "link target": _link,
    "page label": _page_label,
    "attachment, content": _embedded_file,
    "attachment, file name": _embedded_name,
    "Info": _info,
    "XMP": _xmp,
    "hidden layer, text": _hidden_layer_text,
    "hidden layer, pixels": _hidden_layer_pixels,
    "layer's name": _layer_name,
    "outside the CropBox, text": _outside_crop_text,
    "outside the CropBox, pixels": _outside_crop_pixels,
    "glyphs in a subset font": _glyphs,
    "page thumbnail": _page_thumbnail,
    "alternate image": _alternate_image,
}
_BY_PIKEPDF: dict[str, _Plant] = {
    "structure tree /ActualText": _actual_text,
    "marked content /ActualText": _marked_content,
    "JavaScript": _javascript,
    "JavaScript, escaped": _javascript_escaped,
    "signature": _signature,
    "private data": _private_data,
    "name of a resource": _resource_name,
}
_BY_BYTES: dict[str, Callable[[str, str], bytes]] = {
    "earlier revision": _earlier_revision,
    "unreferenced object": _unreferenced,
    "object stream": _object_stream,
    "after the end": _after_the_end,
    "comment between objects": _between_objects,
}


def _planter(plant: _Plant) -> Callable[[str, str], bytes]:
    return lambda kind, name: make(kind, name, plant)


def _object_planter(plant: _Plant) -> Callable[[str, str], bytes]:
    return lambda kind, name: _with_pikepdf(kind, name, plant)


PDF_CHANNELS: dict[str, Callable[[str, str], bytes]] = {
    **{channel: _planter(plant) for channel, plant in _BY_PYMUPDF.items()},
    **{channel: _object_planter(plant) for channel, plant in _BY_PIKEPDF.items()},
    **_BY_BYTES,
}


def draw_over(content: bytes, ink: Box) -> bytes:
    """The naive masker: a black rectangle drawn on top, and the file saved incrementally, as an editor does."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.pdf"
        path.write_bytes(content)
        document: Any = pymupdf.open(path)
        page = document[0]
        rect = pymupdf.Rect(ink.x0, ink.y0, ink.x1, ink.y1) * _SCALE
        page.draw_rect(rect, color=None, fill=(0, 0, 0), overlay=True)
        if document.can_save_incrementally():
            document.saveIncr()
            document.close()
            return path.read_bytes()
        changed: bytes = document.tobytes()
        document.close()
        return changed

"""The tree of an OFD: documents, pages, templates, annotations, seals."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass, field

from redact.errors import AttachmentError, Empty, Encrypted, TooLarge, Unopenable
from redact.mupdf import MUPDF_LOCK
from redact.ofd.drawing import Artist
from redact.ofd.package import Package, numbers, resolve
from redact.ofd.pdf_canvas import PdfCanvas
from redact.ofd.resources import Resources
from redact.ofd.seals import find_picture
from redact.options import IntakeLimits

_A4_MM = (0.0, 0.0, 210.0, 297.0)
_LONGEST_MM = 5_000.0


@dataclass(frozen=True, slots=True)
class DrawnOfd:
    """``pdf``: a page for each page. ``incomplete``: indices of pages on which something could not be drawn as it is meant."""

    pdf: bytes = field(repr=False)
    incomplete: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Document:
    path: str
    root: ET.Element
    resources: Resources
    templates: dict[str, str]
    box: tuple[float, float, float, float]
    # Elements to draw above a page's own, by its ID: appearances of annotations, and pictures of seals with their boxes.
    annotations: dict[str, list[ET.Element]]
    seals: dict[str, list[tuple[bytes | None, list[float]]]]


def draw_ofd(content: bytes, limits: IntakeLimits = IntakeLimits()) -> DrawnOfd:
    """Draw an OFD as a PDF: always the same for the same bytes.

    Text (with embedded fonts, else in a face with most Chinese characters), paths, pictures, clips, templates, composites,
    annotations with an appearance, and seals are drawn; patterns, shades and masks are not, and make their page incomplete.

    Raises:
        Unopenable, Truncated, Encrypted, Empty, TooLarge: the bytes are at fault, or ask for too much.
    """
    package = Package(content, limits)
    root = package.read_xml("OFD.xml")
    if root.find("Encryptions") is not None or root.find("DocBody/Encryptions") is not None:
        raise Encrypted("OFD")
    with MUPDF_LOCK:
        canvas = PdfCanvas(limits.max_pixels)
        try:
            incomplete: set[int] = set()
            count = 0
            for body in root.iterfind("DocBody"):
                count = _draw_document(package, _open(package, body), canvas, incomplete, count, limits)
            if not count:
                raise Empty("OFD without pages")
            return DrawnOfd(canvas.finish(), frozenset(incomplete))
        finally:
            canvas.close()


def _open(package: Package, body: ET.Element) -> _Document:
    path = resolve("OFD.xml", (body.findtext("DocRoot") or "").strip())
    root = package.read_xml(path)
    common = root.find("CommonData")
    resources = Resources()
    for name in ("PublicRes", "DocumentRes"):
        for part in root.iterfind(f"CommonData/{name}"):
            resources.add(package, resolve(path, (part.text or "").strip()))
    templates = {t.get("ID", ""): resolve(path, t.get("BaseLoc", "")) for t in root.iterfind("CommonData/TemplatePage")}
    area = None if common is None else common.find("PageArea")
    document = _Document(path, root, resources, templates, _read_box(area) or _A4_MM, {}, {})
    _read_annotations(package, document)
    _read_seals(package, document, body.findtext("Signatures"))
    return document


def _draw_document(
    package: Package, document: _Document, canvas: PdfCanvas, incomplete: set[int], count: int, limits: IntakeLimits
) -> int:
    """Pages before this document: ``count``; returns those after it."""
    artist = Artist(package, document.resources, canvas)
    for page in document.root.iterfind("Pages/Page"):
        if count >= limits.max_pages:
            raise TooLarge("pages")
        try:
            _draw_page(package, document, page, artist)
        except TooLarge:
            raise
        except AttachmentError as error:
            raise type(error)(error.detail, page_index=count) from None
        if artist.lost:
            incomplete.add(count)
        artist.finish()
        count += 1
    return count


def _draw_page(package: Package, document: _Document, page: ET.Element, artist: Artist) -> None:
    path = resolve(document.path, page.get("BaseLoc", ""))
    root = package.read_xml(path)
    for part in root.iterfind("PageRes"):
        document.resources.add(package, resolve(path, (part.text or "").strip()))
    artist.start(_read_box(root.find("Area")) or document.box)
    above = []
    for use in root.iterfind("Template"):
        template = document.templates.get(use.get("TemplateID", ""))
        if template is None:
            artist.lost += 1
        elif use.get("ZOrder", "Background") == "Foreground":
            above.append(template)
        else:
            _draw_layers(package.read_xml(template), artist)
    _draw_layers(root, artist)
    for template in above:
        _draw_layers(package.read_xml(template), artist)
    number = page.get("ID", "")
    for appearance in document.annotations.get(number, []):
        artist.draw_appearance(appearance)
    for picture, box in document.seals.get(number, []):
        _draw_seal(picture, box, artist)


_ORDER = {"Background": 0, "Body": 1, "Foreground": 2}


def _draw_layers(page: ET.Element, artist: Artist) -> None:
    layers = [layer for content in page.iterfind("Content") for layer in content.iterfind("Layer")]
    for layer in sorted(layers, key=lambda layer: _ORDER.get(layer.get("Type", "Body"), 1)):
        artist.draw(layer, layer.get("DrawParam"))


def _draw_seal(picture: bytes | None, box: list[float], artist: Artist) -> None:
    if picture is None:
        artist.lost += 1
        return
    try:
        artist.draw_picture(picture, box)
    except Unopenable:
        artist.lost += 1


def _read_box(area: ET.Element | None) -> tuple[float, float, float, float] | None:
    """The physical box, in mm; None where none is given."""
    given = None if area is None else area.findtext("PhysicalBox")
    if given is None:
        return None
    box = numbers(given)
    if len(box) != 4 or min(box[2:]) <= 0 or max(box[2:]) > _LONGEST_MM:
        raise Unopenable("page box of an OFD")
    return box[0], box[1], box[2], box[3]


def _read_annotations(package: Package, document: _Document) -> None:
    given = document.root.findtext("Annotations")
    if given is None:
        return
    path = resolve(document.path, given.strip())
    for page in package.read_xml(path).iterfind("Page"):
        part = resolve(path, (page.findtext("FileLoc") or "").strip())
        for annotation in package.read_xml(part).iterfind("Annot"):
            appearance = annotation.find("Appearance")
            if appearance is not None and annotation.get("Visible", "true").lower() != "false":
                document.annotations.setdefault(page.get("PageID", ""), []).append(appearance)


def _read_seals(package: Package, document: _Document, given: str | None) -> None:
    """Seals that are signed with; one whose picture cannot be had is kept as a loss of its page."""
    if given is None:
        return
    path = resolve("OFD.xml", given.strip())
    for signature in package.read_xml(path).iterfind("Signature"):
        part = resolve(path, signature.get("BaseLoc", ""))
        root = package.read_xml(part)
        stamps = root.findall("SignedInfo/StampAnnot")
        picture = _find_seal(package, part, root) if stamps else None
        for stamp in stamps:
            box = numbers(stamp.get("Boundary"))
            if len(box) == 4:
                document.seals.setdefault(stamp.get("PageRef", ""), []).append((picture, box))


def _find_seal(package: Package, part: str, root: ET.Element) -> bytes | None:
    for given in (root.findtext("SignedInfo/Seal/BaseLoc"), root.findtext("SignedValue")):
        if given is None:
            continue
        try:
            found = find_picture(package.read(resolve(part, given.strip())))
        except Unopenable:
            continue  # the other part may have it
        if found is not None and found[0] != "ofd":
            return found[1]
    return None

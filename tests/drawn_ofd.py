"""OFD files made for tests: the parts that electronic certificates and scans have."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pymupdf
from PIL import Image

_NS = 'xmlns:ofd="http://www.ofdspec.org/2016"'
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


def text(
    said: str,
    x: float,
    y: float,
    *,
    size: float = 5.0,
    font: int = 1,
    step: float | None = None,
    inside: str = "",
    **attributes: str,
) -> str:
    """A TextObject whose baseline starts at ``x``, ``y`` (mm)."""
    more = "".join(f' {key}="{value}"' for key, value in attributes.items())
    deltas = f' DeltaX="g {len(said) - 1} {step or size}"' if len(said) > 1 else ""
    return (
        f'<ofd:TextObject ID="9" Boundary="{x} {y - size} {size * len(said)} {size * 1.3}" Font="{font}" Size="{size}"{more}>'
        f'{inside}<ofd:TextCode X="0" Y="{size}"{deltas}>{said}</ofd:TextCode></ofd:TextObject>'
    )


def path(data: str, *, box: str = "0 0 210 297", fill: str | None = None, stroke: bool = True, inside: str = "") -> str:
    colour = "" if fill is None else f'<ofd:FillColor Value="{fill}"/>'
    flags = f'Fill="{str(fill is not None).lower()}" Stroke="{str(stroke).lower()}"'
    return (
        f'<ofd:PathObject ID="8" Boundary="{box}" LineWidth="0.5" {flags}>{inside}{colour}'
        f"<ofd:AbbreviatedData>{data}</ofd:AbbreviatedData></ofd:PathObject>"
    )


def image(box: str, ctm: str, resource: int = 20) -> str:
    return f'<ofd:ImageObject ID="7" Boundary="{box}" CTM="{ctm}" ResourceID="{resource}"/>'


def png(width: int = 200, height: int = 100, colour: tuple[int, int, int] = (30, 60, 200)) -> bytes:
    """Its top half ``colour``, the lower half white: up and down can be told apart."""
    pixels = np.full((height, width, 3), 255, np.uint8)
    pixels[: height // 2] = colour
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def cjk_font() -> bytes:
    return bytes(pymupdf.Font("cjk").buffer)


@dataclass
class Ofd:
    """``pages``: the objects of each page. ``resources``: XML inside ``ofd:Res``; ``files``: parts under ``Doc_0/Res``."""

    pages: list[str]
    resources: str = '<ofd:Fonts><ofd:Font ID="1" FontName="SimSun"/></ofd:Fonts>'
    files: Mapping[str, bytes] = field(default_factory=dict)
    template: str = ""
    annotation: str = ""
    seal: bytes | None = None
    box: str = "0 0 210 297"
    extra: Mapping[str, bytes] = field(default_factory=dict)

    def build(self) -> bytes:
        parts: dict[str, bytes] = {}

        def put(name: str, body: str) -> None:
            parts[name] = (_HEAD + body).encode()

        signatures = "<ofd:Signatures>/Doc_0/Signs/Signatures.xml</ofd:Signatures>" if self.seal is not None else ""
        put(
            "OFD.xml",
            f'<ofd:OFD {_NS} Version="1.0" DocType="OFD"><ofd:DocBody><ofd:DocInfo><ofd:DocID>0</ofd:DocID></ofd:DocInfo>'
            f"<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot>{signatures}</ofd:DocBody></ofd:OFD>",
        )
        template = '<ofd:TemplatePage ID="2" BaseLoc="Tpls/Tpl_0/Content.xml"/>' if self.template else ""
        annotations = "<ofd:Annotations>Annots/Annotations.xml</ofd:Annotations>" if self.annotation else ""
        listed = "".join(f'<ofd:Page ID="{100 + i}" BaseLoc="Pages/Page_{i}/Content.xml"/>' for i in range(len(self.pages)))
        put(
            "Doc_0/Document.xml",
            f"<ofd:Document {_NS}><ofd:CommonData><ofd:MaxUnitID>999</ofd:MaxUnitID><ofd:PageArea><ofd:PhysicalBox>{self.box}"
            f"</ofd:PhysicalBox></ofd:PageArea><ofd:PublicRes>PublicRes.xml</ofd:PublicRes>{template}</ofd:CommonData>"
            f"<ofd:Pages>{listed}</ofd:Pages>{annotations}</ofd:Document>",
        )
        put("Doc_0/PublicRes.xml", f'<ofd:Res {_NS} BaseLoc="Res">{self.resources}</ofd:Res>')
        used = '<ofd:Template TemplateID="2" ZOrder="Background"/>' if self.template else ""
        for index, objects in enumerate(self.pages):
            put(f"Doc_0/Pages/Page_{index}/Content.xml", _page(objects, used))
        if self.template:
            put("Doc_0/Tpls/Tpl_0/Content.xml", _page(self.template))
        if self.annotation:
            put(
                "Doc_0/Annots/Annotations.xml",
                f'<ofd:Annotations {_NS}><ofd:Page PageID="100"><ofd:FileLoc>Page_0.xml</ofd:FileLoc></ofd:Page>'
                "</ofd:Annotations>",
            )
            put(
                "Doc_0/Annots/Page_0.xml",
                f'<ofd:PageAnnot {_NS}><ofd:Annot ID="5" Type="Stamp">'
                f'<ofd:Appearance Boundary="100 100 80 80">{self.annotation}</ofd:Appearance></ofd:Annot></ofd:PageAnnot>',
            )
        if self.seal is not None:
            put(
                "Doc_0/Signs/Signatures.xml",
                f'<ofd:Signatures {_NS}><ofd:Signature ID="1" Type="Seal" BaseLoc="Sign_0/Signature.xml"/></ofd:Signatures>',
            )
            put(
                "Doc_0/Signs/Sign_0/Signature.xml",
                f'<ofd:Signature {_NS}><ofd:SignedInfo><ofd:StampAnnot ID="1" PageRef="100" Boundary="20 200 40 20"/>'
                "<ofd:Seal><ofd:BaseLoc>Seal.esl</ofd:BaseLoc></ofd:Seal></ofd:SignedInfo></ofd:Signature>",
            )
            parts["Doc_0/Signs/Sign_0/Seal.esl"] = self.seal
        parts |= {f"Doc_0/Res/{name}": data for name, data in self.files.items()}
        parts |= self.extra
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in parts.items():
                archive.writestr(name, data)
        return out.getvalue()


def _page(objects: str, template: str = "") -> str:
    return f'<ofd:Page {_NS}>{template}<ofd:Content><ofd:Layer ID="3" Type="Body">{objects}</ofd:Layer></ofd:Content></ofd:Page>'


def der(tag: int, value: bytes) -> bytes:
    size = len(value)
    return bytes([tag]) + (bytes([size]) if size < 128 else b"\x84" + size.to_bytes(4, "big")) + value


def seal_of(picture: bytes, kind: bytes = b"png") -> bytes:
    """An SESeal as far as its picture goes: header, id, properties, picture info; signed."""
    header = der(0x30, der(0x16, b"ES") + der(0x02, b"\x04") + der(0x16, b"maker"))
    info = der(0x30, der(0x16, kind) + der(0x04, picture) + der(0x02, b"\x28") + der(0x02, b"\x14"))
    return der(0x30, der(0x30, header + der(0x16, b"id") + info) + der(0x03, b"\0signed"))

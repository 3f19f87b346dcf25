"""Fonts, pictures, drawing parameters and colours that an OFD's objects refer to by number."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from redact.ofd.package import Package, numbers, resolve

_T = TypeVar("_T")
Rgb = tuple[float, float, float]
BLACK: Rgb = (0.0, 0.0, 0.0)


@dataclass(slots=True)
class Resources:
    """Parts' paths of ``fonts`` (None where the file has none embedded) and ``images``, elements of the rest, by their ID."""

    fonts: dict[str, str | None] = field(default_factory=dict)
    images: dict[str, str] = field(default_factory=dict)
    params: dict[str, ET.Element] = field(default_factory=dict)
    spaces: dict[str, str] = field(default_factory=dict)
    composites: dict[str, ET.Element] = field(default_factory=dict)

    def add(self, package: Package, path: str) -> None:
        root = package.read_xml(path)
        base = resolve(path, root.get("BaseLoc", ".")) + "/"
        for font in root.iterfind("Fonts/Font"):
            file = font.findtext("FontFile")
            self.fonts[font.get("ID", "")] = None if file is None else resolve(base, file.strip())
        for media in root.iterfind("MultiMedias/MultiMedia"):
            file = media.findtext("MediaFile")
            if file is not None:
                self.images[media.get("ID", "")] = resolve(base, file.strip())
        for param in root.iterfind("DrawParams/DrawParam"):
            self.params[param.get("ID", "")] = param
        for space in root.iterfind("ColorSpaces/ColorSpace"):
            self.spaces[space.get("ID", "")] = space.get("Type", "RGB").upper()
        for unit in root.iterfind("CompositeGraphicUnits/CompositeGraphicUnit"):
            self.composites[unit.get("ID", "")] = unit

    def attribute(self, element: ET.Element, name: str, inherited: str | None) -> str | None:
        """An attribute of an object, or of its drawing parameters and those that they are relative to."""
        found = element.get(name)
        return found if found is not None else self._from_params(element.get("DrawParam") or inherited, lambda p: p.get(name))

    def colour(self, element: ET.Element, name: str, inherited: str | None) -> Rgb | None:
        """``FillColor`` or ``StrokeColor`` as RGB, 0..1; None for a pattern or a shade, which is not drawn."""
        own = element.find(name)
        if own is None:
            own = self._from_params(element.get("DrawParam") or inherited, lambda p: p.find(name))
        return BLACK if own is None else _to_rgb(own, self.spaces)

    def _from_params(self, number: str | None, take: Callable[[ET.Element], _T | None]) -> _T | None:
        for _ in range(16):
            param = self.params.get(number or "")
            if param is None:
                return None
            found = take(param)
            if found is not None:
                return found
            number = param.get("Relative")
        return None


def _to_rgb(colour: ET.Element, spaces: Mapping[str, str]) -> Rgb | None:
    value = colour.get("Value")
    if value is None:
        return BLACK if len(colour) == 0 and colour.get("Index") is None else None
    parts = [min(max(_channel(part) / 255, 0.0), 1.0) for part in value.split()]
    space = spaces.get(colour.get("ColorSpace", ""), {1: "GRAY", 4: "CMYK"}.get(len(parts), "RGB"))
    if space == "GRAY" and len(parts) == 1:
        return parts[0], parts[0], parts[0]
    if space == "CMYK" and len(parts) == 4:
        c, m, y, k = parts
        return (1 - c) * (1 - k), (1 - m) * (1 - k), (1 - y) * (1 - k)
    return (parts[0], parts[1], parts[2]) if len(parts) == 3 else None


def _channel(part: str) -> float:
    """``#ff`` is hexadecimal (GB/T 33190, 8.3.1)."""
    if part.startswith("#"):
        try:
            return float(int(part[1:], 16))
        except ValueError:
            return 0.0
    return next(iter(numbers(part)), 0.0)

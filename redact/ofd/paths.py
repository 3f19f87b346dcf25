"""Paths of an OFD (GB/T 33190, 9.1) as PDF operators."""

from __future__ import annotations

import math
from collections.abc import Iterator

from redact.errors import TooLarge, Unopenable
from redact.ofd.package import numbers

_ARGUMENTS = {"S": 2, "M": 2, "L": 2, "Q": 4, "B": 6, "A": 7, "C": 0}
_MOST_STEPS = 200_000


def write_path(data: str | None) -> str:
    """Construction operators for ``AbbreviatedData``.

    Raises: Unopenable: an operator or a number that is none; TooLarge.
    """
    out: list[str] = []
    at = (0.0, 0.0)
    for name, values in _split(data or ""):
        if name in "SM":
            at = (values[0], values[1])
            out.append(f"{_xy(*at)} m")
        elif name == "L":
            at = (values[0], values[1])
            out.append(f"{_xy(*at)} l")
        elif name == "Q":
            (x0, y0), (x1, y1, x2, y2) = at, values
            at = (x2, y2)
            first = (x0 + (x1 - x0) * 2 / 3, y0 + (y1 - y0) * 2 / 3)
            second = (x2 + (x1 - x2) * 2 / 3, y2 + (y1 - y2) * 2 / 3)
            out.append(f"{_xy(*first)} {_xy(*second)} {_xy(*at)} c")
        elif name == "B":
            at = (values[4], values[5])
            out.append(f"{_xy(*values[:2])} {_xy(*values[2:4])} {_xy(*at)} c")
        elif name == "A":
            out += _arc(at, values)
            at = (values[5], values[6])
        else:
            out.append("h")
    return "\n".join(out)


def _split(data: str) -> Iterator[tuple[str, list[float]]]:
    parts = data.split()
    if len(parts) > _MOST_STEPS:
        raise TooLarge("steps of a path")
    at = 0
    while at < len(parts):
        count = _ARGUMENTS.get(parts[at])
        if count is None:
            raise Unopenable("a path of an OFD")
        values = numbers(" ".join(parts[at + 1 : at + 1 + count]))
        if len(values) != count:
            raise Unopenable("a path of an OFD")
        yield parts[at], values
        at += 1 + count


def _arc(start: tuple[float, float], values: list[float]) -> list[str]:
    """An elliptical arc by its ends, as in SVG (implementation notes, B.2.4), in cubic pieces of a quarter turn at most."""
    rx, ry, turn_deg, large, sweep, x, y = values
    rx, ry = abs(rx), abs(ry)
    if rx < 1e-9 or ry < 1e-9 or start == (x, y):
        return [f"{_xy(x, y)} l"]
    turn = math.radians(turn_deg)
    cos, sin = math.cos(turn), math.sin(turn)
    dx, dy = (start[0] - x) / 2, (start[1] - y) / 2
    u, v = cos * dx + sin * dy, -sin * dx + cos * dy
    scale = math.hypot(u / rx, v / ry)
    if scale > 1:
        rx, ry = rx * scale, ry * scale
    under = max((rx * ry) ** 2 - (rx * v) ** 2 - (ry * u) ** 2, 0.0) / ((rx * v) ** 2 + (ry * u) ** 2)
    factor = math.sqrt(under) * (-1 if bool(large) == bool(sweep) else 1)
    cu, cv = factor * rx * v / ry, -factor * ry * u / rx
    cx, cy = cos * cu - sin * cv + (start[0] + x) / 2, sin * cu + cos * cv + (start[1] + y) / 2
    first = math.atan2((v - cv) / ry, (u - cu) / rx)
    span = math.atan2((-v - cv) / ry, (-u - cu) / rx) - first
    span += 2 * math.pi if sweep and span < 0 else -2 * math.pi if not sweep and span > 0 else 0.0
    pieces = max(math.ceil(abs(span) / (math.pi / 2) - 1e-9), 1)
    step = span / pieces
    reach = 4 / 3 * math.tan(step / 4)

    def place(a: float, b: float) -> str:
        return _xy(cx + cos * rx * a - sin * ry * b, cy + sin * rx * a + cos * ry * b)

    out = []
    for piece in range(pieces):
        a, b = first + piece * step, first + (piece + 1) * step
        ca, sa, cb, sb = math.cos(a), math.sin(a), math.cos(b), math.sin(b)
        out.append(f"{place(ca - reach * sa, sa + reach * ca)} {place(cb + reach * sb, sb - reach * cb)} {place(cb, sb)} c")
    return out


def _xy(x: float, y: float) -> str:
    return f"{x:.5f} {y:.5f}"

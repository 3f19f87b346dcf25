"""The sheet in a photo: its four corners, and whether they all lie in the picture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from redact.geometry import Box, Quad
from redact.lines import Reading
from redact.screening.completeness.paper import Paper
from redact.screening.completeness.reduced import Reduced
from redact.values import Issue, Severity

# A side of the sheet lies along the picture's border where this share of it does.
HIDDEN = 0.5
# A point of the outline this far inside its hull belongs to a bay.
BAY_PX = 3.0
# The sheet's corner lies outside by more than this share of the picture's longer side.
OUTSIDE = 0.01
# A scanned sheet is tilted less than this where it lies along the glass's edge.
ASKEW_DEG = 1.5
# The sheet is worth cropping to where it covers less than this share of the picture: 66 of 70 sheets that fill 0.35 to 0.66 of a
# photo's longer side, and 5 of 312 good pages.
SMALL = 0.6
# ... and is a sheet at all where it covers more than this share of its own four corners.
FILLED = 0.9
# A card is lower than so many of its characters.
CARD_EMS = 22.0
_ID_NUMBER = "公民身份号码"
_ID_BACK = ("居民身份证", "中华人民共和国")


@dataclass(frozen=True, slots=True)
class Sheet:
    """``quad``: corners TL, TR, BR, BL as seen, in reduced pixels, some perhaps outside the picture. ``visible``: whether each
    side (top, right, bottom, left) is seen, and not the picture's border."""

    quad: Quad
    visible: tuple[bool, bool, bool, bool]


def find_sheet(page: Reduced, paper: Paper) -> Sheet | None:
    """The four sides of the paper that holds the text; None where there is no such shape."""
    if not page.rows:
        return None
    closed = cv2.morphologyEx(paper.reached, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    contours, _ = cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not contours:
        return None
    hull = cv2.convexHull(max(contours, key=cv2.contourArea))
    (cx, cy), (w, h), angle = cv2.minAreaRect(hull)
    if min(w, h) < 4 * page.em:
        return None
    outline = max(contours, key=cv2.contourArea)[:, 0]
    # Bays, where a thing or a shadow reaches in over the edge, are not the sheet's edge.
    filled = cv2.drawContours(np.zeros_like(paper.reached), [hull], -1, 255, -1)
    depth = cv2.distanceTransform(cv2.copyMakeBorder(filled, 1, 1, 1, 1, cv2.BORDER_CONSTANT), cv2.DIST_L2, 3)[1:-1, 1:-1]
    outer = depth[outline[:, 1], outline[:, 0]] < BAY_PX + 1
    sides = _sides(outline[outer].astype(np.float64), (cx, cy), (w, h), angle)
    lines, visible = [], []
    for points in sides:
        if len(points) < 8:
            return None
        x, y = points[:, 0], points[:, 1]
        on_border = (x <= 1) | (y <= 1) | (x >= page.width - 2) | (y >= page.height - 2)
        seen = float(on_border.mean()) < HIDDEN
        visible.append(seen)
        used = points[~on_border] if seen else points[on_border]
        lines.append(_fit(used))
    corners = [_cross(lines[i - 1], lines[i]) for i in range(4)]
    if any(c is None for c in corners):
        return None
    made = Quad.from_array(np.array(corners))
    inside = cv2.contourArea(hull)
    whole = abs(float(cv2.contourArea(made.array().astype(np.float32))))
    if whole <= 0 or inside / whole < FILLED * 0.8:
        return None
    return Sheet(made, (visible[0], visible[1], visible[2], visible[3]))


def _sides(
    points: NDArray[np.float64], centre: tuple[float, float], size: tuple[float, float], angle: float
) -> list[NDArray[np.float64]]:
    """The contour's points by the side they belong to (top, right, bottom, left as seen), those near corners left out."""
    # minAreaRect's angle may lie in any quarter: take the one nearest to upright.
    turns = round(angle / 90)
    angle -= 90 * turns
    if turns % 2:
        size = (size[1], size[0])
    t = np.deg2rad(angle)
    axes = np.array([[np.cos(t), np.sin(t)], [-np.sin(t), np.cos(t)]])
    local = (points - centre) @ axes.T / (np.array(size) / 2)
    u, v = local[:, 0], local[:, 1]
    return [
        points[(v < 0) & (np.abs(v) > np.abs(u)) & (np.abs(u) < 0.85)],
        points[(u > 0) & (np.abs(u) > np.abs(v)) & (np.abs(v) < 0.85)],
        points[(v > 0) & (np.abs(v) > np.abs(u)) & (np.abs(u) < 0.85)],
        points[(u < 0) & (np.abs(u) > np.abs(v)) & (np.abs(v) < 0.85)],
    ]


def _fit(points: NDArray[np.float64]) -> tuple[float, float, float, float]:
    vx, vy, x, y = cv2.fitLine(points.astype(np.float32), cv2.DIST_HUBER, 0, 0.01, 0.01).ravel()
    return float(vx), float(vy), float(x), float(y)


def _cross(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> tuple[float, float] | None:
    det = a[0] * b[1] - a[1] * b[0]
    if abs(det) < 0.2:
        return None
    t = ((b[2] - a[2]) * b[1] - (b[3] - a[3]) * b[0]) / det
    return a[2] + t * a[0], a[3] + t * a[1]


def judge_corners(page: Reduced, sheet: Sheet, reading: Reading, page_index: int | None) -> Iterator[Issue]:
    """A ``cut_off`` where a corner of a sheet on a desk lies outside: a warning, and for an identity card a reason to reject. Its
    value: how many of the sheet's corners are in the picture, of 4.

    A sheet laid into a corner of a scanner shows two of its sides, and one cropped along its edges none: neither is cut.
    """
    if sum(sheet.visible) < 3 and not (sum(sheet.visible) == 2 and _is_askew(page, sheet)):
        return
    slack = OUTSIDE * max(page.width, page.height)
    outside = []
    for i, (x, y) in enumerate(sheet.quad.points):
        margin = min(x, y, page.width - x, page.height - y)
        if not (sheet.visible[i - 1] and sheet.visible[i]) or margin < -slack:
            outside.append((min(max(x, 0.0), page.width), min(max(y, 0.0), page.height)))
    if outside:
        box = page.to_page(Box.around(outside).grown(2 * page.em))
        severity = Severity.REJECT if _has_card_size(page, sheet) and is_id_card(reading) else Severity.WARN
        yield Issue("cut_off", severity, page_index, box, float(4 - len(outside)), 4.0)


def _is_askew(page: Reduced, sheet: Sheet) -> bool:
    """Whether the sides that are seen are tilted against the picture's, as on no scanner."""
    points = sheet.quad.array()
    for i, seen in enumerate(sheet.visible):
        along = points[(i + 1) % 4] - points[i]
        tilt = abs((np.degrees(np.arctan2(along[1], along[0])) + 45) % 90 - 45)
        if seen and tilt < ASKEW_DEG:
            return False
    return True


def _has_card_size(page: Reduced, sheet: Sheet) -> bool:
    """54 mm of height (ISO/IEC 7810 ID-1) are 18 of a card's characters: not a copy of a card on a larger sheet."""
    return min(sheet.quad.length, sheet.quad.thickness) < CARD_EMS * page.em


def crop_of(page: Reduced, sheet: Sheet) -> Quad | None:
    """The sheet's corners in the page's pixels where it is a smaller part of the picture and holds its text."""
    corners = sheet.quad.array()
    if not all(sheet.visible) or (corners < -2).any() or (corners > (page.width + 2, page.height + 2)).any():
        return None
    area = float(cv2.contourArea(corners.astype(np.float32)))
    if area > SMALL * page.width * page.height:
        return None
    outline = corners.astype(np.float32)
    for row in page.rows:
        if row.read and cv2.pointPolygonTest(outline, tuple(float(v) for v in row.quad.array().mean(0)), False) < 0:
            return None
    return Quad.from_array(corners.clip((0, 0), (page.width, page.height)) * page.scales)


def is_id_card(reading: Reading) -> bool:
    """By what was read; two characters of the label may be misread."""
    texts = [line.lattice.text for line in reading.lines if line.lattice is not None]
    number = any(sum(c in text for c in _ID_NUMBER) >= len(_ID_NUMBER) - 2 for text in texts)
    return number or all(any(part in text for text in texts) for part in _ID_BACK)

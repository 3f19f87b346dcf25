"""What the text is written on: everything that can be reached from it without crossing an edge or leaving its colour.

A flood that only compares neighbours leaks through one soft spot of an edge into the desk or the finger beyond; so a place is
paper only if its colour is also near to that of the ground of nearby text, and edges are three pixels thick.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from redact.screening.completeness.reduced import Reduced, Row, brightest

# An edge: the ground differs by so many levels within three reduced pixels. Within lines of 78 good pages it differs by at most 4
# over nine tenths of a page's text, and by 7 to 12 over 98 % (what a dense character makes is no path around a thing); around 135
# fingers, pens and slips by 34 (median).
EDGE = 13
# How far paper may differ from the ground of the text nearby, in levels and as a share of it.
OFF_LEVELS = 6.0
OFF_SHARE = 0.11
# A place in a line is its ground where it differs from the line's middle colour by no more than this.
OWN_GROUND = 24
# What is thinner than this share of a character is no thing that lies on the page: rules, frames, rings of seals.
THING_EMS = 0.9
# Nearby: the colour is averaged over so many characters, and paper that was reached so tells of more, this many times.
NEAR_EMS = 6.0
ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Paper:
    """``reached``: (h, w) uint8, 255 on paper. ``things``: (h, w) int32, 0 or the number of what is not paper and wider than a
    stroke. ``count``: numbers are 1..count."""

    reached: NDArray[np.uint8] = field(repr=False)
    things: NDArray[np.int32] = field(repr=False)
    count: int


def find_paper(page: Reduced) -> Paper:
    """Paper spreads from where the text stands. A page without text has none."""
    soft = np.asarray(cv2.GaussianBlur(page.ground, (0, 0), 0.6), np.uint8)
    seeds = _seeds(page, soft)
    if not len(seeds):
        nothing = np.zeros((page.height, page.width), np.uint8)
        return Paper(nothing, nothing.astype(np.int32), 0)
    square = np.ones((3, 3), np.uint8)
    edge = brightest(np.asarray(cv2.subtract(cv2.dilate(soft, square), cv2.erode(soft, square)), np.uint8)) > EDGE
    near = _is_near(soft, _nearest(soft, seeds)) | _is_near(soft, np.median(soft[seeds[:, 1], seeds[:, 0]], 0))
    where = np.zeros((page.height, page.width), np.uint8)
    where[seeds[:, 1], seeds[:, 0]] = 1
    # What was reached tells the colour of the paper farther away from the text: light changes slowly.
    for _ in range(ROUNDS):
        near |= _is_near(soft, _averaged(soft, where, NEAR_EMS * page.em))
        count, parts = cv2.connectedComponents((near & ~edge).astype(np.uint8), connectivity=4)
        chosen = np.zeros(count, np.uint8)
        chosen[np.unique(parts[seeds[:, 1], seeds[:, 0]])] = 1
        chosen[0] = 0
        where = np.asarray(chosen[parts], np.uint8)
        if not where.any():
            break  # all the text stands on edges: nothing tells of more
    reached = np.asarray(cv2.dilate(where * np.uint8(255), square), np.uint8)
    things, number = _things(reached, page.em)
    return Paper(reached, things, number)


def _is_near(soft: NDArray[np.uint8], ground: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Whether the colour differs from ``ground`` by no more than paper may."""
    ground = ground.astype(np.float32)
    return np.asarray(brightest(np.abs(soft - ground) - OFF_SHARE * ground) <= OFF_LEVELS)


def _nearest(soft: NDArray[np.uint8], seeds: NDArray[np.intp]) -> NDArray[np.float32]:
    """The colour of the nearest seed: (h, w, 3)."""
    away = np.full(soft.shape[:2], 255, np.uint8)
    away[seeds[:, 1], seeds[:, 0]] = 0
    _, labels = cv2.distanceTransformWithLabels(away, cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL)
    table = np.zeros((int(labels.max()) + 1, 3), np.float32)
    table[labels[seeds[:, 1], seeds[:, 0]]] = soft[seeds[:, 1], seeds[:, 0]]
    return np.asarray(table[labels])


def _averaged(soft: NDArray[np.uint8], where: NDArray[np.uint8], spread: float) -> NDArray[np.float32]:
    """The colour of the places that ``where`` marks, averaged with a Gaussian of ``spread`` pixels: (h, w, 3)."""
    height, width = where.shape
    step = max(1, int(spread / 4))
    size = (-(-width // step), -(-height // step))
    weighed = cv2.merge([*cv2.split(soft * where[..., None]), where * np.uint8(255)])
    small = cv2.GaussianBlur(cv2.resize(weighed, size, interpolation=cv2.INTER_AREA).astype(np.float32), (0, 0), spread / step)
    # Where nothing is near, all of it counts.
    few = 1e-4 * np.append(soft[where > 0].mean(0), 255.0)
    made = np.asarray(small, np.float32) + few.astype(np.float32)
    mean = (made[..., :3] / made[..., 3:] * 255).astype(np.float32)
    return np.asarray(cv2.resize(mean, (width, height)), np.float32)


def _things(reached: NDArray[np.uint8], em: float) -> tuple[NDArray[np.int32], int]:
    side = max(3, round(THING_EMS * em) | 1)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    # What reaches in from the border keeps its width there.
    other = cv2.copyMakeBorder(cv2.bitwise_not(reached), side, side, side, side, cv2.BORDER_REPLICATE)
    opened = cv2.morphologyEx(other, cv2.MORPH_OPEN, kernel)[side:-side, side:-side]
    count, things = cv2.connectedComponents(np.ascontiguousarray(opened), connectivity=8)
    return np.asarray(things, np.int32), count - 1


def _seeds(page: Reduced, soft: NDArray[np.uint8]) -> NDArray[np.intp]:
    """(N, 2) x, y on the ground of text that was read."""
    found = [np.zeros((0, 2), np.intp)]
    for row in page.rows:
        if not row.read:
            continue
        points = _places(row)
        inside = (points[:, 0] >= 0) & (points[:, 1] >= 0) & (points[:, 0] < page.width) & (points[:, 1] < page.height)
        points = points[inside]
        if not len(points):
            continue
        colours = soft[points[:, 1], points[:, 0]].astype(np.int16)
        own = np.abs(colours - np.median(colours, 0)).max(1) <= OWN_GROUND
        found.append(points[own])
    return np.concatenate(found)


def _places(row: Row) -> NDArray[np.intp]:
    """Middles of the characters that were read with confidence; the outermost left out where there are enough, since a
    character that is half covered is read as another."""
    lattice = row.line.lattice
    if lattice is None:
        return np.zeros((0, 2), np.intp)
    at = [lattice.position((g.start + g.end) / 2) for g in lattice.glyphs if g.probability >= 0.8 and not g.char.isspace()]
    if len(at) >= 4:
        at = at[1:-1]
    a, b, c, d = row.quad.array()
    ts = np.array(at, np.float64).reshape(-1, 1)
    return np.asarray(np.floor((a + d) / 2 * (1 - ts) + (b + c) / 2 * ts), np.intp)

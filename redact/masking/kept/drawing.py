"""What MuPDF draws of a page, taken down as marks.

A device sees drawing operations alone: annotations and fields come as what they paint, and replacement text, structure,
layers that are switched off, links and metadata do not come at all. What the device does not know how to draw anew
becomes a region, so that a kind of operation that nobody thought of is never copied.
"""

# PyMuPDF has no types of its own.
# mypy: allow-untyped-calls

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pymupdf as _pymupdf

from redact.geometry import Box
from redact.masking.kept.marks import Affine, Glyph, Marks, Outline, Pen, Rgb
from redact.masking.kept.paths import apply, as_rectangle, bounds, fill_bars, stroke_bars, stroke_boxes, walk

mupdf: Any = _pymupdf.mupdf

_EM = 1000
_ROUND_CAP, _SQUARE_CAP, _MITRE = 1, 2, 0
# ffi and the like; a glyph that says more than that says what it does not show.
_LONGEST_LIGATURE = 3
# Ten pixels at 200 dpi, of which readers make nothing; and what smaller shapes than a character may be.
_SMALLEST_EM_PT, _SMALLEST_INK_PT, _STEPS_OF_A_DOT = 3.6, 1.0, 10
# A densely printed page of A4 has 5,000.
_MOST_MARKS = 30_000
# Shorter and thinner bars may be strokes of characters that are smaller still.
_SHORTEST_BAR_PT, _THINNEST_BAR_PT = 2.0, 0.2


class UnknownDrawing(Exception):
    """The page is drawn with something that cannot be taken down."""


def read_marks(page: Any) -> Marks:
    """All that ``page`` (a :class:`pymupdf.Page`) shows with its annotations and fields; the caller holds the lock.

    Raises:
        UnknownDrawing: see there.
    """
    device = _Recorder(page.rect.width, page.rect.height)
    mupdf.fz_run_page(page.this, device, mupdf.FzMatrix(), device.cookie)
    mupdf.fz_close_device(device)
    if device.failed:
        raise UnknownDrawing(device.failed)
    return Marks(tuple(device.glyphs), tuple(device.bars), tuple(device.regions))


_OPERATIONS = (
    "fill_path",
    "stroke_path",
    "clip_path",
    "clip_stroke_path",
    "fill_text",
    "stroke_text",
    "clip_text",
    "clip_stroke_text",
    "fill_shade",
    "fill_image",
    "fill_image_mask",
    "clip_image_mask",
    "pop_clip",
    "begin_mask",
    "begin_group",
    "end_group",
    "begin_tile",
    "end_tile",
)


class _Recorder(mupdf.FzDevice2):  # type: ignore[misc]
    """An exception in a callback would go through C: it is kept in ``failed`` and raised afterwards."""

    def __init__(self, width: float, height: float) -> None:
        super().__init__()
        for name in _OPERATIONS:
            getattr(self, f"use_virtual_{name}")()
        self.failed = ""
        self.cookie = mupdf.FzCookie()
        self.glyphs: list[Glyph] = []
        self.bars: list[Any] = []
        self.regions: list[Box] = []
        page = Box(0, 0, width, height)
        # What may be painted on, and whether that is the whole box: a clip of another shape makes regions of all in it.
        self._clips: list[tuple[Box | None, bool]] = [(page, True)]
        self._groups: list[bool] = []
        self._fonts: dict[int, Any] = {}
        self._outlines: dict[tuple[int, int, bool], Outline] = {}
        self._filled: slice = slice(0)

    # --- paths

    def fill_path(self, _: Any, path: Any, even_odd: Any, ctm: Any, space: Any, colour: Any, alpha: float, *rest: Any) -> None:
        with _Guard(self):
            contours = walk(_keep_path(path), _affine(ctm))
            bars = fill_bars(contours, _to_rgb(space, colour)) if self._is_plain(alpha) else None
            if bars is not None:
                self._add_bars(bars)
            else:
                self._add_region(bounds(contours))

    def stroke_path(self, _: Any, path: Any, pen: Any, ctm: Any, space: Any, colour: Any, alpha: float, *rest: Any) -> None:
        with _Guard(self):
            matrix = _affine(ctm)
            contours = walk(_keep_path(path), matrix)
            width = pen.linewidth * _scale(matrix)
            plain = self._is_plain(alpha) and not pen.dash_len and pen.linejoin == _MITRE and pen.start_cap != _ROUND_CAP
            bars = None
            if plain:
                bars = stroke_bars(contours, width, _to_rgb(space, colour), caps=pen.start_cap == _SQUARE_CAP)
            if bars is not None:
                self._add_bars(bars)
            else:
                # A mitre reaches further than the line is wide.
                reach = width * (1 if not any(c.curved for c in contours) else 2)
                for box in stroke_boxes(contours, reach):
                    self._add_region(box)

    # --- text

    def fill_text(self, _: Any, text: Any, ctm: Any, space: Any, colour: Any, alpha: float, *rest: Any) -> None:
        with _Guard(self):
            start = len(self.glyphs)
            if self._is_plain(alpha):
                rgb = _to_rgb(space, colour)
                for span in _spans(text):
                    self._add_span(span, _affine(ctm), rgb)
            else:
                self._add_text_region(text, None, ctm)
            self._filled = slice(start, len(self.glyphs))

    def stroke_text(self, _: Any, text: Any, pen: Any, ctm: Any, space: Any, colour: Any, alpha: float, *rest: Any) -> None:
        """Bold is often made by stroking what was just filled; strokes alone are a region."""
        with _Guard(self):
            filled = self.glyphs[self._filled]
            matrix = _affine(ctm)
            places = [apply(matrix, item.x, item.y) for span in _spans(text) for item in _items(span) if item.gid >= 0]
            same = len(places) == len(filled) and all(math.dist(a, g.origin) < 1e-3 for a, g in zip(places, filled, strict=True))
            if same and filled and self._is_plain(alpha) and not pen.dash_len:
                stroke = Pen(_to_rgb(space, colour), pen.linewidth * _scale(matrix))
                self.glyphs[self._filled] = [g if g.outline.is_blank else g.with_pen(stroke) for g in filled]
            else:
                self._add_text_region(text, pen, ctm)
            self._filled = slice(0)

    def _add_span(self, span: Any, ctm: Affine, colour: Rgb) -> None:
        font = self._keep_font(span.font)
        trm, down = span.trm, bool(span.wmode)
        type3 = bool(mupdf.ll_fz_font_t3_procs(span.font))
        glyphs = [(item.gid, text, item.x, item.y) for item, text in _join_ligatures(span)]
        for gid, text, x, y in glyphs:
            matrix = _concat((trm.a, trm.b, trm.c, trm.d, x, y), ctm)
            outline = None if type3 else self._outline(font, gid, down)
            if outline is None:
                self._add_region(self._bound_glyph(font, gid, matrix))
                continue
            self._add_glyph(replace(outline, text=text), matrix, colour)

    def _add_glyph(self, outline: Outline, matrix: Affine, colour: Rgb) -> None:
        x0, y0, x1, y1 = (v / _EM for v in outline.bounds)
        corners = [apply(matrix, x, y) for x, y in ((x0, y0), (x1, y0), (x0, y1), (x1, y1))]
        ink = Box.around(corners)
        if outline.is_blank:
            x, y = matrix[4:]
            clip = self._clips[-1][0]
            # Something without a shape that claims to be a letter is hidden text, and is left behind.
            if outline.text.isspace() and clip is not None and clip.x0 <= x <= clip.x1 and clip.y0 <= y <= clip.y1:
                self.glyphs.append(Glyph(replace(outline, text=" "), matrix, colour, Box(x, y, x, y)))
            return
        seen = self._seen(ink)
        if seen is None or seen.area <= 0:
            return
        whole = seen.area >= ink.area * 0.999
        if whole and _is_plain_text(outline.text) and _is_readable(outline, matrix, ink):
            self.glyphs.append(Glyph(outline, matrix, colour, ink))
        else:
            self.regions.append(seen)

    def _outline(self, font: Any, gid: int, down: bool) -> Outline | None:
        key = int(font.m_internal_value()), gid, down
        if key not in self._outlines:
            path = mupdf.fz_outline_glyph(font, gid, mupdf.FzMatrix())
            if not path.m_internal:
                return None
            contours = walk(path, (_EM, 0, 0, _EM, 0, 0))
            steps = tuple(
                tuple(tuple(round(v) for v in step) for step in contour.steps) for contour in contours if len(contour.steps) > 1
            )
            advance = mupdf.fz_advance_glyph(font, gid, 0)
            self._outlines[key] = Outline(steps, round(advance * _EM), "", down)
        return self._outlines[key]

    def _bound_glyph(self, font: Any, gid: int, matrix: Affine) -> Box | None:
        return _box(mupdf.fz_bound_glyph(font, gid, mupdf.FzMatrix(*matrix)))

    def _add_text_region(self, text: Any, pen: Any, ctm: Any) -> None:
        self._add_region(_box(mupdf.ll_fz_bound_text(text, pen, ctm)))

    def _keep_font(self, font: Any) -> Any:
        kept = mupdf.FzFont(mupdf.ll_fz_keep_font(font))
        # Held, since another font could come to lie at its address.
        return self._fonts.setdefault(int(kept.m_internal_value()), kept)

    # --- pictures and shades

    def fill_image(self, _: Any, image: Any, ctm: Any, *rest: Any) -> None:
        with _Guard(self):
            self._add_region(_unit_square(_affine(ctm)))

    def fill_image_mask(self, _: Any, image: Any, ctm: Any, *rest: Any) -> None:
        with _Guard(self):
            self._add_region(_unit_square(_affine(ctm)))

    def fill_shade(self, *rest: Any) -> None:
        with _Guard(self):
            # A shade fills what it is clipped to.
            self._add_region(self._clips[-1][0])

    # --- clips, groups, tiles

    def clip_path(self, _: Any, path: Any, even_odd: Any, ctm: Any, *rest: Any) -> None:
        with _Guard(self):
            contours = [c for c in walk(_keep_path(path), _affine(ctm)) if len(c.points) > 1]
            box = as_rectangle(contours[0]) if len(contours) == 1 else None
            self._push(box or bounds(contours), whole=box is not None)

    def clip_stroke_path(self, *rest: Any) -> None:
        self._push_unknown()

    def clip_text(self, *rest: Any) -> None:
        self._push_unknown()

    def clip_stroke_text(self, *rest: Any) -> None:
        self._push_unknown()

    def clip_image_mask(self, *rest: Any) -> None:
        self._push_unknown()

    def pop_clip(self, *rest: Any) -> None:
        if len(self._clips) > 1:
            self._clips.pop()
        else:
            self.failed = "unbalanced clips"

    def begin_mask(self, _: Any, area: Any, *rest: Any) -> None:
        with _Guard(self):
            self._add_region(_box(area))
            self._push(_box(area), whole=False)

    def begin_group(
        self, _: Any, area: Any, space: Any, isolated: Any, knockout: Any, blend: int, alpha: float, *rest: Any
    ) -> None:
        with _Guard(self):
            plain = blend == 0 and alpha >= 1
            if not plain:
                self._add_region(_box(area))
            clip, whole = self._clips[-1]
            self._clips.append((clip, whole and plain))

    def end_group(self, *rest: Any) -> None:
        self.pop_clip()

    def begin_tile(self, _: Any, area: Any, view: Any, xstep: Any, ystep: Any, ctm: Any, *rest: Any) -> int:
        with _Guard(self):
            self._add_region(_box(mupdf.ll_fz_transform_rect(area, ctm)))
            self._clips.append((None, False))
        return 0

    def end_tile(self, *rest: Any) -> None:
        self.pop_clip()

    # --- common to all

    def _is_plain(self, alpha: float) -> bool:
        return alpha >= 1 and self._clips[-1][1]

    def _seen(self, box: Box | None) -> Box | None:
        """The part of ``box`` that the clip lets through."""
        clip = self._clips[-1][0]
        if box is None or clip is None:
            return None
        x0, y0, x1, y1 = max(box.x0, clip.x0), max(box.y0, clip.y0), min(box.x1, clip.x1), min(box.y1, clip.y1)
        return Box(x0, y0, x1, y1) if x1 >= x0 and y1 >= y0 else None

    def _add_bars(self, bars: list[Any]) -> None:
        for bar in bars:
            seen = self._seen(bar.box)
            if seen is None or seen.area <= 0:
                continue
            thin = min(seen.width, seen.height) if bar.line_pt is None else bar.line_pt
            if thin < _THINNEST_BAR_PT and max(seen.width, seen.height) < _SHORTEST_BAR_PT:
                self.regions.append(seen)
            else:
                self.bars.append(replace(bar, box=seen))

    def _add_region(self, box: Box | None) -> None:
        if (seen := self._seen(box)) is not None and seen.area > 0:
            self.regions.append(seen)

    def _push(self, box: Box | None, *, whole: bool) -> None:
        self._clips.append((self._seen(box), whole and self._clips[-1][1]))

    def _push_unknown(self) -> None:
        self._clips.append((self._clips[-1][0], False))


class _Guard:
    """Keeps an exception for later, where none may be raised now."""

    def __init__(self, recorder: _Recorder) -> None:
        self._recorder = recorder

    def __enter__(self) -> None:
        return

    def __exit__(self, kind: Any, error: Any, trace: Any) -> bool:
        recorder = self._recorder
        if kind is not None and not issubclass(kind, Exception):
            return False
        if kind is not None:
            recorder.failed = kind.__name__
        elif len(recorder.glyphs) + len(recorder.bars) + len(recorder.regions) > _MOST_MARKS:
            recorder.failed = "too many marks"
        if recorder.failed:
            # MuPDF goes no further.
            recorder.cookie.m_internal.abort = 1
        return True


def _spans(text: Any) -> Iterator[Any]:
    span = text.head
    while span:
        yield span
        span = span.next


def _items(span: Any) -> Iterator[Any]:
    wrapped = mupdf.FzTextSpan(span)
    return (wrapped.items(i) for i in range(span.len))


def _join_ligatures(span: Any) -> Iterator[tuple[Any, str]]:
    """Each glyph with all the characters that it stands for: those after the first come as items without a glyph."""
    held: Any = None
    text = ""
    for item in _items(span):
        letter = chr(item.ucs) if 0 < item.ucs < 0x110000 else "\N{REPLACEMENT CHARACTER}"
        if item.gid < 0:
            text += letter
            continue
        if held is not None:
            yield held, text
        held, text = item, letter
    if held is not None:
        yield held, text


def _is_plain_text(text: str) -> bool:
    """Whether all of it can be searched: no private use, no control or unassigned characters, nothing unknown."""
    return len(text) <= _LONGEST_LIGATURE and all(
        unicodedata.category(c) not in ("Cc", "Cf", "Cn", "Co", "Cs", "Zs", "Zl", "Zp") and c != "\N{REPLACEMENT CHARACTER}"
        for c in text
    )


def _is_readable(outline: Outline, matrix: Affine, ink: Box) -> bool:
    """Whether pixels show it too. What only shows when a viewer magnifies it was searched by nobody."""
    steps = sum(map(len, outline.contours))
    return _scale(matrix) >= _SMALLEST_EM_PT and (max(ink.width, ink.height) >= _SMALLEST_INK_PT or steps <= _STEPS_OF_A_DOT)


def _keep_path(path: Any) -> Any:
    return mupdf.FzPath(mupdf.ll_fz_keep_path(path))


def _affine(m: Any) -> Affine:
    return m.a, m.b, m.c, m.d, m.e, m.f


def _concat(first: Affine, then: Affine) -> Affine:
    a, b = apply((*then[:4], 0, 0), first[0], first[1])
    c, d = apply((*then[:4], 0, 0), first[2], first[3])
    return (a, b, c, d, *apply(then, first[4], first[5]))


def _determinant(m: Affine) -> float:
    return m[0] * m[3] - m[1] * m[2]


def _scale(m: Affine) -> float:
    return math.sqrt(abs(_determinant(m)))


def _unit_square(m: Affine) -> Box:
    return Box.around([apply(m, x, y) for x, y in ((0, 0), (1, 0), (0, 1), (1, 1))])


def _box(rect: Any) -> Box | None:
    return Box(rect.x0, rect.y0, rect.x1, rect.y1) if rect.x0 <= rect.x1 and rect.y0 <= rect.y1 else None


def _to_rgb(space: Any, colour: Any) -> Rgb:
    if not space:
        raise UnknownDrawing("a colour without a space")
    # Held by names, since only what they wrap is handed on.
    target, params = mupdf.FzColorspace(mupdf.FzColorspace.Fixed_RGB), mupdf.FzColorParams()
    rgb = mupdf.ll_fz_convert_color(space, colour, target.m_internal, None, params.internal())
    r, g, b = (min(max(round(v, 4), 0.0), 1.0) for v in rgb[:3])
    return r, g, b

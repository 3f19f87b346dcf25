"""What drawing a PDF page would take, found out before it is drawn: nothing stops MuPDF once it draws.

A few hundred bytes can stand for gigabytes of instructions: streams deflated twice, forms that paint forms that paint forms.
So each stream that a page can reach is unpacked once, up to a limit and without keeping it, and what is repeated is counted
as often. How much area the instructions paint is not looked at: there is no bound on it short of a limit on time.

Callers hold the MuPDF lock.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import Any

import pymupdf as _pymupdf

from redact.errors import AttachmentError, TooLarge
from redact.intake.jpeg_end import check_jpeg_cost, find_jpeg_end
from redact.options import IntakeLimits

pymupdf: Any = _pymupdf
mupdf: Any = pymupdf.mupdf

# Pages of real documents reach some hundred objects, and nest forms three or four deep.
_MAX_OBJECTS = 100_000
_MAX_DEPTH = 30
# A whole CJK face takes 30 MB.
_MAX_STREAM_BYTES = 64 * 2**20
# A character takes some 700 bytes and 20 us to be listed with its box; an instruction that draws, 10 us for 10 bytes at most.
_BYTES_PER_GLYPH = 40
# Where a page's own objects end: other pages, actions, data of the program that made it. By the kind of dictionary: in a list of
# resources any of these may be the name of one.
_PAGE_ELSEWHERE = frozenset(("Parent", "Annots", "B", "AA", "PieceInfo", "Metadata"))
_ANNOTATION_ELSEWHERE = frozenset(("Parent", "P", "Popup", "IRT", "Dest", "A", "AA", "PA"))
_STREAM_ELSEWHERE = frozenset(("PieceInfo", "Metadata"))
_FONT_NUMBERS = frozenset(("Widths", "W", "W2"))
_BLENDING = ("SMask", "Mask", "BM")
# A name and the operator that paints what it names, or makes it the colour or the mask to paint with.
_USES = re.compile(rb"/([^\s\0/\[\]<>(){}%]+)(?:[\s\0]|%[^\r\n]*[\r\n])*(Do|gs|scn|SCN)(?![A-Za-z0-9])")
_CATEGORIES = {b"Do": "XObject", b"gs": "ExtGState", b"scn": "Pattern", b"SCN": "Pattern"}
# Inside of strings: what follows an opening bracket, or lies between two closing ones; hexadecimal digits.
_STRINGS = re.compile(rb"\(([^()]*)|\)([^()]*)(?=\))|<([0-9A-Fa-f\s]*)>")
_CLIPS = re.compile(rb"(?<![^\s\0\])>])(q|Q|W\*?)(?![^\s\0\[(</])")
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True)
class Layers:
    """What MuPDF keeps a picture of while it draws a page. ``groups``: transparency groups inside each other, with one for
    pictures that have a mask and for blending. ``clips``: clips inside each other. Of each no fewer than there are."""

    groups: int
    clips: int


@dataclass(frozen=True, slots=True)
class _Cost:
    """Of a content stream with all it paints. ``weight``: bytes of instructions. How many are inside each other: ``forms``,
    ``groups``, ``clips``."""

    weight: int = 0
    forms: int = 0
    groups: int = 0
    clips: int = 0


class PdfCosts:
    """Checks the pages of one document; remembers what it has seen."""

    def __init__(self, document: Any, limits: IntakeLimits) -> None:
        self._pdf = pymupdf._as_pdf_document(document)
        self._limits = limits
        self._seen: set[int] = set()
        self._costs: dict[int, _Cost] = {}
        self._under_way: list[int] = []
        self._blends = False

    def check_page(self, index: int) -> Layers:
        """
        Raises:
            TooLarge: page ``index`` draws too many instructions, needs a stream or picture that is too large, or reaches too
                many objects.
        """
        page = mupdf.pdf_lookup_page_obj(self._pdf, index)
        try:
            resources = mupdf.pdf_dict_get_inheritable(page, mupdf.pdf_new_name("Resources"))
            roots = [resources, *_list_values(page, _PAGE_ELSEWHERE)]
            for annotation in _list_values(_get(page, "Annots")):
                roots += _list_values(annotation, _ANNOTATION_ELSEWHERE)
            self._check_streams(roots)
            costs = [self._weigh(part, resources) for part in _list_parts(_get(page, "Contents"))]
            costs += [self._weigh(form, resources) for form in _list_appearances(page)]
            if sum(cost.weight for cost in costs) > self._limits.max_content_bytes:
                raise TooLarge("content of a PDF page")
            groups = max((cost.groups for cost in costs), default=0)
            # Parts of the contents may share what they open.
            return Layers(groups + self._blends, sum(cost.clips for cost in costs))
        except AttachmentError as error:
            error.page_index = index
            raise

    def _check_streams(self, roots: list[Any]) -> None:
        """Each stream that can be reached is within the limits."""
        stack = list(roots)
        seen: set[int] = set()
        counted = 0
        while stack:
            value = stack.pop()
            counted += 1
            if counted > _MAX_OBJECTS:
                raise TooLarge("objects of a PDF page")
            number = mupdf.pdf_to_num(value) if mupdf.pdf_is_indirect(value) else 0
            if number in self._seen or number in seen:
                continue
            if number:
                seen.add(number)
            try:
                self._blends = self._blends or any(not mupdf.pdf_is_null(_get(value, key)) for key in _BLENDING)
                if mupdf.pdf_is_stream(value):
                    self._check_stream(value)
                kind = _name(value, "Type")
                if kind not in ("Page", "Pages"):
                    elsewhere = _STREAM_ELSEWHERE if mupdf.pdf_is_stream(value) else _FONT_NUMBERS if kind == "Font" else ()
                    stack.extend(_list_values(value, elsewhere))
            except AttachmentError:
                raise
            except Exception as error:  # a damaged object: drawing will find it, and say so
                _expect_mupdf(error)
        # Not before all is well: what hangs below an object of a page that is refused may not have been looked at.
        self._seen |= seen

    def _check_stream(self, value: Any) -> None:
        if _name(value, "Subtype") == "Image":
            width, height = (mupdf.pdf_to_int(_get(value, key)) for key in ("Width", "Height"))
            if width * height > self._limits.max_pixels:
                raise TooLarge("pixels of an image in the page")
            if _list_filters(value) == ["DCTDecode"]:
                self._check_jpeg(mupdf.fz_buffer_extract_copy(mupdf.pdf_load_raw_stream(value)))
        elif _measure(value) > _MAX_STREAM_BYTES:
            raise TooLarge("stream in a PDF")

    def _check_jpeg(self, content: bytes) -> None:
        try:
            end = find_jpeg_end(content)
        except AttachmentError:
            return  # damaged: drawing will say so
        check_jpeg_cost(end, self._limits.max_decoded_bytes)

    def _weigh(self, stream: Any, resources: Any) -> _Cost:
        if not mupdf.pdf_is_stream(stream):
            return _Cost()
        number = int(mupdf.pdf_to_num(stream))
        if number in self._costs:
            return self._costs[number]
        if number in self._under_way:
            return _Cost()  # a form that paints itself is not painted: MuPDF sees the circle
        self._under_way.append(number)
        try:
            cost = self._weigh_parts(stream, resources)
        finally:
            self._under_way.pop()
        # Forms may have been weighed before those that paint them: the depth of the calls here is not enough to go by.
        if max(cost.forms, len(self._under_way)) > _MAX_DEPTH:
            raise TooLarge("nesting of forms in a PDF")
        self._costs[number] = cost
        return cost

    def _weigh_parts(self, stream: Any, resources: Any) -> _Cost:
        if len(self._under_way) > _MAX_DEPTH:
            raise TooLarge("nesting of forms in a PDF")
        data = self._load(stream)
        own = _get(stream, "Resources")
        resources = own if mupdf.pdf_is_dict(own) else resources
        parts: list[tuple[int, _Cost]] = []
        for (operator, name), times in Counter((operator, name) for name, operator in _USES.findall(data)).items():
            used = _get(_get(resources, _CATEGORIES[operator]), _unescape(name))
            parts.append((times, self._weigh_resource(used, resources)))
        glyphs = sum(len(text) + len(more) + len(digits) // 2 for text, more, digits in _STRINGS.findall(data))
        if glyphs:
            parts.append((glyphs, _Cost(_BYTES_PER_GLYPH)))
            parts += [(glyphs, cost) for cost in self._weigh_glyphs(_get(resources, "Font"), resources)]
        return _Cost(
            len(data) + sum(times * cost.weight for times, cost in parts),
            1 + max((cost.forms for _, cost in parts), default=0),
            bool(mupdf.pdf_is_dict(_get(stream, "Group"))) + max((cost.groups for _, cost in parts), default=0),
            _count_clips(data) + max((cost.clips for _, cost in parts), default=0),
        )

    def _load(self, stream: Any) -> bytes:
        try:
            if _measure(stream) > self._limits.max_content_bytes:
                raise TooLarge("content of a PDF page")
            data: bytes = mupdf.fz_buffer_extract_copy(mupdf.pdf_load_stream(stream))
            return data
        except AttachmentError:
            raise
        except Exception as error:  # a damaged stream: drawing will find it, and say so
            _expect_mupdf(error)
            return b""

    def _weigh_resource(self, value: Any, resources: Any) -> _Cost:
        if mupdf.pdf_is_stream(value):
            return _Cost() if _name(value, "Subtype") == "Image" else self._weigh(value, resources)
        return self._weigh(_get(_get(value, "SMask"), "G"), resources)

    def _weigh_glyphs(self, fonts: Any, resources: Any) -> Iterator[_Cost]:
        """For each Type 3 font, of the glyph that takes most; none where its glyphs paint no others: MuPDF keeps pictures of
        them."""
        for font in _list_values(fonts):
            if _name(font, "Subtype") != "Type3":
                continue
            own = _get(font, "Resources")
            own = own if mupdf.pdf_is_dict(own) else resources
            if any(mupdf.pdf_dict_len(_get(own, kind)) for kind in ("Font", "XObject", "Pattern")):
                glyphs = [self._weigh(proc, own) for proc in _list_values(_get(font, "CharProcs"))]
                yield max(glyphs, key=lambda cost: cost.weight, default=_Cost())


def _expect_mupdf(error: Exception) -> None:
    """Anything but what MuPDF throws for a damaged object is a mistake of ours."""
    if not isinstance(error, (mupdf.FzErrorBase, RuntimeError)):
        raise error


def _get(value: Any, key: str) -> Any:
    return mupdf.pdf_dict_gets(value, key)


def _name(value: Any, key: str) -> str:
    return str(mupdf.pdf_to_name(_get(value, key)))


def _unescape(name: bytes) -> str:
    return _ESCAPED.sub(lambda found: bytes((int(found[1], 16),)), name).decode("utf-8", "surrogateescape")


def _measure(stream: Any) -> int:
    """Bytes that a stream unpacks to, at most one more than allowed."""
    return int(mupdf.fz_skip(mupdf.pdf_open_stream(stream), _MAX_STREAM_BYTES + 1))


def _list_values(value: Any, elsewhere: Container[str] = ()) -> Iterator[Any]:
    """What a dictionary, but for the keys ``elsewhere``, or an array holds, as far as it can lead to a stream."""
    if mupdf.pdf_is_array(value):
        found = [mupdf.pdf_array_get(value, i) for i in range(mupdf.pdf_array_len(value))]
    elif mupdf.pdf_is_dict(value):
        found = [
            mupdf.pdf_dict_get_val(value, i)
            for i in range(mupdf.pdf_dict_len(value))
            if mupdf.pdf_to_name(mupdf.pdf_dict_get_key(value, i)) not in elsewhere
        ]
    else:
        return
    yield from (v for v in found if mupdf.pdf_is_indirect(v) or mupdf.pdf_is_array(v) or mupdf.pdf_is_dict(v))


def _count_clips(data: bytes) -> int:
    """Clips that are in force at a time, at most; each ends with the state that it was made in."""
    deepest, open_ = 0, [0]
    for operator in _CLIPS.findall(data):
        if operator == b"q":
            open_.append(open_[-1])
        elif operator == b"Q":
            if len(open_) > 1:
                open_.pop()
        else:
            open_[-1] += 1
            deepest = max(deepest, open_[-1])
    return deepest


def _list_parts(contents: Any) -> list[Any]:
    return list(_list_values(contents)) if mupdf.pdf_is_array(contents) else [contents]


def _list_appearances(page: Any) -> Iterator[Any]:
    for annotation in _list_values(_get(page, "Annots")):
        normal = _get(_get(annotation, "AP"), "N")
        yield from [normal] if mupdf.pdf_is_stream(normal) else _list_values(normal)


def _list_filters(stream: Any) -> list[str]:
    filters = _get(stream, "Filter")
    if mupdf.pdf_is_array(filters):
        return [str(mupdf.pdf_to_name(mupdf.pdf_array_get(filters, i))) for i in range(mupdf.pdf_array_len(filters))]
    return [str(mupdf.pdf_to_name(filters))] if mupdf.pdf_is_name(filters) else []


_HIDDEN_OBJECTS = re.compile(rb"/(?:ObjStm|XRef)\b")
_STREAM = re.compile(rb"\bstream\r?\n")
_DEFLATED = re.compile(rb"/(?:FlateDecode|Fl)\b")
_MAX_DICTIONARY = 4096
_PIECE = 2**20


def check_object_streams(content: bytes) -> None:
    """Streams that MuPDF unpacks to open a PDF, those with objects or their places, are not too large in all.

    Looks at the bytes alone. Misses what an encrypted file has encrypted, and filters other than Flate, which hold less.

    Raises:
        TooLarge: they hold more.
    """
    left = _MAX_STREAM_BYTES
    for found in _HIDDEN_OBJECTS.finditer(content):
        begin = _STREAM.search(content, found.end(), found.end() + _MAX_DICTIONARY)
        if begin is None:
            continue
        head = content[content.rfind(b"obj", 0, found.start()) : begin.start()]
        left -= _count_inflated(content, begin.end(), len(_DEFLATED.findall(head)), left)
        if left < 0:
            raise TooLarge("object streams of a PDF")


def _count_inflated(content: bytes, start: int, times: int, at_most: int) -> int:
    """Bytes that ``content`` from ``start`` on inflates to ``times`` times over; stops above ``at_most``."""
    if times == 0:
        return 0
    pieces: Iterator[bytes] = (content[at : at + _PIECE] for at in range(start, len(content), _PIECE))
    for _ in range(min(times, 4)):
        pieces = _inflate(pieces)
    total = 0
    for piece in pieces:
        total += len(piece)
        if total > at_most:
            break
    return total


def _inflate(pieces: Iterator[bytes]) -> Iterator[bytes]:
    inflater = zlib.decompressobj()
    try:
        for piece in pieces:
            while piece and not inflater.eof:
                yield inflater.decompress(piece, _PIECE)
                piece = inflater.unconsumed_tail
            if inflater.eof:
                return
    except zlib.error:
        return  # damaged, or encrypted

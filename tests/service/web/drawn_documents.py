"""Documents for the fake service: drawn pages whose names' places are known, with what a report would say of them."""

from __future__ import annotations

from functools import lru_cache

from fake import BoxPixels, FakeDocument, FakePage, Place

from redact.geometry import Box
from redact.samples import Person, draw
from redact.values import Pixels

# Drawn at random once; nobody real is meant.
NAME = "陆雨晴"
_PERSON = Person((NAME,), 1, "lu", ("yu", "qing"), woman=True)


@lru_cache(maxsize=8)
def drawn(document: str) -> tuple[Pixels, tuple[BoxPixels, ...]]:
    """The page at 200 dpi and the boxes of the name on it."""
    drawing = draw(document, _PERSON, seed=20250601)
    boxes = [quad.box for occurrence in drawing.occurrences for quad in occurrence.quads]
    return drawing.pixels, tuple(map(_whole, boxes))


def _whole(box: Box) -> BoxPixels:
    return (int(box.x0), int(box.y0), int(box.x1) + 1, int(box.y1) + 1)


def _wider(box: BoxPixels, by: int = 6) -> BoxPixels:
    x0, y0, x1, y1 = box
    return (x0 - by, y0 - by, x1 + by, y1 + by)


def page(document: str, *, verdict: str = "是", proposed: int | None = None) -> FakePage:
    """A page whose first ``proposed`` names are masked already; all of them by default."""
    pixels, names = drawn(document)
    masks = tuple(_wider(name) for name in names[:proposed])
    rules = ("line", "signature", "pinyin")
    hits = tuple(Place(rules[i % 3], name) for i, name in enumerate(names[:proposed]))
    asked = (Place("signature_unread", _wider(names[-1])),) if verdict == "复核" and names else ()
    return FakePage(pixels, names, verdict, masks, hits, asked, proposal=(verdict, masks))


def review() -> FakeDocument:
    """Four pages: 1 is 是; 2 asks about a signature; 3 holds no name; 4 asks, and its only name was missed."""
    skewed = Place("skewed", (60, 60, 900, 200))
    first = page("appointment")
    second = page("assessment", verdict="复核")
    clean = FakePage(drawn("public_notice")[0], (), "否", issues=(Place("blurred"),), proposal=("否", ()))
    last = page("pledge", verdict="复核", proposed=0)
    weak = Place("weak_text", _wider(last.names[0], 30))
    last = FakePage(last.pixels, last.names[:1], "复核", reasons=(weak,), issues=(skewed,))
    return FakeDocument([first, second, clean, last])


def simple() -> FakeDocument:
    """One page, done."""
    return FakeDocument([page("appointment")])


def sliced() -> FakeDocument:
    """One page with masks as the library cuts them where text is tilted: a signature in 15 slices, and a name in one box."""
    pixels, (name, signature) = drawn("pledge")
    x0, y0, x1, y1 = _wider(signature)
    cuts = [x0 + (x1 - x0) * at // 15 for at in range(16)]
    slices = [(cuts[at], y0 + 2 * at - 14, cuts[at + 1], y1 + 2 * at - 14) for at in range(15)]
    masks = (_wider(name), *slices)
    return FakeDocument([FakePage(pixels, (name,), "是", masks, proposal=("是", masks))])


def rejected() -> FakeDocument:
    """Two pages that were read, one of them too blurred to be taken."""
    pixels = drawn("appointment")[0]
    bad = FakePage(pixels, (), "复核", reasons=(Place("poor_page"),), issues=(Place("glare", (300, 400, 1100, 900), "reject"),))
    return FakeDocument([bad, FakePage(pixels, (), "复核")], rejected=True)


@lru_cache(maxsize=1)
def _small() -> Pixels:
    return drawn("appointment")[0][::4, ::4].copy()


def long(pages: int) -> FakeDocument:
    """Many small pages; every tenth must be judged."""
    pixels = _small()
    name: BoxPixels = (110, 290, 150, 305)
    hits = (Place("line", name),)
    return FakeDocument([FakePage(pixels, (name,), "复核" if i % 10 == 9 else "是", (name,), hits) for i in range(pages)])

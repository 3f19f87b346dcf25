"""Pages of which something is missing, each beside the nearest page of which nothing is. Readings are made by hand: what the
reader would give for the lines as they were drawn."""

from __future__ import annotations

import time

import cv2
import numpy as np
import pytest
from drawn_text import SENTENCES, face
from fake_reading import make_lattice
from PIL import Image, ImageDraw

from redact.geometry import Box, Quad
from redact.lines import Line, Reading
from redact.samples.covers import draw_margin_finger, shine
from redact.samples.crops import draw_corner_outside, draw_small_in_photo
from redact.samples.defaced import lost_under
from redact.samples.incomplete import DEFECTS, apply
from redact.screening.completeness import Incomplete, find_incomplete
from redact.values import Issue, Pixels, Severity

EM = 32
PAD = 0.15 * EM


def page(
    texts: tuple[str, ...] = SENTENCES, *, paper: int = 222, ink: int = 40, left: int = 150, top: int = 160
) -> tuple[Pixels, list[tuple[str, Quad]]]:
    """A sheet of 1240 x 1300 with one line of text every 80 pixels; quads are 1.3 times as high as the characters."""
    picture = Image.new("L", (1240, 1300), paper)
    pen = ImageDraw.Draw(picture)
    lines = []
    for i, text in enumerate(texts):
        y = top + 80 * i
        pen.text((left, y), text, font=face(EM), fill=ink)
        x0, y0, x1, y1 = pen.textbbox((left, y), text, font=face(EM))
        middle = (y0 + y1) / 2
        lines.append((text, _line(x0, middle, x1)))
    grey = np.asarray(picture)
    return np.ascontiguousarray(np.repeat(grey[..., None], 3, 2)), lines


def _line(x0: float, middle: float, x1: float) -> Quad:
    half = EM / 2 + PAD
    return Quad(((x0 - PAD, middle - half), (x1 + PAD, middle - half), (x1 + PAD, middle + half), (x0 - PAD, middle + half)))


def reading(pixels: Pixels, lines: list[tuple[str, Quad]], hidden: tuple[Box, ...] = ()) -> Reading:
    """What stands in the picture of each line; characters in ``hidden`` places are not read."""
    height, width = pixels.shape[:2]
    made = []
    for text, quad in lines:
        first = max(0, round(-quad.box.x0 / quad.length * len(text)))
        last = min(len(text), round((width - quad.box.x0) / quad.length * len(text)))
        inside = Quad.from_array(quad.array().clip((0, 0), (width, height)))
        if last > first and inside.thickness > 0.4 * EM:
            cells = [quad.part((i + 0.5) / len(text), (i + 0.5) / len(text)).box for i in range(first, last)]
            unseen = frozenset(
                i
                for i, cell in enumerate(cells)
                if any(b.x0 <= cell.x0 <= b.x1 and b.y0 <= cell.centre[1] <= b.y1 for b in hidden)
            )
            made.append(Line(inside, make_lattice(text[first:last], "名", unseen=unseen)))
    return Reading(width, height, tuple(made))


def moved(lines: list[tuple[str, Quad]], dx: float, dy: float) -> list[tuple[str, Quad]]:
    return [(text, Quad.from_array(q.array() + np.array((dx, dy)))) for text, q in lines]


def issues(found: Incomplete, code: str) -> list[Issue]:
    return [i for i in found.issues if i.code == code]


def rejects(found: Incomplete, code: str) -> list[Issue]:
    return [i for i in issues(found, code) if i.severity is Severity.REJECT]


# ---- a page in order ----


@pytest.mark.parametrize("paper", [255, 222, 170])
def test_a_page_in_order_has_nothing_missing(paper: int) -> None:
    pixels, lines = page(paper=paper)
    assert find_incomplete(pixels, reading(pixels, lines)) == Incomplete()


def test_light_text_on_a_dark_ground_is_a_page_in_order() -> None:
    pixels, lines = page(paper=60, ink=230)
    assert find_incomplete(pixels, reading(pixels, lines)) == Incomplete()


def test_an_issue_names_the_page_it_is_on() -> None:
    pixels, _ = page(())
    (issue,) = find_incomplete(pixels, Reading(1240, 1300, ()), 4).issues
    assert issue.page_index == 4


# ---- cut off ----


@pytest.mark.parametrize("characters", [0.5, 3.0])
def test_lines_cut_by_the_left_border_are_cut_off(characters: float) -> None:
    pixels, lines = page()
    at = 150 + round(characters * EM)
    cut = np.ascontiguousarray(pixels[:, at:])
    (issue,) = rejects(find_incomplete(cut, reading(cut, moved(lines, -at, 0))), "cut_off")
    assert issue.box is not None and issue.box.x0 == 0
    assert issue.value is not None and issue.threshold is not None and issue.value <= issue.threshold


def test_one_long_line_cut_by_the_right_border_is_cut_off() -> None:
    pixels, lines = page(("满五年", "考核成绩", SENTENCES[0], "合格"))
    cut = np.ascontiguousarray(pixels[:, : 150 + round(12.5 * EM)])
    (issue,) = rejects(find_incomplete(cut, reading(cut, lines)), "cut_off")
    assert issue.box is not None and issue.box.x1 == cut.shape[1]


def test_a_narrow_margin_is_no_cut() -> None:
    pixels, lines = page()
    at = 150 - EM
    cut = np.ascontiguousarray(pixels[:, at:])
    assert find_incomplete(cut, reading(cut, moved(lines, -at, 0))) == Incomplete()


@pytest.mark.parametrize("share", [0.4, 0.75])
def test_a_line_cut_along_its_length_is_cut_off(share: float) -> None:
    """With three quarters of it lost nothing is left that a reader would find: the strokes at the border tell."""
    pixels, lines = page()
    box = lines[0][1].box
    at = round(box.y0 + PAD + share * EM)
    cut = np.ascontiguousarray(pixels[at:])
    (issue,) = rejects(find_incomplete(cut, reading(cut, moved(lines, 0, -at))), "cut_off")
    assert issue.box is not None and issue.box.y0 == 0 and issue.box.y1 < 2 * EM


def test_a_crop_between_two_lines_is_no_cut() -> None:
    pixels, lines = page()
    at = round(lines[0][1].box.y1 + 12)
    cut = np.ascontiguousarray(pixels[at:])
    assert find_incomplete(cut, reading(cut, moved(lines[1:], 0, -at))) == Incomplete()


def _with_table(pixels: Pixels) -> Pixels:
    ruled = pixels.copy()
    for y in range(140, 1120, 80):
        cv2.line(ruled, (100, y), (1100, y), (30, 30, 30), 3)
    for x in (100, 1100):
        cv2.line(ruled, (x, 140), (x, 1100), (30, 30, 30), 3)
    return ruled


def test_a_table_without_its_closing_rule_is_a_warning() -> None:
    pixels, lines = page()
    ruled = _with_table(pixels)
    cut = np.ascontiguousarray(ruled[:, :1080])
    (issue,) = issues(find_incomplete(cut, reading(cut, lines)), "cut_off")
    assert issue.severity is Severity.WARN
    assert issue.box is not None and issue.box.x1 == 1080


def test_a_whole_table_is_in_order() -> None:
    pixels, lines = page()
    ruled = _with_table(pixels)
    assert find_incomplete(ruled, reading(ruled, lines)) == Incomplete()


# ---- covered ----


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("kind", ["finger", "object"])
def test_a_thing_over_text_hides_it(kind: str, seed: int) -> None:
    pixels, lines = page()
    made = apply(kind, 3, pixels, [q for _, q in lines], seed)
    (issue,) = issues(find_incomplete(made.pixels, reading(made.pixels, lines, made.hit)), "obscured")
    assert issue.box is not None
    assert any(issue.box.intersection_area(hit) > 0 for hit in made.hit)


@pytest.mark.parametrize("seed", range(4))
def test_a_finger_at_a_blank_margin_hides_nothing(seed: int) -> None:
    pixels, lines = page()
    held = draw_margin_finger(pixels, [q for _, q in lines], np.random.default_rng(seed)).pixels
    assert not issues(find_incomplete(held, reading(held, lines)), "obscured")


@pytest.mark.parametrize("colour", [(70, 130, 200), (200, 40, 50), (60, 60, 60)])
def test_a_picture_beside_text_hides_nothing(colour: tuple[int, int, int]) -> None:
    pixels, lines = page()
    right = max(q.box.x1 for _, q in lines)
    pixels[200:700, round(right + EM) : round(right + 9 * EM)] = colour
    assert not issues(find_incomplete(pixels, reading(pixels, lines)), "obscured")


def test_a_picture_that_runs_over_the_ends_of_lines_hides_them() -> None:
    pixels, lines = page()
    right = min(q.box.x1 for _, q in lines)
    pixels[200:700, round(right - 3 * EM) : round(right + 9 * EM)] = (70, 130, 200)
    assert issues(find_incomplete(pixels, reading(pixels, lines)), "obscured")


@pytest.mark.parametrize("colour", [(210, 40, 50), (110, 110, 110)])
def test_a_seal_over_text_hides_nothing(colour: tuple[int, int, int]) -> None:
    """Text shows through it: stamps are red, or grey on a copy, where there was paper, and dark where there was ink."""
    pixels, lines = page()
    seal = np.full_like(pixels, 255)
    cv2.circle(seal, (500, 500), 150, colour, 10, cv2.LINE_AA)
    cv2.circle(seal, (500, 500), 45, colour, -1, cv2.LINE_AA)
    stamped = (pixels.astype(np.uint16) * seal // 255).astype(np.uint8)
    assert not issues(find_incomplete(stamped, reading(stamped, lines)), "obscured")


def test_writing_in_a_seal_may_end_at_a_picture() -> None:
    pixels, lines = page(SENTENCES[:3])
    strip = Image.new("L", (6 * EM, 2 * EM), 222)
    ImageDraw.Draw(strip).text((8, 16), "专用章专用", font=face(EM), fill=40)
    slanted = np.asarray(strip.rotate(-30, expand=True, fillcolor=222))
    high, wide = slanted.shape
    pixels[700 : 700 + high, 300 : 300 + wide] = slanted[..., None]
    turn = np.deg2rad(30)
    along, across = np.array([np.cos(turn), np.sin(turn)]), np.array([-np.sin(turn), np.cos(turn)])
    middle = np.array([300 + wide / 2, 700 + high / 2])
    a, b = middle - along * 2.8 * EM, middle + along * 2.4 * EM
    half = across * (EM / 2 + PAD)
    written = ("专用章专用", Quad.from_array(np.array([a - half, b - half, b + half, a + half])))
    end = middle + along * 2.3 * EM
    pixels[round(end[1]) - 120 : round(end[1]) + 300, round(end[0]) :][:, :300] = (70, 130, 200)
    assert not issues(find_incomplete(pixels, reading(pixels, [*lines, written])), "obscured")


def test_a_filled_box_within_a_line_hides_nothing() -> None:
    """■ is as wide as a character, and no higher than the line."""
    pixels, lines = page(("本人承诺■同意□不同意", *SENTENCES[1:]))
    x0, y0, _, y1 = lines[0][1].box.pixels()
    pixels[y0 + 3 : y1 - 3, x0 + 5 + 4 * EM : x0 + 5 + round(5.3 * EM)] = 40
    assert not issues(find_incomplete(pixels, reading(pixels, lines)), "obscured")


def test_a_finger_out_of_focus_hides_text_all_the_same() -> None:
    """Its edge is softer than any that stops a flood: its colour tells."""
    pixels, lines = page()
    veil = np.zeros(pixels.shape[:2], np.float32)
    veil[500:800, 700:] = 1
    veil = cv2.GaussianBlur(veil, (0, 0), 2.5 * EM)[..., None]
    soft = (pixels * (1 - veil) + np.array([150, 100, 80]) * veil).astype(np.uint8)
    hidden = (Box(740, 560, 1240, 760),)
    assert issues(find_incomplete(soft, reading(soft, lines, hidden)), "obscured")


# ---- glare ----


def _lit(seed: int, at: tuple[float, float], radius: float) -> tuple[Pixels, Reading]:
    pixels, lines = page(paper=205)
    lit, lost = shine(pixels, at, radius, np.random.default_rng(seed))
    return lit, reading(lit, lines, lost_under(lost, [q for _, q in lines])[0])


@pytest.mark.parametrize("seed", range(4))
def test_a_highlight_over_text_washes_it_out(seed: int) -> None:
    found = find_incomplete(*_lit(seed, (500, 560), 3 * EM))
    (issue,) = rejects(found, "glare")
    assert issue.box is not None
    assert issue.box.x0 < 500 < issue.box.x1 and issue.box.y0 < 560 < issue.box.y1
    assert not issues(found, "obscured")


@pytest.mark.parametrize("seed", range(4))
def test_a_highlight_away_from_text_is_nothing_to_reject(seed: int) -> None:
    assert not find_incomplete(*_lit(seed, (1100, 1180), 2 * EM)).issues


def test_paper_that_is_white_on_the_lit_side_is_no_highlight() -> None:
    pixels, lines = page(paper=205)
    ramp = np.linspace(0.95, 1.4, pixels.shape[1])[None, :, None]
    lit = (pixels * ramp).clip(0, 255).astype(np.uint8)
    assert not find_incomplete(lit, reading(lit, lines)).issues


def test_a_margin_that_is_white_on_the_lit_side_is_no_highlight() -> None:
    """No line stands on the white, and some end at it; but it brightens slowly."""
    pixels, lines = page(paper=205)
    ramp = 0.95 + 0.25 * np.arange(pixels.shape[1])[None, :, None] / 850
    lit = (pixels * ramp).clip(0, 255).astype(np.uint8)
    assert not find_incomplete(lit, reading(lit, lines)).issues


def test_white_paper_around_a_tinted_card_is_no_highlight() -> None:
    pixels, lines = page(paper=255)
    pixels[120:1000] = np.minimum(pixels[120:1000], 214)
    assert not issues(find_incomplete(pixels, reading(pixels, lines)), "glare")


# ---- nothing to see ----


def test_a_sheet_without_ink_is_blank() -> None:
    pixels, _ = page(())
    (issue,) = find_incomplete(pixels, Reading(1240, 1300, ())).issues
    assert (issue.code, issue.severity, issue.box) == ("blank", Severity.REJECT, None)


def test_one_short_line_is_not_blank_even_if_the_reader_found_nothing() -> None:
    pixels, _ = page(("附件",))
    assert not find_incomplete(pixels, Reading(1240, 1300, ())).issues


def test_a_photograph_without_text_is_not_blank() -> None:
    rng = np.random.default_rng(1)
    coarse = rng.integers(0, 255, (9, 12, 3), dtype=np.uint8)
    photo = np.asarray(cv2.resize(coarse, (1600, 1200), interpolation=cv2.INTER_CUBIC), np.uint8)
    assert not find_incomplete(photo, Reading(1600, 1200, ())).issues


def test_a_black_picture_is_too_dark() -> None:
    pixels = np.full((800, 600, 3), 9, np.uint8)
    (issue,) = find_incomplete(pixels, Reading(600, 800, ())).issues
    assert (issue.code, issue.severity) == ("too_dark", Severity.REJECT)


def test_light_text_on_black_is_not_too_dark() -> None:
    pixels, lines = page(paper=10, ink=240)
    assert not find_incomplete(pixels, reading(pixels, lines)).issues


# ---- the sheet in the photo ----


def _photographed(draw: object, strength: int, seed: int) -> tuple[Pixels, Reading]:
    pixels, lines = page()
    made = draw(pixels, [q for _, q in lines], strength, np.random.default_rng(seed))  # type: ignore[operator]
    height, width = made.pixels.shape[:2]
    rows = [Line(q, make_lattice("考核成绩合格准予结业", "名", probability=0.97)) for q in made.quads]
    return made.pixels, Reading(width, height, tuple(rows))


@pytest.mark.parametrize("seed", range(4))
def test_a_small_sheet_is_given_for_cropping(seed: int) -> None:
    pixels, read = _photographed(draw_small_in_photo, 4, seed)
    found = find_incomplete(pixels, read)
    assert found.sheet is not None and not rejects(found, "cut_off")
    (left, top), (right, _), (_, bottom), _ = found.sheet.points
    assert left < right and top < bottom
    area = cv2.contourArea(found.sheet.array().astype(np.float32))
    texts = sum(line.quad.box.area for line in read.lines)
    assert texts < area < 0.5 * pixels.shape[0] * pixels.shape[1]
    assert all(found.sheet.box.intersection_area(line.quad.box) > 0.99 * line.quad.box.area for line in read.lines)


@pytest.mark.parametrize("seed", range(4))
def test_a_corner_outside_the_photo_is_a_warning(seed: int) -> None:
    pixels, read = _photographed(draw_corner_outside, 4, seed)
    found = issues(find_incomplete(pixels, read), "cut_off")
    assert any(i.threshold == 4.0 and i.value is not None and i.value < 4.0 for i in found)


def _card(width: int, height: int, at: tuple[int, int]) -> tuple[Pixels, Reading]:
    """An identity card's size and label on a brown desk, its top left corner at ``at``."""
    desk = np.full((height, width, 3), (120, 90, 60), np.uint8)
    x, y = at
    cv2.rectangle(desk, at, (x + 900, y + 568), (222, 228, 236), -1)
    picture = Image.fromarray(desk)
    pen = ImageDraw.Draw(picture)
    lines = []
    for dy, text in ((80, "姓名某某"), (200, "住址江北省东川市金沙区"), (470, "公民身份号码")):
        pen.text((x + 60, y + dy), text, font=face(EM), fill=(30, 30, 30))
        x0, y0, x1, y1 = pen.textbbox((x + 60, y + dy), text, font=face(EM))
        lines.append((text, _line(x0, (y0 + y1) / 2, x1)))
    pixels = np.ascontiguousarray(np.asarray(picture))
    return pixels, reading(pixels, lines)


def test_all_four_corners_of_an_identity_card_must_be_in() -> None:
    pixels, read = _card(1000, 900, (200, 150))
    assert rejects(find_incomplete(pixels, read), "cut_off")
    pixels, read = _card(1300, 900, (200, 150))
    assert not issues(find_incomplete(pixels, read), "cut_off")


def test_an_identity_card_cropped_along_its_edges_is_in_order() -> None:
    pixels, read = _card(1300, 900, (0, 0))
    tight = np.ascontiguousarray(pixels[:569, :901])
    assert not find_incomplete(tight, Reading(901, 569, read.lines)).issues


# ---- orderings, cost ----


@pytest.mark.parametrize(("kind", "code"), [("finger", "obscured"), ("glare", "glare"), ("cut", "cut_off")])
def test_a_stronger_defect_never_has_a_better_value(kind: str, code: str) -> None:
    pixels, lines = page(paper=205)
    values = []
    for strength in (1, 3, 5):
        made = apply(kind, strength, pixels, [q for _, q in lines], 3)
        if kind == "cut":
            read = reading(made.pixels, [("考核成绩合格准予结业", q) for q in made.quads])
        else:
            read = reading(made.pixels, lines, made.hit)
        worst = [i.value for i in issues(find_incomplete(made.pixels, read), code) if i.value is not None]
        assert worst
        values.append(min(worst) if kind == "cut" else max(worst))
    assert values == sorted(values, reverse=kind == "cut")


def test_every_defect_can_be_drawn_and_drawn_again() -> None:
    pixels, lines = page()
    ruled = _with_table(pixels)
    for kind in DEFECTS:
        first, second = (apply(kind, 2, ruled, [q for _, q in lines], 5) for _ in range(2))
        assert np.array_equal(first.pixels, second.pixels)
        assert not np.array_equal(first.pixels.shape, ruled.shape) or not np.array_equal(first.pixels, ruled)


def test_a_page_costs_a_fraction_of_a_reading() -> None:
    pixels, lines = page()
    large = np.ascontiguousarray(cv2.resize(pixels, (2480, 2600)))
    read = Reading(2480, 2600, tuple(Line(Quad.from_array(q.array() * 2), make_lattice(t, "名")) for t, q in lines))
    find_incomplete(large, read)
    started = time.process_time()
    find_incomplete(large, read)
    assert time.process_time() - started < 1.0


@pytest.mark.filterwarnings("error")
def test_text_that_stands_on_edges_alone_averages_nothing() -> None:
    grey = np.random.default_rng(0).integers(0, 256, (21, 41)).repeat(10, 0).repeat(10, 1)[:200, :400].astype(np.uint8)
    pixels = np.ascontiguousarray(np.repeat(grey[..., None], 3, 2))
    lines = [("字" * 4, Quad(((20, 12), (140, 12), (140, 44), (20, 44))))]
    find_incomplete(pixels, reading(pixels, lines))

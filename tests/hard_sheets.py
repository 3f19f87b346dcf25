"""What ``hard_pages`` draws for the purpose, rather than takes from the benchmark's corpus. Each drawing takes a seed, goes
through its variants as the seed goes up, and gives (H, W, 3) uint8 RGB.
"""

from __future__ import annotations

import zlib
from random import Random

import cv2
import numpy as np
from numpy.typing import NDArray
from pages import faces, make_name

from redact.samples import draw
from redact.samples.crops import place_sheet, put_on_desk
from redact.samples.defaced import upload
from redact.samples.ornaments import draw_portrait
from redact.samples.scanning import add_noise
from redact.samples.sheet import Colour, Sheet, Type
from redact.values import Pixels

_DPI = 200.0
_CARD_DPI = 300.0
_CARD_MM = (85.6, 54.0)
_CARD_CORNER_MM = 3.05
BIG_PHOTO_PX = (4000, 3000)

_GOLD: Colour = (240, 210, 130)
_COVER_TITLES = ("荣誉证书", "毕业证书", "学位证书", "职称证书")
_HEADS: tuple[Colour, ...] = ((40, 70, 120), (90, 90, 90), (200, 225, 245), (20, 110, 90))
_HEAD_WORDS = ("序号", "项目", "时间", "等级", "备注")
_CELL_WORDS = ("工程师", "高级", "合格", "2019", "优秀", "第一完成人", "桥梁设计", "良好")
_WORK = "该项目位于江北省东川市，由本人担任技术负责人，完成方案设计与现场施工组织，工程质量评定为优良，获得建设单位的一致好评。"
_LETTER = (
    "来函敬悉所询桥梁加固一事",
    "经现场查勘主梁裂缝均已封闭",
    "支座更换三十二个伸缩缝四道",
    "荷载试验结果满足设计要求",
    "竣工资料一式三份随函寄上",
    "请查收并转交建设单位存档",
    "如有疑问可与我院总工办联系",
    "此致敬礼",
)


def generator_of(kind: str, seed: int) -> np.random.Generator:
    return np.random.default_rng([seed, zlib.crc32(kind.encode())])


def draw_red_cover(seed: int) -> Pixels:
    rng = generator_of("red_cover", seed)
    sheet = _sheet(210, 297 if seed % 2 else 150, rng)
    sheet.pixels[:] = (150 + seed * 7 % 40, 20, 30)
    title = Type(faces().pick("kai", sheet.rng), 42 + seed % 3 * 8, _GOLD)
    sheet.text(sheet.width / 2, sheet.height * 0.25, _COVER_TITLES[seed % 4], title, "centre")
    if seed % 3:
        sheet.text(sheet.width / 2, sheet.height * 0.75, "江北省教育厅监制", Type(title.face, 18, _GOLD), "centre")
    page = _printed(sheet.pixels, rng)
    return _on_desk(page, rng) if seed % 2 else page


def draw_id_card(seed: int) -> Pixels:
    rng = generator_of("id_card", seed)
    people = Random(int(rng.integers(2**31)))
    while True:
        drawing = draw("id_card", make_name(people)[1], seed=people.getrandbits(31), faces=faces())
        if drawing.dpi == _CARD_DPI:  # one face alone, in the middle, and not both copied on a sheet
            break
    wide, high = (round(mm * _CARD_DPI / 25.4) for mm in _CARD_MM)
    top, left = (drawing.pixels.shape[0] - high) // 2, (drawing.pixels.shape[1] - wide) // 2
    card = np.ascontiguousarray(drawing.pixels[top : top + high, left : left + wide])
    if seed % 3 == 0:
        return _printed(_with_round_corners(card, 255 if seed % 2 else 30), rng)
    return _printed(card, rng) if seed % 3 == 1 else _on_desk(card, rng)


def _with_round_corners(card: Pixels, around: int) -> Pixels:
    high, wide = card.shape[:2]
    r = round(_CARD_CORNER_MM * _CARD_DPI / 25.4)
    core = np.zeros((high, wide), np.uint8)
    core[r : high - r, r : wide - r] = 255
    inside = cv2.dilate(core, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * r + 1, 2 * r + 1)))
    return np.where(inside[..., None] > 0, card, np.uint8(around))


def draw_mostly_white(seed: int) -> Pixels:
    rng = generator_of("mostly_white", seed)
    sheet = _sheet(210, 297, rng)
    style = Type(faces().pick("song", sheet.rng), 12 + seed % 4 * 4)
    y = sheet.height * (0.1 + 0.2 * (seed % 4))
    sheet.text(sheet.width / 2, y, "附件说明", style, "centre")
    if seed % 2:
        sheet.text(sheet.width - sheet.mm(30), y + sheet.px(40), "2024年5月", style, "right")
    return _printed(sheet.pixels, rng)


def draw_landscape_table(seed: int) -> Pixels:
    rng = generator_of("landscape_table", seed)
    sheet = _sheet(297, 210, rng)
    face = faces().pick("hei", sheet.rng)
    columns, rows = 6 + seed % 4, 10
    left, top, step = sheet.mm(15), sheet.mm(30), sheet.mm(14)
    wide = (sheet.width - 2 * left) / columns
    head = _HEADS[seed % 4]
    plain = Type(face, 11, (20, 20, 20))
    in_head = Type(face, 11, (255, 255, 255)) if sum(head) < 500 else plain
    sheet.text(sheet.width / 2, sheet.mm(14), "专业技术人员业绩汇总表", Type(face, 20), "centre")
    for row in range(rows):
        y = top + row * step
        if row == 0:
            sheet.rect(left, y, left + wide * columns, y + step, -1, head)
        elif seed % 2 and row % 2:
            sheet.rect(left, y, left + wide * columns, y + step, -1, (232, 238, 244))
        if seed % 3 == 0 and row > 2 and row % 3 == 0:  # a cell that somebody marked
            sheet.rect(left + wide * 2, y, left + wide * 3, y + step, -1, (250, 215, 120))
        for column in range(columns):
            x = left + wide * column
            words, style = (_CELL_WORDS, plain) if row else (_HEAD_WORDS, in_head)
            sheet.text(x + wide / 2, y + step * 0.3, sheet.rng.choice(words), style, "centre")
            sheet.rect(x, y, x + wide, y + step, 2, (60, 60, 60))
    page = _printed(sheet.pixels, rng)
    return _on_desk(page, rng) if seed % 3 == 1 else page


def draw_photo(seed: int) -> Pixels:
    rng = generator_of("photo", seed)
    return _printed(_scene(*(BIG_PHOTO_PX if seed % 2 else (1600, 1200)), rng), rng)


def _scene(width: int, height: int, rng: np.random.Generator) -> Pixels:
    """Sky, a few buildings, rough ground and round trees: large and small shapes, sharp and soft edges, no text."""
    horizon = round(height * rng.uniform(0.4, 0.6))
    scene = np.empty((height, width, 3), np.float32)
    scene[:] = np.linspace((120, 160, 215), (225, 230, 235), height)[:, None]
    scene[:horizon] += _cloud((5, 8), width, horizon, rng) * 18
    ground = np.array(((150, 130, 100), (110, 120, 80), (140, 140, 138))[int(rng.integers(3))])
    rough = _cloud((12, 24), width, height - horizon, rng) * 16 + _cloud((150, 300), width, height - horizon, rng) * 7
    scene[horizon:] = ground + rough
    made = scene.clip(0, 255).astype(np.uint8)
    for _ in range(int(rng.integers(2, 6))):
        x, base = int(rng.integers(width)), horizon + int(rng.integers(height // 20, height // 6))
        wide, high = int(width * rng.uniform(0.06, 0.2)), int(height * rng.uniform(0.2, 0.5))
        wall = rng.integers(90, 220) + rng.integers(-20, 20, 3)
        cv2.rectangle(made, (x, base - high), (x + wide, base), wall.tolist(), -1)
        cv2.rectangle(made, (x + wide * 3 // 4, base - high), (x + wide, base), (wall * 0.7).tolist(), -1)
    for _ in range(int(rng.integers(8, 20))):
        r = int(height * rng.uniform(0.02, 0.09))
        at = (int(rng.integers(width)), horizon + int(rng.integers(height // 8, height - horizon)))
        green = (rng.uniform(0.5, 1.2) * np.array((70, 110, 60))).tolist()
        cv2.line(made, at, (at[0], at[1] + 2 * r), (80, 62, 50), max(2, r // 5), cv2.LINE_AA)
        cv2.circle(made, at, r, green, -1, cv2.LINE_AA)
        cv2.circle(made, (at[0] - r // 3, at[1] - r // 3), r // 2, [v * 1.25 for v in green], -1, cv2.LINE_AA)
    return np.asarray(cv2.GaussianBlur(made, (0, 0), 0.8), np.uint8)


def _cloud(shape: tuple[int, int], width: int, height: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Smooth noise about 0, (H, W, 1), with ``shape`` (rows, columns) bumps."""
    noise = rng.normal(0, 1, shape).astype(np.float32)
    return np.asarray(cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)[..., None], np.float32)


def draw_near_pictures(seed: int) -> Pixels:
    rng = generator_of("near_pictures", seed)
    sheet = _sheet(210, 297, rng)
    body = Type(faces().pick("song", sheet.rng), 11)
    y = sheet.mm(20)
    sheet.text(sheet.width / 2, y, "工作业绩图片说明", Type(body.face, 18), "centre")
    y += sheet.mm(14)
    x, high = sheet.mm(25), sheet.mm(45)
    gap = sheet.px(11) * (0.6 + 0.5 * (seed % 3))
    for number in range(3):
        if (seed + number) % 2:
            wide = sheet.mm(33)
            ground = (210, 60, 60) if seed % 2 else (90, 150, 220)
            draw_portrait(sheet, x, y, wide, high, ground=ground, woman=bool(number % 2))
        else:
            wide = sheet.mm(60)
            picture = cv2.resize(_scene(1600, 1200, rng), (round(wide), round(high)), interpolation=cv2.INTER_AREA)
            sheet.pixels[round(y) : round(y) + round(high), round(x) : round(x) + round(wide)] = picture
        beside = x + wide + gap
        sheet.paragraph(beside, y + 2, sheet.width - sheet.mm(25) - beside, _WORK, body, leading=1.7, indent=0)
        caption = f"图{number + 1}　施工现场"
        sheet.text(x + wide / 2, y + high + sheet.px(11) * 0.5, caption, Type(body.face, 10), "centre")
        y += high + sheet.mm(18)
    page = _printed(sheet.pixels, rng)
    return _on_desk(page, rng) if seed % 4 == 1 else page


def draw_light_grey(seed: int) -> Pixels:
    rng = generator_of("light_grey", seed)
    sheet = _sheet(210, 297, rng)
    paper = int(rng.integers(244, 256))
    sheet.pixels[:] = paper
    level = paper - int(rng.integers(56, 66))
    ink = (level, level, level)
    # Thin strokes do not reach their level at this size: a sans face, and none of its fine print.
    body = Type(faces().pick("hei", sheet.rng), 12 + seed % 3 * 2, ink)
    sheet.text(sheet.width / 2, sheet.mm(25), "工作业绩说明", Type(body.face, 22, ink), "centre")
    y = sheet.mm(45)
    for _ in range(3 + seed % 3):
        y = sheet.paragraph(sheet.mm(28), y, sheet.width - sheet.mm(56), _WORK, body, leading=1.8) + sheet.px(8)
    sheet.text(sheet.width - sheet.mm(30), y + sheet.px(20), "2024年5月", body, "right")
    return upload(add_noise(sheet.pixels, rng, rng.uniform(1, 2.5)), rng)


def draw_column_letter(seed: int) -> Pixels:
    """Columns between red rules on tinted paper, or on a blank sheet."""
    rng = generator_of("column_letter", seed)
    sheet = _sheet(210, 297, rng)
    sheet.pixels[:] = (252, 250, 242) if seed % 2 == 0 else (255, 255, 255)
    style = Type(faces().pick(("kai", "song")[seed // 2 % 2], sheet.rng), 20)
    step, top, bottom = sheet.mm(15), sheet.mm(30), sheet.height - sheet.mm(30)
    x = sheet.width - sheet.mm(30)
    for i in range(len(_LETTER) + 2):
        if seed % 2 == 0:
            sheet.line(x + step / 2, top - sheet.mm(4), x + step / 2, bottom, 2, (200, 60, 60))
        if i < len(_LETTER):
            sheet.column(x, top + sheet.px(20) * (2 if i == 0 else 0), _LETTER[(i + seed) % len(_LETTER)], style)
        x -= step
    if seed % 2 == 0:
        sheet.rect(x + step / 2, top - sheet.mm(4), sheet.width - sheet.mm(30) + step / 2, bottom, 3, (200, 60, 60))
    return _printed(sheet.pixels, rng)


def _sheet(wide_mm: float, high_mm: float, rng: np.random.Generator) -> Sheet:
    width, height = round(wide_mm * _DPI / 25.4), round(high_mm * _DPI / 25.4)
    return Sheet(width, height, _DPI, faces(), Random(int(rng.integers(2**31))))


def _printed(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """With a scanner's grain, through JPEG."""
    return upload(add_noise(np.ascontiguousarray(pixels), rng, rng.uniform(1, 4)), rng)


def _on_desk(page: Pixels, rng: np.random.Generator) -> Pixels:
    """Whole on a desk, a little askew, well over half of the picture's longer side."""
    height, width = page.shape[:2]
    placed = place_sheet(width, height, 1.0, float(rng.normal(0, 3)), rng)
    margin = (width + height) * rng.uniform(0.06, 0.13)
    wide, high = np.ptp(placed, 0) + 2 * margin
    return put_on_desk(page, (), placed - placed.min(0) + margin, round(wide), round(high), rng).pixels

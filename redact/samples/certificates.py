"""Certificates: diploma, degree, title, continuing education, honour, identity card."""

from __future__ import annotations

import cv2
import numpy as np

from redact.samples.cast import Cast
from redact.samples.markup import fill_in
from redact.samples.ornaments import (
    draw_copy_stamp,
    draw_frame,
    draw_guilloche,
    draw_name_seal,
    draw_portrait,
    draw_round_seal,
    draw_star,
)
from redact.samples.sheet import BLACK, Colour, Sheet, Type

_DIGITS = "〇一二三四五六七八九"


def in_words(number: int) -> str:
    """A year, month or day as certificates write it: 2009 -> 二〇〇九, 12 -> 十二."""
    if number > 99:
        return "".join(_DIGITS[int(d)] for d in str(number))
    tens, ones = divmod(number, 10)
    return ("" if tens == 0 else ("十" if tens == 1 else _DIGITS[tens] + "十")) + ("" if ones == 0 else _DIGITS[ones])


def _tint(sheet: Sheet, colour: Colour) -> None:
    sheet.pixels[:] = np.minimum(sheet.pixels, np.array(colour, np.uint8))


def draw_diploma(sheet: Sheet, cast: Cast) -> None:
    """毕业证书 (landscape): photo left, text right, headmaster's seal, school seal."""
    rng = cast.rng
    _tint(sheet, rng.choice(((253, 250, 240), (248, 250, 252), (252, 246, 246))))
    draw_guilloche(
        sheet,
        sheet.mm(20),
        sheet.mm(20),
        sheet.width - sheet.mm(20),
        sheet.height - sheet.mm(20),
        ((226, 190, 170), (180, 200, 226)),
        lines=34,
        opacity=0.3,
    )
    draw_frame(sheet, 9, rng.choice(((176, 138, 70), (170, 50, 50), (60, 90, 140))))
    kai = sheet.faces.pick("kai", rng, cast.owner.name)
    w, h = sheet.width, sheet.height
    kind = rng.choice(("普通高等学校", "成人高等教育", "高等教育自学考试"))
    sheet.text(w / 2, sheet.mm(22), kind, Type(sheet.faces.pick("song", rng), 20, spacing=0.2), "centre")
    sheet.text(
        w / 2,
        sheet.mm(33),
        "毕业证书",
        Type(sheet.faces.pick("kai", rng).bent(weight=2), 40, (170, 30, 36), spacing=0.4),
        "centre",
    )
    px, py = sheet.mm(30), sheet.mm(66)
    draw_portrait(
        sheet,
        px,
        py,
        sheet.mm(33),
        sheet.mm(46),
        ground=rng.choice(((210, 60, 60), (90, 140, 200), (236, 238, 240))),
        woman=cast.owner.woman,
    )
    body = Type(
        kai,
        rng.choice((15, 16, 17)),
        fill=sheet.faces.pick(rng.choice(("kai", "song")), rng, cast.owner.name),
        underline=cast.sometimes(0.6),
    )
    x, width = sheet.mm(82), w - sheet.mm(82) - sheet.mm(28)
    y0, m0, d0 = cast.birth
    start = y0 + rng.choice((18, 19, 24))
    years = rng.choice((3, 4, 5))
    own = cast.name(rng.choice(("plain", "plain", "spaced", "traditional")))
    text = (
        f"学生{fill_in(f' {own} ')}性别{fill_in(f' {cast.sex} ')}，{in_words(y0)}年{in_words(m0)}"
        f"月{in_words(d0)}日生，于{in_words(start)}年九月至"
        f"{in_words(start + years)}年七月在本校{fill_in(f' {cast.major} ')}专业{'二三四五'[years - 2]}"
        "年制本科学习，修完教学计划规定的全部课程，成绩合格，准予毕业。"
    )
    y = sheet.paragraph(x, sheet.mm(66), width, text, body, leading=1.95, wrap_name=cast.sometimes(0.1))
    y = max(y, sheet.mm(128)) + sheet.px(8)
    sheet.text(x, y, f"校　　名：{cast.school}", body)
    head = cast.official()
    sheet.text(x + sheet.mm(92), y, "校（院）长：", body)
    if not head.dotted:
        draw_name_seal(sheet, x + sheet.mm(92) + sheet.measure("校（院）长：", body), y - sheet.mm(4), head.name, side_mm=15)
    y += sheet.px(36)
    small = Type(body.face, 12)
    sheet.text(x, y, f"证书编号：{cast.digits(18)}", small)
    sheet.text(x + sheet.mm(92), y, f"{in_words(start + years)}年七月一日", Type(body.face, 14))
    draw_round_seal(sheet, x + sheet.mm(112), y - sheet.mm(4), cast.school, diameter_mm=42)
    draw_round_seal(sheet, px + sheet.mm(31), py + sheet.mm(44), cast.school, diameter_mm=26, opacity=0.45)
    sheet.text(w / 2, h - sheet.mm(20), "中华人民共和国教育部学历证书查询网址：查询页", Type(small.face, 9), "centre")
    if cast.sometimes(0.4):
        draw_copy_stamp(sheet, sheet.mm(22), h - sheet.mm(48), cast.lookalike(by_hand=True), cast.date(2024), (34, 52, 150))


def draw_degree(sheet: Sheet, cast: Cast) -> None:
    """学位证书 (landscape), name on a line of its own or in the sentence; often an English half with pinyin."""
    rng = cast.rng
    _tint(sheet, rng.choice(((251, 249, 242), (252, 252, 252))))
    draw_frame(sheet, 10, rng.choice(((160, 40, 46), (176, 138, 70))))
    kai = sheet.faces.pick(rng.choice(("kai", "song")), rng, cast.owner.name)
    w = sheet.width
    sheet.text(
        w / 2,
        sheet.mm(28),
        rng.choice(("学士学位证书", "硕士学位证书")),
        Type(sheet.faces.pick("kai", rng).bent(weight=2), 36, (164, 30, 36), spacing=0.3),
        "centre",
    )
    draw_portrait(
        sheet,
        sheet.mm(28),
        sheet.mm(62),
        sheet.mm(32),
        sheet.mm(44),
        ground=rng.choice(((90, 140, 200), (236, 238, 240))),
        woman=cast.owner.woman,
    )
    x, width = sheet.mm(74), w - sheet.mm(74) - sheet.mm(28)
    body = Type(kai, 16, fill=kai.bent(weight=1))
    y = sheet.mm(60)
    y0, m0, d0 = cast.birth
    grad = y0 + rng.randint(22, 26)
    text = (
        f"{cast.name(rng.choice(('plain', 'spaced', 'split')))}，{cast.sex}，{in_words(y0)}"
        f"年{in_words(m0)}月{in_words(d0)}日生。在{cast.school}{cast.major}"
        "专业完成了本科学习计划，业已毕业，"
        f"经审核符合《中华人民共和国学位条例》的规定，授予{rng.choice('工农理医')}学学士学位。"
    )
    y = sheet.paragraph(x, y, width, text, body, leading=1.9, wrap_name=cast.sometimes(0.1))
    if cast.sometimes(0.6):
        y += sheet.px(6)
        english = Type(sheet.faces.pick("song", rng), 11)
        y = sheet.paragraph(
            x,
            y,
            width,
            (
                f"This is to certify that {cast.latin()} has completed the programme of study "
                "and is awarded the Bachelor's Degree."
            ),
            english,
            leading=1.5,
            indent=0,
        )
    y = max(y + sheet.px(20), sheet.mm(122))
    chair = cast.official()
    sheet.text(x, y, f"{cast.school}校长", body)
    sheet.text(x, y + sheet.px(28), f"学位评定委员会主席：{chair.name}", body)
    if not chair.dotted:
        draw_name_seal(sheet, x + sheet.mm(96), y - sheet.mm(2), chair.name, side_mm=15)
    sheet.text(x, y + sheet.px(66), f"证书编号：{cast.digits(16)}", Type(kai, 12))
    sheet.text(w - sheet.mm(30), y + sheet.px(66), f"{in_words(grad)}年六月三十日", Type(kai, 14), "right")
    draw_round_seal(sheet, w - sheet.mm(54), y + sheet.px(58), cast.school, diameter_mm=42)


def draw_title_certificate(sheet: Sheet, cast: Cast) -> None:
    """职称证书: labelled lines in Chinese and English, portrait, authority's seal."""
    rng = cast.rng
    _tint(sheet, rng.choice(((250, 252, 255), (253, 250, 244))))
    draw_guilloche(
        sheet,
        sheet.mm(12),
        sheet.mm(12),
        sheet.width - sheet.mm(12),
        sheet.height - sheet.mm(12),
        ((170, 196, 230),),
        lines=60,
        opacity=0.35,
    )
    if cast.sometimes(0.6):
        draw_frame(sheet, 10, (60, 96, 150))
    song, hei = sheet.faces.pick("song", rng, cast.owner.name), sheet.faces.pick("hei", rng, cast.owner.name)
    w = sheet.width
    sheet.text(
        w / 2,
        sheet.mm(34),
        rng.choice(("专业技术职务任职资格证书", "职称证书", "专业技术资格证书")),
        Type(hei, 28, (30, 50, 110), spacing=0.1),
        "centre",
    )
    sheet.text(w / 2, sheet.mm(48), "CERTIFICATE OF PROFESSIONAL TITLE", Type(song, 12), "centre")
    draw_portrait(
        sheet,
        w / 2 - sheet.mm(16),
        sheet.mm(62),
        sheet.mm(32),
        sheet.mm(44),
        ground=rng.choice(((90, 140, 200), (236, 238, 240))),
        woman=cast.owner.woman,
    )
    label, value = Type(song, 13), Type(sheet.faces.pick(rng.choice(("kai", "hei")), rng, cast.owner.name), 14)
    english = Type(song, 9, (70, 70, 80))
    y, x = sheet.mm(120), sheet.mm(46)
    rows = [
        ("姓　　名", "Full Name", cast.name(rng.choice(("plain", "spaced", "split")))),
        ("英文姓名" if cast.sometimes(0.5) else "汉语拼音", "Name in Pinyin", cast.pinyin()),
        ("性　　别", "Sex", cast.sex),
        ("出生日期", "Date of Birth", f"{cast.birth[0]}年{cast.birth[1]:02d}月"),
        ("专业名称", "Speciality", cast.major),
        ("资格名称", "Qualification Level", cast.title),
        ("工作单位", "Employer", cast.company),
        ("证书编号", "Certificate No.", cast.digits(14)),
    ]
    if cast.sometimes(0.3):
        rows.pop(1)
    for name, latin, text in rows:
        sheet.text(x, y, f"{name}：", label)
        sheet.text(x, y + sheet.px(16), latin, english)
        sheet.text(x + sheet.mm(42), y, text, value)
        sheet.line(x + sheet.mm(40), y + sheet.px(19), w - sheet.mm(40), y + sheet.px(19), 1, (120, 130, 150))
        y += sheet.px(36)
    y += sheet.px(10)
    sheet.text(x, y, f"评审组织：江北省{cast.major[:2]}系列{cast.title}评审委员会", label)
    sheet.text(x, y + sheet.px(24), f"批准时间：{cast.date(2012)}", label)
    draw_round_seal(sheet, w - sheet.mm(62), y + sheet.px(10), "江北省人力资源和社会保障厅", diameter_mm=42, foot="职称专用章")
    if cast.sometimes(0.3):
        draw_copy_stamp(
            sheet,
            sheet.mm(24),
            sheet.height - sheet.mm(42),
            cast.lookalike(by_hand=True),
            cast.date(2024),
            (34, 52, 150),
        )


def draw_training(sheet: Sheet, cast: Cast) -> None:
    """继续教育合格证 (landscape): a sentence with the name on a blank, hours by subject."""
    rng = cast.rng
    _tint(sheet, (252, 252, 246))
    draw_frame(sheet, 8, rng.choice(((60, 120, 90), (176, 138, 70), (60, 90, 150))))
    w = sheet.width
    by_hand = cast.sometimes(0.3)
    kai = sheet.faces.pick("kai", rng, cast.owner.name)
    filler = sheet.faces.pick("hand", rng, cast.owner.name) if by_hand else kai
    body = Type(kai, 16, fill=filler, fill_jitter=0.3 if by_hand else 0.0, fill_colour=(30, 34, 80) if by_hand else BLACK)
    sheet.text(
        w / 2,
        sheet.mm(28),
        "专业技术人员继续教育合格证",
        Type(sheet.faces.pick("hei", rng), 28, (150, 36, 40)),
        "centre",
    )
    x, width = sheet.mm(34), w - sheet.mm(68)
    sheet.text(w - sheet.mm(34), sheet.mm(48), f"编号：{cast.digits(12)}", Type(body.face, 11), "right")
    year = rng.randint(2018, 2024)
    own = cast.name("hand" if by_hand else rng.choice(("plain", "spaced")))
    lead = "根据专业技术人员继续教育学习的有关规定，" if cast.sometimes(0.25) else ""
    text = (
        f"{lead}{fill_in(f' {own} ')}同志（身份证号：{cast.id_number()}）于{year}年{rng.randint(1, 6)}"
        f"月至{rng.randint(7, 12)}月参加{year}年度专业技术人员继续教育学习，"
        f"完成公需科目{fill_in(' 30 ')}学时、专业科目{fill_in(f' {rng.randint(42, 60)} ')}"
        "学时，考核成绩合格，特发此证。"
    )
    y = sheet.paragraph(x, sheet.mm(62), width, text, body, leading=2.0, wrap_name=bool(lead))
    if (word := cast.word()) is not None:
        y = sheet.paragraph(x, y, width, f"学习内容包括：{word}。", body, leading=2.0)
    y = max(y, sheet.mm(120)) + sheet.px(20)
    sheet.text(w - sheet.mm(40), y, f"{rng.choice(('东川市', '滨河市', '长丰市'))}人力资源和社会保障局", body, "right")
    sheet.text(w - sheet.mm(46), y + sheet.px(30), f"{year}年12月{rng.randint(10, 28)}日", body, "right")
    draw_round_seal(sheet, w - sheet.mm(72), y + sheet.px(22), "东川市人力资源和社会保障局", foot="继续教育专用章")
    sheet.text(x, y + sheet.px(30), f"经办人：{cast.lookalike()}", Type(kai, 13))


def draw_honour(sheet: Sheet, cast: Cast) -> None:
    """荣誉证书: vertical text read from the right, inside a red cover's rim."""
    rng = cast.rng
    red = (168 + rng.randrange(20), 22, 30)
    sheet.pixels[:] = red
    m = sheet.mm(rng.uniform(9, 14))
    dark = cast.sometimes(0.2)  # gold print on a red ground
    ink, title_ink, ground = ((250, 226, 160),) * 2 + ((142, 18, 26),) if dark else (BLACK, (178, 28, 34), (252, 244, 232))
    sheet.rect(m, m, sheet.width - m, sheet.height - m, -1, ground)
    if not dark:
        draw_guilloche(sheet, m, m, sheet.width - m, sheet.height - m, ((238, 200, 170),), lines=40, opacity=0.5)
    sheet.rect(
        m + sheet.mm(5),
        m + sheet.mm(5),
        sheet.width - m - sheet.mm(5),
        sheet.height - m - sheet.mm(5),
        3,
        (186, 140, 60),
    )
    kai = sheet.faces.pick(rng.choice(("kai", "song")), rng, cast.owner.name)
    size = rng.choice((17, 19, 21))
    body, title = Type(kai, size, ink), Type(sheet.faces.pick("kai", rng).bent(weight=3), 38, title_ink)
    step = sheet.px(size) * 1.75
    x, top = sheet.width - m - sheet.mm(22), m + sheet.mm(16)
    sheet.column(x, top + sheet.mm(18), "荣誉证书", title, leading=1.35)
    x -= sheet.px(38) * 1.5
    own = cast.name("light" if dark else ("traditional" if cast.sometimes(0.25) else "vertical"))
    lead = f"授予{own}同志"
    room = int((sheet.height - 2 * top) / (sheet.px(size) * 1.12))
    honour = rng.choice(("先进工作者", "优秀专业技术人员", "岗位能手", "科技创新先进个人"))
    year = in_words(rng.randint(2012, 2024))
    sentence = f"{cast.company}{year}年度工作中成绩显著，被评为{honour}，特发此证，以资鼓励。"
    if (word := cast.word()) is not None:
        sentence = word + "，" + sentence
    sheet.column(x, top, lead, body)
    x -= step
    for i in range(0, len(sentence), room - 2):
        sheet.column(x, top + (sheet.px(size) * 2.24 if i == 0 else 0), sentence[i : i + room - 2], body)
        x -= step
    x -= step * 0.4
    sheet.column(x, top + sheet.px(size) * 6, cast.company, body)
    x -= step
    sheet.column(x, top + sheet.px(size) * 9, f"{in_words(rng.randint(2012, 2024))}年{in_words(rng.randint(1, 12))}月", body)
    draw_round_seal(sheet, x + step * 0.6, top + sheet.px(size) * 13, cast.company, diameter_mm=40)
    if cast.sometimes(0.5):
        sheet.column(
            max(x - step, m + sheet.mm(12)),
            top,
            f"同获表彰：{cast.lookalike()}、{cast.other().name}",
            Type(kai, size * 0.7, ink),
        )


def draw_id_card(sheet: Sheet, cast: Cast) -> None:
    """人像面 of an identity card: on its own, or both faces copied on a sheet."""
    if sheet.height < 1400:
        _draw_card(sheet, cast, sheet.width / 2 - sheet.mm(42.8), sheet.height / 2 - sheet.mm(27))
        return
    x, y = sheet.width / 2 - sheet.mm(42.8), sheet.mm(48)
    _draw_card(sheet, cast, x, y)
    _draw_back(sheet, cast, x, y + sheet.mm(76))
    note = Type(sheet.faces.pick("song", cast.rng), 14)
    if cast.sometimes(0.6):
        sheet.text(sheet.width / 2, y + sheet.mm(150), "仅供职称申报使用，再复印无效", note, "centre")
    if cast.sometimes(0.5):
        draw_copy_stamp(sheet, sheet.mm(120), y + sheet.mm(170), cast.lookalike(by_hand=True), cast.date(2024), (34, 52, 150))


def _draw_card(sheet: Sheet, cast: Cast, x: float, y: float) -> None:
    rng = cast.rng
    w, h = sheet.mm(85.6), sheet.mm(54)
    _card_ground(sheet, x, y, w, h)
    draw_guilloche(sheet, x, y, x + w, y + h, ((150, 190, 230), (236, 190, 196), (176, 214, 190)), lines=22, opacity=0.5)
    blue: Colour = (50, 110, 180)
    ink = BLACK
    label = Type(sheet.faces.pick("hei", rng), 6.6, blue)
    value = Type(sheet.faces.pick("hei", rng, cast.owner.name), 8.2, ink)
    bigger = Type(value.face, 9.4, ink)
    lx, vx = x + w * 0.055, x + w * 0.19
    rows = (0.105, 0.24, 0.37, 0.50)
    sheet.text(lx, y + h * rows[0] + sheet.px(1.5), "姓　名", label)
    if cast.owner.dotted and len(cast.owner.name) > 8:
        sheet.text(vx, y + h * rows[0], cast.name("plain"), Type(value.face, 9.0, ink, squeeze=0.92))
    else:
        sheet.text(vx, y + h * rows[0], cast.name(rng.choice(("plain", "plain", "spaced"))), bigger)
    sheet.text(lx, y + h * rows[1] + sheet.px(1), "性　别", label)
    sheet.text(vx, y + h * rows[1], cast.sex, value)
    sheet.text(x + w * 0.30, y + h * rows[1] + sheet.px(1), "民　族", label)
    sheet.text(x + w * 0.425, y + h * rows[1], cast.people, value)
    sheet.text(lx, y + h * rows[2] + sheet.px(1), "出　生", label)
    year, month, day = cast.birth
    cx = vx
    for number, unit in ((year, "年"), (month, "月"), (day, "日")):
        cx = sheet.text(cx, y + h * rows[2], str(number), value) + sheet.px(3)
        cx = sheet.text(cx, y + h * rows[2] + sheet.px(1), unit, label) + sheet.px(4)
    sheet.text(lx, y + h * rows[3] + sheet.px(1), "住　址", label)
    sheet.paragraph(vx, y + h * rows[3], w * 0.40, cast.place, value, leading=1.25, indent=0)
    sheet.text(lx, y + h * 0.855, "公民身份号码", Type(label.face, 7.0, blue))
    sheet.text(x + w * 0.33, y + h * 0.835, cast.id_number(), Type(sheet.faces.pick("hei", rng), 10.5, ink, spacing=0.09))
    draw_portrait(sheet, x + w * 0.635, y + h * 0.12, w * 0.30, h * 0.66, ground=(238, 242, 246), woman=cast.owner.woman)


def _card_ground(sheet: Sheet, x: float, y: float, w: float, h: float) -> None:
    xs = np.linspace(0, 1, round(w))[None, :, None]
    ground = (1 - xs) * np.array((214, 232, 244)) + xs * np.array((238, 226, 232))
    part = sheet.pixels[round(y) : round(y) + round(h), round(x) : round(x) + round(w)]
    part[:] = np.broadcast_to(ground, (round(h), round(w), 3))[: part.shape[0], : part.shape[1]].astype(np.uint8)
    cv2.rectangle(sheet.pixels, (round(x), round(y)), (round(x + w), round(y + h)), (170, 180, 190), 2, cv2.LINE_AA)


def _draw_back(sheet: Sheet, cast: Cast, x: float, y: float) -> None:
    """国徽面, with a star for the emblem."""
    w, h = sheet.mm(85.6), sheet.mm(54)
    _card_ground(sheet, x, y, w, h)
    draw_guilloche(sheet, x, y, x + w, y + h, ((150, 190, 230), (236, 190, 196)), lines=22, opacity=0.5)
    cv2.circle(sheet.pixels, (round(x + w * 0.14), round(y + h * 0.25)), round(h * 0.15), (190, 40, 40), -1, cv2.LINE_AA)
    draw_star(sheet, x + w * 0.14, y + h * 0.25, h * 0.09, (236, 200, 80))
    face = sheet.faces.pick("hei", cast.rng)
    sheet.text(x + w * 0.60, y + h * 0.14, "中华人民共和国", Type(face, 13, spacing=0.08), "centre")
    sheet.text(x + w * 0.60, y + h * 0.32, "居民身份证", Type(face, 18, spacing=0.12), "centre")
    small = Type(face, 8)
    start = cast.rng.randint(2008, 2022)
    sheet.text(x + w * 0.24, y + h * 0.70, f"签发机关　{cast.place[3:9]}公安局", small)
    sheet.text(
        x + w * 0.24,
        y + h * 0.83,
        f"有效期限　{start}.{cast.rng.randint(1, 12):02d}.15-{start + 20}.{cast.rng.randint(1, 12):02d}.15",
        small,
    )

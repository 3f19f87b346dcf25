"""Documents in rules and columns: appointment list, assessment form, student record."""

from __future__ import annotations

from redact.samples.cast import WIDE, Cast, spaced
from redact.samples.ornaments import draw_copy_stamp, draw_name_seal, draw_portrait, draw_round_seal, sign
from redact.samples.sheet import RED, Sheet, Type

_ROW_MM = 7.4


def _draw_red_head(sheet: Sheet, cast: Cast, y: float) -> float:
    left, width = sheet.mm(26), sheet.width - sheet.mm(52)
    face = sheet.faces.pick("song", sheet.rng).bent(weight=4, squeeze=0.8)
    sheet.text(sheet.width / 2, y, f"{cast.company}文件", Type(face, 34, RED), "centre")
    y += sheet.px(56)
    sheet.text(
        sheet.width / 2,
        y,
        f"{cast.company[:1]}人发〔{cast.rng.randint(2012, 2024)}〕{cast.rng.randint(3, 88)}号",
        Type(sheet.faces.pick("song", sheet.rng), 14),
        "centre",
    )
    y += sheet.px(26)
    sheet.line(left, y, left + width, y, 5, RED)
    return y + sheet.px(26)


def draw_appointment(sheet: Sheet, cast: Cast) -> None:
    """聘任文件: some sixty names in columns under their posts, two characters set as wide as three; or a ruled list."""
    rng = cast.rng
    left, width = sheet.mm(26), sheet.width - sheet.mm(52)
    song = sheet.faces.pick(rng.choice(("song", "kai")), rng, cast.owner.name)
    hei = sheet.faces.pick("hei", rng, cast.owner.name)
    y = _draw_red_head(sheet, cast, sheet.mm(24)) if cast.sometimes(0.7) else sheet.mm(30)
    sheet.text(
        sheet.width / 2,
        y,
        rng.choice(("关于聘任专业技术职务的通知", "关于公布专业技术职务聘任名单的通知", "关于确认职称资格的通知")),
        Type(hei, 18),
        "centre",
    )
    y += sheet.px(40)
    body = Type(song, 12)
    y = sheet.paragraph(
        left,
        y,
        width,
        (
            f"各部门、各项目部：\n　　经{cast.date(2018)}职称聘任工作领导小组研究决定，"
            "聘任以下同志担任相应专业技术职务，聘期三年："
        ),
        body,
        leading=1.6,
        indent=0,
    )
    y += sheet.px(6)
    number = rng.randint(44, 70)
    names = [*cast.others(number - 5), *(cast.lookalike() for _ in range(4))]
    rng.shuffle(names)
    place = rng.randrange(len(names))
    names.insert(place, "")
    if cast.sometimes(0.35):
        room = int((sheet.height - sheet.mm(52) - y) / _ROW_MM / sheet.mm(1)) - 1
        first = min(max(0, place - rng.randrange(room)), len(names) - room)
        _draw_ruled_list(sheet, cast, names[max(0, first) : max(0, first) + room], y)
        return
    size = rng.choice((10.5, 11, 12))
    style = Type(song, size)
    columns = rng.choice((5, 6, 6, 7))
    wide = rng.choice(("list", "list", "list", "plain", "split"))
    step, leading = width / columns, sheet.px(size) * rng.uniform(1.55, 1.8)
    groups = sorted(rng.sample(range(4, len(names) - 4), 2))
    column = 0
    for i, name in enumerate(names):
        if i == 0 or i in groups:
            y += leading * (1.3 if column else 0.3)
            title = ("一、正高级工程师", "二、高级工程师", "三、工程师")[(0, *groups).index(i)]
            sheet.text(left, y, f"{title}（{(*groups, len(names))[(0, *groups).index(i)] - i}人）", Type(hei, 12))
            y += leading * 1.15
            column = 0
        if column == columns:
            column, y = 0, y + leading
        shown = (
            cast.name(wide)
            if i == place
            else (spaced(name) if wide == "list" else (f"{WIDE * 2}".join(name) if wide == "split" and len(name) == 2 else name))
        )
        cell = style
        over = sheet.measure(shown, style) / (step - sheet.px(4))
        if over > 1:
            cell = Type(song, size, squeeze=1 / over) if over < 1.6 else Type(song, size * 0.75, squeeze=min(1.0, 1.33 / over))
        sheet.text(left + column * step, y, shown, cell)
        column += 1
    y += leading * 2.2
    right = sheet.width - sheet.mm(30)
    sheet.text(right, y, cast.company, body, "right")
    sheet.text(right, y + sheet.px(24), cast.date(2018), body, "right")
    draw_round_seal(sheet, right - sheet.mm(24), y + sheet.px(14), cast.company)
    if cast.sometimes(0.4):
        draw_copy_stamp(
            sheet,
            left,
            min(y + sheet.px(10), sheet.height - sheet.mm(32)),
            cast.lookalike(by_hand=True),
            cast.date(2024),
            (34, 52, 150),
        )
    sheet.text(sheet.width / 2, sheet.height - sheet.mm(16), f"— {rng.randint(1, 6)} —", Type(song, 10), "centre")


def _draw_ruled_list(sheet: Sheet, cast: Cast, names: list[str], y: float) -> None:
    rng = cast.rng
    left, width = sheet.mm(24), sheet.width - sheet.mm(48)
    song = sheet.faces.pick("song", rng, cast.owner.name)
    head, style = Type(sheet.faces.pick("hei", rng), 11), Type(song, rng.choice((10, 10.5, 11)))
    shares = (0.08, 0.18, 0.08, 0.30, 0.20, 0.16)
    edges = [left]
    for share in shares:
        edges.append(edges[-1] + share * width)
    row = sheet.mm(_ROW_MM)
    wide = rng.choice(("list", "list", "split", "plain"))
    rows: list[tuple[str, ...]] = [("序号", "姓名", "性别", "工作部门", "聘任职务", "聘期")]
    for i, name in enumerate(names):
        shown = cast.name(wide) if not name else (spaced(name) if wide != "plain" else name)
        department = rng.choice(("工程管理部", "技术质量部", "安全监督部", "设计一所", "第三项目部"))
        rows.append(
            (
                str(i + 1),
                shown,
                rng.choice("男女"),
                department,
                rng.choice(("工程师", "高级工程师", "助理工程师")),
                "三年",
            )
        )
    for r, cells in enumerate(rows):
        for c, text in enumerate(cells):
            x0, x1 = edges[c], edges[c + 1]
            sheet.rect(x0, y, x1, y + row, 2)
            chosen = head if r == 0 else style
            over = sheet.measure(text, chosen) / (x1 - x0 - sheet.px(8))
            if over > 1 and c == 1:
                chosen = Type(song, style.size_pt * 0.9, squeeze=max(0.6, 0.9 / over))
            sheet.cell(x0, y, x1, y + row, text, chosen)
        y += row
    right = sheet.width - sheet.mm(30)
    y += sheet.px(24)
    sheet.text(right, y, cast.company, Type(song, 12), "right")
    sheet.text(right, y + sheet.px(22), cast.date(2020), Type(song, 12), "right")
    draw_round_seal(sheet, right - sheet.mm(24), y + sheet.px(10), cast.company)


class _Grid:
    """A ruled form: rows of (share of width, text) cells."""

    def __init__(self, sheet: Sheet, left: float, width: float, label: Type, value: Type) -> None:
        self.sheet, self.left, self.width, self.label, self.value = sheet, left, width, label, value

    def row(self, y: float, height: float, *cells: tuple[float, str, Type] | tuple[float, str]) -> float:
        """Cells alternate between label and value where they bring no type of their own; returns the y below."""
        x = self.left
        for i, cell in enumerate(cells):
            w = cell[0] * self.width
            style = cell[2] if len(cell) == 3 else (self.value if i % 2 else self.label)
            self.sheet.rect(x, y, x + w, y + height, 2)
            if cell[1]:
                over = self.sheet.measure(cell[1], style) / max(1.0, w - self.sheet.px(8))
                if 1 < over < 1.35:
                    style = Type(style.face, style.size_pt, style.colour, squeeze=0.98 / over, jitter=style.jitter)
                self.sheet.cell(x, y, x + w, y + height, cell[1], style)
            x += w
        return y + height


def draw_assessment(sheet: Sheet, cast: Cast) -> None:
    """年度考核登记表: ruled; the name in a cell, a summary in first person, own signature at the foot."""
    rng = cast.rng
    song = sheet.faces.pick("song", rng, cast.owner.name)
    left, width, y = sheet.mm(22), sheet.width - sheet.mm(44), sheet.mm(24)
    year = rng.randint(2019, 2024)
    sheet.text(
        sheet.width / 2,
        y,
        rng.choice((f"{year}年度专业技术人员考核登记表", f"事业单位工作人员年度考核登记表（{year}年度）")),
        Type(sheet.faces.pick("hei", rng), 18),
        "centre",
    )
    y += sheet.px(36)
    sheet.text(left, y, f"单位：{cast.company}", Type(song, 11))
    y += sheet.px(20)
    by_hand = cast.sometimes(0.35)
    hand = sheet.faces.pick("hand", rng, cast.owner.name)
    size = 15 if by_hand else 12
    value = (
        Type(hand, size, (34, 38, 80), jitter=0.3)
        if by_hand
        else Type(sheet.faces.pick(rng.choice(("song", "kai")), rng, cast.owner.name), size)
    )
    grid = _Grid(sheet, left, width, Type(song, 12), value)
    h = sheet.mm(11)
    kind = "hand" if by_hand else rng.choice(("plain", "spaced", "split"))
    birth = f"{cast.birth[0]}.{cast.birth[1]:02d}"
    y = grid.row(
        y,
        h,
        (0.13, "姓　名"),
        (0.22, cast.name(kind)),
        (0.11, "性　别"),
        (0.12, cast.sex),
        (0.18, "出生年月"),
        (0.24, birth),
    )
    y = grid.row(
        y,
        h,
        (0.13, "民　族"),
        (0.22, cast.people),
        (0.11, "学　历"),
        (0.12, "本科"),
        (0.18, "参加工作时间"),
        (0.24, f"{cast.birth_year + 22}.07"),
    )
    y = grid.row(y, h, (0.24, "现任专业技术职务"), (0.34, cast.title), (0.18, "聘任时间"), (0.24, f"{year - 3}.01"))
    y = grid.row(y, h, (0.24, "从事专业"), (0.76, cast.major))
    tall = sheet.mm(92)
    sheet.rect(left, y, left + width * 0.1, y + tall, 2)
    sheet.column(left + width * 0.05, y + sheet.mm(22), "个人总结", Type(song, 12), leading=1.6)
    sheet.rect(left + width * 0.1, y, left + width, y + tall, 2)
    inner = Type(value.face, 13 if by_hand else 11, value.colour, jitter=value.jitter * 0.7)
    text = (
        f"本人{cast.name('hand' if by_hand else 'plain') if cast.sometimes(0.5) else ''}"
        f"一年来认真履行岗位职责，完成了{cast.major}相关工作任务。"
    )
    text += (
        f"在部门负责人{cast.lookalike(delimited=False, by_hand=by_hand)}的带领下，"
        "参与两项技术改造，发表论文一篇，参加继续教育九十学时。"
    )
    if (word := cast.word()) is not None:
        text += f"本年度{word}，取得较好效果。"
    text += "今后将继续加强业务学习，不断提高专业水平，为单位发展作出更大贡献。"
    sheet.paragraph(left + width * 0.13, y + sheet.mm(6), width * 0.84, text, inner, leading=1.7, wrap_name=cast.sometimes(0.3))
    foot = y + tall - sheet.mm(13)
    end = sheet.text(left + width * 0.48, foot, rng.choice(("本人签名：", "签名：", "被考核人签字：")), Type(song, 12))
    pt = 22 if not cast.owner.dotted else 13
    sign(
        sheet,
        end + sheet.px(3),
        foot - sheet.px(pt * 0.3),
        cast.name("signature"),
        size_pt=pt,
        wild=cast.sometimes(0.12),
    )
    sheet.text(
        left + width * 0.97,
        foot + sheet.px(16),
        cast.date(year, year),
        Type(hand, 12, (34, 38, 80), jitter=0.2),
        "right",
    )
    y += tall
    for title, verdict in (
        ("主管领导评语", "该同志工作认真负责，业务能力较强，建议考核等次为合格。"),
        ("单位考核意见", "同意主管领导意见，确定为合格等次。"),
    ):
        tall = sheet.mm(34)
        sheet.rect(left, y, left + width * 0.1, y + tall, 2)
        sheet.column(left + width * 0.05, y + sheet.mm(3), title, Type(song, 10.5), leading=1.2)
        sheet.rect(left + width * 0.1, y, left + width, y + tall, 2)
        sheet.paragraph(left + width * 0.13, y + sheet.mm(4), width * 0.84, verdict, Type(song, 11), leading=1.5)
        sheet.text(left + width * 0.5, y + tall - sheet.mm(9), "签名：", Type(song, 11))
        sign(
            sheet,
            left + width * 0.58,
            y + tall - sheet.mm(11),
            cast.lookalike(by_hand=True) if title[0] == "主" else cast.other().name,
            size_pt=16,
        )
        y += tall
    draw_round_seal(sheet, left + width * 0.8, y - sheet.mm(12), cast.company)


def draw_student_record(sheet: Sheet, cast: Cast) -> None:
    """学籍表: a dense form with portrait, family (who share the surname), marks by subject."""
    rng = cast.rng
    song = sheet.faces.pick("song", rng, cast.owner.name)
    left, width, y = sheet.mm(20), sheet.width - sheet.mm(40), sheet.mm(22)
    sheet.text(sheet.width / 2, y, f"{cast.school}学生学籍表", Type(sheet.faces.pick("hei", rng), 20, spacing=0.1), "centre")
    y += sheet.px(38)
    sheet.text(left, y, f"院系：{cast.major[:2]}学院　　　专业：{cast.major}　　　学号：{cast.digits(10)}", Type(song, 10.5))
    y += sheet.px(18)
    by_hand = cast.sometimes(0.45)
    hand = sheet.faces.pick("hand", rng, cast.owner.name)
    value = Type(hand, 14, (30, 34, 76), jitter=0.3) if by_hand else Type(sheet.faces.pick("song", rng, cast.owner.name), 10.5)
    grid = _Grid(sheet, left, width * 0.8, Type(song, 10.5), value)
    h = sheet.mm(9)
    top = y
    kind = "hand" if by_hand else rng.choice(("plain", "spaced", "split", "traditional"))
    former = cast.other().name if cast.sometimes(0.3) else "无"
    y = grid.row(
        y,
        h,
        (0.14, "姓　名"),
        (0.26, cast.name(kind)),
        (0.12, "曾用名"),
        (0.18, former),
        (0.12, "性　别"),
        (0.18, cast.sex),
    )
    y = grid.row(
        y,
        h,
        (0.14, "出生年月"),
        (0.26, f"{cast.birth[0]}年{cast.birth[1]}月"),
        (0.12, "民　族"),
        (0.18, cast.people),
        (0.12, "籍　贯"),
        (0.18, cast.place[:3]),
    )
    y = grid.row(y, h, (0.14, "身份证号"), (0.56, cast.id_number()), (0.12, "政治面貌"), (0.18, "团员"))
    y = grid.row(y, h, (0.14, "家庭住址"), (0.86, cast.place))
    sheet.rect(left + width * 0.8, top, left + width, y, 2)
    draw_portrait(
        sheet,
        left + width * 0.83,
        top + sheet.mm(1.5),
        width * 0.14,
        y - top - sheet.mm(3),
        ground=rng.choice(((90, 140, 200), (236, 238, 240))),
        woman=cast.owner.woman,
    )
    draw_round_seal(sheet, left + width * 0.84, y - sheet.mm(2), cast.school, diameter_mm=26, opacity=0.5)
    full = _Grid(sheet, left, width, Type(song, 10.5), value)
    y = full.row(
        y,
        h,
        (0.12, "家庭成员"),
        (0.2, "姓名", full.label),
        (0.12, "关系", full.label),
        (0.36, "工作单位", full.label),
        (0.2, "联系电话", full.label),
    )
    for relation in ("父亲", "母亲", rng.choice(("兄", "妹", "弟"))):
        who = cast.lookalike(by_hand=by_hand) if relation != "母亲" else cast.other().name
        y = full.row(
            y,
            h,
            (0.12, ""),
            (0.2, who),
            (0.12, relation, value),
            (0.36, cast.rng.choice(("务农", cast.school, cast.company)), value),
            (0.2, f"1{cast.digits(10)}", Type(song, 9)),
        )
    y = full.row(y, h, (0.12, "本人简历"), (0.88, "自何年何月至何年何月在何地何校学习", full.label))
    for a, b, where in ((12, 15, "第二初级中学"), (15, 18, "第一高级中学"), (18, 22, cast.school)):
        y = full.row(
            y,
            h,
            (0.12, ""),
            (0.38, f"{cast.birth_year + a}.09—{cast.birth_year + b}.07", Type(song, 10.5)),
            (0.3, where, value),
            (0.2, cast.other().name, value),
        )
    sheet.text(left, y + sheet.px(8), "各学期成绩", Type(sheet.faces.pick("hei", rng), 11))
    y += sheet.px(26)
    marks = Type(song, 9)
    subjects = (
        "高等数学",
        "大学英语",
        "大学物理",
        "线性代数",
        "工程制图",
        "理论力学",
        "材料力学",
        "概率论",
        "计算机基础",
        "马克思主义原理",
        "体育",
        "专业实习",
    )
    thirds = _Grid(sheet, left, width, marks, marks)
    for i in range(0, len(subjects), 3):
        cells: list[tuple[float, str]] = []
        for subject in subjects[i : i + 3]:
            cells += [(0.22, subject), (0.1133, str(rng.randint(61, 97)))]
        y = thirds.row(y, sheet.mm(6.8), *cells)
    y += sheet.px(14)
    sheet.text(left, y, f"毕业论文题目：{cast.major[:2]}工程优化设计研究　　指导教师：{cast.lookalike()}", Type(song, 10.5))
    y += sheet.px(24)
    end = sheet.text(left, y, "学生签名：", Type(song, 11))
    pt = 20 if not cast.owner.dotted else 13
    sign(sheet, end, y - sheet.px(pt * 0.3), cast.name("signature"), size_pt=pt)
    if cast.sometimes(0.4) and not cast.owner.dotted:
        draw_name_seal(sheet, left + sheet.mm(62), y - sheet.mm(3), cast.name("seal"), side_mm=13, carved=cast.sometimes(0.5))
    sheet.text(left + width * 0.55, y, f"填表日期：{cast.birth_year + 18}年9月{rng.randint(1, 28)}日", Type(song, 11))
    sheet.text(left + width * 0.55, y + sheet.px(24), f"{cast.school}教务处（盖章）", Type(song, 11))
    draw_round_seal(sheet, left + width * 0.75, y + sheet.px(24), cast.school, foot="教务处")

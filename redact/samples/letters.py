"""Documents in running text: work certificate, pledge, notice, paper."""

from __future__ import annotations

from random import Random

from redact.samples.cast import Cast, spaced
from redact.samples.markup import fill_in, make_bold, raise_up
from redact.samples.ornaments import draw_copy_stamp, draw_name_seal, draw_round_seal, sign
from redact.samples.sheet import RED, Sheet, Type


def draw_work_resume(sheet: Sheet, cast: Cast) -> None:
    """工作经历证明: one or two paragraphs, posts by years, seal over the date."""
    rng = cast.rng
    body = Type(
        sheet.faces.pick(rng.choice(("song", "song", "kai")), rng, cast.owner.name),
        rng.choice((12, 14, 14)),
        fill=sheet.faces.pick("kai", rng, cast.owner.name),
    )
    head = Type(sheet.faces.pick("hei", rng), 22, spacing=0.15)
    left, width = sheet.mm(28), sheet.width - sheet.mm(56)
    y = sheet.mm(38)
    sheet.text(sheet.width / 2, y, rng.choice(("工作经历证明", "专业技术工作年限证明", "在职证明")), head, "centre")
    y += sheet.px(58)
    filled = cast.sometimes(0.35)

    def ask(answer: str) -> str:
        return fill_in(f" {answer} ") if filled else answer

    start = rng.randint(1998, 2016)
    kind = rng.choice(("plain", "plain", "wrapped", "wrapped", "spaced", "traditional"))
    # A name at the head of a paragraph cannot reach the end of its line.
    lead = "经查阅人事档案并核对社会保险缴纳记录，" if kind == "wrapped" else ""
    text = (
        f"{lead}兹证明{ask(cast.name(kind))}，{ask(cast.sex)}，{cast.birth[0]}年{cast.birth[1]}月出生，"
        f"身份证号码{cast.id_number()}，系我单位正式在编职工，"
        f"自{start}年{rng.randint(1, 12)}月至今在我单位{rng.choice(('技术部', '生产科', '总工办', '项目管理部'))}"
        f"从事{cast.major}专业技术工作，"
        f"现任{cast.title}。与{cast.lookalike(delimited=False)}、{cast.other().name}同志共同完成多项任务。"
    )
    y = sheet.paragraph(left, y, width, text, body, leading=1.9, wrap_name=kind == "wrapped")
    y = sheet.paragraph(left, y, width, "其主要工作经历如下：", body, leading=1.9)
    for _ in range(rng.randint(2, 4)):
        stop = start + rng.randint(2, 5)
        duty = cast.word() if cast.sometimes(0.5) else None
        duty = duty or rng.choice(
            (
                "负责现场施工技术管理与质量验收",
                "参与可行性研究报告编制",
                "承担实验检测与数据分析",
                "主持技术改造与方案审查",
            )
        )
        y = sheet.paragraph(
            left,
            y,
            width,
            (
                f"{start}年{rng.randint(1, 12)}月至{stop}年{rng.randint(1, 12)}月，{duty}，"
                f"证明人：{rng.choice((cast.other().name, cast.lookalike()))}；"
            ),
            body,
            leading=1.9,
        )
        start = stop
    again = cast.name("plain")
    y = sheet.paragraph(
        left,
        y,
        width,
        f"{again}同志在我单位工作期间遵纪守法，爱岗敬业，无违法违纪行为。本单位对以上内容的真实性负责。特此证明。",
        body,
        leading=1.9,
        wrap_name=cast.sometimes(0.3),
    )
    y += sheet.px(30)
    right = sheet.width - sheet.mm(32)
    sheet.text(right, y, cast.company, body, "right")
    sheet.text(right, y + sheet.px(28), cast.date(2022), body, "right")
    draw_round_seal(sheet, right - sheet.mm(24), y + sheet.px(22), cast.company, foot=rng.choice(("", "人事专用章")))
    if cast.sometimes(0.4):
        draw_copy_stamp(
            sheet,
            left,
            y + sheet.px(40),
            cast.other().name,
            cast.date(2024),
            rng.choice(((30, 50, 150), (180, 40, 50))),
        )
    sheet.text(
        left,
        sheet.height - sheet.mm(26),
        f"联系人：{cast.other().name}　　联系电话：0{cast.digits(3)}-{cast.digits(8)}",
        Type(body.face, 10.5),
    )


def draw_pledge(sheet: Sheet, cast: Cast) -> None:
    """承诺书: numbered promises, the signature by hand, date."""
    rng = cast.rng
    face = sheet.faces.pick("song", rng, cast.owner.name)
    hand = sheet.faces.pick("hand", rng, cast.owner.name)
    body = Type(face, rng.choice((12, 14)), fill=hand, fill_jitter=0.35, fill_colour=(30, 34, 70))
    left, width, y = sheet.mm(28), sheet.width - sheet.mm(56), sheet.mm(36)
    sheet.text(
        sheet.width / 2,
        y,
        rng.choice(("个人承诺书", "申报职称诚信承诺书", "专业技术资格申报承诺书")),
        Type(sheet.faces.pick("hei", rng), 22, spacing=0.1),
        "centre",
    )
    y += sheet.px(56)
    by_hand, wrapped = cast.sometimes(0.5), cast.sometimes(0.3)
    lead = "根据专业技术资格申报工作的有关规定和要求，" if wrapped else ""
    own = fill_in(f" {cast.name('hand')} ") if by_hand else cast.name()
    y = sheet.paragraph(
        left,
        y,
        width,
        f"{lead}本人{own}，身份证号{cast.id_number()}，现申报{cast.major}专业{cast.title}任职资格，郑重承诺如下：",
        body,
        leading=1.95,
        wrap_name=wrapped,
    )
    promises = [
        "所提交的学历、资历、业绩、论文等材料真实、准确、完整，复印件与原件一致；",
        "自觉遵守职称评审纪律，不请托、不说情、不弄虚作假；",
        "如有任何不实之处，自愿接受取消申报资格、撤销职称等处理，并承担由此产生的一切后果；",
        f"本人已知晓并同意所在单位对申报材料进行公示，公示联系人为{cast.lookalike(delimited=False)}；",
    ]
    if (w := cast.word()) is not None:
        promises.insert(1, f"{w}，维护评审秩序；")
    for i, promise in enumerate(promises):
        y = sheet.paragraph(left, y, width, f"{'一二三四五六'[i]}、{promise}", body, leading=1.95)
    y += sheet.px(40)
    x = sheet.width * 0.5
    anchor = rng.choice(("承诺人（签名）：", "承诺人签字：", "本人签名：", "承诺人："))
    end = sheet.text(x, y, anchor, Type(face, 14))
    wild = cast.sometimes(0.12)
    size = rng.uniform(20, 30)
    sign(
        sheet,
        end + sheet.px(4),
        y - sheet.px(size * 0.35),
        cast.name("signature"),
        size_pt=size if not cast.owner.dotted else 14,
        wild=wild,
    )
    if cast.sometimes(0.5):
        sheet.line(end, y + sheet.px(18), sheet.width - left, y + sheet.px(18), 2)
    y += sheet.px(40)
    day = Type(hand, 16, (28, 30, 52), jitter=0.3) if cast.sometimes(0.6) else Type(face, 14)
    sheet.text(x + sheet.px(30), y, cast.date(2023), day)
    if cast.sometimes(0.4) and not cast.owner.dotted:
        draw_name_seal(sheet, x - sheet.mm(6), y - sheet.px(20), cast.name("seal"), carved=cast.sometimes(0.4))
    y += sheet.px(60)
    sheet.text(left, y, f"单位审核人（签名）：{''}", Type(face, 12))
    sign(sheet, left + sheet.px(125), y - sheet.px(6), cast.lookalike(by_hand=True), size_pt=20)
    sheet.text(left, y + sheet.px(30), f"{cast.company}（盖章）", Type(face, 12))
    draw_round_seal(sheet, left + sheet.mm(40), y + sheet.px(34), cast.company)


def draw_public_notice(sheet: Sheet, cast: Cast) -> None:
    """公示证明: the applicants who were shown, in running text or one per line."""
    rng = cast.rng
    face = sheet.faces.pick(rng.choice(("song", "kai")), rng, cast.owner.name)
    body = Type(face, rng.choice((14, 16)))
    left, width, y = sheet.mm(28), sheet.width - sheet.mm(54), sheet.mm(28)
    if cast.sometimes(0.5):
        sheet.text(
            sheet.width / 2,
            y,
            cast.company,
            Type(sheet.faces.pick("song", rng).bent(weight=3, squeeze=0.85), 26, RED),
            "centre",
        )
        sheet.line(left, y + sheet.px(44), left + width, y + sheet.px(44), 5, RED)
        y += sheet.px(62)
    sheet.text(
        sheet.width / 2,
        y,
        rng.choice(("公　示　证　明", "关于申报职称人员公示情况的证明", "公示结果报告")),
        Type(sheet.faces.pick("hei", rng), 20),
        "centre",
    )
    y += sheet.px(52)
    names = [*cast.others(rng.randint(4, 9)), cast.lookalike(), cast.lookalike()]
    rng.shuffle(names)
    own = cast.name("plain")
    names.insert(rng.randrange(len(names)), own)
    inline = cast.sometimes(0.6)
    listed = "、".join(names) if inline else f"{own}等{len(names)}名同志"
    text = (
        f"根据{rng.randint(2021, 2025)}年度职称评审工作要求，我单位对{listed}"
        f"的申报材料在单位公告栏进行了公示，公示时间为{cast.date(2022)}起5个工作日。"
        "公示期间未收到任何异议。"
    )
    y = sheet.paragraph(left, y, width, text, body, leading=1.85, wrap_name=cast.sometimes(0.45))
    if not inline:
        for i, who in enumerate(names):
            shown = cast.name("spaced") if who == own else spaced(who)
            y = sheet.paragraph(left, y, width, f"{i + 1}．{shown}　申报{cast.major}专业{cast.title}", body, leading=1.7)
    if (w := cast.word()) is not None:
        y = sheet.paragraph(left, y, width, f"其中部分同志{w}，表现突出。", body, leading=1.85)
    y = sheet.paragraph(left, y, width, "特此证明。", body, leading=1.85)
    y += sheet.px(40)
    right = sheet.width - sheet.mm(34)
    sheet.text(right, y, cast.company, body, "right")
    sheet.text(right, y + sheet.px(30), cast.date(2022), body, "right")
    draw_round_seal(sheet, right - sheet.mm(26), y + sheet.px(20), cast.company)
    sheet.text(left, y + sheet.px(80), "公示监督人：", Type(face, 12))
    sign(sheet, left + sheet.px(78), y + sheet.px(72), cast.other().name, size_pt=20)


_ABSTRACT = (
    "针对传统方法在复杂工况下精度不足、稳定性差的问题，提出了一种基于多源数据融合的改进模型。首先对监测数据进行预处理，剔除粗差并补全缺失值；"
    "然后建立耦合分析框架，采用分步迭代求解；最后以某工程为例进行验证。结果表明，改进模型的平均误差较传统方法降低百分之二十三，收敛速度明显提高，"
    "可为同类工程的设计与施工提供参考。"
)
_BODY = (
    "近年来随着基础设施建设规模不断扩大，工程安全监测的重要性日益突出。国内外学者围绕数据采集、特征提取和预警方法开展了大量研究。"
    "现有成果多集中于单一指标分析，对多因素共同作用下的响应机理认识尚不充分。为此，本文结合现场试验和数值模拟，系统分析了荷载、温度与渗流的影响规律。"
    "试验段位于丘陵地带，地层以粉质黏土和强风化砂岩为主，地下水埋深三至六米。监测点按断面布置，每个断面设置表面位移和深部位移测点，采样间隔三十分钟。"
    "由图可知，各测点位移随时间呈台阶状增长，降雨后变形速率明显增大，滞后时间约为十二小时。"
)


def _mixed(rng: Random) -> str:
    sentences = _BODY.split("。")[:-1]
    return "".join(s + "。" for s in rng.sample(sentences, len(sentences)))


def draw_paper(sheet: Sheet, cast: Cast) -> None:
    """First page of a paper: several authors in Chinese and in pinyin with superscripts, two columns, running
    header, author note.
    """
    rng = cast.rng
    song = sheet.faces.pick("song", rng, cast.owner.name)
    hei = sheet.faces.pick("hei", rng, cast.owner.name)
    kai = sheet.faces.pick("kai", rng, cast.owner.name)
    left, width, y = sheet.mm(22), sheet.width - sheet.mm(44), sheet.mm(16)
    small = Type(song, 8, bold=hei)
    sheet.text(left, y, f"第{rng.randint(10, 48)}卷第{rng.randint(1, 12)}期", small)
    sheet.text(
        sheet.width / 2,
        y,
        rng.choice(("工程技术与应用", "水利科技学报", "现代农业研究", "建筑施工与管理")),
        Type(song, 9, spacing=0.3),
        "centre",
    )
    running = cast.name("header") if cast.sometimes(0.45) else cast.other().name
    sheet.text(left + width, y, f"{running}等：多源数据融合的改进模型研究", small, "right")
    sheet.line(left, y + sheet.px(12), left + width, y + sheet.px(12), 2)
    y += sheet.px(34)
    sheet.text(sheet.width / 2, y, f"基于多源数据融合的{cast.major[:2]}安全监测改进模型", Type(hei, 18), "centre")
    y += sheet.px(36)
    n = rng.randint(2, 4)
    mates = [cast.lookalike(), *cast.others(n)][:n]
    place = rng.randrange(n + 1)
    kind = "author"
    spaced_names = cast.sometimes(0.5)
    shown = [spaced(m) if spaced_names else m for m in mates]
    shown.insert(place, cast.name("spaced" if spaced_names else kind))
    marks = [raise_up(rng.choice(("1", "2", "1,2", "1*"))) for _ in shown]
    joint = rng.choice(("，", "　", "  "))
    sheet.text(sheet.width / 2, y, joint.join(a + m for a, m in zip(shown, marks, strict=True)), Type(kai, 14), "centre")
    y += sheet.px(24)
    sheet.text(
        sheet.width / 2,
        y,
        f"（1. {cast.company}，江北 东川 {cast.digits(6)}；2. {cast.school}，云岭 滨河 {cast.digits(6)}）",
        Type(song, 9),
        "centre",
    )
    y += sheet.px(22)
    abstract = Type(song, 9, bold=hei)
    inner, inner_width = left + sheet.mm(8), width - sheet.mm(16)
    y = sheet.paragraph(inner, y, inner_width, make_bold("摘　要：") + _ABSTRACT, abstract, leading=1.45)
    y = sheet.paragraph(
        inner, y, inner_width, make_bold("关键词：") + "数据融合；安全监测；改进模型；误差分析", abstract, leading=1.45
    )
    y = sheet.paragraph(
        inner,
        y,
        inner_width,
        (
            f"{make_bold('中图分类号：')}TU{cast.digits(3)}　　{make_bold('文献标志码：')}A　"
            f"　{make_bold('文章编号：')}1{cast.digits(3)}-{cast.digits(4)}({rng.randint(2012, 2024)}"
            f")0{rng.randint(1, 9)}-0{cast.digits(3)}-05"
        ),
        abstract,
        leading=1.45,
    )
    y += sheet.px(10)
    english = Type(song, 12)
    sheet.text(sheet.width / 2, y, "An improved safety monitoring model based on multi-source data", english, "centre")
    y += sheet.px(20)
    latins = [cast.other().latin(rng) for _ in mates]
    latins.insert(place, cast.latin())
    sheet.text(sheet.width / 2, y, ", ".join(a + m for a, m in zip(latins, marks, strict=True)), Type(song, 10), "centre")
    y += sheet.px(16)
    y = sheet.paragraph(
        inner,
        y,
        inner_width,
        (
            "Abstract: An improved model is proposed for monitoring under complex "
            "conditions. Results show that the mean error is reduced by 23% and convergence "
            "is faster than before."
        ),
        Type(song, 9),
        leading=1.4,
        indent=0,
    )
    y += sheet.px(12)
    column = (width - sheet.mm(8)) / 2
    top, bottom = y, sheet.height - sheet.mm(46)
    body = Type(song, 10, bold=hei)
    text = make_bold("0　引言") + "\n　　" + _mixed(rng)
    if (w := cast.word()) is not None:
        text += w + "。" + _mixed(rng)[:60]
    cites = f"{cast.lookalike()}等[3]、{cast.other().name}[4]对此进行了研究。"
    if cast.sometimes(0.4):
        cites = f"{cast.name()}等[1]、" + cites
    for i in range(2):
        x, y = left + i * (column + sheet.mm(8)), top
        y = sheet.paragraph(
            x,
            y,
            column,
            (text if i == 0 else cites + _mixed(rng)),
            body,
            leading=1.5,
            wrap_name=i == 1 and cast.sometimes(0.6),
        )
        while y < bottom - sheet.px(9 * 15):
            y = sheet.paragraph(x, y, column, _mixed(rng)[: int((bottom - y) / sheet.px(15)) * 22], body, leading=1.5)
    y = sheet.height - sheet.mm(40)
    sheet.line(left, y, left + width * 0.3, y, 1)
    y += sheet.px(5)
    foot = (
        f"{make_bold('收稿日期：')}{rng.randint(2012, 2024)}-0{rng.randint(1, 9)}-1{rng.randint(0, 9)}\n"
        f"{make_bold('作者简介：')}{cast.name('plain')}（{cast.birth_year}—），{cast.sex}，{cast.title}，"
        f"主要从事{cast.major}研究。E-mail：{cast.digits(9)}@example.com\n"
        f"{make_bold('通信作者：')}{cast.other().name}（{cast.birth_year - 9}—），教授，博士生导师。"
    )
    sheet.paragraph(left, y, width, foot, small, leading=1.45, indent=0)
    sheet.text(sheet.width / 2, sheet.height - sheet.mm(14), f"· {rng.randint(20, 180)} ·", small, "centre")

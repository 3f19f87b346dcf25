"""Made-up people: names composed from tables, the ways they are written, and names that look like them.

Nobody real is meant: surnames and given characters are drawn independently.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

# syllable: characters
_SURNAMES = (
    "wang王汪 li李黎 zhang张章 liu刘柳 chen陈谌 yang杨阳 zhao赵 huang黄 zhou周 "
    "wu吴武 xu徐许 sun孙 hu胡 zhu朱祝 gao高 lin林 he何贺 guo郭 ma马 "
    "luo罗骆 liang梁 song宋 zheng郑 xie谢 han韩 tang唐汤 feng冯丰 yu于余俞喻 dong董 "
    "xiao萧肖 cheng程成 cao曹 yuan袁 deng邓 fu傅付 shen沈 "
    "zeng曾 peng彭 lv吕 su苏 lu卢陆鲁 jiang蒋姜江 cai蔡 jia贾 ding丁 wei魏韦卫 "
    "xue薛 ye叶 yan阎严颜 pan潘 du杜 dai戴 xia夏 zhong钟 tian田 "
    "ren任 fan范樊 fang方房 shi石史施 yao姚 tan谭 liao廖 zou邹 xiong熊 jin金 hao郝 "
    "kong孔 bai白 cui崔 kang康 mao毛 qiu邱 qin秦 gu顾谷 "
    "hou侯 shao邵 meng孟 long龙 wan万 duan段 zhang漳 lei雷 qian钱 yin尹殷 li厉 "
    "chang常 qiao乔 lai赖 gong龚 wen文温 pang庞 lan蓝 you尤 "
    "ning宁 mi米 mu穆牧 he和 ping平 an安 ming明 shang尚 qi齐戚 ji季纪 bian卞 xi席 "
    "ge葛 ou区欧 zang臧 shan单 zha查 chong种 piao朴 "
    "ge盖 mou牟 e鄂 ying应 zhan詹 ke柯 dou窦 qu曲瞿 lian练连 jing荆景 sheng盛 she佘 "
    "gan甘 ao敖 wu毋 dan但 tong佟童 bo薄 min闵"
)
_COMPOUND = (
    "ouyang欧阳 sima司马 shangguan上官 zhuge诸葛 xiahou夏侯 dongfang东方 "
    "huangfu皇甫 yuchi尉迟 gongsun公孙 murong慕容 linghu令狐 duanmu端木 situ司徒 "
    "sikong司空 ximen西门 nangong南宫 dugu独孤"
)
_GIVEN = (
    "wei伟玮维薇威巍蔚炜苇 fang芳昉 na娜 min敏旻 jing静婧晶京菁敬 li丽俪莉立力礼丽 "
    "qiang强 lei磊蕾雷 jun军君俊钧峻 yang洋阳扬 yong勇永咏 "
    "yan艳燕妍岩彦琰 jie杰洁捷婕 juan娟 tao涛韬 ming明铭鸣茗 chao超 xiu秀 xia霞 "
    "ping平萍苹 gang刚钢 gui桂贵 ying英莹颖瑛滢 hua华骅桦 "
    "yu玉宇雨钰煜昱瑜裕 ping屏 hui辉慧晖惠卉 hong红洪宏鸿泓 jian建健剑 "
    "xin鑫昕欣新馨忻 bo博波勃 bin斌彬滨宾 hao浩昊皓灏 xuan轩萱璇 "
    "ting婷庭亭 fei飞菲斐 kai凯恺 peng鹏朋 long龙珑 yi怡毅艺逸奕谊宜益 chen晨辰宸琛 "
    "zi子梓紫 han涵晗翰寒 yue悦月玥岳 rui瑞睿蕊锐 "
    "si思斯 jia佳嘉家 qi琪琦祺齐启 meng萌梦蒙 lin琳林霖麟 xue雪学 lan兰岚澜 "
    "mei梅美媚玫 guo国果 dong东冬栋 sheng生胜晟盛 zhi志智芷之 "
    "wen文雯汶 xiang祥翔湘 chun春纯 feng峰锋凤枫 yun云芸昀 shu淑舒书 zhen珍振真 "
    "qin琴勤芹沁 cheng成诚程承 ning宁 bei蓓贝 shuai帅 "
    "xiao晓筱小潇骁 dan丹 chang昌畅 liang亮良 an安 ke可珂科 lu璐露路鹿 shan珊杉姗 "
    "tian天甜恬 qing青清晴庆卿 ya雅亚 he和荷鹤禾 "
    "mo墨默 nan楠南 ran然冉 ru如茹 shi诗世士仕 song松嵩 wan婉 xi曦希溪熙玺 "
    "yao瑶尧耀 ze泽 zhong中忠钟 zhuo卓 yuan远媛源渊 bai柏 da达 fu福富 "
    "guang光广 hai海 heng恒衡 ji吉继 jin锦瑾进晋金 kang康 le乐 man曼 pei培沛佩 "
    "quan泉全权 rong荣蓉容融 shuang爽双 tong彤桐童 xing兴星 "
    "ye烨晔叶 zheng正政铮峥 ao傲 bing冰兵 cai彩才 de德 er尔 gen根 gong功 ju菊 "
    "lian莲 miao苗妙 shun顺 wang旺 xian贤娴仙 you友有 zhe哲"
)
# Drawn by few faces, misread by most readers.
_RARE = (
    "yan䶮琰 jie㛃 kun堃 zhe喆 chong翀 lu甪逯 xin炘 wei暐 yu彧 hao淏 yi翊 jing璟 "
    "ye曄 xuan翾 yao垚 miao淼 yan焱 sen槮 biao骉 xian燹 ben犇 ying瑛 heng姮"
)

_TRADITIONAL = (
    "张張伟偉陈陳刘劉杨楊赵趙黄黃吴吳孙孫马馬罗羅郑鄭谢謝韩韓冯馮萧蕭邓鄧吕呂苏蘇卢盧陆陸鲁魯蒋蔣贾賈韦韋卫衛叶葉阎閻严嚴颜顏钟鍾谭譚邹鄒顾顧龙龍万萬"
    "钱錢乔喬赖賴龚龔庞龐蓝藍宁寧齐齊纪紀区區欧歐单單应應连連闵閔许許汤湯东東华華丽麗军軍钧鈞阳陽扬揚艳豔岩巖洁潔杰傑涛濤韬韜鸣鳴铭銘刚剛钢鋼贵貴莹瑩"
    "颖穎辉輝红紅鸿鴻剑劍滨濱宾賓飞飛凯凱恺愷鹏鵬珑瓏艺藝谊誼晖暉岚嵐澜瀾兰蘭梦夢国國栋棟胜勝云雲书書诚誠贝貝晓曉骁驍畅暢露露亚亞庆慶诗詩玺璽尧堯"
    "泽澤达達广廣继繼锦錦进進晋晉乐樂权權荣榮双雙兴興烨燁晔曄铮錚峥崢莲蓮顺順贤賢维維俪儷学學锐銳启啟强強"
    "雷雷湘湘凤鳳锋鋒枫楓峰峰荔荔苇葦玮瑋炜煒骅驊桦樺婵嬋娟娟娴嫻彦彥"
)

# Each pair looks alike and names a different person. Pairs that differ by one dot or the length of a stroke (士土,
# 平乎) are left out: on a poor scan nobody could tell them apart, so they would measure nothing.
CONFUSABLE = (
    "伟玮 丽俪 芳苏 明朋 玉王 天夫 晨展 杰木 晶品 林琳 莉荊 霞露 涛铸 洋详 勇甬 "
    "敏敬 军车 建健 志忐 强疆 辉晖 宏宠 鑫金 博傅 斌赋 浩洁 轩轲 "
    "婷停 飞气 凯剀 鹏朋 宇宁 怡治 辰唇 梓样 涵函 悦锐 瑞端 思恩 佳住 琪淇 萌荫 "
    "雪雷 兰三 梅海 东车 生圭 祥详 峰锋 珍诊 "
    "琴瑟 丹舟 昌晶 亮高 安妥 可司 璐路 珊姗 青清 雅稚 楠喃 如奴 松柏 婉惋 曦犧 "
    "瑶谣 泽择 卓桌 福副 光先 海诲 恒桓 吉古 锦绵 康庚 "
    "乐东 曼慢 培倍 荣宋 彤形 兴光 烨晔 钰珏 煜昱 炜纬 薇徽 欣忻 昕听 彬杉 睿壑 "
    "琳淋 蕾雷 磊垒 毅殷 栋冻 凤风 志恙 永水 秀季 "
    "桂挂 华毕 红江 洪淇 波玻 刚钢 良艮 子了 小少 力刀 立位 正止 美姜 真直 义又 民氏 山出 月用 双又 艳绝 娟捐 燕蒸"
)
# A full name that is also a word, and running text that holds the word.
WORD_NAMES: dict[str, str] = {
    "文明": "深入开展群众性精神文明建设活动",
    "高峰": "受邀参加第三届学术高峰论坛",
    "平安": "荣获年度平安单位建设先进集体",
    "温和": "注意工作方式温和耐心细致",
    "和平": "承担和平路校区改造工程",
    "高明": "提出的方案比传统做法高明得多",
    "万方": "文献检索自万方数据知识服务平台",
    "安康": "保障人民群众健康安康",
    "金星": "参与金星路道路照明改造项目",
    "明亮": "实验室明亮整洁通风良好",
    "成功": "顺利完成试验并取得成功",
    "马力": "采用大马力拖拉机开展田间作业",
    "黄金": "把握黄金时期推进重点任务",
    "高远": "立意高远视野开阔",
    "常青": "打造基业常青的技术团队",
    "白雪": "冬季白雪覆盖期间的路面养护",
    "雷雨": "雷雨天气下的线路巡检",
    "江南": "江南地区水稻种植技术推广",
    "安宁": "维护社会安宁稳定",
    "方正": "字迹方正书写规范",
    "丰富": "具有丰富的现场管理经验",
    "康健": "促进职工身心康健",
}
_MINORITY = (
    ("阿卜杜热西提", "Abdureshit"),
    ("买买提", "Memet"),
    ("古丽娜尔", "Gulnar"),
    ("艾尼瓦尔", "Enwer"),
    ("吐尔逊", "Tursun"),
    ("阿依古丽", "Aygul"),
    ("帕提古丽", "Patigul"),
    ("努尔买买提", "Nurmemet"),
    ("热合曼", "Rahman"),
    ("库尔班江", "Kurbanjan"),
    ("迪丽努尔", "Dilnur"),
    ("玉素甫", "Yusup"),
    ("阿不都拉", "Abdulla"),
    ("沙依提", "Sayit"),
    ("卡德尔", "Kadir"),
    ("木合塔尔", "Muhtar"),
    ("巴哈尔古丽", "Bahargul"),
    ("依明江", "Iminjan"),
    ("哈力克", "Halik"),
    ("赛买提", "Semet"),
    ("加娜尔", "Janar"),
    ("叶尔兰", "Yerlan"),
    ("赛力克", "Serik"),
    ("哈孜别克", "Kazybek"),
    ("多吉", "Dorje"),
    ("次仁", "Tsering"),
)
DOTS = "·•．."


def _table(text: str) -> dict[str, str]:
    out: dict[str, str] = {}
    for word in text.split():
        syllable = "".join(c for c in word if c.isascii())
        for ch in word[len(syllable) :]:
            out.setdefault(ch, syllable)
    return out


SURNAMES = _table(_SURNAMES)
GIVEN = _table(_GIVEN)
RARE = _table(_RARE)
COMPOUND = {w.lstrip("abcdefghijklmnopqrstuvwxyz"): "".join(c for c in w if c.isascii()) for w in _COMPOUND.split()}
TRADITIONAL = dict(zip(_TRADITIONAL[::2], _TRADITIONAL[1::2], strict=True))
# Drawn for other people only as often as they are in life.
_COMMON = [
    c
    for c in SURNAMES
    if c in set("王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶")
]
_LOOKS: dict[str, str] = {}
for _pair in CONFUSABLE.split():
    _LOOKS.setdefault(_pair[0], _pair[1])
    _LOOKS.setdefault(_pair[1], _pair[0])


@dataclass(frozen=True)
class Person:
    """``parts``: one for a Han name, two or more for a name joined by a middle dot. ``surname_length``:
    characters, 0 where there is no surname. ``family_latin`` and ``given_latin`` (syllables) spell the pinyin.
    """

    parts: tuple[str, ...] = field(repr=False)
    surname_length: int
    family_latin: str = field(repr=False)
    given_latin: tuple[str, ...] = field(repr=False)
    woman: bool = False

    @property
    def name(self) -> str:
        """As it is registered: ``王伟``, ``阿卜杜热西提·买买提``."""
        return "·".join(self.parts)

    @property
    def surname(self) -> str:
        return self.parts[0][: self.surname_length]

    @property
    def given(self) -> str:
        return self.parts[0][self.surname_length :]

    @property
    def dotted(self) -> bool:
        return len(self.parts) > 1

    @property
    def traditional(self) -> str:
        return "".join(TRADITIONAL.get(ch, ch) for ch in self.name)

    def latin(self, rng: Random) -> str:
        """Pinyin in one of the ways it is printed: either order, capitals, hyphens."""
        family, given = self.family_latin.capitalize(), [s.capitalize() for s in self.given_latin]
        if self.dotted:
            return f"{given[0]} {family}" if rng.random() < 0.7 else f"{given[0]} {family}".upper()
        joined, hyphened = "".join(given).capitalize(), "-".join(given).capitalize()
        return rng.choice(
            (
                f"{family.upper()} {joined}",
                f"{family.upper()} {hyphened}",
                f"{family} {joined}",
                f"{joined} {family}",
                f"{joined} {family}".upper(),
                f"{'-'.join(given)} {family}",
                f"{family}, {joined}",
                f"{family} {joined}".upper(),
            )
        )

    def pinyin(self) -> str:
        """``ZHANG WEIDONG``, as certificates print it."""
        if self.dotted:
            return f"{self.given_latin[0]} {self.family_latin}".upper()
        return f"{self.family_latin} {''.join(self.given_latin)}".upper().replace("LV", "LYU")


def make_person(rng: Random, kind: str = "any", *, drawable: str | None = None) -> Person:
    """A person of one ``kind``: ``two``, ``three``, ``four``, ``compound``, ``minority``, ``rare``, ``word``, ``any``.

    Raises:
        ValueError: no such kind.
    """
    if kind == "any":
        kinds = ("two", "three", "four", "compound", "minority", "rare", "word")
        kind = rng.choices(kinds, (28, 42, 4, 7, 9, 5, 5))[0]
    woman = rng.random() < 0.45
    if kind == "minority":
        first, last = rng.sample(_MINORITY, 2)
        return Person((first[0], last[0]), 0, last[1], (first[1],), woman)
    if kind == "word":
        name = rng.choice(sorted(WORD_NAMES))
        return Person((name,), 1, SURNAMES[name[0]], ((SURNAMES | GIVEN)[name[1]],), woman)
    if kind not in ("two", "three", "four", "compound", "rare"):
        raise ValueError(f"no such kind of name: {kind}")
    surname = (
        rng.choice(sorted(COMPOUND)) if kind == "compound" else rng.choice((rng.choice(_COMMON), rng.choice(sorted(SURNAMES))))
    )
    family = COMPOUND[surname] if kind == "compound" else SURNAMES[surname]
    length = {"two": 1, "three": 2, "four": 2}.get(kind) or rng.choice((1, 2))
    if kind == "four":  # two family names together
        other = rng.choice([c for c in _COMMON if c != surname])
        surname, family = surname + other, family + SURNAMES[other]
    given = rng.sample(sorted(GIVEN), length)
    if length == 2 and rng.random() < 0.12:
        given[1] = given[0]
    readings = GIVEN
    if kind == "rare":
        readings = GIVEN | RARE
        given[-1] = rng.choice(sorted(c for c in RARE if drawable is None or c in drawable))
    return Person((surname + "".join(given),), len(surname), family, tuple(readings[c] for c in given), woman)


def make_lookalike(person: Person, rng: Random, trap: str) -> Person | None:
    """Somebody else whose name resembles ``person``'s, or None where this trap cannot be set for the name.

    ``longer`` 王伟 -> 王伟东; ``doubled`` 马丽 -> 马丽丽; ``similar`` 张伟 -> 张玮; ``surname`` 张伟 -> 李伟;
    ``apart`` 王和 -> 王致和; ``given`` 张伟东 -> 张伟峰. The result never has the same characters, dots aside.
    """
    name, own = person.parts[0], person.surname
    if person.dotted:
        first, last = rng.sample([m for m in _MINORITY if m[0] not in person.parts], 2)
        keep_first = trap in ("given", "apart")
        if keep_first:
            return Person((person.parts[0], last[0]), 0, last[1], person.given_latin)
        return Person((first[0], person.parts[1]), 0, person.family_latin, (first[1],)) if trap == "surname" else None
    given = person.given
    made: str | None = None
    if trap == "longer" and len(given) == 1:
        made = own + given + rng.choice([c for c in sorted(GIVEN) if c != given])
    elif trap == "doubled" and len(given) == 1:
        made = own + given * 2
    elif trap == "similar":
        swaps = [i for i, ch in enumerate(name) if ch in _LOOKS and i >= len(own)]
        if swaps:
            i = rng.choice(swaps)
            made = name[:i] + _LOOKS[name[i]] + name[i + 1 :]
    elif trap == "surname":
        own = rng.choice([c for c in _COMMON if c != own])
        made = own + given
    elif trap == "apart" and len(given) == 1:
        made = own + rng.choice([c for c in sorted(GIVEN) if c != given]) + given
    elif trap == "given" and len(given) == 2:
        made = own + given[0] + rng.choice([c for c in sorted(GIVEN) if c not in given])
    if made is None or made == name:
        return None
    readings = RARE | GIVEN | SURNAMES
    family = COMPOUND.get(own) or "".join(SURNAMES.get(c, "") for c in own) or person.family_latin
    return Person((made,), len(own), family, tuple(readings.get(c, "yi") for c in made[len(own) :]))


TRAPS = ("longer", "doubled", "similar", "surname", "apart", "given")

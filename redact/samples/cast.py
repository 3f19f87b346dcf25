"""Who stands on a document: the applicant in this document's spellings, lookalikes, and everybody else."""

from __future__ import annotations

from random import Random

from redact.samples.faces import Faces
from redact.samples.markup import mark_name
from redact.samples.people import DOTS, TRAPS, WORD_NAMES, Person, make_lookalike, make_person

WIDE = "\u3000"
# What a document can be told to write its names as, and which of its own ways that replaces.
SPELLINGS = ("plain", "spaced", "split", "traditional", "dotless", "list")
_PRINTED = (*SPELLINGS, "author", "vertical", "header")
_COMPANIES = (
    "华晟建设集团有限公司",
    "江北市水利勘测设计院",
    "中瑞检测技术股份有限公司",
    "东川市农业技术推广中心",
    "云岭机械制造有限责任公司",
    "滨河区人民医院",
    "南原信息工程研究所",
    "青石公路养护中心",
    "恒远电力设计咨询有限公司",
    "西岭林业科学研究院",
    "金沙江航道工程局",
    "北原职业技术学院",
    "长丰环境监测站",
    "明德实验中学",
    "博远城市规划设计有限公司",
)
_SCHOOLS = (
    "江北理工大学",
    "东川农业大学",
    "西岭师范学院",
    "南原交通大学",
    "滨河医科大学",
    "云岭职业技术学院",
    "北原工程学院",
)
_MAJORS = (
    "土木工程",
    "水利水电工程",
    "机械设计制造及其自动化",
    "电气工程及其自动化",
    "计算机科学与技术",
    "环境工程",
    "农学",
    "临床医学",
    "测绘工程",
    "安全工程",
)
_TITLES = ("工程师", "高级工程师", "助理工程师", "正高级工程师", "农艺师", "高级农艺师", "主治医师", "讲师", "一级教师")
_PLACES = (
    "江北省东川市青石区和平路",
    "云岭省滨河市南原县文昌街",
    "西岭省长丰市金沙区建设大道",
    "江北省恒远市北原区学府路",
)


class Cast:
    """``owner``: whose document it is, the applicant, or somebody who resembles them where the name must not
    stand on it.
    """

    def __init__(self, person: Person, rng: Random, faces: Faces, *, with_name: bool, spelling: str | None) -> None:
        self.person = person
        self.rng = rng
        self.faces = faces
        self.with_name = with_name
        self.spelling = spelling
        self.traps: list[str] = []
        self.owner = person if with_name else (self._lookalike(sounds_alike=False) or self.other())
        self.company = rng.choice(_COMPANIES)
        self.school = rng.choice(_SCHOOLS)
        self.major = rng.choice(_MAJORS)
        self.title = rng.choice(_TITLES)
        self.birth_year = rng.randint(1966, 1996)
        self.birth = (self.birth_year, rng.randint(1, 12), rng.randint(1, 28))
        self._dot = rng.choice(DOTS) if rng.random() < 0.5 else "·"
        self._taken = {person.name, self.owner.name}

    # ---- the applicant ----

    def name(self, kind: str = "plain", *, person: Person | None = None) -> str:
        """The owner's name as this document writes it, marked where it is the applicant's.

        ``kind``: ``plain``, ``spaced`` (two characters set apart as three are wide), ``traditional``, ``hand``,
        ``signature``, ``list``, ``author`` … ; what cannot be done to this name is written plainly.
        """
        who = person or self.owner
        text, kind = self._spell(who, self.spelling if self.spelling and kind in _PRINTED else kind)
        return mark_name(text, kind) if who is self.person else text

    def _spell(self, who: Person, kind: str) -> tuple[str, str]:
        text = who.name
        if who.dotted:
            if kind == "dotless" or (kind == "plain" and self._dot == "．" and self.rng.random() < 0.3):
                return "".join(who.parts), "dotless"
            text = self._dot.join(who.parts)
            return text, "minority" if kind in ("plain", "spaced", "traditional") else kind
        if kind == "traditional":
            made = who.traditional
            usable = made != text and self.faces.has(made)
            return (made, kind) if usable else (text, "plain")
        if kind == "spaced":
            return (spaced(text), "spaced") if len(text) == 2 else (text, "plain")
        if kind == "split":
            gap = WIDE * self.rng.choice((2, 2, 3)) if len(text) == 2 else WIDE
            return gap.join(text), "split" if len(text) == 2 else "spaced"
        if kind == "list":
            return spaced(text), "list"
        return text, kind

    def latin(self) -> str:
        text = self.owner.latin(self.rng)
        return mark_name(text, "pinyin") if self.owner is self.person else text

    def pinyin(self) -> str:
        text = self.owner.pinyin()
        return mark_name(text, "pinyin") if self.owner is self.person else text

    def sometimes(self, share: float) -> bool:
        return self.rng.random() < share

    # ---- the others ----

    def other(self) -> Person:
        """Somebody whose name neither holds the applicant's nor is held by it."""
        own = "".join(self.person.parts)
        while True:
            kind = self.rng.choices(("two", "three", "compound", "minority"), (30, 60, 5, 5))[0]
            made = make_person(self.rng, kind)
            text = "".join(made.parts)
            if own in text or text in own or not self.faces.has(text) or self._reads_alike(made):
                continue
            return made

    def _reads_alike(self, made: Person) -> bool:
        def key(p: Person) -> str:
            return "".join(sorted((p.family_latin, "".join(p.given_latin))))

        return key(made) == key(self.person) or made.pinyin().replace(" ", "") == self.person.pinyin().replace(" ", "")

    def others(self, n: int) -> list[str]:
        return [self.other().name for _ in range(n)]

    def _lookalike(self, *, allow: tuple[str, ...] = TRAPS, sounds_alike: bool = True) -> Person | None:
        for trap in self.rng.sample(allow, len(allow)):
            made = make_lookalike(self.person, self.rng, trap)
            if made is None or not self.faces.has("".join(made.parts)):
                continue
            if sounds_alike or not self._reads_alike(made):
                self.traps.append(trap)
                return made
        return None

    def lookalike(self, *, delimited: bool = True, by_hand: bool = False) -> str:
        """Somebody who resembles the applicant.

        ``delimited``: it will stand alone in a cell or between marks, so that a name that goes on after the
        applicant's (王伟东 for 王伟) can be told from it. ``by_hand``: it will be written by hand, where 伟 and
        玮 are one scrawl.
        """
        allow = TRAPS if delimited else ("similar", "surname", "apart", "given")
        made = self._lookalike(allow=tuple(t for t in allow if not (by_hand and t == "similar")))
        return (made or self.other()).name

    def official(self) -> Person:
        """Who signs or seals for the school: often somebody who resembles the applicant."""
        made = self._lookalike(allow=("surname", "given", "longer", "apart")) if self.sometimes(0.5) else None
        return made or self.other()

    def word(self) -> str | None:
        """Running text that holds the applicant's name as a word, for names that are words."""
        text = WORD_NAMES.get(self.person.name)
        if text is not None:
            self.traps.append("word")
        return text

    # ---- facts ----

    def date(self, first: int = 2015, last: int = 2025) -> str:
        return f"{self.rng.randint(first, last)}年{self.rng.randint(1, 12)}月{self.rng.randint(1, 28)}日"

    def id_number(self) -> str:
        y, m, d = self.birth
        region = f"{self.rng.randint(11, 65)}{self.digits(4)}"
        return f"{region}{y}{m:02d}{d:02d}{self.digits(3)}{self.rng.choice('0123456789X')}"

    def digits(self, n: int) -> str:
        return "".join(self.rng.choice("0123456789") for _ in range(n))

    @property
    def sex(self) -> str:
        return "女" if self.owner.woman else "男"

    @property
    def people(self) -> str:
        return "维吾尔" if self.owner.dotted else self.rng.choice(("汉",) * 6 + ("回", "满", "土家"))

    @property
    def place(self) -> str:
        return f"{self.rng.choice(_PLACES)}{self.rng.randint(1, 300)}号{self.rng.randint(1, 30)}幢{self.rng.randint(101, 1802)}室"


def spaced(name: str) -> str:
    """Two characters set as wide as three."""
    return WIDE.join(name) if len(name) == 2 else name

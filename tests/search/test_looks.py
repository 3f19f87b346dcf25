"""What several looks at one place say together."""

from redact.geometry import Box, Quad
from redact.names.find import Candidate, Context, Letter
from redact.names.name import Name
from redact.names.spellings import spell
from redact.search.looks import Looks

QUAD = Quad.from_box(Box(0, 0, 90, 30))


def look(
    text: str,
    read: str,
    *,
    score: float = 0.0,
    after: str = "",
    edge: float = 1.0,
    sure: float = 1.0,
    inserted: float = 0.0,
    misreads: dict[str, float] | None = None,
):
    """The name ``text`` as a look has it that reads ``read``, character for character."""
    letters = tuple(
        Letter(0.0 if c == r else score * len(text), r, 1.0 if c == r else sure, c == r) for c, r in zip(text, read, strict=True)
    )
    spelling = spell(Name.parse(text), misreads or {})[0]
    context = Context(after, False)
    return Candidate(
        spelling, score, (QUAD,), (0,), after=context, edge_probability=edge, read=read, letters=letters, inserted=inserted
    )


def test_another_character_that_most_looks_read_surely_is_somebody_else() -> None:
    name = Name.parse("黄培瑶")
    seen = look("黄培瑶", "黄培谣", score=-2.7, sure=0.99)
    assert Looks((seen,) * 6).is_other(name, hand=False)
    # A hand may write 瑶 like 谣: it takes more.
    nearer = look("黄培瑶", "黄培谣", score=-2.2, sure=0.99)
    assert not Looks((nearer,) * 6).is_other(name, hand=True)


def test_one_look_that_comes_near_or_reads_something_else_keeps_the_question() -> None:
    name = Name.parse("黄培瑶")
    far, near = look("黄培瑶", "黄培谣", score=-2.7, sure=0.99), look("黄培瑶", "黄培谣", score=-0.9, sure=0.99)
    assert not Looks((far,) * 5 + (near,)).is_other(name, hand=False)
    other = look("黄培瑶", "黄培遥", score=-2.7, sure=0.99)
    assert not Looks((far, far, far, other, other, None)).is_other(name, hand=False)
    unsure = look("黄培瑶", "黄培谣", score=-2.7, sure=0.6)
    assert not Looks((unsure,) * 6).is_other(name, hand=False)


def test_a_longer_name_is_one_even_where_nobody_can_read_its_last_character() -> None:
    name = Name.parse("孙滢")
    weak = look("孙滢", "孙滢", after="岚", edge=0.4)
    assert Looks((weak,) * 6).is_other(name, hand=False)
    alone = look("孙滢", "孙滢")
    assert not Looks((weak, weak, weak, alone, alone, alone)).is_other(name, hand=False)
    # What forms print right after a name makes it no longer.
    assert not Looks((look("孙滢", "孙滢", after="女", edge=0.4),) * 6).is_other(name, hand=False)


def test_a_character_inside_makes_another_name() -> None:
    name = Name.parse("王和")
    assert Looks((look("王和", "王和", inserted=0.95),) * 6).is_other(name, hand=False)
    assert not Looks((look("王和", "王和", inserted=0.4),) * 6).is_other(name, hand=False)


def test_a_character_that_the_recogniser_is_known_to_misread_is_never_denied_by_what_it_reads() -> None:
    name = Name.parse("黄培槮")
    seen = look("黄培槮", "黄培穆", score=-2.7, sure=0.99, misreads={"槮": -23.0})
    assert not Looks((seen,) * 6).is_other(name, hand=False)

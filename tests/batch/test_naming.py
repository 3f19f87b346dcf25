"""Where outputs go: without the name, all different, in whatever order the uploads come."""

from __future__ import annotations

import random
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from redact.batch.naming import Named, name_targets
from redact.paths import find_secrets
from redact.values import MediaType, Status

SECRETS = find_secrets("张三")


def name(*uploads: tuple[str, str], secrets: tuple[str, ...] = SECRETS) -> list[str]:
    return [str(t.path) for t in name_targets([Named(path, secrets, sha256 * 8) for path, sha256 in uploads])]


def test_a_path_without_the_name_stays() -> None:
    assert name(("a/证书.jpg", "12345678")) == ["a/证书.jpg"]


def test_the_name_goes_out_of_folders_and_files() -> None:
    assert name(("张三材料/张三-证书.jpg", "12345678")) == ["材料/证书.jpg"]


def test_folders_called_like_their_applicants_are_told_apart_by_what_is_in_them() -> None:
    uploads = [Named("张三/a.jpg", SECRETS, "11" * 32), Named("张三/b.jpg", SECRETS, "22" * 32)]
    uploads += [Named("李四/a.jpg", find_secrets("李四"), "33" * 32)]
    assert [str(t.path) for t in name_targets(uploads)] == ["111111111111/a.jpg", "111111111111/b.jpg", "333333333333/a.jpg"]


def test_names_that_became_equal_get_digits_of_their_contents() -> None:
    found = name(("张三证.jpg", "12345678"), ("证.jpg", "abcdef01"), ("其他.jpg", "99999999"))
    assert found == ["证-123456781234.jpg", "证-abcdef01abcd.jpg", "其他.jpg"]


def test_equal_contents_are_counted_by_their_paths() -> None:
    found = name(("张三b.jpg", "12345678"), ("张 三b.jpg", "12345678"))
    assert sorted(found) == ["b-123456781234-2.jpg", "b-123456781234.jpg"]


def test_upper_and_lower_case_are_one_name() -> None:
    first, second = name(("A.jpg", "12345678"), ("a.jpg", "abcdef01"))
    assert first.casefold() != second.casefold()


def test_folders_of_our_own_are_not_taken() -> None:
    assert name(("review/a.jpg", "1" * 8), ("Report.HTML/b.jpg", "2" * 8), ("x/review/c.jpg", "3" * 8)) == [
        "_review/a.jpg",
        "_Report.HTML/b.jpg",
        "x/review/c.jpg",
    ]


def test_another_kind_of_output_has_its_extension_added() -> None:
    (target,) = name_targets([Named("a.docx", (), "1" * 64)])
    assert target.place(Status.DONE, MediaType.PDF) == "a.docx.pdf"
    assert target.place(Status.REVIEW, MediaType.PDF) == "review/a.docx.pdf"
    both = name(("a.docx", "12345678"), ("a.docx.pdf", "abcdef01"))
    assert "a.docx.pdf" not in both


@given(
    st.lists(
        st.tuples(st.sampled_from(["", "x/", "X/", "张三/"]), st.text("张三aA_ .-1", min_size=1, max_size=6)),
        unique=True,
        max_size=12,
    ),
    st.randoms(use_true_random=False),
)
def test_all_are_different_and_the_order_does_not_count(paths: list[tuple[str, str]], chance: random.Random) -> None:
    uploads = [Named(f"{folder}{stem}.jpg", SECRETS, f"{i % 3:064x}") for i, (folder, stem) in enumerate(paths)]
    named = {u.path: str(t.path) for u, t in zip(uploads, name_targets(uploads), strict=True)}
    chance.shuffle(uploads)
    assert {u.path: str(t.path) for u, t in zip(uploads, name_targets(uploads), strict=True)} == named
    folded = sorted(path.casefold() for path in named.values())
    assert all(a != b for a, b in pairwise(folded))
    assert not any("张三" in path for path in named.values())

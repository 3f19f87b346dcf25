"""The applicant's name stays out of every path that is shown or made, however the upload spelt it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redact.paths import find_secrets, hide_name, safe_name

SHA = "0123456789abcdef" * 4
HAN = st.text("张三李四王伟欧阳丽娜明", min_size=2, max_size=4)


@pytest.mark.parametrize(
    ("name", "path", "shown"),
    [
        ("张三", "a/张三/张三_身份证.jpg", "a/***/***_身份证.jpg"),
        ("张三", r"C:\上传\张三.jpg", r"C:\上传\***.jpg"),
        ("张三", "張三.pdf", "***.pdf"),
        ("张三", "张_三 证.pdf", "*** 证.pdf"),
        ("张三", "张　三.pdf", "***.pdf"),
        ("张三", "ZHANG San.jpg", "***.jpg"),
        ("张三", "San-Zhang.jpg", "***.jpg"),
        ("张三", "zhāng sān.png", "***.png"),
        ("张三", "zhāng sān.png", "***.png"),  # as macOS stores it: letters and marks apart
        ("张三", "ＺＨＡＮＧＳＡＮ.png", "***.png"),
        ("张三", "zhang1san1.png", "***1.png"),
        ("张三", "scan_zhangs.png", "scan_***.png"),
        ("张三", "张张三三.png", "***.png"),  # taking out one would join the halves of the other
        ("吕丽", "lyuli01.png lvli.png", "***01.png ***.png"),
        ("单雄", "shan xiong.png", "***.png"),  # a surname's own reading
        ("欧阳小明", "XiaomingOuyang.png", "***.png"),
        ("阿卜杜热西提·买买提", "阿卜杜热西提买买提.pdf", "***.pdf"),
        ("阿卜杜热西提·买买提", "买买提的证书.pdf", "***的证书.pdf"),
        ("马丽", "normalise.png", "normalise.png"),
        ("马丽", "mali_x.png MaLiScan.png", "***_x.png ***Scan.png"),
        ("马丽", "身份证.jpg", "身份证.jpg"),
    ],
)
def test_the_name_is_hidden_in_paths_however_it_is_spelt(name: str, path: str, shown: str) -> None:
    assert hide_name(path, find_secrets(name)) == shown


def test_aliases_are_hidden_in_either_order() -> None:
    secrets = find_secrets("古丽娜尔", ["Gulnar Memet"])
    assert hide_name("memet_gulnar.pdf", secrets) == "***.pdf"
    assert hide_name("GulnarMemet.pdf", secrets) == "***.pdf"


@pytest.mark.parametrize(
    ("path", "made"),
    [
        ("a/张三/张三_身份证.jpg", "身份证.jpg"),
        ("id_张三_front.JPG", "id_front.JPG"),
        ("张三.jpg", "0123456789ab.jpg"),
        ("张三 (1).pdf", "(1).pdf"),
        ("...", "0123456789ab"),
        ("plain - name.pdf", "plain - name.pdf"),
        ("毕业证.张三", "毕业证."[:-1]),
        ("-rf.png", "_-rf.png"),
        ("con.png", "_con.png"),
        ("a:b?c.png", "a_b_c.png"),
        ("a\x1b[31mb\u202e.png", "a_[31mb.png"),
        (".hidden.png", "hidden.png"),
    ],
)
def test_an_output_is_called_after_its_source_without_the_name(path: str, made: str) -> None:
    assert safe_name(path, find_secrets("张三"), content_sha256=SHA) == made


def test_a_long_name_still_leaves_room_for_a_suffix_on_any_file_system() -> None:
    made = safe_name("扫" * 84 + ".pdf", (), content_sha256=SHA)
    assert made.endswith("扫.pdf")
    assert len(f"{made}-12.report.json".encode()) < 255


@given(HAN, st.text(max_size=12), st.text(max_size=12), st.sampled_from(["", " ", "_", "·", "-"]))
@settings(deadline=None, max_examples=150)
def test_no_path_shown_and_no_file_made_holds_the_name(name: str, before: str, after: str, between: str) -> None:
    secrets = find_secrets(name)
    path = f"{before}{between.join(name)}{after}.pdf"
    for text in (hide_name(path, secrets), safe_name(path, secrets, content_sha256=SHA)):
        assert name not in "".join(c for c in text if c.isalpha())


@given(st.text(max_size=300))
@settings(deadline=None)
def test_any_file_name_becomes_one_that_every_file_system_takes(path: str) -> None:
    made = safe_name(path, find_secrets("张三"), content_sha256=SHA)
    assert made and made not in (".", "..")
    assert not set(made) & set('/\\<>:"|?*\0')
    assert len(made.encode()) <= 200
    assert made[0] not in "-. " and made[-1] not in ". "

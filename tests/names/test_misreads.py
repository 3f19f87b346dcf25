import pytest

from redact.errors import ModelError
from redact.names.misreads import load_misreads, lowest_score


def test_common_characters_of_names_are_read_every_time_and_rare_ones_may_not_be() -> None:
    misreads = load_misreads()
    assert not set("伟芳娜敏静王李张刘陈") & misreads.keys()
    assert misreads["槮"] < -10 and all(score < 0 for score in misreads.values())


def test_the_worst_read_of_a_characters_printed_forms_counts() -> None:
    assert lowest_score("张", {"張": -2.0}) == -2.0
    assert lowest_score("张", {}) == 0.0


def test_a_models_folder_without_the_table_is_refused(tmp_path) -> None:
    (tmp_path / "manifest.toml").write_text("", encoding="utf-8")
    with pytest.raises(ModelError):
        load_misreads(tmp_path)

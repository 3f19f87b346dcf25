"""Weighted quantiles."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redact.statistics import weighted_quantile


def test_a_heavy_value_is_the_median() -> None:
    assert weighted_quantile([3.0, 1.0, 2.0], [10.0, 1.0, 1.0]) == 3.0
    assert weighted_quantile([3.0, 1.0, 2.0], [1.0, 1.0, 1.0]) == 2.0
    assert weighted_quantile([3.0, 1.0, 2.0], [1.0, 1.0, 1.0], 0.25) == 1.0


@given(st.lists(st.tuples(st.floats(-9, 9), st.integers(1, 9)), min_size=1), st.floats(0, 1))
def test_equal_to_repeating_each_value(pairs: list[tuple[float, int]], share: float) -> None:
    values, weights = zip(*pairs, strict=True)
    repeated = [value for value, weight in pairs for _ in range(weight)]
    assert weighted_quantile(values, weights, share) == weighted_quantile(repeated, [1.0] * len(repeated), share)


def test_nothing_has_no_quantile() -> None:
    with pytest.raises(ValueError, match="nothing"):
        weighted_quantile([], [])

"""Quantiles that weigh."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def weighted_quantile(values: Sequence[float], weights: Sequence[float], share: float = 0.5) -> float:
    """The smallest of ``values`` that, with all below it, has ``share`` (0..1) of the weight; the median by default.

    Raises:
        ValueError: there are no values.
    """
    if not len(values):
        raise ValueError("a quantile of nothing")
    order = np.argsort(values)
    reached = np.cumsum(np.asarray(weights, dtype=float)[order])
    at = min(len(values) - 1, int(np.searchsorted(reached, reached[-1] * share)))
    return float(np.asarray(values)[order][at])

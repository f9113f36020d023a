"""How far a mean would move, had other questions of the same kind been asked.

In: one number a question. Out: the percentile bootstrap's 95 % interval (Efron & Tibshirani
1993, chapter 13) of their mean, or of a paired difference. The same numbers in the same order
give the same interval. What can fail: pairs of unequal length (``BelegtError``).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from base.errors import BelegtError

RESAMPLES = 2_000
_PERCENTILES = (2.5, 97.5)
# Drawn questions held at a time: 32 MB, however many questions there are.
_DRAWN_AT_ONCE = 4_000_000

ConfidenceInterval = tuple[float, float] | tuple[None, None]


def bootstrap_interval(values: Sequence[float], seed: int = 0) -> ConfidenceInterval:
    """Low and high end for the mean of ``values``; (None, None) where there are none."""
    count = len(values)
    if not count:
        return None, None
    column = np.asarray(values, dtype=np.float64)
    draws = np.random.default_rng(seed)
    means = np.empty(RESAMPLES)
    step = max(1, _DRAWN_AT_ONCE // count)
    for start in range(0, RESAMPLES, step):
        rows = min(step, RESAMPLES - start)
        places = draws.integers(0, count, size=(rows, count), dtype=np.int32)
        means[start : start + rows] = column[places].mean(axis=1)
    low, high = np.percentile(means, _PERCENTILES)
    return float(low), float(high)


def difference_interval(
    first: Sequence[float], second: Sequence[float], seed: int = 0
) -> ConfidenceInterval:
    """Low and high end for the mean of ``second`` minus ``first``, question by question.

    Pairs are drawn as pairs, so what makes a question hard for both runs does not widen it.
    """
    if len(first) != len(second):
        raise BelegtError(
            f"{len(first)} and {len(second)} scores cannot be paired; give the same questions."
        )
    return bootstrap_interval(
        [after - before for before, after in zip(first, second, strict=True)], seed
    )

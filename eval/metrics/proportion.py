"""Shares of few cases, and how well a score separates right from wrong.

In: counts, or scores with their labels. Out: an interval, or a number from 0 to 1. Nothing can
fail; without cases the interval is the whole range.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

import numpy as np

_Z = 1.959963984540054
"""Two-sided 95 % of the normal distribution."""


def wilson(hits: int, count: int) -> tuple[float, float]:
    """The 95 % score interval of ``hits`` in ``count`` (Wilson 1927).

    Unlike the normal approximation it has width where nothing, or everything, was hit.
    """
    if not count:
        return 0.0, 1.0
    share = hits / count
    middle = (share + _Z**2 / (2 * count)) / (1 + _Z**2 / count)
    half = _Z / (1 + _Z**2 / count) * sqrt(share * (1 - share) / count + _Z**2 / (4 * count**2))
    return max(0.0, middle - half), min(1.0, middle + half)


def area_under_roc(scores: Sequence[float], labels: Sequence[bool]) -> float | None:
    """Chance that a right case has a higher score than a wrong one (Mann & Whitney 1947).

    Ties count half; None where one of the two kinds does not occur.
    """
    values, right = np.asarray(scores, dtype=np.float64), np.asarray(labels, dtype=bool)
    positive, negative = int(right.sum()), int((~right).sum())
    if not positive or not negative:
        return None
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks = (last - (counts - 1) / 2)[place]
    won = ranks[right].sum() - positive * (positive + 1) / 2
    return float(won / (positive * negative))

"""What was measured several times, as a median with its quartiles.

In: values. Out: a :class:`Spread` that is written as JSON. What can fail: no value at all
(``ValueError``, a mistake of the caller).
"""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict


class Spread(BaseModel):
    """Median, lower and upper quartile of ``count`` values."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    median: float
    low: float
    high: float
    count: int


def spread(values: Sequence[float]) -> Spread:
    """The quartiles of ``values``, between two of them where none lies exactly there."""
    if not values:
        raise ValueError("there is no median of nothing")
    ordered = sorted(values)
    low, middle, high = (_quantile(ordered, share) for share in (0.25, 0.5, 0.75))
    return Spread(median=middle, low=low, high=high, count=len(ordered))


def paired_ratios(ours: Sequence[float], theirs: Sequence[float]) -> Spread:
    """The spread of ``ours`` to ``theirs``, each measured beside the other."""
    return spread([one / other for one, other in zip(ours, theirs, strict=True)])


def _quantile(ordered: Sequence[float], share: float) -> float:
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])

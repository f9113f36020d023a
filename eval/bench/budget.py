"""A benchmark that ends when it was told to.

In: minutes, the parts of the benchmark with their shares of them. Out: as many rounds of each part
as fit. Nothing can fail; a part gets its fewest rounds even where the time is over, and what one
part leaves, the later ones share.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

_T = TypeVar("_T")
Clock = Callable[[], float]


class Allotment:
    """The time of one part, up to ``end`` of the clock ``now`` (seconds)."""

    def __init__(self, end: float, now: Clock = time.monotonic) -> None:
        self._now = now
        self._end = end

    def rounds(self, items: Iterable[_T], least: int) -> Iterator[_T]:
        """Items, one a round, as long as another round like the longest would still fit.

        The first ``least`` come in any case.
        """
        longest = 0.0
        for count, one in enumerate(items):
            started = self._now()
            over = started >= self._end or started + longest > self._end
            if count >= least and over:
                return
            yield one
            longest = max(longest, self._now() - started)

    def split(self, parts: int) -> Iterator[Allotment]:
        """``parts`` one after the other, each with an equal share of what is then left."""
        for part in range(parts):
            now = self._now()
            yield Allotment(now + max(0.0, self._end - now) / (parts - part), self._now)


class Budget:
    """``seconds`` in all, for parts in the order of ``shares``."""

    def __init__(
        self, seconds: float, shares: Mapping[str, float], now: Clock = time.monotonic
    ) -> None:
        self._now = now
        self._end = now() + seconds
        self._shares = dict(shares)

    def allot(self, name: str) -> Allotment:
        """The time of the part ``name``, which begins now."""
        names = list(self._shares)
        later = sum(self._shares[one] for one in names[names.index(name) :])
        now = self._now()
        left = max(0.0, self._end - now)
        return Allotment(now + left * self._shares[name] / later, self._now)

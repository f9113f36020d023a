"""What a step costs by the number of its rows, learned while serving.

In: rows and seconds of steps. Out: the expected seconds of a step of any size. Nothing can fail;
what was never seen lies on the line between its neighbours, and beyond the largest a row costs a
given share of the first. A step that was slow for another reason is not believed once one of as
many rows or more was faster. Of llama.cpp two fifths: more than with AMX (a fifth) and less than
without (four fifths), so that longer drafts are tried where shorter ones have paid, and not where
they have not. Of PyTorch's network a fiftieth: few rows cost it what one costs, the time that the
weights take from memory (docs/measurements.md, "What a step costs").
"""

from __future__ import annotations

from bisect import bisect_left

_FORGET = 0.2
LLAMA_ROW = 0.4
NETWORK_ROW = 0.02
"""What a further row costs, as a share of the first."""


class StepCost:
    """Mean seconds by rows, the latest steps counting most; ``further_row`` as a share."""

    def __init__(self, further_row: float = LLAMA_ROW) -> None:
        self._further_row = further_row
        self._seconds: dict[int, float] = {}

    def learn(self, rows: int, seconds: float) -> None:
        """A step of ``rows`` took ``seconds``."""
        known = self._seconds.get(rows, seconds)
        self._seconds[rows] = known + _FORGET * (seconds - known)

    def of(self, rows: int) -> float:
        """Seconds of a step of ``rows``, 1.0 for one row as long as nothing is known."""
        known = sorted(self._seconds)
        if not known:
            return self._model(rows)
        at = bisect_left(known, rows)
        if at == 0:
            return self._at_most(known[0]) * self._model(rows) / self._model(known[0])
        below = known[at - 1]
        if at == len(known):
            return self._at_most(below) * self._model(rows) / self._model(below)
        above = known[at]
        share = (rows - below) / (above - below)
        return (1 - share) * self._at_most(below) + share * self._at_most(above)

    def _at_most(self, rows: int) -> float:
        """Seconds of a known step of ``rows`` or more, the fewest."""
        return min(seconds for more, seconds in self._seconds.items() if more >= rows)

    def _model(self, rows: int) -> float:
        return 1.0 + self._further_row * (rows - 1)

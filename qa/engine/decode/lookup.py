"""Prompt lookup decoding: the next words of an answer are often already in its prompt.

In: the tokens of a prompt and of the answer so far. Out: a draft of the tokens that may follow,
to be verified in the same step as the token before it. Nothing can fail; where nothing matches
the draft is empty.

The longest end of the text that occurred before is looked for, its latest occurrence taken, and
what followed it there copied (Saxena 2023, "Prompt Lookup Decoding"; Yang et al. 2023, LLMA). How
much is copied is a matter of price: eight rows in a step cost 2.4 times as much as one on a
processor with AMX and six times as much on one without (docs/measurements.md, "What a step
costs"), so the length is the one that promises the most tokens for the time, given what a step has
cost and how often copied tokens were right so far. The longer the run that matches, the likelier
they are, and each that is right makes it longer by one, so how often is counted by that length.
"""

from __future__ import annotations

from collections.abc import Sequence

USUALLY_RIGHT = (0.4, 0.65, 0.72, 0.78, 0.83, 0.9)
"""How often what followed a run of 1, 2 ... 6 equal tokens came again
(docs/measurements-history.md, "Drafts"): what an answer begins with. Longer runs are not told
apart.
"""
MOST = 16
"""Tokens in a draft."""
# How fast what is known of an answer is forgotten.
_FORGET = 0.1
# Where drafts do not pay, one of a single token is tried so often all the same.
_RETRY_AFTER = 8


class PromptLookup:
    """Drafts for one answer. Tokens are appended as they become certain."""

    def __init__(self, tokens: Sequence[int]) -> None:
        self._tokens: list[int] = []
        # The latest place after each run of 1, 2 ... tokens, and how often it was right.
        self._places: list[dict[tuple[int, ...], int]] = [{} for _ in USUALLY_RIGHT]
        self._right = list(USUALLY_RIGHT)
        self._matched = 1
        self._since = 0
        for token in tokens:
            self.append(token)

    def append(self, token: int) -> None:
        """``token`` is now part of the text."""
        end = len(self._tokens)
        # Entered one token late, so that a run never finds itself.
        for size, places in enumerate(self._places, 1):
            if end >= size:
                places[tuple(self._tokens[end - size : end])] = end
        self._tokens.append(token)

    def draft(self, costs: Sequence[float]) -> list[int]:
        """What may follow. ``costs``: of a step with 0, 1, 2 ... drafted rows, in any unit."""
        place = self._match()
        if place is None:
            return []
        wanted = self._best_length(costs)
        if not wanted:
            self._since += 1
            if self._since < _RETRY_AFTER or len(costs) < 2:
                return []
            wanted = 1
        self._since = 0
        return self._tokens[place : place + wanted]

    def judge(self, drafted: int, accepted: int) -> None:
        """Of ``drafted`` tokens the model would have said the first ``accepted`` itself."""
        for at, right in enumerate([True] * accepted + [False] * (accepted < drafted)):
            run = self._run(at)
            self._right[run] += _FORGET * (right - self._right[run])

    def _match(self) -> int | None:
        """Where the longest run goes on that ends the text and was there before."""
        for size in range(min(len(self._places), len(self._tokens)), 0, -1):
            place = self._places[size - 1].get(tuple(self._tokens[-size:]))
            if place is not None:
                self._matched = size
                return place
        return None

    def _best_length(self, costs: Sequence[float]) -> int:
        best, best_rate = 0, 1.0 / costs[0]
        expected, chance = 1.0, 1.0
        for length in range(1, min(len(costs), MOST + 1)):
            chance *= self._right[self._run(length - 1)]
            expected += chance
            if expected / costs[length] > best_rate:
                best, best_rate = length, expected / costs[length]
        return best

    def _run(self, at: int) -> int:
        """Which of the runs leads to drafted token ``at``, where those before it are right."""
        return min(self._matched + at, len(self._right)) - 1

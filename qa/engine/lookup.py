"""Prompt lookup decoding: the next words of an answer are often already in its prompt.

In: the tokens of a prompt and of the answer so far. Out: a draft of the tokens that may follow,
to be verified in the same step as the token before it. Nothing can fail; where nothing matches
the draft is empty.

The longest end of the text that occurred before is looked for, its latest occurrence taken, and
what followed it there copied (Saxena 2023, "Prompt Lookup Decoding"; Yang et al. 2023, LLMA). How
much is copied is a matter of price: eight rows in a step cost 2.4 times as much as one on a
processor with AMX and six times as much on one without (docs/measurements.md), so the length is
the one that promises the most tokens for the time, given what a step has cost and how often
copied tokens were right so far.
"""

from __future__ import annotations

from collections.abc import Sequence

LONGEST_MATCH = 4
SHORTEST_MATCH = 1
MOST = 8
"""Tokens in a draft."""
# Before anything is known about an answer, and how fast what is known is forgotten.
_USUALLY_RIGHT = 0.7
_FORGET = 0.15
# Where drafts do not pay, one of a single token is tried so often all the same.
_RETRY_AFTER = 8


class Lookup:
    """Drafts for one answer. Tokens are appended as they become certain."""

    def __init__(self, tokens: Sequence[int]) -> None:
        self._tokens: list[int] = []
        # The latest place after each run of so many tokens.
        self._places: list[dict[tuple[int, ...], int]] = [
            {} for _ in range(LONGEST_MATCH - SHORTEST_MATCH + 1)
        ]
        self._right = _USUALLY_RIGHT
        self._since = 0
        for token in tokens:
            self.append(token)

    def append(self, token: int) -> None:
        """``token`` is now part of the text."""
        end = len(self._tokens)
        # Entered one token late, so that a run never finds itself.
        for at, places in enumerate(self._places):
            size = SHORTEST_MATCH + at
            if end >= size:
                places[tuple(self._tokens[end - size : end])] = end
        self._tokens.append(token)

    def draft(self, costs: Sequence[float]) -> list[int]:
        """What may follow. ``costs``: of a step with 0, 1, 2 ... drafted rows, in any unit."""
        wanted = self._best_length(costs)
        if not wanted:
            self._since += 1
            if self._since < _RETRY_AFTER or len(costs) < 2:
                return []
            wanted = 1
        self._since = 0
        for at in reversed(range(len(self._places))):
            size = SHORTEST_MATCH + at
            place = self._places[at].get(tuple(self._tokens[-size:]))
            if place is not None and len(self._tokens) >= size:
                return self._tokens[place : place + wanted]
        return []

    def _best_length(self, costs: Sequence[float]) -> int:
        best, best_rate = 0, 1.0 / costs[0]
        expected, chance = 1.0, 1.0
        for length in range(1, min(len(costs), MOST + 1)):
            chance *= self._right
            expected += chance
            if expected / costs[length] > best_rate:
                best, best_rate = length, expected / costs[length]
        return best

    def judge(self, drafted: int, accepted: int) -> None:
        """Of ``drafted`` tokens the model would have said the first ``accepted`` itself."""
        for right in [True] * accepted + [False] * (accepted < drafted):
            self._right += _FORGET * (right - self._right)

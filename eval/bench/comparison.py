"""The same prompt twice: alone, and among others. How often does a token differ?

In: tokens that an engine chose, with their log-probabilities (nats). Out: how many were compared,
how many answers part, and how near the two tokens were where they do. Nothing can fail.

Greedy answers may part where two tokens are all but equally likely, because sums of another order
round differently; from there on both go their own ways, so an answer counts up to there.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from qa.engine.protocol import Piece

TIE_NATS = 0.5
"""Log-probabilities so near each other may change places by rounding: read alone in chunks of
another size, the five likeliest tokens move by up to 0.2 nats with the tiny model and up to 0.6
with the default one, because the library's attention differs by the number of rows.
"""


@dataclass
class Comparison:
    """``gaps``: for each answer that parted, how far (nats) the two chosen tokens were apart."""

    tokens: int = 0
    gaps: list[float] = field(default_factory=list)

    def add(self, alone: Sequence[Piece], among: Sequence[Piece]) -> None:
        """Compare one answer, up to the first token that differs.

        Where one ends before the other, its end was a token too.
        """
        for at in range(max(len(alone), len(among))):
            self.tokens += 1
            one, other = (_at(pieces, at) for pieces in (alone, among))
            if one is None or other is None:
                self.gaps.append(_gap_to_end(one or other))
                return
            if one.text != other.text:
                self.gaps.append(abs(one.log_probability - other.log_probability))
                return

    @property
    def rate(self) -> float:
        """Share of tokens that differ."""
        return len(self.gaps) / max(1, self.tokens)

    @property
    def wrong(self) -> int:
        """Answers that parted where the two tokens were not nearly as likely."""
        return sum(gap > TIE_NATS for gap in self.gaps)


def chosen(pieces: Iterable[Piece]) -> list[Piece]:
    """The pieces that are tokens; text that was held back is none."""
    return [one for one in pieces if one.tokens]


def _gap_to_end(said: Piece | None) -> float:
    """At least so far (nats) is the token that was said from the end that was chosen instead.

    The end's own probability is not told, but it is at most what the token leaves.
    """
    assert said is not None, "one of the two answers goes on"
    left = -math.expm1(min(said.log_probability, -1e-9))
    return max(0.0, said.log_probability - math.log(left))


def _at(pieces: Sequence[Piece], at: int) -> Piece | None:
    return pieces[at] if at < len(pieces) else None

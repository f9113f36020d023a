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

TIE_NATS = 1.0
"""Tokens whose log-probabilities are so near may change places by rounding: read alone in chunks of
another size, the five likeliest move by up to 0.2 nats with the tiny model and up to 0.6 with the
default one, because the library's attention differs by the number of rows, and two add up.
"""


@dataclass
class TokenComparison:
    """``gaps``: for each answer that parted, how far (nats) the two tokens were apart at least."""

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
                said = one or other
                assert said is not None, "one of the two answers goes on"
                self.gaps.append(_lead(said))
                return
            if one.text != other.text:
                self.gaps.append(max(_lead(one), _lead(other)))
                return

    @property
    def rate(self) -> float:
        """Share of tokens that differ."""
        return len(self.gaps) / max(1, self.tokens)

    @property
    def wrong(self) -> int:
        """Answers that parted where the two tokens were not nearly as likely."""
        return sum(gap > TIE_NATS for gap in self.gaps)


def token_pieces(pieces: Iterable[Piece]) -> list[Piece]:
    """The pieces that are tokens; text that was held back is none."""
    return [one for one in pieces if one.tokens]


def _lead(said: Piece) -> float:
    """At least so far (nats) was the token that was said ahead of what was said in its place.

    The other's own probability is not told, but it is at most what the token leaves. Two tokens
    that are each said with the same certainty may be far apart all the same.
    """
    left = -math.expm1(min(said.log_probability, -1e-9))
    return max(0.0, said.log_probability - math.log(left))


def _at(pieces: Sequence[Piece], at: int) -> Piece | None:
    return pieces[at] if at < len(pieces) else None

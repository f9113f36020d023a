"""Shares that are told as so many of so many: "four in ten", "jeder Fünfte", "eine von neun".

In: the tokens of a text and the numbers found in it. Out: the numbers, those of such phrases
joined to a fraction. Nothing can fail.

"19 von 44 Aufträgen" stays two numbers, for both are told; of a round ten, hundred or thousand in
words nobody counts the whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from qa.proof.numbers import Number
from qa.proof.tokens import Token

_OF = (("in",), ("von",), ("out", "of"), ("of",))
_ROUND = frozenset({Decimal(10), Decimal(100), Decimal(1000)})
_ONE = frozenset(["one", "einer", "eine", "eines", "einem"])
_EVERY = frozenset(["jeder", "jede", "jedes", "jedem", "jeden", "every"])


def with_shares(found: Sequence[Token], numbers: Sequence[Number]) -> list[Number]:
    """``numbers`` in order, those that tell a share joined."""
    result: list[Number] = []
    for number in numbers:
        joined = _joined(found, number, result[-1] if result else None)
        if joined is None:
            result.append(number)
            continue
        if result and result[-1].first >= joined.first:
            result.pop()
        result.append(joined)
    return result


def _joined(found: Sequence[Token], whole: Number, before: Number | None) -> Number | None:
    """The share whose whole is ``whole``."""
    if whole.fraction or whole.literal or not whole.preferred:
        return None
    ahead = whole.first - 1
    if whole.ordinal:
        every = ahead >= 0 and found[ahead].lower in _EVERY
        return _share(found, ahead, whole, Decimal(1)) if every else None
    for words in _OF:
        first = whole.first - len(words)
        if first < 1 or tuple(token.lower for token in found[first : whole.first]) != words:
            continue
        if found[first - 1].lower in _ONE and words != ("of",):
            return _share(found, first - 1, whole, Decimal(1))
        if (
            before is not None
            and before.last == first
            and not before.literal
            and whole.preferred in _ROUND
            and 0 < before.preferred < whole.preferred
        ):
            return _share(found, before.first, whole, before.preferred)
    return None


def _share(found: Sequence[Token], first: int, whole: Number, part: Decimal) -> Number:
    value = part / whole.preferred
    return replace(
        whole, start=found[first].start, first=first, values=frozenset({value}),
        mantissas=frozenset({value}), preferred=value, exponent=0, ordinal=False, fraction=True,
    )  # fmt: skip

"""Units that a number shares with another one: "von 6,4 auf 6,1 Prozent", "4.2 million euros, of
which the city paid 1.9 million".

In: the quantities of a text in order, and its tokens. Out: the same with units where they are left
out. Nothing can fail.

A number takes the unit of the next where a word of change or choice joins the two. It takes that
of one before where nothing is named that it counts and both are of the same make: both with a
scale, or both with as many decimals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from qa.proof.quantities import Quantity
from qa.proof.tokens import Token

_JOINING = frozenset(
    [
        ("auf",), ("to",), ("bis",), ("und",), ("and",), ("oder",), ("or",), ("statt",),
        ("instead", "of"), ("rather", "than"), ("up", "from"), ("down", "from"), ("gegenüber",),
    ]
)  # fmt: skip
_LEAST_SCALE = 6
"""Power of ten from which on a scale counts money or the like rather than "tausend Menschen"."""


def with_shared_units(found: Sequence[Token], quantities: Sequence[Quantity]) -> list[Quantity]:
    """``quantities`` in order, with the units they leave to others."""
    result = list(quantities)
    for at in range(len(result) - 2, -1, -1):
        result[at] = _from_next(found, result[at], result[at + 1])
    for at in range(1, len(result)):
        result[at] = _from_before(found, result[:at], result[at])
    return result


def _from_next(found: Sequence[Token], one: Quantity, two: Quantity) -> Quantity:
    between = tuple(token.lower for token in found[one.last : two.first])
    if between not in _JOINING or one.unit is not None or two.unit is None or one.number.ordinal:
        return one
    number, exponent = one.number, two.number.exponent
    if exponent and not number.exponent:
        number = replace(
            number,
            values=frozenset(value.scaleb(exponent) for value in number.values),
            preferred=number.preferred.scaleb(exponent),
            exponent=exponent,
        )
    return replace(one, unit=two.unit, number=number, counted="")


def _from_before(
    found: Sequence[Token], before: Sequence[Quantity], quantity: Quantity
) -> Quantity:
    number = quantity.number
    if quantity.unit is not None or quantity.counted or number.ordinal or number.fraction:
        return quantity
    if _names_something(found, quantity):
        return quantity
    for other in reversed(before):
        if other.unit is None or other.weak:
            continue
        if number.exponent >= _LEAST_SCALE or other.number.exponent >= _LEAST_SCALE:
            alike = number.exponent == other.number.exponent
        else:
            alike = 0 < _decimals(number.literal) == _decimals(other.number.literal)
        return replace(quantity, unit=other.unit) if alike else quantity
    return quantity


def _names_something(found: Sequence[Token], quantity: Quantity) -> bool:
    """Whether the word right behind is written as a noun or a name, and may be what is counted."""
    behind = found[quantity.last] if quantity.last < len(found) else None
    return behind is not None and behind.kind == "word" and behind.capital


def _decimals(literal: str) -> int:
    """Digits behind the decimal mark; of what may be thousands, none."""
    behind = max(literal.rfind("."), literal.rfind(","))
    digits = len(literal) - behind - 1 if behind >= 0 else 0
    return digits if digits != 3 else 0

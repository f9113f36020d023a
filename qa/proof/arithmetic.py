"""Small arithmetic: whether a value of a statement is worked out from those of a quotation.

In: a value that stands nowhere in the quotation, the values that do, and the words of both. Out:
whether it follows: a span of two years or times, a sum, a difference, a product, a share, what is
left of a whole, a multiple; of dates see :mod:`qa.proof.shifts`. Nothing can fail.

A sum of anything with anything would prove too much. So each operation wants the words that go
with it (``arithmetic.toml``), or a value of so many digits that it hardly comes about by chance.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache
from itertools import combinations, permutations
from pathlib import Path

from qa.proof.bounds import Bound
from qa.proof.clock import ClockTime
from qa.proof.dates import Date
from qa.proof.quantities import ABOUT, Quantity
from qa.proof.shifts import days_between, months_between, shifted
from qa.proof.values import Value, Values

_SHARE, _POINTS, _TIMES = "share", "percentage point", "times"
_OVER = Decimal("0.25")
""""More than two thirds" is said of three quarters, not of all: how far beyond, as a share."""
_NEAR = Decimal("0.02")
"""How far a share in words may be from the worked out one, as a share of it."""
_MOST_PARTS = 8
"""Quantities of which sums and ratios are taken, at most."""
_MOST_RECKONED = 40
"""Values of a text that are reckoned with, at most: nobody reckons with all of a long table."""
_TOLD_DIGITS = 3
"""Significant digits from which on a value hardly comes about by chance; with a unit one less."""


@cache
def _table() -> dict[str, str | dict[str, str]]:
    file = Path(__file__).parent / "arithmetic.toml"
    table: dict[str, str | dict[str, str]] = tomllib.loads(file.read_text("utf-8"))
    return table


@cache
def cue_words(name: str) -> frozenset[str]:
    """The words of a list in ``arithmetic.toml``."""
    listed = _table()[name]
    assert isinstance(listed, str)
    return frozenset(listed.split())


@cache
def _multiples() -> dict[str, Decimal]:
    listed = _table()["multiples"]
    assert isinstance(listed, dict)
    return {word: Decimal(number) for number, words in listed.items() for word in words.split()}


def multiple_of(words: Iterable[str]) -> Decimal | None:
    """The multiple that a word of ``words`` names ("verdoppelt")."""
    return next((_multiples()[word] for word in words if word in _multiples()), None)


def holds_multiple(multiple: Decimal, bound: Bound, held: Values, either_way: bool) -> bool:
    """Whether two quantities of ``held`` stand in this ratio, the later one the multiple.

    ``bound``: what stands before it ("mehr als verdoppelt"). ``either_way``: or the earlier one is
    the multiple, where things are compared.
    """
    ratios = [
        ratio
        for one, two in combinations(_first_of(held).quantities, 2)
        if _same_sort(one, two)
        for ratio in (_ratio(one, two), _ratio(two, one) if either_way else None)
        if ratio is not None
    ]
    return any(_within(ratio, multiple, bound) for ratio in ratios)


def _first_of(held: Values) -> Values:
    return Values(
        held.quantities[:_MOST_RECKONED],
        held.dates[:_MOST_RECKONED],
        held.clocks[:_MOST_RECKONED],
    )


def _ratio(one: Quantity, two: Quantity) -> Decimal | None:
    low, high = max(one.amounts()), max(two.amounts())
    return (high / low).normalize() if low else None


def _within(result: Decimal, amount: Decimal, bound: Bound) -> bool:
    """Whether ``amount``, bounded so, is said of ``result``."""
    if bound == "exact":
        return result == amount
    low, high = amount * (1 - ABOUT), amount * (1 + ABOUT)
    if bound in ("more", "at_least", "not_less"):
        low, high = amount, amount * (1 + _OVER)
    elif bound in ("less", "at_most", "not_more"):
        low, high = amount * (1 - _OVER), amount
    return low <= result <= high


def derived(value: Value, held: Values, stated_words: set[str], held_words: set[str]) -> bool:
    """Whether ``value`` is worked out from ``held``, both texts' words in lower case."""
    held = _first_of(held)
    if isinstance(value, Date | ClockTime):
        later, earlier, either = (
            bool(held_words & cue_words(name)) for name in ("later", "earlier", "either")
        )
        return shifted(value, held, later=later, earlier=earlier, either=either)
    if value.upper is not None or value.number.ordinal:
        return False
    results = _results(value, held, stated_words, held_words)
    return any(_reaches(value, result) for result in results)


def _reaches(value: Quantity, result: Decimal) -> bool:
    """Whether ``value`` tells of ``result``, as it is rounded and bounded."""
    rounded = value.bound == "exact" and value.dimension == _SHARE
    allowed = _rounding(value) if rounded else Decimal(0)
    return any(
        abs(result - amount) <= allowed or _within(result, amount, value.bound)
        for amount in value.amounts()
    )


def _rounding(value: Quantity) -> Decimal:
    if value.number.fraction:
        return value.number.preferred * _NEAR
    exponent = value.number.preferred.as_tuple().exponent
    digits = exponent if isinstance(exponent, int) else 0
    factor = value.unit.factor if value.unit is not None else Decimal(1)
    return Decimal("0.5").scaleb(min(digits, 0)) * factor


def _is_telling(value: Quantity) -> bool:
    """Whether so many digits hardly come about by chance."""
    return _digits(value) >= _TOLD_DIGITS - (value.unit is not None)


def _digits(value: Quantity) -> int:
    return len(value.number.preferred.normalize().as_tuple().digits)


def _results(
    value: Quantity, held: Values, stated_words: set[str], held_words: set[str]
) -> Iterator[Decimal]:
    """What can be worked out from ``held`` in the value's basic units."""
    words = stated_words | held_words
    if value.dimension in (_SHARE, _TIMES):
        yield from _ratios(held)
    if value.dimension == _SHARE:
        yield from _shares(held, stated_words, words)
        return
    yield from _spans(value, held, stated_words)
    parts, telling = _parts(value, held), _is_telling(value)
    apart = cue_words("difference") | cue_words("complement")
    if telling or stated_words & apart or words & cue_words("rest"):
        yield from _differences(value, held, parts)
    if words & cue_words("rest"):
        yield from _rest(parts)
    yield from _sums(value, parts, stated_words, telling)
    if telling or words & cue_words("each"):
        yield from _products(held, parts, telling)
    if telling or _digits(value) > 1 or value.unit is not None:
        yield from _of_shares(held, parts)


def _ratios(held: Values) -> Iterator[Decimal]:
    """One quantity as a share or a multiple of another of its sort."""
    plain = [one for one in held.quantities if _is_plain(one) and one.dimension != _SHARE]
    for one, two in permutations(plain[:_MOST_PARTS], 2):
        if _same_sort(one, two) and max(two.amounts()):
            yield max(one.amounts()) / max(two.amounts())


def _shares(held: Values, stated_words: set[str], words: set[str]) -> Iterator[Decimal]:
    """What a share leaves, and by which share something changed."""
    points = [
        max(one.amounts()) / 100
        for one in held.quantities
        if one.dimension == _POINTS and _is_plain(one)
    ]
    for share in filter(_is_share, held.quantities):
        for step in points:
            yield max(share.amounts()) + step
            yield max(share.amounts()) - step
    if words & (cue_words("complement") | cue_words("rest")):
        yield from (1 - max(share.amounts()) for share in held.quantities if _is_share(share))
        yield from (1 - ratio for ratio in _ratios(held) if ratio < 1)
    if stated_words & cue_words("difference"):
        yield from (abs(ratio - 1) for ratio in _ratios(held))


def _spans(value: Quantity, held: Values, words: set[str]) -> Iterator[Decimal]:
    if not words & (cue_words("span") | cue_words("difference")):
        return
    if value.dimension == "months":
        yield from months_between(held.dates)
    elif value.dimension == "time":
        yield from days_between(held.dates)
        for first, second in combinations(held.clocks, 2):
            for one in first.minutes:
                yield from (Decimal(60 * ((two - one) % 1440)) for two in second.minutes)


def _same_sort(one: Quantity, two: Quantity) -> bool:
    return one.dimension == two.dimension and not one.number.ordinal and not two.number.ordinal


def _is_plain(quantity: Quantity) -> bool:
    """Whether it is one amount that can be reckoned with."""
    return (
        quantity.bound in ("exact", "about")
        and quantity.upper is None
        and not quantity.number.ordinal
    )


def _ends(quantity: Quantity) -> list[Quantity]:
    """Both ends of a range, such as the sides of a vote ("118 to 96")."""
    if quantity.upper is None:
        return [quantity]
    return [
        replace(quantity, upper=None), replace(quantity, number=quantity.upper, upper=None),
    ]  # fmt: skip


def _is_share(quantity: Quantity) -> bool:
    return quantity.dimension == _SHARE and _is_plain(quantity)


def _parts(value: Quantity, held: Values) -> list[Quantity]:
    ends = [end for quantity in held.quantities for end in _ends(quantity)]
    if value.dimension == "cent":
        ends = [_in_cents(end) for end in ends]
    return [one for one in ends if _same_sort(value, one) and _is_plain(one)]


def _in_cents(quantity: Quantity) -> Quantity:
    if quantity.unit is None or quantity.dimension not in ("euro", "dollar"):
        return quantity
    cents = replace(quantity.unit, dimension="cent", factor=quantity.unit.factor * 100)
    return replace(quantity, unit=cents)


def _differences(value: Quantity, held: Values, parts: Sequence[Quantity]) -> Iterator[Decimal]:
    if value.dimension == _POINTS:
        shares = [one for one in held.quantities if one.dimension == _SHARE]
        for one, two in combinations(shares, 2):
            yield abs(max(one.amounts()) - max(two.amounts())) * 100
        return
    for one, two in combinations(parts, 2):
        yield abs(max(one.amounts()) - max(two.amounts()))


def _rest(parts: Sequence[Quantity]) -> Iterator[Decimal]:
    """What all others leave of the largest."""
    if parts:
        amounts = [max(part.amounts()) for part in parts]
        yield 2 * max(amounts) - sum(amounts, Decimal(0))


def _sums(
    value: Quantity, parts: Sequence[Quantity], words: set[str], telling: bool
) -> Iterator[Decimal]:
    named = {part.counted for part in parts}
    most = 2 if telling else 0
    if words & cue_words("total") or (
        value.counted and value.counted not in named and not value.unit
    ):
        most = 5
    for size in range(2, min(len(parts), most) + 1):
        for some in combinations(parts[:_MOST_PARTS], size):
            yield sum((max(part.amounts()) for part in some), Decimal(0))


def _products(held: Values, parts: Sequence[Quantity], telling: bool) -> Iterator[Decimal]:
    """So many of so much each, and a whole in so many parts."""
    counts = [one for one in held.quantities if one.dimension == "" and _is_plain(one)]
    for count in counts:
        number = max(count.amounts())
        for part in parts:
            if part is not count:
                yield max(part.amounts()) * number
                if number and (telling or part.unit):
                    yield max(part.amounts()) / number


def _of_shares(held: Values, parts: Sequence[Quantity]) -> Iterator[Decimal]:
    """A share or a multiple of a quantity, and the whole of which it is one."""
    factors = [
        max(one.amounts())
        for one in held.quantities
        if one.dimension in (_SHARE, _TIMES) and _is_plain(one)
    ]
    for factor in factors:
        for part in parts:
            yield max(part.amounts()) * factor
            if factor:
                yield max(part.amounts()) / factor

"""Quantities: numbers with unit, sign and bound, in German and English.

In: the tokens of a text, and the places that dates and times have taken. Out: quantities with exact
places; each stands for an interval ("über 5", "bis zu 5", "rund 5", "5 bis 7"). Nothing can fail.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache

from corpus.document import Language
from index.terms import function_words
from qa.proof.bounds import Bound, bound_after, bound_before
from qa.proof.numbers import Number, find_in
from qa.proof.shares import with_shares
from qa.proof.tokens import Token
from qa.proof.units import CURRENCIES, Unit, unit_after, unit_before, unit_of

INFINITY = Decimal("Infinity")
# What "rund" and "about" leave open, as a share of the value.
ABOUT = Decimal("0.05")
_HALF = Decimal("0.5")
_ARTICLES = frozenset(["ein", "eine", "einen", "einem", "einer", "eines", "one", "a", "an", "per"])


@dataclass(frozen=True)
class Interval:
    """From ``low`` to ``high``; an open end does not belong to it."""

    low: Decimal
    high: Decimal
    low_open: bool = False
    high_open: bool = False

    def within(self, other: Interval) -> bool:
        """Whether every number of it lies in ``other``."""
        low = self.low > other.low or (
            self.low == other.low and (self.low_open or not other.low_open)
        )
        high = self.high < other.high or (
            self.high == other.high and (self.high_open or not other.high_open)
        )
        return low and high


@dataclass(frozen=True)
class Quantity:
    """A number with its unit and what it bounds."""

    start: int
    """Character at which it begins, its bound left out."""
    end: int
    """Character behind its unit."""
    number: Number
    unit: Unit | None = None
    bound: Bound = "exact"
    upper: Number | None = None
    """The other end of a range."""
    counted: str = ""
    """The word behind it in lower case, where it has no unit: what it counts."""
    first: int = 0
    """Number of its first token."""
    last: int = 0
    """Number of the token behind it."""
    weak: bool = False
    """Whether its number is an article ("ein Jahr")."""

    @property
    def dimension(self) -> str:
        """What it measures; "" for a bare number, "order" for a place in an order."""
        if self.unit is not None:
            return self.unit.dimension
        return "order" if self.number.ordinal else "share" if self.number.fraction else ""

    def amounts(self) -> frozenset[Decimal]:
        """Its possible values in basic units of its dimension."""
        factor = self.unit.factor if self.unit is not None else Decimal(1)
        return frozenset((value * factor).normalize() for value in self.number.values)

    def intervals(self) -> list[Interval]:
        """The interval it stands for, its digits read as its language writes them."""
        factor = self.unit.factor if self.unit is not None else Decimal(1)
        amount = self.number.preferred * factor
        if self.upper is not None:
            other = self.upper.preferred * factor
            return [Interval(min(amount, other), max(amount, other))]
        return [_interval(amount, self.bound)]


def _interval(amount: Decimal, bound: Bound) -> Interval:
    if bound == "about":
        width = abs(amount) * ABOUT
        return Interval(amount - width, amount + width)
    if bound in ("at_least", "not_less"):
        return Interval(amount, INFINITY)
    if bound == "more":
        return Interval(amount, INFINITY, low_open=True)
    if bound in ("at_most", "not_more"):
        return Interval(-INFINITY, amount)
    if bound == "less":
        return Interval(-INFINITY, amount, high_open=True)
    return Interval(amount, amount)


def find_quantities(
    found: Sequence[Token], language: Language, taken: Iterable[int] = ()
) -> list[Quantity]:
    """The quantities of a text's tokens, each with the unit that stands beside it.

    None touches a token of ``taken``.
    """
    used = set(taken)
    result: list[Quantity] = []
    for number in _numbers(found, language):
        if used.intersection(range(number.first, number.last)):
            continue
        quantity = _quantity(found, number, language)
        previous = result[-1] if result else None
        if previous is not None and _is_range(found, previous, quantity):
            result[-1] = _joined(previous, quantity)
        elif previous is not None and _goes_on(found, previous, quantity):
            result[-1] = _added(previous, quantity)
        else:
            result.append(quantity)
    return result


def _goes_on(found: Sequence[Token], whole: Quantity, rest: Quantity) -> bool:
    """Whether a second number goes on the first: "an hour and a half", "sechs Euro fünfzig"."""
    if whole.unit is None or rest.unit is not None or rest.bound != "exact":
        return False
    behind = found[rest.last] if rest.last < len(found) else None
    ends = behind is None or behind.kind == "sign"
    goes_on = behind is not None and behind.lower in _BEHIND_HALF
    between = tuple(token.lower for token in found[whole.last : rest.first])
    if rest.number.preferred == _HALF and rest.number.fraction:
        return between == ("and", "a") and (ends or goes_on)
    in_words = not whole.number.literal and not rest.number.literal
    hundredths = rest.number.preferred < 100 and not rest.number.ordinal and in_words
    return between == () and hundredths and ends and whole.dimension in CURRENCIES


_BEHIND_HALF = frozenset("later earlier long ago old after before each".split())  # noqa: SIM905


def _added(whole: Quantity, rest: Quantity) -> Quantity:
    more = rest.number.preferred if rest.number.fraction else rest.number.preferred / 100
    number = replace(
        whole.number,
        values=frozenset(value + more for value in whole.number.values),
        mantissas=frozenset(value + more for value in whole.number.mantissas),
        preferred=whole.number.preferred + more,
    )
    return replace(whole, number=number, end=rest.end, last=rest.last, weak=False)


def _numbers(found: Sequence[Token], language: Language) -> list[Number]:
    """Numbers, and articles before a unit, which stand for one."""
    numbers = with_shares(found, _halves(found, find_in(found, language)))
    taken = {at for number in numbers for at in range(number.first, number.last)}
    one = frozenset({Decimal(1)})
    for place, token in enumerate(found[:-1]):
        if place in taken or place + 1 in taken or token.lower not in _ARTICLES - {"per"}:
            continue
        unit = unit_after(found, place + 1)
        after = found[place + 1]
        if unit and len(after.text) > 2 and found[place + 1].lower != "second":
            numbers.append(
                Number(
                    token.start,
                    token.end,
                    one,
                    one,
                    0,
                    first=place,
                    last=place + 1,
                    preferred=Decimal(1),
                )
            )
    return sorted(numbers, key=lambda number: number.first)


def _halves(found: Sequence[Token], numbers: list[Number]) -> list[Number]:
    """With the halves of units: "eine halbe Stunde", "half an hour"."""
    told = {at for number in numbers for at in range(number.first + 1, number.last)}
    for place, token in enumerate(found[:-1]):
        if token.lower not in ("halbe", "halben", "halbes", "half") or place in told:
            continue
        after = place + 1 + (found[place + 1].lower in ("a", "an"))
        if unit_after(found, after) is None:
            continue
        numbers = [number for number in numbers if number.first != place]
        numbers.append(
            Number(
                token.start, found[after - 1].end, frozenset({_HALF}), frozenset({_HALF}), 0,
                first=place, last=after, preferred=_HALF,
            )
        )  # fmt: skip
    return numbers


def _quantity(found: Sequence[Token], number: Number, language: Language) -> Quantity:
    bound = bound_before(found, number.first)
    unit = unit_before(found, number.first) if not number.ordinal else None
    end, last = number.end, number.last
    after = unit_after(found, last) if not number.ordinal else None
    if after is not None and not _is_word_instead(found, last, after[0], language):
        unit, last = after
        end = found[last - 1].end
    elif found[number.first].lower.endswith("mal") or found[number.first].lower in ("twice",):
        unit = _times()
    counted = "" if unit is not None or number.ordinal else _counted(found, last, language)
    if bound == "exact":
        bound = bound_after(found, last)
    weak = found[number.first].lower in _ARTICLES and number.exponent == 0
    start = number.start
    return Quantity(start, end, number, unit, bound, None, counted, number.first, last, weak)


@cache
def _times() -> Unit:
    unit = unit_of("times")
    assert unit is not None
    return unit


def _is_word_instead(found: Sequence[Token], place: int, unit: Unit, language: Language) -> bool:
    """Whether what looks like a unit is a word of the language ("5 a", "in 3 h" aside)."""
    token = found[place]
    if unit.name == "mark" and token.text != "DM":
        return token.lower not in ("d-mark", "reichsmark", "d", "dm")
    if unit.name == "bar":
        return language == "en"
    return False


def _counted(found: Sequence[Token], last: int, language: Language) -> str:
    """What a bare number counts: a German noun within three words, an English word right behind."""
    skipped = function_words(language)
    for token in found[last : last + 3]:
        if token.kind != "word" or token.lower in skipped:
            return ""
        if token.capital or language == "en":
            return token.lower
    return ""


def _is_range(found: Sequence[Token], low: Quantity, high: Quantity) -> bool:
    """Whether two quantities are the ends of one range."""
    if low.upper is not None or low.number.ordinal or high.number.ordinal or low.weak or high.weak:
        return False
    if low.unit is not None and high.unit is not None and low.unit != high.unit:
        return False
    # "£2.3 million to 640 policyholders"
    of_others = low.unit is not None and high.unit is None and high.counted != ""
    if high.first != low.last + 1 or of_others:
        return False
    between = found[low.last].lower
    if between in ("und", "and"):
        lead = found[low.first - 1].lower if low.first else ""
        return lead in ("zwischen", "between")
    glued = not found[low.last].spaced and not found[high.first].spaced
    lead = found[low.first - 1].lower if low.first else ""
    if between in ("bis", "to"):
        verbs_of_change = between == "to" and lead == "from"
        return not verbs_of_change and high.bound in ("exact", "at_most")
    return between in ("-", "–") and (glued or found[low.last].text == "–")


def _joined(low: Quantity, high: Quantity) -> Quantity:
    number, upper = low.number, high.number
    if number.exponent == 0 and upper.exponent and not low.unit:
        values = frozenset(value.scaleb(upper.exponent) for value in number.values)
        number = replace(
            number,
            values=values,
            exponent=upper.exponent,
            preferred=number.preferred.scaleb(upper.exponent),
        )
    return replace(
        low,
        end=high.end,
        number=number,
        unit=high.unit or low.unit,
        upper=upper,
        bound="exact",
        counted=high.counted,
        last=high.last,
    )

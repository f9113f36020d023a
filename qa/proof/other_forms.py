"""Values of a statement that its quotation tells in another form than as a value.

In: a value that follows from none of the quotation's, and both texts. Out: whether it need not:
it points back to things that were named ("the two censuses"), tells how often ("300 euros a month"
for "monatlich 300 Euro"), names a multiple ("twice as many" for "doppelt so viele"), or stands in a
compound ("July" in "Julilauf", "second" in "zweitgrößte"). Nothing can fail.

Each wants the other form just where it belongs: a rate beside the same amount, a month where the
quotation names no other one. A word that only begins so ("Juliane") proves nothing.
"""

from __future__ import annotations

import re

from qa.proof.analysis import Analysis
from qa.proof.arithmetic import multiple_of
from qa.proof.dates import Date, words_of_date
from qa.proof.follows import Match
from qa.proof.quantities import Quantity

_MOST_POINTED = 5
_POINTING = frozenset(
    ["the", "these", "those", "all", "die", "der", "den", "diese", "dieser", "diesen", "alle"]
)
"""Before a number they mean things that are known already."""
_RATES = {
    "year": frozenset("jahr jährlich jährliche jährlichen annually annual yearly year".split()),  # noqa: SIM905
    "month": frozenset("monat monatlich monatliche monatlichen monthly month".split()),  # noqa: SIM905
    "week": frozenset("woche wöchentlich wöchentliche wöchentlichen weekly week".split()),  # noqa: SIM905
    "day": frozenset("tag täglich tägliche täglichen daily day".split()),  # noqa: SIM905
}
_BESIDE = 3
"""Words between an amount and what tells how often, at most."""
_COMPARED = {2: "zweit", 3: "dritt", 4: "viert", 5: "fünft"}
_SUPERLATIVE = re.compile(r"(?:größt|[a-zäöü]{2,20}st)(?:e|en|er|es|em)")
_LONGER = 3
"""Letters that a compound has beyond the month in it, at least."""


def is_told_otherwise(match: Match, stated: Analysis, held: Analysis) -> bool:
    """Whether the value of ``match`` is no claim of its own, or is told in another form."""
    value = match.value
    if isinstance(value, Date):
        return _in_compound(value, held)
    if not isinstance(value, Quantity):
        return False
    return (
        (match.reason == "absent" and _points_back(value, stated, held))
        or _is_rate(value, stated, held)
        or _is_multiple(value, held)
        or _is_ranked(value, stated, held)
        or _is_first_time(value, stated, held)
    )


def _points_back(value: Quantity, stated: Analysis, held: Analysis) -> bool:
    """Whether a small number only points to things that were named: "the two censuses".

    Not so where the quotation counts the same things itself.
    """
    if value.dimension != "" or value.number.literal:
        return False
    before = stated.tokens[value.first - 1].lower if value.first else ""
    if value.number.preferred > _MOST_POINTED or before not in _POINTING:
        return False
    counted = {quantity.counted for quantity in held.values.quantities}
    return not value.counted or value.counted not in counted


def _is_rate(value: Quantity, stated: Analysis, held: Analysis) -> bool:
    """Whether a span of one tells how often the amount before it comes, as the quotation does
    beside the same amount, and beside it alone.
    """
    if not value.weak or value.unit is None or value.unit.name not in _RATES:
        return False
    amounts = [one for one in stated.values.quantities if one.last == value.first]
    told = {
        name
        for amount in amounts
        for other in held.values.quantities
        if other.dimension == amount.dimension and other.amounts() & amount.amounts()
        for name, words in _RATES.items()
        if words & set(_beside(other, held))
    }
    return told == {value.unit.name}


def _beside(quantity: Quantity, held: Analysis) -> list[str]:
    """The words just before and behind a quantity."""
    before = held.lowers[max(0, quantity.first - _BESIDE) : quantity.first]
    return [*before, *held.lowers[quantity.last : quantity.last + _BESIDE]]


def _is_multiple(value: Quantity, held: Analysis) -> bool:
    """Whether "twice as many" is "doppelt so viele" in the quotation."""
    if value.dimension != "times":
        return False
    return any(
        behind == "so" and multiple_of([word]) in value.amounts()
        for word, behind in zip(held.lowers, held.lowers[1:], strict=False)
    )


def _is_ranked(value: Quantity, stated: Analysis, held: Analysis) -> bool:
    """Whether "second largest" is "zweitgrößte" in the quotation."""
    begin = _COMPARED.get(int(value.number.preferred)) if value.number.ordinal else None
    behind = stated.lowers[value.last] if value.last < len(stated.lowers) else ""
    if begin is None or not behind.endswith(("est", "most")):
        return False
    return any(
        word.startswith(begin) and _SUPERLATIVE.fullmatch(word.removeprefix(begin))
        for word in held.lowers
    )


def _is_first_time(value: Quantity, stated: Analysis, held: Analysis) -> bool:
    """Whether "for the first time" is told by "first" or "erstmals"."""
    behind = stated.lowers[value.last] if value.last < len(stated.lowers) else ""
    times = value.number.ordinal and value.number.preferred == 1 and behind in ("time", "mal")
    return times and not {"first", "erstmals", "erstmalig"}.isdisjoint(held.lowers)


def _in_compound(value: Date, held: Analysis) -> bool:
    """Whether a month or season stands in a word ("Julilauf", "Herbstferien") of a quotation that
    names no month, season or day besides.
    """
    if value.said().keys() - {"month", "season"} or held.language != "de":
        return False
    if any(date.said().keys() - {"year"} for date in held.values.dates):
        return False
    return any(
        word.startswith(name) and len(word) >= len(name) + _LONGER and token.capital
        for name in words_of_date(value) - _NO_COMPOUND
        for word, token in zip(held.lowers, held.tokens, strict=True)
    )


_NO_COMPOUND = frozenset(["fall", "spring", "march", "june", "july", "may", "august"])
"""Words with which German nouns of other things begin, or that are not German."""

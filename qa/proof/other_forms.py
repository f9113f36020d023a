"""Values of a statement that its quotation tells in another form than as a value.

In: a value that follows from none of the quotation's, and both texts. Out: whether it need not:
it points back to things that were named ("the two censuses"), tells how often ("a month" for
"monatlich"), names a multiple ("twice as many" for "doppelt so viele"), says "first" for
"originally", or stands in a compound ("July" in "Julilauf", "second" in "zweitgrößte"). Nothing
can fail.
"""

from __future__ import annotations

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
    "year": "jahr jährlich jährliche jährlichen annually annual yearly year",
    "month": "monat monatlich monatliche monatlichen monthly month",
    "week": "woche wöchentlich wöchentliche wöchentlichen weekly week",
    "day": "tag täglich tägliche täglichen daily day",
}
_MORE_OR_LESS = frozenset(["more", "less", "mehr", "weniger", "once", "twice", "einmal", "zweimal"])
_FIRST = frozenset(
    """
    first firstly initially originally zuerst zunächst erstmals anfangs anfänglich ursprünglich
    ursprüngliche ursprünglichen eingangs
    """.split()  # noqa: SIM905 - a list of quoted words is harder to read
)
_COMPARED = {2: "zweit", 3: "dritt", 4: "viert", 5: "fünft"}
_LONGER = 3
"""Letters that a compound has beyond a word in it, at least."""


def is_told_otherwise(match: Match, stated: Analysis, held: Analysis) -> bool:
    """Whether the value of ``match`` is no claim of its own, or is told in other words."""
    value = match.value
    if isinstance(value, Date):
        return _in_compound(value, held)
    if not isinstance(value, Quantity):
        return False
    return (
        (match.reason == "absent" and _points_back(value, stated, held))
        or _is_rate(value, stated, held)
        or _is_multiple(value, held)
        or _is_first(value, held)
        or _is_compared(value, held)
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
    """Whether a span of one only tells how often: "3,000 euros a month", of which the quotation
    says "monatlich".
    """
    if not value.weak or value.unit is None or not value.first:
        return False
    behind_amount = value.first in {other.last for other in stated.values.quantities}
    if not behind_amount and stated.tokens[value.first - 1].lower not in _MORE_OR_LESS:
        return False
    if any(other.unit == value.unit and not other.weak for other in held.values.quantities):
        return False
    return not set(_RATES.get(value.unit.name, "").split()).isdisjoint(held.lowers)


def _is_multiple(value: Quantity, held: Analysis) -> bool:
    """Whether "twice as many" is what the quotation tells in one word ("doppelt")."""
    return value.dimension == "times" and multiple_of(held.lowers) in value.amounts()


def _is_first(value: Quantity, held: Analysis) -> bool:
    """Whether "first" says no more than that something was so before it was otherwise."""
    return value.number.ordinal and value.number.preferred == 1 and bool(_FIRST & set(held.lowers))


def _is_compared(value: Quantity, held: Analysis) -> bool:
    """Whether a place in an order is told in one word: "zweitgrößte" for "second largest"."""
    if not value.number.ordinal:
        return False
    begin = _COMPARED.get(int(value.number.preferred))
    return begin is not None and any(
        word.startswith(begin) and len(word) >= len(begin) + _LONGER for word in held.lowers
    )


def _in_compound(value: Date, held: Analysis) -> bool:
    """Whether a month or season is part of a word ("Herbstferien", "Julilauf"), or a season is
    named where "spring" could be a coil.
    """
    if value.said().keys() - {"month", "season"}:
        return False
    longer = _LONGER if value.season is None else 0
    return any(
        word.startswith(name) and len(word) >= len(name) + longer
        for name in words_of_date(value)
        for word in held.lowers
    )

"""Values of a statement that its quotation tells in another form than as a value.

In: a value that follows from none of the quotation's, and both texts. Out: whether it need not:
it points back to things that were named ("the two censuses"), tells how often ("300 euros a month"
for "monatlich 300 Euro"), names a multiple ("twice as many" for "doppelt so viele"), or stands in a
compound ("July" in "Julilauf"). Nothing can fail.

Each wants the other form just where it belongs: a rate beside the same amount, a month where the
quotation names no other one. A word that only begins so ("Juliane") proves nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

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
    word: name
    for name, words in (
        ("year", "jährlich jährliche jährlichen annually annual yearly"),
        ("month", "monatlich monatliche monatlichen monthly"),
        ("week", "wöchentlich wöchentliche wöchentlichen weekly"),
        ("day", "täglich tägliche täglichen daily"),
    )
    for word in words.split()
}
"""Words that say "each" by themselves, and each what."""
_SPANS = {
    "jahr": "year", "year": "year", "monat": "month", "month": "month", "woche": "week",
    "week": "week", "tag": "day", "day": "day",
}  # fmt: skip
_EACH = frozenset("im pro je a per each every jeden jede jedes".split())  # noqa: SIM905
"""Before a span they make it a rate: "im Jahr", but not "im Jahr 2025"."""
_BESIDE = 3
"""Words between an amount and what tells how often, at most."""
_COMPOUND_ENDS = frozenset(
    """
    lauf läufe sitzung sitzungen ferien pause ausgabe semester gehalt miete rechnung bericht monat
    monate monaten
    """.split()  # noqa: SIM905 - a list of quoted words is harder to read
)
"""Behind a month or season they make a word of that time: "Julilauf"."""


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
    if not value.weak or value.unit is None:
        return False
    amounts = [one for one in stated.values.quantities if one.last == value.first]
    told = {
        name
        for amount in amounts
        for other in held.values.quantities
        if other.dimension == amount.dimension and other.amounts() & amount.amounts()
        for name in _rates_beside(other, held)
    }
    return told == {value.unit.name}


def _rates_beside(quantity: Quantity, held: Analysis) -> Iterator[str]:
    """The spans of which the words just before and behind a quantity say "each"."""
    places = [
        *range(max(0, quantity.first - _BESIDE), quantity.first),
        *range(quantity.last, min(len(held.lowers), quantity.last + _BESIDE)),
    ]
    for place in places:
        word = held.lowers[place]
        if word in _RATES:
            yield _RATES[word]
        behind = held.tokens[place + 1].kind if place + 1 < len(held.tokens) else ""
        if place and held.lowers[place - 1] in _EACH and word in _SPANS and behind != "digits":
            yield _SPANS[word]


def _is_multiple(value: Quantity, held: Analysis) -> bool:
    """Whether "twice as many" is "doppelt so viele" in the quotation."""
    if value.dimension != "times":
        return False
    return any(
        behind == "so" and multiple_of([word]) in value.amounts()
        for word, behind in zip(held.lowers, held.lowers[1:], strict=False)
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
        word.startswith(name) and word.removeprefix(name) in _COMPOUND_ENDS
        for name in words_of_date(value)
        for word in held.lowers
    )

"""Values of a text: quantities, dates and times of the day, each with its exact place.

In: text and its language. Out: the values in order; none overlaps another. Nothing can fail.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from corpus.document import Language
from qa.proof.clock import ClockTime, find_clocks
from qa.proof.date_finding import find_dates
from qa.proof.dates import Date
from qa.proof.numbers import is_scale
from qa.proof.quantities import Quantity, find_quantities
from qa.proof.shared_units import with_shared_units
from qa.proof.tokens import Token, tokens

Value = Quantity | Date | ClockTime


@dataclass(frozen=True)
class Values:
    """What a text holds of each sort, in order of appearance."""

    quantities: tuple[Quantity, ...]
    dates: tuple[Date, ...]
    clocks: tuple[ClockTime, ...]

    def all(self) -> list[Value]:
        """Every value by its place."""
        found: list[Value] = [*self.quantities, *self.dates, *self.clocks]
        return sorted(found, key=lambda value: value.start)

    def places(self) -> set[int]:
        """The numbers of the tokens that belong to a value."""
        return {at for value in self.all() for at in range(value.first, value.last)}


def find_values(text: str, language: Language) -> Values:
    """The values of ``text``."""
    return values_of(tokens(text), language)


def values_of(found: Sequence[Token], language: Language) -> Values:
    """The values of a text's tokens."""
    clocks = find_clocks(found, language)
    taken = {at for clock in clocks for at in range(clock.first, clock.last)}
    dates = [
        date
        for date in find_dates(found, language)
        if not taken.intersection(range(date.first, date.last)) and not _counts(found, date)
    ]
    taken |= {at for date in dates for at in range(date.first, date.last)}
    quantities = [
        quantity
        for quantity in with_shared_units(found, find_quantities(found, language, taken))
        if not taken.intersection(range(quantity.first, quantity.last))
    ]
    return Values(tuple(quantities), tuple(dates), tuple(clocks))


def _counts(found: Sequence[Token], date: Date) -> bool:
    """Whether a figure of four digits counts what stands behind it ("2025 Euro", "1800 GPUs")."""
    from qa.proof.units import unit_after, unit_before

    if not date.bare:
        return _measures(found, date)
    if _is_scaled(found, date):
        return True
    if unit_after(found, date.last) or unit_before(found, date.first):
        return True
    after = found[date.last] if date.last < len(found) else None
    before = found[date.first - 1] if date.first else None
    if after is None or before is None or after.kind != "word":
        return False
    # "operates 2025 GPUs": a verb before, a plural behind; "stieg 2024 der Umsatz" has an article.
    plural = after.lower.endswith(("s", "en", "er")) and len(after.text) > 3
    if not (after.capital and plural):
        return False
    return before.kind == "word" and not before.capital


def _is_scaled(found: Sequence[Token], date: Date) -> bool:
    """Whether a unit of scale stands right behind it ("1500 Millionen"), as behind no year."""
    after = found[date.last] if date.last < len(found) else None
    return after is not None and after.kind == "word" and is_scale(after.lower)


# Behind these a figure is a year even before a unit ("in 2019 tons were shipped").
_YEAR_ONLY = frozenset(
    ["in", "im", "seit", "since", "during", "jahr", "jahre", "jahres", "jahren", "year", "years"]
)


def _measures(found: Sequence[Token], date: Date) -> bool:
    """Whether a figure that a preposition makes a year has a unit or a scale behind it ("um 1500
    Euro", "about 1000 billion").
    """
    from qa.proof.units import unit_after

    if date.said().keys() != {"year"} or date.last - date.first != 1 or not date.first:
        return False
    after = unit_after(found, date.last)
    # A single letter is more likely the beginning of something else.
    named = after is not None and (after[1] - date.last > 1 or len(found[date.last].text) > 1)
    sign = after is not None and found[date.last].kind == "sign"
    return (named or sign or _is_scaled(found, date)) and found[
        date.first - 1
    ].lower not in _YEAR_ONLY

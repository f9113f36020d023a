"""Whether a value of a statement follows from the values of a quotation.

In: one value, and those of the quotation. Out: the value it rests on and how, or why it rests on
none. Nothing can fail.

A quantity follows where every number that the quotation leaves possible lies within what the
statement says: "14,3" proves "mehr als 14", "mehr als 14" does not prove "14,3". Of a date every
part that the statement names must be there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from qa.proof.clock import ClockTime
from qa.proof.dates import Date
from qa.proof.quantities import Quantity
from qa.proof.values import Value, Values

ValueGrade = Literal["same", "within", "about", "pieced", "none"]

# What may be written for one another, and the factor from the first to the second.
_ALIKE: dict[tuple[str, str], Decimal] = {
    ("degree", "celsius"): Decimal(1),
    ("degree", "fahrenheit"): Decimal(1),
    ("pound", "pound sterling"): Decimal(1),
    ("cent", "euro"): Decimal("0.01"),
    ("cent", "dollar"): Decimal("0.01"),
}
_SEASONS = {"spring": (3, 4, 5, 6), "summer": (6, 7, 8, 9), "autumn": (9, 10, 11, 12),
            "winter": (12, 1, 2, 3)}  # fmt: skip
_PART_MONTHS = {"early": (1, 2, 3, 4), "mid": (5, 6, 7, 8), "late": (9, 10, 11, 12)}
_PART_DAYS = {"early": (1, 10), "mid": (10, 20), "late": (20, 31)}


@dataclass(frozen=True)
class Match:
    """What a value of a statement rests on."""

    value: Value
    """The statement's value."""
    held: Value | None
    """The quotation's value it follows from, or that comes nearest."""
    grade: ValueGrade
    """"none" where it does not follow."""
    reason: str = ""
    """Why not: "absent", "unit", "scale", "sign", "bound", "date part" or "relation"."""
    candidates: tuple[Value, ...] = ()
    """Every value of the quotation from which it follows."""

    @property
    def follows(self) -> bool:
        """Whether the quotation proves the value."""
        return self.grade != "none"


def match_values(stated: Values, held: Values) -> list[Match]:
    """What each value of a statement rests on, in order."""
    return [match_value(value, held) for value in stated.all()]


def match_value(value: Value, held: Values) -> Match:
    """What one value of a statement rests on."""
    if isinstance(value, ClockTime):
        return _clock(value, held)
    if isinstance(value, Date):
        return _date(value, held)
    return _quantity(value, held)


def _clock(value: ClockTime, held: Values) -> Match:
    same = tuple(clock for clock in held.clocks if clock.minutes & value.minutes)
    if same:
        return Match(value, same[0], "same", candidates=same)
    return Match(value, held.clocks[0] if held.clocks else None, "none", "absent")


def _quantity(value: Quantity, held: Values) -> Match:
    grades = [(quantity_grade(value, source), source) for source in held.quantities]
    order: tuple[ValueGrade, ...] = ("same", "within", "about")
    for wanted in order:
        if good := tuple(source for grade, source in grades if grade == wanted):
            every = tuple(source for grade, source in grades if grade != "none")
            return Match(value, good[0], wanted, candidates=every)
    if value.number.literal and not value.unit:
        years = [
            date for date in held.dates if date.bare and Decimal(date.year or 0) in value.amounts()
        ]
        if years:
            return Match(value, years[0], "same", candidates=tuple(years))
    return _unmatched(value, held)


def factor_between(  # noqa: PLR0911 - one rule a line
    stated: Quantity, held: Quantity
) -> Decimal | None:
    """What one of ``held``'s basic units is in ``stated``'s; ``None`` where they do not compare."""
    if stated.dimension == held.dimension:
        return Decimal(1)
    if (factor := _ALIKE.get((held.dimension, stated.dimension))) is not None:
        return factor
    if (factor := _ALIKE.get((stated.dimension, held.dimension))) is not None:
        return 1 / factor
    pair = {stated.dimension, held.dimension}
    if pair == {"", "order"}:
        bare = stated if stated.dimension == "" else held
        return Decimal(1) if bare.number.literal and not bare.counted else None
    # "at the age of four" says years without the word.
    if held.dimension == "" and not held.counted and stated.dimension == "months" and stated.unit:
        return stated.unit.factor
    # A statement may leave the unit to its context, never change it.
    if stated.dimension == "" and not stated.counted and held.unit is not None:
        return 1 / held.unit.factor
    return None


def quantity_grade(stated: Quantity, held: Quantity) -> ValueGrade:
    """How ``stated`` follows from ``held``."""
    factor = factor_between(stated, held)
    if factor is None:
        return "none"
    amounts = {(amount * factor).normalize() for amount in held.amounts()}
    equal = not stated.amounts().isdisjoint(amounts) and _uppers_equal(stated, held, factor)
    if equal and stated.bound == held.bound:
        return "same"
    sources = [
        replace(interval, low=interval.low * factor, high=interval.high * factor)
        for interval in held.intervals()
    ]
    if any(source.within(target) for source in sources for target in stated.intervals()):
        return "same" if equal else "within"
    near = {stated.bound, held.bound}
    if equal and (near <= {"exact", "about"} or ("about" in near and near & {"more", "less"})):
        return "about"
    return "none"


def _uppers_equal(stated: Quantity, held: Quantity, factor: Decimal) -> bool:
    if stated.upper is None or held.upper is None:
        return stated.upper is held.upper
    return bool(
        {(value * factor).normalize() for value in held.upper.values}
        & {value.normalize() for value in stated.upper.values}
    ) or stated.upper.agrees(held.upper)


def _unmatched(value: Quantity, held: Values) -> Match:
    """Why a quantity follows from none: what comes nearest tells."""
    for source in held.quantities:
        amounts = value.number.values & source.number.values
        if amounts:
            reason = "bound" if factor_between(value, source) is not None else "unit"
            return Match(value, source, "none", reason)
    for source in held.quantities:
        negated = {-amount for amount in source.number.values}
        if value.number.values & negated:
            return Match(value, source, "none", "sign")
        if value.number.mantissas & source.number.mantissas:
            return Match(value, source, "none", "scale")
    near = held.quantities[0] if held.quantities else None
    return Match(value, near, "none", "absent")


def _date(value: Date, held: Values) -> Match:
    good = tuple(source for source in held.dates if date_holds(value, source))
    if good:
        fitting = tuple(source for source in good if not opposed(value.relation, source.relation))
        if fitting:
            return Match(value, fitting[0], "same", candidates=fitting)
        return Match(value, good[0], "none", "relation")
    if value.bare:
        counts = [
            source
            for source in held.quantities
            if not source.unit and Decimal(value.year or 0) in source.amounts()
        ]
        if counts:
            return Match(value, counts[0], "same", candidates=tuple(counts))
    if pieces := _pieced(value, held.dates):
        return Match(value, pieces, "pieced", candidates=(pieces,))
    near = next(
        (source for source in held.dates if source.said().keys() & value.said().keys()), None
    )
    return Match(value, near, "none", "date part" if near is not None else "absent")


def date_holds(stated: Date, held: Date) -> bool:
    """Whether every part of ``stated`` is a part of ``held``."""
    return any(
        _parts_hold(reading, source) for reading in stated.readings() for source in held.readings()
    )


def _parts_hold(stated: Date, held: Date) -> bool:
    given = held.given()
    for name, value in stated.said().items():
        if name == "part":
            if not _part_holds(str(value), stated, held):
                return False
        elif name == "season":
            months = _SEASONS[str(value)]
            if given.get("season") != value and given.get("month") not in months:
                return False
        elif name == "decade":
            decade = given.get("decade")
            if decade is None or int(decade) % 100 != int(value) % 100:
                return False
            if int(value) > 99 and int(decade) > 99 and decade != value:
                return False
        elif given.get(name) != value:
            return False
    return True


def _part_holds(part: str, stated: Date, held: Date) -> bool:
    if held.part is not None:
        return held.part == part and (stated.month is None) == (held.month is None)
    if stated.month is not None:
        low, high = _PART_DAYS[part]
        return held.day is not None and low <= held.day <= high
    return held.month is not None and held.month in _PART_MONTHS[part]


def opposed(stated: str, held: str) -> bool:
    """Whether two relations to a date exclude one another."""
    earlier, later = {"until", "before"}, {"since", "after"}
    if stated == "in" and held in ("before", "after"):
        return True
    if stated in ("before", "after") and held == "in":
        return True
    return (stated in earlier and held in later) or (stated in later and held in earlier)


def _pieced(value: Date, dates: Sequence[Date]) -> Date | None:
    """The date that holds most of ``value`` where a second one gives the year it lacks."""
    if value.year is None or (value.month is None and value.weekday is None):
        return None
    if not any(source.year == value.year and source.month is None for source in dates):
        return None
    rest = replace(value, year=None)
    return next(
        (source for source in dates if source.year is None and date_holds(rest, source)), None
    )

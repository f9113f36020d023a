"""Dates and times of the day that are worked out: a date and a span give another date.

In: a date or time that stands nowhere in a quotation, the quotation's values, which words of
direction it has ("später", "earlier"). Out: whether a date of the quotation and a span of it give
the value. Nothing can fail; days that no calendar has give nothing.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import combinations

from qa.proof.clock import ClockTime
from qa.proof.dates import Date
from qa.proof.follows import date_holds
from qa.proof.values import Values

_DAY_S = 86_400
_ANY_YEAR = 2001
"""Stands for a year that is not told; it is no leap year."""


def shifted(
    value: Date | ClockTime, held: Values, *, later: bool, earlier: bool, either: bool
) -> bool:
    """Whether a date or time of ``held`` and a span of it give ``value``.

    ``later`` and ``earlier``: the quotation counts on or back. ``either``: it tells on which side
    of an event a date lies, so that the event's own date lies on the other side; of years alone
    that would excuse too much.
    """
    if isinstance(value, ClockTime):
        return _time(value, held, later=later, earlier=earlier)
    if value.month is None:
        return _year(value, held, later=later, earlier=earlier)
    signs = [sign for sign, counts in ((1, later), (-1, earlier)) if counts or either]
    return any(date_holds(value, date) for sign in signs for date in _shifted_dates(held, sign))


def _spans(held: Values, dimension: str) -> list[int]:
    """In the dimension's basic units."""
    return [
        int(amount)
        for quantity in held.quantities
        if quantity.dimension == dimension and quantity.upper is None
        for amount in quantity.amounts()
        if amount == int(amount)
    ]


def _years(dates: Sequence[Date]) -> list[int]:
    """The years of all dates, in order."""
    return sorted({date.year for date in dates if date.year is not None})


def _year(value: Date, held: Values, *, later: bool, earlier: bool) -> bool:
    if value.year is None or value.day is not None:
        return False
    steps = {months // 12 for months in _spans(held, "months") if months % 12 == 0}
    return any(
        (later and value.year == year + step) or (earlier and value.year == year - step)
        for step in steps
        for year in _years(held.dates)
    )


def _time(value: ClockTime, held: Values, *, later: bool, earlier: bool) -> bool:
    return any(
        (later and (minutes + seconds // 60) % 1440 in value.minutes)
        or (earlier and (minutes - seconds // 60) % 1440 in value.minutes)
        for seconds in _spans(held, "time")
        for clock in held.clocks
        for minutes in clock.minutes
    )


def _shifted_dates(held: Values, sign: int) -> Iterator[Date]:
    for date in held.dates:
        if date.month is None:
            continue
        for months in _spans(held, "months"):
            moved = _by_months(date, sign * months)
            if moved is not None:
                yield moved
        for seconds in _spans(held, "time"):
            moved = _by_days(date, sign * (seconds // _DAY_S))
            if moved is not None:
                yield moved


def _by_months(date: Date, months: int) -> Date | None:
    assert date.month is not None
    whole = 12 * (date.year or _ANY_YEAR) + date.month - 1 + months
    if whole // 12 > datetime.MAXYEAR:
        return None
    year = whole // 12 if date.year is not None else None
    return replace(date, year=year, month=whole % 12 + 1, weekday=None, swapped=None)


def _by_days(date: Date, days: int) -> Date | None:
    begin = _day_of(date)
    if begin is None or not days:
        return None
    try:
        moved = begin + datetime.timedelta(days=days)
    except OverflowError:
        return None
    year = moved.year if date.year is not None else None
    return replace(date, year=year, month=moved.month, day=moved.day, weekday=None, swapped=None)


def _day_of(date: Date) -> datetime.date | None:
    if date.month is None or date.day is None:
        return None
    try:
        return datetime.date(date.year or _ANY_YEAR, date.month, date.day)
    except ValueError:
        return None


def days_between(dates: Sequence[Date]) -> set[Decimal]:
    """Seconds between the days of any two of ``dates``."""
    whole = [day for date in dates if (day := _day_of(date)) is not None]
    gaps = {abs((two - one).days) for one, two in combinations(whole, 2)}
    return {Decimal(_DAY_S * gap) for gap in gaps if gap}


def months_between(dates: Sequence[Date]) -> set[Decimal]:
    """Months between any two of ``dates``; of two months both have a year, or neither has."""
    gaps = {12 * (two - one) for one, two in combinations(_years(dates), 2)}
    monthly = [date for date in dates if date.month is not None]
    for one, two in combinations(monthly, 2):
        if (one.year is None) == (two.year is None):
            early, late = sorted((one, two), key=_month_number)
            # To the end of a month it is one more.
            whole = late.part == "late" and early.part is None and early.day is None
            gaps.add(_month_number(late) - _month_number(early) + whole)
    return {Decimal(gap) for gap in gaps if gap}


def _month_number(date: Date) -> int:
    return 12 * (date.year or 0) + (date.month or 0)

"""Dates and parts of dates as values.

In: parts as :mod:`qa.proof.date_finding` reads them. Out: what a date gives and what follows from
that. Nothing can fail.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

_PARTS = (
    "year", "next_year", "month", "day", "half", "quarter", "decade", "century", "weekday",
    "season", "part",
)  # fmt: skip


@dataclass(frozen=True)
class Date:
    """A date or a part of one. What is not given is ``None``."""

    start: int
    """Character at which it begins."""
    end: int
    """Character behind its last."""
    year: int | None = None
    """Negative before Christ."""
    next_year: int | None = None
    """The second year of a season that lies in two ("2026/27")."""
    month: int | None = None
    day: int | None = None
    half: int | None = None
    """1 or 2, of a year."""
    quarter: int | None = None
    decade: int | None = None
    """Its first year, below 100 where the century is not given."""
    century: int | None = None
    weekday: int | None = None
    """1 is Monday."""
    season: str | None = None
    part: str | None = None
    """"early", "mid" or "late"."""
    relation: str = "in"
    """"since", "until", "before", "after", else "in"."""
    swapped: tuple[int, int] | None = None
    """Month and day in the other order of figures, where both orders are possible."""
    bare: bool = False
    """Whether it is a figure of four digits that may count something instead."""
    first: int = 0
    """Number of its first token."""
    last: int = 0
    """Number of the token behind it."""

    def readings(self) -> list[Date]:
        """The date in each order that its figures allow."""
        if self.swapped is None:
            return [self]
        month, day = self.swapped
        return [replace(self, swapped=None), replace(self, swapped=None, month=month, day=day)]

    def given(self) -> dict[str, int | str]:
        """The parts that are given, with what follows from a month or a year."""
        parts = {name: value for name in _PARTS if (value := getattr(self, name)) is not None}
        if self.month is not None:
            parts.setdefault("quarter", (self.month + 2) // 3)
        if self.year is not None:
            parts.setdefault("decade", self.year // 10 * 10)
            parts.setdefault("century", (self.year - 1) // 100 + 1)
        weekday = _weekday(self)
        if weekday is not None:
            parts.setdefault("weekday", weekday)
        return parts

    def said(self) -> dict[str, int | str]:
        """The parts that are given, and only those."""
        return {name: value for name in _PARTS if (value := getattr(self, name)) is not None}


def _weekday(date: Date) -> int | None:
    import datetime

    if date.year is None or date.month is None or date.day is None or date.year < 1583:
        return None
    try:
        return datetime.date(date.year, date.month, date.day).isoweekday()
    except ValueError:
        return None


@cache
def date_words() -> dict[str, tuple[str, int | str]]:
    """Words for months, weekdays, parts and seasons in lower case: which it is, and its value."""
    data = tomllib.loads((Path(__file__).parent / "dates.toml").read_text("utf-8"))
    known: dict[str, tuple[str, int | str]] = {}
    for name, field, number in (
        ("months", "month", True),
        ("weekdays", "weekday", True),
        ("parts", "part", False),
        ("seasons", "season", False),
    ):
        for value, words in data[name].items():
            for word in words.split():
                known[word] = (field, int(value) if number else value)
    return known


def words_of_date(date: Date) -> frozenset[str]:
    """The words, in lower case, for its month or season."""
    parts = {("month", date.month), ("season", date.season)}
    return frozenset(word for word, part in date_words().items() if part in parts and len(word) > 3)

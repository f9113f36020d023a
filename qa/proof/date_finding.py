"""Dates and parts of dates in a text, in German and English.

In: the tokens of a text. Out: dates with exact places: day, month, year, half, quarter, decade,
century, weekday, season, each kept where it is given. Nothing can fail; what is no date gives none.

"31.03.2028", "31. März 2028", "March 31, 2028" and "2028-03-31" are one date. "6/12/2025" is the
sixth of December or the twelfth of June, so a date carries every reading.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from corpus.document import Language
from qa.proof.date_figures import (
    CENTURY,
    behind_stop,
    date_in_figures,
    made_date,
    month_at,
    year_at,
    year_in_figures,
)
from qa.proof.dates import Date, date_words
from qa.proof.number_words import read_number
from qa.proof.tokens import Token, scan


@cache
def _relations() -> dict[str, str]:
    data = tomllib.loads((Path(__file__).parent / "dates.toml").read_text("utf-8"))
    return {word: name for name, words in data["relations"].items() for word in words.split()}


def find_dates(found: Sequence[Token], language: Language) -> list[Date]:
    """The dates of a text's tokens in order; none overlaps another."""
    dates = scan(found, lambda place: _at(found, place, language))
    return _completed([_placed(found, date, place) for place, date in dates], found)


def _placed(found: Sequence[Token], date: Date, place: int) -> Date:
    end = found[date.last - 1].end
    relation = _relation(found, place, date)
    return replace(date, start=found[place].start, end=end, first=place, relation=relation)


def _relation(found: Sequence[Token], place: int, date: Date) -> str:
    for back in range(1, 4):
        if place < back:
            break
        word = found[place - back].lower
        if (relation := _relations().get(word)) is not None:
            return relation
        if word not in ("dem", "der", "zum", "zur", "the", "end", "ende", "einschließlich", "jahr",
                        "jahre", "year", "of", "im", "in", "on", "am"):  # fmt: skip
            break
    after = found[date.last].lower if date.last < len(found) else ""
    return "since" if after in ("onwards", "onward") else "in"


def _completed(dates: list[Date], found: Sequence[Token]) -> list[Date]:
    """Days and months of a range take the year behind it: "vom 3. bis 5. Mai 2024"."""
    for at in range(len(dates) - 2, -1, -1):
        date, after = dates[at], dates[at + 1]
        between = [token.lower for token in found[date.last : after.first]]
        joined = 0 < len(between) <= 2 and between[-1] in (
            "bis",
            "to",
            "und",
            "and",
            "-",
            "–",
            "until",
        )
        if not joined or (date.day is None and date.month is None) or after.year is None:
            continue
        if date.year is None and after.month is not None:
            dates[at] = replace(date, year=after.year, month=date.month or after.month)
    return _with_same_years(dates, found)


def _with_same_years(dates: list[Date], found: Sequence[Token]) -> list[Date]:
    """Dates "of the same year" with the only year that was named before them."""
    known: set[int] = set()
    completed: list[Date] = []
    for date in dates:
        undated = not (date.year or date.decade or date.century)
        part_only = undated and date.part is not None and date.month is None
        if undated and len(known) == 1 and (part_only or _behind_same_year(found, date.last)):
            completed.append(replace(date, year=min(known)))
        elif not part_only:
            completed.append(date)
        if date.year is not None:
            known.add(date.year)
    return completed


def _at(found: Sequence[Token], place: int, language: Language) -> Date | None:
    token = found[place]
    if token.kind == "digits":
        return date_in_figures(found, place, language)
    if token.kind != "word":
        return None
    return _quarter(found, place, language) or _worded(found, place, language)


def _quarter(found: Sequence[Token], place: int, language: Language) -> Date | None:
    """ "Q3 2024", "drittes Quartal 2024", "the first half of 2024", "20th century" in words."""
    word = found[place].lower
    if len(word) == 2 and word[0] == "q" and word[1] in "1234":
        year, last = year_at(found, place + 1)
        return made_date(last, quarter=int(word[1]), year=year)
    reading = read_number([word], language)
    at = place + 1
    if reading is None or not reading.ordinal or at >= len(found):
        return None
    if found[at].lower in ("quartal", "quartals", "quarter") and reading.value <= 4:
        year, last = year_at(found, at + 1)
        return made_date(last, quarter=int(reading.value), year=year)
    if found[at].lower in CENTURY:
        return made_date(at + 1, century=int(reading.value))
    return _half_year(found, at, int(reading.value))


_HALF_YEARS = frozenset(["halbjahr", "halbjahrs", "halbjahres", "jahreshälfte", "half"])


def _half_year(found: Sequence[Token], at: int, half: int) -> Date | None:
    """ "ersten Halbjahr 2024", "second half of 2028" from the noun on; "first half" of a match."""
    if found[at].lower not in _HALF_YEARS or half > 2:
        return None
    behind = at + 1
    of_year = tuple(token.lower for token in found[behind : behind + 3]) == ("of", "the", "year")
    year, last = year_at(found, behind + 3 * of_year)
    if found[at].lower == "half" and year is None and not of_year:
        return None
    return made_date(last, half=half, year=year)


_DECADE_WORDS = {
    "zwanziger": 20, "dreißiger": 30, "vierziger": 40, "fünfziger": 50, "sechziger": 60,
    "siebziger": 70, "achtziger": 80, "neunziger": 90, "twenties": 20, "thirties": 30,
    "forties": 40, "fifties": 50, "sixties": 60, "seventies": 70, "eighties": 80, "nineties": 90,
}  # fmt: skip


def _worded(found: Sequence[Token], place: int, language: Language) -> Date | None:
    token = found[place]
    if token.lower.removesuffix("n") in _DECADE_WORDS or token.lower in _DECADE_WORDS:
        word = token.lower if token.lower in _DECADE_WORDS else token.lower.removesuffix("n")
        return made_date(place + 1, decade=_DECADE_WORDS[word])
    field, value = date_words().get(token.lower, ("", 0))
    if field == "month":
        return _month_first(found, place) if token.capital else None
    if field == "weekday" and (token.capital or (language == "de" and token.lower.endswith("s"))):
        return made_date(place + 1, weekday=int(value))
    if field in ("part", "season"):
        return _before_year(found, place, field, value)
    reading = read_number([token.lower], language)
    if reading is not None and reading.ordinal and reading.value <= 31:
        month = month_at(found, place + 1)
        if month is not None:
            year, last = year_at(found, place + 2)
            return made_date(last, year=year, month=month, day=int(reading.value))
    return None


def _before_year(found: Sequence[Token], place: int, field: str, value: int | str) -> Date | None:
    """ "Anfang 2025", "early 2025", "in the summer of 2025", "Ende Mai"."""
    at = place + 1
    while (
        at < len(found)
        and at <= place + 3
        and found[at].lower in ("of", "the", "des", "der", "jahres", "-")
    ):
        at += 1
    date = year_in_figures(found, at) if at < len(found) and found[at].kind == "digits" else None
    if date is None and at < len(found) and month_at(found, at) is not None:
        date = _month_first(found, at)
    if date is None and field == "part":
        # Its year comes from the date before.
        behind = _behind_same_year(found, place + 1)
        return made_date(behind, part=str(value)) if behind else None
    if date is None:
        leads = [token.lower for token in found[max(0, place - 2) : place]]
        if leads[-1:] == ["the"]:
            leads.pop()
        alone = at >= len(found) or found[at].kind == "sign"
        told = found[place].capital or (alone and not _SEASON_LEADS.isdisjoint(leads[-1:]))
        return made_date(place + 1, season=value) if told and found[place].lower != "fall" else None
    if date.bare or date.year or date.decade or date.century or date.month:
        if field == "part":
            return replace(date, bare=False, part=str(value))
        return replace(date, bare=False, season=str(value))
    return None


_SEASON_LEADS = frozenset(
    "in by before until since this next last during".split()  # noqa: SIM905
)
"""Before an English season in lower case; "to spring" is a verb."""
_SAME_YEAR = frozenset(
    [
        ("of", "the", "same", "year"), ("of", "that", "year"), ("of", "that", "same", "year"),
        ("desselben", "jahres"), ("des", "selben", "jahres"), ("des", "gleichen", "jahres"),
        ("jenes", "jahres"), ("that", "year"), ("the", "same", "year"),
    ]
)  # fmt: skip


def _behind_same_year(found: Sequence[Token], place: int) -> int:
    """The place behind "of the same year" at ``place``; 0 where it does not stand there."""
    for size in (4, 3, 2):
        words = tuple(token.lower for token in found[place : place + size])
        if words in _SAME_YEAR:
            return place + len(words)
    return 0


_MONTH_LEADS = frozenset(
    "in since until by of last next early late from to during and".split()  # noqa: SIM905
)


def _month_first(found: Sequence[Token], place: int) -> Date | None:
    """ "March 31, 2028", "March 2028", "März"."""
    month = month_at(found, place)
    if month is None:
        return None
    at = behind_stop(found, place + 1)
    day = None
    if (
        at < len(found)
        and found[at].text.isdecimal()
        and len(found[at].text) <= 2
        and (1 <= int(found[at].text) <= 31)
    ):
        day, after = int(found[at].text), at + 1
        if after < len(found) and found[after].lower in ("st", "nd", "rd", "th"):
            after += 1
        follows = after < len(found) and found[after].text in (":", ".") and not found[after].spaced
        if (
            follows
            and after + 1 < len(found)
            and found[after + 1].kind == "digits"
            and (not found[after + 1].spaced)
        ):
            day = None
        else:
            at = after
    year, last = year_at(found, at)
    may_be_name = month in (5, 4, 6, 8) and year is None and day is None
    lead = found[place - 1].lower if place else ""
    if may_be_name and found[place].lower == "may" and lead not in _MONTH_LEADS:
        return None
    return made_date(last, year=year, month=month, day=day)

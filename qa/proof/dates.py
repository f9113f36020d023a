"""Dates and parts of dates, in German and English.

In: the tokens of a text. Out: dates with exact places: day, month, year, quarter, decade, century,
weekday, each kept where it is given. Nothing can fail; what is no date gives none.

"31.03.2028", "31. März 2028", "March 31, 2028" and "2028-03-31" are one date. "6/12/2025" is the
sixth of December or the twelfth of June, so a date carries every reading.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from corpus.document import Language
from qa.proof.number_words import read_number
from qa.proof.tokens import Token

_PARTS = ("year", "month", "day", "quarter", "decade", "century", "weekday", "season", "part")
_CENTURY = frozenset(["jahrhundert", "jahrhunderts", "century", "jh", "jhdt"])
_YEAR_WORDS = frozenset(["jahr", "jahre", "jahres", "jahren", "year", "years", "anno"])
_DECADE_ENDINGS = frozenset(["er", "ern", "s", "'s"])
_ORDINAL_ENDINGS = frozenset(["st", "nd", "rd", "th", "ten", "te", "ter"])
# Behind these a bare figure of four digits is a year even before a noun.
_YEAR_LEADS = frozenset(
    [
        "in",
        "im",
        "seit",
        "ab",
        "bis",
        "um",
        "von",
        "vom",
        "vor",
        "nach",
        "zwischen",
        "since",
        "from",
        "until",
        "till",
        "by",
        "during",
        "before",
        "after",
        "between",
        "early",
        "late",
        "mid",
        "anfang",
        "mitte",
        "ende",
        "spring",
        "summer",
        "autumn",
        "fall",
        "winter",
        "frühjahr",
        "sommer",
        "herbst",
        "of",
        "circa",
        "c",
        "ca",
        "and",
        "und",
        "to",
    ]
)


@dataclass(frozen=True)
class Date:
    """A date or a part of one. What is not given is ``None``."""

    start: int
    """Character at which it begins."""
    end: int
    """Character behind its last."""
    year: int | None = None
    """Negative before Christ."""
    month: int | None = None
    day: int | None = None
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
def _words() -> dict[str, tuple[str, int | str]]:
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


@cache
def _relations() -> dict[str, str]:
    data = tomllib.loads((Path(__file__).parent / "dates.toml").read_text("utf-8"))
    return {word: name for name, words in data["relations"].items() for word in words.split()}


def find_dates(found: Sequence[Token], language: Language) -> list[Date]:
    """The dates of a text's tokens in order; none overlaps another."""
    result: list[Date] = []
    place = 0
    while place < len(found):
        date = _at(found, place, language)
        if date is None:
            place += 1
            continue
        date = _placed(found, date, place)
        result.append(date)
        place = date.last
    return _completed(result, found)


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
    return dates


def _at(found: Sequence[Token], place: int, language: Language) -> Date | None:
    token = found[place]
    if token.kind == "digits":
        return (
            _numeric(found, place)
            or _slashed(found, place)
            or _day_first(found, place, token)
            or _figures(found, place)
        )
    if token.kind != "word":
        return None
    return _quarter(found, place, language) or _worded(found, place, language)


def _made(last: int, **parts: int | str | bool | tuple[int, int] | None) -> Date:
    return Date(0, 0, last=last, **parts)  # type: ignore[arg-type]


def _numeric(found: Sequence[Token], place: int) -> Date | None:  # noqa: PLR0911
    """ "31.03.2028", "31.3.", "31.3.28"."""
    pieces = found[place].text.split(".")
    if len(pieces) not in (2, 3) or not all(piece.isdecimal() for piece in pieces):
        return None
    day, month = int(pieces[0]), int(pieces[1])
    if not (1 <= day <= 31 and 1 <= month <= 12 and len(pieces[0]) <= 2 and len(pieces[1]) <= 2):
        return None
    if len(pieces) == 3:
        if len(pieces[2]) not in (2, 4):
            return None
        return _made(place + 1, year=_full_year(pieces[2]), month=month, day=day)
    after = found[place + 1] if place + 1 < len(found) else None
    if after is None or after.text != "." or after.spaced:
        return None
    lead = found[place - 1].lower if place else ""
    ends = place + 2 == len(found)
    if ends and lead not in ("am", "vom", "bis", "zum", "dem", "den", "ab", "seit", "der"):
        return None
    return _made(place + 2, month=month, day=day)


def _full_year(digits: str) -> int:
    if len(digits) == 4:
        return int(digits)
    return int(digits) + (2000 if int(digits) < 50 else 1900)


def _slashed(found: Sequence[Token], place: int) -> Date | None:  # noqa: PLR0911
    """ "2028-03-31" and "3/31/2028"."""
    if place + 4 >= len(found):
        return None
    one, mark, two, again, three = (found[place + at] for at in range(5))
    glued = not any(token.spaced for token in (mark, two, again, three))
    figures = all(token.text.isdecimal() for token in (one, two, three))
    if not glued or not figures or mark.text != again.text or mark.text not in "-/":
        return None
    a, b, c = int(one.text), int(two.text), int(three.text)
    if len(one.text) == 4 and 1 <= b <= 12 and 1 <= c <= 31:
        return _made(place + 5, year=a, month=b, day=c)
    if mark.text != "/" or len(three.text) not in (2, 4):
        return None
    year = _full_year(three.text)
    if 1 <= a <= 12 and 1 <= b <= 12:
        return _made(place + 5, year=year, month=a, day=b, swapped=(b, a) if a != b else None)
    if 1 <= a <= 12 and 1 <= b <= 31:
        return _made(place + 5, year=year, month=a, day=b)
    if 1 <= a <= 31 and 1 <= b <= 12:
        return _made(place + 5, year=year, month=b, day=a)
    return None


def _day_first(found: Sequence[Token], place: int, token: Token) -> Date | None:
    """ "31. März 2028", "31 March", "31st of March"."""
    if not token.text.isdecimal() or not 1 <= int(token.text) <= 31:
        return None
    at = place + 1
    if at < len(found) and (found[at].text == "." or found[at].lower in _ORDINAL_ENDINGS):
        at += 1
    if at < len(found) and found[at].lower == "of":
        at += 1
    month = _month(found, at)
    if month is None:
        return None
    at = _behind_stop(found, at + 1)
    year, at = _year_at(found, at)
    return _made(at, year=year, month=month, day=int(token.text))


def _behind_stop(found: Sequence[Token], at: int) -> int:
    """Behind the stop of an abbreviated month."""
    short = len(found[at - 1].text) <= 4 and at + 1 < len(found)
    stop = short and found[at].text == "." and not found[at].spaced
    return at + 1 if stop and found[at + 1].kind == "digits" else at


def _month(found: Sequence[Token], at: int) -> int | None:
    """The month that is written at ``at``; "may" and "march" in lower case are verbs."""
    if at >= len(found) or found[at].kind != "word":
        return None
    field, value = _words().get(found[at].lower, ("", 0))
    if field != "month" or not found[at].capital:
        return None
    return int(value)


def _year_at(found: Sequence[Token], at: int) -> tuple[int | None, int]:
    """A year behind a month, with or without a comma, and the place behind it."""
    place = at
    if place < len(found) and found[place].text == ",":
        place += 1
    if place < len(found) and found[place].lower in ("of", "des", "jahres"):
        place += 1
    if place < len(found) and found[place].lower in ("jahres",):
        place += 1
    if place < len(found) and found[place].text.isdecimal() and len(found[place].text) == 4:
        return int(found[place].text), place + 1
    return None, at


def _figures(found: Sequence[Token], place: int) -> Date | None:  # noqa: PLR0911
    """A year, a decade ("1990er") or a century ("20. Jahrhundert") in figures."""
    token = found[place]
    if not token.text.isdecimal() or len(token.text) > 4:
        return None
    value = int(token.text)
    after = found[place + 1] if place + 1 < len(found) else None
    glued = after is not None and not after.spaced
    if (
        after is not None
        and glued
        and len(token.text) in (2, 4)
        and value % 10 == 0
        and (after.lower in _DECADE_ENDINGS)
    ):
        return _made(place + 2, decade=value)
    century = _century(found, place + 1)
    if century and 1 <= value <= 21:
        return _made(century, century=value)
    before = found[place - 1] if place else None
    if len(token.text) != 4:
        named = before is not None and before.lower in _YEAR_WORDS and len(token.text) == 3
        era, last = _era(found, place + 1)
        if era or named:
            return _made(last, year=-value if era == "bc" else value)
        return None
    if not 1000 <= value <= 2199 or (glued and after is not None and after.kind == "word"):
        return None
    if place and not token.spaced and before is not None and before.text in ".,€$£#":
        return None
    era, last = _era(found, place + 1)
    return _made(last, year=-value if era == "bc" else value, bare=not _is_year(found, place))


_ERAS = (
    ("v.chr.", "bc"),
    ("v.chr", "bc"),
    ("n.chr.", "ad"),
    ("bce", "bc"),
    ("bc", "bc"),
    ("ad", "ad"),
)


def _era(found: Sequence[Token], at: int) -> tuple[str, int]:
    words = "".join(token.lower for token in found[at : at + 4])
    for written, era in _ERAS:
        if words.startswith(written) and at < len(found) and found[at].spaced:
            size, place = 0, at
            while size < len(written):
                size += len(found[place].text)
                place += 1
            if size == len(written):
                return era, place
    return "", at


def _is_year(found: Sequence[Token], place: int) -> bool:
    """Whether what stands before a figure of four digits makes it a year."""
    lead = found[place - 1].lower if place else ""
    return lead in _YEAR_WORDS or lead in _YEAR_LEADS or lead in _words()


def _century(found: Sequence[Token], at: int) -> int:
    """The place behind "Jahrhundert" or "century" at ``at``, 0 where there is none."""
    for place in range(at, min(at + 2, len(found))):
        if found[place].lower in _CENTURY:
            return place + 1
        if found[place].text != "." and found[place].lower not in _ORDINAL_ENDINGS:
            return 0
    return 0


def _quarter(found: Sequence[Token], place: int, language: Language) -> Date | None:
    """ "Q3 2024", "drittes Quartal 2024", "the third quarter of 2024", "20th century" in words."""
    word = found[place].lower
    if len(word) == 2 and word[0] == "q" and word[1] in "1234":
        year, last = _year_at(found, place + 1)
        return _made(last, quarter=int(word[1]), year=year)
    reading = read_number([word], language)
    at = place + 1
    if reading is None or not reading.ordinal or at >= len(found):
        return None
    if found[at].lower in ("quartal", "quartals", "quarter") and reading.value <= 4:
        year, last = _year_at(found, at + 1)
        return _made(last, quarter=int(reading.value), year=year)
    if found[at].lower in _CENTURY:
        return _made(at + 1, century=int(reading.value))
    return None


_DECADE_WORDS = {
    "zwanziger": 20, "dreißiger": 30, "vierziger": 40, "fünfziger": 50, "sechziger": 60,
    "siebziger": 70, "achtziger": 80, "neunziger": 90, "twenties": 20, "thirties": 30,
    "forties": 40, "fifties": 50, "sixties": 60, "seventies": 70, "eighties": 80, "nineties": 90,
}  # fmt: skip


def _worded(found: Sequence[Token], place: int, language: Language) -> Date | None:
    token = found[place]
    if token.lower.removesuffix("n") in _DECADE_WORDS or token.lower in _DECADE_WORDS:
        word = token.lower if token.lower in _DECADE_WORDS else token.lower.removesuffix("n")
        return _made(place + 1, decade=_DECADE_WORDS[word])
    field, value = _words().get(token.lower, ("", 0))
    if field == "month":
        return _month_first(found, place) if token.capital else None
    if field == "weekday" and (token.capital or (language == "de" and token.lower.endswith("s"))):
        return _made(place + 1, weekday=int(value))
    if field in ("part", "season"):
        return _before_year(found, place, field, value)
    reading = read_number([token.lower], language)
    if reading is not None and reading.ordinal and reading.value <= 31:
        month = _month(found, place + 1)
        if month is not None:
            year, last = _year_at(found, place + 2)
            return _made(last, year=year, month=month, day=int(reading.value))
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
    date = _figures(found, at) if at < len(found) and found[at].kind == "digits" else None
    if date is None and at < len(found) and _month(found, at) is not None:
        date = _month_first(found, at)
    if date is None:
        return (
            _made(place + 1, season=value)
            if field == "season"
            and found[place].capital
            and (str(value) != "autumn" or found[place].lower != "fall")
            else None
        )
    if date.bare or date.year or date.decade or date.century or date.month:
        if field == "part":
            return replace(date, bare=False, part=str(value))
        return replace(date, bare=False, season=str(value))
    return None


_MONTH_LEADS = frozenset(
    "in since until by of last next early late from to during and".split()  # noqa: SIM905
)


def _month_first(found: Sequence[Token], place: int) -> Date | None:
    """ "March 31, 2028", "March 2028", "März"."""
    month = _month(found, place)
    if month is None:
        return None
    at = _behind_stop(found, place + 1)
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
    year, last = _year_at(found, at)
    may_be_name = month in (5, 4, 6, 8) and year is None and day is None
    lead = found[place - 1].lower if place else ""
    if may_be_name and found[place].lower == "may" and lead not in _MONTH_LEADS:
        return None
    return _made(last, year=year, month=month, day=day)

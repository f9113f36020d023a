"""Dates that begin with figures: "31.03.2028", "3/31/2028", "31. März", "1990er", "2026/27".

In: the tokens of a text and the place of a figure. Out: the date that begins there, without its
place in the text, or None. Nothing can fail.
"""

from __future__ import annotations

from collections.abc import Sequence

from corpus.document import Language
from qa.proof.dates import Date, date_words
from qa.proof.tokens import Token

CENTURY = frozenset(["jahrhundert", "jahrhunderts", "century", "jh", "jhdt"])
_YEAR_WORDS = frozenset(["jahr", "jahre", "jahres", "jahren", "year", "years", "anno"])
_DECADE_ENDINGS = frozenset(["er", "ern", "s", "'s"])
_ORDINAL_ENDINGS = frozenset(["st", "nd", "rd", "th", "ten", "te", "ter"])
# Behind these a bare figure of four digits is a year even before a noun.
_YEAR_LEADS = frozenset(
    """
    in im seit ab bis um von vom vor nach zwischen since from until till by during before
    after between early late mid anfang mitte ende spring summer autumn fall winter frühjahr
    sommer herbst of circa c ca and und to
    """.split()  # noqa: SIM905 - a list of quoted words is harder to read
)


def date_in_figures(found: Sequence[Token], place: int, language: Language) -> Date | None:
    """The date that begins with the figure at ``place``."""
    return (
        _numeric(found, place, language)
        or _slashed(found, place)
        or _day_first(found, place)
        or year_in_figures(found, place)
    )


def made_date(last: int, **parts: int | str | bool | tuple[int, int] | None) -> Date:
    """A date of these parts that ends before the token ``last``."""
    return Date(0, 0, last=last, **parts)  # type: ignore[arg-type]


_DATE_LEADS = frozenset(["am", "vom", "bis", "zum", "dem", "den", "ab", "seit", "der"])
"""Before figures such as "31.3." at a sentence's end they tell that these are a date."""
_PADDED_LEADS: dict[Language, frozenset[str]] = {
    "de": _DATE_LEADS | {"datum", "termin", "stichtag"},
    "en": frozenset("on until since before after dated".split()),  # noqa: SIM905
}
"""Before two figures of two digits each ("03.02.") at a sentence's end, or in English."""


def _numeric(  # noqa: PLR0911
    found: Sequence[Token], place: int, language: Language
) -> Date | None:
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
        return made_date(place + 1, year=_full_year(pieces[2]), month=month, day=day)
    after = found[place + 1] if place + 1 < len(found) else None
    if after is None or after.text != "." or after.spaced:
        return None
    lead = found[place - 1].lower if place else ""
    padded = [len(piece) for piece in pieces] == [2, 2] and "0" in (pieces[0][0], pieces[1][0])
    if language == "en" and not (padded and lead in _PADDED_LEADS["en"]):
        return None
    ends = place + 2 == len(found)
    if ends and lead not in (_PADDED_LEADS[language] if padded else _DATE_LEADS):
        return None
    return made_date(place + 2, month=month, day=day)


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
        return made_date(place + 5, year=a, month=b, day=c)
    if mark.text != "/" or len(three.text) not in (2, 4):
        return None
    year = _full_year(three.text)
    if 1 <= a <= 12 and 1 <= b <= 12:
        return made_date(place + 5, year=year, month=a, day=b, swapped=(b, a) if a != b else None)
    if 1 <= a <= 12 and 1 <= b <= 31:
        return made_date(place + 5, year=year, month=a, day=b)
    if 1 <= a <= 31 and 1 <= b <= 12:
        return made_date(place + 5, year=year, month=b, day=a)
    return None


def _day_first(found: Sequence[Token], place: int) -> Date | None:
    """ "31. März 2028", "31 March", "31st of March"."""
    token = found[place]
    if not token.text.isdecimal() or not 1 <= int(token.text) <= 31:
        return None
    at = place + 1
    if at < len(found) and (found[at].text == "." or found[at].lower in _ORDINAL_ENDINGS):
        at += 1
    if at < len(found) and found[at].lower == "of":
        at += 1
    month = month_at(found, at)
    if month is None:
        return None
    at = behind_stop(found, at + 1)
    year, at = year_at(found, at)
    return made_date(at, year=year, month=month, day=int(token.text))


def behind_stop(found: Sequence[Token], at: int) -> int:
    """Behind the stop of an abbreviated month."""
    short = len(found[at - 1].text) <= 4 and at + 1 < len(found)
    stop = short and found[at].text == "." and not found[at].spaced
    return at + 1 if stop and found[at + 1].kind == "digits" else at


def month_at(found: Sequence[Token], at: int) -> int | None:
    """The month that is written at ``at``; "may" and "march" in lower case are verbs."""
    if at >= len(found) or found[at].kind != "word":
        return None
    field, value = date_words().get(found[at].lower, ("", 0))
    if field != "month" or not found[at].capital:
        return None
    return int(value)


def year_at(found: Sequence[Token], at: int) -> tuple[int | None, int]:
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


def year_in_figures(found: Sequence[Token], place: int) -> Date | None:  # noqa: PLR0911
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
        return made_date(place + 2, decade=value)
    century = _behind_century(found, place + 1)
    if century and 1 <= value <= 21:
        return made_date(century, century=value)
    before = found[place - 1] if place else None
    if len(token.text) != 4:
        named = before is not None and before.lower in _YEAR_WORDS and len(token.text) == 3
        era, last = _era(found, place + 1)
        if era or named:
            return made_date(last, year=-value if era == "bc" else value)
        return None
    if not 1000 <= value <= 2199 or (glued and after is not None and after.kind == "word"):
        return None
    if place and not token.spaced and before is not None and before.text in ".,€$£#":
        return None
    era, last = _era(found, place + 1)
    behind = _behind_next_year(found, place)
    if behind and not era:
        return made_date(behind, year=value, next_year=value + 1)
    bare = not _is_year(found, place)
    return made_date(last, year=-value if era == "bc" else value, bare=bare)


def _behind_next_year(found: Sequence[Token], place: int) -> int:
    """The place behind two years that name one season ("2026/27") from ``place`` on; 0 where there
    is one year.
    """
    if place + 2 >= len(found) or found[place + 1].text not in "/–-":
        return 0
    mark, next_year = found[place + 1], found[place + 2]
    following = f"{(int(found[place].text) + 1) % 100:02}"
    glued = not mark.spaced and not next_year.spaced
    return place + 3 if glued and next_year.text == following else 0


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
    return lead in _YEAR_WORDS or lead in _YEAR_LEADS or lead in date_words()


def _behind_century(found: Sequence[Token], at: int) -> int:
    """The place behind "Jahrhundert" or "century" at ``at``, 0 where there is none."""
    for place in range(at, min(at + 2, len(found))):
        if found[place].lower in CENTURY:
            return place + 1
        if found[place].text != "." and found[place].lower not in _ORDINAL_ENDINGS:
            return 0
    return 0

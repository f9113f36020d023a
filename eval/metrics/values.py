"""Numbers, dates and clock times of a text, for judging answers and citations.

In: a text and its language, de or en. Out: its values in a form that is the same whichever way and
in whichever language they are written. Nothing can fail: what is no value is left out.

Number words are turned into digits by the library text2num (MIT); everything else is a single pass
over tokens. Nothing here knows how belegt's own check reads numbers, and must not: what measures
a system shares no code with it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from corpus.document import Language

_MONTHS = (
    ("januar", "january", "jan", "jänner"),
    ("februar", "february", "feb"),
    ("märz", "march", "mar", "mrz"),
    ("april", "apr"),
    ("mai", "may"),
    ("juni", "june", "jun"),
    ("juli", "july", "jul"),
    ("august", "aug"),
    ("september", "sep", "sept"),
    ("oktober", "october", "okt", "oct"),
    ("november", "nov"),
    ("dezember", "december", "dez", "dec"),
)
_MONTH_OF = {name: number for number, names in enumerate(_MONTHS, 1) for name in names}
_SCALE_OF: dict[str, tuple[float, float]] = {
    name: (german, english)
    for names, german, english in (
        (("tausend", "tsd", "thousand"), 1e3, 1e3),
        (("million", "millionen", "millions", "mio", "mn"), 1e6, 1e6),
        (("milliarde", "milliarden", "mrd", "bn"), 1e9, 1e9),
        (("billion", "billions"), 1e12, 1e9),
        (("billionen", "trillion", "trillions"), 1e12, 1e12),
    )
    for name in names
}
"""German and English: a "Billion" is a thousand billions."""
_UNIT_NAMES = {
    "%": ("%", "prozent", "percent"),
    "points": ("prozentpunkt", "prozentpunkte", "prozentpunkten"),
    "euro": ("€", "euro", "euros", "eur"),
    "dollar": ("$", "dollar", "dollars", "usd"),
    "pound": ("£", "pfund", "pounds"),
    "cent": ("cent", "cents"),
    "gram": ("g", "gramm", "gram", "grams", "grammes"),
    "kilogram": ("kg", "kilo", "kilos", "kilogramm", "kilogram", "kilograms"),
    "tonne": ("t", "tonne", "tonnen", "tonnes", "tons"),
    "metre": ("m", "meter", "metern", "metre", "metres", "meters"),
    "kilometre": ("km", "kilometer", "kilometern", "kilometre", "kilometres", "kilometers"),
    "centimetre": ("cm", "zentimeter", "zentimetern", "centimetre", "centimetres"),
    "millimetre": ("mm", "millimeter", "millimetern", "millimetre", "millimetres"),
    "square metre": ("m²", "quadratmeter", "quadratmetern", "qm"),
    "hectare": ("ha", "hektar", "hectare", "hectares"),
    "litre": ("l", "liter", "litern", "litre", "litres", "liters"),
    "volt": ("v", "volt", "volts"),
    "watt": ("w", "watt", "watts"),
    "kilowatt": ("kw", "kilowatt", "kilowatts"),
    "megawatt": ("mw", "megawatt", "megawatts"),
    "degree": ("°", "°c", "grad", "degree", "degrees"),
    "second": ("s", "sekunde", "sekunden", "second", "seconds"),
    "minute": ("min", "minute", "minuten", "minutes"),
    "hour": ("h", "stunde", "stunden", "hour", "hours"),
    "day": ("tag", "tage", "tagen", "day", "days"),
    "week": ("woche", "wochen", "week", "weeks"),
    "month": ("monat", "monate", "monaten", "month", "months"),
    "year": ("jahr", "jahre", "jahren", "jahres", "year", "years"),
}
_UNIT_OF = {name: unit for unit, names in _UNIT_NAMES.items() for name in names}
_BEFORE = {"$": "dollar", "€": "euro", "£": "pound"}
_DIGITS = r"[0-9]+(?:[.,'’\u00a0\u202f][0-9]+)*"
_TOKEN = re.compile(
    rf"{_DIGITS}(?:(?:st|nd|rd|th)\b|\.(?=\s*[^\W\d_]))?|[^\W\d_]+|°C|m²|[-−–+:%€$£°/]", re.UNICODE
)
_THOUSANDS = re.compile(r"(?<=[0-9]) (?=000\b)")
_WEIGHTLESS = frozenset(
    word
    for line in (
        "am im in um bis zum ab vom der die das den dem des ein eine einen",
        "a an the on at of by to from",
        "rund etwa ungefähr circa ca about around approximately roughly",
    )
    for word in line.split()
)
_WORD_FROM = 1.5
"""Number words below are left alone: "ein" and "one" are articles and pronouns as well."""


@dataclass(frozen=True)
class AnswerNumber:
    """``amount`` with its scale multiplied in; ``unit`` is a name of this module, or empty."""

    amount: float
    unit: str = ""


@dataclass(frozen=True)
class Moment:
    """What is said of a date; a part that is not said is None."""

    year: int | None = None
    month: int | None = None
    day: int | None = None


@dataclass(frozen=True)
class TimeOfDay:
    """A time of day."""

    hour: int
    minute: int = 0


Value = AnswerNumber | Moment | TimeOfDay


def values(text: str, language: Language) -> tuple[Value, ...]:
    """All values of ``text`` in their order; a year alone is a date, "12." is a number."""
    return _read(text, language)[0]


def nothing_but_values(text: str, language: Language) -> tuple[Value, ...] | None:
    """The values of ``text`` if it says nothing else of weight, such as "am 12. Juni 2025"."""
    found, left = _read(text, language)
    return found if found and not left - _WEIGHTLESS else None


def _read(text: str, language: Language) -> tuple[tuple[Value, ...], frozenset[str]]:
    """The values, and the words that are no part of any."""
    from text_to_num import alpha2digit

    plain = alpha2digit(_THOUSANDS.sub("\u00a0", text), language, threshold=_WORD_FROM)
    reader = _ValueReader(_TOKEN.findall(plain), _TOKEN.split(plain), language)
    return tuple(reader.read()), frozenset(word for word in reader.left if word[0].isalpha())


def holds(values_there: tuple[Value, ...], wanted: Value) -> bool:
    """Whether one of ``values_there`` says all that ``wanted`` says."""
    return any(_says(value, wanted) for value in values_there)


def _says(value: Value, wanted: Value) -> bool:
    if isinstance(value, Moment) and isinstance(wanted, Moment):
        return all(
            part is None or part == known
            for part, known in (
                (wanted.year, value.year),
                (wanted.month, value.month),
                (wanted.day, value.day),
            )
        )
    if isinstance(value, AnswerNumber) and isinstance(wanted, AnswerNumber):
        units = {value.unit, wanted.unit}
        return _near(value.amount, wanted.amount) and (len(units) == 1 or "" in units)
    if isinstance(value, TimeOfDay) and isinstance(wanted, TimeOfDay):
        return value.minute == wanted.minute and value.hour % 12 == wanted.hour % 12
    return False


def _near(one: float, two: float) -> bool:
    return abs(one - two) <= 1e-9 * max(1.0, abs(one), abs(two))


class _ValueReader:
    """Goes through the tokens of one text once."""

    def __init__(self, tokens: list[str], between: list[str], language: Language) -> None:
        self._tokens = tokens
        self._between = between
        self._language = language
        self.left: list[str] = []
        """Tokens that were no part of a value, lower case."""

    def read(self) -> list[Value]:
        place, found = 0, list[Value]()
        while place < len(self._tokens):
            value, used = self._clock(place) or self._date(place) or self._number(place)
            if value is not None:
                found.append(value)
            else:
                self.left.append(self._token(place))
            place += used
        return found

    def _token(self, place: int) -> str:
        return self._tokens[place].lower() if 0 <= place < len(self._tokens) else ""

    def _clock(self, place: int) -> tuple[Value, int] | None:
        """``14:30``, ``2:30 pm``, ``14.30 Uhr``, ``14 Uhr 30``, ``3 pm``."""
        first, second, third = (self._token(place + step) for step in range(3))
        if not first[:1].isdecimal():
            return None
        parts = first.split(".")
        if second == ":" and third.isdecimal() and len(third) == 2 and first.isdecimal():
            return self._of_day(int(first), int(third), place + 3, place)
        if second == "uhr" and all(part.isdecimal() for part in parts) and len(parts) <= 2:
            minute = int(parts[1]) if len(parts) == 2 else 0
            spaced = place + 2 < len(self._between) and not self._between[place + 2].strip()
            if len(parts) == 1 and third.isdecimal() and len(third) <= 2 and spaced:
                return self._of_day(int(first), int(third), place + 3, place)
            return self._of_day(int(parts[0]), minute, place + 2, place)
        if second in {"am", "pm"} and first.isdecimal() and self._language == "en":
            return self._of_day(int(first), 0, place + 1, place)
        return None

    def _of_day(self, hour: int, minute: int, after: int, place: int) -> tuple[Value, int] | None:
        if hour > 24 or minute > 59:
            return None
        name = self._token(after)
        if name in {"am", "pm"} and self._language == "en":
            hour, after = hour % 12 + 12 * (name == "pm"), after + 1
        elif name in {"uhr", "p", "a"}:
            after += 1
        return TimeOfDay(hour % 24, minute), after - place

    def _date(self, place: int) -> tuple[Value, int] | None:
        token = self._token(place)
        if token in _MONTH_OF and (token != "may" or self._token(place + 1)[:1].isdecimal()):
            return self._after_month(place)
        parts = token.rstrip(".").split(".")
        if len(parts) in (2, 3) and all(part.isdecimal() for part in parts):
            if len(parts) == 3 and len(parts[2]) in (2, 4):
                return _checked(_century(parts[2]), int(parts[1]), int(parts[0]), 1)
            return None
        if token.isdecimal() and len(token) == 4 and self._token(place + 1) in {"-", "–"}:
            month, mark, day = (self._token(place + step) for step in (2, 3, 4))
            if month.isdecimal() and len(month) == 2:
                if mark == "-" and day.isdecimal() and len(day) == 2:
                    return _checked(int(token), int(month), int(day), 5)
                return _checked(int(token), int(month), None, 3)
        return self._before_month(place)

    def _after_month(self, place: int) -> tuple[Value, int]:
        """``June 12, 2025``, ``Juni 2025``, ``Juni``."""
        month = _MONTH_OF[self._token(place)]
        first, second = _plain_number(self._token(place + 1)), _plain_number(self._token(place + 2))
        if first is None or not self._joined(place + 1):
            return Moment(month=month), 1
        if _is_year(first):
            return Moment(year=first, month=month), 2
        if 1 <= first <= 31:
            if second is not None and _is_year(second) and self._joined(place + 2):
                return Moment(second, month, first), 3
            return Moment(month=month, day=first), 2
        return Moment(month=month), 1

    def _before_month(self, place: int) -> tuple[Value, int] | None:
        """``12. Juni 2025``, ``12 June 2025``, ``3rd of May``; a year alone."""
        number = _plain_number(self._token(place))
        if number is None:
            return None
        step = 2 if self._token(place + 1) == "of" else 1
        month = _MONTH_OF.get(self._token(place + step))
        if month is not None and 1 <= number <= 31:
            year = _plain_number(self._token(place + step + 1))
            if year is not None and _is_year(year):
                return Moment(year, month, number), step + 2
            return Moment(month=month, day=number), step + 1
        alone = self._token(place).isdecimal() and len(self._token(place)) == 4
        follows = self._token(place + 1)
        if alone and _is_year(number) and follows not in _UNIT_OF and follows not in _SCALE_OF:
            return Moment(year=number), 1
        return None

    def _joined(self, place: int) -> bool:
        """Whether only a space, a comma or a full stop parts the token from the one before."""
        return (
            self._between[place].strip(" .,\u00a0") == "" if place < len(self._between) else False
        )

    def _number(self, place: int) -> tuple[Value | None, int]:
        token = self._tokens[place]
        if not token[0].isdecimal():
            return None, 1
        amount = _amount(token.rstrip(".").removesuffix("st").removesuffix("nd"), self._language)
        if amount is None:
            return None, 1
        before, used = self._token(place - 1), 1
        if before == "minus" or (before in {"-", "−", "–"} and self._stands_apart(place)):
            amount = -amount
        amount, used = self._scaled(amount, place, used)
        if before in _BEFORE:
            return AnswerNumber(amount, _BEFORE[before]), used
        unit, words = self._unit(place + used)
        return AnswerNumber(amount, unit), used + words

    def _unit(self, place: int) -> tuple[str, int]:
        """Unit and how many tokens it takes: ``euros``, ``US-Dollar``, ``square metres``."""
        first, second, third = (self._token(place + step) for step in range(3))
        if first in _UNIT_OF:
            return _UNIT_OF[first], 1
        if first == "us":
            unit, words = (second, 2) if second != "-" else (third, 3)
            return (_UNIT_OF[unit], words) if unit in _UNIT_OF else ("", 0)
        if first == "square" and _UNIT_OF.get(second) == "metre":
            return "square metre", 2
        if first == "-" and second in _UNIT_OF:
            return _UNIT_OF[second], 2
        return "", 0

    def _stands_apart(self, place: int) -> bool:
        """Whether a dash before a number is a sign: nothing, or a space, stands before it only."""
        return self._between[place] == "" and (
            place < 2 or self._between[place - 1] != "" or not self._token(place - 2)
        )

    def _scaled(self, amount: float, place: int, used: int) -> tuple[float, int]:
        name = self._token(place + used)
        if name in _SCALE_OF:
            german, english = _SCALE_OF[name]
            return amount * (german if self._language == "de" else english), used + 1
        if name.isdecimal() and name[0] == "1" and len(name) >= 4 and not name[1:].strip("0"):
            return amount * float(name), used + 1
        return amount, used


def _plain_number(token: str) -> int | None:
    digits = token.rstrip(".")
    for ending in ("st", "nd", "rd", "th"):
        digits = digits.removesuffix(ending)
    return int(digits) if digits.isdecimal() and len(digits) <= 4 else None


def _is_year(number: int) -> bool:
    return 1000 <= number <= 2199


def _century(year: str) -> int:
    return int(year) + (2000 if len(year) == 2 else 0)


def _checked(year: int, month: int, day: int | None, used: int) -> tuple[Value, int] | None:
    if not 1 <= month <= 12 or (day is not None and not 1 <= day <= 31):
        return None
    return Moment(year, month, day), used


def _amount(token: str, language: Language) -> float | None:
    """``1.500`` is fifteen hundred in German and one and a half in English."""
    digits = token
    for mark in ("'", "’", "\u00a0", "\u202f"):
        digits = digits.replace(mark, "")
    point = "," if language == "de" else "."
    group = "." if language == "de" else ","
    if digits.count(point) > 1:
        digits = digits.replace(point, "")
    if group in digits:
        # What cannot be a group of thousands is a decimal in the other language's writing.
        head, *rest = digits.split(point)[0].split(group)
        if all(len(part) == 3 for part in rest) and len(head) <= 3:
            digits = digits.replace(group, "")
        else:
            digits, point = digits.replace(point, ""), group
    digits = digits.replace(point, ".")
    try:
        return float(digits)
    except ValueError:
        return None

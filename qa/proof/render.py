"""A value written as another language writes it.

In: words of one language. Out: the same value in the other's words, or the words as they are where
any of them is not known for certain. Nothing can fail: only whole values are rendered, word by word
from a closed list, so that no word can come to mean something else.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache

from corpus.document import Language
from qa.proof.dates import Date
from qa.proof.numbers import readings
from qa.proof.values import find_values

_MONTHS: dict[Language, tuple[str, ...]] = {
    "de": (
        "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September",
        "Oktober", "November", "Dezember",
    ),
    "en": (
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    ),
}  # fmt: skip
_WORDS = """
Milliarden=billion Milliarde=billion Mrd.=billion Mrd=billion Millionen=million Million=million
Mio.=million Mio=million Billionen=trillion Billion=trillion Tausend=thousand tausend=thousand
Prozent=percent Prozent=per_cent Euro=euros Euro=euro US-Dollar=US_dollars Dollar=dollars
rund=about etwa=about rund=around ungefähr=approximately fast=almost fast=nearly
mehr_als=more_than weniger_als=less_than mindestens=at_least höchstens=at_most bis_zu=up_to
Jahre=years Jahren=years Monate=months Monaten=months Wochen=weeks Tage=days Tagen=days
Stunden=hours Minuten=minutes Sekunden=seconds Kilometer=kilometers Kilometer=kilometres
Kilometern=kilometers Meter=meters Metern=meters Meter=metres Quadratkilometer=square_kilometers
Quadratmeter=square_meters Kilogramm=kilograms Tonnen=tonnes Meilen=miles und=and
%=% €=€ $=$ £=£ km=km m=m m²=m² kg=kg USD=USD EUR=EUR bis=to GPUs=GPUs
"""
"""German and English, each pair a word for the same; the first of a word is what it becomes.

"Pfund" and "tons" are missing: they are other masses in the other language.
"""
_ONE: dict[str, str] = {
    "Millionen": "Million", "Milliarden": "Milliarde", "Billionen": "Billion", "euros": "euro",
    "dollars": "dollar", "US dollars": "US dollar", "miles": "mile", "kilometers": "kilometer",
    "meters": "meter", "tonnes": "tonne",
}  # fmt: skip
"""What a word becomes right behind a lone one."""
_BETWEEN = frozenset(("und", "and", "bis", "to"))
"""Words that join two numbers and are rendered nowhere else: "bis 5 Euro" is no "to 5 euros"."""
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d]+(?:-[^\W\d]+)*[²³.]?|[%€$£]|\s+|[–-]")


def render_in(text: str, written: Language, wanted: Language) -> str:
    """``text`` as ``wanted`` writes it, where it is a value and nothing else; else as it stands."""
    if written == wanted or not text.strip():
        return text
    values = find_values(text, written)
    if len(values.dates) == 1 and not values.quantities:
        return _rendered_date(text, values.dates[0], wanted)
    if not values.quantities or values.dates or values.clocks:
        return text
    return _rendered_words(text, written)


def _rendered_date(text: str, date: Date, wanted: Language) -> str:
    rest = (text[: date.start] + text[date.end :]).strip(" .,()")
    if rest or date.year is None or date.month is None or date.swapped is not None:
        return text
    if any(part is not None for part in (date.quarter, date.season, date.part, date.weekday)):
        return text
    # Of a year of two digits the century is a guess, which the words leave open.
    if date.relation != "in" or date.year < 1000 or str(date.year) not in text:
        return text
    month = _MONTHS[wanted][date.month - 1]
    if date.day is None:
        return f"{month} {date.year}"
    return (
        f"{date.day}. {month} {date.year}" if wanted == "de" else f"{date.day} {month} {date.year}"
    )


@cache
def _words(written: Language) -> dict[str, str]:
    words: dict[str, str] = {}
    for pair in _WORDS.split():
        german, english = (side.replace("_", " ") for side in pair.split("="))
        words.setdefault(*((german, english) if written == "de" else (english, german)))
    return words


def _rendered_words(text: str, written: Language) -> str:
    words = _words(written)
    joined = text
    for phrase in words:
        if " " in phrase:
            joined = joined.replace(phrase, phrase.replace(" ", "_"))
    return _each(joined, words, written, text)


def _each(text: str, words: dict[str, str], written: Language, original: str) -> str:
    parts: list[str] = []
    place = 0
    said: list[str] = []
    for match in _TOKEN.finditer(text):
        if match.start() != place:
            return original
        place = match.end()
        token = match[0]
        if _NUMBER.fullmatch(token):
            number = _rewritten(token, written)
            if number is None:
                return original
            parts.append(number)
        elif token.isspace() or token in "–-":
            parts.append(token)
        elif token.replace("_", " ") in words:
            if token in _BETWEEN and not _is_between_numbers(text, match):
                return original
            word = words[token.replace("_", " ")]
            parts.append(_ONE.get(word, word) if said[-1:] == ["1"] else word)
        else:
            return original
        if not token.isspace():
            said.append(token)
    return "".join(parts) if place == len(text) else original


def _is_between_numbers(text: str, word: re.Match[str]) -> bool:
    behind = text[word.end() :].lstrip()
    return any(map(str.isdigit, text[: word.start()])) and behind[:1].isdigit()


def _rewritten(number: str, written: Language) -> str | None:
    """Figures with the other language's marks; None where they could be read in two ways."""
    point, group = (",", ".") if written == "de" else (".", ",")
    if not any(mark in number for mark in ".,"):
        return number
    whole, _, fraction = number.partition(point)
    if point in fraction or (
        group in whole and any(len(part) != 3 for part in whole.split(group)[1:])
    ):
        return None
    digits = whole.replace(group, "")
    if not (digits.isdigit() and (not fraction or fraction.isdigit())):
        return None
    # Three figures behind the point may be a group of thousands, which writers mix up.
    if len(fraction) == 3 and len(readings(number)) > 1 and whole.strip("0"):
        return None
    if len(digits) > 1 and digits.startswith("0"):
        return None
    value = Decimal(f"{digits}.{fraction}" if fraction else digits)
    text = f"{value:,f}"
    return text if written == "de" else text.replace(",", "_").replace(".", ",").replace("_", ".")

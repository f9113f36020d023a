"""A value written as another language writes it.

In: words of one language. Out: the same value in the other's words, or the words as they are where
any of them is not known for certain. Nothing can fail: only whole values are rendered, word by word
from a closed list, so that no word can come to mean something else.
"""

from __future__ import annotations

import re
from decimal import Decimal

from corpus.document import Language
from qa.proof.dates import Date
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
_WORDS = (
    ("Milliarden", "billion"), ("Milliarde", "billion"), ("Mrd.", "billion"), ("Mrd", "billion"),
    ("Millionen", "million"), ("Million", "million"), ("Mio.", "million"), ("Mio", "million"),
    ("Billionen", "trillion"), ("Billion", "trillion"), ("Tausend", "thousand"),
    ("tausend", "thousand"), ("Prozent", "percent"), ("Prozent", "per cent"), ("Euro", "euros"), ("Euro", "euro"),
    ("US-Dollar", "US dollars"), ("Dollar", "dollars"), ("Pfund", "pounds"),
    ("rund", "about"), ("etwa", "about"), ("rund", "around"), ("ungefähr", "approximately"), ("fast", "almost"), ("fast", "nearly"),
    ("mehr als", "more than"), ("weniger als", "less than"), ("mindestens", "at least"),
    ("höchstens", "at most"), ("bis zu", "up to"), ("Jahre", "years"), ("Jahren", "years"),
    ("Monate", "months"), ("Monaten", "months"), ("Wochen", "weeks"), ("Tage", "days"),
    ("Tagen", "days"), ("Stunden", "hours"), ("Minuten", "minutes"), ("Sekunden", "seconds"),
    ("Kilometer", "kilometers"), ("Kilometer", "kilometres"), ("Kilometern", "kilometers"), ("Meter", "meters"),
    ("Metern", "meters"), ("Meter", "metres"), ("Quadratkilometer", "square kilometers"), ("Quadratmeter", "square meters"),
    ("Kilogramm", "kilograms"), ("Tonnen", "tonnes"), ("Tonnen", "tons"), ("Meilen", "miles"), ("und", "and"),
    ("Uhr", "o'clock"), ("%", "%"), ("€", "€"), ("$", "$"), ("£", "£"), ("km", "km"), ("m", "m"),
    ("m²", "m²"), ("kg", "kg"), ("USD", "USD"), ("EUR", "EUR"), ("bis", "to"), ("GPUs", "GPUs"),
)  # fmt: skip
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d]+(?:[-'][^\W\d]+)*\.?|[%€$£]|\s+|[–-]")


def render_in(text: str, written: Language, wanted: Language) -> str:
    """``text`` as ``wanted`` writes it, where it is a value and nothing else; else as it stands."""
    if written == wanted or not text.strip():
        return text
    values = find_values(text, written)
    if len(values.dates) == 1 and not values.quantities:
        return _rendered_date(text, values.dates[0], wanted)
    if not values.quantities or values.dates or values.clocks:
        return text
    return _rendered_words(text, written, wanted)


def _rendered_date(text: str, date: Date, wanted: Language) -> str:
    rest = (text[: date.start] + text[date.end :]).strip(" .,()")
    if rest or date.year is None or date.month is None or date.swapped is not None:
        return text
    if any(part is not None for part in (date.quarter, date.season, date.part, date.weekday)):
        return text
    if date.relation != "in" or date.year < 1000:
        return text
    month = _MONTHS[wanted][date.month - 1]
    if date.day is None:
        return f"{month} {date.year}"
    return (
        f"{date.day}. {month} {date.year}" if wanted == "de" else f"{date.day} {month} {date.year}"
    )


def _rendered_words(text: str, written: Language, wanted: Language) -> str:
    words = {
        (pair[0] if written == "de" else pair[1]): pair[1 if written == "de" else 0]
        for pair in reversed(_WORDS)
    }
    for phrase in sorted((word for word in words if " " in word), key=len, reverse=True):
        if phrase in text:
            words[phrase.replace(" ", "_")] = words[phrase]
            text_with = text.replace(phrase, phrase.replace(" ", "_"))
            return _each(text_with, words, written, text)
    return _each(text, words, written, text)


def _each(text: str, words: dict[str, str], written: Language, original: str) -> str:
    parts = []
    place = 0
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
        elif token in words:
            parts.append(words[token])
        else:
            return original
    return "".join(parts) if place == len(text) else original


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
    value = Decimal(f"{digits}.{fraction}" if fraction else digits)
    text = f"{value:,}"
    return text if written == "de" else text.replace(",", "_").replace(".", ",").replace("_", ".")

"""Numbers written in words, in German and English.

In: words in lower case. Out: the whole number, the ordinal or the fraction they stand for, with
how many words were read. Nothing can fail; what is no number reads none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from corpus.document import Language

_UNITS: dict[Language, list[str]] = {
    "de": [
        "null",
        "eins",
        "zwei",
        "drei",
        "vier",
        "fünf",
        "sechs",
        "sieben",
        "acht",
        "neun",
        "zehn",
        "elf",
        "zwölf",
        "dreizehn",
        "vierzehn",
        "fünfzehn",
        "sechzehn",
        "siebzehn",
        "achtzehn",
        "neunzehn",
    ],
    "en": [
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
    ],
}
_TENS: dict[Language, list[str]] = {
    "de": ["zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig"],
    "en": ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"],
}
_ORDINALS: dict[Language, dict[str, int]] = {
    "de": {
        "erst": 1, "zweit": 2, "dritt": 3, "viert": 4, "fünft": 5, "sechst": 6, "siebt": 7,
        "siebent": 7, "acht": 8, "neunt": 9, "zehnt": 10, "elft": 11, "zwölft": 12,
        "dreizehnt": 13, "vierzehnt": 14, "fünfzehnt": 15, "sechzehnt": 16, "siebzehnt": 17,
        "achtzehnt": 18, "neunzehnt": 19, "zwanzigst": 20, "dreißigst": 30, "vierzigst": 40,
        "fünfzigst": 50, "hundertst": 100,
    },
    "en": {
        "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7,
        "eighth": 8, "ninth": 9, "tenth": 10, "eleventh": 11, "twelfth": 12, "thirteenth": 13,
        "fourteenth": 14, "fifteenth": 15, "sixteenth": 16, "seventeenth": 17, "eighteenth": 18,
        "nineteenth": 19, "twentieth": 20, "thirtieth": 30, "fortieth": 40, "fiftieth": 50,
        "hundredth": 100,
    },
}  # fmt: skip
_FRACTIONS = {
    "drittel": 3, "viertel": 4, "fünftel": 5, "sechstel": 6, "achtel": 8, "zehntel": 10,
    "third": 3, "thirds": 3, "quarter": 4, "quarters": 4, "fifth": 5, "fifths": 5, "sixth": 6,
    "sixths": 6, "eighth": 8, "eighths": 8, "tenth": 10, "tenths": 10,
}  # fmt: skip
_ENDINGS = ("e", "en", "er", "es", "em")


@dataclass(frozen=True)
class SpelledNumber:
    """What some words stand for, and how many they are."""

    value: Decimal
    words: int
    ordinal: bool = False
    fraction: bool = False
    """A share of a whole: "two thirds"."""


@cache
def _german_under_hundred() -> dict[str, int]:
    known = {word: value for value, word in enumerate(_UNITS["de"])}
    for place, ten in enumerate(_TENS["de"], 2):
        known[ten] = place * 10
        known[ten.replace("ß", "ss")] = place * 10
        for value, unit in enumerate(_UNITS["de"][1:10], 1):
            joined = ("ein" if value == 1 else unit) + "und" + ten
            known[joined] = place * 10 + value
            known[joined.replace("ß", "ss")] = place * 10 + value
    known |= {"zwo": 2, "fuenf": 5, "zwoelf": 12}
    return known


@cache
def _german(word: str) -> int | None:
    """A German whole number below a million in one word."""
    if len(word) > 60:
        return None
    head, thousand, tail = word.partition("tausend")
    if thousand:
        many = 1 if head in ("", "ein") else _german_below_thousand(head)
        rest = 0 if not tail else _german_below_thousand(tail.removeprefix("und"))
        return None if many is None or rest is None else many * 1000 + rest
    return _german_below_thousand(word)


def _german_below_thousand(word: str) -> int | None:
    known = _german_under_hundred()
    head, hundred, tail = word.partition("hundert")
    if not hundred:
        return known.get(word)
    many = 1 if head in ("", "ein") else known.get(head)
    rest = 0 if not tail else known.get(tail.removeprefix("und"))
    return None if many is None or rest is None else many * 100 + rest


def _german_half(word: str) -> Decimal | None:
    """ "anderthalb", "zweieinhalb" and their like, inflected or not."""
    for ending in ("", *_ENDINGS):
        stem = word.removesuffix(ending) if ending else word
        if stem == "anderthalb":
            return Decimal("1.5")
        if stem.endswith("einhalb") and len(stem) > 7:
            whole = _german_under_hundred().get(stem.removesuffix("einhalb"))
            whole = 1 if stem == "eineinhalb" else whole
            if whole is not None:
                return whole + Decimal("0.5")
    return None


def _german_ordinal(word: str) -> int | None:
    for ending in _ENDINGS:
        stem = word.removesuffix(ending)
        if stem == word:
            continue
        if stem in _ORDINALS["de"]:
            return _ORDINALS["de"][stem]
        if stem.endswith("st") and (value := _german(stem.removesuffix("st"))):
            return value if value >= 20 else None
    return None


def read_number(words: Sequence[str], language: Language) -> SpelledNumber | None:
    """The number that ``words`` begin with, ``None`` where they begin with none.

    "ein" and "one" alone are articles and pronouns, so they count only before a scale.
    """
    if not words:
        return None
    return _fraction(words) or (_read_de(words) if language == "de" else _read_en(words))


def _fraction(words: Sequence[str]) -> SpelledNumber | None:
    first = words[0]
    if first in ("hälfte", "half", "halves"):
        return SpelledNumber(Decimal("0.5"), 1, fraction=True)
    many = {"ein": 1, "einem": 1, "a": 1, "one": 1, "zwei": 2, "two": 2, "drei": 3, "three": 3,
            "vier": 4, "four": 4}.get(first)  # fmt: skip
    if many and len(words) > 1 and words[1] in _FRACTIONS:
        return SpelledNumber(Decimal(many) / _FRACTIONS[words[1]], 2, fraction=True)
    if first.startswith(("zwei", "drei")) and first[4:] in _FRACTIONS:
        share = Decimal(2 if first[0] == "z" else 3) / _FRACTIONS[first[4:]]
        return SpelledNumber(share, 1, fraction=True)
    return None


def _read_de(words: Sequence[str]) -> SpelledNumber | None:  # noqa: PLR0911
    first = words[0]
    if first == "eins" or first in ("ein", "eine"):
        return None
    if first == "dutzend":
        return SpelledNumber(Decimal(12), 1)
    if first.endswith("mal") and (many := _german(first.removesuffix("mal"))):
        return SpelledNumber(Decimal(many), 1)
    if (value := _german(first)) is not None:
        return SpelledNumber(Decimal(value), 1)
    if (half := _german_half(first)) is not None:
        return SpelledNumber(half, 1)
    if (ordinal := _german_ordinal(first)) is not None:
        return SpelledNumber(Decimal(ordinal), 1, ordinal=True)
    return None


@cache
def _english_words() -> dict[str, int]:
    known = {word: value for value, word in enumerate(_UNITS["en"])}
    return known | {ten: place * 10 for place, ten in enumerate(_TENS["en"], 2)}


def _read_en(words: Sequence[str]) -> SpelledNumber | None:
    known = _english_words()
    total, group, place, ordinal = 0, 0, 0, False
    if words[0] in ("twice", "thrice"):
        return SpelledNumber(Decimal(2 if words[0] == "twice" else 3), 1)
    if words[0] == "dozen":
        return SpelledNumber(Decimal(12), 1)
    while place < len(words) and not ordinal:
        word = words[place]
        joins = place > 0 and word == "and" and group % 100 == 0 and total + group > 0
        if joins and place + 1 < len(words) and words[place + 1] in known:
            place += 1
            continue
        if word == "hundred" and place and 0 < group < 100:
            group *= 100
        elif word == "thousand" and place and 0 < group < 1000:
            total, group = total + group * 1000, 0
        elif word in known and _fits(group, known[word], first=place == 0):
            group += known[word]
        elif word in _ORDINALS["en"] and _fits(group, _ORDINALS["en"][word], first=place == 0):
            group += _ORDINALS["en"][word]
            ordinal = True
        else:
            break
        place += 1
    if not place or (place == 1 and words[0] == "one"):
        return None
    value = Decimal(total + group)
    if not ordinal and list(words[place : place + 3]) == ["and", "a", "half"]:
        return SpelledNumber(value + Decimal("0.5"), place + 3)
    return SpelledNumber(value, place, ordinal)


def _fits(group: int, value: int, *, first: bool) -> bool:
    """Whether a word of ``value`` may follow what makes ``group``: "twenty" before "one"."""
    if first or group == 0 or (group % 100 == 0 and value < 100):
        return True
    return group % 10 == 0 and 20 <= group % 100 <= 90 and 1 <= value <= 9

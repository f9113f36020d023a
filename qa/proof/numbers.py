"""Numbers as numbers, in German and English.

In: text. Out: each number with the values it may stand for, its unit of scale taken in. Two
numbers agree where one value is common: "14,3 Milliarden" and "14.3 billion" do, "14,3 Millionen"
does not. Nothing can fail; text without numbers yields none.

"1.500" is fifteen hundred in German and one and a half in English, and writers mix the two, so a
number carries every reading its digits allow. A German "Billion" is a million millions.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from corpus.document import Language

_SCALES: dict[Language, dict[str, int]] = {
    "de": {
        "tausend": 3, "tsd.": 3, "tsd": 3,
        "million": 6, "millionen": 6, "mio.": 6, "mio": 6,
        "milliarde": 9, "milliarden": 9, "mrd.": 9, "mrd": 9,
        "billion": 12, "billionen": 12, "bio.": 12,
        "thousand": 3, "billions": 9,
    },
    "en": {
        "thousand": 3, "k": 3,
        "million": 6, "millions": 6, "mn": 6, "m": 6,
        "billion": 9, "billions": 9, "bn": 9, "b": 9,
        "trillion": 12, "trillions": 12, "tn": 12,
        "millionen": 6, "milliarde": 9, "milliarden": 9,
    },
}  # fmt: skip
_WORDS = {
    "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6, "sieben": 7, "acht": 8, "neun": 9,
    "zehn": 10, "elf": 11, "zwölf": 12, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6,
    "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12,
}  # fmt: skip
# How each language writes a scale; the singular belongs to exactly one.
_NAMES: dict[Language, dict[int, tuple[str, str]]] = {
    "de": {
        6: ("Million", "Millionen"),
        9: ("Milliarde", "Milliarden"),
        12: ("Billion", "Billionen"),
    },
    "en": {6: ("million", "million"), 9: ("billion", "billion"), 12: ("trillion", "trillion")},
}

_DIGITS = r"\d+(?:[.,'\u00a0\u202f]\d{3})*(?:[.,]\d+)?"
_NUMBER = re.compile(rf"(?<![\w.,])(?P<digits>{_DIGITS})(?:[\s\u00a0-]?(?P<scale>[A-Za-z]+\.?))?")
_WORD = re.compile(r"(?<!\w)(" + "|".join(_WORDS) + r")(?!\w)", re.IGNORECASE)


@dataclass(frozen=True)
class Number:
    """A number in a text: its span in characters, its possible values, and its parts."""

    start: int
    end: int
    values: frozenset[Decimal]
    mantissas: frozenset[Decimal]
    exponent: int
    scale_start: int | None = None

    def agrees(self, other: Number) -> bool:
        """Whether both may stand for one value."""
        return not self.values.isdisjoint(other.values)


def readings(digits: str) -> frozenset[Decimal]:
    """Every value that a run of digits and separators may have in either language."""
    plain = digits.replace("'", "").replace("\u00a0", "").replace("\u202f", "")
    marks = [mark for mark in plain if mark in ".,"]
    if not marks:
        return frozenset({Decimal(plain)})
    whole = plain.replace(".", "").replace(",", "")
    head, _, tail = plain.rpartition(marks[-1])
    grouped = len(tail) == 3 and len(set(marks)) == 1
    result = set()
    if grouped:
        result.add(Decimal(whole))
    if not grouped or len(marks) == 1:
        result.add(Decimal(f"{head.replace('.', '').replace(',', '')}.{tail}"))
    return frozenset(result)


def find(text: str, language: Language) -> list[Number]:
    """All numbers of ``text`` in order: digits with a unit of scale, and two to twelve as words."""
    found = []
    for match in _NUMBER.finditer(text):
        exponent, length = _scale((match["scale"] or "").lower(), language)
        mantissas = readings(match["digits"])
        found.append(
            Number(
                start=match.start(),
                end=match.start("scale") + length if exponent else match.end("digits"),
                values=frozenset(value.scaleb(exponent).normalize() for value in mantissas),
                mantissas=mantissas,
                exponent=exponent,
                scale_start=match.start("scale") if exponent else None,
            )
        )
    for match in _WORD.finditer(text):
        value = Decimal(_WORDS[match[0].lower()])
        found.append(Number(match.start(), match.end(), frozenset({value}), frozenset({value}), 0))
    return sorted(found, key=lambda number: number.start)


def _scale(word: str, language: Language) -> tuple[int, int]:
    """The power of ten a word stands for (0: none), and its length without a full stop after it.

    The stop of an abbreviation ("Mio.") is part of it.
    """
    for written in (word, word.rstrip(".")):
        if exponent := _SCALES[language].get(written, 0):
            return exponent, len(written)
    return 0, 0


def missing(claim: Sequence[Number], sources: Sequence[Number]) -> list[Number]:
    """Numbers of ``claim`` that agree with none of ``sources``."""
    return [one for one in claim if not any(one.agrees(other) for other in sources)]


def mend_scales(text: str, language: Language, sources: Sequence[Number]) -> str:
    """``text`` with a wrong unit of scale put right where the sources leave no doubt.

    Small models copy the digits and miss the word: "14,3 Millionen" for 14,3 Milliarden. Only a
    number whose digits occur in the sources with exactly one other scale is changed.
    """
    for number in reversed(find(text, language)):
        if number.scale_start is None or any(number.agrees(other) for other in sources):
            continue
        scales = {
            other.exponent for other in sources if not number.mantissas.isdisjoint(other.mantissas)
        }
        if len(scales) == 1 and (names := _NAMES[language].get(next(iter(scales)))):
            name = names[0] if number.mantissas == {Decimal(1)} else names[1]
            # An abbreviation's stop at the end of a sentence is the sentence's stop as well.
            ends = text[: number.end].endswith(".") and not text[number.end :].strip()
            text = text[: number.scale_start] + name + "." * ends + text[number.end :]
    return text

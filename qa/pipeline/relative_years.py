"""Years that a text names by its own date: "im vergangenen Jahr", "last year".

In: a text and its date; a question and the text it is put to. Out: the years that are meant; the
question in the text's words. Nothing can fail.

A text of June 2025 that tells of "last year" tells of 2024. A question that asks for 2024 is put to
it as one for last year, since the reader compares words; and what it tells of last year is no
answer for 2025. Where a text has a year beside such words, they may lean on that, and mean nothing
certain.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from corpus.document import Language
from qa.dialogue.asked import Asked
from qa.pipeline.shown_text import ShownText

YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20|21)\d\d(?!\d)")
"""A year in digits."""

_SHIFTS: dict[Language, tuple[tuple[re.Pattern[str], int], ...]] = {
    "de": (
        (re.compile(r"\bvorletzte[mns] jahr(?:es)?\b"), -2),
        (re.compile(r"\b(?:vergangene|letzte|vorige)[mns] jahr(?:es)?\b|\bvorjahr(?:es)?\b"), -1),
        (re.compile(r"\b(?:diese|laufende)[mns] jahr(?:es)?\b|\bheuer\b"), 0),
        (re.compile(r"\b(?:nächste|kommende)[mns] jahr(?:es)?\b"), 1),
    ),
    "en": (
        (re.compile(r"\b(?:last|the previous) year\b|\bthe year before\b(?! that)"), -1),
        (re.compile(r"\b(?:this|the current) year\b"), 0),
        (re.compile(r"\b(?:next|the coming) year\b"), 1),
    ),
}
"""Words for a year, and how many years it is after the text's."""
_PUT: dict[Language, dict[int, str]] = {
    "de": {
        -2: "im vorletzten Jahr",
        -1: "im vergangenen Jahr",
        0: "in diesem Jahr",
        1: "im kommenden Jahr",
    },
    "en": {-1: "last year", 0: "this year", 1: "next year"},
}
"""How a question is put for them."""
_WITH_LEAD: dict[Language, str] = {
    "de": r"(?:\b(?:im jahre?|in|für|des jahres) )?",
    "en": r"(?:\b(?:in the year|in|for|of) )?",
}


def relative_years(text: str, language: Language, date: str | None) -> set[int]:
    """The years that ``text``, of a document of ``date`` (ISO), names by that date; none where it
    has a year in digits as well.
    """
    if date is None or YEAR.search(text):
        return set()
    return {int(date[:4]) + shift for shift in _shifts(text, language)}


def as_told(question: str, asked: Asked, shown: ShownText) -> str:
    """``question`` with its one year in words where the text has it only so."""
    date = shown.stored.date
    if date is None or len(asked.years) != 1 or str(*asked.years) in shown.text:
        return question
    (year,) = asked.years
    shift = year - int(date[:4])
    words = _PUT[asked.language].get(shift)
    if words is None or shift not in _shifts(shown.text, shown.stored.language):
        return question
    lead = _WITH_LEAD[asked.language]
    return re.sub(rf"{lead}(?<!\d){year}(?!\d)", words, question, count=1, flags=re.IGNORECASE)


def _shifts(text: str, language: Language) -> Iterator[int]:
    lowered = text.lower()
    return (shift for pattern, shift in _SHIFTS[language] if pattern.search(lowered))

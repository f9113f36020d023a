"""Years that a text names by its own date: "im vergangenen Jahr", "last year".

In: a sentence and what stands above it, the text's date; a question and the text it is put to. Out:
the years that are meant; the question in the text's words. Nothing can fail.

A text of June 2025 that tells of "last year" tells of 2024. A question that asks for 2024 is put to
it as one for last year, since the reader compares words. Where the sentence or what stands above it
has another year, or the sentence compares ("stieg gegenüber dem vergangenen Jahr auf 5"), such
words say nothing certain of its values, and no year is named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from corpus.document import Language
from qa.dialogue.asked import Asked
from qa.pipeline.shown_text import ShownText

YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20|21)\d\d(?!\d)")
"""A year in digits."""

_OF_IT = {"de": r"(?! (?:des|der|seiner|ihrer|dieser|vor|nach)\b)", "en": r"(?! of\b)"}
"""Not before whose last year it is ("im letzten Jahr seiner Amtszeit")."""
_SHIFTS: dict[Language, tuple[tuple[re.Pattern[str], int], ...]] = {
    "de": (
        (re.compile(rf"\b(?:im vorletzten|vorletztes) jahr\b{_OF_IT['de']}"), -2),
        (
            re.compile(
                rf"\b(?:im (?:vergangenen|letzten)|vergangenes|letztes) jahr\b{_OF_IT['de']}"
            ),
            -1,
        ),
        (re.compile(rf"\b(?:im (?:kommenden|nächsten)|nächstes) jahr\b{_OF_IT['de']}"), 1),
    ),
    "en": (
        (re.compile(rf"\b(?<!the )last year\b{_OF_IT['en']}"), -1),
        (re.compile(rf"\b(?<!the )next year\b{_OF_IT['en']}"), 1),
    ),
}
"""Words for a year, and how many years it is after the text's."""
_COMPARING = re.compile(
    r"\b(?:gegenüber|als|nach|verglichen|vergleich|compared|comparison|than|from|after|versus)\b"
)
_PUT: dict[Language, dict[int, str]] = {
    "de": {-2: "im vorletzten Jahr", -1: "im vergangenen Jahr", 1: "im kommenden Jahr"},
    "en": {-1: "last year", 1: "next year"},
}
"""How a question is put for them."""
_LEADS: dict[Language, tuple[str, ...]] = {
    "de": ("im jahr", "im jahre", "in"),
    "en": ("in", "in the year"),
}
"""What may stand before a question's year and goes with it."""
_BEFORE = frozenset(
    [
        "seit", "bis", "vor", "nach", "ab", "von", "zum", "für", "geschäftsjahr", "haushaltsjahr",
        "schuljahr", "since", "until", "before", "after", "from", "by", "to", "fiscal", "the",
        "and", "und", "oder", "or",
    ]
)  # fmt: skip
"""Words before a question's year that mean more than that year."""


def relative_years(sentence: str, heading: str, language: Language, date: str | None) -> set[int]:
    """The years that ``sentence``, of a document of ``date`` (ISO), names by that date."""
    if date is None or YEAR.search(sentence):
        return set()
    own = date[:4]
    lowered = sentence.lower()
    if set(YEAR.findall(heading)) - {own} or _COMPARING.search(lowered):
        return set()
    return {int(own) + shift for shift in _shifts(lowered, language)}


def as_told(question: str, asked: Asked, shown: ShownText) -> str:
    """``question`` with its one year in words where the text has it only so."""
    date = shown.stored.date
    if date is None or len(asked.years) != 1 or str(*asked.years) in shown.text:
        return question
    (year,) = asked.years
    words = _PUT[asked.language].get(year - int(date[:4]))
    if words is None or not any(year in years for years in _years_by_sentence(shown, date)):
        return question
    place = _place_of_year(question, str(year), asked.language)
    return question if place is None else f"{question[: place[0]]}{words}{question[place[1] :]}"


def _years_by_sentence(shown: ShownText, date: str) -> Iterator[set[int]]:
    for sentence in shown.sentences:
        text = shown.text[sentence.start : sentence.end]
        yield relative_years(text, shown.heading, shown.stored.language, date)


def _place_of_year(question: str, year: str, language: Language) -> tuple[int, int] | None:
    """Where the year stands with what leads to it; None where more than the year is meant."""
    start = question.find(year)
    end = start + len(year)
    if start < 0 or year in question[end:]:
        return None
    behind = question[end:]
    # "2024/25", "2024 Euro": no year alone.
    if behind[:1] not in ("", " ", "?", ",", ".") or behind[1:2].isupper():
        return None
    before = question[:start].rstrip()
    for lead in sorted(_LEADS[language], key=len, reverse=True):
        if before.lower().endswith((f" {lead}", f"\n{lead}")) or before.lower() == lead:
            start = len(before) - len(lead)
            before = before[:start].rstrip()
            break
    else:
        if language == "en":
            return None
    words = before.lower().split()
    return None if words and words[-1] in _BEFORE else (start, end)


def _shifts(lowered: str, language: Language) -> Iterator[int]:
    return (shift for pattern, shift in _SHIFTS[language] if pattern.search(lowered))

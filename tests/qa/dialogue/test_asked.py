from __future__ import annotations

import pytest

from corpus.document import Language
from qa.dialogue.asked import asked_of, is_named, question_sort


@pytest.mark.parametrize(
    ("question", "language", "sort"),
    [
        ("Wie viel zahlte Meta?", "de", "number"),
        ("Und wie hoch war der Umsatz?", "de", "number"),
        ("Was kostet der Eintritt?", "de", "number"),
        ("Um wie viel Uhr beginnt es?", "de", "date"),
        ("Seit wann gilt das?", "de", "date"),
        ("In welchem Jahr war das?", "de", "date"),
        ("Wer leitet das Amt?", "de", "person"),
        ("In welcher Stadt liegt es?", "de", "place"),
        ("Where does it stand?", "en", "place"),
        ("Wie lange gilt das?", "de", "any"),
        ("How much was paid?", "en", "number"),
        ("By when must it be paid?", "en", "date"),
        ("What year was it?", "en", "date"),
        ("Who leads it?", "en", "person"),
        ("How old is it?", "en", "any"),
        ("Wie viele Verträge enden? Wer leitet das Amt?", "de", "person"),
    ],
)
def test_sorts(question: str, language: Language, sort: str) -> None:
    assert question_sort(question, language) == sort


def test_the_last_year_is_the_one_that_is_asked_about() -> None:
    assert asked_of("Wie hoch war der Umsatz 2023? Und 2024?", "de").years == {2024}


def test_words_side_by_side_are_one_name() -> None:
    asked = asked_of("Wie viel ist an Scale AI in Ulm zu zahlen?", "de")
    assert asked.names == (("Scale", "AI"), ("Ulm",))


@pytest.mark.parametrize(
    ("text", "named"),
    [("Ulms Rathaus", True), ("in ULM", True), ("Kulmbach", False), ("Ulmenweg", False)],
)
def test_a_name_is_a_word_of_its_own(text: str, named: bool) -> None:
    assert is_named(text, ("Ulm",)) == named

"""Years that a text names by its own date."""

from __future__ import annotations

import pytest
from found_spans import reading, shown
from hypothesis import given
from hypothesis import strategies as st

from corpus.document import Language
from qa.dialogue.asked import asked_of
from qa.pipeline.relative_years import as_told, relative_years
from qa.pipeline.same_thing import is_of_other_year


@pytest.mark.parametrize(
    ("text", "language", "years"),
    [
        ("Der Umsatz lag im vergangenen Jahr bei 5 Euro.", "de", {2024}),
        ("Letztes Jahr kamen 40 Leute.", "de", {2024}),
        ("Im kommenden Jahr wird gebaut.", "de", {2026}),
        ("Im vorletzten Jahr wurde gebaut.", "de", {2023}),
        ("Gegenüber dem vergangenen Jahr stieg er auf 5 Euro.", "de", set()),
        ("Gegenüber dem Vorjahr stieg er auf 5 Euro.", "de", set()),
        ("In diesem Jahr hatte die Stadt 5 Schulen.", "de", set()),
        ("Im letzten Jahr seiner Amtszeit baute er 4 Schulen.", "de", set()),
        ("In den vergangenen Jahren stieg er.", "de", set()),
        ("Im vergangenen Jahr und 2019 stieg er.", "de", set()),
        ("Revenue was 5 euros last year.", "en", {2024}),
        ("Last year's revenue was 5 euros.", "en", {2024}),
        ("It should be 9 next year.", "en", {2026}),
        ("It rose from 5 euros last year.", "en", set()),
        ("In the last year of the war 40 came.", "en", set()),
        ("It was so over the last years.", "en", set()),
    ],
)
def test_the_years_that_are_meant(text: str, language: Language, years: set[int]) -> None:
    assert relative_years(text, "Bericht", language, "2025-06-30") == years
    assert relative_years(text, "Bericht, 2025-06-30", language, "2025") == years
    assert relative_years(text, "Geschäftsbericht 2024", language, "2025") == set()
    assert relative_years(text, "Bericht", language, None) == set()


@pytest.mark.parametrize(
    ("question", "language", "told"),
    [
        ("Wie hoch war der Umsatz 2024?", "de", "Wie hoch war der Umsatz im vergangenen Jahr?"),
        ("Welchen Umsatz gab es im Jahr 2024?", "de", "Welchen Umsatz gab es im vergangenen Jahr?"),
        ("Was wurde 2024 erzielt?", "de", "Was wurde im vergangenen Jahr erzielt?"),
        ("What was the revenue in 2024?", "en", "What was the revenue last year?"),
        ("In 2024, what was the revenue?", "en", "last year, what was the revenue?"),
        ("Wie hoch war der Umsatz 2023?", "de", None),
        ("Wie hoch war der Umsatz 2023 und 2024?", "de", None),
        ("Wie hoch war der Umsatz?", "de", None),
        ("Wer arbeitet seit 2024 hier?", "de", None),
        ("Was galt vor 2024?", "de", None),
        ("Was kostete es 2024/25?", "de", None),
        ("Was kostete es im Geschäftsjahr 2024?", "de", None),
        ("Wer zahlte 2024 Euro?", "de", None),
        ("What was in the 2024 budget?", "en", None),
        ("What was earned in fiscal 2024?", "en", None),
        ("What was it before 2024?", "en", None),
    ],
)
def test_a_question_is_put_in_the_words_of_the_text(
    question: str, language: Language, told: str | None
) -> None:
    text = shown("Der Umsatz lag im vergangenen Jahr bei 5 Euro.", date="2025-06-30")
    assert as_told(question, asked_of(question, language), text) == (told or question)


def test_a_text_that_has_the_year_is_asked_for_it() -> None:
    question = "Wie hoch war der Umsatz 2024?"
    text = "Im vergangenen Jahr, 2024, lag der Umsatz bei 5 Euro."
    assert as_told(question, asked_of(question, "de"), shown(text, date="2025")) == question
    bracketed = "Im vergangenen Jahr (2017) lag der Umsatz bei 5 Euro."
    assert as_told(question, asked_of(question, "de"), shown(bracketed, date="2025")) == question
    undated = shown("Im vergangenen Jahr lag der Umsatz bei 5 Euro.")
    assert as_told(question, asked_of(question, "de"), undated) == question


@pytest.mark.parametrize(("year", "is_other"), [("2024", False), ("2025", True), ("2023", True)])
def test_last_year_is_not_the_year_of_the_text(year: str, *, is_other: bool) -> None:
    made = reading("Der Umsatz lag im vergangenen Jahr bei 5 Euro.", "5 Euro", date="2025-06-30")
    asked = asked_of(f"Wie viel Umsatz gab es {year}?", "de")
    assert is_of_other_year(made.spans[0], asked) == is_other


@given(st.text(max_size=200), st.sampled_from(["de", "en"]), st.integers(1500, 2199))
def test_any_text_is_taken(text: str, language: Language, year: int) -> None:
    found = relative_years(text, text, language, f"{year}-01-01")
    assert found <= set(range(year - 2, year + 2))

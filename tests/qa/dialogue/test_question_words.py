from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.document import Language
from qa.dialogue.question_words import QuestionWords, word_lists

LANGUAGES: tuple[Language, ...] = ("de", "en")


def test_words_of_content_and_names_keep_their_spelling() -> None:
    found = QuestionWords("Wann zahlte Meta 2024 für OpenAIs Anteile?", "de")
    assert found.content() == ["zahlte", "Meta", "2024", "OpenAIs", "Anteile"]
    assert found.names() == ["Meta", "OpenAIs"]
    assert found.years() == ["2024"]


def test_a_genitive_is_the_name_itself() -> None:
    assert QuestionWords("What was Meta's plan, and why didn't Google's fail?", "en").names() == [
        "Meta",
        "Google",
    ]


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("Wer gründete Scale AI?", ["Scale", "AI"]),
        ("Was kostete die große Beteiligung?", []),
        ("Wie viele Auftragnehmer verließ Dallas?", ["Dallas"]),
        ("Was geschah im Juni?", []),
        ("Wie heißt die Firma von xAI?", ["xAI"]),
    ],
)
def test_german_nouns_with_a_determiner_are_no_names(question: str, names: list[str]) -> None:
    assert QuestionWords(question, "de").names() == names


def test_clauses_end_at_marks_and_before_conjunctions() -> None:
    found = QuestionWords("Who left Meta and where does he live, if at all?", "en")
    assert {one.word: one.clause for one in found.tokens if one.word in {"meta", "he", "if"}} == {
        "meta": 0,
        "he": 1,
        "if": 2,
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_lists_are_in_lower_case(language: Language) -> None:
    lists = word_lists(language)
    for name in type(lists).model_fields:
        for entry in getattr(lists, name):
            text = entry if isinstance(entry, str) else " ".join(entry)
            assert text == text.lower(), name


@given(st.text(max_size=80), st.sampled_from(LANGUAGES))
def test_every_word_comes_once(text: str, language: Language) -> None:
    content = QuestionWords(text, language).content()
    assert len(set(content)) == len(content)

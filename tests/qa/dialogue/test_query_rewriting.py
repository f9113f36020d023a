from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.document import Language
from qa.dialogue.query_rewriting import Exchange, rewrite_query

FOUNDED = Exchange("Wer gründete Scale AI?", "Lucy Guo und Alexandr Wang gründeten Scale AI.")
SUBJECTS = ("Dallas", "OpenAI", "Llama", "Behemoth", "Remotasks", "Superintelligence")
VERBS: dict[Language, tuple[str, ...]] = {
    "de": ("Wer gründete {} und {}?", "Wie entstand {} neben {}?", "Warum verließ {} damals, {}?"),
    "en": ("Who founded {} and {}?", "When did {} acquire {}?", "Why did {} abandon {}?"),
}
EXCHANGES = st.lists(st.builds(Exchange, st.text(max_size=60), st.text(max_size=60)), max_size=4)


def whole_questions(language: Language) -> st.SearchStrategy[str]:
    """Questions that name what they are about and point nowhere."""
    named = st.sampled_from(SUBJECTS)
    plain = [one for one in VERBS[language] if "damals" not in one]
    return st.builds(lambda form, a, b: form.format(a, b), st.sampled_from(plain), named, named)


# The first example waits for the language detector.
@given(st.text(max_size=80))
def test_the_first_question_is_left_as_it_is(question: str) -> None:
    found = rewrite_query(question, ())
    assert found.search == found.asked == question


@given(whole_questions("de"), EXCHANGES)
def test_a_german_question_with_its_own_subject_is_left_as_it_is(
    question: str, before: list[Exchange]
) -> None:
    found = rewrite_query(question, before, "de")
    assert found.search == found.asked == question


@given(whole_questions("en"), EXCHANGES)
def test_an_english_question_with_its_own_subject_is_left_as_it_is(
    question: str, before: list[Exchange]
) -> None:
    found = rewrite_query(question, before, "en")
    assert found.search == found.asked == question


@given(st.text(max_size=80), EXCHANGES, st.sampled_from(("de", "en")))
def test_no_word_of_a_question_is_lost(
    question: str, before: list[Exchange], language: Language
) -> None:
    found = rewrite_query(question, before, language)
    assert question in found.search
    assert question in found.asked


@given(st.text(max_size=5000), st.text(max_size=5000))
def test_long_questions_and_answers_are_not_taken_on_whole(question: str, answer: str) -> None:
    before = [Exchange(question, answer), Exchange(question, answer)]
    found = rewrite_query("Und warum?", before, "de")
    assert len(found.asked) <= 2 * 301 + len(" Und warum?")


def test_a_pronoun_brings_the_words_of_the_question_and_the_names_that_answered_it() -> None:
    found = rewrite_query("Wie alt waren die beiden damals?", [FOUNDED])
    for word in ("Scale", "gründete", "Lucy", "Guo", "Alexandr", "Wang"):
        assert word in found.search.split()


def test_what_was_answered_may_be_the_answer_again() -> None:
    found = rewrite_query("Wer von ihnen ist älter?", [FOUNDED])
    assert "Lucy" in found.search
    assert "Lucy" not in found.asked


def test_another_year_takes_the_place_of_the_first() -> None:
    before = [Exchange("Wie hoch war der Umsatz von Meta 2023?", "Er betrug 5 Milliarden.")]
    found = rewrite_query("Und 2024?", before)
    assert "2023" not in found.search
    assert {"Umsatz", "Meta", "2024"} <= set(found.search.replace("?", "").split())


def test_a_chain_goes_back_to_the_question_that_named_the_subject() -> None:
    before = [
        Exchange("Wer baute Behemoth?", "Meta."),
        FOUNDED,
        Exchange("Wann ist er geboren?", "1997."),
        Exchange("Und wo wohnt er?", "In Dallas."),
    ]
    found = rewrite_query("Und seit wann?", before)
    assert {"Scale", "gründete"} <= set(found.search.split())
    assert "Behemoth" not in found.search
    assert "geboren" not in found.search


def test_a_change_of_subject_ends_what_was_carried() -> None:
    before = [FOUNDED, Exchange("Wer baute Behemoth?", "Meta baute Behemoth.")]
    found = rewrite_query("Warum ist es noch nicht fertig?", before)
    assert "Behemoth" in found.search
    assert "Guo" not in found.search


def test_a_conversation_of_follow_ups_alone_goes_back_to_its_first() -> None:
    before = [Exchange("Und Dallas?", ""), Exchange("Und Austin?", "")]
    found = rewrite_query("Und er?", before, "de")
    assert {"Dallas", "Austin"} <= set(found.search.split())


@pytest.mark.parametrize(
    ("earlier", "language"),
    [("Who founded Scale AI in the year of 2016?", "en"), ("Wer gründete Scale AI?", "de")],
)
def test_a_question_of_no_language_is_of_the_conversations(
    earlier: str, language: Language
) -> None:
    assert rewrite_query("2024?", [Exchange(earlier, "")]).language == language


def test_a_change_of_language_is_followed() -> None:
    assert rewrite_query("Who was his successor in the company?", [FOUNDED]).language == "en"


def test_a_language_that_is_wished_for_is_kept() -> None:
    assert rewrite_query("Wo wohnt er?", [FOUNDED], "en").language == "en"

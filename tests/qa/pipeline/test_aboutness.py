from __future__ import annotations

import pytest
from found_spans import reading, shown
from hypothesis import given
from hypothesis import strategies as st

from corpus.document import Language
from qa.dialogue.asked import asked_of
from qa.pipeline.aboutness import telling_stretches, tells_of, tells_the_same
from qa.pipeline.extract import FoundSpan


def span(text: str, answer: str, language: Language = "de") -> FoundSpan:
    return reading(text, answer, language=language).spans[0]


@pytest.mark.parametrize(
    ("question", "text", "answer", "told"),
    [
        ("Wer kaufte das Grundstück?", "Das Grundstück kaufte die Genossenschaft.", "die", True),
        ("Wer kaufte das Grundstück?", "Imholt verspricht das bis Mai.", "Imholt", False),
        # A name alone does not tell of what is asked.
        ("Wie viel zahlte die Torwenta GmbH?", "Torwenta hat 300 Büros.", "300", False),
        ("Wie viel zahlte die Torwenta GmbH?", "Bezahlt wurden 300 Euro.", "300", True),
    ],
)
def test_a_sentence_tells_of_the_question_by_its_words(
    question: str, text: str, answer: str, told: bool
) -> None:
    assert tells_of(span(text, answer), asked_of(question, "de")) == told


def test_words_are_compared_across_languages() -> None:
    asked = asked_of("Wann wurde der Kauf von Brackwell abgeschlossen?", "de")
    bought = span("The purchase of Brackwell took place in May.", "in May", "en")
    assert tells_of(bought, asked)
    assert not tells_of(span("Shareholders vote on 20 June.", "20 June", "en"), asked)


def test_a_question_of_names_alone_is_told_of_by_all() -> None:
    assert tells_of(span("Sie gründete Nordbau.", "Nordbau"), asked_of("Wer ist Eva Lind?", "de"))


@given(st.text(max_size=80), st.sampled_from(["de", "en"]))
def test_any_question_can_be_held_against_a_sentence(question: str, language: Language) -> None:
    found = span("Meta zahlte 14,3 Milliarden Dollar.", "14,3 Milliarden")
    assert tells_of(found, asked_of(question, language)) in (True, False)


def test_sentences_on_another_person_do_not_tell_of_the_one_asked_about() -> None:
    text = "Petra Solms wurde zu einem Jahr verurteilt. Geoffrey Laine wurde zu zwei verurteilt."
    view = shown(text)
    asked = asked_of("Zu welcher Strafe wurde Geoffrey Laine verurteilt?", "de")
    assert [view.text[start:end] for start, end in telling_stretches(view, asked)] == [
        "Geoffrey Laine wurde zu zwei verurteilt."
    ]


def test_two_sentences_tell_the_same_by_a_word_that_is_no_name() -> None:
    first = span("Der anonyme Brief kam im März 2021 in Quarnburg an.", "März 2021")
    assert tells_the_same(first, span("Im Mai 2021 kam ein Brief.", "Mai 2021"))
    assert not tells_the_same(first, span("Quarnburg feiert am 28. Mai.", "28. Mai"))

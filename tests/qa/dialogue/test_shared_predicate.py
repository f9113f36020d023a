from __future__ import annotations

import pytest

from corpus.document import Language
from qa.dialogue.question_parts import split_question
from qa.dialogue.shared_predicate import split_predicate


@pytest.mark.parametrize(
    ("language", "question", "first", "second"),
    [
        ("de", "Wann und wo liegt Eis?", "Wann liegt Eis?", "Wo liegt Eis?"),
        ("de", "Wann ging er, und von wem?", "Wann ging er?", "Von wem ging er?"),
        ("de", "Wer baute es und ab wann?", "Wer baute es?", "Ab wann baute man es?"),
        ("de", "Wer ist Chefin und seit wann?", "Wer ist Chefin?", "Seit wann ist jemand Chefin?"),
        ("en", "Who is head and since when?", "Who is head?", "Since when is somebody head?"),
        ("en", "Who sold it and when?", "Who sold it?", "When was it that somebody sold it?"),
        ("de", "Warum und bis wann ist zu?", "Warum ist zu?", "Bis wann ist zu?"),
        ("en", "When and where was it built?", "When was it built?", "Where was it built?"),
        ("en", "Who used it, and in which year?", "Who used it?", "In which year was it used?"),
        ("en", "Why did it close and when?", "Why did it close?", "When did it close?"),
        ("en", "How much did he pay and when?", "How much did he pay?", "When did he pay?"),
    ],
)
def test_each_phrase_is_asked_of_the_predicate(
    language: Language, question: str, first: str, second: str
) -> None:
    assert split_predicate(question, language) == [first, second]
    assert split_question(question, language) == [first, second]


@pytest.mark.parametrize(
    ("language", "question"),
    [
        ("de", "Was gilt für Hunde und Katzen?"),
        ("de", "Wann öffnen Bad und Sauna?"),
        ("de", "Wer und wann?"),
        ("de", "wo und wo liegt es?"),
        ("en", "What do Riva and Orla make?"),
        ("en", "Tell me when and where Riva was founded."),
    ],
)
def test_what_cannot_be_told_in_two_is_left(language: Language, question: str) -> None:
    assert split_predicate(question, language) is None


def test_each_of_the_halves_is_split_once() -> None:
    question = "Wann und wo wurde Riva gegründet, und wie viele Leute arbeiten dort?"
    assert split_question(question, "de")[-1] == "Wie viele Leute arbeiten dort?"

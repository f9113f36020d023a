"""Sentences that differ from the answer's in nothing but its value."""

from __future__ import annotations

import pytest
from found_spans import reading

from corpus.document import Language
from qa.dialogue.asked import asked_of
from qa.pipeline.contradictions import contradicting_readings, contradicting_value
from qa.pipeline.extract import PassageReading
from qa.pipeline.group import group

ROOF = "Wie viel kostete die Reparatur des Daches der Turnhalle Nord?"
ANSWER = "Die Reparatur des Daches hat insgesamt 310.000 Euro gekostet."
TITLE = "Turnhalle Nord"


def contradicting(*texts: str, title: str = TITLE) -> list[PassageReading]:
    asked = asked_of(ROOF, "de")
    answer = reading(ANSWER, "310.000 Euro", name="own", title=TITLE)
    others = [reading(text, name=f"d{at}", title=title).retrieved for at, text in enumerate(texts)]
    return contradicting_readings(
        answer, asked, others, lambda name: TITLE if name == "own" else title
    )


def found(*texts: str, title: str = TITLE) -> list[str]:
    return [one.spans[0].text for one in contradicting(*texts, title=title)]


@pytest.mark.parametrize(
    ("sentence", "value"),
    [
        ("Die Reparatur des Daches kostete insgesamt 365.000 Euro, sagte die Kämmerin.", "365.000"),
        ("365.000 Euro hat die Reparatur des Daches insgesamt gekostet.", "365.000"),
        # The same value, written otherwise.
        ("Die Reparatur des Daches kostete insgesamt 0,31 Millionen Euro.", None),
        # Another measure, another thing, a denial, two values, another year beside it.
        ("Die Reparatur des Daches hat insgesamt 14 Wochen gedauert.", None),
        ("Die Reparatur der Fenster hat insgesamt 90.000 Euro gekostet.", None),
        ("Die Reparatur des Daches hat insgesamt nicht 365.000 Euro gekostet.", None),
        ("Die Reparatur des Daches kostete insgesamt 365.000 statt 280.000 Euro.", None),
        ("Kosten: 365.000 Euro.", None),
    ],
)
def test_the_one_value_by_which_a_sentence_differs(sentence: str, value: str | None) -> None:
    asked = asked_of(ROOF, "de")
    other = contradicting_value(reading(ANSWER, "310.000 Euro").spans[0], asked, sentence)
    written = None if other is None else sentence[other.start : other.end].removesuffix(" Euro")
    assert written == value


@pytest.mark.parametrize(
    ("language", "question", "answer", "value", "sentence", "expected"),
    [
        (
            "en", "How many people work at the Kelso mill?",
            "In 2023 the mill employed 240 people.", "240",
            "In 2023 the mill employed 275 people.", True,
        ),
        (
            "en", "How many people work at the Kelso mill?",
            "In 2023 the mill employed 240 people.", "240",
            "In 2024 the mill employed 275 people.", False,
        ),
        (
            "en", "When did the Kelso mill burn down?",
            "The mill burned down on 4 May 1911 after a storm.", "4 May 1911",
            "After a storm the mill burned down on 14 May 1911.", True,
        ),
    ],
)  # fmt: skip
def test_all_else_must_agree(
    *, language: Language, question: str, answer: str, value: str, sentence: str, expected: bool
) -> None:
    span = reading(answer, value, language=language).spans[0]
    assert (
        contradicting_value(span, asked_of(question, language), sentence) is not None
    ) == expected


def test_a_text_on_something_else_contradicts_nothing() -> None:
    other = "Die Reparatur des Daches hat insgesamt 365.000 Euro gekostet."
    assert found(other) == ["365.000 Euro"]
    assert found(other, title="Grundschule Süd") == []


def test_each_document_contradicts_once_and_the_answers_own_never() -> None:
    other = "Die Reparatur des Daches hat insgesamt 365.000 Euro gekostet."
    answer = reading(ANSWER, "310.000 Euro", name="own", title=TITLE)
    passages = [reading(other, name=name, title=TITLE).retrieved for name in ("own", "d", "d")]
    sides = contradicting_readings(answer, asked_of(ROOF, "de"), passages, lambda _: TITLE)
    assert len(sides) == 1


def test_it_is_a_side_though_the_reader_saw_nothing_in_it() -> None:
    answer = reading(ANSWER, "310.000 Euro", name="own", title=TITLE)
    (side,) = contradicting("Die Reparatur des Daches kostete insgesamt 365.000 Euro.")
    grouping = group([answer, side], {}, asked_of(ROOF, "de"))
    assert grouping.disagree
    assert [one.best.text for one in grouping.groups] == ["310.000 Euro", "365.000 Euro"]

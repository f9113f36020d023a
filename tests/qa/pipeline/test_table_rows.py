from __future__ import annotations

import pytest
from found_spans import reading, shown

from qa.dialogue.asked import asked_of
from qa.pipeline.group import NO_GROUPS, group
from qa.pipeline.table_rows import answer_stretches, is_of_other_row

ROWS = (
    "Köln-Mitte · Plätze 2023: 112 · Plätze 2024: 118.\n\n"
    "Bonn-Süd · Plätze 2023: · Plätze 2024: 64."
)


@pytest.mark.parametrize(
    ("question", "answer", "is_other"),
    [
        ("Wie viele Plätze hatte Bonn-Süd 2024?", "118", True),
        ("Wie viele Plätze hatte Bonn-Süd 2024?", "64", False),
        ("Wie viele Plätze hatte Köln-Mitte 2024?", "118", False),
        ("Wie viele Plätze gab es 2024?", "118", False),
        ("Wie viele Plätze hatte Köln-Mitte 2023?", "118", True),
        ("Wie viele Plätze hatte Köln-Mitte 2023?", "112", False),
        ("Wie viele Plätze hatte Bonn-Süd 2023?", "64", True),
    ],
)
def test_the_row_that_answers_has_what_is_asked_about(
    question: str, answer: str, *, is_other: bool
) -> None:
    made = reading(ROWS, answer)
    assert is_of_other_row(made.spans[0], asked_of(question, "de")) == is_other
    assert (group([made], {}, asked_of(question, "de")) == NO_GROUPS) == is_other


def test_sentences_are_no_rows() -> None:
    made = reading("Köln hat 112 Plätze. Bonn-Süd hat 64 Plätze.", "112")
    assert not is_of_other_row(made.spans[0], asked_of("Wie viele Plätze hat Bonn-Süd?", "de"))


@pytest.mark.parametrize(
    ("question", "answering"),
    [
        ("Wie viele Plätze hatte Bonn-Süd 2024?", ["Bonn-Süd", "Plätze 2024: 64."]),
        ("Wie viele Plätze hatte Köln-Mitte 2023?", ["Köln-Mitte", "Plätze 2023: 112"]),
        ("Welche Plätze hat Köln-Mitte?", [ROWS.splitlines()[0]]),
        ("Wie viele Plätze gibt es?", [" ".join(ROWS.split())]),
        ("Um wie viel stieg die Zahl in Köln-Mitte seit 2023?", [ROWS.splitlines()[0]]),
        ("Welcher Standort hat mehr Plätze als Köln-Mitte?", [" ".join(ROWS.split())]),
    ],
)
def test_of_a_table_the_row_and_the_cell_that_are_asked_about_may_answer(
    question: str, answering: list[str]
) -> None:
    text = shown(ROWS)
    (stretches,) = answer_stretches([text], asked_of(question, "de"))
    said = [text.text[start:end] for start, end in stretches]
    assert " ".join(said) == " ".join(answering)


def test_the_row_may_stand_in_another_passage_of_the_document() -> None:
    first = shown("Köln-Mitte · Plätze: 112 · Leitung: A. Berg.")
    second = shown("Bonn-Süd · Plätze: 64.")
    other = shown("Nordhalle · Plätze: 20 · Leitung: C. Au.", name="b")
    asked = asked_of("Wie viele Plätze hat Bonn-Süd?", "de")
    found = answer_stretches([first, second, other], asked)
    assert [bool(stretches) for stretches in found] == [False, True, True]


@pytest.mark.parametrize(
    "text",
    [
        "Haus Lindenhof · Durchwahl 17.\n\nRaum: Ahorn · Plätze: 12 · Preis: 9 Euro.",
        "Raum: Ahorn · Preis: 85 Euro.\n\nSaal: Ahorn · Personen: 12.",
        "Ahorn · Plätze: 12 · Preis: 50 Euro.\n\nEiche · Plätze: 60 · Preis: 90 Euro.",
    ],
)
def test_what_is_no_row_of_the_table_does_not_count(text: str) -> None:
    asked = asked_of("Wie viele Leute passen im Haus Lindenhof in den Raum Ahorn, über 50?", "de")
    view = shown(text)
    (stretches,) = answer_stretches([view], asked)
    said = " ".join(view.text[start:end] for start, end in stretches)
    assert ": 12" in said


def test_sentences_beside_a_table_stay_together() -> None:
    text = shown(f"{ROWS}\n\nEs gibt einen Saal. Er fasst 200 Leute.")
    (stretches,) = answer_stretches([text], asked_of("Wie viele Plätze hat Köln-Mitte?", "de"))
    assert text.text[slice(*stretches[-1])].endswith("Es gibt einen Saal. Er fasst 200 Leute.")

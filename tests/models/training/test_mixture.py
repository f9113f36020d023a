"""Examples that the reader is trained on, made of texts by rule."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from models import forms
from models.training.falsify import falsifications, names_of
from models.training.mixture import (
    cut_answer,
    mixture,
    names_by_language,
    reading_examples,
    swap_name,
)
from models.training.reading_sets import ReadingText, TextQuestion, is_held

SHARED = Path(__file__).parents[4] / "shared"

LIGHTHOUSE = ReadingText(
    "1",
    "made",
    "en",
    "Lighthouse",
    "The lighthouse of Cape Anna was built in 1874. It was designed by Clara Berg from Hamburg. "
    "Its lamp is 42 metres above the sea. A path of two miles leads to it from the village.",
    [
        TextQuestion("en", "Who designed the lighthouse of Cape Anna in 1874?", ("Clara Berg",)),
        TextQuestion("de", "Wie hoch ist die Lampe?", ("42 metres",)),
        TextQuestion("en", "Who painted it?", ()),
    ],
)
BRIDGE = ReadingText(
    "2",
    "made",
    "en",
    "Bridge",
    "The bridge of Port Elmo was opened by Otto Lang in 1911. Until then a ferry went each hour.",
    [TextQuestion("en", "Who opened the bridge of Port Elmo?", ("Otto Lang",))],
)
TEXTS = (LIGHTHOUSE, BRIDGE)


def test_a_question_with_another_name_or_year_has_no_answer() -> None:
    names = names_by_language(TEXTS)
    assert "Port Elmo" in names["en"]
    questions = set()
    for seed in range(40):
        swapped = swap_name(LIGHTHOUSE, names, random.Random(seed))
        if swapped is not None:
            assert swapped.spans == ()
            questions.add(swapped.question)
    assert "Who designed the lighthouse of Port Elmo in 1874?" in questions
    assert any("Cape Anna" in question and "1874" not in question for question in questions)
    assert not any(
        question in {asked.question for asked in LIGHTHOUSE.asked} for question in questions
    )


def test_what_stood_in_the_sentence_that_was_cut_out_has_no_answer() -> None:
    for seed in range(10):
        cut = cut_answer(LIGHTHOUSE, random.Random(seed))
        assert cut is not None
        assert ("Clara Berg" in cut.text) != ("42 metres" in cut.text)
        for before, asked in zip(LIGHTHOUSE.asked, cut.asked, strict=True):
            assert asked.question == before.question
            assert asked.spans == (before.spans if all(s in cut.text for s in before.spans) else ())
    assert cut_answer(BRIDGE, random.Random(1)) is None, "too little would be left"


def test_each_text_is_asked_what_it_answers_and_what_it_does_not() -> None:
    answers = set()
    for seed in range(20):
        for example in reading_examples(TEXTS, seed):
            for tail in example.tails:
                if tail.form == "check":
                    continue
                assert tail.form == "extract"
                assert tail.answer == forms.NOTHING or tail.answer in example.text
                answers.add(tail.answer)
    assert {"Clara Berg", "Otto Lang", forms.NOTHING} <= answers


@pytest.mark.parametrize(
    ("language", "statement"),
    [
        ("en", "Clara Berg has never sold more than 40 of the lamps that Otto Lang built in 1911."),
        ("de", "Clara Berg ist größer als Otto Lang, der 1911 alle 40 Lampen kaufte."),
    ],
)
def test_a_falsified_statement_differs_and_says_how(
    language: forms.Language, statement: str
) -> None:
    kinds = set()
    for seed in range(30):
        for kind, changed in falsifications(
            statement, language, random.Random(seed), [*names_of(f"x {statement}"), "Port Elmo"]
        ):
            assert changed != statement
            kinds.add(kind)
    assert {"value", "other value", "roles", "other name"} <= kinds


@pytest.mark.skipif(not (SHARED / "train").is_dir(), reason="no training data beside the project")
def test_no_document_stands_on_both_sides() -> None:
    train, held = mixture(SHARED, 7, ["extract"])
    trained, kept = ({example.text for example in side} for side in (train, held))
    assert trained
    assert kept
    assert not trained & kept
    none = [tail.answer == forms.NOTHING for example in train for tail in example.tails]
    assert 0.25 < sum(none) / len(none) < 0.5


def test_holding_back_is_by_document() -> None:
    held = [is_held(str(number)) for number in range(3000)]
    assert 0.28 < sum(held) / len(held) < 0.39

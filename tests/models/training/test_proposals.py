"""Answers that are checked: right ones, and wrong ones that could be taken for right."""

from __future__ import annotations

import random

from models import forms
from models.training.proposals import check_tails, wrong_answer
from models.training.reading_sets import ReadingText, TextQuestion

DESIGNER = TextQuestion("en", "Who designed the lighthouse of Cape Anna?", ("Clara Berg",))
HEIGHT = TextQuestion("de", "Wie hoch ist die Lampe?", ("42 metres",))
YEAR = TextQuestion("en", "When was the lighthouse built?", ("1874",))
PAINTER = TextQuestion("en", "Who painted it?", ())
LIGHTHOUSE = ReadingText(
    "1",
    "made",
    "en",
    "Lighthouse",
    "The lighthouse of Cape Anna was built in 1874. It was designed by Clara Berg from Hamburg. "
    "Its lamp is 42 metres above the sea. Otto Lang opened it.",
    [DESIGNER, HEIGHT, YEAR, PAINTER],
)


def seeds() -> list[random.Random]:
    return [random.Random(seed) for seed in range(30)]


def test_a_wrong_answer_stands_in_the_text_and_is_of_the_right_shape() -> None:
    for chance in seeds():
        wrong = wrong_answer(YEAR, LIGHTHOUSE, chance)
        assert wrong == "42 metres"
        wrong = wrong_answer(DESIGNER, LIGHTHOUSE, chance)
        assert wrong is not None
        assert wrong in LIGHTHOUSE.text
        assert wrong != "Clara Berg"
        # What the question says itself is never proposed.
        assert wrong not in DESIGNER.question


def test_right_and_wrong_answers_are_both_checked() -> None:
    swapped = TextQuestion("en", "Who designed the lighthouse of Port Elmo?", ())
    for chance in seeds():
        tails = check_tails(LIGHTHOUSE, LIGHTHOUSE.asked, swapped, chance)
        assert {tail.form for tail in tails} == {"check"}
        assert {tail.answer for tail in tails if tail.language == "en"} >= {forms.NO["en"]}
        by_question = {asked.question: asked.spans for asked in LIGHTHOUSE.asked}
        for tail in tails:
            right = tail.proposed in by_question.get(tail.content, ())
            said = forms.YES[tail.language] if right else forms.NO[tail.language]
            assert tail.answer == said
        # The right answer to the question as it was is wrong with another name in it.
        assert ("Clara Berg", forms.NO["en"]) in [
            (tail.proposed, tail.answer) for tail in tails if tail.content == swapped.question
        ]


def test_a_text_without_anything_to_propose_gives_nothing() -> None:
    text = ReadingText("2", "made", "de", "", "nichts als kleine worte", [PAINTER])
    assert check_tails(text, text.asked, None, random.Random(1)) == []

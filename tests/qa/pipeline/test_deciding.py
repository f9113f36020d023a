"""The sentences that decide a question for yes or no."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from found_spans import reading

from index.cross_encoder import SpanScores
from index.retriever import Retrieved
from qa.dialogue.asked import asked_of
from qa.pipeline import confidence
from qa.pipeline.deciding import deciding_readings
from qa.pipeline.extract import PassageReading
from qa.pipeline.group import Grouping, group
from qa.pipeline.shown_text import show
from qa.pipeline.table_rows import answer_stretches

TEXT = "Guo verließ Riva 2018. Ihre Anteile hat sie behalten. Berg zahlte 5 Euro."
PLACES = [(0, 22), (23, 53), (54, 73)]
ASKED = asked_of("Hat Guo ihre Anteile behalten?", "de")


def read(text: str, shares: list[float], name: str = "a") -> Retrieved:
    """A passage, and what the cross-encoder gives each of the sentences above."""
    share = np.asarray(shares)
    spans = SpanScores(np.asarray(PLACES[: len(shares)]), share, share)
    return replace(reading(text, name=name).retrieved, spans=spans)


def decided(*passages: Retrieved) -> list[PassageReading]:
    shown = [show(passage.stored) for passage in passages]
    return deciding_readings(passages, answer_stretches(shown, ASKED))


@pytest.mark.parametrize("place", range(3))
def test_the_sentence_in_which_the_cross_encoder_sees_the_answer(place: int) -> None:
    shares = [0.1, 0.1, 0.1]
    shares[place] = 0.6
    (made,) = decided(read(TEXT, shares))
    (span,) = made.spans
    assert span.context == span.text == TEXT[slice(*PLACES[place])]
    assert made.located == pytest.approx(np.log(0.6 / 0.4))
    assert [(words.start, words.end) for words in span.words] == [PLACES[place]]


def test_headings_and_questions_decide_nothing() -> None:
    assert decided(read("Hat Guo ihre Anteile?", [0.9])) == []


def test_what_the_cross_encoder_has_not_read_is_refused() -> None:
    with pytest.raises(ValueError, match="has not read"):
        decided(reading(TEXT).retrieved)


def grouped(*passages: Retrieved) -> Grouping:
    weights = confidence.weights_of("", "yes_no")

    def strength(made: PassageReading) -> float:
        return confidence.strength(made, weights, ASKED)

    return group(decided(*passages), {}, ASKED, strength)


def test_the_sentence_that_is_surer_answers() -> None:
    grouping = grouped(read(TEXT, [0.1, 0.2, 0.1]), read("Guo ging gern.", [0.6], name="b"))
    assert not grouping.disagree
    assert [side.best.context for side in grouping.groups] == ["Guo ging gern."]


def test_two_sources_that_say_different_values_are_sides() -> None:
    first = read("Guo behielt ihre Anteile, 5 Prozent.", [0.6], name="a")
    second = read("Guo behielt ihre Anteile, 7 Prozent.", [0.7], name="b")
    assert grouped(first, second).disagree


def test_of_a_table_the_row_that_is_asked_about_decides() -> None:
    rows = "Berg · Anteile: 5 Prozent · Sitz: Riva. Guo · Anteile: 7 Prozent · Sitz: Adorf."
    (made,) = decided(read(rows, [0.8, 0.1, 0.1]))
    assert made.spans[0].context.startswith("Guo")


def test_such_questions_are_weighed_apart() -> None:
    assert confidence.weights_of("", "yes_no").located == 1.0
    assert confidence.weights_of("", "").located == 0.0

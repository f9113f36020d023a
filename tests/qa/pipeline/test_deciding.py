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
from qa.pipeline.group import group

TEXT = "Guo verließ Riva 2018. Ihre Anteile hat sie behalten. Berg zahlte 5 Euro."
PLACES = [(0, 22), (23, 53), (54, 73)]
ASKED = asked_of("Hat Guo ihre Anteile behalten?", "de")


def read(text: str, shares: list[float], name: str = "a") -> Retrieved:
    """A passage, and what the cross-encoder gives each of the sentences above."""
    share = np.asarray(shares)
    spans = SpanScores(np.asarray(PLACES[: len(shares)]), share, share)
    return replace(reading(text, name=name).retrieved, spans=spans)


@pytest.mark.parametrize("place", range(3))
def test_the_sentence_in_which_the_cross_encoder_sees_the_answer(place: int) -> None:
    shares = [0.1, 0.1, 0.1]
    shares[place] = 0.6
    (made,) = deciding_readings([read(TEXT, shares)])
    (span,) = made.spans
    assert span.context == span.text == TEXT[slice(*PLACES[place])]
    assert made.located == pytest.approx(np.log(0.6 / 0.4))
    assert [(words.start, words.end) for words in span.words] == [PLACES[place]]


def test_headings_and_questions_decide_nothing() -> None:
    assert deciding_readings([read("Hat Guo ihre Anteile?", [0.9])]) == []


def test_what_the_cross_encoder_has_not_read_is_refused() -> None:
    with pytest.raises(ValueError, match="has not read"):
        deciding_readings([reading(TEXT).retrieved])


def test_one_sentence_answers_and_no_two_are_sides() -> None:
    first = read(TEXT, [0.1, 0.2, 0.1])
    second = read("Guo bekam 7 Euro.", [0.6], name="b")
    weights = confidence.weights_of("", "yes_no")

    def strength(made: object) -> float:
        return confidence.strength(made, weights, ASKED)  # type: ignore[arg-type]

    grouping = group(deciding_readings([first, second]), {}, ASKED, strength)
    assert not grouping.disagree
    assert [side.best.context for side in grouping.groups] == ["Guo bekam 7 Euro."]


def test_such_questions_are_weighed_apart() -> None:
    assert confidence.weights_of("", "yes_no").located == 1.0
    assert confidence.weights_of("", "").located == 0.0

from __future__ import annotations

import pytest
from fakes import HashingEncoder
from hypothesis import given
from hypothesis import strategies as st
from samples import DOCUMENTS, plain_weights

from index.evidence import select
from index.retriever import Retriever
from qa.proof import answerable
from qa.proof.answerable import Features, Weights

PLAIN = plain_weights()
NUMBERS = st.floats(-30, 30)


@given(NUMBERS, st.floats(-1, 1), NUMBERS, st.floats(0, 1), st.sampled_from([0.0, 1.0]))
def test_a_probability_for_any_features(
    yes_log_odds: float, cosine: float, lead: float, coverage: float, flag: float
) -> None:
    found = Features(
        yes_log_odds=yes_log_odds,
        cosine=cosine,
        lead=lead,
        coverage=coverage,
        foreign=flag,
        english=1.0 - flag,
    )
    for weights in (None, PLAIN):
        assert 0.0 <= answerable.probability(found, weights) <= 1.0


@pytest.mark.parametrize("yes_log_odds", [-5000.0, 5000.0])
def test_the_surest_model_breaks_nothing(yes_log_odds: float) -> None:
    found = Features(
        yes_log_odds=yes_log_odds, cosine=0.9, lead=1.0, coverage=1.0, foreign=0.0, english=0.0
    )
    assert answerable.probability(found, PLAIN) == pytest.approx(float(yes_log_odds > 0))


def test_the_shipped_weights_are_sound() -> None:
    weights = answerable.weights()
    assert 0.0 <= weights.threshold("de") < 1.0
    assert 0.0 <= weights.threshold("en") < 1.0
    assert weights.yes_log_odds >= 0.0, "a surer model must not make an answer less likely"


def test_unknown_weights_are_refused() -> None:
    with pytest.raises(ValueError, match="extra_forbidden"):
        Weights.model_validate({**PLAIN.model_dump(), "mood": 1.0})


def test_features_of_a_question(retriever: Retriever, encoder: HashingEncoder) -> None:
    def of(question: str, language: str) -> Features:
        found = retriever.search(question, 1, language=language)  # type: ignore[arg-type]
        shown = select(found, encoder, encoder.count_tokens, 99).shown
        return answerable.features(found, shown, 2.5)

    asked = of("Wie viele Milliarden Dollar zahlte Meta für Scale AI?", "de")
    assert asked.yes_log_odds == 2.5
    assert (asked.foreign, asked.english) == (0.0, 0.0)
    assert 0.75 <= asked.cosine <= 1.0
    assert asked.coverage > 0.5
    across = of(DOCUMENTS[1].text, "de")
    assert (across.foreign, across.coverage) == (1.0, 0.0)


def test_each_language_has_its_threshold() -> None:
    weights = PLAIN.model_copy(update={"threshold_en": 0.25})
    assert (weights.threshold("de"), weights.threshold("en")) == (0.5, 0.25)

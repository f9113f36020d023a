"""Fitting the score of support, with a scorer whose word is known."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest

from base.errors import UsageError
from eval.fit_support import FIRM, as_toml, fit, hand_pairs, make_examples, report
from qa.proof.support import REASONS, Pair, ScoreWeights, score_weights

PAIRS = Path(__file__).parents[1] / "qa" / "proof" / "data" / "pairs_dev.jsonl"


class Knowing:
    """Says what is right, with some noise."""

    def __init__(self, truth: Sequence[bool]) -> None:
        self._truth = truth
        self._chance = random.Random(1)

    def score(self, pairs: Sequence[Pair]) -> list[float]:
        assert len(pairs) == len(self._truth)
        return [self._chance.gauss(4 if right else -4, 2) for right in self._truth]


def test_a_knowing_scorer_gets_weight_and_values_stay_firm() -> None:
    labelled = list(hand_pairs([PAIRS]))
    examples = make_examples(labelled, Knowing([right for _, right, _ in labelled]))
    fitted = fit(examples, 0.05)
    assert fitted.scorer > 0.3
    assert fitted.scorer_across > 0.3
    assert fitted.firm == FIRM
    assert set(fitted.reasons) == set(REASONS) - set(FIRM)
    lines = list(report(examples, fitted))
    assert lines[0].startswith("by hand, same language: 0.0")
    again = tomllib.loads(as_toml({"with_scorer": fitted}, "How."))
    assert ScoreWeights.model_validate(again["with_scorer"]) == fitted


def test_what_code_decides_leaves_nothing_to_fit() -> None:
    pair = Pair(
        quote="Es kostet 3 Euro.",
        statement="Es kostet 4 Euro.",
        quote_language="de",
        statement_language="de",
    )
    with pytest.raises(UsageError, match="nothing to fit"):
        fit(make_examples([(pair, False, True)], Knowing([False])), 0.05)


def test_an_absent_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        list(hand_pairs([tmp_path / "absent.jsonl"]))


def test_the_weights_that_ship() -> None:
    for scored in (False, True):
        weights = score_weights(scored=scored)
        assert 0 < weights.threshold_same < 1
        assert set(weights.firm) <= set(REASONS)
        assert set(weights.reasons) <= set(REASONS) - set(weights.firm)
    assert "value" in score_weights(scored=True).firm

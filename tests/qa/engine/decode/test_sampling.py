from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from base.errors import UsageError
from qa.engine.decode.sampling import Constraint, Sampler, Sampling, log_probabilities

LOGITS = st.lists(st.floats(-20, 20, width=32), min_size=2, max_size=30).map(
    lambda found: np.asarray(found, dtype=np.float32)
)


@given(LOGITS)
def test_log_probabilities_sum_to_one(logits: NDArray[np.float32]) -> None:
    assert np.exp(log_probabilities(logits)).sum() == pytest.approx(1.0, abs=1e-4)


@given(LOGITS)
def test_greedy_takes_the_likeliest(logits: NDArray[np.float32]) -> None:
    token, chance = Sampler(Sampling(), None).choose(logits)
    assert logits[token] == logits.max()
    assert chance == pytest.approx(float(log_probabilities(logits)[token]), abs=1e-4)


@given(LOGITS, st.sets(st.integers(0, 29)), st.sampled_from([0.0, 0.7]))
def test_what_is_forbidden_is_never_said(
    logits: NDArray[np.float32], forbidden: set[int], temperature: float
) -> None:
    forbidden = {one for one in forbidden if one < len(logits) - 1}
    asked: list[int] = []

    def mask() -> NDArray[np.int64]:
        asked.append(1)
        return np.asarray(sorted(forbidden), dtype=np.int64)

    sampler = Sampler(Sampling(temperature, seed=3), Constraint(forbidden.__contains__, mask))
    token, _ = sampler.choose(logits)
    assert token not in forbidden
    if temperature == 0.0 and int(logits.argmax()) not in forbidden:
        assert asked == [], "the vocabulary is scanned only where the choice breaks the rule"


def test_sampling_follows_the_distribution_and_its_seed() -> None:
    logits = np.log(np.asarray([0.7, 0.2, 0.1], dtype=np.float32))
    sampler = Sampler(Sampling(1.0, seed=1), None)
    found = [sampler.choose(logits)[0] for _ in range(2000)]
    assert found.count(0) / 2000 == pytest.approx(0.7, abs=0.05)
    again = Sampler(Sampling(1.0, seed=1), None)
    assert [again.choose(logits)[0] for _ in range(2000)] == found


def test_the_nucleus() -> None:
    logits = np.log(np.asarray([0.1, 0.6, 0.3], dtype=np.float32))
    sampler = Sampler(Sampling(1.0, top_p=0.7, seed=1), None)
    assert {sampler.choose(logits)[0] for _ in range(200)} == {1, 2}
    alone = Sampler(Sampling(1.0, top_p=0.5, seed=1), None)
    assert {alone.choose(logits)[0] for _ in range(200)} == {1}


def test_a_low_temperature_is_nearly_greedy() -> None:
    logits = np.asarray([1.0, 2.0, 0.0], dtype=np.float32)
    sampler = Sampler(Sampling(0.05, seed=1), None)
    assert {sampler.choose(logits)[0] for _ in range(100)} == {1}


@pytest.mark.parametrize(
    "given", [{"temperature": -0.1}, {"temperature": float("nan")}, {"top_p": 0.0}, {"top_p": 1.1}]
)
def test_what_is_no_way_to_sample(given: dict[str, float]) -> None:
    with pytest.raises(UsageError, match="must be"):
        Sampling(**given)  # type: ignore[arg-type]

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.engine.decode.step_cost import NETWORK_ROW, StepCost


def test_what_was_seen_is_known_and_what_lies_between_is_on_the_line() -> None:
    cost = StepCost()
    assert cost.of(1) == 1.0
    cost.learn(1, 0.040)
    assert cost.of(1) == 0.040
    assert cost.of(6) == pytest.approx(0.120), "a guess until it is known"
    cost.learn(5, 0.160)
    assert cost.of(3) == pytest.approx(0.100)
    assert cost.of(5) == 0.160


def test_the_latest_steps_count_most() -> None:
    cost = StepCost()
    cost.learn(1, 1.0)
    for _ in range(40):
        cost.learn(1, 0.1)
    assert cost.of(1) == pytest.approx(0.1, rel=0.01)


def test_what_a_further_row_costs_is_said_until_it_is_known() -> None:
    cost = StepCost(NETWORK_ROW)
    cost.learn(4, 0.080)
    assert cost.of(9) == pytest.approx(0.080 * 1.16 / 1.06)
    cost.learn(9, 0.110)
    assert cost.of(9) == 0.110


def test_a_step_that_was_slow_for_another_reason_is_not_believed() -> None:
    cost = StepCost()
    for rows, seconds in ((1, 0.04), (3, 0.50), (5, 0.11)):
        cost.learn(rows, seconds)
    assert cost.of(3) == cost.of(5) == 0.11


@given(st.dictionaries(st.integers(1, 20), st.floats(0.001, 1.0)), st.integers(1, 30))
def test_any_step_costs_something(seen: dict[int, float], rows: int) -> None:
    cost = StepCost()
    for size, seconds in seen.items():
        cost.learn(size, seconds)
    assert 0.0 < cost.of(rows) <= cost.of(rows + 1) * (1 + 1e-9)
    assert cost.of(rows) <= 30.0 * max(seen.values(), default=1.0)

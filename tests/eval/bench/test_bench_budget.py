"""A benchmark that keeps its time, and statistics of what was measured."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.bench.budget import Allotment, Budget
from eval.bench.spread import paired_ratios, spread


class Clock:
    """Time that passes when told."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@given(
    cost=st.floats(0.1, 10.0),
    seconds=st.floats(0.0, 100.0),
    least=st.integers(0, 5),
)
def test_rounds_end_in_time_or_at_the_fewest(cost: float, seconds: float, least: int) -> None:
    clock = Clock()
    done = 0
    for _ in Allotment(seconds, clock).rounds(range(10_000), least):
        clock.now += cost
        done += 1
    assert done >= least
    # The first round is begun without knowing what one costs.
    assert clock.now <= seconds + 1e-6 or done <= max(least, 1)
    assert clock.now + cost > seconds - 1e-6


def test_rounds_end_with_their_items() -> None:
    assert list(Allotment(100.0, Clock()).rounds("ab", 5)) == ["a", "b"]


def test_what_one_part_leaves_the_later_ones_share() -> None:
    clock = Clock()
    budget = Budget(100.0, {"first": 1, "second": 1, "third": 2}, clock)
    first = budget.allot("first")
    assert sum(1 for _ in first.rounds(range(3), 0)) == 3
    clock.now = 20.0
    second = budget.allot("second")
    for _ in second.rounds(range(1000), 0):
        clock.now += 1.0
    assert clock.now == pytest.approx(20 + 80 / 3, abs=1.0)
    third = budget.allot("third")
    for _ in third.rounds(range(1000), 0):
        clock.now += 1.0
    assert clock.now == pytest.approx(100.0, abs=1.0)


def test_a_part_that_comes_too_late_still_gets_its_fewest() -> None:
    clock = Clock()
    budget = Budget(10.0, {"first": 1, "second": 1}, clock)
    clock.now = 50.0
    assert len(list(budget.allot("second").rounds(range(9), 2))) == 2


def test_halves_of_a_part() -> None:
    clock = Clock()
    counts = []
    for half in Allotment(20.0, clock).split(2):
        counts.append(0)
        for _ in half.rounds(range(1000), 0):
            clock.now += 1.0
            counts[-1] += 1
    assert counts == [10, 10]


@given(st.lists(st.floats(-1e6, 1e6), min_size=1))
def test_quartiles_are_in_order_and_within(values: list[float]) -> None:
    found = spread(values)
    assert min(values) <= found.low <= found.median <= found.high <= max(values)
    assert found.count == len(values)


def test_quartiles_between_values() -> None:
    found = spread([1.0, 2.0, 3.0, 4.0])
    assert (found.low, found.median, found.high) == (1.75, 2.5, 3.25)


def test_nothing_has_no_median() -> None:
    with pytest.raises(ValueError, match="nothing"):
        spread([])


def test_ratios_are_of_pairs() -> None:
    assert paired_ratios([1.0, 4.0], [2.0, 4.0]).median == 0.75

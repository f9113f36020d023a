from __future__ import annotations

import random
from itertools import pairwise, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from base.errors import BelegtError
from eval.metrics.honesty import area, crag, risk_coverage_curve

SURE = st.lists(st.tuples(st.sampled_from([0.1, 0.5, 0.9]), st.booleans()), max_size=30)


def test_the_score_of_each_verdict() -> None:
    assert crag("right") == 1.0
    assert crag("wrong") == crag("wrongly answered") == -1.0
    assert crag("rightly refused") == crag("wrongly refused") == crag("failed") == 0.0
    with pytest.raises(BelegtError, match="'unjudged' has no CRAG score"):
        crag("unjudged")


def test_the_curve_by_hand() -> None:
    sure = [(0.5, False), (0.9, True), (0.5, True), (0.1, False)]
    assert risk_coverage_curve(sure, 8) == [(1 / 8, 0.0), (3 / 8, 1 / 3), (4 / 8, 0.5)]
    assert risk_coverage_curve([], 8) == []


def test_the_area_by_hand() -> None:
    assert area([(0.9, True), (0.8, False), (0.7, True)]) == pytest.approx((0 + 1 / 2 + 1 / 3) / 3)
    assert area([(0.9, True)] * 5) == area([]) == 0.0
    assert area([(0.9, False)] * 5) == 1.0


@given(st.lists(st.tuples(st.sampled_from([0.2, 0.8]), st.booleans()), min_size=1, max_size=5))
def test_equal_confidences_give_the_mean_over_their_orders(sure: list[tuple[float, bool]]) -> None:
    def in_order(ranked: tuple[tuple[float, bool], ...]) -> float:
        wrong = [sum(not right for _, right in ranked[:n]) / n for n in range(1, len(ranked) + 1)]
        return sum(wrong) / len(wrong)

    orders = [
        order
        for order in permutations(sure)
        if all(one[0] >= after[0] for one, after in pairwise(order))
    ]
    assert area(sure) == pytest.approx(sum(map(in_order, orders)) / len(orders))


@given(SURE, st.randoms(use_true_random=False))
def test_order_does_not_matter(sure: list[tuple[float, bool]], draw: random.Random) -> None:
    mixed = list(sure)
    draw.shuffle(mixed)
    assert area(mixed) == area(sure)
    assert risk_coverage_curve(mixed, len(sure) + 1) == risk_coverage_curve(sure, len(sure) + 1)


@given(SURE, st.integers(0, 10))
def test_the_curve_ends_at_all_answers(sure: list[tuple[float, bool]], refused: int) -> None:
    asked = len(sure) + refused
    curve = risk_coverage_curve(sure, asked)
    assert [coverage for coverage, _ in curve] == sorted({coverage for coverage, _ in curve})
    assert all(0.0 <= risk <= 1.0 for _, risk in curve)
    assert 0.0 <= area(sure) <= 1.0
    if sure:
        wrong = sum(not right for _, right in sure)
        assert curve[-1] == (len(sure) / asked, wrong / len(sure))

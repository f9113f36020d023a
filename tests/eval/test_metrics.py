from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics import (
    contains_gold,
    mean,
    ndcg_at,
    normalised,
    recall_at,
    reciprocal_rank_at,
    wilson,
)

RANKS = st.lists(st.none() | st.integers(1, 50), max_size=20)


def test_measures_by_hand() -> None:
    ranks = [1, 2, None, 11]
    assert recall_at(ranks, 1) == 0.25
    assert recall_at(ranks, 10) == 0.5
    assert reciprocal_rank_at(ranks, 10) == pytest.approx((1 + 0.5) / 4)
    assert ndcg_at(ranks, 10) == pytest.approx((1 + 1 / math.log2(3)) / 4)


@given(RANKS, st.integers(1, 60))
def test_measures_of_any_ranks(ranks: list[int | None], k: int) -> None:
    recall, rank, gain = recall_at(ranks, k), reciprocal_rank_at(ranks, k), ndcg_at(ranks, k)
    assert 0.0 <= rank <= gain + 1e-12
    assert gain <= recall + 1e-12
    assert recall <= 1.0
    assert recall <= recall_at(ranks, k + 1)


def test_the_mean_of_nothing() -> None:
    assert mean([]) == recall_at([], 5) == ndcg_at([], 5) == 0.0


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Die 14,3 Milliarden Dollar. [1][12]", "143 milliarden dollar"),
        ("The „Deal“ – an end!", "deal end"),
        ("  ", ""),
    ],
)
def test_normalised(text: str, plain: str) -> None:
    assert normalised(text) == plain


@given(st.text(max_size=60))
def test_normalising_again_changes_nothing_but_articles(text: str) -> None:
    once = normalised(text)
    assert once == " ".join(once.split())
    assert contains_gold(text, [text]) == bool(once)


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        (["14,3 Milliarden"], True),
        (["15", "die Milliarden Dollar"], True),
        (["4,3 Milliarden"], False),
        (["Milli"], False),
        (["", "der"], False),
        ([], False),
    ],
)
def test_a_gold_answer_counts_as_whole_words(answers: list[str], expected: bool) -> None:
    assert contains_gold("Meta zahlte 14,3 Milliarden Dollar. [1]", answers) is expected


@given(st.integers(0, 500), st.integers(1, 500))
def test_the_interval_holds_its_share(hits: int, count: int) -> None:
    share = min(hits, count) / count
    low, high = wilson(share, count)
    assert 0.0 <= low <= share + 1e-9
    assert share <= high + 1e-9
    assert high <= 1.0
    wider = wilson(share, max(1, count // 2))
    assert wider[1] - wider[0] >= high - low - 1e-9


def test_the_interval_by_hand() -> None:
    low, high = wilson(0.5, 100)
    assert (low, high) == (pytest.approx(0.4038, abs=1e-4), pytest.approx(0.5962, abs=1e-4))
    assert wilson(0.0, 0) == (0.0, 1.0)

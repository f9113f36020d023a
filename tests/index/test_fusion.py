from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.fusion import Usual, fuse, highest_bm25

COSINES = st.dictionaries(st.integers(1, 40), st.floats(-1, 1, width=32), max_size=15)
SCORES = st.dictionaries(st.integers(1, 40), st.floats(0, 30, width=32), max_size=15)
DEFAULT_OPTIONS = st.builds(Usual, st.floats(-0.5, 0.9), st.floats(0.01, 0.3))
WEIGHTS = st.floats(0, 1)


@given(COSINES, SCORES, DEFAULT_OPTIONS, WEIGHTS, st.randoms())
def test_the_order_of_candidates_does_not_matter(
    cosines: dict[int, float],
    bm25: dict[int, float],
    usual: Usual,
    weight: float,
    source: random.Random,
) -> None:
    items = list(cosines.items())
    source.shuffle(items)
    assert fuse(dict(items), bm25, usual, 20.0, weight) == fuse(cosines, bm25, usual, 20.0, weight)


@given(COSINES, SCORES, DEFAULT_OPTIONS, WEIGHTS)
def test_every_candidate_comes_back_once_best_first(
    cosines: dict[int, float], bm25: dict[int, float], usual: Usual, weight: float
) -> None:
    found = fuse(cosines, bm25, usual, 20.0, weight)
    assert sorted(one.id for one in found) == sorted(cosines)
    keys = [(-one.score, one.id) for one in found]
    assert keys == sorted(keys), "ties are broken by id"
    for one in found:
        assert one.parts.cosine == cosines[one.id]
        assert one.parts.bm25 == bm25.get(one.id, 0.0)
        assert 0.0 <= one.parts.lexical <= 1.0


@given(COSINES, SCORES, DEFAULT_OPTIONS, WEIGHTS, st.floats(0.001, 1))
def test_more_cosine_or_more_bm25_never_costs_a_rank(
    cosines: dict[int, float], bm25: dict[int, float], usual: Usual, weight: float, more: float
) -> None:
    for number, cosine in cosines.items():
        before = place(cosines, bm25, usual, weight, number)
        raised = cosines | {number: cosine + more}
        assert place(raised, bm25, usual, weight, number) <= before
        matched = bm25 | {number: bm25.get(number, 0.0) + more}
        assert place(cosines, matched, usual, weight, number) <= before


def place(
    cosines: dict[int, float], bm25: dict[int, float], usual: Usual, weight: float, number: int
) -> int:
    return [one.id for one in fuse(cosines, bm25, usual, 20.0, weight)].index(number)


@given(COSINES, SCORES, DEFAULT_OPTIONS)
def test_without_lexical_weight_the_cosine_alone_decides(
    cosines: dict[int, float], bm25: dict[int, float], usual: Usual
) -> None:
    found = fuse(cosines, bm25, usual, 20.0, 0.0)
    assert found == fuse(cosines, {}, usual, 0.0, 0.0) or [one.score for one in found] == [
        one.score for one in fuse(cosines, {}, usual, 0.0, 0.0)
    ]
    assert [one.parts.dense for one in found] == sorted(
        (one.parts.dense for one in found), reverse=True
    )


def test_equal_scores_rank_by_id() -> None:
    found = fuse({9: 0.5, 3: 0.5, 7: 0.5}, {}, Usual(0.4, 0.1), 0.0, 0.4)
    assert [one.id for one in found] == [3, 7, 9]


def test_a_corpus_of_one_passage_has_no_spread() -> None:
    assert Usual(0.8, 0.0).standardise(0.9) == 0.0
    (only,) = fuse({1: 0.9}, {1: 3.0}, Usual(0.9, 0.0), 3.0, 0.4)
    assert math.isfinite(only.score)
    assert only.parts.lexical == 1.0


def test_no_candidates() -> None:
    assert fuse({}, {}, Usual(0.0, 1.0), 0.0, 0.4) == []


def test_a_bm25_score_is_a_share_of_the_question() -> None:
    highest = highest_bm25({"wal": 1}, ["wal", "wal", "hund"], 10)
    assert highest == pytest.approx(2.2 * (math.log(9.5 / 1.5) + math.log(10.5 / 0.5)))
    assert highest_bm25({}, [], 10) == 0.0


@given(st.lists(st.sampled_from("abcdef"), max_size=6), st.integers(1, 50), st.data())
def test_the_most_that_bm25_can_give_is_never_negative(
    terms: list[str], passages: int, data: st.DataObject
) -> None:
    frequencies = {term: data.draw(st.integers(0, passages)) for term in set(terms)}
    highest = highest_bm25(frequencies, terms, passages)
    assert (highest > 0) == bool(terms)

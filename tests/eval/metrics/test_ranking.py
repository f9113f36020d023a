from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shared_data import SHARED

from base.errors import BelegtError
from eval.metrics.ranking import (
    ranking_scores,
    trec_scores,
)
from eval.record import Ranked

FIXTURES = SHARED / "eval" / "metric_fixtures" / "trec_eval"
# Every measure of trec_eval that the library computes, with its cut-offs.
ALL = [
    *("num_q", "num_ret", "num_rel", "num_rel_ret", "num_nonrel_judged_ret"),
    *("map", "gm_map", "map_cut", "infAP", "bpref", "gm_bpref", "recip_rank", "success"),
    *("P", "relative_P", "recall", "Rprec", "Rprec_mult", "iprec_at_recall", "11pt_avg"),
    *("ndcg", "ndcg_cut", "ndcg_rel", "Rndcg", "G", "binG", "utility"),
    *("set_P", "set_relative_P", "set_recall", "set_map", "set_F"),
]
PARAMETERS = [
    "iprec_at_recall.0.10,0.20,0.25,0.50,0.75",
    "P.3,5,7",
    "recall.20,2000",
    "Rprec_mult.0.20,0.35,5.00",
    "ndcg_cut.10,20,23",
    "success.2,5,20",
]
# Texts, not numbers; measures that came with trec_eval 10; parameters that the library cannot name.
NOT_COMPUTED = {
    *("runid", "relstring"),
    *("rbp", "rbp_resid", "unj_5", "unj_10", "unj_20"),
    *("utility_2,-1,0,0", "11pt_avg_.25,.5,.75", "ndcg_1=3,2=9,4=4.5"),
}
# trec_eval 10 rounds a share of the relevant documents to a count, 9 (the library) rounds it up.
ROUNDED = {"iprec_at_recall_0.10", "iprec_at_recall_0.25", "iprec_at_recall_0.60", "11pt_avg"}


def ranking(*names: str, scores: list[float] | None = None) -> tuple[Ranked, ...]:
    given = scores or [0.0] * len(names)
    return tuple(
        Ranked(document_id=name, score=score) for name, score in zip(names, given, strict=True)
    )


def expected(file: Path) -> list[tuple[str, str, str]]:
    rows = [line.split("\t") for line in file.read_text("utf-8").splitlines()]
    return [(name.strip(), question.strip(), value.strip()) for name, question, value in rows]


@pytest.mark.parametrize(
    ("file", "measures"),
    [
        ("out.test", ALL),
        ("out.test.a", ALL),
        ("out.test.aq", ALL),
        ("out.test.meas_params", PARAMETERS),
    ],
)
def test_every_printed_digit_is_trec_evals(file: str, measures: list[str]) -> None:
    if not FIXTURES.is_dir():
        pytest.skip("the fixtures are not on this machine")
    scores = trec_scores(
        (FIXTURES / "qrels.test").read_text("utf-8").splitlines(),
        (FIXTURES / "results.test").read_text("utf-8").splitlines(),
        measures,
    )
    scores["all"]["num_q"] = len(scores) - 1
    wrong = set()
    for name, question, value in expected(FIXTURES / file):
        if name in NOT_COMPUTED:
            assert name not in scores[question]
            continue
        digits = 4 if "." in value else 0
        if f"{scores[question][name]:.{digits}f}" != value:
            wrong.add(name)
    assert wrong <= ROUNDED


def test_scores_by_hand() -> None:
    scores = ranking_scores(ranking("x", "b", "a", "y"), {"a": 2, "b": 1, "c": 1, "x": 0})
    ideal = 2 / math.log2(2) + 1 / math.log2(3) + 1 / math.log2(4)
    assert scores["ndcg@10"] == pytest.approx((1 / math.log2(3) + 2 / math.log2(4)) / ideal)
    assert scores["recall@1"] == 0.0
    assert scores["recall@5"] == scores["recall@100"] == pytest.approx(2 / 3)
    assert scores["mrr@10"] == 0.5
    assert scores["map"] == pytest.approx((1 / 2 + 2 / 3) / 3)


def test_the_order_given_counts_whatever_the_scores_say() -> None:
    wanted = ranking_scores(ranking("a", "b", "c"), {"a": 1})
    assert wanted["mrr@10"] == 1.0
    assert ranking_scores(ranking("a", "b", "c", scores=[0.1, 0.5, 0.9]), {"a": 1}) == wanted


def test_nothing_found_and_nothing_relevant_score_0() -> None:
    names = set(ranking_scores(ranking("a"), {"a": 1}))
    assert names == {
        *("ndcg@10", "recall@1", "recall@5", "recall@10", "recall@100", "mrr@10", "map")
    }
    assert ranking_scores((), {"a": 1}) == dict.fromkeys(names, 0.0)
    assert ranking_scores(ranking("a"), {"a": 0}) == dict.fromkeys(names, 0.0)
    assert ranking_scores(ranking("a"), {}) == dict.fromkeys(names, 0.0)


def test_the_reciprocal_rank_ends_at_10() -> None:
    names = [f"d{place}" for place in range(12)]
    assert ranking_scores(ranking(*names), {"d9": 1})["mrr@10"] == pytest.approx(0.1)
    assert ranking_scores(ranking(*names), {"d10": 1})["mrr@10"] == 0.0


def test_a_document_ranked_twice_is_an_error() -> None:
    with pytest.raises(BelegtError, match="'b' stands in a ranking twice"):
        ranking_scores(ranking("a", "b", "b"), {"a": 1})


@given(st.integers(1, 40), st.integers(1, 40))
def test_one_right_document_counts_by_its_rank(rank: int, length: int) -> None:
    scores = ranking_scores(ranking(*(f"d{place}" for place in range(1, length + 1))), {"x": 1})
    assert set(scores.values()) == {0.0}
    names = ["x" if place == rank else f"d{place}" for place in range(1, length + 1)]
    scores = ranking_scores(ranking(*names), {"x": 1})
    seen = rank <= min(length, 10)
    assert scores["ndcg@10"] == pytest.approx(1 / math.log2(rank + 1) if seen else 0.0)
    assert scores["mrr@10"] == pytest.approx(1 / rank if seen else 0.0)
    assert scores["recall@5"] == (rank <= min(length, 5))


@given(st.permutations("abcdefgh"), st.dictionaries(st.sampled_from("abcdxy"), st.integers(0, 3)))
def test_scores_of_any_ranking_are_shares(names: list[str], grades: dict[str, int]) -> None:
    scores = ranking_scores(ranking(*names), grades)
    assert all(0.0 <= value <= 1.0 + 1e-9 for value in scores.values())
    assert scores["recall@1"] <= scores["recall@5"] <= scores["recall@10"]

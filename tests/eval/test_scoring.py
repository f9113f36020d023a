from __future__ import annotations

import pytest
from evaluation_samples import info, question, record, reply

from eval.metrics.overlap import OverlapJudge
from eval.record import QuestionRecord
from eval.scoring import is_right, score, summarise

JUDGE = OverlapJudge()
UNANSWERABLE = {"answerable": False, "answers": (), "relevant": {}}


def scores(one: QuestionRecord) -> dict[str, float]:
    return score(one, JUDGE).scores


def test_a_right_answer() -> None:
    found = score(record("a"), JUDGE)
    assert found.verdict == "right"
    for name in ("gold_contained", "cited", "gold_document_cited", "quotes_exact", "crag"):
        assert found.scores[name] == 1.0
    assert found.scores["citation_recall"] == found.scores["citation_precision"] == 1.0
    assert found.scores["ndcg@10"] == found.scores["recall@1"] == 1.0
    assert found.scores["wrongly_refused"] == 0.0
    assert "wrongly_answered" not in found.scores
    assert (found.scores["total_ms"], found.scores["prompt_tokens"]) == (100.0, 50.0)


def test_a_refusal_of_what_is_answerable() -> None:
    found = score(record("a", answered=False), JUDGE)
    assert found.verdict == "wrongly refused"
    assert found.scores["wrongly_refused"] == 1.0
    assert found.scores["crag"] == found.scores["f1"] == found.scores["gold_contained"] == 0.0
    assert "citation_recall" not in found.scores


@pytest.mark.parametrize(
    ("answered", "verdict", "crag"),
    [(True, "wrongly answered", -1.0), (False, "rightly refused", 0.0)],
)
def test_what_nothing_answers(answered: bool, verdict: str, crag: float) -> None:
    found = score(record("a", answered=answered, question=question("a", **UNANSWERABLE)), JUDGE)
    assert (found.verdict, found.scores["crag"]) == (verdict, crag)
    assert found.scores["wrongly_answered"] == answered
    assert not {"gold_contained", "f1", "wrongly_refused", "cited"} & found.scores.keys()


def test_a_wrong_answer() -> None:
    found = score(record("a", question=question("a", answers=("six euros",))), JUDGE)
    assert (found.verdict, found.scores["crag"]) == ("wrong", -1.0)


def test_a_tempting_wrong_answer_beside_the_right_one_is_wrong() -> None:
    said = "It costs five euros, or six euros. [1]"
    asked = question("a", wrong_answers=("six euros",))
    one = record("a", question=asked, reply=reply("a", text=said))
    assert scores(one)["gold_contained"] == 1.0
    assert not is_right(one)


def test_all_sides_of_a_conflict_are_needed() -> None:
    asked = question("a", needed="all", answers=("five euros", "six euros"))
    both = reply("a", text="Five euros, says one; six euros, says the other. [1]")
    assert scores(record("a", question=asked, reply=both))["strict_match"] == 1.0
    assert scores(record("a", question=asked))["strict_match"] == 0.0


def test_a_question_that_failed_is_not_right() -> None:
    found = score(record("a", ranking=None, reply=None, error="No server."), JUDGE)
    assert found.verdict == "failed"
    assert found.scores["failed"] == 1.0
    assert found.scores["right"] == found.scores["f1"] == found.scores["crag"] == 0.0
    assert scores(record("a"))["failed"] == 0.0
    unknown = record("a", question=question("a", answers=()), reply=None, error="No server.")
    assert "right" not in scores(unknown)


def test_a_system_that_does_not_search_has_no_retrieval_figures() -> None:
    assert "ndcg@10" not in scores(record("a", ranking=None))
    assert scores(record("a", ranking=()))["ndcg@10"] == 0.0


@pytest.mark.parametrize(
    "marker", ["[1]", "[1, 2]", "[Source 1]", "(Source 1)", "(Quellen 1 und 2)"]
)
def test_no_spelling_of_a_marker_counts_as_a_word(marker: str) -> None:
    one = record("a", reply=reply("a", text=f"Five euros {marker}."))
    assert scores(one)["exact_match"] == 1.0


def test_questions_without_gold_answers_are_not_judged() -> None:
    found = score(record("a", question=question("a", answers=())), JUDGE)
    assert found.verdict == "unjudged"
    assert not {"crag", "right", "f1"} & found.scores.keys()
    assert found.scores["cited"] == 1.0


def test_the_wrong_language_is_seen() -> None:
    assert scores(record("a", reply_language="de"))["language_right"] == 0.0
    assert "language_right" not in scores(record("a", reply_language=None)), "too short to tell"
    assert "language_right" not in scores(record("a", answered=False)), "a fixed sentence"


def test_a_run_in_figures() -> None:
    records = [
        record("a"),
        record("b", question=question("b", kind="odd", answers=("six euros",))),
        record("c", answered=False),
        record("d", question=question("d", **UNANSWERABLE)),
    ]
    summary = summarise(info(peak_memory_mb=12.0), [score(one, JUDGE) for one in records])
    figures = {one.name: one for one in summary.figures}
    assert figures["gold_contained"].value == pytest.approx(1 / 3)
    assert figures["gold_contained"].count == 3
    assert figures["crag"].value == pytest.approx(-1 / 4)
    low, high = figures["crag"].low, figures["crag"].high
    assert low is not None
    assert high is not None
    assert low <= figures["crag"].value <= high
    assert figures["wrongly_answered"].count == 1
    assert figures["total_ms p95"].value == 100.0
    assert figures["questions per minute"].value == pytest.approx(600.0)
    assert figures["peak memory"].value == 12.0
    assert summary.risk_coverage == ((0.75, pytest.approx(2 / 3)),)
    assert [one.count for one in summary.reliability] == [3]
    assert set(summary.slices) == {"kind odd", "kind plain"}


def test_a_run_of_retrieval_alone_has_no_answers_figures() -> None:
    one = record("a", reply=None, reply_language=None)
    summary = summarise(info(), [score(one, JUDGE)])
    assert {figure.name for figure in summary.figures} >= {"ndcg@10", "mrr@10", "map"}
    assert not {"refused", "crag", "total_ms p50"} & {one.name for one in summary.figures}
    assert summary.risk_coverage == ()

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_runs import made_run, run_info, scored_question, summary_of

from base.errors import UsageError
from eval.compare import BAD, FEWEST, GOOD, Difference, RunComparison, compare_runs
from eval.figures import ScoredRecord, Verdict

VERDICTS = get_args(Verdict)


def compared(first: list[ScoredRecord], second: list[ScoredRecord]) -> RunComparison:
    return compare_runs(summary_of(first), first, summary_of(second, "other"), second)


def difference(**changes: object) -> Difference:
    given = {"metric": "f1", "first": 0.0, "second": 0.0, "difference": 0.1, "low": 0.05,
             "high": 0.2, "count": FEWEST}  # fmt: skip
    return Difference.model_validate(given | changes)


def test_questions_are_paired_by_id_and_language_pair() -> None:
    first = [
        scored_question("q1", "right"),
        scored_question("q1", "wrong", pair=("de", "en")),
        scored_question("q2", "right"),
    ]
    second = [
        scored_question("q1", "right", pair=("de", "en")),
        scored_question("q3", "right"),
        scored_question("q1", "wrong"),
    ]
    found = compared(first, second)
    assert found.shared == 2
    assert found.only_first == ("q2 (de-de)",)
    assert found.only_second == ("q3 (de-de)",)
    assert [(one.question_id, one.pair) for one in found.to_right] == [("q1", "de-en")]
    assert [(one.question_id, one.pair) for one in found.to_wrong] == [("q1", "de-de")]
    [right] = found.differences
    assert (right.first, right.second, right.difference, right.count) == (0.5, 0.5, 0.0, 2)


def test_a_metric_counts_only_where_both_runs_have_it() -> None:
    first = [scored_question("q1", scores={"f1": 0.2}), scored_question("q2", scores={"f1": 1.0})]
    second = [scored_question("q1", scores={"f1": 0.6}), scored_question("q2", scores={"cited": 1})]
    [f1] = compared(first, second).differences
    assert f1.count == 1
    assert f1.difference == pytest.approx(0.4)


def test_unit_and_better_side_come_from_the_figures() -> None:
    first, second = made_run(60, 1), made_run(60, 2)
    found = {one.metric: one for one in compare_runs(*first, *second).differences}
    assert (found["total_ms"].unit, found["total_ms"].better) == ("ms", "low")
    assert found["refused"].better is None


def test_slices_by_pair_and_by_kind_hold_every_shared_question() -> None:
    first, second = made_run(120, 1), made_run(120, 2)
    slices = compare_runs(*first, *second).slices
    assert {name for name in slices if name.startswith("pair")} == {
        "pair de-de", "pair de-en", "pair en-de", "pair en-en",
    }  # fmt: skip
    assert "kind conflict" in slices
    whole = next(one for one in compare_runs(*first, *second).differences if one.metric == "f1")
    parts = [one for name, rows in slices.items() if "pair" in name for one in rows]
    assert sum(one.count for one in parts if one.metric == "f1") == whole.count


def test_one_pair_and_one_kind_make_no_slices() -> None:
    found = compared([scored_question("q1")], [scored_question("q1")])
    assert found.slices == {}


@pytest.mark.parametrize(
    ("changes", "finding"),
    [
        ({}, "better"),
        ({"better": "low"}, "worse"),
        ({"better": None}, "changed"),
        ({"low": -0.01}, "unclear"),
        ({"low": 0.0}, "unclear"),
        ({"count": FEWEST - 1}, "unclear"),
        ({"difference": -0.1, "low": -0.2, "high": -0.05}, "worse"),
        ({"difference": 0.0, "low": 0.0, "high": 0.0}, "equal"),
    ],
)
def test_what_an_interval_allows_to_say(changes: dict[str, object], finding: str) -> None:
    assert difference(**changes).finding == finding


@given(st.lists(st.tuples(st.sampled_from(VERDICTS), st.sampled_from(VERDICTS)), min_size=1))
def test_going_back_undoes_what_changed(verdicts: list[tuple[Verdict, Verdict]]) -> None:
    first = [scored_question(f"q{place}", one) for place, (one, _) in enumerate(verdicts)]
    second = [scored_question(f"q{place}", one) for place, (_, one) in enumerate(verdicts)]
    there, back = compared(first, second), compared(second, first)
    assert [one.question_id for one in there.to_right] == [one.question_id for one in back.to_wrong]
    assert [one.question_id for one in there.to_wrong] == [one.question_id for one in back.to_right]
    for one, other in zip(there.differences, back.differences, strict=True):
        assert one.low <= one.difference + 1e-9
        assert one.difference <= one.high + 1e-9
        assert one.difference == pytest.approx(-other.difference)
    assert len(there.to_right) == sum(one in BAD and two in GOOD for one, two in verdicts)


def test_a_run_compared_with_itself_changes_nothing() -> None:
    run = made_run(80)
    found = compare_runs(*run, *run)
    assert {one.finding for one in found.differences} == {"equal"}
    assert found.to_right == found.to_wrong == ()


def test_a_failure_is_not_right() -> None:
    found = compared([scored_question("q1", "right")], [scored_question("q1", "failed")])
    assert [one.after for one in found.to_wrong] == ["failed"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"set": "rivers"}, "different sets \\('harbours' and 'rivers'\\)"),
        ({"set_digest": "ffff" * 12}, "changed between the runs"),
    ],
)
def test_runs_of_different_sets_are_refused(changes: dict[str, object], sentence: str) -> None:
    first, scored = made_run(4)
    second = first.model_copy(update={"info": run_info(**changes)})
    with pytest.raises(UsageError, match=sentence):
        compare_runs(first, scored, second, scored)


def test_runs_without_a_common_question_are_refused() -> None:
    with pytest.raises(UsageError, match="share no question \\(1 and 1 were asked\\)"):
        compared([scored_question("q1")], [scored_question("q2")])


def test_a_question_listed_twice_is_refused() -> None:
    with pytest.raises(UsageError, match="question 'q1' \\(de-de\\) twice"):
        compared([scored_question("q1"), scored_question("q1")], [scored_question("q1")])

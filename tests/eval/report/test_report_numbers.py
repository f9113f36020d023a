from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_runs import made_run

from eval.figures import Figure, FigureUnit
from eval.report.meaning import OTHER, group_names, meaning
from eval.report.numbers import (
    best,
    format_change,
    format_interval,
    format_value,
    letter,
    same_questions,
)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.8144, "share", "81.4%"),
        (-0.12, "score", "-0.120"),
        (640.4, "ms", "640 ms"),
        (1844.0, "ms", "1.84 s"),
        (123_456.0, "ms", "123.5 s"),
        (1234.5, "tokens", "1,234"),
        (7.25, "per minute", "7.2/min"),
        (2345.6, "MB", "2,346 MB"),
    ],
)
def test_values_carry_their_unit(value: float, unit: FigureUnit, text: str) -> None:
    assert format_value(value, unit) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.021, "share", "+2.1 pp"),
        (-0.021, "share", "-2.1 pp"),
        (-0.00001, "share", "0.0 pp"),
        (-1500.0, "ms", "-1.50 s"),
        (0.0, "tokens", "0"),
    ],
)
def test_changes_carry_their_sign(value: float, unit: FigureUnit, text: str) -> None:
    assert format_change(value, unit) == text


def figure(value: float, better: str | None = "high", low: float | None = None) -> Figure:
    given = {"name": "f1", "value": value, "low": low, "high": low, "count": 9, "better": better}
    return Figure.model_validate(given)


def test_a_figure_without_interval_shows_none() -> None:
    assert format_interval(figure(0.5)) == ""
    assert format_interval(figure(0.5, low=0.4)) == "[40.0%, 40.0%]"


def test_the_best_value() -> None:
    assert best([figure(0.1), None, figure(0.3)]) == {2}
    assert best([figure(0.1, "low"), figure(0.3, "low")]) == {0}
    assert best([figure(0.3), figure(0.30001), figure(0.1)]) == {0, 1}


@pytest.mark.parametrize(
    "figures", [[], [figure(0.1)], [figure(0.1), figure(0.10001)], [figure(0.1, None), figure(0.2)]]
)
def test_nothing_is_best_without_a_contest(figures: list[Figure]) -> None:
    if figures and figures[0].better is None:
        figures = [figures[0], figures[1].model_copy(update={"better": None})]
    assert best(figures) == frozenset()


def test_runs_of_other_questions_are_not_held_together() -> None:
    one, _ = made_run(3)
    limited = one.model_copy(update={"info": one.info.model_copy(update={"limit": 2})})
    assert same_questions([one, one])
    assert not same_questions([one, limited])


@given(st.integers(0, 200))
def test_letters_tell_runs_apart(index: int) -> None:
    assert letter(index) not in {letter(other) for other in range(index)}


def test_metrics_are_found_by_their_stem() -> None:
    assert meaning("ndcg@10") == meaning("ndcg@1") != ""
    assert meaning("total_ms p95") == meaning("total_ms") != ""
    assert meaning("words of a kind") == ""


@given(st.lists(st.sampled_from(["f1", "right", "recall@5", "recall@1", "map", "new", "total_ms"])))
def test_grouping_keeps_every_metric_once(names: list[str]) -> None:
    groups = group_names(names)
    assert sorted(name for members in groups.values() for name in members) == sorted(set(names))
    if "new" in names:
        assert list(groups)[-1] == OTHER

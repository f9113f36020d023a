from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import get_args
from xml.etree import ElementTree

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from made_runs import made_run, run_info, scored_question, summary_of

from base.errors import BelegtError, UsageError
from eval.figures import Figure, ScoredRecord, Summary, Verdict
from eval.question import Question
from eval.record import QuestionRecord, Ranked
from eval.report import plots, write_report
from eval.report.page import render_report_page
from eval.report.svg import linear, seconds

SVG = re.compile(r"<svg class=\"plot\".*?</svg>", re.DOTALL)


def test_the_page_of_one_run() -> None:
    text = render_report_page([made_run(60)])
    for heading in ("Figures", "Plots", "Slices", "Questions", "Settings"):
        assert f">{heading}</h2>" in text
    assert ">Changes from A to B<" not in text
    assert len(SVG.findall(text)) > 3


def test_two_runs_of_a_set_are_compared() -> None:
    text = render_report_page([made_run(60, 1), made_run(60, 2, name="plain")])
    assert ">Changes from A to B<" in text
    assert "> best<" in text


def test_runs_of_different_sets_stand_side_by_side_only() -> None:
    other, scored = made_run(60, 2)
    other = other.model_copy(update={"info": run_info(set="rivers", set_digest="aa" * 20)})
    text = render_report_page([made_run(60), (other, scored)])
    assert ">Changes from A to B<" not in text
    assert "did not ask the same questions" in text
    assert "> best<" not in text


def test_a_run_of_retrieval_alone() -> None:
    question = Question(id="q", text="Wo?", language="de", relevant={"d1": 1})
    record = QuestionRecord(question=question, ranking=(Ranked(document_id="d1", score=1.0),))
    figure = Figure(name="ndcg@10", value=1.0, low=1.0, high=1.0, count=1)
    scored = [ScoredRecord(record=record, scores={"ndcg@10": 1.0}, verdict="unjudged")]
    text = render_report_page(
        [(Summary(info=run_info(questions=1), answered=1, figures=(figure,)), scored)]
    )
    assert ">Plots</h2>" not in text
    assert "ndcg@10" in text


def test_a_run_without_figures() -> None:
    assert "</html>" in render_report_page([(Summary(info=run_info(), answered=0, figures=()), [])])


def test_more_runs_than_colours() -> None:
    assert (
        render_report_page([made_run(20, seed) for seed in range(8)]).count(
            '<article class="card">'
        )
        == 8
    )


def test_every_verdict_has_a_place_on_the_page() -> None:
    verdicts = get_args(Verdict)
    scored = [scored_question(verdict, verdict) for verdict in verdicts]
    text = render_report_page([(summary_of(scored), scored)])
    assert all(f'data-verdict="{verdict}"' in text for verdict in verdicts)


def test_nothing_in_the_page_names_another_address() -> None:
    text = render_report_page([made_run(40)])
    assert "default-src 'none'" in unescape(text)
    assert not re.search(r"""(?:src|href)=["'](?!data:,|#)""", text)
    assert not re.search(r"https?:", text)


@settings(max_examples=20)
@given(st.text(min_size=1, max_size=30).filter(str.strip))
def test_names_stay_text(name: str) -> None:
    run, scored = made_run(8)
    marked = f"<script>alert(1)</script>{name}"
    odd = run.model_copy(update={"info": run_info(marked, set=marked)})
    assert "<script>alert" not in render_report_page([(odd, scored)])


def test_the_file_is_written_into_a_new_folder(tmp_path: Path) -> None:
    out = tmp_path / "new" / "report.html"
    write_report([made_run(20)], out)
    assert out.read_text("utf-8").startswith("<!doctype html>")


def test_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no run to report on"):
        write_report([], tmp_path / "report.html")


def test_a_file_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(BelegtError, match=r"cannot be written to .*; choose another file"):
        write_report([made_run(4)], tmp_path)


def test_plots_are_well_formed_and_say_what_they_show() -> None:
    runs = [made_run(80, seed, name="a <b> & c") for seed in (1, 2, 3)]
    summaries = [summary for summary, _ in runs]
    drawings = [
        plots.plot_risk_coverage(summaries),
        plots.reliability(summaries),
        plots.latency(summaries, [scored for _, scored in runs]),
        *(plots.slices(summaries, name) for name in plots.slice_metrics(summaries)),
    ]
    for drawing in drawings:
        root = ElementTree.fromstring(drawing)
        assert root.attrib["role"] == "img"
        ids = {root.find("title").attrib["id"], root.find("desc").attrib["id"]}
        assert set(root.attrib["aria-labelledby"].split()) == ids
        assert root.find("desc").text
        assert "style" not in {name for one in root.iter() for name in one.attrib}


def test_nothing_is_drawn_from_nothing() -> None:
    empty = Summary(info=run_info(), answered=0, figures=())
    assert plots.plot_risk_coverage([empty]) == plots.reliability([empty]) == ""
    assert plots.latency([empty], [[]]) == plots.slices([empty], "f1") == ""


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6), st.booleans())
def test_a_linear_axis_holds_its_ends(low: float, length: float, percent: bool) -> None:
    high = low + length
    axis = linear(low, high, "", percent=percent)
    slack = (axis.high - axis.low) * 1e-6 + 1e-6
    assert axis.low <= low + slack
    assert axis.high >= high - slack
    assert 2 <= len(axis.ticks) <= 9


@given(st.lists(st.floats(0.0, 1e8), min_size=1))
@example([2.0])
@example([0.0])
def test_an_axis_of_time_holds_every_time(times: list[float]) -> None:
    axis = seconds(times, "")
    assert all(0.0 <= axis.share(one) <= 1.0 for one in times)
    assert axis.low < axis.high
    assert axis.ticks

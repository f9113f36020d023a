from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from made_runs import made_run, scored_question, summary_of

from eval.compare import compare_runs
from eval.report import comparison_markdown, markdown


def rows(text: str, start: str) -> list[list[str]]:
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith(start)
    ]


def test_one_run() -> None:
    text = markdown([made_run(60)[0]])
    assert text.startswith("belegt on harbours: 60 questions, 240 documents")
    [right, *_] = rows(text, "| right ")
    assert right[1].endswith("%]")
    assert "**" not in right[1]
    assert "### right by slice" in text
    assert rows(text, "| pair de-en")


def test_several_runs_side_by_side_with_the_best_in_bold() -> None:
    good, bad = made_run(200, 1, skill=0.9)[0], made_run(200, 1, name="plain", skill=0.3)[0]
    text = markdown([bad, good])
    [right, *_] = rows(text, "| right ")
    assert "**" not in right[1]
    assert right[2].startswith("**")


def test_runs_of_other_questions_have_no_best_value() -> None:
    one, other = made_run(40)[0], made_run(40, 2)[0]
    other = other.model_copy(update={"info": other.info.model_copy(update={"seed": 8})})
    text = markdown([one, other])
    assert "did not ask the same questions" in text
    assert "**" not in text.partition("| right")[2]


def test_a_comparison() -> None:
    text = comparison_markdown(
        compare_runs(*made_run(300, 1, skill=0.9), *made_run(250, 1, name="plain", skill=0.3))
    )
    assert "250 questions in both; 50 only in A (harbour-0250 (de-en), " in text
    assert " and 45 more)" in text
    assert rows(text, "| right ")[0][-1] == "**worse**"
    assert "### Right in A, wrong in B: " in text
    assert "### pair de-en" in text


def test_long_lists_of_flips_are_cut() -> None:
    first = [scored_question(f"q{number}", "wrong") for number in range(30)]
    second = [scored_question(f"q{number}", "right") for number in range(30)]
    text = comparison_markdown(compare_runs(summary_of(first), first, summary_of(second), second))
    assert "### Wrong in A, right in B: 30" in text
    assert text.count("- `q") == 20
    assert "- and 10 more" in text


@given(st.text(min_size=1).filter(str.strip))
def test_no_name_breaks_a_table(name: str) -> None:
    run = made_run(12)[0]
    system = run.info.system.model_copy(update={"name": name})
    odd = run.model_copy(update={"info": run.info.model_copy(update={"system": system})})
    lines = [line for line in markdown([run, odd]).splitlines() if line.startswith("|")]
    assert {line.replace("\\|", "").count("|") for line in lines} == {4}

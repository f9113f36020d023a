"""What the confidence is fitted to."""

from __future__ import annotations

import tomllib
from pathlib import Path

from eval.calibrate import _for_yes_or_no, write_weights
from eval.question import Question
from qa.pipeline.confidence import Weights


def question(number: int, text: str, answer: str) -> Question:
    return Question(
        id=str(number), text=text, language="de", answers=(answer,), relevant={"riva": 1}
    )


def test_questions_are_asked_for_yes_or_no_with_a_right_and_with_another_answer() -> None:
    questions = [
        question(1, "Wann wurde Riva gegründet?", "1998"),
        question(2, "Wann wurde Riva verkauft?", "2007"),
        question(3, "Warum wurde Riva verkauft?", "Verluste"),
    ]
    made = list(_for_yes_or_no(questions))
    assert [asked.text for asked in made] == [
        "Wurde Riva im Jahr 1998 gegründet?",
        "Wurde Riva im Jahr 1998 verkauft?",
    ]
    assert [asked.answers for asked in made] == [("1998",), ("2007",)]


def test_weights_replace_those_of_the_same_models_and_sort(tmp_path: Path) -> None:
    file = tmp_path / "confidence.toml"
    file.write_text('[[weights]]\njudges = "a"\nintercept = 1.0\nthreshold = 0.5\n', "utf-8")
    write_weights(Weights(judges="a", sort="yes_no", intercept=2.0, threshold=0.6), file)
    write_weights(Weights(judges="a", sort="yes_no", intercept=3.0, threshold=0.6), file)
    tables = tomllib.loads(file.read_text("utf-8"))["weights"]
    assert [(table["judges"], table.get("sort", ""), table["intercept"]) for table in tables] == [
        ("a", "", 1.0),
        ("a", "yes_no", 3.0),
    ]

"""What the confidence is fitted to."""

from __future__ import annotations

import tomllib
from pathlib import Path

from eval.calibrate import SETS, WRITTEN, development, write_weights
from qa.pipeline.confidence import Weights


def test_what_was_written_asks_for_yes_or_no_apart_from_the_rest() -> None:
    chosen = {wanted.name: development(wanted) for wanted in SETS if wanted.set == WRITTEN}
    assert len(chosen) == 4
    for wanted in SETS:
        if wanted.set != WRITTEN:
            continue
        questions = chosen[wanted.name]
        assert 0 < len(questions) <= wanted.count
        assert all((question.kind == "yes/no") == wanted.yes_no for question in questions)
        assert not wanted.hidden or all(question.answerable for question in questions)
        # Of many documents, and not the first ones' alone.
        assert len({question.within[0] for question in questions}) > len(questions) // 8


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

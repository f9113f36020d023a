from __future__ import annotations

import json
from pathlib import Path

import pytest

from base.errors import UsageError
from eval.readers import SetSource, nomiracl


def row(name: str, *, impossible: bool, present: bool, **more: object) -> str:
    usual = {
        "id": name,
        "question": "Wo liegt das Tal?",
        "answers": [],
        "is_impossible": impossible,
        "gpt4_says_present": present,
        "passage_ids": ["p1", "p2"],
    }
    return json.dumps(usual | more) + "\n"


def test_only_what_both_judges_see_alike_is_asked(tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text(
        row("a", impossible=True, present=False)
        + row("b", impossible=True, present=True)
        + row("c", impossible=False, present=True)
        + row("d", impossible=False, present=False),
        "utf-8",
    )
    found = [one.question for one in nomiracl.questions(SetSource(file, "questions", "de"))]
    assert [(one.id, one.answerable) for one in found] == [("a", False), ("c", True)]
    assert {one.within for one in found} == {("p1", "p2")}


def test_a_missing_field_is_named(tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text(row("a", impossible=True, present=False, passage_ids=[]), "utf-8")
    with pytest.raises(UsageError, match="line 1: the field 'passage_ids'"):
        list(nomiracl.questions(SetSource(file, "questions", "de")))

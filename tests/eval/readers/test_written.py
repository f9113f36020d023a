from __future__ import annotations

import json
from pathlib import Path

import pytest

from base.errors import UsageError
from eval.questionset import find_set
from eval.readers.source import SetAbsentError, SetSource
from eval.readers.written import documents, files, questions
from models.training.reading_sets import is_held
from models.training.written import written_documents


def test_only_held_documents_are_asked_about() -> None:
    found = find_set("written")
    held = {document.id for document in found.documents("any-any")}
    assert held == {document.id for document in written_documents(held=True)}
    assert all(is_held(name, of=5) for name in held)
    asked = found.questions("any-any")
    assert {question.kind for question in asked} == {
        "value", "clause", "list", "yes/no", "unanswerable",
    }  # fmt: skip
    for question in asked:
        assert set(question.relevant) <= set(question.within) <= held
        assert len(question.within) == len(set(question.within)) == min(6, len(held))
        assert question.answerable == (question.kind != "unanswerable")
        assert question.needed == ("all" if question.kind == "list" else "any")


def test_a_folder_that_is_not_here_is_absent(tmp_path: Path) -> None:
    with pytest.raises(SetAbsentError, match="is not on this machine"):
        list(files(SetSource(tmp_path / "written", "written")))


@pytest.mark.parametrize("read", [documents, questions])
def test_a_line_of_another_form_is_told(tmp_path: Path, read: object) -> None:
    (tmp_path / "one.jsonl").write_text(json.dumps({"id": "x"}) + "\n")
    with pytest.raises(UsageError, match="has a line that is not of its form"):
        list(read(SetSource(tmp_path, "written")))  # type: ignore[operator]

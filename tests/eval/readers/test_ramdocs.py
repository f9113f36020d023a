from __future__ import annotations

import json
from pathlib import Path

import pytest

from base.errors import UsageError
from eval.readers import SetSource, ramdocs

Row = dict[str, object]


def held(kind: str, **change: object) -> Row:
    return {"text": f"Something {kind}.", "type": kind, "answer": "x"} | change


def write(folder: Path, *rows: Row) -> SetSource:
    path = folder / "ramdocs.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return SetSource(path, "ramdocs.jsonl", "en")


def test_a_question_searches_its_own_documents(tmp_path: Path) -> None:
    documents = [held(kind, id=kind) for kind in ("correct", "misinfo", "noise")]
    row: Row = {"id": "r1", "question": "What?", "answers": ["A", "B"], "wrong_answers": ["C"]}
    source = write(tmp_path, row | {"documents": documents, "disambig_entity": ["X"]})
    (found,) = ramdocs.questions(source)
    question = found.question
    assert (question.answers, question.wrong_answers) == (("A", "B"), ("C",))
    assert question.needed == "all"
    assert question.within == ("correct", "misinfo", "noise")
    assert question.relevant == {"correct": 1, "misinfo": 0, "noise": 0}
    assert [one.document.id for one in ramdocs.documents(source)] == list(question.within)


def test_the_published_file_has_no_ids(tmp_path: Path) -> None:
    row: Row = {"question": "What?", "gold_answers": ["A"], "documents": [held("correct")] * 2}
    source = write(tmp_path, row, row)
    questions = [found.question for found in ramdocs.questions(source)]
    assert [one.id for one in questions] == ["ramdocs-0", "ramdocs-1"]
    ids = [found.document.id for found in ramdocs.documents(source)]
    assert ids == [name for one in questions for name in one.within]
    assert len(set(ids)) == 4


@pytest.mark.parametrize(
    ("answers", "types", "kind"),
    [
        (["A"], ["correct", "noise"], "plain"),
        (["A", "A"], ["correct"], "plain"),
        (["A", "B"], ["correct"], "conflict"),
        (["A"], ["correct", "misinfo"], "misinformation"),
        (["A", "B"], ["correct", "misinfo"], "conflict and misinformation"),
    ],
)
def test_kinds(tmp_path: Path, answers: list[str], types: list[str], kind: str) -> None:
    row: Row = {"question": "What?", "answers": answers, "documents": [held(one) for one in types]}
    (found,) = ramdocs.questions(write(tmp_path, row))
    assert found.question.kind == kind


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"answers": []}, "'answers' is []"),
        ({"documents": []}, "'documents' is []"),
        ({"documents": [held("true")]}, "'documents.0.type' is 'true'"),
        ({"documents": [{"type": "noise"}]}, "'documents.0.text' is missing"),
    ],
)
def test_faulty_rows(tmp_path: Path, change: Row, said: str) -> None:
    row: Row = {"question": "What?", "answers": ["A"], "documents": [held("correct")]}
    with pytest.raises(UsageError) as caught:
        list(ramdocs.questions(write(tmp_path, row, row | change)))
    assert "line 2: " in str(caught.value)
    assert said in str(caught.value)

from __future__ import annotations

import json
from pathlib import Path

import pytest

from base.errors import UsageError
from eval.questionset import find_set
from eval.readers import SetAbsentError, SetSource, beir

HEADER = "query-id\tcorpus-id\tscore\n"


@pytest.fixture
def source(tmp_path: Path) -> SetSource:
    lines(tmp_path / "corpus.jsonl", {"_id": "d1", "title": "T", "text": "A dog.", "metadata": {}})
    lines(tmp_path / "corpus.jsonl", {"_id": "d2", "title": "Only a title", "text": ""})
    lines(tmp_path / "queries.jsonl", {"_id": "q1", "text": "Which animal?"})
    lines(tmp_path / "queries.jsonl", {"_id": "q2", "text": "Of another split?"})
    (tmp_path / "qrels").mkdir()
    (tmp_path / "qrels" / "test.tsv").write_text(f"{HEADER}q1\td1\t2\nq1\td2\t0\n")
    (tmp_path / "qrels" / "dev.tsv").write_text(f"{HEADER}q2\td2\t1\n")
    return SetSource(tmp_path, "folder", "en")


def lines(path: Path, *rows: object) -> None:
    with path.open("a", encoding="utf-8") as stream:
        stream.writelines(json.dumps(row) + "\n" for row in rows)


def test_documents_and_the_questions_of_a_split(source: SetSource) -> None:
    documents = [found.document for found in beir.documents(source)]
    assert [(one.id, one.text) for one in documents] == [("d1", "A dog."), ("d2", "Only a title")]
    (found,) = beir.questions(source)
    assert (found.question.id, found.question.relevant) == ("q1", {"d1": 2, "d2": 0})
    assert found.question.gold_documents == {"d1"}
    assert found.question.answerable
    dev = SetSource(source.path, "folder", "en", split="dev")
    assert [one.question.id for one in beir.questions(dev)] == ["q2"]


def test_an_unknown_split_names_the_known_ones(source: SetSource) -> None:
    train = SetSource(source.path, "folder", "en", split="train")
    with pytest.raises(UsageError, match="no split 'train'; set 'split' to one of dev, test"):
        list(beir.questions(train))


def test_a_folder_without_judgements_is_absent(source: SetSource) -> None:
    for path in (source.path / "qrels").iterdir():
        path.unlink()
    with pytest.raises(SetAbsentError, match=r"test\.tsv"):
        list(beir.questions(source))


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("q1\td1\t1\n", "line 1: the columns should be query-id"),
        (f"{HEADER}q1\td1\n", "line 2: 2 columns instead of 3"),
        (f"{HEADER}q1\td1\tgood\n", "line 2: the score is 'good'"),
        (f"{HEADER}q1\td1\t1\nq1\td1\t2\n", "line 3: question 'q1' and document 'd1' are judged"),
        (f"{HEADER}q1\td1\t1\nq9\td1\t2\n", "line 3: there is no question 'q9'"),
    ],
)
def test_faulty_judgements(source: SetSource, rows: str, said: str) -> None:
    (source.path / "qrels" / "test.tsv").write_text(rows)
    with pytest.raises(UsageError) as caught:
        list(beir.questions(source))
    assert f"test.tsv', {said}" in str(caught.value)


def test_a_judgement_of_an_unknown_document_names_its_line(source: SetSource) -> None:
    (source.path / "qrels" / "test.tsv").write_text(f"{HEADER}q1\td1\t1\nq1\td9\t1\n")
    with pytest.raises(UsageError, match=r"test\.tsv', line 3: question 'q1' names .* 'd9'"):
        find_set(source.path).questions()


def test_faulty_rows(source: SetSource) -> None:
    lines(source.path / "corpus.jsonl", {"_id": "d3", "text": " "})
    with pytest.raises(UsageError, match=r"corpus\.jsonl', line 3: the document 'd3' is blank"):
        list(beir.documents(source))
    lines(source.path / "queries.jsonl", {"text": "Who?"})
    with pytest.raises(UsageError, match=r"queries\.jsonl', line 3: the field '_id' is missing"):
        list(beir.questions(source))

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from base.errors import UsageError
from eval.questionset import find_set
from eval.readers import SetSource, squad


def asked(**change: object) -> dict[str, object]:
    answers = [{"text": "Satz", "answer_start": 4}]
    return {"id": "q1", "question": "Was?", "answers": answers} | change


def paragraph(*qas: dict[str, object], context: str = "Ein Satz.") -> dict[str, object]:
    return {"context": context, "qas": list(qas)}


def write(folder: Path, data: object) -> SetSource:
    path = folder / "squad.json"
    path.write_text(json.dumps({"version": "1.1", "data": data}), "utf-8")
    return SetSource(path, "squad.json", "de")


def test_a_paragraph_is_a_document(tmp_path: Path) -> None:
    articles = [
        {"title": "Nikola_Tesla", "paragraphs": [paragraph(asked()), paragraph(asked(id=5))]},
        {"paragraphs": [paragraph()], "title": "Lehrer"},
        {"paragraphs": [paragraph()]},
    ]
    source = write(tmp_path, articles)
    documents = [found.document for found in squad.documents(source)]
    assert [(one.id, one.title) for one in documents] == [
        ("Nikola_Tesla-0", "Nikola Tesla"),
        ("Nikola_Tesla-1", "Nikola Tesla"),
        ("Lehrer-0", "Lehrer"),
        ("article-2-0", "article-2"),
    ]
    assert {(one.text, one.language, one.path) for one in documents} == {
        ("Ein Satz.", "de", "squad.json")
    }
    first, second = (found.question for found in squad.questions(source))
    assert (first.id, first.text, first.answers) == ("q1", "Was?", ("Satz",))
    assert (first.relevant, second.relevant) == ({"Nikola_Tesla-0": 1}, {"Nikola_Tesla-1": 1})
    assert second.id == "5"


def test_articles_of_one_title_share_no_document(tmp_path: Path) -> None:
    article = {"title": "T", "paragraphs": [paragraph()]}
    found = squad.documents(write(tmp_path, [article, article]))
    assert [one.document.id for one in found] == ["T-0", "T-1"]


def test_impossible_questions_of_the_second_version(tmp_path: Path) -> None:
    impossible = asked(answers=[], is_impossible=True, plausible_answers=[])
    (found,) = squad.questions(write(tmp_path, [{"paragraphs": [paragraph(impossible)]}]))
    assert not found.question.answerable
    assert (found.question.answers, found.question.relevant) == ((), {})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"question": 5}, "'qas.1.question' is 5"),
        ({"answers": []}, "'qas.1' has no answers and is not marked as impossible"),
        ({"is_impossible": True}, "'qas.1' has answers but is marked as impossible"),
        ({"answers": [{"text": "Satz"}]}, "'qas.1.answers.0.answer_start' is missing"),
        (
            {"answers": [{"text": "Satz", "answer_start": 5}]},
            ".qas[1]: the answer 'Satz' does not stand at character 5 of document 'T-0'; it first "
            "stands at 4",
        ),
        ({"answers": [{"text": "Wort", "answer_start": 0}]}, "it is nowhere in its text"),
    ],
)
def test_a_faulty_question_is_one_sentence_with_its_path(
    tmp_path: Path, change: dict[str, object], said: str
) -> None:
    data = [{"title": "T", "paragraphs": [paragraph(asked(), asked(id="q2", **change))]}]
    with pytest.raises(UsageError) as caught:
        list(squad.questions(write(tmp_path, data)))
    assert "squad.json', data[0].paragraphs[0]" in str(caught.value)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, "data: 'data' should be a list"),
        ([5], "data: 'data.item' should be an object"),
        ([{"paragraphs": {}}], "data[0]: 'data.item.paragraphs' should be a list"),
        ([{"paragraphs": ["x"]}], "'data.item.paragraphs.item' should be an object"),
        ([{"title": 5, "paragraphs": []}], "'data.item.title' should be text"),
        ([{"paragraphs": []}, {"title": "T"}], "data[1]: the field 'paragraphs' is missing"),
        ([{"paragraphs": [{"qas": []}]}], "paragraphs[0]: the field 'context' is missing"),
        ([{"paragraphs": [{"context": "x"}]}], "paragraphs[0]: the field 'qas' is missing"),
    ],
)
def test_another_frame_is_refused(tmp_path: Path, data: object, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        list(squad.documents(write(tmp_path, data)))
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "raw",
    [
        b"nope",
        b'{"data": [{"paragraphs": [',
        b'{"data": [{"paragraphs": [{"context": "gr\xf6\xdfe", "qas": []}]}]}',
        b'{"data": [{"paragraphs": []}]} x',
    ],
)
def test_what_is_no_json_is_one_line(tmp_path: Path, raw: bytes) -> None:
    source = write(tmp_path, [])
    source.path.write_bytes(raw)
    with pytest.raises(UsageError, match=r"squad\.json', data.*not valid JSON") as caught:
        list(squad.documents(source))
    assert "\n" not in str(caught.value)


def test_a_large_file_streams(tmp_path: Path) -> None:
    """All paragraphs in one article: even that is never held as a whole."""
    context = "Hier steht etwas mehr Text. " * 380
    path = tmp_path / "large.json"
    with path.open("w", encoding="utf-8") as stream:
        stream.write('{"data": [{"title": "T", "paragraphs": [')
        for number in range(2800):
            one: dict[str, Any] = paragraph(asked(id=f"q{number}"), context=f"Der Satz. {context}")
            stream.write(("," if number else "") + json.dumps(one))
        stream.write("]}]}")
    size = path.stat().st_size
    assert size > 29_000_000
    found = find_set(path)
    tracemalloc.start()
    count = sum(1 for _ in found.documents())
    questions = found.questions(limit=10)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (count, len(questions)) == (2800, 10)
    assert peak < size / 5

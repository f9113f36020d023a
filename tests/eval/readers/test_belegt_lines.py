from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from base.errors import UsageError
from eval.readers import SetAbsentError, SetSource, belegt
from eval.readers.source import GoldSpan

ASKED = {"id": "q1", "question": "Who?", "answers": ["Wang"], "doc_id": "d1"}
HELD = {"id": "d1", "title": "Titel", "text": "Ein Satz."}


def write(folder: Path, *rows: object) -> SetSource:
    path = folder / "data.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return SetSource(path, "data.jsonl", "en")


def test_a_question_with_every_field(tmp_path: Path) -> None:
    row = ASKED | {
        "relevant": {"d2": 2, "d3": 0},
        "answer_start": 4,
        "kind": "conflict",
        "within": ["d1", "d2"],
        "before": ["And then?"],
        "needed": "all",
        "wrong_answers": ["Guo"],
        "note": "for people",
    }
    (found,) = belegt.questions(write(tmp_path, row))
    question = found.question
    assert (question.id, question.text, question.language) == ("q1", "Who?", "en")
    assert question.answers == ("Wang",)
    assert question.relevant == {"d1": 1, "d2": 2, "d3": 0}
    assert (question.kind, question.needed, question.wrong_answers) == ("conflict", "all", ("Guo",))
    assert (question.within, question.before) == (("d1", "d2"), ("And then?",))
    assert found.spans == (GoldSpan("d1", 4, "Wang"),)
    assert found.place.endswith("data.jsonl', line 1")


def test_a_list_of_documents_grades_each_one(tmp_path: Path) -> None:
    row = {"id": 7, "question": "Who?", "relevant": ["a", "b"]}
    (found,) = belegt.questions(write(tmp_path, row))
    assert (found.question.id, found.question.relevant) == ("7", {"a": 1, "b": 1})


@pytest.mark.parametrize("mark", [{"is_impossible": True}, {"answerable": False}])
def test_nothing_is_relevant_to_what_is_unanswerable(tmp_path: Path, mark: dict[str, bool]) -> None:
    row = {"id": "q", "question": "Who?", "answers": [], "doc_id": "d1", "answer_start": None}
    (found,) = belegt.questions(write(tmp_path, row | mark))
    assert not found.question.answerable
    assert found.question.relevant == {}


def test_every_answer_may_have_its_place(tmp_path: Path) -> None:
    row = ASKED | {"answers": ["a", "b"], "answer_start": 3, "answer_starts": [3, 5]}
    (found,) = belegt.questions(write(tmp_path, row))
    assert found.spans == (GoldSpan("d1", 3, "a"), GoldSpan("d1", 5, "b"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"question": None}, "'question' is None"),
        ({"question": 5}, "'question' is 5"),
        ({"question": "  "}, "'question' is blank"),
        ({"answers": "Wang"}, "'answers' is 'Wang'"),
        ({"answers": ["Wang", ""]}, "'answers.1' is blank"),
        ({"id": ""}, "'id' is blank"),
        ({"anwser": "x"}, "'anwser' is not known; known are id, language"),
        ({"language": "fr"}, "'language' is 'fr'"),
        ({"language": "de"}, "the language is 'de', but the set says 'en'"),
        ({"answer_start": -1}, "'answer_start' is -1"),
        ({"answer_start": 1, "doc_id": None}, "'answer_start' needs"),
        ({"answer_starts": [1, 2]}, "one number for each"),
        ({"answerable": False}, "has answers but is marked as unanswerable"),
        ({"answerable": True, "is_impossible": True}, "contradict each other"),
        ({"answers": [], "doc_id": None}, "neither 'answers' nor 'doc_id'"),
        ({"needed": "some"}, "'needed' is 'some'"),
        ({"relevant": {"d1": "high"}}, "'relevant.d1' is 'high'"),
    ],
)
def test_a_faulty_question_is_one_sentence_with_its_line(
    tmp_path: Path, change: dict[str, object], said: str
) -> None:
    source = write(tmp_path, ASKED, ASKED | change)
    with pytest.raises(UsageError) as caught:
        list(belegt.questions(source))
    message = str(caught.value)
    assert message.startswith(f"'{source.path}', line 2: ")
    assert said in message
    assert "\n" not in message


def test_documents_are_read(tmp_path: Path) -> None:
    row = HELD | {"date": "13.06.2025", "source": "Reuters", "language": "en"}
    (found,) = belegt.documents(write(tmp_path, row))
    document = found.document
    assert (document.id, document.title, document.text) == ("d1", "Titel", "Ein Satz.")
    assert (document.date, document.source) == ("2025-06-13", "Reuters")
    assert (document.language, document.path) == ("en", "data.jsonl")


def test_without_a_stated_language_it_is_detected(tmp_path: Path) -> None:
    path = write(tmp_path, HELD | {"text": "Der Hund schläft unter dem Tisch."}).path
    (found,) = belegt.documents(SetSource(path, "x"))
    assert found.document.language == "de"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"text": ""}, "'text' is blank"),
        ({"date": "soon"}, "the field 'date' is 'soon'; write a date as 2025-06-13"),
        ({"url": "x"}, "'url' is not known"),
    ],
)
def test_a_faulty_document_is_one_sentence(
    tmp_path: Path, change: dict[str, object], said: str
) -> None:
    with pytest.raises(UsageError, match="line 1: ") as caught:
        list(belegt.documents(write(tmp_path, HELD | change)))
    assert said in str(caught.value)


@pytest.mark.parametrize("name", ["id", "title", "text"])
def test_a_document_needs_its_fields(tmp_path: Path, name: str) -> None:
    row = {key: value for key, value in HELD.items() if key != name}
    with pytest.raises(UsageError, match=f"line 1: the field '{name}' is missing"):
        list(belegt.documents(write(tmp_path, row)))


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b'{"id": "d1", \n', "line 2: it is not valid JSON"),
        (b"[1, 2]\n", "line 2: it is not a JSON object"),
        ('{"id": "größe"}\n'.encode("latin-1"), "line 2: byte 11 of the line is not UTF-8"),
        (b'{"id": "d1", "title": "x", "text": "\\ud800"}\n', "line 2: it is not valid JSON"),
        (b"[" * 100_000 + b"\n", "line 2: it is not valid JSON"),
    ],
)
def test_what_is_no_json_line(tmp_path: Path, raw: bytes, said: str) -> None:
    path = tmp_path / "data.jsonl"
    path.write_bytes(json.dumps(HELD).encode() + b"\n" + raw)
    with pytest.raises(UsageError) as caught:
        list(belegt.documents(SetSource(path, "x", "de")))
    assert said in str(caught.value)


def test_byte_order_mark_line_ends_and_blank_lines_are_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(HELD).encode() + b"\r\n\r\n \n")
    (found,) = belegt.documents(SetSource(path, "x", "de"))
    assert found.document.id == "d1"


def test_absent_empty_and_folder_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(SetAbsentError, match="not on this machine"):
        list(belegt.documents(SetSource(tmp_path / "none.jsonl", "x")))
    (tmp_path / "empty.jsonl").touch()
    with pytest.raises(UsageError, match=r"empty\.jsonl' is empty") as caught:
        list(belegt.documents(SetSource(tmp_path / "empty.jsonl", "x")))
    assert not isinstance(caught.value, SetAbsentError)
    with pytest.raises(UsageError, match="cannot be read"):
        list(belegt.documents(SetSource(tmp_path, "x")))


_text = st.text(min_size=1).filter(str.strip)


@given(question=_text, answers=st.lists(_text, min_size=1, max_size=3))
def test_text_is_kept_as_it_is(
    tmp_path_factory: pytest.TempPathFactory, question: str, answers: list[str]
) -> None:
    row = {"id": "q", "question": question, "answers": answers}
    (found,) = belegt.questions(write(tmp_path_factory.mktemp("set"), row))
    assert found.question.text == question
    assert found.question.answers == tuple(answers)

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval import sets
from eval.sets import CELLS, Cell, Question, SetAbsent, cell, documents, questions, split
from models.errors import UsageError

TINY = Cell("tiny", ("docs.jsonl", "de"), ("asked.jsonl", "en"), also_gold="more.jsonl")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sets, "_EVAL", tmp_path)
    write(tmp_path / "docs.jsonl", {"id": "d1", "title": "Titel", "text": "Ein Satz."})
    asked = {"id": "q1", "question": "Who?", "answers": ["Wang"], "doc_id": "d1"}
    write(tmp_path / "asked.jsonl", asked)
    write(tmp_path / "more.jsonl", {"id": "q1", "answers": ["Herr Wang"]})
    return tmp_path


def write(file: Path, *rows: dict[str, object]) -> None:
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")


def test_a_set_is_read(folder: Path) -> None:
    (one,) = documents(TINY)
    assert (one.id, one.title, one.language, one.text) == ("d1", "Titel", "de", "Ein Satz.")
    assert questions(TINY) == [Question("q1", "Who?", "en", ("Wang", "Herr Wang"), "d1")]


def test_what_cannot_be_answered_has_no_gold(folder: Path) -> None:
    refused = Cell("x", TINY.documents, TINY.questions, answerable=False)
    (one,) = questions(refused)
    assert (one.answers, one.document_id) == ((), None)


def test_an_absent_set_is_told_from_a_broken_one(folder: Path) -> None:
    (folder / "docs.jsonl").unlink()
    with pytest.raises(SetAbsent, match=r"docs\.jsonl"):
        documents(TINY)
    (folder / "docs.jsonl").write_text('{"id": "d1", "title": "", "text": ""}\n{"id": \n')
    with pytest.raises(UsageError, match="line 2") as error:
        documents(TINY)
    assert not isinstance(error.value, SetAbsent)


def test_an_unknown_set_names_the_known_ones() -> None:
    with pytest.raises(UsageError, match="no set 'x'; known are xquad-de-de"):
        cell("x")
    assert all(cell(name).name == name for name in CELLS)


@given(st.integers(0, 30), st.integers(0, 40), st.integers(0, 5))
def test_reported_and_development_questions_never_mix(count: int, reported: int, seed: int) -> None:
    found = [Question(str(n), "?", "de", (), None) for n in range(count)]
    figures, development = split(found, seed, reported)
    assert len(figures) == min(count, reported)
    assert not {one.id for one in figures} & {one.id for one in development}
    assert {one.id for one in (*figures, *development)} == {one.id for one in found}
    assert split(found, seed, reported) == (figures, development)
    assert found == sorted(found, key=lambda one: int(one.id)), "the set is left as it was"


def test_cells_ask_in_the_language_of_their_name() -> None:
    for name, of in CELLS.items():
        parts = name.split("-")
        if parts[0] == "xquad":
            assert [of.questions[1], of.documents[1]] == parts[1:]
            crossed = of.questions[1] != of.documents[1]
            assert (of.also_gold is not None) == crossed


def test_the_real_sets_where_they_are_here() -> None:
    of = cell("xquad-de-en")
    try:
        asked, held = questions(of), {one.id for one in documents(of)}
    except SetAbsent as error:
        pytest.skip(str(error))
    assert asked
    assert all(one.document_id in held and len(one.answers) >= 2 for one in asked)

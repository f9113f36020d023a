from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fakes import Script, ScriptedEngine
from samples import plain_weights

from corpus.store import CorpusStore
from eval.answers import run, summary, verdict
from eval.sets import Question
from index.retriever import Retriever
from models.settings import Settings
from qa import answerable
from qa.answer import Answer
from qa.assistant import Assistant

ASKED = Question(
    "q1", "Wie viele Milliarden Dollar zahlte Meta?", "de", ("14,3 Milliarden",), "anteil"
)


@pytest.fixture
def assistant(
    retriever: Retriever,
    engine: ScriptedEngine,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> Assistant:
    monkeypatch.setattr(answerable, "weights", plain_weights)
    engine.script = Script("Meta zahlte 14,3 Milliarden Dollar.")
    return Assistant(retriever, engine, settings)


@pytest.fixture
def answer(assistant: Assistant) -> Answer:
    return assistant.ask(ASKED.text)


def test_a_right_answer(answer: Answer, filled: CorpusStore) -> None:
    row = verdict(ASKED, answer, filled)
    good = ("answered", "gold_contained", "cited", "gold_document_cited", "quotes_exact")
    assert all(row[name] is True for name in good)
    assert row["language_right"]
    json.dumps(row)


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"text": "Meta zahlte 15 Milliarden Dollar. [1]"}, "gold_contained"),
        ({"status": "not_found"}, "gold_contained"),
        ({"language": "en"}, "language_right"),
        ({"text": "Meta paid the 14,3 Milliarden dollars for the company. [1]"}, "language_right"),
        ({"citations": []}, "gold_document_cited"),
        ({"citations": []}, "cited"),
    ],
)
def test_what_is_wrong_is_seen(
    answer: Answer, filled: CorpusStore, change: dict[str, Any], wrong: str
) -> None:
    assert not verdict(ASKED, answer.model_copy(update=change), filled)[wrong]


def test_a_quote_that_is_not_there_is_seen(answer: Answer, filled: CorpusStore) -> None:
    moved = answer.citations[0].model_copy(update={"start": 1})
    row = verdict(ASKED, answer.model_copy(update={"citations": [moved]}), filled)
    assert row["quotes_exact"] is False


def test_a_run_goes_on_where_it_stopped(
    assistant: Assistant, engine: ScriptedEngine, filled: CorpusStore, tmp_path: Path
) -> None:
    more = [ASKED, Question("q2", "Wer gründete das Unternehmen?", "de", ("Wang",), "gruendung")]
    out = tmp_path / "runs" / "a.jsonl"
    run("a", more[:1], assistant, filled, out)
    assert len(engine.prompts) == 1
    rows = run("a", more, assistant, filled, out)
    assert len(engine.prompts) == 2
    assert [row["id"] for row in rows] == ["q1", "q2"]
    assert len(out.read_text("utf-8").splitlines()) == 2
    again = run("a", more, assistant, filled, out)
    assert json.dumps(again) == json.dumps(rows)


def test_figures(assistant: Assistant, filled: CorpusStore, tmp_path: Path) -> None:
    rows = run("a", [ASKED], assistant, filled, tmp_path / "a.jsonl")
    found = summary("a", rows, answerable=True)
    assert found["questions"] == 1
    assert str(found["gold contained"]).startswith("1.000 (")
    assert str(found["not_found"]).startswith("0.000 (")
    refusals = summary("a", rows, answerable=False)
    assert "gold contained" not in refusals
    assert summary("a", [], answerable=True)["first token s, median"] is None

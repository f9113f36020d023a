from __future__ import annotations

from pathlib import Path

import pytest
from evaluation_samples import question
from fakes import HashingEncoder, Script, ScriptedEngine
from samples import DOCUMENTS

from base.settings import Settings
from eval.systems.belegt import BelegtSystem
from eval.systems.protocol import QuestionFailedError

ASKED = question("q", text="Wie viele Milliarden Dollar zahlte Meta für Scale AI?", language="de")
SAID = "Meta zahlte 14,3 Milliarden Dollar für 49 Prozent von Scale AI."


def made(settings: Settings, folder: Path, script: Script) -> tuple[BelegtSystem, ScriptedEngine]:
    engine = ScriptedEngine(script)
    system = BelegtSystem(settings, encoder=HashingEncoder(), load=lambda _: engine)
    system.prepare(DOCUMENTS, folder)
    return system, engine


def test_an_answer_with_all_that_belegt_says_about_it(settings: Settings, tmp_path: Path) -> None:
    system, engine = made(settings, tmp_path / "c", Script(SAID))
    reply = system.answer(ASKED)
    assert (reply.status, reply.text) == ("answered", f"{SAID} [1]")
    assert [(one.text, one.markers) for one in reply.statements] == [(SAID, (1,))]
    (cited,) = reply.citations
    assert (cited.document_id, cited.exact, cited.date, cited.source) == (
        "anteil",
        True,
        "2025-06-13",
        "Reuters",
    )
    assert "anteil" in {one.document_id for one in reply.shown}
    assert reply.cost.total_ms > 0
    assert reply.cost.prompt_tokens
    system.close()
    assert engine.closed


def test_a_refusal(settings: Settings, tmp_path: Path) -> None:
    system, _ = made(settings, tmp_path / "c", Script("Nichts davon."))
    reply = system.answer(ASKED)
    assert (reply.status, reply.citations, reply.statements) == ("not_found", (), ())
    system.close()


def test_documents_are_ranked_and_searches_narrowed(settings: Settings, tmp_path: Path) -> None:
    system, _ = made(settings, tmp_path / "c", Script(SAID))
    ranking = system.retrieve(ASKED, 10)
    assert ranking[0].document_id == "anteil"
    assert len({one.document_id for one in ranking}) == len(ranking) == len(DOCUMENTS)
    narrowed = ASKED.model_copy(update={"within": ("gruendung",)})
    assert [one.document_id for one in system.retrieve(narrowed, 10)] == ["gruendung"]
    assert {one.document_id for one in system.answer(narrowed).shown} == {"gruendung"}
    system.close()


def test_a_question_that_cannot_be_asked_fails_alone(settings: Settings, tmp_path: Path) -> None:
    system, _ = made(settings, tmp_path / "c", Script(SAID))
    with pytest.raises(QuestionFailedError, match="20000 characters"):
        system.answer(ASKED.model_copy(update={"text": "w" * 20_000}))
    assert system.answer(ASKED).status == "answered"
    system.close()


def test_another_corpus_takes_the_place_of_the_first(settings: Settings, tmp_path: Path) -> None:
    system, _ = made(settings, tmp_path / "c", Script(SAID))
    system.prepare(DOCUMENTS[3:], tmp_path / "d")
    assert [one.document_id for one in system.retrieve(ASKED, 10)] == ["gruendung"]
    system.close()


def test_the_questions_before_a_follow_up_are_asked_first(
    settings: Settings, tmp_path: Path
) -> None:
    system, engine = made(settings, tmp_path / "c", Script(SAID))
    reply = system.answer(ASKED.model_copy(update={"text": "Und wofür?", "before": (ASKED.text,)}))
    read = ["".join(segment.text for segment in prompt) for prompt in engine.prompts]
    assert ASKED.text in read[0]
    assert "Und wofür?" not in read[0]
    assert f"{ASKED.text} Und wofür?" in read[-1]
    assert reply.cost.prompt_tokens
    system.close()


def test_a_ranking_knows_what_was_asked_before(settings: Settings, tmp_path: Path) -> None:
    system, engine = made(settings, tmp_path / "c", Script(SAID))
    follow_up = ASKED.model_copy(update={"text": "Und wofür?", "before": (ASKED.text,)})
    assert system.retrieve(follow_up, 1)[0].document_id == "anteil"
    assert not engine.prompts
    system.close()

from __future__ import annotations

from collections.abc import Sequence

import pytest
from fakes import HashingEncoder, Script, ScriptedEngine

from base.settings import Settings
from corpus.cache_folder import kept_folder
from corpus.store import CorpusStore, StoredPassage
from index.retriever import Retriever
from qa.engine.protocol import Segment
from qa.pipeline.answer import RetrievedEvent
from qa.pipeline.assistant import Assistant
from qa.pipeline.context import WHOLE
from qa.pipeline.options import AskOptions
from qa.pipeline.prompt import passage

QUESTION = "Wie viele Milliarden Dollar zahlte Meta für Scale AI?"


def best(retriever: Retriever) -> list[StoredPassage]:
    found = retriever.search(QUESTION, 5, AskOptions().filters, language="de")
    return [one.stored for one in found.passages[:WHOLE]]


def made(
    retriever: Retriever, engine: ScriptedEngine, settings: Settings, **changes: object
) -> tuple[Assistant, list[Sequence[Segment]]]:
    engine.script = Script("Meta zahlte 14,3 Milliarden Dollar.", 5.0)
    unread: list[Sequence[Segment]] = []
    changed = settings.model_copy(update=changes)
    return Assistant(retriever, engine, changed, on_cache_miss=unread.append), unread


def lines(prompt: Sequence[Segment]) -> list[str]:
    text = "".join(one.text for one in prompt)
    return [line for line in text.splitlines() if line.startswith("- ")]


def whole(prompt: Sequence[Segment]) -> list[str]:
    return [one.text for one in prompt if one.kept_in is not None]


def test_passages_that_were_read_are_shown_in_whole_and_nothing_else(
    retriever: Retriever, engine: ScriptedEngine, settings: Settings
) -> None:
    wanted = [passage(one, retriever.store.folder) for one in best(retriever)]
    engine.read_before = {one.text for one in wanted}
    assistant, unread = made(retriever, engine, settings)
    (retrieved,) = [one for one in assistant.stream(QUESTION) if isinstance(one, RetrievedEvent)]
    assert whole(engine.prompts[0]) == [one.text for one in wanted]
    assert len(lines(engine.prompts[0])) == retrieved.passages - 1 == len(retrieved.evidence)
    assert [one.kept_in for one in engine.prompts[0] if one.kept_in] == [
        kept_folder(retriever.store.folder, one.passage.document_id) for one in best(retriever)
    ]
    assert not unread


def test_of_a_passage_that_was_not_read_the_best_sentences_are_shown(
    retriever: Retriever, engine: ScriptedEngine, settings: Settings
) -> None:
    first, *others = [passage(one, retriever.store.folder) for one in best(retriever)]
    engine.read_before = {first.text}
    assistant, unread = made(retriever, engine, settings)
    assert assistant.ask(QUESTION).status == "answered"
    assert whole(engine.prompts[0]) == [first.text]
    assert lines(engine.prompts[0])[0] == first.text.strip()
    assert len(lines(engine.prompts[0])) > 1
    assert [whole(one) for one in unread] == [[first.text, *(one.text for one in others)]]


@pytest.mark.parametrize("read_before", [True, False])
def test_each_line_of_the_prompt_is_a_passage(
    retriever: Retriever, engine: ScriptedEngine, settings: Settings, read_before: bool
) -> None:
    if read_before:
        engine.read_before = {passage(one, retriever.store.folder).text for one in best(retriever)}
    assistant, _ = made(retriever, engine, settings)
    assistant.ask(QUESTION)
    text = "".join(one.text for one in engine.prompts[0])
    assert f"\n\nFrage: {QUESTION}" in text
    assert "\n\n\n" not in text


def test_always_reads_before_it_answers(
    retriever: Retriever, engine: ScriptedEngine, settings: Settings
) -> None:
    assistant, unread = made(retriever, engine, settings, keep_passages="always")
    assistant.ask(QUESTION)
    assert len(whole(engine.prompts[0])) == WHOLE
    assert not unread


@pytest.mark.parametrize(
    ("changes", "options"),
    [
        ({"keep_passages": "never"}, AskOptions()),
        ({}, AskOptions(instruction="Antworte in Versen.")),
    ],
)
def test_nothing_is_kept_where_it_is_not_wanted_or_the_start_is_another(
    retriever: Retriever,
    engine: ScriptedEngine,
    settings: Settings,
    changes: dict[str, object],
    options: AskOptions,
) -> None:
    engine.read_before = {passage(one, retriever.store.folder).text for one in best(retriever)}
    assistant, unread = made(retriever, engine, settings, **changes)
    assert assistant.ask(QUESTION, options).status == "answered"
    assert not whole(engine.prompts[0])
    assert not unread


def test_whatever_is_shown_every_sentence_is_cited_from_the_documents(
    retriever: Retriever, engine: ScriptedEngine, settings: Settings, filled: CorpusStore
) -> None:
    assistant, _ = made(retriever, engine, settings, keep_passages="always")
    answer = assistant.ask(QUESTION)
    assert answer.citations
    for one in answer.citations:
        assert filled.document(one.document_id).text[one.start : one.end] == one.quote


def test_a_passage_reads_the_same_for_every_question(
    retriever: Retriever, encoder: HashingEncoder, settings: Settings
) -> None:
    del encoder, settings
    texts = {passage(one, retriever.store.folder).text for one in best(retriever)}
    again = {passage(one, retriever.store.folder).text for one in best(retriever)}
    assert texts == again
    assert all(text.startswith("- ") and text.count("\n") == 1 for text in texts)

"""Stored drafts through the present check, without the model.

In: the rows of an answer run, whose drafts a change of ``qa/support.py`` does not touch. Out: the
same rows with new verdicts; confidence and timings stay those of the run. What can fail: a run
that is not there.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from corpus.store import CorpusStore
from eval.answers import verdict
from eval.sets import Question
from index.retriever import Retriever
from models.settings import Settings
from qa.assistant import Assistant
from qa.engine.protocol import Engine, EngineDescription, Message, Piece, Segment, Turn

# Log-odds beyond any threshold, either way.
_CERTAIN = 60.0


@dataclass
class _ReplayedTurn:
    draft: str
    prompt_tokens: int = 0
    evaluated_tokens: int = 0

    def extend(self, text: str) -> None:
        self.prompt_tokens += len(text)

    def probe(self, text: str, alternatives: Sequence[Sequence[str]]) -> list[float]:
        self.prompt_tokens += len(text)
        stated = _CERTAIN if self.draft else -_CERTAIN
        return [stated] + [0.0] * (len(alternatives) - 1)

    def generate(self, limit: int, stop: Sequence[str]) -> Iterator[Piece]:
        text = self.draft
        for mark in stop:
            text = text.split(mark)[0]
        words = text.split(" ")[:limit]
        for place, word in enumerate(words):
            yield Piece(word if place == 0 else f" {word}", 0.0)


class _ReplayingEngine:
    """Says what a real engine said before; that engine still counts tokens."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.count_tokens = engine.count_tokens
        self.draft = ""

    def describe(self) -> EngineDescription:
        return self._engine.describe()

    def chat(self, messages: Sequence[Message]) -> list[Segment]:
        return self._engine.chat(messages)

    @contextlib.contextmanager
    def read(self, prompt: Sequence[Segment]) -> Iterator[Turn]:
        yield _ReplayedTurn(self.draft, prompt_tokens=len(prompt))


def recheck(
    rows: Sequence[dict[str, Any]],
    found: Sequence[Question],
    retriever: Retriever,
    engine: Engine,
    settings: Settings,
) -> list[dict[str, Any]]:
    """New verdicts for ``rows``, in their order; ``found`` must hold their questions."""
    questions = {question.id: question for question in found}
    replaying = _ReplayingEngine(engine)
    assistant = Assistant(retriever, replaying, settings)
    store: CorpusStore = retriever.store
    result = []
    for row in rows:
        replaying.draft = row["draft"]
        question = questions[row["id"]]
        new = verdict(question, assistant.ask(question.text), store)
        kept = {name: row[name] for name in ("confidence", "timings", "draft")}
        result.append(new | kept)
    return result

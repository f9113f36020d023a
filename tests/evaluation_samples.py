"""Runs, records and a system for tests of the evaluation.

In: what a test wants to differ from the usual. Out: real records, and a system whose answers are
known beforehand; it stands for a language model only.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from pathlib import Path

from corpus.document import Document
from eval.question import Question
from eval.record import (
    Cited,
    Cost,
    Machine,
    QuestionRecord,
    Ranked,
    Reply,
    RunInfo,
    ShownPassage,
    Statement,
    SystemInfo,
)
from eval.systems.protocol import QuestionFailedError


def question(name: str = "q", **given: object) -> Question:
    usual: dict[str, object] = {
        "id": name,
        "text": f"What does {name} cost?",
        "language": "en",
        "answers": ("five euros",),
        "relevant": {f"doc-{name}": 1},
        "document_language": "en",
    }
    return Question.model_validate(usual | given)


def reply(name: str = "q", *, answered: bool = True, **given: object) -> Reply:
    said = f"The {name} costs five euros."
    usual: dict[str, object] = {
        "status": "answered" if answered else "not_found",
        "text": f"{said} [1]" if answered else "The documents say nothing about this.",
        "statements": (Statement(text=said, markers=(1,)),) if answered else (),
        "citations": (
            Cited(
                marker=1,
                document_id=f"doc-{name}",
                title=name,
                quote=said,
                start=0,
                end=len(said),
                exact=True,
            ),
        )
        if answered
        else (),
        "shown": (ShownPassage(document_id=f"doc-{name}", title=name, text=said),),
        "confidence": 0.9,
        "cost": Cost(total_ms=100.0, first_token_ms=40.0, prompt_tokens=50, output_tokens=6),
    }
    return Reply.model_validate(usual | given)


def record(name: str = "q", *, answered: bool = True, **given: object) -> QuestionRecord:
    usual: dict[str, object] = {
        "question": question(name),
        "ranking": (Ranked(document_id=f"doc-{name}", score=1.0),),
        "reply": reply(name, answered=answered),
        "reply_language": "en",
    }
    return QuestionRecord.model_validate(usual | given)


def info(**given: object) -> RunInfo:
    usual: dict[str, object] = {
        "set": "samples",
        "set_digest": "0" * 16,
        "parts": "both",
        "pair": "en-en",
        "limit": None,
        "seed": 7,
        "questions": 2,
        "system": SystemInfo(name="scripted", settings={}, models={}),
        "settings_digest": "1" * 16,
        "corpus_digest": "2" * 16,
        "documents": 2,
        "commit": "abc",
        "machine": Machine(processor="test", cores=2, memory_gib=1.0),
        "started": "2026-11-22T00:00:00+00:00",
    }
    return RunInfo.model_validate(usual | given)


class ScriptedSystem:
    """Answers "five euros" from the question's own document, refuses every third question.

    A question that asks for "failure" fails, and those in ``failing``. ``delay``: seconds that
    each answer takes.
    """

    def __init__(self, delay: float = 0.0) -> None:
        self._delay = delay
        self.prepared: list[Path] = []
        self.asked: list[str] = []
        self.failing: frozenset[str] = frozenset()
        self.reader: str | None = None

    def describe(self) -> SystemInfo:
        return SystemInfo(name="scripted", settings={"a": 1}, models={"llm": "none"})

    def prepare(self, documents: Iterable[Document], folder: Path) -> None:
        self._documents = {one.id: one for one in documents}
        self.prepared.append(folder)

    def prompt_reader(self) -> str | None:
        return self.reader

    def retrieve(self, question: Question, depth: int) -> tuple[Ranked, ...]:
        names = sorted(self._documents, key=lambda name: (name not in question.relevant, name))
        return tuple(Ranked(document_id=name, score=-at) for at, name in enumerate(names[:depth]))

    def answer(self, question: Question) -> Reply:
        time.sleep(self._delay)
        self.asked.append(question.id)
        if "failure" in question.text or question.id in self.failing:
            raise QuestionFailedError("It was asked to fail.")
        return reply(question.id, answered=int(question.id[1:]) % 3 != 0)

    def close(self) -> None:
        self._documents = {}


def write_set(folder: Path, count: int, *, failing: frozenset[int] = frozenset()) -> Path:
    """A set of ``count`` questions q1, q2 ... over as many documents; returns its TOML file."""
    folder.mkdir(parents=True, exist_ok=True)
    documents, questions = [], []
    for number in range(1, count + 1):
        name = f"q{number}"
        text = f"The {name} costs five euros. It is sold in spring."
        documents.append({"id": f"doc-{name}", "title": name, "text": text})
        asked = f"What does {name} cost{', failure' if number in failing else ''}?"
        questions.append(
            {"id": name, "question": asked, "answers": ["five euros"], "doc_id": f"doc-{name}"}
        )
    for file, rows in (("documents.jsonl", documents), ("questions.jsonl", questions)):
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        (folder / file).write_text(lines, encoding="utf-8")
    (folder / "set.toml").write_text(
        """
name = "samples"
description = "Prices."
licence = "none"
default_pairs = ["en-en"]

[[documents]]
language = "en"
format = "belegt"
path = "documents.jsonl"

[[questions]]
language = "en"
format = "belegt"
path = "questions.jsonl"
""",
        encoding="utf-8",
    )
    return folder / "set.toml"

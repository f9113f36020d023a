"""The jobs that processes of the benchmark do, by name.

In: a name and settings. Out: a job (:mod:`eval.bench.worker`). What can fail: what each job says;
a job's module is imported when it is made.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from base.settings import Settings
from eval.bench.memory import resident
from eval.bench.worker import BenchJob, Operation
from eval.question import Question
from eval.questionset import find_set
from eval.systems.protocol import QuestionFailedError

if TYPE_CHECKING:
    from eval.systems.protocol import System

SYSTEMS = {
    "belegt_unread": ("eval.systems.belegt", "BelegtSystem"),
    "plain": ("eval.systems.plain", "PlainSystem"),
    "plain_evidence": ("eval.bench.peers", "PlainWithEvidence"),
    "prebuilt": ("eval.bench.peers", "Prebuilt"),
    "llamaindex": ("eval.systems.llamaindex", "LlamaIndexSystem"),
}
"""Module and class of each system that answers questions, besides belegt with what it has read."""
_OTHERS = {
    "belegt": ("eval.bench.ours", "ReadJob"),
    "load": ("eval.bench.load", "LoadJob"),
    "speed": ("eval.bench.speed", "SpeedJob"),
}


def make_job(name: str, settings: Settings) -> BenchJob:
    """The job called ``name``."""
    module, kind = (SYSTEMS | _OTHERS)[name]
    made = getattr(importlib.import_module(module), kind)(settings)
    return SystemJob(made) if name in SYSTEMS else cast("BenchJob", made)


class SystemJob:
    """A system under test that is asked one question at a time."""

    def __init__(self, system: System) -> None:
        self._system = system

    def operations(self) -> Mapping[str, Operation]:
        """``prepare`` a corpus, ``answer`` a question, ``memory``, who reads prompts."""
        return {
            "prepare": self.prepare,
            "answer": self.answer,
            "memory": resident,
            "reader": self._system.prompt_reader,
        }

    def prepare(self, name: str, pair: str, folder: str) -> None:
        """Open the corpus of a set's pair, making it where it is not there."""
        self._system.prepare(find_set(name).documents(pair), Path(folder))

    def answer(self, question: dict[str, Any]) -> dict[str, Any]:
        """What the reply cost, and its text; ``error`` where there was none."""
        try:
            reply = self._system.answer(Question.model_validate(question))
        except QuestionFailedError as error:
            return {"error": str(error)}
        return {**reply.cost.model_dump(), "status": reply.status, "text": reply.text}

    def close(self) -> None:
        """Free models and files."""
        self._system.close()

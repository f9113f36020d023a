"""belegt with several people at it, in one process.

In: a corpus that is in its folder already, questions, how many ask at once. Out: seconds to the
first token and questions a minute; a request's first token beside streams; memory. What can fail:
a missing model (one sentence).

The whole of belegt is measured, from the question to the checked answer: search, evidence, model,
citations, as ``belegt serve`` runs it. Prompts of earlier requests are not kept (``kept_cells`` 0),
because the same questions are asked at each number of users. At least ten requests are answered
at once, so that a ninth need not wait until one of eight has its whole answer.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from base.settings import Settings
from corpus.store import CorpusStore
from eval.bench.memory import forget_peak, resident
from eval.bench.prompts import prompt_of
from eval.bench.worker import Operation
from eval.question import Question
from eval.systems.belegt import PREPARED_S
from qa.engine.local.llama import LlamaEngine, load_engine
from qa.engine.protocol import Segment
from qa.pipeline.answer import DoneEvent, SentenceEvent, TokenEvent
from qa.pipeline.assistant import Assistant
from qa.pipeline.session import open_retriever

AT_ONCE = 10
COPY = {
    "de": "Schreibe die Quellen vollständig und wörtlich ab, von Anfang bis Ende. Durchgang {}.",
    "en": "Copy out the sources in full, word for word, from beginning to end. Round {}.",
}
"""What the eight are asked that stream while a ninth waits: it keeps them busy for long."""
_LONG = 160
_STREAM_TIMEOUT_S = 120.0
_ATTEMPTS = 3


class LoadJob:
    """One open corpus with its models, asked from many threads, as a server is."""

    def __init__(self, settings: Settings) -> None:
        changed = {"kept_cells": 0, "requests": max(settings.requests, AT_ONCE)}
        self._settings = settings.of_server().model_copy(update=changed)
        self._store: CorpusStore | None = None

    def operations(self) -> Mapping[str, Operation]:
        """``open`` comes first."""
        return {
            "open": self.open,
            "users": self.users,
            "beside": self.beside,
            "memory": resident,
            "forget_peak": forget_peak,
            "reader": self.reader,
        }

    def open(self, folder: str, question: dict[str, Any]) -> dict[str, int]:
        """Load everything and answer once; what was set otherwise than usual."""
        self._store = CorpusStore.open(Path(folder))
        self._retriever = open_retriever(self._store, self._settings)
        self._engine: LlamaEngine = load_engine(self._settings)
        self._assistant = Assistant(self._retriever, self._engine, self._settings)
        self._first_token_s(Question.model_validate(question))
        self._engine.prepare_prefill(PREPARED_S)
        return {"kept_cells": 0, "requests": self._settings.requests}

    def reader(self) -> str:
        """Who reads prompts, and why."""
        return self._engine.describe().prefill

    def users(self, questions: Sequence[dict[str, Any]], count: int) -> dict[str, Any]:
        """``count`` people ask ``questions``, each the next one as soon as they have an answer."""
        asked = [Question.model_validate(one) for one in questions]
        started = time.perf_counter()
        with ThreadPoolExecutor(count) as pool:
            first = list(pool.map(self._first_token_s, asked))
        seconds = time.perf_counter() - started
        return {"per_minute": 60 * len(asked) / seconds, "first_token_s": first}

    def beside(
        self, questions: Sequence[dict[str, Any]], other: dict[str, Any], streams: int
    ) -> list[dict[str, Any]]:
        """First token of each question alone, and while ``streams`` others get long answers.

        Those copy out the evidence of the question ``other``, so nothing they read is shared.
        """
        asked = [Question.model_validate(one) for one in questions]
        alone = [self._first_token_s(one) for one in asked]
        with _Streams(self._engine, self._copying(other, streams)) as running:
            loaded = [self._loaded(one, running) for one in asked]
        return [
            {"alone_s": before, "loaded_s": beside, "streams": count}
            for before, (beside, count) in zip(alone, loaded, strict=True)
        ]

    def _loaded(self, question: Question, running: _Streams) -> tuple[float, int]:
        """First token, and how many streams grew all the time until it came.

        They begin together, and so they end together: what was asked meanwhile is asked again.
        """
        for _ in range(_ATTEMPTS):
            running.wait_for_all()
            seconds = self._first_token_s(question, running.note)
            if running.noted == running.wanted:
                break
        return seconds, running.noted

    def _copying(self, other: dict[str, Any], streams: int) -> list[list[Segment]]:
        """Prompts that begin alike, so that what is measured is streaming and not reading them."""
        question = Question.model_validate(other)
        return [
            prompt_of(
                question,
                self._retriever,
                self._engine,
                self._settings,
                asked=COPY[question.language].format(number),
            )
            for number in range(1, streams + 1)
        ]

    def _first_token_s(self, question: Question, heard: Callable[[], None] = lambda: None) -> float:
        """Read an answer to its end; ``heard`` is called with the first of it.

        What is refused comes as one piece.
        """
        started = time.perf_counter()
        first = math.inf
        for event in self._assistant.stream(question.text):
            if math.isinf(first) and isinstance(event, TokenEvent | SentenceEvent | DoneEvent):
                first = time.perf_counter() - started
                heard()
        return first

    def close(self) -> None:
        """Free the models and close the corpus."""
        if self._store is not None:
            self._engine.close()
            self._store.close()


class _Streams:
    """Long answers, one a thread, begun again when they end, until the block is left."""

    def __init__(self, engine: LlamaEngine, prompts: Sequence[list[Segment]]) -> None:
        self._engine = engine
        self._prompts = prompts
        self._pool = ThreadPoolExecutor(len(prompts))
        self._changed = threading.Condition()
        self._over = False
        self.wanted = len(prompts)
        self._count = self._least = 0
        self.noted = 0
        """Answers that grew all the time from :meth:`wait_for_all` to :meth:`note`."""

    def __enter__(self) -> _Streams:
        self._running = [self._pool.submit(self._stream, one) for one in self._prompts]
        return self

    def wait_for_all(self) -> None:
        """Until every answer is growing; raises what ended a stream."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._count == self.wanted or any(one.done() for one in self._running),
                _STREAM_TIMEOUT_S,
            )
            self._least = self._count
        for one in self._running:
            if one.done():
                one.result()

    def note(self) -> None:
        """Say in ``noted`` how many it were up to now."""
        with self._changed:
            self.noted = self._least

    def _stream(self, prompt: list[Segment]) -> None:
        while not self._over:
            with self._engine.prefill(prompt) as session:
                growing = False
                for _ in session.generate(_LONG, ()):
                    if not growing:
                        growing = True
                        self._add(1)
                    if self._over:
                        break
            if growing:
                self._add(-1)

    def _add(self, change: int) -> None:
        with self._changed:
            self._count += change
            self._least = min(self._least, self._count)
            self._changed.notify_all()

    def __exit__(self, *_: object) -> None:
        self._over = True
        self._pool.shutdown()

"""The engine alone: what lookup gains, and what is lost between it and llama.cpp.

In: a corpus that is in its folder already, questions. Out: tokens a second. What can fail: a
missing model (one sentence).

Copies of the language model lie in one process: the engine as ``belegt serve`` has it, which reads
and writes by PyTorch where that was found faster; the engine without drafts and without PyTorch;
and llama.cpp in a bare loop (:mod:`eval.bench.bare`). One of them computes at a time. Nothing of a
prompt is kept for the next (``kept_cells`` 0).

*Answers that quote*: the model is asked to write down word for word the sentences of the sources
that answer the question, up to ``QUOTED`` tokens. How much of such an answer is copied is told
beside the rates: the share of its runs of four tokens that stand in the prompt.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from base.settings import Settings
from corpus.store import CorpusStore
from eval.bench.bare import BareLoop, TokenRates
from eval.bench.prompts import prompt_of
from eval.bench.worker import Operation
from eval.question import Question
from eval.systems.belegt import PREPARED_S
from eval.systems.weights import model_path
from models.native.hardware import usable_cores
from qa.engine.local.llama import LlamaEngine, load_engine
from qa.engine.protocol import Segment
from qa.pipeline.session import open_retriever

QUOTE = {
    "de": "Welche Sätze der Quellen beantworten die Frage „{}“? Zitiere sie vollständig und "
    "wörtlich.",
    "en": "Which sentences of the sources answer the question '{}'? Quote them in full, word for "
    "word.",
}
QUOTED = 96
PROMPT = 300
"""Tokens of a prompt whose reading is timed."""
_START = "Quellen:"
_DECODED = 32
_RUN = 4
# See answers.SETTLE_S: the threads of one copy must be asleep before the next one computes.
_SETTLE_S = 0.4


class SpeedJob:
    """The engine as in a server, the one without drafts and PyTorch, and a bare loop."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings.model_copy(update={"kept_cells": 0})
        self._store: CorpusStore | None = None

    def operations(self) -> Mapping[str, Operation]:
        """``open`` comes first."""
        return {
            "open": self.open,
            "lookup": self.lookup,
            "kernels": self.kernels,
            "reader": self.reader,
        }

    def open(self, folder: str, question: dict[str, Any]) -> None:
        """Load everything, and let the drafts learn what a step costs on this machine."""
        settings = self._settings
        self._store = CorpusStore.open(Path(folder))
        self._retriever = open_retriever(self._store, settings)
        plain = settings.model_copy(update={"prefill": "llama", "drafts": False})
        self._served = load_engine(settings.of_server())
        self._plain = load_engine(plain)
        self._served.prepare_prefill(PREPARED_S)
        self._bare = BareLoop(
            model_path(settings.llm, settings),
            cells=settings.context_tokens,
            threads=settings.threads or usable_cores(),
            gpu_layers=settings.gpu_layers,
        )
        self.lookup(question, quoting=True, turn=0)

    def reader(self) -> str:
        """Who reads prompts in the engine as a server has it, and why."""
        return self._served.describe().prefill

    def lookup(self, question: dict[str, Any], quoting: bool, turn: int) -> dict[str, Any]:
        """Tokens a second of the same answer with drafts and without; odd turns begin without.

        With: whoever writes in a server, which is PyTorch where drafts cost it little. Without:
        llama.cpp, which is faster without.

        ``quoting``: not the answer to the question, but a quotation of what answers it.
        """
        one = Question.model_validate(question)
        asked = QUOTE[one.language].format(one.text) if quoting else None
        prompt = prompt_of(one, self._retriever, self._plain, self._settings, asked=asked)
        engines = {"with": self._served, "without": self._plain}
        rates: dict[str, float] = {}
        texts: dict[str, str] = {}
        for name in reversed(engines) if turn % 2 else engines:
            time.sleep(_SETTLE_S)
            rates[name], texts[name] = _generate(
                engines[name], prompt, QUOTED, () if quoting else ("\n",)
            )
        return {
            "rates": rates,
            "same": texts["with"] == texts["without"],
            "copied": self._copied(prompt, texts["without"]),
        }

    def kernels(self, question: dict[str, Any], turn: int) -> dict[str, dict[str, float]]:
        """Tokens a second of a prompt of ``PROMPT`` tokens and of what follows it.

        ``engine``: llama.cpp within the scheduler; ``chosen``: as in a server; ``bare``: llama.cpp
        alone. Odd turns go the other way round.
        """
        prompt = prompt_of(
            Question.model_validate(question), self._retriever, self._plain, self._settings
        )
        text = _shorten(self._plain, " ".join(one.text for one in prompt), PROMPT)
        found: dict[str, dict[str, float]] = {}
        turns = ["engine", "chosen", "bare"]
        for name in reversed(turns) if turn % 2 else turns:
            time.sleep(_SETTLE_S)
            if name == "bare":
                tokens = self._plain.tokens(Segment(text))
                found[name] = self._bare.rates(tokens, _DECODED)._asdict()
            else:
                timed = self._served if name == "chosen" else self._plain
                found[name] = _rates(timed, text)._asdict()
        return found

    def _copied(self, prompt: Sequence[Segment], text: str) -> float:
        """Share of the runs of four tokens in ``text`` that ``prompt`` has too."""
        read = [token for one in prompt for token in self._plain.tokens(one)]
        there = set(_runs(read))
        said = list(_runs(self._plain.tokens(Segment(text))))
        return sum(run in there for run in said) / max(1, len(said))

    def close(self) -> None:
        """Free the models and close the corpus."""
        if self._store is not None:
            self._served.close()
            self._plain.close()
            self._bare.close()
            self._store.close()


def _generate(
    engine: LlamaEngine, prompt: Sequence[Segment], limit: int, stop: Sequence[str]
) -> tuple[float, str]:
    """Tokens a second of a greedy answer, and the answer."""
    with engine.prefill(prompt) as session:
        started = time.perf_counter()
        pieces = list(session.generate(limit, stop))
        seconds = time.perf_counter() - started
    return sum(one.tokens for one in pieces) / seconds, "".join(one.text for one in pieces)


def _shorten(engine: LlamaEngine, text: str, tokens: int) -> str:
    """As many words of ``text`` as make at most ``tokens``."""
    words = text.split(" ")
    fits, too_many = 0, len(words) + 1
    while too_many - fits > 1:
        middle = (fits + too_many) // 2
        if engine.count_tokens([" ".join(words[:middle])])[0] <= tokens:
            fits = middle
        else:
            too_many = middle
    return " ".join(words[:fits])


def _rates(engine: LlamaEngine, text: str) -> TokenRates:
    """Of reading ``text`` and going on greedily.

    As with every prompt of belegt's, something constant stands before it, which is not read again.
    """
    start = Segment(_START, constant=True)
    with engine.prefill([start, Segment(" ja")]):
        pass
    started = time.perf_counter()
    with engine.prefill([start, Segment(text)]) as session:
        read = time.perf_counter()
        count = sum(one.tokens for one in session.generate(_DECODED, ()))
        done = time.perf_counter()
        return TokenRates(session.evaluated_tokens / (read - started), count / (done - read))


def _runs(tokens: Sequence[int]) -> list[tuple[int, ...]]:
    return [tuple(tokens[at : at + _RUN]) for at in range(len(tokens) - _RUN + 1)]

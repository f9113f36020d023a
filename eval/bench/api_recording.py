"""An engine that remembers what it said, so that answers can be compared token by token.

In: an engine. Out: the same, and of its last answers the tokens with their log-probabilities. What
can fail: what the engine raises.
"""

from __future__ import annotations

import contextlib
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qa.engine.cancellation import Cancellation
from qa.engine.decode.sampling import Sampling
from qa.engine.extraction import Extraction
from qa.engine.protocol import (
    ClosableEngine,
    EngineDescription,
    Lookahead,
    Message,
    Piece,
    PromptSession,
    Segment,
    SpanPrompt,
)

_KEPT = 64


class RecordingEngine:
    """``engine``, whose last answers are known by their text."""

    def __init__(self, engine: ClosableEngine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._said: OrderedDict[str, list[Piece]] = OrderedDict()

    def said(self, text: str) -> list[Piece]:
        """The pieces of an answer; empty where it is not among the last."""
        with self._lock:
            return self._said.get(text.strip(), [])

    def remember(self, pieces: list[Piece]) -> None:
        """Remember an answer in place of the one longest ago."""
        with self._lock:
            self._said["".join(one.text for one in pieces).strip()] = pieces
            if len(self._said) > _KEPT:
                self._said.popitem(last=False)

    def describe(self) -> EngineDescription:
        """Which model runs, and how."""
        return self._engine.describe()

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text."""
        return self._engine.count_tokens(texts)

    def chat(self, messages: Sequence[Message]) -> list[Segment]:
        """Segments of a chat."""
        return self._engine.chat(messages)

    @contextlib.contextmanager
    def prefill(
        self,
        prompt: Sequence[Segment],
        *,
        deadline: float | None = None,
        cancellation: Cancellation | None = None,
        ahead: Lookahead | None = None,
        adapter: bool = False,
    ) -> Iterator[PromptSession]:
        """Evaluate a prompt."""
        with self._engine.prefill(
            prompt, deadline=deadline, cancellation=cancellation, ahead=ahead, adapter=adapter
        ) as session:
            yield _RecordingPromptSession(self, session)

    def extract_all(
        self,
        prompts: Sequence[SpanPrompt],
        *,
        deadline: float | None = None,
        cancellation: Cancellation | None = None,
        adapter: bool = False,
    ) -> Iterator[tuple[int, Extraction]]:
        """The words that answer each prompt."""
        return self._engine.extract_all(
            prompts, deadline=deadline, cancellation=cancellation, adapter=adapter
        )

    def score_yes_no(
        self,
        prompts: Sequence[Sequence[Segment]],
        yes: Sequence[str],
        no: Sequence[str],
        *,
        deadline: float | None = None,
        cancellation: Cancellation | None = None,
        adapter: bool = False,
    ) -> list[float]:
        """Log-odds of a yes for each prompt."""
        return self._engine.score_yes_no(
            prompts, yes, no, deadline=deadline, cancellation=cancellation, adapter=adapter
        )

    def is_cached(self, prompt: Sequence[Segment]) -> list[bool]:
        """Which passages were read before."""
        return self._engine.is_cached(prompt)

    def cache(self, prompt: Sequence[Segment], *, background: bool = True) -> bool:
        """Read passages by themselves."""
        return self._engine.cache(prompt, background=background)

    def prepare_prefill(self, seconds: float = 0.0) -> bool:
        """Make whatever reads prompts ready."""
        return self._engine.prepare_prefill(seconds)

    def occupancy(self) -> dict[str, int] | None:
        """Cells and requests."""
        return self._engine.occupancy()

    def failure(self) -> str | None:
        """Why no answer can come any more."""
        return self._engine.failure()

    def close(self) -> None:
        """Free what is held."""
        self._engine.close()


@dataclass
class _RecordingPromptSession:
    engine: RecordingEngine
    session: PromptSession

    @property
    def prompt_tokens(self) -> int:
        return self.session.prompt_tokens

    @property
    def evaluated_tokens(self) -> int:
        return self.session.evaluated_tokens

    def extend(self, text: str) -> None:
        self.session.extend(text)

    def probe(self, text: str, alternatives: Sequence[Sequence[str]]) -> list[float]:
        return self.session.probe(text, alternatives)

    def generate(
        self, limit: int, stop: Sequence[str], sampling: Sampling | None = None
    ) -> Iterator[Piece]:
        pieces: list[Piece] = []
        try:
            for piece in self.session.generate(limit, stop, sampling):
                pieces.append(piece)
                yield piece
        finally:
            self.engine.remember(pieces)

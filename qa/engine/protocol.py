"""What an answer needs of a language model, whichever way it is run.

In: a prompt as segments. Out: a ``PromptSession`` that has read them and can be continued: more
text put after them, the probability of alternatives probed, an answer generated piece by piece.
What can fail: a prompt longer than the context, a model file that is missing or damaged (each one
sentence).

A segment is ``trusted`` when belegt wrote it. Only there are control tokens such as
``<|im_end|>`` recognised; in a document or a question the same characters are plain text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pydantic import BaseModel, ConfigDict

from qa.engine.cancellation import Cancellation
from qa.engine.decode.sampling import Sampling
from qa.engine.extraction import Extraction, SpanConstraint


@dataclass(frozen=True)
class Segment:
    """A piece of a prompt. ``constant`` marks a start that many prompts share word for word.

    ``kept_in``: the segment is a passage that may be read by itself, and what comes of that may be
    kept in this folder. Such segments follow the static prefix. ``quoted``: a passage that is not
    kept; the adapter acts on neither.
    """

    text: str
    trusted: bool = False
    constant: bool = False
    kept_in: Path | None = None
    quoted: bool = False

    @property
    def is_passage(self) -> bool:
        """Whether it is asked about, so that the adapter acts only behind it."""
        return self.quoted or self.kept_in is not None


@dataclass(frozen=True)
class Message:
    """One turn of a chat: ``role`` is system, user or assistant."""

    role: str
    parts: tuple[Segment, ...]


@dataclass(frozen=True)
class Lookahead:
    """What follows a prompt: the text of the first probe, and what is read after it, if anything.

    Both are read with the prompt, because fewer and larger steps are faster.
    """

    probe: str
    continuation: str


@dataclass(frozen=True)
class SpanPrompt:
    """A prompt that asks for words of a passage."""

    prompt: Sequence[Segment]
    """Static prefix, passage, question, generation prompt."""
    constraint: SpanConstraint
    """What may be said after it."""


@dataclass(frozen=True)
class Piece:
    """A token's worth of generated text (may be empty) and the log-probability it had (nats).

    ``tokens`` is 0 for text that was held back and belongs to tokens that came before.
    """

    text: str
    log_probability: float
    tokens: int = 1


class EngineDescription(BaseModel):
    """Which model runs, and how."""

    model_config = ConfigDict(frozen=True)

    model: str
    digest: str
    threads: int
    gpu_layers: int
    context_tokens: int
    prefill: str = ""
    """Who reads prompts, and why."""
    adapter: str = ""
    """SHA-256 of the adapter; empty without one."""


class PromptSession(Protocol):
    """A prompt that has been read. Valid until its context manager ends."""

    @property
    def prompt_tokens(self) -> int:
        """Tokens read so far, those reused from earlier sessions included."""
        ...

    @property
    def evaluated_tokens(self) -> int:
        """Tokens that had to be computed."""
        ...

    def extend(self, text: str) -> None:
        """Read trusted text after what was read."""
        ...

    def probe(self, text: str, alternatives: Sequence[Sequence[str]]) -> list[float]:
        """Log-probability (nats) that, after trusted ``text``, one of each alternative begins.

        An alternative is a list of spellings. ``text`` is taken back afterwards.
        """
        ...

    def generate(
        self, limit: int, stop: Sequence[str], sampling: Sampling | None = None
    ) -> Iterator[Piece]:
        """A continuation of at most ``limit`` tokens, ending before any of ``stop``.

        Greedy unless ``sampling`` says otherwise. Text that might be the beginning of a stop
        string is held back until it is not.
        """
        ...


class Engine(Protocol):
    """A loaded language model. Safe to call from many threads."""

    def describe(self) -> EngineDescription:
        """Which model runs, and how."""
        ...

    def prepare_prefill(self, seconds: float = 0.0) -> bool:
        """Make whatever reads prompts fastest ready, and wait ``seconds``; whether that is settled.

        It takes seconds of computing and memory, so whoever answers a single question leaves it.
        """
        ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, control tokens not recognised."""
        ...

    def chat(self, messages: Sequence[Message]) -> list[Segment]:
        """Segments of a chat in the model's own template, up to where the assistant speaks."""
        ...

    def is_cached(self, prompt: Sequence[Segment]) -> list[bool]:
        """Of each segment with ``kept_in``, whether it was read before and costs nothing now."""
        ...

    def cache(self, prompt: Sequence[Segment], *, background: bool = True) -> bool:
        """Read by themselves those segments with ``kept_in`` that were not; whether all are kept.

        False where this engine cannot. In the ``background`` it works while nobody asks, and raises
        :class:`~qa.engine.request.EngineBusyError` as soon as somebody does.
        """
        ...

    def prefill(
        self,
        prompt: Sequence[Segment],
        *,
        deadline: float | None = None,
        cancellation: Cancellation | None = None,
        ahead: Lookahead | None = None,
        adapter: bool = False,
    ) -> AbstractContextManager[PromptSession]:
        """Evaluate a prompt; what it holds is free again when the context manager ends.

        ``ahead``: what will be done next, where that is known; before an answer, something must be
        read then.
        ``deadline``: in ``time.monotonic``, past which the session fails. ``cancellation``: ends it
        from another thread, with :class:`~qa.engine.cancellation.RequestCancelledError`.
        ``adapter``: whether the adapter, where there is one, acts behind the static prefix and the
        passages with ``kept_in`` that follow it; what was computed of those stays valid.
        """
        ...

    def extract_all(
        self,
        prompts: Sequence[SpanPrompt],
        *,
        deadline: float | None = None,
        cancellation: Cancellation | None = None,
        adapter: bool = False,
    ) -> Iterator[tuple[int, Extraction]]:
        """The words of its passage that answer each prompt, with its number, as each is done.

        All are read and decoded together. Closing the iterator ends the rest. Raises what
        :meth:`prefill` raises.
        """
        ...

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
        """For each prompt the log-odds (nats) that what is said next begins as one of ``yes`` does,
        against one of ``no``.

        All are read together. Raises what :meth:`prefill` raises.
        """
        ...


class ClosableEngine(Engine, Protocol):
    """An engine that holds memory or connections."""

    def occupancy(self) -> dict[str, int] | None:
        """Cells in use ("cells") and requests ("open", "waiting"); None where it cannot tell."""
        ...

    def failure(self) -> str | None:
        """Why no answer can come any more, in one sentence, or None; never waits long."""
        ...

    def close(self) -> None:
        """Stop what runs and free what is held; the engine is of no use afterwards."""
        ...

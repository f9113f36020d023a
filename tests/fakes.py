"""Stand-ins for the two models, for what the real ones cannot be made to do on demand.

In: texts, a script. Out: implementations of :class:`~index.encoder.Encoder` and
:class:`~qa.engine.protocol.Engine` that need no weights and always do the same. Everything
around them in a test (SQLite, FAISS, prompts, support) is the real thing.
"""

from __future__ import annotations

import contextlib
import math
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from corpus.sentences import split
from index.encoder import EncoderDescription, Vectors
from index.terms import words
from qa.engine.cancellation import Cancellation
from qa.engine.decode.sampling import Sampling
from qa.engine.decode.text_stream import TextStream
from qa.engine.extraction import ExtractedSpan, Extraction, SpanConstraint
from qa.engine.local.template import render_chat
from qa.engine.protocol import EngineDescription, Lookahead, Message, Piece, Segment, SpanPrompt

TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
"""ChatML, in which the models of the manifest speak."""


class HashingEncoder:
    """Words hashed into a vector that, as E5's, has at least .75 of cosine with every other.

    Equal words give equal directions whatever the language, so names and numbers meet and
    translations do not. ``interrupt_after`` raises KeyboardInterrupt once so many passages are
    encoded, as Ctrl-C would.
    """

    def __init__(
        self, dimension: int = 64, *, name: str = "hashing", interrupt_after: int | None = None
    ) -> None:
        self._dimension = dimension
        self._name = name
        self._interrupt_after = interrupt_after
        self.encoded: list[str] = []

    def describe(self) -> EncoderDescription:
        return EncoderDescription(
            model=self._name,
            digest=f"{self._dimension:064x}",
            dimension=self._dimension,
            query_prefix="",
            passage_prefix="",
        )

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        return self._encode(texts)

    def encode_passages(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> Vectors:
        for text in texts:
            if self._interrupt_after is not None and len(self.encoded) >= self._interrupt_after:
                raise KeyboardInterrupt
            self.encoded.append(text)
            if progress is not None:
                progress(1)
        return self._encode(texts)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]

    def _encode(self, texts: Sequence[str]) -> Vectors:
        result = np.zeros((len(texts), self._dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in words(text):
                result[row, 1 + zlib.crc32(word.encode()) % (self._dimension - 1)] += 1.0
            length = float(np.linalg.norm(result[row]))
            result[row] *= 0.5 / length if length else 0.0
            result[row, 0] = np.sqrt(0.75) if length else 1.0
        return result


@dataclass
class Script:
    """What the engine says: ``answer`` to anything; ``yes_log_odds``: of yes to no."""

    answer: str = ""
    yes_log_odds: float = 5.0
    piece: int = 3
    """Bytes that come at a time."""
    sure: float = -0.1
    """Log-probability of each of them."""
    pause_s: float = 0.0
    """Before each of them."""
    extracts: tuple[str, ...] = ()
    """Of these, what stands in a passage is extracted from it."""
    yes_no: Callable[[str], float] | None = None
    """Log-odds of yes for the text of a prompt; ``stated`` where it is missing."""


@dataclass
class ScriptedEngine:
    """Says what its script says, and writes down what it was given to read."""

    script: Script = field(default_factory=Script)
    prompts: list[list[Segment]] = field(default_factory=list)
    extended: list[str] = field(default_factory=list)
    probed: list[str] = field(default_factory=list)
    read_before: set[str] = field(default_factory=set)
    turns_open: int = 0
    closed: bool = False
    broken: str | None = None
    """What it says of itself when it cannot answer."""

    def describe(self) -> EngineDescription:
        return EngineDescription(
            model="scripted", digest="0", threads=1, gpu_layers=0, context_tokens=4096
        )

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]

    def chat(self, messages: Sequence[Message]) -> list[Segment]:
        return render_chat(TEMPLATE, messages, {}, "scripted")

    @contextlib.contextmanager
    def prefill(
        self,
        prompt: Sequence[Segment],
        *,
        deadline: float | None = None,
        cancellation: Cancellation | None = None,
        ahead: Lookahead | None = None,
        adapter: bool = False,
    ) -> Iterator[ScriptedPromptSession]:
        cancellation = cancellation or Cancellation()
        cancellation.check()
        self.prompts.append(list(prompt))
        self.turns_open += 1
        count = sum(self.count_tokens([one.text for one in prompt]))
        try:
            yield ScriptedPromptSession(self, count, cancellation)
        finally:
            self.turns_open -= 1

    def extract_all(
        self,
        prompts: Sequence[SpanPrompt],
        *,
        adapter: bool = False,
        deadline: float | None = None,
        cancellation: Cancellation | None = None,
    ) -> Iterator[tuple[int, Extraction]]:
        """Of each passage the words of the script, else its sentence that shares most with them."""
        self.turns_open += 1
        try:
            for _ in range(0, len(self.script.answer) if prompts else 0, self.script.piece):
                (cancellation or Cancellation()).check()
                time.sleep(self.script.pause_s)
            for at, prompt in enumerate(prompts):
                self.prompts.append(list(prompt.prompt))
                yield at, scripted_extraction(prompt.constraint, self.script)
        finally:
            self.turns_open -= 1

    def is_cached(self, prompt: Sequence[Segment]) -> list[bool]:
        passages = [one.text for one in prompt if one.kept_in is not None]
        return [text in self.read_before for text in passages]

    def cache(self, prompt: Sequence[Segment], *, background: bool = True) -> bool:
        self.read_before |= {one.text for one in prompt if one.kept_in is not None}
        return True

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
        self.prompts += [list(prompt) for prompt in prompts]
        score = self.script.yes_no or (lambda _: self.script.yes_log_odds)
        return [score("".join(segment.text for segment in prompt)) for prompt in prompts]

    def prepare_prefill(self, seconds: float = 0.0) -> bool:
        return True

    def occupancy(self) -> dict[str, int]:
        return {"cells": 0, "open": self.turns_open, "waiting": 0}

    def failure(self) -> str | None:
        return self.broken

    def close(self) -> None:
        self.closed = True


def scripted_extraction(constraint: SpanConstraint, script: Script) -> Extraction:
    """What :class:`ScriptedEngine` finds in a passage."""
    spans = []
    for wanted in script.extracts or script.answer.split("\n"):
        place = _place_of(wanted, constraint, exact=bool(script.extracts))
        if place is not None:
            start, end = place
            spans.append(ExtractedSpan(start, end, (place,), script.sure, script.sure, end - start))
    odds = script.yes_log_odds if spans else -abs(script.yes_log_odds)
    return Extraction(
        spans=tuple(spans),
        nothing=-math.log1p(math.exp(odds)),
        starts=-math.log1p(math.exp(-odds)),
        margin=1.0,
        log_probability=script.sure,
        complete=True,
        prompt_tokens=1,
    )


def _place_of(wanted: str, constraint: SpanConstraint, *, exact: bool) -> tuple[int, int] | None:
    if not words(wanted):
        return None
    for start, end in constraint.ranges or ((0, len(constraint.text)),):
        at = constraint.text.find(wanted, start, end)
        if at >= 0:
            return at, at + len(wanted)
    if exact:
        return None
    shared: dict[tuple[int, int], int] = {}
    for start, end in constraint.ranges or ((0, len(constraint.text)),):
        for span in split(constraint.text[start:end], "de"):
            place = (start + span.start, start + span.end)
            sentence = words(constraint.text[place[0] : place[1]])
            shared[place] = len(set(sentence) & set(words(wanted)))
    best = max(shared, key=lambda place: shared[place], default=None)
    return best if best and shared[best] * 2 > len(set(words(wanted))) else None


@dataclass
class ScriptedPromptSession:
    """A prompt that a :class:`ScriptedEngine` has read."""

    engine: ScriptedEngine
    prompt_tokens: int
    cancellation: Cancellation

    @property
    def evaluated_tokens(self) -> int:
        return self.prompt_tokens

    def extend(self, text: str) -> None:
        self.engine.extended.append(text)
        self.prompt_tokens += len(text.split())

    def probe(self, text: str, alternatives: Sequence[Sequence[str]]) -> list[float]:
        self.engine.probed.append(text)
        return [self.engine.script.yes_log_odds] + [0.0] * (len(alternatives) - 1)

    def generate(
        self, limit: int, stop: Sequence[str], sampling: Sampling | None = None
    ) -> Iterator[Piece]:
        stream = TextStream(stop)
        data, size = self.engine.script.answer.encode(), self.engine.script.piece
        for first in range(0, min(len(data), limit * size), size):
            self.cancellation.check()
            time.sleep(self.engine.script.pause_s)
            yield Piece(stream.push(data[first : first + size]), self.engine.script.sure)
            if stream.stopped:
                return
        if rest := stream.finish():
            yield Piece(rest, 0.0)

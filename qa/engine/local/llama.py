"""llama.cpp in process: the engine that answers run on.

In: a GGUF file and settings. Out: an :class:`~qa.engine.protocol.Engine` that keeps one context
warm and serves many sessions at once. What can fail: a file that is missing, cut short or no model;
a prompt longer than the context; too many requests at once; each one sentence.

What makes it fast for cited answers stands elsewhere in ``qa.engine``: static prefixes and common
prefixes are evaluated once (:mod:`~qa.engine.scheduler`, :mod:`~qa.engine.kv.cells`), requests
share steps (:mod:`~qa.engine.steps`), and what an answer copies from its evidence is verified in
bulk instead of being said token by token (:mod:`~qa.engine.decode.lookup`).
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from itertools import takewhile
from pathlib import Path

import numpy as np

from base.errors import UsageError
from base.settings import Settings
from models.adapter import AdapterFile, chosen_adapter
from models.native.tuning import EngineParameters, chosen_parameters
from qa.engine.batch import Batch
from qa.engine.cancellation import Cancellation
from qa.engine.decode.sampling import Constraint, Logits, Sampler, Sampling, log_probabilities
from qa.engine.decode.spans import SpanSampler
from qa.engine.decode.vocabulary import Vocabulary
from qa.engine.extraction import Extraction
from qa.engine.kv.passage_cache import KVBlock, PassageKVCache
from qa.engine.kv.sequences import Capacity
from qa.engine.local.binding import Binding
from qa.engine.local.offload import open_fitting
from qa.engine.local.template import render_chat
from qa.engine.protocol import EngineDescription, Lookahead, Message, Piece, Segment, SpanPrompt
from qa.engine.request import Request, new_request
from qa.engine.scheduler import Scheduler
from qa.engine.torch_prefill.setup import SEQUENCES, Setup, make_prefill

# What a check, and the end of the chat template, may take beside the answer.
_BESIDE = 96
# Texts whose tokens are remembered; a few megabytes.
_TOKENISED = 1024


class LlamaEngine:
    """One model, one context, many sessions. Safe to call from many threads."""

    def __init__(
        self,
        file: Path,
        *,
        name: str,
        digest: str,
        settings: Settings,
        parameters: EngineParameters,
        adapter: AdapterFile | None = None,
    ) -> None:
        self._name = name
        self._adapter = adapter
        self._digest = digest
        self.parameters = parameters
        self._longest = min(settings.context_tokens, settings.cells)
        self._room = settings.answer_tokens + _BESIDE
        self._drafts = settings.drafts
        capacity = Capacity(
            cells=settings.cells,
            kept=settings.kept_cells,
            requests=settings.requests,
            waiting=settings.waiting_requests,
            saved_bytes=settings.saved_starts_mb << 20,
        )
        self._binding = open_fitting(
            lambda layers: Binding(
                file,
                cells=capacity.cells,
                sequences=capacity.sequences + SEQUENCES,
                parameters=parameters.model_copy(update={"gpu_layers": layers}),
            ),
            parameters.gpu_layers,
        )
        if adapter is not None:
            self._binding.load_adapter(adapter.file)
        # A prompt's instructions and passages are asked for several times while it is made.
        self._tokens = lru_cache(_TOKENISED)(
            lambda text, trusted: tuple(self._binding.tokens(text, control=trusted))
        )
        # Brackets, with which a model forges citations.
        self._constraint = Constraint(
            lambda token: b"[" in self._binding.piece(token),
            lambda: self._binding.tokens_with(b"["),
        )
        # A saved start is of one model, as one version and one device computes and stores it.
        facts = (
            digest,
            self._binding.version,
            self._binding.layers_on_gpu,
            parameters.flash_attention,
            parameters.micro_batch,
            parameters.kv_type,
        )
        folder = hashlib.sha256(repr(facts).encode()).hexdigest()[:16]
        self._setup = Setup(
            file,
            digest,
            settings,
            parameters,
            self._binding,
            lambda text: self.tokens(Segment(text)),
            first_sequence=capacity.sequences,
            busy=self._is_asked,
        )
        self._prefill = make_prefill(self._setup)
        self._passages = PassageKVCache(
            self._binding.rotary, folder, settings.kept_passages_mb << 20
        )
        states = settings.cache / "starts" / folder
        self._scheduler = Scheduler(self._binding, capacity, states, self._prefill)
        self._closed = False

    def close(self) -> None:
        """Stop what runs and free the model's memory; the engine is of no use afterwards."""
        if not self._closed:
            self._closed = True
            self._prefill.close()
            self._scheduler.close()
            self._binding.close()

    def describe(self) -> EngineDescription:
        """Which model runs, and how."""
        return EngineDescription(
            model=self._name,
            digest=self._digest,
            threads=self.parameters.threads,
            gpu_layers=self._binding.layers_on_gpu,
            context_tokens=self._longest,
            prefill=self._prefill.describe(),
            adapter=self._adapter.digest if self._adapter else "",
        )

    def prepare_prefill(self, seconds: float = 0.0) -> bool:
        """Make PyTorch ready for prompts, where it reads them; whether that is settled.

        Waits ``seconds`` for it. Whether it reads them may have been measured since the last time.
        """
        self._prefill.adopt(make_prefill(self._setup))
        self._prefill.prepare(self._scheduler.between_steps)
        return self._prefill.wait(seconds)

    def occupancy(self) -> dict[str, int]:
        """Cells in use and requests by state."""
        return self._scheduler.occupancy()

    def _is_asked(self) -> bool:
        held = self.occupancy()
        return held["open"] + held["waiting"] > 0

    def failure(self) -> str | None:
        """Why no answer can come any more; None while one can."""
        if self._scheduler.runs:
            return None
        return "The engine has stopped; the log says why. Start the server again."

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, control tokens not recognised."""
        return [len(self._tokens(text, False)) for text in texts]

    def tokens(self, segment: Segment) -> list[int]:
        """Token ids; control tokens are recognised in trusted segments only."""
        return list(self._tokens(segment.text, segment.trusted))

    def chat(self, messages: Sequence[Message]) -> list[Segment]:
        """Segments of a chat in the model's own template, up to where the assistant speaks."""
        found = self._binding.template()
        if found is None:
            raise UsageError(
                f"The model '{self._name}' has no chat template; "
                "take an instruction-tuned GGUF file."
            )
        template, special = found
        return render_chat(template, messages, special, self._name)

    @contextlib.contextmanager
    def prefill(
        self,
        prompt: Sequence[Segment],
        *,
        deadline: float | None = None,
        cancellation: Cancellation | None = None,
        ahead: Lookahead | None = None,
        adapter: bool = False,
    ) -> Iterator[LlamaPromptSession]:
        """Evaluate a prompt; its cells are held until the context manager ends."""
        cancellation = cancellation or Cancellation()
        request = self._request(
            prompt,
            self._room,
            deadline=deadline,
            cancellation=cancellation,
            adapter=adapter,
            ahead=ahead,
        )
        with cancellation.calling(self._scheduler.nudge):
            self._scheduler.open(request)
            try:
                yield LlamaPromptSession(self, self._scheduler, request, len(request.tokens))
            finally:
                self._scheduler.release(request)

    def extract_all(
        self,
        prompts: Sequence[SpanPrompt],
        *,
        deadline: float | None = None,
        cancellation: Cancellation | None = None,
        adapter: bool = False,
    ) -> Iterator[tuple[int, Extraction]]:
        """Words of passages; see :class:`~qa.engine.protocol.Engine`."""
        cancellation = cancellation or Cancellation()
        requests = [
            self._request(
                one.prompt,
                one.constraint.limit,
                deadline=deadline,
                cancellation=cancellation,
                adapter=adapter,
            )
            for one in prompts
        ]
        batch, samplers = Batch(self._scheduler, requests), []
        for number, prompt in enumerate(prompts):
            # What has no room for its limit is cut earlier.
            limit = requests[number].limit - len(requests[number].tokens)
            samplers.append(SpanSampler(prompt.constraint, self._vocabulary))
            batch.answer(number, samplers[-1], limit, drafts=self._drafts)
        with cancellation.calling(self._scheduler.nudge), contextlib.closing(batch.done()) as done:
            for number in done:
                request = requests[number]
                yield number, samplers[number].extraction(len(request.tokens), request.evaluated)

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
        """Log-odds of yes against no; see :class:`~qa.engine.protocol.Engine`."""
        cancellation = cancellation or Cancellation()
        requests = [
            self._request(prompt, 1, deadline=deadline, cancellation=cancellation, adapter=adapter)
            for prompt in prompts
        ]
        groups = [self.first_tokens(yes), self.first_tokens(no)]
        scores = [0.0] * len(prompts)
        with cancellation.calling(self._scheduler.nudge):
            for number in Batch(self._scheduler, requests).done():
                logits = self._scheduler.logits(requests[number])
                affirmed, denied = (float(np.logaddexp.reduce(logits[group])) for group in groups)
                scores[number] = affirmed - denied
                requests[number].logits = None
        return scores

    def _request(
        self,
        prompt: Sequence[Segment],
        room: int,
        *,
        deadline: float | None,
        cancellation: Cancellation,
        adapter: bool,
        ahead: Lookahead | None = None,
    ) -> Request:
        """``prompt`` as a request that is not queued yet; UsageError where it is too long."""
        start, rest = self._split(prompt)
        count = len(start) + len(rest)
        if count >= self._longest:
            raise UsageError(
                f"The prompt has {count} tokens and the context of '{self._name}' has "
                f"{self._longest}; ask a shorter question or set BELEGT_CONTEXT_TOKENS higher."
            )
        probe = self.tokens(Segment(ahead.probe, trusted=True)) if ahead else ()
        continuation = self.tokens(Segment(ahead.continuation, trusted=True)) if ahead else ()
        return new_request(
            [*start, *rest],
            prefix_length=len(start),
            room=min(room, self._longest - count),
            deadline=deadline,
            cancellation=cancellation,
            cached_blocks=self._cached_blocks(start, prompt),
            probe=probe,
            continuation=continuation,
            adapter_start=self._adapter_start(prompt) if adapter and self._adapter else None,
        )

    def _adapter_start(self, prompt: Sequence[Segment]) -> int:
        """Tokens of the static prefix and of the passages right behind it."""
        changing = [one for one in prompt if not one.constant]
        passages = takewhile(lambda one: one.is_passage, changing)
        fixed = [*(one for one in prompt if one.constant), *passages]
        return sum(len(self.tokens(one)) for one in fixed)

    @cached_property
    def _vocabulary(self) -> Vocabulary:
        """Of the model; made with the first extraction, as it takes a tenth of a second."""
        pieces = self._binding.pieces()
        ends = [token for token, piece in enumerate(pieces) if self._binding.ends(token)]
        return Vocabulary(pieces, ends, lambda text: self.tokens(Segment(text)))

    def first_tokens(self, spellings: Sequence[str]) -> list[int]:
        """Tokens that one of ``spellings`` begins with."""
        return sorted({self.tokens(Segment(text))[0] for text in spellings})

    def is_cached(self, prompt: Sequence[Segment]) -> list[bool]:
        """Of each segment with ``kept_in``, whether its keys and values are on disk."""
        start, _ = self._split(prompt)
        return [
            self._passages.has(one.kept_in, start, self.tokens(one))
            for one in prompt
            if one.kept_in is not None
        ]

    def cache(self, prompt: Sequence[Segment], *, background: bool = True) -> bool:
        """Read passages by themselves and keep them; see :class:`~qa.engine.protocol.Engine`."""
        if not self._passages.usable:
            return False
        start, _ = self._split(prompt)
        kept = True
        for segment in prompt:
            if segment.kept_in is None:
                continue
            tokens = self.tokens(segment)
            if self._passages.has(segment.kept_in, start, tokens):
                continue
            if len(start) + len(tokens) >= self._longest:
                kept = False
                continue
            request = new_request(
                [*start, *tokens], prefix_length=len(start), room=1, background=background
            )
            self._scheduler.open(request)
            try:
                rows = self._scheduler.rows(request, len(start))
            finally:
                self._scheduler.release(request)
            saved = rows is not None and self._passages.save(segment.kept_in, start, tokens, rows)
            kept = kept and saved
        return kept

    def _split(self, prompt: Sequence[Segment]) -> tuple[list[int], list[int]]:
        """Tokens of the static prefix, and of the rest."""
        start = [token for one in prompt if one.constant for token in self.tokens(one)]
        rest = [token for one in prompt if not one.constant for token in self.tokens(one)]
        return start, rest

    def _cached_blocks(self, start: Sequence[int], prompt: Sequence[Segment]) -> list[KVBlock]:
        """The passages right behind ``start``, up to the first that is not kept."""
        found: list[KVBlock] = []
        place = len(start)
        for segment in prompt:
            if segment.constant:
                continue
            rows = segment.kept_in and self._passages.load(
                segment.kept_in, start, self.tokens(segment), place
            )
            if not rows:
                break
            found.append(rows)
            place += rows.count
        return found

    def sampler(self, sampling: Sampling) -> Sampler:
        """A sampler that says nothing an answer must not contain."""
        return Sampler(sampling, self._constraint)

    @property
    def drafts(self) -> bool:
        """Whether answers are drafted from their prompts."""
        return self._drafts


class LlamaPromptSession:
    """A prompt that was read; see :class:`~qa.engine.protocol.PromptSession`."""

    def __init__(
        self, engine: LlamaEngine, scheduler: Scheduler, request: Request, count: int
    ) -> None:
        self._engine = engine
        self._scheduler = scheduler
        self._request = request
        self.prompt_tokens = count
        self.evaluated_tokens = request.evaluated

    def extend(self, text: str) -> None:
        """Read trusted text after what was read."""
        tokens = self._engine.tokens(Segment(text, trusted=True))
        self._scheduler.read(self._request, tokens)
        self.prompt_tokens += len(tokens)
        self.evaluated_tokens += len(tokens)

    def probe(self, text: str, alternatives: Sequence[Sequence[str]]) -> list[float]:
        """Log-probabilities of what may follow ``text``; see the protocol."""
        groups = [self._engine.first_tokens(spellings) for spellings in alternatives]

        def chances(logits: Logits) -> list[float]:
            found = log_probabilities(logits)
            return [float(np.logaddexp.reduce(found[group])) for group in groups]

        tokens = self._engine.tokens(Segment(text, trusted=True))
        return self._scheduler.probe(self._request, tokens, chances)

    def log_probabilities(self) -> Logits:
        """Log-probabilities (nats) of the next token; float32 (vocabulary,)."""
        return log_probabilities(self._scheduler.logits(self._request))

    def generate(
        self, limit: int, stop: Sequence[str], sampling: Sampling | None = None
    ) -> Iterator[Piece]:
        """A continuation, greedy unless told; see :class:`~qa.engine.protocol.PromptSession`."""
        sampling = sampling or Sampling()
        return self._scheduler.answer(
            self._request,
            self._engine.sampler(sampling),
            limit,
            stop,
            drafts=self._engine.drafts and sampling.greedy,
        )


def load_engine(settings: Settings) -> LlamaEngine:
    """The engine for the model that ``settings`` name: a GGUF file or a name of the manifest."""
    from models.store import ModelStore

    store = ModelStore(settings.cache)
    file = store.path(settings.llm)
    if file.is_dir():
        raise UsageError(f"The model '{file}' is a folder; name a GGUF file with BELEGT_LLM.")
    name, digest = Path(settings.llm).name, store.digest(settings.llm)
    return LlamaEngine(
        file,
        name=name,
        digest=digest,
        settings=settings,
        parameters=chosen_parameters(settings, name, digest),
        adapter=chosen_adapter(settings, digest),
    )

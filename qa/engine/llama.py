"""llama.cpp in process, by its low-level functions.

In: a GGUF file and settings. Out: an :class:`~qa.engine.protocol.Engine` that keeps one context
warm. What can fail: a file that is missing, cut short or no model; a prompt longer than the
context.

Constant starts of prompts (the instructions, one per language) are evaluated once,
kept in sequences of their own, copied to the working sequence for nothing, and saved to disk so
that a new process reads them back in milliseconds. Within the working sequence the longest
common prefix with the last prompt is reused, which is what a probe and the answer after it
share.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import threading
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import BelegtError, UsageError
from models.settings import Settings
from qa.engine.protocol import EngineDescription, Message, Piece, Segment
from qa.engine.stream import TextStream
from qa.engine.template import render

# One start for each language that belegt answers in.
_KEPT = 2
_WORK = 0
_BATCH = 512


@cache
def _silent() -> Any:
    """A log callback that says nothing; kept for good, as the library holds a bare pointer."""
    import llama_cpp

    return llama_cpp.llama_log_callback(lambda *_: None)


class LlamaEngine:
    """One model, one context, one turn at a time."""

    def __init__(
        self, file: Path, *, name: str, digest: str, settings: Settings, threads: int
    ) -> None:
        import llama_cpp

        self._api: Any = llama_cpp
        self._lock = threading.Lock()
        self._name = name
        self._digest = digest
        self._threads = threads
        self._states = settings.cache / "starts"
        self._quiet()
        llama_cpp.llama_backend_init()
        self._gpu_layers = settings.gpu_layers if llama_cpp.llama_supports_gpu_offload() else 0
        self._model = self._load(file)
        self._vocabulary = llama_cpp.llama_model_get_vocab(self._model)
        self._size = int(llama_cpp.llama_vocab_n_tokens(self._vocabulary))
        self._context_tokens = settings.context_tokens
        self._context = self._open(file)
        self._memory = llama_cpp.llama_get_memory(self._context)
        self._batch = llama_cpp.llama_batch_init(_BATCH, 0, 1)
        self._work: list[int] = []
        self._kept: dict[tuple[int, ...], int] = {}
        self._unwanted: NDArray[np.int64] | None = None

    def _quiet(self) -> None:
        self._api.llama_log_set(_silent(), ctypes.c_void_p(0))

    def _load(self, file: Path) -> Any:
        parameters = self._api.llama_model_default_params()
        parameters.n_gpu_layers = 999 if self._gpu_layers < 0 else self._gpu_layers
        model = self._api.llama_model_load_from_file(str(file).encode(), parameters)
        if not model:
            raise UsageError(
                f"The model file '{file}' cannot be loaded; check it with 'belegt models verify' "
                "or name another GGUF file with BELEGT_LLM."
            )
        return model

    def _open(self, file: Path) -> Any:
        parameters = self._api.llama_context_default_params()
        parameters.n_ctx = self._context_tokens
        parameters.n_batch = parameters.n_ubatch = _BATCH
        parameters.n_seq_max = 1 + _KEPT
        parameters.kv_unified = True
        parameters.n_threads = parameters.n_threads_batch = self._threads
        parameters.flash_attn_type = self._api.LLAMA_FLASH_ATTN_TYPE_ENABLED
        context = self._api.llama_init_from_model(self._model, parameters)
        if not context:
            raise BelegtError(
                f"There is not enough memory for a context of {self._context_tokens} tokens of "
                f"'{file.name}'; set BELEGT_CONTEXT_TOKENS lower."
            )
        return context

    def close(self) -> None:
        """Free the model's memory; the engine is of no use afterwards."""
        with self._lock:
            if self._context is not None:
                self._api.llama_batch_free(self._batch)
                self._api.llama_free(self._context)
                self._api.llama_model_free(self._model)
                self._context = self._model = None

    def describe(self) -> EngineDescription:
        """Which model runs, and how."""
        layers = int(self._api.llama_model_n_layer(self._model))
        wanted = layers + 1 if self._gpu_layers < 0 else min(self._gpu_layers, layers + 1)
        return EngineDescription(
            model=self._name,
            digest=self._digest,
            threads=self._threads,
            gpu_layers=wanted,
            context_tokens=self._context_tokens,
        )

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, control tokens not recognised."""
        return [len(self.tokens(Segment(text))) for text in texts]

    def tokens(self, segment: Segment) -> list[int]:
        """Token ids; control tokens are recognised in trusted segments only."""
        data = segment.text.encode()
        space = (self._api.llama_token * (len(data) + 8))()
        count = self._api.llama_tokenize(
            self._vocabulary, data, len(data), space, len(space), False, segment.trusted
        )
        return list(space[:count])

    def piece(self, token: int) -> bytes:
        """The bytes a token stands for; control tokens stand for none."""
        space = ctypes.create_string_buffer(256)
        count = self._api.llama_token_to_piece(self._vocabulary, token, space, 256, 0, False)
        return space.raw[:count] if count > 0 else b""

    def chat(self, messages: Sequence[Message]) -> list[Segment]:
        """Segments of a chat in the model's own template, up to where the assistant speaks."""
        template = self._api.llama_model_chat_template(self._model, None)
        if not template:
            raise UsageError(
                f"The model '{self._name}' has no chat template; "
                "take an instruction-tuned GGUF file."
            )
        special = {
            name: self._control(getter(self._vocabulary))
            for name, getter in (
                ("bos_token", self._api.llama_vocab_bos),
                ("eos_token", self._api.llama_vocab_eos),
            )
        }
        return render(template.decode(), messages, special, self._name)

    def _control(self, token: int) -> str:
        if token < 0:
            return ""
        space = ctypes.create_string_buffer(256)
        count = self._api.llama_token_to_piece(self._vocabulary, token, space, 256, 0, True)
        return space.raw[: max(count, 0)].decode("utf-8", "replace")

    @contextlib.contextmanager
    def read(self, prompt: Sequence[Segment]) -> Iterator[LlamaTurn]:
        """Evaluate a prompt; the model belongs to this turn until the context manager ends."""
        start = [token for one in prompt if one.constant for token in self.tokens(one)]
        rest = [token for one in prompt if not one.constant for token in self.tokens(one)]
        with self._lock:
            self._check_length(len(start) + len(rest), tuple(start))
            before = self._begin(start)
            turn = LlamaTurn(self, prompt_tokens=len(start), evaluated_tokens=before)
            turn.feed(rest)
            yield turn

    def _check_length(self, tokens: int, start: tuple[int, ...]) -> None:
        # Kept starts live in the same cells; the prompt's own is shared, not held twice, and a
        # new one takes the place of the oldest.
        others = [kept for kept in self._kept if kept != start]
        if len(others) == _KEPT:
            others = others[1:] if start else others
        free = self._context_tokens - sum(len(kept) for kept in others)
        if tokens >= free:
            raise UsageError(
                f"The prompt has {tokens} tokens and the context of '{self._name}' has {free} "
                "left; ask a shorter question or set BELEGT_CONTEXT_TOKENS higher."
            )

    def _begin(self, start: list[int]) -> int:
        """Make the working sequence hold ``start``; returns the tokens that were computed."""
        computed = 0
        if not start:
            self._truncate(0)
            return 0
        key = tuple(start)
        if key not in self._kept:
            computed = self._keep(key)
        if self._work[: len(start)] != start:
            self._truncate(0)
            self._api.llama_memory_seq_cp(self._memory, self._kept[key], _WORK, -1, -1)
            self._work = list(start)
        return computed

    def _keep(self, key: tuple[int, ...]) -> int:
        sequence = len(self._kept) + 1
        if sequence > _KEPT:
            oldest = next(iter(self._kept))
            sequence = self._kept.pop(oldest)
            self._api.llama_memory_seq_rm(self._memory, sequence, -1, -1)
        file = self._states / f"{self._state_name(key)}.state"
        computed = 0
        if not self._restore(file, key, sequence):
            self._truncate(0)
            self.decode(list(key))
            computed = len(key)
            self._api.llama_memory_seq_cp(self._memory, _WORK, sequence, -1, -1)
            self._save(file, key, sequence)
        self._kept[key] = sequence
        return computed

    def _state_name(self, key: tuple[int, ...]) -> str:
        facts = (self._digest, self._api.__version__, self._gpu_layers, key)
        return hashlib.sha256(repr(facts).encode()).hexdigest()[:32]

    def _restore(self, file: Path, key: tuple[int, ...], sequence: int) -> bool:
        if not file.is_file():
            return False
        found = (self._api.llama_token * len(key))()
        count = ctypes.c_size_t(0)
        size = self._api.llama_state_seq_load_file(
            self._context, str(file).encode(), sequence, found, len(key), ctypes.byref(count)
        )
        if size and tuple(found[: count.value]) == key:
            return True
        self._api.llama_memory_seq_rm(self._memory, sequence, -1, -1)
        return False

    def _save(self, file: Path, key: tuple[int, ...], sequence: int) -> None:
        # A start that cannot be saved (no space, a read-only cache) is only computed again.
        with contextlib.suppress(OSError):
            file.parent.mkdir(parents=True, exist_ok=True)
            temporary = file.with_suffix(f".{threading.get_ident()}.partial")
            tokens = (self._api.llama_token * len(key))(*key)
            written = self._api.llama_state_seq_save_file(
                self._context, str(temporary).encode(), sequence, tokens, len(key)
            )
            if written:
                temporary.replace(file)
            else:
                temporary.unlink(missing_ok=True)

    def _truncate(self, length: int) -> None:
        self._api.llama_memory_seq_rm(self._memory, _WORK, length, -1)
        del self._work[length:]

    def reuse(self, tokens: Sequence[int], after: int) -> int:
        """Drop what differs from ``tokens`` after position ``after``; how many could stay.

        At least one token is left to evaluate, because its logits are wanted.
        """
        present = self._work[after:]
        same = 0
        while same < min(len(present), len(tokens) - 1) and present[same] == tokens[same]:
            same += 1
        self._truncate(after + same)
        return same

    def decode(self, tokens: Sequence[int]) -> None:
        """Evaluate tokens at the end of the working sequence; logits of the last are kept."""
        for first in range(0, len(tokens), _BATCH):
            part = tokens[first : first + _BATCH]
            self._batch.n_tokens = len(part)
            for row, token in enumerate(part):
                self._batch.token[row] = token
                self._batch.pos[row] = len(self._work) + row
                self._batch.n_seq_id[row] = 1
                self._batch.seq_id[row][0] = _WORK
                self._batch.logits[row] = row == len(part) - 1
            code = self._api.llama_decode(self._context, self._batch)
            if code:
                self._truncate(len(self._work))
                raise BelegtError(
                    f"The language model '{self._name}' stopped with code {code}; "
                    "set BELEGT_CONTEXT_TOKENS higher or ask a shorter question."
                )
            self._work.extend(part)

    def log_probabilities(self) -> NDArray[np.float32]:
        """Log-probabilities (nats) of the next token; float32 (vocabulary,)."""
        pointer = self._api.llama_get_logits_ith(self._context, -1)
        logits = np.ctypeslib.as_array(pointer, shape=(self._size,)).astype(np.float32)
        logits -= logits.max()
        logits -= np.log(np.exp(logits).sum())
        return logits

    def unwanted(self) -> NDArray[np.int64]:
        """Tokens an answer must not contain: brackets, with which a model forges citations."""
        if self._unwanted is None:
            found = [token for token in range(self._size) if b"[" in self.piece(token)]
            self._unwanted = np.asarray(found, dtype=np.int64)
        return self._unwanted

    def ends(self, token: int) -> bool:
        """Whether ``token`` ends a generation."""
        return bool(self._api.llama_vocab_is_eog(self._vocabulary, token))


class LlamaTurn:
    """A prompt in the working sequence of an engine; see :class:`~qa.engine.protocol.Turn`."""

    def __init__(self, engine: LlamaEngine, *, prompt_tokens: int, evaluated_tokens: int) -> None:
        self._engine = engine
        self.prompt_tokens = prompt_tokens
        self.evaluated_tokens = evaluated_tokens

    def feed(self, tokens: Sequence[int]) -> None:
        """Read ``tokens`` after what was read, reusing what is already there."""
        if not tokens:
            return
        same = self._engine.reuse(tokens, self.prompt_tokens)
        self._engine.decode(tokens[same:])
        self.prompt_tokens += len(tokens)
        self.evaluated_tokens += len(tokens) - same

    def extend(self, text: str) -> None:
        """Read trusted text after what was read."""
        self.feed(self._engine.tokens(Segment(text, trusted=True)))

    def probe(self, text: str, alternatives: Sequence[Sequence[str]]) -> list[float]:
        """Log-probabilities of what may follow ``text``; see the protocol."""
        before = self.prompt_tokens, self.evaluated_tokens
        self.extend(text)
        self.prompt_tokens, self.evaluated_tokens = before
        chances = self._engine.log_probabilities()
        result = []
        for spellings in alternatives:
            first = {self._engine.tokens(Segment(text))[0] for text in spellings}
            result.append(float(np.logaddexp.reduce(chances[sorted(first)])))
        return result

    def generate(self, limit: int, stop: Sequence[str]) -> Iterator[Piece]:
        """Greedy continuation; see :class:`~qa.engine.protocol.Turn`."""
        stream = TextStream(stop)
        for _ in range(limit):
            chances = self._engine.log_probabilities()
            token = int(chances.argmax())
            if b"[" in self._engine.piece(token):
                chances[self._engine.unwanted()] = -np.inf
                token = int(chances.argmax())
            if self._engine.ends(token):
                break
            text = stream.push(self._engine.piece(token))
            yield Piece(text, float(chances[token]))
            if stream.stopped:
                return
            self._engine.decode([token])
        if rest := stream.finish():
            yield Piece(rest, 0.0)


def load_engine(settings: Settings) -> LlamaEngine:
    """The engine for the model that ``settings`` name: a GGUF file or a name of the manifest."""
    from models.hardware import usable_cores
    from models.store import ModelStore

    store = ModelStore(settings.cache)
    file = store.path(settings.llm)
    return LlamaEngine(
        file,
        name=Path(settings.llm).name,
        digest=store.digest(settings.llm),
        settings=settings,
        threads=settings.threads or usable_cores(),
    )

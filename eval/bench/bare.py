"""llama.cpp with nothing around it: the loop that engines are measured against.

In: a GGUF file, tokens. Out: tokens a second of reading them and of going on greedily. What can
fail: a file that the library cannot load, a step that it refuses; each one sentence.

One sequence, batches and micro-batches of 512, flash attention, all usable cores, keys and values
in f16; the next token is the largest logit. That is what ``llama-bench`` times, without a server,
a template, a stop string or text.
"""

from __future__ import annotations

import ctypes
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from base.errors import BelegtError

BATCH = 512


class TokenRates(NamedTuple):
    """Tokens a second."""

    prefill: float
    decode: float


class BareLoop:
    """One model, one context, one sequence of at most ``cells`` tokens."""

    def __init__(self, file: Path, *, cells: int, threads: int, gpu_layers: int) -> None:
        import llama_cpp

        self._api: Any = llama_cpp
        self._log = llama_cpp.llama_log_callback(lambda *_: None)
        llama_cpp.llama_log_set(self._log, ctypes.c_void_p(0))
        llama_cpp.llama_backend_init()
        model = llama_cpp.llama_model_default_params()
        model.n_gpu_layers = 999 if gpu_layers < 0 else gpu_layers
        self._model = llama_cpp.llama_model_load_from_file(str(file).encode(), model)
        if not self._model:
            raise BelegtError(f"llama.cpp cannot load '{file}'; run: belegt models verify")
        context = llama_cpp.llama_context_default_params()
        context.n_ctx = cells
        context.n_batch = context.n_ubatch = BATCH
        context.n_threads = context.n_threads_batch = threads
        context.flash_attn_type = llama_cpp.LLAMA_FLASH_ATTN_TYPE_ENABLED
        self._context = llama_cpp.llama_init_from_model(self._model, context)
        if not self._context:
            llama_cpp.llama_model_free(self._model)
            raise BelegtError(f"There is not enough memory for a context of {cells} tokens.")
        self._batch = llama_cpp.llama_batch_init(BATCH, 0, 1)
        vocabulary = llama_cpp.llama_model_get_vocab(self._model)
        self._size = int(llama_cpp.llama_vocab_n_tokens(vocabulary))

    def rates(self, tokens: Sequence[int], more: int) -> TokenRates:
        """Of reading ``tokens``, and of the ``more`` tokens after them."""
        memory = self._api.llama_get_memory(self._context)
        self._api.llama_memory_clear(memory, True)
        started = time.perf_counter()
        for first in range(0, len(tokens), BATCH):
            self._step(tokens[first : first + BATCH], first)
        read = time.perf_counter()
        for at in range(more):
            self._step([self._best()], len(tokens) + at)
        done = time.perf_counter()
        return TokenRates(len(tokens) / (read - started), more / (done - read))

    def _step(self, tokens: Sequence[int], first: int) -> None:
        batch = self._batch
        batch.n_tokens = len(tokens)
        for at, token in enumerate(tokens):
            batch.token[at] = token
            batch.pos[at] = first + at
            batch.n_seq_id[at] = 1
            batch.seq_id[at][0] = 0
            batch.logits[at] = at == len(tokens) - 1
        if code := self._api.llama_decode(self._context, batch):
            raise BelegtError(f"llama.cpp stopped with code {code}.")
        self._api.llama_synchronize(self._context)

    def _best(self) -> int:
        pointer = self._api.llama_get_logits_ith(self._context, -1)
        return int(np.ctypeslib.as_array(pointer, shape=(self._size,)).argmax())

    def close(self) -> None:
        """Free the model's memory."""
        self._api.llama_batch_free(self._batch)
        self._api.llama_free(self._context)
        self._api.llama_model_free(self._model)

"""llama.cpp by its low-level functions: one model, one context, no policy.

In: a GGUF file, how many cells, sequences and threads. Out: tokens, pieces of text, steps over
rows of several sequences, logits, saved sequences. What can fail, each one sentence: a file that
is no model or no adapter of it, too little memory for the context, a step that the library refuses.

Nothing here is safe to call from two threads at once but ``tokens``, ``piece``, ``ends`` and the
template, which only read the vocabulary.
"""

from __future__ import annotations

import contextlib
import copy
import ctypes
import threading
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from base.errors import BelegtError, UsageError
from base.files import human
from models.native.hardware import free_memory, total_memory
from models.native.library import native_library
from models.native.tuning import EngineParameters, KvType
from qa.engine.kv.rotary import Half, Rotary
from qa.engine.local.mapping import give_back
from qa.engine.torch_prefill.state import Bytes, SequenceState, StateLayoutError, go_on, parse_state

BATCH = 512
"""Most rows in a step; the library computes them in micro-batches of at most as many."""
_TYPES: dict[KvType, tuple[str, float]] = {
    "f16": ("GGML_TYPE_F16", 2.0),
    "q8_0": ("GGML_TYPE_Q8_0", 34 / 32),
}
"""Formats of keys and values: the library's name, and bytes a number (q8_0: blocks of 32)."""
_BYTES_A_TOKEN = 64
"""More than tokens of any vocabulary have on average."""
_SCALED = ("scaling.type", "scaling.factor", "scale_linear", "dimension_sections")
"""Metadata of models that turn keys otherwise than by one base (GGUF specification)."""


class BatchRow(NamedTuple):
    """A token to evaluate: where it stands in which sequence, and whether its logits are wanted.

    ``also``: another sequence that it belongs to as well, and that began as the first did.
    """

    token: int
    position: int
    sequence: int
    logits: bool
    also: int | None = None


class ContextFullError(BelegtError):
    """No free cells for a step."""


@cache
def _silent() -> Any:
    """A log callback that says nothing; kept for good, as the library holds a bare pointer."""
    import llama_cpp

    return llama_cpp.llama_log_callback(lambda *_: None)


class Binding:
    """A loaded model with one context whose cells all sequences share."""

    def __init__(
        self, file: Path, *, cells: int, sequences: int, parameters: EngineParameters
    ) -> None:
        self._api = llama_cpp = native_library()
        llama_cpp.llama_log_set(_silent(), ctypes.c_void_p(0))
        llama_cpp.llama_backend_init()
        self._gpu_layers = parameters.gpu_layers if llama_cpp.llama_supports_gpu_offload() else 0
        self._file = file
        self._model = self._load(file)
        self._owns_model = True
        self._adapter: Any = None
        self._vocabulary = llama_cpp.llama_model_get_vocab(self._model)
        self._size = int(llama_cpp.llama_vocab_n_tokens(self._vocabulary))
        try:
            self._open(cells, sequences, parameters)
        except BelegtError:
            llama_cpp.llama_model_free(self._model)
            raise
        give_back(file)

    def beside(self, *, cells: int, sequences: int, parameters: EngineParameters) -> Binding:
        """Another context over the same model, to be closed before this one."""
        other = copy.copy(self)
        other._owns_model = False
        other._open(cells, sequences, parameters)
        return other

    def _load(self, file: Path) -> Any:
        size, memory = file.stat().st_size if file.is_file() else 0, total_memory()
        if memory is not None and size > memory and self._gpu_layers == 0:
            raise BelegtError(
                f"The model file '{file}' has {human(size)}, more than the {human(memory)} of "
                "memory here; name a smaller model with BELEGT_LLM."
            )
        parameters = self._api.llama_model_default_params()
        parameters.n_gpu_layers = 999 if self._gpu_layers < 0 else self._gpu_layers
        model = self._api.llama_model_load_from_file(str(file).encode(), parameters)
        if not model:
            raise UsageError(
                f"The model file '{file}' cannot be loaded; check it with 'belegt models verify' "
                "or name another GGUF file with BELEGT_LLM."
            )
        return model

    def _open(self, cells: int, sequences: int, parameters: EngineParameters) -> None:
        native = self._api.llama_context_default_params()
        native.n_ctx = cells
        native.n_batch = BATCH
        native.n_ubatch = parameters.micro_batch
        # One more, through which rows come in that were kept elsewhere or computed beside others.
        native.n_seq_max = sequences + 1
        self.spare = sequences
        native.kv_unified = True
        native.n_threads = parameters.threads
        native.n_threads_batch = parameters.threads_batch
        native.flash_attn_type = (
            self._api.LLAMA_FLASH_ATTN_TYPE_ENABLED
            if parameters.flash_attention
            else self._api.LLAMA_FLASH_ATTN_TYPE_DISABLED
        )
        name, width = _TYPES[parameters.kv_type]
        native.type_k = native.type_v = getattr(self._api, name)
        # Linux grants more than there is and kills who uses it, so the library would not notice.
        needed, free = int(cells * self._numbers_a_cell() * width), free_memory()
        fits = self._gpu_layers != 0 or free is None or needed < free
        context = self._api.llama_init_from_model(self._model, native) if fits else None
        if not context:
            raise BelegtError(
                f"There is not enough memory for a context of {cells} tokens of "
                f"'{self._file.name}' ({human(needed)} for keys and values); "
                "set BELEGT_CELLS lower."
            )
        self._context = context
        self._adapted = False
        self._memory = self._api.llama_get_memory(self._context)
        self._batch = self._api.llama_batch_init(BATCH, 0, 2)
        self._head: bytes | None = None

    def load_adapter(self, file: Path) -> None:
        """Load a LoRA, which acts in steps that want it; it is freed with the model.

        Raises UsageError for a file that is no adapter of this model.
        """
        self._adapter = self._api.llama_adapter_lora_init(self._model, str(file).encode())
        if not self._adapter:
            raise UsageError(
                f"The adapter '{file}' does not fit the model '{self._file.name}'; name a LoRA in "
                "GGUF that was made for it with BELEGT_ADAPTER, or set that to 'none'."
            )

    def _adapt(self, adapted: bool) -> None:
        """Let the adapter act on the next step, or not; costs nothing where that is so already."""
        if self._adapter is None or adapted == self._adapted:
            return
        adapters = (self._api.llama_adapter_lora_p_ctypes * 1)(self._adapter)
        scales = (ctypes.c_float * 1)(1.0)
        if self._api.llama_set_adapters_lora(self._context, adapters, int(adapted), scales):
            raise BelegtError("The adapter cannot be used; set BELEGT_ADAPTER to 'none'.")
        self._adapted = adapted

    def _numbers_a_cell(self) -> int:
        """Keys and values of one token, over all layers; of models that keep fewer, the most."""
        api, model = self._api, self._model
        width = int(api.llama_model_n_embd(model)) // int(api.llama_model_n_head(model))
        return (
            2 * int(api.llama_model_n_layer(model)) * int(api.llama_model_n_head_kv(model)) * width
        )

    def close(self) -> None:
        """Free the model's memory; once is enough, twice does no harm."""
        if self._context is not None:
            self._api.llama_batch_free(self._batch)
            self._api.llama_free(self._context)
            if self._owns_model:
                self._api.llama_model_free(self._model)
            self._context = self._model = None

    @property
    def rotary(self) -> Rotary | None:
        """How keys are turned; None for models that do it in ways that are not known here."""
        api = self._api
        kinds = {api.LLAMA_ROPE_TYPE_NORM: True, api.LLAMA_ROPE_TYPE_NEOX: False}
        kind = api.llama_model_rope_type(self._model)
        size = int(api.llama_model_n_embd(self._model)) // int(api.llama_model_n_head(self._model))
        name = self._metadata("general.architecture")
        base = self._metadata(f"{name}.rope.freq_base")
        turned = self._metadata(f"{name}.rope.dimension_count") or str(size)
        scaled = any(self._metadata(f"{name}.rope.{key}") for key in _SCALED)
        if kind not in kinds or base is None or scaled or int(turned) != size:
            return None
        return Rotary(base=float(base), head_size=size, neighbours=kinds[kind])

    def _metadata(self, key: str) -> str | None:
        space = ctypes.create_string_buffer(256)
        count = self._api.llama_model_meta_val_str(self._model, key.encode(), space, 256)
        return space.value.decode("utf-8", "replace") if count >= 0 else None

    @property
    def version(self) -> str:
        """Of the binding, on which the layout of saved sequences depends."""
        return str(self._api.__version__)

    @property
    def layers(self) -> int:
        """Layers of the model, the output layer counted."""
        return int(self._api.llama_model_n_layer(self._model)) + 1

    @property
    def layers_on_gpu(self) -> int:
        """Layers that a GPU computes, the output layer counted."""
        return self.layers if self._gpu_layers < 0 else min(self._gpu_layers, self.layers)

    # --- vocabulary -----------------------------------------------------------------------

    def tokens(self, text: str, *, control: bool) -> list[int]:
        """Token ids of ``text``; control tokens in it are recognised only where told."""
        data = text.encode()
        space = (self._api.llama_token * (len(data) + 8))()
        count = self._api.llama_tokenize(
            self._vocabulary, data, len(data), space, len(space), False, control
        )
        return list(space[:count])

    def piece(self, token: int, *, control: bool = False) -> bytes:
        """The bytes a token stands for; control tokens stand for none unless told."""
        space = ctypes.create_string_buffer(256)
        count = self._api.llama_token_to_piece(self._vocabulary, token, space, 256, 0, control)
        return space.raw[:count] if count > 0 else b""

    def pieces(self) -> list[bytes]:
        """The bytes of all tokens, in one call; control tokens stand for none.

        Of models that tidy blanks before punctuation, a token such as " ," lacks its blank.
        """
        mark = self.tokens("\0", control=False)[:1]
        ids = np.resize(np.asarray(mark or [0], dtype=np.int32), 2 * self._size + 1)
        ids[1::2] = np.arange(self._size)
        space = ctypes.create_string_buffer(self._size * _BYTES_A_TOKEN)
        count = self._api.llama_detokenize(
            self._vocabulary,
            (self._api.llama_token * len(ids)).from_buffer(ids),
            len(ids),
            space,
            len(space),
            False,
            False,
        )
        pieces = space.raw[: max(count, 0)].split(b"\0")
        if not mark or len(pieces) != self._size + 3:
            return [self.piece(token) for token in range(self._size)]
        # The mark itself stood between two others, and split once more.
        pieces[mark[0] + 1 : mark[0] + 3] = [b"\0"]
        return pieces[1 : self._size + 1]

    @lru_cache(maxsize=8)  # noqa: B019 - an engine lives as long as its process
    def tokens_with(self, part: bytes) -> NDArray[np.int64]:
        """All tokens whose bytes hold ``part``; scans the vocabulary once."""
        found = [token for token in range(self._size) if part in self.piece(token)]
        return np.asarray(found, dtype=np.int64)

    def ends(self, token: int) -> bool:
        """Whether ``token`` ends a generation."""
        return bool(self._api.llama_vocab_is_eog(self._vocabulary, token))

    def template(self) -> tuple[str, dict[str, str]] | None:
        """The model's chat template and its named control tokens; None where it has none."""
        template = self._api.llama_model_chat_template(self._model, None)
        if not template:
            return None
        special = {
            "bos_token": self._api.llama_vocab_bos(self._vocabulary),
            "eos_token": self._api.llama_vocab_eos(self._vocabulary),
        }
        named = {
            name: self.piece(token, control=True).decode("utf-8", "replace") if token >= 0 else ""
            for name, token in special.items()
        }
        return template.decode(), named

    # --- steps ----------------------------------------------------------------------------

    def step(self, rows: Sequence[BatchRow], *, adapted: bool = False) -> None:
        """Evaluate at most ``BATCH`` rows; raises ContextFullError or BelegtError, and then none
        is.

        ``adapted``: with the adapter, where there is one.
        """
        self._adapt(adapted)
        batch = self._batch
        batch.n_tokens = len(rows)
        for at, row in enumerate(rows):
            batch.token[at] = row.token
            batch.pos[at] = row.position
            batch.n_seq_id[at] = 1 if row.also is None else 2
            batch.seq_id[at][0] = row.sequence
            if row.also is not None:
                batch.seq_id[at][1] = row.also
            batch.logits[at] = row.logits
        code = self._api.llama_decode(self._context, batch)
        if code == 1:
            raise ContextFullError("The context has no free cells; set BELEGT_CELLS higher.")
        if code:
            raise BelegtError(f"The language model stopped with code {code}; ask again.")
        # A GPU goes on behind the call; what follows measures and reads what it made.
        self._api.llama_synchronize(self._context)

    def logits(self, row: int) -> NDArray[np.float32]:
        """Logits after ``row`` of the last step; float32 (vocabulary,), valid until the next."""
        pointer = self._api.llama_get_logits_ith(self._context, row)
        return np.ctypeslib.as_array(pointer, shape=(self._size,))

    # --- sequences ------------------------------------------------------------------------

    def share(self, source: int, target: int, length: int) -> None:
        """Let ``target`` begin with the first ``length`` tokens of ``source``; copies nothing."""
        self._api.llama_memory_seq_cp(self._memory, source, target, 0, length)

    def truncate(self, sequence: int, length: int) -> None:
        """Drop what ``sequence`` holds from position ``length`` on."""
        if not self._api.llama_memory_seq_rm(self._memory, sequence, length, -1):
            raise BelegtError(
                "This model cannot take back what it has read (it is recurrent); "
                "name a transformer with BELEGT_LLM."
            )

    def append(self, source: int, target: int, first: int, end: int) -> None:
        """Let ``target`` go on as ``source`` does up to ``end``; ``source`` is then empty."""
        self._api.llama_memory_seq_cp(self._memory, source, target, first, end)
        self.truncate(source, 0)

    def state(self, sequence: int) -> memoryview:
        """All that the library keeps of ``sequence``, as it writes it (``prefill.state``)."""
        size = self._api.llama_state_seq_get_size(self._context, sequence)
        space = (ctypes.c_uint8 * size)()
        written = self._api.llama_state_seq_get_data(self._context, space, size, sequence)
        return memoryview(space).cast("B")[:written]

    def set_state(self, sequence: int, data: Bytes) -> bool:
        """Make ``sequence`` what ``data`` says; False, and it is empty, where that is refused."""
        space = (ctypes.c_uint8 * len(data)).from_buffer_copy(data)
        read = self._api.llama_state_seq_set_data(self._context, space, len(data), sequence)
        if read == len(data):
            return True
        self.truncate(sequence, 0)
        return False

    def rows(self, sequence: int, first: int) -> tuple[Half, Half] | None:
        """Keys and values of ``sequence`` from position ``first`` on, in order.

        float16 (layers, tokens, width) each; None where the library keeps them otherwise.
        """
        try:
            found = parse_state(self.state(sequence)).in_order()
        except StateLayoutError:
            return None
        wanted = found.positions >= first
        return found.keys[:, wanted], found.values[:, wanted]

    def put_rows(self, sequence: int, first: int, keys: Half, values: Half) -> bool:
        """Let ``sequence`` go on from position ``first`` with rows; False where they do not fit."""
        if self._head is None:
            self._head = parse_state(self.state(sequence)).head
        positions = np.arange(first, first + keys.shape[1])
        return go_on(self, sequence, SequenceState(self._head, self.spare, positions, keys, values))

    def save(self, file: Path, sequence: int, tokens: Sequence[int]) -> None:
        """Write a sequence; one that cannot be written (no space, no right) is left out."""
        with contextlib.suppress(OSError):
            file.parent.mkdir(parents=True, exist_ok=True)
            temporary = file.with_suffix(f".{threading.get_ident()}.partial")
            written = self._api.llama_state_seq_save_file(
                self._context,
                str(temporary).encode(),
                sequence,
                (self._api.llama_token * len(tokens))(*tokens),
                len(tokens),
            )
            if written:
                temporary.replace(file)
            else:
                temporary.unlink(missing_ok=True)

    def restore(self, file: Path, sequence: int, tokens: Sequence[int]) -> bool:
        """Read a saved sequence back; False, and nothing read, unless it holds ``tokens``."""
        if not file.is_file():
            return False
        found = (self._api.llama_token * len(tokens))()
        count = ctypes.c_size_t(0)
        size = self._api.llama_state_seq_load_file(
            self._context, str(file).encode(), sequence, found, len(tokens), ctypes.byref(count)
        )
        if size and list(found[: count.value]) == list(tokens):
            return True
        self.truncate(sequence, 0)
        return False

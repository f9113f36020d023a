"""Texts to unit vectors.

In: questions or passages. Out: float32 arrays (n, dimension) of unit length. What can fail: the
model is absent (the error names the command that fetches it), or the configuration beside it cannot
be read (UsageError).

Which prefix stands before a question and which before a passage, the model's own configuration
says (``prompts`` of ``config_sentence_transformers.json``). Where it says nothing, the name
decides: E5 models are trained with ``query: `` and ``passage: `` (Wang et al. 2024, "Multilingual
E5 Text Embeddings", section 3), and leaving them out costs accuracy; any other model gets none.
"""

from __future__ import annotations

import os
import threading
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

from base.errors import UsageError
from base.settings import Settings
from models.native.torch_threads import set_torch_threads

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Vectors = NDArray[np.float32]

# Small batches of similar length are fastest on a CPU (measured: 8 beats 32 by half).
_CPU_BATCH = 8
_GPU_BATCH = 128

_CONFIGURATION = "config_sentence_transformers.json"
# What encode_query and encode_document of sentence-transformers look for, in their order.
_QUESTION_PROMPTS = ("query",)
_PASSAGE_PROMPTS = ("document", "passage", "corpus")


class EncoderDescription(BaseModel):
    """What must be equal for vectors of two runs to be comparable."""

    model_config = ConfigDict(frozen=True)

    model: str
    digest: str
    dimension: int
    query_prefix: str
    passage_prefix: str


class _Configuration(BaseModel):
    """What is looked at of the configuration that lies with a model."""

    prompts: dict[str, str | None] | None = None


class Encoder(Protocol):
    """Anything that turns texts into comparable unit vectors; safe to call from many threads."""

    def describe(self) -> EncoderDescription:
        """What this encoder is."""
        ...

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        """float32 (n, dimension), unit length."""
        ...

    def encode_passages(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> Vectors:
        """float32 (n, dimension), unit length; ``progress`` gets the number done each time."""
        ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, without prefix and special tokens."""
        ...


class PrefixingEncoder(ABC):
    """Puts the prefix that its model wants before each text; a subclass makes the vectors."""

    def __init__(self, description: EncoderDescription) -> None:
        self._description = description

    def describe(self) -> EncoderDescription:
        """What this encoder is."""
        return self._description

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        """float32 (n, dimension), unit length."""
        return self._encode([self._description.query_prefix + text for text in texts], None)

    def encode_passages(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> Vectors:
        """float32 (n, dimension), unit length; ``progress`` gets the number done each time."""
        return self._encode([self._description.passage_prefix + text for text in texts], progress)

    @abstractmethod
    def _encode(self, texts: list[str], progress: Callable[[int], None] | None) -> Vectors:
        """Vectors of texts that have their prefix."""


class SentenceTransformerEncoder(PrefixingEncoder):
    """An encoder model of sentence-transformers, on the GPU where there is one."""

    def __init__(self, folder: Path, *, name: str, digest: str, dtype: str, threads: int) -> None:
        # belegt works on local files; the libraries must not look anything up, nor say so.
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        import torch
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        gpu = torch.cuda.is_available()
        self._threads = None if gpu else threads
        self._lock = threading.Lock()
        self._batch = _GPU_BATCH if gpu else _CPU_BATCH
        self._model: SentenceTransformer = SentenceTransformer(
            str(folder),
            device="cuda" if gpu else "cpu",
            model_kwargs={"dtype": getattr(torch, dtype)},
            local_files_only=True,
        ).eval()
        dimension = int(self._model.get_embedding_dimension() or 0)
        super().__init__(describe_encoder(folder, name=name, digest=digest, dimension=dimension))

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, without prefix and special tokens."""
        if not texts:
            return []
        tokenizer: Any = self._model.tokenizer
        with self._lock:
            encoded = tokenizer(list(texts), add_special_tokens=False, verbose=False)
        return [len(ids) for ids in encoded["input_ids"]]

    def _encode(self, texts: list[str], progress: Callable[[int], None] | None) -> Vectors:
        result = np.zeros((len(texts), self._description.dimension), dtype=np.float32)
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        with self._batches(many=len(texts) > self._batch) as encode:
            for first in range(0, len(order), self._batch):
                places = order[first : first + self._batch]
                result[places] = encode([texts[place] for place in places])
                if progress is not None:
                    progress(len(places))
        return result

    @contextmanager
    def _batches(self, *, many: bool) -> Iterator[Callable[[list[str]], Vectors]]:
        """What encodes a batch; on a CPU with all cores only where there are many texts.

        OpenMP keeps a team of threads for each thread that ever computed with several, and where
        all teams together have more threads than there are cores, libgomp's no longer wait awake
        for their next product (GOMP_SPINCOUNT): reading and writing with PyTorch took a tenth
        longer (docs/measurements-history.md, "One team of threads"). So a question has one thread,
        and many texts have a thread whose team ends with it.
        """
        if self._threads is None:
            yield self._encode_batch
        elif not many:
            set_torch_threads(1)
            yield self._encode_batch
        else:
            with ThreadPoolExecutor(
                1, initializer=partial(set_torch_threads, self._threads)
            ) as pool:
                yield lambda texts: pool.submit(self._encode_batch, texts).result()

    def _encode_batch(self, texts: list[str]) -> Vectors:
        import torch
        from sentence_transformers.util import batch_to_device

        plain = [unicodedata.normalize("NFC", text) for text in texts]
        # A fast tokenizer's padding is a state of its own; the network has none, so that
        # questions of several threads are computed side by side.
        with self._lock:
            features = self._model.preprocess(plain)
        with torch.inference_mode():
            on_device = batch_to_device(features, self._model.device)
            vectors = self._model(on_device)["sentence_embedding"]
        # Normalised here in float32: in bfloat16 a vector's length is off by up to 1 %.
        wide = vectors.float().cpu().numpy()
        return np.asarray(wide / np.linalg.norm(wide, axis=1, keepdims=True), dtype=np.float32)


def describe_encoder(folder: Path, *, name: str, digest: str, dimension: int) -> EncoderDescription:
    """What the encoder called ``name`` in ``folder`` is, with the prefixes that its texts need.

    UsageError where its configuration cannot be read.
    """
    question, passage = prefixes_of(folder, name)
    return EncoderDescription(
        model=name,
        digest=digest,
        dimension=dimension,
        query_prefix=question,
        passage_prefix=passage,
    )


def prefixes_of(folder: Path, name: str) -> tuple[str, str]:
    """What the encoder called ``name`` in ``folder`` wants before a question and before a passage.

    UsageError where its configuration cannot be read.
    """
    prompts = _stated_prompts(folder)
    question = next(filter(None, map(prompts.get, _QUESTION_PROMPTS)), "")
    passage = next(filter(None, map(prompts.get, _PASSAGE_PROMPTS)), "")
    # For a model without prompts sentence-transformers writes empty ones.
    if not (question or passage) and "e5" in name.lower():
        return "query: ", "passage: "
    return question, passage


def _stated_prompts(folder: Path) -> dict[str, str | None]:
    """The prompts of the model's own configuration, by name."""
    file = folder / _CONFIGURATION
    if not file.is_file():
        return {}
    try:
        return _Configuration.model_validate_json(file.read_bytes()).prompts or {}
    except ValidationError as error:
        raise UsageError(
            f"The file '{file}' is no configuration of sentence-transformers; mend it, or fetch "
            "the encoder again."
        ) from error


def load_encoder(settings: Settings, *, once: bool = False) -> Encoder:
    """The encoder that ``settings`` name: a folder of that path, or a model of the manifest.

    ``once``: for a single question, which is answered sooner without the library.
    """
    from models.native.hardware import detect_hardware, encoder_dtype, usable_cores
    from models.store import ModelStore

    store = ModelStore(settings.cache)
    folder = store.path(settings.encoder)
    name, digest = Path(settings.encoder).name, store.digest(settings.encoder)
    if once:
        from index.quick_encoder import quick_encoder

        quick = quick_encoder(folder, name=name, digest=digest)
        if quick is not None:
            return quick
    return SentenceTransformerEncoder(
        folder,
        name=name,
        digest=digest,
        dtype=encoder_dtype(settings, detect_hardware()),
        threads=settings.threads or usable_cores(),
    )

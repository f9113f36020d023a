"""A vector for every word of a text, from the encoder's inner layers.

In: texts. Out: for each its words and float32 vectors of unit length, one array (words, dimension)
for each layer of ``LAYERS``. What can fail: the encoder is absent (the error names the command).

belegt itself compares whole texts by the encoder's last, pooled vector; the judge looks at single
words in their context (as BERTScore does, Zhang et al. 2020).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from base.settings import Settings

Vectors = NDArray[np.float32]
LAYERS = (6, 9, 12)
"""Layers of multilingual-e5-small whose states are compared; 12 is the last."""
_TOKENS = 510
_BATCH = 16
_WORD = re.compile(r"\w")


@dataclass(frozen=True)
class WordVectors:
    """``words``: as written, lower case. ``layers``: (words, dimension) for each of ``LAYERS``."""

    words: tuple[str, ...]
    layers: tuple[Vectors, ...]


class WordEncoder:
    """Reads texts with the encoder's own network and tokens; safe to use from one thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def _parts(self) -> tuple[Any, Any]:
        import os

        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        from transformers import AutoModel, AutoTokenizer
        from transformers.utils import logging

        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        model = AutoModel.from_pretrained(self._folder, local_files_only=True).eval()
        return model, AutoTokenizer.from_pretrained(self._folder, local_files_only=True)

    def encode(self, texts: Sequence[str]) -> list[WordVectors]:
        """One value a text; what goes beyond the encoder's 512 tokens is left out."""
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        found: dict[int, WordVectors] = {}
        for first in range(0, len(order), _BATCH):
            places = order[first : first + _BATCH]
            found.update(zip(places, self._batch([texts[place] for place in places]), strict=True))
        return [found[place] for place in range(len(texts))]

    def _batch(self, texts: list[str]) -> Iterable[WordVectors]:
        import torch

        model, tokenizer = self._parts
        tokens = tokenizer(
            texts,
            return_tensors="pt",
            padding=True,
            truncation=True,
            max_length=_TOKENS,
            return_offsets_mapping=True,
        )
        spans = tokens.pop("offset_mapping").numpy()
        with torch.inference_mode():
            states = model(**tokens, output_hidden_states=True).hidden_states
        chosen = [states[layer].numpy() for layer in LAYERS]
        for row, text in enumerate(texts):
            words, groups = _words(text, spans[row])
            yield WordVectors(words, tuple(_pooled(layer[row], groups) for layer in chosen))


def word_encoder(settings: Settings) -> WordEncoder:
    """Of the encoder that ``settings`` name."""
    from models.store import ModelStore

    return WordEncoder(ModelStore(settings.cache).path(settings.encoder))


def _words(text: str, spans: NDArray[np.int64]) -> tuple[tuple[str, ...], list[list[int]]]:
    """Words, and for each the places of its tokens; a token after a space begins a new word."""
    words: list[str] = []
    groups: list[list[int]] = []
    end_before = -1
    for place, (start, end) in enumerate(spans):
        piece = text[start:end].strip()
        if start == end or not _WORD.search(piece):
            continue
        if start == end_before and not text[start].isspace():
            words[-1] += piece.lower()
            groups[-1].append(place)
        else:
            words.append(piece.lower())
            groups.append([place])
        end_before = end
    return tuple(words), groups


def _pooled(states: Vectors, groups: list[list[int]]) -> Vectors:
    if not groups:
        return np.zeros((0, states.shape[1]), dtype=np.float32)
    vectors = np.stack([states[group].mean(axis=0) for group in groups])
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(norms, 1e-9), dtype=np.float32)

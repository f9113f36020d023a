"""BERT's layers in numpy, for whom a deep learning framework is too slow to import.

In: a folder in Hugging Face's layout with a BERT encoder in float32, texts as tokens, and low-rank
matrices to be added to its own, if any. Out: a row for each token. What can fail: a folder with
anything else in it, which :func:`holds_bert` tells.

The weights are mapped from the file, so that only what is looked at is read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float32]
_WANTED = {"model_type": "bert", "hidden_act": "gelu"}
_ROWS = 512
"""Rows of a batch, padding there is none: enough to keep two cores busy, small enough for the
cache."""


class BertNetwork:
    """The layers of one encoder; safe to call from many threads."""

    def __init__(self, folder: Path, adapter: Mapping[str, Rows] | None = None) -> None:
        """``adapter``: for some matrices, by name, ``down`` (rank, inputs) and ``up`` (outputs,
        rank), the product of which is added to them (Hu et al. 2021, "LoRA", arXiv:2106.09685).
        """
        config = json.loads((folder / "config.json").read_text("utf-8"))
        self._weights = mapped_tensors(folder / "model.safetensors")
        adapter = adapter or {}
        for name in {part.rsplit(".", 1)[0] for part in adapter}:
            weight = self._weights[f"{name}.weight"]
            self._weights[f"{name}.weight"] = (
                weight + adapter[f"{name}.up"] @ adapter[f"{name}.down"]
            )
        self._heads: int = config["num_attention_heads"]
        self._layers: int = config["num_hidden_layers"]
        self._epsilon: float = config["layer_norm_eps"]
        self.longest: int = config["max_position_embeddings"]
        """Tokens of a sequence at most."""
        self.width: int = config["hidden_size"]
        """Numbers of a row."""

    def hidden(self, sequences: Sequence[Sequence[int]]) -> Iterator[list[Rows]]:
        """The rows of the last layer, batch by batch: float32 (tokens, width) for each sequence."""
        first = 0
        while first < len(sequences):
            last, rows = first + 1, len(sequences[first])
            while last < len(sequences) and rows + len(sequences[last]) <= _ROWS:
                rows += len(sequences[last])
                last += 1
            yield self._batch(sequences[first:last])
            first = last

    def _batch(self, sequences: Sequence[Sequence[int]]) -> list[Rows]:
        lengths = [len(tokens) for tokens in sequences]
        ends = np.cumsum(lengths)
        tokens = np.concatenate([np.asarray(tokens) for tokens in sequences])
        positions = np.concatenate([np.arange(length) for length in lengths])
        rows = self._weights["embeddings.word_embeddings.weight"][tokens]
        rows = rows + self._weights["embeddings.position_embeddings.weight"][positions]
        rows += self._weights["embeddings.token_type_embeddings.weight"][0]
        rows = self._normalised(rows, "embeddings.LayerNorm")
        for number in range(self._layers):
            rows = self._layer(rows, ends, f"encoder.layer.{number}.")
        return list(np.split(rows, ends[:-1]))

    def _layer(self, rows: Rows, ends: NDArray[np.int64], name: str) -> Rows:
        """Attention and feed-forward, each added to its input and normalised after it.

        BERT's order: Devlin et al. 2019, "BERT", section 3, after Vaswani et al. 2017.
        """
        mixed = self._attention(rows, ends, f"{name}attention.self.")
        mixed = self._linear(mixed, f"{name}attention.output.dense")
        rows = self._normalised(rows + mixed, f"{name}attention.output.LayerNorm")
        inner = _gelu(self._linear(rows, f"{name}intermediate.dense"))
        outer = self._linear(inner, f"{name}output.dense")
        return self._normalised(rows + outer, f"{name}output.LayerNorm")

    def _attention(self, rows: Rows, ends: NDArray[np.int64], name: str) -> Rows:
        """Each sequence attends to itself alone, so no mask and no padding are needed."""
        size = rows.shape[1] // self._heads
        queries, keys, values = (
            self._linear(rows, f"{name}{part}").reshape(-1, self._heads, size).transpose(1, 0, 2)
            for part in ("query", "key", "value")
        )
        queries /= np.float32(np.sqrt(size))
        mixed = np.empty_like(rows)
        first = 0
        for last in ends.tolist():
            scores = queries[:, first:last] @ keys[:, first:last].transpose(0, 2, 1)
            scores -= scores.max(axis=2, keepdims=True)
            np.exp(scores, out=scores)
            found = scores @ values[:, first:last]
            found /= scores.sum(axis=2, keepdims=True)
            mixed[first:last] = found.transpose(1, 0, 2).reshape(last - first, -1)
            first = last
        return mixed

    def _linear(self, rows: Rows, name: str) -> Rows:
        result: Rows = rows @ self._weights[f"{name}.weight"].T
        result += self._weights[f"{name}.bias"]
        return result

    def _normalised(self, rows: Rows, name: str) -> Rows:
        middle = rows - rows.mean(axis=1, keepdims=True)
        spread = np.sqrt(np.mean(middle * middle, axis=1, keepdims=True) + self._epsilon)
        middle /= spread.astype(np.float32)
        middle *= self._weights[f"{name}.weight"]
        middle += self._weights[f"{name}.bias"]
        result: Rows = middle
        return result


def holds_bert(folder: Path) -> bool:
    """Whether ``folder`` holds an encoder that this module computes."""
    try:
        config = json.loads((folder / "config.json").read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return (
        all(config.get(key) == value for key, value in _WANTED.items())
        and config.get("position_embedding_type", "absolute") == "absolute"
        and all((folder / name).is_file() for name in ("tokenizer.json", "model.safetensors"))
        and all(kind == "F32" for kind in _kinds(folder / "model.safetensors"))
    )


def _kinds(file: Path) -> list[str]:
    return [entry["dtype"] for entry in _header(file)[0].values()]


def _header(file: Path) -> tuple[dict[str, Any], int]:
    """What a safetensors file holds, and where its data begins (the format's own README)."""
    with file.open("rb") as stream:
        size = int.from_bytes(stream.read(8), "little")
        # A file of another kind may give any number.
        header: dict[str, Any] = json.loads(stream.read(min(size, file.stat().st_size)))
    header.pop("__metadata__", None)
    return header, 8 + size


def mapped_tensors(file: Path) -> dict[str, Rows]:
    """The tensors of a safetensors file in float32 or float16, by name, mapped."""
    header, begin = _header(file)
    data = np.memmap(file, dtype=np.uint8, mode="r")
    tensors = {}
    for name, entry in header.items():
        first, last = (begin + offset for offset in entry["data_offsets"])
        kind = {"F32": "<f4", "F16": "<f2"}[entry["dtype"]]
        tensors[name] = np.ndarray(entry["shape"], dtype=kind, buffer=data[first:last])
    return tensors


def _gelu(rows: Rows) -> Rows:
    """The activation in its tanh form, within .0005 of the exact one and much cheaper here.

    Hendrycks and Gimpel 2016, "Gaussian Error Linear Units", section 2.
    """
    inner = rows * rows
    inner *= np.float32(0.044715)
    inner += np.float32(1.0)
    inner *= rows
    inner *= np.float32(0.7978845608)
    np.tanh(inner, out=inner)
    inner += np.float32(1.0)
    inner *= rows
    inner *= np.float32(0.5)
    result: Rows = inner
    return result


def use_one_blas_thread() -> None:
    """Have each of numpy's products computed by the thread that asks for it, in this process."""
    from threadpoolctl import ThreadpoolController

    for library in ThreadpoolController().select(user_api="blas").lib_controllers:
        if "numpy" in library.filepath:
            library.set_num_threads(1)

"""The default encoder without a deep learning framework, for a process that asks one question.

In: a sentence-transformers folder with a BERT encoder, mean pooling and normalisation, in float32.
Out: the same vectors as :class:`~index.encoder.SentenceTransformerEncoder` makes of it (cosine of
at least .9999 to its float32 ones, in a test). What can fail: a folder with anything else in it,
for which :func:`quick_encoder` returns None.

Importing sentence-transformers takes longer than answering (docs/measurements.md, "Cold start"). A
question and a handful of sentences need none of it: twelve layers in numpy, the weights mapped from
the file so that only what is looked at is read. Indexing, and a server, use the library.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.encoder import PrefixingEncoder, Vectors, describe_encoder

Rows = NDArray[np.float32]
# Rows of a batch, padding there is none: enough to keep two cores busy, small enough for the cache.
_ROWS = 512
_WANTED = {"model_type": "bert", "hidden_act": "gelu"}


class QuickEncoder(PrefixingEncoder):
    """See the module."""

    def __init__(self, folder: Path, *, name: str, digest: str) -> None:
        from tokenizers import Tokenizer

        config = json.loads((folder / "config.json").read_text("utf-8"))
        self._weights = _mapped(folder / "model.safetensors")
        self._heads: int = config["num_attention_heads"]
        self._layers: int = config["num_hidden_layers"]
        self._epsilon: float = config["layer_norm_eps"]
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._longest: int = config["max_position_embeddings"]
        dimension: int = config["hidden_size"]
        super().__init__(describe_encoder(folder, name=name, digest=digest, dimension=dimension))

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, without prefix and special tokens."""
        found = self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        return [len(one.ids) for one in found]

    def _encode(self, texts: list[str], progress: Callable[[int], None] | None) -> Vectors:
        plain = [unicodedata.normalize("NFC", text) for text in texts]
        # The last token closes a text, also one that is cut.
        sequences = [
            one.ids
            if len(one.ids) <= self._longest
            else [*one.ids[: self._longest - 1], one.ids[-1]]
            for one in self._tokenizer.encode_batch(plain)
        ]
        result = np.zeros((len(texts), self._description.dimension), dtype=np.float32)
        first = 0
        while first < len(sequences):
            last, rows = first + 1, len(sequences[first])
            while last < len(sequences) and rows + len(sequences[last]) <= _ROWS:
                rows += len(sequences[last])
                last += 1
            result[first:last] = self._vectors(sequences[first:last])
            if progress is not None:
                progress(last - first)
            first = last
        return result

    def _vectors(self, sequences: Sequence[list[int]]) -> Vectors:
        lengths = [len(one) for one in sequences]
        ends = np.cumsum(lengths)
        tokens = np.concatenate([np.asarray(one) for one in sequences])
        positions = np.concatenate([np.arange(length) for length in lengths])
        rows = self._weights["embeddings.word_embeddings.weight"][tokens]
        rows = rows + self._weights["embeddings.position_embeddings.weight"][positions]
        rows += self._weights["embeddings.token_type_embeddings.weight"][0]
        rows = self._normalised(rows, "embeddings.LayerNorm")
        for number in range(self._layers):
            rows = self._layer(rows, ends, f"encoder.layer.{number}.")
        means = np.stack([part.mean(axis=0) for part in np.split(rows, ends[:-1])])
        vectors: Vectors = means / np.linalg.norm(means, axis=1, keepdims=True)
        return vectors

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
        mixed = np.empty_like(rows)
        first = 0
        for last in ends.tolist():
            scores = queries[:, first:last] @ keys[:, first:last].transpose(0, 2, 1)
            scores /= np.float32(np.sqrt(size))
            scores -= scores.max(axis=2, keepdims=True)
            np.exp(scores, out=scores)
            scores /= scores.sum(axis=2, keepdims=True)
            found = scores @ values[:, first:last]
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


def quick_encoder(folder: Path, *, name: str, digest: str) -> QuickEncoder | None:
    """An encoder over ``folder``, or None where it holds something else than the module says."""
    try:
        config = json.loads((folder / "config.json").read_text("utf-8"))
        modules = json.loads((folder / "modules.json").read_text("utf-8"))
        pooling = json.loads((folder / "1_Pooling" / "config.json").read_text("utf-8"))
        kinds = [str(one["type"]).rsplit(".", 1)[-1] for one in modules]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    asked = {key for key, wanted in pooling.items() if key.startswith("pooling_mode") and wanted}
    fits = (
        all(config.get(key) == value for key, value in _WANTED.items())
        and config.get("position_embedding_type", "absolute") == "absolute"
        and kinds == ["Transformer", "Pooling", "Normalize"]
        and asked == {"pooling_mode_mean_tokens"}
        and all((folder / one).is_file() for one in ("tokenizer.json", "model.safetensors"))
        and all(kind == "F32" for kind in _kinds(folder / "model.safetensors"))
    )
    return QuickEncoder(folder, name=name, digest=digest) if fits else None


def _kinds(file: Path) -> list[str]:
    return [one["dtype"] for one in _header(file)[0].values()]


def _header(file: Path) -> tuple[dict[str, Any], int]:
    """What a safetensors file holds, and where its data begins (the format's own README)."""
    with file.open("rb") as stream:
        size = int.from_bytes(stream.read(8), "little")
        header: dict[str, Any] = json.loads(stream.read(size))
    header.pop("__metadata__", None)
    return header, 8 + size


def _mapped(file: Path) -> dict[str, Rows]:
    header, begin = _header(file)
    data = np.memmap(file, dtype=np.uint8, mode="r")
    found = {}
    for name, entry in header.items():
        first, last = (begin + offset for offset in entry["data_offsets"])
        found[name] = np.ndarray(entry["shape"], dtype="<f4", buffer=data[first:last])
    return found


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

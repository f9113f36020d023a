"""The default encoder without a deep learning framework, for a process that asks one question.

In: a sentence-transformers folder with a BERT encoder, mean pooling and normalisation, in float32.
Out: the same vectors as :class:`~index.encoder.SentenceTransformerEncoder` makes of it (cosine of
at least .9999 to its float32 ones, in a test). What can fail: a folder with anything else in it,
for which :func:`quick_encoder` returns None.

Importing sentence-transformers takes longer than answering (docs/measurements.md, "Cold start"). A
question and a handful of sentences need none of it (:mod:`index.bert`). Indexing, and a server, use
the library.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from index.bert import BertNetwork, holds_bert
from index.encoder import PrefixingEncoder, Vectors, describe_encoder


class QuickEncoder(PrefixingEncoder):
    """See the module."""

    def __init__(self, folder: Path, *, name: str, digest: str) -> None:
        from tokenizers import Tokenizer

        self._network = BertNetwork(folder)
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        dimension = self._network.width
        super().__init__(describe_encoder(folder, name=name, digest=digest, dimension=dimension))

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, without prefix and special tokens."""
        encodings = self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        return [len(encoding.ids) for encoding in encodings]

    def _encode(self, texts: list[str], progress: Callable[[int], None] | None) -> Vectors:
        plain = [unicodedata.normalize("NFC", text) for text in texts]
        longest = self._network.longest
        # The last token closes a text, also one that is cut.
        sequences = [
            encoding.ids
            if len(encoding.ids) <= longest
            else [*encoding.ids[: longest - 1], encoding.ids[-1]]
            for encoding in self._tokenizer.encode_batch(plain)
        ]
        vectors = np.zeros((len(texts), self._description.dimension), dtype=np.float32)
        first = 0
        for hidden in self._network.hidden(sequences):
            means = np.stack([rows.mean(axis=0) for rows in hidden])
            last = first + len(hidden)
            vectors[first:last] = means / np.linalg.norm(means, axis=1, keepdims=True)
            first = last
            if progress is not None:
                progress(len(hidden))
        return vectors


def quick_encoder(folder: Path, *, name: str, digest: str) -> QuickEncoder | None:
    """An encoder over ``folder``, or None where it holds something else than the module says."""
    try:
        modules = json.loads((folder / "modules.json").read_text("utf-8"))
        pooling = json.loads((folder / "1_Pooling" / "config.json").read_text("utf-8"))
        kinds = [str(module["type"]).rsplit(".", 1)[-1] for module in modules]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    asked = {key for key, wanted in pooling.items() if key.startswith("pooling_mode") and wanted}
    fits = (
        holds_bert(folder)
        and kinds == ["Transformer", "Pooling", "Normalize"]
        and asked == {"pooling_mode_mean_tokens"}
    )
    return QuickEncoder(folder, name=name, digest=digest) if fits else None

"""A question and a text read together: whether the text answers it, and where.

In: the encoder's folder, the low-rank matrices and heads that make it a cross-encoder
(:mod:`models.training.train_cross_encoder`), a question, texts with what stands above them. Out:
for each text how likely each of its tokens is the first and the last of an answer, and how likely
there is none. What can fail: a file that is missing or not the one of the manifest.

It knows far less than the language model and reads a passage in a fiftieth of its time, so it says
which passages are worth reading, and whether the words that were found there stand where it would
have looked (docs/measurements.md, "The cross-encoder"). Each text is one thread's work: products
that several threads share wait for the slowest of them, which takes many times as long where the
cores have other work, as those of a server do. Two heads over the tokens, the first of which stands
for "no answer": Devlin et al. 2019, "BERT", section 4.3.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from base.errors import UsageError
from base.settings import Settings
from index.bert import BertNetwork, Rows, holds_bert, mapped_tensors, use_one_blas_thread
from index.encoder import EncoderDescription
from models.adapter import chosen_cross_encoder
from models.native.hardware import usable_cores
from models.store import ModelStore

PREFIX = "query: "
"""Before a question, as in training."""
MOST_NATS = 12.0
"""Log-odds are cut to this on either side: beyond it they tell of float32, not of the text."""


@dataclass(frozen=True, eq=False)
class SpanScores:
    """Where in a text an answer stands."""

    offsets: NDArray[np.int64]
    """(tokens, 2): first character and end of each token in the text."""
    begins: NDArray[np.float64]
    """(tokens,): probability that the answer begins with it."""
    ends: NDArray[np.float64]
    """(tokens,): probability that it ends with it."""

    def log_odds(self, start: int = 0, end: int | None = None) -> float:
        """Of an answer that lies in ``text[start:end]`` against all else, in nats."""
        inside = self.offsets[:, 1] > start
        if end is not None:
            inside &= self.offsets[:, 0] < end
        share = math.sqrt(float(self.begins[inside].sum() * self.ends[inside].sum()))
        if share <= 0.0 or share >= 1.0:
            return math.copysign(MOST_NATS, share - 0.5)
        return max(min(math.log(share / (1.0 - share)), MOST_NATS), -MOST_NATS)


@dataclass(frozen=True)
class HeadedText:
    """A text with what stands above it."""

    heading: str
    text: str

    @property
    def whole(self) -> str:
        """Both, as in training."""
        return f"{self.heading}. {self.text}" if self.heading else self.text


class CrossEncoder:
    """See the module; safe to call from many threads."""

    def __init__(self, folder: Path, file: Path, digest: str = "") -> None:
        """``folder``: of the encoder; ``file``: safetensors of what was trained."""
        from tokenizers import Tokenizer

        self.digest = digest
        """What identifies the file."""
        try:
            trained = {
                name: tensor.astype(np.float32) for name, tensor in mapped_tensors(file).items()
            }
            self._heads: Rows = trained.pop("heads.weight")
            self._bias: Rows = trained.pop("heads.bias")
        except (KeyError, ValueError, TypeError):
            raise UsageError(
                f"The file '{file}' is no cross-encoder of belegt; set BELEGT_CROSS_ENCODER to one "
                "that models.training.train_cross_encoder wrote, or to 'none'."
            ) from None
        self._network = BertNetwork(folder, trained)
        use_one_blas_thread()
        self._workers = ThreadPoolExecutor(usable_cores(), thread_name_prefix="belegt-cross")
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(self._network.longest, strategy="longest_first")

    def score(self, question: str, texts: Sequence[HeadedText]) -> list[SpanScores]:
        """Where each text answers the question; a text that is too long is cut at its end."""
        asked = PREFIX + " ".join(question.split())
        pairs = [(asked, text.whole) for text in texts]
        encodings = self._tokenizer.encode_batch(pairs)
        shifts = [len(text.whole) - len(text.text) for text in texts]
        return list(self._workers.map(self._scores, encodings, shifts))

    def _scores(self, encoding: Any, shift: int) -> SpanScores:
        """``shift``: characters of the heading."""
        ((rows,),) = self._network.hidden([encoding.ids])
        logits = (rows @ self._heads.T + self._bias).astype(np.float64)
        # The last token closes the text; the first one stands for no answer.
        first = encoding.sequence_ids.index(1)
        places = [0, *range(first, len(encoding.ids) - 1)]
        chosen = logits[places]
        shares = np.exp(chosen - chosen.max(axis=0))
        shares /= shares.sum(axis=0)
        offsets = np.asarray(encoding.offsets, dtype=np.int64)[places[1:]] - shift
        return SpanScores(offsets, shares[1:, 0], shares[1:, 1])


@lru_cache(maxsize=8)
def cross_encoder_beside(encoder: EncoderDescription, settings: Settings) -> CrossEncoder | None:
    """The cross-encoder that ``settings`` name for their ``encoder``; None where there is none.

    It is looked up and checked once a process, for a server asks with each question.
    """
    chosen = chosen_cross_encoder(settings, encoder.digest)
    if chosen is None:
        return None
    folder = ModelStore(settings.cache).path(settings.encoder)
    return _load(folder, chosen.file, chosen.digest) if holds_bert(folder) else None


@cache
def _load(folder: Path, file: Path, digest: str) -> CrossEncoder:
    return CrossEncoder(folder, file, digest)

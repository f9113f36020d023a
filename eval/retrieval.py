"""How well the retriever finds the right document.

In: cells. Out: recall, mean reciprocal rank and nDCG for hybrid, dense and lexical search, a
document counting at the rank of its best passage. What can fail: an absent set, which is left
out by name.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from corpus.store import Filters
from eval.metrics import ndcg_at, recall_at, reciprocal_rank_at
from eval.sets import Cell, Question, documents, questions
from eval.workspace import open_corpus
from index.build import open_dense
from index.encoder import Encoder, Vectors
from index.retriever import Retriever
from models.settings import Settings

_DEPTH = 200

# Share of BM25: ours, none, all.
VARIANTS = {"hybrid": None, "dense": 0.0, "lexical": 1.0}


class _Remembering:
    """An encoder that encodes each question once, however many variants ask it."""

    def __init__(self, encoder: Encoder) -> None:
        self.describe = encoder.describe
        self.encode_passages = encoder.encode_passages
        self.count_tokens = encoder.count_tokens
        self._encode = encoder.encode_questions
        self._known: dict[str, Vectors] = {}

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        """float32 (n, dimension), unit length."""
        for text in texts:
            if text not in self._known:
                self._known[text] = self._encode([text])[0]
        return np.stack([self._known[text] for text in texts])


def measure(
    of: Cell, encoder: Encoder, settings: Settings, folder: Path
) -> list[dict[str, object]]:
    """One row of figures for each variant of search."""
    found = questions(of)
    rows: list[dict[str, object]] = []
    encoder = _Remembering(encoder)
    with open_corpus(of.name, documents(of), encoder, settings, folder) as store:
        dense, _ = open_dense(store, encoder.describe())
        for variant, weight in VARIANTS.items():
            used = settings
            if weight is not None:
                used = settings.model_copy(update={"lexical_weight": weight})
            retriever = Retriever(store, dense, encoder, used)
            ranks = [_rank(retriever, question) for question in found]
            rows.append(
                {
                    "set": of.name,
                    "variant": variant,
                    "questions": len(ranks),
                    "passages": store.passage_count(),
                    "R@1": recall_at(ranks, 1),
                    "R@5": recall_at(ranks, 5),
                    "R@10": recall_at(ranks, 10),
                    "MRR@10": reciprocal_rank_at(ranks, 10),
                    "nDCG@10": ndcg_at(ranks, 10),
                }
            )
    return rows


def _rank(retriever: Retriever, question: Question) -> int | None:
    found = retriever.search(question.text, _DEPTH, Filters(), language=question.language)
    seen: list[str] = []
    for one in found.passages:
        name = one.stored.passage.document_id
        if name not in seen:
            seen.append(name)
    return seen.index(question.document_id) + 1 if question.document_id in seen else None

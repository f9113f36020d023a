"""A question to the passages that may answer it.

In: a question, how many passages are wanted, filters. Out: passages with their scores, what the
scores were made of, and how long each step took. What can fail: an index built by another
encoder (the error names the command that rebuilds it), a malformed filter; an empty corpus or
filters that leave nothing give an empty result.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import numpy as np

from base.settings import Settings
from corpus.document import Language
from corpus.filters import Filters
from corpus.language import detect
from corpus.sample import sample_vectors
from corpus.store import CorpusStore, StoredPassage, Vectors
from index.dense import DenseIndex
from index.encoder import Encoder
from index.fusion import Parts, Scored, Usual, fuse, highest_bm25
from index.terms import stems

# Enough passages to know the spread of a question's cosines to a few per cent, and so few that
# they say nothing of a language, whose spread is then that of the whole corpus.
_SAMPLE = 2000
_TOO_FEW = 10


@dataclass(frozen=True)
class Retrieved:
    """A passage found for a question."""

    stored: StoredPassage
    score: float
    parts: Parts


@dataclass(frozen=True)
class Retrieval:
    """The outcome of a search. ``timings`` are milliseconds per step."""

    question: str
    language: Language
    vector: Vectors
    passages: list[Retrieved]
    timings: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class _Pool:
    """The passages of one language, and vectors of a sample of them."""

    language: Language
    sample: Vectors


class Retriever:
    """Hybrid search over one open corpus. Many threads may search side by side."""

    def __init__(
        self, store: CorpusStore, dense: DenseIndex, encoder: Encoder, settings: Settings
    ) -> None:
        self.store = store
        self.encoder = encoder
        self.dense = dense
        self._settings = settings
        self._count = dense.count()
        self._pools = [
            _Pool(language, sample_vectors(store, language, count, _SAMPLE))
            for language, count in dense.languages().items()
        ]

    def search(
        self,
        question: str,
        k: int | None = None,
        filters: Filters | None = None,
        *,
        language: Language | None = None,
    ) -> Retrieval:
        """The ``k`` best passages for ``question``, best first (fewer if there are fewer)."""
        started = time.perf_counter()
        language = language or detect(question)
        vector = self.encoder.encode_questions([question])[0]
        encoded = time.perf_counter()
        filters = filters or Filters()
        ranked = self._ranked(question, language, vector, filters)[: k or self._settings.top_k]
        stored = self.store.passages(one.id for one in ranked)
        finished = time.perf_counter()
        return Retrieval(
            question=question,
            language=language,
            vector=vector,
            passages=[
                Retrieved(stored[one.id], one.score, one.parts)
                for one in ranked
                if one.id in stored
            ],
            timings={
                "encode_ms": (encoded - started) * 1000,
                "search_ms": (finished - encoded) * 1000,
            },
        )

    def _ranked(
        self, question: str, language: Language, vector: Vectors, filters: Filters
    ) -> list[Scored]:
        merged: list[Scored] = []
        for pool in self._pools:
            if filters.languages and pool.language not in filters.languages:
                continue
            narrowed = filters.model_copy(update={"languages": (pool.language,)})
            merged += self._score_pool(question, language, vector, pool, narrowed)
        return sorted(merged, key=lambda one: (-one.score, one.id))

    def _score_pool(
        self, question: str, language: Language, vector: Vectors, pool: _Pool, filters: Filters
    ) -> list[Scored]:
        same = pool.language == language
        limit = self._settings.candidates
        ids, scores = self.dense.search(vector, limit, filters)
        cosines = dict(zip(ids.tolist(), scores.tolist(), strict=True))
        bm25: dict[int, float] = {}
        highest = 0.0
        if same:
            terms = stems(question, pool.language)
            bm25 = dict(self.store.bm25(terms, filters, limit))
            frequencies = self.store.document_frequencies(terms)
            highest = highest_bm25(frequencies, terms, self._count)
        missing, vectors = self.store.vectors(number for number in bm25 if number not in cosines)
        if len(missing):
            cosines |= dict(zip(missing.tolist(), (vectors @ vector).tolist(), strict=True))
        known = (
            [pool.sample] if len(pool.sample) > _TOO_FEW else [one.sample for one in self._pools]
        )
        usual = np.concatenate(known) @ vector
        return fuse(
            cosines,
            bm25,
            Usual(float(np.mean(usual)), float(np.std(usual))),
            highest,
            self._settings.lexical_weight if same else 0.0,
        )

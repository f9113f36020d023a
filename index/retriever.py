"""A question to the passages that may answer it.

In: a question, how many passages are wanted, filters. Out: passages with their scores, what the
scores were made of, and how long each step took. What can fail: an index built by another
encoder (the error names the command that rebuilds it), a malformed filter; an empty corpus or
filters that leave nothing give an empty result.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from base.settings import Settings
from corpus.document import Language
from corpus.filters import Filters
from corpus.language import possible_languages
from corpus.sample import sample_vectors
from corpus.store import CorpusStore, StoredPassage, Vectors
from index.compounds import further_terms
from index.cross_encoder import SpanScores
from index.dense import DenseIndex
from index.encoder import Encoder
from index.fusion import ScoredPassage, ScoreParts, Usual, fuse, highest_bm25
from index.terms import function_words, term_of, words

# Enough passages to know the spread of a question's cosines to a few per cent, and so few that
# they say nothing of a language, whose spread is then that of the whole corpus.
_SAMPLE = 2000
_TOO_FEW = 10
_FURTHER = 0.5
"""Weight of terms that only a compound adds (docs/measurements-history.md, "Compounds")."""
_COUNTED = 100_000
"""So many terms are remembered with their frequency."""


@dataclass(frozen=True)
class Retrieved:
    """A passage found for a question."""

    stored: StoredPassage
    score: float
    parts: ScoreParts
    spans: SpanScores | None = None
    """Where the cross-encoder sees an answer, in the passage as it is shown; None: not asked."""


@dataclass(frozen=True)
class Retrieval:
    """The outcome of a search."""

    question: str
    language: Language
    """The likelier language of the question."""
    vector: Vectors
    """The question's, float32 (dimension,)."""
    passages: list[Retrieved]
    """Best first."""
    timings: dict[str, float] = field(default_factory=dict)
    """Milliseconds per step."""
    languages: tuple[Language, ...] = ()
    """All that the question may be in; passages of each were searched by words as well."""


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
        self._counted: dict[str, int] = {}
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
        languages = possible_languages(question) if language is None else (language,)
        vector = self.encoder.encode_questions([question])[0]
        encoded = time.perf_counter()
        filters = filters or Filters()
        ranked = self._ranked(question, languages, vector, filters)[: k or self._settings.top_k]
        stored = self.store.passages(one.id for one in ranked)
        finished = time.perf_counter()
        return Retrieval(
            question=question,
            language=languages[0],
            languages=languages,
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
        self, question: str, languages: Sequence[Language], vector: Vectors, filters: Filters
    ) -> list[ScoredPassage]:
        merged: list[ScoredPassage] = []
        for pool in self._pools:
            if filters.languages and pool.language not in filters.languages:
                continue
            narrowed = filters.model_copy(update={"languages": (pool.language,)})
            merged += self._score_pool(question, languages, vector, pool, narrowed)
        return sorted(merged, key=lambda one: (-one.score, one.id))

    def _score_pool(
        self,
        question: str,
        languages: Sequence[Language],
        vector: Vectors,
        pool: _Pool,
        filters: Filters,
    ) -> list[ScoredPassage]:
        by_words = pool.language in languages
        limit = self._settings.candidates
        ids, scores = self.dense.search(vector, limit, filters)
        cosines = dict(zip(ids.tolist(), scores.tolist(), strict=True))
        bm25: dict[int, float] = {}
        highest = 0.0
        if by_words:
            terms, further = self._terms(question, pool.language)
            bm25 = dict(self.store.bm25(terms, filters, limit))
            for number, score in self.store.bm25(further, filters, limit):
                bm25[number] = bm25.get(number, 0.0) + _FURTHER * score
            highest = highest_bm25(self._frequencies(terms), terms, self._count)
        missing, vectors = self.store.vectors(number for number in bm25 if number not in cosines)
        if len(missing):
            cosines |= dict(zip(missing.tolist(), (vectors @ vector).tolist(), strict=True))
        return fuse(
            cosines,
            bm25,
            self._usual(pool, vector),
            highest,
            self._settings.lexical_weight if by_words else 0.0,
        )

    def _terms(self, question: str, language: Language) -> tuple[list[str], Sequence[str]]:
        """The question's own terms, and those that compounds add to them."""
        skip = function_words(language)
        plain = [word for word in words(question) if word not in skip]
        own = list(dict.fromkeys(term_of(word, language) for word in plain))
        return own, further_terms(plain, language, self._frequencies)

    def _frequencies(self, terms: Sequence[str]) -> dict[str, int]:
        """In how many passages each term occurs; asked once while this state is searched."""
        unknown = [term for term in dict.fromkeys(terms) if term not in self._counted]
        if unknown:
            counts = self.store.document_frequencies(unknown)
            if len(self._counted) > _COUNTED:
                self._counted = {}
            self._counted |= {term: counts.get(term, 0) for term in unknown}
        return {term: count for term in terms if (count := self._counted.get(term, 0))}

    def _usual(self, pool: _Pool, vector: Vectors) -> Usual:
        known = (
            [pool.sample] if len(pool.sample) > _TOO_FEW else [one.sample for one in self._pools]
        )
        cosines = np.concatenate(known) @ vector
        return Usual(float(np.mean(cosines)), float(np.std(cosines)))

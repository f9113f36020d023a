"""Dense and lexical scores of one question to one ranking, judged per language of passage.

In: candidates with their cosine and BM25 scores, and what cosine is usual for this question in
each language. Out: one comparable score per passage. Nothing can fail.

Why scores and not ranks: on the development sets a weighted sum of normalised scores beats
reciprocal rank fusion everywhere. Why per language: an encoder places all passages of the
question's language nearer, and BM25 sees only shared names across languages, so a passage in
another language is judged by its cosine alone, standardised among passages of its language.

Both normalisations hold for a corpus of any size. A cosine is standardised by the mean and
deviation over a fixed sample of passages, not over the candidates. A BM25 score is divided by
the most that the question's terms could reach, ``(k1 + 1) * sum(idf)`` (Robertson and Zaragoza
2009, "The Probabilistic Relevance Framework", section 3.4), which makes it the share of the
question that the passage matches.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# FTS5's constants; see the SQLite documentation of bm25().
_K1 = 1.2
_LEAST_IDF = 1e-6

# A full lexical match weighs as much as this many standard deviations of cosine.
LEXICAL_SCALE = 10.0


@dataclass(frozen=True)
class Usual:
    """Mean and standard deviation of the question's cosines in one language."""

    mean: float
    deviation: float

    def standardise(self, cosine: float) -> float:
        """Deviations above the mean; 0 where a corpus is too small to have any."""
        return (cosine - self.mean) / self.deviation if self.deviation > 1e-6 else 0.0


@dataclass(frozen=True)
class ScoreParts:
    """What a score was made of."""

    cosine: float
    dense: float
    bm25: float
    lexical: float


@dataclass(frozen=True)
class ScoredPassage:
    """One candidate with its score; higher is better."""

    id: int
    score: float
    parts: ScoreParts


def highest_bm25(frequencies: Mapping[str, int], stems: Sequence[str], passages: int) -> float:
    """The most that BM25 can give a passage for ``stems``; 0 without any known term."""
    total = 0.0
    for stem in set(stems):
        seen = frequencies.get(stem, 0)
        total += max(math.log((passages - seen + 0.5) / (seen + 0.5)), _LEAST_IDF)
    return (_K1 + 1) * total


def fuse(
    cosines: Mapping[int, float],
    bm25: Mapping[int, float],
    usual: Usual,
    highest: float,
    lexical_weight: float,
) -> list[ScoredPassage]:
    """Score the candidates of one language, best first; ties by id so that runs repeat.

    ``cosines`` must hold every candidate. A ``lexical_weight`` of 0 ranks by cosine alone, on
    the same scale, so that rankings of several languages can be merged.
    """
    result = []
    for number, cosine in cosines.items():
        dense = usual.standardise(cosine)
        raw = bm25.get(number, 0.0)
        lexical = min(raw / highest, 1.0) if highest > 0 else 0.0
        score = (1 - lexical_weight) * dense + lexical_weight * LEXICAL_SCALE * lexical
        result.append(ScoredPassage(number, score, ScoreParts(cosine, dense, raw, lexical)))
    return sorted(result, key=lambda one: (-one.score, one.id))

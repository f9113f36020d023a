"""Which of the passages found are read, and in which order.

In: a question, passages, the cross-encoder. Out: the same passages with where it sees an answer in
each, the likeliest first; of these the ones that are worth reading. Nothing can fail.

Search compares a question's meaning with a passage's; whether the passage says what is asked only
shows when both are read together (Nogueira and Cho 2019, "Passage re-ranking with BERT"). The
language model reads best and slowest, so it reads what those two do not rule out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from index.cross_encoder import CrossEncoder, HeadedText
from index.retriever import Retrieved
from qa.pipeline.shown_text import show

SEARCH = 2.0
"""Nats that one unit of a search's score is worth beside what the cross-encoder says: both know
something, and neither finds the right passage first as often as both together."""
BEHIND = 4.0
"""Nats by which a passage may stand behind the first one, and be read; half of it loses nothing yet
(docs/measurements.md, "The cross-encoder")."""


def rerank(
    cross_encoder: CrossEncoder | None, question: str, passages: Sequence[Retrieved]
) -> list[Retrieved]:
    """``passages``, the likeliest to hold an answer first; without a cross-encoder as they are."""
    scored = score_passages(cross_encoder, question, passages)
    return sorted(scored, key=lambda passage: -_rank(passage))


def score_passages(
    cross_encoder: CrossEncoder | None, question: str, passages: Sequence[Retrieved]
) -> list[Retrieved]:
    """``passages`` in their order, with where the cross-encoder sees an answer in each."""
    unknown = [passage for passage in passages if passage.spans is None]
    if cross_encoder is None or not unknown:
        return list(passages)
    shown = [show(passage.stored) for passage in unknown]
    scores = cross_encoder.score(question, [HeadedText(text.heading, text.text) for text in shown])
    scored = dict(zip(map(id, unknown), scores, strict=True))
    return [
        replace(passage, spans=scored[id(passage)]) if id(passage) in scored else passage
        for passage in passages
    ]


def worth_reading(passages: Sequence[Retrieved]) -> list[Retrieved]:
    """Of reranked ``passages`` those that may hold an answer if the first one does."""
    if not passages or passages[0].spans is None:
        return list(passages)
    least = _rank(passages[0]) - BEHIND
    return [passage for passage in passages if _rank(passage) >= least]


def answer_odds(passage: Retrieved) -> float:
    """Log-odds (nats) that it holds an answer; 0 where the cross-encoder was not asked."""
    return passage.spans.log_odds() if passage.spans is not None else 0.0


def _rank(passage: Retrieved) -> float:
    return answer_odds(passage) + SEARCH * passage.score

"""Passages to the sentences worth reading.

In: retrieved passages, the question, and a budget in tokens of the language model. Out: for each
passage that keeps any, its chosen sentences in their own order, by exact spans. Nothing can
fail; no passages give no evidence.

Reading is what a small machine spends its time on, and most of a passage does not bear on the
question. A sentence is judged by its own cosine to the question, by the share of the question's
terms it holds (where both are of one language), and by its passage's score; a sentence that
leans on the one before it ("Sie kostete ...") brings that one along. The sentences' vectors come
from the corpus; those of passages that were stored without are made here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from corpus.document import Language, Span
from corpus.store import StoredPassage
from index.encoder import Encoder, Vectors
from index.retriever import Retrieval
from index.terms import stems

# Weights of the parts of a sentence's score, chosen on development questions that no reported
# figure uses (docs/measurements-history.md, "Evidence").
_COSINE = 10.0
_COVERAGE = 1.0
_PASSAGE = 0.7

_LEANS = re.compile(
    r"(er|sie|es|dies|diese|dieser|dieses|das|dabei|damit|dafür|dort|dazu|seine|ihre|ihr|sein|"
    r"he|she|it|they|this|that|these|those|his|her|their|its|there|then)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Sentence:
    """One sentence of a passage: its span in the document's text, its score, its unit vector."""

    span: Span
    text: str
    score: float
    vector: Vectors = field(repr=False, compare=False)


@dataclass(frozen=True)
class Evidence:
    """What is shown of one passage."""

    stored: StoredPassage
    sentences: tuple[Sentence, ...]

    @property
    def text(self) -> str:
        """The chosen sentences, an ellipsis where some were left out between them."""
        parts: list[str] = []
        last: int | None = None
        order = [span.start for span in self.stored.passage.sentences]
        for sentence in self.sentences:
            place = order.index(sentence.span.start)
            if last is not None and place != last + 1:
                parts.append("…")
            parts.append(" ".join(sentence.text.split()))
            last = place
        return " ".join(parts)


@dataclass(frozen=True)
class Selection:
    """``shown``: what the model reads. ``whole``: every sentence of the passages, to cite from.

    A model may answer from a passage's title or from a sentence's neighbour; the sentence that
    proves it is then among those that were not shown.
    """

    shown: tuple[Evidence, ...] = ()
    whole: tuple[Evidence, ...] = ()


@dataclass(frozen=True)
class _Candidate:
    passage: int
    place: int
    sentence: Sentence


def select(
    retrieval: Retrieval,
    encoder: Encoder,
    count_tokens: Callable[[Sequence[str]], list[int]],
    budget: int,
) -> Selection:
    """The best sentences of ``retrieval`` within ``budget`` tokens, by passage, best first."""
    candidates = _candidates(retrieval, encoder)
    if not candidates:
        return Selection()
    costs = count_tokens([one.sentence.text for one in candidates])
    by_place = {(one.passage, one.place): at for at, one in enumerate(candidates)}
    chosen: set[int] = set()
    left = budget
    for at in sorted(range(len(candidates)), key=lambda at: -candidates[at].sentence.score):
        group = {at}
        one = candidates[at]
        if _LEANS.match(one.sentence.text) and (one.passage, one.place - 1) in by_place:
            group.add(by_place[one.passage, one.place - 1])
        cost = sum(costs[member] for member in group - chosen)
        if cost <= left or not chosen:
            chosen |= group
            left -= cost
    return Selection(
        shown=_grouped(retrieval, [candidates[at] for at in sorted(chosen)]),
        whole=_grouped(retrieval, candidates),
    )


def _candidates(retrieval: Retrieval, encoder: Encoder) -> list[_Candidate]:
    spans: list[tuple[int, int, Span, str, Language]] = []
    known: list[Vectors] = []
    seen: set[tuple[str, int]] = set()
    for number, retrieved in enumerate(retrieval.passages):
        passage = retrieved.stored.passage
        texts = passage.sentence_texts()
        vectors = retrieved.stored.sentence_vectors
        if vectors is None:
            vectors = encoder.encode_passages(texts)
        for place, span in enumerate(passage.sentences):
            # Passages overlap by a sentence; it belongs to the better of the two.
            if (passage.document_id, span.start) not in seen:
                seen.add((passage.document_id, span.start))
                spans.append((number, place, span, texts[place], retrieved.stored.language))
                known.append(vectors[place])
    if not spans:
        return []
    vectors = np.stack(known)
    cosines = vectors @ retrieval.vector
    best = retrieval.passages[0].score
    wanted = set(stems(retrieval.question, retrieval.language))
    result = []
    for at, (number, place, span, text, language) in enumerate(spans):
        coverage = 0.0
        if wanted and language == retrieval.language:
            coverage = len(wanted & set(stems(text, language))) / len(wanted)
        behind = retrieval.passages[number].score - best
        score = _COSINE * float(cosines[at]) + _COVERAGE * coverage + _PASSAGE * behind
        result.append(_Candidate(number, place, Sentence(span, text, score, vectors[at])))
    return result


def _grouped(retrieval: Retrieval, chosen: Sequence[_Candidate]) -> tuple[Evidence, ...]:
    result = []
    for number in sorted({one.passage for one in chosen}):
        sentences = sorted(
            (one.sentence for one in chosen if one.passage == number),
            key=lambda sentence: sentence.span.start,
        )
        result.append(Evidence(retrieval.passages[number].stored, tuple(sentences)))
    best_first = sorted(result, key=lambda one: -max(part.score for part in one.sentences))
    return tuple(best_first)


def top_cosine(retrieval: Retrieval) -> float:
    """The nearest passage's cosine to the question, 0 where there is none."""
    return float(np.max([one.parts.cosine for one in retrieval.passages], initial=0.0))

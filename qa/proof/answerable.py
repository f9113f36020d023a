"""Does the evidence hold the answer at all?

In: what retrieval found and what the language model thinks of "is exactly this stated?".
Out: a probability. Nothing can fail.

A small model does not refuse on being told to, but the difference of its log-probabilities of yes
and no separates answerable questions from others, and so does how well the best passages fit. A
logistic regression combines them; its weights are fitted by ``python -m eval.calibrate`` on
development questions that no reported figure uses, and stored in ``answerable.toml``.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from corpus.document import Language
from index.evidence import Evidence, top_cosine
from index.retriever import Retrieval
from index.terms import stems
from qa.proof.words import folded


class Features(BaseModel):
    """What the judgement rests on.

    ``stated``: log-odds (nats) the model gives to yes. ``cosine``: of the best passage.
    ``lead``: deviations of cosine by which the best passage stands out from the corpus.
    ``coverage``: share of the question's terms in the evidence, 0 where no evidence is in the
    question's language, which ``foreign`` (1 then, else 0) tells apart. ``english``: 1 for an
    English question, else 0, because the model says yes less readily in English.
    """

    model_config = ConfigDict(frozen=True)

    stated: float
    cosine: float
    lead: float
    coverage: float
    foreign: float
    english: float


class Weights(BaseModel):
    """A logistic regression over :class:`Features`, and the probability below which we refuse.

    The thresholds belong to the question's language.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    intercept: float
    stated: float
    cosine: float
    lead: float
    coverage: float
    foreign: float
    english: float
    threshold_de: float
    threshold_en: float

    def threshold(self, language: Language) -> float:
        """The probability below which a question in ``language`` is refused."""
        return self.threshold_en if language == "en" else self.threshold_de


def features(retrieval: Retrieval, evidence: Sequence[Evidence], stated: float) -> Features:
    """Collect the features of a question whose evidence is not empty."""
    best = max(retrieval.passages, key=lambda one: one.parts.cosine)
    same = [one for one in evidence if one.stored.language == retrieval.language]
    wanted = {folded(stem) for stem in stems(retrieval.question, retrieval.language)}
    held: set[str] = set()
    for one in same:
        text = f"{one.stored.title} {one.text}"
        held |= {folded(stem) for stem in stems(text, one.stored.language)}
    return Features(
        stated=stated,
        cosine=top_cosine(retrieval),
        lead=best.parts.dense,
        coverage=len(wanted & held) / len(wanted) if wanted and same else 0.0,
        foreign=0.0 if same else 1.0,
        english=1.0 if retrieval.language == "en" else 0.0,
    )


@cache
def weights() -> Weights:
    """The fitted weights."""
    file = Path(__file__).parent / "answerable.toml"
    return Weights.model_validate(tomllib.loads(file.read_text("utf-8")))


def probability(found: Features, known: Weights | None = None) -> float:
    """How likely the evidence holds the answer, 0..1, by ``known`` or the stored weights."""
    known = known or weights()
    total = known.intercept + sum(
        getattr(known, name) * getattr(found, name) for name in Features.model_fields
    )
    # The logistic function; written with exp it overflows where a model is very sure.
    return 0.5 + 0.5 * math.tanh(total / 2)

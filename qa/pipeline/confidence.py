"""How likely an answer is right, and how likely it must be to be given.

In: what search and the reader say of a question. Out: a probability, and the least probability at
which an answer is given. Nothing can fail.

A logistic regression over a handful of features, fitted by ``python -m eval.calibrate`` to the
question whether an answer that is given is right, on questions of documents that the reader was not
trained on. It is of one reader and one cross-encoder: for others neutral weights stand in, which
say so. Questions for yes or no, which the cross-encoder alone answers
(:mod:`qa.pipeline.deciding`), have weights of their own. The curve of wrong answers against refused
ones is kept beside the weights, so that a wanted error rate can be turned into a threshold.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from index.retriever import Retrieval
from qa.dialogue.asked import Asked
from qa.pipeline.aboutness import tells_of
from qa.pipeline.extract import PassageReading
from qa.pipeline.group import AnswerGroup, Grouping
from qa.pipeline.rerank import answer_odds

_FILE = Path(__file__).parent / "confidence.toml"

QuestionSort = Literal["", "yes_no"]
"""Of questions that are weighed alike."""

_MOST_AHEAD, _MOST_BEHIND = 4.0, 8.0
"""Nats that count of those by which an answer is before and behind others."""


class Features(BaseModel):
    """What the confidence rests on."""

    model_config = ConfigDict(frozen=True)

    log_odds: float = Field(description="Of an answer in the best passage against none, in nats")
    sureness: float = Field(description="Mean log-probability of the answer's tokens, in nats")
    margin: float = Field(
        description="By which the answer's first token leads, in nats, at most 10"
    )
    lead: float = Field(description="Deviations of cosine by which the passage stands out")
    score: float = Field(description="The passage's fused score less the best passage's")
    others: float = Field(
        description="Mean probability that the other passages read hold an answer"
    )
    agreeing: float = Field(description="Passages that say the same, beyond the first, at most 2")
    foreign: float = Field(description="1 where the passage is in another language, else 0")
    length: float = Field(description="Logarithm of the answer's characters")
    answerable: float = Field(
        0.0,
        description="Log-odds (nats) that the passage holds an answer, as the cross-encoder says; "
        "0 where it was not asked",
    )
    located: float = Field(
        0.0, description="The same of an answer where the words stand that were found"
    )
    ahead: float = Field(
        0.0,
        description="Nats by which the cross-encoder prefers the answer's sentences to all others "
        "of the passages read, -8 to 4; 0 where it was not asked",
    )
    tells: float = Field(
        0.0,
        description="1 where the answer's sentence has a word of the question that is no name, or "
        "the question has none, else 0",
    )


class CurvePoint(BaseModel):
    """What a threshold does, measured on the questions of the calibration."""

    model_config = ConfigDict(frozen=True)

    threshold: float
    wrong: float = Field(description="Share of all questions that are answered wrongly")
    refused: float = Field(description="Share of the answerable questions that are refused")


class Weights(BaseModel):
    """A logistic regression over :class:`Features`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    judges: str = Field(
        description="Digests of the models that judge answers and that it was fitted to: language "
        "model, adapter and cross-encoder, of questions for yes or no the cross-encoder; '' for any"
    )
    sort: QuestionSort = Field("", description="Of the questions; '' for all others")
    intercept: float
    log_odds: float = 0.0
    sureness: float = 0.0
    margin: float = 0.0
    lead: float = 0.0
    score: float = 0.0
    others: float = 0.0
    agreeing: float = 0.0
    foreign: float = 0.0
    length: float = 0.0
    answerable: float = 0.0
    located: float = 0.0
    ahead: float = 0.0
    tells: float = 0.0
    threshold: float = Field(description="The least probability at which an answer is given")
    curve: tuple[CurvePoint, ...] = ()

    def threshold_for(self, at_most_wrong: float | None) -> float:
        """The threshold by which at most such a share of all questions is answered wrongly.

        None: the fitted one. Where no point of the curve reaches the share, the strictest.
        """
        if at_most_wrong is None or not self.curve:
            return self.threshold
        fitting = [point for point in self.curve if point.wrong <= at_most_wrong]
        if not fitting:
            return max(point.threshold for point in self.curve)
        return min(fitting, key=lambda point: point.refused).threshold


def features(
    retrieval: Retrieval,
    readings: Sequence[PassageReading],
    grouping: Grouping,
    asked: Asked,
) -> Features:
    """The features of a question that has at least one group of spans."""
    group = grouping.groups[0]
    reading, span = group.readings[0], group.best
    members = {id(member.retrieved) for member in group.readings}
    others = [other.probability for other in readings if id(other.retrieved) not in members]
    best = max(passage.score for passage in retrieval.passages)
    return Features(
        log_odds=_log_odds(reading),
        sureness=max(span.sureness, -5.0),
        margin=max(min(reading.margin, 10.0), -10.0),
        lead=reading.retrieved.parts.dense,
        score=reading.retrieved.score - best,
        others=sum(others) / len(others) if others else 0.0,
        agreeing=min(len(group.readings) - 1, 2),
        foreign=float(span.language != retrieval.language),
        length=math.log(max(sum(len(item.text) for item in group.spans), 1)),
        answerable=answer_odds(reading.retrieved),
        located=reading.located,
        ahead=_ahead(group, readings),
        tells=float(tells_of(span, asked)),
    )


def _ahead(group: AnswerGroup, readings: Sequence[PassageReading]) -> float:
    """Nats between the best of the answer's sentences and the best of all others."""
    answering = {
        (span.stored.id, sentence.start) for span in group.spans for sentence in span.sentences
    }
    own: list[float] = []
    others: list[float] = []
    for reading in readings:
        if reading.retrieved.spans is None:
            return 0.0
        for sentence in reading.shown.sentences:
            odds = reading.retrieved.spans.log_odds(sentence.start, sentence.end)
            is_own = (reading.retrieved.stored.id, sentence.start) in answering
            (own if is_own else others).append(odds)
    if not (own and others):
        return _MOST_AHEAD
    return max(min(max(own) - max(others), _MOST_AHEAD), -_MOST_BEHIND)


def strength(reading: PassageReading, weights: Weights, asked: Asked) -> float:
    """Log-odds (nats) that the answer of one passage is right, as far as that passage tells: that
    by which answers are ranked.
    """
    tells = any(tells_of(span, asked) for span in reading.spans)
    return (
        weights.intercept
        + weights.log_odds * _log_odds(reading)
        + weights.answerable * answer_odds(reading.retrieved)
        # Of two readings of one question the one is as far ahead as it is better located.
        + (weights.located + weights.ahead) * reading.located
        + weights.tells * tells
    )


def _log_odds(reading: PassageReading) -> float:
    return max(min(reading.log_odds, 15.0), -15.0)


def probability(known: Features, weights: Weights) -> float:
    """How likely an answer with these features is right, 0 to 1."""
    total = weights.intercept + sum(
        getattr(weights, name) * getattr(known, name) for name in Features.model_fields
    )
    # The logistic function; written with exp it overflows where the reader is very sure.
    return 0.5 + 0.5 * math.tanh(total / 2)


@cache
def weights_of(judges: str, sort: QuestionSort = "") -> Weights:
    """The weights fitted to the models of these digests and such questions, else neutral ones."""
    data = tomllib.loads(_FILE.read_text("utf-8"))
    fitted = [Weights.model_validate(table) for table in data["weights"]]
    by_judges = {weights.judges: weights for weights in fitted if weights.sort == sort}
    return by_judges.get(judges, by_judges[""])

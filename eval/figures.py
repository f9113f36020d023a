"""Verdicts and figures: what scoring makes of records, and comparisons and reports show.

In: numbers. Out: frozen values. Nothing can fail.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from eval.record import QuestionRecord, RunInfo

FigureUnit = Literal["share", "score", "ms", "tokens", "per minute", "MB"]
Verdict = Literal[
    "right",
    "wrong",
    "rightly refused",
    "wrongly refused",
    "wrongly answered",
    "unjudged",
    "failed",
]
"""``wrong``: answerable, answered, not right. ``wrongly answered``: nothing holds the answer."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Figure(_Frozen):
    """A named number with its bootstrap 95 % interval, over ``count`` questions."""

    name: str
    value: float
    low: float | None = None
    high: float | None = None
    count: int
    unit: FigureUnit = "share"
    better: Literal["high", "low", None] = "high"


class ScoredRecord(_Frozen):
    """A record with what each metric that applies to it says, by the metric's name."""

    record: QuestionRecord
    scores: dict[str, float]
    verdict: Verdict


class Bin(_Frozen):
    """Answers of similar confidence: mean confidence, share right, how many."""

    confidence: float
    right: float
    count: int


class Summary(_Frozen):
    """A run in figures. ``slices``: by 'pair de-en', 'kind conflict' and so on."""

    info: RunInfo
    answered: int = Field(
        description="Questions that the run has done; fewer than all: unfinished."
    )
    figures: tuple[Figure, ...]
    outcomes: dict[str, tuple[Figure, ...]] = Field(
        default_factory=dict,
        description="Right, refused, wrong and shown as proven: by 'all', 'answerable', slice.",
    )
    slices: dict[str, tuple[Figure, ...]] = Field(default_factory=dict)
    risk_coverage: tuple[tuple[float, float], ...] = Field(
        (), description="(share of questions answered, share of those wrong), by confidence."
    )
    reliability: tuple[Bin, ...] = ()

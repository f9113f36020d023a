"""How often a judge of support says what people say.

In: claims with their references and a person's verdict, and a judge. Out: accuracy and macro-F1.
Nothing fails here; a judge that asks a model may raise errors of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from corpus.document import Language
from eval.metrics.citation import Judge


@dataclass(frozen=True)
class LabelledClaim:
    """A claim, the texts it cites, and whether a person found it supported by them."""

    claim: str
    references: tuple[str, ...]
    question: str
    supported: bool
    language: Language = "en"


@dataclass(frozen=True)
class AgreementScores:
    """Shares from 0 to 1. ``macro_f1``: mean of the F1 of both classes, as AttributionBench has it
    (Li et al. 2024)."""

    accuracy: float
    macro_f1: float
    count: int


def agreement(judge: Judge, claims: Sequence[LabelledClaim]) -> AgreementScores:
    """Set the judge's verdicts beside the labels; references are judged together."""
    verdicts = [
        judge.supports(
            "\n".join(one.references), one.claim, one.question, one.language, one.language
        )
        for one in claims
    ]
    return compare_judges(verdicts, [one.supported for one in claims])


def compare_judges(verdicts: Sequence[bool], labels: Sequence[bool]) -> AgreementScores:
    """Accuracy and macro-F1 of ``verdicts``; a class that never occurs has F1 0."""
    pairs = list(zip(verdicts, labels, strict=True))
    scores = []
    for wanted in (True, False):
        hits = sum(verdict == label == wanted for verdict, label in pairs)
        named = sum((verdict == wanted) + (label == wanted) for verdict, label in pairs)
        scores.append(2 * hits / named if named else 0.0)
    accuracy = sum(verdict == label for verdict, label in pairs) / max(1, len(pairs))
    return AgreementScores(accuracy, fmean(scores), len(pairs))

"""Whether a system knows what it does not know.

In: verdicts, and (confidence, right) of the questions it answered. Out: shares, scores and the
risk-coverage curve. What can fail: a verdict that has no score (``BelegtError``).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from base.errors import BelegtError
from eval.figures import Verdict

_CRAG: dict[Verdict, float] = {
    "right": 1.0,
    "wrong": -1.0,
    "wrongly answered": -1.0,
    "rightly refused": 0.0,
    "wrongly refused": 0.0,
    "failed": 0.0,
}


def crag(verdict: Verdict) -> float:
    """CRAG's score of one question (Yang et al. 2024): right 1, no answer 0, wrong -1.

    Its 0.5 for an acceptable answer needs a person to judge, and is not given. Refusing is 0
    whether or not there was an answer.
    """
    if verdict not in _CRAG:
        raise BelegtError(f"An answer that is '{verdict}' has no CRAG score; leave it out.")
    return _CRAG[verdict]


def risk_coverage_curve(
    sure: Sequence[tuple[float, bool]], asked: int
) -> list[tuple[float, float]]:
    """The curve of El-Yaniv & Wiener 2010, as Geifman & El-Yaniv 2017 draw it.

    ``sure``: (confidence, right) of each answered question; ``asked``: with the refused ones.
    Returns (coverage, risk) for each threshold that tells questions apart: the share of ``asked``
    whose answer has at least that confidence, and the share of those answers that are wrong.
    Answers of equal confidence pass together, so the order of ``sure`` does not matter. Coverage
    rises, and ends where the system refuses the rest.
    """
    curve = []
    answered = wrong = 0
    for block, errors in _blocks(sure):
        answered += block
        wrong += errors
        curve.append((answered / asked, wrong / answered))
    return curve


def area(sure: Sequence[tuple[float, bool]]) -> float:
    """Area under the risk-coverage curve (AURC), from 0, the best, to 1; nothing answered: 0.

    The mean risk of the i surest answers over i = 1 to all answers (Geifman, Uziel & El-Yaniv
    2019, "Bias-Reduced Uncertainty Estimation"). Where confidences are equal it is the mean over
    all orders of them: after ``a`` answers with ``w`` wrong, the j-th of a block of ``b`` with
    ``e`` wrong has the expected risk (w + j e / b) / (a + j). Only answers count: the area says
    how well confidence ranks them, and the share of questions refused is a figure of its own.
    """
    total = 0.0
    answered = wrong = 0
    for block, errors in _blocks(sure):
        total += sum(
            (wrong + place * errors / block) / (answered + place) for place in range(1, block + 1)
        )
        answered += block
        wrong += errors
    return total / answered if answered else 0.0


def _blocks(sure: Sequence[tuple[float, bool]]) -> list[tuple[int, int]]:
    """(answers, wrong ones) of each confidence, the surest first."""
    ranked = sorted(sure, key=lambda one: -one[0])
    groups = [[right for _, right in same] for _, same in groupby(ranked, key=lambda one: one[0])]
    return [(len(group), group.count(False)) for group in groups]

